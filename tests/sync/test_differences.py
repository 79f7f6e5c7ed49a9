"""Two values of a file, and what differs in its own words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibana_builder.json_tree import Json, JsonObject, same
from kibana_builder.sync.differences import differences, leaves, pairs, said

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)
objects = st.dictionaries(
    st.sampled_from(["y", "layers", "operation", "label", "time_range", "id"]), values, max_size=4
)


class TestDifferences:
    """A line for each property."""

    @pytest.mark.parametrize(
        ("before", "after", "lines"),
        [
            ({"title": "A"}, {"title": "B b"}, ['title A → "B b"']),
            ({"min": 0}, {"min": 0.5}, ["min 0 → 0.5"]),
            ({}, {"legend": {"visible": False, "size": "s"}}, ["legend visible false added", "legend size s added"]),
            ({"legend": {"visible": True}}, {}, ["legend visible true removed"]),
            (
                {"axis": {"y": {"title": {"text": "ms"}}}},
                {"axis": {"y": {"title": {"text": "s"}}}},
                ["axis.y.title text ms → s"],
            ),
            ({"time_range": "now-24h"}, {"time_range": "now-7d"}, ["time_range now-24h → now-7d"]),
            (
                {"time_range": "now-24h"},
                {"time_range": {"from": "now-7d", "to": "now-1d"}},
                ["time_range now-24h → now-7d to now-1d"],
            ),
            ({"fields": ["a", "b"]}, {"fields": ["a"]}, ["fields a, b → a"]),
            (
                {"x": {"operation": "terms", "fields": ["a"]}},
                {"y": 1},
                ["x removed: terms of a", "y 1 added"],
            ),
            ({"query": "a"}, {"query": {"expression": "b", "language": "lucene"}}, ["query a → b"]),
            ({"text": "a\nb"}, {"text": "a\nc"}, ['text "a⏎b" → "a⏎c"']),
        ],
    )
    def test_properties(self, before: JsonObject, after: JsonObject, lines: list[str]) -> None:
        assert differences(before, after) == lines

    def test_the_only_layer_is_not_named(self) -> None:
        layer = {"y": [{"operation": "count"}]}
        other = {"y": [{"operation": "sum", "field": "a"}]}
        assert differences({"layers": [layer]}, {"layers": [other]})[0] == "y[0] operation count → sum"
        assert differences({"layers": [layer, layer]}, {"layers": [layer, other]})[0].startswith("layers[1].y[0] ")

    def test_an_entry_is_known_by_what_it_computes(self) -> None:
        """An operation put before others is one line, not one for each that moved."""
        first, second = {"operation": "average", "field": "a"}, {"operation": "max", "field": "a"}
        new = {"operation": "percentile", "field": "a"}
        assert differences({"y": [first, second]}, {"y": [new, first, second]}) == ["y[0] added: percentile of a"]
        assert differences({"y": [new, first]}, {"y": [first]}) == ["y[0] removed: percentile of a"]
        assert differences({"y": [first, second]}, {"y": [second, first]}) == ["y in another order"]

    def test_long_texts_show_where_they_differ(self) -> None:
        (line,) = differences({"content": "x" * 500 + "old"}, {"content": "x" * 500 + "new"})
        assert "old" in line
        assert "new" in line
        assert len(line) < 160

    @given(objects, objects)
    def test_never_silent(self, before: JsonObject, after: JsonObject) -> None:
        """Values that are not equal as JSON have at least one line; equal ones have none."""
        lines = differences(before, after)
        assert bool(lines) == (not same(before, after))

    @given(values, values)
    def test_leaves_are_where_trees_differ(self, before: Json, after: Json) -> None:
        assert bool(list(leaves(before, after))) == (not same(before, after))


def test_what_is_said_is_never_json() -> None:
    """A tree is described by its keys."""
    assert said({"a": 1, "b": {"c": 2}}) == "a 1, b"
    assert said([{"a": 1}]) == "a 1"
    assert said("") == '""'
    assert said(None) == "null"


def test_pairs_take_the_surest_sign_first() -> None:
    found = pairs([{"id": "a", "title": "x"}, {"id": "b", "title": "y"}], [{"id": "c", "title": "y"}, {"id": "a"}])
    assert (found.same, found.gone, found.came) == ([(1, 0), (0, 1)], [], [])
    assert found.reordered
