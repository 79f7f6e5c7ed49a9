"""The xy chart: its series, its stacks, its axes, as a spec that Vega-Lite draws."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
import vl_convert

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.drawing import VEGA_LITE
from kibana_builder.preview.svg import text_width
from kibana_builder.preview.vega_xy import time_span, xy_spec
from tests.preview.answers import FROM, HOUR, answer, column, table

TIME = column("x", "@timestamp", "date", field="@timestamp")
COUNT = column("y[0]", "Count of records")
MODEL = column("breakdown_by", "Top 5 values of model", "string", field="model")


def layer(kind: str, **settings: Json) -> JsonObject:
    return {"type": kind, "x": {"operation": "date_histogram"}, "y": [{"operation": "count", **settings}]}


def chart(*layers: JsonObject, **settings: Json) -> JsonObject:
    return {"type": "xy", "layers": list(layers), **settings}


def marks(spec: JsonObject, kind: str) -> list[JsonObject]:
    """Give the layers of a spec that are drawn with a mark."""
    return [
        inner
        for group in spec["layer"]
        for inner in group["layer"]
        if (inner["mark"]["type"] if isinstance(inner["mark"], dict) else inner["mark"]) == kind
    ]


def drawn(spec: JsonObject) -> str:
    return str(vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE))


def test_a_line_over_time() -> None:
    """A gap stays a gap, the axes say what Kibana's say, and every point has its words."""
    rows = [(FROM, 10.0), (FROM + HOUR, 20.0), (FROM + 2 * HOUR, None), (FROM + 3 * HOUR, 185.0)]
    spec = xy_spec(chart(layer("line")), answer(table([TIME, COUNT], rows), interval="1h"), 600, 300)
    lines = marks(spec, "line")
    assert [[row["high"] for row in line["data"]["values"]] for line in lines] == [[10, 20], [185]]
    assert lines[0]["data"]["values"][0]["said"] == "Nov 22, 2026 @ 12:00:00.000 · Count of records: 10"
    y = lines[0]["encoding"]["y"]
    assert y["scale"]["domain"] == [0, 200]
    assert (y["axis"]["title"], lines[0]["encoding"]["x"]["axis"]["title"]) == (
        "Count of records",
        "@timestamp per hour",
    )
    svg = drawn(spec)
    assert ">150<" in svg
    assert "November 22, 2026" in svg


def test_no_row_in_any_layer_of_data() -> None:
    """There are no axes, whatever lines of reference there are; an interval without a value is a row."""
    reference = {"type": "reference_lines", "thresholds": [{"operation": "static_value", "value": 1}]}
    line = column("thresholds[0]", "Static value: 1")
    empty = answer(table([TIME, MODEL, COUNT], []), table([line], [(1.0,)]))
    spec = xy_spec(chart(layer("bar"), reference), empty, 600, 300)
    assert re.findall(r">([^<>]+)</text>", drawn(spec)) == ["No results found"]
    assert time_span(chart(layer("bar"), reference), empty) is None
    interval = answer(table([TIME, COUNT], [(FROM, None)]), table([line], [(1.0,)]))
    assert "No results found" not in drawn(xy_spec(chart(layer("bar"), reference), interval, 600, 300))


@pytest.mark.parametrize(
    ("fitting", "values"),
    [
        ({"type": "none"}, [[10], [40]]),
        ({"type": "zero"}, [[10, 0, 0, 40, 0]]),
        ({"type": "linear"}, [[10, 20, 30, 40]]),
        ({"type": "carry"}, [[10, 10, 10, 40, 40]]),
        ({"type": "lookahead"}, [[10, 40, 40, 40]]),
        ({"type": "nearest"}, [[10, 10, 40, 40, 40]]),
        ({"type": "average", "extend": "zero"}, [[10, 25, 25, 40, 0]]),
        ({"type": "linear", "extend": "nearest"}, [[10, 20, 30, 40, 40]]),
    ],
)
def test_what_is_missing_is_fitted_as_said(fitting: JsonObject, values: list[list[float]]) -> None:
    """Each way of filling gives the values that lie between and beyond the known ones."""
    rows = [(FROM + number * HOUR, value) for number, value in enumerate((10.0, None, None, 40.0, None))]
    spec = xy_spec(chart(layer("line"), styling={"fitting": fitting}), answer(table([TIME, COUNT], rows)), 600, 300)
    found = [[row["high"] for row in line["data"]["values"]] for line in marks(spec, "line")]
    assert found == [pytest.approx(run) for run in values]


