"""What a spec refers to by name or id: data views, visualizations, dashboards, each with its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from kibana_builder.json_tree import Json, JsonObject, Path
from kibana_builder.spec.shorthands import Kind, is_section

__all__ = ["Reference", "raw_references", "references"]


class Reference(NamedTuple):
    """One reference. `official` tells that the word stands where the Dashboards API wants an id.

    `inline` marks a visualization that is copied instead of referred to.
    """

    kind: Literal["data_view", "visualization", "dashboard"]
    word: str
    path: Path
    official: bool
    inline: bool = False


def references(kind: Kind, value: JsonObject) -> Iterator[Reference]:
    """Go through the references of a spec value that the schema check accepts, in the order of the file."""
    if kind == "visualization":
        yield from _of_chart(value, ())
    if kind != "dashboard":
        return
    yield from _of_filters(value, ())
    for index, control in enumerate(value.get("pinned_panels", ())):
        yield from _of_panel(control, ("pinned_panels", index))
    for index, item in enumerate(value["panels"]):
        if is_section(item):
            for inner, panel in enumerate(item.get("panels", ())):
                yield from _of_panel(panel, ("panels", index, "panels", inner))
        else:
            yield from _of_panel(item, ("panels", index))


def raw_references(kind: Kind, value: JsonObject) -> Iterator[tuple[str, str]]:
    """Go through what the raw parts of a spec value refer to: type and id, as Kibana has them."""
    if kind == "saved_object":
        yield from _of_raw(value["saved_object"])
        return
    yield from _of_raw(value, "raw_references")
    for item in value.get("panels", ()):
        for panel in item.get("panels", ()) if is_section(item) else (item,):
            yield from _of_raw(panel.get("saved_object", {}))
            yield from _of_raw(panel.get("config", {}), "raw_references")


def _of_raw(owner: JsonObject, key: str = "references") -> Iterator[tuple[str, str]]:
    for entry in owner.get(key, ()):
        if isinstance(entry, dict) and isinstance(entry.get("type"), str) and isinstance(entry.get("id"), str):
            yield entry["type"], entry["id"]


def _of_panel(panel: JsonObject, path: Path) -> Iterator[Reference]:
    config = panel.get("config", {})
    if "visualization" in panel:
        inline = bool(panel.get("inline"))
        yield Reference("visualization", panel["visualization"], (*path, "visualization"), False, inline)
    elif panel.get("type") == "vis" and "ref_id" in config:
        yield Reference("visualization", config["ref_id"], (*path, "config", "ref_id"), True)
    if "data_view_id" in config:
        yield Reference("data_view", config["data_view_id"], (*path, "config", "data_view_id"), True)
    yield from _of_chart(config, (*path, "config"))


def _of_chart(chart: JsonObject, path: Path) -> Iterator[Reference]:
    if "data_source" in chart:
        yield from _of_data_source(chart["data_source"], (*path, "data_source"))
    yield from _of_filters(chart, path)
    for index, layer in enumerate(chart.get("layers", ())):
        if "data_source" in layer:
            yield from _of_data_source(layer["data_source"], (*path, "layers", index, "data_source"))
    for index, drilldown in enumerate(chart.get("drilldowns", ())):
        if "dashboard_id" in drilldown:
            where = (*path, "drilldowns", index, "dashboard_id")
            yield Reference("dashboard", drilldown["dashboard_id"], where, True)


def _of_data_source(source: Json, path: Path) -> Iterator[Reference]:
    if isinstance(source, str):
        yield Reference("data_view", source, path, False)
    elif source.get("type") == "data_view_reference":
        yield Reference("data_view", source["ref_id"], (*path, "ref_id"), True)


def _of_filters(owner: JsonObject, path: Path) -> Iterator[Reference]:
    for index, condition in enumerate(owner.get("filters", ())):
        if "data_view_id" in condition:
            yield Reference("data_view", condition["data_view_id"], (*path, "filters", index, "data_view_id"), True)
