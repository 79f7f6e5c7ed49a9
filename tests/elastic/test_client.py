"""The client under good and bad weather, over real HTTP."""

from __future__ import annotations

import json
import shutil
import warnings
from pathlib import Path

import elastic_transport
import pytest

from kibana_builder.elastic import client
from kibana_builder.elastic.client import Elastic, elastic_credentials, path_of
from kibana_builder.errors import (
    ElasticError,
    ElasticNotAllowed,
    ElasticNotFound,
    ElasticRefused,
    ElasticUnreachable,
    UsageError,
)
from tests.kibana.misbehaving import Step, answer, cut_off, hang_up, own_certificate, serving, slow

PRODUCT = {"X-Elastic-Product": "Elasticsearch"}
SECRET = "c2VjcmV0LWtleS1vZi1vdXJz"


def fine(body: object, headers: dict[str, str] | None = None) -> Step:
    return answer(200, body, {**PRODUCT, **(headers or {})})


def refused(status: int, body: object) -> Step:
    return answer(status, body, PRODUCT)


def failure(step: Step, **login: str) -> ElasticError:
    credentials = elastic_credentials({f"ELASTICSEARCH_{name.upper()}": value for name, value in login.items()})
    with serving(step) as server, Elastic(server.url, credentials) as elastic, pytest.raises(ElasticError) as caught:
        elastic.request("GET", "/")
    assert len(server.requests) == 1, "nothing is sent twice"
    assert str(caught.value).count(server.url) >= 1
    return caught.value


def test_a_request_carries_its_body_and_parameters() -> None:
    """Method, path, parameters and JSON arrive as they were given; the answer is plain JSON."""
    with serving(fine({"acknowledged": True})) as server, Elastic(server.url + "/es/") as elastic:
        got = elastic.request("PUT", path_of("_index_template", "a/b"), body={"ü": 1}, params={"a": True, "b": "x y"})
    assert got == {"acknowledged": True}
    sent = server.requests[0]
    assert (sent.method, sent.path) == ("PUT", "/es/_index_template/a%2Fb?a=true&b=x+y")
    assert json.loads(sent.body) == {"ü": 1}
    assert sent.headers["content-type"] == "application/json"


def test_a_bulk_goes_as_it_is() -> None:
    """The lines are sent byte for byte."""
    lines = b'{"index":{"_index":"i","_id":"1"}}\n{"a":1.50}\n'
    with serving(fine({"errors": False, "items": [{}]})) as server, Elastic(server.url) as elastic:
        assert elastic.bulk(lines, params={"refresh": True})["items"] == [{}]
    assert server.requests[0].body == lines
    assert server.requests[0].path == "/_bulk?refresh=true"
    assert server.requests[0].headers["content-type"] == "application/x-ndjson"


def test_what_is_no_answer_to_a_bulk_is_an_error() -> None:
    """Without items nobody knows what arrived."""
    with (
        serving(fine({"acknowledged": True})) as server,
        Elastic(server.url) as elastic,
        pytest.raises(ElasticRefused, match="bulk"),
    ):
        elastic.bulk(b"{}\n")


def test_the_login_is_sent_and_never_shown() -> None:
    """The key of the environment goes into the header, and stays out of messages when a server repeats it."""
    said = {"error": {"type": "security_exception", "reason": f"unable to authenticate with {SECRET}"}}
    with (
        serving(refused(401, said)) as server,
        Elastic(server.url, elastic_credentials({"ELASTICSEARCH_API_KEY": SECRET})) as elastic,
        pytest.raises(ElasticNotAllowed) as caught,
    ):
        elastic.request("GET", "/")
    assert server.requests[0].headers["authorization"] == f"ApiKey {SECRET}"
    assert SECRET not in str(caught.value)
    assert "Check ELASTICSEARCH_API_KEY." in str(caught.value)
    assert SECRET not in repr(elastic)


