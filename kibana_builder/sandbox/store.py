"""The saved objects and spaces of the sandbox, in SQLite: one file, or memory.

A transaction is all or nothing, also when the process is killed in the middle of it. Every write counts up one
number, which is what Kibana's `version` holds (`WzE2MCwyXQ==` is `[160,2]` in base64: that number and a term).
"""

from __future__ import annotations

import base64
import json
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from kibana_builder.errors import KbuildError
from kibana_builder.json_tree import JsonObject, compact
from kibana_builder.sandbox import json_text

DEFAULT_SPACE = "default"
FILE_NAME = "objects.sqlite"
Key: TypeAlias = tuple[str, str]
"""Type and id of a saved object."""

TERM = 1
"""Elasticsearch's primary term, which counts how often an index has moved to another node."""

_LAYOUT = 1
_CHUNK = 400  # twice as many, and a few, are parameters of one statement: SQLite may take 999 only

_SCHEMA = """
CREATE TABLE objects (
    number INTEGER PRIMARY KEY,
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    space TEXT NOT NULL,
    origin TEXT,
    managed INTEGER NOT NULL,
    core_version TEXT NOT NULL,
    type_version TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    attributes TEXT NOT NULL,
    refs TEXT NOT NULL,
    UNIQUE (type, id)
);
CREATE INDEX objects_by_space ON objects (space, type);
CREATE INDEX objects_by_origin ON objects (type, origin);
CREATE TABLE refs (
    number INTEGER NOT NULL REFERENCES objects (number) ON DELETE CASCADE,
    type TEXT NOT NULL,
    id TEXT NOT NULL
);
CREATE INDEX refs_by_owner ON refs (number);
CREATE INDEX refs_by_target ON refs (type, id);
CREATE TABLE spaces (position INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, details TEXT NOT NULL);
CREATE TABLE counter (number INTEGER NOT NULL);
INSERT INTO counter VALUES (0);
"""


@dataclass(frozen=True, slots=True)
class SavedObject:
    """One saved object as it is stored; `number` counts the writes, 0 means that it is not stored yet."""

    type: str
    id: str
    space: str
    attributes: JsonObject
    references: list[JsonObject]
    managed: bool
    core_version: str
    type_version: str
    origin: str | None = None
    created_at: str = ""
    updated_at: str = ""
    number: int = 0

    @property
    def version(self) -> str:
        return base64.b64encode(compact([self.number, TERM]).encode()).decode()


def utc_now() -> str:
    """Give the time as Kibana writes it: UTC with milliseconds and a Z."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Store:
    """The objects of all spaces. Every method may be called from any thread; a transaction holds the others up."""

    def __init__(self, folder: Path | None = None, clock: Callable[[], str] = utc_now) -> None:
        """Open the store in a folder, which is made when it is absent, or in memory when there is none.

        Raises KbuildError when the folder cannot be used or holds a file that is no store of this version.
        """
        self._clock = clock
        self._lock = threading.RLock()
        self._database = _connect(folder)

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def changes(self) -> int:
        """Count what was written since the store was opened: a number that grows with every change."""
        with self._lock:
            return self._database.total_changes

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do everything inside or, when it raises, nothing."""
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise

    # objects

    def get(self, space: str, kind: str, object_id: str) -> SavedObject | None:
        return self.get_many(space, [(kind, object_id)]).get((kind, object_id))

    def get_many(self, space: str, keys: Iterable[Key]) -> dict[Key, SavedObject]:
        """Give those of the objects that are in the space."""
        found: dict[Key, SavedObject] = {}
        for kind, ids in _chunks(keys):
            condition = f"space = ? AND type = ? AND id IN ({_marks(ids)})"
            found.update(((each.type, each.id), each) for each in self._select(condition, [space, kind, *ids]))
        return found

    def spaces_of(self, keys: Iterable[Key]) -> dict[Key, str]:
        """Tell for each key that is taken in which space its object lives."""
        taken: dict[Key, str] = {}
        for kind, ids in _chunks(keys):
            query = f"SELECT id, space FROM objects WHERE type = ? AND id IN ({_marks(ids)})"  # noqa: S608 - marks only
            taken.update(((kind, object_id), space) for object_id, space in self._rows(query, [kind, *ids]))
        return taken

    def of_origin(self, space: str, keys: Collection[Key]) -> dict[Key, list[SavedObject]]:
        """Give for each key the objects of the space that have it or come from it, the one changed last first."""
        found: dict[Key, list[SavedObject]] = {key: [] for key in keys}
        for kind, ids in _chunks(keys):
            condition = f"space = ? AND type = ? AND (id IN ({_marks(ids)}) OR origin IN ({_marks(ids)}))"
            wanted = set(ids)
            for each in self._select(condition, [space, kind, *ids, *ids]):
                for object_id in {each.id, each.origin or each.id} & wanted:
                    found[kind, object_id].append(each)
        return {
            key: sorted(sorted(each, key=lambda one: one.id), key=lambda one: one.updated_at, reverse=True)
            for key, each in found.items()
        }

    def all_of(
        self, space: str | None, kinds: Sequence[str], referring_to: Collection[Key] = (), *, to_each: bool = False
    ) -> list[SavedObject]:
        """Give objects in the order in which they were last written, of one space or of all.

        `referring_to` leaves those with a reference to one of these, or with `to_each` to every one of them.
        """
        condition, values = f"type IN ({_marks(kinds)})", list(kinds)
        if space is not None:
            condition, values = f"{condition} AND space = ?", [*values, space]
        if not referring_to:
            return self._select(condition, values)
        numbers = self._referring(referring_to, to_each=to_each)
        found: list[SavedObject] = []
        for start in range(0, len(numbers), _CHUNK):
            chunk = numbers[start : start + _CHUNK]
            found += self._select(f"{condition} AND number IN ({_marks(chunk)})", [*values, *chunk])
        return found

    def _referring(self, keys: Collection[Key], *, to_each: bool) -> list[int]:
        """Give the numbers of the objects that refer to the keys, in order."""
        query = "SELECT number FROM refs WHERE type = ? AND id = ?"
        sets = [{number for (number,) in self._rows(query, key)} for key in keys]
        return sorted(set.intersection(*sets) if to_each else set.union(*sets))

    def write(self, objects: Iterable[SavedObject], *, keep_times: bool = False) -> list[SavedObject]:
        """Write objects, in a transaction, over those of the same key and give them back with number and times.

        All of one call get one time, and `created_at` too unless the object has one, as in Kibana where every
        overwrite is a creation. `keep_times` leaves both as they are in the object.
        """
        now = self._clock()
        with self._lock:
            ((last,),) = self._rows("SELECT number FROM counter")
            written = [
                replace(
                    each,
                    number=number,
                    created_at=each.created_at or now,
                    updated_at=each.updated_at if keep_times else now,
                )
                for number, each in enumerate(objects, start=last + 1)
            ]
            self._many("DELETE FROM objects WHERE type = ? AND id = ?", [(each.type, each.id) for each in written])
            self._many("INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", map(_row, written))
            self._many(
                "INSERT INTO refs VALUES (?, ?, ?)",
                [(each.number, ref["type"], ref["id"]) for each in written for ref in each.references],
            )
            self._rows("UPDATE counter SET number = ?", [last + len(written)])
            return written

    def delete(self, space: str, kind: str, object_id: str) -> bool:
        """Delete an object and tell whether it was there."""
        with self._lock:
            query = "DELETE FROM objects WHERE space = ? AND type = ? AND id = ?"
            return self._database.execute(query, [space, kind, object_id]).rowcount > 0

    # spaces

    def spaces(self) -> list[JsonObject]:
        """Give the spaces that were created, in that order; the default space is not among them."""
        return [json.loads(details) for (details,) in self._rows("SELECT details FROM spaces ORDER BY position")]

    def add_space(self, details: JsonObject) -> None:
        text = json_text.plain(compact(details))
        self._rows("INSERT INTO spaces (id, details) VALUES (?, ?)", [details["id"], text])

    def delete_space(self, space: str) -> None:
        """Delete a space with all that is in it."""
        self._rows("DELETE FROM spaces WHERE id = ?", [space])
        self._rows("DELETE FROM objects WHERE space = ?", [space])

    def _select(self, condition: str, values: Sequence[object]) -> list[SavedObject]:
        query = f"SELECT * FROM objects WHERE {condition} ORDER BY number"  # noqa: S608 - values go as parameters
        return list(map(_object, self._rows(query, values)))

    def _rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._database.execute(query, values).fetchall()

    def _many(self, query: str, values: Iterable[Sequence[object]]) -> None:
        with self._lock:
            self._database.executemany(query, values)


