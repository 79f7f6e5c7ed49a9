"""The clock of a continuous run, told by a clock of the test's own."""

from __future__ import annotations

import pytest

from generator.pace import AT_ONCE, ticks


class Clock:
    """Time that goes by when someone sleeps, and a little with every look at it."""

    def __init__(self, cost: float = 0.0) -> None:
        self.now, self.cost = 1000.0, cost

    def __call__(self) -> float:
        self.now += self.cost
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize("rate", [0.5, 3, 50, 1234, 30_000])
@pytest.mark.parametrize("cost", [0.0, 0.003])
def test_a_rate_is_kept_over_an_hour(rate: float, cost: float) -> None:
    """However long the work of a tick takes, nothing adds up."""
    clock = Clock(cost)
    duration = 3600.0 if rate < 1000 else 60.0
    found = list(ticks(rate, duration, clock=clock, sleep=clock.sleep))
    assert sum(tick.events for tick in found) == round(rate * duration)
    assert [tick.first for tick in found[1:]] == [tick.first + tick.events for tick in found[:-1]]
    assert clock.now - 1000 == pytest.approx(duration, abs=max(1 / rate, 0.2) + 0.1)


def test_a_pause_is_made_up_for() -> None:
    """What was due in it comes at once, in portions."""
    clock = Clock()
    found = []
    for tick in ticks(1000, 120, clock=clock, sleep=clock.sleep):
        found.append(tick)
        if len(found) == 10:
            clock.now += 60
    assert sum(tick.events for tick in found) == 120_000
    assert max(tick.events for tick in found) == AT_ONCE


def test_without_an_end_it_goes_on() -> None:
    """For ever."""
    clock = Clock()
    endless = ticks(10, None, clock=clock, sleep=clock.sleep)
    assert [next(endless).first for _ in range(1000)][-1] == 999
