"""Bulks to Elasticsearch, against a server that goes wrong in every way that a test can make."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from generator.batch import Batch
from generator.sinks.elasticsearch import ElasticsearchSink
from generator.sinks.spill import Spill, spill_path
from kibana_builder.elastic.client import Elastic
from kibana_builder.errors import ElasticNotAllowed, ElasticUnreachable, KbuildError
from tests.elastic.pretended import PRODUCT
from tests.kibana.misbehaving import Server, answer, cut_off, hang_up, serving

Verdict = Callable[[str], int]


class Cluster:
    """Keeps what it accepts by id, as Elasticsearch does; `verdict` says with which status, `moods` come first."""

    def __init__(self) -> None:
        self.documents: dict[str, Any] = {}
        self.bulks = 0
        self.moods: list[Callable[[BaseHTTPRequestHandler], None] | int] = []
        self.verdict: Verdict = lambda _: 201
        self.server: Server

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        request = self.server.requests[-1]
        if not request.path.startswith("/_bulk"):
            answer(200, {"version": {"number": "9.0.0"}}, PRODUCT)(handler)
            return
        self.bulks += 1
        mood = self.moods.pop(0) if self.moods else None
        if isinstance(mood, int):
            answer(mood, {"error": {"type": "busy", "reason": "too busy"}}, PRODUCT)(handler)
        elif mood is not None:
            self.take(request.body)
            mood(handler)
        else:
            items = self.take(request.body)
            answer(200, {"errors": any(i["index"]["status"] >= 300 for i in items), "items": items}, PRODUCT)(handler)

    def take(self, body: bytes) -> list[Any]:
        lines = [json.loads(line) for line in body.splitlines()]
        items: list[Any] = []
        for action, event in zip(lines[::2], lines[1::2], strict=True):
            id_ = action["index"]["_id"]
            status = self.verdict(id_)
            if status >= 300:
                items.append({"index": {"status": status, "error": {"reason": f"{status} for {id_[:1]}…"}}})
                continue
            known = id_ in self.documents
            self.documents[id_] = event
            items.append({"index": {"status": 200 if known else 201, "result": "updated" if known else "created"}})
        return items


def batch(first: int, count: int) -> Batch:
    numbers = range(first, first + count)
    return Batch(
        [f'{{"n":{number}}}' for number in numbers],
        ids=lambda: [f"id-{number}" for number in numbers],
        indices=lambda: ["ml-metrics-2026.01.01"] * count,
    )


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a cluster, in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)
    made = Cluster()
    with serving(made) as server:
        made.server = server
        yield made


def sink(cluster: Cluster, words: list[str] | None = None) -> ElasticsearchSink:
    return ElasticsearchSink(Elastic(cluster.server.url), told=(words if words is not None else []).append)


def test_every_event_is_acknowledged_once(cluster: Cluster) -> None:
    """In a few bulks; the same events again are updates, not documents."""
    for updated in (0, 9000):
        sending = sink(cluster)
        sending.send(batch(0, 9000))
        report = sending.close()
        assert (report.sent, report.updated, report.refused, report.unsent) == (9000, updated, 0, 0)
        assert len(cluster.documents) == 9000
    assert cluster.bulks <= 6


@pytest.mark.parametrize("mood", [429, 503, hang_up, cut_off], ids=["429", "503", "hang_up", "cut_off"])
def test_a_bulk_that_fails_is_sent_again(cluster: Cluster, mood: Any) -> None:
    """Also when it was taken and only the answer was lost: ids keep it from doubling."""
    cluster.moods = [mood, mood]
    words: list[str] = []
    sending = sink(cluster, words)
    sending.send(batch(0, 100))
    report = sending.close()
    assert (report.sent, report.retried, report.unsent) == (100, 2, 0)
    assert set(cluster.documents) == {f"id-{number}" for number in range(100)}
    assert len(words) == 2
    assert words[1] == f"{cluster.server.url} takes events again"


def test_only_the_items_that_were_too_many_come_again(cluster: Cluster) -> None:
    """A 429 of single items is no failure of the bulk."""
    refused: set[str] = set()

    def verdict(id_: str) -> int:
        first = id_ not in refused and id_.endswith("7")
        refused.add(id_)
        return 429 if first else 201

    cluster.verdict = verdict
    sending = sink(cluster)
    sending.send(batch(0, 100))
    report = sending.close()
    assert (report.sent, len(cluster.documents), cluster.bulks) == (100, 100, 2)


def test_what_elasticsearch_does_not_want_is_counted_with_its_reason(cluster: Cluster) -> None:
    """And keeps nothing else from arriving."""
    cluster.verdict = lambda id_: 400 if id_ in ("id-3", "id-5") else 201
    sending = sink(cluster)
    sending.send(batch(0, 10))
    report = sending.close()
    assert (report.sent, report.refused, report.reasons) == (8, 2, ["400 for i…"])


def test_a_wrong_login_ends_it(cluster: Cluster) -> None:
    """Waiting would not make it right."""
    cluster.moods = [401]
    sending = sink(cluster)
    sending.send(batch(0, 10))
    sending.thread.join(10)
    with pytest.raises(ElasticNotAllowed):
        sending.send(batch(0, 1))


def test_a_cluster_without_rights_is_an_error_however_few_events_there_are(cluster: Cluster) -> None:
    """Also where the refusal comes after the last event; the events are kept, and the next run sends them."""
    cluster.moods = [403]
    words: list[str] = []
    sending = sink(cluster, words)
    sending.send(batch(0, 10))
    with pytest.raises(ElasticNotAllowed):
        sending.close()
    path = spill_path(cluster.server.url)
    assert words == [f"0 events were sent, 10 could not be sent and are kept in {path}"]
    sending = sink(cluster)
    assert (sending.close().sent, len(cluster.documents), path.exists()) == (10, 10, False)


def test_nobody_there(tmp_path: Path) -> None:
    """At the beginning this is an error, not an endless wait."""
    with pytest.raises(ElasticUnreachable):
        ElasticsearchSink(Elastic("http://127.0.0.1:9"))


def test_what_does_not_fit_into_memory_goes_to_a_file_and_comes_back(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While Elasticsearch is away the generator goes on; afterwards everything arrives, and the file is gone."""
    monkeypatch.setattr("generator.sinks.elasticsearch.WAITING_BULKS", 2)
    monkeypatch.setattr("generator.sinks.elasticsearch.LONGEST_PAUSE", 0.2)
    cluster.moods = [503] * 1000
    sending = sink(cluster)
    for number in range(12):
        sending.send(batch(number * 100, 100))
    assert spill_path(cluster.server.url).exists()
    cluster.moods = []
    report = sending.close()
    assert set(cluster.documents) == {f"id-{number}" for number in range(1200)}
    assert (report.sent, report.unsent, report.kept_in) == (1200, 0, None)
    assert not spill_path(cluster.server.url).exists()


