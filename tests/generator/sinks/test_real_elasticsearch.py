"""Events into a real Elasticsearch: all of them, enriched, once each, whatever happens to the connection."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from generator.batch import Batch
from generator.core import Span, batches, maker
from generator.models import load_models
from generator.pace import ticks
from generator.sinks import Report
from generator.sinks.elasticsearch import ElasticsearchSink
from kibana_builder.elastic.client import Elastic, path_of
from kibana_builder.elastic.resources import read_resources
from kibana_builder.elastic.templates import abilities, apply
from tests.elastic.servers import URL, URL_8, clean_server, needs_elasticsearch, needs_elasticsearch_8, write_project

pytestmark = pytest.mark.integration

PREFIX = "gencheck"
DAY = Span(1767139200000, 1767225600000)  # 2025-12-31, UTC


def prefixed(batch: Batch) -> Batch:
    return Batch(batch.lines, batch.ids, lambda: [f"{PREFIX}-{index}" for index in batch.indices()])


def sent(url: str, count: int, seed: int, kind: str = "inference") -> Report:
    sink = ElasticsearchSink(Elastic(url))
    for batch in batches(maker(kind, load_models(), "normal"), count, DAY, seed):
        sink.send(prefixed(batch))
    return sink.close()


@contextlib.contextmanager
def project(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Elastic]:
    """Apply the example's templates under names of our own."""
    monkeypatch.chdir(tmp_path)
    write_project(tmp_path, PREFIX)
    with clean_server(url, tmp_path, PREFIX) as elastic:
        resources = read_resources(tmp_path)
        list(apply(elastic, resources, resources, abilities(elastic)))
        yield elastic


def search(elastic: Elastic, index: str, body: Any) -> Any:
    elastic.request("POST", path_of(index, "_refresh"))
    return elastic.request("POST", path_of(index, "_search"), body=body)


@needs_elasticsearch
def test_100_000_events_are_all_found_and_enriched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has its category, as the table says."""
    with project(URL, tmp_path, monkeypatch) as elastic:
        assert sent(URL, 100_000, 1).sent == 100_000
        filters = {
            "fast": {"range": {"inference_time_ms": {"lt": 50}}},
            "normal": {"range": {"inference_time_ms": {"gte": 50, "lt": 200}}},
            "slow": {"range": {"inference_time_ms": {"gte": 200, "lt": 500}}},
            "very_slow": {"range": {"inference_time_ms": {"gte": 500}}},
        }
        by_category = {"terms": {"field": "latency_category"}}
        body = {
            "size": 0,
            "track_total_hits": True,
            "query": {"range": {"@timestamp": {"gte": "2025-12-31", "lt": "2026-01-01"}}},
            "aggs": {
                "latency": {"filters": {"filters": filters}, "aggs": {"said": by_category}},
                "errors": {
                    "filter": {"term": {"error": True}},
                    "aggs": {"typed": {"value_count": {"field": "error_type"}}},
                },
                "confident": {
                    "filter": {"range": {"prediction_confidence": {"gte": 0.85}}},
                    "aggs": {"high": {"filter": {"term": {"confidence_level": "high"}}}},
                },
                "judged": {"value_count": {"field": "prediction_correct"}},
            },
        }
        found = search(elastic, f"{PREFIX}-ml-metrics-2025.12.31", body)
        assert found["hits"]["total"]["value"] == 100_000
        said = found["aggregations"]
        for name, bucket in said["latency"]["buckets"].items():
            assert [(b["key"], b["doc_count"]) for b in bucket["said"]["buckets"]] == [(name, bucket["doc_count"])]
        assert said["errors"]["doc_count"] == said["errors"]["typed"]["value"] > 500
        assert said["confident"]["doc_count"] == said["confident"]["high"]["doc_count"] > 10_000
        assert said["judged"]["value"] == 100_000 - said["errors"]["doc_count"]


@needs_elasticsearch
@pytest.mark.parametrize("kind", ["inference", "training", "data_quality"])
def test_the_same_events_twice_give_no_duplicates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """Whether an id is the request's or a fingerprint of the event."""
    with project(URL, tmp_path, monkeypatch) as elastic:
        assert [(report.sent, report.updated) for report in (sent(URL, 5000, 1, kind), sent(URL, 5000, 1, kind))] == [
            (5000, 0),
            (5000, 5000),
        ]
        found = search(elastic, f"{PREFIX}-*", {"size": 0, "track_total_hits": True})
        assert found["hits"]["total"]["value"] == 5000


