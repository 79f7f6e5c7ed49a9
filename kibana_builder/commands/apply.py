"""`kbuild apply`: what the files say into Kibana."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from kibana_builder.commands.in_kibana import Form, FormOption, YesOption, confirmed, connected, emit_json, key_as_json
from kibana_builder.commands.options import ContextOption, PathsArgument, sound_source
from kibana_builder.commands.output import safe, tell, write
from kibana_builder.errors import KbuildError
from kibana_builder.json_tree import JsonObject

if TYPE_CHECKING:
    from kibana_builder.files.project import Context, Project
    from kibana_builder.kibana.http import Kibana
    from kibana_builder.saved.ids import Key
    from kibana_builder.sync.apply import Outcome
    from kibana_builder.sync.changes import Change, Plan

_SIGNS = {"create": "+", "update": "~", "mark": "*"}
_BLOCKS = {"not-ours": "is there, and is not this project's", "changed": "was changed in Kibana since the last apply"}


def apply(
    paths: PathsArgument = None,
    *,
    context: ContextOption = None,
    yes: YesOption = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    adopt: Annotated[
        bool, typer.Option("--adopt", help="Take over what is in Kibana under the same id and not this project's.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite what was changed in Kibana.")] = False,
    format: FormOption = Form.text,
) -> int:
    """Bring what the files say into Kibana.

    What the selected files refer to comes along. Says first what it would do, and asks. What it overwrites is kept:
    `kbuild rollback` puts it back. When something in Kibana is in the way, nothing is written: what is not this
    project's needs --adopt, what was changed in Kibana since the last apply needs --force.
    """
    from kibana_builder.saved.build import build
    from kibana_builder.saved.ids import key_of
    from kibana_builder.sync.apply import apply as carry_out
    from kibana_builder.sync.backups import BackupFolder
    from kibana_builder.sync.classify import Consent
    from kibana_builder.sync.plan import plan_apply

    source = sound_source(paths, context)
    built = build(source)
    with connected(source.project, context) as (kibana, chosen):
        plan = plan_apply(
            kibana,
            source.project.name,
            [one.object for one in built],
            files={key_of(one.object): one.file for one in built},
            keep=_named_data_views(source.project, chosen),
            consent=Consent(adopt, force),
        )
        if format is Form.text:
            _print_plan(plan)
        outcome = None
        if plan.writes and not plan.blocked and not dry_run:
            if not confirmed(f"Write this to {plan.place}?", yes=yes):
                tell("Nothing was written.")
                return 1
            outcome = carry_out(kibana, plan, BackupFolder(source.project.root), chosen.name)
        if format is Form.json:
            emit_json(_as_json(kibana, plan, outcome))
        else:
            _print_outcome(kibana, plan, outcome)
    _refuse_blocked(plan.blocked)
    return 0 if outcome is None or outcome.complete else 1


def _named_data_views(project: Project, context: Context) -> set[Key]:
    """Give the data views whose id kbuild.yaml names: it is the same in every space."""
    named = (name for name, view in project.data_views.items() if view.ids.get(context.name) or view.id)
    return {("index-pattern", project.data_view_id(name, context.name)) for name in named}


# ----------------------------------------------------------------------------------------------- words to a person


def _print_plan(plan: Plan) -> None:
    """Print what would happen: first the sum, then a line for each object that is not as it should be."""
    if not plan.changes:
        write("The project has nothing to apply: there is no dashboard and no visualization.")
    else:
        write(safe(f"{_sum(plan)}: {plan.place}"))
    for change in plan.changes:
        file = f"  {change.file}" if change.file else ""
        if change.block:
            write(safe(f"! {change.name} {_BLOCKS[change.block]}{file}"))
        elif change.action != "unchanged":
            write(safe(f"{_SIGNS[change.action]} {change.action} {change.name}{file}"))


def _sum(plan: Plan) -> str:
    free = [change for change in plan.changes if not change.block]
    words = {"create": "to create", "update": "to update", "mark": "to mark only", "unchanged": "unchanged"}
    parts = [
        f"{count} {said}"
        for action, said in words.items()
        if (count := sum(change.action == action for change in free))
    ]
    if plan.blocked:
        parts.append(f"{len(plan.blocked)} in the way")
    return ", ".join(parts)


def _print_outcome(kibana: Kibana, plan: Plan, outcome: Outcome | None) -> None:
    """Print what was done, and where the dashboards are."""
    if outcome is None:
        if plan.changes and not plan.writes:
            tell("There is nothing to do.")
        elif plan.writes and not plan.blocked:
            tell("This was a dry run: nothing was written.")
    else:
        for line in _report(outcome):
            tell(line)
    if not plan.writes or (outcome is not None and outcome.complete):
        for change in _dashboards(plan):
            write(safe(f"{change.title}: {_page(kibana, change)}"))


def _report(outcome: Outcome) -> Iterator[str]:
    """Say what was written and, when it is not everything, what became of each of the others."""
    if outcome.error is not None:
        yield f"Error: {outcome.error}"
    for failure in outcome.failed:
        yield f"failed: {_named(failure.change)}: {failure.words}"
    yield from (f"not written: {_named(change)}" for change in outcome.unsent)
    yield from (f"not known: {_named(change)}" for change in outcome.unknown)
    if not outcome.complete:
        yield from (f"written: {change.name}" for change in outcome.written)
    kept = f"; what was overwritten is kept in {outcome.backup}" if _overwrote(outcome) else ""
    count = len(outcome.written)
    yield f"{count} object{'' if count == 1 else 's'} written{kept}."
    if not outcome.complete:
        yield "Apply again to finish; `kbuild rollback` goes back."


def _overwrote(outcome: Outcome) -> bool:
    return any(change.live is not None for change in outcome.written)


def _named(change: Change) -> str:
    return f"{change.file}: {change.name}" if change.file else change.name


def _refuse_blocked(blocked: Sequence[Change]) -> None:
    """Raise KbuildError that says which option lets the apply go on."""
    if not blocked:
        return
    cures = {
        "not-ours": "--adopt takes over what is not this project's",
        "changed": "--force overwrites what was changed in Kibana",
    }
    needed = [cure for block, cure in cures.items() if any(change.block == block for change in blocked)]
    count = f"{len(blocked)} objects are" if len(blocked) > 1 else "1 object is"
    raise KbuildError(f"{count} in the way, so nothing was written; {', and '.join(needed)}")


# ---------------------------------------------------------------------------------------------- JSON to a program


def _as_json(kibana: Kibana, plan: Plan, outcome: Outcome | None) -> JsonObject:
    result: JsonObject = {
        "project": plan.project,
        "kibana": kibana.address,
        "space": kibana.space,
        "changes": [
            {"action": change.action, "in_the_way": change.block or None, **_change_as_json(change)}
            for change in plan.changes
        ],
        "dashboards": [{**_change_as_json(change), "url": _page(kibana, change)} for change in _dashboards(plan)],
        "outcome": None,
    }
    if outcome is not None:
        result["outcome"] = {
            "complete": outcome.complete,
            "written": list(map(_change_as_json, outcome.written)),
            "failed": [{**_change_as_json(one.change), "message": one.words} for one in outcome.failed],
            "not_written": list(map(_change_as_json, outcome.unsent)),
            "not_known": list(map(_change_as_json, outcome.unknown)),
            "error": None if outcome.error is None else str(outcome.error),
            "backup": None if outcome.backup is None else str(outcome.backup),
        }
    return result


def _change_as_json(change: Change) -> JsonObject:
    return key_as_json(change.key, change.title) | {"file": change.file or None}


def _dashboards(plan: Plan) -> list[Change]:
    return [change for change in plan.changes if change.key[0] == "dashboard"]


def _page(kibana: Kibana, change: Change) -> str:
    from kibana_builder.kibana.pages import page_of

    return page_of(kibana, change.key)
