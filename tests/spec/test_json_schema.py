"""The flat schema: what cannot be said flat, or would be checked by nobody, does not become one."""

from __future__ import annotations

import pytest

from kibana_builder.json_tree import JsonObject
from kibana_builder.spec.json_schema import flatten

TEXT: JsonObject = {"type": "string"}


def thing(word: str, **properties: JsonObject) -> JsonObject:
    return {"type": "object", "properties": {"type": {"const": word}, **properties}, "required": ["type"]}


def test_writes_out_each_alternative() -> None:
    """What is beside a choice stands in each of its objects, and each is closed."""
    root = {
        "anyOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/b"}],
        "properties": {"name": TEXT},
        "required": ["name"],
        "unevaluatedProperties": False,
        "description": "Either.",
    }
    flat = flatten(root, {"a": thing("a", size=TEXT), "b": thing("b")})
    assert flat == {
        "description": "Either.",
        "anyOf": [
            {
                "type": "object",
                "title": "a",
                "properties": {"name": TEXT, "type": {"const": "a"}, "size": TEXT},
                "required": ["name", "type"],
                "additionalProperties": False,
            },
            {
                "type": "object",
                "title": "b",
                "properties": {"name": TEXT, "type": {"const": "b"}},
                "required": ["name", "type"],
                "additionalProperties": False,
            },
        ],
        "$defs": {},
    }


def test_keeps_references_and_what_they_lead_to() -> None:
    """A property that refers to a definition still does, also when the definition comes back to itself."""
    group = {
        "type": "object",
        "properties": {"members": {"type": "array", "items": {"$ref": "#/$defs/group"}}},
        "unevaluatedProperties": False,
    }
    flat = flatten({"$ref": "#/$defs/group"}, {"group": group, "unused": TEXT})
    assert list(flat["$defs"]) == ["group"]
    assert flat["$defs"]["group"]["properties"] == group["properties"]


BAD = {
    "an unknown keyword": ({"type": "string", "format": "date"}, "keywords that nobody checks: format"),
    "an unknown keyword deep inside": (
        {
            "allOf": [{"type": "object", "properties": {"a": {"type": "array", "items": {"not": {}}}}}],
            "unevaluatedProperties": False,
        },
        "keywords that nobody checks: not",
    ),
    "an open object": ({"type": "object", "properties": {"a": TEXT}}, "an object that is not closed"),
    "an open object of parts": ({"allOf": [{"$ref": "#/$defs/a"}]}, "an object that is not closed"),
    "a property said twice": (
        {"allOf": [{"$ref": "#/$defs/a"}], "properties": {"type": TEXT}, "unevaluatedProperties": False},
        "'type' is said twice",
    ),
    "alternatives that no word tells apart": (
        {"anyOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/c"}], "unevaluatedProperties": False},
        "no property tells apart",
    ),
    "alternatives of which two are without the word": (
        {
            "anyOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/c"}, {"$ref": "#/$defs/c"}],
            "unevaluatedProperties": False,
        },
        "no property tells apart",
    ),
    "alternatives of one word": (
        {"anyOf": [{"$ref": "#/$defs/a"}, {"$ref": "#/$defs/a"}], "unevaluatedProperties": False},
        "no property tells apart",
    ),
}


@pytest.mark.parametrize(("root", "message"), BAD.values(), ids=BAD)
def test_refuses(root: JsonObject, message: str) -> None:
    """A mistake in a schema file shows when the schema is made, not as a check that is not made."""
    with pytest.raises(ValueError, match=message):
        flatten(root, {"a": thing("a"), "c": {"type": "object", "properties": {"other": TEXT}}})
