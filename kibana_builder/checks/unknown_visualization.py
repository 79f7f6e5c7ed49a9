"""unknown-visualization: a panel of a visualization that the project does not have.

The name of a visualization is that of its file, without folder and ending. An id of Kibana's own (a UUID) may exist
there though the project does not have it: that is a warning.

    panels:
      - {visualization: latency-trendd}     # did you mean 'latency-trend'?
"""

from __future__ import annotations

from collections.abc import Iterator

from kibana_builder.checks.unknown_reference import unknown_references
from kibana_builder.files.source import Place, Source


def find(source: Source) -> Iterator[Place]:
    for place, _ in unknown_references(source, "visualization", "the project has no visualization"):
        yield place
