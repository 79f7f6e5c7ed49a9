"""`kbuild init`: a new project that already works."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kibana_builder.commands.output import safe, tell, write
from kibana_builder.commands.schema import schema_text

if TYPE_CHECKING:
    from kibana_builder.files.scaffold import Scaffold


def init(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="[DIR]", help="The project's folder, made if absent; without one, this folder.", show_default=False
        ),
    ] = Path(),
    *,
    with_stack: Annotated[
        bool, typer.Option("--with-stack", help="Write stack/ too: Elasticsearch, Kibana and Logstash in Docker.")
    ] = False,
) -> None:
    """Write a new project that works: kbuild.yaml, the example dashboards, the editor's settings.

    The project is called like its folder. A file that is there already stays as it is.
    """
    from kibana_builder.files.scaffold import EDITOR_FILES, scaffold

    result = scaffold(folder, {kind: schema_text(kind) for kind in EDITOR_FILES}, with_stack=with_stack)
    for line in _lines(result):
        write(safe(line))
    tell(_next_step(result, with_stack=with_stack))


def _lines(result: Scaffold) -> Iterator[str]:
    yield from (f"wrote {name}" for name in _by_folder(result.created))
    yield from (f"added a line to {name}" for name in result.extended)
    yield from (f"kept {name}" for name in result.kept)


def _by_folder(names: Iterable[str]) -> Iterator[str]:
    """Name each file at the top; count those of a folder."""
    folders = Counter(name.rpartition("/")[0] for name in names)
    for name in names:
        folder = name.rpartition("/")[0]
        if not folder:
            yield name
        elif count := folders.pop(folder, 0):
            yield f"{folder}/ ({count} file{'s' if count > 1 else ''})"


def _next_step(result: Scaffold, *, with_stack: bool) -> str:
    from kibana_builder.sandbox.extra import INSTALL, is_installed

    if not result.created:
        return "Everything is there already; nothing was changed."
    steps = [
        *([] if result.folder.absolute() == Path.cwd() else [f"cd {shlex.quote(str(result.folder))}"]),
        "kbuild validate    # is everything right?",
        f"kbuild demo        # look at it in a sandbox{'' if is_installed() else f'; needs {INSTALL}'}",
        *(["kbuild stack up    # or run Elasticsearch, Kibana and Logstash in Docker"] if with_stack else []),
    ]
    listed = "\n".join(f"  {step}" for step in steps)
    return (
        f"The project is called {result.project}. Next:\n{listed}\n"
        "Then set `contexts:` in kbuild.yaml to your Kibana, and `kbuild apply`."
    )
