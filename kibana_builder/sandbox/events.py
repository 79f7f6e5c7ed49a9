"""The sandbox's events: a DuckDB database with one table for each index, on disk or in memory.

Events come as lines of JSON. Their objects are taken apart into fields with dots in their names, as Elasticsearch does;
a field's type is what an index template says, else what the first events have: a text is a keyword (and can be asked
for as `name.keyword` too), a text that looks like a date is a date. A field of which an event has several values is
held as a list. Threads may read and append at once.
"""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO

from kibana_builder.errors import KbuildError
from kibana_builder.json_tree import Json
from kibana_builder.kql import Fields, FieldType
from kibana_builder.preview.dsl_sql import quoted
from kibana_builder.preview.event_columns import EventColumn, EventTable, kind_of, matches

if TYPE_CHECKING:
    import duckdb

__all__ = ["Events", "EventsError", "Mappings"]

Mappings = Mapping[str, Mapping[str, str]]
"""Index patterns, and for each the mapping types of its fields by their full names."""

MEMORY = "200MB"
"""What DuckDB may take for itself; the rest of a larger statement goes to its folder."""

PART = 32 * 1024 * 1024
"""A file is read in parts of about so many bytes, or its columns would be held in memory at once."""

_KINDS_IN_SQL = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "BIGINT",
    "nested": "JSON",
}
_TYPES = {"string": "keyword", "integer": "long", "number": "double", "boolean": "boolean", "date": "date"}
"""The mapping type of a field that no template knows, by its kind."""
_INTEGERS = ("tinyint", "smallint", "integer", "bigint", "utinyint", "usmallint", "uinteger", "ubigint", "hugeint")
_NUMBERS = ("double", "float", "decimal")
_DATES = ("timestamp with time zone", "timestamp", "date", "timestamp_s", "timestamp_ms", "timestamp_ns")
_CATALOG = """
CREATE TABLE IF NOT EXISTS "#fields" (
    index_name VARCHAR, field VARCHAR, type VARCHAR, kind VARCHAR, many BOOLEAN, PRIMARY KEY (index_name, field)
)
"""


class EventsError(KbuildError):
    """Events that cannot be read; `line` is where, counted from 1, if a line is to blame."""

    def __init__(self, why: str, line: int | None = None) -> None:
        self.why = why
        self.line = line
        super().__init__(why if line is None else f"line {line} of the events {why}")


Structure = list[tuple[str, Any]]
"""The fields of some events, with the types of DuckDB that fit all of their values."""


@dataclass(frozen=True)
class _Leaf:
    """A value inside the events as they are read: its field, the SQL of it, and what kind it looks like."""

    field: str
    sql: str
    kind: str
    many: bool
    text: bool
    """Whether what is read is text, so that numbers and dates have to be made of it."""


