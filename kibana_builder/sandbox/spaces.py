"""Spaces: list, get, create, delete."""

from __future__ import annotations

from kibana_builder.json_tree import JsonObject
from kibana_builder.sandbox.answers import Answer, Refusal, nothing
from kibana_builder.sandbox.calls import Call
from kibana_builder.sandbox.store import DEFAULT_SPACE, Store

DEFAULT: JsonObject = {
    "id": DEFAULT_SPACE,
    "name": "Default",
    "description": "This is your default space!",
    "color": "#00bfb3",
    "disabledFeatures": [],
    "_reserved": True,
}


def all_spaces(store: Store) -> list[JsonObject]:
    return [DEFAULT, *store.spaces()]


def list_spaces(call: Call) -> Answer:
    return Answer(all_spaces(call.store))


def get_space(call: Call) -> Answer:
    for space in all_spaces(call.store):
        if space["id"] == call.path["space"]:
            return Answer(space)
    raise Refusal(404, "Not Found")


def create_space(call: Call) -> Answer:
    with call.store.transaction():
        if call.body["id"] in [space["id"] for space in all_spaces(call.store)]:
            raise Refusal(409, f"A space with the identifier {call.body['id']} already exists.")
        call.store.add_space(call.body)
    return Answer(call.body)


def delete_space(call: Call) -> Answer:
    space = call.path["space"]
    if space == DEFAULT_SPACE:
        raise Refusal(400, "The default space cannot be deleted because it is reserved.")
    with call.store.transaction():
        if space not in [each["id"] for each in call.store.spaces()]:
            raise Refusal(404, "Not Found")
        call.store.delete_space(space)
    return nothing(204)
