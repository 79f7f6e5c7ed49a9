"""Data views of an export -> `data_views:` of kbuild.yaml."""

from __future__ import annotations

from collections.abc import Mapping

from kibana_builder.files.yaml_merge import overlaid
from kibana_builder.json_tree import JsonObject
from kibana_builder.saved.data_view import from_data_view
from kibana_builder.saved.decompile import Decompiled
from kibana_builder.saved.ids import Key
from kibana_builder.sync.file_names import FreeNames, file_word
from kibana_builder.sync.incoming import Target

__all__ = ["data_view_ids", "is_sayable", "with_data_views"]

_PROPERTIES = ("title", "index_pattern", "time_field")


def with_data_views(
    target: Target, views: Mapping[str, Decompiled], came: Mapping[Key, JsonObject], free: FreeNames
) -> JsonObject:
    """Give the value that kbuild.yaml shall have, the data views of the export (by their ids) in it.

    Of one that is in the project only what the project decides changes; one that says more than kbuild.yaml can say
    and is not in the project is not among the result. `free` gives names to the new ones.
    """
    value = target.source.project.file.value if target.source else target.new_project
    said: dict[str, JsonObject] = dict(value.get("data_views") or {})
    names = {ident: name for name, ident in data_view_ids(target, value).items()}
    for name in said:
        free.take("index-pattern", name)
    fresh: dict[str, JsonObject] = {}
    for ident in sorted(views):
        if ident in names:
            own = said[names[ident]]
            said[names[ident]] = overlaid(own, _decided(own), _wanted(came["index-pattern", ident], own))
        elif views[ident].kind == "data_view":
            name = free.name(("index-pattern", ident), _word(views[ident], target.project))
            said_id = target.written(ident)
            given = {} if said_id == f"{target.project}-{name}" else {"id": said_id}
            fresh[name] = _decided(views[ident].document) | given
    said |= dict(sorted(fresh.items()))
    if "data_views" in value or not said:
        return value | {"data_views": said} if said else dict(value)
    return {"project": value["project"], "data_views": said} | value


def is_sayable(item: JsonObject) -> bool:
    """Tell whether kbuild.yaml can say what a project decides of a data view."""
    said = from_data_view(item)
    return "index_pattern" in said and all(isinstance(entry, str) and entry for entry in said.values())


def data_view_ids(target: Target, value: JsonObject) -> dict[str, str]:
    """Give the ids that the data views of a value of kbuild.yaml have, by their names."""
    project = target.source.project if target.source else None
    result = {}
    for name, said in (value.get("data_views") or {}).items():
        if project is not None and target.source is not None and name in project.data_views:
            result[name] = project.data_view_id(name, target.source.context)
        else:
            written = said.get("id")
            known = written.get(target.context) if isinstance(written, dict) else written
            result[name] = known or f"{target.project}-{name}"
    return result


def _decided(said: JsonObject) -> JsonObject:
    """Give what kbuild.yaml says of the object in Kibana."""
    return {key: said[key] for key in _PROPERTIES if key in said}


def _wanted(item: JsonObject, own: JsonObject) -> JsonObject:
    """Give what kbuild.yaml shall say of a data view; what it says now, where it cannot say what came."""
    return _decided(from_data_view(item) if is_sayable(item) else own)


def _word(view: Decompiled, project: str) -> str:
    """Name a data view after what its id says in this project, else its title or its pattern."""
    own = view.id.removeprefix(f"{project}-")
    if own != view.id and file_word(own) == own:
        return own
    return file_word(str(view.document.get("title", "")), str(view.document["index_pattern"]), view.id)