class Events:
    """A store of events. `path` is the database's file, None keeps all in memory; close it, or use it in `with`."""

    def __init__(self, path: Path | None = None, mappings: Mappings | None = None) -> None:
        self._duckdb = _duckdb()
        self._mappings = mappings or {}
        self._folder = tempfile.TemporaryDirectory(prefix="kbuild-events-", dir=path.parent if path else None)
        try:
            self._connection = self._duckdb.connect(str(path) if path else ":memory:")
        except self._duckdb.Error as error:
            self._folder.cleanup()
            raise EventsError(f"the events in {path} cannot be opened: {_first_line(error)}") from None
        self._writing = threading.Lock()
        self._cached: dict[str, EventTable] = {}
        self._types: dict[str, dict[str, str]] = {}
        for setting, value in (
            ("memory_limit", MEMORY),
            ("temp_directory", self._folder.name),
            ("TimeZone", "UTC"),
            ("preserve_insertion_order", False),
        ):
            self._connection.execute(f"SET {setting} = ?", [value])
        self._connection.execute(_CATALOG)
        self._remember()

    def __enter__(self) -> Events:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the database's file free."""
        with self._writing:
            self._connection.close()
            self._folder.cleanup()

    # -------------------------------------------------------------------------------------------------- reading

    def indices(self) -> list[str]:
        """Name the indices that there are."""
        return sorted(self._cached)

    def tables(self, pattern: str) -> list[EventTable]:
        """Give the tables of the indices that a pattern means."""
        return [table for name, table in sorted(self._cached.items()) if matches(pattern, name)]

    def fields(self, pattern: str) -> Fields:
        """Give the fields of these indices, those of templates without events too."""
        found: dict[str, FieldType] = {}
        for declared, types in self._mappings.items():
            if _overlap(pattern, declared):
                found |= _with_nested(types)
        for table in self.tables(pattern):
            for name, type_ in self._types[table.name].items():
                found.setdefault(name, FieldType(type_))
                if type_ == "keyword" and name not in self._declared(table.name):
                    found.setdefault(f"{name}.keyword", FieldType("keyword"))
        return found

    def rows(self, sql: str, parameters: Mapping[str, Json] | None = None) -> list[tuple[Json, ...]]:
        """Run a statement that only reads."""
        with self._connection.cursor() as cursor:
            found: list[tuple[Json, ...]] = cursor.execute(sql, dict(parameters or {})).fetchall()
            return found

    def count(self, pattern: str = "*") -> int:
        """Count the events of the indices that a pattern means."""
        return sum(self.rows(f"SELECT count(*) FROM {quoted(table.name)}")[0][0] for table in self.tables(pattern))  # noqa: S608

    # -------------------------------------------------------------------------------------------------- writing

    def append(self, index: str, lines: Iterable[bytes]) -> int:
        """Add events, one line of JSON each, and give how many. Raises EventsError, and then none is added."""
        with tempfile.NamedTemporaryFile(dir=self._folder.name, suffix=".ndjson") as part:
            part.writelines(line.rstrip(b"\n") + b"\n" for line in lines)
            part.flush()
            return self._insert(index, Path(part.name), self._structure(Path(part.name)))

    def load(self, index: str, path: Path) -> int:
        """Add the events of a file, one line of JSON each, and give how many.

        Raises EventsError; a large file is read in parts, of which those before the broken one are kept.
        """
        try:
            if path.stat().st_size <= PART:
                return self._insert(index, path, self._structure(path))
            return self._load_parts(index, path)
        except OSError as error:
            raise EventsError(f"{path}: {error.strerror or error}") from None

    def _load_parts(self, index: str, path: Path) -> int:
        """Add a file part by part; while one is written, the fields of the next are found out."""
        count = lines = 0
        with ThreadPoolExecutor(1) as pool, path.open("rb") as whole:
            pending: tuple[Path, Future[Structure], int] | None = None
            for number, part in enumerate(_parts(whole)):
                piece = Path(self._folder.name) / f"part-{number % 2}.ndjson"
                piece.write_bytes(part)
                following = piece, pool.submit(self._structure, piece), lines
                lines += part.count(b"\n")
                if pending is not None:
                    count += self._insert_part(index, *pending)
                pending = following
            return count if pending is None else count + self._insert_part(index, *pending)

    def _insert_part(self, index: str, path: Path, structure: Future[Structure], before: int) -> int:
        try:
            return self._insert(index, path, structure.result())
        except EventsError as error:
            if error.line is None:
                raise
            raise EventsError(error.why, error.line + before) from None

    def delete(self, index: str) -> None:
        """Remove an index and its events."""
        with self._writing:
            self._connection.execute(f"DROP TABLE IF EXISTS {quoted(index)}")
            self._connection.execute('DELETE FROM "#fields" WHERE index_name = ?', [index])
            self._remember()

    def _insert(self, index: str, path: Path, structure: Structure) -> int:
        source = "read_json(?, format = 'newline_delimited', columns = {})"
        with self._writing:
            nested = frozenset(name for name, type_ in self._declared(index).items() if type_ == "nested")
            read = ", ".join(f"{_text(name)}: {_text(_as_read(type_))}" for name, type_ in structure)
            source = source.format("{" + read + "}")
            leaves = self._unmixed(list(_leaves(structure, nested)), source, path)
            columns = self._prepared(index, leaves)
            types = self._types.get(index, {})
            made = [
                f"{_converted(columns[field], several, types.get(field, ''))} AS {quoted(field)}"
                for field, several in _by_field(leaves)
            ]
            if not made:
                return 0
            statement = (
                f"INSERT INTO {quoted(index)} BY NAME SELECT {', '.join(made)} "  # noqa: S608
                f"FROM {source}"
            )
            try:
                found = self._connection.execute(statement, [str(path)]).fetchone()
            except self._duckdb.Error as error:
                raise _why(path, error) from None
            return int(found[0]) if found else 0

    def _structure(self, path: Path) -> Structure:
        """Find out the fields of a file, and the types of DuckDB that fit all of their values."""
        options = "format = 'newline_delimited', sample_size = -1, map_inference_threshold = -1"
        try:
            relation = self._connection.cursor().sql(f"SELECT * FROM read_json({_text(str(path))}, {options})")  # noqa: S608
        except self._duckdb.Error as error:
            raise _why(path, error) from None
        if relation.columns == ["json"] and (wrong := _broken_line(path)) is not None:
            raise wrong
        return [
            (name, type_)
            for name, type_ in zip(relation.columns, relation.types, strict=True)
            if str(type_) != '"NULL"'
        ]

    def _unmixed(self, leaves: list[_Leaf], source: str, path: Path) -> list[_Leaf]:
        """Look into values of several types: whether there are lists among them, and anything but objects."""
        mixed = [leaf for leaf in leaves if leaf.kind == "mixed"]
        if not mixed:
            return leaves
        kinds = ", ".join(f"list(DISTINCT json_type({leaf.sql}))" for leaf in mixed)
        found = self._connection.execute(f"SELECT {kinds} FROM {source}", [str(path)]).fetchone() or ()  # noqa: S608
        types = {leaf.field: set(of or ()) for leaf, of in zip(mixed, found, strict=True)}
        result = [leaf for leaf in leaves if leaf.kind != "mixed"]
        for leaf in mixed:
            if types[leaf.field] - {"OBJECT", "NULL", None}:
                many = "ARRAY" in types[leaf.field]
                result.append(_Leaf(leaf.field, _scalars(leaf.sql, many=many), "string", many, text=True))
        return result

    def _declared(self, index: str) -> dict[str, str]:
        """Give the types that templates say of an index's fields."""
        return {
            name: type_
            for pattern, types in self._mappings.items()
            if matches(pattern, index)
            for name, type_ in types.items()
        }

    def _prepared(self, index: str, leaves: Sequence[_Leaf]) -> dict[str, EventColumn]:
        """Make the table and columns that these values need, or widen those that are there."""
        declared = self._declared(index)
        known = dict(self._cached[index].columns) if index in self._cached else {}
        changes: list[str] = []
        types: dict[str, str] = {}
        for leaf in leaves:
            if leaf.field in known:
                known[leaf.field] = self._widened(index, known[leaf.field], leaf, leaf.field in declared, changes)
                continue
            kind = kind_of(declared[leaf.field]) if leaf.field in declared else leaf.kind
            column = EventColumn(leaf.field, kind, leaf.many or kind == "nested")
            known[leaf.field] = column
            types[leaf.field] = declared.get(leaf.field, _TYPES.get(kind, "keyword"))
            changes.append(f"ALTER TABLE {quoted(index)} ADD COLUMN {quoted(leaf.field)} {_sql_type(column)}")
        if index not in self._cached:
            columns = ", ".join(f"{quoted(name)} {_sql_type(column)}" for name, column in known.items())
            changes = [f"CREATE TABLE {quoted(index)} ({columns})"] if known else []
        if changes:
            for change in changes:
                self._connection.execute(change)
            self._note(index, known, types)
        return known

    def _widened(self, index: str, column: EventColumn, leaf: _Leaf, declared: bool, changes: list[str]) -> EventColumn:
        """Give a column as it has to be to take a value too; a type that a template says stays."""
        kind = column.kind if declared or column.kind == "nested" else _wider(column.kind, leaf.kind)
        wider = EventColumn(column.name, kind, column.many or leaf.many)
        if wider != column:
            value = quoted(column.name)
            if kind != column.kind:
                value = _cast(value, column, kind)
            if wider.many and not column.many:
                value = f"CASE WHEN {value} IS NULL THEN NULL ELSE [{value}] END"
            changes.append(
                f"ALTER TABLE {quoted(index)} ALTER {quoted(column.name)} TYPE {_sql_type(wider)} USING {value}"
            )
        return wider

    def _note(self, index: str, columns: Mapping[str, EventColumn], types: Mapping[str, str]) -> None:
        for name, column in columns.items():
            known = self._types.get(index, {}).get(name)
            old = types.get(name, known)
            type_ = old if old is not None and kind_of(old) == column.kind else _TYPES.get(column.kind, "keyword")
            self._connection.execute(
                'INSERT OR REPLACE INTO "#fields" VALUES (?, ?, ?, ?, ?)',
                [index, name, type_, column.kind, column.many],
            )
        self._remember()

    def _remember(self) -> None:
        """Read the catalog."""
        columns: dict[str, dict[str, EventColumn]] = {}
        types: dict[str, dict[str, str]] = {}
        for index, name, type_, kind, many in self._connection.execute('SELECT * FROM "#fields"').fetchall():
            columns.setdefault(index, {})[name] = EventColumn(name, kind, many)
            types.setdefault(index, {})[name] = type_
        self._types = types
        self._cached = {index: EventTable(index, of) for index, of in columns.items()}


