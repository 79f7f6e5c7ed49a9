"""Where the ticks of an axis are."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibana_builder.preview.scales import interval_ms, rounded, ticks, time_ticks

START = 1795362180000  # 2026-11-22T15:43:00Z
HOUR = 3_600_000


@pytest.mark.parametrize(
    ("low", "high", "places"),
    [
        (0, 200, [0, 50, 100, 150, 200]),
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (-3, 4.5, [-2, 0, 2, 4]),
        (5, 5, [5]),
    ],
)
def test_ticks_are_round(low: float, high: float, places: list[float]) -> None:
    """They stand at 1, 2 or 5 times a power of ten."""
    assert ticks(low, high, 5) == places


@given(st.floats(-1e12, 1e12), st.floats(1e-6, 1e12), st.integers(2, 12))
def test_a_rounded_domain_holds_the_values(low: float, span: float, count: int) -> None:
    """Widening never cuts anything off, and its ends are ticks."""
    high = low + span
    start, end = rounded(low, high, count)
    slack = max(abs(low), abs(high)) * 1e-9
    assert start <= low + slack
    assert end >= high - slack
    assert len(ticks(start, end, count)) <= 3 * count


@pytest.mark.parametrize(
    ("span", "width", "first", "last"),
    [
        (24 * HOUR, 500, ["18:00", "November 22, 2026"], ["15:00"]),
        (HOUR, 500, ["15:50", "November 22, 2026"], ["16:40"]),
        (5_000, 500, ["15:43:00", "November 22, 2026"], ["15:43:05"]),
        (7 * 24 * HOUR, 500, ["23", "November 2026"], ["29"]),
        (400 * 24 * HOUR, 500, ["Jan", "2027"], ["Oct"]),
        (3650 * 24 * HOUR, 300, ["2028"], ["2036"]),
    ],
)
def test_times_stand_at_whole_units(span: int, width: float, first: list[str], last: list[str]) -> None:
    """Below the first hour of a day stands the day, below the first day of a month the month."""
    found = time_ticks(START, START + span, width, UTC)
    assert (found[0].lines, found[-1].lines) == (first, last)
    assert all(START <= tick.at <= START + span for tick in found)


def test_intervals_in_words() -> None:
    """An interval of a date histogram is a number of milliseconds; none is zero."""
    assert [interval_ms(words) for words in ("30m", "1d", "500ms", None)] == [1_800_000, 86_400_000, 500, 0]