def test_what_is_left_at_the_end_is_sent_by_the_next_run(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file says how many events it keeps; only its owner can read it."""
    monkeypatch.setattr("generator.sinks.elasticsearch.END_SECONDS", 0.3)
    cluster.moods = [503] * 100
    sending = sink(cluster)
    sending.send(batch(0, 250))
    report = sending.close()
    path = spill_path(cluster.server.url)
    assert (report.sent, report.unsent, report.kept_in) == (0, 250, str(path))
    assert path.stat().st_mode & 0o777 == 0o600
    cluster.moods = []
    sending = sink(cluster)
    sending.send(batch(250, 50))
    report = sending.close()
    assert (report.sent, report.unsent, len(cluster.documents)) == (300, 0, 300)
    assert not path.exists()


def test_what_an_earlier_run_left_does_not_hold_up_the_end(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is still not taken, and nothing else waits, the run ends all the same."""
    monkeypatch.setattr("generator.sinks.elasticsearch.END_SECONDS", 0.3)
    left = Spill(spill_path(cluster.server.url))
    left.add(b'{"index":{"_index":"a","_id":"1"}}\n{}\n')
    left.close()
    cluster.moods = [503] * 1000
    sending = sink(cluster)
    sending.thread.join(0.1)
    assert sending.close().unsent == 1


def test_two_runs_at_once_keep_apart_what_they_keep(tmp_path: Path) -> None:
    """Neither sends or removes what the other has; a later run finds both."""
    bodies = [b'{"index":{}}\n{"n":1}\n', b'{"index":{}}\n{"n":2}\n']
    runs = [Spill(tmp_path / "a.ndjson") for _ in bodies]
    for run, body in zip(runs, bodies, strict=True):
        run.add(body)
    assert [run.first() for run in runs] == bodies
    assert [run.path.name for run in runs] == ["a.ndjson", "a-2.ndjson"]
    for run in runs:
        run.close()
    later, found = Spill(tmp_path / "a.ndjson"), set()
    while later:
        found.add(later.first())
        later.taken(later.first())
    assert found == set(bodies)
    assert not list(tmp_path.iterdir())


def test_a_pair_that_was_cut_is_dropped(tmp_path: Path) -> None:
    """A process that was killed while it wrote must not make every later bulk wrong."""
    path = tmp_path / "a.ndjson"
    whole = b'{"index":{}}\n{"n":1}\n'
    path.write_bytes(whole + b'{"index":{}}\n{"n"')
    spill = Spill(path)
    assert (spill.first(), spill.waiting(), path.read_bytes()) == (whole, 1, whole)
    spill.close()


def test_a_full_disk_is_said_and_keeps_nothing_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file stays as it was before."""

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    whole = b'{"index":{}}\n{"n":1}\n'
    spill = Spill(tmp_path / "a.ndjson")
    spill.add(whole)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(KbuildError, match=r"cannot be kept in .*a\.ndjson: No space left on device"):
        spill.add(whole)
    assert (spill.first(), spill.waiting(), spill.path.read_bytes()) == (whole, 1, whole)
    spill.close()


def test_the_file_gives_whole_pairs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However large they are, in the order in which they came."""
    monkeypatch.setattr("generator.sinks.spill.CHUNK_BYTES", 10)
    spill = Spill(tmp_path / "a" / "b.ndjson")
    pairs = [f'{{"index":{number}}}\n{{"n":{number}}}\n'.encode() for number in range(5)]
    spill.add(b"".join(pairs[:3]))
    spill.add(b"".join(pairs[3:]))
    assert spill.waiting() == 5
    found = []
    while spill:
        found.append(spill.first())
        spill.taken(found[-1])
    assert b"".join(found) == b"".join(pairs)
    assert all(body.count(b"\n") % 2 == 0 for body in found)
    assert not spill.path.exists()
