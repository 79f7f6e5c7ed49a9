"""Put back what a backup holds, and take away what was new then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from kibana_builder.errors import KbuildError
from kibana_builder.json_tree import JsonObject
from kibana_builder.kibana.http import Kibana
from kibana_builder.kibana.saved_objects import (
    bulk_delete,
    bulk_get,
    export_referring_to,
    import_objects,
    split_for_import,
)
from kibana_builder.saved.ids import Key, key_of
from kibana_builder.saved.normal_form import content_hash, same_object
from kibana_builder.sync.backups import Backup, BackupFolder, Entry
from kibana_builder.sync.changes import type_words
from kibana_builder.sync.live import changed_meanwhile, referrers

__all__ = ["RollbackPlan", "RolledBack", "Step", "latest", "plan_rollback", "rollback"]


StepAction = Literal["restore", "remove", "keep"]


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to one object: its former state comes back, or it is removed, or it is kept as it is.

    `changed_since` tells that it is no longer what kbuild left there; `used_by` names those for whose sake an object
    that was new is kept.
    """

    action: StepAction
    entry: Entry
    former: JsonObject | None = field(default=None, repr=False)
    live: JsonObject | None = field(default=None, repr=False)
    changed_since: bool = False
    used_by: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Type, title and id, as messages name the object."""
        kind, ident = self.entry.key
        title = f' "{self.entry.title}"' if self.entry.title else ""
        return f"{type_words(kind)}{title} ({ident})"


@dataclass(frozen=True, slots=True)
class RollbackPlan:
    """What a rollback would do; objects that are already as they were have no step."""

    backup: Backup
    steps: Sequence[Step]

    def of(self, *actions: StepAction) -> list[Step]:
        """List the steps with one of these actions."""
        return [step for step in self.steps if step.action in actions]

    @property
    def changed_since(self) -> list[Step]:
        """List the steps that would undo what others did after kbuild."""
        return [step for step in self.steps if step.changed_since and step.action != "keep"]


@dataclass(frozen=True, slots=True)
class RolledBack:
    """What a rollback did: steps made, and Kibana's words for each it refused."""

    done: Sequence[Step]
    refused: Sequence[tuple[Step, str]]


def latest(backups: BackupFolder, context: str) -> Backup:
    """Give the newest backup of a context that was not put back yet. Raises KbuildError when there is none."""
    for backup in backups.all():
        if backup.context == context and not backup.rolled_back and backup.command != "rollback":
            return backup
    raise KbuildError(f"there is no backup for the context '{context}' that was not put back already")


def plan_rollback(kibana: Kibana, backup: Backup) -> RollbackPlan:
    """Compare a backup with what is live. Raises KbuildError when it is of another Kibana or space."""
    if (backup.address, backup.space) != (kibana.address, kibana.space):
        raise KbuildError(
            f"the backup {backup.name} is of {backup.address}, space '{backup.space}' (context '{backup.context}'), "
            f"not of {kibana.place}"
        )
    former = backup.objects()
    live = bulk_get(kibana, [entry.key for entry in (*backup.changed, *backup.new)])
    steps = [_restoring(entry, former[entry.key], live.get(entry.key)) for entry in backup.changed]
    new = [entry for entry in backup.new if entry.key in live]
    used = _used_by_others(kibana, {entry.key for entry in new}, former)
    steps += [_removing(entry, live[entry.key], used.get(entry.key, ())) for entry in new]
    return RollbackPlan(backup, [step for step in steps if step is not None])


def _used_by_others(kibana: Kibana, keys: set[Key], former: Mapping[Key, JsonObject]) -> dict[Key, list[str]]:
    """Tell for each object that was new who will still refer to it once the former state is back.

    What has to stay for others' sake needs in its turn what it refers to.
    """
    live = [former.get(key_of(item), item) for item in export_referring_to(kibana, sorted(keys))]
    used: dict[Key, list[str]] = {}
    while more := referrers(live, keys - used.keys()):
        used |= more
    return used


def _restoring(entry: Entry, former: JsonObject, live: JsonObject | None) -> Step | None:
    if live is not None and same_object(former, live):
        return None
    return Step("restore", entry, former, live, changed_since=_hash(live) != entry.hash)


def _removing(entry: Entry, live: JsonObject, used_by: Sequence[str]) -> Step:
    changed = _hash(live) != entry.hash
    return Step("keep" if used_by else "remove", entry, None, live, changed, used_by)


def _hash(live: JsonObject | None) -> str:
    return "" if live is None else content_hash(live)


def rollback(
    kibana: Kibana, plan: RollbackPlan, backups: BackupFolder, context: str, *, force: bool = False
) -> RolledBack:
    """Carry out the plan, after a backup of what it overwrites and removes.

    Without `force`, raises KbuildError, and has written nothing, when it would undo what others did since.
    """
    if plan.changed_since and not force:
        raise KbuildError("some of the objects were changed since; nothing was put back")
    restore, remove = plan.of("restore"), plan.of("remove")
    if changed_meanwhile(kibana, {step.entry.key: step.live for step in (*restore, *remove)}):
        raise KbuildError("some of the objects were changed in Kibana meanwhile; nothing was put back")
    _keep(kibana, plan, backups, context)
    done: list[Step] = []
    refused: list[tuple[Step, str]] = []
    by_key = {step.entry.key: step for step in restore}
    for chunk in split_for_import([step.former for step in restore if step.former is not None]):
        result = import_objects(kibana, chunk)
        problems = {problem.key: problem.words for problem in result.problems}
        for step in (by_key[key_of(item)] for item in chunk):
            if step.entry.key in result.written:
                done.append(step)
            else:
                refused.append((step, problems.get(step.entry.key, "nothing of its import was written")))
    if not refused:
        failed = bulk_delete(kibana, [step.entry.key for step in remove])
        done += [step for step in remove if step.entry.key not in failed]
        refused += [(step, failed[step.entry.key]) for step in remove if step.entry.key in failed]
    if not refused:
        plan.backup.mark_rolled_back()
    return RolledBack(done, refused)


def _keep(kibana: Kibana, plan: RollbackPlan, backups: BackupFolder, context: str) -> None:
    """Back up what the rollback is about to overwrite and to remove."""
    steps = plan.of("restore", "remove")
    lost = [step for step in steps if step.live is not None]
    if steps:
        backups.keep(
            "rollback",
            context=context,
            address=kibana.address,
            space=kibana.space,
            project=plan.backup.project,
            new=[_entry(step) for step in steps if step.live is None],
            changed=[_entry(step) for step in lost],
            objects=[step.live for step in lost if step.live is not None],
        )


def _entry(step: Step) -> Entry:
    return Entry(step.entry.key, step.entry.title, _hash(step.former))
