"""Pie and donut as a Vega-Lite spec, drawn as Kibana draws them.

Kibana puts the largest slice left of twelve o'clock and the others clockwise from twelve o'clock; a slice with room for
it has its name and its share written upon it, the others have them beside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, tzinfo

from kibana_builder.json_tree import JsonObject, compact
from kibana_builder.preview.answer import Answer, Table
from kibana_builder.preview.palettes import readable_on
from kibana_builder.preview.shares import Share, Whole, drawable
from kibana_builder.preview.theme import INK, NO_RESULTS
from kibana_builder.preview.vega_legend import with_legend_of_shares
from kibana_builder.preview.vega_parts import arcs, pixels
from kibana_builder.preview.vega_pixels import Area, Words, centered, in_pixels, texts

__all__ = ["pie_spec"]

HOLES = {"none": 0.0, "s": 0.3, "m": 0.54, "l": 0.7}
ROOM_INSIDE = 0.085
"""A slice with less than this share of the whole has its label beside it."""


@dataclass
class Slice:
    """A part of one ring, and its place as two angles from twelve o'clock."""

    share: Share
    start: float
    end: float


def pie_spec(chart: JsonObject, answer: Answer, width: float, height: float, zone: tzinfo = UTC) -> JsonObject:
    """Give the spec of a pie or donut that fills `width` by `height` pixels."""
    table = answer.layers[0]
    whole = Whole(chart, table, answer.interval, zone) if isinstance(table, Table) else None
    if whole is None or not whole.total:
        return in_pixels(width, height, [centered(NO_RESULTS)])
    legend, area = with_legend_of_shares(whole, Area(0, 0, width, height), usual=whole.levels > 1)
    return in_pixels(width, height, [*legend, *_layers(whole, area)])


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


def _layers(whole: Whole, area: Area) -> list[JsonObject]:
    rings, styling = _rings(whole), whole.chart.get("styling", {})
    labels = styling.get("labels", {})
    outside = labels.get("position", "outside") == "outside" and "position" in labels
    radius = max(10.0, min(area.width, area.height - 12) / 2 * (0.72 if outside else 0.92))
    hole = HOLES[styling.get("donut_hole", "none")] * radius
    depth = (radius - hole) / len(rings)
    rows: list[JsonObject] = []
    words: list[Words] = []
    links: list[JsonObject] = []
    for level, ring in enumerate(rings):
        inner = hole + depth * level
        for one in ring:
            color = whole.shown_color(one.share)
            rows.append(
                {
                    "name": one.share.label,
                    "start": one.start,
                    "end": one.end,
                    "inner": inner,
                    "outer": inner + depth,
                    "color": color,
                    "said": whole.said(one.share),
                }
            )
            if not labels.get("visible", True):
                continue
            written = (one.share.label, whole.written(one.share))
            if not outside and one.share.value / whole.total >= ROOM_INSIDE:
                words += _upon(one, written, inner + depth * (0.62 if inner == 0 else 0.5), area, readable_on(color))
            elif level == len(rings) - 1:
                beside, link = _beside(one, written, radius, area)
                words += beside
                links += link
    middle = {"x": area.left + area.width / 2, "y": area.top + area.height / 2}
    slices = arcs(rows, {"stroke": "#FFFFFF", "strokeWidth": 1, **middle})
    return [slices, *([_links(links)] if links else []), *texts(words)]


def _upon(one: Slice, written: tuple[str, str], at: float, area: Area, ink: str) -> list[Words]:
    """Write name and number upon a slice, so far from the middle of the pie."""
    turn = (one.start + one.end) / 2
    x = area.left + area.width / 2 + math.sin(turn) * at
    y = area.top + area.height / 2 - math.cos(turn) * at
    return _two_lines(x, y, written, "center", ink)


def _beside(one: Slice, written: tuple[str, str], radius: float, area: Area) -> tuple[list[Words], list[JsonObject]]:
    """Write name and number beside a slice, and give the line that leads to them."""
    turn = (one.start + one.end) / 2
    across, down = math.sin(turn), -math.cos(turn)
    x, y = area.left + area.width / 2, area.top + area.height / 2
    begin, end = radius, radius + 12
    side = 1 if across >= 0 else -1
    # Above the first and below the last slice there may be less room than two lines need.
    corner = (x + across * end, min(max(y + down * end, area.top + 14), area.bottom - 39))
    points = [(x + across * begin, y + down * begin), corner, (corner[0] + side * 10, corner[1])]
    of = compact(list(one.share.path))
    words = _two_lines(corner[0] + side * 14, corner[1], written, "left" if side > 0 else "right", INK)
    return words, [{"of": of, "x": at[0], "y": at[1], "order": number} for number, at in enumerate(points)]


def _two_lines(x: float, y: float, written: tuple[str, str], align: str, ink: str) -> list[Words]:
    """Put a name and, below it in bold, a number around a height."""
    name, number = written
    lines = (Words(x, y - 7, name, 12, ink, align), Words(x, y + 8, number, 12, ink, align, weight="bold"))
    return [line for line in lines if line.words]


def _links(links: list[JsonObject]) -> JsonObject:
    encoding = {"x": pixels("x"), "y": pixels("y"), "detail": {"field": "of"}, "order": {"field": "order"}}
    mark = {"type": "line", "aria": False, "color": "#98A2B3", "strokeWidth": 1}
    return {"data": {"values": links}, "mark": mark, "encoding": encoding}
