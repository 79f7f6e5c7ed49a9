"""The rooms of the package stand in one order, and a room imports only rooms above it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "kibana_builder"

# Above all rooms stand the modules of the package itself, which import none of them. Stages of the way of the data come
# in its order; `files` gives documents of a project, so that it stands below the schema and above the checks.
ROOMS = (
    *("kql", "charts", "spec", "files", "checks", "saved"),
    *("kibana", "elastic", "stack", "sync", "doctor", "monitor", "preview", "sandbox", "commands"),
)
# The front door hands out what the rooms have, `python -m` opens it.
DOORS = ("__init__", "__main__")


def imports() -> Iterator[tuple[str, int, str, str]]:
    """Give each import of one part of the package by another: file, line, room, imported room; "" for no room."""
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).parts
        room = parts[0] if len(parts) > 1 else ""
        if not room and path.stem in DOORS:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            modules += [name.name for name in node.names] if isinstance(node, ast.Import) else []
            for module in modules:
                top, _, rest = module.partition(".")
                if top == PACKAGE.name:
                    target = rest.split(".")[0]
                    yield "/".join(parts), node.lineno, room, target if (PACKAGE / target).is_dir() else ""


def test_every_room_has_its_place() -> None:
    """A new room is put into the order."""
    assert {path.parent.name for path in PACKAGE.glob("*/__init__.py")} == set(ROOMS)


def test_arrows_point_one_way() -> None:
    """No room imports one below it, nor does a module above all rooms import one of them."""
    place = {"": -1, **{room: number for number, room in enumerate(ROOMS)}}
    wrong = [
        f"{file}:{line}: {room or 'a module above all rooms'} imports {target}"
        for file, line, room, target in imports()
        if target and place[target] > place[room]
    ]
    assert wrong == []


def test_no_relative_imports() -> None:
    """Every import names its room, so that the two tests above see it."""
    relative = [
        path.name
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []
