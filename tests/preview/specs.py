"""What is in Vega-Lite specs of layers that are placed in pixels."""

from __future__ import annotations

import vl_convert

from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.drawing import VEGA_LITE


def marks(spec: JsonObject, kind: str) -> list[JsonObject]:
    """Give the rows of all layers of a kind of mark (`rect`, `text`)."""
    layers = [layer for layer in spec["layer"] if layer["mark"]["type"] == kind]
    return [row for layer in layers for row in layer["data"]["values"]]


def words(spec: JsonObject) -> list[str]:
    """Give all that is written."""
    said = [layer["mark"]["text"] for layer in spec["layer"] if "text" in layer["mark"]]
    return [*said, *(row["words"] for row in marks(spec, "text") if row)]


def svg_of(spec: JsonObject) -> str:
    """Have Vega draw a spec."""
    return str(vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE))
