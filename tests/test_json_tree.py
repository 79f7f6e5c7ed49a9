"""The walk through objects, and the strict reader, the look and the copy that every room shares."""

from __future__ import annotations

import pytest

from kibana_builder.json_tree import get, objects_below, read_json, without


def test_every_object_below_a_place_comes_once() -> None:
    tree = {"a": [{"b": 1}, [{"c": {}}], "text"], "raw": {"hidden": {}}}
    found = {path: node for node, path in objects_below(tree, ("root",), without=("raw",))}
    assert found == {
        ("root",): tree,
        ("root", "a", 0): {"b": 1},
        ("root", "a", 1, 0): {"c": {}},
        ("root", "a", 1, 0, "c"): {},
    }


def test_what_is_no_object_has_none() -> None:
    assert list(objects_below(["text", 1, None])) == []


@pytest.mark.parametrize("text", ["NaN", "[Infinity]", '{"a": -Infinity}', "{", ""])
def test_what_only_python_reads_is_no_json(text: str) -> None:
    with pytest.raises(ValueError, match=r"Infinity|NaN|line 1"):
        read_json(text)


def test_a_path_that_leads_nowhere_gives_nothing() -> None:
    assert get({"a": {"b": 0}}, "a", "b") == 0
    assert get({"a": [1]}, "a", "b") is None


def test_a_copy_without_a_property() -> None:
    tree = {"a": [{"b": 1, "c": 2}, {"b": 3}]}
    assert without(tree, ("a", 0, "b")) == {"a": [{"c": 2}, {"b": 3}]}
    assert tree == {"a": [{"b": 1, "c": 2}, {"b": 3}]}
