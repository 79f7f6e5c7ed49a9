"""`kbuild templates`: index templates, ingest pipelines and lifecycle policies, in files and in Elasticsearch."""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from kibana_builder.commands.in_elasticsearch import ElasticsearchOption, reached
from kibana_builder.commands.in_kibana import Form, FormOption, emit_json
from kibana_builder.commands.options import ContextOption, open_project
from kibana_builder.commands.output import best_effort, safe, tell, write
from kibana_builder.errors import ElasticUnreachable, UsageError
from kibana_builder.json_tree import Json, JsonObject

if TYPE_CHECKING:
    from kibana_builder.elastic.client import Elastic
    from kibana_builder.elastic.differences import Difference
    from kibana_builder.elastic.resources import Resource
    from kibana_builder.elastic.templates import Abilities, Outcome

# A value is cut to this around where it differs: a script of a pipeline would fill the screen.
_LONGEST = 60
_BEFORE = 20
_WORDS = {
    "same": "as it should be",
    "different": "differs",
    "absent": "not there",
    "impossible": "left out",
    "created": "created",
    "changed": "changed",
    "unchanged": "unchanged",
}


class Action(StrEnum):
    """What to do with the templates."""

    apply = "apply"
    verify = "verify"
    list = "list"


def templates(
    action: Annotated[Action, typer.Argument(help="apply, verify or list.", show_default=False)],
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAMES]...",
            help="Names in Elasticsearch or of files (ml-metrics); without any, all. With an index template comes what "
            "it goes with.",
            show_default=False,
        ),
    ] = None,
    *,
    elasticsearch: ElasticsearchOption = None,
    context: ContextOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="apply: show what would happen, change nothing.")] = False,
    format: FormOption = Form.text,
) -> int:
    """Bring templates, pipelines and policies into Elasticsearch.

    They are the files below index_templates/: NAME.json becomes the index template NAME-template, pipelines/NAME.json
    an ingest pipeline, ilm/NAME.json a lifecycle policy. `apply` sends what differs, `verify` says what differs (exit
    code 1), `list` shows all with their state. What a cluster cannot do is left out, with a warning.
    """
    from kibana_builder.elastic.resources import chosen, read_resources

    if dry_run and action is not Action.apply:
        raise UsageError(f"{action} changes nothing, so --dry-run has no meaning there")
    project = open_project()
    everything = read_resources(project.root)
    resources = chosen(everything, names or ())
    with reached(project, context, elasticsearch) as elastic:
        if action is Action.apply:
            return _apply(elastic, resources, everything, dry_run=dry_run, form=format)
        if action is Action.verify:
            return _verify(elastic, resources, everything, form=format)
        return _list(elastic, resources, everything, form=format)


def _warned(elastic: Elastic, resources: Iterable[Resource]) -> tuple[Abilities, str | None]:
    """Ask what the cluster can do, and give the one warning about what it cannot."""
    from kibana_builder.elastic.templates import abilities, lacking

    able = abilities(elastic)
    missing = lacking(resources, able)
    warning = f"{elastic.address} cannot do all of this: {'; '.join(missing)}." if missing else None
    if warning:
        tell(f"Warning: {warning}")
    return able, warning


def _apply(
    elastic: Elastic, resources: list[Resource], everything: list[Resource], *, dry_run: bool, form: Form
) -> int:
    from kibana_builder.elastic.templates import apply

    able, warning = _warned(elastic, resources)
    done: list[Outcome] = []
    for outcome in apply(elastic, resources, everything, able, dry_run=dry_run):
        done.append(outcome)
        if form is Form.text:
            with best_effort():
                _print(outcome, "would be " if dry_run and outcome.state in ("created", "changed") else "")
    if form is Form.json:
        emit_json(_as_json(elastic, done, warning, dry_run=dry_run))
    counts = [(sum(outcome.state == state for outcome in done), state) for state in ("created", "changed")]
    words = ", ".join(f"{count} {'would be ' if dry_run else ''}{state}" for count, state in counts if count)
    tell(f"{elastic.address}: {words or 'everything was there already'}.")
    return 0


