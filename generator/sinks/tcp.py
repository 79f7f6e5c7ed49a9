"""Events over TCP, one JSON object a line: to the TCP input of Logstash.

TCP says of nothing that it arrived. So what was sent in the last seconds is kept, and after a break it is sent again;
the ids of the documents make the second time harmless. A line that was cut by the break may end among the dead letters.
"""

from __future__ import annotations

import random
import select
import socket
import time
from collections import deque
from collections.abc import Callable

from generator.batch import Batch
from generator.sinks import Report
from kibana_builder.errors import KbuildError

__all__ = ["TcpSink"]

WINDOW_SECONDS, WINDOW_BYTES = 10.0, 16 * 1024 * 1024
"""What was sent so lately may be lost in a break: more than the buffers of both sides hold."""
CONNECT_SECONDS, WAIT_SECONDS = 5.0, 30.0
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 15.0
GOODBYE_SECONDS = 3.0


class TcpSink:
    """Sends events to a host's TCP port; while the other side is away it waits and tries again.

    Raises KbuildError where the first connection fails: an address is more likely wrong than its server away.
    `sleep` and `told` are for the wait between tries, and for the words about it.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        told: Callable[[str], None] = lambda _: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.host, self.port, self.told, self.sleep = host, port, told, sleep
        self.report = Report()
        self.window: deque[tuple[float, bytes, int]] = deque()
        """What was sent lately: when, the bytes, how many events."""
        try:
            self.connection = self._connected()
        except OSError as error:
            raise KbuildError(
                f"Nobody takes events at tcp://{host}:{port}: {error.strerror or error}. Is Logstash running, and is "
                "this the port of its TCP input? (`kbuild stack up` starts one.)"
            ) from None

    def send(self, batch: Batch) -> None:
        text = batch.text()
        self._forget()
        self.window.append((time.monotonic(), text, len(batch)))
        try:
            self._hand_over(text)
        except KeyboardInterrupt:
            self.window.pop()
            self.report.unsent += len(batch)
            raise
        self.report.sent += len(batch)

    def _hand_over(self, text: bytes) -> None:
        try:
            if self._is_closed():
                raise ConnectionResetError
            self.connection.sendall(text)
        except OSError:
            self._again(known=len(self.window) - 1)

    def close(self) -> Report:
        """Say goodbye: the other side has everything once it closes its end too."""
        try:
            if not self._goodbye():
                self.connection = self._connected()
                self._send_window(known=len(self.window))
                self._goodbye()
        except OSError:
            lost = sum(count for _, _, count in self.window)
            self.report.unsent += lost
            self.report.sent -= lost
        finally:
            self.connection.close()
        return self.report

    def _connected(self) -> socket.socket:
        connection = socket.create_connection((self.host, self.port), timeout=CONNECT_SECONDS)
        connection.settimeout(WAIT_SECONDS)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux: a peer that vanished is noticed after so many milliseconds
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(WAIT_SECONDS * 1000))
        return connection

    def _is_closed(self) -> bool:
        """Tell whether the connection is gone. Raises KbuildError where the other side says something."""
        if self.connection.fileno() < 0:
            return True  # Ctrl-C came while the other side was away
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable) and self._is_at_its_end()

    def _is_at_its_end(self) -> bool:
        """Wait for the end of the connection: Logstash never says anything, so nothing else can be read."""
        said = self.connection.recv(4096)
        if said:
            words = said.decode("utf-8", "replace").partition("\n")[0].strip()[:60]
            raise KbuildError(
                f"tcp://{self.host}:{self.port} answers '{words}', and the TCP input of Logstash never says anything. "
                "Is this its port?"
            )
        return True

    def _forget(self) -> None:
        """Drop from the window what is too old or too much; the newest stays."""
        size = sum(len(text) for _, text, _ in self.window)
        limit = time.monotonic() - WINDOW_SECONDS
        while self.window and (self.window[0][0] < limit or size > WINDOW_BYTES):
            size -= len(self.window.popleft()[1])

    def _again(self, *, known: int) -> None:
        """Connect again, however long that takes, and send the window; the first `known` of it were sent before."""
        self.connection.close()
        pause = FIRST_PAUSE
        self.told(f"tcp://{self.host}:{self.port} went away; waiting for it")
        while True:
            self.sleep(pause * (0.5 + random.random() / 2))  # noqa: S311 - many generators should not come at once
            pause = min(LONGEST_PAUSE, pause * 2)
            try:
                self.connection = self._connected()
                self._send_window(known=known)
            except OSError:
                continue
            except KeyboardInterrupt:
                self.connection.close()  # who knows what of the window was sent: close() sends it again
                raise
            self.told(f"tcp://{self.host}:{self.port} is back")
            return

    def _send_window(self, *, known: int) -> None:
        for _, text, _ in self.window:
            self.connection.sendall(text)
        self.report.resent += sum(count for _, _, count in list(self.window)[:known])

    def _goodbye(self) -> bool:
        """Close our end and wait for the other to close theirs; false when the connection broke instead."""
        try:
            if self._is_closed():
                return False  # it hung up before we did: who knows what it read
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(GOODBYE_SECONDS)
            self._is_at_its_end()
        except TimeoutError:
            return True  # it is there, and reads, or does not care to hang up
        except OSError:
            return False
        return True
