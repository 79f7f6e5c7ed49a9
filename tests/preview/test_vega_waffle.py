"""The waffle."""

from __future__ import annotations

from collections import Counter

import pytest

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.vega_waffle import waffle_spec
from tests.preview.answers import answer, column, table
from tests.preview.gold_numbers import document, drawn
from tests.preview.specs import marks, svg_of, words
from tests.shared_material import needs_shared

MODEL = column("group_by[0]", "Model", "string", field="model")
COUNT = column("metrics[0]", "Count of records")


def waffle(rows: list[tuple[Json, ...]], width: float = 500, height: float = 300, **said: Json) -> JsonObject:
    chart: JsonObject = {"type": "waffle", "metrics": [{}], "group_by": [{"operation": "terms"}], **said}
    return waffle_spec(chart, answer(table([MODEL, COUNT], rows)), width, height)


def squares(spec: JsonObject) -> list[JsonObject]:
    return [row for row in marks(spec, "rect") if row["said"]]


def test_a_square_for_each_per_cent() -> None:
    """The largest part begins at the top left; together they are a hundred, however the shares are rounded."""
    found = squares(waffle([("a", 1.0), ("b", 1.0), ("c", 1.0), ("d", 5.4)]))
    assert Counter(row["said"] for row in found) == {
        "d: 5.4 (64.29%)": 64,
        "a: 1 (11.9%)": 12,
        "b: 1 (11.9%)": 12,
        "c: 1 (11.9%)": 12,
    }
    assert [row["said"][0] for row in sorted(found, key=lambda row: (row["y"], row["x"]))] == [
        row["said"][0] for row in found
    ]


def test_halves_of_squares_are_rounded_up() -> None:
    """Two thirds are 67 squares, and what is less than half of one has none."""
    found = squares(waffle([("a", 2.0), ("b", 1.0), ("c", 0.001)]))
    assert Counter(row["said"][0] for row in found) == {"a": 67, "b": 33}


def test_squares_are_squares_in_the_middle() -> None:
    """In a panel of any shape."""
    for width, height in ((800, 208), (300, 608)):
        found = squares(waffle([("a", 1.0)], width, height, legend={"visibility": "hidden"}))
        sides = {(round(row["x2"] - row["x"], 6), round(row["y2"] - row["y"], 6)) for row in found}
        ((wide, high),) = sides
        assert wide == high
        assert min(row["x"] for row in found) == pytest.approx(width - max(row["x2"] for row in found))


def test_the_legend_has_the_values() -> None:
    """In the metric's own format, those of parts without a square too; hidden it is not there."""
    assert words(waffle([("a", 1500.0), ("b", 1.0), ("c", 0.0)])) == ["a", "1,500", "b", "1", "c", "0"]
    assert words(waffle([("a", 1500.0)], styling={"values": {"mode": "percentage"}})) == ["a", "1,500"]
    assert words(waffle([("a", 1500.0)], legend={"visibility": "hidden"})) == []


@pytest.mark.parametrize(("width", "height"), [(20, 12), (60, 40)])
def test_tiny_panels(width: float, height: float) -> None:
    """Nothing breaks."""
    assert svg_of(waffle([("a", 2.0), ("b", 1.0)], width, height))


def test_nothing_to_show() -> None:
    """Kibana's words stand in its place."""
    assert words(waffle([])) == words(waffle([("a", None)])) == ["No results found"]


@needs_shared
def test_the_recorded_waffle() -> None:
    """Each part has as many squares as Kibana drew, of its colour, and the legend its words in its order."""
    panel = drawn("ml-shapes", "waffle")
    parts = panel["charts"][0]["partition"][0]["partitions"]
    values = dict.fromkeys((part["name"], float(part["value"])) for part in parts)
    spec = waffle_spec(document("shape-waffle"), answer(table([MODEL, COUNT], list(values))), 520, 300)
    found = [(row["said"].partition(":")[0], row["color"].lower()) for row in squares(spec)]
    assert found == [(part["name"], part["color"]) for part in parts]
    assert words(spec) == panel["text"]