def test_who_may_not_is_told_as_whom_he_came() -> None:
    """401 without a login says which variables to set, 403 who we are."""
    said = {"error": {"type": "security_exception", "reason": "missing privilege"}, "status": 403}
    assert "Set ELASTICSEARCH_API_KEY" in str(failure(refused(401, said)))
    error = failure(refused(403, said), username="me", password="pass-word")
    assert isinstance(error, ElasticNotAllowed)
    assert "missing privilege. We came with ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD." in str(error)


def test_the_reason_of_elasticsearch_is_kept_down_to_its_bottom() -> None:
    """What is really wrong stands in the last caused_by."""
    said = {
        "error": {
            "type": "illegal_argument_exception",
            "reason": "composable template [x] is invalid",
            "caused_by": {
                "type": "b",
                "reason": "invalid mapping",
                "caused_by": {"reason": "No handler for type [dobule]"},
            },
        },
        "status": 400,
    }
    error = failure(refused(400, said))
    assert isinstance(error, ElasticRefused)
    assert (error.status, error.type) == (400, "illegal_argument_exception")
    assert str(error).endswith(
        "answered 400: composable template [x] is invalid: invalid mapping: No handler for type [dobule]"
    )


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": "no handler found for uri [/_ilm/policy]"}, "no handler found"),
        ({"found": False}, "without a reason"),
        ([], "without a reason"),
        ({"error": {"root_cause": []}}, "without a reason"),
    ],
)
def test_other_forms_of_a_refusal(body: object, words: str) -> None:
    """A text in place of an object, or nothing at all."""
    error = failure(refused(404, body))
    assert isinstance(error, ElasticNotFound)
    assert words in str(error)


@pytest.mark.parametrize(
    "step",
    [
        answer(200, {"name": "kibana"}),
        answer(200, b"<html><title>Log in</title></html>"),
        answer(501, b"<html><p>Unsupported method</p></html>", {"content-type": "text/html"}),
        answer(404, {"statusCode": 404, "error": "Not Found", "message": "Not Found"}),
        fine(b"{broken", {"content-type": "application/json"}),
        answer(302, {}, {"location": "https://login.example/?token=secret"}),
    ],
)
def test_what_is_no_elasticsearch_is_named_so(step: Step) -> None:
    """A proxy, a login page or Kibana at the address."""
    error = failure(step)
    assert isinstance(error, ElasticRefused)
    assert not isinstance(error, ElasticNotFound), "a Kibana knows nothing of our templates"
    assert "Is this the address of Elasticsearch itself" in str(error)
    assert "token" not in str(error)
    assert "<" not in str(error), "the marks of a web page are not for people"


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_proxy_whose_elasticsearch_is_away_is_at_the_right_address(status: int) -> None:
    """Its page is no words of Elasticsearch's, and the address is not called in question."""
    error = failure(answer(status, b"<html>bad gateway</html>", {"content-type": "text/html"}))
    assert isinstance(error, ElasticRefused)
    assert error.status == status
    assert str(error).endswith(f"answered {status}: a web page")


def test_the_warnings_of_a_server_are_no_warnings_of_python() -> None:
    """A deprecation is not for who calls us."""
    warned = fine({}, {"Warning": '299 Elasticsearch-8.14.1 "security features are not enabled"'})
    with serving(warned) as server, Elastic(server.url) as elastic, warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        elastic.request("GET", "/")
    assert not heard


@pytest.mark.parametrize("step", [hang_up, cut_off])
def test_a_broken_connection_is_told_in_plain_words(step: Step) -> None:
    """No class names and addresses of objects."""
    error = failure(step)
    assert isinstance(error, ElasticUnreachable)
    assert "the connection broke" in str(error)
    assert "object at 0x" not in str(error)


def test_a_server_that_is_too_slow() -> None:
    """The connection stands, but no answer comes."""
    with (
        serving(slow(0.3)) as server,
        Elastic(server.url, timeout=0.05) as elastic,
        pytest.raises(ElasticUnreachable, match="no answer came in time"),
    ):
        elastic.request("GET", "/")


