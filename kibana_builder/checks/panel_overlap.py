"""panel-overlap: two panels that stand on the same cells of the grid.

Kibana would move one of them, so that the dashboard looks different from what the file says.

    - {visualization: latency, grid: {x: 0, y: 0, w: 24, h: 8}}
    - {visualization: errors, grid: {x: 20, y: 4, w: 24, h: 8}}
"""

from __future__ import annotations

from collections.abc import Iterator

from kibana_builder.checks.panels import PlacedPanel, grids
from kibana_builder.files.source import Place, Source
from kibana_builder.problem import Finding
from kibana_builder.spec.words import quoted


def find(source: Source) -> Iterator[Place]:
    for spec in source.selected:
        for grid in grids(spec):
            for index, panel in enumerate(grid):
                other = _first_under(panel, grid[:index])
                if other is not None:
                    message = f"the panel {quoted(panel.id)} overlaps the panel {quoted(other.id)}"
                    yield Place(spec.file, Finding("panel-overlap", message, (*panel.path, "grid")))


def _first_under(panel: PlacedPanel, others: list[PlacedPanel]) -> PlacedPanel | None:
    return next((other for other in others if other.area.overlaps(panel.area)), None)
