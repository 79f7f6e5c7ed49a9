"""The gauge in its five shapes."""

from __future__ import annotations

from itertools import combinations

import pytest
import vl_convert

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.drawing import VEGA_LITE
from kibana_builder.preview.svg import text_width
from kibana_builder.preview.vega_gauge import gauge_spec
from kibana_builder.preview.vega_pixels import Area, Words
from tests.preview.answers import answer, column, table

TWO: JsonObject = {"type": "number", "decimals": 2}
BANDS: JsonObject = {
    "type": "dynamic",
    "range": "absolute",
    "steps": [{"gte": 0, "lt": 0.7, "color": "#BD271E"}, {"gte": 0.7, "lte": 1, "color": "#209280"}],
}


def gauge(shape: JsonObject, value: Json = 0.89, **metric: Json) -> str:
    chart = {"type": "gauge", "styling": {"shape": shape}, "metric": {"operation": "average", "color": BANDS, **metric}}
    columns = [column("metric", "Average of confidence", number_format=TWO), column("min", ""), column("max", "")]
    spec = gauge_spec(chart, answer(table(columns, [(value, 0, 1)])), 500, 300)
    return str(vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE))


SHAPES: list[JsonObject] = [
    {"type": "bullet"},
    {"type": "bullet", "orientation": "vertical"},
    {"type": "arc"},
    {"type": "semi_circle"},
    {"type": "circle"},
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_bands_ticks_and_words(shape: JsonObject) -> None:
    """Every shape has its bands' colours, ticks at the bounds, its title and its value in words."""
    svg = gauge(shape, ticks={"mode": "bands"}, subtitle="of all models", label="Confidence")
    assert "#BD271E" in svg.upper()
    assert all(f">{words}<" in svg for words in ("0.00", "0.70", "1.00", "Confidence", "of all models"))
    assert "Confidence: 0.89" in svg


def test_ticks_can_be_hidden() -> None:
    """Then no number stands beside the scale."""
    assert ">0.70<" not in gauge({"type": "bullet"}, ticks={"visible": False})


def test_without_a_value() -> None:
    """There is nothing to show, as in Kibana 8.12: no empty scale, which would read as zero."""
    svg = gauge({"type": "bullet"}, value=None)
    assert ">No results found<" in svg
    assert "#BD271E" not in svg.upper()


def test_a_scale_without_an_end_ends_at_a_round_number() -> None:
    """It is Kibana's: the next step above the value, of the round numbers that part the scale in four or so."""
    chart: JsonObject = {"type": "gauge", "metric": {}}
    spec = gauge_spec(chart, answer(table([column("metric", "Median")], [(137.2,)])), 500, 300)
    svg = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE)
    assert ">150<" in svg
    assert ">200<" not in svg


def drawn(width: float, height: float, row: tuple[Json, ...], shape: JsonObject, **metric: Json) -> list[JsonObject]:
    """Give the rows of all layers of a gauge whose row is value, minimum, maximum and goal."""
    columns = [column(place, "", number_format=TWO) for place in ("metric", "min", "max", "goal")]
    chart: JsonObject = {"type": "gauge", "styling": {"shape": shape}, "metric": {"color": BANDS, **metric}}
    spec = gauge_spec(chart, answer(table(columns, [row])), width, height)
    return [values for layer in spec["layer"] for values in layer["data"]["values"]]


def words(rows: list[JsonObject]) -> list[str]:
    return [row["words"] for row in rows if "words" in row]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_a_scale_whose_ends_are_no_ends_is_refused_in_kibanas_words(shape: JsonObject) -> None:
    """It is not given other ends, which would show a place on a scale that there is not."""
    assert words(drawn(500, 300, (3, 5, 5, None), shape)) == ["Minimum and maximum values may not be equal"]
    assert words(drawn(500, 300, (3, 5, 1, None), shape)) == ["Minimum value may not be greater than maximum value"]


