"""`kbuild sandbox`: the embedded server, in the foreground."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kibana_builder.commands.output import tell, write
from kibana_builder.errors import KbuildError, UsageError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from kibana_builder.sandbox.store import Store

FOLDER = Path(".kbuild") / "sandbox"


PortOption = typer.Option(metavar="N", help="The port to listen on (5601); 0 takes a free one.", show_default=False)
FolderOption = typer.Option(
    metavar="DIR", help="Where the objects are kept (.kbuild/sandbox of the project).", show_default=False
)
MemoryOption = typer.Option("--in-memory", help="Keep the objects in memory only: they are gone when it ends.")


def sandbox(
    port: Annotated[int, PortOption] = 5601,
    folder: Annotated[Path | None, FolderOption] = None,
    in_memory: Annotated[bool, MemoryOption] = False,
) -> None:
    """Run an embedded server that answers like Kibana.

    It has the saved-objects API as Kibana 8.12.2 answers it, on this machine only, and is no Kibana: a place to try
    things out without one. The last line printed is its address; Ctrl-C ends it.
    """
    from kibana_builder.sandbox.extra import check_installed

    if in_memory and folder is not None:
        raise UsageError("--folder and --in-memory exclude each other")
    check_installed()
    from kibana_builder.preview.duckdb import DuckExecutor
    from kibana_builder.sandbox.events import Events
    from kibana_builder.sandbox.server import run_sandbox
    from kibana_builder.sandbox.show import pages_of

    kept = None if in_memory else folder or default_folder(Path.cwd())

    def ready(url: str) -> None:
        tell(f"The sandbox is running, its objects are kept in {kept or 'memory'}. It is not Kibana. Ctrl-C ends it.")
        write(url)
        sys.stdout.flush()

    with Events(None if kept is None else events_file(kept)) as events:

        def pages(store: Store) -> Callable[[str], ASGIApp]:
            return pages_of(store, DuckExecutor(events))

        run_sandbox(port=port, folder=kept, ready=ready, pages=pages)


def events_file(folder: Path) -> Path:
    """Give the file of the events beside the objects; the folder is made. Raises KbuildError where it cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KbuildError(f"the sandbox cannot keep its objects in {folder}: {error.strerror or error}") from None
    return folder / "events.duckdb"


def default_folder(start: Path) -> Path:
    """Give the folder of the project that `start` is in; without a project, the same below `start`."""
    from kibana_builder.files.project import find_project

    file = find_project(start)
    return (file.parent if file else start) / FOLDER
