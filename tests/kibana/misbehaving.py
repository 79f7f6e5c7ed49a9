"""A real HTTP server that does what it is told to: answer, be slow, hang up, send rubbish."""

from __future__ import annotations

import json
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

Step = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Request:
    """One request as it came in."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Server:
    """The running server; `steps` are taken one a request, the last one again and again."""

    url: str
    steps: list[Step]
    requests: list[Request] = field(default_factory=list)


def answer(status: int, body: Any = None, headers: Mapping[str, str] | None = None) -> Step:
    """Answer with JSON, or with the bytes given."""

    def step(handler: BaseHTTPRequestHandler) -> None:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        handler.send_response(status)
        kind = "text/html" if isinstance(body, bytes) else "application/json; charset=utf-8"
        for name, value in ({"content-type": kind} | dict(headers or {})).items():
            handler.send_header(name, value)
        handler.send_header("content-length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return step


def hang_up(handler: BaseHTTPRequestHandler) -> None:
    """Close the connection without a word."""
    handler.close_connection = True
    handler.connection.close()


def cut_off(handler: BaseHTTPRequestHandler) -> None:
    """Promise a thousand bytes and send ten."""
    handler.send_response(200)
    handler.send_header("content-length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"a": "bcd')
    handler.close_connection = True


def slow(seconds: float) -> Step:
    """Answer too late."""

    def step(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(seconds)
        hang_up(handler)

    return step


def own_certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Make a certificate of an authority of our own, for 127.0.0.1; give its file, and the TLS of a server with it."""
    certificate, key = folder / "ca.pem", folder / "key.pem"
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test"
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*make.split(), *names], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return certificate, context


@contextmanager
def serving(*steps: Step, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Run the server for a `with` statement, over TLS if there is a context for it."""
    script = Server("", list(steps))
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # headers and body go in two packets; the second would wait 40 ms

        def _take_step(self) -> None:
            length = int(self.headers.get("content-length", 0))
            request = Request(self.command, self.path, dict(self.headers.items()), self.rfile.read(length))
            with lock:
                script.requests.append(request)
                step = script.steps.pop(0) if len(script.steps) > 1 else script.steps[0]
            step(self)

        do_GET = do_POST = do_DELETE = do_PUT = _take_step  # noqa: N815 - the library's names

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    class QuietServer(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass  # a connection that was closed on purpose

    server = QuietServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    script.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
