"""What a space holds of a project: its tag, the objects that carry it, and who refers to them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kibana_builder.errors import KbuildError, Refused
from kibana_builder.json_tree import JsonObject
from kibana_builder.kibana.http import Kibana
from kibana_builder.kibana.saved_objects import bulk_get, export_referring_to
from kibana_builder.kibana.tags import TagIndex, all_tags
from kibana_builder.saved.ids import Key, key_of, space_id, tag_id
from kibana_builder.saved.normal_form import content_hash
from kibana_builder.spec.nearest import did_you_mean
from kibana_builder.sync.changes import title_of, type_words
from kibana_builder.sync.classify import ProjectTag
from kibana_builder.sync.marks import Ownership, ownership, project_tag_name, reference_keys
from kibana_builder.sync.names import Way, meant

__all__ = [
    "LiveProject",
    "OwnObject",
    "changed_meanwhile",
    "free_tag_id",
    "marked_objects",
    "project_tag",
    "read_project",
    "referrers",
]

# What a project may have in Kibana, asked for by name only where there is too much of it for one export.
_KINDS = ("dashboard", "lens", "visualization", "index-pattern", "search", "map")


@dataclass(frozen=True, slots=True)
class OwnObject:
    """One object of a project that is in Kibana."""

    item: JsonObject = field(repr=False)
    state: Ownership

    @property
    def key(self) -> Key:
        """Type and id."""
        return key_of(self.item)

    @property
    def title(self) -> str:
        """Title for people."""
        return title_of(self.item)

    @property
    def name(self) -> str:
        """Type, title and id, as messages name the object."""
        return f'{type_words(self.key[0])} "{self.title}" ({self.key[1]})'


@dataclass(frozen=True, slots=True)
class LiveProject:
    """All that a space holds of a project, by type, title and id."""

    project: str
    place: str
    space: str
    tag: ProjectTag
    objects: Sequence[OwnObject]

    def named(self, names: Sequence[str], files: Mapping[str, Collection[Key]], prefer: str = "") -> list[OwnObject]:
        """Give the objects that these names mean: an id, a title, or the name of a file; see `sync.names`.

        `files` tells which objects (with their ids in the default space) come from the files of a name; a name that
        it does not know may still be that of a file whose object has the usual id, `<project>-<name>`. Where a name
        means several objects, the only one of type `prefer` is taken.
        Raises KbuildError for a name that means nothing, or several objects.
        """
        own = {own.key: own for own in self.objects}
        return list({key: own[key] for name in names for key in [self._named(name, files, prefer)]}.values())

    def _named(self, name: str, files: Mapping[str, Collection[Key]], prefer: str) -> Key:
        ways: list[Way] = [
            lambda name, item: any(
                item["type"] == kind and self._has_id(item, {one}) for kind, one in files.get(name, ())
            ),
            lambda name, item: self._has_id(item, {name, f"{self.project}-{name}"}),
            lambda name, item: title_of(item) == name,
        ]
        found = meant(name, [own.item for own in self.objects], ways, prefer)
        if found is None:
            known = {own.title for own in self.objects} | {own.key[1] for own in self.objects} | files.keys()
            hint = did_you_mean(name, sorted(known))
            hint = f" ({hint})" if hint else "; `kbuild list` shows what there is"
            raise KbuildError(f"the project has nothing named '{name}' in {self.place}{hint}")
        return key_of(found)

    def _has_id(self, item: JsonObject, ids: Collection[str]) -> bool:
        kind, ident = key_of(item)
        return ident in ids or ident in {space_id(self.space, kind, one) for one in ids}


def read_project(kibana: Kibana, project: str) -> LiveProject:
    """Read what the client's space holds of a project: one request for the tags, one export."""
    tag = project_tag(all_tags(kibana), project, kibana.space)
    found = marked_objects(kibana, tag)
    own = [OwnObject(item, ownership(item, tag.ids, content_hash(item))) for item in found]
    own.sort(key=lambda one: (one.key[0], one.title, one.key[1]))
    return LiveProject(project, kibana.place, kibana.space, tag, own)


def marked_objects(kibana: Kibana, tag: ProjectTag) -> list[JsonObject]:
    """Read all that carries a project's tag: in one export, or one for each type where Kibana refuses so many.

    Raises Refused when there are too many of one type.
    """
    keys = [("tag", ident) for ident in tag.ids]
    try:
        return export_referring_to(kibana, keys)
    except Refused as error:
        if error.status != 400:
            raise
        return [item for kind in _KINDS for item in export_referring_to(kibana, keys, kind)]


def project_tag(tags: TagIndex, project: str, space: str) -> ProjectTag:
    """Give the project's tag in the space; where there is none, with the id that it will get.

    Someone may make that tag between this look and the next: so the id counts as the project's already.
    """
    name = project_tag_name(project)
    ids = tags.ids_of(name) or [free_tag_id(tags, name, space)]
    return ProjectTag(ids[0], ids)


def free_tag_id(tags: TagIndex, name: str, space: str) -> str:
    """Give the id for a tag of a name that is not there yet.

    It is the same for everybody who makes that tag in that space. Only where someone renamed a tag that kbuild made
    another id is taken: an import would give the renamed tag its old name back.
    """
    number = 1
    while (ident := space_id(space, "tag", tag_id(name if number == 1 else f"{name}#{number}"))) in tags.ids:
        number += 1
    return ident


def referrers(items: Iterable[JsonObject], keys: Collection[Key]) -> dict[Key, list[str]]:
    """Tell which of the items, those in `keys` left aside, refer to what is in `keys`, by names for people."""
    found: dict[Key, list[str]] = {}
    for item in items:
        if key_of(item) not in keys:
            for key in reference_keys(item) & set(keys):
                found.setdefault(key, []).append(f'{type_words(item["type"])} "{title_of(item)}" ({item["id"]})')
    return {key: sorted(names) for key, names in sorted(found.items())}


def changed_meanwhile(kibana: Kibana, seen: Mapping[Key, JsonObject | None]) -> dict[Key, JsonObject | None]:
    """Read again what was read before a person was asked; give what is there now of those that are not the same."""
    now = bulk_get(kibana, seen)
    return {key: now.get(key) for key, item in seen.items() if _version(item) != _version(now.get(key))}


def _version(item: JsonObject | None) -> str | None:
    return None if item is None else str(item.get("version"))
