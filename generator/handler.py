"""A handler for Python's own logging that sends events to Logstash. Standard library only: the file may be copied.

    handler = LogstashHandler("localhost", 5001, model_name="fraud_detector", model_version="2.1.0")
    logging.getLogger("predictions").addHandler(handler)
    logging.getLogger("predictions").info("scored", extra={"event": {"inference_time_ms": 18.4}})

What a log record becomes: the fields of the handler, over them those of ``extra={"event": {...}}``. A record from ERROR
on is a failure, with its text and its exception as error_message. Other records without an event are not sent: they are
no inferences, and would count as such.
"""

from __future__ import annotations

import json
import logging
import math
import os
import select
import socket
import threading
import time
import uuid
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

__all__ = ["LogstashHandler"]

WINDOW_SECONDS, WINDOW_EVENTS = 10.0, 1_000
"""What was sent so lately is sent again after a break, since TCP does not say what arrived; ids make that harmless."""
CONNECT_SECONDS, SEND_SECONDS = 5.0, 30.0
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 15.0


class LogstashHandler(logging.Handler):
    """Sends events to the TCP input of Logstash, from a thread of its own: the program never waits for it.

    `fields` are those that all events have (model_name, model_version, environment, region). At most `most_waiting`
    events wait while Logstash is away; then the oldest are dropped, and `dropped` counts them. `close()`, which
    logging calls at the end of the program, waits at most `goodbye` seconds for what is left.
    """

    def __init__(
        self,
        host: str = "localhost",
        port: int = 5001,
        *,
        most_waiting: int = 10_000,
        goodbye: float = 3.0,
        **fields: Any,
    ) -> None:
        super().__init__()
        self.address = (host, port)
        self.fields = {"type": "model_inference", **fields}
        self.sent = self.dropped = 0
        self._most_waiting, self._goodbye = most_waiting, goodbye
        self._waiting: deque[bytes] = deque()
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._process = 0
        self._connection: socket.socket | None = None
        self._window: deque[tuple[float, bytes]] = deque(maxlen=WINDOW_EVENTS)

    def event_of(self, record: logging.LogRecord) -> dict[str, Any] | None:
        """Make the event of a record, or None for one that is none."""
        said = getattr(record, "event", None)
        failed = record.levelno >= logging.ERROR
        if not isinstance(said, Mapping) and not failed:
            return None
        moment = datetime.fromtimestamp(record.created, UTC)
        event: dict[str, Any] = {
            "@timestamp": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            **self.fields,
            "error": failed,
            **(said if isinstance(said, Mapping) else {}),
        }
        if failed:
            event.setdefault("error_message", _message(record))
        if event["type"] == "model_inference":
            event.setdefault("request_id", uuid.uuid4().hex)
        return event

    def emit(self, record: logging.LogRecord) -> None:
        """Put a record's event among those that wait; never waits itself, and never raises."""
        try:
            event = self.event_of(record)
            if event is None or self._closing.is_set():
                return
            line = _line(event)
        except Exception:  # noqa: BLE001 - logging's own rule: a log line must not break the program
            self.handleError(record)
            return
        with self._changed:
            if self._thread is None or self._process != os.getpid():  # after a fork there is no thread
                self._start()
            while len(self._waiting) >= self._most_waiting:
                self._waiting.popleft()
                self.dropped += 1
            self._waiting.append(line)
            self._changed.notify()

    def close(self) -> None:
        """Send what waits, as far as that is possible in a few seconds."""
        with self._changed:
            self._closing.set()
            self._changed.notify()
        if self._thread is not None and self._process == os.getpid():
            self._thread.join(self._goodbye)
        super().close()

    def _start(self) -> None:
        self._process, self._connection = os.getpid(), None
        self._waiting.clear()
        self._window.clear()
        self._thread = threading.Thread(target=self._work, name="events-to-logstash", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closing.is_set())
                if not self._waiting:
                    break
                line = self._waiting.popleft()
            if not self._deliver(line):
                with self._changed:
                    self.dropped += 1 + len(self._waiting)
                    self._waiting.clear()
                return
        self._hang_up()

    def _deliver(self, line: bytes) -> bool:
        """Send a line, however long that takes; False when the program ends and nobody takes it."""
        pause = FIRST_PAUSE
        while True:
            try:
                connection = self._connected()
                connection.sendall(line)
            except OSError:
                self._forget_connection()
                if self._closing.is_set():
                    return False
                self._closing.wait(pause)
                pause = min(LONGEST_PAUSE, pause * 2)
            else:
                self._window.append((time.monotonic(), line))
                self.sent += 1
                return True

    def _connected(self) -> socket.socket:
        """Give the connection, or a new one over which the window was sent again. Raises OSError."""
        if self._connection is not None:
            readable, _, _ = select.select([self._connection], [], [], 0)
            if not readable:  # Logstash never says anything: what can be read is the end of the connection
                return self._connection
            self._forget_connection()
        connection = socket.create_connection(self.address, timeout=CONNECT_SECONDS)
        self._connection = connection
        connection.settimeout(SEND_SECONDS)
        limit = time.monotonic() - WINDOW_SECONDS
        connection.sendall(b"".join(line for sent, line in self._window if sent >= limit))
        return connection

    def _forget_connection(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _hang_up(self) -> None:
        """Close our end, and wait for the other to have read everything and to close theirs."""
        if self._connection is None:
            return
        try:
            self._connection.shutdown(socket.SHUT_WR)
            self._connection.settimeout(self._goodbye)
            while self._connection.recv(4096):
                pass
        except OSError:
            pass
        self._forget_connection()


def _message(record: logging.LogRecord) -> str:
    text = record.getMessage()
    if record.exc_info and record.exc_info[1] is not None:
        error = record.exc_info[1]
        text = f"{text}: {type(error).__name__}: {error}"
    return text


def _line(event: Mapping[str, Any]) -> bytes:
    """Write an event as a line of JSON; what JSON has no words for becomes null or text."""
    return json.dumps(_plain(event), separators=(",", ":"), default=_other).encode("ascii") + b"\n"


def _plain(value: Any) -> Any:
    """Replace numbers that are none, which are no JSON."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _other(value: Any) -> Any:
    """Write a number of numpy's as the number it is, all else as text."""
    item = getattr(value, "item", None)
    return _plain(item()) if callable(item) and getattr(value, "ndim", None) == 0 else str(value)
