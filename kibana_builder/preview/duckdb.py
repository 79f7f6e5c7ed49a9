"""Answers panels from a store of events by DuckDB's SQL.

All numbers are exact, percentiles too: Elasticsearch's are exact for few values and estimates for many (its t-digest),
so that the two differ by some per mille of the range of values; the same holds for the count of unique values beyond
3,000. A percentile between two values is interpolated, as Elasticsearch does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from kibana_builder.date_math import now_ms
from kibana_builder.errors import KbuildError
from kibana_builder.json_tree import Json
from kibana_builder.kql import Fields
from kibana_builder.preview.answer import Answer, PanelError
from kibana_builder.preview.answering import answers
from kibana_builder.preview.asking import Question
from kibana_builder.preview.duckdb_sql import Statement, extent_statement, statement
from kibana_builder.preview.event_columns import Events, EventTable
from kibana_builder.preview.query import (
    Histogram,
    Key,
    Metric,
    Query,
    Rows,
    Special,
    Terms,
    Unanswerable,
)
from kibana_builder.preview.value_sql import address_text

__all__ = ["DuckExecutor"]


class DuckExecutor:
    """An executor over a store of events; `now_ms` is what `now` means in filters on dates."""

    def __init__(self, events: Events, now_ms: Callable[[], int] = now_ms) -> None:
        self._events = events
        self._now_ms = now_ms

    def answer(self, questions: Sequence[Question]) -> list[Answer | PanelError]:
        """Give an answer for each question, in their order."""
        return answers(questions, self._run, self.fields)

    def fields(self, pattern: str) -> Fields:
        """Give the fields of an index pattern."""
        return self._events.fields(pattern)

    def _run(self, queries: Sequence[Query]) -> list[Rows | Unanswerable]:
        return [self._one(query) for query in queries]

    def _one(self, query: Query) -> Rows | Unanswerable:
        try:
            return self._rows(query)
        except Unanswerable as error:
            return error
        except KbuildError as error:
            return Unanswerable(str(error))

    def _rows(self, query: Query) -> Rows:
        tables = self._events.tables(query.pattern)
        now_ms = self._now_ms()
        found = Rows()
        if not tables:
            return found
        self._measure(query, tables, found, now_ms)
        asked: list[Json] = []
        for shift in query.shifts:
            made = statement(query, tables, shift, found.width, now_ms)
            found.of_shift[shift] = self._shift(query, made)
            asked.append({"sql": made.sql, "parameters": dict(made.parameters)})
        found.asked = asked
        return found

    def _measure(self, query: Query, tables: Sequence[EventTable], found: Rows, now_ms: int) -> None:
        """Choose the width of a numeric histogram's buckets by the values that there are."""
        for bucket in query.buckets:
            if isinstance(bucket, Histogram):
                made = extent_statement(query, tables, bucket.field, now_ms)
                low, high = self._events.rows(made.sql, made.parameters)[0]
                if low is not None:
                    found.measure(bucket, low, high)

    def _shift(self, query: Query, made: Statement) -> dict[Key, tuple[Json, ...]]:
        levels = len(query.buckets)
        converters = [_converter(query, made, level) for level in range(levels)]
        readers = [_reader(metric, made) for metric in made.metrics]
        rows: dict[Key, tuple[Json, ...]] = {}
        for row in self._events.rows(made.sql, made.parameters):
            depth = row[2 * levels]
            known = converters if depth is None else converters[:depth]
            key = tuple(convert(row[level], row[levels + level]) for level, convert in enumerate(known))
            if depth is None:
                rows[key] = tuple(read(value) for read, value in zip(readers, row[2 * levels + 1 :], strict=True))
            else:
                rows.setdefault(key, ())
        return rows


def _converter(query: Query, made: Statement, level: int) -> Callable[[Json, int], Json]:
    """Give what turns a key of SQL into the query's."""
    bucket = query.buckets[level]
    if isinstance(bucket, Terms):
        readers = [_as_held(made.kinds.get(name)) for name in bucket.fields]
        return lambda key, flag: _term(key, flag, readers)
    return lambda key, _: key


def _term(key: Json, flag: int, readers: Sequence[Callable[[Json], Json]]) -> Json:
    if flag:
        return Special.MISSING if flag == 1 else Special.OTHER
    if isinstance(key, dict):
        return tuple(read(value) for read, value in zip(readers, key.values(), strict=True))
    return readers[0](key)


def _reader(metric: Metric, made: Statement) -> Callable[[Json], Json]:
    """Give what turns a metric's value of SQL into the query's."""
    read = _as_held(made.kinds.get(metric.field or "") if metric.kind == "last_value" else None)
    return (lambda value: _several(value, read)) if metric.several else read


def _several(values: Json, read: Callable[[Json], Json]) -> Json:
    """Read a last value that may be several, of a field that may hold one only."""
    if not isinstance(values, list):
        return read(values)
    found = tuple(map(read, values))
    return found if len(found) > 1 else found[0] if found else None


def _as_held(kind: str | None) -> Callable[[Json], Json]:
    return _address if kind == "ip" else _same


def _same(value: Json) -> Json:
    """Give a value as it is, but none where a number cannot be told (the sum of the largest ones)."""
    return value if not isinstance(value, float) or math.isfinite(value) else None


def _address(key: Json) -> Json:
    return None if key is None else address_text(key)
