"""kql-syntax: a query that is no KQL: Kibana shows an error in the panel's place, or above the whole dashboard.

Looked at are the queries and filters of dashboards, panels, charts and operations, and `kql=` in formulas; not those
in the `lucene` language, nor what is kept raw.

    query: "error: true and (model: a or model: b"
"""

from __future__ import annotations

from collections.abc import Iterator

from kibana_builder.charts.formula_functions import formula_filters
from kibana_builder.files.source import Place, Source
from kibana_builder.json_tree import JsonObject, Path, objects_below
from kibana_builder.kql import KqlError, parse
from kibana_builder.problem import Finding

RAW = ("saved_object", "raw")


def find(source: Source) -> Iterator[Place]:
    for spec in source.selected:
        for text, path in _queries(spec.document):
            try:
                parse(text)
            except KqlError as error:
                where = f"at character {error.at + 1} of the query {error.excerpt!r}"
                yield Place(spec.file, Finding("kql-syntax", f"{error.why}, {where}", path))


def _queries(document: JsonObject) -> Iterator[tuple[str, Path]]:
    """Go through the KQL texts of a document, each with its path."""
    for node, path in objects_below(document, without=RAW):
        if isinstance(node.get("expression"), str) and node.get("language", "kql") == "kql":
            yield node["expression"], (*path, "expression")
        if node.get("operation") == "formula":
            yield from ((text, (*path, "formula")) for text in formula_filters(node["formula"]))
