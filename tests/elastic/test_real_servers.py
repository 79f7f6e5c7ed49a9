"""Templates and pipeline on real servers: Elasticsearch 9 with ingest processors, Elasticsearch 8 without."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kibana_builder.elastic.client import Elastic, path_of
from kibana_builder.json_tree import Json, JsonObject
from tests.cases.enrichment import FINGERPRINT, Case, cases, same_event
from tests.commands.small_project import Said, Shop
from tests.elastic.servers import (
    URL,
    URL_8,
    clean_server,
    needs_elasticsearch,
    needs_elasticsearch_8,
    renamed,
    write_project,
)
from tests.shared_material import REPOSITORY

pytestmark = pytest.mark.integration

FIELDS = REPOSITORY / "generator" / "fields.json"
PREFIX = "tplcheck"
METRICS = f"{PREFIX}-ml-metrics"
PIPELINE = f"{PREFIX}-ml-enrichment"
TABLE = cases()
TYPES = ("model_inference", "model_training", "data_quality")
KNOWN = {name for kind in TYPES for name in json.loads(FIELDS.read_bytes())["event_types"][kind]["fields"]}
NAMES = sorted({*KNOWN, "timestamp", "other", "a", "a.b", "message", "error_message.keyword", "type.x", "@timestamp.y"})
WORDS = ("", "x" * 40_000, "fast", "0.9", "1e400", "--1", "1.", "2026-99-99T00:00:00Z", "2026-11-24T09:30:00+99:99")


@dataclass
class Real:
    """A server with nothing of ours on it, and the command line in a project with the example's templates."""

    elastic: Elastic
    shop: Shop

    def templates(self, *args: str) -> Said:
        return self.shop.run("templates", *args, "--elasticsearch", self.elastic.address)

    def bulk(self, action: str, documents: list[JsonObject], **target: str) -> list[dict[str, Any]]:
        """Send documents in one bulk and give what became of each."""
        lines = [line for document in documents for line in ({action: target}, document)]
        body = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
        return [item[action] for item in self.elastic.bulk(body, params={"refresh": True})["items"]]

    def document(self, index: str, document_id: str) -> JsonObject:
        found: JsonObject = self.elastic.request("GET", path_of(index, "_doc", document_id))["_source"]
        return found

    def count(self, index: str) -> int:
        return int(self.elastic.request("GET", path_of(index, "_count"))["count"])


def real(url: str, root: Path, monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> Iterator[Real]:
    for name in ("API_KEY", "USERNAME", "PASSWORD"):
        monkeypatch.delenv(f"ELASTICSEARCH_{name}", raising=False)
    write_project(root, PREFIX)
    monkeypatch.chdir(root)
    with clean_server(url, root, PREFIX) as elastic:
        yield Real(elastic, Shop(root, url, capture))


@pytest.fixture
def nine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Real]:
    yield from real(URL, tmp_path, monkeypatch, capsys)


@pytest.fixture
def eight(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Real]:
    yield from real(URL_8, tmp_path, monkeypatch, capsys)


def comes_as(case: Case) -> JsonObject:
    return {"message": case.line} if case.input is None else case.input


def today() -> str:
    return datetime.now(UTC).strftime("%Y.%m.%d")


@needs_elasticsearch
def test_every_case_comes_out_of_the_pipeline_as_the_table_says(nine: Real) -> None:
    """In a simulation, which shows the document before any mapping; and what comes out goes in again unchanged."""
    pipeline = json.loads((nine.shop.root / "index_templates/pipelines" / f"{PIPELINE}.json").read_bytes())
    alive = [case for case in TABLE if "reason" not in case.event]

    def simulated(documents: list[JsonObject]) -> list[JsonObject]:
        body = {"pipeline": pipeline, "docs": [{"_index": f"{METRICS}-in", "_source": one} for one in documents]}
        answer = nine.elastic.request("POST", "/_ingest/pipeline/_simulate", body=body)
        assert [one for one in answer["docs"] if "doc" not in one] == []
        return [one["doc"]["_source"] for one in answer["docs"]]

    once = simulated([comes_as(case) for case in TABLE])
    assert [case.name for case, event in zip(TABLE, once, strict=True) if not same_event(case, event)] == []
    enriched = [event for case, event in zip(TABLE, once, strict=True) if case in alive]
    assert simulated(enriched) == enriched


