"""Chance, and numbers as text: what all kinds of events are made with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import numpy as np

from generator.models import Shares

__all__ = [
    "BLOCK",
    "Chances",
    "Choices",
    "Floats",
    "Ints",
    "decimals",
    "generator_for",
    "outcome",
    "picked",
    "quoted",
    "rhythm",
    "stamps",
]

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.int64]]

BLOCK = 8000
"""Chance comes for so many events at once."""
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


def outcome(wrong: str | None) -> str:
    """Write the end of an event: what went wrong with it, or that nothing did."""
    return '"error":false}' if wrong is None else f'"error_message":{quoted(wrong)},"error":true}}'


def stamps(times_ms: Ints) -> list[str]:
    """Write moments as `@timestamp` has them."""
    texts: list[str] = np.datetime_as_string(times_ms.astype("datetime64[ms]"), timezone="UTC").tolist()
    return texts


def rhythm(times_ms: Ints, peak_hours: Floats) -> Floats:
    """Give how many requests come at each moment (rows) for each peak hour (columns), 1 on the mean of a day."""
    hours = (times_ms % DAY_MS) / 3_600_000
    return np.asarray(1 + SWING * np.cos((hours[:, None] - peak_hours[None, :]) * (2 * np.pi / 24)))


def picked(parts: Floats, chance: Floats) -> Ints:
    """Pick one of the shares in each row, from a chance in [0, 1): its number, or one behind the last if all are 0.

    The shares of a row need not add up to 1.
    """
    ends = np.cumsum(parts, axis=1)
    return np.asarray((chance[:, None] * ends[:, -1:] >= ends).sum(axis=1))


class Chances:
    """The chance of each event of a run, by its number: the same in whatever portions the events are made.

    `kind` keeps the kinds of events apart; an event has so many numbers in [0, 1), so many of the standard normal
    distribution, and so many hexadecimal digits (an even number).
    """

    def __init__(self, kind: int, *, uniform: int, normal: int, digits: int = 0) -> None:
        self.kind, self.uniform, self.normal, self.digits = kind, uniform, normal, digits
        self._block = lru_cache(maxsize=2)(self._drawn)

    def of(self, seed: int, first: int, count: int) -> tuple[Floats, Floats, list[str]]:
        """Give uniform numbers and normal ones, a column for each event from `first` on, and its digits."""
        uniform, normal, digits = [], [], []
        for number in range(first // BLOCK, (first + max(count, 1) - 1) // BLOCK + 1):
            block = self._block(seed, number)
            part = slice(max(0, first - number * BLOCK), min(BLOCK, first + count - number * BLOCK))
            uniform.append(block[0][:, part])
            normal.append(block[1][:, part])
            digits += block[2][part]
        return np.concatenate(uniform, axis=1), np.concatenate(normal, axis=1), digits

    def _drawn(self, seed: int, number: int) -> tuple[Floats, Floats, list[str]]:
        rng = generator_for(seed, self.kind, number)
        uniform, normal = rng.random((self.uniform, BLOCK)), rng.standard_normal((self.normal, BLOCK))
        digits, width = rng.bytes(BLOCK * self.digits // 2).hex(), self.digits
        return uniform, normal, [digits[start : start + width] for start in range(0, len(digits), width or 1)]


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
        return np.asarray(np.minimum(picked(parts, chance), self.counts[model] - 1))

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
