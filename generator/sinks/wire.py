"""One TCP connection to somebody who reads and never says anything."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable

from kibana_builder.errors import KbuildError

__all__ = ["BUFFER_BYTES", "Wire", "address_of"]

BUFFER_BYTES = 512 * 1024
"""So much waits on our side at most, in the kernel; without a limit Linux lets it grow to 4 MB."""
NOTICE_SECONDS = 10.0


def address_of(host: str, port: int) -> str:
    """Write an address as `--to` takes it.

    >>> address_of("::1", 5001)
    'tcp://[::1]:5001'
    """
    return f"tcp://{f'[{host}]' if ':' in host else host}:{port}"


class Wire:
    """A connection that notices early that the other side is gone. Raises OSError where there is none in `seconds`.

    Raises KbuildError where the other side says something after all: then it is not Logstash's input.

    It is gone when it closed its end (also only half of it), when it reset the connection, when its machine answers no
    more, or when it took nothing for `stall` seconds. `told` hears of it when it takes nothing for a while.
    """

    def __init__(self, host: str, port: int, seconds: float, *, stall: float, told: Callable[[str], None]) -> None:
        self.address = address_of(host, port)
        self.stall, self.told = stall, told
        self.rest = memoryview(b"")
        """What is not handed over to the kernel yet."""
        self.socket = socket.create_connection((host, port), timeout=seconds)
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES // 2)  # Linux doubles it
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        # Where the system has them: for a machine that vanished, while nothing is sent and while something is.
        for name, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_USER_TIMEOUT", int(stall * 1000))):
            if hasattr(socket, name):
                self.socket.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)

    def write(self, text: bytes) -> None:
        """Send some bytes. Raises OSError when the other side is gone; whether it got them, nobody knows."""
        self.rest = memoryview(text)
        self.flush(self.stall)

    def flush(self, stall: float) -> None:
        """Send what is left of the last write; here the other side may take nothing for `stall` seconds."""
        taken, is_told = time.monotonic(), False
        while True:
            wait = min(1.0, stall) if self.rest else 0
            readable, writable, _ = select.select([self.socket], [self.socket] if self.rest else [], [], wait)
            if readable:
                self._hear()
                raise ConnectionResetError("the other side closed the connection")
            if not self.rest:
                return
            silent = time.monotonic() - taken
            if writable:
                self.rest = self.rest[self.socket.send(self.rest) :]
                taken, is_told = time.monotonic(), False
            elif silent >= stall:
                raise TimeoutError(f"the other side has taken nothing for {silent:.0f} s")
            elif silent >= NOTICE_SECONDS and not is_told:
                is_told = True
                self.told(f"{self.address} takes nothing at the moment; waiting for it")

    def goodbye(self, seconds: float) -> None:
        """Close our end and wait for the other to have read all and to close theirs, or for so many seconds.

        Raises OSError when it was gone before: then nobody knows what it got.
        """
        self.flush(seconds)
        self.socket.shutdown(socket.SHUT_WR)
        readable, _, _ = select.select([self.socket], [], [], seconds)
        if readable:
            self._hear()

    def _hear(self) -> None:
        """Read the end of the connection, which is all that Logstash ever says."""
        said = self.socket.recv(4096)
        if said:
            words = said.decode("utf-8", "replace").partition("\n")[0].strip()[:60]
            raise KbuildError(
                f"{self.address} answers '{words}', and the TCP input of Logstash never says anything. "
                "Is this its port?"
            )

    def close(self) -> None:
        self.socket.close()
