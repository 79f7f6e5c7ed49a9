"""unknown-data-view: a data view that kbuild.yaml does not have.

A name with `*` or `,` is an index pattern where a data source stands. An id of Kibana that the project does not know
may well exist there: a UUID, or an id that looks like a pattern, as those that Kibana makes for itself, is a warning.

    data_source: ml-metrisc     # did you mean 'ml-metrics'?
"""

from __future__ import annotations

from collections.abc import Iterator

from kibana_builder.checks.unknown_reference import unknown_references
from kibana_builder.files.source import Place, Source
from kibana_builder.spec.shorthands import is_index_pattern


def find(source: Source) -> Iterator[Place]:
    for place, reference in unknown_references(source, "data_view", "kbuild.yaml has no data view"):
        if reference.official or not is_index_pattern(reference.word):
            yield place
