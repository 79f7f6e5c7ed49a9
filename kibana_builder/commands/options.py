"""What several commands share: the options, and the way from PATHS to a project that is sound."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kibana_builder.commands.output import print_problems
from kibana_builder.errors import SpecError, UsageError

if TYPE_CHECKING:
    from kibana_builder.files.project import Context, Project
    from kibana_builder.files.source import Source
    from kibana_builder.kibana.credentials import Credentials

__all__ = [
    "STREAM",
    "ContextOption",
    "PathsArgument",
    "check_readable",
    "credentials",
    "open_project",
    "seconds",
    "sound_source",
]

STREAM = Path("-")
"""What stands for stdin or stdout where a file is named."""

LONGEST_SECONDS = 366 * 86_400
"""A year: what is longer was not meant."""

PathsArgument = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[PATHS]...",
        help="Files or folders of the project; without any, all of it.",
        show_default=False,
    ),
]
ContextOption = Annotated[
    str | None,
    typer.Option(
        "--context", metavar="NAME", help="The context in kbuild.yaml; without it, the default.", show_default=False
    ),
]


def seconds(said: float | None) -> float | None:
    """Check a number of seconds, for typer: `nan` and `inf` pass its `min`, and nobody can wait for so long."""
    if said is not None and not said <= LONGEST_SECONDS:
        raise typer.BadParameter(f"{said:g} is no number of seconds up to {LONGEST_SECONDS:,}.")
    return said


def check_readable(path: Path) -> None:
    """Raise UsageError where nothing that can be read lies at a path that the command line names."""
    from kibana_builder.files.places import look_at

    found = look_at(path)
    why = "it is a folder" if found.kind == "folder" else found.why
    if not why and not os.access(path, os.R_OK):
        why = "permission denied"
    if why:
        raise UsageError(f"{path} cannot be read: {why}")


def open_project(paths: Sequence[Path] | None = None) -> Project:
    """Find and read the project that PATHS belong to; without PATHS, that of the current folder.

    Raises UsageError when there is none, or more than one; SpecError when kbuild.yaml has errors.
    """
    from kibana_builder.files.folders import PROJECT_FILE
    from kibana_builder.files.places import look_at
    from kibana_builder.files.project import find_project, load_project

    starts = list(paths or [Path()])
    found = {start: find_project(start) for start in starts}
    for start, project in found.items():
        if project is None:
            place = look_at(start)
            if place.kind == "nothing":
                raise UsageError(f"there is no file or folder {start}" if place.absent else f"{start}: {place.why}")
            inside = look_at(start / PROJECT_FILE)
            if inside.kind == "nothing" and not inside.absent:
                raise UsageError(f"{start / PROJECT_FILE}: {inside.why}")
            raise UsageError(
                f"there is no kbuild.yaml in {start.absolute()} or a folder above it; `kbuild init` makes a new project"
            )
    files = sorted({project for project in found.values() if project is not None})
    if len(files) > 1:
        raise UsageError(f"the paths belong to different projects: {' and '.join(map(str, files))}")
    return load_project(files[0])


def sound_source(paths: Sequence[Path] | None, context: str | None) -> Source:
    """Load what PATHS name and check it; warnings are printed. Raises SpecError when there is any error."""
    from kibana_builder.checks import all_problems
    from kibana_builder.files.source import load_source

    source = load_source(open_project(paths), paths or (), context)
    problems = all_problems(source)
    if any(problem.severity == "error" for problem in problems):
        raise SpecError(problems)
    print_problems(problems, stream=sys.stderr)
    return source


def credentials(context: Context, environment: Mapping[str, str]) -> Credentials:
    """Give who we are in a context. Where it names variables of its own, only those count.

    Raises UsageError when such a variable is not set, or holds what cannot be meant.
    """
    from kibana_builder.kibana.credentials import credentials_from

    own = {
        "api_key": context.api_key_env,
        "username": context.username_env,
        "password": context.password_env,
    }
    for name in own.values():
        if name is not None and not environment.get(name):
            raise UsageError(f"the environment variable {name} is not set; the context '{context.name}' names it")
    if not any(own.values()):
        return credentials_from(environment)
    # A name that is not said must not fall back to a variable meant for another context.
    return credentials_from(environment, **{key: name or "" for key, name in own.items()})
