"""A space is asked for before anything is sent to it."""

from __future__ import annotations

import pytest
import requests

from kibana_builder.errors import NotAllowed, NotFound
from kibana_builder.kibana.http import Kibana
from kibana_builder.kibana.spaces import require_space
from tests.kibana.misbehaving import answer, serving


def make_space(url: str, ident: str, name: str) -> None:
    body = {"id": ident, "name": name}
    requests.post(f"{url}/api/spaces/space", json=body, headers={"kbn-xsrf": "x"}, timeout=5).raise_for_status()


def test_a_space_that_is_there(sandbox_url: str) -> None:
    """An existing space is no error, nor is the default one."""
    make_space(sandbox_url, "ml", "Machine learning")
    for space in ("ml", "default", None):
        with Kibana(sandbox_url, space=space) as kibana:
            require_space(kibana)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("machine-lerning", r"has no space 'machine-lerning' \(did you mean 'ml'\?\)"),
        ("mll", r"\(did you mean 'ml'\?\)"),
        ("zzzzzz", r"\(there are: default, ml\)"),
    ],
)
def test_an_unknown_space_suggests_one(sandbox_url: str, asked: str, words: str) -> None:
    """By its id or by the name that people read in Kibana."""
    make_space(sandbox_url, "ml", "Machine learning")
    with Kibana(sandbox_url, space=asked) as kibana, pytest.raises(NotFound, match=words):
        require_space(kibana)


def test_nothing_is_suggested_to_those_who_may_not_see_the_others() -> None:
    """The suggestion is a courtesy: when the list is forbidden, the error is still that of the space."""
    missing = answer(404, {"statusCode": 404, "message": "Not Found"})
    forbidden = answer(403, {"statusCode": 403, "message": "no"})
    with (
        serving(missing, forbidden) as server,
        Kibana(server.url, space="ml") as kibana,
        pytest.raises(NotFound, match=r"has no space 'ml'$"),
    ):
        require_space(kibana)


def test_a_space_that_may_not_be_seen() -> None:
    """403 is not taken for a missing space."""
    with (
        serving(answer(403, {"statusCode": 403, "message": "Unauthorized to get ml space"})) as server,
        Kibana(server.url, space="ml") as kibana,
        pytest.raises(NotAllowed, match="Unauthorized to get ml space"),
    ):
        require_space(kibana)
