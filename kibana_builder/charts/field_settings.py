"""Fields of a data view that exists for one chart alone: the as-code `field_settings` <-> maps of its specification.

Kibana keeps what a field is called, how it is written and how it is computed in three maps by the field's name.
"""

from __future__ import annotations

from copy import deepcopy

from kibana_builder.charts.mapping import Row, UnsayableError, from_lens, to_lens
from kibana_builder.json_tree import JsonObject

__all__ = ["field_settings_from_lens", "field_settings_to_lens"]

MAPS = {
    "fieldAttrs": (
        Row(("custom_label",), ("customLabel",)),
        Row(("custom_description",), ("customDescription",)),
    ),
    "fieldFormats": (
        Row(("format", "type"), ("id",)),
        Row(("format", "params"), ("params",)),
    ),
    "runtimeFieldMap": (
        Row(("type",), ("type",)),
        Row(("script",), ("script", "source")),
    ),
}


def field_settings_to_lens(settings: JsonObject) -> JsonObject:
    """Return the three maps, each with the fields of which it says something; they share nothing with the settings."""
    maps: JsonObject = {}
    settings = deepcopy(settings)
    for key, rows in MAPS.items():
        maps[key] = {name: kept for name, said in settings.items() if (kept := to_lens(rows, said))}
    return maps


def field_settings_from_lens(data_view: JsonObject) -> JsonObject:
    """Read the three maps back. Raises UnsayableError for a runtime field of several fields."""
    settings: JsonObject = {}
    for key, rows in MAPS.items():
        for name, kept in (data_view.get(key) or {}).items():
            if key == "runtimeFieldMap" and kept.get("type") == "composite":
                raise UnsayableError("a runtime field of several fields")
            if said := from_lens(rows, kept):
                settings.setdefault(name, {}).update(said)
    for said in settings.values():
        if "format" in said:
            said["format"].setdefault("params", {})
    return settings
