"""`kbuild monitor`: the stream of events in the terminal."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from kibana_builder.commands.in_elasticsearch import ElasticsearchOption, reached
from kibana_builder.commands.in_kibana import Form, FormOption
from kibana_builder.commands.options import ContextOption, open_project, seconds
from kibana_builder.commands.output import safe, tell, write
from kibana_builder.errors import ElasticError, UsageError
from kibana_builder.spec.words import sentence

if TYPE_CHECKING:
    from kibana_builder.elastic.client import Elastic
    from kibana_builder.monitor.figures import Figures
    from kibana_builder.monitor.lines import Lines

_MODELS, _FAILURES = 12, 5
"""So many models and last errors are shown."""
_SECONDS = 15.0
"""For one request."""

Show = Callable[["Figures", str], None]
"""Takes the figures and a note about what is wrong with where they come from."""


class Stream(Protocol):
    """Where figures come from; `name` is for people, `ended` when no more can come."""

    name: str

    @property
    def ended(self) -> bool: ...

    def figures(self) -> Figures: ...

    def close(self) -> None: ...


def monitor(
    *,
    elasticsearch: ElasticsearchOption = None,
    context: ContextOption = None,
    file: Annotated[
        str | None,
        typer.Option("--file", metavar="PATH", help="Follow a file of NDJSON; - is stdin.", show_default=False),
    ] = None,
    interval: Annotated[
        float,
        typer.Option("--interval", metavar="SECONDS", min=0.1, callback=seconds, help="Between two looks."),
    ] = 2.0,
    window: Annotated[
        float,
        typer.Option("--window", metavar="SECONDS", min=1, callback=seconds, help="The time that the figures are of."),
    ] = 60.0,
    once: Annotated[bool, typer.Option("--once", help="One look, and end.")] = False,
    format: FormOption = Form.text,
) -> int:
    """Watch the stream of events in the terminal.

    Events a second, latency, errors, confidence by model, the last errors. From Elasticsearch (ml-metrics-*), or
    from a file that grows, whose window ends at its newest event. On a terminal it is a screen, elsewhere a line for
    each look; Ctrl-C ends it.
    """
    stream = _stream(elasticsearch, context, file, window, once=once)
    try:
        with _shown(stream.name, format) as show:
            _watch(stream, show, interval, once=once)
    except KeyboardInterrupt:
        return 0  # it is how one ends it
    finally:
        stream.close()
    return 0


def _stream(address: str | None, context: str | None, file: str | None, window: float, *, once: bool) -> Stream:
    """Give what is to be watched. Raises UsageError for what is not said, or cannot be read."""
    if file is not None and (address is not None or context is not None):
        raise UsageError("--file goes without Elasticsearch: leave --elasticsearch and --context out")
    if file is None:
        project = None if address is not None and context is None else open_project()
        return _Searched(reached(project, context, address, _SECONDS), window)
    from kibana_builder.monitor.lines import File, Pipe

    if file == "-":
        return _Followed("stdin", Pipe(sys.stdin.buffer), window, to_the_end=once)
    path = Path(file)
    if path.is_fifo():
        return _Followed(file, Pipe(path.open("rb"), owned=True), window, to_the_end=once)
    return _Followed(file, File(path, whole=once), window, to_the_end=False)


class _Searched:
    """Events in Elasticsearch."""

    ended = False

    def __init__(self, elastic: Elastic, window: float) -> None:
        from kibana_builder.monitor.elasticsearch import INDICES

        self.name = f"{INDICES} in {elastic.address}"
        self._elastic, self._window = elastic, window

    def figures(self) -> Figures:
        from kibana_builder.monitor.elasticsearch import ask

        return ask(self._elastic, time.time(), self._window, models=_MODELS, failures=_FAILURES)

    def close(self) -> None:
        self._elastic.close()


class _Followed:
    """Events that come as lines; `to_the_end` waits until no more come."""

    def __init__(self, name: str, lines: Lines, window: float, *, to_the_end: bool) -> None:
        from kibana_builder.monitor.window import Window

        self.name = name
        self._lines, self._window, self._to_the_end = lines, Window(window), to_the_end

    @property
    def ended(self) -> bool:
        return self._lines.ended

    def figures(self) -> Figures:
        self._window.add(self._lines.new(), time.monotonic())
        while self._to_the_end and not self._lines.ended:
            time.sleep(0.02)
            self._window.add(self._lines.new(), time.monotonic())
        return self._window.figures(time.monotonic(), models=_MODELS, failures=_FAILURES)

    def close(self) -> None:
        self._lines.close()


def _watch(stream: Stream, show: Show, interval: float, *, once: bool) -> None:
    """Look again and again. A server that is away at first is an error; later it is waited for."""
    figures = stream.figures()
    show(figures, "")
    while not once and not stream.ended:
        time.sleep(interval)
        note = ""
        try:
            figures = stream.figures()
        except ElasticError as error:
            note = f"{sentence(str(error))} Trying again."
        show(figures, note)


@contextmanager
def _shown(name: str, form: Form) -> Iterator[Show]:
    """Show figures: a screen on a terminal, else a line each."""
    from kibana_builder.monitor.screen import as_json, line, screen

    if form is Form.text and sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
        from rich.console import Console
        from rich.live import Live

        with Live(console=Console(), auto_refresh=False) as live:
            yield lambda figures, note: live.update(screen(figures, name, note, safe), refresh=True)
        return
    said = ""

    def show(figures: Figures, note: str) -> None:
        nonlocal said
        if note:
            if note != said:
                tell(note)
        elif form is Form.json:
            write(json.dumps(as_json(figures)))
        else:
            write(line(figures, safe))
        said = note
        sys.stdout.flush()

    yield show
