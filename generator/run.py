"""A run of the generator: a plan and a sink in, a report out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from generator.batch import Batch
from generator.core import Kind, Span, batches
from generator.pace import ticks
from generator.sinks import Report, Sink
from kibana_builder.errors import KbuildError

__all__ = ["Batched", "Continuous", "Outcome", "moment", "run"]

ENDLESS_PERIOD = 3600.0
"""A scenario without an end is gone through once in so many seconds."""


@dataclass(frozen=True)
class Batched:
    """So many events, spread over a span of time."""

    count: int
    span: Span

    @property
    def seconds(self) -> float:
        """How long it is meant to take by the clock: as short as it can."""
        return 0.0


@dataclass(frozen=True)
class Continuous:
    """So many events a second as the time goes by, for so many seconds or for ever."""

    rate: float
    duration: float | None

    @property
    def seconds(self) -> float | None:
        """How long it is meant to take by the clock; None without an end."""
        return self.duration


@dataclass
class Outcome:
    """What a run came to: how many events were made, of which span (epoch ms), in how many seconds."""

    report: Report
    made: int = 0
    first_ms: int | None = None
    last_ms: int | None = None
    seconds: float = 0.0
    interrupted: bool = False
    failure: KbuildError | None = None
    """Why the other side took no more, where that ended the run."""


def run(kind: Kind, plan: Batched | Continuous, seed: int, sink: Sink, seen: Callable[[int], None]) -> Outcome:
    """Make the events of a plan and send them; `seen` is told after each batch how many there are.

    Ctrl-C ends a run early, and so does a sink that can send no more: the outcome says so, and what became of what was
    made.
    """
    outcome = Outcome(Report())
    begun = time.monotonic()
    made = _spread(kind, plan, seed) if isinstance(plan, Batched) else _live(kind, plan, seed)
    try:
        for batch, first_ms, last_ms in made:
            outcome.made += len(batch)
            outcome.first_ms = first_ms if outcome.first_ms is None else outcome.first_ms
            outcome.last_ms = last_ms
            sink.send(batch)
            seen(outcome.made)
    except KeyboardInterrupt:
        outcome.interrupted = True
    except KbuildError as error:
        outcome.failure = error
    finally:
        outcome.report = sink.close()
        outcome.seconds = time.monotonic() - begun
    outcome.failure = outcome.failure or outcome.report.failure
    return outcome


def _spread(kind: Kind, plan: Batched, seed: int) -> Iterator[tuple[Batch, int, int]]:
    """Give the batches of a span, each with the ends of the span."""
    for batch in batches(kind, plan.count, plan.span, seed):
        yield batch, plan.span.start_ms, plan.span.end_ms


def _live(kind: Kind, plan: Continuous, seed: int) -> Iterator[tuple[Batch, int, int]]:
    """Give the events of each tick, with the times of the first and the last.

    An event has the moment at which it was due, also when it is made later, after a pause of the other side. That is
    told from the present: the clock of the machine may be set anew meanwhile.
    """
    for tick in ticks(plan.rate, plan.duration):
        due = np.arange(tick.first, tick.first + tick.events) / plan.rate
        times = ((time.time() - (tick.elapsed - due)) * 1000).astype(np.int64)
        at = np.minimum(1.0, due / plan.duration) if plan.duration else due % ENDLESS_PERIOD / ENDLESS_PERIOD
        yield kind.make(seed, tick.first, times, at), int(times[0]), int(times[-1])


def moment(milliseconds: int) -> str:
    """Write a moment (epoch ms) as the events do.

    >>> moment(1795362180000)
    '2026-11-22T15:43:00Z'
    """
    return f"{datetime.fromtimestamp(milliseconds // 1000, UTC).replace(tzinfo=None).isoformat()}Z"
