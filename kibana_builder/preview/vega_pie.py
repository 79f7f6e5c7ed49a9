"""Pie and donut as a Vega-Lite spec, drawn as Kibana draws them.

Kibana puts the largest slice left of twelve o'clock and the others clockwise from twelve o'clock; a slice with room for
it has its name and its share written upon it, the others have them beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

from kibana_builder.json_tree import JsonObject, compact
from kibana_builder.preview.answer import Answer
from kibana_builder.preview.palettes import readable_on
from kibana_builder.preview.shares import Share, Whole, drawable, whole_of
from kibana_builder.preview.svg import cut, text_width
from kibana_builder.preview.theme import INK
from kibana_builder.preview.vega_legend import with_legend_of_shares
from kibana_builder.preview.vega_parts import arcs, pixels
from kibana_builder.preview.vega_pixels import Area, Words, in_pixels, nothing_spec, texts

__all__ = ["pie_spec"]

HOLES = {"none": 0.0, "s": 0.3, "m": 0.54, "l": 0.7}
SIZES = range(16, 9, -1)
"""The letters upon slices, from the largest; those beside the pie have one size."""
LINE_SIZE, LINE = 11.0, 15.0
LEAST_NAME, MOST_BESIDE = 24.0, 110.0
TINY = 0.02
"""A slice with a smaller share of the whole makes the pie smaller, for labels beside it."""


@dataclass
class Slice:
    """A part of one ring, and its place as two angles from twelve o'clock."""

    share: Share
    start: float
    end: float


def pie_spec(chart: JsonObject, answer: Answer, width: float, height: float, zone: tzinfo = UTC) -> JsonObject:
    """Give the spec of a pie or donut that fills `width` by `height` pixels."""
    whole = whole_of(chart, answer, zone)
    if whole is None:
        return nothing_spec(width, height)
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
    rings = _rings(whole)
    radius = _radius(whole, area)
    upon, without_room = _labels(whole, rings, radius, area)
    if without_room:
        radius = _with_room_beside(without_room, radius, area)
        upon, without_room = _labels(whole, rings, radius, area)
    beside, links = _beside(without_room, radius, area)
    rows = [
        {
            "name": one.share.label,
            "start": one.start,
            "end": one.end,
            "inner": inner,
            "outer": outer,
            "color": whole.shown_color(one.share),
            "said": whole.said(one.share),
        }
        for ring, (inner, outer) in zip(rings, _radii(whole, radius), strict=True)
        for one in ring
    ]
    x, y = _middle(area)
    slices = arcs(rows, {"stroke": "#FFFFFF", "strokeWidth": 1, "x": x, "y": y})
    return [slices, *([_links(links)] if links else []), *texts([*upon, *beside])]


def _middle(area: Area) -> tuple[float, float]:
    return area.left + area.width / 2, area.top + area.height / 2


def _radius(whole: Whole, area: Area) -> float:
    """Give how large the pie is: it leaves the more room for labels beside it, the more slices are tiny."""
    tiny = sum(part.value / whole.total < TINY for part in whole.all() if part.depth == whole.levels and part.value)
    return max(10.0, min(area.width, area.height - 8) / 2 / (1 + min(0.05 * tiny, 0.2)))


def _with_room_beside(labels: Sequence[tuple[Slice, str]], radius: float, area: Area) -> float:
    """Make a pie smaller until its labels have room at both sides, within reason: where none would have, not at all."""
    longest = max(text_width(f"{one.share.label}  {written}", LINE_SIZE, bold=True) for one, written in labels)
    number = max(text_width(written, LINE_SIZE, bold=True) for _, written in labels)
    wanted, needed = min(longest, MOST_BESIDE), min(longest, number + LINE_SIZE + LEAST_NAME)
    half = area.width / 2 - 24
    if half - needed < 0.5 * radius:
        return radius
    return max(min(0.7 * radius, half - needed), min(radius, half - wanted))


def _radii(whole: Whole, radius: float) -> list[tuple[float, float]]:
    """Give where each ring begins and ends, the innermost first."""
    hole = HOLES[whole.chart.get("styling", {}).get("donut_hole", "none")] * radius
    depth = (radius - hole) / whole.levels
    return [(hole + depth * level, hole + depth * (level + 1)) for level in range(whole.levels)]


def _labels(
    whole: Whole, rings: Sequence[Sequence[Slice]], radius: float, area: Area
) -> tuple[list[Words], list[tuple[Slice, str]]]:
    """Give the labels upon slices, and the slices of the outermost ring that have theirs beside them."""
    labels = whole.chart.get("styling", {}).get("labels", {})
    words: list[Words] = []
    without_room: list[tuple[Slice, str]] = []
    if not labels.get("visible", True):
        return words, without_room
    for ring, ends in zip(rings, _radii(whole, radius), strict=True):
        for one in ring:
            written = whole.written(one.share)
            upon = _upon(one, written, ends, _middle(area), readable_on(whole.shown_color(one.share)))
            words += upon
            if not upon and ring is rings[-1] and labels.get("position", "outside") == "outside":
                without_room.append((one, written))
    return words, without_room


