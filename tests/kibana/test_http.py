"""The client under good and bad weather, over real HTTP."""

from __future__ import annotations

import base64
import json
import logging
import shutil
import socket
import time
from pathlib import Path

import pytest
import requests

from kibana_builder.errors import CannotConnect, KibanaError, NotAllowed, NotFound, Refused, UsageError
from kibana_builder.kibana.credentials import Credentials, credentials_from
from kibana_builder.kibana.http import Kibana, Patience, _may_pass, _why_no_answer
from tests.kibana.misbehaving import answer, cut_off, hang_up, own_certificate, serving, slow

QUICK = Patience(attempts=4, first=0.01, longest=0.02, total=5.0)
SECRET = "c2VjcmV0LWtleS1vZi1vdXJz"
WITH_KEY = credentials_from({"KIBANA_API_KEY": SECRET})


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def proxies_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")


def test_a_write_carries_the_xsrf_header_and_a_read_does_not() -> None:
    """Kibana refuses a write without kbn-xsrf (recording import_missing_xsrf)."""
    with serving(answer(200, {})) as server, Kibana(server.url) as kibana:
        kibana.get("/api/status")
        kibana.post("/api/x", {"a": 1})
    assert "kbn-xsrf" not in server.requests[0].headers
    assert server.requests[1].headers["kbn-xsrf"]
    assert server.requests[1].body == b'{"a": 1}'


@pytest.mark.parametrize(
    ("base", "space", "expected"),
    [
        ("", None, "/api/status"),
        ("", "default", "/api/status"),
        ("", "ml", "/s/ml/api/status"),
        ("/kibana", "ml", "/kibana/s/ml/api/status"),
        ("/kibana/", None, "/kibana/api/status"),
    ],
)
def test_base_path_and_space_make_the_address(base: str, space: str | None, expected: str) -> None:
    """The base path of the address comes before the space."""
    with serving(answer(200, {})) as server, Kibana(server.url + base, space=space) as kibana:
        kibana.get("/api/status")
    assert server.requests[0].path == expected


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_server_that_is_busy_is_asked_again(status: int) -> None:
    """The answers that pass by themselves are tried again, until one is a success."""
    heard: list[str] = []
    busy = answer(status, {"statusCode": status, "message": "busy"})
    with (
        serving(busy, busy, answer(200, {"a": 1})) as server,
        Kibana(server.url, patience=QUICK, notice=heard.append) as kibana,
    ):
        assert kibana.post("/api/x", [1]) == {"a": 1}
    assert [request.body for request in server.requests] == [b"[1]"] * 3
    assert len(heard) == 2
    assert "busy" in heard[0]


@pytest.mark.parametrize("fault", [hang_up, cut_off])
def test_a_connection_that_breaks_is_made_again(fault: object) -> None:
    """A connection that breaks before or inside the answer is an error that passes."""
    with serving(fault, answer(200, {"a": 1})) as server, Kibana(server.url, patience=QUICK) as kibana:  # type: ignore[arg-type]
        assert kibana.get("/api/x") == {"a": 1}
    assert len(server.requests) == 2


def test_patience_ends() -> None:
    """After the last attempt the last answer becomes the error, in Kibana's words."""
    with (
        serving(answer(503, {"statusCode": 503, "message": "License is not available."})) as server,
        Kibana(server.url, patience=QUICK) as kibana,
        pytest.raises(Refused, match=r"answered 503: License is not available$") as caught,
    ):
        kibana.get("/api/x")
    assert caught.value.status == 503
    assert len(server.requests) == QUICK.attempts


def test_retry_after_is_respected() -> None:
    """The server's own wish goes before our waits: one second, not one hundredth."""
    with (
        serving(answer(429, {"message": "slow down"}, {"retry-after": "1"}), answer(200, {})) as server,
        Kibana(server.url, patience=QUICK) as kibana,
    ):
        began = time.monotonic()
        kibana.get("/api/x")
        assert time.monotonic() - began >= 1
    assert len(server.requests) == 2


@pytest.mark.parametrize("wish", ["3600", "Wed, 01 Jan 2200 00:00:00 GMT"])
def test_a_wait_longer_than_all_patience_is_not_begun(wish: str) -> None:
    """The total is bounded: who asks us to wait an hour gets an error at once."""
    with (
        serving(answer(429, {"message": "slow down"}, {"retry-after": wish})) as server,
        Kibana(server.url, patience=QUICK) as kibana,
        pytest.raises(Refused, match="slow down"),
    ):
        kibana.get("/api/x")
    assert len(server.requests) == 1


