"""`kbuild export`: what is in Kibana, or in a file that Kibana exported, as the YAML files of a project."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kibana_builder.commands.in_kibana import Form, FormOption, connected, emit_json, file_names, key_as_json
from kibana_builder.commands.options import ContextOption, check_readable, open_project
from kibana_builder.commands.output import print_problems, safe, tell, write
from kibana_builder.errors import SpecError, UsageError
from kibana_builder.json_tree import JsonObject

if TYPE_CHECKING:
    from kibana_builder.files.project import Context, Project
    from kibana_builder.files.source import Source
    from kibana_builder.kibana.http import Kibana
    from kibana_builder.problem import Problem
    from kibana_builder.sync.export import Checked, Export, ExportedObject, Target
    from kibana_builder.sync.fetch import Wish

_SIGNS = {"created": "+", "changed": "~"}


def export(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[NAMES]...",
            help="Ids, titles or files of the objects; without any, those of the project's files.",
            show_default=False,
        ),
    ] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="All objects of the space, or of the file.")] = False,
    tag: Annotated[
        str | None, typer.Option("--tag", metavar="NAME", help="Only objects with this tag.", show_default=False)
    ] = None,
    types: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="TYPE", help="Only objects of this type; may be repeated.", show_default=False),
    ] = None,
    space: Annotated[
        str | None,
        typer.Option("--space", metavar="ID", help="The space, instead of the context's own.", show_default=False),
    ] = None,
    context: ContextOption = None,
    file: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="An NDJSON file instead of a server.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="DIR", help="The folder to write to; without it, the project's."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Compile what was written and compare it with what came.")
    ] = False,
    format: FormOption = Form.text,
) -> int:
    """Write what is in Kibana into YAML files.

    With all that it refers to. A file that is there already is changed only where Kibana has something else: comments,
    order and style stay. What the vocabulary has no words for is kept as it is, and named.
    """
    from kibana_builder.sync.export import check_export, plan_export, write_export
    from kibana_builder.sync.fetch import Wish

    _refuse_mixed(names, everything=everything, tag=tag, file=file, output=output, context=context, types=types)
    wish = Wish(names or (), tag, types or ())
    problems: list[Problem] = []
    if file is None:
        objects, target = _from_server(wish, everything, context, space, output)
    else:
        objects, problems = _from_file(wish, file)
        target = _target(output or _own_folder(), _Place(context, space))
    result = plan_export(objects, target)
    write_export(result)
    checked = list(check_export(result, _written_source(target))) if check else None
    if format is Form.json:
        emit_json(_as_json(result, problems, checked))
    else:
        _print(result, problems, checked)
    return 1 if problems or result.findings or any(one.fault for one in checked or ()) else 0


def _refuse_mixed(
    names: Sequence[str] | None,
    *,
    everything: bool,
    tag: str | None,
    file: Path | None,
    output: Path | None,
    context: str | None,
    types: Sequence[str] | None,
) -> None:
    """Raise UsageError for options that cannot be meant together."""
    if names and (everything or tag is not None):
        raise UsageError("name objects, or take all of them or those of a tag, not both")
    if file is not None and context is not None and output is not None:
        raise UsageError("--from needs no context: nothing is asked of a server")
    if file is None and output is not None and not (names or everything or tag is not None or types):
        raise UsageError("say what to export: NAMES, --all, --tag or --type")


# ------------------------------------------------------------------------------------------- from where, and to where


def _from_server(
    wish: Wish, everything: bool, context: str | None, space: str | None, output: Path | None
) -> tuple[list[JsonObject], Target]:
    from kibana_builder.sync.fetch import fetch, fetch_project

    source = _source(open_project(), context)
    with connected(source.project, context, space) as (kibana, chosen):
        place = _Place(chosen.name, kibana.space, source.project.contexts[chosen.name].kibana)
        if (own := place.context_in(source.project)) not in (None, source.context):
            source = _source(source.project, own)
        if everything or wish.names or wish.tag is not None or wish.types:
            objects = fetch(kibana, wish, _files_in_space(source, wish.names, kibana))
        else:
            objects = fetch_project(kibana, _keys_in_space(source, kibana))
            if not objects:
                tell(f"Nothing of the project's files is in {kibana.place}; NAMES or --all export something else.")
    if output is None:
        return objects, _of_project(source, place)
    target = _target(output, place, _context_entry(source, chosen, kibana.space, output))
    return objects, replace(target, origin=source)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where objects come from: what is known of the context, its space, and the address as its project writes it."""

    context: str | None
    space: str | None
    address: str | None = None

    def context_in(self, project: Project) -> str | None:
        """Name the context of a project that is this place: the one of the same name before others."""
        if self.address is None:
            return self.context if self.context in project.contexts else None
        fits = [
            name
            for name, context in project.contexts.items()
            if context.kibana == self.address and _space_of(context) == self.space
        ]
        return self.context if self.context in fits else next(iter(fits), None)


def _space_of(context: Context) -> str:
    from kibana_builder.spaces import DEFAULT_SPACE

    return context.space or DEFAULT_SPACE


def _of_project(source: Source, place: _Place) -> Target:
    """Give the project as a target: what comes from a context of it gets its ids for that one alone."""
    from kibana_builder.spaces import DEFAULT_SPACE
    from kibana_builder.sync.export import Target

    context = place.context_in(source.project)
    space = place.space or (_space_of(source.project.contexts[context]) if context else DEFAULT_SPACE)
    return Target(source.project.root, source, space=space, context=None if space == DEFAULT_SPACE else context)