def _upon(one: Slice, written: str, ring: tuple[float, float], middle: tuple[float, float], ink: str) -> list[Words]:
    """Write name and number upon a slice, in a line or two, as large as they have room there; else not at all."""
    turn = (one.start + one.end) / 2
    name = one.share.label
    for size in SIZES:
        wide, bold = text_width(name, size), text_width(written, size, bold=True)
        gap = size / 4 if written else 0.0
        for across, lines in ((wide + gap + bold, 1), (max(wide, bold), 2)):
            for way in (0.5, 0.6, 0.7):
                at = ring[0] + (ring[1] - ring[0]) * way
                x, y = math.sin(turn) * at, -math.cos(turn) * at
                if not _has_room(one, ring, (x, y), across + 4, size * lines):
                    continue
                x, y = middle[0] + x, middle[1] + y
                if lines == 1:
                    found = (
                        Words(x - across / 2, y, name, size, ink),
                        Words(x + across / 2 - bold, y, written, size, ink, weight="bold"),
                    )
                else:
                    found = (
                        Words(x, y - size / 2, name, size, ink, "center"),
                        Words(x, y + size / 2, written, size, ink, "center", weight="bold"),
                    )
                return [line for line in found if line.words]
    return []


def _has_room(one: Slice, ring: tuple[float, float], at: tuple[float, float], wide: float, high: float) -> bool:
    """Tell whether a rectangle around a place lies in a slice of a ring; places are counted from the pie's middle."""
    nearest = math.hypot(max(0.0, abs(at[0]) - wide / 2), max(0.0, abs(at[1]) - high / 2))
    if nearest < ring[0]:
        return False
    for across in (-0.5, -0.25, 0.0, 0.25, 0.5):
        for down in (-0.5, 0.0, 0.5):
            x, y = at[0] + across * wide, at[1] + down * high
            turn = (math.atan2(x, -y) - one.start) % math.tau
            if math.hypot(x, y) > ring[1] or turn > one.end - one.start + 1e-9:
                return False
    return True


def _beside(slices: Sequence[tuple[Slice, str]], radius: float, area: Area) -> tuple[list[Words], list[JsonObject]]:
    """Write names and numbers beside the pie, none upon another, and give the lines that lead to them."""
    words: list[Words] = []
    links: list[JsonObject] = []
    middle = _middle(area)
    for side in (-1, 1):
        here = [(one, written) for one, written in slices if (math.sin((one.start + one.end) / 2) >= 0) == (side > 0)]
        here.sort(key=lambda pair: -math.cos((pair[0].start + pair[0].end) / 2))
        highest = area.top + LINE / 2
        for number, (one, written) in enumerate(here):
            turn = (one.start + one.end) / 2
            wanted = middle[1] - math.cos(turn) * (radius + 10)
            y = max(highest, min(wanted, area.bottom - LINE / 2 - (len(here) - 1 - number) * LINE))
            if y > area.bottom - LINE / 2:
                break
            highest = y + LINE
            edge = middle[0] + math.sin(turn) * radius, middle[1] - math.cos(turn) * radius
            # A label that others have pushed along the pie still stands beside it.
            inside = max(0.0, abs(y - middle[1]) - LINE / 2)
            out = max(abs(math.sin(turn)) * (radius + 10), math.sqrt(max(0.0, (radius + 10) ** 2 - inside**2)))
            corner = (middle[0] + side * out, y)
            end = corner[0] + side * 10
            label = _one_line(end + side * 4, y, (one.share.label, written), side, area)
            words += label
            of = compact(list(one.share.path))
            points = (edge, corner, (end, y)) if label else ()
            links += [{"of": of, "x": at[0], "y": at[1], "order": order} for order, at in enumerate(points)]
    return words, links


def _one_line(x: float, y: float, written: tuple[str, str], side: int, area: Area) -> list[Words]:
    """Put a name, cut to the room there is, and a number beside a line's end; nothing where not even that has room."""
    name, number = written
    bold = text_width(number, LINE_SIZE, bold=True)
    room = (area.right - x if side > 0 else x - area.left) - bold - LINE_SIZE / 2
    if room < min(LEAST_NAME, text_width(name, LINE_SIZE)):
        return []
    name = cut(name, LINE_SIZE, room)
    left = x if side > 0 else x - bold - LINE_SIZE / 2 - text_width(name, LINE_SIZE)
    after = left + text_width(name, LINE_SIZE) + LINE_SIZE / 2
    found = (
        Words(left, y, name, LINE_SIZE, INK),
        Words(after, y, number, LINE_SIZE, INK, weight="bold"),
    )
    return [line for line in found if line.words]


def _links(links: list[JsonObject]) -> JsonObject:
    encoding = {"x": pixels("x"), "y": pixels("y"), "detail": {"field": "of"}, "order": {"field": "order"}}
    mark = {"type": "line", "aria": False, "color": "#98A2B3", "strokeWidth": 1}
    return {"data": {"values": links}, "mark": mark, "encoding": encoding}
