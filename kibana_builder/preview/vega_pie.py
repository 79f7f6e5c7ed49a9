"""Pie and donut as a Vega-Lite spec, drawn as Kibana draws them.

Kibana puts the largest slice left of twelve o'clock and the others clockwise from twelve o'clock; a slice with room for
it has its name and its share written upon it, the others have them beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kibana_builder.json_tree import JsonObject, compact
from kibana_builder.preview.answer import Answer, Table
from kibana_builder.preview.palettes import readable_on
from kibana_builder.preview.shares import Share, Whole, drawable, shade
from kibana_builder.preview.theme import INK, NO_RESULTS, base_spec
from kibana_builder.preview.vega_parts import OWN_COLOR, arcs, pixels
from kibana_builder.preview.vega_pixels import centered

__all__ = ["pie_spec"]

HOLES = {"none": 0.0, "s": 0.3, "m": 0.54, "l": 0.7}
ROOM_INSIDE = 0.085
"""A slice with less than this share of the whole has its label beside it."""
LEGEND_LIMIT = 130


@dataclass
class Slice:
    """A part of one ring, and its place as two angles from twelve o'clock."""

    share: Share
    start: float = 0.0
    end: float = 0.0

    @property
    def color(self) -> str:
        """Its colour, which is the lighter the further out it lies."""
        return shade(self.share.color, self.share.depth - 1)


def pie_spec(chart: JsonObject, answer: Answer, width: float, height: float) -> JsonObject:
    """Give the spec of a pie or donut that fills `width` by `height` pixels."""
    table = answer.layers[0]
    spec = base_spec(width, height)
    whole = Whole(chart, table) if isinstance(table, Table) else None
    spec["resolve"] = {"scale": {"color": "independent"}}
    spec["layer"] = _layers(whole, width, height) if whole is not None and whole.total else [centered(NO_RESULTS)]
    return spec


def _rings(whole: Whole) -> list[list[Slice]]:
    """Give the slices of each ring, innermost first.

    The largest ends at twelve o'clock, the others follow clockwise from there.
    """
    rings: list[list[Slice]] = [[] for _ in range(whole.levels)]
    largest, *others = drawable(whole.parts)
    at = 0.0
    for share in (*others, largest):
        _place(share, at, whole.total, rings)
        at += share.value / whole.total * math.tau
    rings[0] = [rings[0][-1], *rings[0][:-1]]
    return rings


def _place(share: Share, start: float, total: float, rings: list[list[Slice]]) -> None:
    """Put a part into its ring, where it begins at an angle, and what it is made of into those further out."""
    rings[share.depth - 1].append(Slice(share, start, start + share.value / total * math.tau))
    for child in drawable(share.children):
        _place(child, start, total, rings)
        start += child.value / total * math.tau


def _layers(whole: Whole, width: float, height: float) -> list[JsonObject]:
    chart, rings = whole.chart, _rings(whole)
    styling = chart.get("styling", {})
    legend = chart.get("legend", {}).get("visibility", "auto")
    show_legend = legend == "visible" or (legend == "auto" and len(rings) > 1)
    labels = styling.get("labels", {})
    outside = labels.get("position", "outside") == "outside" and "position" in labels
    room = width - (LEGEND_LIMIT + 40 if show_legend else 0)
    margin = 0.72 if outside else 0.92
    radius = max(10.0, min(room, height - 12) / 2 * margin)
    hole = HOLES[styling.get("donut_hole", "none")] * radius
    depth = (radius - hole) / len(rings)
    rows, texts, links = [], [], []
    for level, ring in enumerate(rings):
        for one in ring:
            inner = hole + depth * level
            share = one.share.value / whole.total
            rows.append(
                {
                    "name": one.share.label,
                    "start": one.start,
                    "end": one.end,
                    "inner": inner,
                    "outer": inner + depth,
                    "color": one.color,
                    "said": whole.said(one.share),
                }
            )
            if labels.get("visible", True):
                beside = outside or share < ROOM_INSIDE
                if beside and level < len(rings) - 1:
                    continue
                text, link = _label(
                    one, whole.written(one.share), inner, depth, radius, (room / 2, height / 2), beside=beside
                )
                texts.append(text)
                links.extend(link)
    center = {"x": room / 2 - 4, "y": height / 2 - 8}
    legend_layers = [_legend(rings[0])] if show_legend else []
    slices = arcs(rows, {"stroke": "#FFFFFF", "strokeWidth": 1, **center})
    return [*legend_layers, slices, *([_links(links)] if links else []), *_texts(texts)]


