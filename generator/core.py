"""Seed in, events out: a span of time or a clock becomes batches of events.

Events are made in blocks, each from a chance of its own, so the same seed gives the same bytes however they are
written, and memory stays the same however many there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from generator.batch import Batch
from generator.draws import BLOCK, Floats, Ints, generator_for
from generator.inference import Inference
from generator.models import Models
from generator.quality import Quality
from generator.training import Training

__all__ = ["BLOCK", "KINDS", "Kind", "Span", "batches", "maker"]

GRID_MS, GRID_LEAST, GRID_MOST = 1_800_000, 2048, 200_000
"""How many events come before is known each half hour of a span, or more often where it is short."""


class Kind(Protocol):
    """Makes events of one type."""

    def intensity(self, times_ms: Ints, at: Floats) -> Floats:
        """Give how many events come at each moment, in relation to each other; `at` as in `make`."""
        ...

    def make(self, seed: int, first: int, times_ms: Ints, at: Floats) -> Batch:
        """Make an event for each moment (epoch ms), numbered from `first`; `at` is its place in the run, 0 to 1."""
        ...


KINDS: dict[str, type[Inference | Training | Quality]] = {
    "inference": Inference,
    "training": Training,
    "data_quality": Quality,
}
"""What can be made, by the word that `--type` takes."""


@dataclass(frozen=True)
class Span:
    """A span of time, from its first millisecond to the one behind its last (epoch ms)."""

    start_ms: int
    end_ms: int


def maker(kind: str, models: Models, scenario: str) -> Kind:
    """Give what makes the events of a kind (one of KINDS) in a scenario (one of SCENARIOS)."""
    return KINDS[kind](models, scenario)


def batches(kind: Kind, count: int, span: Span, seed: int) -> Iterator[Batch]:
    """Spread so many events over a span of time, more of them at busy hours, in the order of time."""
    points = min(GRID_MOST, max(GRID_LEAST, (span.end_ms - span.start_ms) // GRID_MS)) + 1
    grid = np.linspace(span.start_ms, span.end_ms, points)
    weights = kind.intensity(grid.astype(np.int64), np.linspace(0, 1, points))
    passed = np.concatenate(([0.0], np.cumsum((weights[1:] + weights[:-1]) / 2)))
    for first in range(0, count, BLOCK):
        numbers = np.arange(first, min(first + BLOCK, count))
        chance = generator_for(seed, 0, first).random(BLOCK)[: len(numbers)]
        at = (numbers + chance) / count
        times = np.interp(at * passed[-1], passed, grid).astype(np.int64)
        times = np.minimum(times, span.end_ms - 1)
        yield kind.make(seed, first, times, (times - span.start_ms) / max(1, span.end_ms - span.start_ms))
