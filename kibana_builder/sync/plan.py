"""Source against live: what an apply would do, in the words of the panels. Reads only.

However large the project, there are few requests: the tags of the space, one export of all that carries the project's
tag, `_bulk_get` for what is not among that, and one more export for who refers to what may be deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kibana_builder.errors import Refused
from kibana_builder.json_tree import JsonObject
from kibana_builder.kibana.http import Kibana
from kibana_builder.kibana.saved_objects import bulk_get, split_for_import
from kibana_builder.kibana.tags import TagIndex, all_tags
from kibana_builder.saved.ids import Key, key_in_space, key_of, place_in_space, rename_ids
from kibana_builder.saved.tag import to_tag
from kibana_builder.spec.shorthands import Names
from kibana_builder.sync.changes import Change, Plan, title_of
from kibana_builder.sync.check import check_objects, check_references
from kibana_builder.sync.classify import NO_CONSENT, Consent, ProjectTag, classify, classify_tag
from kibana_builder.sync.leftovers import find_leftovers
from kibana_builder.sync.live import free_tag_id, marked_objects, project_tag
from kibana_builder.sync.marks import mark_names, project_tag_name, reference_keys, without_marks
from kibana_builder.sync.words import Vocabulary, explain

__all__ = ["Whole", "plan_apply"]

# What others refer to goes first: an import cut in two must not refer to what is not there yet.
_ORDER = {"tag": 0, "index-pattern": 1, "dashboard": 3}
_BETWEEN = 2


@dataclass(frozen=True, slots=True)
class Whole:
    """The whole project, beyond the part that is applied; ids are those of the default space.

    `keys` are all that the project's source has: what else carries its tag is left over. None where that is not asked.
    `names` are what the project calls its objects.
    """

    keys: Collection[Key] | None = None
    names: Names = field(default_factory=Names)


_NOT_ASKED = Whole()


def plan_apply(  # noqa: PLR0913 - what is applied, and how far it may go
    kibana: Kibana,
    project: str,
    objects: Sequence[JsonObject],
    *,
    files: Mapping[Key, str] | None = None,
    keep: Collection[Key] = frozenset(),
    consent: Consent = NO_CONSENT,
    whole: Whole = _NOT_ASKED,
    prune: bool = False,
) -> Plan:
    """Compare the objects with what is live in the client's space.

    `objects` are what `build` gives, with their ids in the default space; `files` names the file of each. `keep` are
    the objects whose id the project names for the space itself: none is derived from it. With `prune`, which
    needs `whole.keys`, what is left over and unused is to be deleted.
    Raises KbuildError for objects that Kibana could not take, TooLarge for one over its limit, and KibanaError.
    """
    files = files or {}
    check_objects(objects, files)
    tags = all_tags(kibana)
    tag = project_tag(tags, project, kibana.space)
    placed = _placed(objects, tags, kibana.space, keep)
    in_files = {key_of(new): files.get(key_of(old), "") for old, new in zip(objects, placed, strict=True)}
    placed = _with_project_tag(_unique(placed), tag.id, project)
    own, unseen = _own_objects(kibana, tag, whole, prune=prune)
    live = _live(kibana, placed, own)
    check_references(placed, live, in_files, kibana.place)
    changes = []
    for item in sorted(placed, key=lambda item: _ORDER.get(item["type"], _BETWEEN)):
        key = key_of(item)
        if key[0] == "tag":
            changes.append(classify_tag(item, live.get(key)))
        else:
            shared = key in keep and key[0] == "index-pattern"
            changes.append(classify(item, live.get(key), tag, consent, file=in_files.get(key, ""), shared=shared))
    if not any(_is_marked(change, tag) for change in changes):
        changes = [change for change in changes if change.key != ("tag", tag.id) or change.action != "create"]
    vocabulary = _vocabulary(changes, live, tags, _names_in_space(whole.names, kibana.space, keep))
    changes = [_in_words(change, tag, vocabulary) for change in changes]
    source = {key_in_space(key, kibana.space, keep) for key in whole.keys or ()}
    left_over = find_leftovers(kibana, own, tag, source | {change.key for change in changes}, changes)
    plan = Plan(project, kibana.address, kibana.space, changes, left_over, prune, unseen)
    split_for_import([change.desired for change in plan.writes])
    return plan


# ------------------------------------------------------------------------------------------- the source in the space


def _placed(objects: Sequence[JsonObject], tags: TagIndex, space: str, keep: Collection[Key]) -> list[JsonObject]:
    """Give the objects the ids of the space; tags their own where that is there, else that of the tag of their name."""
    found: dict[Key, str] = {}
    made: dict[str, str] = {}
    for item in objects:
        if item["type"] == "tag":
            name, own = title_of(item), key_in_space(key_of(item), space, keep)[1]
            there = own if tags.names.get(own) == name else tags.id_of(name)
            found[key_of(item)] = there or made.setdefault(name.lower(), free_tag_id(tags, name, space))
    return rename_ids(place_in_space(objects, space, {*keep, *found}), found)


def _unique(objects: Sequence[JsonObject]) -> list[JsonObject]:
    """Leave out a tag that is another of our tags in Kibana's eyes: names that differ in case alone."""
    return list({key_of(item): item for item in reversed(objects)}.values())[::-1]


