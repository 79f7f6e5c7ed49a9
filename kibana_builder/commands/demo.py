"""`kbuild demo`: a sandbox with the project's dashboards in it."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kibana_builder.commands.options import sound_source
from kibana_builder.commands.output import tell, write
from kibana_builder.errors import KbuildError

if TYPE_CHECKING:
    from kibana_builder.files.source import Source
    from kibana_builder.sync.changes import Change

FIRST_PORT = 5601
PORTS = 100


PortOption = typer.Option(
    metavar="N", help="The port to listen on (5601, or the next that is free); 0 takes a free one.", show_default=False
)


def demo(port: Annotated[int | None, PortOption] = None) -> None:
    """Start a sandbox with the project's dashboards in it.

    The whole project is applied to it as to a Kibana; the sandbox lives in memory. The last line printed is its
    address; Ctrl-C ends it.
    """
    from kibana_builder.sandbox.extra import check_installed

    check_installed()
    from kibana_builder.sandbox.server import RunningSandbox

    source = sound_source(None, None)
    with RunningSandbox(port=FIRST_PORT if port is None else port, tries=PORTS if port is None else 1) as sandbox:
        changes = fill(source, sandbox.url)
        tell(f"Applied {source.project.name} to a sandbox: {counted(changes)}")
        for line in dashboard_lines(changes, sandbox.url):
            tell(line)
        with contextlib.suppress(KeyboardInterrupt):
            tell("It is not Kibana; its page lists the objects. Ctrl-C ends it, and the objects with it.")
            write(sandbox.url)
            sys.stdout.flush()
            sandbox.wait()


def fill(source: Source, url: str) -> Sequence[Change]:
    """Apply the project to an empty server and give what was written; raises KbuildError when anything was not."""
    from kibana_builder.kibana.http import Kibana
    from kibana_builder.saved.build import build
    from kibana_builder.saved.ids import key_of
    from kibana_builder.sync.apply import apply
    from kibana_builder.sync.backups import BackupFolder
    from kibana_builder.sync.plan import plan_apply

    built = build(source)
    files = {key_of(each.object): each.file for each in built}
    # The backup of an apply goes with the sandbox: `kbuild rollback` must not find one of a server that is gone.
    with Kibana(url) as kibana, tempfile.TemporaryDirectory() as folder:
        plan = plan_apply(kibana, source.project.name, [each.object for each in built], files=files)
        outcome = apply(kibana, plan, BackupFolder(Path(folder)), "demo")
    if not outcome.complete:
        words = [f"{failure.change.name}: {failure.words}" for failure in outcome.failed] or [str(outcome.error)]
        raise KbuildError("\n".join(["the sandbox did not take everything:", *words]))
    return outcome.written


def dashboard_lines(changes: Sequence[Change], url: str) -> Iterator[str]:
    """Give a line for each dashboard: its title, and the address of its page."""
    from kibana_builder.kibana.http import Kibana
    from kibana_builder.kibana.pages import page_of

    with Kibana(url) as kibana:
        yield from (
            f"  {change.title}: {page_of(kibana, change.key)}" for change in changes if change.key[0] == "dashboard"
        )


def counted(changes: Sequence[Change]) -> str:
    """Count objects by type: "3 data views, 1 tag"."""
    from kibana_builder.sync.changes import type_words

    counts = Counter(type_words(change.key[0]) for change in changes)
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for word, count in counts.items()) or "nothing"