def _target(output: Path, place: _Place, contexts: JsonObject | None = None) -> Target:
    """Give the project in a folder, or a new one that is called like the folder."""
    from kibana_builder.files.project import load_project
    from kibana_builder.files.scaffold import project_name
    from kibana_builder.spaces import DEFAULT_SPACE
    from kibana_builder.sync.export import Target

    root = Path(os.path.abspath(output))  # noqa: PTH100 - links stay as they are written
    path = root / "kbuild.yaml"
    if path.exists() or path.is_symlink():
        project = load_project(path)
        return _of_project(_source(project, place.context_in(project)), place)
    new = {"project": project_name(root)} | ({"contexts": contexts} if contexts else {})
    space = place.space or DEFAULT_SPACE
    context = place.context if contexts and space != DEFAULT_SPACE else None
    return Target(root, new_project=new, space=space, context=context)


def _context_entry(source: Source, chosen: Context, space: str, output: Path) -> JsonObject:
    """Give a new project the context that its objects came from, as the old one says it."""
    from kibana_builder.spaces import DEFAULT_SPACE

    said: JsonObject = dict(source.project.file.value["contexts"][chosen.name])
    if space == DEFAULT_SPACE:
        said.pop("space", None)
    else:
        said["space"] = space
    if chosen.ca_file is not None:
        said["ca_file"] = Path(os.path.relpath(chosen.ca_file, output)).as_posix()
    return {chosen.name: said}


def _own_folder() -> Path:
    from kibana_builder.files.project import find_project

    found = find_project(Path())
    return found.parent if found else Path()


def _written_source(target: Target) -> Source:
    """Read what the target is by now."""
    from kibana_builder.files.project import load_project

    context = target.source.context if target.source else target.context
    return _source(load_project(target.root / "kbuild.yaml"), context)


def _source(project: Project, context: str | None) -> Source:
    """Read the files of a project that are sound: to one that is not readable nothing can be added.

    Raises SpecError, and UsageError for a context that the project has not.
    """
    from kibana_builder.files.source import load_source

    source = load_source(project, (), context)
    if any(problem.severity == "error" for problem in source.problems):
        raise SpecError(source.problems)
    return source


def _keys_in_space(source: Source, kibana: Kibana) -> list[tuple[str, str]]:
    from kibana_builder.saved.ids import key_in_space

    return [key_in_space(spec.key, kibana.space, source.fixed) for spec in source.specs]


def _files_in_space(source: Source, names: Sequence[str], kibana: Kibana) -> dict[str, list[tuple[str, str]]]:
    from kibana_builder.saved.ids import space_id

    return {
        name: [(kind, one) for kind, ident in keys for one in (ident, space_id(kibana.space, kind, ident))]
        for name, keys in file_names(source, names).items()
    }


def _from_file(wish: Wish, file: Path) -> tuple[list[JsonObject], list[Problem]]:
    from kibana_builder.files.places import shown
    from kibana_builder.sync.fetch import chosen, read_export

    check_readable(file)
    name = shown(file)
    objects, problems = read_export(file, name)
    return chosen(objects, wish, name), problems


# ------------------------------------------------------------------------------------------- words


def _print(result: Export, problems: Sequence[Problem], checked: Sequence[Checked] | None) -> None:
    print_problems(problems, stream=sys.stderr)
    for one in result.objects:
        if one.state in _SIGNS:
            write(safe(f"{_SIGNS[one.state]} {one.state} {one.name}  {one.file}"))
        for line in _remarks(one) if one.state in _SIGNS else ():
            write(safe(f"  {one.file}: {line}"))
    for finding in result.findings:
        tell(f"Left out: {finding}")
    if not result.objects:
        tell("There is nothing to export.")
    write(_sum(result))
    if checked is not None:
        for one_checked in checked:
            if one_checked.fault:
                write(safe(f"! {one_checked.object.file}: {one_checked.object.name}: {one_checked.fault}"))
        write(_sum_of_check(checked))


def _remarks(one: ExportedObject) -> Iterator[str]:
    for part in one.raw:
        how_much = "" if part.leaves is None else f" ({part.leaves} {'leaf' if part.leaves == 1 else 'leaves'})"
        yield f"{part.where}: raw because {part.why}{how_much}"
    for comment in one.lost:
        yield f"a comment went with what was removed: {comment}"


def _sum(result: Export) -> str:
    states = Counter(one.state for one in result.objects)
    parts = [f"{states[state]} {state}" for state in ("created", "changed", "unchanged") if states[state]]
    raw = sum(bool(one.raw) for one in result.objects)
    parts += [f"{raw} with raw parts"] if raw else []
    return f"{', '.join(parts) or 'nothing'}: {safe(str(result.target.root))}"


def _sum_of_check(checked: Sequence[Checked]) -> str:
    exact = sum(not one.fault for one in checked)
    raw = sum(bool(one.object.raw) for one in checked)
    return f"{len(checked)} object{'' if len(checked) == 1 else 's'}, {exact} exact, {raw} with raw"


def _as_json(result: Export, problems: Sequence[Problem], checked: Sequence[Checked] | None) -> JsonObject:
    faults = {one.object.key: one.fault for one in checked or ()}
    return {
        "folder": str(result.target.root),
        "objects": [
            {
                **key_as_json(one.key, one.title),
                "file": one.file,
                "state": one.state,
                "raw": [{"where": part.where, "why": part.why, "leaves": part.leaves} for part in one.raw],
                "lost_comments": list(one.lost),
                **({"exact": not faults[one.key]} if checked is not None else {}),
            }
            for one in result.objects
        ],
        "left_out": [*(f"{one.file}:{one.line}: {one.message}" for one in problems), *result.findings],
    }
