"""The figures of events that come as lines: the last window of them is kept, and what is older is forgotten."""

from __future__ import annotations

import json
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from kibana_builder.json_tree import JsonObject
from kibana_builder.monitor.figures import Failure, Figures, Model, failure_of, is_error, number

__all__ = ["Window", "percentile"]

MOST_EVENTS = 1_000_000
"""So many are kept at most; with more in a window, it is the newest of them that count."""


SOONEST = 86_400.0
"""What says that it happens so many seconds from now, or later, does not know the time: "never", or a wrong clock."""


class _Kept(NamedTuple):
    time: float
    model: str
    latency: float | None
    confidence: float | None
    failed: bool


class Window:
    """Takes lines, gives figures of the last `seconds`.

    Time is that of the events: the window ends at the newest event, and moves on from there as time goes by, so that
    figures sink when nothing comes any more; a file of last week shows its last minute. `clock` gives the time of day
    in epoch seconds: an event of the far future does not move the window away from all others.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.time) -> None:
        self.seconds = seconds
        self._clock = clock
        self._kept: deque[_Kept] = deque(maxlen=MOST_EVENTS)
        self._failures: deque[tuple[float, Failure]] = deque(maxlen=100)
        self._newest: float | None = None
        self._came = 0.0
        self._unreadable = 0

    def add(self, lines: Iterable[bytes], now: float) -> None:
        """Take lines that have come at `now` (any clock that runs evenly, in seconds)."""
        for line in lines:
            if line.strip():
                self._add(line, now)

    def _add(self, line: bytes, now: float) -> None:
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            event = None
        if not isinstance(event, dict):
            self._unreadable += 1
            return
        said = _time_of(event)
        is_wrong = said is not None and said > self._clock() + SOONEST
        # What has no time of its own is of the moment that the window ends at.
        moment = self._end(now) if said is None or is_wrong else said
        if not is_wrong and (self._newest is None or moment > self._newest):
            self._newest, self._came = moment, now
        model = event.get("model_name")
        failed = is_error(event)
        latency, confidence = number(event.get("inference_time_ms")), number(event.get("prediction_confidence"))
        self._kept.append(_Kept(moment, model if isinstance(model, str) else "", latency, confidence, failed))
        if failed:
            self._failures.append((moment, failure_of(event)))

    def _end(self, now: float) -> float:
        return self._clock() if self._newest is None else self._newest + (now - self._came)

    def figures(self, now: float, *, models: int, failures: int) -> Figures:
        """Give the figures of the window as it is at `now`, with at most so many models and failures."""
        end = self._end(now)
        start = end - self.seconds
        # Lines come nearly in order; what came out of it is sorted out below.
        while self._kept and self._kept[0].time <= start:
            self._kept.popleft()
        kept = [one for one in self._kept if start < one.time <= end]
        last = sorted((pair for pair in self._failures if pair[0] > start), key=lambda pair: -pair[0])
        latencies = sorted(one.latency for one in kept if one.latency is not None)
        return Figures(
            end=end,
            window=self.seconds,
            events=len(kept),
            errors=sum(one.failed for one in kept),
            latency_p50=percentile(latencies, 50),
            latency_p95=percentile(latencies, 95),
            newest=self._newest,
            unreadable=self._unreadable,
            models=tuple(_models(kept, models)),
            failures=tuple(failure for _, failure in last[:failures]),
        )


def _models(kept: Sequence[_Kept], most: int) -> Iterable[Model]:
    counts = Counter(one.model for one in kept if one.model)
    by_name: dict[str, list[_Kept]] = {name: [] for name, _ in counts.most_common(most)}
    for one in kept:
        if one.model in by_name:
            by_name[one.model].append(one)
    for name, own in by_name.items():
        confidences = [one.confidence for one in own if one.confidence is not None]
        yield Model(
            name=name,
            events=len(own),
            errors=sum(one.failed for one in own),
            confidence=sum(confidences) / len(confidences) if confidences else None,
            latency_p95=percentile(sorted(one.latency for one in own if one.latency is not None), 95),
        )


def percentile(ordered: Sequence[float], percent: float) -> float | None:
    """Give a percentile of ordered numbers, between two of them where it falls there.

    >>> percentile([1.0, 2.0, 3.0, 4.0], 50)
    2.5
    """
    if not ordered:
        return None
    place = (len(ordered) - 1) * percent / 100
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _time_of(event: JsonObject) -> float | None:
    """Give an event's time in epoch seconds, or None where it has none that can be read."""
    said = event.get("@timestamp", event.get("timestamp"))
    if not isinstance(said, str):
        return None
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
