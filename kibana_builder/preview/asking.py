"""What is asked of an executor for a panel, and what an executor is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Protocol

from kibana_builder.json_tree import JsonObject
from kibana_builder.kql import Fields
from kibana_builder.preview.answer import Answer, PanelError

__all__ = ["Executor", "Question", "Source"]


@dataclass(frozen=True)
class Source:
    """What a data view is for queries: the pattern of its indices, its time field, its fields with their types."""

    pattern: str
    time_field: str | None
    fields: Fields


@dataclass(frozen=True)
class Question:
    """One panel to be answered."""

    chart: JsonObject
    """The as-code chart in the official form."""
    sources: Mapping[str, Source]
    """The data views by what stands in `data_source.ref_id`."""
    time_range: tuple[int, int]
    """Epoch milliseconds, both ends included."""
    queries: tuple[JsonObject, ...] = ()
    """Queries (`{expression, language}`) of the dashboard, for layers that do not ignore global filters."""
    filters: tuple[JsonObject, ...] = ()
    """As-code filters of the dashboard and its controls, for the same layers."""
    zone: tzinfo = UTC


class Executor(Protocol):
    """Answers panels from somewhere."""

    def fields(self, pattern: str) -> Fields:
        """Give the fields of the indices that a pattern means."""
        ...

    def answer(self, questions: Sequence[Question]) -> list[Answer | PanelError]:
        """Give an answer for each question, in their order; what cannot be answered is a PanelError that names it."""
        ...
