"""Where the ticks of an axis are."""

from __future__ import annotations

import math
from datetime import UTC
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibana_builder.preview.scales import interval_ms, rounded, ticks, time_ticks
from kibana_builder.preview.svg import text_width

BEGIN = 1795361400000  # 2026-11-22T15:30:00Z
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


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.7e308), (-1.7e308, 1.7e308), (5e-324, 1e-320), (1e15, 1e15 + 1)])
@pytest.mark.parametrize("count", range(1, 11))
def test_the_largest_and_smallest_numbers_have_an_axis(low: float, high: float, count: int) -> None:
    """Its ends are numbers that hold the values, however many ticks there may be."""
    start, end = rounded(low, high, count)
    assert start <= low < high <= end
    assert math.isfinite(start)
    assert math.isfinite(end)
    assert all(map(math.isfinite, ticks(start, end, count)))


HOURS = 24.5 * HOUR


@pytest.mark.parametrize(
    ("span", "width", "bucket", "first", "second"),
    [
        (HOURS, 545, HOUR / 2, "12:00 18:00 00:00 06:00 12:00", "November 22, 2026|November 23, 2026"),
        (25 * HOUR, 198, HOUR, "22nd 23rd", "November 2026"),
        (HOUR, 500, 60_000, "15:30 15:45 16:00 16:15", "November 22, 2026"),
        (5_000, 500, 0, "15:30:00 15:30:01 15:30:02 15:30:03 15:30:04", "November 22, 2026"),
        (300, 500, 0, "0ms 100ms 200ms", "November 22, 2026 at 15:30:00"),
        (7 * 24 * HOUR, 500, 3 * HOUR, "23rd 24th 25th 26th 27th 28th 29th", "November 2026"),
        (30 * 24 * HOUR, 500, 12 * HOUR, "23rd 30th 7th 14th 21st", "November 2026|December 2026"),
        (365 * 24 * HOUR, 900, 0, "Dec Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov", "2026|2027"),
        (90 * 24 * HOUR, 300, 24 * HOUR, "December January February", "2026|2027"),
        (3650 * 24 * HOUR, 300, 0, "2020 2030", ""),
    ],
)
def test_times_stand_in_two_lines(span: float, width: float, bucket: float, first: str, second: str) -> None:
    """The finest that there is room for above, what it belongs to below; the first two are Kibana's recorded axes."""
    found = time_ticks(BEGIN, BEGIN + span, width, UTC, bucket)
    assert [tick.lines[0] for tick in found if tick.lines[0]] == first.split()
    assert "|".join(tick.lines[1] for tick in found if tick.lines[1]) == second
    assert all(BEGIN <= tick.at <= BEGIN + span for tick in found)


def test_what_began_before_the_axis_has_a_label_and_no_line() -> None:
    """The day that began earlier is named at the left end; lines are at midnight, darker, and at the hours."""
    found = time_ticks(BEGIN, BEGIN + HOURS, 545, UTC, HOUR / 2)
    assert [tick.level for tick in found] == [None, 1, 2, 1, 1]
    assert (found[0].at, found[0].lines) == (BEGIN, ["12:00", "November 22, 2026"])


def test_labels_without_room_are_left_away() -> None:
    """The first one where the second is near, the last one where the axis ends before it does."""
    found = time_ticks(BEGIN + 2 * HOUR, BEGIN + 26.6 * HOUR, 545, UTC, HOUR / 2)
    assert [tick.lines[0] for tick in found if tick.lines[0]] == ["18:00", "00:00", "06:00", "12:00"]
    assert [tick.lines[1] for tick in found if tick.lines[1]] == ["November 22, 2026", "November 23, 2026"]


@given(st.integers(-2_000_000_000_000, 200_000_000_000_000), st.floats(1, 3e12), st.floats(10, 2000))
def test_there_are_never_more_lines_than_room(start: int, span: float, width: float) -> None:
    """Whatever the range, words of one line do not touch."""
    found = time_ticks(start, start + span, width, UTC)
    for line in (0, 1):
        labels = [((tick.at - start) / span * width, tick.lines[line]) for tick in found if tick.lines[line]]
        assert all(text_width(words, 10) <= after - at for (at, words), (after, _) in pairwise(labels))


def test_intervals_in_words() -> None:
    """An interval of a date histogram is a number of milliseconds; none is zero."""
    assert [interval_ms(words) for words in ("30m", "1d", "500ms", None)] == [1_800_000, 86_400_000, 500, 0]