@pytest.mark.parametrize("wish", ["", "soon", "-5", "Wed, 01 Jan 2020 00:00:00 GMT", "9" * 40])
def test_a_senseless_retry_after_does_no_harm(wish: str) -> None:
    """What cannot be read counts as not said, and a date that has passed as now."""
    with (
        serving(answer(503, {"message": "x"}, {"retry-after": wish}), answer(200, {})) as server,
        Kibana(server.url, patience=QUICK) as kibana,
    ):
        assert kibana.get("/api/x") == {}


def test_waits_grow_and_differ() -> None:
    """Back-off doubles up to a bound, and chance keeps clients apart."""
    patience = Patience(first=1, longest=5)
    waits = [[patience.wait_after(attempt, None) for _ in range(50)] for attempt in (1, 2, 3, 4)]
    assert [(min(some) >= 0.5, max(some) <= bound) for some, bound in zip(waits, (1, 2, 4, 5), strict=True)] == [
        (True, True)
    ] * 4
    assert min(waits[2]) >= 2
    assert len(set(waits[0])) > 1


def test_a_silent_server_is_a_timeout() -> None:
    """No call waits for ever: a server that says nothing is an error that says so."""
    with (
        serving(slow(1.0)) as server,
        Kibana(server.url, read_timeout=0.1, patience=Patience(attempts=1)) as kibana,
        pytest.raises(CannotConnect, match="no answer came in time"),
    ):
        kibana.get("/api/x")


def test_nobody_listens(free_port: int) -> None:
    """A refused connection asks whether Kibana runs, and names the address."""
    with (
        Kibana(f"http://127.0.0.1:{free_port}", patience=QUICK) as kibana,
        pytest.raises(CannotConnect, match=rf"http://127.0.0.1:{free_port}: .*refused.*Is Kibana running"),
    ):
        kibana.get("/api/x")


def test_an_unknown_host_is_not_asked_twice() -> None:
    """A wrong name does not get better by waiting."""
    patience = Patience(attempts=5, first=60)
    with Kibana("http://no-such-host.invalid:5601", patience=patience) as kibana:
        kibana._session.trust_env = False
        with pytest.raises(CannotConnect, match="name of the host"):
            kibana.get("/api/x")


def test_https_to_a_server_without_tls(free_port: int) -> None:
    """The wrong scheme is a TLS error that names the cures."""
    with (
        serving(answer(200, {})) as server,
        Kibana(server.url.replace("http:", "https:"), patience=QUICK) as kibana,
        pytest.raises(CannotConnect, match=r"TLS.*ca_file.*http://"),
    ):
        kibana.get("/api/x")


def test_loopback_is_reached_without_the_proxy(proxies_in_the_environment: None) -> None:
    """A proxy in the environment cannot reach a server that listens on this machine only."""
    with serving(answer(200, {"a": 1})) as server, Kibana(server.url) as kibana:
        assert kibana.get("/api/x") == {"a": 1}


def test_a_refused_key_names_the_variable_and_no_secret() -> None:
    """401 says where the key came from; the key itself is in no message, repr or log, though the server repeats it."""
    echo = answer(401, {"statusCode": 401, "message": f"no such key: {SECRET}"})
    with (
        serving(echo) as server,
        Kibana(server.url, WITH_KEY) as kibana,
        pytest.raises(NotAllowed, match=r"does not let us in: no such key: \*\*\*\. Check KIBANA_API_KEY\.") as caught,
    ):
        kibana.get("/api/x")
    assert server.requests[0].headers["Authorization"] == f"ApiKey {SECRET}"
    assert caught.value.status == 401
    assert SECRET not in f"{caught.value!r} {kibana!r} {WITH_KEY!r} {vars(kibana)!r}"


KEY_ID, KEY_SECRET = "id-of-the-key", "half-that-is-secret"
ENCODED = base64.b64encode(f"{KEY_ID}:{KEY_SECRET}".encode()).decode()
PASSWORD = 'pässword "of" \\ ours'


