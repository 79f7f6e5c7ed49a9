"""The version rules: too new, too old, and what is stamped."""

from __future__ import annotations

from typing import Any

import pytest

from kibana_builder.sandbox.answers import Refusal
from kibana_builder.sandbox.migrations import created, imported


def document(kind: str, **versions: Any) -> dict[str, Any]:
    return {"type": kind, "id": "x", "attributes": {}, **versions}


@pytest.mark.parametrize(
    ("kind", "claimed", "stored"),
    [
        ("dashboard", "8.9.0", "8.9.0"),
        ("lens", "8.9.0", "8.9.0"),
        ("visualization", "8.5.0", "8.5.0"),
        ("index-pattern", "8.0.0", "8.0.0"),
        ("index-pattern", "7.11.0", "7.11.0"),
        ("index-pattern", None, "7.11.0"),
        ("index-pattern", "6.5.0", "7.11.0"),
        ("tag", None, "8.0.0"),
        ("map", "8.4.0", "8.4.0"),
        ("search", "10.5.0", "10.5.0"),
        ("links", None, "8.8.0"),
    ],
)
def test_stored_version(kind: str, claimed: str | None, stored: str) -> None:
    """A version that needs no migration is kept; data views and tags without one get the one of their type."""
    result = imported(document(kind, typeMigrationVersion=claimed))
    assert (result["typeMigrationVersion"], result["coreMigrationVersion"]) == (stored, "8.8.0")


@pytest.mark.parametrize(
    ("kind", "versions", "words"),
    [
        ("dashboard", {"typeMigrationVersion": "10.2.0"}, "more recent version of Kibana [10.2.0]"),
        ("index-pattern", {"typeMigrationVersion": "8.12.2"}, "when the last known version is [7.11.0]"),
        ("tag", {"coreMigrationVersion": "8.13.0"}, 'has a "coreMigrationVersion" which belongs to a more recent'),
        ("lens", {"migrationVersion": {"lens": "9.0.0"}}, "more recent version of Kibana [9.0.0]"),
        ("lens", {}, "is of an older version [no typeMigrationVersion]"),
        ("dashboard", {"typeMigrationVersion": "7.17.0"}, "the sandbox cannot"),
        ("visualization", {"migrationVersion": {"visualization": "7.14.0"}}, "is of an older version [7.14.0]"),
        ("lens", {"typeMigrationVersion": "nonsense"}, "is of an older version [nonsense]"),
    ],
)
def test_refused(kind: str, versions: dict[str, Any], words: str) -> None:
    """Too new is refused in Kibana's words, too old in those of the sandbox."""
    with pytest.raises(Refusal) as caught:
        imported(document(kind, **versions))
    assert caught.value.status == 422
    assert words in caught.value.message


def test_one_object_of_the_api_is_of_the_current_version() -> None:
    """What comes through the API for one object needs no version."""
    assert created(document("dashboard"))["typeMigrationVersion"] == "8.9.0"
    assert created(document("query"))["typeMigrationVersion"] == "8.8.0"
    with pytest.raises(Refusal):
        created(document("dashboard", typeMigrationVersion="7.0.0"))


def test_the_old_property_goes_with_the_old_versions() -> None:
    """`migrationVersion` is converted for a document of before 8.8; a later one is stuck with it."""
    old = document("lens", migrationVersion={"lens": "8.9.0"}, coreMigrationVersion="8.7.0")
    assert "migrationVersion" not in imported(old)
    assert "migrationVersion" in imported({**old, "coreMigrationVersion": "8.8.0"})
