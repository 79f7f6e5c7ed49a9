"""What Kibana held before we wrote: kept on disk, privately, so that `rollback` can put it back.

A backup is a folder under `.kbuild/backups/`: `manifest.json` says what was about to happen, `objects.ndjson` holds
the objects that were about to be overwritten or deleted, in a form that Kibana's own import page takes as well.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kibana_builder.errors import KbuildError
from kibana_builder.files.atomic import write_atomically
from kibana_builder.files.ndjson import read_ndjson, write_ndjson
from kibana_builder.json_tree import JsonObject
from kibana_builder.saved.ids import Key, key_of
from kibana_builder.sync.marks import importable

__all__ = ["Backup", "BackupFolder", "Entry"]

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """One object that is about to be written or deleted. `hash` is that of what will be there; empty for a deletion."""

    key: Key
    title: str
    hash: str


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup. `new` are the objects that did not exist, `changed` those whose former state `objects` holds."""

    path: Path
    command: str
    context: str
    address: str
    space: str
    project: str
    new: Sequence[Entry]
    changed: Sequence[Entry]
    rolled_back: bool = False

    @property
    def name(self) -> str:
        """The name of the folder, by which `rollback --backup` finds it."""
        return self.path.name

    def objects(self) -> dict[Key, JsonObject]:
        """Read the former state of the objects in `changed`. Raises KbuildError (or SpecError) when it is damaged."""
        path = self.path / "objects.ndjson"
        objects = {key_of(item): item for item in read_ndjson(_read(path), str(path))}
        if {entry.key for entry in self.changed} != objects.keys():
            raise KbuildError(f"{path} does not hold the objects that manifest.json names")
        return objects

    def mark_rolled_back(self) -> None:
        """Note that this backup was put back, so that the next rollback takes the one before."""
        manifest = json.loads(_read(self.path / "manifest.json"))
        write_atomically(self.path / "manifest.json", _pretty(manifest | {"rolled_back": True}))


class BackupFolder:
    """The backups of one project, in `.kbuild/backups/` of its folder."""

    def __init__(self, project_root: Path) -> None:
        self._home = project_root / ".kbuild"
        self._path = self._home / "backups"

    def keep(  # noqa: PLR0913 - the facts that a manifest holds
        self,
        command: str,
        *,
        context: str,
        address: str,
        space: str,
        project: str,
        new: Iterable[Entry],
        changed: Iterable[Entry],
        objects: Iterable[JsonObject],
    ) -> Backup:
        """Write a backup, whole or not at all. Raises KbuildError when the disk does not take it."""
        manifest = {
            "version": _VERSION,
            "command": command,
            "context": context,
            "kibana": address,
            "space": space,
            "project": project,
            "new": list(map(_entry_to_json, new)),
            "changed": list(map(_entry_to_json, changed)),
        }
        try:
            self._make_private()
            path = self._free_path(context)
            draft = self._path / f".{path.name}.{os.getpid()}"
            draft.mkdir(mode=0o700)
            try:
                write_atomically(draft / "objects.ndjson", write_ndjson(map(importable, objects)))
                write_atomically(draft / "manifest.json", _pretty(manifest))
                draft.rename(path)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
        except (OSError, KbuildError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else error
            raise KbuildError(f"no backup can be written to {self._path} ({reason}); nothing was sent") from None
        return self.read(path)

    def all(self) -> list[Backup]:
        """Give the readable backups, the newest first."""
        try:
            names = sorted((path.name for path in self._path.iterdir() if not path.name.startswith(".")), reverse=True)
        except OSError:
            return []
        backups = []
        for name in names:
            try:
                backups.append(self.read(self._path / name))
            except KbuildError:
                continue  # not one of ours, or from a newer kbuild: `get` says so when it is asked for by name
        return backups

    def get(self, name: str) -> Backup:
        """Give the backup of that name. Raises KbuildError when there is none, or it cannot be read."""
        if name in ("", ".", "..") or "/" in name or "\\" in name or not (self._path / name).is_dir():
            known = [backup.name for backup in self.all()]
            raise KbuildError(f"there is no backup '{name}' ({_listed(known)})")
        return self.read(self._path / name)

    def read(self, path: Path) -> Backup:
        """Read one backup's manifest. Raises KbuildError when it is none."""
        text = _read(path / "manifest.json")
        try:
            manifest = json.loads(text)
            if manifest["version"] != _VERSION:
                raise KbuildError(f"{path} was written by another version of kbuild (form {manifest['version']})")
            return Backup(
                path=path,
                command=str(manifest["command"]),
                context=str(manifest["context"]),
                address=str(manifest["kibana"]),
                space=str(manifest["space"]),
                project=str(manifest["project"]),
                new=list(map(_entry_from_json, manifest["new"])),
                changed=list(map(_entry_from_json, manifest["changed"])),
                rolled_back=manifest.get("rolled_back") is True,
            )
        except (ValueError, KeyError, TypeError, RecursionError):
            raise KbuildError(f"{path / 'manifest.json'} is damaged") from None

    def _make_private(self) -> None:
        """Make the folders for the owner alone; git is told to pass them by."""
        self._home.mkdir(parents=True, exist_ok=True)
        ignore = self._home / ".gitignore"
        if not ignore.exists():
            write_atomically(ignore, "*\n")
        self._path.mkdir(mode=0o700, exist_ok=True)
        self._path.chmod(0o700)

    def _free_path(self, context: str) -> Path:
        """Name the folder after time and context; two in one microsecond get a number."""
        safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in context)[:60]
        # No colon: Windows does not take one in a file name.
        stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H%M%S.%fZ")
        path = self._path / f"{stamp}-{safe}"
        number = 2
        while path.exists():
            path = self._path / f"{stamp}-{safe}-{number}"
            number += 1
        return path


def _entry_to_json(entry: Entry) -> JsonObject:
    return {"type": entry.key[0], "id": entry.key[1], "title": entry.title, "hash": entry.hash}


def _entry_from_json(item: Any) -> Entry:
    return Entry((str(item["type"]), str(item["id"])), str(item["title"]), str(item["hash"]))


def _pretty(value: JsonObject) -> str:
    return json.dumps(value, indent=2) + "\n"


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise KbuildError(f"{path} cannot be read: {reason}") from None


def _listed(names: Sequence[str]) -> str:
    return f"there are: {', '.join(names[:10])}" if names else "there are none"