@pytest.mark.parametrize(
    ("kind", "ends"),
    [
        ("bar_stacked", {"a": (0, 30), "b": (30, 40)}),
        ("bar_percentage", {"a": (0, 0.75), "b": (0.75, 1)}),
        ("bar", {"a": (0, 30), "b": (0, 10)}),
    ],
)
def test_bars_upon_each_other_or_side_by_side(kind: str, ends: dict[str, tuple[float, float]]) -> None:
    """Stacks begin where the one below ends, percentages fill the whole, others stand beside each other."""
    rows = [(FROM, "a", 30.0), (FROM, "b", 10.0)]
    spec = xy_spec(chart(layer(kind)), answer(table([TIME, MODEL, COUNT], rows), interval="1h"), 600, 300)
    bars = dict(zip(("a", "b"), marks(spec, "bar")[0]["data"]["values"], strict=True))
    assert {name: (bar["low"], bar["high"]) for name, bar in bars.items()} == ends
    side_by_side = bars["a"]["end"] <= bars["b"]["x"]
    assert side_by_side == (kind == "bar")
    assert "<path" in drawn(spec)


def dashed(spec: JsonObject) -> list[tuple[bool, list[float]]]:
    """Give the values of each piece of a line, and whether it is dashed."""
    lines = marks(spec, "line")
    return [("strokeDash" in line["mark"], [row["high"] for row in line["data"]["values"]]) for line in lines]


@pytest.mark.parametrize("kind", ["line", "area", "area_stacked"])
def test_what_a_fitting_filled_is_dashed_unless_it_is_emphasized(kind: str) -> None:
    """The dashes go from known point to known point, the area below them is paler, and no filled point is shown."""
    rows = [(FROM + number * HOUR, value) for number, value in enumerate((5.0, 10.0, None, 30.0, 40.0, None, 60.0))]
    found = answer(table([TIME, COUNT], rows))
    fitting: JsonObject = {"type": "linear"}
    spec = xy_spec(chart(layer(kind), styling={"fitting": fitting}), found, 600, 300)
    assert dashed(spec) == [
        (False, [5, 10]),
        (True, [10, 20, 30]),
        (False, [30, 40]),
        (True, [40, 50, 60]),
    ]
    assert [area["mark"]["opacity"] for area in marks(spec, "area")] == ([] if kind == "line" else [0.3, 0.15] * 2)
    assert [row["high"] for row in marks(spec, "point")[0]["data"]["values"]] == [5, 10, 30, 40, 60]
    emphasized = chart(layer(kind), styling={"fitting": {**fitting, "emphasize": True}})
    assert dashed(xy_spec(emphasized, found, 600, 300)) == [(False, [5, 10, 20, 30, 40, 50, 60])]


def test_gaps_of_shares_are_zero() -> None:
    """Kibana fills the areas of shares with zero, whatever the fitting."""
    rows = [(FROM, "a", 1.0), (FROM, "b", 1.0), (FROM + HOUR, "a", 4.0), (FROM + HOUR, "b", None)]
    shares = chart({**layer("area_percentage"), "breakdown_by": {}}, styling={"fitting": {"type": "nearest"}})
    spec = xy_spec(shares, answer(table([TIME, MODEL, COUNT], rows)), 600, 300)
    assert dashed(spec) == [(False, [0.5, 1]), (True, [1, 1])]


def rectangles(spec: JsonObject) -> list[tuple[float, float]]:
    """Give where the bars begin and end that Vega draws, in pixels along the axis of values."""
    across = r'd="M([-.0-9]+),([-.0-9]+)h([-.0-9]+)v([-.0-9]+)h'
    drawn_bars = [one for one in drawn(spec).split("<path") if 'roledescription="bar"' in one]
    return [tuple(map(float, re.search(across, one).groups())) for one in drawn_bars]


@pytest.mark.parametrize(
    ("kind", "said", "lengths"),
    [
        ("bar", {}, [1, 1]),
        ("bar", {"minimum_height": 9}, [9, 9]),
        ("bar", {"minimum_height": 2.5}, [2.5, 2.5]),
        ("bar_stacked", {"minimum_height": 9}, [9, 9]),
        ("bar_horizontal", {"minimum_height": 9}, [9, 9]),
    ],
)
def test_bars_have_a_least_height(kind: str, said: JsonObject, lengths: list[float]) -> None:
    """Small values and zeros are that many pixels long on the side of their sign; what is missing has no bar."""
    rows = [("long", 1e6), ("zero", 0.0), ("minus", -1e-6), ("missing", None)]
    x = column("x", "Top values of model", "string")
    spec = xy_spec(chart(layer(kind), styling={"bars": said}), answer(table([x, COUNT], rows)), 600, 300)
    _, zero, minus = rectangles(spec)
    long = 2 if kind == "bar_horizontal" else 3
    assert [pytest.approx(zero[long], abs=0.01), pytest.approx(minus[long], abs=0.01)] == lengths
    assert (zero[long - 2] > minus[long - 2]) is (kind == "bar_horizontal")


