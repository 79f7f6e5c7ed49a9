"""The sandbox as a running server: in the foreground for a command, in a thread for tests and the demo."""

from __future__ import annotations

import errno
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import uvicorn
from starlette.types import ASGIApp

from kibana_builder.errors import KbuildError, UsageError
from kibana_builder.sandbox.app import create_app
from kibana_builder.sandbox.store import Store

LOOPBACK = "127.0.0.1"
MOST_PORT = 65_535
IN_USE = {errno.EADDRINUSE, 10_048}  # the second is Windows' own number for it


Pages = Callable[[Store], Callable[[str], ASGIApp]]
"""Gives, for a store, the page of each space."""


class PortInUse(KbuildError):
    """Something else listens on the port."""


class _Server(uvicorn.Server):
    """A uvicorn server that tells when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], object]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()


def run_sandbox(
    host: str = LOOPBACK,
    port: int = 5601,
    folder: Path | None = None,
    ready: Callable[[str], object] = str,
    pages: Pages | None = None,
) -> None:
    """Serve until Ctrl-C; `ready` is called with the address as soon as requests are answered.

    `pages` gives the page of each space over the store.

    The objects are kept in `folder`, or in memory when there is none. Raises PortInUse when the port is taken,
    KbuildError when the folder cannot be used.
    """
    listener, store = _open(host, port, folder)
    try:
        _server(store, host, lambda: ready(address(listener)), pages).run([listener])
    except KeyboardInterrupt:
        pass  # uvicorn has answered what was open, and passes the signal on
    finally:
        store.close()


class RunningSandbox:
    """A sandbox in a thread, for a `with` statement; inside, `url` is its address and `store` holds its objects.

    Port 0 takes a free one; where a port is taken, as many as `tries` says are tried, from that one upwards. The
    objects are kept in `folder`, or in memory when there is none.
    """

    url: str
    store: Store

    def __init__(
        self,
        host: str = LOOPBACK,
        port: int = 0,
        folder: Path | None = None,
        *,
        tries: int = 1,
        pages: Pages | None = None,
    ) -> None:
        self._host, self._port, self._folder, self._tries, self._pages = host, port, folder, tries, pages

    def __enter__(self) -> RunningSandbox:
        """Start, and wait until requests are answered; raises KbuildError as `run_sandbox` does."""
        listener, self.store = _open(self._host, self._port, self._folder, self._tries)
        self.url = address(listener)
        ready = threading.Event()
        self._server = _server(self.store, self._host, ready.set, self._pages)
        self._thread = threading.Thread(target=self._server.run, args=([listener],), name="sandbox")
        self._thread.start()
        while not ready.wait(0.1):
            if not self._thread.is_alive():
                self.store.close()
                raise KbuildError(f"the sandbox did not start on {self.url}")
        return self

    def wait(self) -> None:
        """Wait until the server ends, which only Ctrl-C makes it do."""
        while self._thread.is_alive():
            self._thread.join(1)  # with a limit, because without one Ctrl-C does not come through on Windows

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join()
        self.store.close()


def _open(host: str, port: int, folder: Path | None, tries: int = 1) -> tuple[socket.socket, Store]:
    listener = _listen_upwards(host, port, tries)
    try:
        return listener, Store(folder)
    except KbuildError:
        listener.close()
        raise


def _listen_upwards(host: str, port: int, tries: int) -> socket.socket:
    for candidate in range(port, port + tries - 1):
        try:
            return listen(host, candidate)
        except PortInUse:
            continue
    return listen(host, port + tries - 1)


def listen(host: str, port: int) -> socket.socket:
    """Take the port; raises PortInUse when it is taken, UsageError for a number that is no port.

    Raises KbuildError when the host is no address of this machine, or the port is for the system only.
    """
    if not 0 <= port <= MOST_PORT:
        raise UsageError(f"{port} is no port: ports are numbers up to {MOST_PORT}, and 0 stands for a free one")
    listener: socket.socket | None = None
    try:
        family, kind, protocol, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        if sys.platform != "win32":
            # A port that was just left may be taken again at once; on Windows the option would share it.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(where)
        listener.listen(128)
    except OSError as error:
        if listener is not None:
            listener.close()
        if error.errno in IN_USE:
            raise PortInUse(f"port {port} is in use: choose another one with --port") from None
        raise KbuildError(f"cannot listen on {host}:{port}: {error.strerror or error}") from None
    return listener


def address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _server(store: Store, host: str, ready: Callable[[], object], pages: Pages | None) -> _Server:
    config = uvicorn.Config(
        create_app(store, [host], pages(store) if pages is not None else None),
        lifespan="off",
        ws="none",
        http="h11",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
        timeout_keep_alive=60,
    )
    return _Server(config, ready)
