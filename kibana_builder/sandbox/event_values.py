"""Values of events as DuckDB reads them from JSON -> the columns that they are held in.

All of it is SQL that is put together: what is in the lines decides about columns, and columns about how values are
made of what is read. Names come from the events themselves, so each is quoted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kibana_builder.json_tree import Json
from kibana_builder.preview.event_columns import IN_SQL, EventColumn, as_list
from kibana_builder.preview.value_sql import all_items, below, items, quoted, text_literal, value_sql

__all__ = [
    "MIXED",
    "Leaf",
    "Looked",
    "Structure",
    "by_field",
    "cast_kind",
    "converted",
    "leaves_of",
    "look_into",
    "one_list",
    "taken_apart",
    "type_as_read",
]

MIXED = "mixed"
"""The kind of a leaf whose values are of several types: one has to look into them (look_into, taken_apart)."""

_INTEGERS = ("tinyint", "smallint", "integer", "bigint", "utinyint", "usmallint", "uinteger", "ubigint", "hugeint")
_NUMBERS = ("double", "float", "decimal")
_DATES = ("timestamp with time zone", "timestamp", "date", "timestamp_s", "timestamp_ms", "timestamp_ns")
Structure = list[tuple[str, Any]]
"""The fields of some events, with the types of DuckDB that fit all of their values."""


@dataclass(frozen=True)
class Leaf:
    """A value inside the events as they are read: its field, the SQL of it, and what kind it looks like."""

    field: str
    sql: str
    kind: str
    many: bool
    text: bool
    """Whether what is read is text, so that numbers and dates have to be made of it."""


def cast_kind(value: str, column: EventColumn, kind: str) -> str:
    def to(one: str) -> str:
        if kind == "string" and column.kind == "date":
            return f"strftime(make_timestamp({one} * 1000), '%Y-%m-%dT%H:%M:%S.%gZ')"
        return f"CAST({one} AS {IN_SQL[kind]})"

    return f"list_transform({value}, lambda v: {to('v')})" if column.many else to(value)


def leaves_of(structure: Sequence[tuple[str, Any]], nested: frozenset[str]) -> Iterator[Leaf]:
    for name, type_ in structure:
        yield from _inside(name, quoted(name), type_, nested, many=False)


def _inside(field: str, sql: str, type_: Any, nested: frozenset[str], *, many: bool) -> Iterator[Leaf]:
    """Take a type apart; inside of a list each value is computed for all of its items.

    Objects of a field that is `nested` stay whole.
    """
    kind: str = type_.id
    if field in nested:
        objects = items(f"to_json({sql})")
        yield Leaf(field, f"CASE WHEN {sql} IS NULL THEN NULL ELSE {objects} END", "nested", many=True, text=False)
    elif kind == "struct":
        for name, inner in type_.children:
            part = f"struct_extract({{}}, {text_literal(name)})"
            found = f"list_transform({sql}, lambda o: {part.format('o')})" if many else part.format(sql)
            yield from _inside(f"{field}.{name}", found, inner, nested, many=many)
    elif kind == "list":
        yield from _inside(field, f"flatten({sql})" if many else sql, type_.children[0][1], nested, many=True)
    elif str(type_) == "JSON":
        yield Leaf(field, sql, MIXED, many, text=True)
    elif str(type_) != '"NULL"':
        yield Leaf(field, sql, _looks_like(str(type_).lower()), many, _is_text(str(type_).lower()))


@dataclass(frozen=True)
class Looked:
    """What look_into found of a leaf's values: their types, the structure of objects among them, if there are lists."""

    types: Sequence[str | None] = ()
    structure: str | None = None
    lists: bool | None = False


def _items_of(leaf: Leaf) -> str:
    return all_items(leaf.sql) if leaf.many else items(leaf.sql)


def look_into(leaf: Leaf, source: str) -> str:
    """Give the query that looks into a leaf of several types; its row is a Looked.

    `source` is what the leaf is read from.
    """
    objects = "CASE WHEN json_type(o) = 'OBJECT' THEN o END"
    lists = "TRUE" if leaf.many else f"(SELECT bool_or(json_type({leaf.sql}) = 'ARRAY') FROM read)"  # noqa: S608
    return (
        f"WITH read AS MATERIALIZED (SELECT * FROM {source}) SELECT coalesce(list(DISTINCT json_type(o)), []), "  # noqa: S608
        f"json_group_structure({objects})::VARCHAR, {lists} FROM (SELECT unnest({_items_of(leaf)}) AS o FROM read)"
    )


