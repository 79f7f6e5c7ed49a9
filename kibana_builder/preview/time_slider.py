"""The time slider: a part of a dashboard's time range, in steps that fit its length.

Facts: Kibana 8.12's controls plugin (public/time_slider: time_utils.ts, time_slider_embeddable.tsx). It chooses an
interval for at most 20 ticks, takes the largest whole unit of time below it as the step, and widens what is selected
to whole steps. Ends and ticks are epoch milliseconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.intervals import UNITS, automatic
from kibana_builder.saved.controls import with_both_ends

__all__ = ["START", "STOP", "TimeSlider", "time_slider"]

START, STOP = "start_percentage_of_time_range", "end_percentage_of_time_range"
MOST_TICKS = 20
_LENGTHS = {**UNITS, "M": 30 * UNITS["d"], "y": 365 * UNITS["d"]}
"""Milliseconds as the slider's own library (moment) counts them: in whole days."""
_STEPS = ("y", "d", "h", "m", "s")


@dataclass(frozen=True)
class TimeSlider:
    """What the slider shows: its ends, its step, its ticks, and what is selected (None for all of it)."""

    ends: tuple[int, int]
    """The time range, widened to whole steps."""
    step: int
    """Milliseconds."""
    ticks: tuple[int, ...]
    selected: tuple[int, int] | None


def time_slider(config: JsonObject, time_range: tuple[int, int]) -> TimeSlider:
    """Lay a slider over a time range; `config` is what the control says, with its ends as parts of the range."""
    ticks = _ticks(*time_range)
    step = _step(ticks)
    return TimeSlider(_widened(*time_range, step), step, ticks, _selected(config, time_range, step))


def _selected(config: JsonObject, time_range: tuple[int, int], step: int) -> tuple[int, int] | None:
    ends = with_both_ends(config)
    if START not in ends:
        return None
    first, last = time_range
    start, stop = sorted((float(ends[START]), float(ends[STOP])))
    return _widened(first + start * (last - first), first + stop * (last - first), step)


def _widened(first: float, last: float, step: int) -> tuple[int, int]:
    # A thousandth of a step forgives parts of the range that are written with few decimals.
    return math.floor(first / step + 0.001) * step, math.ceil(last / step - 0.001) * step


def _ticks(first: int, last: int) -> tuple[int, ...]:
    length = last - first
    chosen = automatic(length, MOST_TICKS)
    interval: float = chosen.count * _LENGTHS[chosen.unit]
    if length / interval > MOST_TICKS:
        interval *= math.ceil(length / interval / MOST_TICKS)
    elif length / interval < MOST_TICKS / 2:
        interval /= 2
    count = math.ceil(first / interval)
    ticks: list[int] = []
    while count * interval <= last and len(ticks) <= MOST_TICKS + 1:
        ticks.append(int(count * interval))
        count += 1
    return tuple(ticks)


def _step(ticks: tuple[int, ...]) -> int:
    """Take a unit of which at least two fit between two ticks."""
    apart = ticks[1] - ticks[0] if len(ticks) > 1 else 0
    return next((_LENGTHS[unit] for unit in _STEPS if apart >= 2 * _LENGTHS[unit]), 1)
