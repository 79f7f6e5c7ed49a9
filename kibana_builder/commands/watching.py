"""`kbuild apply --watch`: what is saved goes into Kibana, until Ctrl-C."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kibana_builder.commands.in_kibana import confirmed, connected
from kibana_builder.commands.options import open_project, sound_source
from kibana_builder.commands.output import print_error, safe, tell, write
from kibana_builder.commands.planning import make_plan
from kibana_builder.errors import KbuildError

if TYPE_CHECKING:
    from kibana_builder.files.project import Project
    from kibana_builder.sync.apply import Outcome
    from kibana_builder.sync.changes import Change, Plan
    from kibana_builder.sync.classify import Consent

__all__ = ["Snapshot", "snapshot", "watch"]

_POLL = 0.3
# Editors write in steps (a new file, a rename): what was seen must stay as it is for a moment.
_SETTLE = 0.1
_NAMED = 3

Snapshot = dict[str, tuple[int, int, int]]
"""What tells that a file was saved: time, size and inode of each."""


def watch(paths: Sequence[Path], context: str | None, consent: Consent, *, yes: bool) -> int:
    """Apply now and at each save; a line for each apply. Errors are printed, and the next save is waited for."""
    project = open_project(paths)
    place = project.context(context, os.environ)
    question = f"Apply to {place.kibana}, space '{place.space or 'default'}', now and at each save, until Ctrl-C?"
    if not confirmed(question, yes=yes):
        tell("Nothing was written.")
        return 1
    seen: Snapshot = {}
    while True:
        try:
            seen = _wait_for_a_change(seen, project, paths)
        except KeyboardInterrupt:
            return 0
        try:
            project = open_project(paths)
            _apply_once(paths, context, consent)
        except KbuildError as error:
            print_error(error)
        sys.stdout.flush()


def snapshot(project: Project, paths: Sequence[Path]) -> Snapshot:
    """Look at every file that an apply reads."""
    result: Snapshot = {}
    for path in _files(project, paths):
        try:
            stat = path.stat()
        except OSError:
            continue  # removed between the listing and the look; it will be missing at the next one as well
        result[str(path)] = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
    return result


def _files(project: Project, paths: Sequence[Path]) -> Iterator[Path]:
    from kibana_builder.files.folders import yaml_files

    yield project.file.path
    for place in [*(project.root / place for place in project.paths), *paths]:
        if place.is_dir():
            yield from (file for file in yaml_files(place) if isinstance(file, Path))
        else:
            yield place
    for view in project.data_views.values():
        if view.template is not None:
            yield project.root / view.template


def _wait_for_a_change(seen: Snapshot, project: Project, paths: Sequence[Path]) -> Snapshot:
    """Wait until the files are no longer as they were seen, and are at rest."""
    while (now := snapshot(project, paths)) == seen:
        time.sleep(_POLL)
    while True:
        time.sleep(_SETTLE)
        again = snapshot(project, paths)
        if again == now:
            return now
        now = again


def _apply_once(paths: Sequence[Path], context: str | None, consent: Consent) -> None:
    from kibana_builder.sync.apply import apply
    from kibana_builder.sync.backups import BackupFolder

    start = time.monotonic()
    source = sound_source(paths, context)
    with connected(source.project, context) as (kibana, chosen):
        plan = make_plan(kibana, chosen, source, consent, partly=True)
        outcome = None if plan.blocked else apply(kibana, plan, BackupFolder(source.project.root), chosen.name)
    words = _in_the_way(plan) if outcome is None else _done(outcome)
    write(safe(f"{datetime.now():%H:%M:%S}  {words}  ({time.monotonic() - start:.1f} s)"))


def _done(outcome: Outcome) -> str:
    """Say in one line what was written, and what was not."""
    if not outcome.written and outcome.complete:
        return "nothing to do"
    parts = [f"{_names(outcome.written)} written"] if outcome.written else []
    parts += [f"{failure.change.name} failed: {failure.words}" for failure in outcome.failed]
    if left := [*outcome.unsent, *outcome.unknown]:
        parts.append(f"{_names(left)} not written, or nobody knows")
    if outcome.error is not None:
        parts.append(str(outcome.error))
    return "; ".join(parts)


def _in_the_way(plan: Plan) -> str:
    options = {"not-ours": "--adopt", "changed": "--force"}
    needed = " and ".join(dict.fromkeys(options[change.block] for change in plan.blocked))
    return f"nothing written, in the way: {_names(plan.blocked)} (start again with {needed} to overwrite)"


def _names(changes: Sequence[Change]) -> str:
    named = ", ".join(change.name for change in changes[:_NAMED])
    more = len(changes) - _NAMED
    return f"{named} and {more} more" if more > 0 else named
