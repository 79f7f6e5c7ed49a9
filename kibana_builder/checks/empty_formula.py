"""empty-formula: a formula without a text. A warning: Kibana draws nothing in its place, and says nothing.

Charts that programs made have such formulas; an export keeps them.

    metric: {operation: formula, formula: ""}
"""

from __future__ import annotations

from collections.abc import Iterator

from kibana_builder.checks.operations import operations, with_layers
from kibana_builder.checks.panels import charts
from kibana_builder.files.source import Place, Source
from kibana_builder.problem import Finding


def find(source: Source) -> Iterator[Place]:
    for spec in source.selected:
        for chart, path in charts(spec):
            for owner, where in with_layers(chart, path):
                for operation, at in operations(owner, where):
                    if operation.get("operation") == "formula" and operation.get("formula") == "":
                        said = "an empty formula shows nothing"
                        yield Place(spec.file, Finding("empty-formula", said, (*at, "formula"), severity="warning"))