def test_stacks_go_through_layers_and_keep_to_their_axis() -> None:
    """What is stacked on one axis is one stack, whichever layer it comes from; another axis has another."""
    second = {**layer("bar_stacked"), "y": [{"operation": "sum"}, {"operation": "average", "axis": "y2"}]}
    rows = [(FROM, 2.0, 7.0)]
    tables = (
        table([TIME, COUNT], [(FROM, 1.0)]),
        table([TIME, COUNT, column("y[1]", "Average")], rows),
    )
    spec = xy_spec(chart(layer("bar_stacked"), second), answer(*tables, interval="1h"), 600, 300)
    left, right = (mark["data"]["values"] for mark in marks(spec, "bar"))
    assert [(bar["low"], bar["high"]) for bar in left] == [(0, 1), (1, 3)]
    assert [(bar["low"], bar["high"]) for bar in right] == [(0, 7)]
    assert left[0]["x"] == left[1]["x"] < left[0]["end"] <= right[0]["x"]


def test_series_of_the_same_name_stay_apart() -> None:
    """Two layers may count the same: each has its colour and its entry in the legend."""
    data = table([TIME, COUNT], [(FROM, 10.0), (FROM + HOUR, 20.0)])
    spec = xy_spec(chart(layer("line"), layer("line")), answer(data, data), 600, 300)
    svg = drawn(spec)
    assert svg.count(">Count of records</text>") == 3  # beside the axis, and twice in the legend
    assert all(f'stroke="{color}" stroke-width="2"' in svg for color in ("#54B399", "#6092C0"))


def test_two_hundred_series_have_a_legend_that_fits() -> None:
    """The entries that have room are there, the last one says how many there are more."""
    rows = [(FROM, f"model {number}", 1.0) for number in range(200)]
    svg = drawn(
        xy_spec(chart(layer("bar_stacked")), answer(table([TIME, MODEL, COUNT], rows), interval="1h"), 600, 300)
    )
    assert svg.count("role-legend-label") == 11
    assert ">190 more<" in svg


def test_the_shaded_parts_of_buckets_lie_outside_of_the_time_range() -> None:
    """A first and a last bucket that are not whole are shaded beyond the range, unless that is switched off."""
    rows = [(FROM - HOUR / 2, 10.0), (FROM + 3.5 * HOUR, 20.0)]
    found = answer(table([TIME, COUNT], rows), interval="1h")
    (shade,) = marks(xy_spec(chart(layer("line")), found, 600, 300), "rect")
    assert shade["data"]["values"] == [
        {"time": FROM - HOUR / 2, "until": FROM},
        {"time": FROM + 4 * HOUR, "until": FROM + 4.5 * HOUR},
    ]
    off = {"overlays": {"partial_buckets": {"visible": False}}}
    assert not marks(xy_spec(chart(layer("line"), styling=off), found, 600, 300), "rect")


@pytest.mark.parametrize(
    ("now", "visible", "at"),
    [
        (FROM + HOUR, True, [FROM + HOUR]),
        (FROM + 4 * HOUR + 59_000, True, [FROM + 4 * HOUR]),
        (FROM + 4 * HOUR + 60_000, True, []),
        (FROM - 1, True, []),
        (None, True, []),
        (FROM + HOUR, False, []),
    ],
)
def test_the_present_moment_has_a_line_where_it_is_wanted(now: float | None, visible: bool, at: list[float]) -> None:
    """It stands at the moment of asking, at the end of an axis that ended within a minute before, else nowhere."""
    styling = {"overlays": {"current_time_marker": {"visible": visible}}}
    found = replace(answer(table([TIME, COUNT], [(FROM, 1.0)]), interval="1h"), now_ms=now)
    spec = xy_spec(chart(layer("line"), styling=styling), found, 600, 300)
    lines = [mark for mark in marks(spec, "rule") if mark["mark"]["color"] == "#BD271E"]
    assert [row["time"] for line in lines for row in line["data"]["values"]] == at
    assert ("#BD271E" in drawn(spec)) is bool(at)


