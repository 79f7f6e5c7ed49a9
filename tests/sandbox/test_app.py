"""The border of the sandbox: who may talk to it, how large and in which form, and that nothing breaks it."""

from __future__ import annotations

import http.client
import socket
import sqlite3
from contextlib import nullcontext
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from kibana_builder.sandbox.answers import Refusal
from kibana_builder.sandbox.app import MOST_BYTES, MOST_FILE_BYTES
from kibana_builder.sandbox.guard import refuse_strangers
from kibana_builder.sandbox.server import RunningSandbox
from kibana_builder.sandbox.store import FILE_NAME
from tests.sandbox.conftest import Api, tag


def with_host(api: Api, host: str | None) -> int:
    """Send a request with any Host header, or without one, and give the status."""
    parts = urlsplit(api.url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=10)
    try:
        connection.putrequest("GET", "/api/status", skip_host=True)
        if host is not None:
            connection.putheader("Host", host)
        connection.endheaders()
        return connection.getresponse().status
    finally:
        connection.close()


class TestStrangers:
    """Pages of other sites get nothing, whatever name they reach the sandbox by."""

    @pytest.mark.parametrize("host", ["localhost", "LOCALHOST:5601", "127.0.0.1:1", "[::1]:5601"])
    def test_own_names(self, api: Api, host: str) -> None:
        assert with_host(api, host) == 200

    @pytest.mark.parametrize(
        "host", ["evil.example", "evil.example:5601", "localhost.evil.example", "localhost@evil.example", "", "["]
    )
    def test_other_names(self, api: Api, host: str) -> None:
        assert with_host(api, host) == 403

    def test_no_name(self, api: Api) -> None:
        assert with_host(api, None) in (400, 403)

    @pytest.mark.parametrize("origin", ["http://evil.example", "null", "", "file://", "http://localhost.evil.example"])
    def test_other_origins(self, api: Api, origin: str) -> None:
        answer = api.upload(tag())
        assert answer.ok
        answer = api.send("DELETE", "/api/saved_objects/tag/tag", headers={"origin": origin})
        assert answer.status_code == 403
        assert api.ids("tag") == {"tag"}

    def test_own_origin(self, api: Api) -> None:
        assert api.get("/api/status", headers={"origin": api.url}).ok

    def test_pages_of_other_servers_of_this_machine(self, api: Api) -> None:
        """Another port, or another name of loopback, is another server's page for the browser, and so for us."""
        name, port = api.url.removeprefix("http://").split(":")
        for origin in (f"http://{name}:{int(port) - 1}", f"http://{name}", f"http://localhost:{port}x", "http://[::1]"):
            assert api.get("/api/status", headers={"origin": origin}).status_code == 403, origin
        assert name != "localhost"
        assert api.get("/api/status", headers={"origin": f"http://localhost:{port}"}).status_code == 403

    @pytest.mark.parametrize(
        ("host", "origin", "own"),
        [
            ("localhost", "http://localhost", True),
            ("localhost", "http://localhost:80", True),
            ("localhost:80", "http://localhost", True),
            ("LOCALHOST", "http://localhost", True),
            ("[::1]:5601", "http://[::1]:5601", True),
            ("localhost", "https://localhost", True),
            ("localhost", "http://localhost:5601", False),
            ("localhost:5601", "ftp://localhost:5601", False),
            ("localhost:5601", "http://localhost:99999", False),
        ],
    )
    def test_ports_that_are_not_said(self, host: str, origin: str, own: bool) -> None:
        """A browser leaves out the port that the scheme has anyway."""
        with nullcontext() if own else pytest.raises(Refusal):
            refuse_strangers(host, origin, ())

    @pytest.mark.parametrize(
        ("site", "mode", "status"),
        [
            ("cross-site", "no-cors", 403),
            ("same-site", "cors", 403),
            ("cross-site", "navigate", 200),
            ("same-origin", "cors", 200),
            ("none", "navigate", 200),
        ],
    )
    def test_parts_of_other_pages(self, api: Api, site: str, mode: str, status: int) -> None:
        """A link may lead here; a picture or a script of another page may not come from here."""
        headers = {"sec-fetch-site": site, "sec-fetch-mode": mode}
        assert api.get("/api/status", headers=headers).status_code == status

    def test_no_answer_may_be_read_by_others(self, api: Api) -> None:
        """No header of CORS, and a preflight finds nothing."""
        answers = [api.get("/api/status"), api.send("OPTIONS", "/api/saved_objects/_import")]
        assert not any(name.startswith("access-control") for answer in answers for name in answer.headers)
        assert answers[1].status_code == 404


