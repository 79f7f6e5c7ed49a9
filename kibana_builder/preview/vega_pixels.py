"""Vega-Lite specs whose marks are placed in pixels, counted from the top left corner: rectangles and lines of text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import NamedTuple

from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.theme import INK, NO_RESULTS, base_spec
from kibana_builder.preview.vega_parts import OWN_COLOR, pixels

__all__ = ["Area", "Words", "boxes", "in_pixels", "nothing_spec", "texts"]


class Area(NamedTuple):
    """A rectangle."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height


@dataclass(frozen=True)
class Words:
    """A line of text at a place."""

    x: float
    y: float
    words: str
    size: float = 12
    color: str = INK
    align: str = "left"
    baseline: str = "middle"
    weight: str = "normal"
    angle: float = 0
    said: str = ""
    """What it says to screen readers and beside the pointer; without it the pointer meets what lies below."""


def in_pixels(width: float, height: float, layers: list[JsonObject]) -> JsonObject:
    """Give a spec of layers that are placed in pixels; nothing stands around them."""
    return {**base_spec(width, height), "autosize": "none", "padding": 0, "layer": layers}


def boxes(rows: Iterable[tuple[Area, str, str]], mark: JsonObject | None = None) -> list[JsonObject]:
    """Give the layers of rectangles, each with its colour and its words (none: it is mere decoration)."""
    values = [
        {"x": area.left, "x2": area.right, "y": area.top, "y2": area.bottom, "color": color, "said": said}
        for area, color, said in rows
    ]
    encoding = {
        "x": pixels("x"),
        "x2": {"field": "x2"},
        "y": pixels("y"),
        "y2": {"field": "y2"},
        "color": OWN_COLOR,
    }
    return _layers(values, {"type": "rect", **(mark or {})}, encoding)


def texts(rows: Iterable[Words]) -> list[JsonObject]:
    """Give the layers of lines of text."""
    encoding = {
        "x": pixels("x"),
        "y": pixels("y"),
        "text": {"field": "words"},
        "size": {"field": "size", "type": "quantitative", "scale": None, "legend": None},
        "angle": {"field": "angle", "type": "quantitative", "scale": None},
        "color": OWN_COLOR,
    }
    own = {name: {"expr": f"datum.{field}"} for name, field in _OF_EACH.items()}
    return _layers([asdict(row) for row in rows], {"type": "text", **own}, encoding)


_OF_EACH = {"align": "align", "baseline": "baseline", "fontWeight": "weight"}
"""What Vega-Lite has no channel for."""


def _layers(rows: list[JsonObject], mark: JsonObject, encoding: JsonObject) -> list[JsonObject]:
    """Give a layer of the rows that say something, and below it one of those that do not; none without rows."""
    silent = {"data": {"values": [row for row in rows if not row["said"]]}, "mark": {**mark, "aria": False}}
    saying = {"data": {"values": [row for row in rows if row["said"]]}, "mark": mark}
    described = {**encoding, "description": {"field": "said"}}
    found = [{**silent, "encoding": encoding}, {**saying, "encoding": described}]
    return [layer for layer in found if layer["data"]["values"]]


def nothing_spec(width: float, height: float) -> JsonObject:
    """Say in the middle of a panel that there is nothing to show."""
    mark = {"type": "text", "text": NO_RESULTS, "color": INK, "fontSize": 12}
    return in_pixels(width, height, [{"data": {"values": [{}]}, "mark": mark}])
