"""The Logstash pipeline does to each case of the table what the table says, and survives what is in no table."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cases.enrichment import FINGERPRINT, Case, cases, same_event
from tests.shared_material import REPOSITORY
from tests.stack.logstash import OPTIONS, PIPELINE, Event, run, run_event
from tests.stack.logstash_grammar import Plugin, parse, plugins

ARRIVAL = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
CONFIG = parse(PIPELINE.read_text("utf-8"))
VERSIONS = ("8.3", "9")

INFERENCE = {"type": "model_inference", "request_id": "r-1", "@timestamp": "2026-11-24T09:30:00Z"}


def line_of(case: Case) -> str:
    return case.line if case.line is not None else json.dumps(case.input, ensure_ascii=False)


def check(case: Case, came_out: tuple[dict[str, Any], dict[str, Any]] | None) -> None:
    assert came_out is not None
    document, metadata = came_out
    assert same_event(case, document), document
    assert metadata["index"] == case.index.format(today=f"{ARRIVAL:%Y.%m.%d}")
    if case.id == FINGERPRINT:
        assert re.fullmatch("[0-9a-f]{64}", metadata["id"])
    else:
        assert metadata["id"] == case.id


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("case", cases(), ids=str)
def test_a_case_of_the_table(case: Case, version: str) -> None:
    """The document, its index and its id are those of the table, in Logstash 8.3 and 9."""
    came_out = run(line_of(case), version, ARRIVAL)
    check(case, came_out)
    if came_out is not None and case.event["@timestamp"] == "now":
        assert came_out[0]["@timestamp"] == "2026-11-25T08:00:00.000Z"


@pytest.mark.parametrize("case", cases(), ids=str)
def test_a_case_from_an_input_that_keeps_the_line(case: Case) -> None:
    """An input with ECS fields (stdin, file, Kafka in Logstash 8) gives the same: what it adds is gone."""
    line = line_of(case)
    extra = {"log": {"file": {"path": "/f"}}, "host": {"name": "h"}, "tags": ["_jsonparsefailure"], "@version": "1"}
    event = Event({"@timestamp": ARRIVAL, "message": line, "event": {"original": line}, **extra})
    check(case, run_event(event))


def test_the_same_line_twice_has_one_id() -> None:
    """A fingerprint is steady, and another line has another one."""
    ids = [came_out[1]["id"] for line in ("a", "a", "b") if (came_out := run(line))]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize("line", ["", " ", "\r"])
def test_an_empty_line_is_dropped(line: str) -> None:
    """It has no text that could be kept."""
    assert run(line) is None


def test_an_input_that_takes_the_line_apart_is_said() -> None:
    """Whoever adds an input with a JSON codec finds out by a dead letter; its events are not lost without a word."""
    came_out = run_event(Event({"@timestamp": ARRIVAL, **{name: INFERENCE[name] for name in ("type", "request_id")}}))
    assert came_out is not None
    assert came_out[0]["message"].startswith("An input gave fields and no line")
    assert came_out[1]["index"] == "ml-dead-letter"


@pytest.mark.parametrize(
    "line",
    [
        '{"type": "model_inference"} and more',
        '{"type": "model_inference"} {"type": "model_inference"}',
        '{"type": "model_inference"}, {"type": "model_inference"}',
        '{"type": "model_inference", "loss": NaN}',
        "{'type': 'model_inference'}",
    ],
)
def test_what_is_not_one_object_is_kept_as_text(line: str) -> None:
    """Parsers that stop behind the first object would lose the rest without a word."""
    came_out = run(line)
    assert came_out is not None
    assert (came_out[0]["message"], came_out[0]["reason"]) == (line, "not_json")


@pytest.mark.parametrize(
    "name", ["[@metadata][index]", "[@metadata]", "@metadata", "a[0]", "]", "[", "[@timestamp]", "", "[\\u0022]"]
)
def test_a_name_that_logstash_would_misread_goes_to_the_dead_letters(name: str) -> None:
    """No sender chooses an index, breaks the pipeline or loses a field by the names of its fields."""
    line = json.dumps({**INFERENCE, name: 5})
    came_out = run(line)
    assert came_out is not None
    document, metadata = came_out
    assert (document["message"], document["reason"]) == (line, "unusable_field")
    assert metadata["index"] == "ml-dead-letter"
    assert set(document) == {"@timestamp", "message", "reason"}


@pytest.mark.parametrize("tags", [{"a": 1}, [1], ["a", None], 5, True, [["a"]]])
def test_tags_that_logstash_refuses_go_to_the_dead_letters(tags: object) -> None:
    """Setting them throws, from Logstash 8.7 on."""
    came_out = run({**INFERENCE, "tags": tags})
    assert came_out is not None
    assert came_out[0]["reason"] == "unusable_field"


@pytest.mark.parametrize("tags", ["a", "", [], ["a", 'b"],c'], ["[", "]"], None])
def test_other_tags_stay(tags: object) -> None:
    """A text, texts, none: as they came."""
    came_out = run({**INFERENCE, "tags": tags})
    assert came_out is not None
    assert came_out[0].get("tags") == tags


def test_values_may_look_like_names() -> None:
    """Only names are looked at: brackets, @metadata and quotes in values are nothing special."""
    values = {"a": "[x]", "b": ["x,", "[y]"], "c": '{"[d]": 1}', "e": '"@metadata":', "f": ["x]", "y"], "g": "\\"}
    came_out = run({**INFERENCE, **values})
    assert came_out is not None
    assert {name: came_out[0][name] for name in values} == values


def test_fields_of_a_sender_keep_the_names_that_inputs_use() -> None:
    """host, port, message, event and @version of a sender are its own, and stay."""
    own = {"host": "gpu-7", "port": 8080, "message": "hello", "event": {"original": 1}, "@version": 3}
    came_out = run({**INFERENCE, **own})
    assert came_out is not None
    assert {name: came_out[0][name] for name in own} == own


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5)
KNOWN = (
    "@timestamp timestamp type request_id prediction_confidence inference_time_ms prediction_class true_label "
    "error_message tags confidence_level host message"
)
NAMES = st.sampled_from(KNOWN.split()) | st.text(max_size=5)


@pytest.mark.parametrize("version", VERSIONS)
@settings(max_examples=50)
@given(event=st.dictionaries(NAMES, VALUES), kind=st.sampled_from(["model_inference", "data_quality", None]))
def test_no_event_breaks_the_pipeline(version: str, event: dict[str, Any], kind: str | None) -> None:
    """Whatever comes has an index and an id, and each of its fields is in the document or in the line that is kept."""
    if kind is not None:
        event = {**event, "type": kind}
    came_out = run(event, version)
    assert came_out is not None
    document, metadata = came_out
    assert re.fullmatch(r"ml-dead-letter|(ml-metrics|data-quality)-\d{4}\.\d\d\.\d\d", metadata["index"])
    assert metadata["id"]
    if metadata["index"] == "ml-dead-letter":
        assert json.loads(document["message"]) == event
        assert set(document) == {"@timestamp", "message", "reason"}
    else:
        written = {"@timestamp", "timestamp", "confidence_level", "latency_category", "prediction_correct"}
        kept = {name: value for name, value in event.items() if name not in {*written, "error_type"}}
        assert {name: document[name] for name in kept} == kept


@settings(max_examples=50)
@given(line=st.text())
def test_no_line_breaks_the_pipeline(line: str) -> None:
    """A text that is no event is kept whole."""
    came_out = run(line)
    assert (came_out is None and not line.strip(" \t\r\n\f\v")) or (came_out and came_out[0]["message"] == line)


# -- The file itself


def every_plugin(kind: str) -> list[Plugin]:
    return plugins(CONFIG.sections[kind])


def with_codecs(kind: str) -> list[tuple[str, Plugin]]:
    found = [(kind, plugin) for plugin in every_plugin(kind)]
    codecs = [("codec", plugin.options["codec"]) for _, plugin in found if "codec" in plugin.options]
    return found + codecs


ALL = [*with_codecs("input"), *with_codecs("filter"), *with_codecs("output")]


@pytest.mark.parametrize(("kind", "plugin"), ALL, ids=lambda value: getattr(value, "name", value))
def test_plugins_and_options_exist_in_both_versions(kind: str, plugin: Plugin) -> None:
    """Logstash refuses to start with an option that its version does not have."""
    assert plugin.name in OPTIONS[kind]
    assert set(plugin.options) <= OPTIONS[kind][plugin.name]


@pytest.mark.parametrize(("kind", "plugin"), ALL, ids=lambda value: getattr(value, "name", value))
def test_ecs_compatibility_is_said_where_there_is_such_an_option(kind: str, plugin: Plugin) -> None:
    """Its default differs between versions and settings, and with it the names of fields."""
    if "ecs_compatibility" in OPTIONS[kind][plugin.name]:
        assert plugin.options["ecs_compatibility"] == "disabled"


def test_the_output_sends_what_the_filters_decided() -> None:
    """Index and id come from the metadata; the templates are not Logstash's business."""
    [output] = every_plugin("output")
    options = output.options
    assert (options["index"], options["document_id"]) == ("%{[@metadata][index]}", "%{[@metadata][id]}")
    assert (options["manage_template"], options["ilm_enabled"], options["data_stream"]) == ("false",) * 3


