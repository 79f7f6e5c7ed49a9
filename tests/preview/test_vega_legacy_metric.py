"""The metric of before 8.3."""

from __future__ import annotations

import pytest

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.svg import text_width
from kibana_builder.preview.vega_legacy_metric import legacy_metric_spec
from tests.preview.answers import answer, column, table
from tests.preview.gold_numbers import document, drawn
from tests.preview.specs import marks, svg_of, words
from tests.shared_material import needs_shared

METRIC = column("metric", "Inferences")
COLOR: JsonObject = {
    "type": "dynamic",
    "range": "absolute",
    "steps": [{"gte": 0, "lt": 50, "color": "#FEC514"}, {"gte": 50, "lte": 100, "color": "#BD271E"}],
}


def metric(value: Json = 75.0, width: float = 500, height: float = 300, **said: Json) -> JsonObject:
    chart: JsonObject = {"type": "legacy_metric", "metric": {"operation": "count", **said}}
    return legacy_metric_spec(chart, answer(table([METRIC], [(value,)])), width, height)


def lines(spec: JsonObject) -> tuple[JsonObject, JsonObject]:
    number, name = marks(spec, "text")
    return number, name


def test_number_and_name_in_the_middle() -> None:
    """The number is large and bold; the name stands above it, or below where that is said."""
    number, name = lines(metric())
    assert (number["words"], number["size"], number["weight"]) == ("75", 85, "bold")
    assert (name["words"], name["size"]) == ("Inferences", 27)
    assert name["y"] < number["y"]
    number, name = lines(metric(labels={"alignment": "bottom"}))
    assert name["y"] > number["y"]
    assert number["said"] == name["said"] == "Inferences: 75"


def test_sizes() -> None:
    """Each word for a size has its own letters."""
    sizes = [[line["size"] for line in lines(metric(size=size))] for size in ("xs", "s", "m", "l", "xl", "xxl")]
    assert sizes == [[24, 12], [40, 14], [55, 16], [67.5, 22], [85, 27], [102, 34]]


def test_lines_are_aligned_within_their_block() -> None:
    """Both begin, end or have their middle at one place; the block itself stays in the middle."""
    places = {side: lines(metric(values={"alignment": side}))[1] for side in ("left", "center", "right")}
    wide = text_width("Inferences", 27)
    assert places["left"]["x"] == pytest.approx(250 - wide / 2)
    assert places["center"]["x"] == 250
    assert places["right"]["x"] == pytest.approx(250 + wide / 2)


def test_both_shrink_to_their_room() -> None:
    """By the same scale, at most to three tenths; what has still no room is cut."""
    number, name = lines(metric(width=200, height=80))
    assert 0.3 * 85 < number["size"] < 85
    assert number["size"] / name["size"] == pytest.approx(85 / 27)
    number, name = lines(metric(width=40, height=20))
    assert number["size"] == pytest.approx(0.3 * 85)
    assert name["words"].endswith("…")


def test_a_colour_by_the_value() -> None:
    """Of the digits or of the ground, with an ink that can be read; of neither where nothing says which."""
    number, name = lines(metric(color=COLOR, apply_color_to="value"))
    assert (number["color"], name["color"]) == ("#BD271E", "#343741")
    filled = metric(color=COLOR, apply_color_to="background")
    assert [row["color"] for row in marks(filled, "rect")] == ["#BD271E"]
    assert {line["color"] for line in lines(filled)} == {"#FFFFFF"}
    light = metric(10.0, color=COLOR, apply_color_to="background")
    assert {line["color"] for line in lines(light)} == {"#343741"}
    for plain in (metric(color=COLOR), metric(500.0, color=COLOR, apply_color_to="background")):
        assert marks(plain, "rect") == []
        assert lines(plain)[0]["color"] == "#343741"


def test_what_is_no_number() -> None:
    """A text is written as it is, a missing value as a dash; no row at all has Kibana's words."""
    assert lines(metric("fraud"))[0]["words"] == "fraud"
    assert lines(metric(None, color=COLOR, apply_color_to="background"))[0]["words"] == "-"
    chart: JsonObject = {"type": "legacy_metric", "metric": {}}
    assert words(legacy_metric_spec(chart, answer(table([METRIC], [])), 500, 300)) == ["No results found"]


def test_tiny_panels() -> None:
    """Nothing breaks."""
    assert svg_of(metric(width=3, height=2))


@needs_shared
def test_the_recorded_metric() -> None:
    """It reads as Kibana wrote it."""
    spec = legacy_metric_spec(document("shape-legacy-metric"), answer(table([METRIC], [(4998,)])), 504, 304)
    assert words(spec) == drawn("ml-shapes", "legacy-metric")["text"]
