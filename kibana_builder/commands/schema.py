"""`kbuild schema`: the JSON Schema of a kind of file, for editors."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

from kibana_builder.commands.output import emit


class Kind(StrEnum):
    """The kinds of files that have a schema."""

    dashboard = "dashboard"
    visualization = "visualization"
    project = "project"


def schema(
    # Hidden, since typer would put a stray backslash before "[required]"; the text below says it all.
    kind: Annotated[Kind, typer.Argument(metavar="KIND", hidden=True)],
) -> None:
    """Print the JSON Schema of a kind of file, for an editor that completes and explains.

    KIND is dashboard, visualization or project (that is kbuild.yaml).

    A YAML file names its schema in a comment: # yaml-language-server: $schema=PATH
    """
    emit(schema_text(kind))


def schema_text(kind: str) -> str:
    """Write the schema of a kind as it is printed, and as `kbuild init` puts it into a project."""
    from kibana_builder.spec.json_schema import schema_for

    return json.dumps(schema_for(kind), ensure_ascii=False, indent=2) + "\n"
