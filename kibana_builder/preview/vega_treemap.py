"""Treemap and mosaic as Vega-Lite specs: rectangles inside each other, as large as what they stand for.

A treemap's are as close to squares as they can be; a mosaic has columns, and what each is divided by lies below each
other in it. A group has its name above its rectangles, in a strip of its own.

Facts: the measures are those of elastic-charts (its partition charts: the room that strips, edges and labels take, the
golden ratio above which rectangles are stacked), the sizes of the text Kibana's; both are held to the recorded charts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.answer import Answer
from kibana_builder.preview.palettes import readable_on
from kibana_builder.preview.shares import Share, Whole, drawable, whole_of
from kibana_builder.preview.svg import cut, text_width
from kibana_builder.preview.theme import PANEL_BACKGROUND
from kibana_builder.preview.vega_legend import with_legend_of_shares
from kibana_builder.preview.vega_pixels import Area, Words, boxes, in_pixels, nothing_spec, texts

__all__ = ["treemap_spec"]

GOLDEN_RATIO = (1 + 5**0.5) / 2
STRIP, MOST_OF_STRIP = 20.0, 0.33
EDGES, MOST_OF_EDGE = (2.0, 1.0), 0.0512394
"""How far the rectangles of a group are from its edges, of the outermost groups and of those inside."""
SIZES = range(16, 9, -1)
COLUMN_SIZE = 14
"""The names of a mosaic's columns have one size, and are cut where they have no room."""
MOST_ROWS = 12
PADDING = 2.0
STROKE: JsonObject = {"stroke": PANEL_BACKGROUND, "strokeWidth": 1.5}


def treemap_spec(chart: JsonObject, answer: Answer, width: float, height: float, zone: tzinfo = UTC) -> JsonObject:
    """Give the spec of a treemap or mosaic that fills `width` by `height` pixels."""
    whole = whole_of(chart, answer, zone)
    if whole is None:
        return nothing_spec(width, height)
    legend, area = with_legend_of_shares(whole, Area(0, 4, width, height - 8), usual=False)
    labelled = chart.get("styling", {}).get("labels", {}).get("visible", True)
    found = [*_rectangles(whole.parts, area, labelled=labelled, mosaic=chart["type"] == "mosaic")]
    words = [line for one in found for line in _label(one, whole)] if labelled else []
    filled = [(one.area, _color(one, whole), whole.said(one.share)) for one in found]
    return in_pixels(width, height, [*legend, *boxes(filled, STROKE), *texts(words)])


# ---- rectangles


@dataclass(frozen=True)
class _Rectangle:
    """A part where it is drawn: its whole rectangle, or the strip with its name where others lie inside it."""

    share: Share
    area: Area
    holds_others: bool
    column: bool
    """Whether it is a column of a mosaic."""


def _rectangles(parts: Sequence[Share], area: Area, *, labelled: bool, mosaic: bool) -> Iterator[_Rectangle]:
    for share, place in _laid(drawable(parts), area, mosaic=mosaic):
        children = drawable(share.children)
        column = mosaic and share.depth == 1
        if not children:
            yield _Rectangle(share, place, holds_others=False, column=column)
            continue
        edge = min(EDGES[min(share.depth, 2) - 1], place.width * MOST_OF_EDGE, place.height * MOST_OF_EDGE)
        strip = min(STRIP if labelled else 0.0, place.height * MOST_OF_STRIP)
        if strip:
            yield _Rectangle(share, place._replace(height=strip), holds_others=True, column=column)
        inside = Area(
            place.left + edge, place.top + strip, place.width - 2 * edge, max(0.0, place.height - edge - strip)
        )
        yield from _rectangles(children, inside, labelled=labelled, mosaic=mosaic)


def _laid(parts: Sequence[Share], area: Area, *, mosaic: bool) -> Iterator[tuple[Share, Area]]:
    """Fill an area with parts: row after row of a treemap, or all of them beside or below each other."""
    left = list(parts)
    in_one_row = mosaic and left[0].depth <= 2
    while left:
        beside = left[0].depth == 1 if in_one_row else area.width / GOLDEN_RATIO <= area.height
        pixels = area.width * area.height / sum(part.value for part in left)
        length = area.width if beside else area.height
        count = len(left) if in_one_row else _best_row(left, length, pixels)
        row, left = left[:count], left[count:]
        thickness = _thickness(row, length, pixels)
        at = 0.0
        for part in row:
            size = part.value * pixels / thickness if thickness else 0.0
            across = Area(area.left + at, area.top, size, thickness)
            yield part, across if beside else Area(area.left, area.top + at, thickness, size)
            at += size
        if beside:
            area = area._replace(top=area.top + thickness, height=max(0.0, area.height - thickness))
        else:
            area = area._replace(left=area.left + thickness, width=max(0.0, area.width - thickness))


