"""The one place that says what an event is: everything else agrees with it."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from generator.core import KINDS, Span, batches, maker
from generator.event import EVENT_TYPES, EventType
from generator.models import ERRORS, load_models
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


def named_in_the_ingest_pipeline() -> tuple[set[str], set[str]]:
    """Give the names that its scripts mention, and those that they write."""
    said = json.loads(PIPELINE.read_text(encoding="utf-8"))["processors"]
    text = "\n".join(f"{one['script'].get('if', '')}\n{one['script']['source']}" for one in said)
    names = re.findall(r"\bctx\.(\w+)\b(?!\()", text) + re.findall(r"\bctx\['([^']+)'\]", text)
    return set(names), set(re.findall(r"\bctx\.(\w+) = ", text))


def named_in_logstash() -> tuple[set[str], set[str]]:
    """Give the names that its filters mention, and those that they write."""
    text = LOGSTASH.read_text(encoding="utf-8")
    written = re.findall(r'replace => \{ "\[@metadata\]\[event\]\[([^]]+)\]"', text)
    return set(re.findall(r"\[@metadata\]\[event\]\[([^]]+)\]", text)), set(written)


NO_FIELDS = {"_id", "_index", "message", "reason", "timestamp", "tags"}
"""Where a document goes, the fields of dead letters, the other word for @timestamp, and what Logstash's codecs add."""


@pytest.mark.parametrize("named", [named_in_the_ingest_pipeline, named_in_logstash], ids=lambda named: named.__name__)
def test_the_pipelines_know_the_fields(named: Callable[[], tuple[set[str], set[str]]]) -> None:
    """They mention only fields that there are, and write just those that come from enrichment."""
    names, written = named()
    assert names - NO_FIELDS <= {name for kind in TYPES for name in kind.fields}
    assert written - NO_FIELDS == {name for kind in TYPES for name in kind.names("enrichment")}
    assert {"prediction_confidence", "inference_time_ms", "prediction_class", "true_label", "error_message"} <= names


@pytest.mark.parametrize("path", [PIPELINE, LOGSTASH], ids=lambda path: path.name)
def test_the_pipelines_know_the_types(path: Path) -> None:
    """Each type, and where it goes."""
    text = path.read_text(encoding="utf-8")
    assert all(re.search(rf"\b{kind.name}\b", text) and re.search(rf"\b{kind.index}\b", text) for kind in TYPES)


def test_errors_are_of_every_type() -> None:
    """A model that says nothing of its errors has some of each error_type."""
    (kinds,) = [
        one["script"]["params"]["kinds"]
        for one in json.loads(PIPELINE.read_text(encoding="utf-8"))["processors"]
        if one["script"]["tag"] == "error_type"
    ]

    def type_of(message: str) -> str:
        found = (kind["error_type"] for kind in kinds if any(word in message.lower() for word in kind["words"]))
        return next(found, "unknown")

    assert {type_of(message) for message in ERRORS} == {kind["error_type"] for kind in kinds} | {"unknown"}
