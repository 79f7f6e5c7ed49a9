"""How long to wait for another side that is away: the pauses between tries, and when to give up."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator

__all__ = ["Patience", "pauses"]

FIRST_PAUSE = 0.25


def pauses(longest: float) -> Iterator[float]:
    """Give the seconds to wait before each try: twice as long each time, up to `longest`, less a bit by chance.

    The chance is not that of the events (a seed must not make generators come at once), and it is never used up.
    """
    pause = FIRST_PAUSE
    while True:
        yield pause * (0.5 + random.random() / 2)  # noqa: S311 - nothing secret
        pause = min(longest, pause * 2)


class Patience:
    """When to give up on another side: so many seconds of `grace` after it went away, but never within the run.

    `seconds` is how long the run is meant to last from now: 0 for a batch, None for a run without an end, which waits
    for ever.
    """

    def __init__(self, seconds: float | None, grace: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock, self.grace = clock, grace
        self.end = None if seconds is None else clock() + seconds

    def end_now(self) -> None:
        """Take note that the run ends now, sooner or later than it was meant to."""
        self.end = self.clock()

    def is_over(self, since: float) -> bool:
        """Tell whether to give up on a side that was last heard of at `since`, by the same clock."""
        return self.end is not None and self.clock() - max(self.end, since) > self.grace
