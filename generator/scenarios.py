"""Scenarios: how the usual behaviour changes, and when.

Each says for a moment, as a share of the whole run from 0 to 1, by what the numbers of every model are changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    Floats = np.ndarray[tuple[int], np.dtype[np.float64]]

__all__ = ["SCENARIOS", "Change"]


@dataclass(frozen=True)
class Change:
    """What is changed, each a number for every event: factors for what is `…_factor`, terms for the rest."""

    load_factor: Floats
    latency_factor: Floats
    confidence: Floats
    accuracy: Floats
    error_rate: Floats
    drift: Floats
    """How far the mix of classes has moved to its reverse, from 0 to 1."""
    quality: Floats
    outage: Floats
    """1 where the service is down: what fails then times out or finds no connection."""


def _normal(at: Floats) -> Change:
    one, zero = at * 0 + 1, at * 0
    return Change(one, one, zero, zero, zero, zero, zero, zero)


def _high_load(at: Floats) -> Change:
    """Raise the load to three times the usual in the first quarter; what waits times out more often."""
    rising = (at * 4).clip(0, 1)
    usual = _normal(at)
    return Change(
        1 + 2 * rising, usual.latency_factor, usual.confidence, usual.accuracy, 0.02 * rising, usual.drift,
        usual.quality, usual.outage,
    )  # fmt: skip


def _degradation(at: Floats) -> Change:
    """Let confidence and accuracy go down the whole time; answers take longer."""
    usual = _normal(at)
    return Change(
        usual.load_factor, 1 + 0.8 * at, -0.28 * at, -0.32 * at, 0.015 * at, usual.drift, -0.05 * at, usual.outage
    )


def _drift(at: Floats) -> Change:
    """Turn the mix of classes round; data quality falls, and accuracy with it."""
    usual = _normal(at)
    return Change(
        usual.load_factor, usual.latency_factor, -0.1 * at, -0.15 * at, usual.error_rate, at, -0.35 * at, usual.outage
    )


def _outage(at: Floats) -> Change:
    """Let most requests fail in the middle fifth; what is answered then takes long."""
    usual = _normal(at)
    down = ((at >= 0.4) & (at < 0.6)).astype(at.dtype)
    return Change(
        usual.load_factor, 1 + 5 * down, usual.confidence, usual.accuracy, 0.85 * down, usual.drift, usual.quality, down
    )


SCENARIOS: dict[str, Callable[[Floats], Change]] = {
    "normal": _normal,
    "high_load": _high_load,
    "degradation": _degradation,
    "drift": _drift,
    "outage": _outage,
}
