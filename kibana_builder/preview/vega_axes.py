"""The axes of an xy chart: their ends, their ticks and the words at them, as channels of a Vega-Lite spec."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import NamedTuple

from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.formats import number_text
from kibana_builder.preview.scales import LABEL_SIZE, TimeTick, rounded, ticks
from kibana_builder.preview.svg import text_width

__all__ = [
    "ANGLES",
    "TILT",
    "NumberAxis",
    "axis_settings",
    "category_channel",
    "lines_of_time",
    "number_axis",
    "number_channel",
    "time_channel",
]

Y_TICKS, X_TICKS = 5, 10
"""So many ticks elastic-charts asks for at most on an axis of values and on one of the numbers that are counted."""
TILT = -45
ANGLES = {"horizontal": 0, "vertical": -90, "angled": TILT}
LINE_HEIGHT = 12.0
SHADES = ("#E0E0E0", "#B8B8B8", "#808080", "#606060", "#404040", "#202020")
"""The greys of lines at times, from the finest to the coarsest layer (elastic-charts' `lumaSteps`)."""
WORD_GAP = 8.0
END_ROOM = 12.0
"""So many pixels a word may reach beyond the end of a level axis without taking any from it."""
TILTED = 14.0
"""So many pixels a category needs for its name at an angle."""


class NumberAxis(NamedTuple):
    """Where an axis of numbers begins and ends, and the words at its ticks."""

    domain: tuple[float, float]
    labels: list[tuple[float, str]]
    scale: JsonObject

    @property
    def width(self) -> float:
        """Give the pixels that the widest of its words takes."""
        return max((text_width(words, LABEL_SIZE) for _, words in self.labels), default=0.0)


def number_axis(
    ends: tuple[float, float],
    kind: str,
    number_format: JsonObject | None,
    length: float,
    *,
    most: int,
    round_out: bool,
    upright: bool,
) -> NumberAxis:
    """Lay an axis `length` pixels long; `kind` is its scale (linear, log, sqrt), `most` how many ticks it has at most.

    As in elastic-charts there are as many ticks as have room and words of their own; its ends are rounded to them.
    """
    if kind == "log":
        return _log_axis(ends, number_format, length, upright=upright)
    scale: JsonObject = {"type": "sqrt"} if kind == "sqrt" else {}
    found = ends, _labels([ends[0]], number_format)
    for count in range(most, 0, -1):
        domain = rounded(*ends, count) if round_out and kind == "linear" else ends
        labels = _labels(ticks(*domain, count), number_format)
        beyond = 0.0 if upright else max(0.0, text_width(labels[-1][1], LABEL_SIZE) / 2 - END_ROOM)
        way = _along(domain, length - beyond, math.sqrt if kind == "sqrt" else None)
        if len({words for _, words in labels}) == len(labels) > 1 and _fit(labels, way, upright=upright):
            found = domain, labels
            break
    return NumberAxis(found[0], found[1], scale)


def _log_axis(
    ends: tuple[float, float], number_format: JsonObject | None, length: float, *, upright: bool
) -> NumberAxis:
    """Lay a logarithmic axis through zero, with ticks at zero and at powers of ten, as many as have room.

    Vega's symlog is even around zero and logarithmic beyond its constant, so zero and negative values have a place.
    """
    largest = max(abs(end) for end in ends) or 1.0
    constant = min(1.0, 10.0 ** (math.floor(math.log10(largest)) - 2))
    powers = range(round(math.log10(constant)), math.floor(math.log10(largest)) + 1)
    places = sorted({0.0, *(sign * 10.0**power for power in powers for sign in (1, -1))})
    inside = [at for at in places if ends[0] <= at <= ends[1]] or [ends[0]]
    way = _along(ends, length, lambda value: math.log1p(abs(value) / constant) * math.copysign(1, value))
    labels: list[tuple[float, str]] = []
    for label in sorted(_labels(inside, number_format), key=lambda label: (label[0] != 0, -abs(label[0]))):
        more = sorted([*labels, label])
        if _fit(more, way, upright=upright):
            labels = more
    return NumberAxis(ends, labels, {"type": "symlog", "constant": constant})


def _labels(places: Sequence[float], number_format: JsonObject | None) -> list[tuple[float, str]]:
    return [(at, number_text(at, number_format)) for at in places]


def _along(
    domain: tuple[float, float], length: float, bend: Callable[[float], float] | None
) -> Callable[[float], float]:
    """Give what tells how far along the axis a value lies, in pixels."""

    def bent(value: float) -> float:
        return value if bend is None else bend(abs(value)) * math.copysign(1, value)

    low, high = (bent(end) for end in domain)
    return lambda value: (bent(value) - low) / ((high - low) or 1) * length


def _fit(labels: Sequence[tuple[float, str]], way: Callable[[float], float], *, upright: bool) -> bool:
    """Tell whether words stand beside each other without touching."""
    room = [LINE_HEIGHT if upright else text_width(words, LABEL_SIZE) + WORD_GAP for _, words in labels]
    places = [way(at) for at, _ in labels]
    return all(
        second - first >= (before + after) / 2
        for (first, second), (before, after) in zip(pairwise(places), pairwise(room), strict=True)
    )


def axis_settings(said: JsonObject, default_title: str | None, *, across: bool) -> JsonObject:
    """Give what an axis's document says of it; `across` is for one whose lines go from left to right."""
    title = said.get("title", {})
    words = title.get("text", default_title) if title.get("visible", True) else None
    return {
        "title": words or None,
        "grid": said.get("grid", {}).get("visible", True),
        "gridDash": [4, 4] if across else [],
        "labels": said.get("ticks", {}).get("visible", True),
        "ticks": False,
        "labelFlush": False,
        "labelAngle": ANGLES[said.get("labels", {}).get("orientation", "horizontal")],
    }


def label_settings(places: Sequence[tuple[float, str | list[str]]]) -> JsonObject:
    """Give the places of an axis's ticks and the words at each, as Vega-Lite takes them."""
    values = [at for at, _ in places]
    words = json.dumps([text for _, text in places])  # a list in Vega's expression language too; no text can end it
    return {"values": values, "labelExpr": f"({words})[indexof({values}, datum.value)]"}


def number_channel(axis: NumberAxis, settings: JsonObject, *, downwards: bool = False) -> JsonObject:
    """Give the channel of an axis of numbers; `downwards` is for one that begins at the top."""
    scale = {"domain": list(axis.domain), "nice": False, "zero": False, "reverse": downwards, **axis.scale}
    return {"type": "quantitative", "scale": scale, "axis": {**settings, **label_settings(axis.labels)}}


def time_channel(
    domain: tuple[float, float], found: Sequence[TimeTick], settings: JsonObject, *, across: bool
) -> JsonObject:
    """Give the channel of an axis of time; its lines are drawn by `lines_of_time`.

    Its words stand behind the lines, level whatever the settings say, as on Kibana's axes of time. `across` is for an
    axis at the left, which begins at the top and has its words before the lines.
    """
    named = [tick for tick in found if any(tick.lines)]
    labelled = [(tick.at, [line for line in tick.lines if line] if across else tick.lines) for tick in named]
    beside = {} if across else {"labelAlign": "left", "labelOffset": 3, "labelPadding": 3}
    return {
        "type": "quantitative",
        "scale": {"domain": list(domain), "nice": False, "zero": False, "reverse": across},
        "axis": {**settings, **beside, "labelAngle": 0, "grid": False, **label_settings(labelled)},
    }


def lines_of_time(found: Sequence[TimeTick], place: JsonObject, channel: str) -> list[JsonObject]:
    """Give the layers of the lines at times: through the chart, and down beside the words if those stand below it.

    `place` is the encoding of the axis, `channel` where it lies (x or y).
    """
    drawn: dict[tuple[int, str], list[JsonObject]] = {}
    for tick in sorted(found, key=lambda tick: -1 if tick.level is None else tick.level):
        if tick.level is not None:
            shade = SHADES[min(tick.level, len(SHADES) - 1)]
            drawn.setdefault((sum(map(bool, tick.lines)), shade), []).append({"time": tick.at})
    layers = []
    for (reach, shade), rows in drawn.items():
        far = LINE_HEIGHT * reach
        ends = {"y": 0, "y2": {"expr": f"height + {far}"}} if channel == "x" else {"x": 0, "x2": {"expr": "width"}}
        mark = {"type": "rule", "color": shade, "strokeWidth": 1, "aria": False, **ends}
        layers.append({"data": {"values": rows}, "mark": mark, "encoding": {channel: {**place, "field": "time"}}})
    return layers


def category_channel(
    names: Sequence[str], settings: JsonObject, length: float, limit: float, *, across: bool
) -> JsonObject:
    """Give the channel of names one after the other, `limit` pixels long at most.

    Where they have no room side by side they are tilted, and where that is not enough some are left out.
    """
    settings = {**settings, "labelLimit": limit}
    room = length / max(1, len(names))
    widest = max((min(limit, text_width(name, LABEL_SIZE)) for name in names), default=0.0)
    if across:
        needed = widest if settings["labelAngle"] == ANGLES["vertical"] else LINE_HEIGHT
        every = math.ceil(needed / max(room, 0.1))
    else:
        tilted = bool(settings["labelAngle"]) or widest > room - 4
        if tilted and not settings["labelAngle"]:
            settings["labelAngle"] = TILT
        if tilted:
            settings["labelAlign"] = "right"
        every = math.ceil(TILTED / max(room, 0.1)) if tilted else 1
    if every > 1:
        settings["values"] = list(names[::every])
    return {
        "type": "nominal",
        "sort": None,
        "scale": {"domain": list(names), "paddingInner": 0.25, "paddingOuter": 0.125},
        "axis": settings,
    }
