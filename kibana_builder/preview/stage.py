"""What a page or a picture shows: the objects as they are now, and who answers their questions."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo

from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.answer import Answer, Table
from kibana_builder.preview.asking import Executor, Question, Source
from kibana_builder.preview.library import Library

__all__ = ["Stage", "span_of"]


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


def span_of(executor: Executor, library: Library) -> tuple[float, float] | None:
    """Give the first and the last moment of the events of all data views, in epoch milliseconds; None without any."""
    questions = [
        Question(
            _ends(name, view.time_field), {name: Source(view.pattern, None, executor.fields(view.pattern))}, (0, 0)
        )
        for name, view in library.data_views.items()
        if view.time_field is not None
    ]
    tables = [layer for answer in executor.answer(questions) if isinstance(answer, Answer) for layer in answer.layers]
    moments = [one for table in tables if isinstance(table, Table) for one in table.rows[0] if one is not None]
    return (min(moments), max(moments)) if moments else None


def _ends(view: str, field: str) -> JsonObject:
    metrics = [{"operation": operation, "field": field} for operation in ("min", "max")]
    source = {"type": "data_view_reference", "ref_id": view}
    return {"type": "data_table", "data_source": source, "metrics": metrics}
