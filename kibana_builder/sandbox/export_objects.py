"""`POST /api/saved_objects/_export`: objects as NDJSON, each after those that it refers to."""

from __future__ import annotations

from collections.abc import Iterable

from kibana_builder.json_tree import JsonObject, compact_sorted
from kibana_builder.sandbox import json_text
from kibana_builder.sandbox.answers import Answer, Refusal, not_found
from kibana_builder.sandbox.calls import Call
from kibana_builder.sandbox.find import Query, matching
from kibana_builder.sandbox.object_types import TYPES
from kibana_builder.sandbox.objects import error_of
from kibana_builder.sandbox.store import SavedObject, Store

MOST_OBJECTS = 10_000
Key = tuple[str, str]


def export_objects(call: Call) -> Answer:
    wish = call.body
    by_objects = bool(wish.get("objects"))
    chosen = objects_by_key(call, wish["objects"]) if by_objects else objects_by_type(call, wish)
    missing: list[Key] = []
    collected = with_references(call.store, call.space, chosen, missing) if wish["includeReferencesDeep"] else chosen
    if not by_objects:
        collected.sort(key=lambda each: each.id)
    lines = [compact_sorted(exported(each)) for each in references_first(collected)]
    if not wish["excludeExportDetails"]:
        lines.append(compact_sorted(details(len(lines), missing)))
    return Answer(
        json_text.encode("\n".join(lines)),
        media_type="application/ndjson",
        headers={"content-disposition": 'attachment; filename="export.ndjson"'},
    )


def objects_by_key(call: Call, entries: list[JsonObject]) -> list[SavedObject]:
    keys = list(dict.fromkeys((entry["type"], entry["id"]) for entry in entries))
    unknown = [f"{kind}:{object_id}" for kind, object_id in keys if kind not in TYPES]
    if unknown:
        names = ", ".join(unknown)
        raise Refusal(400, f"Trying to export object(s) with non-exportable types: {names}")
    found = call.store.get_many(call.space, keys)
    absent = [key for key in keys if key not in found]
    if absent:
        errors = [
            {"id": object_id, "type": kind, "error": error_of(not_found(kind, object_id))} for kind, object_id in absent
        ]
        raise Refusal(400, "Error fetching objects to export", {"objects": errors})
    return [found[key] for key in keys]


def objects_by_type(call: Call, wish: JsonObject) -> list[SavedObject]:
    kinds = list(TYPES) if wish["type"] == ["*"] else wish["type"]
    unknown = [kind for kind in kinds if kind not in TYPES]
    if unknown:
        raise Refusal(400, f"Trying to export non-exportable type(s): {', '.join(unknown)}")
    query = Query(types=kinds, search=wish.get("search", ""), references=wish.get("hasReference", []))
    chosen = [each for each, _ in matching(call.store, call.space, query)]
    if len(chosen) > MOST_OBJECTS:
        raise Refusal(
            400,
            f"Can't export more than {MOST_OBJECTS} objects. If your server has enough memory, this limit can be"
            ' increased by adjusting the "savedObjects.maxImportExportSize" setting.',
        )
    return chosen


def with_references(store: Store, space: str, chosen: list[SavedObject], missing: list[Key]) -> list[SavedObject]:
    """Add all that the objects refer to, and what that refers to; `missing` takes the keys that are not there."""
    collected = {(each.type, each.id): each for each in chosen}
    fresh = list(chosen)
    while fresh:
        wanted = dict.fromkeys((ref["type"], ref["id"]) for each in fresh for ref in each.references)
        unknown = [key for key in wanted if key not in collected and key not in missing]
        found = store.get_many(space, unknown)
        missing.extend(key for key in unknown if key not in found)
        fresh = [found[key] for key in unknown if key in found]
        collected.update(found)
    return list(collected.values())


def references_first(objects: Iterable[SavedObject]) -> list[SavedObject]:
    """Order objects so that each stands after those that it refers to; a circle is cut where it was entered."""
    by_key = {(each.type, each.id): each for each in objects}
    ordered: dict[Key, SavedObject] = {}
    for start in by_key:
        path = [(start, _targets(by_key, start))]
        open_keys = {start}
        while path:
            key, targets = path[-1]
            following = next((each for each in targets if each not in ordered and each not in open_keys), None)
            if following is None:
                ordered.setdefault(key, by_key[key])
                open_keys.discard(key)
                path.pop()
            else:
                open_keys.add(following)
                path.append((following, _targets(by_key, following)))
    return list(ordered.values())


def _targets(by_key: dict[Key, SavedObject], key: Key) -> Iterable[Key]:
    keys = ((ref["type"], ref["id"]) for ref in by_key[key].references)
    return iter([each for each in keys if each in by_key])


def exported(each: SavedObject) -> JsonObject:
    return {
        "attributes": each.attributes,
        "coreMigrationVersion": each.core_version,
        "created_at": each.created_at,
        "id": each.id,
        "managed": each.managed,
        **({"originId": each.origin} if each.origin else {}),
        "references": each.references,
        "type": each.type,
        "typeMigrationVersion": each.type_version,
        "updated_at": each.updated_at,
        "version": each.version,
    }


def details(count: int, missing: list[Key]) -> JsonObject:
    return {
        "excludedObjects": [],
        "excludedObjectsCount": 0,
        "exportedCount": count,
        "missingRefCount": len(missing),
        "missingReferences": [{"type": kind, "id": object_id} for kind, object_id in missing],
    }
