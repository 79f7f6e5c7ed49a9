"""The events of the demo."""

from __future__ import annotations

import time

import pytest

from kibana_builder.sandbox.demo_events import LiveEvents, enriched, some_days
from kibana_builder.sandbox.events import Events
from tests.cases.enrichment import Case, cases

ADDED = ("confidence_level", "latency_category", "prediction_correct", "error_type")
TYPES = ("model_inference", "model_training", "data_quality")


def typed(case: Case) -> bool:
    """Tell whether the values have the types that the generator gives them; other types never come here."""
    event = case.input
    if event is None or event.get("type") not in TYPES or any(name in event for name in ADDED):
        return False
    numbers = (event.get(name, 0.0) for name in ("prediction_confidence", "inference_time_ms"))
    texts = (event.get(name, "a") for name in ("prediction_class", "true_label", "error_message"))
    return all(type(one) in (int, float) for one in numbers) and all(isinstance(one, str) and one for one in texts)


CASES = [case for case in cases() if typed(case)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_events_are_enriched_as_in_the_table(case: Case) -> None:
    """What the pipelines add to such an event is added here."""
    assert case.input is not None
    made = enriched(case.input)
    assert {name: made.get(name) for name in ADDED} == {name: case.event.get(name) for name in ADDED}


def test_there_are_enough_cases() -> None:
    """The table says something of typed events."""
    assert len(CASES) > 60


def test_two_days_of_events_and_new_ones() -> None:
    """All kinds are there at once, and their number grows."""
    with Events() as events:
        count = some_days(events, 1000, int(time.time() * 1000))
        assert count == events.count()
        assert {index.rpartition("-")[0] for index in events.indices()} == {"ml-metrics", "ml-training", "data-quality"}
        with LiveEvents(events, rate=20):
            until = time.monotonic() + 20
            while events.count() == count and time.monotonic() < until:
                time.sleep(0.1)
        assert events.count() > count