def test_the_title_is_the_charts_own_or_the_metrics_name_or_none() -> None:
    """`title.text` comes before the label; `title.visible` takes both away."""
    bullet: JsonObject = {"type": "bullet"}
    row = (0.5, 0, 1, None)
    assert "Sure?" in words(drawn(500, 300, row, bullet, label="Confidence", title={"text": "Sure?"}))
    assert "Confidence" in words(drawn(500, 300, row, bullet, label="Confidence"))
    assert "Confidence" not in words(drawn(500, 300, row, bullet, label="Confidence", title={"visible": False}))


def test_a_bullet_has_the_sizes_of_kibanas() -> None:
    """As recorded on 8.12.2: 225 by 32 pixels, letters of 18, and a mark below the bands at each tick."""
    rows = drawn(784, 240, (0.89, 0, 1, None), {"type": "bullet"}, label="Confidence", ticks={"mode": "bands"})
    bands = [row for row in rows if row.get("color") in ("#BD271E", "#209280")]
    assert (min(row["x"] for row in bands), max(row["x2"] for row in bands)) == (392, 617)
    assert {row["y2"] - row["y"] for row in bands} == {32}
    marks = [row for row in rows if row.get("color") == "#98A2B3"]
    assert [(row["x"] + row["x2"]) / 2 for row in marks] == pytest.approx([392, 392 + 0.7 * 225, 617])
    assert all(row["y"] == pytest.approx(136) for row in marks)
    assert {row["words"]: row["size"] for row in rows if "words" in row}["Confidence"] == 18


def test_bands_close_to_each_other_share_a_tick() -> None:
    """As in Kibana: an end within a tenth of the scale of the one before it or of the last one has none."""
    steps = [{"gte": low, "lt": low + 0.05, "color": "#209280"} for low in (0.5, 0.55, 0.92)]
    said = words(drawn(784, 240, (0.8, 0, 1, None), {"type": "arc"}, ticks={"mode": "bands"}, color={"steps": steps}))
    assert "0.50" in said
    assert not {"0.55", "0.92", "0.97"} & set(said)


def test_a_goal_is_marked_where_the_scale_has_it() -> None:
    """Kibana marks none outside, nor one of zero."""
    goals = [
        [row["said"] for row in drawn(500, 300, (0.5, 0, 1, goal), {"type": "arc"}) if "goal" in row.get("said", "")]
        for goal in (0.8, 1.5, 0)
    ]
    assert goals == [["goal: 0.80"], [], []]


@pytest.mark.parametrize("size", [(120, 90), (400, 60), (60, 400), (500, 300)], ids=str)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("value", [-5, 0, 0.5, 1234567.891], ids=str)
def test_no_text_lies_upon_another(shape: JsonObject, size: tuple[float, float], value: float) -> None:
    """However small the panel is and however long the numbers and the name are."""
    label = "信頼度の平均値と a very long name of a metric"
    rows = drawn(*size, (value, None, None, None), shape, label=label, subtitle="of all models", color=None)
    at = [extent(Words(**row)) for row in rows if "words" in row]
    for one, other in combinations(at, 2):
        across = min(one.right, other.right) - max(one.left, other.left)
        down = min(one.bottom, other.bottom) - max(one.top, other.top)
        assert across <= 0 or down <= 0


def extent(line: Words) -> Area:
    wide = text_width(line.words, line.size, bold=line.weight == "bold")
    left = line.x - {"left": 0.0, "center": wide / 2, "right": wide}[line.align]
    top = line.y - {"top": 0.0, "middle": line.size / 2, "bottom": line.size}[line.baseline]
    return Area(left, top, wide, line.size)


def test_the_numbers_of_a_bullet_stay_in_the_panel() -> None:
    """In one that is flat, and in one whose last number is long."""
    for width, height, most in ((400, 60, 1), (300, 160, 1234567.891)):
        rows = drawn(width, height, (most / 2, 0, most, None), {"type": "bullet"}, ticks={"mode": "bands"}, color=None)
        at = [extent(Words(**row)) for row in rows if "words" in row]
        assert len(at) == 2
        assert all(one.left >= 0 and one.right <= width and one.bottom <= height for one in at)
