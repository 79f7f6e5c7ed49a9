"""Saved objects in files of all the forms in which people keep them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kibana_builder.errors import UsageError
from kibana_builder.files.object_files import read_object_files

ITEM = {"type": "search", "id": "s", "attributes": {"title": "S"}}
OLD = {"_id": "s", "_type": "search", "_source": {"title": "S"}}
FROM_OLD = {"type": "search", "id": "s", "attributes": {"title": "S"}}


@pytest.mark.parametrize(
    ("value", "objects"),
    [
        (ITEM, [ITEM]),
        ([ITEM, ITEM], [ITEM, ITEM]),
        ({"version": "7.3.0", "objects": [ITEM]}, [ITEM]),
        ([OLD, {"_id": "x"}], [FROM_OLD]),
        (
            {**OLD, "_references": [1], "_migrationVersion": {}},
            [FROM_OLD | {"references": [1], "migrationVersion": {}}],
        ),
        ({"exportedCount": 1}, []),
        ({**ITEM, "id": ""}, []),
        ({**ITEM, "attributes": []}, []),
        ({**ITEM, "type": 5}, []),
        ({"name": "no object"}, []),
        (5, []),
        ([[[ITEM]], None], [ITEM]),
    ],
    ids=json.dumps,
)
def test_forms_of_a_json_file(tmp_path: Path, value: Any, objects: list[Any]) -> None:
    """One object, a list, an export of Kibana before 7.9, one of Kibana 4 and 5; all else is no object."""
    path = tmp_path / "file.json"
    path.write_text(json.dumps(value, indent=2), encoding="utf-8")
    (file,) = read_object_files([path])
    assert (file.objects, file.no_json) == (objects, [])


def test_ndjson_with_broken_lines(tmp_path: Path) -> None:
    """What is good of it is read, what is no JSON has its line; a byte order mark does not count."""
    path = tmp_path / "export.ndjson"
    path.write_bytes(b"\xef\xbb\xbf" + f"{json.dumps(ITEM)}\r\n\n{{\nNaN\n{json.dumps(ITEM)}".encode() + b"\n\xff\n")
    (file,) = read_object_files([path])
    assert file.objects == [ITEM, ITEM]
    assert file.no_json == [3, 4, 6]


def test_the_folders_of_packages(tmp_path: Path) -> None:
    """Folder and file name the type and the id of attributes that stand alone; a package's files belong together."""
    folder = tmp_path / "package" / "kibana"
    for kind, content in {
        "dashboard": {"title": "D", "panelsJSON": "[]", "references": []},
        "ml_module": {**ITEM, "type": "ml-module"},
        "visualization": {"title": "V", "visState": "{}"},
    }.items():
        (folder / kind).mkdir(parents=True)
        (folder / kind / "one.json").write_text(json.dumps(content), encoding="utf-8")
    (tmp_path / "lens.json").write_text(json.dumps({"visualizationType": "lnsXY", "state": {}}), encoding="utf-8")
    files = read_object_files([tmp_path])
    assert [(item["type"], item["id"]) for file in files for item in file.objects] == [
        ("lens", "lens"),
        ("dashboard", "one"),
        ("ml-module", "s"),
        ("visualization", "one"),
    ]
    assert files[1].objects[0]["attributes"] == {"title": "D", "panelsJSON": "[]"}
    assert len({file.package for file in files[1:]}) == 1
    assert files[0].package != files[1].package


def test_folders_and_files_once_each(tmp_path: Path) -> None:
    """In the order of their names, whatever way they are named; other files of a folder are passed over."""
    for name in ("b.json", "a.ndjson", "c.txt"):
        (tmp_path / name).write_text(json.dumps(ITEM), encoding="utf-8")
    files = read_object_files([tmp_path, tmp_path / "b.json", tmp_path / "c.txt"])
    assert [Path(file.name).name for file in files] == ["a.ndjson", "b.json", "c.txt"]


def test_what_is_not_there(tmp_path: Path) -> None:
    """Is wrong usage."""
    with pytest.raises(UsageError, match="missing"):
        read_object_files([tmp_path / "missing"])


def test_json_of_any_depth(tmp_path: Path) -> None:
    """Deeper than Python can read is no JSON."""
    path = tmp_path / "deep.json"
    path.write_text("[" * 100_000 + "]" * 100_000, encoding="utf-8")
    (file,) = read_object_files([path])
    assert (file.objects, file.no_json) == ([], [1])
