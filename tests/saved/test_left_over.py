"""What is left over of one tree when another accounts for part of it."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibana_builder.json_tree import same
from kibana_builder.saved.left_over import left_over


@pytest.mark.parametrize(
    ("wanted", "made", "rest"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, {}),
        ({"a": 1}, {"a": 2}, {"a": 1}),
        ({"a": 1}, {"a": 1.0}, {}),
        ({"a": 0}, {"a": False}, {"a": 0}),
        ({"a": None}, {}, {"a": None}),
        ({"a": {}}, {}, {"a": {}}),
        ({"a": {}}, {"a": {"b": 1}}, {}),
        ({"a": {}}, {"a": 5}, {"a": {}}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1}}, {"a": {"c": 2}}),
        ({"a": [1, {"b": 2, "c": 3}]}, {"a": [1, {"b": 2}]}, {"a": {"1": {"c": 3}}}),
        ({"a": [1, 2]}, {"a": [1]}, {"a": [1, 2]}),
        ({"a": []}, {"a": [1]}, {"a": []}),
        ({"a": [1]}, {"a": {"0": 1}}, {"a": [1]}),
        ({"a": {"0": 1}}, {"a": [1]}, {"a": {"0": 1}}),
    ],
)
def test_the_leaves_that_differ_are_left_over(wanted: Any, made: Any, rest: Any) -> None:
    """An entry of a list stands under its index; of lists of different length the whole is left over."""
    assert same(left_over(wanted, made), rest)


trees = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.sampled_from("abc"), trees, max_size=3)


def damaged(tree: Any, choose: Any) -> Any:
    """Take some keys out of a tree, change some leaves, and put some keys in."""
    if isinstance(tree, dict):
        kept = {key: damaged(value, choose) for key, value in tree.items() if choose()}
        return kept if choose() else {**kept, "new": 1}
    if isinstance(tree, list):
        return [damaged(entry, choose) for entry in tree]
    return tree if choose() else 7


def laid_over(made: Any, rest: Any) -> Any:
    if isinstance(made, list) and isinstance(rest, dict):
        return [laid_over(entry, rest[str(index)]) if str(index) in rest else entry for index, entry in enumerate(made)]
    if isinstance(made, dict) and isinstance(rest, dict):
        return made | {key: laid_over(made[key], value) if key in made else value for key, value in rest.items()}
    return rest


@given(objects, st.data())
def test_what_is_left_over_completes_the_other(wanted: Any, data: st.DataObject) -> None:
    """Laid over what was made, it gives all that was wanted: then nothing is left over any more."""
    before = copy.deepcopy(wanted)
    made = damaged(wanted, lambda: data.draw(st.booleans()))
    assert left_over(wanted, laid_over(made, left_over(wanted, made))) == {}
    assert left_over(wanted, wanted) == {}
    assert same(before, wanted)
