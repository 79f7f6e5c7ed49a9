"""Dates in query DSL -> moments: Elasticsearch's date math, and dates of which the end is left out.

https://www.elastic.co/guide/en/elasticsearch/reference/8.12/common-options.html#date-math: `now-1d/d`,
`2026-11-24||+1M/d`; an upper bound is rounded up, so that `lte: 2026-11-24` is the last millisecond of that day
(https://www.elastic.co/guide/en/elasticsearch/reference/8.12/query-dsl-range-query.html).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kibana_builder.date_math import milliseconds
from kibana_builder.json_tree import Json
from kibana_builder.preview.intervals import Interval, after, begin_of, moved
from kibana_builder.preview.query import Unanswerable

__all__ = ["moment_of", "zone_of"]

_NUMBER = re.compile(r"(?!\d{4}$)-?\d+")
"""Epoch milliseconds; four digits are a year."""
_STEP = re.compile(r"([+-])(\d*)([yMwdhHms])|/([yMwdhHms])")
_DATE = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d)(?:[T ](?:(?P<hour>\d\d)(?::(?P<minute>\d\d)"
    r"(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{1,9}))?)?)?)?(?P<zone>Z|[+-]\d\d(?::?\d\d)?)?)?)?)?"
)
_PARTS = (("second", "s"), ("minute", "m"), ("hour", "h"), ("day", "d"))


def zone_of(words: Json) -> tzinfo:
    """Read `time_zone` of a range query. Raises Unanswerable."""
    if words in (None, "UTC", "Z"):
        return UTC
    try:
        offset = re.fullmatch(r"([+-])(\d\d):?(\d\d)", str(words))
        if offset:
            return datetime.fromisoformat(f"2000-01-01T00:00:00{offset[1]}{offset[2]}:{offset[3]}").tzinfo or UTC
        return ZoneInfo(str(words))
    except (ZoneInfoNotFoundError, ValueError):
        raise Unanswerable(f"the time zone {words!r} is not known") from None


def moment_of(value: Json, now_ms: int, *, up: bool, zone: tzinfo = UTC) -> int:
    """Give the moment (epoch milliseconds) that a value of a date field means; `up` rounds to the end.

    Raises Unanswerable for what Elasticsearch would refuse too.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Unanswerable(f"{value!r} is no date")
    if isinstance(value, int | float):
        return int(value)
    if _NUMBER.fullmatch(value):
        return int(value)
    if value.startswith("now"):
        return _stepped(now_ms, value[3:], value, up=up, zone=zone)
    written, _, steps = value.partition("||")
    found = _DATE.fullmatch(written.strip())
    if found is None:
        raise Unanswerable(f"{value!r} is no date")
    return _stepped(_written(found, value, up=up and not steps, zone=zone), steps, value, up=up, zone=zone)


def _written(found: re.Match[str], value: str, *, up: bool, zone: tzinfo) -> int:
    said = found["zone"]
    if said is not None:
        zone = zone_of("UTC" if said == "Z" else said if len(said) > 3 else f"{said}:00")
    try:
        moment = datetime(
            int(found["year"]),
            int(found["month"] or 1),
            int(found["day"] or 1),
            int(found["hour"] or 0),
            int(found["minute"] or 0),
            int(found["second"] or 0),
            tzinfo=zone,
        )
    except ValueError:
        raise Unanswerable(f"{value!r} is no date") from None
    begin = milliseconds(moment.astimezone(UTC))
    if found["fraction"] is not None:
        return begin + int(found["fraction"].ljust(3, "0")[:3])
    if not up:
        return begin
    # A month or a year alone is its first day: Elasticsearch fills in the time of day only.
    unit = next(unit for part, unit in _PARTS if part == "day" or found[part] is not None)
    return after(begin, Interval(1, unit), zone) - 1


def _stepped(moment: int, steps: str, value: str, *, up: bool, zone: tzinfo) -> int:
    at = 0
    for found in _STEP.finditer(steps):
        if found.start() != at:
            break
        at = found.end()
        unit = (found[3] or found[4]).replace("H", "h")
        if found[4]:
            begin = begin_of(moment, Interval(1, unit), zone)
            moment = after(begin, Interval(1, unit), zone) - 1 if up else begin
        else:
            try:
                moment = moved(moment, f"{found[2] or 1}{unit}", (0, 0), zone, sign=1 if found[1] == "+" else -1)
            except ValueError:
                raise Unanswerable(f"{value!r} is no date") from None
    if at != len(steps):
        raise Unanswerable(f"{value!r} is no date")
    return moment
