"""Raw objects: what a `saved_object` file says <-> the object itself, of any type."""

from __future__ import annotations

from kibana_builder.json_tree import JsonObject
from kibana_builder.saved.normal_form import envelope_noise
from kibana_builder.saved.raw import closed, opened

__all__ = ["from_raw_object", "to_raw_object"]

_FIRST = ("type", "id", "attributes", "references")
_STAMPS = {"coreMigrationVersion", "typeMigrationVersion", "migrationVersion"}


def to_raw_object(document: JsonObject) -> JsonObject:
    """Make the saved object: it keeps its own version stamps, so that Kibana migrates it from there."""
    return {"references": [], **closed(document["saved_object"])}


def from_raw_object(item: JsonObject) -> JsonObject:
    """Return the document of a saved object: all of it but noise, the JSON in its strings opened."""
    noise = envelope_noise() - _STAMPS
    said = {key: value for key, value in item.items() if key not in noise}
    for key, unsaid in (("managed", False), ("references", None)):
        if key in said and said[key] is unsaid:
            del said[key]
    first = {key: said[key] for key in _FIRST if key in said}
    return {"saved_object": opened({**first, **said})}
