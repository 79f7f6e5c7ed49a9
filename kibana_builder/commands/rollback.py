"""`kbuild rollback`: undo the last apply or delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kibana_builder.commands.in_kibana import Form, FormOption, YesOption, confirmed, connected, emit_json, key_as_json
from kibana_builder.commands.options import ContextOption, open_project
from kibana_builder.commands.output import best_effort, safe, tell, write
from kibana_builder.errors import KbuildError
from kibana_builder.json_tree import JsonObject

if TYPE_CHECKING:
    from kibana_builder.sync.backups import Backup, BackupFolder
    from kibana_builder.sync.rollback import RollbackPlan, RolledBack, Step


def rollback(
    *,
    backup: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The backup to put back; without it, the newest.", show_default=False),
    ] = None,
    show: Annotated[bool, typer.Option("--list", help="Only list the backups.")] = False,
    context: ContextOption = None,
    yes: YesOption = False,
    force: Annotated[
        bool, typer.Option("--force", help="Also undo what others did in Kibana after this apply or delete.")
    ] = False,
    format: FormOption = Form.text,
) -> int:
    """Undo the last apply or delete.

    Puts back what it overwrote or deleted, and removes what it newly created; what others use by now is kept.
    Repeated, it goes back step by step.
    """
    from kibana_builder.sync.backups import BackupFolder
    from kibana_builder.sync.rollback import latest, plan_rollback
    from kibana_builder.sync.rollback import rollback as carry_out

    project = open_project()
    backups = BackupFolder(project.root)
    if show:
        _print_backups(backups, format)
        return 0
    named = backups.get(backup) if backup is not None else None
    wanted = context or (named.context if named and named.context in project.contexts else None)
    with connected(project, wanted) as (kibana, chosen):
        plan = plan_rollback(kibana, named or latest(backups, chosen.name))
        if format is Form.text:
            with best_effort(or_else="" if yes else "nothing was put back"):
                _print_plan(plan)
        if plan.changed_since and not force:
            names = "\n  ".join(step.name for step in plan.changed_since)
            raise KbuildError(
                f"changed in Kibana since this backup, so nothing was put back; --force overwrites that:\n  {names}"
            )
        undo = plan.of("restore", "remove")
        if undo and not confirmed(f"Do this in {kibana.place}?", yes=yes):
            tell("Nothing was put back.")
            return 1
        done = carry_out(kibana, plan, backups, chosen.name, force=force)
    with best_effort():
        if format is Form.json:
            emit_json(_as_json(plan, done))
        else:
            _print_done(plan, done)
    return 1 if done.refused else 0


def _print_backups(backups: BackupFolder, format: Form) -> None:
    found = backups.all()
    if format is Form.json:
        emit_json([_backup_as_json(one) for one in found])
    elif not found:
        tell("There are no backups.")
    for one in found if format is Form.text else ():
        note = "  (put back)" if one.rolled_back else ""
        counts = f"{len(one.changed)} kept, {len(one.new)} new"
        write(safe(f"{one.name}  {one.command}  {counts}  {one.address}, space '{one.space}'{note}"))


def _print_plan(plan: RollbackPlan) -> None:
    write(safe(f"Undo {plan.backup.command} {plan.backup.name}"))
    for step in plan.of("restore"):
        write(safe(f"< put back {step.name}"))
    for step in plan.of("remove"):
        write(safe(f"- remove {step.name}"))
    for step in plan.of("keep"):
        write(safe(f"= keep {step.name}, used by {', '.join(step.used_by)}"))


def _print_done(plan: RollbackPlan, done: RolledBack) -> None:
    for step, words in done.refused:
        tell(f"not put back: {step.name}: {words}")
    if not plan.of("restore", "remove"):
        tell("There is nothing to put back: all is as it was.")
        return
    restored = sum(step.action == "restore" for step in done.done)
    tell(f"{restored} put back, {len(done.done) - restored} removed.")


def _as_json(plan: RollbackPlan, done: RolledBack) -> JsonObject:
    return {
        "backup": plan.backup.name,
        "put_back": [_step_as_json(step) for step in done.done if step.action == "restore"],
        "removed": [_step_as_json(step) for step in done.done if step.action == "remove"],
        "kept": [_step_as_json(step) | {"used_by": list(step.used_by)} for step in plan.of("keep")],
        "refused": [_step_as_json(step) | {"message": words} for step, words in done.refused],
    }


def _step_as_json(step: Step) -> JsonObject:
    return key_as_json(step.entry.key, step.entry.title)


def _backup_as_json(backup: Backup) -> JsonObject:
    return {
        "name": backup.name,
        "command": backup.command,
        "context": backup.context,
        "kibana": backup.address,
        "space": backup.space,
        "kept": len(backup.changed),
        "new": len(backup.new),
        "put_back": backup.rolled_back,
    }