@pytest.mark.parametrize(
    ("environment", "secrets"),
    [
        ({"KIBANA_API_KEY": ENCODED}, (ENCODED, f"{KEY_ID}:{KEY_SECRET}", KEY_SECRET)),
        (
            {"KIBANA_USERNAME": "ann", "KIBANA_PASSWORD": PASSWORD},
            (PASSWORD, json.dumps(PASSWORD)[1:-1], json.dumps(PASSWORD, ensure_ascii=False)[1:-1]),
        ),
    ],
)
def test_no_form_of_a_secret_is_repeated(environment: dict[str, str], secrets: tuple[str, ...]) -> None:
    """Neither decoded nor escaped as in JSON, nor the beginning of one that stands where long words are cut off."""
    for secret in secrets:
        for said in (f"no: {secret}!", {"user": secrets[0]}, "x" * 590 + secret):
            with (
                serving(answer(400, {"statusCode": 400, "message": said})) as server,
                Kibana(server.url, credentials_from(environment)) as kibana,
                pytest.raises(Refused) as caught,
            ):
                kibana.get("/api/x")
            assert "***" in str(caught.value)
            assert secret[:5] not in str(caught.value)


@pytest.mark.parametrize("key", ["no-base64-at-all!", "bm8tY29sb24=", "OnNlY3JldA==", "/////w=="])
def test_a_key_that_is_not_of_two_halves(key: str) -> None:
    """It is one secret."""
    assert credentials_from({"KIBANA_API_KEY": key}).secrets == (key,)


def test_a_page_that_repeats_a_secret() -> None:
    """The title of what is no JSON is a word of the server as well; so is where it leads."""
    page = f"<title>Hello {SECRET}</title>".encode()
    for step in (answer(200, page), answer(502, page), answer(302, b"", {"location": f"/{SECRET}"})):
        with (
            serving(step) as server,
            Kibana(server.url, WITH_KEY, patience=Patience(attempts=1)) as kibana,
            pytest.raises(KibanaError) as caught,
        ):
            kibana.get("/api/x")
        assert "***" in str(caught.value)
        assert SECRET not in str(caught.value)


def test_nothing_is_logged_of_the_credentials(caplog: pytest.LogCaptureFixture) -> None:
    """Even at the finest level the logs hold no secret."""
    with caplog.at_level(logging.DEBUG), serving(answer(200, {})) as server, Kibana(server.url, WITH_KEY) as kibana:
        kibana.post("/api/x", {})
    assert SECRET not in caplog.text


def test_no_credentials_at_all() -> None:
    """401 without credentials says which variables to set."""
    with (
        serving(answer(401, {"statusCode": 401, "message": "missing authentication credentials"})) as server,
        Kibana(server.url) as kibana,
        pytest.raises(NotAllowed, match="Set KIBANA_API_KEY, or KIBANA_USERNAME and KIBANA_PASSWORD"),
    ):
        kibana.get("/api/x")
    assert "Authorization" not in server.requests[0].headers


def test_netrc_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The HTTP library would send what ~/.netrc has for the host; who we are comes from our variables only."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with serving(answer(200, {})) as server, Kibana(server.url) as kibana:
        kibana._session.trust_env = True
        kibana.get("/api/x")
    assert "Authorization" not in server.requests[0].headers


def test_forbidden_says_who_we_are() -> None:
    """403 keeps Kibana's words and names the credentials that did not suffice."""
    with (
        serving(answer(403, {"statusCode": 403, "message": "Unable to bulk_create dashboard"})) as server,
        Kibana(server.url, WITH_KEY) as kibana,
        pytest.raises(NotAllowed, match=r"Unable to bulk_create dashboard\. We came with KIBANA_API_KEY"),
    ):
        kibana.get("/api/x")


def test_a_redirect_is_not_followed() -> None:
    """Our credentials go to no other address; where the redirect leads is named without its query."""
    with (
        serving(answer(200, {})) as other,
        serving(answer(302, b"", {"location": f"{other.url}/login?next=secret"})) as server,
    ):
        with (
            Kibana(server.url, WITH_KEY) as kibana,
            pytest.raises(Refused, match=rf"leads on to {other.url}/login\. Is this Kibana's address"),
        ):
            kibana.get("/api/x")
        assert other.requests == []