@needs_elasticsearch
def test_every_case_is_indexed_where_the_table_says(nine: Real) -> None:
    """A plain bulk without ids: index, id and document of each; nothing is refused, and twice is once."""
    assert nine.templates("apply").code == 0
    days = [today()]
    first = nine.bulk("index", [comes_as(case) for case in TABLE], _index=f"{METRICS}-in")
    days.append(today())
    assert [item["error"] for item in first if "error" in item] == []
    for case, item in zip(TABLE, first, strict=True):
        indices = {renamed(case.index.replace("{today}", day), PREFIX) for day in days}
        assert item["_index"] in indices, case.name
        assert item["_id"] == case.id or (case.id == FINGERPRINT and len(item["_id"]) == 64), case.name
        assert same_event(case, nine.document(item["_index"], item["_id"])), case.name
    places = {(item["_index"], item["_id"]) for item in first}
    assert len(places) == len(TABLE)
    if days[0] == today():
        again = nine.bulk("index", [comes_as(case) for case in TABLE], _index=f"{METRICS}-in")
        assert {(item["_index"], item["_id"]) for item in again} == places
        assert nine.count(f"{PREFIX}-*") == len(TABLE)


@needs_elasticsearch
def test_a_request_may_bring_its_own_id(nine: Real) -> None:
    """The generator and Logstash do; the index of the day is the same either way. To create twice is a conflict."""
    nine.templates("apply")
    event = {"type": "model_inference", "request_id": "r", "@timestamp": "2026-11-24T09:30:00Z", "inference_time_ms": 7}
    index = f"{METRICS}-2026.11.24"
    (item,) = nine.bulk("index", [event], _index=index, _id="mine")
    assert (item["_index"], item["_id"], item["status"]) == (index, "mine", 201)
    assert nine.document(index, "mine")["latency_category"] == "fast"
    assert [nine.bulk("create", [event], _index=index)[0]["status"] for _ in range(2)] == [201, 409]
    assert nine.count(index) == 2


@needs_elasticsearch
def test_enriched_fields_can_be_found(nine: Real) -> None:
    """What dashboards ask for: keywords, numbers, booleans, words of a message; a wrong type is not among them."""
    nine.templates("apply")
    time = {"@timestamp": "2026-11-24T09:30:00Z", "type": "model_inference"}
    nine.bulk(
        "index",
        [
            {**time, "request_id": "a", "inference_time_ms": 700, "prediction_class": "x", "true_label": "x"},
            {
                **time,
                "request_id": "b",
                "inference_time_ms": "fast",
                "error_message": "CUDA out of memory",
                "own": "Word",
            },
            {**time, "request_id": "c", "inference_time_ms": {"p95": 3}, "own": {"below": 1}, "model_name": {"id": 7}},
        ],
        _index=f"{METRICS}-in",
    )

    def found(query: str) -> list[str]:
        answer = nine.elastic.request("GET", path_of(f"{METRICS}-2026.11.24", "_search"), params={"q": query})
        return sorted(hit["_source"]["request_id"] for hit in answer["hits"]["hits"])

    assert found("latency_category:very_slow AND prediction_correct:true AND inference_time_ms:>600") == ["a"]
    assert found("error_type:out_of_memory AND error_message:cuda AND own:Word") == ["b"]
    assert found("own.below:1 AND model_name.id:7") == ["c"]
    assert found("inference_time_ms:*") == ["a"]


def anything(chance: random.Random, depth: int = 0) -> Json:
    """Make a value of any type and size, the awkward ones more often."""
    kind = chance.randrange(5 if depth > 2 else 7)
    if kind == 0:
        return chance.choice([None, True, False, [], {}, "", 0, -0.0])
    if kind == 1:
        return chance.randrange(10 ** chance.randrange(1, 25)) - 10**8
    if kind == 2:
        return chance.choice([chance.uniform(-1e3, 1e3), 1e300, 1e-300, 1.7e9, 1.7e12])
    if kind in (3, 4):
        return chance.choice(WORDS)
    if kind == 5:
        return [anything(chance, depth + 1) for _ in range(chance.randrange(4))]
    return {chance.choice(NAMES): anything(chance, depth + 1) for _ in range(chance.randrange(4))}


@needs_elasticsearch
def test_nothing_in_an_event_makes_it_fail(nine: Real) -> None:
    """Values of any type in known and unknown fields, names with dots that get in each other's way: all is indexed."""
    nine.templates("apply")
    chance = random.Random(7)
    time = {"@timestamp": "2026-11-24T09:30:00Z"}
    events: list[JsonObject] = [{"type": chance.choice(TYPES)} for _ in range(300)]
    for event in events:
        event.update({chance.choice(NAMES): anything(chance) for _ in range(chance.randrange(14))} | time)
    items = nine.bulk("index", events, _index=f"{METRICS}-in")
    assert [(item["error"], event) for item, event in zip(items, events, strict=True) if "error" in item] == []
    indices = {f"{PREFIX}-{name}" for name in ("ml-metrics-2026.11.24", "ml-training-2026.11.24", "ml-dead-letter")}
    assert {item["_index"] for item in items} == {*indices, f"{PREFIX}-data-quality-2026.11.24"}


