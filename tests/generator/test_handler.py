"""The logging handler: what a record becomes, and what happens when Logstash is away."""

from __future__ import annotations

import ast
import json
import logging
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from generator import handler as module
from generator.event import EVENT_TYPES
from generator.handler import LogstashHandler
from tests.doctor.tcp import listening
from tests.stack.logstash import run

FIELDS = {"model_name": "fraud_detector", "model_version": "2.1.0"}


@pytest.fixture
def log() -> Iterator[logging.Logger]:
    log = logging.Logger("predictions")
    yield log
    for handler in log.handlers:
        handler.close()


def attached(log: logging.Logger, port: int = 1, **options: Any) -> LogstashHandler:
    handler = LogstashHandler("127.0.0.1", port, **options, **FIELDS)
    log.addHandler(handler)
    return handler


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that another thread does."""
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_an_event_is_sent(log: logging.Logger) -> None:
    """The handler's fields, the event's own, the time of the record, an id; and Logstash enriches it."""
    lines: list[str] = []
    with listening(lines.append) as (_, port):
        handler = attached(log, port)
        log.info("scored", extra={"event": {"prediction_confidence": 0.93, "inference_time_ms": 18.4}})
        handler.close()
    (event,) = map(json.loads, lines)
    assert FIELDS.items() <= event.items()
    assert (event["type"], event["error"], len(event["request_id"])) == ("model_inference", False, 32)
    assert set(event) <= set(EVENT_TYPES["model_inference"].fields)
    came_out = run(lines[0])
    assert came_out is not None
    assert (came_out[0]["confidence_level"], came_out[0]["latency_category"]) == ("high", "fast")
    assert (handler.sent, handler.dropped) == (1, 0)


def event_of(log: logging.Logger, level: int, *arguments: Any, **more: Any) -> dict[str, Any] | None:
    handler = LogstashHandler(**FIELDS)
    return handler.event_of(
        log.makeRecord("n", level, "f", 1, arguments[0], arguments[1:], more.pop("exc", None), **more)
    )


def test_a_failure_says_why(log: logging.Logger) -> None:
    """Text and exception become error_message, of which the kind of error is told."""
    raised = (TimeoutError, TimeoutError("no answer after 5 s"), None)
    event = event_of(log, logging.ERROR, "scoring %s failed", "r1", exc=raised)
    assert event is not None
    assert event["error"] is True
    assert event["error_message"] == "scoring r1 failed: TimeoutError: no answer after 5 s"
    came_out = run(event)
    assert came_out is not None
    assert came_out[0]["error_type"] == "timeout"


def test_what_the_event_says_goes_first(log: logging.Logger) -> None:
    """Its type, its id, its error."""
    said = {"type": "data_quality", "dataset": "d", "model_version": "9"}
    event = event_of(log, logging.INFO, "x", extra={"event": said})
    assert event is not None
    assert said.items() <= event.items()
    assert "request_id" not in event


def test_other_records_are_no_inferences(log: logging.Logger) -> None:
    """A line about something else would count as one."""
    assert event_of(log, logging.INFO, "configuration read") is None
    assert event_of(log, logging.WARNING, "slow", extra={"event": "no mapping"}) is None


def test_every_value_can_be_sent(log: logging.Logger) -> None:
    """Numbers that are none become null, numbers of numpy's numbers, other things texts."""
    values = {"a": float("nan"), "b": np.float32(0.5), "c": np.int64(7), "d": Path("x"), "e": [float("inf")], 1: "ü\n"}
    lines: list[str] = []
    with listening(lines.append) as (_, port):
        handler = attached(log, port)
        log.info("x", extra={"event": values | {"f": np.float32("nan")}})
        handler.close()
    event = json.loads(lines[0])
    assert {name: event[name] for name in "abcdef1"} == {
        "a": None, "b": 0.5, "c": 7, "d": "x", "e": [None], "f": None, "1": "ü\n",
    }  # fmt: skip


def test_a_record_that_cannot_be_read_breaks_nothing(log: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    """As logging has it: words on stderr, and the program goes on."""
    attached(log)
    log.error("%d", "no number")
    assert "TypeError" in capsys.readouterr().err


def test_logstash_is_away(log: logging.Logger) -> None:
    """The program does not wait, the oldest events are dropped, and closing ends after its time."""
    handler = attached(log, most_waiting=5, goodbye=0.05)
    for number in range(20):
        log.info("x", extra={"event": {"inference_time_ms": number}})
    handler.close()
    until(lambda: handler.dropped == 20)
    assert handler.sent == 0


def test_logstash_comes_back(log: logging.Logger, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waited is sent, in order; what was sent shortly before the break is sent again."""
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.01)
    before: list[str] = []
    after: list[str] = []
    with socket.socket() as place:
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        place.bind(("127.0.0.1", 0))
        port = place.getsockname()[1]
        place.listen()
        handler = attached(log, port)
        log.info("x", extra={"event": {"request_id": "1"}})
        connection, _ = place.accept()
        before.append(connection.recv(4096).decode())
        connection.close()
    log.info("x", extra={"event": {"request_id": "2"}})
    time.sleep(0.05)
    with socket.socket() as place:
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        place.bind(("127.0.0.1", port))
        place.listen()
        connection, _ = place.accept()
        until(lambda: handler.sent == 2)
        connection.shutdown(socket.SHUT_WR)
        after += connection.recv(65536).decode().splitlines()
        connection.close()
    assert [json.loads(line)["request_id"] for line in before] == ["1"]
    assert [json.loads(line)["request_id"] for line in after] == ["1", "2"]


def test_nothing_but_the_standard_library() -> None:
    """The file may be copied into any program."""
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    names = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    names |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names
