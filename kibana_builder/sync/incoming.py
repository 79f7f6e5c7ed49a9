"""What comes to an export: the objects without what kbuild added to them, and where they go.

The mark and the tag of a project, and the ids of a space, are kbuild's own and never reach a file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kibana_builder.files.source import Source
from kibana_builder.files.yaml_file import MAX_DEPTH
from kibana_builder.json_tree import Json, JsonObject, same
from kibana_builder.saved.ids import Key, key_of, rename_ids, space_id
from kibana_builder.saved.raw import closed
from kibana_builder.spaces import DEFAULT_SPACE
from kibana_builder.sync.changes import name_of, title_of
from kibana_builder.sync.marks import is_tag, references_of

__all__ = ["Target", "incoming"]

_MARK = "kbuild:"
"""Begins the name of a project's tag, and of the reference that is the mark."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where the files go: the folder, the project that is there, and the space whose ids the objects have.

    `context` is the context of that space, where it is not the default space: ids that are written are for it alone.
    Without a project, `kbuild.yaml` is made of `new_project`. `origin` is the project that the objects were applied
    from, where that is another one: it knows which ids are derived from which. `project_tags` are ids of tags that
    mark a project's objects, as far as the objects do not tell.
    """

    root: Path
    source: Source | None = None
    new_project: JsonObject = field(default_factory=dict)
    space: str = DEFAULT_SPACE
    context: str | None = None
    origin: Source | None = None
    project_tags: Collection[str] = ()

    @property
    def project(self) -> str:
        return self.source.project.name if self.source else str(self.new_project["project"])

    def written(self, ident: str, *, derived: bool = False) -> Json:
        """Say how a file names the id of an object, `derived` telling that the space's id is made of that one."""
        return ident if self.context is None or derived else {self.context: ident}


def incoming(objects: Iterable[JsonObject], target: Target, findings: list[str]) -> tuple[list[JsonObject], set[Key]]:
    """Give the objects as the project would say them, and which of them have ids that the space's are derived from.

    `findings` takes what is wrong with the objects. They have a type, an id and attributes (`scan_ndjson` sees to
    that). JSON that a file has opened is put back into its strings.
    """
    items = _without_marks(_distinct(_shallow(objects, findings), findings), target.project_tags)
    ids = _ids_of_project(target)
    derived = {(kind, ids[kind, ident]) for kind, ident in map(key_of, items) if (kind, ident) in ids}
    return [_in_strings(item) for item in rename_ids(items, ids)], derived


def _shallow(objects: Iterable[JsonObject], findings: list[str]) -> list[JsonObject]:
    """Leave out what is nested so deeply that no file could hold it, nor much else be done with it."""
    result = []
    for item in objects:
        if _is_deep(item):
            findings.append(f"{name_of(item)}: more than {MAX_DEPTH} levels of nesting; it was left out")
        else:
            result.append(item)
    return result


def _is_deep(value: Json) -> bool:
    level: list[Json] = [value]
    for _ in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True


def _distinct(objects: Iterable[JsonObject], findings: list[str]) -> list[JsonObject]:
    """Leave out what comes twice; Kibana refuses a file in which two lines have one type and id."""
    found: dict[Key, JsonObject] = {}
    for item in objects:
        first = found.setdefault(key_of(item), item)
        if first is not item and not same(first, item):
            findings.append(f"{name_of(item)} is there twice; the first was taken")
    return list(found.values())


def _without_marks(objects: Sequence[JsonObject], project_tags: Collection[str]) -> list[JsonObject]:
    """Take away the tags of kbuild's projects, and the references to them."""
    tags = {item["id"] for item in objects if is_tag(item) and title_of(item).startswith(_MARK)} | set(project_tags)
    result = []
    for item in objects:
        if is_tag(item) and item["id"] in tags:
            continue
        kept = [ref for ref in references_of(item) if not _is_mark(ref, tags)]
        result.append(item if len(kept) == len(item.get("references") or ()) else item | {"references": kept})
    return result


def _is_mark(reference: JsonObject, tags: Collection[str]) -> bool:
    name = reference.get("name")
    return is_tag(reference) and (reference.get("id") in tags or (isinstance(name, str) and name.startswith(_MARK)))


def _in_strings(item: JsonObject) -> JsonObject:
    """Put JSON back into strings where a file has it opened, as those of integrations have."""
    try:
        return closed(item)
    except RecursionError:
        return item


def _ids_of_project(target: Target) -> dict[Key, str]:
    """Tell which ids of the space stand for which of the project."""
    result: dict[Key, str] = {}
    if target.space == DEFAULT_SPACE:
        return result
    for source in (target.origin, target.source):
        if source is not None:
            specs = (spec for spec in source.specs if not spec.fixed)
            result |= {(spec.key[0], space_id(target.space, *spec.key)): spec.id for spec in specs}
    if target.source is not None:
        # Data views of another project get the id that they have: a plain one that is written is that of every space.
        for ident in target.source.names.data_views.values():
            if ("index-pattern", ident) not in target.source.fixed:
                result["index-pattern", space_id(target.space, "index-pattern", ident)] = ident
    return result
