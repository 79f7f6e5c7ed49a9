"""The stamps of the saved objects that kbuild writes: which Kibana wrote this shape.

The lowest versions that know the shapes are written, and Kibana migrates up: too new a version is refused for the
whole file (422), and without one a modern Lens object is emptied while the import says success (NORMALISATION.md of
the recordings, section 2).
"""

from __future__ import annotations

from collections.abc import Iterable

from kibana_builder.json_tree import JsonObject

__all__ = ["CORE_VERSION", "TYPE_VERSIONS", "saved_object"]

CORE_VERSION = "8.8.0"
TYPE_VERSIONS = {
    "dashboard": "8.9.0",
    "index-pattern": "8.0.0",
    "lens": "8.9.0",
    "map": "8.4.0",
    "search": "8.0.0",
    "tag": "8.0.0",
    "visualization": "8.5.0",
}


def saved_object(
    kind: str, object_id: str, attributes: JsonObject, references: Iterable[JsonObject] = (), *, managed: bool = False
) -> JsonObject:
    """Put a saved object together, stamped with the versions of its type."""
    return {
        "id": object_id,
        "type": kind,
        "attributes": attributes,
        "references": list(references),
        "coreMigrationVersion": CORE_VERSION,
        "typeMigrationVersion": TYPE_VERSIONS[kind],
        "managed": managed,
    }
