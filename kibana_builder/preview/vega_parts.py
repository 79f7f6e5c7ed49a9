"""Pieces of Vega-Lite specs that several chart types are made of."""

from __future__ import annotations

from kibana_builder.json_tree import JsonObject

__all__ = ["OWN_COLOR", "SIGNS", "arcs", "pixels", "rule_mark", "sign_mark"]

OWN_COLOR: JsonObject = {"field": "color", "type": "nominal", "scale": None, "legend": None}
"""Each row has its colour itself."""

SIGN_AREA = 200
SIGNS = {
    "alert": ("M0,-0.9L1,0.85L-1,0.85L0,-0.9M0,-0.25L0,0.3M0,0.5L0,0.62", False),
    "asterisk": ("M0,-0.9L0,0.9M-0.8,-0.45L0.8,0.45M-0.8,0.45L0.8,-0.45", False),
    "bell": (
        "M-0.85,0.55L-0.55,0.2L-0.55,-0.2A0.55,0.6,0,0,1,0.55,-0.2L0.55,0.2L0.85,0.55L-0.85,0.55M-0.2,0.8L0.2,0.8",
        False,
    ),
    "bolt": ("M0.3,-1L-0.65,0.15L-0.05,0.15L-0.3,1L0.65,-0.2L0.05,-0.2Z", True),
    "bug": (
        (
            "M-0.45,-0.1A0.45,0.45,0,0,1,0.45,-0.1L0.45,0.35A0.45,0.5,0,0,1,-0.45,0.35L-0.45,-0.1M-0.45,0.1L-0.95,-0.2"
            "M0.45,0.1L0.95,-0.2M-0.45,0.4L-0.9,0.75M0.45,0.4L0.9,0.75M-0.2,-0.6L-0.45,-0.95M0.2,-0.6L0.45,-0.95"
        ),
        False,
    ),
    "compute": (
        "M-0.9,-0.9L0.9,-0.9L0.9,0.9L-0.9,0.9L-0.9,-0.9M-0.45,-0.2L-0.15,0.1L-0.45,0.4M0.05,0.45L0.5,0.45",
        False,
    ),
    "globe": (
        "M-0.9,0A0.9,0.9,0,1,1,0.9,0A0.9,0.9,0,1,1,-0.9,0L0.9,0M0,-0.9A0.5,0.9,0,0,0,0,0.9A0.5,0.9,0,0,0,0,-0.9",
        False,
    ),
    "sort_down": ("M0,-0.9L0,0.9M-0.5,0.4L0,0.9L0.5,0.4", False),
    "sort_up": ("M0,0.9L0,-0.9M-0.5,-0.4L0,-0.9L0.5,-0.4", False),
    "temperature": (
        "M-0.2,0.25L-0.2,-0.7A0.2,0.2,0,0,1,0.2,-0.7L0.2,0.25A0.38,0.38,0,1,1,-0.2,0.25M0,-0.5L0,0.5",
        False,
    ),
    "circle": ("M-0.75,0A0.75,0.75,0,1,1,0.75,0A0.75,0.75,0,1,1,-0.75,0Z", True),
    "editor_comment": ("M-0.9,-0.75L0.9,-0.75L0.9,0.4L0,0.4L-0.45,0.85L-0.45,0.4L-0.9,0.4Z", False),
    "flag": ("M-0.7,1L-0.7,-0.9L0.8,-0.9L0.4,-0.4L0.8,0.1L-0.7,0.1", True),
    "heart": ("M0,0.85L-0.85,0A0.48,0.48,0,0,1,0,-0.5A0.48,0.48,0,0,1,0.85,0Z", True),
    "map_marker": ("M0,1L-0.6,0A0.62,0.62,0,1,1,0.6,0Z", True),
    "pin_filled": ("M-0.35,-0.95L0.35,-0.95L0.35,-0.2L0.65,0.15L0.04,0.15L0,1L-0.04,0.15L-0.65,0.15L-0.35,-0.2Z", True),
    "pin": ("M-0.35,-0.95L0.35,-0.95L0.35,-0.2L0.65,0.15L-0.65,0.15L-0.35,-0.2L-0.35,-0.95M0,0.15L0,1", False),
    "star_empty": (
        "M0,-0.95L0.28,-0.3L0.97,-0.26L0.44,0.2L0.6,0.88L0,0.5L-0.6,0.88L-0.44,0.2L-0.97,-0.26L-0.28,-0.3Z",
        False,
    ),
    "star_filled": (
        "M0,-0.95L0.28,-0.3L0.97,-0.26L0.44,0.2L0.6,0.88L0,0.5L-0.6,0.88L-0.44,0.2L-0.97,-0.26L-0.28,-0.3Z",
        True,
    ),
    "tag": ("M-0.9,-0.8L0,-0.8L0.9,0.1L0.1,0.9L-0.9,-0.1Z", True),
    "triangle": ("M0,-0.8L0.9,0.75L-0.9,0.75Z", True),
}
"""The signs of Kibana's marks, each a path of our own from -1 to 1 and whether it is filled.

Nothing follows a `Z`: Vega leaves out what is closed before another part begins.
"""


def sign_mark(name: str, color: str) -> JsonObject:
    """Give the mark of a sign; a name that is none is a triangle, as in Kibana."""
    path, filled = SIGNS.get(name, SIGNS["triangle"])
    inside = color if filled else "#FFFFFF"
    stroke = {"stroke": color, "strokeWidth": 1.2, "fill": inside, "opacity": 1}
    return {"type": "point", "shape": path, "size": SIGN_AREA, **stroke}


def rule_mark(said: JsonObject, color: str) -> JsonObject:
    """Give the mark of a line: as wide as said, its pattern by the name that as-code documents have for it."""
    width = said.get("stroke_width", 1)
    patterns = {"solid": [], "dashed": [width * 3, width], "dotted": [width, width]}
    dash = patterns[said.get("stroke_dash", "solid")]
    return {"type": "rule", "color": color, "strokeWidth": width, "strokeDash": dash}


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
