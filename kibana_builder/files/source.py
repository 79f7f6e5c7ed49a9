"""Files of a project -> as-code documents, or problems.

A file is read, told apart (a dashboard has `panels`, a visualization a chart `type`), held against the schema, and only
then expanded; one that has an error goes no further, and nothing that refers to it is reported for it.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from kibana_builder.errors import SpecError, UsageError
from kibana_builder.files.folders import is_yaml, yaml_files
from kibana_builder.files.index_templates import read_template
from kibana_builder.files.places import look_at, shown
from kibana_builder.files.project import Project, unknown_contexts
from kibana_builder.files.yaml_file import YamlFile, locate_all, read_yaml
from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.problem import Finding, Problem
from kibana_builder.spec.check import check
from kibana_builder.spec.fields import NoTemplate, Template
from kibana_builder.spec.nearest import did_you_mean
from kibana_builder.spec.references import raw_references, references
from kibana_builder.spec.shorthands import Kind, Names, expand

__all__ = ["TYPES", "Place", "Source", "Spec", "load_source", "located"]

Key = tuple[str, str]
"""Type and id of a saved object."""

TYPES = {"dashboard": "dashboard", "visualization": "lens", "data_view": "index-pattern"}
"""What Kibana calls what the files say and refer to."""


@dataclass(frozen=True, slots=True)
class Spec:
    """What one file says: its name (the file's, without ending), the object's id, what is written, what it means.

    `fixed` tells that the file names the id for the context: the object has it there, whatever the space.
    """

    kind: Kind
    name: str
    id: str
    fixed: bool
    file: YamlFile
    document: JsonObject

    @property
    def key(self) -> Key:
        """Type and id of the saved object that it stands for."""
        return _type_of(self.kind, self.file.value), self.id


@dataclass(frozen=True, slots=True)
class Source:
    """A project as it was read, for one context.

    `specs` are all that are sound, `selected` those that PATHS name with what they refer to (all when no PATHS are
    given); `problems` are those of the selected files. `broken` holds the names of the files with errors: what
    refers to them is not missing. `templates` are by the path that kbuild.yaml says. `fixed` are the objects, data
    views too, whose id the project names for the space itself. `elsewhere` gives, for ids that objects have in other
    contexts only, those that they have in this one: raw parts that refer to such an id mean that object.
    """

    project: Project
    context: str | None
    specs: list[Spec]
    selected: list[Spec]
    problems: list[Problem]
    names: Names
    broken: frozenset[str]
    templates: Mapping[str, Template | NoTemplate]
    files: int
    """How many files were looked at, for the person who reads the summary."""
    fixed: frozenset[Key]
    elsewhere: Mapping[Key, str]


class Place(NamedTuple):
    """What a check found, and in which file."""

    file: YamlFile
    finding: Finding


def located(places: Iterable[Place]) -> list[Problem]:
    """Give findings their lines and columns, reading each file only once more."""
    by_file: dict[Path, list[Place]] = {}
    for place in places:
        by_file.setdefault(place.file.path, []).append(place)
    return [
        problem for same in by_file.values() for problem in locate_all(same[0].file, [place.finding for place in same])
    ]


class _Read(NamedTuple):
    """A file as far as it could be read; `kind` is None when its content is neither of the two, or no YAML."""

    path: Path
    file: YamlFile | None
    kind: Kind | None
    problems: list[Problem]


class _Sound(NamedTuple):
    """A file without errors."""

    kind: Kind
    name: str
    id: str
    fixed: bool
    file: YamlFile


class _Chosen(NamedTuple):
    """The files to read, and which of them PATHS name."""

    files: list[Path]
    named: frozenset[Path]
    problems: list[Problem]


def load_source(project: Project, paths: Sequence[Path] = (), context: str | None = None) -> Source:
    """Read the files of a project. Raises UsageError for PATHS that cannot be meant, or an unknown context."""
    context = project.context_name(context)
    chosen = _choose(project, paths)
    with _no_garbage():
        files = [_read(path, project) for path in chosen.files]
        specs, names = _expanded(list(_sound(project, files, context)), project, context)
    broken: dict[str, list[Path]] = {}
    for path in {file.path for file in files} - {spec.file.path for spec in specs}:
        broken.setdefault(path.stem, []).append(path)
    elsewhere = dict(_elsewhere(specs, project, context))
    wanted = _with_references(chosen.named, specs, names, broken, elsewhere) if paths else chosen.named
    return Source(
        project=project,
        context=context,
        specs=specs,
        selected=[spec for spec in specs if spec.file.path in wanted],
        problems=[*chosen.problems, *(problem for file in files if file.path in wanted for problem in file.problems)],
        names=names,
        broken=frozenset(broken),
        templates=_templates(project),
        files=len(wanted),
        fixed=frozenset(_fixed(specs, project, context)),
        elsewhere=elsewhere,
    )


def _fixed(specs: Iterable[Spec], project: Project, context: str | None) -> Iterator[Key]:
    yield from (spec.key for spec in specs if spec.fixed)
    for name in project.data_views:
        if (ident := project.named_id(name, context)) is not None:
            yield "index-pattern", ident


def _elsewhere(specs: Iterable[Spec], project: Project, context: str | None) -> Iterator[tuple[Key, str]]:
    """Give each id that an object has in another context alone, with the one that it has in this."""
    ids: list[tuple[Key, Mapping[str, str]]] = [
        (("index-pattern", project.data_view_id(name, context)), view.ids) for name, view in project.data_views.items()
    ]
    for spec in specs:
        written = _written_id(spec.kind, spec.file.value)
        ids.append((spec.key, written if isinstance(written, dict) else {}))
    here = {key for key, _ in ids}
    for (kind, ident), others in ids:
        yield from (((kind, other), ident) for other in others.values() if (kind, other) not in here)


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Let the garbage collector rest while values are built that have no cycles: it takes a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


# ------------------------------------------------------------------------------------------- which files


def _choose(project: Project, paths: Sequence[Path]) -> _Chosen:
    """Find the files of the project, and those that PATHS name: the same ones, or others besides."""
    problems: list[Problem] = []
    files: dict[str, Path] = {}
    for index, place in enumerate(project.paths):
        folder = Path(os.path.abspath(project.root / place))  # noqa: PTH100 - links stay as they are written
        found = look_at(folder)
        if found.kind == "file" and is_yaml(folder):
            files.setdefault(os.path.realpath(folder), folder)
        elif found.kind == "folder":
            for file in _files_below(folder, problems):
                files.setdefault(os.path.realpath(file), file)
        elif "paths" in project.file.value:
            unreachable = found.kind == "nothing" and not found.absent
            message = found.why if unreachable else "there is no such folder"
            missing = Finding("missing-folder", message, ("paths", index))
            problems += locate_all(project.file, [missing])
    if not paths:
        return _Chosen(list(files.values()), frozenset(files.values()), problems)
    named = set()
    for path in paths:
        for file in _named(path, project, files, problems):
            named.add(files.setdefault(os.path.realpath(file), file))
    return _Chosen(list(files.values()), frozenset(named), problems)


def _named(path: Path, project: Project, files: Mapping[str, Path], problems: list[Problem]) -> list[Path]:
    """Give the files that one of PATHS names: itself, or the project's files in that folder, or all in it."""
    real = os.path.realpath(path)
    place = look_at(path)
    if place.kind == "folder":
        found = [file for known, file in files.items() if known.startswith(os.path.join(real, ""))]  # noqa: PTH118
        found = found or _files_below(Path(os.path.abspath(path)), problems)  # noqa: PTH100
        if not found:
            raise UsageError(f"there are no YAML files in {path}")
        return found
    if real == os.path.realpath(project.file.path):
        return []  # it was read already
    if place.kind == "nothing":
        if not place.absent:
            raise UsageError(f"{path}: {place.why}")
        near = did_you_mean(path.name, [file.name for file in files.values()])
        raise UsageError(f"there is no file or folder {path}{f' ({near})' if near else ''}")
    if not is_yaml(path):
        raise UsageError(f"{path} is no YAML file: its name ends with neither .yaml nor .yml")
    return [Path(os.path.abspath(path))]  # noqa: PTH100


def _files_below(folder: Path, problems: list[Problem]) -> list[Path]:
    files = []
    for found in yaml_files(folder):
        if isinstance(found, OSError):
            name = shown(Path(found.filename))
            message = f"the folder cannot be read: {found.strerror}"
            problems.append(Problem("unreadable-file", message, name, line=1, column=1, end_column=2))
        else:
            files.append(found)
    return files


# ------------------------------------------------------------------------------------------- what is in them


def _read(path: Path, project: Project) -> _Read:
    """Read one file as far as it is sound."""
    try:
        file = read_yaml(path, shown(path))
    except SpecError as error:
        return _Read(path, None, None, error.problems)
    kind = _kind_of(file.value)
    findings = [_unknown_kind(file.value)] if kind is None else check(kind, file.value)
    if kind is not None and not findings and isinstance(written := _written_id(kind, file.value), dict):
        findings = list(unknown_contexts(project.contexts, written, _path_of_id(kind)))
    return _Read(path, file, kind, locate_all(file, findings))


def _kind_of(value: Json) -> Kind | None:
    if not isinstance(value, dict):
        return None
    kinds: tuple[tuple[str, Kind], ...] = (
        ("panels", "dashboard"),
        ("saved_object", "saved_object"),
        ("type", "visualization"),
    )
    return next((kind for key, kind in kinds if key in value), None)


def _type_of(kind: Kind, value: JsonObject) -> str:
    """Give the type of the saved object that a sound file stands for."""
    return str(value["saved_object"]["type"]) if kind == "saved_object" else TYPES[kind]


def _unknown_kind(value: Json) -> Finding:
    """Say that a file is of neither kind, at the key that was most likely meant to be `panels` or `type`."""
    message = "this is no dashboard, which has `panels`, and no visualization, which has a chart `type`"
    for key in value if isinstance(value, dict) else ():
        if hint := did_you_mean(key, ("panels", "type")):
            return Finding("unknown-kind", message, (key,), at="key", hint=hint)
    return Finding("unknown-kind", message)


def _written_id(kind: Kind, value: JsonObject) -> Json:
    """Give what a sound file says of its object's id: one for all, one for each of some contexts, or None."""
    return (value["saved_object"] if kind == "saved_object" else value).get("id")


def _path_of_id(kind: Kind) -> tuple[str, ...]:
    return ("saved_object", "id") if kind == "saved_object" else ("id",)


def _sound(project: Project, files: Iterable[_Read], context: str | None) -> Iterator[_Sound]:
    for path, file, kind, problems in files:
        if file is not None and kind is not None and not any(problem.severity == "error" for problem in problems):
            written = _written_id(kind, file.value)
            fixed = isinstance(written, dict) and context in written
            ident = written[context] if fixed else written if isinstance(written, str) else None
            yield _Sound(kind, path.stem, ident or f"{project.name}-{path.stem}", fixed, file)


def _expanded(files: list[_Sound], project: Project, context: str | None) -> tuple[list[Spec], Names]:
    """Expand all files; the visualizations first, for the dashboards that want a copy of one."""
    ids: dict[str, dict[str, str]] = {"dashboard": {}, "lens": {}}
    ids["index-pattern"] = {name: project.data_view_id(name, context) for name in project.data_views}
    for file in files:
        # A raw object goes by its file's name as well, where it is of a type that is referred to.
        ids.setdefault(_type_of(file.kind, file.file.value), {}).setdefault(file.name, file.id)
    names = Names(ids["index-pattern"], ids["lens"], ids["dashboard"])
    specs = {file.file.path: _spec(file, names) for file in files if file.kind == "visualization"}
    library: dict[str, JsonObject] = {}
    for spec in specs.values():
        library.setdefault(spec.name, spec.document)
    names = replace(names, library=library)
    specs |= {file.file.path: _spec(file, names) for file in files if file.kind != "visualization"}
    return [specs[file.file.path] for file in files], names


def _spec(file: _Sound, names: Names) -> Spec:
    document = expand(file.kind, file.file.value, names)
    if file.kind == "saved_object":
        document = {"saved_object": {**document["saved_object"], "id": file.id}}
    return Spec(*file, document)


def _with_references(
    named: frozenset[Path],
    specs: Iterable[Spec],
    names: Names,
    broken: Mapping[str, Iterable[Path]],
    elsewhere: Mapping[Key, str],
) -> frozenset[Path]:
    """Add to the named files what they refer to, and what that refers to: they are of no use without it."""
    by_id = {spec.key: spec for spec in specs}
    wanted = set(named)
    waiting = [spec for spec in by_id.values() if spec.file.path in named]
    while waiting:
        spec = waiting.pop()
        for kind, word in _targets(spec, names):
            target = by_id.get((kind, elsewhere.get((kind, word), word)))
            if target is None:
                wanted.update(broken.get(word, ()))
            elif target.file.path not in wanted:
                wanted.add(target.file.path)
                waiting.append(target)
    return frozenset(wanted)


def _targets(spec: Spec, names: Names) -> Iterator[tuple[str, str]]:
    """Give type and id of what a spec refers to; a word that is no name of the project stands as it is written."""
    ids = {"data_view": names.data_views, "visualization": names.visualizations, "dashboard": names.dashboards}
    for reference in references(spec.kind, spec.file.value):
        yield TYPES[reference.kind], ids[reference.kind].get(reference.word, reference.word)
    yield from raw_references(spec.kind, spec.file.value)


def _templates(project: Project) -> dict[str, Template | NoTemplate]:
    paths = {view.template for view in project.data_views.values() if view.template is not None}
    return {path: read_template(project.root / path) for path in sorted(paths)}
