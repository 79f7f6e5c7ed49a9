"""The whole way: three marked events into Logstash by TCP, and a watch on Elasticsearch until they are found enriched.

The events are of the first of January 2000, so they lie in an index of their own that no dashboard's time reaches, and
that is deleted afterwards; if somebody's own events lie there too, only the marked ones are deleted.
"""

from __future__ import annotations

import json
import secrets
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from generator.event import document_id, index_of
from kibana_builder.doctor.elasticsearch import DEAD_LETTERS
from kibana_builder.doctor.result import Result, Service
from kibana_builder.elastic.client import LENIENT, Elastic, path_of
from kibana_builder.errors import ElasticError, ElasticNotFound, ElasticRefused, UsageError
from kibana_builder.json_tree import JsonObject

__all__ = ["LOGSTASH", "TIMEOUT", "address_of", "check_pipeline"]

LOGSTASH = "localhost:5001"
"""Where Logstash's TCP input is, unless told otherwise."""
TIMEOUT = 60.0
"""Seconds to wait for the events."""

_SERVICE = Service.pipeline
_MOMENT = "2000-01-01T00:00:00.000Z"
_MARK = "kbuilddoctor"
"""What the request_id of each event begins with; one word, so that a text field finds it too."""
_CONNECT_SECONDS = 10.0
_PAUSE = 0.25
_ENRICHED: tuple[tuple[JsonObject, dict[str, str | bool]], ...] = (
    (
        {"prediction_confidence": 0.93, "inference_time_ms": 18.5, "prediction_class": "a", "true_label": "a"},
        {"confidence_level": "high", "latency_category": "fast", "prediction_correct": True},
    ),
    (
        {"prediction_confidence": 0.41, "inference_time_ms": 730.0, "prediction_class": "a", "true_label": "b"},
        {"confidence_level": "low", "latency_category": "very_slow", "prediction_correct": False},
    ),
    (
        {"error": True, "error_message": "inference timed out after 5000 ms", "inference_time_ms": 5000.0},
        {"latency_category": "very_slow", "error_type": "timeout"},
    ),
)
"""What is sent, and what must have been added when it arrives."""


@dataclass(frozen=True, slots=True)
class Marked:
    """An event that is sent, the id of its document, and the fields that enrichment must add to it."""

    event: JsonObject
    id: str
    added: Mapping[str, str | bool]


def marked_events(marker: str) -> list[Marked]:
    """Make the events of one run."""
    made = []
    for number, (said, added) in enumerate(_ENRICHED):
        event: JsonObject = {
            "@timestamp": _MOMENT,
            "type": "model_inference",
            "model_name": "kbuild-doctor",
            "model_version": "0",
            "environment": "development",
            "request_id": f"{marker}-{number}",
            **said,
        }
        made.append(Marked(event, document_id(event), added))
    return made


def address_of(text: str) -> tuple[str, int]:
    """Read HOST:PORT, where the host may be an IPv6 address in brackets. Raises UsageError."""
    host, colon, port = text.removeprefix("tcp://").rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or "/" in host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise UsageError(f"'{text}' is no address of Logstash's TCP input: it should read like {LOGSTASH}")
    return host, int(port)


def check_pipeline(elastic: Elastic, logstash: tuple[str, int], timeout: float = TIMEOUT) -> Iterator[Result]:
    """Send the events, wait for them at most `timeout` seconds, delete them."""
    marker = f"{_MARK}{secrets.token_hex(8)}"
    events = marked_events(marker)
    index = index_of("model_inference", _MOMENT)
    place = f"{logstash[0]}:{logstash[1]}"
    began = time.monotonic()
    try:
        _send(logstash, events)
    except OSError as error:
        cure = (
            "is Logstash running, and is this its TCP input? `kbuild doctor logstash`; --logstash says where another is"
        )
        yield Result(_SERVICE, "sends", "problem", f"{place} takes no events: {error.strerror or error}", cure)
        return
    yield Result(_SERVICE, "sends", "ok", f"{len(events)} marked events to {place}")
    try:
        found = _wait(elastic, index, events, began + timeout)
        seconds = time.monotonic() - began
        if len(found) == len(events):
            yield from judge_found(events, found, seconds)
        else:
            yield _lost(elastic, marker, len(events) - len(found), timeout)
    except ElasticError as error:
        cure = f"without a look into {index} nobody knows whether they arrive; that needs the right to read it"
        yield Result(_SERVICE, "arrives", "problem", f"cannot be looked for: {error}", cure)
    finally:
        # Also after Ctrl-C; what comes later than the time-out is found by the next run.
        left = _clean_up(elastic, index, events)
    if left is not None:
        yield left


