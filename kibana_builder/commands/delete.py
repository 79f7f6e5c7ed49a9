"""`kbuild delete`: objects of a project out of Kibana."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kibana_builder.commands.in_kibana import (
    Form,
    FormOption,
    YesOption,
    confirmed,
    connected,
    emit_json,
    file_names,
    key_as_json,
)
from kibana_builder.commands.options import ContextOption, open_project
from kibana_builder.commands.output import best_effort, safe, tell, write
from kibana_builder.errors import KbuildError, UsageError
from kibana_builder.json_tree import JsonObject

if TYPE_CHECKING:
    from kibana_builder.sync.delete import DeletePlan, Deletion


def delete(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAMES]...",
            help="Files, titles or ids; where a name fits several objects, with the type: dashboard/NAME, "
            "visualization/NAME, data-view/NAME.",
            show_default=False,
        ),
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="All that the project has in Kibana.")] = False,
    context: ContextOption = None,
    yes: YesOption = False,
    force: Annotated[
        bool, typer.Option("--force", help="Also what was changed in Kibana, and what others still use.")
    ] = False,
    format: FormOption = Form.text,
) -> int:
    """Delete objects of the project from Kibana.

    The files stay. Touches only what is this project's. What is deleted is kept: `kbuild rollback` puts it back.
    """
    from kibana_builder.files.source import load_source
    from kibana_builder.sync.backups import BackupFolder
    from kibana_builder.sync.delete import delete as carry_out
    from kibana_builder.sync.delete import plan_delete
    from kibana_builder.sync.live import read_project

    if bool(names) == everything:
        raise UsageError("say what to delete: NAMES, or --all for everything that the project has in Kibana")
    project = open_project()
    with connected(project, context) as (kibana, chosen):
        live = read_project(kibana, project.name)
        files = file_names(load_source(project, (), context), names) if names else {}
        objects = live.named(names, files) if names else live.objects
        plan = plan_delete(kibana, live, objects)
        if format is Form.text:
            with best_effort(or_else="" if yes else "nothing was deleted"):
                _print_plan(plan)
        if not force:
            _refuse(plan)
        done = None
        if plan.objects:
            if not confirmed(f"Delete this from {kibana.place}?", yes=yes):
                tell("Nothing was deleted.")
                return 1
            done = carry_out(kibana, plan, BackupFolder(project.root), chosen.name, force=force)
        with best_effort():
            if format is Form.json:
                emit_json(_as_json(done))
            else:
                _print_done(done, kibana.place)
    return 1 if done and done.refused else 0


def _print_plan(plan: DeletePlan) -> None:
    for own in plan.objects:
        changed = " (changed in Kibana)" if own.state == "changed" else ""
        write(safe(f"- delete {own.name}{changed}"))
        for user in plan.used_by.get(own.key, ()):
            write(safe(f"    still used by {user}"))


def _refuse(plan: DeletePlan) -> None:
    """Raise KbuildError that says what speaks against the deletion."""
    reasons = []
    if plan.changed:
        reasons.append(f"changed in Kibana since the last apply: {', '.join(own.name for own in plan.changed)}")
    used = [own.name for own in plan.objects if own.key in plan.used_by]
    if used:
        reasons.append(f"still used by others: {', '.join(used)}")
    if reasons:
        listed = "\n  ".join(reasons)
        raise KbuildError(f"nothing was deleted; --force deletes it all the same:\n  {listed}")


def _print_done(done: Deletion | None, place: str) -> None:
    if done is None:
        tell(f"There is nothing to delete in {place}.")
        return
    for key, words in done.refused.items():
        tell(f"not deleted: {key[0]} '{key[1]}': {words}")
    count = len(done.deleted)
    kept = f"; {'it is' if count == 1 else 'they are'} kept in {done.backup}" if done.backup else ""
    tell(f"{count} object{'' if count == 1 else 's'} deleted{kept}.")


def _as_json(done: Deletion | None) -> JsonObject:
    if done is None:
        return {"deleted": [], "refused": [], "backup": None}
    return {
        "deleted": [key_as_json(own.key, own.title) for own in done.deleted],
        "refused": [{"type": key[0], "id": key[1], "message": words} for key, words in done.refused.items()],
        "backup": None if done.backup is None else str(done.backup),
    }
