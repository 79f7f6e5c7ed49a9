"""The one place that says what an event is: everything else agrees with it."""

from __future__ import annotations

import json
import random
import re
from datetime import UTC, datetime

import pytest

from generator.core import KINDS, Span, batches, maker
from generator.event import EVENT_TYPES, EventType
from generator.models import load_models
from generator.simple import event
from tests.shared_material import REPOSITORY

TYPES = list(EVENT_TYPES.values())
PIPELINE = REPOSITORY / "index_templates" / "pipelines" / "ml-enrichment.json"
LOGSTASH = REPOSITORY / "stack" / "logstash" / "pipeline" / "ml-pipeline.conf"


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.name)
def test_index_templates_map_the_same_fields(kind: EventType) -> None:
    """The template of a type has its fields, each with its mapping, and no other; its pattern is that of the index."""
    template = json.loads((REPOSITORY / kind.template).read_text(encoding="utf-8"))
    assert template["template"]["mappings"]["properties"] == {
        name: field["mapping"] for name, field in kind.fields.items()
    }
    assert template["index_patterns"] == [f"{kind.index}-*"]


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.name)
def test_the_generator_makes_the_same_fields(kind: EventType) -> None:
    """All fields that come with an event, in their order, and no other."""
    source = maker(kind.generate, load_models(), "outage")
    seen: dict[str, None] = {}
    order = {name: index for index, name in enumerate(kind.names("event"))}
    for batch in batches(source, 4000, Span(0, 86_400_000), 1):
        for line in batch.lines:
            names = list(json.loads(line))
            assert names == sorted(names, key=order.__getitem__)
            seen.update(dict.fromkeys(names))
    assert set(seen) == set(kind.names("event"))


def test_the_simple_generator_makes_the_same_fields() -> None:
    """Though it reads nothing of them."""
    chance = random.Random(1)
    events = [event(chance, datetime(2026, 1, 1, tzinfo=UTC)) for _ in range(500)]
    order = {name: index for index, name in enumerate(EVENT_TYPES["model_inference"].names("event"))}
    assert {name for one in events for name in one} == set(order)
    assert all(list(one) == sorted(one, key=order.__getitem__) for one in events)


def test_every_kind_that_can_be_made_is_a_type() -> None:
    """And the other way round."""
    assert set(KINDS) == {kind.generate for kind in TYPES}


@pytest.mark.parametrize("path", [PIPELINE, LOGSTASH], ids=lambda path: path.name)
def test_the_pipelines_write_the_enrichment_fields(path: object) -> None:
    """Both name each field that enrichment adds, and read only fields that events have."""
    text = path.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    for kind in TYPES:
        for name in kind.names("enrichment"):
            assert re.search(rf"\b{name}\b", text), f"{name} is not in the pipeline"
    for name in (
        "prediction_confidence",
        "inference_time_ms",
        "prediction_class",
        "true_label",
        "error_message",
        "request_id",
    ):
        assert name in EVENT_TYPES["model_inference"].names("event")
        assert re.search(rf"\b{name}\b", text), f"{name} is not in the pipeline"
    for kind in TYPES:
        assert kind.name in text
        assert kind.index in text
