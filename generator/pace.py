"""The clock of a continuous run: how many events are due, so that a rate is kept for hours.

What is due is counted from the beginning of the run, never from the tick before, so nothing adds up; after a pause of
the machine or of the other side the events of the pause are due at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

__all__ = ["Tick", "ticks"]

TICK = 0.1
"""Seconds between ticks, where the rate is high enough for an event in each."""
AT_ONCE = 20_000
"""So many events are due in one tick at most; the rest follows in the next, without a wait."""


class Tick(NamedTuple):
    """Events that are due: the number of the first, how many, and how long the run lasts by now, in seconds."""

    first: int
    events: int
    elapsed: float


def ticks(
    rate: float,
    duration: float | None,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Tick]:
    """Give what is due at a rate (events a second), for so many seconds or for ever."""
    start, done = clock(), 0
    last = None if duration is None else max(1, round(rate * duration))
    while last is None or done < last:
        elapsed = clock() - start
        due = int(rate * elapsed) + 1
        due = due if last is None else min(due, last)
        count = min(due - done, AT_ONCE)
        if count > 0:
            yield Tick(done, count, elapsed)
            done += count
            if count == AT_ONCE:
                continue
        sleep(max(0.0, max(elapsed + TICK, done / rate) + start - clock()))
