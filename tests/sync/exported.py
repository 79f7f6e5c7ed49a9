"""Exports for the tests: objects into a folder, and what is there afterwards."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from kibana_builder.files.example import example_files, example_folder
from kibana_builder.files.project import load_project
from kibana_builder.files.source import Source, load_source
from kibana_builder.json_tree import JsonObject
from kibana_builder.saved.build import build
from kibana_builder.sync.export import Export, Target, check_export, plan_export, write_export


def source_in(folder: Path, context: str | None = None) -> Source:
    return load_source(load_project(folder / "kbuild.yaml"), (), context)


def copy_example(folder: Path) -> Source:
    for name in example_files():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(example_folder() / name, folder / name)
    return source_in(folder)


@cache
def _example_objects() -> tuple[JsonObject, ...]:
    return tuple(one.object for one in build(source_in(example_folder())))


def example_objects() -> list[JsonObject]:
    return list(_example_objects())


def export_to(folder: Path, objects: Sequence[JsonObject], project: str = "shop", space: str = "default") -> Export:
    """Export into a folder, to its project if there is one; what was written is held to what came."""
    source = source_in(folder) if (folder / "kbuild.yaml").exists() else None
    export = plan_export(objects, Target(folder, source, {"project": project}, space=space))
    write_export(export)
    written = source_in(folder)
    assert [problem for problem in written.problems if problem.severity == "error"] == []
    assert [one for one in check_export(export, written) if one.fault] == []
    again = plan_export(objects, Target(folder, written, space=space))
    assert {one.state for one in again.objects} <= {"unchanged"}
    assert again.files == {}
    return export


def files_in(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
