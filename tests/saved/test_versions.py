"""The stamps: low enough for every Kibana since 8.12, and always there."""

from __future__ import annotations

from kibana_builder.saved.versions import TYPE_VERSIONS, saved_object


def test_every_object_is_stamped() -> None:
    """Without its versions a modern Lens object is emptied by the import that says success."""
    item = saved_object("lens", "a", {"title": "A"}, [{"type": "tag", "id": "t", "name": "n"}])
    assert item == {
        "id": "a",
        "type": "lens",
        "attributes": {"title": "A"},
        "references": [{"type": "tag", "id": "t", "name": "n"}],
        "coreMigrationVersion": "8.8.0",
        "typeMigrationVersion": "8.9.0",
        "managed": False,
    }


def test_a_locked_object_is_managed() -> None:
    """Kibana opens it without its editor."""
    assert saved_object("dashboard", "a", {}, managed=True)["managed"] is True


def test_no_version_is_newer_than_kibana_8_12_knows() -> None:
    """Too new a version is refused for the whole file."""
    newest = {"dashboard": (8, 9, 0), "lens": (8, 9, 0), "visualization": (8, 5, 0), "index-pattern": (8, 0, 0)}
    for kind, known in newest.items():
        assert tuple(map(int, TYPE_VERSIONS[kind].split("."))) <= known
