"""Seed in, events out."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from generator.core import BLOCK, KINDS, Kind, Span, batches, maker
from generator.models import load_models

DAY = Span(1767139200000, 1767225600000)  # 2025-12-31, UTC


def made(
    kind: str = "inference", scenario: str = "normal", count: int = 3000, seed: int = 1, span: Span = DAY
) -> list[Any]:
    source = maker(kind, load_models(), scenario)
    return [json.loads(line) for batch in batches(source, count, span, seed) for line in batch.lines]


def lines_of(source: Kind, count: int, seed: int) -> list[str]:
    return [line for batch in batches(source, count, DAY, seed) for line in batch.lines]


def mean(events: Iterable[Any], field: str) -> float:
    return statistics.fmean(event[field] for event in events if field in event)


def halves(events: list[Any]) -> tuple[list[Any], list[Any]]:
    return events[: len(events) // 4], events[-len(events) // 4 :]


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_bytes(kind: str) -> None:
    """Another seed gives others, over more than one block too."""
    count = BLOCK + 100
    first, again = (lines_of(maker(kind, load_models(), "normal"), count, 5) for _ in range(2))
    assert first == again
    assert first != lines_of(maker(kind, load_models(), "normal"), count, 6)


@pytest.mark.parametrize("kind", KINDS)
def test_portions_change_nothing(kind: str) -> None:
    """An event has its chance by its number, so a stream has the same values whenever its ticks come."""
    times = DAY.start_ms + np.arange(BLOCK + 300, dtype=np.int64) * 100
    at = np.linspace(0, 1, len(times))
    source = maker(kind, load_models(), "outage")
    whole = source.make(4, 0, times, at)
    edges = [0, 1, 18, BLOCK - 5, BLOCK + 7, len(times)]
    parts = [source.make(4, a, times[a:b], at[a:b]) for a, b in pairwise(edges)]
    assert [line for part in parts for line in part.lines] == list(whole.lines)
    assert [id_ for part in parts for id_ in part.ids()] == list(whole.ids())


@pytest.mark.parametrize("kind", KINDS)
def test_events_lie_in_their_span_in_order_with_ids_of_their_own(kind: str) -> None:
    """Ids differ from event to event, and the index is that of the day."""
    source = maker(kind, load_models(), "normal")
    span = Span(DAY.end_ms - 3_600_000, DAY.end_ms + 3_600_000)
    times, ids, indices = [], [], []
    for batch in batches(source, BLOCK + 50, span, 3):
        times += [json.loads(line)["@timestamp"] for line in batch.lines]
        ids += batch.ids()
        indices += batch.indices()
    assert times == sorted(times)
    assert "2025-12-31T23:00" <= times[0] < times[-1] < "2026-01-01T01:00"
    assert len(set(ids)) == len(ids)
    assert {(time[:10].replace("-", "."), index[-10:]) for time, index in zip(times, indices, strict=True)} == {
        ("2025.12.31", "2025.12.31"),
        ("2026.01.01", "2026.01.01"),
    }


def test_models_behave_as_they_are_described() -> None:
    """Latency, confidence, classes, errors and shares are those of models.yaml."""
    events = made(count=20_000)
    by_model = Counter(event["model_name"] for event in events)
    for model in load_models().models:
        own = [event for event in events if event["model_name"] == model.name]
        good = [event for event in own if not event["error"]]
        assert by_model[model.name] / len(events) == pytest.approx(model.share, abs=0.03)
        assert statistics.median(event["inference_time_ms"] for event in good) == pytest.approx(
            model.latency_median, rel=0.3
        )
        assert mean(good, "prediction_confidence") == pytest.approx(model.confidence_mean, abs=0.04)
        assert 1 - len(good) / len(own) == pytest.approx(model.error_rate, abs=0.01)
        right = [event["prediction_class"] == event["true_label"] for event in good]
        assert statistics.fmean(right) == pytest.approx(model.accuracy, abs=0.02)
        assert {event["model_version"] for event in own} <= set(model.versions.names)
        assert all((event["gpu_usage"] > 0) == (model.gpu > 0) for event in own)


def test_latency_rises_with_load_and_load_has_a_rhythm() -> None:
    """More requests come at the peak hour than twelve hours later, and they take longer."""
    own = [event for event in made(count=20_000) if event["model_name"] == "image_classifier"]  # its peak is at 14
    peak = [event for event in own if 12 <= int(event["@timestamp"][11:13]) < 16]
    night = [event for event in own if int(event["@timestamp"][11:13]) < 4]
    assert len(peak) > 2 * len(night)
    assert mean(peak, "inference_time_ms") > 1.1 * mean(night, "inference_time_ms")


def test_an_error_has_a_message_and_no_prediction() -> None:
    """And a success has it the other way round."""
    for event in made(count=5000, scenario="outage"):
        assert event["error"] == ("error_message" in event)
        assert event["error"] == ("prediction_class" not in event)


def test_the_rhythm_of_the_day_is_kept_over_years() -> None:
    """However long the span, nights are quiet."""
    hours = Counter(
        event["@timestamp"][11:13] for event in made(span=Span(DAY.end_ms - 3 * 365 * 86_400_000, DAY.end_ms))
    )
    assert sum(hours[f"{hour:02d}"] for hour in range(14, 20)) > 1.8 * sum(hours[f"{hour:02d}"] for hour in range(2, 8))


def test_high_load_brings_more_requests() -> None:
    """Three times as many as at the same hours of a usual day, relative to the first hours."""

    def late(scenario: str) -> float:
        hours = Counter(int(event["@timestamp"][11:13]) for event in made(scenario=scenario))
        return sum(hours[hour] for hour in range(6, 24)) / sum(hours[hour] for hour in range(3))

    assert late("high_load") > 1.8 * late("normal")


def test_high_load_slows_everything() -> None:
    """From the first quarter on, training too."""
    usual, loaded = made(), made(scenario="high_load")
    assert mean(halves(loaded)[1], "inference_time_ms") > 1.6 * mean(halves(usual)[1], "inference_time_ms")
    usual, loaded = made("training"), made("training", "high_load")
    assert mean(halves(loaded)[1], "duration_seconds") > 1.6 * mean(halves(usual)[1], "duration_seconds")


def test_degradation_lowers_confidence_and_accuracy_over_time() -> None:
    """And latency goes up."""
    begin, end = halves(made(scenario="degradation", count=6000))
    assert mean(end, "prediction_confidence") < mean(begin, "prediction_confidence") - 0.15

    def accuracy(events: list[Any]) -> float:
        return statistics.fmean(e["prediction_class"] == e["true_label"] for e in events if "true_label" in e)

    assert accuracy(end) < accuracy(begin) - 0.15


def test_drift_moves_classes_and_data_quality() -> None:
    """What was rare becomes frequent."""
    begin, end = halves(made(scenario="drift", count=8000))

    def fraud(events: list[Any]) -> float:
        own = [e["true_label"] for e in events if e["model_name"] == "fraud_detector" and "true_label" in e]
        return own.count("fraud") / len(own)

    assert fraud(begin) < 0.2
    assert fraud(end) > 0.6
    assert mean(end, "data_quality_score") < mean(begin, "data_quality_score") - 0.15
    quality_begin, quality_end = halves(made("data_quality", "drift"))
    assert mean(quality_end, "drift_score") > mean(quality_begin, "drift_score") + 0.2


@pytest.mark.parametrize("kind", KINDS)
def test_an_outage_fails_most_in_the_middle(kind: str) -> None:
    """Before and after it things are as usual."""
    events = made(kind, "outage", count=5000)

    def failures(*hours: int) -> float:
        return statistics.fmean(event["error"] for event in events if int(event["@timestamp"][11:13]) in hours)

    assert failures(*range(9), *range(15, 24)) < 0.1
    assert failures(10, 11, 12, 13) > 0.6


def test_training_runs_learn() -> None:
    """Epochs count from 1, loss falls, accuracy rises."""
    events = made("training", count=400)
    runs: dict[str, list[Any]] = {}
    for event in events:
        runs.setdefault(event["run_id"], []).append(event)
    assert all([event["epoch"] for event in run] == list(range(1, 21)) for run in runs.values())
    assert all(run[-1]["loss"] < 0.5 * run[0]["loss"] for run in runs.values())
    assert all(run[-1]["accuracy"] > run[0]["accuracy"] for run in runs.values())


def test_every_column_is_checked_in_turn() -> None:
    """All columns of all datasets, equally often."""
    counts = Counter((event["dataset"], event["column"]) for event in made("data_quality", count=90))
    assert set(counts) == {(column.dataset, column.name) for column in load_models().columns}
    assert set(counts.values()) == {10}
