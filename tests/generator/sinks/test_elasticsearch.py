"""Bulks to Elasticsearch, against a server that goes wrong in every way that a test can make."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from generator.batch import Batch
from generator.sinks.elasticsearch import ElasticsearchSink
from generator.sinks.spill import spill_path
from kibana_builder.elastic.client import Elastic
from kibana_builder.errors import ElasticError, ElasticUnreachable, KbuildError
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
        self.most_bytes = 100_000_000
        self.version = 200
        self.server: Server

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        request = self.server.requests[-1]
        if not request.path.startswith("/_bulk"):
            answer(self.version, {"version": {"number": "9.0.0"}}, PRODUCT)(handler)
            return
        self.bulks += 1
        if len(request.body) > self.most_bytes:
            answer(413, {"error": "too large"}, PRODUCT)(handler)
            return
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


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the end of a run nobody waits long."""
    monkeypatch.setattr("generator.sinks.elasticsearch.END_SECONDS", 0.3)
    monkeypatch.setattr("generator.sinks.elasticsearch.LONGEST_PAUSE", 0.1)


def sink(cluster: Cluster, words: list[str] | None = None) -> ElasticsearchSink:
    return ElasticsearchSink(Elastic(cluster.server.url), told=(words if words is not None else []).append)


def send_all(sending: ElasticsearchSink, batches: int) -> None:
    for number in range(batches):
        sending.send(batch(number * 100, 100))


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
    assert words[0].endswith((". Trying again; events are kept meanwhile", "? Trying again; events are kept meanwhile"))
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


def test_what_was_refused_is_kept(cluster: Cluster) -> None:
    """In a file of bulk lines, private to its owner: nobody else knows them."""
    cluster.verdict = lambda id_: 400 if id_ in ("id-3", "id-5") else 201
    for first in (0, 100):
        sending = sink(cluster)
        sending.send(batch(first, 10))
        report = sending.close()
    assert (report.refused, report.refused_in) == (0, None)
    (file,) = Path(".kbuild/refused").iterdir()
    assert file.read_bytes() == b"".join(
        b'{"index":{"_index":"ml-metrics-2026.01.01","_id":"id-%d"}}\n{"n":%d}\n' % (number, number)
        for number in (3, 5)
    )
    assert file.stat().st_mode & 0o777 == 0o600


