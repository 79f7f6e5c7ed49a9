"""Raw parts: laws of laying over and of what is left over, and JSON strings opened and closed."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibana_builder.json_tree import Json, JsonObject, compact, same
from kibana_builder.problem import NotExpressible
from kibana_builder.saved.raw import (
    closed,
    closed_panel,
    count_leaves,
    lay_over,
    opened,
    opened_panel,
    remainder,
)

# Few keys, so that two trees often have them in common; with those that a path has to escape.
KEYS = st.sampled_from(["a", "b", "0", "1", "", "a.b", "\\", "a\\.b", "x y"])
LEAVES = st.none() | st.booleans() | st.integers(-2, 2) | st.floats(allow_nan=False) | st.text("ab", max_size=2)
TREES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4))
OBJECTS = st.dictionaries(KEYS, TREES, max_size=5)


@given(OBJECTS, OBJECTS)
def test_the_remainder_makes_what_is_wanted(wanted: JsonObject, made: JsonObject) -> None:
    """Laid over what was made, the remainder gives what was wanted, whatever the two are; nothing is touched."""
    before = copy.deepcopy(made)
    raw, raw_absent = remainder(wanted, made)
    assert same(lay_over(made, raw, raw_absent), wanted)
    assert same(made, before)
    assert count_leaves(raw, raw_absent) == 0 if same(wanted, made) else count_leaves(raw, raw_absent) > 0


@given(OBJECTS, st.data())
def test_one_changed_leaf_is_one_leaf_of_remainder(made: JsonObject, data: st.DataObject) -> None:
    """What is equal is not said again."""
    wanted = {**made, "changed": {"deep": [made, data.draw(LEAVES.filter(lambda leaf: leaf != "before"))]}}
    raw, raw_absent = remainder(wanted, {**made, "changed": {"deep": [made, "before"]}})
    assert raw == {"changed": {"deep": {"1": wanted["changed"]["deep"][1]}}}
    assert (raw_absent, count_leaves(raw)) == ([], 1)


@pytest.mark.parametrize(
    ("wanted", "made", "raw", "raw_absent"),
    [
        ({"a": None}, {"a": 1}, {"a": None}, []),
        ({"a": 0}, {"a": False}, {"a": 0}, []),
        ({}, {"a": {"b": 1}}, {}, ["a"]),
        ({"a": {}}, {"a": {"b.c": 1, "\\": 2}}, {}, ["a.b\\.c", "a.\\\\"]),
        ({"a": {"0": 1}}, {"a": [1]}, {"a": {"0": 1}}, ["a"]),
        ({"a": [{"0": 1}]}, {"a": [[1]]}, {"a": [{"0": 1}]}, []),
        ({"a": [1, 2]}, {"a": [1, 2, 3, 4]}, {}, ["a.2", "a.3"]),
        ({"a": [1, 2, {"b": 3}]}, {"a": [1, 2]}, {"a": {"2": {"b": 3}}}, []),
        ({"a": [5]}, {"a": [1, 2, 3]}, {"a": [5]}, []),
        ({"a": [{"b": 1, "c": 2}]}, {"a": [{"b": 1, "d": 3}]}, {"a": {"0": {"c": 2}}}, ["a.0.d"]),
    ],
)
def test_remainders(wanted: JsonObject, made: JsonObject, raw: JsonObject, raw_absent: list[str]) -> None:
    """The shortest way to say the difference."""
    assert remainder(wanted, made) == (raw, raw_absent)
    assert same(lay_over(made, raw, raw_absent), wanted)


@pytest.mark.parametrize(
    ("raw", "raw_absent", "path", "words"),
    [
        ({}, ["b"], ("raw_absent", 0), "no 'b' to take away"),
        ({}, ["a", "a.3"], ("raw_absent", 1), "no 'a.3'"),
        ({"a": {"b": 1}}, [], ("raw", "a", "b"), "'b' is no index"),
        ({"a": {"-1": 1}}, [], ("raw", "a", "-1"), "'-1' is no index"),
        ({"a": {"5": 1}}, [], ("raw", "a", "5"), "only 2 entries"),
    ],
)
def test_a_place_that_is_not_there_is_named(
    raw: JsonObject, raw_absent: list[str], path: tuple[Any, ...], words: str
) -> None:
    """Whoever changes a chart under its raw part learns where it does not fit any more."""
    with pytest.raises(NotExpressible) as refused:
        lay_over({"a": [1, 2]}, raw, raw_absent)
    assert refused.value.finding.path == path
    assert words in refused.value.finding.message


def test_a_part_of_what_is_taken_away_may_be_named_too() -> None:
    """In either order."""
    assert lay_over({"a": {"b": 1}, "c": 2}, {}, ["a", "a.b"]) == {"c": 2}
    assert lay_over({"a": {"b": 1}, "c": 2}, {}, ["a.b", "a"]) == {"c": 2}


# ------------------------------------------------------------------------------------------- JSON in strings

JSON_TEXTS = TREES.map(compact) | TREES.map(json.dumps) | st.text(max_size=5) | st.sampled_from(["NaN", "[1e400]"])
PANELS = st.fixed_dictionaries(
    {"embeddableConfig": st.fixed_dictionaries({"attributes": st.dictionaries(st.just("mapStateJSON"), JSON_TEXTS)})}
)
STORED = st.fixed_dictionaries(
    {},
    optional={
        "panelsJSON": JSON_TEXTS | st.lists(PANELS).map(compact),
        "optionsJSON": JSON_TEXTS,
        "kibanaSavedObjectMeta": st.fixed_dictionaries({"searchSourceJSON": JSON_TEXTS}) | TREES,
        "controlGroupInput": st.fixed_dictionaries({"panelsJSON": JSON_TEXTS}),
    },
)


@given(STORED)
def test_what_is_opened_closes_to_the_byte(attributes: JsonObject) -> None:
    """Opening is for reading: nothing of a string is lost, also where it is no JSON or written in another way."""
    item = {"type": "dashboard", "attributes": attributes}
    if isinstance(attributes.get("kibanaSavedObjectMeta"), dict):
        attributes["kibanaSavedObjectMeta"] = {"searchSourceJSON": "{}"} | attributes["kibanaSavedObjectMeta"]
    item = closed(item)
    assert closed(opened(item)) == item


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a":[1,null]}', {"a": [1, None]}),
        ('{"ü":"\\n"}', {"ü": "\n"}),
        ('{"a": 1}', None),
        ('{"a":1,"a":2}', None),
        ('{"a":"\\u00fc"}', None),
        ('{"a":1e5}', None),
        ('{"a":NaN}', None),
        ('"text"', None),
        ("5", None),
        ("", None),
        ("{", None),
        ("[" * 100_000, None),
    ],
)
def test_only_what_kibana_writes_is_opened(text: str, value: Json) -> None:
    """Where encoding again would not give the very string, it stays."""
    item = {"type": "visualization", "attributes": {"visState": text}}
    assert opened(item)["attributes"]["visState"] == (text if value is None else value)
    assert closed(opened(item)) == item


def test_json_inside_json() -> None:
    """A panel's own strings are opened as well, unless one of its values stands where a string belongs."""
    inner = {"mapStateJSON": '{"zoom":2}'}
    text = compact([{"embeddableConfig": {"attributes": inner}}])
    item = {"type": "dashboard", "attributes": {"panelsJSON": text}}
    assert opened(item)["attributes"]["panelsJSON"][0]["embeddableConfig"]["attributes"] == {
        "mapStateJSON": {"zoom": 2}
    }
    assert closed(opened(item)) == item
    as_itself = {"type": "dashboard", "attributes": {"panelsJSON": text.replace('"{\\"zoom\\":2}"', '{"zoom":2}')}}
    assert opened(as_itself) == as_itself
    panel = json.loads(text)[0]
    assert closed_panel(opened_panel(panel)) == panel
    assert opened_panel(panel) != panel


def test_what_integrations_ship_is_encoded() -> None:
    """They keep as JSON what Kibana keeps in strings; other types keep their values."""
    item = {"type": "search", "attributes": {"kibanaSavedObjectMeta": {"searchSourceJSON": {"filter": []}}}}
    assert closed(item)["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"] == '{"filter":[]}'
    other = {"type": "canvas-workpad", "attributes": {"visState": {"a": 1}}}
    assert closed(other) == opened(other) == other
