"""Going through a document and its schema side by side."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from kibana_builder.json_tree import Json, JsonObject, Path
from kibana_builder.spec.check import _Maker
from kibana_builder.spec.json_schema import REF, schema_for


@cache
def flat(kind: str) -> JsonObject:
    return schema_for(kind)


class Place(NamedTuple):
    """A value of a document, where it stands, and the schema (no reference, no choice) that it fits.

    `name` is the definition that led there, "" when the schema stands in its parent.
    """

    path: Path
    value: Json
    node: JsonObject
    name: str


def places(kind: str, document: Json) -> Iterator[Place]:
    """Go through all values of a good document."""
    return _Walk(flat(kind)).places((), document, flat(kind), "")


def resolved(schema: JsonObject, node: JsonObject) -> JsonObject:
    """Follow references to what they mean."""
    while "$ref" in node:
        node = schema["$defs"][node["$ref"].removeprefix(REF)]
    return node


def branches(schema: JsonObject, node: JsonObject) -> Iterator[JsonObject]:
    """Give the alternatives inside a schema that are no choices themselves."""
    node = resolved(schema, node)
    if "anyOf" not in node:
        yield node
    for branch in node.get("anyOf", ()):
        yield from branches(schema, branch)


class _Walk:
    def __init__(self, schema: JsonObject) -> None:
        self.schema = schema
        self.maker = _Maker(schema)

    def places(self, path: Path, value: Json, node: JsonObject, name: str) -> Iterator[Place]:
        name = node.get("$ref", "").removeprefix(REF) or name
        branch = next(branch for branch in branches(self.schema, node) if self.fits(value, branch))
        yield Place(path, value, branch, name)
        if isinstance(value, dict):
            for key, item in value.items():
                below = branch.get("properties", {}).get(key) or branch.get("additionalProperties", {})
                yield from self.places((*path, key), item, below, "")
        elif isinstance(value, list) and "items" in branch:
            for index, item in enumerate(value):
                yield from self.places((*path, index), item, branch["items"], "")

    def fits(self, value: Json, node: JsonObject) -> bool:
        return not self.maker.check_of(node)(value)
