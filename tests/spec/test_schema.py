"""The schema files: they explain each property, and the good documents leave none of them out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.spec.check import make_check
from kibana_builder.spec.json_schema import KINDS, schema_for
from tests.shared_material import REPOSITORY
from tests.spec.documents import GOOD_DASHBOARDS, GOOD_PROJECTS, GOOD_VISUALIZATIONS
from tests.spec.walk import flat, places, resolved

GOOD = {"visualization": GOOD_VISUALIZATIONS, "dashboard": GOOD_DASHBOARDS, "project": GOOD_PROJECTS}
FILES = sorted((REPOSITORY / "kibana_builder" / "spec" / "schema").glob("*.json"))
KEPT_WORD_FOR_WORD = ("raw", "raw_absent", "raw_references", "saved_object")
"""What Kibana has and the vocabulary has no words for: any value, which the tests of the room `saved` try."""


def objects(node: Json) -> Iterator[JsonObject]:
    """Go through the objects of a flat schema, those that say properties."""
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict) and "additionalProperties" in node:
            yield node
        for item in node.values():
            yield from objects(item)
    elif isinstance(node, list):
        for item in node:
            yield from objects(item)


def properties(kind: str) -> Iterator[tuple[str, JsonObject]]:
    for node in objects(flat(kind)):
        yield from node["properties"].items()


@pytest.mark.parametrize("kind", KINDS)
def test_is_a_valid_schema(kind: str) -> None:
    """By the rules of draft 2020-12, and every reference leads somewhere."""
    schema = schema_for(kind)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"]
    assert schema["description"]
    for _, node in properties(kind):
        resolved(flat(kind), node)


@pytest.mark.parametrize("kind", KINDS)
def test_every_property_is_explained(kind: str) -> None:
    """Each has a sentence of its own, which an editor shows."""
    for name, node in properties(kind):
        words = node.get("description") or resolved(flat(kind), node).get("description", "")
        assert len(words) > 10, (kind, name, node)
        assert words.endswith((".", "}.", ").")), (kind, name, words)
        assert words[0].isupper() or words.startswith(("true ", "false ", "fill ", "auto ", "asc", "and:", "gte")), (
            words
        )


@pytest.mark.parametrize("kind", KINDS)
def test_every_default_is_a_value_of_its_property(kind: str) -> None:
    """A default that the check would refuse is none."""
    for name, node in properties(kind):
        for said in (node, resolved(flat(kind), node)):
            if "default" in said:
                check = make_check({"anyOf": [node], "$defs": flat(kind)["$defs"]})
                assert check(said["default"]) == [], (kind, name)


@pytest.mark.parametrize("kind", GOOD)
def test_the_good_documents_say_every_property(kind: str) -> None:
    """Each property of each object stands in at least one of them."""
    said = {
        id(place.node["properties"][key])
        for document in GOOD[kind].values()
        for place in places(kind, document)
        if isinstance(place.value, dict)
        for key in place.value
        if key in place.node.get("properties", ())
    }
    unsaid = {
        f"{name} of {sorted(node['properties'])}"
        for node in objects(flat(kind))
        for name, item in node["properties"].items()
        if id(item) not in said and name not in KEPT_WORD_FOR_WORD and not kept_word_for_word(node)
    }
    assert unsaid == set()


def kept_word_for_word(node: JsonObject) -> bool:
    """Tell an object of the raw parts: one that may hold anything, or a reference."""
    return node["additionalProperties"] is not False or {"type", "id", "name"} == node["properties"].keys()


@pytest.mark.parametrize("kind", GOOD)
def test_the_good_documents_say_every_word_that_decides(kind: str) -> None:
    """Every chart type, series type, operation, condition, control, drilldown and kind of colour is there."""
    said = {
        (key, value)
        for document in GOOD[kind].values()
        for place in places(kind, document)
        if isinstance(place.value, dict)
        for key, value in place.value.items()
        if key in ("type", "operation", "operator")
    }
    wanted = {
        (name, word)
        for node in objects(flat(kind))
        for name in ("type", "operation", "operator")
        for word in words_of(node["properties"].get(name, {}))
        if not decides_nothing(node)
    }
    assert wanted - said == set()


def words_of(node: JsonObject) -> list[str]:
    return [node["const"]] if "const" in node else node.get("enum", [])


def decides_nothing(node: JsonObject) -> bool:
    """Tell the two objects whose `type` is a word like any other: a table's summary, the fitting of lines."""
    return node["properties"].keys() in ({"type", "label"}, {"type", "emphasize", "extend"})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_files_are_laid_out_alike(path: Path) -> None:
    """Two spaces a level, one definition after another, no line break at random."""
    text = path.read_text(encoding="utf-8")
    assert text.endswith("}\n")
    assert "\t" not in text
    depth = 0
    for line in text.splitlines():
        if line:
            closing = line.lstrip()[0] in "]}"
            assert len(line) - len(line.lstrip()) == 2 * (depth - closing), line
            outside = "".join(part for index, part in enumerate(line.replace('\\"', "").split('"')) if index % 2 == 0)
            depth += sum(map(outside.count, "[{")) - sum(map(outside.count, "]}"))
    json.loads(text)