def test_an_item_that_fails_again_and_again_holds_nothing_up(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is being stopped answers 500, so it is tried again, but not for ever."""
    monkeypatch.setattr("generator.sinks.elasticsearch.LONGEST_PAUSE", 0.01)
    monkeypatch.setattr("generator.sinks.patience.FIRST_PAUSE", 0.01)
    stopping = {"id-4": 3}

    def verdict(id_: str) -> int:
        stopping[id_] = stopping.get(id_, 0) - 1
        return 500 if stopping[id_] >= 0 or id_ == "id-7" else 201

    cluster.verdict = verdict
    sending = sink(cluster)
    sending.send(batch(0, 10))
    report = sending.close()
    assert (report.sent, report.refused, report.reasons) == (9, 1, ["500 for i…"])
    assert "id-4" in cluster.documents


def test_a_bulk_that_is_too_large_goes_in_parts(cluster: Cluster) -> None:
    """Some proxies take a megabyte only; an event that is larger alone is refused."""
    cluster.most_bytes = 1000
    large = Batch(['{"n":0}', f'{{"n":"{"x" * 2000}"}}', '{"n":2}'], lambda: ["a", "b", "c"], lambda: ["i"] * 3)
    sending = sink(cluster)
    sending.send(batch(0, 100))
    sending.send(large)
    report = sending.close()
    assert (report.sent, report.refused, report.unsent) == (102, 1, 0)
    assert "answered 413: too large" in report.reasons[0]


@pytest.mark.parametrize("status", [400, 401, 403])
def test_what_waiting_would_not_make_right_ends_it(cluster: Cluster, status: int) -> None:
    """Nothing is lost all the same: the next run, with the right login, sends it."""
    cluster.moods = [status]
    sending = sink(cluster)
    sending.send(batch(0, 10))
    until = time.monotonic() + 10
    while sending.report.failure is None and time.monotonic() < until:
        time.sleep(0.01)
    with pytest.raises(ElasticError, match="too busy"):
        sending.send(batch(10, 10))
    report = sending.close()
    assert (report.sent, report.unsent, report.kept_in) == (0, 10, [str(spill_path(cluster.server.url))])
    assert isinstance(report.failure, ElasticError)
    sending = sink(cluster)
    sending.send(batch(10, 10))
    report = sending.close()
    assert (report.sent, report.earlier, len(cluster.documents)) == (20, 10, 20)


@pytest.mark.parametrize(("status", "there"), [(403, True), (401, False), (503, False)])
def test_who_may_only_write_need_not_ask_for_the_version(cluster: Cluster, status: int, there: bool) -> None:
    """An API key for the indices alone gets a 403 there; a wrong one gets a 401."""
    cluster.version = status
    if there:
        sending = sink(cluster)
        sending.send(batch(0, 1))
        assert sending.close().sent == 1
    else:
        with pytest.raises(ElasticError):
            sink(cluster)


def test_nobody_there(tmp_path: Path) -> None:
    """At the beginning this is an error, not an endless wait."""
    with pytest.raises(ElasticUnreachable):
        ElasticsearchSink(Elastic("http://127.0.0.1:9"))


def test_what_does_not_fit_into_memory_goes_to_a_file_and_comes_back(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While Elasticsearch is away the generator goes on; afterwards everything arrives, and the file is gone."""
    monkeypatch.setattr("generator.sinks.elasticsearch.WAITING_BYTES", 5000)
    monkeypatch.setattr("generator.sinks.elasticsearch.LONGEST_PAUSE", 0.2)
    cluster.moods = [503] * 1000
    sending = sink(cluster)
    send_all(sending, 12)
    assert spill_path(cluster.server.url).exists()
    cluster.moods = []
    report = sending.close()
    assert set(cluster.documents) == {f"id-{number}" for number in range(1200)}
    assert (report.sent, report.updated, report.unsent, report.kept_in) == (1200, 0, 0, [])
    assert 500 < report.spilled < 1200
    assert not spill_path(cluster.server.url).exists()


def test_what_is_left_at_the_end_is_sent_by_the_next_run(cluster: Cluster, impatient: None) -> None:
    """The file says how many events it keeps; only its owner can read it."""
    cluster.moods = [503] * 1000
    sending = sink(cluster)
    sending.send(batch(0, 250))
    report = sending.close()
    path = spill_path(cluster.server.url)
    assert (report.sent, report.unsent, report.kept_in) == (0, 250, [str(path)])
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    report = sink(cluster).close()
    assert (report.sent, report.earlier, report.unsent, report.kept_in) == (0, 250, 250, [str(path)])
    cluster.moods = []
    sending = sink(cluster)
    sending.send(batch(250, 50))
    report = sending.close()
    assert (report.sent, report.earlier, report.unsent, len(cluster.documents)) == (300, 250, 0, 300)
    assert not path.exists()


def test_what_is_acknowledged_in_part_is_kept_in_part(cluster: Cluster, impatient: None) -> None:
    """What is counted as sent is not counted as left too."""
    cluster.verdict = lambda id_: 429 if id_.endswith("7") else 201
    sending = sink(cluster)
    sending.send(batch(0, 100))
    report = sending.close()
    assert (report.sent, report.unsent) == (90, 10)
    cluster.verdict = lambda _: 201
    report = sink(cluster).close()
    assert (report.sent, report.updated, len(cluster.documents)) == (10, 0, 100)


def test_two_runs_at_once_have_a_file_each(cluster: Cluster, impatient: None) -> None:
    """Two generators to one server, which goes away: the next run finds what both left."""
    cluster.moods = [503] * 1000
    sinks = [sink(cluster), sink(cluster)]
    for number, sending in enumerate(sinks):
        sending.send(batch(number * 100, 100))
    for sending in sinks:
        assert sending.close().unsent == 100
    cluster.moods = []
    report = sink(cluster).close()
    assert (report.sent, len(cluster.documents)) == (200, 200)


def test_where_nothing_can_be_kept_it_is_counted(cluster: Cluster, impatient: None) -> None:
    """Without a place for the file, what was not sent is lost, and that is said."""
    Path(".kbuild").write_text("a file where a folder should be")
    cluster.moods = [503] * 1000
    words: list[str] = []
    sending = sink(cluster, words)
    sending.send(batch(0, 100))
    report = sending.close()
    assert (report.sent, report.unsent, report.kept_in) == (0, 100, [])
    assert any(word.startswith("Events cannot be kept in .kbuild/unsent: ") for word in words)


def test_a_batch_does_not_wait_for_ever_for_a_full_disk(
    cluster: Cluster, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that answers 429 is there, so its events wait in memory; a run with an end gives up at last."""
    monkeypatch.setattr("generator.sinks.elasticsearch.WAITING_BYTES", 5000)
    cluster.moods = [429] * 1000
    sending = ElasticsearchSink(Elastic(cluster.server.url), seconds=0)
    with pytest.raises(KbuildError, match="has not taken any event for"):
        send_all(sending, 12)
    report = sending.close()
    assert report.unsent >= 100
    assert report.kept_in
