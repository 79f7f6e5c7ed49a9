"""A dashboard in parts: itself without panels, and each panel with the references that it needs.

Most of two dashboards that differ is the same to the letter; in parts only the rest has to be looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from kibana_builder.json_tree import JsonObject, compact, read_json
from kibana_builder.saved.references import as_references

__all__ = ["Panel", "Parts", "panel_index", "taken_apart", "with_panels"]


class Panel(NamedTuple):
    """An entry of `panelsJSON`, and those of the dashboard's references that are for it."""

    saved: JsonObject
    references: list[JsonObject]


class Parts(NamedTuple):
    """A dashboard with an empty `panelsJSON` and without the references of panels; and its panels."""

    settings: JsonObject
    panels: list[Panel]


def taken_apart(before: JsonObject, after: JsonObject) -> tuple[Parts, Parts] | None:
    """Take two dashboards apart; None where the panels of one, or the references that they need, cannot be told."""
    old, new = _panels(before), _panels(after)
    if old is None or new is None:
        return None
    known = {panel_index(panel) for panel in (*old, *new)}  # a reference may outlive its panel
    return _parts(before, old, known), _parts(after, new, known)


def with_panels(item: JsonObject, *panels: Panel) -> JsonObject:
    """Put panels into a dashboard that has none."""
    attributes = item.get("attributes", {}) | {"panelsJSON": compact([panel.saved for panel in panels])}
    references = [reference for panel in panels for reference in panel.references]
    return {**item, "attributes": attributes, "references": [*item.get("references", ()), *references]}


def panel_index(panel: JsonObject) -> str:
    """Give the index of a panel, by which references and readers know it."""
    return str(panel.get("panelIndex"))


def _panels(item: JsonObject) -> list[JsonObject] | None:
    attributes, references = item.get("attributes"), item.get("references") or []
    text = attributes.get("panelsJSON", "[]") if isinstance(attributes, dict) else None
    try:
        panels = read_json(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(panels, list) or not all(isinstance(panel, dict) for panel in panels):
        return None
    return panels if as_references(references) == references else None


def _parts(item: JsonObject, panels: Sequence[JsonObject], known: Collection[str]) -> Parts:
    owners: dict[str, list[JsonObject]] = {index: [] for index in known}
    named = {str(panel.get("panelRefName")): panel_index(panel) for panel in panels}
    settings: list[JsonObject] = []
    for reference in item.get("references") or ():
        owner = _owner(reference["name"], owners, named)
        (settings if owner is None else owners[owner]).append(reference)
    return Parts(
        {**item, "attributes": {**item["attributes"], "panelsJSON": "[]"}, "references": settings},
        [Panel(panel, owners[panel_index(panel)]) for panel in panels],
    )


def _owner(name: str, owners: Collection[str], named: Mapping[str, str]) -> str | None:
    """Tell which panel a reference is for: its index stands before the name, or (before 7.13) it has that name."""
    prefixes = (name[:at] for at, character in enumerate(name) if character == ":")
    return next((prefix for prefix in prefixes if prefix in owners), None) or named.get(name)
