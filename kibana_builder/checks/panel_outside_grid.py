"""panel-outside-grid: a panel that reaches over the right edge of the grid, which has 48 columns.

Kibana would push it to where it fits, so that the dashboard looks different from what the file says.

    grid: {x: 36, y: 0, w: 24, h: 8}     # columns 36 to 59
"""

from __future__ import annotations

from collections.abc import Iterator

from kibana_builder.checks.panels import grids
from kibana_builder.files.source import Place, Source
from kibana_builder.problem import Finding
from kibana_builder.spec.layout import COLUMNS
from kibana_builder.spec.words import quoted


def find(source: Source) -> Iterator[Place]:
    for spec in source.selected:
        for grid in grids(spec):
            for panel in grid:
                if panel.area.right > COLUMNS:
                    message = f"the panel {quoted(panel.id)} ends at column {panel.area.right}, the grid at {COLUMNS}"
                    hint = f"x + w must be at most {COLUMNS}"
                    yield Place(spec.file, Finding("panel-outside-grid", message, (*panel.path, "grid"), hint=hint))