def _verify(elastic: Elastic, resources: list[Resource], everything: list[Resource], *, form: Form) -> int:
    from kibana_builder.elastic.templates import look

    able, warning = _warned(elastic, resources)
    found = [look(elastic, resource, everything, able) for resource in resources]
    wrong = [outcome for outcome in found if outcome.state in ("absent", "different")]
    if form is Form.json:
        emit_json(_as_json(elastic, found, warning))
    for outcome in wrong if form is Form.text else ():
        _print(outcome)
    if wrong:
        count = f"{len(wrong)} of {len(found)} {'is' if len(wrong) == 1 else 'are'} not as in the files"
        tell(f"{elastic.address}: {count}; `kbuild templates apply` sets it right.")
        return 1
    tell(f"{elastic.address}: everything is as in the files.")
    return 0


def _list(elastic: Elastic, resources: list[Resource], everything: list[Resource], *, form: Form) -> int:
    from kibana_builder.elastic.templates import look

    try:
        able, warning = _warned(elastic, resources)
        found = [look(elastic, resource, everything, able) for resource in resources]
    except ElasticUnreachable as error:  # what the files say can be listed without a server
        tell(f"Note: {error}")
        warning, found = None, []
    states = {outcome.resource.title: outcome.state for outcome in found}
    if form is Form.json:
        listed = [{**_named(resource), "state": states.get(resource.title)} for resource in resources]
        emit_json({"elasticsearch": elastic.address, "warning": warning, "resources": listed})
        return 0
    rows = [
        (
            resource.kind.value,
            resource.name,
            resource.file,
            ", ".join(resource.patterns),
            _WORDS[states[resource.title]] if found else "",
        )
        for resource in resources
    ]
    widths = [max((len(safe(row[column])) for row in rows), default=0) for column in range(5)]
    for row in rows:
        write("  ".join(safe(cell).ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return 0


def _print(outcome: Outcome, before: str = "") -> None:
    write(safe(f"{before + _WORDS[outcome.state]:<16}  {outcome.resource.title}"))
    for difference in outcome.differences:
        write(safe(f"    {difference.path}: {_difference(difference)}"))


def _difference(difference: Difference) -> str:
    if difference.absent == "cluster":
        return f"the file says {_shown(difference.wanted)}, the cluster has nothing"
    if difference.absent == "file":
        return f"the cluster has {_shown(difference.found)}, the file nothing"
    wanted, found = json.dumps(difference.wanted), json.dumps(difference.found)
    first = next((place for place, pair in enumerate(zip(wanted, found, strict=False)) if pair[0] != pair[1]), 0)
    start = first - _BEFORE
    return f"the file says {_cut(wanted, start)}, the cluster has {_cut(found, start)}"


def _shown(value: Json) -> str:
    return _cut(json.dumps(value), 0)


def _cut(text: str, start: int) -> str:
    """Give a text whole where it is short, else the part from `start` on, which is where it matters."""
    if len(text) <= _LONGEST:
        return text
    start = max(0, min(start, len(text) - _LONGEST))
    return f"{'…' if start else ''}{text[start : start + _LONGEST]}{'…' if start + _LONGEST < len(text) else ''}"


def _named(resource: Resource) -> JsonObject:
    return {"kind": resource.kind.value.replace(" ", "_"), "name": resource.name, "file": resource.file}


def _as_json(elastic: Elastic, outcomes: list[Outcome], warning: str | None, *, dry_run: bool = False) -> JsonObject:
    return {
        "elasticsearch": elastic.address,
        "dry_run": dry_run,
        "warning": warning,
        "resources": [
            {
                **_named(outcome.resource),
                "state": outcome.state,
                "differences": [
                    {"path": one.path, "file": one.wanted, "cluster": one.found} for one in outcome.differences
                ],
            }
            for outcome in outcomes
        ],
    }
