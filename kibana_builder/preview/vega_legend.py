"""Legends drawn in pixels, as Kibana has them: on each side, of its sizes, long entries cut and values beside them.

Facts: the widths are Kibana's LegendSizeToPixels, of which a legend that says no size has the medium one; an entry's
line is 22 pixels high and its dot 8 wide, as recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.shares import Whole
from kibana_builder.preview.svg import cut, text_width
from kibana_builder.preview.theme import SUBDUED
from kibana_builder.preview.vega_pixels import Area, Words, boxes, texts

__all__ = ["WIDTHS", "Entry", "with_legend", "with_legend_of_shares"]

WIDTHS = {"s": 80, "m": 130, "l": 180, "xl": 230}
MOST_OF_AUTO = 200
GAP, LINE, PITCH, DOT, LABEL, INDENT = 8.0, 14.0, 22.0, 8.0, 17.0, 12.0
SIZE = 12.0
MOST_OF_WIDTH, MOST_OF_HEIGHT = 0.4, 0.34
"""No legend takes more of a panel."""
ALL_LINES = 100


@dataclass(frozen=True)
class Entry:
    """A line of a legend."""

    label: str
    color: str
    """The colour of its dot; an empty one is none."""
    value: str = ""
    depth: int = 0
    """How far it is indented."""


class _Placed(NamedTuple):
    entry: Entry
    lines: list[str]
    at: Area


def with_legend(entries: Sequence[Entry], said: JsonObject, area: Area) -> tuple[list[JsonObject], Area]:
    """Give the layers of a legend as the chart's `legend` says, and the room that it leaves of the area."""
    position, lines = said.get("position", "right"), _lines(said)
    if position in ("top", "bottom"):
        return _across(entries, lines, area, at_top=position == "top")
    width = min(_width(entries, said.get("size", "m")), area.width * MOST_OF_WIDTH)
    left, taken = position == "left", min(width + GAP, area.width)
    at = area._replace(left=area.left if left else area.right - width, width=width)
    rest = area._replace(left=area.left + (taken if left else 0), width=area.width - taken)
    return _column(entries, lines, at), rest


def _width(entries: Sequence[Entry], size: str) -> float:
    """Give the width of a size; `auto` is as wide as the entries need."""
    needed = (LABEL + one.depth * INDENT + text_width(one.label, SIZE) + _value_width(one) for one in entries)
    return WIDTHS.get(size) or min(max(needed, default=0.0) + 1, MOST_OF_AUTO)


def with_legend_of_shares(
    whole: Whole, area: Area, *, usual: bool, values: bool = False
) -> tuple[list[JsonObject], Area]:
    """Give the legend of the parts of a whole, as the chart says; `usual` tells whether it is there unasked.

    It names the parts that have a colour of their own, with their values where they are asked for. Nested it has all
    levels: below each other where it stands beside the chart.
    """
    said: JsonObject = whole.chart.get("legend", {})
    visibility = said.get("visibility", "auto")
    if visibility == "hidden" or (visibility == "auto" and not usual):
        return [], area
    nested = bool(said.get("nested", False))
    beside = said.get("position", "right") in ("left", "right")
    depth = whole.levels if whole.chart["type"] == "mosaic" else 1
    entries = [
        Entry(
            part.label,
            whole.shown_color(part),
            whole.value(part) if values else "",
            part.depth - 1 if nested and beside else 0,
        )
        for part in whole.all()
        if nested or part.depth == depth
    ]
    return with_legend(entries if nested and beside else list(dict.fromkeys(entries)), said, area)


def _lines(said: JsonObject) -> int:
    return int(said.get("truncate_after_lines", 1)) if said.get("truncate", True) else ALL_LINES


def _column(entries: Sequence[Entry], lines: int, at: Area) -> list[JsonObject]:
    placed: list[_Placed] = []
    top = at.top + 4
    for number, entry in enumerate(entries):
        broken = _broken(entry.label, at.width - LABEL - entry.depth * INDENT - _value_width(entry), lines)
        height = PITCH + LINE * (len(broken) - 1)
        last = number == len(entries) - 1
        if top + height + (0 if last else LINE) > at.bottom and number:
            return _drawn(placed, f"{len(entries) - number} more", Area(at.left, top, at.width, LINE))
        placed.append(_Placed(entry, broken, Area(at.left, top, at.width, height)))
        top += height
    return _drawn(placed)


def _across(entries: Sequence[Entry], lines: int, area: Area, *, at_top: bool) -> tuple[list[JsonObject], Area]:
    """Put entries beside each other, in as many rows as they need and a third of the height has."""
    placed: list[_Placed] = []
    left = top = height = 0.0
    more = ""
    for number, entry in enumerate(entries):
        most = min(area.width, WIDTHS["l"]) - LABEL - _value_width(entry)
        broken = _broken(entry.label, most, lines)
        width = LABEL + max(text_width(line, SIZE) for line in broken) + _value_width(entry) + 16
        if left and left + width > area.width:
            left, top, height = 0.0, top + height, 0.0
        tall = PITCH + LINE * (len(broken) - 1)
        if number and top + tall > area.height * MOST_OF_HEIGHT:
            more = f"{len(entries) - number} more"
            break
        placed.append(_Placed(entry, broken, Area(area.left + left, top, width - 16, tall)))
        left, height = left + width, max(height, tall)
    last = Area(area.left, top, area.width, LINE)
    used = top + (LINE if more else height)
    shift = area.top if at_top else area.bottom - used
    moved = [one._replace(at=one.at._replace(top=one.at.top + shift)) for one in placed]
    layers = _drawn(moved, more, last._replace(top=last.top + shift))
    taken = min(used + GAP, area.height)
    return layers, area._replace(top=area.top + (taken if at_top else 0), height=area.height - taken)


def _value_width(entry: Entry) -> float:
    return text_width(entry.value, SIZE) + 8 if entry.value else 0.0


def _broken(words: str, room: float, lines: int) -> list[str]:
    """Break a text wherever the room ends, as Kibana's legends do, into so many lines; the last one is cut."""
    parts: list[str] = []
    while words and len(parts) < lines - 1 and text_width(words, SIZE) > room:
        count = max(1, next(count for count in range(len(words)) if text_width(words[: count + 1], SIZE) > room))
        parts.append(words[:count])
        words = words[count:]
    return [*parts, cut(words, SIZE, room)]


def _drawn(placed: Sequence[_Placed], more: str = "", at: Area | None = None) -> list[JsonObject]:
    dots: list[tuple[Area, str, str]] = []
    words: list[Words] = []
    for entry, lines, place in placed:
        said = f"{entry.label}: {entry.value}" if entry.value else entry.label
        left, middle = place.left + entry.depth * INDENT, place.top + PITCH / 2
        if entry.color:
            dots.append((Area(left, middle - DOT / 2, DOT, DOT), entry.color, ""))
        words += [
            Words(left + LABEL, middle + number * LINE, line, SIZE, said=said) for number, line in enumerate(lines)
        ]
        if entry.value:
            words.append(Words(place.right, middle, entry.value, SIZE, align="right", said=said))
    if at is not None and more:
        words.append(Words(at.left + LABEL, at.top + LINE / 2, more, SIZE, SUBDUED, said=more))
    return [*boxes(dots, {"cornerRadius": DOT / 2}), *texts(words)]
