"""What a page or a picture shows: the objects as they are now, and who answers their questions."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo

from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.asking import Executor, Source
from kibana_builder.preview.library import Library

__all__ = ["Stage"]


def _now_ms() -> int:
    return int(time.time() * 1000)


@dataclass(frozen=True)
class Stage:
    """`library` and `version` are asked anew for each request; `version` changes when the library does."""

    library: Callable[[], Library]
    version: Callable[[], str]
    executor: Executor
    notes: str = ""
    """What people should know of the data: whose it is, or that it is made up."""
    zone: tzinfo = UTC
    now_ms: Callable[[], int] = _now_ms
    time_range: tuple[str, str] | None = None
    """Takes the place of what the dashboards say, where it is given."""

    def sources(self) -> Mapping[str, Source]:
        """Give what queries need of each data view, by its id."""
        return {
            name: Source(view.pattern, view.time_field, self.executor.fields(view.pattern))
            for name, view in self.library().data_views.items()
        }

    def fixed_range(self) -> JsonObject | None:
        """Give the times in place of those of the dashboards, as a dashboard writes them."""
        return None if self.time_range is None else {"from": self.time_range[0], "to": self.time_range[1]}
