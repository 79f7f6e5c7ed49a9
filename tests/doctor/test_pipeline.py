"""`doctor pipeline`: marked events into a TCP input, found enriched, and taken away again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from generator.event import EVENT_TYPES
from kibana_builder.doctor.pipeline import address_of, check_pipeline, marked_events
from kibana_builder.doctor.result import Result
from kibana_builder.elastic.client import Elastic, path_of
from kibana_builder.errors import UsageError
from tests.doctor.tcp import listening
from tests.elastic.pretended import Pretended, pretended
from tests.elastic.servers import URL, needs_elasticsearch
from tests.stack.logstash import run

INDEX = "ml-metrics-2000.01.01"
MARKER = "kbuilddoctor00"
NOT_FOUND = (404, {"error": {"type": "index_not_found_exception", "reason": f"no such index [{INDEX}]"}})
Answers = dict[str, tuple[int, Any]]


def hits(*documents: tuple[str, dict[str, Any]]) -> tuple[int, Any]:
    return 200, {"hits": {"hits": [{"_id": ident, "_source": source} for ident, source in documents]}}


def arrived(enriched: bool = True) -> tuple[int, Any]:
    """Answer with all the events of a run."""
    return hits(*[(one.id, {**one.event, **(one.added if enriched else {})}) for one in marked_events(MARKER)])


@pytest.fixture(autouse=True)
def _marker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kibana_builder.doctor.pipeline.secrets.token_hex", lambda _: "00")
    monkeypatch.setattr("kibana_builder.doctor.pipeline._PAUSE", 0.01)


@contextmanager
def cluster(**answers: tuple[int, Any]) -> Iterator[tuple[Pretended, Elastic]]:
    there: Answers = {
        f"/{INDEX}/_search": arrived(),
        f"/{INDEX}/_refresh": (200, {}),
        f"/{INDEX}/_count": (200, {"count": 0}),
        f"/{INDEX}": (200, {"acknowledged": True}),
        "/ml-dead-letter/_search": hits(),
    }
    with pretended(answers=there | answers) as pretending, Elastic(pretending.url) as elastic:
        yield pretending, elastic


def checked(elastic: Elastic, lines: list[str] | None = None) -> dict[str, Result]:
    with listening((lines if lines is not None else []).append) as address:
        return {one.check: one for one in check_pipeline(elastic, address, 0.1)}


def states(results: dict[str, Result]) -> dict[str, str]:
    return {check: one.state for check, one in results.items()}


def test_all_arrive_enriched() -> None:
    """Three lines of JSON go out; the time is said; the index, with nothing else in it, is deleted."""
    lines: list[str] = []
    with cluster() as (there, elastic):
        results = checked(elastic, lines)
        assert there.sent("DELETE") == [f"/{INDEX}"]
    assert states(results) == {"sends": "ok", "arrives": "ok", "enriched": "ok"}
    assert [json.loads(line)["request_id"] for line in lines] == [f"{MARKER}-{number}" for number in range(3)]
    assert results["arrives"].words.startswith("all 3 after 0.")


def test_they_are_events() -> None:
    """Their fields are those of an inference, what must be added is what enrichment writes, and of a day long ago."""
    kind = EVENT_TYPES["model_inference"]
    for marked in marked_events(MARKER):
        assert set(marked.event) <= set(kind.names("event"))
        assert set(marked.added) <= set(kind.names("enrichment"))
        assert marked.event["@timestamp"].startswith("2000-01-01")
    assert {name for marked in marked_events(MARKER) for name in marked.added} == set(kind.names("enrichment"))


@pytest.mark.parametrize("version", ["8.3", "9"])
def test_our_pipeline_enriches_them_as_expected(version: str) -> None:
    """What is expected is what stack/logstash/pipeline does."""
    for marked in marked_events(MARKER):
        came_out = run(marked.event, version)
        assert came_out is not None
        document, metadata = came_out
        assert marked.added.items() <= document.items()
        assert (metadata["index"], metadata["id"]) == (INDEX, marked.id)


def test_they_arrive_as_they_were_sent() -> None:
    """A Logstash with another pipeline: each missing field is named."""
    with cluster(**{f"/{INDEX}/_search": arrived(enriched=False)}) as (_, elastic):
        result = checked(elastic)["enriched"]
    assert result.state == "problem"
    assert 'confidence_level should be "high", and is null' in result.details


def test_nothing_arrives() -> None:
    """After the time it is said, with where to look; an index that never was need not be deleted."""
    nothing = dict.fromkeys((f"/{INDEX}/_refresh", f"/{INDEX}/_count"), NOT_FOUND)
    with cluster(**{f"/{INDEX}/_search": hits()}, **nothing) as (there, elastic):
        results = checked(elastic)
        assert there.sent("DELETE") == []
    assert states(results) == {"sends": "ok", "arrives": "problem"}
    assert "3 of 3 events were not found within 0.1 s" in results["arrives"].words
    assert "kbuild doctor logstash" in results["arrives"].cure


def test_they_went_to_the_dead_letters() -> None:
    """Then the reason is known."""
    letter = hits(("x", {"message": MARKER, "reason": "unknown_type"}))
    with cluster(**{f"/{INDEX}/_search": hits(), "/ml-dead-letter/_search": letter}) as (_, elastic):
        result = checked(elastic)["arrives"]
    assert "they are in ml-dead-letter (unknown_type)" in result.words


def test_an_index_that_is_being_made() -> None:
    """Its shards answer 503 for a moment; the search goes on, and the last refusal is what is said."""
    refusal = (503, {"error": {"type": "search_phase_execution_exception", "reason": "all shards failed"}})
    with cluster(**{f"/{INDEX}/_search": refusal}) as (there, elastic):
        results = checked(elastic)
    assert states(results) == {"sends": "ok", "arrives": "problem"}
    assert "all shards failed" in results["arrives"].words
    assert there.sent("POST").count(f"/{INDEX}/_search?ignore_unavailable=true&allow_no_indices=true") > 1


def test_looking_is_not_allowed() -> None:
    """Then nothing is known of the way, which is no success; what may lie there is said too."""
    refusal = (403, {"error": {"type": "security_exception", "reason": "action is unauthorized"}})
    with cluster(**{f"/{INDEX}/_search": refusal, f"/{INDEX}/_refresh": refusal}) as (_, elastic):
        results = checked(elastic)
    assert states(results) == {"sends": "ok", "arrives": "problem", "cleans up": "warning"}
    assert "action is unauthorized" in results["arrives"].words


def test_somebody_elses_events_of_that_day_stay() -> None:
    """Then only the marked ones are deleted, one by one."""
    ids = [path_of(INDEX, "_doc", marked.id) for marked in marked_events(MARKER)]
    with cluster(**{f"/{INDEX}/_count": (200, {"count": 7})}, **{ids[0]: (200, {})}) as (there, elastic):
        assert states(checked(elastic)) == {"sends": "ok", "arrives": "ok", "enriched": "ok"}
        assert there.sent("DELETE") == ids


def test_deleting_is_not_allowed() -> None:
    """What stays behind is said, with the command that takes it away."""
    refusal = (403, {"error": {"type": "security_exception", "reason": "action is unauthorized"}})
    with cluster(**{f"/{INDEX}": refusal}) as (_, elastic):
        results = checked(elastic)
    assert results["enriched"].state == "ok"
    assert results["cleans up"].state == "warning"
    assert f"curl -X DELETE '{elastic.address}/{INDEX}'" in results["cleans up"].cure


def test_ctrl_c_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was sent is deleted all the same."""

    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("kibana_builder.doctor.pipeline.time.sleep", interrupted)
    with cluster(**{f"/{INDEX}/_search": hits()}) as (there, elastic):
        with pytest.raises(KeyboardInterrupt):
            checked(elastic)
        assert there.sent("DELETE") == [f"/{INDEX}"]


