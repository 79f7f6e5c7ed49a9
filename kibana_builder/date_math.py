"""Moments in words, as Kibana's time picker takes them: `now-24h`, `now/d`, `2026-11-24T09:30:00Z`.

The words are those of Elastic's date math: `now`, then steps such as `-24h` or `+1d`, then perhaps `/d`, which rounds
to the beginning of the unit (to its last millisecond at the end of a range). All in UTC, unless a moment says its own
zone.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta

from kibana_builder.errors import KbuildError

__all__ = ["NoMoment", "epoch_ms", "in_months", "milliseconds", "moment_at", "now_ms"]

_NOW = re.compile(r"now(?P<steps>(?:[+-]\d+[smhdwMy])*)(?:/(?P<unit>[smhdwMy]))?")
_STEP = re.compile(r"([+-])(\d+)([smhdwMy])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class NoMoment(KbuildError):
    """A text that names no moment."""


def now_ms() -> int:
    """Give the time, in epoch milliseconds."""
    return int(time.time() * 1000)


def moment_at(epoch: int) -> datetime:
    """Give the moment of epoch milliseconds, in UTC. Raises NoMoment for one beyond the years 1 to 9999."""
    try:
        return _EPOCH + timedelta(milliseconds=epoch)
    except OverflowError:
        raise NoMoment(f"{epoch} milliseconds since 1970 lie beyond the years 1 to 9999") from None


def milliseconds(moment: datetime) -> int:
    """Give a moment that says its zone in epoch milliseconds."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def in_months(moment: datetime, months: int) -> datetime:
    """Go so many months on; what is no day of that month becomes its last.

    >>> str(in_months(datetime(2024, 3, 31), -1))
    '2024-02-29 00:00:00'
    """
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    last_day = (datetime(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last_day))


def epoch_ms(text: str, now_ms: int, *, end: bool = False) -> int:
    """Give the moment that a text names, in epoch milliseconds; `end` rounds `/d` to the end of the unit.

    >>> epoch_ms("now-1h", 3_600_000), epoch_ms("1970-01-02", 0)
    (0, 86400000)

    Raises NoMoment.
    """
    found = _NOW.fullmatch(text.strip())
    try:
        if found is None:
            return milliseconds(_written(text.strip()))
        moment = moment_at(now_ms)
        for sign, count, unit in _STEP.findall(found["steps"]):
            moment = _moved(moment, int(sign + count), unit)
        if found["unit"]:
            moment = _begin(moment, found["unit"])
            if end:
                return milliseconds(_moved(moment, 1, found["unit"])) - 1
        return milliseconds(moment)
    except (ValueError, OverflowError):
        raise NoMoment(
            f"{text!r} is no moment; there are 2026-11-24, 2026-11-24T09:30:00Z, now-24h and now/d"
        ) from None


def _written(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _moved(moment: datetime, count: int, unit: str) -> datetime:
    if unit in _SECONDS:
        return moment + timedelta(seconds=count * _SECONDS[unit])
    return in_months(moment, count if unit == "M" else 12 * count)


def _begin(moment: datetime, unit: str) -> datetime:
    """Give the beginning of the unit that a moment lies in; weeks begin on Sunday, as Kibana's do."""
    moment = moment.replace(microsecond=0)
    if unit == "s":
        return moment
    moment = moment.replace(second=0)
    if unit == "m":
        return moment
    moment = moment.replace(minute=0)
    if unit == "h":
        return moment
    moment = moment.replace(hour=0)
    if unit == "w":
        return moment - timedelta(days=(moment.weekday() + 1) % 7)
    if unit == "M":
        return moment.replace(day=1)
    return moment.replace(month=1, day=1) if unit == "y" else moment
