"""Same name, same id: the ids that kbuild chooses, and how they differ from space to space.

An id lives once in a whole Kibana, whatever the space. The same id imported into a second space gets a random id
there, and two imports at the same time get two (recordings `space_import_same_id_second_space`,
`space_import_create_new_copies_twice`). So Kibana never gets to choose: outside the default space every id is
derived from the space and the id that the object has in the default one.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Iterable
from typing import Any

from kibana_builder.json_tree import Json, JsonObject, compact
from kibana_builder.spaces import DEFAULT_SPACE

__all__ = ["Key", "key_in_space", "key_of", "place_in_space", "rename_ids", "space_id", "tag_id"]

Key = tuple[str, str]
"""Type and id: what names one saved object in one space."""

# Any fixed UUID would do; it must never change, or every derived id changes with it.
_NAMESPACE = uuid.UUID("5d0f9f0e-9c4b-5f53-8a0e-2f5b8d0c6b7a")


def tag_id(name: str) -> str:
    """Give the id of the tag of that name in the default space; apply prefers the tag that is there by name."""
    return str(uuid.uuid5(_NAMESPACE, f"tag:{name}"))


def space_id(space: str | None, kind: str, default_id: str) -> str:
    """Give the id in `space` of the object that has `default_id` in the default space.

    >>> space_id("default", "dashboard", "shop-overview")
    'shop-overview'
    >>> space_id("ml", "dashboard", "shop-overview") == space_id("ml", "dashboard", "shop-overview")
    True
    """
    if space is None or space == DEFAULT_SPACE:
        return default_id
    return str(uuid.uuid5(_NAMESPACE, f"{space}:{kind}:{default_id}"))


def key_in_space(key: Key, space: str | None, keep: Collection[Key]) -> Key:
    """Give the key in `space` of an object by that in the default space; those in `keep` have one id in every space."""
    return key if key in keep else (key[0], space_id(space, *key))


def key_of(item: JsonObject) -> Key:
    """Type and id of a saved object or of a reference."""
    return item["type"], item["id"]


def place_in_space(
    objects: Iterable[JsonObject], space: str | None, keep: Collection[Key] = frozenset()
) -> list[JsonObject]:
    """Give the objects the ids they have in `space`, and their references with them.

    Objects in `keep` (the project names their id in that space) stay as they are, and so does every reference to an
    object that is not among `objects`. The objects handed in are not touched.
    """
    objects = list(objects)
    renamed = {key: space_id(space, *key) for key in map(key_of, objects) if key not in keep}
    return rename_ids(objects, {key: new for key, new in renamed.items() if new != key[1]})


def rename_ids(objects: Iterable[JsonObject], renamed: dict[Key, str]) -> list[JsonObject]:
    """Give objects new ids, and whatever refers to them: `references`, and those of panels inside `panelsJSON`.

    A panel by value repeats its references; Kibana goes by the dashboard's list, but both should say the same.
    """
    if not renamed:
        return list(objects)
    result = []
    for item in objects:
        changed: dict[str, Any] = {"id": renamed.get(key_of(item), item["id"])}
        if "references" in item:
            changed["references"] = _renamed_references(item["references"], renamed)
        attributes = item.get("attributes")
        if isinstance(attributes, dict) and isinstance(attributes.get("panelsJSON"), str):
            changed["attributes"] = attributes | {"panelsJSON": _renamed_panels(attributes["panelsJSON"], renamed)}
        result.append(item | changed)
    return result


def _renamed_references(references: Json, renamed: dict[Key, str]) -> Json:
    if not isinstance(references, list):
        return references
    return [
        _renamed_reference(reference, renamed[reference["type"], reference["id"]])
        if isinstance(reference, dict) and (reference.get("type"), reference.get("id")) in renamed
        else reference
        for reference in references
    ]


def _renamed_reference(reference: JsonObject, new: str) -> JsonObject:
    """Give one reference its new id; that of a tag carries the id in its name as well, as Kibana writes it."""
    changed = {"id": new}
    if reference.get("name") == f"tag-ref-{reference['id']}":
        changed["name"] = f"tag-ref-{new}"
    return reference | changed


def _renamed_panels(text: str, renamed: dict[Key, str]) -> str:
    """Rename in the panels' own reference lists; the text stays as it is, to the byte, when nothing is renamed."""
    try:
        panels = json.loads(text)
    except (ValueError, RecursionError):
        return text  # no JSON: Kibana keeps it word for word, and so do we
    changed = False
    for panel in panels if isinstance(panels, list) else []:
        config = panel.get("embeddableConfig") if isinstance(panel, dict) else None
        attributes = config.get("attributes") if isinstance(config, dict) else None
        if isinstance(attributes, dict) and "references" in attributes:
            references = _renamed_references(attributes["references"], renamed)
            changed = changed or references != attributes["references"]
            attributes["references"] = references
    return compact(panels) if changed else text
