"""Writing and showing saved objects: what import, the single and bulk routes, data views and tags share."""

from __future__ import annotations

from collections.abc import Sequence

from kibana_builder.json_tree import JsonObject
from kibana_builder.sandbox.answers import REASONS, Refusal, not_found
from kibana_builder.sandbox.migrations import migrate
from kibana_builder.sandbox.store import SavedObject, Store


def shown(each: SavedObject, fields: Sequence[str] | None = None) -> JsonObject:
    """Write an object as GET and `_bulk_get` do, with the attributes that `fields` names, or all of them."""
    return {
        "id": each.id,
        "type": each.type,
        "namespaces": [each.space],
        "migrationVersion": {each.type: each.type_version},
        **({"originId": each.origin} if each.origin else {}),
        "updated_at": each.updated_at,
        "created_at": each.created_at,
        "version": each.version,
        "attributes": chosen(each.attributes, fields),
        "references": each.references,
        "managed": each.managed,
        "coreMigrationVersion": each.core_version,
        "typeMigrationVersion": each.type_version,
    }


def found(each: SavedObject, fields: Sequence[str] | None = None) -> JsonObject:
    """Write an object as `_find` and the routes that create do."""
    return {
        "type": each.type,
        "id": each.id,
        "namespaces": [each.space],
        **({"originId": each.origin} if each.origin else {}),
        "attributes": chosen(each.attributes, fields),
        "references": each.references,
        "managed": each.managed,
        "migrationVersion": {each.type: each.type_version},
        "coreMigrationVersion": each.core_version,
        "typeMigrationVersion": each.type_version,
        "updated_at": each.updated_at,
        "created_at": each.created_at,
        "version": each.version,
    }


def chosen(attributes: JsonObject, fields: Sequence[str] | None) -> JsonObject:
    if fields is None:
        return attributes
    return {name: value for name, value in attributes.items() if name in fields}


def error_of(refusal: Refusal) -> JsonObject:
    """Write a refusal as an entry of a bulk answer holds it."""
    return {"statusCode": refusal.status, "error": REASONS[refusal.status], "message": refusal.message}


def unsupported(kind: str) -> JsonObject:
    """Say in a bulk answer that a type is not known."""
    return {
        "message": f"Unsupported saved object type: '{kind}': Bad Request",
        "statusCode": 400,
        "error": "Bad Request",
    }


def conflict(kind: str, object_id: str) -> Refusal:
    return Refusal(409, f"Saved object [{kind}/{object_id}] conflict")


def from_document(document: JsonObject, space: str) -> SavedObject:
    """Migrate what a client sent and make it an object of the space; raises Refusal when it is refused whole."""
    migrated = migrate(document)
    return SavedObject(
        type=migrated["type"],
        id=migrated["id"],
        space=space,
        attributes=migrated.get("attributes", {}),
        references=migrated.get("references") or [],
        managed=bool(migrated.get("managed", False)),
        core_version=migrated["coreMigrationVersion"],
        type_version=migrated["typeMigrationVersion"],
        origin=migrated.get("originId"),
    )


def existing(store: Store, space: str, kind: str, object_id: str) -> SavedObject:
    """Give an object of the space; raises the 404 of Kibana when it is not there."""
    each = store.get(space, kind, object_id)
    if each is None:
        raise not_found(kind, object_id)
    return each
