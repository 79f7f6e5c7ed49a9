"""`POST /api/saved_objects/_export`: objects as NDJSON, each after those that it refers to."""

from __future__ import annotations

from collections.abc import Iterable

from kibana_builder.json_tree import JsonObject, compact_sorted
from kibana_builder.sandbox import json_text
from kibana_builder.sandbox.answers import Answer, Refusal
from kibana_builder.sandbox.calls import Call
from kibana_builder.sandbox.find import Query, matching, milliseconds
from kibana_builder.sandbox.object_types import TYPES
from kibana_builder.sandbox.objects import missing
from kibana_builder.sandbox.store import Key, SavedObject, Store

MOST_OBJECTS = 10_000


def export_objects(call: Call) -> Answer:
    wish = call.body
    by_type = not check_wish(wish)
    chosen = objects_by_type(call, wish) if by_type else objects_by_key(call.store, call.space, wish["objects"])
    lost: list[Key] = []
    collected = with_references(call.store, call.space, chosen, lost) if wish["includeReferencesDeep"] else chosen
    if by_type:
        collected.sort(key=lambda each: each.id)
    ranks = {(each.type, each.id): each.number for each in chosen} if by_type else {}
    lines = [compact_sorted(exported(each, ranks)) for each in references_first(collected)]
    if not wish["excludeExportDetails"]:
        lines.append(compact_sorted(details(len(lines), lost)))
    return Answer(
        json_text.encode("\n".join(lines)),
        media_type="application/ndjson",
        headers={"content-disposition": 'attachment; filename="export.ndjson"'},
    )


def check_wish(wish: JsonObject) -> bool:
    """Tell whether objects are wished for by key, not by type; raises Refusal (400) for both or neither."""
    if wish.get("objects"):
        for name, said in (("types", "type"), ("search", "search"), ("references", "hasReference")):
            if said in wish:
                raise Refusal(400, f'Can\'t specify both "{name}" and "objects" properties when exporting')
        return True
    if not wish.get("type"):
        raise Refusal(400, "Either `type` or `objects` are required.")
    return False


def objects_by_key(store: Store, space: str, entries: Iterable[JsonObject]) -> list[SavedObject]:
    """Give the objects in the order asked for; raises Refusal (400) when one is not there."""
    keys = list(dict.fromkeys((entry["type"], entry["id"]) for entry in entries))
    unknown = [f"{kind}:{object_id}" for kind, object_id in keys if kind not in TYPES]
    if unknown:
        raise Refusal(400, f"Trying to export object(s) with non-exportable types: {', '.join(unknown)}")
    found = store.get_many(space, keys)
    absent = [
        {"id": object_id, "type": kind, "error": missing(kind, object_id).body()}
        for kind, object_id in keys
        if (kind, object_id) not in found
    ]
    if absent:
        raise Refusal(400, "Error fetching objects to export", {"objects": absent})
    return [found[key] for key in keys]


def objects_by_type(call: Call, wish: JsonObject) -> list[SavedObject]:
    kinds = list(TYPES) if "*" in wish["type"] else wish["type"]
    unknown = [kind for kind in kinds if kind not in TYPES]
    if unknown:
        raise Refusal(400, f"Trying to export non-exportable type(s): {', '.join(unknown)}")
    references = {(ref["type"], ref["id"]) for ref in wish.get("hasReference", [])}
    chosen = matching(call.store, call.space, Query(kinds, wish.get("search", ""), referring_to=references))
    if len(chosen) > MOST_OBJECTS:
        raise Refusal(
            400,
            f"Can't export more than {MOST_OBJECTS} objects. If your server has enough memory, this limit can be"
            ' increased by adjusting the "savedObjects.maxImportExportSize" setting.',
        )
    return chosen


def with_references(store: Store, space: str, chosen: Iterable[SavedObject], lost: list[Key]) -> list[SavedObject]:
    """Add all that the objects refer to, and what that refers to; `lost` takes the keys that are not there."""
    collected = {(each.type, each.id): each for each in chosen}
    fresh = list(collected.values())
    while fresh:
        wanted = dict.fromkeys((ref["type"], ref["id"]) for each in fresh for ref in each.references)
        unknown = [key for key in wanted if key not in collected and key not in lost]
        found = store.get_many(space, unknown)
        lost.extend(key for key in unknown if key not in found)
        fresh = [found[key] for key in unknown if key in found]
        collected.update(found)
    return list(collected.values())


def references_first(objects: Iterable[SavedObject]) -> list[SavedObject]:
    """Order objects so that each stands after those that it refers to; a circle is cut where it was entered."""
    by_key = {(each.type, each.id): each for each in objects}
    ordered: dict[Key, SavedObject] = {}
    entered: set[Key] = set()
    # A stack instead of recursion: a chain of references may be as long as an export, 10,000 objects.
    waiting: list[tuple[Key, bool]] = [(key, False) for key in reversed(by_key)]
    while waiting:
        key, done = waiting.pop()
        if done:
            ordered.setdefault(key, by_key[key])
        elif key not in entered:
            entered.add(key)
            targets = [(ref["type"], ref["id"]) for ref in by_key[key].references]
            waiting.append((key, True))
            waiting.extend((target, False) for target in reversed(targets) if target in by_key)
    return list(ordered.values())


def exported(each: SavedObject, ranks: dict[Key, int]) -> JsonObject:
    """Write a line; an export by type also says at which place its search found the object (`sort`)."""
    line = {
        "attributes": each.attributes,
        "coreMigrationVersion": each.core_version,
        "created_at": each.created_at,
        "id": each.id,
        "managed": each.managed,
        "references": each.references,
        "type": each.type,
        "typeMigrationVersion": each.type_version,
        "updated_at": each.updated_at,
        "version": each.version,
    }
    if each.origin:
        line["originId"] = each.origin
    if (each.type, each.id) in ranks:
        line["sort"] = [milliseconds(each.updated_at), ranks[each.type, each.id]]
    return line


def details(count: int, lost: Iterable[Key]) -> JsonObject:
    references = [{"id": object_id, "type": kind} for kind, object_id in lost]
    return {
        "excludedObjects": [],
        "excludedObjectsCount": 0,
        "exportedCount": count,
        "missingRefCount": len(references),
        "missingReferences": references,
    }
