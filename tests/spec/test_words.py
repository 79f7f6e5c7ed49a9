"""Values in the words of a message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibana_builder.json_tree import Json
from kibana_builder.spec.words import listed, quoted, shown

VALUES: list[tuple[Json, str]] = [
    (None, "nothing"),
    (True, "true"),
    (False, "false"),
    (5, "the number 5"),
    (0.25, "the number 0.25"),
    (10**5000, "a very large number"),
    (float("nan"), "a very large number"),
    ("abc", "the text 'abc'"),
    ("", "an empty text"),
    ([1], "a list"),
    ([], "an empty list"),
    ({"a": 1}, "a mapping"),
    ({}, "an empty mapping"),
]


def test_says_what_a_value_is() -> None:
    """Each kind of value has its words; what is in a list or a mapping is not repeated."""
    for value, words in VALUES:
        assert shown(value) == words


@given(st.text())
def test_a_quoted_text_is_one_short_safe_line(text: str) -> None:
    """Whatever the text, a terminal shows it and does nothing else with it."""
    word = quoted(text)
    assert word.isprintable()
    assert len(text) > 60 or text.isprintable() <= (word == f"'{text}'")


@pytest.mark.parametrize(("items", "sentence"), [("a", "a"), ("ab", "a or b"), ("abc", "a, b or c")])
def test_lists_like_a_sentence(items: str, sentence: str) -> None:
    """Commas, and one word before the last."""
    assert listed(items) == sentence
