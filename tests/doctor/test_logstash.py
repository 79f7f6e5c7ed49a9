"""What doctor says of a Logstash, from what its monitoring API answers."""

from __future__ import annotations

from typing import Any

import pytest

from kibana_builder.doctor.logstash import check_logstash, judge_node, judge_pipelines
from kibana_builder.doctor.result import Result
from kibana_builder.errors import UsageError
from tests.kibana.misbehaving import Step, answer, hang_up, serving

NODE = {"host": "logstash", "version": "9.2.0", "http_address": "0.0.0.0:9600", "status": "green", "pipeline": {}}
MB = 1024**2


def pipeline(**more: Any) -> dict[str, Any]:
    """Make a pipeline as Logstash's documentation of the node stats API shows it."""
    return {
        "events": {"in": 100, "filtered": 100, "out": 100, "duration_in_millis": 9},
        "plugins": {"inputs": [], "filters": [], "outputs": [{"id": "a", "documents": {"successes": 100}}]},
        "reloads": {"last_error": None, "successes": 0, "failures": 0},
        "queue": {
            "type": "persisted",
            "events_count": 0,
            "queue_size_in_bytes": MB,
            "max_queue_size_in_bytes": 10 * MB,
        },
        "dead_letter_queue": {"queue_size_in_bytes": 1, "dropped_events": 0},
    } | more


def judged(**more: Any) -> list[Result]:
    return list(judge_pipelines({"pipelines": {"main": pipeline(**more), ".monitoring-logstash": {}}}))


def queue(size: float) -> dict[str, Any]:
    return pipeline()["queue"] | {"events_count": 7, "queue_size_in_bytes": size * MB}


def test_a_pipeline_that_is_well() -> None:
    """Its events and its queue are said; Logstash's own pipeline for monitoring is no concern."""
    results = judged()
    assert [one.state for one in results] == ["ok", "ok"]
    assert results[0].words == "events: 100 in, 100 filtered, 100 out"
    assert results[1].words == "queue: 0 events wait, 1 MB of 10 MB"


@pytest.mark.parametrize(
    ("more", "state", "words"),
    [
        ({"events": {"in": 5, "filtered": 5, "out": 0}}, "problem", "nothing comes out"),
        ({"queue": queue(8)}, "warning", "7 events wait"),
        ({"queue": queue(10)}, "problem", "it is full, and senders wait"),
        ({"reloads": {"failures": 1, "last_error": {"message": "Expected one of"}}}, "problem", "Expected one of"),
        ({"dead_letter_queue": {"dropped_events": 3}}, "problem", "3 events were thrown away"),
        (
            {"plugins": {"outputs": [{"documents": {"non_retryable_failures": 2}}]}},
            "warning",
            "refused 2 events for good",
        ),
    ],
)
def test_what_is_wrong_with_a_pipeline(more: dict[str, Any], state: str, words: str) -> None:
    """Each fault is said with what to do."""
    wrong = [one for one in judged(**more) if one.state != "ok"]
    assert [one.state for one in wrong] == [state]
    assert words in wrong[0].words
    assert wrong[0].cure


def test_a_queue_that_is_told_otherwise() -> None:
    """Its size stands in `capacity`, the number of its events is called `events`."""
    capacity = {"queue_size_in_bytes": 10 * MB, "max_queue_size_in_bytes": 10 * MB}
    results = judged(queue={"type": "persisted", "events": 7, "capacity": capacity})
    assert [one.state for one in results] == ["ok", "problem"]
    assert results[1].words.startswith("queue: 7 events wait, 10 MB of 10 MB")


def test_no_pipeline_at_all() -> None:
    """So it is when the configuration is wrong from the start."""
    (result,) = judge_pipelines({"pipelines": {}})
    assert (result.state, "kbuild stack logs logstash" in result.cure) == ("problem", True)


def test_its_own_word() -> None:
    """A version that says no status is well as long as it answers."""
    assert judge_node(NODE).state == "ok"
    assert judge_node(NODE | {"status": "red"}).state == "warning"
    assert judge_node({"host": "h", "version": "8.3.3", "pipeline": {}}).words == "version 8.3.3, host h"


def test_the_two_requests() -> None:
    """The node, and its pipelines."""
    with serving(answer(200, NODE), answer(200, {**NODE, "pipelines": {"main": pipeline()}})) as server:
        results = list(check_logstash(server.url))
        assert [request.path for request in server.requests] == ["/", "/_node/stats/pipelines"]
    assert [one.state for one in results] == ["ok", "ok", "ok"]


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (hang_up, "no connection"),
        (answer(200, b"<html>"), "not like a Logstash"),
        (answer(200, {"tagline": "You Know, for Search", "version": {}}), "not like a Logstash"),
        (answer(200, [1]), "not like a Logstash"),
        (answer(500, {}), "answered 500"),
    ],
)
def test_something_else_answers(step: Step, words: str) -> None:
    """One finding says so."""
    with serving(step) as server:
        (result,) = check_logstash(server.url)
    assert result.state == "problem"
    assert words in result.words
    assert "--logstash-api" in result.cure


def test_nobody_answers() -> None:
    """The connection is refused."""
    (result,) = check_logstash("http://127.0.0.1:1")
    assert (result.state, "refused" in result.words) == ("problem", True)


def test_pipelines_of_another_form() -> None:
    """They are no traceback."""
    with serving(answer(200, NODE), answer(200, {**NODE, "pipelines": {"main": {"events": 1}}})) as server:
        assert [one.state for one in check_logstash(server.url)] == ["ok", "problem"]


def test_no_address() -> None:
    """It is said before anything is sent."""
    with pytest.raises(UsageError, match="no address of a Logstash"):
        list(check_logstash("localhost:9600"))
