"""Where a spec uses fields: each use with its place, the operation, and the fields that the data view has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kibana_builder.charts.formula import formula_fields
from kibana_builder.checks.operations import operations, with_layers
from kibana_builder.checks.panels import charts
from kibana_builder.files.source import Source, Spec
from kibana_builder.json_tree import JsonObject, Path
from kibana_builder.spec.fields import Fields, Template, fields_of

__all__ = ["FieldUse", "Use", "field_uses", "uses_of"]


class FieldUse(NamedTuple):
    """One use of a field: `by` is the operation, or a word for what else uses it (see field_type)."""

    spec: Spec
    path: Path
    field: str
    by: str
    fields: Fields
    view: str


class Use(NamedTuple):
    """A use without its data view: where it stands in the document, the field, what uses it."""

    path: Path
    field: str
    by: str


def field_uses(source: Source) -> Iterator[FieldUse]:
    """Go through the uses of fields in the selected files, as far as their data views have a template."""
    by_id = _fields_by_id(source)
    if not by_id:
        return
    for spec in source.selected:
        for data_view_id, use in uses_of(spec):
            found = by_id.get(data_view_id)
            if found is not None:
                yield FieldUse(spec, *use, fields=found[1], view=found[0])


def _fields_by_id(source: Source) -> dict[str, tuple[str, Fields]]:
    """Give name and fields of the data views that have a template, by their ids."""
    read: dict[str, Fields] = {}
    result = {}
    for view in source.project.data_views.values():
        template = source.templates.get(view.template or "")
        if view.template is not None and isinstance(template, Template):
            if view.template not in read:
                read[view.template] = fields_of(template)
            result[source.names.data_views[view.name]] = (view.name, read[view.template])
    return result


_Found = Iterator[tuple[str, Use]]
"""Uses, each with the id of its data view."""


def uses_of(spec: Spec) -> _Found:
    """Give each use of a field in one file, with the id of its data view; a panel's visualization has its own file."""
    document = spec.document
    if spec.kind == "dashboard":
        yield from _of_filters(document, (), "")
        for index, control in enumerate(document.get("pinned_panels", ())):
            config = control["config"]
            if "field_name" in config:
                path = ("pinned_panels", index, "config", "field_name")
                yield config["data_view_id"], Use(path, config["field_name"], control["type"])
    for chart, where in charts(spec):
        yield from _of_chart(chart, where)


def _of_chart(chart: JsonObject, path: Path) -> _Found:
    yield from _of_filters(chart, path, _data_view_of(chart))
    for owner, where in with_layers(chart, path):
        view = _data_view_of(owner)
        for operation, at in operations(owner, where):
            yield from ((view, use) for use in _of_operation(operation, at))
        for number, event in enumerate(owner.get("events", ())):
            yield from ((view, use) for use in _of_annotation(event, (*where, "events", number)))


def _data_view_of(owner: JsonObject) -> str:
    source = owner.get("data_source", {})
    return str(source.get("ref_id", ""))


def _of_filters(owner: JsonObject, path: Path, view: str) -> _Found:
    for index, said in enumerate(owner.get("filters", ())):
        where = (*path, "filters", index)
        for use in _of_filter(said, where):
            yield said.get("data_view_id", view), use


def _of_filter(said: JsonObject, path: Path) -> Iterator[Use]:
    if "condition" in said:
        yield from _of_condition(said["condition"], (*path, "condition"))
    elif "group" in said:
        yield from _of_condition(said["group"], (*path, "group"))
    elif "field" in said:
        yield Use((*path, "field"), said["field"], "filter")


def _of_condition(said: JsonObject, path: Path) -> Iterator[Use]:
    """Go through a condition, or a group of them."""
    if "field" in said:
        yield Use((*path, "field"), said["field"], "filter")
    for index, condition in enumerate(said.get("conditions", ())):
        yield from _of_condition(condition, (*path, "conditions", index))


def _of_operation(said: JsonObject, path: Path) -> Iterator[Use]:
    by = said.get("operation", "")
    if "field" in said:
        reads_text = by == "last_value" and said.get("multi_value") is True
        yield Use((*path, "field"), said["field"], "last_values" if reads_text else by)
    for index, field in enumerate(said.get("fields", ())):
        yield Use((*path, "fields", index), field, by)
    if "time_field" in said:
        yield Use((*path, "time_field"), said["time_field"], "time_field")
    if by == "formula":
        for function, field in dict.fromkeys(formula_fields(said["formula"])):
            yield Use((*path, "formula"), field, function)
    rank = said.get("rank_by", {})
    if "field" in rank:
        yield Use((*path, "rank_by", "field"), rank["field"], rank["operation"])


def _of_annotation(event: JsonObject, path: Path) -> Iterator[Use]:
    if "time_field" in event:
        yield Use((*path, "time_field"), event["time_field"], "time_field")
    text = event.get("text", {})
    if "field" in text:
        yield Use((*path, "text", "field"), text["field"], "annotation")
    for index, field in enumerate(event.get("extra_fields", ())):
        yield Use((*path, "extra_fields", index), field, "annotation")
