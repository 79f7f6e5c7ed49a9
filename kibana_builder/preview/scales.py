"""Where the ticks of an axis are, and what stands beside them.

Numbers have ticks at 1, 2 or 5 times a power of ten, as d3 has them, from whose scales Kibana's axes come. Times have
them at whole units of the clock and the calendar, with the day below the hours and the month below the days.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import NamedTuple

from kibana_builder.preview.intervals import DAY, MONTH, YEAR, interval_of

__all__ = ["TimeTick", "interval_ms", "rounded", "ticks", "time_ticks"]

LABEL_WIDTH = 56
"""So many pixels a label of the time axis wants for itself."""


class TimeTick(NamedTuple):
    """A tick of a time axis: the moment (epoch ms) and the one or two lines below it."""

    at: int
    lines: list[str]


def interval_ms(interval: str | None) -> float:
    """Give the length of an interval (`30m`, `1d`) in milliseconds; 0 for none."""
    found = interval_of(interval or "")
    return found.milliseconds if found is not None else 0.0


def ticks(low: float, high: float, count: int) -> list[float]:
    """Give about `count` round numbers from `low` to `high`, both included where they are round.

    >>> ticks(0, 185, 5)
    [0.0, 50.0, 100.0, 150.0]
    """
    step = _step(low, high, count)
    if not step:
        return [low]
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    digits = max(0, -math.floor(math.log10(step)))
    return [round(number * step, digits) for number in range(first, last + 1)]


def rounded(low: float, high: float, count: int) -> tuple[float, float]:
    """Widen a domain to the ticks next to its ends.

    >>> rounded(0, 185, 5)
    (0.0, 200.0)
    """
    step = _step(low, high, count)
    if not step:
        return low, low + 1
    digits = max(0, -math.floor(math.log10(step)))
    return round(math.floor(low / step + 1e-9) * step, digits), round(math.ceil(high / step - 1e-9) * step, digits)


def _step(low: float, high: float, count: int) -> float:
    if not high > low:
        return 0.0
    rough = (high - low) / max(1, count)
    power = 10.0 ** math.floor(math.log10(rough))
    error = rough / power
    factor = 10 if error >= math.sqrt(50) else 5 if error >= math.sqrt(10) else 2 if error >= math.sqrt(2) else 1
    return power * factor


_CLOCK_STEPS = (
    *(timedelta(milliseconds=count) for count in (1, 5, 10, 50, 100, 500)),
    *(timedelta(seconds=count) for count in (1, 5, 10, 15, 30)),
    *(timedelta(minutes=count) for count in (1, 5, 10, 15, 30)),
    *(timedelta(hours=count) for count in (1, 3, 6, 12)),
)
_DAY_STEPS = (1, 2, 7)
_MONTH_STEPS = (1, 3, 6)
_YEAR_STEPS = (1, 2, 5, 10, 20, 50, 100, 1000)


def time_ticks(start_ms: float, end_ms: float, width: float, zone: tzinfo) -> list[TimeTick]:
    """Give the ticks of a time axis `width` pixels wide from one moment (epoch ms) to another."""
    span = max(1.0, end_ms - start_ms)
    room = max(1, int(width // LABEL_WIDTH))
    start, end = (datetime.fromtimestamp(at / 1000, zone) for at in (start_ms, end_ms))
    for step in _CLOCK_STEPS:
        if span / (step.total_seconds() * 1000) <= room:
            return _lined(_clock(start, end, step), _clock_words(step), "%B {day}, %Y")
    for days in _DAY_STEPS:
        if span / (days * DAY) <= room:
            return _lined(_days(start, end, days), "{day}", "%B %Y")
    for months in _MONTH_STEPS:
        if span / (months * MONTH) <= room:
            return _lined(_months(start, end, months), "%b", "%Y")
    years = next((step for step in _YEAR_STEPS if span / (step * YEAR) <= room), _YEAR_STEPS[-1])
    return _lined(_months(start, end, 12 * years), "%Y", "")


def _lined(moments: Iterator[datetime], words: str, words_below: str) -> list[TimeTick]:
    """Write each moment; below the first of a day (month, year) stands that day."""
    result: list[TimeTick] = []
    before = ""
    for moment in moments:
        below = _written(moment, words_below)
        lines = [_written(moment, words)]
        if below != before:
            lines.append(below)
        result.append(TimeTick(int(moment.timestamp() * 1000), lines))
        before = below
    return result


def _written(moment: datetime, words: str) -> str:
    milliseconds = f"{moment.microsecond // 1000:03d}"
    return moment.strftime(words).replace("{day}", str(moment.day)).replace("{ms}", milliseconds)


def _clock_words(step: timedelta) -> str:
    if step < timedelta(seconds=1):
        return "%H:%M:%S.{ms}"
    return "%H:%M:%S" if step < timedelta(minutes=1) else "%H:%M"


def _clock(start: datetime, end: datetime, step: timedelta) -> Iterator[datetime]:
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    moment = midnight + step * math.ceil((start - midnight) / step)
    while moment <= end:
        yield moment
        moment += step


def _days(start: datetime, end: datetime, days: int) -> Iterator[datetime]:
    """Give midnights; steps of a week fall on Mondays."""
    moment = start.replace(hour=0, minute=0, second=0, microsecond=0)
    if moment < start:
        moment += timedelta(days=1)
    if days == 7:
        moment += timedelta(days=-moment.weekday() % 7)
    while moment <= end:
        yield moment
        moment += timedelta(days=days)


def _months(start: datetime, end: datetime, months: int) -> Iterator[datetime]:
    """Give the first days of months, counted from January (of a round year, for steps of years)."""
    number = math.ceil((start.year * 12 + start.month - 1) / months) * months
    while number // 12 <= datetime.max.year:
        moment = start.replace(
            year=number // 12, month=number % 12 + 1, day=1, hour=0, minute=0, second=0, microsecond=0
        )
        if moment > end:
            return
        if moment >= start:
            yield moment
        number += months
