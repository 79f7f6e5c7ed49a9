"""Data views of an export -> `data_views:` of kbuild.yaml."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from kibana_builder.files.yaml_merge import overlaid
from kibana_builder.json_tree import JsonObject
from kibana_builder.saved.data_view import from_data_view
from kibana_builder.saved.decompile import Decompiled
from kibana_builder.saved.ids import Key
from kibana_builder.sync.file_names import file_word
from kibana_builder.sync.incoming import Target

__all__ = ["data_view_ids", "with_data_views"]

_PROPERTIES = ("title", "index_pattern", "time_field")


def with_data_views(target: Target, views: Mapping[str, Decompiled], came: Mapping[Key, JsonObject]) -> JsonObject:
    """Give the value that kbuild.yaml shall have, the data views of the export (by their ids) in it.

    Of one that is in the project only what the project decides changes; one that says more than kbuild.yaml can say
    and is not in the project is not among the result.
    """
    value = target.source.project.file.value if target.source else target.new_project
    said: dict[str, JsonObject] = dict(value.get("data_views") or {})
    names = {ident: name for name, ident in data_view_ids(target, value).items()}
    taken = {*said, *views, *(target.source.names.data_views if target.source else ())}
    fresh: dict[str, JsonObject] = {}
    for ident in sorted(views):
        if ident in names:
            own = said[names[ident]]
            said[names[ident]] = overlaid(own, _decided(own), _wanted(came["index-pattern", ident], own))
        elif views[ident].kind == "data_view":
            name = _free_name(views[ident], target.project, taken)
            taken.add(name)
            given = {} if ident == f"{target.project}-{name}" else {"id": ident}
            fresh[name] = _decided(views[ident].document) | given
    said |= dict(sorted(fresh.items()))
    if "data_views" in value or not said:
        return value | {"data_views": said} if said else dict(value)
    return {"project": value["project"], "data_views": said} | value


def data_view_ids(target: Target, value: JsonObject) -> dict[str, str]:
    """Give the ids that the data views of a value of kbuild.yaml have, by their names."""
    project = target.source.project if target.source else None
    result = {}
    for name, said in (value.get("data_views") or {}).items():
        if project is not None and target.source is not None and name in project.data_views:
            result[name] = project.data_view_id(name, target.source.context)
        else:
            result[name] = said.get("id") or f"{target.project}-{name}"
    return result


def _decided(said: JsonObject) -> JsonObject:
    """Give what kbuild.yaml says of the object in Kibana."""
    return {key: said[key] for key in _PROPERTIES if key in said}


def _wanted(item: JsonObject, own: JsonObject) -> JsonObject:
    """Give what kbuild.yaml shall say of a data view; what it says now, where Kibana has nothing to say."""
    said = from_data_view(item)
    sound = "index_pattern" in said and all(isinstance(entry, str) and entry for entry in said.values())
    return _decided(said if sound else own)


def _free_name(view: Decompiled, project: str, taken: Collection[str]) -> str:
    """Name a data view after what its id says in this project, else its title or its pattern."""
    own = view.id.removeprefix(f"{project}-")
    if own != view.id and file_word(own) == own and own not in taken:
        return own
    word = file_word(str(view.document.get("title", "")), str(view.document["index_pattern"]), view.id)
    number, free = 1, word
    while free in taken:
        number += 1
        free = f"{word}-{number}"
    return free
