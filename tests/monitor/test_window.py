"""Figures of events that come as lines."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibana_builder.monitor.figures import Failure, Figures
from kibana_builder.monitor.screen import line
from kibana_builder.monitor.window import Window, percentile

NOW = 1000.0
"""Of the clock that runs evenly."""
TODAY = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()
"""Of the clock on the wall."""


def event(second: int, **more: Any) -> bytes:
    return json.dumps({"@timestamp": f"2026-11-24T09:30:{second:02}Z", "model_name": "a"} | more).encode()


def figures(*lines: bytes, later: float = 0, seconds: float = 10) -> Figures:
    window = Window(seconds, lambda: TODAY)
    window.add(lines, NOW)
    return window.figures(NOW + later, models=3, failures=2)


def test_the_window_ends_at_the_newest_event() -> None:
    """Of events of long ago the last ten seconds count; the border is open at the old end."""
    found = figures(*[event(second) for second in (10, 19, 20, 21, 30)])
    assert (found.events, found.rate) == (2, 0.2)
    assert found.end == found.newest


def test_the_window_moves_on_when_nothing_comes() -> None:
    """The figures sink; the newest event stays known."""
    lines = [event(second) for second in (25, 30)]
    assert [figures(*lines, later=later).events for later in (0, 4.9, 5, 9.9, 10)] == [2, 2, 1, 1, 0]
    assert figures(*lines, later=60).newest is not None


def test_late_lines_count_where_they_belong() -> None:
    """Lines out of order are sorted by their own times."""
    found = figures(event(30), event(5), event(25, error_message="b"), event(29, error_message="c"))
    assert found.events == 3
    assert [failure.message for failure in found.failures] == ["c", "b"]


def test_latencies_errors_and_models() -> None:
    """Percentiles, the share of errors, and for each model its own; the models with most events come first."""
    found = figures(
        event(30, inference_time_ms=10, prediction_confidence=0.9),
        event(30, inference_time_ms=20, prediction_confidence=0.7, error=False, error_message="a word"),
        event(30, inference_time_ms=30.5, error=True, error_message="timed out"),
        event(30, model_name="b"),
    )
    assert (found.latency_p50, found.errors, found.error_rate) == (20, 1, 0.25)
    assert [(model.name, model.events, model.errors, model.confidence) for model in found.models] == [
        ("a", 3, 1, pytest.approx(0.8)),
        ("b", 1, 0, None),
    ]
    assert found.failures == (Failure("2026-11-24T09:30:30Z", "a", "timed out"),)


@pytest.mark.parametrize("line", [b"", b"  ", b"\n"])
def test_empty_lines_are_nothing(line: bytes) -> None:
    """They are no events, and not counted as unreadable."""
    found = figures(line)
    assert found == Figures(found.end, 10)


@pytest.mark.parametrize("line", [b"{", b"[1]", b"7", b"\xff", b"[" * 100_000])
def test_lines_that_are_no_events_are_counted(line: bytes) -> None:
    """They break nothing."""
    found = figures(line, event(30))
    assert (found.unreadable, found.events) == (1, 1)


@pytest.mark.parametrize("value", ["fast", None, True, [1], {"a": 1}, "1e400"])
def test_values_of_a_wrong_type_do_not_count(value: Any) -> None:
    """The event does, its value does not."""
    wrong = {"inference_time_ms": value, "prediction_confidence": value, "error": "no", "error_message": value}
    found = figures(event(30, **wrong))
    assert (found.events, found.latency_p95, found.models[0].confidence) == (1, None, None)
    assert found.errors == int(isinstance(value, str))


@pytest.mark.parametrize("time", [None, 7, "yesterday", ""])
def test_an_event_without_a_time_is_of_now(time: Any) -> None:
    """It counts at the end of the window."""
    assert figures(json.dumps({"@timestamp": time}).encode(), event(10)).events >= 1


@pytest.mark.parametrize(
    "time", ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", "2099-01-01T00:00:00Z", "2026-11-25T12:00:01Z"]
)
def test_a_far_future_is_no_time(time: str) -> None:
    """The window goes by the other events, and can be written down a moment later."""
    wrong = json.dumps({"@timestamp": time}).encode()
    found = figures(event(10), wrong, later=5)
    assert found.events == 2
    assert line(found, str).startswith("09:30:15Z")
    first = figures(wrong, event(10))
    assert (first.events, line(first, str)[:9]) == (1, "09:30:10Z")


def test_a_clock_that_is_hours_ahead_is_believed() -> None:
    """It may be of another time zone."""
    ahead = json.dumps({"@timestamp": "2026-11-25T11:59:59Z"}).encode()
    assert line(figures(event(10), ahead), str).startswith("11:59:59Z")


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 100))
def test_a_percentile_lies_among_the_values(values: list[float], percent: float) -> None:
    """Law: never below the least nor above the greatest."""
    value = percentile(sorted(values), percent)
    assert value is not None
    assert min(values) <= value * (1 + 1e-12) + 1e-9
    assert value <= max(values) * (1 + 1e-12) + 1e-9
