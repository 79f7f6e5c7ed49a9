"""Numbers and dates as Kibana writes them."""

from __future__ import annotations

import math
from datetime import timedelta, timezone

import pytest

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.formats import date_text, interval_date_text, number_text, value_text


def custom(pattern: str) -> JsonObject:
    return {"type": "custom", "pattern": pattern}


@pytest.mark.parametrize(
    ("value", "number_format", "words"),
    [
        (1234567.8914, None, "1,234,567.891"),
        (0.5, None, "0.5"),
        (-5.0, None, "-5"),
        (-0.0001, None, "0"),
        (55.125, {"type": "number", "decimals": 1, "suffix": "%"}, "55.1%"),
        (2.5, {"type": "number", "decimals": 0}, "3"),
        (123456, {"type": "number", "compact": True}, "123.46k"),
        (0.1234, {"type": "percent", "decimals": 1}, "12.3%"),
        (1536, {"type": "bytes"}, "1.50KB"),
        (12345678, {"type": "bits", "decimals": 1}, "12.3Mbit"),
        (3723, {"type": "duration", "from": "s", "to": "auto"}, "1.03 hours"),
        (3723, {"type": "duration", "from": "s", "to": "auto", "decimals": 0, "compact": True}, "1 h"),
        (95, {"type": "duration", "from": "ms", "to": "s"}, "0.10 seconds"),
        (5000, {"type": "duration", "from": "s", "to": "auto-approximate"}, "an hour"),
        (-600, {"type": "duration", "from": "s", "to": "auto-approximate"}, "minus 10 minutes"),
        (0, {"type": "duration", "from": "s", "to": "auto-approximate"}, "0 seconds"),
        (0.7, custom(".[00]"), ".7"),
        (0, custom(".[00]"), "0"),
        (1, custom("0.00a"), "1.00"),
        (1_000_000, custom("$0,0"), "$1,000,000"),
        (1024, custom("0 ib"), "1 KiB"),
        (math.nan, None, "-"),
    ],
)
def test_a_number_and_its_words(value: float, number_format: JsonObject | None, words: str) -> None:
    """Patterns, formats and suffixes give Kibana's own words."""
    assert number_text(value, number_format) == words


@pytest.mark.parametrize(
    ("value", "kind", "words"),
    [
        (None, "number", "-"),
        (True, "boolean", "true"),
        (1, "boolean", "true"),
        ("a", "string", "a"),
        (1795362180000, "date", "Nov 22, 2026 @ 15:43:00.000"),
    ],
)
def test_a_value_by_its_kind(value: Json, kind: str, words: str) -> None:
    """Dates are moments, booleans are words, what is missing is a dash."""
    assert value_text(value, None, kind) == words


def test_dates_are_written_in_their_zone() -> None:
    """The clock of a place decides, not that of the machine."""
    assert date_text(1795362180123, timezone(timedelta(hours=2))) == "Nov 22, 2026 @ 17:43:00.123"


@pytest.mark.parametrize(
    ("interval", "words"),
    [
        (500, "15:43:00.000"),
        (30_000, "15:43:00"),
        (1_800_000, "15:43"),
        (3_600_000, "2026-11-22 15:43"),
        (86_400_000, "2026-11-22"),
    ],
)
def test_the_start_of_a_bucket(interval: float, words: str) -> None:
    """The wider a bucket, the less of the clock stands beside it."""
    assert interval_date_text(1795362180000, interval) == words


def test_a_moment_that_no_calendar_has_is_a_number() -> None:
    """Microseconds taken for milliseconds lie in the year 58,000."""
    assert date_text(1_795_348_800_000_000) == "1,795,348,800,000,000"
