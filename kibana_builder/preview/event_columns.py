"""How events are held: which kind a field's values are of, and the tables of a pattern.

A store of events (the sandbox's) and the executor that asks it share these words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Protocol

from kibana_builder.json_tree import Json
from kibana_builder.kql import Fields

__all__ = [
    "IN_SQL",
    "EventColumn",
    "EventTable",
    "Events",
    "as_list",
    "kind_of",
    "matches",
    "nested_around",
    "sql_type",
    "wider_kind",
]

IN_SQL = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "BIGINT",
    "nested": "JSON",
    "ip": "VARCHAR",
}
"""The type of DuckDB for each kind of values."""


_KINDS = {
    **dict.fromkeys(("long", "integer", "short", "byte", "unsigned_long"), "integer"),
    **dict.fromkeys(("double", "float", "half_float", "scaled_float"), "number"),
    **dict.fromkeys(("date", "date_nanos"), "date"),
    "boolean": "boolean",
    "nested": "nested",
    "ip": "ip",
}


def kind_of(mapping_type: str) -> str:
    """Give how values of a mapping type are held: string, integer, number, boolean, date, nested or ip."""
    return _KINDS.get(mapping_type, "string")


def wider_kind(one: str, other: str) -> str:
    """Give the kind that takes the values of both."""
    if one == other:
        return one
    return "number" if {one, other} == {"integer", "number"} else "string"


def nested_around(name: str, nested: Iterable[str]) -> str | None:
    """Give the nested object that a field stands in, if it is in one."""
    return next((path for path in nested if name.startswith(f"{path}.")), None)


@dataclass(frozen=True)
class EventColumn:
    """A column of a table: its name there, its kind, and whether an event may have several values."""

    name: str
    kind: str
    many: bool = False


def sql_type(column: EventColumn) -> str:
    """Give the type of DuckDB for a column."""
    return IN_SQL[column.kind] + ("[]" if column.many else "")


def as_list(value: str) -> str:
    """Give the SQL of a list with one value, of none where there is none."""
    return f"CASE WHEN {value} IS NULL THEN NULL ELSE [{value}] END"


@dataclass(frozen=True)
class EventTable:
    """The events of one index: the table's name, and its columns by the names of the fields."""

    name: str
    columns: Mapping[str, EventColumn]
    made: Mapping[str, str] = field(default_factory=dict)
    """Fields whose values Elasticsearch would make of something else, so that they cannot be told here, and how."""


class Events(Protocol):
    """A store of events that answers SQL."""

    def tables(self, pattern: str) -> Sequence[EventTable]:
        """Give the tables of the indices that a pattern means."""
        ...

    def fields(self, pattern: str) -> Fields:
        """Give the fields of these indices."""
        ...

    def rows(self, sql: str, parameters: Mapping[str, Json]) -> list[tuple[Json, ...]]:
        """Run a statement that only reads. Raises KbuildError where it cannot be run to its end."""
        ...


def matches(pattern: str, index: str) -> bool:
    """Tell whether an index pattern (`a-*,b,-a-old`) means an index.

    >>> matches("ml-*,-ml-old", "ml-metrics"), matches("ml-*,-ml-old", "ml-old")
    (True, False)
    """
    found = False
    for part in pattern.split(","):
        name = part.strip()
        if name.startswith("-"):
            found = found and not fnmatchcase(index, _glob(name[1:]))
        elif fnmatchcase(index, _glob(name)):
            found = True
    return found


def _glob(name: str) -> str:
    return name.replace("[", "[[]").replace("?", "[?]")
