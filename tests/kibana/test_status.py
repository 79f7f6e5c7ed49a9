"""Which Kibana answers, and whether it is one."""

from __future__ import annotations

import pytest

from kibana_builder.errors import NotFound, Refused
from kibana_builder.kibana.http import Kibana
from kibana_builder.kibana.status import Status, require_supported
from tests.kibana.misbehaving import answer, serving


def status_of(number: str | None, **version: str) -> dict[str, object]:
    body: dict[str, object] = {"name": "k", "status": {"overall": {"level": "available"}}}
    return body if number is None else body | {"version": {"number": number} | version}


def test_the_sandbox_is_supported(sandbox_url: str) -> None:
    """The sandbox names itself and the version that it imitates."""
    with Kibana(sandbox_url) as kibana:
        status = require_supported(kibana)
    assert status.version is not None
    assert status.version >= (8, 12, 2)
    assert "sandbox" in status.name


@pytest.mark.parametrize("number", ["7.17.9", "8.0.0", "8.11.4"])
def test_an_old_kibana_is_refused(number: str) -> None:
    """Before 8.12 nothing was measured, and modern objects would be damaged."""
    with (
        serving(answer(200, status_of(number))) as server,
        Kibana(server.url) as kibana,
        pytest.raises(Refused, match=rf"is Kibana {number}; kbuild needs 8.12 or later"),
    ):
        require_supported(kibana)


@pytest.mark.parametrize(
    ("body", "note"),
    [
        (status_of("8.12.2"), None),
        (status_of("8.19.0-SNAPSHOT"), None),
        (status_of("9.2.1", build_flavor="traditional"), "measured on 8.12 only"),
        (status_of("9.4.0", build_flavor="serverless"), "serverless"),
        (status_of(None), "does not tell its version"),
        (status_of("main"), "does not tell its version"),
    ],
)
def test_what_a_person_should_know(body: object, note: str | None) -> None:
    """A version that was not measured, serverless, and a version untold are noted, not refused."""
    with serving(answer(200, body)) as server, Kibana(server.url) as kibana:
        notes = require_supported(kibana).notes
    assert [note in text for text in notes] == ([] if note is None else [True]) if note else notes == []


def test_elasticsearch_is_recognised() -> None:
    """The commonest wrong port is named."""
    elastic = answer(200, {"name": "es", "version": {"number": "8.14.1"}}, {"X-elastic-product": "Elasticsearch"})
    with (
        serving(elastic) as server,
        Kibana(server.url) as kibana,
        pytest.raises(Refused, match=r"is Elasticsearch\. kbuild needs the address of Kibana"),
    ):
        require_supported(kibana)


@pytest.mark.parametrize("body", [[], {}, 5, {"status": "ok"}, {"version": {"number": "8.12.2"}}])
def test_something_else_is_no_kibana(body: object) -> None:
    """Another web service that answers with JSON is not taken for Kibana."""
    with (
        serving(answer(200, body)) as server,
        Kibana(server.url) as kibana,
        pytest.raises(Refused, match="not like a Kibana"),
    ):
        require_supported(kibana)


def test_a_wrong_base_path_is_asked_for() -> None:
    """What every Kibana has is not there."""
    with (
        serving(answer(404, {"statusCode": 404, "error": "Not Found", "message": "Not Found"})) as server,
        Kibana(f"{server.url}/base") as kibana,
        pytest.raises(NotFound, match=r"/base answered 404: Not Found\. Is the base path right\?$"),
    ):
        require_supported(kibana)


def test_versions_compare_as_numbers() -> None:
    """8.9 is older than 8.12."""
    old, new = Status("", "8.9.0").version, Status("", "8.12.0").version
    assert old is not None
    assert new is not None
    assert old < new
