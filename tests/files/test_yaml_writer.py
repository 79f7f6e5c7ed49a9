"""New YAML text: whatever the value, it is read back as it was; and it looks like the examples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibana_builder.files.example import example_files, example_folder
from kibana_builder.files.yaml_file import MAX_DEPTH, parse_yaml, read_yaml
from kibana_builder.files.yaml_writer import Unwritable, in_order, write_yaml
from kibana_builder.json_tree import Json, JsonObject, same
from tests.spec.documents import GOOD_DASHBOARDS, GOOD_PROJECTS, GOOD_VISUALIZATIONS

AWKWARD = (
    *("a:?", "a:?b", "a?", "a?b", "a:-", "a:!b", "a:&b", "a:|"),
    *("", " ", "~", "null", "true", "True", "false", "on", "off", "yes", "no", "y", "1", "1e3", "0x1"),
    *("0o7", "-", "--", "---", "...", "- a", "?", "? a", ":", "a:", "a: b", ":a", "a:b", "#", "a #b"),
    *("a#b", "&a", "*a", "!a", "!!str a", "|", ">", "'", '"', "'a'", '"a"', "%", "@a", "`a`", "[", "]"),
    *("{", "}", "[a]", "{a: b}", "a, b", "a,b", "a]", ",", ".inf", "-.inf", ".nan", "1e999", "+1", "1_000"),
    *("12:30", "2026-01-01", "<<", "=", "\\", "a\\n", "\t", "a\tb", "\n", "a\n", "a\n\n", "\na", "a\nb"),
    *("a\n b\n", " a\nb", "a \nb ", "a\n \nb", "a\n\nb\n", "a\r\nb", "\r", "a\n\tb", "\x00", "\x07"),
    *("\x1b[31m", "\x7f", "\x85", "\u2028", "\u2029", "\ufeff", "a\ufeffb", "\xa0", "\u200f", "\uffff"),
    *("Ünïcödé", "日本語", "🙂", "a: 🙂", "# no comment", "trailing ", " leading", "a" * 2000, "a b " * 500),
    "x: " * 500,
)
"""Texts that a careless writer would lose, each for a reason of its own."""

texts = st.sampled_from(AWKWARD) | st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def read(text: str) -> Json:
    return parse_yaml(text.encode(), "new.yaml").value


@given(st.dictionaries(texts, values, min_size=1, max_size=5))
def test_whatever_is_written_is_read_back(value: JsonObject) -> None:
    assert same(read(write_yaml(value)), value)


@pytest.mark.parametrize("text", AWKWARD)
def test_awkward_texts(text: str) -> None:
    """As a value, in a list, as a key, on a line of its own and inside braces."""
    value = {
        "a": text,
        "b": [text],
        text: {text: text},
        "c": [{"d": text, text: [text, text]}],
        "e": {"f": {"g": text}},
    }
    assert same(read(write_yaml(value)), value)


@pytest.mark.parametrize("number", [0, -1, 10**20, 1.5, -0.0, 1e16, 5e-324, 1e308, 0.1 + 0.2])
def test_numbers(number: float) -> None:
    value = read(write_yaml({"a": number}))["a"]
    assert (type(value), repr(value)) == (type(number), repr(number))


@pytest.mark.parametrize(
    "value",
    [
        {**GOOD_VISUALIZATIONS, **GOOD_DASHBOARDS, **GOOD_PROJECTS}[name]
        for name in (*GOOD_VISUALIZATIONS, *GOOD_DASHBOARDS, *GOOD_PROJECTS)
    ],
)
def test_documents(value: JsonObject) -> None:
    """Real documents come back, whatever the order of their keys."""
    assert same(read(write_yaml(in_order(value))), value)


def nested(depth: int) -> Json:
    value: Json = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        "half \ud83d",
        float("nan"),
        float("inf"),
        10**400,
        10**5000,
        nested(MAX_DEPTH),
        nested(900),
    ],
    ids=["surrogate", "nan", "infinity", "digits", "very many digits", "too deep", "much too deep"],
)
def test_what_yaml_cannot_say_is_refused(value: Json) -> None:
    """It is never written otherwise than it is, and never makes a file that cannot be read."""
    with pytest.raises(Unwritable):
        write_yaml({"a": value})


def test_the_deepest_that_can_be_read_can_be_written() -> None:
    value = {"a": nested(MAX_DEPTH - 1)}
    assert read(write_yaml(value)) == value


DASHBOARD = """\
title: Shop
description: "Orders: all of them"
tags: [shop, on]
time_range: now-24h
pinned_panels:
  - type: options_list_control
    config: {title: Country, data_view_id: orders, field_name: country}
panels:
  - type: markdown
    grid: {x: 0, y: 0, w: 48, h: 4}
    config:
      content: |
        # Orders

        All of them.
  - visualization: orders-by-country
    grid: {x: 0, y: 4, w: 24, h: 15}
  - type: vis
    grid: {x: 24, y: 4, w: 24, h: 15}
    config:
      type: xy
      title: Revenue
      layers:
        - type: line
          data_source: orders
          x: {operation: date_histogram, field: "@timestamp"}
          y:
            - {operation: sum, field: price, label: Revenue, format: {type: number, decimals: 0, suffix: " €"}}
            - operation: formula
              formula: "sum(price, kql='country : DE') / sum(price)"
              label: Of it in Germany, which is where most of the orders come from
              color: {type: static, color: "#54B399"}
          breakdown_by: {operation: terms, fields: [country, city], limit: 5}
      axis:
        y: {title: {text: €}}
      styling: {interpolation: smooth}
"""


def test_style() -> None:
    """Short mappings on a line, the large parts in lines, quotes where they are needed, blocks of text."""
    assert write_yaml(read(DASHBOARD)) == DASHBOARD


def test_the_order_of_keys() -> None:
    """That of the examples, whatever order they come in; what is kept word for word stays."""
    shuffled = {
        "panels": [{"config": {}, "grid": {"h": 1, "w": 1, "y": 0, "x": 0}, "type": "markdown"}],
        "raw": {"title": 1, "a": {"title": 1, "type": 2}},
        "tags": [],
        "unknown": {"z": 1, "a": 2},
        "title": "A",
    }
    ordered = in_order(shuffled)
    assert same(ordered, shuffled)
    assert list(ordered) == ["title", "tags", "unknown", "panels", "raw"]
    assert list(ordered["panels"][0]) == ["type", "grid", "config"]
    assert list(ordered["panels"][0]["grid"]) == ["x", "y", "w", "h"]
    assert list(ordered["unknown"]) == ["z", "a"]
    assert list(ordered["raw"]["a"]) == ["title", "type"]


def test_the_examples_are_in_that_style() -> None:
    """Beside comments and empty lines, nearly every line of the examples is as it would be written anew."""
    same_lines = lines = 0
    for name in (name for name in example_files() if name.startswith(("dashboards/", "visualizations/"))):
        file = read_yaml(example_folder() / name, name)
        written = set(write_yaml(in_order(file.value)).splitlines())
        said = [line.split(" # ")[0] for line in file.text.splitlines() if line.strip() and line.strip()[0] != "#"]
        lines += len(said)
        same_lines += sum(line in written for line in said)
    assert same_lines / lines > 0.9
