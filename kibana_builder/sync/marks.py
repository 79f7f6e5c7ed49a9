"""Whose object is it, and who changed it: the mark that apply leaves on every object it writes.

There is no state file. An object of ours refers to the project's tag by a reference whose *name* carries a hash of
the object. Kibana keeps the reference through import and export and shows the tag as usual; a save in its own
editor renames the reference to `tag-ref-<id>`. So tag and right hash mean ours and untouched, tag alone means ours
and changed since, and no tag means not ours.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.saved.ids import Key

__all__ = ["Ownership", "importable", "mark_names", "ownership", "project_tag_name", "with_mark", "without_marks"]

_PREFIX = "kbuild:v1:"

Ownership = Literal["untouched", "changed", "not-ours"]

_IMPORTED = (
    "id",
    "type",
    "attributes",
    "references",
    "coreMigrationVersion",
    "typeMigrationVersion",
    "managed",
    "originId",
)


def project_tag_name(project: str) -> str:
    """Name of the tag that all objects of a project carry."""
    return f"kbuild:{project}"


def with_mark(item: JsonObject, project_tag: str, content: str) -> JsonObject:
    """Put the mark on an object that has none.

    `project_tag` is the id of the project's tag in the space, `content` the object's hash.
    """
    mark = {"type": "tag", "id": project_tag, "name": _PREFIX + content}
    return item | {"references": [*references_of(item), mark]}


def without_marks(item: JsonObject, project_tags: Collection[str]) -> JsonObject:
    """Take every reference to the project's tag off an object."""
    return item | {"references": [ref for ref in references_of(item) if not _refers_to_tag(ref, project_tags)]}


def ownership(live: JsonObject, project_tags: Collection[str], content: str) -> Ownership:
    """Tell whose object this is, `content` being its hash. Tags of one name may be several; all are the project's."""
    names = mark_names(live, project_tags)
    if not names:
        return "not-ours"
    return "untouched" if _PREFIX + content in names else "changed"


def mark_names(live: JsonObject, project_tags: Collection[str]) -> list[str]:
    """Give the names of an object's references to the project's tag."""
    return [str(ref.get("name")) for ref in references_of(live) if _refers_to_tag(ref, project_tags)]


def importable(live: JsonObject) -> JsonObject:
    """Leave out of an object that Kibana gave what it would refuse (the old `migrationVersion`) or replace anyway."""
    return {name: live[name] for name in _IMPORTED if name in live}


def references_of(item: JsonObject) -> list[JsonObject]:
    """List the references of an object; none where Kibana left them unsaid."""
    references: Json = item.get("references")
    return [ref for ref in references if isinstance(ref, dict)] if isinstance(references, list) else []


def is_tag(reference: JsonObject) -> bool:
    """Tell whether a reference is one to a tag."""
    return reference.get("type") == "tag"


def _refers_to_tag(reference: JsonObject, tags: Collection[str]) -> bool:
    return is_tag(reference) and reference.get("id") in tags


def reference_keys(item: JsonObject) -> set[Key]:
    """Type and id of everything that an object refers to."""
    return {(str(ref.get("type")), str(ref.get("id"))) for ref in references_of(item)}
