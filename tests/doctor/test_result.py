"""Results, and the words in them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kibana_builder.doctor.result import Result, Service, age_words, looked, size_words
from kibana_builder.errors import (
    ElasticNotAllowed,
    ElasticRefused,
    ElasticUnreachable,
    KbuildError,
    NotAllowed,
)

WELL = Result(Service.kibana, "a", "ok", "well")


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (ElasticNotAllowed("no", 403), "warning"),
        (NotAllowed("no", 403), "warning"),
        (ElasticRefused("not on serverless", 410), "warning"),
        (ElasticRefused("no", 400), "problem"),
        (ElasticUnreachable("no"), "problem"),
        (KbuildError("no"), "problem"),
        (KeyError("nodes"), "problem"),
        (TypeError("str"), "problem"),
    ],
)
def test_an_error_becomes_a_result(error: Exception, state: str) -> None:
    """What was found before it stays; what we may not see may be well."""

    def look() -> Iterator[Result]:
        yield WELL
        raise error

    first, second = looked(Service.kibana, "b", look)
    assert first == WELL
    assert (second.check, second.state) == ("b", state)


def test_what_we_may_not_see_says_apart_as_whom_we_came() -> None:
    """It is the same for every look, so it can be said once."""

    def look() -> Iterator[Result]:
        raise ElasticNotAllowed("it does not allow this.", 403, cure="We came with nobody.")
        yield

    (found,) = looked(Service.elasticsearch, "health", look)
    assert (found.words, found.cure) == ("could not be looked at: it does not allow this.", "We came with nobody.")


def test_ages_and_sizes() -> None:
    """In the largest unit that fits; nothing is older than now."""
    ages = (-5, 0.4, 59.9, 60, 3599, 7200, 86_400, 200_000)
    assert [age_words(age) for age in ages] == ["0 s", "0 s", "59 s", "1 min", "59 min", "2 h", "1 day", "2 days"]
    assert [size_words(size) for size in (512, 20_000_000, 83_017_519_104)] == ["512 B", "19 MB", "77.3 GB"]
