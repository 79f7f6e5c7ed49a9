"""The routes for one saved object, and those that take a list of them."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from dataclasses import replace

from kibana_builder.json_tree import JsonObject
from kibana_builder.sandbox import json_text
from kibana_builder.sandbox.answers import Answer, Refusal
from kibana_builder.sandbox.attributes import fault_of
from kibana_builder.sandbox.calls import Call
from kibana_builder.sandbox.migrations import created
from kibana_builder.sandbox.objects import (
    check_id,
    check_type,
    conflict,
    existing,
    from_document,
    missing,
    shown,
    with_root_cause,
)
from kibana_builder.sandbox.store import TERM, SavedObject, Store


def get_object(call: Call) -> Answer:
    return Answer(shown(existing(call.store, call.space, call.path["type"], call.path["id"])))


def resolve_object(call: Call) -> Answer:
    return Answer({"saved_object": get_object(call).body, "outcome": "exactMatch"})


def delete_object(call: Call) -> Answer:
    if not call.store.delete(call.space, call.path["type"], call.path["id"]):
        raise missing(call.path["type"], call.path["id"])
    return Answer({})


def create_object(call: Call) -> Answer:
    document = {**call.body, "type": call.path["type"], "id": call.path.get("id") or str(uuid.uuid4())}
    with call.store.transaction():
        return Answer(shown(write_new(call.store, call.space, document, overwrite=call.query["overwrite"])))


def write_new(store: Store, space: str, document: JsonObject, *, overwrite: bool) -> SavedObject:
    """Write one object; raises Refusal when its type is unknown, it is not fit to be written, or its id is taken."""
    kind, object_id = document["type"], document["id"]
    check_type(kind)
    stamped = created(document)
    fault = fault_of(stamped)
    if fault is not None:
        raise Refusal(400, fault.message)
    check_id(kind, object_id)
    owner = store.spaces_of([(kind, object_id)]).get((kind, object_id))
    if owner is not None and not (overwrite and owner == space):
        raise conflict(kind, object_id)
    (written,) = store.write([from_document(stamped, space)])
    return written


def update_object(call: Call) -> Answer:
    kind, object_id = call.path["type"], call.path["id"]
    changes: JsonObject = call.body
    with call.store.transaction():
        before = existing(call.store, call.space, kind, object_id)
        check_version(before, changes.get("version", before.version))
        attributes = {**before.attributes, **changes["attributes"]}
        fault = fault_of({"type": kind, "attributes": attributes})
        if fault is not None:
            raise Refusal(400, fault.message)
        references = changes.get("references", before.references)
        (written,) = call.store.write([replace(before, attributes=attributes, references=references)])
    return Answer(
        {
            "id": object_id,
            "type": kind,
            "updated_at": written.updated_at,
            "version": written.version,
            "namespaces": [call.space],
            **({"originId": written.origin} if written.origin else {}),
            **({"references": references} if "references" in changes else {}),
            "attributes": changes["attributes"],
        }
    )


def check_version(each: SavedObject, version: str) -> None:
    """Raise Refusal (409) when an update is meant for another version of the object than the one that is there."""
    wanted = write_number(version)
    if wanted is None:
        raise Refusal(400, f"Invalid version [{version}]")
    if wanted == (each.number, TERM):
        return
    words = (
        f"[{each.type}:{each.id}]: version conflict, required seqNo [{wanted[0]}], primary term [{wanted[1]}]."
        f" current document has seqNo [{each.number}] and primary term [{TERM}]"
    )
    raise Refusal(409, with_root_cause("version_conflict_engine_exception", words))


def write_number(version: str) -> tuple[int, int] | None:
    """Read a `version`; None when it is none."""
    try:
        numbers = json_text.parse(base64.b64decode(version, validate=True).decode())
    except ValueError:
        return None
    if not (isinstance(numbers, list) and len(numbers) == 2 and all(type(each) is int for each in numbers)):
        return None
    return numbers[0], numbers[1]


def bulk_get(call: Call) -> Answer:
    stored = call.store.get_many(call.space, [(entry["type"], entry["id"]) for entry in call.body])

    def look_up(entry: JsonObject) -> JsonObject:
        kind, object_id = entry["type"], entry["id"]
        check_type(kind)
        if (kind, object_id) not in stored:
            raise missing(kind, object_id)
        return shown(stored[kind, object_id], entry.get("fields"))

    return Answer({"saved_objects": for_each(call, look_up)})


def bulk_resolve(call: Call) -> Answer:
    objects = bulk_get(call).body["saved_objects"]
    return Answer({"resolved_objects": [{"saved_object": each, "outcome": "exactMatch"} for each in objects]})


def bulk_create(call: Call) -> Answer:
    def create(entry: JsonObject) -> JsonObject:
        document = {**entry, "id": entry.get("id") or str(uuid.uuid4())}
        return shown(write_new(call.store, call.space, document, overwrite=call.query["overwrite"]))

    with call.store.transaction():
        return Answer({"saved_objects": for_each(call, create)})


def bulk_delete(call: Call) -> Answer:
    def delete(entry: JsonObject) -> JsonObject:
        check_type(entry["type"])
        if not call.store.delete(call.space, entry["type"], entry["id"]):
            raise missing(entry["type"], entry["id"])
        return {"success": True, "id": entry["id"], "type": entry["type"]}

    with call.store.transaction():
        statuses = for_each(call, delete)
    return Answer({"statuses": [{**status, "success": "error" not in status} for status in statuses]})


def for_each(call: Call, act: Callable[[JsonObject], JsonObject]) -> list[JsonObject]:
    """Do something with every entry of the body; one that is refused leaves an error in its place."""
    results = []
    for entry in call.body:
        try:
            results.append(act(entry))
        except Refusal as refusal:
            results.append({"id": entry.get("id"), "type": entry["type"], "error": refusal.body()})
    return results
