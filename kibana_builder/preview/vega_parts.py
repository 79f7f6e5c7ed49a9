"""Pieces of Vega-Lite specs that several chart types are made of."""

from __future__ import annotations

from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.theme import INK

__all__ = ["DASHES", "OWN_COLOR", "arcs", "centered", "pixels"]

DASHES: dict[str, list[int]] = {"solid": [], "dashed": [6, 4], "dotted": [2, 3]}
"""The patterns of lines, as as-code documents name them."""
OWN_COLOR: JsonObject = {"field": "color", "type": "nominal", "scale": None, "legend": None}
"""Each row has its colour itself."""


def pixels(field: str) -> JsonObject:
    """Give the channel of a place that is written in pixels."""
    return {"field": field, "type": "quantitative", "scale": None, "axis": None}


def arcs(rows: list[JsonObject], mark: JsonObject) -> JsonObject:
    """Give a layer of arcs: rows with `start` and `end` (angles), `inner` and `outer` (radii), `color` and `said`."""
    encoding = {
        "theta": {"field": "start", "type": "quantitative", "scale": None},
        "theta2": {"field": "end"},
        "radius": {"field": "outer", "type": "quantitative", "scale": None},
        "radius2": {"field": "inner"},
        "color": OWN_COLOR,
        "description": {"field": "said"},
    }
    return {"data": {"values": rows}, "mark": {"type": "arc", **mark}, "encoding": encoding}


def centered(words: str) -> JsonObject:
    """Give a layer with a line of text in the middle of the drawing, for where there is nothing to draw."""
    return {"data": {"values": [{}]}, "mark": {"type": "text", "text": words, "color": INK, "fontSize": 12}}
