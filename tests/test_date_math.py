"""Moments in words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kibana_builder.date_math import NoMoment, epoch_ms

NOW = datetime(2026, 3, 31, 12, 34, 56, 789000, tzinfo=UTC)  # a Tuesday


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("now", "2026-03-31T12:34:56.789"),
        ("now-24h", "2026-03-30T12:34:56.789"),
        ("now-1M", "2026-02-28T12:34:56.789"),
        ("now+1y-1d", "2027-03-30T12:34:56.789"),
        ("now/d", "2026-03-31T00:00:00"),
        ("now-1d/d", "2026-03-30T00:00:00"),
        ("now/w", "2026-03-29T00:00:00"),
        ("now/M", "2026-03-01T00:00:00"),
        ("now/y", "2026-01-01T00:00:00"),
        ("now/h", "2026-03-31T12:00:00"),
        ("2026-11-24", "2026-11-24T00:00:00"),
        ("2026-11-24T09:30:00.5Z", "2026-11-24T09:30:00.500"),
        ("2026-11-24T09:30:00+02:00", "2026-11-24T07:30:00"),
    ],
)
def test_a_text_and_its_moment(text: str, moment: str) -> None:
    """Steps are taken before the rounding; a zone that is not said is UTC."""
    now = int(NOW.timestamp() * 1000)
    assert epoch_ms(text, now) == int(datetime.fromisoformat(f"{moment}+00:00").timestamp() * 1000)


@pytest.mark.parametrize(
    ("text", "moment"), [("now/d", "2026-03-31T23:59:59.999"), ("now-1M/M", "2026-02-28T23:59:59.999")]
)
def test_the_end_of_a_range_is_the_end_of_the_unit(text: str, moment: str) -> None:
    """Today lasts until its last millisecond."""
    now = int(NOW.timestamp() * 1000)
    assert epoch_ms(text, now, end=True) == int(datetime.fromisoformat(f"{moment}+00:00").timestamp() * 1000)


@pytest.mark.parametrize("text", ["", "yesterday", "now-", "now-1x", "now/", "2026-13-01", "now-99999999y", "24h"])
def test_what_is_no_moment(text: str) -> None:
    """The words say what there is."""
    with pytest.raises(NoMoment, match="now-24h"):
        epoch_ms(text, 0)
