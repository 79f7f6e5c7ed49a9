"""What the commands that go to Kibana share: the way there, the question before a write, the names of things."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kibana_builder.commands.options import credentials
from kibana_builder.commands.output import emit, tell
from kibana_builder.errors import UsageError
from kibana_builder.json_tree import Json, JsonObject

if TYPE_CHECKING:
    from kibana_builder.files.project import Context, Project
    from kibana_builder.files.source import Source
    from kibana_builder.kibana.http import Kibana
    from kibana_builder.saved.ids import Key

__all__ = ["Form", "FormOption", "YesOption", "confirmed", "connected", "emit_json", "file_names", "key_as_json"]


class Form(StrEnum):
    """How a command prints its result."""

    text = "text"
    json = "json"


FormOption = Annotated[
    Form, typer.Option("--format", help="How the result is printed: text (the default) or json.", show_default=False)
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@contextmanager
def connected(project: Project, name: str | None, space: str | None = None) -> Iterator[tuple[Kibana, Context]]:
    """Go to the Kibana of a context: it is asked for its version and its space before anything else.

    `space` takes the place of the context's own.
    Raises UsageError for an unknown context, SpecError for one that is not complete, and KibanaError.
    """
    from kibana_builder.kibana.http import Kibana
    from kibana_builder.kibana.spaces import require_space
    from kibana_builder.kibana.status import require_supported

    context = project.context(name, os.environ)
    if space is not None:
        context = replace(context, space=space)
    login = credentials(context, os.environ)
    with Kibana(context.kibana, login, space=context.space, ca_file=context.ca_file, notice=tell) as kibana:
        for note in require_supported(kibana).notes:
            tell(f"Note: {note}.")
        require_space(kibana)
        yield kibana, context


def confirmed(question: str, *, yes: bool) -> bool:
    """Ask the person, unless they said yes already. Raises UsageError when there is nobody to ask."""
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask on, so nothing was done; add --yes to do it without a question")
    return typer.confirm(question, err=True)


def file_names(source: Source, names: Sequence[str]) -> dict[str, list[Key]]:
    """Tell which objects, with their ids in the default space, come from the files of a name, or from a path."""
    result: dict[str, list[Key]] = {}
    by_path: dict[Path, list[Key]] = {}
    for spec in source.specs:
        # A visualization may be a Lens or an older one; no two objects of ours differ in that alone.
        kinds = ("lens", "visualization") if spec.kind == "visualization" else (spec.key[0],)
        keys = [(kind, spec.id) for kind in kinds]
        result.setdefault(spec.name, []).extend(keys)
        by_path[spec.file.path] = keys
    for name in source.project.data_views:
        result.setdefault(name, []).append(("index-pattern", source.project.data_view_id(name, source.context)))
    return result | {name: by_path[path] for name in names if (path := Path(name).absolute()) in by_path}


def key_as_json(key: Key, title: str) -> JsonObject:
    """Name an object for a program."""
    return {"type": key[0], "id": key[1], "title": title}


def emit_json(value: Mapping[str, Json] | Sequence[Json]) -> None:
    """Give a program its JSON; what is no ASCII stays escaped, so that nothing can fail to be encoded."""
    emit(json.dumps(value, indent=2) + "\n")
