"""A new project on disk: the example with the folder's own name, and what an editor needs to know.

Nothing that is there is overwritten. The JSON Schemas go beside the editor's settings, into the project and under
version control, so that whoever clones it has completion at once, without kbuild and without a step to remember.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kibana_builder.errors import KbuildError
from kibana_builder.files.example import example_files, example_folder

SCHEMA_FOLDER = ".vscode/kbuild"
SETTINGS = ".vscode/settings.json"
EDITOR_FILES = {
    "project": ["kbuild.yaml"],
    "dashboard": ["dashboards/**/*.yaml", "dashboards/**/*.yml"],
    "visualization": ["visualizations/**/*.yaml", "visualizations/**/*.yml"],
    "saved_object": ["saved_objects/**/*.yaml", "saved_objects/**/*.yml"],
}
"""Which files an editor checks against which schema."""

IGNORED = (".kbuild/", "ml-logs/")
"""What kbuild keeps for one person alone (its backups, events that were made), so what git shall not see."""


@dataclass(slots=True)
class Scaffold:
    """What became of each file, as paths relative to `folder`; `project` is the name that kbuild.yaml now says."""

    folder: Path
    project: str
    created: list[str] = field(default_factory=list)
    extended: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def scaffold(folder: Path, schemas: Mapping[str, str], *, with_stack: bool = False) -> Scaffold:
    """Write a new project into `folder` (made if it is absent); `schemas` holds the text of each kind's JSON Schema.

    `with_stack`: the folder stack/ too, for `kbuild stack`.

    Raises KbuildError when a file cannot be written; what was written before stays, and a repeat goes on from there.
    """
    result = Scaffold(folder, project_name(folder))
    texts = {name: (example_folder() / name).read_text("utf-8") for name in example_files(with_stack=with_stack)}
    texts["kbuild.yaml"] = re.sub(r"(?m)^project: \S+", f"project: {result.project}", texts["kbuild.yaml"], count=1)
    texts[SETTINGS] = editor_settings()
    texts.update({f"{SCHEMA_FOLDER}/{kind}.json": schemas[kind] for kind in EDITOR_FILES})
    try:
        for name, text in texts.items():
            if _create(folder / name, text):
                result.created.append(name)
            else:
                result.kept.append(name)
        _ignore(folder / ".gitignore", result)
    except OSError as error:
        place = error.filename or folder
        raise KbuildError(f"{place}: cannot be written: {error.strerror or error}") from None
    return result


def project_name(folder: Path) -> str:
    """Make a project's name of a folder's: small letters, digits and `-`, so that two projects' ids stay apart.

    Letters lose their accents, and ß becomes ss.
    """
    plain = unicodedata.normalize("NFKD", folder.absolute().name)
    letters = "".join(character for character in plain if not unicodedata.combining(character))
    return re.sub(r"[^a-z0-9]+", "-", letters.casefold()).strip("-") or "ml-monitoring"


def editor_settings() -> str:
    """Write the settings by which VS Code's YAML extension finds the schemas."""
    schemas = {f"./{SCHEMA_FOLDER}/{kind}.json": files for kind, files in EDITOR_FILES.items()}
    return json.dumps({"yaml.schemas": schemas}, indent=2) + "\n"


def _create(path: Path, text: str) -> bool:
    """Write a file that is not there yet; False when something of that name is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True


def _ignore(path: Path, result: Scaffold) -> None:
    """Put kbuild's own folders on the list of what git ignores, at the end of the list that is there."""
    if _create(path, "".join(f"{folder}\n" for folder in IGNORED)):
        result.created.append(path.name)
        return
    text = path.read_text("utf-8", errors="surrogateescape")
    said = {line.strip().strip("/") for line in text.splitlines()}
    missing = [folder for folder in IGNORED if folder.strip("/") not in said]
    if not missing:
        result.kept.append(path.name)
        return
    gap = "" if not text or text.endswith("\n") else "\n"
    with path.open("a", encoding="utf-8", newline="\n") as file:
        file.write(gap + "".join(f"{folder}\n" for folder in missing))
    result.extended.append(path.name)