def test_a_login_page_is_no_answer() -> None:
    """A success that is a page, not JSON, names the page and asks for the address."""
    page = b"<html><head><title>Corporate <b>Sign-in</b></title></head></html>"
    with (
        serving(answer(200, page)) as server,
        Kibana(server.url) as kibana,
        pytest.raises(Refused, match=r"a page named 'Corporate', not with JSON\. Is this Kibana's address"),
    ):
        kibana.get("/api/x")


@pytest.mark.parametrize("rubbish", [b"", b"\x00\xff\xfe", b"{", b"[" * 100_000, b"1" * 5000])
def test_rubbish_is_no_answer(rubbish: bytes) -> None:
    """Whatever the bytes are, the error is one of ours."""
    with serving(answer(200, rubbish)) as server, Kibana(server.url) as kibana, pytest.raises(Refused):
        kibana.get("/api/x")


def test_a_proxys_error_page_is_named() -> None:
    """An error that is not Kibana's says that it has no word of Kibana's."""
    page = b"<html><title>502 Bad Gateway</title><h1>nginx</h1></html>"
    with (
        serving(answer(502, page)) as server,
        Kibana(server.url, patience=QUICK) as kibana,
        pytest.raises(Refused, match=r"502: Bad Gateway, with a page named '502 Bad Gateway' and no word of Kibana's"),
    ):
        kibana.get("/api/x")


def test_kibana_that_starts_up_says_so() -> None:
    """Kibana's plain words while it starts are kept."""
    with (
        serving(answer(503, b"Kibana server is not ready yet", {"content-type": "text/plain"})) as server,
        Kibana(server.url, patience=QUICK) as kibana,
        pytest.raises(Refused, match=r"503: Kibana server is not ready yet$"),
    ):
        kibana.get("/api/x")


def test_foreign_words_cannot_take_over_the_terminal() -> None:
    """Control characters in a server's message do not reach the terminal, nor does a message without an end."""
    evil = "\x1b[2Jgone\r\n" + "x" * 5000
    with (
        serving(answer(400, {"message": evil})) as server,
        Kibana(server.url) as kibana,
        pytest.raises(Refused) as caught,
    ):
        kibana.get("/api/x")
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("body", [[], 5, None, "x", {}, {"message": {"a": 1}}, {"attributes": {"objects": [3]}}])
def test_an_error_of_another_form_is_still_an_error(body: object) -> None:
    """What does not look like Kibana's error becomes one all the same."""
    with serving(answer(400, body)) as server, Kibana(server.url) as kibana, pytest.raises(Refused):
        kibana.get("/api/x")


def test_not_found_is_its_own_error() -> None:
    """404 can be told apart."""
    with (
        serving(answer(404, {"statusCode": 404, "error": "Not Found", "message": "Not Found"})) as server,
        Kibana(server.url) as kibana,
        pytest.raises(NotFound, match="Not Found"),
    ):
        kibana.get("/api/x")


@pytest.mark.parametrize(
    "address",
    [
        "",
        "localhost:5601",
        "ftp://host",
        "http://",
        "http://host:99999",
        "http://[::1",
        "kibana",
        "http:///path",
    ],
)
def test_what_is_no_address(address: str) -> None:
    """An address that cannot be one is found before anything is sent."""
    with pytest.raises(UsageError, match="is no address of a Kibana"):
        Kibana(address)


def test_a_login_in_the_address_is_refused_without_repeating_it() -> None:
    """Secrets do not stand in addresses."""
    with pytest.raises(UsageError, match="KIBANA_USERNAME") as caught:
        Kibana("https://me:hunter2@host")
    assert "hunter2" not in str(caught.value)
    with pytest.raises(UsageError) as caught:
        Kibana("htps://me:hunter2@host")
    assert "hunter2" not in str(caught.value)


def test_a_query_in_the_address_is_refused() -> None:
    """An address copied from the browser has a part that does not belong to it."""
    with pytest.raises(UsageError, match=r"http://host:5601/app/home would do"):
        Kibana("http://host:5601/app/home?x=1#/y")


@pytest.mark.parametrize("space", ["ML", "a b", "../x", "ä", "a/b", "x\n"])
def test_what_is_no_space(space: str) -> None:
    """A space's id has few characters; a name, or a path, is not sent."""
    with pytest.raises(UsageError, match="is no id of a space"):
        Kibana("http://host", space=space)


