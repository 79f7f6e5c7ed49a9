"""Take objects of a project out of Kibana, after keeping them on disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kibana_builder.errors import KbuildError
from kibana_builder.kibana.http import Kibana
from kibana_builder.kibana.saved_objects import bulk_delete, bulk_get, export_referring_to
from kibana_builder.saved.ids import Key, key_of
from kibana_builder.sync.backups import BackupFolder, Entry
from kibana_builder.sync.changes import title_of
from kibana_builder.sync.live import LiveProject, OwnObject, changed_meanwhile, referrers

__all__ = ["DeletePlan", "Deletion", "delete", "plan_delete"]


@dataclass(frozen=True, slots=True)
class DeletePlan:
    """What would be deleted, and what speaks against it: who else uses it, and what was changed in Kibana."""

    project: str
    objects: Sequence[OwnObject]
    used_by: Mapping[Key, Sequence[str]]
    tags: Sequence[str]

    @property
    def changed(self) -> list[OwnObject]:
        """List the objects that were changed in Kibana since the last apply."""
        return [own for own in self.objects if own.state == "changed"]


@dataclass(frozen=True, slots=True)
class Deletion:
    """What was deleted, and Kibana's words for each object that was not."""

    deleted: Sequence[OwnObject]
    refused: Mapping[Key, str]
    backup: Path | None


def plan_delete(kibana: Kibana, live: LiveProject, objects: Sequence[OwnObject]) -> DeletePlan:
    """Find out what speaks against deleting these objects of a project.

    When nothing of the project remains, its tag goes too.
    """
    keys = {own.key for own in objects}
    remains = any(own.key not in keys for own in live.objects)
    used_by = referrers(export_referring_to(kibana, sorted(keys)), keys)
    return DeletePlan(live.project, objects, used_by, [] if remains else list(live.tag.ids))


def delete(kibana: Kibana, plan: DeletePlan, backups: BackupFolder, context: str, *, force: bool = False) -> Deletion:
    """Delete what the plan names, after a backup.

    Without `force`, raises KbuildError, and has deleted nothing, when something speaks against it.
    """
    if (plan.used_by or plan.changed) and not force:
        raise KbuildError("some of the objects are in use or were changed in Kibana; nothing was deleted")
    raced = changed_meanwhile(kibana, {own.key: own.item for own in plan.objects})
    if any(item is not None for item in raced.values()) and not force:
        raise KbuildError("some of the objects were changed in Kibana meanwhile; nothing was deleted")
    live = bulk_get(kibana, [*(own.key for own in plan.objects), *(("tag", ident) for ident in plan.tags)])
    backup = backups.keep(
        "delete",
        context=context,
        address=kibana.address,
        space=kibana.space,
        project=plan.project,
        new=[],
        changed=[Entry(key_of(item), title_of(item), "") for item in live.values()],
        objects=live.values(),
    )
    refused = bulk_delete(kibana, live)
    return Deletion([own for own in plan.objects if own.key not in refused], refused, backup.path)
