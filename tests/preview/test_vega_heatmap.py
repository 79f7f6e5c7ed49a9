"""The heatmap."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.answer import Answer, Column
from kibana_builder.preview.svg import text_width
from kibana_builder.preview.vega_heatmap import bands, heatmap_spec
from tests.preview.answers import FROM, HOUR, answer, column, table
from tests.preview.gold_numbers import document, drawn
from tests.preview.specs import marks, svg_of, words
from tests.shared_material import needs_shared

X, Y = column("x", "@timestamp", "date", field="@timestamp"), column("y", "Model", "string", field="model")
METRIC = column("metric", "Latency", number_format={"type": "number", "decimals": 1})
STEPS: JsonObject = {
    "type": "dynamic",
    "range": "absolute",
    "steps": [{"gte": 0, "lt": 10, "color": "#111111"}, {"gte": 10, "color": "#222222"}],
}
DATA = answer(
    table(
        [X, Y, METRIC], [(FROM, "a", 5.0), (FROM + HOUR, "a", 10.0), (FROM, "b", None), (FROM + 2 * HOUR, "b", 99.0)]
    ),
    interval="1h",
)


def chart(**said: Json) -> JsonObject:
    x: JsonObject = {"operation": "date_histogram", "field": "@timestamp"}
    y: JsonObject = {"operation": "terms", "fields": ["model"]}
    return {"type": "heatmap", "x": x, "y": y, "metric": {"operation": "average", "color": STEPS}, **said}


def spec_of(data: Answer = DATA, width: float = 500, height: float = 300, **said: Json) -> JsonObject:
    return heatmap_spec(chart(**said), data, width, height)


def cells(spec: JsonObject) -> list[JsonObject]:
    return [row for row in marks(spec, "rect") if row["said"]]


def test_a_cell_for_each_value() -> None:
    """In the colour of its band, with its words; without a value there is none."""
    found = [(cell["color"], cell["said"]) for cell in cells(spec_of())]
    assert found == [
        ("#111111", "a · 2026-11-22 12:00 · Latency: 5.0"),
        ("#222222", "a · 2026-11-22 13:00 · Latency: 10.0"),
        ("#222222", "b · 2026-11-22 14:00 · Latency: 99.0"),
    ]


def test_columns_are_all_intervals_of_the_time_range() -> None:
    """Four hours are four columns of equal width, whatever has documents; times stand at the beginning of theirs."""
    spec = spec_of(width=900)
    first, second, _ = cells(spec)
    grid = 4 * (second["x"] - first["x"])
    assert first["x2"] < second["x"]
    at = {row["words"]: row["x"] for row in marks(spec, "text")}
    times = [f"2026-11-22 {hour}:00" for hour in (12, 13, 14, 15)]
    assert [at[word] for word in times] == pytest.approx([first["x"] - 1 + number * grid / 4 for number in range(4)])


def test_rows_from_the_top() -> None:
    """The first name is at the top, in the middle of its cells."""
    spec = spec_of()
    named = {row["words"]: row["y"] for row in marks(spec, "text")}
    a, _, b = cells(spec)
    assert named["a"] < named["b"]
    assert [named["a"], named["b"]] == pytest.approx([(cell["y"] + cell["y2"]) / 2 for cell in (a, b)])


def test_without_rows_of_its_own() -> None:
    """One row of cells, without a name."""
    said = chart()
    del said["y"]
    data = answer(table([X, METRIC], [(FROM, 1.0), (FROM + HOUR, 2.0)]), interval="1h")
    found = heatmap_spec(said, data, 500, 300)
    assert {(cell["y"], cell["y2"]) for cell in cells(found)} == {(cells(found)[0]["y"], cells(found)[0]["y2"])}
    assert cells(found)[0]["said"] == "2026-11-22 12:00 · Latency: 1.0"


def test_the_legend_names_the_bands() -> None:
    """With the metric's format; what is open has a sign; hidden it leaves its room to the cells."""
    assert {"0.0 - 10.0", "≥ 10.0"} <= set(words(spec_of()))
    hidden = spec_of(legend={"visibility": "hidden"})
    assert "≥ 10.0" not in words(hidden)
    assert max(cell["x2"] for cell in cells(hidden)) > max(cell["x2"] for cell in cells(spec_of()))
    below: JsonObject = {"metric": {"operation": "count", "color": {**STEPS, "steps": [{"lt": 7, "color": "#111111"}]}}}
    assert "< 7.0" in words(spec_of(**below))


@pytest.mark.parametrize("position", ["left", "right", "top", "bottom"])
def test_the_legend_stands_where_it_is_told(position: str) -> None:
    """The cells begin behind it or end before it."""
    spec = spec_of(legend={"position": position})
    (label,) = [row for row in marks(spec, "text") if row["words"] == "≥ 10.0"]
    found = cells(spec)
    beside = {
        "left": label["x"] < min(cell["x"] for cell in found),
        "right": label["x"] > max(cell["x2"] for cell in found),
        "top": label["y"] < min(cell["y"] for cell in found),
        "bottom": label["y"] > max(cell["y2"] for cell in found),
    }
    assert beside[position]


