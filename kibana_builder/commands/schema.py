"""`kbuild schema`: the JSON Schema of a kind of file, for editors."""

from __future__ import annotations

import json
from typing import Annotated

import click
import typer

from kibana_builder.commands.output import emit
from kibana_builder.spec.json_schema import KINDS, schema_for


def schema(
    # Hidden, since typer would put a stray backslash before "[required]"; the line of usage says it all.
    kind: Annotated[str, typer.Argument(metavar=f"{{{'|'.join(KINDS)}}}", click_type=click.Choice(KINDS), hidden=True)],
) -> None:
    """Print the JSON Schema of a kind of file, for an editor that completes and explains.

    The kind project is that of kbuild.yaml. A YAML file names its schema in a comment at its top:

        # yaml-language-server: $schema=PATH
    """
    emit(schema_text(kind))


def schema_text(kind: str) -> str:
    """Write the schema of a kind as it is printed, and as `kbuild init` puts it into a project."""
    return json.dumps(schema_for(kind), ensure_ascii=False, indent=2) + "\n"
