"""empty-formula: a formula without a text. A warning: Kibana draws nothing in its place, and says nothing.

Charts that programs made have such formulas; an export keeps them.

    metric: {operation: formula, formula: ""}
"""

from __future__ import annotations

from collections.abc import Iterator

from kibana_builder.checks.panels import charts
from kibana_builder.files.source import Place, Source
from kibana_builder.json_tree import Json, Path
from kibana_builder.problem import Finding


def find(source: Source) -> Iterator[Place]:
    for spec in source.selected:
        for chart, path in charts(spec):
            for where in _empty(chart, path):
                finding = Finding("empty-formula", "an empty formula shows nothing", where, severity="warning")
                yield Place(spec.file, finding)


def _empty(said: Json, path: Path) -> Iterator[Path]:
    if isinstance(said, list):
        for index, entry in enumerate(said):
            yield from _empty(entry, (*path, index))
    elif isinstance(said, dict):
        if said.get("operation") == "formula" and said.get("formula") == "":
            yield (*path, "formula")
        for key, value in said.items():
            yield from _empty(value, (*path, key))