def test_values_in_cells() -> None:
    """All of one size, in an ink that can be read; none where one of them has no room."""
    shown: JsonObject = {"cells": {"labels": {"visible": True}}}
    values = [row for row in marks(spec_of(styling=shown), "text") if row["words"] in ("5.0", "10.0", "99.0")]
    assert [row["words"] for row in values] == ["5.0", "10.0", "99.0"]
    assert {(row["size"], row["color"]) for row in values} == {(18, "#FFFFFF")}
    assert "5.0" not in words(spec_of())
    assert "5.0" not in words(spec_of(width=160, styling=shown))


def test_titles_and_labels_as_said() -> None:
    """A title is the one that is said, else the label of what the axis shows; labels can be left away or turned."""
    titled: JsonObject = {"x": {"title": {"visible": True}}, "y": {"title": {"visible": True, "text": "Which"}}}
    assert {"@timestamp", "Which"} <= set(words(spec_of(axis=titled)))
    (upright,) = [row for row in marks(spec_of(axis=titled), "text") if row["words"] == "Which"]
    assert upright["angle"] == -90
    bare: JsonObject = {"x": {"labels": {"visible": False}}, "y": {"labels": {"visible": False}}}
    assert not {"a", "2026-11-22 12:00"} & set(words(spec_of(axis=bare)))
    for orientation, angle in (("vertical", -90), ("angled", -45)):
        turned = spec_of(axis={"x": {"labels": {"orientation": orientation}}})
        assert {row["angle"] for row in marks(turned, "text") if row["words"].startswith("2026")} == {angle}


def test_labels_do_not_lie_upon_each_other() -> None:
    """Where there is no room for all times every second, third … of them is written."""
    hours = [(FROM + hour * HOUR, float(hour)) for hour in range(48)]
    said = chart()
    del said["y"]
    spec = heatmap_spec(said, answer(table([X, METRIC], hours), interval="1h", hours=48), 500, 300)
    at = sorted(row["x"] for row in marks(spec, "text") if row["words"].startswith("2026"))
    assert len(at) > 1
    assert min(after - before for before, after in pairwise(at)) > 90


def test_names_below_stay_in_the_panel() -> None:
    """Also that of the first of many narrow columns, where nothing stands to the left of them."""
    said = chart(legend={"visibility": "hidden"}, x={"operation": "terms", "fields": ["m"]})
    del said["y"]
    name = column("x", "Model", "string")
    data = answer(table([name, METRIC], [(f"a rather long name {number}", 1.0) for number in range(9)]))
    spec = heatmap_spec(said, data, 300, 200)
    found = [row for row in marks(spec, "text") if row["align"] == "center"]
    assert len(found) > 2
    assert all(row["x"] - text_width(row["words"], 12) / 2 >= 0 for row in found)
    assert all(row["x"] + text_width(row["words"], 12) / 2 <= 300 for row in found)


TOP: JsonObject = {"operation": "terms", "fields": ["status"]}


@pytest.mark.parametrize(
    ("y", "axis", "order"),
    [
        (TOP, {}, [500, 404, 200]),
        ({**TOP, "rank_by": {"type": "metric", "metric_index": 0, "direction": "asc"}}, {}, [200, 404, 500]),
        ({**TOP, "other_bucket": {}}, {}, [404, 200, 500]),
        (TOP, {"y": {"sort": "asc"}}, [200, 404, 500]),
        ({"operation": "histogram", "field": "status"}, {}, [200, 404, 500]),
    ],
)
def test_the_order_of_numbers(y: JsonObject, axis: JsonObject, order: list[int]) -> None:
    """Top values that are numbers stand by their size in the direction of their rank, with "Other" as they come."""
    status = column("y", "Status", "number", field="status")
    data = answer(table([X, status, METRIC], [(FROM, code, 1.0) for code in (404, 200, 500)]), interval="1h")
    named = {row["words"]: row["y"] for row in marks(spec_of(data, y=y, axis=axis), "text")}
    assert sorted(order, key=lambda code: named[str(code)]) == order


def test_the_order_of_names() -> None:
    """They stay as they come, unless they are ranked by themselves or the axis sorts them."""
    data = answer(table([X, Y, METRIC], [(FROM, name, 1.0) for name in ("b", "C", "a")]), interval="1h")
    by_name: JsonObject = {"operation": "terms", "fields": ["m"], "rank_by": {"type": "alphabetical"}}
    for said, order in (({}, "bCa"), ({"y": by_name}, "abC"), ({"axis": {"y": {"sort": "desc"}}}, "Cba")):
        named = {row["words"]: row["y"] for row in marks(spec_of(data, **said), "text")}
        assert "".join(sorted("abC", key=lambda name: named[name])) == order