def _best_row(parts: Sequence[Share], length: float, pixels: float) -> int:
    """Give how many parts make the row whose narrowest rectangle is closest to a square."""
    best = _narrowest(parts[:1], length, pixels)
    for count in range(2, len(parts) + 1):
        narrowest = _narrowest(parts[:count], length, pixels)
        if narrowest <= best:
            return count if narrowest == best else count - 1
        best = narrowest
    return len(parts)


def _narrowest(row: Sequence[Share], length: float, pixels: float) -> float:
    """Give the shorter side by the longer one of the narrowest rectangle in a row."""
    thickness = _thickness(row, length, pixels)
    sizes = [part.value * pixels / thickness for part in row] if thickness else []
    return min((min(size / thickness, thickness / size) for size in sizes), default=1.0)


def _thickness(row: Sequence[Share], length: float, pixels: float) -> float:
    """Give how thick a row of that length is, with so many pixels for each of the value."""
    return sum(part.value for part in row) * pixels / length if length else 0.0


def _color(one: _Rectangle, whole: Whole) -> str:
    return PANEL_BACKGROUND if one.holds_others else whole.shown_color(one.share)


# ---- words


def _label(one: _Rectangle, whole: Whole) -> list[Words]:
    """Write name and number as large as they have room, or not at all."""
    if one.area.width <= SIZES[-1] or one.area.height <= SIZES[-1]:
        return []
    value, ink = whole.written(one.share), readable_on(_color(one, whole))
    if one.column:
        return _placed([_cut(one.share.label, value, one.area)], value, COLUMN_SIZE, one, ink)
    names = one.share.label.split()
    for size in SIZES:
        rows = _rows(names, value, size, one.area.width - 2 * PADDING)
        above = PADDING + max(1.0, size / 16)
        if rows is not None and len(rows) * size <= one.area.height - above - PADDING:
            return _placed(rows, value, size, one, ink)
    return []


Row = tuple[str, bool]
"""The words of a name that stand in a row, and whether the number follows them there."""


def _cut(name: str, value: str, area: Area) -> Row:
    """Cut the name of a column to its room; the number is left away first."""
    room = area.width - 2 * PADDING
    fits = text_width(name, COLUMN_SIZE) + text_width(f" {value}", COLUMN_SIZE, bold=True) <= room
    return cut(name, COLUMN_SIZE, room), bool(value) and fits


def _rows(names: Sequence[str], value: str, size: float, room: float) -> list[Row] | None:
    """Part a name and its number into rows; None where a word has no room, or there are too many rows."""
    boxes = [*((name, False) for name in names), *([(value, True)] if value else [])]
    rows: list[Row] = []
    used = room + 1
    for words, is_value in boxes:
        width = text_width(words, size, bold=is_value) + size / 4
        if width > room:
            return None
        if used + width > room:
            rows.append(("", False))
            used = 0.0
        before = rows[-1][0]
        rows[-1] = (before, True) if is_value else (f"{before} {words}".strip(), False)
        used += width
    return rows if len(rows) <= MOST_ROWS else None


def _placed(rows: Sequence[Row], value: str, size: float, one: _Rectangle, ink: str) -> list[Words]:
    """Put rows at the top of a rectangle, or at the bottom of a strip."""
    found = []
    for number, (name, with_value) in enumerate(rows):
        top = one.area.top + PADDING + max(1.0, size / 16) + (number + 0.55) * size
        middle = one.area.bottom - PADDING - (len(rows) - number - 0.45) * size if one.holds_others else top
        left = one.area.left + PADDING
        if name:
            found.append(Words(left, middle, name, size, ink))
        if with_value:
            after = text_width(name, size) + size / 4 if name else 0.0
            found.append(Words(left + after, middle, value, size, ink, weight="bold"))
    return found