def test_bars_may_have_their_values_written_at_them() -> None:
    """Above the bars that are wide enough for it."""
    styling = {"bars": {"data_labels": {"visible": True}}}
    rows = [(FROM, 1234.0), (FROM + HOUR, 0.5)]
    found = answer(table([TIME, COUNT], rows), interval="1h")
    assert ">1,234<" in drawn(xy_spec(chart(layer("bar"), styling=styling), found, 600, 300))
    assert ">1,234<" not in drawn(xy_spec(chart(layer("bar")), found, 600, 300))
    assert ">1,234<" not in drawn(xy_spec(chart(layer("bar"), styling=styling), found, 160, 300))


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([1.0, 1e6], ["0", "10", "100", "1,000", "10,000", "100,000", "1,000,000"]),
        ([-50.0, 0.0, 500.0], ["-10", "-1", "0", "1", "10", "100"]),
        ([0.001, 0.05], ["0", "0.001", "0.01"]),
    ],
)
def test_a_logarithmic_axis_has_powers_of_ten(values: list[float], labels: list[str]) -> None:
    """Zero and negative values have their place on it."""
    rows = [(FROM + number * HOUR, value) for number, value in enumerate(values)]
    spec = xy_spec(chart(layer("line"), axis={"y": {"scale": "log"}}), answer(table([TIME, COUNT], rows)), 600, 300)
    svg = drawn(spec)
    assert [label for label in labels if f">{label}<" not in svg] == []


def test_ticks_have_words_of_their_own() -> None:
    """Where the format has no decimals, an axis to 1 has two ticks rather than six of the same two numbers."""
    whole = column("y[0]", "Count", number_format={"type": "number", "decimals": 0})
    spec = xy_spec(chart(layer("line")), answer(table([TIME, whole], [(FROM, 1.0), (FROM + HOUR, 0.2)])), 600, 300)
    assert marks(spec, "line")[0]["encoding"]["y"]["axis"]["values"] == [0, 1]


def test_names_that_have_no_room_are_left_out() -> None:
    """Of 300 categories some are named, at an angle, and all have their bars."""
    kind = {"type": "bar", "x": {"operation": "terms"}, "y": [{"operation": "count"}]}
    rows = [(f"a long name {number}", 1.0) for number in range(300)]
    spec = xy_spec(chart(kind), answer(table([column("x", "Names", "string"), COUNT], rows)), 600, 300)
    axis = marks(spec, "bar")[0]["encoding"]["x"]["axis"]
    assert axis["labelAngle"] == -45
    assert 10 < len(axis["values"]) < 40
    assert drawn(spec).count("a long name 299") >= 1


def test_horizontal_bars_of_categories() -> None:
    """The categories stand at the left in the order of the rows, the values below."""
    kind = {"type": "bar_horizontal", "x": {"operation": "filters"}, "y": [{"operation": "count"}]}
    rows = [("slow", 5.0), ("errors", 2.0)]
    spec = xy_spec(chart(kind), answer(table([column("x", "Filters", "filter"), COUNT], rows)), 600, 300)
    encoding = marks(spec, "bar")[0]["encoding"]
    assert encoding["y"]["scale"]["domain"] == ["slow", "errors"]
    assert encoding["x"]["axis"]["title"] == "Count of records"
    assert drawn(spec).index(">slow<") < drawn(spec).index(">errors<")


@pytest.mark.parametrize(("kind", "at", "places"), [("bar", "x", "left"), ("bar_horizontal", "y", "right")])
def test_words_of_an_axis_of_time_are_level(kind: str, at: str, places: str) -> None:
    """As in Kibana they stand level whatever is said; bars that lie go from the top and have them at the left."""
    angled: JsonObject = {"x": {"labels": {"orientation": "angled"}}}
    found = answer(table([TIME, COUNT], [(FROM, 1.0), (FROM + 3 * HOUR, 2.0)]), interval="1h")
    spec = xy_spec(chart(layer(kind), axis=angled), found, 600, 300)
    axis = marks(spec, "bar")[0]["encoding"][at]
    assert axis["axis"]["labelAngle"] == 0
    assert axis["axis"].get("labelAlign", "right") == places
    assert axis["scale"]["reverse"] is (kind == "bar_horizontal")
    words = [float(one) for one in re.findall(r'translate\(([-.0-9]+),[-.0-9]+\)"[^>]*>(?:<tspan>)?12:00', drawn(spec))]
    assert words
    assert all(place < 0 for place in words) is (kind == "bar_horizontal")


