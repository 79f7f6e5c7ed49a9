"""Source against live, one object at a time: what would happen to it, and what exactly would be sent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from kibana_builder.json_tree import JsonObject, same
from kibana_builder.saved.normal_form import DATA_VIEW_PROPERTIES, content_hash, same_object
from kibana_builder.sync.changes import Action, Block, Change
from kibana_builder.sync.marks import importable, is_tag, ownership, references_of, with_mark, without_marks

__all__ = ["NO_CONSENT", "Consent", "ProjectTag", "classify", "classify_tag"]


@dataclass(frozen=True, slots=True)
class ProjectTag:
    """The tag of a project in one space: the id to mark with, and all ids that count as it."""

    id: str
    ids: Collection[str]


@dataclass(frozen=True, slots=True)
class Consent:
    """What a person allowed: to take over what is not ours, to overwrite what was changed in Kibana."""

    adopt: bool = False
    force: bool = False


NO_CONSENT = Consent()


def classify(  # noqa: PLR0913 - one object, and all that bears on it
    source: JsonObject,
    live: JsonObject | None,
    tag: ProjectTag,
    consent: Consent = NO_CONSENT,
    *,
    file: str = "",
    shared: bool = False,
) -> Change:
    """Say what apply would do with one object (not a tag) of the source.

    `shared` is a data view whose id the project names: an existing one that is not ours is used as it is, as long
    as it shows the same indices over the same time field. What is not ours and says the same is no obstacle either.
    """
    if live is None:
        return Change("create", with_mark(source, tag.id, content_hash(source)), file=file)
    bare = without_marks(live, tag.ids)
    merged = _merged(source, bare)
    content, wanted = content_hash(live), content_hash(merged)
    owner = ownership(live, tag.ids, content)
    equal = _equal(merged, bare, as_hashed=wanted == content)
    action: Action = "mark" if equal else "update"
    block: Block = ""
    foreign = False
    if owner == "untouched":
        action = "unchanged" if equal else "update"
    elif owner == "changed":
        block = "" if equal or consent.force else "changed"
    elif shared and not consent.adopt and _shows_the_same(source, live):
        action = "unchanged"
    elif not consent.adopt and equal:
        action, foreign = "unchanged", True
    elif not consent.adopt:
        block = "not-ours"
    if equal:
        # What is sent is the live object itself: its noise, and the form of its JSON strings, stay as they are.
        merged = importable(bare) | {"references": merged["references"]}
        wanted = content_hash(merged)
    return Change(action, with_mark(merged, tag.id, wanted), live, block, file, foreign=foreign)


def _equal(merged: JsonObject, live: JsonObject, *, as_hashed: bool) -> bool:
    """Tell whether an object is as it should be; `as_hashed`, that both have one hash, saves most comparisons.

    Once the hashes agree, only what they leave out is compared: most of a data view, `originId`, and the tags, of
    which the merged object has all that the live one has.
    """
    if merged["type"] == "index-pattern" or "originId" in merged or not as_hashed:
        return same_object(merged, live)
    wanted, there = (sum(map(is_tag, references_of(item))) for item in (merged, live))
    return wanted == there


def classify_tag(source: JsonObject, live: JsonObject | None) -> Change:
    """Say what apply would do with a tag: make it where there is none of its name. Colour and words stay the users'."""
    return Change("create" if live is None else "unchanged", source, live)


def _merged(source: JsonObject, live: JsonObject) -> JsonObject:
    """Give the source what must survive an overwrite: the users' tags, and their part of a data view."""
    merged = source | {"references": _merged_references(references_of(source), references_of(live))}
    if source["type"] == "index-pattern" and isinstance(live.get("attributes"), dict):
        merged["attributes"] = _merged_data_view(source["attributes"], live["attributes"])
        # Most of it is Kibana's own now, and so is the version that says how to read it.
        merged |= {name: live[name] for name in ("coreMigrationVersion", "typeMigrationVersion") if name in live}
    return merged


def _merged_references(source: list[JsonObject], live: list[JsonObject]) -> list[JsonObject]:
    """Take the source's references and the live tags. A tag that both have keeps the live name of its reference."""
    tags = {ref.get("id"): ref for ref in live if is_tag(ref)}
    return [ref for ref in source if not (is_tag(ref) and ref["id"] in tags)] + list(tags.values())


def _merged_data_view(source: JsonObject, live: JsonObject) -> JsonObject:
    """Replace what the project decides of a data view; a property that is empty in the source is not decided."""
    kept = {name: value for name, value in live.items() if name not in DATA_VIEW_PROPERTIES}
    said = {
        name: value for name, value in source.items() if name in DATA_VIEW_PROPERTIES or value not in ("", "{}", "[]")
    }
    return kept | said


def _shows_the_same(source: JsonObject, live: JsonObject) -> bool:
    left, right = source["attributes"], live.get("attributes", {})
    return all(name not in left or same(left[name], right.get(name)) for name in ("title", "timeFieldName"))
