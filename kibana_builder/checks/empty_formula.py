"""empty-formula: a formula without a text. A warning: Kibana draws nothing in its place, and says nothing.

Charts that programs made have such formulas; an export keeps them.

    metric: {operation: formula, formula: ""}
"""

from __future__ import annotations

from collections.abc import Iterator

from kibana_builder.checks.panels import charts
from kibana_builder.files.source import Place, Source
from kibana_builder.json_tree import objects_below
from kibana_builder.problem import Finding


def find(source: Source) -> Iterator[Place]:
    for spec in source.selected:
        for chart, path in charts(spec):
            for node, where in objects_below(chart, path):
                if node.get("operation") == "formula" and node.get("formula") == "":
                    at = (*where, "formula")
                    finding = Finding("empty-formula", "an empty formula shows nothing", at, severity="warning")
                    yield Place(spec.file, finding)
