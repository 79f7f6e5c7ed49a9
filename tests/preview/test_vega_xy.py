"""The xy chart: its series, its stacks, its axes, as a spec that Vega-Lite draws."""

from __future__ import annotations

import json

import pytest
import vl_convert

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.drawing import VEGA_LITE
from kibana_builder.preview.vega_xy import xy_spec
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
    bars = {row["series"]: row for row in marks(spec, "bar")[0]["data"]["values"]}
    assert {name: (bar["low"], bar["high"]) for name, bar in bars.items()} == ends
    side_by_side = bars["a"]["end"] <= bars["b"]["x"]
    assert side_by_side == (kind == "bar")
    assert "<path" in drawn(spec)


def test_horizontal_bars_of_categories() -> None:
    """The categories stand at the left in the order of the rows, the values below."""
    kind = {"type": "bar_horizontal", "x": {"operation": "filters"}, "y": [{"operation": "count"}]}
    rows = [("slow", 5.0), ("errors", 2.0)]
    spec = xy_spec(chart(kind), answer(table([column("x", "Filters", "filter"), COUNT], rows)), 600, 300)
    encoding = marks(spec, "bar")[0]["encoding"]
    assert encoding["y"]["scale"]["domain"] == ["slow", "errors"]
    assert encoding["x"]["axis"]["title"] == "Count of records"
    assert drawn(spec).index(">slow<") < drawn(spec).index(">errors<")


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
    assert marks(spec, "rule")[0]["data"]["values"][0]["at"] == 15
    assert marks(spec, "rect")[0]["data"]["values"] == [{"from": 15.0, "to": 20.0}]
    assert ">SLO<" in drawn(spec)


@pytest.mark.parametrize(
    ("legend", "shown"),
    [({}, True), ({"visibility": "hidden"}, False), ({"visibility": "visible", "position": "bottom"}, True)],
)
def test_the_legend(legend: JsonObject, shown: bool) -> None:
    """Two series have one unless it is hidden."""
    rows = [(FROM, "a", 30.0), (FROM, "b", 10.0)]
    spec = xy_spec(chart(layer("line"), legend=legend), answer(table([TIME, MODEL, COUNT], rows)), 600, 300)
    assert ("role-legend" in drawn(spec)) == shown


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
