"""The names under which a saved object refers to others: Kibana finds a reference by its name alone."""

from __future__ import annotations

from collections.abc import Iterable

from kibana_builder.json_tree import Json, JsonObject

__all__ = ["as_references", "of_panel", "reference", "under_panel"]


def reference(kind: str, object_id: str, name: str) -> JsonObject:
    """Make one entry of a list of references."""
    return {"type": kind, "id": object_id, "name": name}


def under_panel(panel_index: str, references: Iterable[JsonObject]) -> list[JsonObject]:
    """Give a panel's references the names that they have on the dashboard: `<panelIndex>:<name>`."""
    return [{**entry, "name": f"{panel_index}:{entry['name']}"} for entry in references]


def of_panel(panel_index: str, references: Iterable[JsonObject]) -> list[JsonObject]:
    """Pick a panel's references from those of its dashboard, with the names that they have inside the panel."""
    prefix = f"{panel_index}:"
    return [
        {**entry, "name": entry["name"].removeprefix(prefix)}
        for entry in references
        if entry["name"].startswith(prefix)
    ]


def as_references(value: Json) -> list[JsonObject]:
    """Keep what is a reference of a value that ought to be a list of them (a file may hold anything)."""
    if not isinstance(value, list):
        return []
    return [
        entry
        for entry in value
        if isinstance(entry, dict) and all(isinstance(entry.get(key), str) for key in ("type", "id", "name"))
    ]
