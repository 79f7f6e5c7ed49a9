"""The normal form of filters: each names its data view by the id, whichever way the object does.

Kibana names it by a reference, under a name of the filter's place or any other, in `index` or `indexRefName`; or by the
id itself, as Lens does with a filter that was never saved alone. A name that leads nowhere stays and shows.
"""

from __future__ import annotations

from collections.abc import Mapping

from kibana_builder.json_tree import Json, JsonObject

__all__ = ["ids_by_name", "with_data_views", "without_names"]


def ids_by_name(references: Json, prefix: str = "") -> dict[str, str]:
    """Give the ids of the data views among references by what stands behind `prefix` in their names, if it is one."""
    found: dict[str, set[str]] = {}
    for reference in references if isinstance(references, list) else ():
        if isinstance(reference, dict) and reference.get("type") == "index-pattern":
            name, ident = reference.get("name"), reference.get("id")
            if isinstance(name, str) and isinstance(ident, str) and name.startswith(prefix):
                found.setdefault(name.removeprefix(prefix), set()).add(ident)
    return {name: min(ids) for name, ids in found.items() if len(ids) == 1}


def with_data_views(tree: JsonObject, path: tuple[str, ...], ids: Mapping[str, str]) -> tuple[JsonObject, set[str]]:
    """Let the filters at `path` name their data views by ids; give the names of the references that served for it."""
    used: set[str] = set()
    key, *rest = path
    inner: Json = tree.get(key)
    if rest:
        if not isinstance(inner, dict):
            return tree, used
        changed, used = with_data_views(inner, tuple(rest), ids)
        return ({**tree, key: changed} if used else tree), used
    if not isinstance(inner, list):
        return tree, used
    filters = [_with_data_view(entry, ids, used) for entry in inner]
    return ({**tree, key: filters} if used else tree), used


def _with_data_view(entry: Json, ids: Mapping[str, str], used: set[str]) -> Json:
    meta = entry.get("meta") if isinstance(entry, dict) else None
    if not isinstance(meta, dict):
        return entry
    for key in ("indexRefName", "index"):
        name = meta.get(key)
        if isinstance(name, str) and name in ids:
            used.add(name)
            left: JsonObject = {word: value for word, value in meta.items() if word not in ("index", "indexRefName")}
            return {**entry, "meta": {**left, "index": ids[name]}}
    return entry


def without_names(references: Json, names: set[str], prefix: str = "") -> Json:
    """Leave out the references with these names."""
    if not names or not isinstance(references, list):
        return references
    full = {prefix + name for name in names}
    return [entry for entry in references if not (isinstance(entry, dict) and _name(entry) in full)]


def _name(reference: JsonObject) -> str:
    name = reference.get("name")
    return name if isinstance(name, str) else ""
