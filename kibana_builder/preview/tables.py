"""The rows of a layer -> the table that is drawn: computed columns, bucket words, pivots, folds and trends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from kibana_builder.json_tree import Json
from kibana_builder.kql import Fields
from kibana_builder.preview.answer import Column, Table
from kibana_builder.preview.answer_columns import shown_kind
from kibana_builder.preview.arithmetic import Computed, collapsed
from kibana_builder.preview.buckets import Row, rows_of
from kibana_builder.preview.formats import value_text
from kibana_builder.preview.plan import Layer
from kibana_builder.preview.query import Bucket, Filters, Histogram, Ranges, Rows, Special, Terms

__all__ = ["EMPTY", "table_of"]

Cells = list[tuple[tuple[Json, ...], tuple[Json, ...]]]
"""Rows as `(keys, values)`."""

EMPTY = "(empty)"


def table_of(layer: Layer, found: Sequence[Rows], now_ms: int) -> Table:
    """Make the table of a layer of what came for its query and, behind it, for its trend's."""
    cells = _cells(layer, found[0], now_ms)
    groups = list(layer.groups)
    buckets = list(layer.query.buckets)
    values = [column for _, column in layer.shown]
    if layer.trend is not None:
        values.append(Column("trend", "Trend", "number"))
        cells = _with_trend(cells, layer.trend, found[1], now_ms)
    for index in sorted(layer.collapse, reverse=True):
        cells = collapsed(cells, index, layer.collapse[index])
        del groups[index], buckets[index]
    fields = layer.query.fields
    words = [_words(bucket, found[0], column, fields) for bucket, column in zip(buckets, groups, strict=True)]
    said = [(tuple(word(key) for word, key in zip(words, keys, strict=True)), row) for keys, row in cells]
    if layer.part.pivots:
        return _pivoted(groups, values, said, layer.part.pivots)
    order = _order(groups, layer.part.order)
    return Table(
        (*(groups[index] for index in order), *values),
        tuple((*(keys[index] for index in order), *row) for keys, row in said),
    )


def _cells(layer: Layer, found: Rows, now_ms: int) -> Cells:
    rows: list[Row] = rows_of(layer.query, found)
    computed = Computed(layer.query, rows, layer.columns, layer.base, now_ms)
    columns = [_joined(computed.values(column_id), column) for column_id, column in layer.shown]
    return [(row.keys, tuple(column[place] for column in columns)) for place, row in enumerate(rows)]


def _joined(values: list[Json], column: Column) -> list[Json]:
    """Write last values that are several in one cell."""
    return [
        ", ".join(value_text(one, column.format, column.kind) for one in value) if isinstance(value, tuple) else value
        for value in values
    ]


def _order(groups: Sequence[Column], places: tuple[str, ...]) -> list[int]:
    if not places:
        return list(range(len(groups)))
    return sorted(range(len(groups)), key=lambda index: places.index(groups[index].place))


def _with_trend(cells: Cells, trend: Layer, found: Rows, now_ms: int) -> Cells:
    series: dict[tuple[Json, ...], list[Json]] = {}
    for keys, values in _cells(trend, found, now_ms):
        series.setdefault(keys[:-1], []).append(values[0])
    return [(keys, (*values, series.get(keys, []))) for keys, values in cells]


def _words(bucket: Bucket, found: Rows, column: Column, fields: Fields) -> Callable[[Json], Json]:
    """Give what turns the keys of a bucket into the words and numbers that Kibana shows."""
    match bucket:
        case Filters(filters=several):
            return lambda key: several[key][0]
        case Ranges(ranges=ranges):
            names = [label or _range_words(low, high, column) for low, high, label in ranges]
            return lambda key: names[key]
        case Histogram():
            return lambda key: key * found.width
        case Terms(fields=names) if len(names) > 1:
            kinds = [shown_kind(fields[name].type) if name in fields else "string" for name in names]
            return lambda key: key.value if isinstance(key, Special) else _terms(key, kinds)
    return _term


def _term(key: Json) -> Json:
    if isinstance(key, Special):
        return key.value
    return EMPTY if key == "" else key


def _terms(key: tuple[Json, ...], kinds: Sequence[str]) -> str:
    """Write the values of several fields, each as its own field's are written."""
    return " › ".join(value_text(_term(part), None, kind) for part, kind in zip(key, kinds, strict=True))


def _range_words(low: float | None, high: float | None, column: Column) -> str:
    begin = "-∞" if low is None else value_text(low, column.format)
    end = "+∞" if high is None else value_text(high, column.format)
    return f"{begin} → {end}"


def _pivoted(groups: list[Column], values: list[Column], cells: Cells, pivots: tuple[str, ...]) -> Table:
    """Turn buckets into columns: one for each of their values (outer before inner) and each metric."""
    apart = [index for index, column in enumerate(groups) if column.place in pivots]
    kept = [index for index in range(len(groups)) if index not in apart]
    heads = list(dict.fromkeys(tuple(keys[index] for index in apart) for keys, _ in cells))
    by_row: dict[tuple[Json, ...], dict[tuple[Json, ...], tuple[Json, ...]]] = {}
    for keys, row in cells:
        by_row.setdefault(tuple(keys[index] for index in kept), {})[tuple(keys[index] for index in apart)] = row
    columns = [
        replace(
            column,
            place=f"{column.place}[{number}]",
            label=" › ".join([*_head_words(head, [groups[index] for index in apart]), column.label]),
        )
        for number, head in enumerate(heads)
        for column in values
    ]
    rows = [
        (*keys, *(value for head in heads for value in of.get(head, (None,) * len(values))))
        for keys, of in by_row.items()
    ]
    return Table((*(groups[index] for index in kept), *columns), tuple(rows))


def _head_words(head: tuple[Json, ...], columns: Sequence[Column]) -> list[str]:
    return [value_text(value, column.format, column.kind) for value, column in zip(head, columns, strict=True)]
