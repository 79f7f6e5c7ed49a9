"""Pie and donut."""

from __future__ import annotations

import math

import pytest
import vl_convert

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.drawing import VEGA_LITE
from kibana_builder.preview.svg import text_width
from kibana_builder.preview.vega_pie import pie_spec
from tests.preview.answers import answer, column, table
from tests.preview.specs import marks

MODEL = column("group_by[0]", "Model", "string", field="model")
COUNT = column("metrics[0]", "Count of records")
CHART: JsonObject = {"type": "pie", "metrics": [{"operation": "count"}], "group_by": [{"operation": "terms"}]}


def arcs(spec: JsonObject) -> list[JsonObject]:
    found = next(layer for layer in spec["layer"] if isinstance(layer["mark"], dict) and layer["mark"]["type"] == "arc")
    rows: list[JsonObject] = found["data"]["values"]
    return rows


def drawn(spec: JsonObject) -> str:
    return str(vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE))


def spec_of(rows: list[tuple[Json, ...]], **settings: Json) -> JsonObject:
    return pie_spec({**CHART, **settings}, answer(table([MODEL, COUNT], rows)), 400, 300)


def test_slices_go_round_as_in_kibana() -> None:
    """The first ends at twelve o'clock, the second begins there; together they are the whole."""
    slices = {arc["name"]: arc for arc in arcs(spec_of([("a", 50.0), ("b", 30.0), ("c", 20.0)]))}
    assert slices["b"]["start"] == 0
    assert math.isclose(slices["a"]["end"], math.tau)
    assert math.isclose(slices["a"]["end"] - slices["a"]["start"], math.tau / 2)
    assert slices["c"]["said"] == "c: 20 (20%)"


def test_names_and_shares_are_written() -> None:
    """A large slice has its words upon it, a small one beside it, with a line that leads there."""
    spec = spec_of([("large", 97.0), ("small", 3.0)])
    svg = drawn(spec)
    assert all(f">{words}<" in svg for words in ("large", "97%", "small", "3%"))
    assert any(layer["mark"]["type"] == "line" for layer in spec["layer"])


def test_values_as_said() -> None:
    """Absolute values, or none."""
    absolute = drawn(spec_of([("a", 1500.0)], styling={"values": {"mode": "absolute"}}))
    assert ">1,500<" in absolute
    assert ">100%<" not in drawn(spec_of([("a", 1500.0)], styling={"values": {"visible": False}}))


def test_a_name_below_its_slice_stays_in_the_panel() -> None:
    """A small slice at the bottom has both of its lines above the edge."""
    spec = spec_of([("left", 48.0), ("right", 47.0), ("small", 5.0)])
    names = [row for layer in spec["layer"] for row in layer["data"]["values"] if row.get("align") in ("left", "right")]
    assert names
    assert all(0 <= row["y"] <= 300 - 31 for row in names)


def extent(row: JsonObject) -> tuple[float, float, float, float]:
    """Give the rectangle of a line of text: left, right, top, bottom."""
    wide = text_width(row["words"], row["size"], bold=row["weight"] == "bold")
    left = row["x"] - wide / 2 if row["align"] == "center" else row["x"]
    return left, left + wide, row["y"] - row["size"] / 2, row["y"] + row["size"] / 2


@pytest.mark.parametrize(("width", "height"), [(400, 300), (700, 200), (200, 300)])
def test_no_label_lies_upon_another_or_beyond_the_edge(width: float, height: float) -> None:
    """However many slices are small, and whatever the shape of the panel."""
    rows: list[tuple[Json, ...]] = [(f"slice {number}", 40.0 / (number + 1)) for number in range(25)]
    spec = pie_spec(CHART, answer(table([MODEL, COUNT], rows)), width, height)
    found = [extent(row) for row in marks(spec, "text")]
    assert len(found) > 8
    assert all(left >= 0 and right <= width and top >= 0 and bottom <= height for left, right, top, bottom in found)
    for number, one in enumerate(found):
        for other in found[:number]:
            across = min(one[1], other[1]) - max(one[0], other[0])
            down = min(one[3], other[3]) - max(one[2], other[2])
            assert min(across, down) < 1


def test_labels_inside_only() -> None:
    """What has no room upon its slice has no label then, and no line that leads to one."""
    rows: list[tuple[Json, ...]] = [("large", 97.0), ("small", 3.0)]
    inside = spec_of(rows, styling={"labels": {"position": "inside"}})
    assert [row["words"] for row in marks(inside, "text")] == ["large", "97%"]
    assert not any(layer["mark"]["type"] == "line" for layer in inside["layer"])
    assert marks(spec_of(rows, styling={"labels": {"visible": False}}), "text") == []


def test_rings_further_out_are_lighter() -> None:
    """By a quarter towards white."""
    inner, outer = (column(f"group_by[{turn}]", "Model", "string", field="model") for turn in (0, 1))
    chart = {**CHART, "group_by": [{"operation": "terms"}, {"operation": "terms"}]}
    rings = arcs(pie_spec(chart, answer(table([inner, outer, COUNT], [("a", "x", 1.0)])), 400, 300))
    assert [ring["color"].upper() for ring in rings] == ["#6DCCB1", "#92D9C4"]


