"""How long another side is waited for."""

from __future__ import annotations

from itertools import islice

from generator.sinks.patience import Patience, pauses


def test_pauses_grow_up_to_the_longest() -> None:
    """Each at most twice the one before, and by chance up to half of it shorter."""
    found = list(islice(pauses(10), 9))
    for pause, most in zip(found, [0.25, 0.5, 1, 2, 4, 8, 10, 10, 10], strict=True):
        assert most / 2 <= pause <= most


def test_patience_ends_after_the_run() -> None:
    """Within a run nobody gives up, after it when the other side was away for too long; an endless one never ends."""
    now = 100.0
    batch, hour, endless = (Patience(seconds, 30, lambda: now) for seconds in (0.0, 3600.0, None))
    now = 135.0
    assert [patience.is_over(102) for patience in (batch, hour, endless)] == [True, False, False]
    assert not batch.is_over(110)
    now = 100 + 3629
    assert not hour.is_over(102)
    now = 100 + 3631
    assert [hour.is_over(102), hour.is_over(3720), endless.is_over(0)] == [True, False, False]
