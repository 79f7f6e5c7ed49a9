"""Rison: what Kibana writes into addresses is read, and what is written is read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibana_builder.json_tree import Json
from kibana_builder.preview.rison import NotRison, from_rison, to_rison

PAIRS = [
    ("!t", True),
    ("!n", None),
    ("-1.5e3", -1500.0),
    ("0", 0),
    ("''", ""),
    ("a-b", "a-b"),
    ("now-24h", "now-24h"),
    ("'2026-11-24T00:00:00.000Z'", "2026-11-24T00:00:00.000Z"),
    ("'it!'s 5!!'", "it's 5!"),
    ("!()", []),
    ("!(1,(),!f)", [1, {}, False]),
    ("('$state':(store:appState),a.b:!(x))", {"$state": {"store": "appState"}, "a.b": ["x"]}),
    ("(0:a)", {"0": "a"}),
]


@pytest.mark.parametrize(("text", "value"), PAIRS)
def test_known_pairs(text: str, value: Json) -> None:
    """The notation's own examples, and those of Kibana's addresses."""
    assert from_rison(text) == value


@pytest.mark.parametrize(
    "text", ["", "(", "(a)", "(a:b,)", "!(", "!(a", "'x", "!x", "a b", "1a", "(!():a)", "(a:b", "))"]
)
def test_what_is_none(text: str) -> None:
    """Is said with the character from which it cannot be read."""
    with pytest.raises(NotRison, match="no Rison, from character"):
        from_rison(text)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_what_is_written_is_read_back(value: Json) -> None:
    """Whatever JSON it is."""
    assert from_rison(to_rison(value)) == value
