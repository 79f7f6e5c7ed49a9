"""unknown-dashboard: a drilldown to a dashboard that the project does not have.

The name of a dashboard is that of its file, without folder and ending. An id of Kibana's own (a UUID) may exist there
though the project does not have it: that is a warning.

    drilldowns:
      - {type: dashboard_drilldown, dashboard_id: ml-model-detial, ...}     # did you mean 'ml-model-detail'?
"""

from __future__ import annotations

from collections.abc import Iterator

from kibana_builder.checks.unknown_reference import unknown_references
from kibana_builder.files.source import Place, Source


def find(source: Source) -> Iterator[Place]:
    for place, _ in unknown_references(source, "dashboard", "the project has no dashboard"):
        yield place
