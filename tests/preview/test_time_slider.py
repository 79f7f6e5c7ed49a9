"""The time slider: steps and ticks by the length of the times, and a selection in whole steps."""

from __future__ import annotations

import pytest

from kibana_builder.preview.time_slider import START, STOP, time_slider

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("length", "step", "apart"),
    [
        (15 * MINUTE, SECOND, MINUTE),
        (HOUR, MINUTE, 5 * MINUTE),
        (DAY, HOUR, 2 * HOUR),
        (7 * DAY, HOUR, 12 * HOUR),
        (30 * DAY, DAY, 2 * DAY),
        (365 * DAY, DAY, 21 * DAY),
        (40, 1, 2),
    ],
)
def test_steps_and_ticks(length: int, step: int, apart: int) -> None:
    """Kibana's: at most some 20 ticks at multiples of their distance, of which a step is the next smaller unit."""
    slider = time_slider({}, (0, length))
    assert (slider.step, slider.ticks[1] - slider.ticks[0]) == (step, apart)
    assert len(slider.ticks) <= 21


def test_the_ends_are_whole_steps() -> None:
    """What is shown begins before the times and ends after them, where those are none."""
    slider = time_slider({}, (HOUR // 2, DAY + HOUR // 2))
    assert slider.ends == (0, DAY + HOUR)
    assert slider.selected is None


def test_a_selection_is_widened_to_whole_steps() -> None:
    """Its start goes down and its end up; rounding of what is computed from a whole step moves nothing."""
    assert time_slider({START: 0.26, STOP: 0.74}, (0, DAY)).selected == (6 * HOUR, 18 * HOUR)
    start, end = 1_795_430_580_000, 1_795_516_980_000
    first, last = start + 5 * HOUR - start % HOUR, start + 9 * HOUR - start % HOUR
    parts = {START: (first - start) / (end - start), STOP: (last - start) / (end - start)}
    assert time_slider(parts, (start, end)).selected == (first, last)


def test_an_end_that_is_not_said() -> None:
    """It is that of the time range, as it is in what is built."""
    assert time_slider({START: 0.5}, (0, DAY)).selected == (12 * HOUR, DAY)
    assert time_slider({STOP: 0.5}, (0, DAY)).selected == (0, 12 * HOUR)


def test_times_without_length() -> None:
    """Have a slider that stands still."""
    assert time_slider({START: 0, STOP: 1}, (5, 5)).selected == (5, 5)
