"""Intervals of time: which one Kibana takes for a range, and where its buckets begin.

Facts: the automatic interval and the table behind it are Kibana's (data plugin, calc_auto_interval and
calc_es_interval: about 50 buckets, at most 1000; recorded for nine ranges on 8.12.2: it does not depend on the width
of the drawing). One minute, hour, day, week, month, quarter or year is a calendar interval, which follows the clock of
its time zone; anything else is fixed, and its buckets begin at multiples of it, counted in local time.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

from kibana_builder.date_math import in_months, milliseconds, moment_at

__all__ = [
    "UNITS",
    "Interval",
    "after",
    "automatic",
    "begin_of",
    "end_of",
    "interval_of",
    "moved",
    "moved_range",
    "number_width",
    "offsets",
    "scaled",
    "starts",
    "turns",
    "zone_name",
]

SECOND = 1000
MINUTE, HOUR, DAY, WEEK = 60 * SECOND, 3600 * SECOND, 86400 * SECOND, 7 * 86400 * SECOND
MONTH, YEAR = round(30.436875 * DAY), round(365.2425 * DAY)

BARS, MOST_BARS = 50, 1000
"""Kibana's settings `histogram:barTarget` and `histogram:maxBars`."""

# A bucket that would be at least so long -> the interval that is taken, in Kibana's words for both.
_STEPS = (
    (YEAR, MONTH),
    (3 * WEEK, WEEK),
    (WEEK, DAY),
    (DAY, 12 * HOUR),
    (6 * HOUR, 3 * HOUR),
    (2 * HOUR, HOUR),
    (45 * MINUTE, 30 * MINUTE),
    (20 * MINUTE, 10 * MINUTE),
    (9 * MINUTE, 5 * MINUTE),
    (3 * MINUTE, MINUTE),
    (45 * SECOND, 30 * SECOND),
    (15 * SECOND, 10 * SECOND),
    (7500, 5 * SECOND),
    (5 * SECOND, SECOND),
    (500, 100),
)
UNITS = {"ms": 1, "s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY, "w": WEEK, "M": MONTH, "q": 3 * MONTH, "y": YEAR}
"""How many milliseconds a unit has; of months and years the usual number."""
_CALENDAR = ("m", "h", "d", "w", "M", "q", "y")
_MONTHS = {"M": 1, "q": 3, "y": 12}
_WRITTEN = re.compile(r"\s*(\d*)\s*(ms|[smhdwMqy])\s*")
_WORDS = {"second": "s", "minute": "m", "hour": "h", "day": "d", "week": "w", "month": "M", "quarter": "q", "year": "y"}
_MONDAY = 4 * DAY
"""The first Monday of the epoch, at which weeks begin."""


@dataclass(frozen=True)
class Interval:
    """A length of time: so many of a unit (ms, s, m, h, d, w, M, q, y)."""

    count: int
    unit: str

    @property
    def calendar(self) -> bool:
        """Whether it follows the calendar, so that its buckets may differ in length."""
        return self.count == 1 and self.unit in _CALENDAR

    @property
    def milliseconds(self) -> int:
        """Its length; of months and years the usual one."""
        return self.count * UNITS[self.unit]

    @property
    def words(self) -> str:
        """Write it as Kibana does beside an axis: `hour`, `30 minutes`."""
        word = next((word for word, unit in _WORDS.items() if unit == self.unit), "millisecond")
        return word if self.count == 1 else f"{self.count} {word}s"

    @property
    def origin(self) -> int:
        """Where its buckets are counted from, in milliseconds of local time."""
        return _MONDAY if self.calendar and self.unit == "w" else 0

    def __str__(self) -> str:
        """Write it as Elasticsearch does."""
        return f"{self.count}{self.unit}"


def interval_of(words: str) -> Interval | None:
    """Read an interval (`30s`, `1h`, `d`, `hour`); None for `auto` or what is no interval."""
    found = _WRITTEN.fullmatch(_WORDS.get(words, words))
    if found is None or found[1] in ("0", "00"):
        return None
    return _normal(int(found[1] or 1), found[2])


def _normal(count: int, unit: str) -> Interval:
    """Give several weeks, months or years in days: Elasticsearch has a calendar for one of them only."""
    if count != 1 and unit in ("w", "M", "q", "y"):
        return Interval(max(1, round(count * UNITS[unit] / DAY)), "d")
    return Interval(count, unit)


def _of_length(milliseconds: int) -> Interval:
    for unit in ("y", "M", "w", "d", "h", "m", "s"):
        if milliseconds % UNITS[unit] == 0 and (unit not in ("y", "M", "w") or milliseconds == UNITS[unit]):
            return Interval(milliseconds // UNITS[unit], unit)
    return Interval(milliseconds, "ms")


def automatic(length: float, bars: int = BARS) -> Interval:
    """Choose the interval for a range of so many milliseconds, such that there are about so many buckets.

    >>> str(automatic(24 * 3_600_000)), str(automatic(3_600_000))
    ('30m', '1m')
    """
    target = length / bars
    taken = YEAR
    for bound, interval in _STEPS:
        if bound <= target:
            return _of_length(taken)
        taken = interval
    return _of_length(max(int(target), 1)) if target < 500 else _of_length(taken)


def scaled(interval: Interval, length: float) -> Interval:
    """Give the interval, or beyond 1000 buckets the longest usual one below a thousandth of such a range.

    That is Kibana's rule (calc_auto_interval), by which there may be some more buckets than 1000.
    """
    if length / interval.milliseconds <= MOST_BARS:
        return interval
    most = length / MOST_BARS
    taken = next((step for step in (YEAR, *(step for _, step in _STEPS)) if step <= most), None)
    return _of_length(taken if taken is not None else max(int(most), 1))


def number_width(low: float, high: float, max_bars: float, *, whole_numbers: bool) -> float:
    """Choose the width of a numeric histogram's buckets: 1, 2 or 5 times a power of ten, for at most so many bars.

    >>> number_width(0.6113, 0.9999, 499.5, whole_numbers=False)
    0.001
    """
    length = high - low
    if length <= 0 or (whole_numbers and length < max_bars):
        return 1.0
    bars = min(max_bars, MOST_BARS)
    power = math.floor(math.log10(length / bars))
    lower = float(f"1e{power}")
    count = length / lower
    factor = 1 if count <= bars else next((step for step in (2, 5) if count / step <= bars), 10)
    return float(f"{factor}e{power}") if factor < 10 else float(f"1e{power + 1}")


def _offset(moment: int, zone: tzinfo) -> int:
    """Give how far local time is ahead of UTC at a moment, in milliseconds."""
    return round((zone.utcoffset(_local(moment, zone)) or timedelta()) / timedelta(milliseconds=1))


def _local(moment: int, zone: tzinfo) -> datetime:
    return moment_at(moment).astimezone(zone)


def _moment(local: datetime) -> int:
    """Give the moment at which a zone's clocks show a time, the first of two; of one that they leave out the change."""
    # By way of UTC: two times of one zone would be subtracted as its clocks show them.
    return milliseconds(local.astimezone(UTC))


def zone_name(zone: tzinfo) -> str:
    """Give a zone's name, or its distance from UTC (`+05:45`), as Elasticsearch takes it."""
    name = getattr(zone, "key", None)
    if isinstance(name, str):
        return name
    words = datetime(2000, 1, 1, tzinfo=zone).strftime("%z")
    return "UTC" if words in ("", "+0000") else f"{words[:3]}:{words[3:5]}"


@lru_cache(64)
def offsets(first: int, last: int, zone: tzinfo) -> tuple[tuple[int, int], ...]:
    """Give how far a zone's clocks are ahead of UTC from one moment to another: `(until, offset)`, in order.

    The last holds for all later ones. A change is found to the second.
    """
    found: list[tuple[int, int]] = []
    at, offset = first, _offset(first, zone)
    while at < last:
        following = min(at + 7 * DAY, last)
        if _offset(following, zone) != offset:
            low, high = at // SECOND, -(-following // SECOND)
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset(middle * SECOND, zone) == offset else (low, middle)
            found.append((high * SECOND, offset))
            following = high * SECOND
            offset = _offset(following, zone)
        at = following
    return (*found, (last, offset))


def turns(first: int, last: int, zone: tzinfo) -> tuple[int, ...]:
    """Give the moments at which a zone's clocks are set anew, from one moment to another."""
    return tuple(until for until, _ in offsets(first, last, zone)[:-1])


def begin_of(moment: int, interval: Interval, zone: tzinfo = UTC) -> int:
    """Give where the bucket begins that a moment falls into, in epoch milliseconds.

    Where clocks are set anew this is Elasticsearch's rule (its Rounding.java): a day or longer of the calendar begins
    at the first midnight there is; a bucket that would reach back over the change is that of the moment before it, and
    a beginning that the clocks leave out is the change itself, but for hours and minutes of the calendar.
    """
    offset = _offset(moment, zone)
    local = _floor(moment + offset, interval)
    if interval.calendar and interval.unit not in ("h", "m"):
        return _moment(moment_at(local).replace(tzinfo=zone))
    begin = local - offset
    if _offset(begin, zone) == offset:
        return begin
    change = turns(begin, moment + 1, zone)[-1]
    missing = _offset(change - 1, zone) + change <= local < offset + change
    return change if missing and not interval.calendar else begin_of(change - 1, interval, zone)


def _floor(local: int, interval: Interval) -> int:
    """Give the beginning of the bucket in which a local time lies, both in milliseconds as if they were UTC."""
    if interval.calendar and interval.unit in _MONTHS:
        moment, months = moment_at(local), _MONTHS[interval.unit]
        return milliseconds(datetime(moment.year, (moment.month - 1) // months * months + 1, 1, tzinfo=UTC))
    length, origin = interval.milliseconds, interval.origin
    return (local - origin) // length * length + origin


def after(begin: int, interval: Interval, zone: tzinfo = UTC) -> int:
    """Give where the bucket after the one that begins here begins."""
    reach = begin + interval.milliseconds
    if interval.calendar and interval.unit in _MONTHS:
        reach += 15 * DAY
    following = begin_of(reach, interval, zone)
    while following <= begin:  # clocks were set back in between
        reach += HOUR
        following = begin_of(reach, interval, zone)
    while (between := begin_of(following - 1, interval, zone)) > begin:
        following = between
    return following


def end_of(begin: int, interval: Interval, zone: tzinfo = UTC) -> int:
    """Give where the bucket that begins here ends for Kibana, which adds the interval to its beginning.

    It is not where the next one begins if clocks are set anew in a fixed interval.
    """
    return after(begin, interval, zone) if interval.calendar else begin + interval.milliseconds


def starts(first: int, last: int, interval: Interval, zone: tzinfo = UTC) -> Iterator[int]:
    """Give the beginnings of all buckets from the one of the moment `first` to the one of `last`."""
    begin, end = begin_of(first, interval, zone), begin_of(last, interval, zone)
    while begin <= end:
        yield begin
        begin = after(begin, interval, zone)


def moved(moment: int, shift: str, time_range: tuple[int, int], zone: tzinfo = UTC, *, sign: int = -1) -> int:
    """Move a moment by a time shift (`1d`, `previous`, `startAt(…)`, `endAt(…)`), back in time unless sign is 1.

    `time_range` is what `previous` is as long as. Days and longer units keep the time of day of the zone.
    Raises ValueError for words that are no shift.
    """
    words = shift.strip()
    if words == "previous":
        return moment + sign * (time_range[1] - time_range[0])
    if words.startswith(("startAt(", "endAt(")) and words.endswith(")"):
        fixed = datetime.fromisoformat(words[words.index("(") + 1 : -1].strip().strip("'\""))
        at = milliseconds(fixed if fixed.tzinfo else fixed.replace(tzinfo=zone))
        return moment + sign * (time_range[0 if words.startswith("startAt") else 1] - at)
    found = _WRITTEN.fullmatch(words)
    if found is None or found[2] in ("ms", "q") or not found[1]:
        raise ValueError(f"'{shift}' is no time shift")
    count, unit = sign * int(found[1]), found[2]
    if unit in ("s", "m", "h"):
        return moment + count * UNITS[unit]
    local = _local(moment, zone).replace(tzinfo=None)
    try:
        if unit in ("d", "w"):
            there = local + timedelta(days=count * (7 if unit == "w" else 1))
        else:
            there = in_months(local, count * _MONTHS[unit])
        return _moment(there.replace(tzinfo=zone))
    except OverflowError:
        raise ValueError(f"'{shift}' leads beyond the years 1 to 9999") from None


def moved_range(time_range: tuple[int, int], shift: str | None, zone: tzinfo = UTC) -> tuple[int, int]:
    """Move a time range back by a time shift, if there is one. Raises ValueError for words that are no shift."""
    if shift is None:
        return time_range
    return moved(time_range[0], shift, time_range, zone), moved(time_range[1], shift, time_range, zone)
