"""The API of the tags, which are saved objects with a name, a description and a colour."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace

from kibana_builder.json_tree import JsonObject
from kibana_builder.sandbox.answers import Answer, Refusal, nothing
from kibana_builder.sandbox.calls import Call
from kibana_builder.sandbox.find import search_of
from kibana_builder.sandbox.object_types import TYPES
from kibana_builder.sandbox.objects import existing, missing
from kibana_builder.sandbox.single_objects import write_new
from kibana_builder.sandbox.store import SavedObject


def tag_of(each: SavedObject) -> JsonObject:
    return {"id": each.id, **{name: each.attributes.get(name, "") for name in ("name", "description", "color")}}


def list_tags(call: Call) -> Answer:
    return Answer({"tags": [tag_of(each) for each in call.store.all_of(call.space, ["tag"])]})


def find_tags(call: Call) -> Answer:
    tags = call.store.all_of(call.space, ["tag"])
    if "search" in call.query:
        fits = search_of(call.query["search"], every=False)
        tags = [each for each in tags if fits([str(each.attributes.get("name", ""))])]
    start = (call.query["page"] - 1) * call.query["perPage"]
    page = tags[start : start + call.query["perPage"]]
    kinds = list(TYPES)
    listed = [
        {**tag_of(each), "relationCount": len(call.store.all_of(call.space, kinds, [("tag", each.id)]))}
        for each in page
    ]
    return Answer({"tags": listed, "total": len(tags)})


def get_tag(call: Call) -> Answer:
    return Answer({"tag": tag_of(existing(call.store, call.space, "tag", call.path["id"]))})


def create_tag(call: Call) -> Answer:
    errors = faults(call.body)
    if errors:
        attributes = {"valid": False, "warnings": [], "errors": errors}
        raise Refusal(400, "Error validating tag attributes", attributes)
    with call.store.transaction():
        name = call.body["name"]
        if any(each.attributes.get("name") == name for each in call.store.all_of(call.space, ["tag"])):
            raise Refusal(409, f'A tag with the name "{name}" already exists.')
        document = {"type": "tag", "id": str(uuid.uuid4()), "attributes": call.body}
        written = write_new(call.store, call.space, document, overwrite=False)
    return Answer({"tag": tag_of(written)})


def faults(tag: JsonObject) -> dict[str, str]:
    """Say by attribute what is wrong with a tag; the limits are those of Kibana's own tag editor."""
    errors = {}
    if len(tag["name"]) < 2:
        errors["name"] = "Tag name must be at least 2 characters"
    if len(tag["name"]) > 50:
        errors["name"] = "Tag name may not exceed 50 characters"
    if len(tag["description"]) > 100:
        errors["description"] = "Tag description may not exceed 100 characters"
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", tag["color"]):
        errors["color"] = "Tag color must be a valid hex color"
    return errors


def delete_tag(call: Call) -> Answer:
    """Delete a tag and every reference to it; the objects that had one keep their times (tag_delete)."""
    key = ("tag", call.path["id"])
    with call.store.transaction():
        if not call.store.delete(call.space, *key):
            raise missing(*key)
        tagged = call.store.all_of(call.space, list(TYPES), [key])
        call.store.write(
            (
                replace(each, references=[ref for ref in each.references if (ref["type"], ref["id"]) != key])
                for each in tagged
            ),
            keep_times=True,
        )
    return nothing()
