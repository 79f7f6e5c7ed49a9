"""What a project wants Elasticsearch to have, from the files below `index_templates/`.

==============================  ==========================================  =======================================
file                            what it is                                  its name in Elasticsearch
==============================  ==========================================  =======================================
``NAME.json``                   an index template (it has index_patterns)   ``NAME-template``
``NAME.json``                   a component template (it has none)          ``NAME``, as ``composed_of`` says it
``pipelines/NAME.json``         an ingest pipeline                          ``NAME``
``ilm/NAME.json``               a lifecycle policy                          ``NAME``
==============================  ==========================================  =======================================

Each file is the body of its request, so that curl can send it. Which pipeline and which policy an index template goes
with stands in its ``_meta``, as ``pipeline`` and ``lifecycle_policy``, which Elasticsearch keeps and does not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from kibana_builder.errors import SpecError, UsageError
from kibana_builder.files.json_file import read_json_object
from kibana_builder.files.places import look_at, shown
from kibana_builder.json_tree import JsonObject
from kibana_builder.problem import Problem
from kibana_builder.spec.nearest import did_you_mean

__all__ = ["FOLDER", "Kind", "Resource", "chosen", "read_resources"]

FOLDER = "index_templates"


class Kind(StrEnum):
    """The kinds, in the order in which they depend on each other; the value is the word for people."""

    policy = "lifecycle policy"
    pipeline = "ingest pipeline"
    component = "component template"
    template = "index template"


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing that Elasticsearch should have: its name there, its file as people see it, its body as written."""

    kind: Kind
    name: str
    file: str
    body: JsonObject

    @property
    def title(self) -> str:
        """Kind and name, for people."""
        return f"{self.kind} {self.name}"

    @property
    def patterns(self) -> list[str]:
        """The indices that an index template is for; nothing for other kinds."""
        said = self.body.get("index_patterns", [])
        return [said] if isinstance(said, str) else [str(pattern) for pattern in said]

    @property
    def needs(self) -> list[tuple[Kind, str]]:
        """What an index template goes with: its policy, its pipeline, its component templates."""
        if self.kind is not Kind.template:
            return []
        meta = self.body.get("_meta")
        meta = meta if isinstance(meta, dict) else {}
        named = ((Kind.policy, meta.get("lifecycle_policy")), (Kind.pipeline, meta.get("pipeline")))
        components = self.body.get("composed_of")
        return [(kind, name) for kind, name in named if isinstance(name, str)] + [
            (Kind.component, name) for name in (components if isinstance(components, list) else [])
        ]


def read_resources(root: Path) -> list[Resource]:
    """Read all files of a project; the order is that of the kinds, then of the names.

    Raises UsageError when there is no folder, SpecError with every file that is wrong.
    """
    folder = root / FOLDER
    if look_at(folder).kind != "folder":
        raise UsageError(f"there is no folder {shown(folder)}: it holds the templates, one JSON file each")
    problems: list[Problem] = []
    found: list[Resource] = []
    for path, kind in _files(folder):
        try:
            found.append(_resource(path, kind))
        except SpecError as error:
            problems += error.problems
    problems += _missing(found) if not problems else []
    if problems:
        raise SpecError(problems)
    order = list(Kind)
    return sorted(found, key=lambda resource: (order.index(resource.kind), resource.name))


def _files(folder: Path) -> Iterator[tuple[Path, Kind]]:
    for below, kind in (("", Kind.template), ("pipelines", Kind.pipeline), ("ilm", Kind.policy)):
        for path in sorted((folder / below).glob("*.json")):
            if not path.name.startswith("."):
                yield path, kind


def _resource(path: Path, kind: Kind) -> Resource:
    name = shown(path)
    body = read_json_object(path, name)
    if kind is Kind.template and "index_patterns" not in body:
        kind = Kind.component
    return Resource(kind, f"{path.stem}-template" if kind is Kind.template else path.stem, name, body)


def _missing(found: Sequence[Resource]) -> Iterator[Problem]:
    """Find the pipelines and policies that a template names and no file holds; a component may be Elasticsearch's."""
    there = {(resource.kind, resource.name) for resource in found}
    folders = {Kind.pipeline: "pipelines", Kind.policy: "ilm"}
    for resource in found:
        for kind, name in resource.needs:
            if kind in folders and (kind, name) not in there:
                names = [other for kind_, other in there if kind_ is kind]
                message = f"_meta names the {kind} '{name}', but there is no {FOLDER}/{folders[kind]}/{name}.json"
                yield Problem("missing-file", message, resource.file, 1, 1, 2, hint=did_you_mean(name, names))


def chosen(resources: Sequence[Resource], names: Iterable[str]) -> list[Resource]:
    """Pick what the names mean: a name in Elasticsearch, or that of a file, with or without its folder and ending.

    With an index template comes what it goes with. Without names it is everything. Raises UsageError for a name that
    fits nothing.
    """
    wanted: set[tuple[Kind, str]] = set()
    names = list(names)
    for name in names:
        stem = Path(name).stem if name.endswith(".json") else name
        fitting = [resource for resource in resources if stem in (resource.name, Path(resource.file).stem)]
        if not fitting:
            known = sorted({resource.name for resource in resources})
            hint = did_you_mean(name, known) or f"there are: {', '.join(known) or 'none'}"
            raise UsageError(f"{FOLDER}/ has nothing named '{name}' ({hint})")
        for resource in fitting:
            wanted |= {(resource.kind, resource.name), *resource.needs}
    return [resource for resource in resources if not names or (resource.kind, resource.name) in wanted]
