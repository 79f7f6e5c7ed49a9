"""The panels of a dashboard with their places, one list for each grid, and the charts that a file holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kibana_builder.files.source import Spec
from kibana_builder.json_tree import JsonObject, Path
from kibana_builder.spec.layout import Area, area
from kibana_builder.spec.shorthands import is_section

__all__ = ["PlacedPanel", "charts", "grids"]


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


def charts(spec: Spec) -> Iterator[tuple[JsonObject, Path]]:
    """Go through the charts of a file, each with its path.

    A copy of a visualization (`inline`) is left out: it is looked at in the visualization's own file.
    """
    if spec.kind == "visualization":
        yield spec.document, ()
    if spec.kind != "dashboard":
        return
    for index, item in enumerate(spec.document["panels"]):
        written = spec.file.value["panels"][index]
        path: Path = ("panels", index)
        if is_section(item):
            for number, panel in enumerate(item["panels"]):
                yield from _chart_of(panel, (*path, "panels", number), written["panels"][number])
        else:
            yield from _chart_of(item, path, written)


def _chart_of(panel: JsonObject, path: Path, written: JsonObject) -> Iterator[tuple[JsonObject, Path]]:
    if "type" in panel.get("config", ()) and "visualization" not in written:
        yield panel["config"], (*path, "config")
