"""Which YAML files lie in a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

__all__ = ["PROJECT_FILE", "is_yaml", "yaml_files"]

PROJECT_FILE = "kbuild.yaml"


def is_yaml(path: Path) -> bool:
    """Tell by its name whether a file is YAML."""
    return path.suffix in (".yaml", ".yml")


def yaml_files(folder: Path) -> Iterator[Path | OSError]:
    """Go through the YAML files below a folder, in the order of their names.

    A folder that cannot be read comes as its OSError. Left out are hidden files and folders, project files, and
    folders with a project file of their own: those belong to another project. Links to folders are not followed, so
    that a loop of them ends.
    """
    unreadable: list[OSError] = []
    for place, folders, files in os.walk(folder, onerror=unreadable.append):
        inner = Path(place) != folder and PROJECT_FILE in files
        folders[:] = [] if inner else sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(place, name)
            if is_yaml(path) and not (inner or name.startswith(".") or name == PROJECT_FILE):
                yield path
    yield from unreadable
