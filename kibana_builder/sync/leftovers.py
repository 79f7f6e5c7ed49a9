"""What Kibana holds of a project and no file says any more: what of it may be deleted, and what must stay."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence

from kibana_builder.json_tree import JsonObject
from kibana_builder.kibana.http import Kibana
from kibana_builder.kibana.saved_objects import export_referring_to
from kibana_builder.saved.ids import Key, key_of
from kibana_builder.saved.normal_form import content_hash
from kibana_builder.sync.changes import Change, Fate, Leftover
from kibana_builder.sync.classify import ProjectTag
from kibana_builder.sync.live import referrers
from kibana_builder.sync.marks import mark_names, ownership

__all__ = ["find_leftovers"]


def find_leftovers(
    kibana: Kibana, own: Sequence[JsonObject], tag: ProjectTag, source: Collection[Key], changes: Sequence[Change]
) -> list[Leftover]:
    """Find out what of `own`, all that carries the project's tag, is not in the source, and what is to become of it.

    `source` is the whole project's, with the ids of the space; `changes` are what the apply is about to do.
    """
    strays = {key_of(item): item for item in own if key_of(item) not in source}
    untouched = {key for key, item in strays.items() if ownership(item, tag.ids, content_hash(item)) == "untouched"}
    used = _used_by(kibana, untouched, changes)
    originals = {name for item in own if key_of(item) in source for name in mark_names(item, tag.ids)}
    created = {_content(change.desired): change for change in changes if change.action == "create"}
    found = []
    for key, item in sorted(strays.items()):
        if key in untouched:
            fate: Fate = "used" if key in used else "unused"
            found.append(Leftover(item, fate, kibana.space, used.get(key, ()), created.get(_content(item))))
        else:
            is_copy = _is_made_by_kibana(key[1]) or not originals.isdisjoint(mark_names(item, tag.ids))
            found.append(Leftover(item, "copy" if is_copy else "changed", kibana.space))
    return found


def _used_by(kibana: Kibana, keys: Collection[Key], changes: Sequence[Change]) -> Mapping[Key, Sequence[str]]:
    """Tell which of the objects are still referred to once the changes are made, and by whom.

    What has to stay for others' sake needs in its turn what it refers to.
    """
    if not keys:
        return {}
    after = {change.key: change.desired for change in changes}
    items = {key_of(item): item for item in export_referring_to(kibana, sorted(keys))} | after
    used: dict[Key, list[str]] = {}
    while more := referrers(items.values(), keys - used.keys()):
        used |= more
    return used


def _content(item: JsonObject) -> str:
    """Hash what two objects have in common whose files differ in nothing but the name."""
    return content_hash({**item, "id": ""})


def _is_made_by_kibana(ident: str) -> bool:
    """Tell an id that Kibana made up (a random UUID) from one that kbuild chose: by name, or a UUID made of names."""
    try:
        return uuid.UUID(ident).version == 4
    except ValueError:
        return False
