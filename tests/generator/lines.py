"""A TCP server that keeps the lines it gets, as Logstash's input does, and can be cut off."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType


class LineServer:
    """Listens on a free port of loopback; `received` has the bytes of each connection."""

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.server.getsockname()[1]
        self.received: list[bytearray] = []
        self.connections: list[socket.socket] = []
        self.threads: list[threading.Thread] = []
        self._listen()

    def _listen(self) -> None:
        self.threads.append(threading.Thread(target=self._accept, args=(self.server,), daemon=True))
        self.threads[-1].start()

    def _accept(self, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = server.accept()
                data = bytearray()
                self.received.append(data)
                self.connections.append(connection)
                reader = threading.Thread(target=self._read, args=(connection, data), daemon=True)
                reader.start()
                self.threads.append(reader)

    @staticmethod
    def _read(connection: socket.socket, data: bytearray) -> None:
        with contextlib.suppress(OSError), connection:
            while part := connection.recv(65536):
                data += part

    def cut(self) -> None:
        """Go away: close the port and break every connection."""
        with contextlib.suppress(OSError):
            self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        for connection in self.connections:
            with contextlib.suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                connection.shutdown(socket.SHUT_RDWR)
                connection.close()
        self.connections.clear()

    def back(self) -> None:
        """Come back on the same port."""
        self.server = socket.create_server(("127.0.0.1", self.port))
        self._listen()

    def lines(self) -> list[bytes]:
        """Give the whole lines of all connections."""
        return [line for data in self.received for line in bytes(data).split(b"\n")[:-1]]

    def __enter__(self) -> LineServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cut()
        for thread in self.threads:
            thread.join(5)
