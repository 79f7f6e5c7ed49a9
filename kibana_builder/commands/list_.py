"""`kbuild list`: what a project has in Kibana."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kibana_builder.commands.in_kibana import Form, FormOption, connected, emit_json, key_as_json
from kibana_builder.commands.options import ContextOption, open_project
from kibana_builder.commands.output import safe, tell, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kibana_builder.sync.live import OwnObject

_STATES = {"untouched": "as applied", "changed": "changed in Kibana"}


def list_(context: ContextOption = None, format: FormOption = Form.text) -> None:
    """Show what the project has in Kibana.

    Type, title, id, and whether it is as it was applied. A copy that somebody made of a dashboard in Kibana carries
    the project's tag too; it shows as changed.
    """
    from kibana_builder.sync.live import read_project

    project = open_project()
    with connected(project, context) as (kibana, _):
        live = read_project(kibana, project.name)
    if format is Form.json:
        emit_json([{**key_as_json(own.key, own.title), "state": own.state} for own in live.objects])
    elif live.objects:
        _print_table(live.objects)
    else:
        tell(f"The project '{project.name}' has nothing in {live.place}.")


def _print_table(objects: Sequence[OwnObject]) -> None:
    from kibana_builder.sync.changes import type_words

    rows = [(type_words(own.key[0]), own.title, own.key[1], _STATES[own.state]) for own in objects]
    cells = [tuple(map(safe, row)) for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(3)]
    for row in cells:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=False))
        write("  ".join([*padded, row[3]]))
