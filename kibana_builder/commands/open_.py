"""`kbuild open`: a dashboard in the browser."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from kibana_builder.commands.in_kibana import connected, file_names
from kibana_builder.commands.options import ContextOption, open_project
from kibana_builder.commands.output import safe, write


def open_(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="[NAME]",
            help="A file, a title or an id; without it, the list of dashboards.",
            show_default=False,
        ),
    ] = None,
    context: ContextOption = None,
    only_print: Annotated[bool, typer.Option("--print", help="Only print the address.")] = False,
) -> None:
    """Open a dashboard in the browser.

    Or another object of the project; its address is printed as well. Where there is no terminal, it is only printed.
    """
    from kibana_builder.files.source import load_source
    from kibana_builder.kibana.pages import page_of
    from kibana_builder.sync.live import read_project

    project = open_project()
    with connected(project, context) as (kibana, _):
        if name is None:
            address = kibana.url("/app/dashboards")
        else:
            files = file_names(load_source(project, (), context), [name])
            (own,) = read_project(kibana, project.name).named([name], files, prefer="dashboard")
            address = page_of(kibana, own.key)
    write(safe(address))
    if sys.stdout.isatty() and not only_print:
        typer.launch(address)
