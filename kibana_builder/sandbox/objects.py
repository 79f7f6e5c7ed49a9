"""How saved objects are shown, and how documents become objects: what the routes for them share."""

from __future__ import annotations

from collections.abc import Sequence

from kibana_builder.json_tree import JsonObject
from kibana_builder.sandbox.answers import Refusal
from kibana_builder.sandbox.object_types import TYPES
from kibana_builder.sandbox.store import SavedObject, Store


def shown(each: SavedObject, fields: Sequence[str] | None = None) -> JsonObject:
    """Write an object as the API does, with the attributes that `fields` names, or all of them."""
    attributes = each.attributes
    if fields is not None:
        attributes = {name: value for name, value in attributes.items() if name in fields}
    return {
        "id": each.id,
        "type": each.type,
        "namespaces": [each.space],
        "migrationVersion": {each.type: each.type_version},
        **({"originId": each.origin} if each.origin else {}),
        "updated_at": each.updated_at,
        "created_at": each.created_at,
        "version": each.version,
        "attributes": attributes,
        "references": each.references,
        "managed": each.managed,
        "coreMigrationVersion": each.core_version,
        "typeMigrationVersion": each.type_version,
    }


def from_document(document: JsonObject, space: str) -> SavedObject:
    """Make a document that has its versions an object of the space."""
    return SavedObject(
        type=document["type"],
        id=document["id"],
        space=space,
        attributes=document["attributes"],
        references=document.get("references") or [],
        managed=bool(document.get("managed")),
        core_version=document["coreMigrationVersion"],
        type_version=document["typeMigrationVersion"],
        origin=document.get("originId"),
    )


def existing(store: Store, space: str, kind: str, object_id: str) -> SavedObject:
    """Give an object of the space; raises Refusal (404) when it is not there."""
    each = store.get(space, kind, object_id)
    if each is None:
        raise missing(kind, object_id)
    return each


def missing(kind: str, object_id: str) -> Refusal:
    return Refusal(404, f"Saved object [{kind}/{object_id}] not found")


def conflict(kind: str, object_id: str) -> Refusal:
    return Refusal(409, f"Saved object [{kind}/{object_id}] conflict")


def check_type(kind: str) -> None:
    """Raise Refusal (400) for a type that the sandbox does not keep."""
    if kind not in TYPES:
        raise Refusal(400, f"Unsupported saved object type: '{kind}': Bad Request")


def check_id(kind: str, object_id: str) -> None:
    """Raise Refusal (400) for an id that is too long for Elasticsearch, in its words (import_id_too_long)."""
    raw = f"{kind}:{object_id}"
    size = len(raw.encode())
    if size > 512:
        words = f"Validation Failed: 1: id [{raw}] is too long, must be no longer than 512 bytes but was: {size};"
        raise Refusal(400, with_root_cause("action_request_validation_exception", words))


def with_root_cause(name: str, words: str) -> str:
    """Write an error of Elasticsearch as its client does: the words, the name, and both again as the root cause."""
    return f"{words}: {name}\n\tRoot causes:\n\t\t{name}: {words}"
