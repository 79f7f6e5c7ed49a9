"""Reference lines as layers of an xy chart's spec: lines across it, areas above or below them, a sign and a name.

As in Kibana sign and name stand outside of the chart, at the end of the line, so that no series runs through them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.answer import Column, Table
from kibana_builder.preview.formats import number_text
from kibana_builder.preview.palettes import static_color
from kibana_builder.preview.svg import cut
from kibana_builder.preview.theme import SUBDUED
from kibana_builder.preview.vega_parts import rule_mark, sign_mark

__all__ = ["MARKER", "Threshold", "marker_room", "threshold_fills", "threshold_layers", "thresholds_of"]

MARKER = 18.0
"""So many pixels a sign or a name takes beside the chart (Kibana's `LINES_MARKER_SIZE` is 20)."""
NAME_SIZE = 11


class Threshold(NamedTuple):
    """A reference line: what is said of it, where it is, its column."""

    said: JsonObject
    value: float
    column: Column

    @property
    def color(self) -> str:
        """The line's colour."""
        return static_color(self.said.get("color")) or SUBDUED

    @property
    def named(self) -> bool:
        """Whether its name is written."""
        return bool(self.said.get("text", {}).get("visible", False) and self.column.label)


def thresholds_of(layers: Sequence[tuple[JsonObject, Table]], axis: str) -> list[Threshold]:
    """Give the reference lines of an axis (x, y, y2) that have a value."""
    found = []
    for layer, table in layers:
        for index, said in enumerate(layer.get("thresholds", ())):
            at = table.index(f"thresholds[{index}]") if said.get("axis", "y") == axis else None
            value = table.rows[0][at] if at is not None and table.rows else None
            if at is not None and isinstance(value, int | float):
                found.append(Threshold(said, float(value), table.columns[at]))
    return found


def marker_room(lines: Sequence[Threshold]) -> float:
    """Give the pixels that signs and names need beside the chart."""
    return MARKER * (any("icon" in line.said for line in lines) + any(line.named for line in lines))


def threshold_fills(lines: Sequence[Threshold], place: JsonObject, channel: str) -> list[JsonObject]:
    """Give the layers of the areas: each reaches to the next line filled the same way, or to the end."""
    low, high = place["scale"]["domain"]
    layers = []
    for line in lines:
        fill = line.said.get("fill")
        beyond = [other.value for other in lines if other.said.get("fill") == fill]
        if fill == "above":
            end = min([value for value in beyond if value > line.value], default=high)
        elif fill == "below":
            end = max([value for value in beyond if value < line.value], default=low)
        else:
            continue
        ends = [min(max(at, low), high) for at in (line.value, end)]
        mark = {"type": "rect", "color": line.color, "opacity": 0.1}
        encoding = {channel: {**place, "field": "from"}, f"{channel}2": {"field": "to"}}
        layers.append(
            {"data": {"values": [dict(zip(("from", "to"), ends, strict=True))]}, "mark": mark, "encoding": encoding}
        )
    return layers


def threshold_layers(line: Threshold, place: JsonObject, channel: str, side: str, length: float) -> list[JsonObject]:
    """Give the layers of a line, none where it lies outside of the axis.

    `place` is the encoding of its axis on `channel` (x or y), `side` where its sign and its name stand (left, right,
    top), `length` the pixels that the name may take.
    """
    low, high = place["scale"]["domain"]
    if not low <= line.value <= high:
        return []
    name = line.column.label
    row = {
        "at": line.value,
        "label": cut(name, NAME_SIZE, length, bold=True),
        "said": f"{name}: {number_text(line.value, line.column.format)}",
    }
    data = {"values": [row]}
    at: JsonObject = {channel: {**place, "field": "at"}}
    rule = rule_mark(line.said, line.color)
    layers: list[JsonObject] = [
        {"data": data, "mark": rule, "encoding": {**at, "description": {"field": "said"}}},
    ]
    if "icon" in line.said:
        sign = sign_mark(line.said["icon"], line.color)
        layers.append({"data": data, "mark": {**sign, **_beside(side, MARKER / 2)}, "encoding": at})
    if line.named:
        away = MARKER / 2 + (MARKER if "icon" in line.said else 0)
        mark = {
            "type": "text",
            "color": line.color,
            "fontSize": NAME_SIZE,
            "fontWeight": "bold",
            "baseline": "middle",
            "angle": 0 if side == "top" else -90,
            **_beside(side, away),
        }
        layers.append({"data": data, "mark": mark, "encoding": {**at, "text": {"field": "label"}}})
    return layers


def _beside(side: str, away: float) -> JsonObject:
    """Give a mark's place so many pixels outside of the chart."""
    if side == "top":
        return {"y": -away}
    return {"x": -away} if side == "left" else {"x": {"expr": f"width + {away}"}}