@pytest.mark.parametrize("orientation", ["angled", "vertical"])
def test_turned_names_take_their_height_from_the_chart(orientation: str) -> None:
    """Beside a chart that long names have made low stands the part of the title that has room there."""
    x = column("x", "Top values of model", "string")
    found = answer(table([x, COUNT], [(f"category number {number}", 1.0) for number in range(8)]))
    turned: JsonObject = {"x": {"labels": {"orientation": orientation}}}
    svg = drawn(xy_spec(chart(layer("bar"), axis=turned), found, 300, 160))
    assert re.search("Count[a-z ]*…<", svg)
    assert "Count of records<" in drawn(xy_spec(chart(layer("bar"), axis=turned), found, 300, 320))


def test_names_beside_lying_bars_leave_room_for_each_other_when_turned() -> None:
    """Upright names take their length along the axis, so some are left out."""
    x = column("x", "Top values of model", "string")
    found = answer(table([x, COUNT], [(f"category number {number}", 1.0) for number in range(8)]))
    upright: JsonObject = {"x": {"labels": {"orientation": "vertical"}}}
    assert drawn(xy_spec(chart(layer("bar_horizontal")), found, 300, 200)).count(">category") == 8
    assert 0 < drawn(xy_spec(chart(layer("bar_horizontal"), axis=upright), found, 300, 200)).count(">category") < 3


def test_the_title_of_an_axis_is_cut_where_it_has_no_room() -> None:
    """A narrow chart shows a part of it and no letter that is cut through."""
    found = answer(table([TIME, COUNT], [(FROM, 1.0)]), interval="1h")
    assert "@timestamp per hour<" in drawn(xy_spec(chart(layer("line")), found, 400, 200))
    assert re.search("@time[a-z ]*…<", drawn(xy_spec(chart(layer("line")), found, 120, 200)))


def test_a_second_axis_has_its_own_scale_and_format() -> None:
    """Series of y2 are measured by the axis at the right."""
    both = {
        "type": "line",
        "x": {},
        "y": [
            {"operation": "count"},
            {"operation": "average", "axis": "y2", "color": {"type": "static", "color": "#123456"}},
        ],
    }
    cpu = column("y[1]", "CPU", number_format={"type": "number", "decimals": 0, "suffix": "%"})
    rows = [(FROM, 1000.0, 40.0), (FROM + HOUR, 2000.0, 50.0)]
    spec = xy_spec(chart(both), answer(table([TIME, COUNT, cpu], rows)), 600, 300)
    left, right = (marks({"layer": [group]}, "line")[0]["encoding"] for group in spec["layer"])
    assert (left["y"]["axis"]["orient"], right["y"]["axis"]["orient"]) == ("left", "right")
    assert right["y"]["scale"]["domain"] == [0, 50]
    svg = drawn(spec)
    assert ">40%<" in svg
    assert "#123456" in svg


def test_reference_lines() -> None:
    """A line, the area above it and its name; one outside of the axis is not drawn."""
    lines = {
        "type": "reference_lines",
        "thresholds": [
            {"label": "SLO", "fill": "above", "stroke_dash": "dashed", "text": {"visible": True}},
        ],
    }
    data = table([TIME, COUNT], [(FROM, 10.0), (FROM + HOUR, 20.0)])
    spec = xy_spec(
        chart(layer("line"), lines), answer(data, table([column("thresholds[0]", "SLO")], [(15.0,)])), 600, 300
    )
    rules = [mark["data"]["values"][0] for mark in marks(spec, "rule")]
    assert [rule["at"] for rule in rules if "at" in rule] == [15]
    assert marks(spec, "rect")[0]["data"]["values"] == [{"from": 15.0, "to": 20.0}]
    assert ">SLO<" in drawn(spec)


