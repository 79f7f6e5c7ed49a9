"""A run of the generator: a plan and a sink in, a report out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from generator.batch import Batch
from generator.core import Kind, Span, batches
from generator.pace import ticks
from generator.sinks import Report, Sink

__all__ = ["Batched", "Continuous", "Outcome", "moment", "run"]

ENDLESS_PERIOD = 3600.0
"""A scenario without an end is gone through once in so many seconds."""


@dataclass(frozen=True)
class Batched:
    """So many events, spread over a span of time."""

    count: int
    span: Span


@dataclass(frozen=True)
class Continuous:
    """So many events a second as the time goes by, for so many seconds or for ever."""

    rate: float
    duration: float | None


@dataclass
class Outcome:
    """What a run came to: how many events were made, of which span (epoch ms), in how many seconds."""

    report: Report
    made: int = 0
    first_ms: int | None = None
    last_ms: int | None = None
    seconds: float = 0.0
    interrupted: bool = False


def run(kind: Kind, plan: Batched | Continuous, seed: int, sink: Sink, seen: Callable[[int], None]) -> Outcome:
    """Make the events of a plan and send them; `seen` is told after each batch how many there are.

    Ctrl-C ends a run early: what was made is sent, and the outcome says so. Raises what the sink raises.
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
    finally:
        outcome.report = sink.close()
        outcome.seconds = time.monotonic() - begun
    return outcome


def _spread(kind: Kind, plan: Batched, seed: int) -> Iterator[tuple[Batch, int, int]]:
    """Give the batches of a span, each with the ends of the span."""
    for batch in batches(kind, plan.count, plan.span, seed):
        yield batch, plan.span.start_ms, plan.span.end_ms


def _live(kind: Kind, plan: Continuous, seed: int) -> Iterator[tuple[Batch, int, int]]:
    """Give the events of each moment as it comes, with the times of the first and the last."""
    import numpy as np

    before = time.time()
    for tick in ticks(plan.rate, plan.duration):
        now = max(before, time.time())
        times = (np.linspace(before, now, tick.events + 1)[1:] * 1000).astype(np.int64)
        at = tick.elapsed / plan.duration if plan.duration else tick.elapsed % ENDLESS_PERIOD / ENDLESS_PERIOD
        yield kind.make(seed, tick.first, times, np.full(tick.events, min(1.0, at))), int(times[0]), int(times[-1])
        before = now


def moment(milliseconds: int) -> str:
    """Write a moment (epoch ms) as the events do.

    >>> moment(1795362180000)
    '2026-11-22T15:43:00Z'
    """
    return f"{datetime.fromtimestamp(milliseconds // 1000, UTC).replace(tzinfo=None).isoformat()}Z"