def test_nobody_takes_events() -> None:
    """One finding, and nothing is asked of Elasticsearch."""
    with cluster() as (there, elastic):
        (result,) = check_pipeline(elastic, ("127.0.0.1", 1), 1)
        assert there.server.requests == []
    assert (result.state, "Connection refused" in result.words) == ("problem", True)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("localhost:5001", ("localhost", 5001)),
        ("tcp://es.example.org:1", ("es.example.org", 1)),
        ("[::1]:5001", ("::1", 5001)),
    ],
)
def test_addresses(text: str, address: tuple[str, int]) -> None:
    """HOST:PORT, also as `kbuild generate` writes it."""
    assert address_of(text) == address


@pytest.mark.parametrize("text", ["", "localhost", ":5001", "localhost:0", "localhost:x", "localhost:65536", "a/b:1"])
def test_what_is_no_address(text: str) -> None:
    """It is said with an example."""
    with pytest.raises(UsageError, match="should read like localhost:5001"):
        address_of(text)


@pytest.mark.integration
@needs_elasticsearch
def test_the_whole_way_into_a_real_elasticsearch() -> None:
    """Each line goes through the project's pipeline and into the index that it names; afterwards nothing is left."""
    with Elastic(URL) as elastic:

        def logstash(line: str) -> None:
            came_out = run(line)
            assert came_out is not None
            document, metadata = came_out
            elastic.request("PUT", path_of(metadata["index"], "_doc", metadata["id"]), body=document)

        with listening(logstash) as address:
            results = {one.check: one for one in check_pipeline(elastic, address, 30)}
        assert states(results) == {"sends": "ok", "arrives": "ok", "enriched": "ok"}
        there = elastic.request("GET", path_of("_cat", "indices", f"{INDEX}*"), params={"format": "json"})
        assert there == []