def test_the_inputs_listen_where_the_compose_file_says() -> None:
    """TCP on 5001, UDP on 5002, on all addresses of the container."""
    assert [(plugin.name, plugin.options["port"]) for plugin in every_plugin("input")] == [("tcp", 5001), ("udp", 5002)]
    assert not any("host" in plugin.options for plugin in every_plugin("input"))


def test_each_variable_of_the_environment_has_a_default() -> None:
    """Logstash ends at the start for a variable that is not set."""
    found = re.findall(r"\$\{(\w+)(:[^}]+)?\}", PIPELINE.read_text("utf-8"))
    assert found
    assert all(default for _, default in found)


def test_the_words_of_errors_are_those_of_the_ingest_pipeline() -> None:
    """A word that is added there and not here is found, and one that is found there too early here."""
    ingest = json.loads((REPOSITORY / "index_templates/pipelines/ml-enrichment.json").read_text("utf-8"))
    found = [kind for processor in ingest["processors"] for kind in kinds_in(processor)]
    assert len(found) == 5
    for kind in found:
        for word in kind["words"]:
            came_out = run({**INFERENCE, "error_message": f"It was:{word.upper()}!"})
            assert came_out is not None
            assert came_out[0]["error_type"] == kind["error_type"], word


def kinds_in(processor: dict[str, Any]) -> list[dict[str, Any]]:
    [settings] = processor.values()
    kinds: list[dict[str, Any]] = settings.get("params", {}).get("kinds", [])
    return kinds
