"""Treemap and mosaic."""

from __future__ import annotations

import pytest

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.drawing import filters_by
from kibana_builder.preview.vega_treemap import treemap_spec
from tests.preview.answers import answer, column, table
from tests.preview.gold_numbers import document, drawn, recorded
from tests.preview.specs import marks, svg_of, words
from tests.shared_material import needs_shared

MODEL = column("group_by[0]", "Model", "string", field="model")
ENVIRONMENT = column("group_by[1]", "Environment", "string", field="environment")
LEVEL = column("group_breakdown_by[0]", "Level", "string", field="level")
COUNT = column("metrics[0]", "Count of records")
TERMS: JsonObject = {"operation": "terms"}
FLAT: list[tuple[Json, ...]] = [("a", 6.0), ("b", 3.0), ("c", 1.0)]
NESTED: list[tuple[Json, ...]] = [("a", "x", 5.0), ("a", "y", 3.0), ("b", "x", 2.0)]


def treemap(rows: list[tuple[Json, ...]] = FLAT, width: float = 400, height: float = 308, **said: Json) -> JsonObject:
    columns = [MODEL, ENVIRONMENT, COUNT] if rows and len(rows[0]) == 3 else [MODEL, COUNT]
    chart: JsonObject = {"type": "treemap", "metrics": [{}], "group_by": [TERMS] * (len(columns) - 1), **said}
    return treemap_spec(chart, answer(table(columns, rows)), width, height)


def mosaic(rows: list[tuple[Json, ...]] = NESTED, **said: Json) -> JsonObject:
    chart: JsonObject = {"type": "mosaic", "metric": {}, "group_by": [TERMS], "group_breakdown_by": [TERMS], **said}
    return treemap_spec(chart, answer(table([MODEL, LEVEL, column("metric", "Count")], rows)), 400, 308)


def size(row: JsonObject) -> float:
    return float((row["x2"] - row["x"]) * (row["y2"] - row["y"]))


def said(spec: JsonObject) -> dict[str, JsonObject]:
    """Give the rectangles by the place that they say."""
    return {row["said"].partition(": ")[0]: row for row in marks(spec, "rect") if row["said"]}


def test_rectangles_are_as_large_as_their_share() -> None:
    """Together they fill the panel."""
    found = said(treemap())
    assert [size(found[name]) for name in "abc"] == pytest.approx([72_000, 36_000, 12_000])
    assert (found["a"]["x"], found["a"]["y"]) == (0, 4)


def test_none_lies_upon_another() -> None:
    """Whatever their sizes."""
    rows = list(said(treemap([(f"m{number}", float(number % 7 + 1)) for number in range(40)])).values())
    assert len(rows) == 40
    for number, one in enumerate(rows):
        for other in rows[:number]:
            across = min(one["x2"], other["x2"]) - max(one["x"], other["x"])
            down = min(one["y2"], other["y2"]) - max(one["y"], other["y"])
            assert min(across, down) < 1e-6


def test_groups_lie_inside_groups() -> None:
    """Below a strip with the group's name; in its colour, which the strip has not."""
    found = said(treemap(NESTED))
    strip, inner = found["a"], found["a › x"]
    assert strip["y2"] - strip["y"] == 20
    assert inner["y"] == strip["y2"]
    assert strip["x"] < inner["x"] < inner["x2"] < strip["x2"]
    assert (strip["color"], inner["color"], found["b › x"]["color"]) == ("#FFFFFF", "#6DCCB1", "#79AAD9")


def test_names_and_numbers() -> None:
    """Shares, values or names alone, as large as they have room; without labels neither, nor room for strips."""
    assert words(treemap()) == ["a", "60%", "b", "30%", "c", "10%"]
    absolute: JsonObject = {"values": {"mode": "absolute"}}
    assert words(treemap(styling=absolute))[1] == "6"
    assert words(treemap(styling={"values": {"visible": False}})) == ["a", "b", "c"]
    bare = treemap(NESTED, styling={"labels": {"visible": False}})
    assert words(bare) == []
    assert "a" not in said(bare)
    sizes = {row["words"]: row["size"] for row in marks(treemap([("one", 99.0), ("two", 1.0)], 300, 200), "text")}
    assert sizes["one"] == 16
    assert "two" not in sizes


def test_long_names_are_broken_between_words() -> None:
    """Over several rows; one that is too long for any size is left away."""
    rows = treemap([("one two three four five six seven", 1.0)], 90, 120)
    assert len({row["y"] for row in marks(rows, "text")}) > 2
    assert words(treemap([("one-two-three-four-five-six-seven", 1.0)], 90, 120)) == []