@needs_elasticsearch
def test_applying_is_idempotent_and_drift_is_named(nine: Real) -> None:
    """Apply, verify, apply again; then by hand a setting, a field, a processor, and a template that is gone."""
    said = nine.templates("apply", "--format", "json")
    assert (said.code, said.err.count("Warning: ")) == (0, 1)
    assert [one["state"] for one in said.json["resources"]] == ["impossible", *["created"] * 5]
    assert nine.templates("verify").code == 0
    again = nine.templates("apply", "--format", "json")
    assert [one["state"] for one in again.json["resources"]] == ["impossible", *["unchanged"] * 5]

    template = path_of("_index_template", f"{METRICS}-template")
    live = nine.elastic.request("GET", template)["index_templates"][0]["index_template"]
    live = {key: value for key, value in live.items() if not key.endswith("_date_millis")}
    live["template"]["settings"]["index"]["refresh_interval"] = "30s"
    live["template"]["mappings"]["properties"]["error"] = {"type": "keyword"}
    nine.elastic.request("PUT", template, body=live)
    pipeline = path_of("_ingest", "pipeline", PIPELINE)
    body = nine.elastic.request("GET", pipeline)[PIPELINE]
    body = {key: value for key, value in body.items() if not key.endswith("_date_millis")}
    body["processors"][2]["script"]["ignore_failure"] = False
    nine.elastic.request("PUT", pipeline, body=body)
    nine.elastic.request("DELETE", path_of("_index_template", f"{PREFIX}-ml-dead-letter-template"))

    drifted = nine.templates("verify")
    assert drifted.code == 1
    assert [line.strip() for line in drifted.out.splitlines()] == [
        f"differs           ingest pipeline {PIPELINE}",
        "processors[2].script.ignore_failure: the file says true, the cluster has false",
        f"not there         index template {PREFIX}-ml-dead-letter-template",
        f"differs           index template {METRICS}-template",
        'template.settings.index.refresh_interval: the file says "5s", the cluster has "30s"',
        'template.mappings.properties.error.type: the file says "boolean", the cluster has "keyword"',
    ]
    assert nine.templates("apply").code == 0
    assert nine.templates("verify").code == 0


@needs_elasticsearch
def test_a_file_that_elasticsearch_refuses_is_named_with_its_reason(nine: Real) -> None:
    """Its own words, down to the field."""
    path = nine.shop.root / "index_templates" / f"{METRICS}.json"
    written = '"inference_time_ms": {"type": "double"}'
    path.write_text(path.read_text("utf-8").replace(written, written.replace("double", "dobule")), "utf-8")
    said = nine.templates("apply", METRICS)
    assert said.code == 1
    assert f"index template {METRICS}-template (index_templates/{METRICS}.json)" in said.err
    assert "[dobule]" in said.err
    assert "inference_time_ms" in said.err


@needs_elasticsearch_8
def test_a_server_without_processors_gets_the_rest_with_one_warning(eight: Real) -> None:
    """Events that bring their index and id arrive and are found, whatever types they hold; twice is once."""
    said = eight.templates("apply", "--format", "json")
    assert (said.code, said.err.count("Warning: ")) == (0, 1)
    assert "script" in said.json["warning"]
    assert "lifecycle management" in said.json["warning"]
    assert [one["state"] for one in said.json["resources"]] == ["impossible", "impossible", *["created"] * 4]
    assert eight.templates("verify").code == 0
    index = f"{METRICS}-2026.11.24"
    alive = [case for case in TABLE if case.index.startswith("ml-metrics") and case.id != FINGERPRINT]
    for _ in range(2):
        lines = [line for case in alive for line in ({"index": {"_index": index, "_id": case.id}}, comes_as(case))]
        body = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
        answer = eight.elastic.bulk(body, params={"refresh": True})
        assert [item for item in answer["items"] if "error" in item["index"]] == []
    assert eight.count(index) == len(alive)
    found = eight.elastic.request("GET", path_of(index, "_search"), params={"q": "type:model_inference", "size": 0})
    assert found["hits"]["total"]["value"] == len(alive)
