"""A plan carried out, in as few imports as Kibana's limits allow; what is to be deleted goes last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from kibana_builder.errors import CannotConnect, KbuildError, KibanaError
from kibana_builder.json_tree import JsonObject
from kibana_builder.kibana.http import Kibana
from kibana_builder.kibana.saved_objects import (
    ImportResult,
    bulk_delete,
    bulk_get,
    import_objects,
    split_for_import,
)
from kibana_builder.saved.ids import key_of
from kibana_builder.saved.normal_form import content_hash, same_object
from kibana_builder.sync.backups import BackupFolder, Entry
from kibana_builder.sync.changes import Change, Leftover, Plan
from kibana_builder.sync.live import changed_meanwhile

__all__ = ["Failure", "Outcome", "apply"]


@dataclass(frozen=True, slots=True)
class Failure:
    """A change that Kibana did not make as it was asked to, and why."""

    change: Change
    words: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an apply did, object by object: together they are the plan's writes and deletes.

    `unsent` were not sent, or nothing of their import was written; of `unknown` nobody can say, because no answer
    came. What someone else wrote alike meanwhile is in none of them. `kept` are those that were to be deleted and are
    still there, with the reason. Whatever happened, applying again finishes the work.
    """

    written: Sequence[Change] = ()
    failed: Sequence[Failure] = ()
    unsent: Sequence[Change] = ()
    unknown: Sequence[Change] = ()
    error: KibanaError | None = None
    backup: Path | None = None
    deleted: Sequence[Leftover] = ()
    kept: Sequence[tuple[Leftover, str]] = ()

    @property
    def complete(self) -> bool:
        """Whether everything is in Kibana as the source says."""
        return not (self.failed or self.unsent or self.unknown or self.kept)


def apply(kibana: Kibana, plan: Plan, backups: BackupFolder, context: str) -> Outcome:
    """Carry out a plan: keep what is overwritten or deleted, then import, then delete.

    Raises KbuildError, and has written nothing, when a change of the plan is blocked, when an object was changed
    since the plan was made, or when the backup cannot be kept. What goes wrong after that is in the outcome.
    """
    if plan.blocked:
        raise KbuildError(f"{len(plan.blocked)} of the objects may not be overwritten; nothing was sent")
    writes, deletes = _still_to_do(kibana, plan)
    if not writes and not deletes:
        return Outcome()
    chunks = split_for_import([change.desired for change in writes])
    lost = [change for change in writes if change.live is not None]
    backup = backups.keep(
        "apply",
        context=context,
        address=kibana.address,
        space=kibana.space,
        project=plan.project,
        new=[_entry(change) for change in writes if change.live is None],
        changed=[*map(_entry, lost), *(Entry(leftover.key, leftover.title, "") for leftover in deletes)],
        objects=[*(change.live for change in lost if change.live), *(leftover.item for leftover in deletes)],
    )
    return _delete(kibana, deletes, _send(kibana, writes, chunks, backup.path))


def _entry(change: Change) -> Entry:
    return Entry(change.key, change.title, content_hash(change.desired))


def _still_to_do(kibana: Kibana, plan: Plan) -> tuple[list[Change], list[Leftover]]:
    """Leave out what someone else has just written alike, or deleted. Raises KbuildError for what was changed."""
    writes, deletes = plan.writes, plan.deletes
    seen = {change.key: change.live for change in writes} | {leftover.key: leftover.item for leftover in deletes}
    raced = changed_meanwhile(kibana, seen)
    todo, others = [], []
    for change in writes:
        now = raced.get(change.key)
        if change.key not in raced:
            todo.append(change)
        elif now is None or not same_object(change.desired, now):
            others.append(change.name)
    others += [leftover.name for leftover in deletes if raced.get(leftover.key) is not None]
    if others:
        listed = "\n  ".join(others)
        raise KbuildError(f"changed in Kibana since the plan was made; nothing was sent. Apply again:\n  {listed}")
    return todo, [leftover for leftover in deletes if leftover.key not in raced]


def _delete(kibana: Kibana, deletes: Sequence[Leftover], outcome: Outcome) -> Outcome:
    """Delete what is left over, once everything else is as it should be: what was written needs it no more."""
    if not deletes:
        return outcome
    if not outcome.complete:
        return replace(outcome, kept=[(one, "not everything was written, so nothing was deleted") for one in deletes])
    try:
        refused = bulk_delete(kibana, [leftover.key for leftover in deletes])
    except KibanaError as error:
        return replace(
            outcome, error=error, kept=[(leftover, "nobody knows whether it was deleted") for leftover in deletes]
        )
    return replace(
        outcome,
        deleted=[leftover for leftover in deletes if leftover.key not in refused],
        kept=[(leftover, refused[leftover.key]) for leftover in deletes if leftover.key in refused],
    )


@dataclass(slots=True)
class _Tally:
    """The outcome while it grows."""

    written: list[Change] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    unsent: list[Change] = field(default_factory=list)
    unknown: list[Change] = field(default_factory=list)
    error: KibanaError | None = None


def _send(kibana: Kibana, writes: Sequence[Change], chunks: list[list[JsonObject]], backup: Path) -> Outcome:
    """Send the chunks one after the other, until one does not go through as a whole."""
    by_key = {change.key: change for change in writes}
    tally = _Tally()
    for chunk in chunks:
        changes = [by_key[key_of(item)] for item in chunk]
        if tally.failed or tally.error:
            tally.unsent += changes
            continue
        try:
            result = import_objects(kibana, chunk)
        except KibanaError as error:
            tally.error = error
            _look_again(kibana, changes, tally)
        else:
            _take_in(result, changes, tally)
    return Outcome(tally.written, tally.failed, tally.unsent, tally.unknown, tally.error, backup)


def _take_in(result: ImportResult, changes: Sequence[Change], tally: _Tally) -> None:
    """Sort the changes of one import by what Kibana says of each."""
    problems = {problem.key: problem for problem in result.problems}
    nothing_written = any(problem.blocks for problem in result.problems)
    for change in changes:
        ident = result.written.get(change.key)
        if change.key in problems:
            tally.failed.append(Failure(change, problems[change.key].words))
        elif nothing_written:
            tally.unsent.append(change)
        elif ident is None:
            tally.failed.append(Failure(change, "Kibana says nothing of it"))
        elif ident != change.key[1]:
            tally.failed.append(Failure(change, _elsewhere(change, ident)))
        else:
            tally.written.append(change)


def _elsewhere(change: Change, ident: str) -> str:
    return (
        f"Kibana wrote it under the id '{ident}', because '{change.key[1]}' is taken in another space, or was. "
        f"Delete that copy; then give the object another id, or share the one that has it with this space"
    )


def _look_again(kibana: Kibana, changes: Sequence[Change], tally: _Tally) -> None:
    """Find out what an import did whose answer never came, or was an error."""
    try:
        live = bulk_get(kibana, [change.key for change in changes])
    except KibanaError:
        tally.unknown += changes
        return
    # A request whose answer never came may still be at work; one that got an error is over.
    rest = tally.unknown if isinstance(tally.error, CannotConnect) else tally.unsent
    for change in changes:
        now = live.get(change.key)
        there = now is not None and same_object(change.desired, now)
        (tally.written if there else rest).append(change)
