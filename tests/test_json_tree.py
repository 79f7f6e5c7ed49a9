"""The walk through objects."""

from __future__ import annotations

from kibana_builder.json_tree import objects_below


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
