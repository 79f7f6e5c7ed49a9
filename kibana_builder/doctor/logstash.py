"""Logstash: whether it runs, its pipelines do, and what goes in comes out.

From its monitoring API, as Elastic documents it: ``GET /`` and ``GET /_node/stats/pipelines``
(https://www.elastic.co/guide/en/logstash/8.19/node-stats-api.html).
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import requests

from kibana_builder.doctor.result import Result, Service, looked, size_words
from kibana_builder.errors import KbuildError
from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.kibana.addresses import LOOPBACK, checked_address
from kibana_builder.kibana.causes import cause, innermost, one_line

__all__ = ["API", "check_logstash"]

API = "http://localhost:9600"
"""Where Logstash's monitoring API is, unless told otherwise."""

_SERVICE = Service.logstash
_TIMEOUT = (5.0, 15.0)
_LOGS = "`kbuild stack logs logstash --tail 50` shows what it wrote"


def check_logstash(address: str) -> Iterator[Result]:
    """Look at everything. Raises UsageError for what is no address."""
    address = checked_address(address, "Logstash", API)
    try:
        node = _get(address, "/")
        stats = _get(address, "/_node/stats/pipelines")
    except KbuildError as error:
        cure = "is Logstash running, and its API at this address? `kbuild stack up` starts it, --logstash-api moves it"
        yield Result(_SERVICE, "answers", "problem", str(error), cure)
        return
    yield judge_node(node)
    yield from looked(_SERVICE, "pipelines", lambda: judge_pipelines(stats))


def judge_node(node: JsonObject) -> Result:
    """Judge `GET /`: version and its own status, which is not in every version."""
    words = f"version {one_line(str(node.get('version')))}, host {one_line(str(node.get('host')))}"
    status = node.get("status", "green")
    if status in ("red", "yellow"):
        return Result(_SERVICE, "answers", "warning", f"{words}; it says of itself: {status}", _LOGS)
    return Result(_SERVICE, "answers", "ok", words)


def judge_pipelines(stats: JsonObject) -> Iterator[Result]:
    """Judge `_node/stats/pipelines`: a pipeline whose configuration is wrong is not there, or has failed reloads."""
    pipelines = {name: said for name, said in stats.get("pipelines", {}).items() if not name.startswith(".")}
    if not pipelines:
        yield Result(_SERVICE, "pipelines", "problem", "none runs; its configuration may be wrong", _LOGS)
    for name, said in pipelines.items():
        yield from judge_pipeline(one_line(name), said)


def judge_pipeline(name: str, said: JsonObject) -> Iterator[Result]:
    """Judge one pipeline: its reloads, its events, its queue, its dead letter queue."""
    check = f"pipeline {name}"
    reloads = said.get("reloads") or {}
    failure = reloads.get("last_error") or {}
    if reloads.get("failures") and failure:
        words = f"the last reload failed: {one_line(str(failure.get('message', 'without a word')))}"
        yield Result(_SERVICE, check, "problem", f"{words}; the configuration before it runs on", _LOGS)
    yield _judge_events(check, said)
    yield from _judge_queue(check, said.get("queue") or {})
    yield from _judge_dead_letters(check, said)


def _judge_events(check: str, said: JsonObject) -> Result:
    events = said.get("events") or {}
    came, went = events.get("in", 0), events.get("out", 0)
    words = f"events: {came:,} in, {events.get('filtered', 0):,} filtered, {went:,} out"
    if came and not went:
        cure = f"can Logstash reach Elasticsearch? `kbuild doctor elasticsearch`; {_LOGS}"
        return Result(_SERVICE, check, "problem", f"{words}: nothing comes out", cure)
    return Result(_SERVICE, check, "ok", words)


def _judge_queue(check: str, queue: JsonObject) -> Iterator[Result]:
    # Depending on the version the figures stand in the queue itself, in its `capacity`, or in both.
    queue = {"events_count": queue.get("events", 0), **(queue.get("capacity") or {}), **queue}
    size, most = queue.get("queue_size_in_bytes") or 0, queue.get("max_queue_size_in_bytes") or 0
    if queue.get("type") != "persisted" or not most:
        return
    words = f"queue: {queue['events_count']:,} events wait, {size_words(size)} of {size_words(most)}"
    cure = f"Elasticsearch is away, or slower than what comes in: `kbuild doctor elasticsearch`; {_LOGS}"
    if size >= most:
        yield Result(_SERVICE, check, "problem", f"{words}: it is full, and senders wait", cure)
    elif size >= 0.8 * most:
        yield Result(_SERVICE, check, "warning", f"{words}: when it is full, senders wait", cure)
    else:
        yield Result(_SERVICE, check, "ok", words)


def _judge_dead_letters(check: str, said: JsonObject) -> Iterator[Result]:
    """Find events that Elasticsearch refused for good, in the queue for them or thrown away."""
    refused = 0
    for output in (said.get("plugins") or {}).get("outputs", []):
        refused += (output.get("documents") or {}).get("non_retryable_failures", 0)
    dropped = (said.get("dead_letter_queue") or {}).get("dropped_events") or 0
    if dropped:
        words = f"the dead letter queue is full; {dropped:,} events were thrown away"
        yield Result(_SERVICE, check, "problem", words, f"empty it, or raise dead_letter_queue.max_bytes; {_LOGS}")
    elif refused:
        words = f"Elasticsearch refused {refused:,} events for good since the start"
        yield Result(_SERVICE, check, "warning", words, f"why is in its log: {_LOGS}")


def _get(address: str, path: str) -> JsonObject:
    """Ask the API. Raises KbuildError when there is no answer, or not Logstash's."""
    with requests.Session() as session:
        # A proxy named in the environment cannot reach what listens on this machine only.
        session.trust_env = urlsplit(address).hostname not in LOOPBACK
        try:
            answer = session.get(f"{address}{path}", timeout=_TIMEOUT, allow_redirects=False)
            body: Json = answer.json()
        except requests.exceptions.JSONDecodeError:
            raise KbuildError(f"{address} answers, but not like a Logstash") from None
        except requests.RequestException as error:
            raise KbuildError(f"{address}: {_why(error)}") from None
    if answer.status_code != 200:
        raise KbuildError(f"{address} answered {answer.status_code}")
    if not isinstance(body, dict) or not {"version", "pipeline", "pipelines"} & body.keys() or "tagline" in body:
        raise KbuildError(f"{address} answers, but not like a Logstash")
    return body


def _why(error: requests.RequestException) -> str:
    if cause(error, ConnectionRefusedError) is not None:
        return "the connection is refused"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    return f"no connection ({innermost(error)})"
