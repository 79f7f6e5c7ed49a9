"""Saved objects in files of all the forms in which people keep them.

NDJSON as Kibana exports it; a JSON file with one object, a list of them, or `{objects: […]}` (Kibana before 7.9); the
list that Kibana 4 and 5 exported, with `_id`, `_type` and `_source`; and the folders of integrations and of Kibana's
own modules, `kibana/TYPE/ID.json`, where a file may hold the attributes alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kibana_builder.errors import UsageError
from kibana_builder.files.places import look_at, shown
from kibana_builder.json_tree import Json, JsonObject, read_json

__all__ = ["ObjectFile", "read_object_files"]

_ENDINGS = (".json", ".ndjson")

# The folders of integrations whose names are not those of the types (elastic-package: kibana/ml_module).
_TYPES_OF_FOLDERS = {"index_pattern": "index-pattern", "ml_module": "ml-module", "security_rule": "security-rule"}
_KEPT_ALONE = ("panelsJSON", "visState", "kibanaSavedObjectMeta", "visualizationType")


@dataclass(slots=True)
class ObjectFile:
    """What one file holds: saved objects (each has at least type, id and attributes), and lines that are no JSON.

    `package` is the same for files whose objects belong together: those of one package.
    """

    name: str
    package: str
    objects: list[JsonObject] = field(default_factory=list)
    no_json: list[int] = field(default_factory=list)


def read_object_files(paths: Iterable[Path]) -> list[ObjectFile]:
    """Read files, and the JSON and NDJSON files below folders, in the order of their names.

    A file that cannot be read counts as one without JSON. Raises UsageError for a path that is not there.
    """
    return [_read(path) for path in dict.fromkeys(file for path in paths for file in _files(path))]


def _files(path: Path) -> Iterator[Path]:
    found = look_at(path)
    if found.kind == "file":
        yield path
    elif found.kind == "folder":
        for place, folders, names in os.walk(path):
            folders.sort()
            yield from (Path(place, name) for name in sorted(names) if name.endswith(_ENDINGS))
    else:
        raise UsageError(f"there is no file or folder {path}" if found.absent else f"{path}: {found.why}")


def _read(path: Path) -> ObjectFile:
    in_package = path.parent.parent.name == "kibana"
    file = ObjectFile(shown(path), str(path.parent.parent if in_package else path))
    try:
        text = path.read_bytes().decode("utf-8-sig", "surrogateescape")
    except OSError:
        file.no_json.append(1)
        return file
    value = _decoded(text)
    if value is not _NO_JSON:
        file.objects += _objects(value, path)
        return file
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            value = _decoded(line)
            if value is _NO_JSON:
                file.no_json.append(number)
            else:
                file.objects += _objects(value, path)
    return file


_NO_JSON = object()


def _decoded(text: str) -> Json:
    try:
        return read_json(text)
    except (ValueError, RecursionError):
        return _NO_JSON


def _objects(value: Json, path: Path) -> Iterator[JsonObject]:
    """Give the saved objects of one JSON value."""
    if isinstance(value, list):
        for entry in value:
            yield from _objects(entry, path)
    elif not isinstance(value, dict):
        return
    elif isinstance(value.get("attributes"), dict) and _has_words(value, "type", "id"):
        yield value
    elif isinstance(value.get("_source"), dict) and _has_words(value, "_type", "_id"):
        yield _of_old_export(value)
    elif isinstance(value.get("objects"), list):
        yield from _objects(value["objects"], path)
    elif "attributes" not in value and any(key in value for key in _KEPT_ALONE):
        yield from _attributes_alone(value, path)


def _has_words(value: JsonObject, *keys: str) -> bool:
    return all(isinstance(value.get(key), str) and value[key] for key in keys)


def _of_old_export(value: JsonObject) -> JsonObject:
    """Turn an entry of an export of Kibana 4 or 5 into the form of today, as Kibana's import did."""
    renamed = {"_references": "references", "_migrationVersion": "migrationVersion"}
    item = {"type": value["_type"], "id": value["_id"], "attributes": value["_source"]}
    return item | {new: value[old] for old, new in renamed.items() if old in value}


def _attributes_alone(value: JsonObject, path: Path) -> Iterator[JsonObject]:
    """Give the object whose attributes fill a file; folder and file name its type and id."""
    attributes = {key: entry for key, entry in value.items() if key != "references"}
    references = value.get("references", [])
    if "visualizationType" in value:
        kind = "lens"
    elif path.parent.parent.name == "kibana":
        kind = _TYPES_OF_FOLDERS.get(path.parent.name, path.parent.name)
    else:
        return
    yield {"type": kind, "id": path.stem, "attributes": attributes, "references": references}
