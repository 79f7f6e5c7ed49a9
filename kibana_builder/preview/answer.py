"""What an executor answers for a panel, and what the drawings are made of."""

from __future__ import annotations

from dataclasses import dataclass

from kibana_builder.json_tree import Json, JsonObject

__all__ = ["Answer", "Column", "PanelError", "Table"]


@dataclass(frozen=True)
class Column:
    """A column of rows: which part of the chart it answers, and how its values are to be written."""

    place: str
    """Where it stands in the as-code chart: `x`, `y[0]`, `breakdown_by`, `metric`, `min`, `rows[0]`, `metrics[1]` …"""
    label: str
    """What Kibana calls it: its own label, else Kibana's words (`Median of inference_time_ms`)."""
    kind: str
    """`date`, `number`, `string`, `boolean`, `range`, `filter` or `ip`."""
    format: JsonObject | None = None
    """The as-code number format; None for the field's own."""
    field: str | None = None
    """The field behind a bucket, by which a click filters."""


@dataclass(frozen=True)
class Table:
    """Columns and rows: dates in epoch milliseconds (UTC), missing values None, numbers not rounded."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Json, ...], ...]

    def index(self, place: str) -> int | None:
        """Give which column answers a part of the chart; None if none does."""
        return next((index for index, column in enumerate(self.columns) if column.place == place), None)


@dataclass(frozen=True)
class PanelError:
    """A panel, or a layer of one, that cannot be answered; the message names the feature."""

    message: str


@dataclass(frozen=True)
class Answer:
    """What a panel was asked and what came: a table for each layer of the chart, in the chart's order."""

    layers: tuple[Table | PanelError, ...]
    time_range: tuple[float, float]
    """Epoch milliseconds."""
    interval: str | None
    """The length of the date histogram's buckets (`30m`), if there is one."""
    request: Json
    """What the executor was asked, for people who inspect the panel."""
    took_ms: float
    now_ms: float | None = None
    """The moment it was asked for, in epoch milliseconds; None where nobody said."""
