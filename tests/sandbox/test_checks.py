"""The checks of queries and bodies, and JSON as JavaScript has it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibana_builder.json_tree import Json
from kibana_builder.sandbox import json_text
from kibana_builder.sandbox.checks import (
    ABSENT,
    Check,
    WrongValue,
    anything,
    array,
    boolean,
    from_text,
    integer,
    literal,
    mapping,
    number,
    one_or_many,
    optional,
    text,
)


@pytest.mark.parametrize(
    ("check", "value", "result"),
    [
        (text, "x", "x"),
        (boolean, "true", True),
        (boolean, False, False),
        (number(), "1.5", 1.5),
        (number(), "-3", -3),
        (integer(0), "7", 7),
        (from_text(array(text), "array"), '["a"]', ["a"]),
        (from_text(mapping({"a": text}), "object"), '{"a": "b"}', {"a": "b"}),
        (mapping({"a": optional(text, default="d")}), {}, {"a": "d"}),
        (mapping({"a": optional(text)}), {}, {}),
        (mapping({}, others=anything), {"x": None}, {"x": None}),
        (one_or_many(text), "a", ["a"]),
        (one_or_many(text), ["a", "b"], ["a", "b"]),
        (literal("a", "b"), "b", "b"),
    ],
)
def test_taken(check: Check, value: Json, result: Json) -> None:
    """A value, or the text of a query that stands for it, comes out as the handler wants it."""
    assert check(value, ()) == result


@pytest.mark.parametrize(
    ("check", "value", "words"),
    [
        (text, ABSENT, "[p]: expected value of type [string] but got [undefined]"),
        (text, None, "[p]: expected value of type [string] but got [null]"),
        (boolean, "yes", "[p]: expected value of type [boolean] but got [string]"),
        (number(), True, "[p]: expected value of type [number] but got [boolean]"),
        (number(2), 1, "[p]: Value must be equal to or greater than [2]."),
        (integer(0), 1.5, "[p]: must be a whole number"),
        (array(text), 5, "[p]: expected value of type [array] but got [number]"),
        (array(text), "[]", "[p]: expected value of type [array] but got [string]"),
        (from_text(array(text), "array"), "x", "[p]: could not parse array value from json input"),
        (array(text, 1), ["a", "b"], "[p]: array size is [2], but cannot be greater than [1]"),
        (array(text), [5], "[p.0]: expected value of type [string] but got [number]"),
        (mapping({}), [], "[p]: expected a plain object value, but found [Array] instead."),
        (mapping({}), {"x": 1}, "[p.x]: definition for this key is missing"),
        (literal("a"), "b", "[p]: expected value to equal [a]"),
    ],
)
def test_refused(check: Check, value: Json, words: str) -> None:
    """The words are those of Kibana's own checks."""
    with pytest.raises(WrongValue) as caught:
        check(value, ("p",))
    assert str(caught.value) == words


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("{not json", "Unexpected token n in JSON at position 1"),
        ("", "Unexpected end of JSON input"),
        ("[1,", "Unexpected end of JSON input"),
        ("[1] x", "Unexpected token x in JSON at position 4"),
        ("[NaN]", "Unexpected token N in JSON"),
        ("[-Infinity]", "Unexpected token - in JSON"),
    ],
)
def test_what_is_no_json(wrong: str, words: str) -> None:
    """What JSON.parse refuses is refused in its words."""
    with pytest.raises(json_text.NotJson) as caught:
        json_text.parse(wrong)
    assert str(caught.value) == words


def test_numbers_beyond_a_double() -> None:
    """JavaScript reads them as infinite, and writes that as null."""
    assert json_text.parse("[1e999, -1e999, 1.5]") == [None, None, 1.5]


@given(st.text(alphabet=st.characters(codec=None), max_size=20))
def test_any_text_can_be_written(value: str) -> None:
    """Whatever characters a text has, lone surrogates too, its JSON is UTF-8 and reads back as it was."""
    assert json.loads(json_text.dump({"a": [value]})) == {"a": [value]}
