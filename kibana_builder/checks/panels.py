"""The panels of a dashboard with their places, one list for each grid, and the charts that a file holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kibana_builder.files.source import Spec
from kibana_builder.json_tree import JsonObject, Path
from kibana_builder.spec.layout import Area, area
from kibana_builder.spec.shorthands import is_section

__all__ = ["PlacedPanel", "charts", "each_panel", "grids"]


class PlacedPanel(NamedTuple):
    """A panel's id, its place and its path in the file."""

    id: str
    area: Area
    path: Path


def grids(spec: Spec) -> list[list[PlacedPanel]]:
    """Give the panels of each grid of a dashboard; a visualization has none."""
    if spec.kind != "dashboard":
        return []
    outer: list[PlacedPanel] = []
    result = [outer]
    for index, item in enumerate(spec.document["panels"]):
        path: Path = ("panels", index)
        if is_section(item):
            inner = enumerate(item["panels"])
            result.append(
                [PlacedPanel(panel["id"], area(panel["grid"]), (*path, "panels", number)) for number, panel in inner]
            )
        else:
            outer.append(PlacedPanel(item["id"], area(item["grid"]), path))
    return result


def each_panel(dashboard: Spec) -> Iterator[tuple[Path, JsonObject, JsonObject]]:
    """Give each panel, those of sections too, with its path, as it is meant and as the file says it."""
    written = dashboard.file.value["panels"]
    for index, item in enumerate(dashboard.document["panels"]):
        if is_section(item):
            for number, panel in enumerate(item["panels"]):
                yield ("panels", index, "panels", number), panel, written[index]["panels"][number]
        else:
            yield ("panels", index), item, written[index]


def charts(spec: Spec) -> Iterator[tuple[JsonObject, Path]]:
    """Go through the charts of a file, each with its path.

    A copy of a visualization (`inline`) is left out: it is looked at in the visualization's own file.
    """
    if spec.kind == "visualization":
        yield spec.document, ()
    if spec.kind == "dashboard":
        for path, panel, written in each_panel(spec):
            if "type" in panel.get("config", ()) and "visualization" not in written:
                yield panel["config"], (*path, "config")