def test_a_certificate_file_that_is_not_there(tmp_path: Path) -> None:
    """A missing ca_file is named before anything is sent."""
    with pytest.raises(UsageError, match=r"there is no file .*ca\.pem"):
        Kibana("https://host", ca_file=tmp_path / "ca.pem")


def test_a_certificate_file_that_is_none(tmp_path: Path) -> None:
    """A ca_file that holds no certificate is an error of ours."""
    (tmp_path / "ca.pem").write_text("nothing")
    with (
        serving(answer(200, {})) as server,
        Kibana(server.url.replace("http:", "https:"), ca_file=tmp_path / "ca.pem", patience=QUICK) as kibana,
        pytest.raises(CannotConnect),
    ):
        kibana.get("/api/x")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificate with the openssl command")
def test_a_certificate_of_an_own_authority_is_checked_with_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With ca_file the connection stands, whatever the environment says; without it the error names ca_file."""
    certificate, context = own_certificate(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "other.pem"))
    with serving(answer(200, {"a": 1}), tls=context) as server:
        with Kibana(server.url, ca_file=certificate, patience=QUICK) as kibana:
            kibana._session.trust_env = True
            assert kibana.get("/api/x") == {"a": 1}
        with Kibana(server.url, patience=QUICK) as kibana, pytest.raises(CannotConnect, match=r"certificate.*ca_file"):
            kibana.get("/api/x")


def _all_below(kind: type[BaseException]) -> list[type[BaseException]]:
    return [kind, *(one for below in kind.__subclasses__() for one in _all_below(below))]


@pytest.mark.parametrize("kind", _all_below(requests.RequestException))
def test_every_error_of_the_library_has_words(kind: type[BaseException]) -> None:
    """No error of the HTTP library is unknown to the client, also when the library grows a new one."""
    try:
        error = kind("words")
    except TypeError:
        error = kind("words", "doc", 0)
    assert isinstance(error, Exception)
    assert _why_no_answer(error)
    _may_pass(error)


class TestCredentials:
    """Who we are comes from the environment."""

    def test_the_key_goes_before_name_and_password(self) -> None:
        environment = {"KIBANA_API_KEY": f" {SECRET}\n", "KIBANA_USERNAME": "u", "KIBANA_PASSWORD": "p"}
        assert credentials_from(environment).authorization == f"ApiKey {SECRET}"

    def test_name_and_password_are_utf8(self) -> None:
        credentials = credentials_from({"KIBANA_USERNAME": "jörg", "KIBANA_PASSWORD": "päss:word"})
        assert credentials.authorization == "Basic asO2cmc6cMOkc3M6d29yZA=="
        assert credentials.source == "KIBANA_USERNAME and KIBANA_PASSWORD"

    def test_other_variables_may_be_named(self) -> None:
        assert credentials_from({"PROD": "abc"}, api_key="PROD").source == "PROD"

    def test_nothing_set_is_nobody(self) -> None:
        assert credentials_from({"KIBANA_API_KEY": ""}) == Credentials()

    @pytest.mark.parametrize(
        ("environment", "words"),
        [
            ({"KIBANA_API_KEY": "hunter2 hunter2"}, "KIBANA_API_KEY holds characters"),
            ({"KIBANA_API_KEY": "hunter2\nX-Evil: 1"}, "KIBANA_API_KEY holds characters"),
            ({"KIBANA_API_KEY": "hünter2"}, "KIBANA_API_KEY holds characters"),
            ({"KIBANA_USERNAME": "hunter2"}, "KIBANA_PASSWORD is not"),
            ({"KIBANA_PASSWORD": "hunter2"}, "KIBANA_USERNAME is not"),
            ({"KIBANA_USERNAME": "a:hunter2", "KIBANA_PASSWORD": "x"}, "colon"),
        ],
    )
    def test_what_cannot_be_meant_is_said_without_the_value(self, environment: dict[str, str], words: str) -> None:
        with pytest.raises(UsageError, match=words) as caught:
            credentials_from(environment)
        assert "hunter2" not in str(caught.value)


def test_every_failure_is_an_error_of_ours() -> None:
    """All that `send` raises is a KibanaError."""
    assert all(issubclass(kind, KibanaError) for kind in (CannotConnect, NotAllowed, NotFound, Refused))
