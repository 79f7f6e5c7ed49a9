"""The gauge as a Vega-Lite spec: a bullet with bands and ticks, or an arc, a half circle, a circle.

Facts: sizes and places are those of elastic-charts' goal chart, what ends a scale and what is not drawn at all is what
Kibana 8.12's gauge says (expression_gauge). Unlike Kibana's, texts keep to the panel and to themselves: names are cut,
ticks are smaller where they would lie upon each other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.answer import Answer, Table
from kibana_builder.preview.formats import number_text
from kibana_builder.preview.palettes import bounds_of, color_of, steps_of
from kibana_builder.preview.scales import ticks
from kibana_builder.preview.svg import cut, text_width, wrapped
from kibana_builder.preview.theme import INK, NO_RESULTS, PALE, SUBDUED
from kibana_builder.preview.vega_parts import arcs
from kibana_builder.preview.vega_pixels import Area, Words, boxes, in_pixels, texts

__all__ = ["gauge_spec"]

TICK = "#98A2B3"
MOST_OF_BULLET, MOST_OF_ROUND, INSIDE = 500.0, 360.0, 0.9
"""The largest bullet and the largest circle, and the share of either that is no margin."""
GOLDEN = (1 + math.sqrt(5)) / 2
SMALLEST = 9.0
"""Letters are not smaller, however small the gauge is."""
GAP = 15.0
"""Kibana puts three spaces behind the name of a bullet."""
ROUND = {
    "circle": (0.0, math.tau),
    "semi_circle": (-math.pi / 2, math.pi / 2),
    "arc": (-0.6 * math.pi, 0.6 * math.pi),
}
"""Where a round gauge begins and ends, as angles from twelve o'clock."""
LOWEST_POINT = 1 + math.sqrt(0.5)
"""How deep, in radii, a round gauge is at which it stands in the middle; a flatter one is moved down."""


class _Gauge:
    """What a gauge shows: its value, the ends of its scale, its bands, its words."""

    def __init__(self, chart: JsonObject, answer: Answer) -> None:
        table = answer.layers[0]
        cells: dict[str, float] = {}
        if isinstance(table, Table) and table.rows:
            for column, value in zip(table.columns, table.rows[0], strict=True):
                if isinstance(value, int | float):
                    cells[column.place] = float(value)
        columns = {column.place: column for column in table.columns} if isinstance(table, Table) else {}
        said: JsonObject = chart["metric"]
        self.value = cells.get("metric")
        self.low = cells["min"] if "min" in cells else _default_low(self.value, cells.get("max"))
        goal = cells.get("goal")
        self.high = cells["max"] if "max" in cells else _default_high(self.low, self.value, goal)
        self.goal = goal if goal and self.low <= goal <= self.high else None
        """Kibana does not mark a goal of zero, nor one outside the scale."""
        self.format = columns["metric"].format if "metric" in columns else None
        title = said.get("title", {})
        label = said.get("label", columns["metric"].label if "metric" in columns else "")
        self.title = title.get("text", label) if title.get("visible", True) else ""
        self.name = label
        self.subtitle = said.get("subtitle", "")
        self.color = said.get("color")
        ticks_said = said.get("ticks", {})
        self.show_ticks = ticks_said.get("visible", True)
        self.by_bands = ticks_said.get("mode", "auto") == "bands"

    def refusal(self) -> str:
        """Say why there is nothing to draw, in Kibana's words; nothing if there is."""
        if self.value is None:
            return NO_RESULTS
        if self.low == self.high:
            return "Minimum and maximum values may not be equal"
        return "Minimum value may not be greater than maximum value" if self.low > self.high else ""

    def bands(self) -> list[tuple[float, float, str]]:
        """Give the bands inside the scale: their ends and their colour."""
        steps = steps_of(self.color)
        bounds = bounds_of(steps) if steps else []
        if self.color is not None and self.color.get("range") == "percentage":
            bounds = [self.low + (self.high - self.low) * bound / 100 for bound in bounds]
        edges = [self.low, self.high, *bounds]
        inside = sorted({edge for edge in edges if self.low <= edge <= self.high})
        return [(a, b, color_of((a + b) / 2, self.color, self.low, self.high) or PALE) for a, b in pairwise(inside)]

    def ticks(self) -> list[float]:
        """Give where the scale has ticks; a band's end close to the one before it or to the last has none."""
        if not self.show_ticks:
            return []
        if not self.by_bands:
            return ticks(self.low, self.high, 4)
        least = (self.high - self.low) * 0.1
        ends = [(low, high) for low, high, _ in self.bands()]
        inner = [end for begin, end in ends[:-1] if end - begin >= least and self.high - end >= least]
        return [self.low, *inner, self.high]

    def share(self, value: float) -> float:
        """Give how far along the scale a value lies, from 0 to 1."""
        return (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)

    def said(self, value: float) -> str:
        return number_text(value, self.format)

    def parts(self) -> list[tuple[float, float, str, str]]:
        """Give the bands and, last, the bar: from where to where on the scale, colour and words."""
        bands = [(low, high, color, f"{self.said(low)} – {self.said(high)}") for low, high, color in self.bands()]
        value = self.value or 0.0
        return [*bands, (self.low, value, INK, f"{self.name}: {self.said(value)}")]