def judge_found(events: list[Marked], found: Mapping[str, JsonObject], seconds: float) -> Iterator[Result]:
    """Judge what arrived: the time it took, and whether each field that enrichment adds is as it should be."""
    words = f"all {len(events)} after {seconds:.1f} s (what is new can be found after the index's refresh_interval)"
    yield Result(_SERVICE, "arrives", "ok", words)
    wrong = []
    for marked in events:
        document = found[marked.id]
        for name, wanted in marked.added.items():
            if document.get(name) != wanted:
                wrong.append(f"{name} should be {json.dumps(wanted)}, and is {json.dumps(document.get(name))}"[:200])
    if wrong:
        cure = (
            "is the pipeline in Logstash that of stack/logstash/pipeline? `kbuild stack restart logstash` reads it anew"
        )
        yield Result(_SERVICE, "enriched", "problem", "not as it should be", cure, tuple(wrong))
    else:
        yield Result(_SERVICE, "enriched", "ok", "as it should be")


def _send(address: tuple[str, int], events: list[Marked]) -> None:
    with socket.create_connection(address, timeout=_CONNECT_SECONDS) as connection:
        for marked in events:
            connection.sendall(json.dumps(marked.event).encode() + b"\n")
        connection.shutdown(socket.SHUT_WR)


def _wait(elastic: Elastic, index: str, events: list[Marked], until: float) -> dict[str, JsonObject]:
    """Search until all are found or the time is over; give what was found, by id."""
    query = {"query": {"ids": {"values": [marked.id for marked in events]}}, "size": len(events)}
    found: dict[str, JsonObject] = {}
    while len(found) < len(events):
        try:
            answer = elastic.request("POST", path_of(index, "_search"), body=query, params=LENIENT)
        except ElasticRefused as error:
            # While the index is being made its shards do not answer yet: 503.
            if error.status not in (429, 503) or time.monotonic() >= until:
                raise
        else:
            found = {hit["_id"]: hit["_source"] for hit in answer["hits"]["hits"]}
            if len(found) == len(events) or time.monotonic() >= until:
                break
        time.sleep(_PAUSE)
    return found


def _lost(elastic: Elastic, marker: str, missing: int, timeout: float) -> Result:
    """Say that events did not arrive, and where they went if that can be seen."""
    body = {"query": {"match": {"message": marker}}, "size": 1}
    words = f"{missing} of {len(_ENRICHED)} events were not found within {timeout:g} s"
    try:
        hits = elastic.request("POST", path_of(DEAD_LETTERS, "_search"), body=body, params=LENIENT)["hits"]["hits"]
    except ElasticError:
        hits = []
    if hits:
        reason = elastic.words(str(hits[0]["_source"].get("reason", "no reason")))
        words += f"; they are in {DEAD_LETTERS} ({reason})"
        return Result(
            _SERVICE, "arrives", "problem", words, "is the pipeline in Logstash that of stack/logstash/pipeline?"
        )
    cure = (
        "`kbuild doctor logstash` shows whether they came in and out; `kbuild stack logs logstash --tail 50` what it "
        "wrote; does Logstash send to this Elasticsearch? On a slow machine, --timeout waits longer"
    )
    return Result(_SERVICE, "arrives", "problem", words, cure)


def _clean_up(elastic: Elastic, index: str, events: list[Marked]) -> Result | None:
    """Delete the index when nothing but our events lies in it, else our events; give a result where that fails."""
    ids = [marked.id for marked in events]
    try:
        elastic.request("POST", path_of(index, "_refresh"))
        # Events of a run that was killed are nobody's either.
        others = {"query": {"bool": {"must_not": {"prefix": {"request_id": _MARK}}}}}
        if elastic.request("POST", path_of(index, "_count"), body=others)["count"] == 0:
            elastic.request("DELETE", path_of(index))
            return None
        for ident in ids:
            try:
                elastic.request("DELETE", path_of(index, "_doc", ident))
            except ElasticNotFound:
                continue
    except ElasticNotFound:
        return None  # nothing arrived, so there is no such index
    except ElasticError as error:
        cure = f"delete the index by hand: `curl -X DELETE '{elastic.address}/{index}'`"
        return Result(_SERVICE, "cleans up", "warning", f"the marked events stay in {index}: {error}", cure)
    return None
