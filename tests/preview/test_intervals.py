"""Intervals of time: which one is taken, where its buckets begin, and where a moved moment lies."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibana_builder.date_math import epoch_ms
from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.intervals import (
    Interval,
    after,
    automatic,
    begin_of,
    interval_of,
    moved,
    number_width,
    offsets,
    scaled,
    starts,
)
from tests.preview.small_events import DAY, HOUR, MINUTE, ask, rows, store, xy
from tests.shared_material import GOLD, needs_shared

NOW = 1_795_449_600_000
BERLIN = ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"])
INTERVALS = st.sampled_from(["30s", "1m", "5m", "10m", "30m", "1h", "3h", "12h", "1d", "2d", "1w", "1M", "1q", "1y"])
MOMENTS = st.integers(min_value=1_577_836_800_000, max_value=1_893_456_000_000)  # 2020 to 2030


def ms(text: str) -> int:
    return epoch_ms(text, NOW)


@pytest.mark.parametrize(
    ("length", "interval"),
    [
        (15 * MINUTE, "30s"),
        (HOUR, "1m"),
        (4 * HOUR, "5m"),
        (12 * HOUR, "10m"),
        (DAY, "30m"),
        (2 * DAY, "1h"),
        (7 * DAY, "3h"),
        (30 * DAY, "12h"),
        (90 * DAY, "1d"),
        (365 * DAY, "1w"),
        (20, "1ms"),
    ],
)
def test_the_automatic_interval(length: int, interval: str) -> None:
    """A range has about fifty buckets, of a length that people count in."""
    assert str(automatic(length)) == interval


@needs_shared
def test_the_automatic_interval_is_kibanas() -> None:
    """Each range that was recorded has the interval that Kibana 8.12.2 chose."""
    recorded = json.loads((GOLD / "queries" / "extra" / "auto-intervals.json").read_text())
    assert len(recorded) >= 9
    for one in recorded:
        asked = one["date_histogram"]
        chosen = automatic(asked["extended_bounds"]["max"] - asked["extended_bounds"]["min"])
        assert str(chosen) == (asked.get("calendar_interval") or asked["fixed_interval"])
        assert chosen.calendar == ("calendar_interval" in asked)
        # Its buckets are those that came.
        found = list(starts(ms(one["gte"]), ms(one["lte"]), chosen))
        assert (len(found), found[0], found[-1]) == (one["buckets"], ms(one["first"]), ms(one["last"]))


def test_intervals_in_words() -> None:
    """One of a unit follows the calendar; several weeks or months are so many days."""
    assert interval_of("1h") == Interval(1, "h")
    assert interval_of("d") == Interval(1, "d")
    assert interval_of("hour") == Interval(1, "h")
    assert interval_of("2w") == Interval(14, "d")
    assert interval_of("auto") is None
    assert interval_of("0s") is None
    assert Interval(1, "d").calendar
    assert not Interval(2, "d").calendar


def test_too_short_an_interval_is_lengthened() -> None:
    """Beyond a thousand buckets Kibana takes the longest usual interval that is below a thousandth of the range."""
    assert str(scaled(Interval(1, "m"), 10 * HOUR)) == "1m"
    assert str(scaled(Interval(1, "s"), DAY)) == "1m"


@given(MOMENTS, INTERVALS, ZONES)
def test_a_moment_lies_in_its_bucket(moment: int, words: str, name: str) -> None:
    """A bucket begins at or before each of its moments, and the next one begins behind them."""
    interval, zone = interval_of(words), ZoneInfo(name)
    assert interval is not None
    begin = begin_of(moment, interval, zone)
    assert begin <= moment < after(begin, interval, zone)
    assert begin_of(begin, interval, zone) == begin


def test_days_of_a_zone_with_summer_time() -> None:
    """The day on which clocks go forward has 23 hours, and an hour still begins each hour."""
    sunday = ms("2026-03-28T23:00:00Z")
    assert after(sunday, Interval(1, "d"), BERLIN) == sunday + 23 * HOUR
    hours = list(starts(sunday, sunday + 23 * HOUR - 1, Interval(1, "h"), BERLIN))
    assert hours == [sunday + count * HOUR for count in range(23)]


@pytest.mark.parametrize(
    ("name", "moment", "words", "begin"),
    [
        ("America/New_York", "2026-11-01T06:30:00Z", "3h", "2026-11-01T04:00:00Z"),
        ("America/New_York", "2026-11-01T06:30:00Z", "1h", "2026-11-01T06:00:00Z"),
        ("America/New_York", "2026-11-01T06:10:00Z", "90m", "2026-11-01T05:30:00Z"),
        ("America/New_York", "2026-03-08T07:30:00Z", "90m", "2026-03-08T07:00:00Z"),
        ("Australia/Lord_Howe", "2026-10-03T15:40:00Z", "1h", "2026-10-03T14:30:00Z"),
        ("Australia/Lord_Howe", "2026-10-03T15:40:00Z", "45m", "2026-10-03T15:30:00Z"),
        ("Australia/Lord_Howe", "2026-04-04T15:10:00Z", "1h", "2026-04-04T14:00:00Z"),
        ("Australia/Lord_Howe", "2026-04-04T15:10:00Z", "30m", "2026-04-04T15:00:00Z"),
        ("America/Havana", "2026-11-01T05:30:00Z", "1d", "2026-11-01T04:00:00Z"),
        ("America/Havana", "2026-11-01T05:30:00Z", "1M", "2026-11-01T04:00:00Z"),
        ("America/Havana", "2026-03-08T05:30:00Z", "1d", "2026-03-08T05:00:00Z"),
        ("America/Havana", "2026-03-08T05:30:00Z", "12h", "2026-03-08T05:00:00Z"),
        ("Pacific/Apia", "2011-12-30T12:00:00Z", "1d", "2011-12-30T10:00:00Z"),
        ("Asia/Kathmandu", "1985-12-31T19:00:00Z", "1h", "1985-12-31T17:30:00Z"),
        ("Europe/Berlin", "2026-10-25T01:30:00Z", "2d", "2026-10-23T22:00:00Z"),
    ],
)
def test_where_clocks_are_set_anew(name: str, moment: str, words: str, begin: str) -> None:
    """Buckets begin where those of Elasticsearch 9.4 did for these moments, in SQL too."""
    interval, zone = interval_of(words), ZoneInfo(name)
    assert interval is not None
    assert begin_of(ms(moment), interval, zone) == ms(begin)
    by_time: JsonObject = {"operation": "date_histogram", "field": "t", "suggested_interval": words}
    with store([{"t": ms(moment)}]) as events:
        asked = xy([{"operation": "count"}], {**by_time, "include_empty_rows": False})
        found = rows(ask(events, asked, (ms(moment) - DAY, ms(moment) + DAY), zone=zone))
    assert found == [(ms(begin), 1)]


def test_weeks_begin_on_monday_and_quarters_in_january() -> None:
    """The calendar is that of ISO 8601."""
    sunday = ms("2026-11-22T15:00:00Z")
    assert begin_of(sunday, Interval(1, "w")) == ms("2026-11-16T00:00:00Z")
    assert begin_of(sunday, Interval(1, "q")) == ms("2026-10-01T00:00:00Z")
    assert after(ms("2026-10-01T00:00:00Z"), Interval(1, "q")) == ms("2027-01-01T00:00:00Z")
    assert after(ms("2028-02-01T00:00:00Z"), Interval(1, "M")) == ms("2028-03-01T00:00:00Z")


def test_moments_are_moved() -> None:
    """Hours are hours; days and months keep the time of day and stay inside their month; previous is the range."""
    whole = (ms("2026-03-31T10:00:00Z"), ms("2026-03-31T12:00:00Z"))
    assert moved(whole[0], "90m", whole) == whole[0] - 90 * MINUTE
    assert moved(whole[0], "previous", whole) == whole[0] - 2 * HOUR
    assert moved(whole[0], "1M", whole) == ms("2026-02-28T10:00:00Z")
    assert moved(whole[0], "1y", whole) == ms("2025-03-31T10:00:00Z")
    assert moved(whole[0], "1w", whole, BERLIN) == whole[0] - 7 * DAY + HOUR  # winter time, an hour later in UTC
    assert moved(whole[0], "1d", whole, sign=1) == whole[0] + DAY
    assert moved(whole[0], "startAt(2026-01-01T00:00:00Z)", whole) == ms("2026-01-01T00:00:00Z")
    for words in ("soon", "1q", "d", "-1d"):
        with pytest.raises(ValueError, match="no time shift"):
            moved(whole[0], words, whole)


@given(MOMENTS, ZONES)
def test_offsets_are_those_of_the_zone(moment: int, name: str) -> None:
    """Whatever the moment of a year, the offset that is found for it is what the zone's clocks show."""
    zone = ZoneInfo(name)
    first = ms("2019-12-01T00:00:00Z")
    found = offsets(first, ms("2030-06-01T00:00:00Z"), zone)
    offset = next((offset for until, offset in found if moment < until), found[-1][1])
    local = datetime.fromtimestamp(moment / 1000, UTC).astimezone(zone)
    assert timedelta(milliseconds=offset) == local.utcoffset()


@pytest.mark.parametrize(
    ("low", "high", "whole", "width"),
    [(0.6113, 0.9999, False, 0.001), (0, 10, True, 1), (0, 5000, True, 20), (3, 3, False, 1), (0, 1e6, False, 5000)],
)
def test_the_width_of_bars(low: float, high: float, whole: bool, width: float) -> None:
    """It is 1, 2 or 5 times a power of ten, so that there are at most as many bars as are asked for."""
    assert number_width(low, high, 499.5, whole_numbers=whole) == width