class TestLimits:
    """A body over Kibana's limits is refused before it is read."""

    def test_announced(self, api: Api) -> None:
        files = {"file": ("x.ndjson", b"x" * (MOST_FILE_BYTES + 1))}
        answer = api.send("POST", "/api/saved_objects/_import", files=files)
        assert answer.status_code == 413
        assert answer.json()["message"].endswith(str(MOST_FILE_BYTES))

    def test_not_announced(self, api: Api) -> None:
        """Also when the length is not said beforehand."""
        parts = (b" " * 65_536 for _ in range(MOST_BYTES // 65_536 + 1))
        headers = {"content-type": "application/json"}
        answer = api.send("POST", "/api/saved_objects/_export", data=parts, headers=headers)
        assert answer.status_code == 413

    def test_as_much_as_is_allowed(self, api: Api) -> None:
        body = b'{"type":"tag"}'.ljust(MOST_BYTES)
        headers = {"content-type": "application/json"}
        assert api.send("POST", "/api/saved_objects/_export", data=body, headers=headers).ok


class TestForms:
    """Requests in another form than a route takes."""

    @pytest.mark.parametrize(
        ("content", "content_type"),
        [
            (b"nothing of that kind", "multipart/form-data; boundary=x"),
            (b"--x\r\nbroken\r\n--x--", "multipart/form-data; boundary=x"),
            (b"--x--", "multipart/form-data"),
            (b"", "multipart/form-data; boundary=x"),
        ],
    )
    def test_broken_multipart(self, api: Api, content: bytes, content_type: str) -> None:
        headers = {"content-type": content_type}
        answer = api.send("POST", "/api/saved_objects/_import", data=content, headers=headers)
        assert answer.status_code == 400

    def test_two_files(self, api: Api) -> None:
        files = [("file", ("a.ndjson", b"")), ("file", ("b.ndjson", b""))]
        answer = api.send("POST", "/api/saved_objects/_import", files=files)
        assert answer.json()["message"] == "[request body.file]: expected value of type [Stream] but got [Array]"

    @pytest.mark.parametrize(
        "content", [b"", b"\xff", b"{", b"NaN", b"[1e999]", b'"' + b"x" * 100, b"[" * 100_000, b"9" * 5000]
    )
    def test_broken_json(self, api: Api, content: bytes) -> None:
        headers = {"content-type": "application/json"}
        answer = api.send("POST", "/api/saved_objects/_export", data=content, headers=headers)
        assert answer.status_code == 400

    def test_lone_surrogates(self, api: Api) -> None:
        """JSON may hold half a character; as an id it is refused, in an attribute it comes back as it was."""
        answer = api.post("/api/saved_objects/_bulk_get", [{"type": "tag", "id": "\ud800"}])
        assert answer.status_code == 400
        assert "is not valid Unicode" in answer.json()["message"]
        assert api.upload(tag("t", "half \ud800")).ok
        assert api.get("/api/saved_objects/tag/t").json()["attributes"]["name"] == "half \ud800"
        assert api.get("/api/status").ok

    def test_very_deep_attributes(self, api: Api) -> None:
        """Nesting that cannot be handled is refused, whatever the limit is; nothing fails on it later."""
        for depth in (100, 500, 900, 1000, 5000, 100_000):
            line = '{"type":"visualization","id":"v","typeMigrationVersion":"8.5.0","attributes":{"x":%s%s}}'
            content = (line % ("[" * depth, "]" * depth)).encode()
            files = {"file": ("x.ndjson", content)}
            answer = api.send("POST", "/api/saved_objects/_import?overwrite=true", files=files)
            assert answer.status_code in (200, 400)
            assert api.get("/api/saved_objects/visualization/v").status_code in (200, 400)
            assert api.get("/api/status").status_code in (200, 400)

    def test_escaped_ids(self, api: Api) -> None:
        """An id with a slash, a percent sign and a space is one segment of the path when it is escaped."""
        api.upload(tag("a/b %c"))
        assert api.get("/api/saved_objects/tag/a%2Fb%20%25c").json()["id"] == "a/b %c"
        assert api.get("/api/saved_objects/tag/a/b").status_code == 404

    def test_head(self, api: Api) -> None:
        answer = api.send("HEAD", "/api/status")
        assert (answer.status_code, answer.content) == (200, b"")


def test_a_store_that_cannot_write(tmp_path: Path) -> None:
    """Where the disk does not take it, the answer says so, nothing is written, and the sandbox goes on."""
    with RunningSandbox(folder=tmp_path) as sandbox:
        own = Api(sandbox.url, sandbox.store)
        assert own.upload(tag("one")).ok
        other = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
        try:
            other.execute("CREATE TRIGGER full BEFORE INSERT ON objects BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
            answer = own.upload(tag("two"))
            assert answer.status_code == 500
            assert answer.json()["message"] == "the sandbox cannot keep its objects: disk is full"
            other.execute("DROP TRIGGER full")
        finally:
            other.close()
        assert own.upload(tag("three")).ok
        assert own.ids("tag") == {"one", "three"}
        own.session.close()


def test_a_client_that_goes_away(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    """A request that ends in the middle of its body is forgotten without a word."""
    parts = urlsplit(api.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
        connection.sendall(
            b"POST /api/saved_objects/_export HTTP/1.1\r\nHost: localhost\r\nkbn-xsrf: true\r\n"
            b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
        )
    assert api.get("/api/status").ok
    assert not caplog.records
