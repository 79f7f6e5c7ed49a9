"""`kbuild plan`: what apply would do."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from kibana_builder.commands.in_kibana import connected, emit_json
from kibana_builder.commands.options import ContextOption, PathsArgument, sound_source
from kibana_builder.commands.output import emit
from kibana_builder.commands.planning import make_plan, plan_as_json, plan_as_markdown, print_plan


class PlanForm(StrEnum):
    """How a plan is printed."""

    text = "text"
    json = "json"
    markdown = "markdown"


PlanFormOption = typer.Option(
    "--format",
    help="How the plan is printed: text (the default), json, or markdown for a pull request.",
    show_default=False,
)


def plan(
    paths: PathsArgument = None,
    *,
    context: ContextOption = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Also what apply --prune would delete, the whole project considered.")
    ] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with 3 when something would change, or is in the way.")
    ] = False,
    format: Annotated[PlanForm, PlanFormOption] = PlanForm.text,
) -> int:
    """Show what apply would do, in the words of the panels.

    Compares the files with what is live, and writes nothing. Shows as well what was changed in Kibana since the last
    apply, copies that somebody made there, and what no file has any more.
    """
    from kibana_builder.sync.classify import NO_CONSENT

    source = sound_source(paths, context)
    with connected(source.project, context) as (kibana, chosen):
        found = make_plan(kibana, chosen, source, NO_CONSENT, partly=bool(paths), prune=prune)
    if format is PlanForm.json:
        emit_json(plan_as_json(found))
    elif format is PlanForm.markdown:
        emit(plan_as_markdown(found))
    else:
        print_plan(found)
    return 3 if exit_code and found.would_change else 0
