"""A project's documents -> the saved objects that stand for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kibana_builder.errors import SpecError
from kibana_builder.files.source import Source, Spec
from kibana_builder.files.yaml_file import locate_all
from kibana_builder.json_tree import JsonObject
from kibana_builder.problem import Finding, NotExpressible, Problem
from kibana_builder.saved.dashboard import to_dashboard
from kibana_builder.saved.data_view import to_data_view
from kibana_builder.saved.ids import rename_ids
from kibana_builder.saved.official import left_out, to_official
from kibana_builder.saved.raw_object import to_raw_object
from kibana_builder.saved.references import as_references
from kibana_builder.saved.tag import to_tag
from kibana_builder.saved.visualization import to_visualization
from kibana_builder.spec.shorthands import Kind

__all__ = ["BuiltObject", "Official", "build", "build_official"]


_ORDER: tuple[Kind, ...] = ("saved_object", "visualization", "dashboard")


@dataclass(frozen=True, slots=True)
class BuiltObject:
    """A saved object, and the file that it came from, as people see its name."""

    object: JsonObject
    file: str


@dataclass(frozen=True, slots=True)
class Official:
    """What Elastic's Dashboards API takes, with the file that it came from, and warnings of words that it lacks."""

    documents: list[tuple[Spec, JsonObject]]
    left_out: list[Problem]


def build(source: Source) -> list[BuiltObject]:
    """Make the saved objects of the selected files: data views, tags, raw objects, visualizations, dashboards.

    Of the project's data views and tags those come along that the selected files use. Raises SpecError with everything
    that the documents say and Kibana's saved objects have no place for.
    """
    project = source.project
    data_views = {project.data_view_id(name, source.context): name for name in project.data_views}
    time_fields = {key: field for key, name in data_views.items() if (field := project.data_views[name].time_field)}
    made = _with_ids_of_context(list(_made(source.selected, time_fields)), source)
    used = {
        entry["id"]
        for built in made
        for entry in as_references(built.object["references"])
        if entry["type"] == "index-pattern"
    }
    return [
        *(
            BuiltObject(to_data_view(key, project.file.value["data_views"][name]), project.file.name)
            for key, name in data_views.items()
            if key in used
        ),
        *_tags(source.selected),
        *made,
    ]


def _with_ids_of_context(made: list[BuiltObject], source: Source) -> list[BuiltObject]:
    """Let raw references to an id that an object has in another context lead to the one that it has in this."""
    renamed = rename_ids([built.object for built in made], dict(source.elsewhere))
    return [BuiltObject(item, built.file) for item, built in zip(renamed, made, strict=True)]


def build_official(source: Source) -> Official:
    """Make what Elastic's Dashboards API takes of the selected files, in their order.

    Raises SpecError with everything that the documents say and that API has no place for.
    """
    official = Official([], [])
    problems: list[Problem] = []
    for spec in source.selected:
        try:
            official.documents.append((spec, to_official(spec.kind, spec.document)))
            official.left_out.extend(locate_all(spec.file, left_out(spec.document)))
        except NotExpressible as refused:
            problems += locate_all(spec.file, [refused.finding])
    if problems:
        raise SpecError(problems)
    return official


def _made(specs: Sequence[Spec], time_fields: Mapping[str, str]) -> Iterator[BuiltObject]:
    problems: list[Problem] = []
    for spec in sorted(specs, key=lambda spec: _ORDER.index(spec.kind)):
        try:
            made = _object(spec, time_fields)
        except* NotExpressible as refused:
            problems += locate_all(spec.file, list(_findings(refused)))
        else:
            yield BuiltObject(made, spec.file.name)
    if problems:
        raise SpecError(problems)


def _object(spec: Spec, time_fields: Mapping[str, str]) -> JsonObject:
    if spec.kind == "saved_object":
        return to_raw_object(spec.document)
    make = to_dashboard if spec.kind == "dashboard" else to_visualization
    return make(spec.id, spec.document, time_fields)


def _findings(refused: ExceptionGroup[NotExpressible]) -> Iterator[Finding]:
    """Give what each refusal says, in groups within groups too: an object that is left out without a word is lost."""
    for error in refused.exceptions:
        if isinstance(error, NotExpressible):
            yield error.finding
        else:
            yield from _findings(error)


def _tags(specs: Iterable[Spec]) -> Iterator[BuiltObject]:
    files: dict[str, str] = {}
    for spec in specs:
        for name in spec.document.get("tags", ()):
            files.setdefault(name, spec.file.name)
    for name, file in files.items():
        yield BuiltObject(to_tag(name), file)
