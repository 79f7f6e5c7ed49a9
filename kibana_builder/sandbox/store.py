"""The saved objects and spaces of the sandbox, in SQLite: one file, or memory.

A transaction is all or nothing, also when the process is killed in the middle of it. Every write counts up one
number, which is what Kibana's `version` holds (`WzE2MCwyXQ==` is `[160,2]` in base64: sequence number and term).
"""

from __future__ import annotations

import base64
import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from kibana_builder.errors import KbuildError
from kibana_builder.json_tree import JsonObject, compact
from kibana_builder.sandbox import json_text
from kibana_builder.sandbox.object_types import TYPES

DEFAULT_SPACE = "default"
FILE_NAME = "objects.sqlite"
_LAYOUT = 1
_CHUNK = 500

_SCHEMA = """
CREATE TABLE objects (
    number INTEGER PRIMARY KEY,
    type TEXT NOT NULL,
    id TEXT NOT NULL,
    space TEXT NOT NULL,
    scope TEXT NOT NULL,
    origin TEXT,
    managed INTEGER NOT NULL,
    core_version TEXT NOT NULL,
    type_version TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    attributes TEXT NOT NULL,
    refs TEXT NOT NULL,
    UNIQUE (type, id, scope)
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
        return base64.b64encode(compact([self.number, 1]).encode()).decode()


def utc_now() -> str:
    """Give the time as Kibana writes it: UTC with milliseconds and a Z."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Store:
    """The objects of all spaces. Every method may be called from any thread; a transaction holds the others up."""

    def __init__(self, folder: Path | None = None, clock: Callable[[], str] = utc_now) -> None:
        """Open the store in a folder, which is made when it is absent, or in memory when there is none.

        Raises KbuildError when the folder cannot be used or holds a file that is no store.
        """
        self._clock = clock
        self._lock = threading.RLock()
        self._database = _connect(folder)

    def close(self) -> None:
        with self._lock:
            self._database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do everything inside or, when it raises, nothing."""
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    # objects

    def get(self, space: str, kind: str, object_id: str) -> SavedObject | None:
        return self.get_many(space, [(kind, object_id)]).get((kind, object_id))

    def get_many(self, space: str, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], SavedObject]:
        """Give those of the objects that are in the space, by type and id."""
        found: dict[tuple[str, str], SavedObject] = {}
        for kind, ids in _by_type(keys).items():
            for chunk in _chunks(ids):
                marks = ",".join("?" * len(chunk))
                query = f"space = ? AND type = ? AND id IN ({marks})"
                found.update(((each.type, each.id), each) for each in self._select(query, [space, kind, *chunk]))
        return found

    def spaces_of(self, keys: Iterable[tuple[str, str]], space: str) -> dict[tuple[str, str], str]:
        """Tell for each taken key in which space its object lives, as seen from a space that wants to write it."""
        taken: dict[tuple[str, str], str] = {}
        with self._lock:
            for kind, ids in _by_type(keys).items():
                for chunk in _chunks(ids):
                    marks = ",".join("?" * len(chunk))
                    rows = self._database.execute(
                        f"SELECT id, space FROM objects WHERE type = ? AND scope = ? AND id IN ({marks})",  # noqa: S608
                        [kind, _scope(kind, space), *chunk],
                    )
                    taken.update(((kind, object_id), owner) for object_id, owner in rows)
        return taken

    def all_of(self, space: str, kinds: Sequence[str]) -> list[SavedObject]:
        """Give the objects of some types in the order in which they were last written."""
        marks = ",".join("?" * len(kinds))
        return self._select(f"space = ? AND type IN ({marks})", [space, *kinds])

    def of_origin(self, space: str, kind: str, origin: str) -> list[SavedObject]:
        """Give the objects of a space that have this id or come from it, the one changed last first."""
        found = self._select("space = ? AND type = ? AND (id = ? OR origin = ?)", [space, kind, origin, origin])
        return sorted(found, key=lambda each: (each.updated_at, each.number), reverse=True)

    def referring(self, space: str, kind: str, object_id: str) -> list[SavedObject]:
        """Give the objects of a space that have a reference to this one."""
        query = "space = ? AND number IN (SELECT number FROM refs WHERE type = ? AND id = ?)"
        return self._select(query, [space, kind, object_id])

    def write(self, objects: Iterable[SavedObject], *, keep_times: bool = False) -> list[SavedObject]:
        """Write objects over those of the same key and give them back with number and times.

        All of one call get one time. `keep_times` leaves both times as they are in the object.
        """
        now = self._clock()
        with self._lock:
            (number,) = self._database.execute("SELECT number FROM counter").fetchone()
            written = []
            for number, each in enumerate(objects, start=number + 1):  # noqa: B020 - counts on from the last one
                if keep_times:
                    written.append(replace(each, number=number))
                else:
                    written.append(replace(each, number=number, created_at=each.created_at or now, updated_at=now))
            self._database.executemany(
                "DELETE FROM objects WHERE type = ? AND id = ? AND scope = ?",
                [(each.type, each.id, _scope(each.type, each.space)) for each in written],
            )
            self._database.executemany(
                "INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [_row(each) for each in written]
            )
            self._database.executemany(
                "INSERT INTO refs VALUES (?, ?, ?)",
                [(each.number, ref.get("type"), ref.get("id")) for each in written for ref in each.references],
            )
            self._database.execute("UPDATE counter SET number = ?", [number])
            return written

    def delete(self, space: str, kind: str, object_id: str) -> bool:
        """Delete an object and tell whether it was there."""
        with self._lock:
            query = "DELETE FROM objects WHERE space = ? AND type = ? AND id = ?"
            return self._database.execute(query, [space, kind, object_id]).rowcount > 0

    # spaces

    def spaces(self) -> list[JsonObject]:
        """Give the spaces that were created, in that order; the default space is not among them."""
        with self._lock:
            rows = self._database.execute("SELECT details FROM spaces ORDER BY position").fetchall()
        return [json.loads(details) for (details,) in rows]

    def add_space(self, details: JsonObject) -> None:
        with self._lock:
            query = "INSERT INTO spaces (id, details) VALUES (?, ?)"
            self._database.execute(query, [details["id"], json_text.dump(details).decode()])

    def delete_space(self, space: str) -> None:
        """Delete a space with all that is in it."""
        with self._lock:
            self._database.execute("DELETE FROM spaces WHERE id = ?", [space])
            self._database.execute("DELETE FROM objects WHERE space = ?", [space])

    def _select(self, condition: str, values: Sequence[object]) -> list[SavedObject]:
        with self._lock:
            query = f"SELECT * FROM objects WHERE {condition} ORDER BY number"  # noqa: S608 - conditions are ours
            return [_object(row) for row in self._database.execute(query, values).fetchall()]


def _connect(folder: Path | None) -> sqlite3.Connection:
    where = ":memory:" if folder is None else str(folder / FILE_NAME)
    try:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(where, check_same_thread=False, isolation_level=None, timeout=30)
        database.execute("PRAGMA foreign_keys = ON")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        (layout,) = database.execute("PRAGMA user_version").fetchone()
        if layout == 0:
            database.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {_LAYOUT}; COMMIT;")
    except (OSError, sqlite3.Error) as error:
        raise KbuildError(f"the sandbox cannot keep its objects in {folder}: {error}") from None
    if layout not in (0, _LAYOUT):
        raise KbuildError(f"{where} was written by another version of kbuild: choose another folder, or delete it")
    return database


def _scope(kind: str, space: str) -> str:
    """Give what an id is unique in: the space, or '' for the types whose ids live once in the cluster."""
    return "" if TYPES[kind].shared_ids else space


def _row(each: SavedObject) -> tuple[object, ...]:
    return (
        each.number,
        each.type,
        each.id,
        each.space,
        _scope(each.type, each.space),
        each.origin,
        int(each.managed),
        each.core_version,
        each.type_version,
        each.created_at,
        each.updated_at,
        json_text.plain(compact(each.attributes)),
        json_text.plain(compact(each.references)),
    )


def _object(row: tuple[object, ...]) -> SavedObject:
    number, kind, object_id, space, _, origin, managed, core, version, created, updated, attributes, references = row
    return SavedObject(
        type=str(kind),
        id=str(object_id),
        space=str(space),
        attributes=json.loads(str(attributes)),
        references=json.loads(str(references)),
        managed=bool(managed),
        core_version=str(core),
        type_version=str(version),
        origin=None if origin is None else str(origin),
        created_at=str(created),
        updated_at=str(updated),
        number=int(str(number)),
    )


def _by_type(keys: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    kinds: dict[str, list[str]] = {}
    for kind, object_id in dict.fromkeys(keys):
        kinds.setdefault(kind, []).append(object_id)
    return {kind: ids for kind, ids in kinds.items() if kind in TYPES}


def _chunks(ids: list[str]) -> Iterator[list[str]]:
    """Cut into pieces that SQLite takes as parameters of one statement."""
    for start in range(0, len(ids), _CHUNK):
        yield ids[start : start + _CHUNK]
