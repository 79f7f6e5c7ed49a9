"""Legends that are placed in pixels."""

from __future__ import annotations

import pytest

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.svg import text_width
from kibana_builder.preview.vega_legend import Entry, with_legend
from kibana_builder.preview.vega_pixels import Area
from tests.preview.specs import marks

AREA = Area(0, 0, 600, 300)
LONG = "an_entry_that_is_much_longer_than_its_room_is_wide"


def legend(entries: list[Entry], area: Area = AREA, **said: Json) -> tuple[list[JsonObject], Area]:
    layers, left = with_legend(entries, said, area)
    return marks({"layer": layers}, "text"), left


def entries(count: int, **more: str) -> list[Entry]:
    return [Entry(f"entry {number}", "#54B399", **more) for number in range(count)]


@pytest.mark.parametrize(("size", "width"), [("s", 80), ("m", 130), ("l", 180), ("xl", 230), (None, 130)])
def test_sizes_are_kibana_s(size: str | None, width: float) -> None:
    """The chart has what the legend and the gap beside it leave; in a narrow panel that is most of it."""
    said: JsonObject = {} if size is None else {"size": size}
    _, left = legend(entries(1), **said)
    assert left == Area(0, 0, 600 - width - 8, 300)
    _, left = legend(entries(1), Area(0, 0, 100, 300), **said)
    assert left.width > 50


def test_a_legend_may_be_as_wide_as_its_entries() -> None:
    """Up to two hundred pixels, behind which they are cut."""
    (label,), left = legend([Entry("fraud_detector", "#54B399")], size="auto")
    assert label["words"] == "fraud_detector"
    assert left.right < label["x"] < 600 - text_width("fraud_detector", 12)
    assert left.width > 600 - 130
    (label,), left = legend([Entry(LONG * 2, "#54B399")], size="auto")
    assert left.width == 600 - 200 - 8
    assert label["words"].endswith("…")


def test_long_entries_are_cut() -> None:
    """After one line, after as many as are said, or not at all; beside the pointer are all their words."""
    (line,), _ = legend([Entry(LONG, "#54B399")])
    assert line["words"].endswith("…")
    assert line["said"] == LONG
    two, _ = legend([Entry(LONG, "#54B399")], truncate_after_lines=2)
    assert len(two) == 2
    assert two[0]["words"] + two[1]["words"].rstrip("…") == LONG[: len(two[0]["words"] + two[1]["words"]) - 1]
    whole, _ = legend([Entry(LONG, "#54B399")], truncate=False)
    assert "".join(line["words"] for line in whole) == LONG
    assert all(text_width(line["words"], 12) <= 130 for line in whole)


def test_values_stand_at_the_right_edge() -> None:
    """In the line of their entry, which is cut before them."""
    (label, value), _ = legend([Entry(LONG, "#54B399", "1,234")])
    assert (value["words"], value["align"], value["x"]) == ("1,234", "right", 600)
    assert value["y"] == label["y"]
    assert label["x"] + text_width(label["words"], 12) < 600 - text_width("1,234", 12)


@pytest.mark.parametrize("position", ["right", "bottom"])
def test_what_has_no_room_is_counted(position: str) -> None:
    """And nothing stands beyond the edge."""
    found, left = legend(entries(500), position=position)
    *shown, more = found
    assert more["words"] == f"{500 - len(shown)} more"
    assert len(shown) > 5
    assert all(0 < row["y"] < 300 for row in found)
    assert left.height > 150
    every, _ = legend(entries(13), position="right")
    assert [row["words"] for row in every] == [f"entry {number}" for number in range(13)]


def test_above_and_below_entries_stand_beside_each_other() -> None:
    """In as many rows as they need; the chart has what is left."""
    found, left = legend(entries(4), position="top")
    assert len({row["y"] for row in found}) == 1
    assert left.top > max(row["y"] for row in found)
    many, left = legend(entries(12), position="bottom")
    assert len({row["y"] for row in many}) == 2
    assert left.bottom < min(row["y"] for row in many)


def test_entries_are_indented_by_their_depth() -> None:
    """And one without a colour has no dot."""
    layers, _ = with_legend([Entry("a", ""), Entry("b", "#54B399", depth=1)], {}, AREA)
    outer, inner = marks({"layer": layers}, "text")
    assert outer["x"] < inner["x"]
    (dot,) = marks({"layer": layers}, "rect")
    assert dot["x2"] < inner["x"]


@pytest.mark.parametrize("position", ["left", "right", "top", "bottom"])
def test_tiny_panels(position: str) -> None:
    """Nothing breaks, and something is left for the chart."""
    _, left = legend(entries(9), Area(0, 0, 5, 4), position=position, truncate=False)
    assert left.width >= 0
