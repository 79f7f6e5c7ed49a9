"""Saved objects as things to look at: dashboards, visualizations and data views by their ids.

Everything that is shown comes through here, whether it was applied to the sandbox or compiled from YAML a moment ago:
what the page draws is what Kibana would get.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.saved.decompile import Decompiled, decompile

__all__ = ["DataView", "Library", "library_of"]


@dataclass(frozen=True)
class DataView:
    """What a data view is for queries: the pattern of its indices, and its time field if it has one."""

    id: str
    title: str
    pattern: str
    time_field: str | None


@dataclass(frozen=True)
class Library:
    """The objects by id; `objects` are the saved objects themselves, by type and id."""

    dashboards: Mapping[str, Decompiled] = field(default_factory=dict)
    visualizations: Mapping[str, Decompiled] = field(default_factory=dict)
    data_views: Mapping[str, DataView] = field(default_factory=dict)
    objects: Mapping[tuple[str, str], JsonObject] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    """What is wrong with objects that are not there, by id, in words for people; by "" what is wrong with all."""


def library_of(objects: Sequence[JsonObject], problems: Mapping[str, str] | None = None) -> Library:
    """Read saved objects; what is no dashboard, visualization or data view is left out."""
    found = decompile(objects)
    return Library(
        dashboards={made.id: made for made in found if made.kind == "dashboard"},
        visualizations={made.id: made for made in found if made.kind == "visualization"},
        data_views={one["id"]: _data_view(one) for one in objects if one.get("type") == "index-pattern"},
        objects={(one["type"], one["id"]): one for one in objects},
        problems=problems or {},
    )


def _data_view(item: JsonObject) -> DataView:
    attributes: JsonObject = item.get("attributes", {})
    pattern = _text(attributes.get("title")) or item["id"]
    return DataView(
        item["id"], _text(attributes.get("name")) or pattern, pattern, _text(attributes.get("timeFieldName"))
    )


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None