def _duckdb() -> Any:
    try:
        import duckdb
    except ImportError:
        raise KbuildError(
            'events need a package that is not installed: pip install ".[sandbox]" in a clone of kbuild'
        ) from None
    return duckdb


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _why(path: Path, error: duckdb.Error) -> EventsError:
    return _broken_line(path) or EventsError(f"the events cannot be read: {_first_line(error)}")


def _broken_line(path: Path) -> EventsError | None:
    """Find the first line that is no JSON object; DuckDB's own numbers are not those of the file."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                event = json.loads(line)
            except (ValueError, RecursionError):
                return EventsError("is no JSON", number)
            if not isinstance(event, dict):
                return EventsError("is no JSON object", number)
    return None


def _parts(whole: BinaryIO) -> Iterator[bytes]:
    """Part a file at ends of lines."""
    while part := whole.read(PART):
        yield part + whole.readline()


def _overlap(pattern: str, declared: str) -> bool:
    """Tell whether a template's pattern and that of a data view can mean the same index."""
    return matches(pattern, declared.replace("*", "")) or matches(declared, pattern.replace("*", ""))


def _with_nested(types: Mapping[str, str]) -> dict[str, FieldType]:
    nested = [name for name, type_ in types.items() if type_ == "nested"]
    return {
        name: FieldType(type_, next((path for path in nested if name.startswith(f"{path}.")), None))
        for name, type_ in types.items()
    }