def test_a_greeting_is_waited_for_less_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks at a wrong address for a minute; what is asked of a server that is there may take its time."""
    monkeypatch.setattr(client, "GREETING_SECONDS", 0.05)
    with serving(slow(0.3), fine({})) as server, Elastic(server.url) as elastic:
        with pytest.raises(ElasticUnreachable, match="no answer came in time"):
            elastic.greet()
        assert elastic.request("GET", "/") == {}


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://127.0.0.1:1", "the connection is refused. Is Elasticsearch running"),
        ("http://no-such-host.invalid:9200", "the name of the host is not known"),
        ("http://a..b:9200", "no host has this name"),
    ],
)
def test_nobody_there(address: str, words: str) -> None:
    """Says what to look at."""
    with pytest.raises((ElasticUnreachable, UsageError), match=words), Elastic(address) as elastic:
        elastic.request("GET", "/")


def test_plain_http_behind_https_is_a_matter_of_tls() -> None:
    """Names the two usual causes."""
    with (
        serving(fine({})) as server,
        Elastic(server.url.replace("http:", "https:")) as elastic,
        pytest.raises(ElasticUnreachable, match=r"TLS connection failed.*ELASTICSEARCH_CA_FILE"),
    ):
        elastic.request("GET", "/")


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("localhost:9200", "no address of an Elasticsearch: it should read like http://localhost:9200"),
        ("http://me:secret@host:9200", "set ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD"),
        ("http://host:9200/?x=1", "has a part behind"),
        ("http://host:99999", "no address"),
        ("http://ho st:9200", "no host has this name"),
    ],
)
def test_an_address_that_is_none(address: str, words: str) -> None:
    """Said before anything is sent, without the secret in it."""
    with pytest.raises(UsageError, match=words) as caught:
        Elastic(address)
    assert "secret" not in str(caught.value)


def test_a_certificate_that_is_not_there(tmp_path: Path) -> None:
    """Found before anything is sent."""
    with pytest.raises(UsageError, match="there is no file"):
        Elastic("https://localhost:9200", ca_file=tmp_path / "ca.pem")


def test_a_certificate_file_that_is_none(tmp_path: Path) -> None:
    """A file that holds no certificate is an error of ours."""
    (tmp_path / "ca.pem").write_text("nothing")
    with (
        serving(fine({})) as server,
        Elastic(server.url.replace("http:", "https:"), ca_file=tmp_path / "ca.pem") as elastic,
        pytest.raises(ElasticUnreachable, match="TLS"),
    ):
        elastic.request("GET", "/")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificate with the openssl command")
def test_a_certificate_of_an_own_authority_is_checked_with_its_file(tmp_path: Path) -> None:
    """With the file the connection stands, without it the error says where to name it."""
    certificate, context = own_certificate(tmp_path)
    with serving(fine({"a": 1}), tls=context) as server:
        with Elastic(server.url, ca_file=certificate) as elastic:
            assert elastic.request("GET", "/") == {"a": 1}
        with Elastic(server.url) as elastic, pytest.raises(ElasticUnreachable, match=r"certificate.*CA_FILE"):
            elastic.request("GET", "/")


def _all_below(kind: type[BaseException]) -> list[type[BaseException]]:
    return [kind, *(one for below in kind.__subclasses__() for one in _all_below(below))]


@pytest.mark.parametrize("kind", _all_below(elastic_transport.TransportError), ids=lambda kind: kind.__name__)
def test_every_error_of_the_package_becomes_one_of_ours(
    kind: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The border is whole, also when the package below gets a new error."""

    def fail(*args: object, **options: object) -> None:
        raise kind("words of the package")

    with Elastic("http://127.0.0.1:1") as elastic:
        monkeypatch.setattr(elastic._transport, "perform_request", fail)
        with pytest.raises(ElasticError):
            elastic.request("GET", "/")
