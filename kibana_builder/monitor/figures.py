"""The figures of a window of time: what is shown, whatever it comes from."""

from __future__ import annotations

from dataclasses import dataclass

from kibana_builder.json_tree import Json, JsonObject

__all__ = ["Failure", "Figures", "Model", "failure_of", "is_error", "number"]


@dataclass(frozen=True, slots=True)
class Failure:
    """An event that failed: its time as it says it, its model, its message."""

    time: str
    model: str
    message: str


@dataclass(frozen=True, slots=True)
class Model:
    """A model's events in the window; `confidence` is the average, None where no event has one."""

    name: str
    events: int
    errors: int
    confidence: float | None
    latency_p95: float | None


@dataclass(frozen=True, slots=True)
class Figures:
    """A window of `window` seconds that ends at `end` (epoch seconds).

    Latencies are in milliseconds, None where no event has one. `newest` is the time of the newest event of all, also of
    one before the window. `unreadable` counts lines that are no JSON objects, since the start. The models are those
    with the most events; the failures the last ones, the newest first.
    """

    end: float
    window: float
    events: int = 0
    errors: int = 0
    latency_p50: float | None = None
    latency_p95: float | None = None
    newest: float | None = None
    unreadable: int = 0
    models: tuple[Model, ...] = ()
    failures: tuple[Failure, ...] = ()

    @property
    def rate(self) -> float:
        """Events a second."""
        return self.events / self.window

    @property
    def error_rate(self) -> float | None:
        """The share of events that failed, from 0 to 1; None where there are none."""
        return self.errors / self.events if self.events else None


def is_error(event: JsonObject) -> bool:
    """Tell whether an event failed: it says so, or it says nothing of it and has a message."""
    said = event.get("error")
    if isinstance(said, bool):
        return said
    return isinstance(event.get("error_message"), str) and bool(event["error_message"].strip())


def failure_of(event: JsonObject) -> Failure:
    """Read what is shown of an event that failed; any value of it may be of a wrong type."""
    names = ("@timestamp", "model_name", "error_message")
    time, model, message = (value if isinstance(value := event.get(name), str) else "" for name in names)
    return Failure(time, model, message)


def number(value: Json) -> float | None:
    """Give a finite number, or None for what is none; true is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e300 else None
