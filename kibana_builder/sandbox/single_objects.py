"""The routes for one saved object, and those that take a list of them."""

from __future__ import annotations

import uuid
from dataclasses import replace

from kibana_builder.json_tree import JsonObject
from kibana_builder.sandbox.answers import Answer, Refusal, not_found
from kibana_builder.sandbox.calls import Call
from kibana_builder.sandbox.object_types import TYPES
from kibana_builder.sandbox.objects import conflict, error_of, existing, found, from_document, shown, unsupported


def get_object(call: Call) -> Answer:
    return Answer(shown(existing(call.store, call.space, call.path["type"], call.path["id"])))


def delete_object(call: Call) -> Answer:
    if not call.store.delete(call.space, call.path["type"], call.path["id"]):
        raise not_found(call.path["type"], call.path["id"])
    return Answer({})


def create_object(call: Call) -> Answer:
    kind, object_id = call.path["type"], call.path.get("id") or str(uuid.uuid4())
    if kind not in TYPES:
        raise Refusal(400, f"Unsupported saved object type: '{kind}': Bad Request")
    with call.store.transaction():
        taken = call.store.spaces_of([(kind, object_id)], call.space)
        if taken and not (call.query["overwrite"] and taken[kind, object_id] == call.space):
            raise conflict(kind, object_id)
        document = {**call.body, "type": kind, "id": object_id}
        (written,) = call.store.write([from_document(document, call.space)])
    return Answer(found(written))


def update_object(call: Call) -> Answer:
    kind, object_id = call.path["type"], call.path["id"]
    with call.store.transaction():
        before = existing(call.store, call.space, kind, object_id)
        if "version" in call.body and call.body["version"] != before.version:
            raise Refusal(409, f"[{kind}:{object_id}]: version conflict")
        references = call.body.get("references", before.references)
        after = replace(before, attributes={**before.attributes, **call.body["attributes"]}, references=references)
        (written,) = call.store.write([after])
    return Answer(
        {
            "id": object_id,
            "type": kind,
            "updated_at": written.updated_at,
            "version": written.version,
            "namespaces": [call.space],
            **({"references": references} if "references" in call.body else {}),
            "attributes": call.body["attributes"],
        }
    )


def bulk_get(call: Call) -> Answer:
    stored = call.store.get_many(call.space, [(entry["type"], entry["id"]) for entry in call.body])
    answers = []
    for entry in call.body:
        kind, object_id = entry["type"], entry["id"]
        each = stored.get((kind, object_id))
        if each is not None:
            answers.append(shown(each, entry.get("fields")))
        elif kind in TYPES:
            answers.append({"id": object_id, "type": kind, "error": error_of(not_found(kind, object_id))})
        else:
            answers.append({"id": object_id, "type": kind, "error": unsupported(kind)})
    return Answer({"saved_objects": answers})


def bulk_delete(call: Call) -> Answer:
    statuses: list[JsonObject] = []
    with call.store.transaction():
        for entry in call.body:
            kind, object_id = entry["type"], entry["id"]
            if kind not in TYPES:
                statuses.append({"id": object_id, "type": kind, "error": unsupported(kind), "success": False})
            elif call.store.delete(call.space, kind, object_id):
                statuses.append({"success": True, "id": object_id, "type": kind})
            else:
                error = error_of(not_found(kind, object_id))
                statuses.append({"id": object_id, "type": kind, "error": error, "success": False})
    return Answer({"statuses": statuses})
