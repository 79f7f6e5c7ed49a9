"""`kbuild preview`: the dashboards of the files in a page, or as pictures, without Kibana."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kibana_builder.commands.in_elasticsearch import reached
from kibana_builder.commands.options import STREAM, ContextOption, PathsArgument, check_readable, open_project
from kibana_builder.commands.output import emit, print_problems, safe, tell, write
from kibana_builder.errors import KbuildError, UsageError
from kibana_builder.spec.words import counted

if TYPE_CHECKING:
    from kibana_builder.files.project import Project
    from kibana_builder.files.source import Source
    from kibana_builder.preview.asking import Executor
    from kibana_builder.preview.dashboard_view import View
    from kibana_builder.preview.library import Library
    from kibana_builder.preview.project_stage import ProjectShow
    from kibana_builder.preview.stage import Stage
    from kibana_builder.sandbox.events import Events

FIRST_PORT, PORTS = 5602, 100
WIDTH = 1600
ELASTIC_SECONDS = 30.0
"""For one request: Kibana's own limit."""


def preview(
    paths: PathsArgument = None,
    *,
    context: ContextOption = None,
    from_elasticsearch: Annotated[
        bool, typer.Option("--from-elasticsearch", help="Ask the Elasticsearch of the context for the data.")
    ] = False,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="FILE",
            help="Events of your own, one JSON object a line, perhaps with gzip; - is stdin.",
            show_default=False,
        ),
    ] = None,
    time_range: Annotated[
        str | None,
        typer.Option(
            "--time-range",
            metavar="FROM[,TO]",
            help="The times to show, whatever the dashboards say: now-24h, or 2026-11-22T15:00Z,2026-11-23T15:00Z.",
            show_default=False,
        ),
    ] = None,
    png: Annotated[
        Path | None,
        typer.Option("--png", metavar="DIR", help="Write a picture of each dashboard instead.", show_default=False),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(
            "--html",
            metavar="FILE",
            help="Write one self-contained page with all of them instead; - is stdout.",
            show_default=False,
        ),
    ] = None,
    width: Annotated[
        int | None,
        typer.Option(
            "--width", metavar="PIXELS", min=400, max=6000, help="How wide a picture is (1600).", show_default=False
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            "--port", metavar="N", help="The port of the page (5602, or the next that is free).", show_default=False
        ),
    ] = None,
) -> int:
    """Show the dashboards without Kibana: in a page that follows every save, or as pictures.

    Without data of your own, events are made up for every field that the dashboards use. A picture or a page in a
    file needs no browser; where files have errors, the others are shown, and the exit code is 1.
    """
    from kibana_builder.sandbox.extra import check_installed

    if from_elasticsearch and data is not None:
        raise UsageError("--from-elasticsearch and --data exclude each other")
    if data is not None and data != STREAM:
        check_readable(data)
    _check_destination(png, html, width, port)
    check_installed()
    times = _times(time_range)
    project = open_project(paths)
    show = _show(project, paths or (), context)
    if show.problems:
        print_problems(show.problems, stream=sys.stderr)
    with _stage(project, show, context, times, data, from_elasticsearch=from_elasticsearch) as stage:
        if png is None and html is None:
            return _serve(stage, show, project, paths or (), port)
        _write_stills(stage, png, html, width or WIDTH)
        return 1 if any(problem.severity == "error" for problem in show.problems) else 0


def _check_destination(png: Path | None, html: Path | None, width: int | None, port: int | None) -> None:
    """Raise UsageError for options that have no meaning together, and for places where nothing can be written."""
    from kibana_builder.files.places import look_at

    page = png is None and html is None
    if page and width is not None:
        raise UsageError("--width is that of a picture; it goes with --png or --html")
    if not page and port is not None:
        raise UsageError("--port is that of the page; it does not go with --png and --html")
    if png is not None and look_at(png).kind in ("file", "other"):
        raise UsageError(f"--png wants a folder, and {png} is a file")
    if html is not None and look_at(html).kind == "folder":
        raise UsageError(f"--html wants a file, and {html} is a folder")


def _times(said: str | None) -> tuple[str, str] | None:
    """Read --time-range. Raises UsageError."""
    if said is None:
        return None
    from kibana_builder.date_math import NoMoment, epoch_ms, now_ms

    start, _, end = said.partition(",")
    times = (start.strip(), end.strip() or "now")
    now = now_ms()
    try:
        if epoch_ms(times[0], now) >= epoch_ms(times[1], now, end=True):
            raise UsageError(f"--time-range: {times[1]} is not after {times[0]}")
    except NoMoment as error:
        raise UsageError(f"--time-range: {error}") from None
    return times


def _show(project: Project, paths: Sequence[Path], context: str | None) -> ProjectShow:
    from kibana_builder.files.project import load_project
    from kibana_builder.files.source import load_source
    from kibana_builder.preview.project_stage import ProjectShow

    def load() -> Source:
        return load_source(load_project(project.file.path), paths, context)

    return ProjectShow(load)


