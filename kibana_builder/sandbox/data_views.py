"""The data views API, over saved objects of type index-pattern.

There is no Elasticsearch behind the sandbox, so a data view has no `fields` but the ones that were set on it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace

from kibana_builder.json_tree import Json, JsonObject, compact
from kibana_builder.sandbox import json_text
from kibana_builder.sandbox.answers import Answer, Refusal, nothing
from kibana_builder.sandbox.calls import Call
from kibana_builder.sandbox.objects import existing, missing
from kibana_builder.sandbox.single_objects import write_new
from kibana_builder.sandbox.store import SavedObject

KIND = "index-pattern"

# What the API calls a property -> the attribute that holds it as a JSON string.
STRINGS: Mapping[str, str] = {
    "sourceFilters": "sourceFilters",
    "fields": "fields",
    "fieldFormats": "fieldFormatMap",
    "runtimeFieldMap": "runtimeFieldMap",
    "fieldAttrs": "fieldAttrs",
    "typeMeta": "typeMeta",
}
PLAIN = ("title", "name", "timeFieldName", "type", "allowNoIndex", "allowHidden")


def list_data_views(call: Call) -> Answer:
    return Answer({"data_view": [listed(each) for each in call.store.all_of(call.space, [KIND])]})


def listed(each: SavedObject) -> JsonObject:
    attributes = each.attributes
    return {
        "id": each.id,
        "namespaces": [each.space],
        "title": attributes.get("title"),
        **({"type": attributes["type"]} if "type" in attributes else {}),
        **({"typeMeta": opened(attributes["typeMeta"], {})} if attributes.get("typeMeta") else {}),
        "name": attributes.get("name") or attributes.get("title"),
    }


def get_data_view(call: Call) -> Answer:
    return Answer({"data_view": described(existing(call.store, call.space, KIND, call.path["id"]))})


def create_data_view(call: Call) -> Answer:
    wish = call.body["data_view"]
    name = wish.get("name") or wish["title"]
    document = {"type": KIND, "id": wish.get("id") or str(uuid.uuid4()), "attributes": stored({**wish, "name": name})}
    with call.store.transaction():
        twins = [each for each in call.store.all_of(call.space, [KIND]) if listed(each)["name"] == name]
        if twins and not call.body["override"]:
            raise Refusal(400, f"Duplicate data view: {name}")
        for twin in twins:
            call.store.delete(call.space, KIND, twin.id)
        written = _as_bad_request(lambda: write_new(call.store, call.space, document, overwrite=call.body["override"]))
    return Answer({"data_view": described(written)})


def update_data_view(call: Call) -> Answer:
    with call.store.transaction():
        before = existing(call.store, call.space, KIND, call.path["id"])
        attributes = {**before.attributes, **changed(call.body["data_view"])}
        (written,) = call.store.write([replace(before, attributes=attributes)])
    description = described(written)
    del description["namespaces"]  # as recorded: of the answers with a data view, only this one has none
    return Answer({"data_view": description})


def delete_data_view(call: Call) -> Answer:
    if not call.store.delete(call.space, KIND, call.path["id"]):
        raise missing(KIND, call.path["id"])
    return nothing()


def described(each: SavedObject) -> JsonObject:
    """Write a data view as the API does, its JSON strings opened."""
    attributes = each.attributes
    return {
        "id": each.id,
        "version": each.version,
        "title": attributes.get("title"),
        **({"timeFieldName": attributes["timeFieldName"]} if attributes.get("timeFieldName") else {}),
        "sourceFilters": opened(attributes.get("sourceFilters"), []),
        "fields": fields_of(attributes),
        **({"type": attributes["type"]} if "type" in attributes else {}),
        **({"typeMeta": opened(attributes["typeMeta"], {})} if attributes.get("typeMeta") else {}),
        "fieldFormats": opened(attributes.get("fieldFormatMap"), {}),
        "runtimeFieldMap": opened(attributes.get("runtimeFieldMap"), {}),
        "fieldAttrs": opened(attributes.get("fieldAttrs"), {}),
        "allowNoIndex": bool(attributes.get("allowNoIndex")),
        "name": attributes.get("name") or attributes.get("title"),
        "allowHidden": bool(attributes.get("allowHidden")),
        "namespaces": [each.space],
    }


def fields_of(attributes: JsonObject) -> JsonObject:
    fields = opened(attributes.get("fields"), [])
    return {field["name"]: field for field in fields if isinstance(field, dict) and isinstance(field.get("name"), str)}


def opened(text: Json, empty: Json) -> Json:
    """Read a JSON string that holds a list or an object; what is none of that kind counts as empty."""
    try:
        value = json_text.parse(text) if isinstance(text, str) else empty
    except json_text.NotJson:
        return empty
    return value if isinstance(value, type(empty)) else empty


def stored(wish: JsonObject) -> JsonObject:
    """Give the attributes of a new data view: what was said, and the empty strings that Kibana writes."""
    empty: JsonObject = {"sourceFilters": [], "fields": {}, "fieldFormats": {}, "runtimeFieldMap": {}, "fieldAttrs": {}}
    return changed({**empty, **wish})


def changed(wish: JsonObject) -> JsonObject:
    attributes = {name: wish[name] for name in PLAIN if name in wish}
    for name, attribute in STRINGS.items():
        if name in wish:
            value = list(wish[name].values()) if name == "fields" else wish[name]
            attributes[attribute] = compact(value)
    return attributes


def _as_bad_request(write: Callable[[], SavedObject]) -> SavedObject:
    """Give a conflict the status that this API has for it (data_view_create_dup_id)."""
    try:
        return write()
    except Refusal as refusal:
        raise Refusal(400, refusal.message) from None
