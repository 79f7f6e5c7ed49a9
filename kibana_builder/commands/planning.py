"""From a sound source to a plan, and the plan in words: what `plan` and `apply` share."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kibana_builder.commands.in_kibana import key_as_json
from kibana_builder.commands.output import Colour, paint, safe, write
from kibana_builder.errors import KbuildError
from kibana_builder.json_tree import JsonObject

if TYPE_CHECKING:
    from kibana_builder.files.project import Context
    from kibana_builder.files.source import Source
    from kibana_builder.kibana.http import Kibana
    from kibana_builder.sync.changes import Change, Leftover, Plan
    from kibana_builder.sync.classify import Consent

__all__ = ["change_as_json", "make_plan", "plan_as_json", "plan_as_markdown", "print_plan", "summary_of"]


def make_plan(
    kibana: Kibana, context: Context, source: Source, consent: Consent, *, partly: bool, prune: bool = False
) -> Plan:
    """Compare a sound source with what is live. `partly` tells that PATHS name a part of the project.

    What no file has any more is looked for when all files are applied, or to be pruned. Raises KbuildError when it is
    to be pruned and a file of the project, selected or not, has errors: nobody knows what that file holds.
    """
    from kibana_builder.saved.build import build
    from kibana_builder.saved.ids import key_of
    from kibana_builder.sync.plan import Whole, plan_apply

    if prune:
        _require_sound(source)
    built = build(source)
    keys = None
    if prune or not partly:
        everything = build(replace(source, selected=source.specs)) if partly else built
        views = (source.project.data_view_id(name, context.name) for name in source.project.data_views)
        keys = {key_of(one.object) for one in everything} | {("index-pattern", view) for view in views}
    return plan_apply(
        kibana,
        source.project.name,
        [one.object for one in built],
        files={key_of(one.object): one.file for one in built},
        keep=source.fixed,
        consent=consent,
        whole=Whole(keys, source.names),
        prune=prune,
    )


def _require_sound(source: Source) -> None:
    """Raise KbuildError where nobody can know what the project has: what is missing would be deleted."""
    if source.broken:
        names = ", ".join(sorted(source.broken))
        raise KbuildError(
            f"--prune needs every file of the project to be sound; `kbuild validate` shows those of {names}"
        )
    if not source.specs:
        raise KbuildError(
            "--prune would delete all that the project has in Kibana, because it has no files; "
            "`kbuild delete --all` does that"
        )


# ----------------------------------------------------------------------------------------------- words for a plan

_SIGNS = {"create": "+", "update": "~", "mark": "*"}
_ACTIONS = {"create": "create", "update": "update", "mark": "only the mark of"}
_BLOCKS = {"not-ours": "is there, and is not this project's", "changed": "was changed in Kibana since the last apply"}
_COLOURS = {"+": Colour.green, "~": Colour.yellow, "*": Colour.yellow, "!": Colour.red, "-": Colour.red}


def summary_of(plan: Plan) -> str:
    """Sum a plan up: "3 to create, 12 to update, 1 changed in Kibana, 480 unchanged"."""
    free = [change.action for change in plan.changes if not change.block and not change.foreign]
    blocks = [change.block for change in plan.changes]
    fates = [leftover.fate for leftover in plan.left_over]
    counts = {
        "to create": free.count("create"),
        "to update": free.count("update"),
        "to mark only": free.count("mark"),
        "to delete": len(plan.deletes),
        "changed in Kibana": blocks.count("changed"),
        "not this project's": blocks.count("not-ours"),
        "unchanged": free.count("unchanged"),
        "as the files say, but not this project's": len(_foreign(plan)),
        "in no file": 0 if plan.prune else fates.count("unused"),
        "in no file, but in use": fates.count("used"),
        "in no file, but changed in Kibana": fates.count("changed"),
        "copied in Kibana": fates.count("copy"),
    }
    return ", ".join(f"{count} {words}" for words, count in counts.items() if count)


def _head(plan: Plan) -> str:
    if not plan.changes and not plan.left_over:
        return "The project has nothing to apply: there is no dashboard and no visualization."
    return f"{'Plan' if plan.would_change else 'No changes'}: {summary_of(plan)}"


def _entries(plan: Plan) -> Iterator[tuple[str, str, Sequence[str]]]:
    """Give an entry for each object of which there is something to say: a sign, a headline, and lines below it."""
    for change in plan.changes:
        file = f"  {change.file}" if change.file else ""
        if change.block:
            yield "!", f"{change.name} {_BLOCKS[change.block]}{file}", change.words
        elif change.action != "unchanged":
            yield _SIGNS[change.action], f"{_ACTIONS[change.action]} {change.name}{file}", change.words
    if foreign := _foreign(plan):
        what = f"{len(foreign)} objects are" if len(foreign) > 1 else f"{foreign[0].name} is"
        it = "them" if len(foreign) > 1 else "it"
        headline = f"{what} as the files say, but not this project's; `apply --adopt` takes {it} over"
        yield "?", headline, [f"that writes nothing but this project's mark on {it}"]
    for leftover in plan.left_over:
        yield _leftover_entry(leftover, plan.prune)
    if plan.unseen:
        yield "?", "nobody knows what is in Kibana and in no file any more", [plan.unseen]


def _foreign(plan: Plan) -> list[Change]:
    return [change for change in plan.changes if change.foreign]


def _leftover_entry(leftover: Leftover, prune: bool) -> tuple[str, str, Sequence[str]]:
    words = [_how_to_keep(leftover, leftover.renamed)] if leftover.renamed else []
    if leftover.fate == "unused":
        headline = f"delete {leftover.name}" if prune else f"{leftover.name} is in no file; --prune deletes it"
        return "-" if prune else "?", headline, words
    if leftover.fate == "used":
        used = [f"used by {name}" for name in leftover.used_by]
        return "?", f"{leftover.name} is in no file, and stays because it is in use", [*words, *used]
    if leftover.fate == "changed":
        return "?", f"{leftover.name} is in no file, and stays because it was changed in Kibana", words
    return "?", f"{leftover.name} is a copy made in Kibana, and stays", words


def _how_to_keep(leftover: Leftover, change: Change) -> str:
    """Say that a file was renamed, and how the object keeps its id. A file says the id of the default space."""
    from kibana_builder.spaces import DEFAULT_SPACE

    said = leftover.key[1] if leftover.space == DEFAULT_SPACE else "<project>-<old file name>"
    return (
        f"renamed to {change.file}: for Kibana a new object, and links to this one break; `id: {said}` there keeps it"
    )


def print_plan(plan: Plan) -> None:
    """Print a plan for a person: first the sum, then a line for each object that is not as it should be."""
    place = f": {plan.place}" if plan.changes or plan.left_over else ""
    write(safe(f"{_head(plan)}{place}"))
    for sign, headline, words in _entries(plan):
        write(paint(safe(f"{sign} {headline}"), _COLOURS.get(sign)))
        for line in words:
            write(safe(f"    {line}"))


def plan_as_json(plan: Plan) -> JsonObject:
    """Give a plan for a program."""
    return {
        "project": plan.project,
        "kibana": plan.address,
        "space": plan.space,
        "would_change": plan.would_change,
        "summary": summary_of(plan),
        "changes": [
            {
                "action": change.action,
                "in_the_way": change.block or None,
                **change_as_json(change),
                "not_ours": change.foreign or change.block == "not-ours",
                "words": list(change.words),
            }
            for change in plan.changes
        ],
        "left_over": [
            {
                **key_as_json(leftover.key, leftover.title),
                "fate": leftover.fate,
                "delete": plan.prune and leftover.fate == "unused",
                "used_by": list(leftover.used_by),
                "renamed_to": leftover.renamed.file if leftover.renamed else None,
            }
            for leftover in plan.left_over
        ],
    }


def change_as_json(change: Change) -> JsonObject:
    """Name the object of a change, and its file, for a program."""
    return key_as_json(change.key, change.title) | {"file": change.file or None}


# A comment on GitHub has at most 65,536 characters.
_LONGEST_COMMENT = 60_000


def plan_as_markdown(plan: Plan) -> str:
    """Write a plan for a comment on a pull request: a heading, the sum, and a block for each object to unfold.

    What comes from files and from Kibana stands in HTML, escaped, and in `<code>`: no title can close a block, be
    taken for Markdown, or call a person by `@name`.
    """
    lines = [f"### kbuild plan: {'changes' if plan.would_change else 'no changes'}", ""]
    where = f"<p>{_code(plan.project)} in {_code(plan.place)}: "
    lines += [f"{where}<b>{html.escape(summary_of(plan) or 'nothing to apply')}</b></p>", ""]
    length = sum(map(len, lines))
    blocks = list(map(_block, _entries(plan)))
    for number, block in enumerate(blocks):
        length += len(block) + 1
        if length > _LONGEST_COMMENT:
            lines.append(f"<p>… and {len(blocks) - number} more objects</p>")
            break
        lines.append(block)
    return "\n".join(lines).rstrip("\n") + "\n"


def _block(entry: tuple[str, str, Sequence[str]]) -> str:
    sign, headline, words = entry
    head = f"{html.escape(sign)} {_code(headline)}"
    if not words:
        return f"<p>{head}</p>"
    inside = "\n".join(f"<li>{_code(line)}</li>" for line in words)
    return f"<details><summary>{head}</summary>\n<ul>\n{inside}\n</ul>\n</details>"


def _code(text: str) -> str:
    return f"<code>{html.escape(safe(text))}</code>"
