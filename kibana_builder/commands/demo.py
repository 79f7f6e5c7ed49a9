"""`kbuild demo`: a sandbox with the project's dashboards in it."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import time
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
    from kibana_builder.sandbox.events import Events
    from kibana_builder.sync.changes import Change

FIRST_PORT = 5601
PORTS = 100
NOTES = "Events that kbuild makes; new ones flow in"


PortOption = typer.Option(
    metavar="N", help="The port to listen on (5601, or the next that is free); 0 takes a free one.", show_default=False
)


def demo(
    port: Annotated[int | None, PortOption] = None,
    events: Annotated[
        int, typer.Option("--events", metavar="N", min=0, help="How many events of the last two days it begins with.")
    ] = 100_000,
) -> None:
    """Show the project's dashboards with events of two days and new ones flowing in.

    The whole project is applied to a sandbox as to a Kibana; all of it lives in memory. The last line printed is the
    address of its page, which opens in a browser where a person sits before it; Ctrl-C ends it.
    """
    from kibana_builder.sandbox.extra import check_installed

    check_installed()
    from kibana_builder.preview.duckdb import DuckExecutor
    from kibana_builder.sandbox.server import RunningSandbox
    from kibana_builder.sandbox.show import pages_of

    source = sound_source(None, None)
    with (
        _events(source, events) as store,
        RunningSandbox(
            port=FIRST_PORT if port is None else port,
            tries=PORTS if port is None else 1,
            pages=lambda objects: pages_of(objects, DuckExecutor(store), NOTES),
        ) as sandbox,
    ):
        changes = fill(source, sandbox.url)
        tell(f"Applied {source.project.name} to a sandbox: {counted(changes)}")
        for line in dashboard_lines(changes, sandbox.url):
            tell(line)
        with contextlib.suppress(KeyboardInterrupt):
            tell("It is not Kibana: kbuild draws these dashboards. Ctrl-C ends it, and all that is in it.")
            write(sandbox.url)
            sys.stdout.flush()
            _open_for_a_person(sandbox.url)
            sandbox.wait()


@contextlib.contextmanager
def _events(source: Source, count: int) -> Iterator[Events]:
    """Give a store with two days of events, into which new ones flow.

    Data views of the generator's indices have its events, any others made-up ones for the fields that are used.
    """
    from generator.event import EVENT_TYPES
    from kibana_builder.date_math import now_ms
    from kibana_builder.preview.library import library_of
    from kibana_builder.preview.made_up import made_up
    from kibana_builder.sandbox.demo_events import SPAN_MS, LiveEvents, some_days
    from kibana_builder.sandbox.event_files import mappings_of
    from kibana_builder.sandbox.events import Events
    from kibana_builder.saved.build import build

    views = source.project.data_views.values()
    generated = any(view.index_pattern.startswith(kind.index) for view in views for kind in EVENT_TYPES.values())
    with Events(None, *mappings_of(source.project)) as store:
        if count:
            start, now = time.monotonic(), now_ms()
            stored = some_days(store, count, now) if generated else 0
            for index, lines in made_up(library_of([one.object for one in build(source)]), now - SPAN_MS, now):
                stored += 0 if store.tables(index.replace("preview", "*")) else store.append(index, lines)
            tell(f"Made {stored:,} events of the last two days in {time.monotonic() - start:.1f} s")
        with LiveEvents(store) if count and generated else contextlib.nullcontext():
            yield store


def _open_for_a_person(url: str) -> None:
    """Open the page where a person sits before a desktop; elsewhere the address is enough."""
    if sys.stdout.isatty() and (os.environ.get("DISPLAY") or sys.platform in ("darwin", "win32")):
        import webbrowser

        webbrowser.open(url)


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