def _connect(folder: Path | None) -> sqlite3.Connection:
    where = ":memory:" if folder is None else str(folder / FILE_NAME)
    try:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(where, check_same_thread=False, isolation_level=None, timeout=30)
    except (OSError, sqlite3.Error) as error:
        raise KbuildError(f"the sandbox cannot keep its objects in {folder}: {error}") from None
    try:
        _lay_out(database, where)
    except sqlite3.Error as error:
        database.close()
        raise KbuildError(f"{where} cannot be used: {error}; choose another folder, or delete the file") from None
    except KbuildError:
        database.close()
        raise
    return database


def _lay_out(database: sqlite3.Connection, where: str) -> None:
    database.execute("PRAGMA foreign_keys = ON")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute("BEGIN IMMEDIATE")
    (layout,) = database.execute("PRAGMA user_version").fetchone()
    if layout == 0:
        for statement in _SCHEMA.split(";"):
            database.execute(statement)
        database.execute(f"PRAGMA user_version = {_LAYOUT}")
    database.execute("COMMIT")
    if layout not in (0, _LAYOUT):
        raise KbuildError(f"{where} was written by another version of kbuild: choose another folder, or delete it")


def _row(each: SavedObject) -> tuple[object, ...]:
    return (
        each.number,
        each.type,
        each.id,
        each.space,
        each.origin,
        each.managed,
        each.core_version,
        each.type_version,
        each.created_at,
        each.updated_at,
        json_text.plain(compact(each.attributes)),
        json_text.plain(compact(each.references)),
    )


def _object(row: tuple[Any, ...]) -> SavedObject:
    number, kind, object_id, space, origin, managed, core, version, created, updated, attributes, references = row
    return SavedObject(
        type=kind,
        id=object_id,
        space=space,
        attributes=json.loads(attributes),
        references=json.loads(references),
        managed=bool(managed),
        core_version=core,
        type_version=version,
        origin=origin,
        created_at=created,
        updated_at=updated,
        number=number,
    )


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def _chunks(keys: Iterable[Key]) -> Iterator[tuple[str, list[str]]]:
    """Sort keys by type, in pieces that SQLite takes as the parameters of one statement."""
    kinds: dict[str, list[str]] = {}
    for kind, object_id in dict.fromkeys(keys):
        kinds.setdefault(kind, []).append(object_id)
    for kind, ids in kinds.items():
        for start in range(0, len(ids), _CHUNK):
            yield kind, ids[start : start + _CHUNK]