def test_bands_of_kibana_s_own_palette() -> None:
    """Five even ones between the smallest and the largest value, the last of them open."""
    found = bands(None, [0.0, 50.0])
    assert [(band.start, band.end) for band in found] == [(0, 10), (10, 20), (20, 30), (30, 40), (40, math.inf)]
    assert (found[0].color, found[-1].color) == ("#6092C0", "#E7664C")
    assert bands({"type": "auto"}, [0.0, 50.0]) == found


def test_bands_in_percent() -> None:
    """Of the way from the smallest to the largest value; the end of the last band belongs to it."""
    color: JsonObject = {
        "type": "dynamic",
        "range": "percentage",
        "steps": [{"gte": 0, "lt": 50, "color": "#111111"}, {"gte": 50, "lte": 100, "color": "#222222"}],
    }
    first, last = bands(color, [10.0, 30.0])
    assert (first.start, first.end, last.start) == (10, 20, 20)
    assert 30 < last.end < 30.001


def test_bounds_that_are_not_said() -> None:
    """A step begins where the one before ends; null says as little as no word."""
    steps: list[JsonObject] = [
        {"gte": None, "lt": 5, "color": "#1"},
        {"lt": 9, "color": "#2"},
        {"lt": None, "color": "#3"},
    ]
    found = bands({"type": "dynamic", "range": "absolute", "steps": steps}, [1.0, 20.0])
    assert [(band.start, band.end) for band in found] == [(-math.inf, 5), (5, 9), (9, math.inf)]


def test_a_named_palette_of_old_is_spread_evenly() -> None:
    """Kibana does not look at the bounds that it has."""
    steps: list[JsonObject] = [{"gte": 0, "lt": 90, "color": "#111111"}, {"gte": 90, "color": "#222222"}]
    color: JsonObject = {
        "type": "legacy_dynamic",
        "range": "absolute",
        "palette": "status",
        "shift": False,
        "steps": steps,
    }
    assert [(band.start, band.end) for band in bands(color, [0.0, 8.0])] == [(0, 4), (4, math.inf)]
    steps[-1]["lte"] = 100
    assert bands(color, [0.0, 8.0])[-1].end == pytest.approx(100, abs=0.001)


def test_a_moment_alone_is_a_name() -> None:
    """It stands in the middle of the only cell."""
    spec = spec_of(answer(table([X, Y, METRIC], [(FROM, "a", 1.0)]), interval="1h"))
    (cell,) = cells(spec)
    (word,) = [row for row in marks(spec, "text") if row["words"] == "2026-11-22 12:00"]
    assert (word["align"], word["x"]) == ("center", pytest.approx((cell["x"] + cell["x2"]) / 2))


def test_one_value_alone_has_the_last_colour() -> None:
    """Where smallest and largest are the same, the last band begins there, even where no band holds the value."""
    steps = [{"gte": 50, "lt": 60, "color": "#111111"}, {"gte": 60, "lte": 70, "color": "#222222"}]
    for color, wanted in ((None, "#E7664C"), ({**STEPS, "steps": steps}, "#222222")):
        data = answer(table([X, Y, METRIC], [(FROM, "a", 7.0)]), interval="1h")
        (cell,) = cells(spec_of(data, metric={"color": color}))
        assert cell["color"] == wanted


@pytest.mark.parametrize(("width", "height"), [(20, 12), (60, 40), (2000, 30)])
def test_tiny_panels_and_long_names(width: float, height: float) -> None:
    """Nothing breaks, and no name takes the room of the cells."""
    data = answer(table([X, Y, METRIC], [(FROM, "long " * 40, 1.0), (FROM, "b", 2.0)]), interval="1h")
    assert svg_of(spec_of(data, width, height))


def test_nothing_to_show() -> None:
    """Kibana's words stand in its place, or cells without colours where all values are missing."""
    assert words(spec_of(answer(table([X, Y, METRIC], [])))) == ["No results found"]
    assert cells(spec_of(answer(table([X, Y, METRIC], [(FROM, "a", None)]), interval="1h"))) == []


@needs_shared
def test_the_recorded_heatmap() -> None:
    """Every cell has the colour that Kibana drew for its value, and the legend has its words."""
    (recorded,) = drawn("ml-shapes", "heatmap")["charts"]
    said = document("shape-heatmap")
    said["metric"]["color"]["steps"][-1]["lte"] = 100
    found = [(cell["datum"]["x"], cell["datum"]["y"], cell["value"]) for cell in recorded["heatmap"]["cells"]]
    value = Column("metric", "Avg latency", "number", said["metric"]["format"])
    ends = (min(x for x, _, _ in found), max(x for x, _, _ in found))
    spec = heatmap_spec(said, Answer((table([X, Y, value], found),), ends, "1h", None, 1.0), 504, 300)
    colors = [cell["fill"] for cell in recorded["heatmap"]["cells"]]
    assert [_rgba(cell["color"]) for cell in cells(spec)] == colors
    assert {item["name"] for item in recorded["legend"]["items"]} <= set(words(spec))


def _rgba(color: str) -> str:
    return "rgba({}, {}, {}, 1)".format(*(int(color[at : at + 2], 16) for at in (1, 3, 5)))