# ------------------------------------------------------------------------------------------------ types and values


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _sql_type(column: EventColumn) -> str:
    return _KINDS_IN_SQL[column.kind] + ("[]" if column.many else "")


def _wider(one: str, other: str) -> str:
    if one == other:
        return one
    return "number" if {one, other} == {"integer", "number"} else "string"


def _cast(value: str, column: EventColumn, kind: str) -> str:
    def to(one: str) -> str:
        if kind == "string" and column.kind == "date":
            return f"strftime(make_timestamp({one} * 1000), '%Y-%m-%dT%H:%M:%S.%gZ')"
        return f"CAST({one} AS {_KINDS_IN_SQL[kind]})"

    return f"list_transform({value}, lambda v: {to('v')})" if column.many else to(value)


def _scalars(sql: str, *, many: bool) -> str:
    """Give the values of a JSON that may be one or a list of them, as text; objects are none."""
    one = f"CASE json_type({sql}) WHEN 'OBJECT' THEN NULL WHEN 'ARRAY' THEN NULL ELSE {sql} ->> '$' END"
    if not many:
        return one
    several = f"json_transform({sql}, '[\"VARCHAR\"]')"
    return f"CASE json_type({sql}) WHEN 'ARRAY' THEN {several} WHEN 'NULL' THEN NULL ELSE [{one}] END"


def _leaves(structure: Sequence[tuple[str, Any]], nested: frozenset[str]) -> Iterator[_Leaf]:
    for name, type_ in structure:
        yield from _inside(name, quoted(name), type_, nested, many=False)