def test_each_of_several_metrics_has_a_colour_of_its_own() -> None:
    """The palette's in turn, where the file says none."""
    metrics = [column(f"metrics[{turn}]", name) for turn, name in enumerate(("Sum", "Most", "Least"))]
    chart: JsonObject = {
        "type": "pie",
        "metrics": [{}, {"color": {"type": "static", "color": "#123456"}}, {}],
        "group_by": [],
    }
    slices = arcs(pie_spec(chart, answer(table(metrics, [(1.0, 2.0, 3.0)])), 400, 300))
    assert [one["color"].upper() for one in slices] == ["#6DCCB1", "#123456", "#EE789D"]


def test_a_donut_has_a_hole() -> None:
    """Its size is that of the word for it."""
    hole = arcs(spec_of([("a", 1.0)], styling={"donut_hole": "m"}))[0]
    assert math.isclose(hole["inner"] / hole["outer"], 0.54)


def test_rings_of_two_groups() -> None:
    """The outer slices lie over the inner one that they are part of."""
    columns = [MODEL, column("group_by[1]", "Env", "string"), COUNT]
    rows = [("a", "x", 30.0), ("a", "y", 20.0), ("b", "x", 50.0)]
    spec = pie_spec({**CHART, "group_by": [{}, {}]}, answer(table(columns, rows)), 400, 300)
    found = arcs(spec)
    inner_a = next(arc for arc in found if arc["said"].startswith("a:"))
    outer = [arc for arc in found if arc["said"].startswith("a › ")]
    assert math.isclose(min(arc["start"] for arc in outer), inner_a["start"])
    assert math.isclose(max(arc["end"] for arc in outer), inner_a["end"])
    dots = [(row["color"]) for row in marks(spec, "rect")]
    assert dots == [inner_a["color"], next(arc for arc in found if arc["said"].startswith("b:"))["color"]]


def test_the_legend_as_said() -> None:
    """None of one ring unless it is asked for; where it is told to be, nested with the rings below each other."""
    rows: list[tuple[Json, ...]] = [("a", 2.0), ("b", 1.0)]
    assert marks(spec_of(rows), "rect") == []
    left = spec_of(rows, legend={"visibility": "visible", "position": "left"})
    assert [row["words"] for row in marks(left, "text")][-2:] == ["b", "33.33%"]
    assert all(dot["x2"] < 20 for dot in marks(left, "rect"))
    columns = [MODEL, column("group_by[1]", "Env", "string"), COUNT]
    chart = {**CHART, "group_by": [{}, {}], "legend": {"nested": True}}
    nested = pie_spec(chart, answer(table(columns, [("a", "x", 3.0), ("b", "x", 1.0)])), 400, 300)
    said = [row["said"] for row in marks(nested, "text") if row["said"]]
    assert said == ["a", "x", "b", "x"]


def test_nothing_to_show() -> None:
    """Kibana's words stand in its place."""
    assert "No results found" in drawn(spec_of([]))


LONG = "a name so long that it has no room anywhere in a pie"


def beside(spec: JsonObject) -> list[JsonObject]:
    """Give the words that stand beside the pie."""
    return [row for row in marks(spec, "text") if row["size"] == 11]


@pytest.mark.parametrize("tiny", [4, 11, 40])
@pytest.mark.parametrize("order", [(), (900.0,)], ids=["at the top", "at the bottom"])
def test_labels_of_many_tiny_slices_stand_beside_the_pie_not_upon_it(tiny: int, order: tuple[float, ...]) -> None:
    """They push each other along the pie; none ends up within it."""
    values = [1000.0, *order, *[1.0] * tiny]
    spec = spec_of([(f"part {number}", value) for number, value in enumerate(values)])
    radius = max(arc["outer"] for arc in arcs(spec))
    said = beside(spec)
    assert len(said) >= 8
    for row in said:
        wide = text_width(row["words"], row["size"], bold=row["weight"] == "bold")
        nearest = min(abs(row["x"] - 200), abs(row["x"] + wide - 200))
        assert math.hypot(nearest, max(0.0, abs(row["y"] - 150) - row["size"] / 2)) >= radius


def test_the_largest_slice_has_its_share_however_long_the_names_are() -> None:
    """The pie becomes smaller until a cut name and the number have room at both sides."""
    spec = pie_spec(CHART, answer(table([MODEL, COUNT], [(LONG, 54.55), (LONG + "!", 27.27), ("x", 18.18)])), 380, 300)
    assert {row["words"] for row in beside(spec)} >= {"54.55%", "27.27%"}


def test_a_pie_without_room_for_any_label_beside_it_keeps_its_size() -> None:
    """A smaller one would have none either."""
    spec = pie_spec(CHART, answer(table([MODEL, COUNT], [(LONG, 60.0), (LONG + "!", 40.0)])), 90, 300)
    assert not beside(spec)
    assert max(arc["outer"] for arc in arcs(spec)) == 45
