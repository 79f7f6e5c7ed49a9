"""The panels of a dashboard with their places, one list for each grid: the dashboard's, and one for each section."""

from __future__ import annotations

from typing import NamedTuple

from kibana_builder.json_tree import Path
from kibana_builder.spec.layout import Area, area
from kibana_builder.spec.load import Spec
from kibana_builder.spec.shorthands import is_section

__all__ = ["PlacedPanel", "grids"]


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