def _default_low(value: float | None, high: float | None) -> float:
    """Give the begin of a scale without a minimum: zero, or ten below what is not above zero."""
    lowest = min((number for number in (value, high) if number is not None), default=1.0)
    return lowest - 10 if lowest <= 0 else 0.0


def _default_high(low: float, value: float | None, goal: float | None) -> float:
    """Give the end of a scale without a maximum: a round whole number above all that is shown."""
    if value is None:
        return 100.0
    # A little more, for a value not to fill its scale.
    top = max(low, value, goal if goal is not None else value) + 1e-7
    step = _round_up(_round_up(top - low) / 4)
    return float(math.ceil(math.ceil(top / step) * step))


def _round_up(number: float) -> float:
    """Give the next of 1, 2, 5 and 10 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(number))
    return next((step for step in (1, 2, 5) if number / power <= step), 10) * power


def gauge_spec(chart: JsonObject, answer: Answer, width: float, height: float) -> JsonObject:
    """Give the spec of a gauge that fills `width` by `height` pixels."""
    shape = chart.get("styling", {}).get("shape", {"type": "bullet"})
    gauge = _Gauge(chart, answer)
    refusal = gauge.refusal()
    if refusal:
        layers = _said_instead(refusal, width, height)
    elif shape["type"] == "bullet":
        layers = _bullet(gauge, width, height, vertical=shape.get("orientation") == "vertical")
    else:
        layers = _round(gauge, width, height, ROUND[shape["type"]])
    return in_pixels(width, height, layers)


def _said_instead(words: str, width: float, height: float) -> list[JsonObject]:
    """Give the layers that say why there is no gauge."""
    lines = wrapped(words, 12, width - 8, 4)
    top = height / 2 - 8 * (len(lines) - 1)
    return texts(Words(width / 2, top + 16 * number, line, 12, INK, "center") for number, line in enumerate(lines))


def _bullet(gauge: _Gauge, width: float, height: float, *, vertical: bool) -> list[JsonObject]:
    whole = min(MOST_OF_BULLET, height if vertical else width) * INSIDE
    thick = min(32.0, whole / 10)
    size = max(SMALLEST, min(whole / 25, height / 5))
    # The numbers below a flat bullet stay in the panel.
    middle = width / 2 if vertical else max(thick / 2, min(height / 2, height - thick - size))
    named = max((height - whole) / 2, size * 1.2)
    places = [(value, gauge.said(value)) for value in gauge.ticks()]
    em = max((text_width(said, 1) for _, said in places), default=1.0)
    begin = width / 2
    length = max(0.0, min(whole / 2, width / 2 - 2 - em * SMALLEST / 2))
    room = 2 * (width / 2 - 2 - length)
    if vertical:
        room = middle - thick - 2
        begin = min((height + whole) / 2, height - size / 2)
        top = max((height - whole) / 2 + whole / 9, named + size * (1.6 if gauge.subtitle else 0.4))
        length = max(0.0, begin - top)

    def at(value: float) -> float:
        way = gauge.share(value) * length
        return begin - way if vertical else begin + way

    def box(low: float, high: float, across: float, deep: float) -> Area:
        """Give a rectangle from one place to another along the scale, so deep around a place across it."""
        near, far = sorted((low, high))
        if vertical:
            return Area(across - deep / 2, near, deep, far - near)
        return Area(near, across - deep / 2, far - near, deep)

    *bands, bar = gauge.parts()
    thin = thick / GOLDEN**3
    rows = [(box(at(low), at(high), middle, thick), color, said) for low, high, color, said in bands]
    rows.append((box(at(bar[0]), at(bar[1]), middle, thin), *bar[2:]))
    if gauge.goal is not None:
        goal = at(gauge.goal)
        rows.append((box(goal - 1, goal + 1, middle, thick / GOLDEN), INK, f"goal: {gauge.said(gauge.goal)}"))
    outwards = -1 if vertical else 1
    beside = middle + outwards * (thick + thin) / 2
    scale = [(at(value), said) for value, said in places]
    letters = max(SMALLEST, min(size, room / em))
    marks = [(box(place - 1, place + 1, beside, thin), TICK, "") for place, _ in scale]
    edge = middle + outwards * thick
    if vertical:
        spread = _spread(scale, letters, lambda _words, letters: letters)
        words = [Words(edge, place, text, letters, SUBDUED, "right") for place, text, letters in spread]
        words += _names(gauge, width / 2, named, size, width - 8, "center")
    else:
        spread = _spread(scale, letters, lambda text, letters: text_width(text, letters) + letters / 3)
        words = [Words(place, edge, text, letters, SUBDUED, "center", "top") for place, text, letters in spread]
        words += _names(gauge, begin - GAP, middle, size, begin - GAP - 4, "right")
    return [*boxes([*rows, *marks]), *texts(words)]


def _spread(
    places: Sequence[tuple[float, str]], size: float, room: Callable[[str, float], float]
) -> list[tuple[float, str, float]]:
    """Give places along a line their words and the size of the letters: the largest in which none lies on another.

    `room` tells how much of the line a text takes. Where even the smallest are too large, only those that have room
    after the one before them are left.
    """

    def free(one: tuple[float, str], other: tuple[float, str], letters: float) -> bool:
        return abs(other[0] - one[0]) >= (room(one[1], letters) + room(other[1], letters)) / 2

    while size > SMALLEST and not all(free(one, other, size) for one, other in pairwise(places)):
        size = max(SMALLEST, size - 1)
    kept: list[tuple[float, str]] = []
    for place in places:
        if not kept or free(kept[-1], place, size):
            kept.append(place)
    return [(place, words, size) for place, words in kept]


def _names(gauge: _Gauge, x: float, y: float, size: float, room: float, align: str) -> list[Words]:
    """Write the title above a place and the subtitle below it, cut to their room."""
    found = (
        Words(x, y, cut(gauge.title, size, room, bold=True), size, INK, align, "bottom", "bold"),
        Words(x, y, cut(gauge.subtitle, size, room), size, SUBDUED, align, "top"),
    )
    return [line for line in found if line.words]


def _round(gauge: _Gauge, width: float, height: float, ends: tuple[float, float]) -> list[JsonObject]:
    whole = min(MOST_OF_ROUND, width, height) * INSIDE
    thick = min(32.0, whole / 10)
    thin = thick / GOLDEN**3
    radius = (whole - thick) / 2
    down = max(0.0, LOWEST_POINT - (1 - math.cos(ends[1]))) * radius / 2 if ends[1] < math.pi else 0.0
    center = {"x": width / 2, "y": height / 2 + down}

    def arc(start: float, end: float, at: float, deep: float, color: str, said: str) -> JsonObject:
        return {
            "start": start,
            "end": end,
            "inner": at - deep / 2,
            "outer": at + deep / 2,
            "color": color,
            "said": said,
        }

    def angle(value: float) -> float:
        return ends[0] + gauge.share(value) * (ends[1] - ends[0])

    *bands, bar = gauge.parts()
    rows = [arc(angle(low), angle(high), radius, thick, color, said) for low, high, color, said in bands]
    rows.append(arc(angle(bar[0]), angle(bar[1]), radius, thin, *bar[2:]))
    half = math.pi / 360
    if gauge.goal is not None:
        at, said = angle(gauge.goal), f"goal: {gauge.said(gauge.goal)}"
        rows.append(arc(at - half, at + half, radius, thick / GOLDEN, INK, said))
    inner = radius - (thick + thin) / 2
    places = [(angle(value), gauge.said(value)) for value in gauge.ticks()]
    marks = [arc(at - half, at + half, inner, thin, TICK, "") for at, _ in places]
    along = inner - thin / 2 - 3
    size = max(SMALLEST, whole / 25)
    ticks_said = [_inside(at, along, center, said, size) for at, said in places if text_width(said, size) < 0.8 * along]
    words = _apart([*_in_the_middle(gauge, width, height, whole, center, ends), *ticks_said])
    return [arcs(rows, center), arcs(marks, {**center, "aria": False}), *texts(words)]


def _apart(lines: Sequence[Words]) -> list[Words]:
    """Leave out the lines of text that would lie upon one before them."""
    kept: list[Words] = []
    for line in lines:
        at = _extent(line)
        taken = map(_extent, kept)
        if all(
            at.right <= other.left or other.right <= at.left or at.bottom <= other.top or other.bottom <= at.top
            for other in taken
        ):
            kept.append(line)
    return kept


def _extent(line: Words) -> Area:
    """Give the rectangle that a line of text takes."""
    wide = text_width(line.words, line.size, bold=line.weight == "bold")
    left = {"left": 0.0, "center": wide / 2, "right": wide}[line.align]
    top = {"top": 0.0, "middle": line.size / 2, "bottom": line.size}[line.baseline]
    return Area(line.x - left, line.y - top, wide, line.size)


def _inside(angle: float, along: float, center: JsonObject, words: str, size: float) -> Words:
    """Write a tick's number within a ring, from the ring inwards; a circle's ends keep to their sides of the top."""
    x, y = math.sin(angle), -math.cos(angle)
    if angle in (0, math.tau):
        align, shift = ("left", 4.0) if angle == 0 else ("right", -4.0)
    else:
        align, shift = "center" if abs(x) < 0.3 else "right" if x > 0 else "left", 0.0
    return Words(center["x"] + x * along + shift, center["y"] + y * (along - size / 2), words, size, SUBDUED, align)


def _in_the_middle(
    gauge: _Gauge, width: float, height: float, whole: float, center: JsonObject, ends: tuple[float, float]
) -> list[Words]:
    """Write the value into the middle and the names below: a circle has them within, the others between their ends."""
    value = gauge.said(gauge.value or 0.0)
    largest = whole / 14
    fitting = largest * 0.5 * whole / max(1.0, text_width(value, largest, bold=True))
    size = max(SMALLEST, min(largest, fitting))
    found = [Words(center["x"], center["y"], value, size, INK, "center", "bottom", "bold")]
    letters = max(SMALLEST, whole / 18)
    closed = ends[1] > math.pi
    below = center["y"] + letters * 1.2 if closed else height / 2 + whole / 2
    below = min(below, height - letters * (1.2 if gauge.subtitle else 0.2))
    return found + _names(gauge, center["x"], below, letters, whole * 0.6 if closed else width - 8, "center")