def _inside(field: str, sql: str, type_: Any, nested: frozenset[str], *, many: bool) -> Iterator[_Leaf]:
    """Take a type apart; inside of a list each value is computed for all of its items.

    Objects of a field that is `nested` stay whole.
    """
    kind: str = type_.id
    if field in nested:
        objects = f"CAST(to_json({sql}) AS JSON[])" if kind == "list" else f"[to_json({sql})]"
        yield _Leaf(field, f"CASE WHEN {sql} IS NULL THEN NULL ELSE {objects} END", "nested", many=True, text=False)
    elif kind == "struct":
        for name, inner in type_.children:
            part = f"struct_extract({{}}, {_text(name)})"
            below = f"list_transform({sql}, lambda o: {part.format('o')})" if many else part.format(sql)
            yield from _inside(f"{field}.{name}", below, inner, nested, many=many)
    elif kind == "list":
        yield from _inside(field, f"flatten({sql})" if many else sql, type_.children[0][1], nested, many=True)
    elif str(type_) == "JSON":
        # Values of several types; what is in it is read as text.
        inside = f"list_transform({sql}, lambda v: v ->> '$')" if many else sql
        yield _Leaf(field, inside, "string" if many else "mixed", many, text=True)
    elif str(type_) != '"NULL"':
        yield _Leaf(field, sql, _looks_like(str(type_).lower()), many, _is_text(str(type_).lower()))


def _looks_like(type_: str) -> str:
    if type_.startswith(_INTEGERS):
        return "integer"
    if type_.startswith(_NUMBERS):
        return "number"
    return "date" if type_ in _DATES else "boolean" if type_ == "boolean" else "string"


def _is_text(type_: str) -> bool:
    return not type_.startswith((*_INTEGERS, *_NUMBERS, "boolean"))


def _as_read(type_: Any) -> str:
    """Give the type to read a field as: what it looks like, but dates and ids as the texts that they are."""
    kind: str = type_.id
    if kind == "struct":
        inner = ", ".join(f"{quoted(name)} {_as_read(of)}" for name, of in type_.children if str(of) != '"NULL"')
        return f"STRUCT({inner})" if inner else "JSON"
    if kind == "list":
        inner_type = type_.children[0][1]
        return "JSON[]" if str(inner_type) == '"NULL"' else f"{_as_read(inner_type)}[]"
    name = str(type_)
    if name == "JSON":
        return "JSON"
    if name.lower().startswith("hugeint"):
        return "DOUBLE"
    return name if not _is_text(name.lower()) else "VARCHAR"


def _by_field(leaves: Sequence[_Leaf]) -> list[tuple[str, list[_Leaf]]]:
    found: dict[str, list[_Leaf]] = {}
    for leaf in leaves:
        found.setdefault(leaf.field, []).append(leaf)
    return list(found.items())


def _converted(column: EventColumn, leaves: Sequence[_Leaf], type_: str) -> str:
    """Give the SQL that makes the column's values of what is read; a value that does not fit is left out.

    `type_` is the field's mapping type: Elasticsearch computes with a `float` as it is held, in 32 bits.
    """
    values = [_as_column(column, leaf, type_) for leaf in leaves]
    return values[0] if len(values) == 1 else f"coalesce({', '.join(values)})"


def _as_column(column: EventColumn, leaf: _Leaf, type_: str) -> str:
    sql = leaf.sql
    if column.kind == "nested":
        return sql
    if not leaf.many:
        value = _value(sql, column.kind, type_, text=leaf.text)
        return f"CASE WHEN {value} IS NULL THEN NULL ELSE [{value}] END" if column.many else value
    values = f"list_transform({sql}, lambda v: {_value('v', column.kind, type_, text=leaf.text)})"
    return f"CASE WHEN {sql} IS NULL THEN NULL ELSE list_filter({values}, lambda v: v IS NOT NULL) END"


def _value(sql: str, kind: str, type_: str, *, text: bool) -> str:
    match kind:
        case "number" if type_ == "float":
            return f"CAST(TRY_CAST({sql} AS FLOAT) AS DOUBLE)"
        case "date" if text:
            return f"coalesce(epoch_ms(TRY_CAST({sql} AS TIMESTAMPTZ)), TRY_CAST({sql} AS BIGINT))"
        case "integer" | "date":
            return f"TRY_CAST(trunc(TRY_CAST({sql} AS DOUBLE)) AS BIGINT)" if text else f"TRY_CAST({sql} AS BIGINT)"
        case "string":
            return f"CAST({sql} AS VARCHAR)"
    return f"TRY_CAST({sql} AS {_KINDS_IN_SQL[kind]})"
