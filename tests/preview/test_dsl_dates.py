"""Dates in queries: Elasticsearch's date math, and what is left out at their end."""

from __future__ import annotations

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest

from kibana_builder.date_math import epoch_ms
from kibana_builder.preview.dsl_dates import moment_of, zone_of
from kibana_builder.preview.query import Unanswerable

NOW = epoch_ms("2026-11-22T12:34:56.789Z", 0)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        (NOW, "2026-11-22T12:34:56.789Z", "2026-11-22T12:34:56.789Z"),
        (str(NOW), "2026-11-22T12:34:56.789Z", "2026-11-22T12:34:56.789Z"),
        ("now", "2026-11-22T12:34:56.789Z", "2026-11-22T12:34:56.789Z"),
        ("now-1d", "2026-11-21T12:34:56.789Z", "2026-11-21T12:34:56.789Z"),
        ("now-1d/d", "2026-11-21T00:00:00.000Z", "2026-11-21T23:59:59.999Z"),
        ("now/M", "2026-11-01T00:00:00.000Z", "2026-11-30T23:59:59.999Z"),
        ("now/w", "2026-11-16T00:00:00.000Z", "2026-11-22T23:59:59.999Z"),
        ("now+1h/h", "2026-11-22T13:00:00.000Z", "2026-11-22T13:59:59.999Z"),
        ("2026-11-22", "2026-11-22T00:00:00.000Z", "2026-11-22T23:59:59.999Z"),
        ("2026-11-22T12", "2026-11-22T12:00:00.000Z", "2026-11-22T12:59:59.999Z"),
        ("2026-11-22T12:34:56Z", "2026-11-22T12:34:56.000Z", "2026-11-22T12:34:56.999Z"),
        ("2026-11-22T12:34:56.7+01:00", "2026-11-22T11:34:56.700Z", "2026-11-22T11:34:56.700Z"),
        ("2026-11-22||+1M", "2026-12-22T00:00:00.000Z", "2026-12-22T00:00:00.000Z"),
    ],
)
def test_moments(value: object, low: str, high: str) -> None:
    """A lower bound is the first moment of what is meant, an upper one the last."""
    assert moment_of(value, NOW, up=False) == epoch_ms(low, 0)  # type: ignore[arg-type]
    assert moment_of(value, NOW, up=True) == epoch_ms(high, 0)  # type: ignore[arg-type]


def test_dates_without_a_zone_are_meant_in_that_of_the_query() -> None:
    """A day of Berlin begins at 23:00 UTC in winter; a date that says its zone keeps it."""
    assert moment_of("2026-11-22", NOW, up=False, zone=BERLIN) == epoch_ms("2026-11-21T23:00:00Z", 0)
    assert moment_of("now/d", NOW, up=False, zone=BERLIN) == epoch_ms("2026-11-21T23:00:00Z", 0)
    assert moment_of("2026-11-22T00:00:00Z", NOW, up=False, zone=BERLIN) == epoch_ms("2026-11-22T00:00:00Z", 0)


@pytest.mark.parametrize("value", ["soon", "now-", "now-1x", "2026-13-01", "2026-02-30", True, None, ["now"], "1d"])
def test_what_is_no_date_is_an_error(value: object) -> None:
    """It would be one in Elasticsearch too."""
    with pytest.raises(Unanswerable):
        moment_of(value, NOW, up=False)  # type: ignore[arg-type]


def test_time_zones() -> None:
    """A name or a distance from UTC."""
    assert zone_of(None) is UTC
    assert zone_of("UTC") is UTC
    assert zone_of("Europe/Berlin") == BERLIN
    assert zone_of("+05:30").utcoffset(None) == timedelta(hours=5, minutes=30)
    for words in ("Middle-earth/Shire", "../../etc/passwd"):
        with pytest.raises(Unanswerable, match="time zone"):
            zone_of(words)
