"""`kbuild generate`: events of machine-learning models."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kibana_builder.commands.options import check_readable
from kibana_builder.commands.output import safe, tell
from kibana_builder.errors import KbuildError, UsageError
from kibana_builder.spec.words import counted

if TYPE_CHECKING:
    from generator.run import Batched, Continuous, Outcome

SEEDED_END = "2026-01-01T00:00:00Z"
"""The end of a batch with a seed and without times: the clock would change its bytes."""
DEFAULT_BATCH, DEFAULT_RATE, SCENARIO_SECONDS = 1_000, 50.0, 300.0


class Kind(StrEnum):
    """What can be made; the words of generator.event.GENERATED."""

    inference = "inference"
    training = "training"
    data_quality = "data_quality"


class Scenario(StrEnum):
    """How it goes; the words of generator.scenarios.SCENARIOS."""

    normal = "normal"
    high_load = "high_load"
    degradation = "degradation"
    drift = "drift"
    outage = "outage"


def generate(
    *,
    batch: Annotated[
        int | None,
        typer.Option(
            "--batch", metavar="N", min=1, help="Make N events, spread over a span of time.", show_default=False
        ),
    ] = None,
    continuous: Annotated[bool, typer.Option("--continuous", help="Make events as the time goes by.")] = False,
    rate: Annotated[
        float | None, typer.Option("--rate", metavar="R", help="Continuous: events a second (50).", show_default=False)
    ] = None,
    duration: Annotated[
        float | None,
        typer.Option("--duration", metavar="S", help="Continuous: end after S seconds.", show_default=False),
    ] = None,
    scenario: Annotated[
        Scenario | None,
        typer.Option(
            "--scenario",
            help="normal, high_load, degradation, drift or outage; alone, five minutes of it as the time goes by.",
            show_default=False,
        ),
    ] = None,
    type: Annotated[
        Kind, typer.Option("--type", help="The events to make: inference, training or data_quality.")
    ] = Kind.inference,
    to: Annotated[
        str,
        typer.Option(
            "--to",
            metavar="WHERE",
            help="tcp://HOST:PORT, the URL of an Elasticsearch, a file (in ml-logs/, unless it is a path), or - .",
        ),
    ] = "file",
    start: Annotated[
        str | None,
        typer.Option(
            "--start", metavar="TIME", help="Batch: the first moment (24 h before the end).", show_default=False
        ),
    ] = None,
    end: Annotated[
        str | None,
        typer.Option(
            "--end",
            metavar="TIME",
            help=f"Batch: the last moment, as now-1h or 2026-11-24T09:30:00Z (now; with --seed, {SEEDED_END}).",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="N", min=0, help="The same seed gives the same bytes.", show_default=False),
    ] = None,
    models: Annotated[
        Path | None,
        typer.Option(
            "--models", metavar="FILE", help="The models, in YAML; without it, kbuild's own.", show_default=False
        ),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", help="Say what is made, and how far it is.")] = False,
) -> int:
    """Make events of machine-learning models: a batch of them, or a stream.

    Without options, 1,000 events of the last 24 hours go to ml-logs/inference.ndjson.
    """
    if models is not None:
        check_readable(models)
    plan = _plan(batch, continuous, rate, duration, scenario, start, end, seed)
    from generator.core import maker
    from generator.destination import file_of, open_sink
    from generator.models import load_models
    from generator.run import run

    kind = maker(type.value, load_models(models), (scenario or Scenario.normal).value)
    chosen = seed if seed is not None else int.from_bytes(os.urandom(8), "big")
    sink = open_sink(to, type.value, plan, environment=os.environ, told=tell)
    if verbose:
        tell(f"{_described(plan)}, type {type.value}, scenario {scenario or 'normal'}, seed {chosen}, to {safe(to)}")
    with _progress(plan, verbose=verbose) as seen:
        outcome = run(kind, plan, chosen, sink, seen)
    where = "stdout" if to == "-" else safe(to) if "://" in to else safe(file_of(to, type.value).as_posix())
    # Where a run does not end by itself, Ctrl-C is the end that is meant.
    cut_short = outcome.failure is not None or (outcome.interrupted and plan.seconds is not None)
    _summary(outcome, where, cut_short=cut_short)
    if outcome.failure is not None:
        raise outcome.failure
    if outcome.report.unsent or outcome.report.unsure or outcome.report.refused:
        return 1
    return 130 if cut_short else 0


def _plan(
    batch: int | None,
    continuous: bool,
    rate: float | None,
    duration: float | None,
    scenario: Scenario | None,
    start: str | None,
    end: str | None,
    seed: int | None,
) -> Batched | Continuous:
    """Make a plan of what was said.

    Raises UsageError for what cannot be meant together, KbuildError where numpy is not installed.
    """
    if batch is not None and continuous:
        raise UsageError("--batch and --continuous exclude each other")
    alone = batch is None and not continuous and scenario is not None and start is None and end is None
    if not continuous and not alone and (rate is not None or duration is not None):
        raise UsageError("--rate and --duration go with --continuous")
    if (continuous or alone) and (start is not None or end is not None):
        raise UsageError("--start and --end go with --batch: a continuous run happens now")
    if (rate is not None and not 0 < rate <= 1_000_000) or (duration is not None and not 0 < duration < 1e9):
        raise UsageError("--rate is more than 0 and at most 1,000,000 events a second, --duration more than 0 seconds")
    _check_installed()
    if continuous or alone:
        from generator.run import Continuous

        return Continuous(rate or DEFAULT_RATE, duration or (SCENARIO_SECONDS if alone else None))
    return _batched(DEFAULT_BATCH if batch is None else batch, start, end, seed)


def _batched(count: int, start: str | None, end: str | None, seed: int | None) -> Batched:
    from generator.core import Span
    from generator.run import Batched
    from kibana_builder.date_math import NoMoment, epoch_ms, now_ms

    now = now_ms()
    try:
        end_ms = epoch_ms(end if end is not None else SEEDED_END if seed is not None and start is None else "now", now)
        start_ms = epoch_ms(start, now) if start is not None else end_ms - 86_400_000
    except NoMoment as error:
        raise UsageError(str(error)) from None
    if start_ms >= end_ms:
        raise UsageError("--start must lie before --end")
    return Batched(count, Span(start_ms, end_ms))


def _check_installed() -> None:
    try:
        import numpy  # noqa: F401
    except ImportError:
        raise KbuildError(
            "Making events needs numpy, which is not installed; install it with: "
            "python -m pip install 'kibana-builder[generate]' (or run generator/simple.py, which needs nothing)"
        ) from None


def _described(plan: Batched | Continuous) -> str:
    from generator.run import Batched, moment

    if isinstance(plan, Batched):
        return f"{counted(plan.count, 'event')} from {moment(plan.span.start_ms)} to {moment(plan.span.end_ms)}"
    seconds = "1 second" if plan.duration == 1 else f"{plan.duration:g} seconds" if plan.duration else ""
    return f"{plan.rate:g} events a second {f'for {seconds}' if seconds else 'until Ctrl-C'}"


@contextmanager
def _progress(plan: Batched | Continuous, *, verbose: bool) -> Iterator[Callable[[int], None]]:
    """Show how far it is: a bar where a person watches, a line now and then with --verbose in a pipe, else nothing."""
    from generator.run import Batched

    total = plan.count if isinstance(plan, Batched) else round(plan.rate * plan.duration) if plan.duration else None
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        count = MofNCompleteColumn() if total is not None else TextColumn("{task.completed:,} events")
        columns = (BarColumn(), count, TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("events", total=total)
            yield lambda made: bar.update(task, completed=made)
        return
    said = time.monotonic()

    def seen(made: int) -> None:
        nonlocal said
        if verbose and time.monotonic() - said >= 5:
            said = time.monotonic()
            tell(f"{made:,}{f' of {total:,}' if total else ''} events")

    yield seen


def _summary(outcome: Outcome, where: str, *, cut_short: bool) -> None:
    """Say what a run came to; one that was `cut_short` did not reach its end."""
    from generator.run import moment

    report = outcome.report
    rate = report.sent / outcome.seconds if outcome.seconds else 0.0
    begin = "Broken off after" if cut_short else "Sent" if "://" in where else "Wrote"
    span = ""
    if outcome.first_ms is not None and outcome.last_ms is not None:
        span = f", of {moment(outcome.first_ms)} to {moment(outcome.last_ms)}"
    tell(f"{begin} {counted(report.sent, 'event')} to {where} in {outcome.seconds:.1f} s ({rate:,.0f} a second){span}")
    for count, words in (
        (report.earlier, "of an earlier run were waiting and are counted too"),
        (report.updated, "were there already"),
        (report.resent, "were sent again after a break"),
        (report.spilled, "waited in a file while it was away"),
        (report.retried, "times a bulk had to be sent again"),
        (report.unsent, "could not be sent"),
        (report.unsure, "may not have arrived: the other side went away soon after"),
        (report.refused, "were refused" + (f"; see {safe(report.refused_in)}" if report.refused_in else "")),
    ):
        if count:
            tell(f"{count:,} {words}")
    for reason in report.reasons:
        tell(f"  {safe(reason)}")
    if report.kept_in:
        files = ", ".join(safe(file) for file in report.kept_in)
        tell(f"What could not be sent is kept in {files}; the next run to {where} sends it first")
