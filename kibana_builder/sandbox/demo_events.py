"""The demo's events: two days of them, then new ones as time goes by, enriched as the ingest pipeline does."""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections.abc import Iterable

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.sandbox.events import Events

__all__ = ["SPAN_MS", "LiveEvents", "enriched", "some_days"]

SPAN_MS = 2 * 86_400_000
"""Two days: some panels compare with the day before."""
RATE = 4.0
"""New inference events a second."""
CHUNK = 20_000
SHARES = {"inference": 0.97, "training": 0.015, "data_quality": 0.015}
"""How many of the events are of which kind."""

CONFIDENCE = ((0.85, "high"), (0.7, "medium"))
LATENCY = ((50, "fast"), (200, "normal"), (500, "slow"))
ERROR_TYPES = (
    ("timeout", r"timeout|time-out|timed out|deadline exceeded"),
    (
        "out_of_memory",
        r"out of memory|out-of-memory|out_of_memory|outofmemory|memoryerror|allocate memory|(?:^|[\s(\[{])oom",
    ),
    ("invalid_input", r"invalid|malformed|missing feature|validation|schema|bad request|unexpected shape"),
    ("connection", r"connect|unreachable|refused|broken pipe|reset by peer|name resolution"),
    ("model_error", r"model|inference|tensor|weights|nan in prediction|checkpoint"),
)
_ERRORS = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in ERROR_TYPES)


def enriched(event: JsonObject) -> JsonObject:
    """Add what the ingest pipeline adds to an event of the generator (tests/cases/enrichment.yaml has the rules)."""
    added: JsonObject = {}
    if event.get("type") == "model_inference":
        confidence, latency = event.get("prediction_confidence"), event.get("inference_time_ms")
        if isinstance(confidence, int | float):
            added["confidence_level"] = next((word for least, word in CONFIDENCE if confidence >= least), "low")
        if isinstance(latency, int | float):
            added["latency_category"] = next((word for below, word in LATENCY if latency < below), "very_slow")
        if "prediction_class" in event and "true_label" in event:
            added["prediction_correct"] = event["prediction_class"] == event["true_label"]
    message: Json = event.get("error_message")
    if isinstance(message, str) and message.strip():
        added["error_type"] = next((name for name, pattern in _ERRORS if pattern.search(message)), "unknown")
    return {**event, **added}


def some_days(events: Events, count: int, end_ms: int) -> int:
    """Put about so many events of SPAN_MS before `end_ms` into the store, and give how many."""
    from generator.core import Span, batches, maker
    from generator.event import GENERATED
    from generator.models import load_models

    models, span, stored = load_models(), Span(end_ms - SPAN_MS, end_ms), 0
    for kind, share in SHARES.items():
        waiting: list[str] = []
        for batch in batches(maker(kind, models, "normal"), max(40, round(count * share)), span, seed=1):
            waiting += batch.lines
            if len(waiting) >= CHUNK:
                stored += _append(events, GENERATED[kind].index, waiting)
                waiting = []
        stored += _append(events, GENERATED[kind].index, waiting)
    return stored


def _append(events: Events, index: str, lines: Iterable[str]) -> int:
    rows = [json.dumps(enriched(json.loads(line)), separators=(",", ":")).encode() for line in lines]
    return events.append(f"{index}-demo", rows) if rows else 0


class LiveEvents:
    """New events in a thread, for a `with` statement."""

    def __init__(self, events: Events, rate: float = RATE) -> None:
        self._events, self._rate = events, rate
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, name="live events", daemon=True)

    def __enter__(self) -> LiveEvents:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()

    def _work(self) -> None:
        import numpy as np

        from generator.core import maker
        from generator.event import GENERATED
        from generator.models import load_models

        models = load_models()
        kinds = {kind: maker(kind, models, "normal") for kind in SHARES}
        seed, number = random.SystemRandom().getrandbits(32), 0
        while not self._ending.wait(1.0):
            for kind, made in kinds.items():
                count = round(self._rate) if kind == "inference" else int(number % 10 == 0)
                if count:
                    now = np.full(count, int(time.time() * 1000), dtype=np.int64)
                    _append(self._events, GENERATED[kind].index, made.make(seed, number, now, np.zeros(count)).lines)
                number += count