def _legend(named: Sequence[Slice]) -> JsonObject:
    """Give a layer that draws nothing but the legend."""
    scale = {"domain": [one.share.label for one in named], "range": [one.color for one in named]}
    color = {"field": "name", "type": "nominal", "scale": scale, "legend": {"labelLimit": LEGEND_LIMIT}}
    rows = [{"name": one.share.label} for one in named]
    mark = {"type": "point", "filled": True, "size": 0, "x": 0, "y": 0}
    return {"data": {"values": rows}, "mark": mark, "encoding": {"color": color}}


def _label(
    one: Slice, said: str, inner: float, depth: float, radius: float, center: tuple[float, float], *, beside: bool
) -> tuple[JsonObject, list[JsonObject]]:
    """Give the label of a slice, and the line that leads to it where it stands beside the slice."""
    middle = (one.start + one.end) / 2
    across, up = math.sin(middle), -math.cos(middle)
    x, y = center[0] - 4, center[1] - 8
    if not beside:
        at = inner + depth * (0.62 if inner == 0 else 0.5)
        ink = readable_on(one.color)
        return {
            "x": x + across * at,
            "y": y + up * at,
            "name": one.share.label,
            "said": said,
            "align": "center",
            "ink": ink,
        }, []
    begin, end = radius, radius + 12
    side = 1 if across >= 0 else -1
    # Below the last slice there may be less room than its two lines need.
    corner = (x + across * end, min(max(y + up * end, 6.0), 2 * center[1] - 31))
    text = {
        "x": corner[0] + side * 14,
        "y": corner[1],
        "name": one.share.label,
        "said": said,
        "ink": INK,
        "align": "left" if side > 0 else "right",
    }
    points = [(x + across * begin, y + up * begin), corner, (corner[0] + side * 10, corner[1])]
    return text, [
        {"of": compact(list(one.share.path)), "x": at[0], "y": at[1], "order": number}
        for number, at in enumerate(points)
    ]


def _links(links: list[JsonObject]) -> JsonObject:
    encoding = {"x": pixels("x"), "y": pixels("y"), "detail": {"field": "of"}, "order": {"field": "order"}}
    return {
        "data": {"values": links},
        "mark": {"type": "line", "aria": False, "color": "#98A2B3", "strokeWidth": 1},
        "encoding": encoding,
    }


def _texts(texts: list[JsonObject]) -> list[JsonObject]:
    """Give the names and, below them in bold, the values."""
    layers: list[JsonObject] = []
    for align in ("center", "left", "right"):
        rows = [text for text in texts if text["align"] == align]
        for field, weight, dy in (("name", "normal", -1), ("said", "bold", 8)):
            if rows:
                mark = {
                    "type": "text",
                    "aria": False,
                    "align": align,
                    "baseline": "bottom" if field == "name" else "middle",
                    "fontSize": 12,
                    "fontWeight": weight,
                    "dy": dy,
                }
                encoding = {
                    "x": pixels("x"),
                    "y": pixels("y"),
                    "text": {"field": field},
                    "color": {**OWN_COLOR, "field": "ink"},
                }
                layers.append({"data": {"values": rows}, "mark": mark, "encoding": encoding})
    return layers