def test_the_legend_is_shown_when_it_is_asked_for() -> None:
    """The groups with their colours; nested, what they are made of stands indented below them."""
    assert "a" in words(treemap(NESTED))
    legend = {"visibility": "visible"}
    flat = treemap(NESTED, legend=legend, styling={"labels": {"visible": False}})
    assert words(flat) == ["a", "b"]
    nested = treemap(NESTED, legend={**legend, "nested": True}, styling={"labels": {"visible": False}})
    assert words(nested) == ["a", "x", "y", "b", "x"]
    at = [row["x"] for row in marks(nested, "text")]
    assert at[0] < at[1] == at[2]


def test_columns_of_a_mosaic() -> None:
    """As wide as their share, and divided from the top by the largest."""
    found = said(mosaic())
    x, y = found["x"], found["y"]
    assert [x["x2"] - x["x"], y["x2"] - y["x"]] == pytest.approx([280, 120])
    assert found["x › a"]["y"] < found["x › b"]["y"]
    heights = [found[name]["y2"] - found[name]["y"] for name in ("x › a", "x › b")]
    assert heights[0] / heights[1] == pytest.approx(5 / 2)
    assert [found[name]["color"] for name in ("x › a", "x › b", "y › a")] == ["#54B399", "#6092C0", "#54B399"]


def test_the_legend_of_a_mosaic_names_what_is_coloured() -> None:
    """What the columns are divided by; nested, below each column, which has no colour."""
    spec = mosaic(legend={"visibility": "visible"})
    dots = [row for row in marks(spec, "rect") if not row["said"]]
    assert [row["color"] for row in dots] == ["#54B399", "#6092C0"]
    nested = mosaic(legend={"visibility": "visible", "nested": True, "position": "left"})
    assert words(nested)[:5] == ["x", "a", "b", "y", "a"]
    assert len([row for row in marks(nested, "rect") if not row["said"]]) == 3


def test_a_click_filters_by_what_is_said() -> None:
    """Each rectangle's words begin with those of a filter."""
    chart: JsonObject = {"type": "mosaic", "metric": {}, "group_by": [TERMS], "group_breakdown_by": [TERMS]}
    data = answer(table([MODEL, LEVEL, column("metric", "Count")], NESTED))
    assert set(said(mosaic())) == set(filters_by(chart, data))


@pytest.mark.parametrize(("width", "height"), [(20, 12), (60, 40), (3, 400)])
def test_tiny_panels(width: float, height: float) -> None:
    """Nothing breaks."""
    assert svg_of(treemap(NESTED, width, height, legend={"visibility": "visible", "position": "bottom"}))


def test_nothing_to_show() -> None:
    """Kibana's words stand in its place, for no rows, missing values and zeros."""
    for rows in ([], [("a", None)], [("a", 0.0), ("b", 0.0)]):
        assert words(treemap(rows)) == ["No results found"]


@needs_shared
@pytest.mark.parametrize("shape", ["treemap", "mosaic"])
def test_the_recorded_charts(shape: str) -> None:
    """Every rectangle has the colour that Kibana gave it, and its middle is where Kibana drew it."""
    (chart,) = drawn("ml-shapes", shape)["charts"]
    parts = chart["partition"][0]["partitions"]
    buckets = recorded(shape)["aggregations"]["0"]["buckets"]
    groups = [MODEL, ENVIRONMENT, COUNT] if shape == "treemap" else [MODEL, LEVEL, column("metric", "Count")]
    rows = [
        (outer["key"], inner["key"], float(inner["doc_count"])) for outer in buckets for inner in outer["1"]["buckets"]
    ]
    whole = sum(row[-1] for row in rows)
    first = parts[0]
    # The first part reaches from the top left corner to twice its middle, so the size of Kibana's chart is known.
    width = 2 * first["coords"][0] * whole / first["value"]
    spec = treemap_spec(document(f"shape-{shape}"), answer(table(groups, rows)), width, 2 * first["coords"][1] + 8)
    leaves = {name: row for name, row in said(spec).items() if " › " in name}
    found = sorted(
        (row["color"].upper(), round((row["x"] + row["x2"]) / 2), round((row["y"] + row["y2"]) / 2 - 4))
        for row in leaves.values()
    )
    wanted = sorted((part["color"].upper(), *part["coords"]) for part in parts if part["depth"] == 2)
    assert [color for color, *_ in found] == [color for color, *_ in wanted]
    for one, other in zip(found, wanted, strict=True):
        assert one[1:] == pytest.approx(other[1:], abs=2)