def one_list(leaf: Leaf) -> Leaf:
    """Give a leaf whose values are those of the lists inside its lists."""
    return replace(leaf, sql=_items_of(leaf), many=True)


def taken_apart(leaf: Leaf, found: Looked) -> Iterator[Leaf]:
    """Give the leaves of a leaf of several types, by what look_into found."""
    if {*found.types} - {"NULL", None, "OBJECT"}:
        if found.lists:
            values = _texts(_items_of(leaf))
        else:
            values = f"CASE WHEN json_type({leaf.sql}) IN ('OBJECT', 'NULL') THEN NULL ELSE {leaf.sql} ->> '$' END"
        yield Leaf(leaf.field, values, "string", bool(found.lists), text=True)
    objects = json.loads(found.structure) if found.structure else None
    if isinstance(objects, dict):
        yield from _of_objects(leaf.field, _items_of(leaf), objects)


def _of_objects(field: str, sql: str, structure: Json) -> Iterator[Leaf]:
    """Take a list of JSON objects apart by the structure that they have together."""
    if isinstance(structure, dict):
        for name, inner in structure.items():
            yield from _of_objects(f"{field}.{name}", all_items(below(sql, name)), inner)
    elif isinstance(structure, list):
        yield from _of_objects(field, sql, structure[0] if structure else "NULL")
    elif structure != "NULL":
        yield Leaf(field, _texts(sql), _looks_like(structure.lower()), many=True, text=True)


def _texts(sql: str) -> str:
    """Give the texts of what is no object in a list of JSON."""
    scalars = f"list_filter({sql}, lambda i: json_type(i) NOT IN ('OBJECT', 'NULL'))"
    return f"list_transform({scalars}, lambda i: i ->> '$')"


def _looks_like(type_: str) -> str:
    if type_.startswith(_INTEGERS):
        return "integer"
    if type_.startswith(_NUMBERS):
        return "number"
    return "date" if type_ in _DATES else "boolean" if type_ == "boolean" else "string"


def _is_text(type_: str) -> bool:
    """Tell whether values are read as text: a whole number of more than 64 bits is, or it would lose digits."""
    return type_.startswith("hugeint") or not type_.startswith((*_INTEGERS, *_NUMBERS, "boolean"))


def type_as_read(type_: Any) -> str:
    """Give the type to read a field as: what it looks like, but dates and ids as the texts that they are."""
    kind: str = type_.id
    if kind == "struct":
        inner = ", ".join(f"{quoted(name)} {type_as_read(of)}" for name, of in type_.children if str(of) != '"NULL"')
        return f"STRUCT({inner})" if inner else "JSON"
    if kind == "list":
        inner_type = type_.children[0][1]
        return "JSON[]" if str(inner_type) == '"NULL"' else f"{type_as_read(inner_type)}[]"
    name = str(type_)
    if name == "JSON":
        return "JSON"
    return name if not _is_text(name.lower()) else "VARCHAR"


def by_field(leaves: Sequence[Leaf]) -> list[tuple[str, list[Leaf]]]:
    found: dict[str, list[Leaf]] = {}
    for leaf in leaves:
        found.setdefault(leaf.field, []).append(leaf)
    return list(found.items())


def converted(column: EventColumn, leaves: Sequence[Leaf], type_: str) -> str:
    """Give the SQL that makes the column's values of what is read; a value that does not fit is left out.

    `type_` is the field's mapping type: Elasticsearch computes with a `float` as it is held, in 32 bits.
    """
    values = [_as_column(column, leaf, type_) for leaf in leaves]
    if len(values) == 1:
        return values[0]
    return f"{'list_concat' if column.many else 'coalesce'}({', '.join(values)})"


def _as_column(column: EventColumn, leaf: Leaf, type_: str) -> str:
    sql = leaf.sql
    if column.kind == "nested":
        return sql
    if not leaf.many:
        value = value_sql(sql, column.kind, type_, text=leaf.text)
        return as_list(value) if column.many else value
    values = f"list_transform({sql}, lambda v: {value_sql('v', column.kind, type_, text=leaf.text)})"
    return f"CASE WHEN {sql} IS NULL THEN NULL ELSE list_filter({values}, lambda v: v IS NOT NULL) END"