@pytest.mark.parametrize(
    ("said", "axes", "at"),
    [
        ({}, 1, "right"),
        ({}, 2, "left"),
        ({"axis": "y2"}, 2, "right"),
        ({"position": "left"}, 1, "left"),
        ({"position": "right"}, 2, "right"),
    ],
)
def test_the_name_of_a_reference_line_stands_beside_the_chart(said: JsonObject, axes: int, at: str) -> None:
    """At its own axis where there are two, away from it where there is one, or where it is said; nothing crosses it."""
    lines = {"type": "reference_lines", "thresholds": [{"icon": "alert", "text": {"visible": True}, **said}]}
    series = {**layer("line"), "y": [{"operation": "count"}, {"operation": "count", "axis": "y2"}][:axes]}
    data = table([TIME, COUNT, column("y[1]", "More")][: axes + 1], [(FROM, 10.0, 20.0)[: axes + 1]])
    target = table([column("thresholds[0]", "Target")], [(5.0,)])
    spec = xy_spec(chart(series, lines), answer(data, target), 600, 300)
    (name,) = marks(spec, "text")
    assert name["mark"]["x"] == (-27 if at == "left" else {"expr": "width + 27.0"})
    assert ">Target<" in drawn(spec)


def test_reference_lines_on_the_x_axis() -> None:
    """They go upwards, their names stand above the chart; areas reach to the next line filled the same way."""
    lines = {
        "type": "reference_lines",
        "thresholds": [
            {"axis": "x", "text": {"visible": True}},
            {"fill": "above"},
            {"fill": "above"},
        ],
    }
    columns = [column(f"thresholds[{number}]", "Deploy") for number in range(3)]
    data = table([TIME, COUNT], [(FROM, 10.0), (FROM + HOUR, 20.0)])
    spec = xy_spec(chart(layer("line"), lines), answer(data, table(columns, [(FROM + HOUR / 2, 12.0, 16.0)])), 600, 300)
    (name,) = marks(spec, "text")
    assert (name["mark"]["y"], name["mark"]["angle"]) == (-9, 0)
    assert [area["data"]["values"][0] for area in marks(spec, "rect")] == [
        {"from": 12.0, "to": 16.0},
        {"from": 16.0, "to": 20.0},
    ]


@pytest.mark.parametrize(
    ("legend", "shown"),
    [({}, True), ({"visibility": "hidden"}, False), ({"visibility": "visible", "position": "bottom"}, True)],
)
def test_the_legend(legend: JsonObject, shown: bool) -> None:
    """Two series have one unless it is hidden."""
    rows = [(FROM, "a", 30.0), (FROM, "b", 10.0)]
    spec = xy_spec(chart(layer("line"), legend=legend), answer(table([TIME, MODEL, COUNT], rows)), 600, 300)
    assert ("role-legend" in drawn(spec)) == shown


def legend_lines(statistics: list[str], **legend: Json) -> list[Json]:
    """Give the legend's entries of two series over time."""
    names = ("a", "a name that is longer than a legend is wide")
    rows = [(FROM + at * HOUR, name, value) for at, value in enumerate((10.0, 1234.5)) for name in names]
    split = chart({**layer("line"), "breakdown_by": {}}, legend={"statistics": statistics, **legend})
    spec = xy_spec(split, answer(table([TIME, MODEL, COUNT], rows), interval="1h", hours=2), 600, 300)
    words: str = marks(spec, "line")[0]["encoding"]["color"]["legend"]["labelExpr"]
    found: list[Json] = json.loads(words.removeprefix("(").removesuffix(")[+datum.label]"))
    return found


def test_the_legend_has_the_numbers_of_each_series() -> None:
    """The current value stands behind the name, which is cut for it; others stand below it, with their names."""
    alone = legend_lines(["current_and_last_value"])
    assert alone[0] == "a  1,234.5"
    assert str(alone[1]).endswith("…  1,234.5")
    assert text_width(str(alone[1]), 12) <= 130 - 24
    assert legend_lines(["min", "max"], size="xl")[0] == ["a", "Min 10 · Max 1,234.5"]
    assert legend_lines(["min", "max"], size="s")[0] == ["a", "Min 10", "Max 1,234.5"]
    assert legend_lines([])[0] == "a"


def test_nothing_to_draw_is_drawn() -> None:
    """Without a row the axes stand alone."""
    assert "<svg" in drawn(xy_spec(chart(layer("line")), answer(table([TIME, COUNT], [])), 600, 300))


def test_hostile_words_stay_words() -> None:
    """Names from data end neither the expression of an axis nor the SVG."""
    words = "x'\"]);alert(1)//</text><script>alert(1)</script>"
    kind = {"type": "bar", "x": {"operation": "terms"}, "y": [{"operation": "count"}]}
    spec = xy_spec(
        chart(kind), answer(table([column("x", words, "string"), column("y[0]", words)], [(words, 1.0)])), 600, 300
    )
    svg = drawn(spec)
    assert "<script" not in svg
    assert json.loads(json.dumps(spec)) == spec