@needs_elasticsearch_8
def test_without_ingest_processors_events_arrive_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test server of Elasticsearch 8 has none: what is generated is found, not enriched."""
    with project(URL_8, tmp_path, monkeypatch) as elastic:
        assert sent(URL_8, 5000, 1).sent == 5000
        found = search(elastic, f"{PREFIX}-ml-metrics-2025.12.31", {"size": 1, "track_total_hits": True})
        assert found["hits"]["total"]["value"] == 5000


class Valve:
    """A way to a server that breaks: with `trap` set, in the middle of the next request, or of the next answer.

    While it is broken no new connection is made; `back` makes it whole.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.target = (parts.hostname or "", parts.port or 80)
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.server.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.open: list[socket.socket] = []
        self.trap = ""
        self.cuts = 0
        threading.Thread(target=self._accept, args=(self.server,), daemon=True).start()

    def _accept(self, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = server.accept()
                far = socket.create_connection(self.target)
                self.open += [near, far]
                for one, other, what in ((near, far, "request"), (far, near, "answer")):
                    threading.Thread(target=self._pass_on, args=(one, other, what), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket, what: str) -> None:
        with contextlib.suppress(OSError):
            while part := one.recv(65536):
                if self.trap == what and len(part) > 1000:
                    self.trap = ""
                    self.cuts += 1
                    other.sendall(part[: len(part) // 2])
                    self.cut()
                    return
                other.sendall(part)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.close()

    def cut(self) -> None:
        with contextlib.suppress(OSError):
            self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        for connection in self.open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.open.clear()

    def back(self) -> None:
        self.server = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self.server,), daemon=True).start()


@needs_elasticsearch
def test_a_server_that_is_away_in_the_middle_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once in the middle of a bulk, once when it is indexed and only the answer is lost: every event is there, once."""
    monkeypatch.setattr("generator.sinks.elasticsearch.WAITING_BYTES", 500_000)
    with project(URL, tmp_path, monkeypatch) as elastic:
        valve = Valve(URL)
        sink = ElasticsearchSink(Elastic(valve.url), seconds=11)
        source, ids = maker("inference", load_models(), "normal"), set[str]()
        events = {1.0: "request", 6.0: "back", 7.0: "answer", 9.0: "back"}
        import numpy as np

        for tick in ticks(2000, 11):
            for moment in [moment for moment in events if moment <= tick.elapsed]:
                if (event := events.pop(moment)) == "back":
                    valve.back()
                else:
                    valve.trap = event
            now = np.full(tick.events, int(time.time() * 1000), dtype=np.int64)
            batch = source.make(9, tick.first, now, np.zeros(tick.events))
            ids.update(batch.ids())
            sink.send(prefixed(batch))
        report = sink.close()
        assert valve.cuts == 2
        assert (report.sent, report.unsent, report.refused) == (22_000, 0, 0)
        assert report.retried > 0
        assert report.spilled > 1000
        assert report.updated > 0  # what was indexed without an answer
        found = search(elastic, f"{PREFIX}-ml-metrics-*", {"size": 0, "track_total_hits": True})
        assert found["hits"]["total"]["value"] == len(ids) == 22_000
        valve.cut()


def test_lines_are_json() -> None:
    """What goes into a bulk is one object a line, whatever is in a name."""
    (batch,) = batches(maker("inference", load_models(), "normal"), 10, DAY, 1)
    assert all(json.loads(line)["request_id"] in id_ for line, id_ in zip(batch.lines, batch.ids(), strict=True))
