"""The gauge in its five shapes."""

from __future__ import annotations

import pytest
import vl_convert

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.drawing import VEGA_LITE
from kibana_builder.preview.vega_gauge import gauge_spec
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
    """The bands stay, the bar is gone."""
    assert "Average of confidence: " not in gauge({"type": "bullet"}, value=None)


def test_a_scale_without_an_end_ends_at_a_round_number() -> None:
    """It holds the value."""
    spec = gauge_spec(
        {"type": "gauge", "metric": {}}, answer(table([column("metric", "Median")], [(137.2,)])), 500, 300
    )
    assert ">200<" in vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE)
