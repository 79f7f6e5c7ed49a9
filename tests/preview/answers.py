"""Answers as an executor gives them, written by hand."""

from __future__ import annotations

from collections.abc import Sequence

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.answer import Answer, Column, PanelError, Table

FROM = 1795348800000  # 2026-11-22T12:00:00Z
HOUR = 3_600_000


def column(
    place: str, label: str, kind: str = "number", number_format: JsonObject | None = None, field: str | None = None
) -> Column:
    return Column(place, label, kind, number_format, field)


def table(columns: Sequence[Column], rows: Sequence[Sequence[Json]]) -> Table:
    return Table(tuple(columns), tuple(tuple(row) for row in rows))


def answer(*layers: Table | PanelError, interval: str | None = None, hours: int = 4) -> Answer:
    return Answer(layers, (FROM, FROM + hours * HOUR), interval, None, 1.0)