@contextlib.contextmanager
def _stage(
    project: Project,
    show: ProjectShow,
    context: str | None,
    times: tuple[str, str] | None,
    data: Path | None,
    *,
    from_elasticsearch: bool,
) -> Iterator[Stage]:
    """Give what is shown and who answers it."""
    from kibana_builder.preview.stage import Stage

    if from_elasticsearch:
        from kibana_builder.preview.elasticsearch import ElasticExecutor

        with reached(project, context, None, ELASTIC_SECONDS, has_option=False) as elastic:
            notes = f"Data of {elastic.address}"
            yield Stage(show.library, show.version, ElasticExecutor(elastic), notes, time_range=times)
        return
    from kibana_builder.preview.duckdb import DuckExecutor
    from kibana_builder.sandbox.event_files import mappings_of
    from kibana_builder.sandbox.events import Events

    with Events(None, *mappings_of(project)) as events:
        executor = DuckExecutor(events)
        if data is not None:
            notes = _of_file(events, executor, show.library(), data)
        else:
            _make_up(events, show.library(), times)
            notes = "Made-up events: --data FILE shows your own"
        yield Stage(show.library, show.version, executor, notes, time_range=times)


def _of_file(events: Events, executor: Executor, library: Library, data: Path) -> str:
    """Put the events of a file into the store; say how many, and of when, which explains many an empty panel."""
    from kibana_builder.preview.stage import span_of
    from kibana_builder.preview.still import times_text
    from kibana_builder.sandbox.event_files import load_file

    count = load_file(events, data, list(library.data_views.values()))
    name = "stdin" if data == STREAM else data.name
    if count == 0:
        tell(f"Warning: there are no events in {name}")
    span = span_of(executor, library)
    return f"{counted(count, 'event')} of {name}{f', {times_text(span)}' if span else ''}"


def _make_up(events: Events, library: Library, times: tuple[str, str] | None) -> None:
    """Put made-up events of these times into the store, else of the last day."""
    from kibana_builder.date_math import epoch_ms, now_ms
    from kibana_builder.preview.made_up import made_up

    now = now_ms()
    start, end = (epoch_ms(times[0], now), epoch_ms(times[1], now, end=True)) if times else (now - 86_400_000, now)
    for index, lines in made_up(library, start, end):
        events.append(index, lines)


def _serve(stage: Stage, show: ProjectShow, project: Project, paths: Sequence[Path], port: int | None) -> int:
    """Serve the page until Ctrl-C, and read the files anew at each save."""
    from kibana_builder.preview.page import page_app
    from kibana_builder.sandbox.server import RunningSandbox

    page = page_app(stage)
    first, tries = (FIRST_PORT, PORTS) if port is None else (port, 1)
    with RunningSandbox(port=first, tries=tries, pages=lambda _store: lambda _space: page) as sandbox:
        ending = threading.Event()
        watcher = threading.Thread(target=_follow, args=(show, project, paths, ending), daemon=True)
        watcher.start()
        tell(f"{stage.notes}. The page follows every save; Ctrl-C ends it.")
        with contextlib.suppress(KeyboardInterrupt):
            write(sandbox.url)
            sys.stdout.flush()
            sandbox.wait()
        ending.set()
    return 0


def _follow(show: ProjectShow, project: Project, paths: Sequence[Path], ending: threading.Event) -> None:
    """Have the files read anew at each save, those of folders too that the project names only since one."""
    from kibana_builder.commands.watching import Snapshot, snapshot
    from kibana_builder.files.project import load_project

    seen: Snapshot = {}  # they are read anew once at first: since they were read before, something may have been saved
    while not ending.wait(0.2):
        if snapshot(project, paths) != seen:
            with contextlib.suppress(KbuildError):  # one that cannot be read is the page's problem to show
                project = load_project(project.file.path)
            seen = snapshot(project, paths)
            show.refresh()


def _write_stills(stage: Stage, png: Path | None, html: Path | None, width: int) -> None:
    """Write pictures and a page of everything that is selected."""
    from kibana_builder.preview.picture import png as as_png
    from kibana_builder.preview.still import html_page, still_svg
    from kibana_builder.sync.file_names import FreeNames, file_word

    views = list(_views(stage))
    if not views:
        raise KbuildError("there is nothing to show: no dashboard and no visualization without errors")
    stills, free = [], FreeNames()
    for view in views:
        svg = still_svg(stage, view, width)
        stills.append((view.title, svg))
        if png is not None:
            name = free.name(("picture", view.id), file_word(view.id, view.title))
            _write(png / f"{name}.png", as_png(svg), tell if html == STREAM else write)
    if html is not None:
        page = html_page("kbuild preview", stills)
        if html == STREAM:
            emit(page)
        else:
            _write(html, page.encode(), write)


def _write(path: Path, content: bytes, say: Callable[[str], None]) -> None:
    """Write a file and say its name. Raises KbuildError where that is not possible."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    except OSError as error:
        raise KbuildError(f"{path} cannot be written: {error.strerror or error}") from None
    say(safe(str(path)))


def _views(stage: Stage) -> Iterator[View]:
    """Give the dashboards, or where there is none the visualizations."""
    from kibana_builder.preview.dashboard_view import panel_view, view_of

    library = stage.library()
    if library.dashboards:
        yield from (view_of(library, name) for name in library.dashboards)
    else:
        yield from (panel_view(library, name) for name in library.visualizations)
