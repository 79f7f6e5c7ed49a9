"""`kbuild sandbox`: the embedded server, in the foreground."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from kibana_builder.commands.output import tell, write
from kibana_builder.errors import UsageError

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
    from kibana_builder.sandbox.server import run_sandbox

    kept = None if in_memory else folder or default_folder(Path.cwd())

    def ready(url: str) -> None:
        tell(f"The sandbox is running, its objects are kept in {kept or 'memory'}. It is not Kibana. Ctrl-C ends it.")
        write(url)
        sys.stdout.flush()

    run_sandbox(port=port, folder=kept, ready=ready)


def default_folder(start: Path) -> Path:
    """Give the folder of the project that `start` is in; without a project, the same below `start`."""
    from kibana_builder.files.project import find_project

    file = find_project(start)
    return (file.parent if file else start) / FOLDER
