"""Chance, and numbers as text: what all kinds of events are made with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from generator.models import Shares

__all__ = ["Choices", "Floats", "Ints", "decimals", "generator_for", "quoted", "rhythm"]

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]

DAY_MS = 86_400_000
SWING = 0.55
"""How far the number of requests swings around its mean in a day."""
TABLE = 100_001


def generator_for(seed: int, *place: int) -> np.random.Generator:
    """Give the chance of one place of a run (which kind of event, which block): the same for the same seed."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *place])))


def quoted(text: str) -> str:
    """Write a text as JSON, in ASCII."""
    return json.dumps(text)


def rhythm(times_ms: Ints, peak_hours: Floats) -> Floats:
    """Give how many requests come at each moment (rows) for each peak hour (columns), 1 on the mean of a day."""
    hours = (times_ms % DAY_MS) / 3_600_000
    return np.asarray(1 + SWING * np.cos((hours[:, None] - peak_hours[None, :]) * (2 * np.pi / 24)))


class Choices:
    """One choice among words for each of several models, whose words and shares differ."""

    def __init__(self, shares: Sequence[Shares]) -> None:
        self.counts = np.array([len(one.names) for one in shares])
        width = int(self.counts.max())
        self.parts = np.zeros((len(shares), width))
        for row, one in enumerate(shares):
            self.parts[row, : len(one.parts)] = one.parts
        self.starts = np.concatenate(([0], np.cumsum(self.counts)[:-1]))
        self.names = [name for one in shares for name in one.names]

    def draw(self, model: Ints, chance: Floats) -> Ints:
        """Give the number of the word that each event has among its own model's, from a chance in [0, 1)."""
        return self.among(self.parts[model], model, chance)

    def among(self, parts: Floats, model: Ints, chance: Floats) -> Ints:
        """Give the same where each event has shares of its own."""
        ends = np.cumsum(parts, axis=1)
        number = (chance[:, None] * ends[:, -1:] >= ends).sum(axis=1)
        return np.asarray(np.minimum(number, self.counts[model] - 1))

    def place(self, model: Ints, number: Ints) -> Ints:
        """Give where a model's word stands in `names`."""
        return np.asarray(self.starts[model] + number)


@cache
def _table(digits: int) -> list[str]:
    scale = 10**digits
    return [repr(number / scale) for number in range(TABLE)]


def decimals(values: Floats, digits: int) -> list[str]:
    """Write numbers that are not negative with at most so many decimals.

    A table gives the text of what is small enough, which is some five times as fast as writing it.
    """
    whole = np.rint(values * 10**digits).astype(np.int64).tolist()
    table = _table(digits)
    if max(whole, default=0) < TABLE:
        return [table[number] for number in whole]
    scale = 10**digits
    return [table[number] if number < TABLE else repr(number / scale) for number in whole]
