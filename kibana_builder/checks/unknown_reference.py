"""What the three checks of references share: which words stand for nothing in the project."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Literal

from kibana_builder.files.source import Place, Source
from kibana_builder.problem import Finding
from kibana_builder.spec.nearest import did_you_mean
from kibana_builder.spec.references import Reference, references
from kibana_builder.spec.shorthands import is_index_pattern
from kibana_builder.spec.words import quoted

__all__ = ["unknown_references"]

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def unknown_references(
    source: Source, kind: Literal["data_view", "visualization", "dashboard"], message: str
) -> Iterator[tuple[Place, Reference]]:
    """Go through the references of one kind to what is neither a name nor an id of the project.

    What has the name of a file with errors is not missing. An id that Kibana may have chosen is a warning.
    """
    known = _names(source, kind)
    ids = frozenset(known.values())
    rule = f"unknown-{kind.replace('_', '-')}"
    for spec in source.selected:
        for reference in references(spec.kind, spec.file.value):
            word = reference.word
            if (
                reference.kind != kind
                or word in known
                or word in ids
                or (kind != "data_view" and word in source.broken)
            ):
                continue
            if reference.official and (_UUID.fullmatch(word) or is_index_pattern(word)):
                hint = "it has to be in Kibana already"
                finding = Finding(
                    rule, f"{message} with the id {quoted(word)}", reference.path, severity="warning", hint=hint
                )
            else:
                finding = Finding(rule, f"{message} {quoted(word)}", reference.path, hint=did_you_mean(word, known))
            yield Place(spec.file, finding), reference


def _names(source: Source, kind: str) -> Mapping[str, str]:
    if kind == "data_view":
        return source.names.data_views
    return source.names.dashboards if kind == "dashboard" else source.names.visualizations