def _with_project_tag(objects: list[JsonObject], ident: str, project: str) -> list[JsonObject]:
    if not objects:
        return []
    tag = to_tag(project_tag_name(project)) | {"id": ident}
    tag["attributes"] |= {"description": "Made and updated by kbuild"}
    return [tag, *objects]


def _is_marked(change: Change, tag: ProjectTag) -> bool:
    """Tell whether an object has the project's mark, or gets it: without one the project needs no tag."""
    if change.key[0] == "tag":
        return False
    return change.action != "unchanged" or bool(change.live and mark_names(change.live, tag.ids))


def _names_in_space(names: Names, space: str, keep: Collection[Key]) -> Names:
    def placed(kind: str, ids: Mapping[str, str]) -> dict[str, str]:
        return {name: key_in_space((kind, ident), space, keep)[1] for name, ident in ids.items()}

    return Names(
        placed("index-pattern", names.data_views),
        placed("lens", names.visualizations),
        placed("dashboard", names.dashboards),
    )


# ------------------------------------------------------------------------------------------- what is live


def _own_objects(kibana: Kibana, tag: ProjectTag, whole: Whole, *, prune: bool) -> tuple[list[JsonObject], str]:
    """Read all that carries the project's tag, where it is asked for, or say why that cannot be read.

    Only deleting needs it; Kibana may refuse to export so many.
    """
    if whole.keys is None:
        return [], ""
    try:
        return marked_objects(kibana, tag), ""
    except Refused as error:
        if prune or error.status != 400:
            raise
        return [], str(error)


def _live(kibana: Kibana, placed: Sequence[JsonObject], own: Sequence[JsonObject]) -> dict[Key, JsonObject]:
    """Give what Kibana has of the objects and of all that they refer to; what was exported is not asked for again."""
    live = {key_of(item): item for item in own}
    keys = [key_of(item) for item in placed]
    outside = {key for item in placed for key in reference_keys(item)}.difference(keys)
    return live | bulk_get(kibana, [key for key in (*keys, *sorted(outside)) if key not in live])


# ------------------------------------------------------------------------------------------- words


def _vocabulary(changes: Sequence[Change], live: Mapping[Key, JsonObject], tags: TagIndex, names: Names) -> Vocabulary:
    views = (change.desired for change in changes if change.key[0] == "index-pattern")
    return Vocabulary(
        names,
        tags.names | {change.key[1]: change.title for change in changes if change.key[0] == "tag"},
        {key: title_of(item) for key, item in live.items()} | {change.key: change.title for change in changes},
        {
            view["id"]: str(view["attributes"]["timeFieldName"])
            for view in views
            if "timeFieldName" in view["attributes"]
        },
    )


def _in_words(change: Change, tag: ProjectTag, vocabulary: Vocabulary) -> Change:
    """Add what differs: what the update changes, or what was changed in Kibana, which the update does not undo."""
    if change.action != "update" or change.live is None:
        return change
    before, after = (without_marks(item, tag.ids) for item in (change.live, change.desired))
    if change.block == "changed":
        before, after = after, before
    return replace(change, words=explain(before, after, vocabulary))
