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
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import duckdb

from kibana_builder.errors import KbuildError
from kibana_builder.json_tree import Json
from kibana_builder.kql import Fields, FieldType
from kibana_builder.preview.event_columns import (
    EventColumn,
    EventTable,
    as_list,
    kind_of,
    matches,
    nested_around,
    sql_type,
    wider_kind,
)
from kibana_builder.preview.value_sql import quoted, text_literal
from kibana_builder.sandbox.event_values import (
    MIXED,
    Leaf,
    Looked,
    Structure,
    by_field,
    cast_kind,
    converted,
    leaves_of,
    look_into,
    one_list,
    taken_apart,
    type_as_read,
)

__all__ = ["Events", "EventsError", "Mappings"]

Mappings = Mapping[str, Mapping[str, str]]
"""Index patterns, and for each the mapping types of its fields by their full names."""

MEMORY = "200MB"
"""What DuckDB may take for itself; the rest of a larger statement goes to its folder."""

PART = 32 * 1024 * 1024
"""A file is read in parts of about so many bytes, or its columns would be held in memory at once."""

_TYPES = {"string": "keyword", "integer": "long", "number": "double", "boolean": "boolean", "date": "date"}
"""The mapping type of a field that no template knows, by its kind."""
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


class Events:
    """A store of events. `path` is the database's file, None keeps all in memory; close it, or use it in `with`.

    `made` has, by index patterns as `mappings`, the fields whose values Elasticsearch makes, and how in words.
    """

    def __init__(
        self, path: Path | None = None, mappings: Mappings | None = None, made: Mappings | None = None
    ) -> None:
        self._mappings = mappings or {}
        self._made = made or {}
        self._folder = tempfile.TemporaryDirectory(prefix="kbuild-events-", dir=path.parent if path else None)
        try:
            self._connection = duckdb.connect(str(path) if path else ":memory:")
        except duckdb.Error as error:
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
        return [
            replace(table, made=_of_index(self._made, name))
            for name, table in sorted(self._cached.items())
            if matches(pattern, name)
        ]

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
        """Run a statement that only reads. Raises EventsError, with DuckDB's words."""
        with self._connection.cursor() as cursor:
            try:
                found: list[tuple[Json, ...]] = cursor.execute(sql, dict(parameters or {})).fetchall()
            except duckdb.Error as error:
                raise EventsError(f"DuckDB answers: {_first_line(error)}") from None
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
            read = ", ".join(f"{text_literal(name)}: {text_literal(type_as_read(type_))}" for name, type_ in structure)
            source = source.format("{" + read + "}")
            leaves = self._known(list(leaves_of(structure, nested)), source, path)
            columns = self._prepared(index, leaves)
            types = self._types.get(index, {})
            made = [
                f"{converted(columns[field], several, types.get(field, ''))} AS {quoted(field)}"
                for field, several in by_field(leaves)
            ]
            if not made:
                return 0
            statement = (
                f"INSERT INTO {quoted(index)} BY NAME SELECT {', '.join(made)} "  # noqa: S608
                f"FROM {source}"
            )
            try:
                found = self._connection.execute(statement, [str(path)]).fetchone()
            except duckdb.Error as error:
                raise _why(path, error) from None
            return int(found[0]) if found else 0

    def _structure(self, path: Path) -> Structure:
        """Find out the fields of a file, and the types of DuckDB that fit all of their values."""
        options = "format = 'newline_delimited', sample_size = -1, map_inference_threshold = -1"
        try:
            relation = self._connection.cursor().sql(f"SELECT * FROM read_json({text_literal(str(path))}, {options})")  # noqa: S608
        except duckdb.Error as error:
            raise _why(path, error) from None
        if relation.columns == ["json"] and (wrong := _broken_line(path)) is not None:
            raise wrong
        self._check_names(path, relation.columns)
        return [
            (name, type_)
            for name, type_ in zip(relation.columns, relation.types, strict=True)
            if str(type_) != '"NULL"'
        ]

    def _check_names(self, path: Path, names: Sequence[str]) -> None:
        """Raise EventsError for fields that differ in case only: the second would be called `name_1`, and be empty."""
        known = {name.lower(): name for name in names}
        for name in names:
            base, _, number = name.rpartition("_")
            first = known.get(base.lower())
            if first is None or not number.isdigit():
                continue
            lines = f"read_json_objects({text_literal(str(path))}, format = 'newline_delimited')"
            there = f"SELECT bool_or(list_contains(json_keys(json), $name)) FROM {lines}"  # noqa: S608
            if not self.rows(there, {"name": name})[0][0]:
                raise _same_but_for_case(first, base)

    def _known(self, leaves: list[Leaf], source: str, path: Path) -> list[Leaf]:
        """Look into values that are of several types: what there is among them, and the fields of objects."""
        result = [leaf for leaf in leaves if leaf.kind != MIXED]
        for leaf in leaves:
            if leaf.kind == MIXED:
                result += taken_apart(*self._looked_into(leaf, source, path))
        return result

    def _looked_into(self, leaf: Leaf, source: str, path: Path) -> tuple[Leaf, Looked]:
        """Look into a leaf until no lists stand inside its lists, which Elasticsearch takes for one."""
        while True:
            found = Looked(*(self._connection.execute(look_into(leaf, source), [str(path)]).fetchone() or ()))
            if "ARRAY" not in found.types:
                return leaf, found
            leaf = one_list(leaf)

    def _declared(self, index: str) -> dict[str, str]:
        """Give the types that templates say of an index's fields."""
        return _of_index(self._mappings, index)

    def _prepared(self, index: str, leaves: Sequence[Leaf]) -> dict[str, EventColumn]:
        """Make the table and columns that these values need, or widen those that are there."""
        declared = self._declared(index)
        known = dict(self._cached[index].columns) if index in self._cached else {}
        changes: list[str] = []
        types: dict[str, str] = {}
        for leaf in leaves:
            if leaf.field in known:
                known[leaf.field] = self._widened(index, known[leaf.field], leaf, leaf.field in declared, changes)
                continue
            for name in known:
                if name.lower() == leaf.field.lower():
                    raise _same_but_for_case(name, leaf.field)
            kind = kind_of(declared[leaf.field]) if leaf.field in declared else leaf.kind
            column = EventColumn(leaf.field, kind, leaf.many or kind == "nested")
            known[leaf.field] = column
            types[leaf.field] = declared.get(leaf.field, _TYPES.get(kind, "keyword"))
            changes.append(f"ALTER TABLE {quoted(index)} ADD COLUMN {quoted(leaf.field)} {sql_type(column)}")
        if index not in self._cached:
            columns = ", ".join(f"{quoted(name)} {sql_type(column)}" for name, column in known.items())
            changes = [f"CREATE TABLE {quoted(index)} ({columns})"] if known else []
        if changes:
            # The catalog says what the table has, or neither is changed.
            self._connection.begin()
            try:
                for change in changes:
                    self._connection.execute(change)
                self._note(index, known, types)
            except BaseException:
                self._connection.rollback()
                raise
            self._connection.commit()
            self._remember()
        return known

    def _widened(self, index: str, column: EventColumn, leaf: Leaf, declared: bool, changes: list[str]) -> EventColumn:
        """Give a column as it has to be to take a value too; a type that a template says stays."""
        kind = column.kind if declared or column.kind == "nested" else wider_kind(column.kind, leaf.kind)
        wider = EventColumn(column.name, kind, column.many or leaf.many)
        if wider != column:
            value = quoted(column.name)
            if kind != column.kind:
                value = cast_kind(value, column, kind)
            if wider.many and not column.many:
                value = as_list(value)
            changes.append(
                f"ALTER TABLE {quoted(index)} ALTER {quoted(column.name)} TYPE {sql_type(wider)} USING {value}"
            )
        return wider

    def _note(self, index: str, columns: Mapping[str, EventColumn], types: Mapping[str, str]) -> None:
        """Write down what the columns are; a type that no longer fits its column becomes the usual one of its kind."""
        found: list[str] = []
        for name, column in columns.items():
            type_ = types.get(name, self._types.get(index, {}).get(name, ""))
            found.append(type_ if kind_of(type_) == column.kind and type_ else _TYPES.get(column.kind, "keyword"))
        self._connection.execute(
            'INSERT OR REPLACE INTO "#fields" SELECT ?, unnest(?), unnest(?), unnest(?), unnest(?)',
            [
                index,
                list(columns),
                found,
                [one.kind for one in columns.values()],
                [one.many for one in columns.values()],
            ],
        )

    def _remember(self) -> None:
        """Read the catalog."""
        columns: dict[str, dict[str, EventColumn]] = {}
        types: dict[str, dict[str, str]] = {}
        for index, name, type_, kind, many in self._connection.execute('SELECT * FROM "#fields"').fetchall():
            columns.setdefault(index, {})[name] = EventColumn(name, kind, many)
            types.setdefault(index, {})[name] = type_
        self._types = types
        self._cached = {index: EventTable(index, of) for index, of in columns.items()}


def _of_index(mappings: Mappings, index: str) -> dict[str, str]:
    """Give what is said of the fields of an index."""
    return {
        name: said for pattern, fields in mappings.items() if matches(pattern, index) for name, said in fields.items()
    }


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _same_but_for_case(one: str, other: str) -> EventsError:
    return EventsError(f"the events have the fields {one} and {other}, which the store cannot tell apart by case alone")


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
    return {name: FieldType(type_, nested_around(name, nested)) for name, type_ in types.items()}
