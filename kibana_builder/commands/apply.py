"""`kbuild apply`: what the files say into Kibana."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from kibana_builder.commands.in_kibana import Form, FormOption, YesOption, confirmed, connected, emit_json, key_as_json
from kibana_builder.commands.options import ContextOption, PathsArgument, sound_source
from kibana_builder.commands.output import best_effort, safe, tell, write
from kibana_builder.commands.planning import change_as_json, make_plan, plan_as_json, print_plan
from kibana_builder.errors import KbuildError, UsageError
from kibana_builder.json_tree import JsonObject

if TYPE_CHECKING:
    from kibana_builder.kibana.http import Kibana
    from kibana_builder.sync.apply import Outcome
    from kibana_builder.sync.changes import Change, Plan

_MOST_NAMED = 5


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
    prune: Annotated[
        bool, typer.Option("--prune", help="Delete what is this project's and in none of its files any more.")
    ] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Apply now and at each save, until Ctrl-C.")] = False,
    format: FormOption = Form.text,
) -> int:
    """Bring what the files say into Kibana.

    What the selected files refer to comes along. Says first what it would do, and asks. What it overwrites or deletes
    is kept: `kbuild rollback` puts it back. When something in Kibana is in the way, nothing is written: what is not
    this project's needs --adopt, what was changed in Kibana since the last apply needs --force.
    """
    from kibana_builder.sync.apply import apply as carry_out
    from kibana_builder.sync.backups import BackupFolder
    from kibana_builder.sync.classify import Consent

    consent = Consent(adopt, force)
    if watch:
        if dry_run or prune or format is not Form.text:
            raise UsageError("--watch goes together with neither --dry-run, --prune nor another --format")
        from kibana_builder.commands.watching import watch as keep_applying

        return keep_applying(paths or (), context, consent, yes=yes)
    source = sound_source(paths, context)
    with connected(source.project, context) as (kibana, chosen):
        plan = make_plan(kibana, chosen, source, consent, partly=bool(paths), prune=prune)
        if format is Form.text:
            with best_effort(or_else="" if yes or dry_run else "nothing was written"):
                print_plan(plan)
        outcome = None
        if (plan.writes or plan.deletes) and not plan.blocked and not dry_run:
            what = "Write this to" if not plan.deletes else "Write and delete this in"
            if not confirmed(f"{what} {plan.place}?", yes=yes):
                tell("Nothing was written.")
                return 1
            outcome = carry_out(kibana, plan, BackupFolder(source.project.root), chosen.name)
        with best_effort():
            if format is Form.json:
                emit_json(_as_json(kibana, plan, outcome))
            else:
                _print_outcome(kibana, plan, outcome)
    _refuse_blocked(plan.blocked)
    return 0 if outcome is None or outcome.complete else 1


# ----------------------------------------------------------------------------------------------- words to a person


def _print_outcome(kibana: Kibana, plan: Plan, outcome: Outcome | None) -> None:
    """Print what was done, and where the dashboards are."""
    if outcome is None:
        if plan.changes and not plan.would_change:
            tell("There is nothing to do.")
        elif plan.would_change and not plan.blocked:
            tell("This was a dry run: nothing was written.")
    else:
        for line in _report(plan, outcome):
            tell(line)
    if not plan.would_change or (outcome is not None and outcome.complete):
        for change in _dashboards(plan):
            write(safe(f"{change.title}: {_page(kibana, change)}"))


def _report(plan: Plan, outcome: Outcome) -> Iterator[str]:
    """Say what was written and, when it is not everything, what became of each of the others."""
    if outcome.error is not None:
        yield f"Error: {outcome.error}"
    for failure in outcome.failed:
        yield f"failed: {_named(failure.change)}: {failure.words}"
    yield from _some("not written", outcome.unsent)
    yield from _some("nobody knows whether it was written", outcome.unknown)
    yield from (f"not deleted: {leftover.name}: {words}" for leftover, words in outcome.kept)
    if not outcome.complete:
        yield from _some("written", outcome.written)
    count, gone = len(outcome.written), len(outcome.deleted)
    done = f"{count} object{'' if count == 1 else 's'} written" if count or not gone else ""
    deleted = f"{gone} object{'' if gone == 1 else 's'} deleted" if gone else ""
    yield f"{', '.join(filter(None, (done, deleted)))}{_kept(outcome)}."
    known = count + len(outcome.failed) + len(outcome.unsent) + len(outcome.unknown)
    if others := len(plan.writes) - known:
        yield f"Somebody else wrote {others} object{'' if others == 1 else 's'} meanwhile, as the files say."
    if not outcome.complete:
        yield "Apply again to finish; `kbuild rollback` goes back."


def _some(fate: str, changes: Sequence[Change]) -> Iterator[str]:
    """Name the first few of the changes, and count the others; --format json has them all."""
    yield from (f"{fate}: {_named(change)}" for change in changes[:_MOST_NAMED])
    if len(changes) > _MOST_NAMED:
        yield f"{fate}: {len(changes) - _MOST_NAMED} more"


def _kept(outcome: Outcome) -> str:
    """Say where the backup is, when there is something in it."""
    what = ["overwritten"] if any(change.live is not None for change in outcome.written) else []
    what += ["deleted"] if outcome.deleted else []
    return f"; what was {' or '.join(what)} is kept in {outcome.backup}" if what else ""


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
    result = plan_as_json(plan) | {
        "dashboards": [{**change_as_json(change), "url": _page(kibana, change)} for change in _dashboards(plan)],
        "outcome": None,
    }
    if outcome is not None:
        result["outcome"] = {
            "complete": outcome.complete,
            "written": list(map(change_as_json, outcome.written)),
            "failed": [{**change_as_json(one.change), "message": one.words} for one in outcome.failed],
            "not_written": list(map(change_as_json, outcome.unsent)),
            "not_known": list(map(change_as_json, outcome.unknown)),
            "deleted": [key_as_json(leftover.key, leftover.title) for leftover in outcome.deleted],
            "not_deleted": [
                {**key_as_json(leftover.key, leftover.title), "message": words} for leftover, words in outcome.kept
            ],
            "error": None if outcome.error is None else str(outcome.error),
            "backup": None if outcome.backup is None else str(outcome.backup),
        }
    return result


def _dashboards(plan: Plan) -> list[Change]:
    return [change for change in plan.changes if change.key[0] == "dashboard"]


def _page(kibana: Kibana, change: Change) -> str:
    from kibana_builder.kibana.pages import page_of

    return page_of(kibana, change.key)
