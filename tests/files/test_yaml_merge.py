"""Changing a text: it says the new value, and what says the same keeps its characters, its comments first of all."""

from __future__ import annotations

import copy
import difflib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibana_builder.files.yaml_file import parse_yaml
from kibana_builder.files.yaml_merge import matches, merge_yaml, overlaid
from kibana_builder.files.yaml_writer import write_yaml
from kibana_builder.json_tree import Json, JsonObject, same
from tests.files.test_yaml_writer import texts, values

DASHBOARD = """\
# The shop, at a glance.
title: 'Shop' # as on the wall
description:   "All   of it"
time_range: {from: now-24h, to: now} # the long form
tags: [shop, 'on call'] # two teams

panels: # in reading order
  # --- First screen
  - type: markdown
    id: header
    config:
      content: |
        # Orders

        All of them.

  - visualization: orders # the one that counts
    grid: {x: 0, y: 4, w: 24, h: 15}
    config:
      drilldowns: &details # the same below
        - type: dashboard_drilldown
          label: "Details" # short
          dashboard_id: detail

  # --- Below
  - visualization: revenue
    config: {drilldowns: *details, hide_title: true}
  - type: vis
    config:
      title: Inline
      metrics:
      - {operation: count}
      - { operation: average , field: price }   # spaces
# The end.
"""


def read(text: str) -> Json:
    return parse_yaml(text.encode(), "old.yaml").value


def changed(text: str, change: Callable[[JsonObject], object]) -> tuple[list[str], list[str]]:
    """Merge a change; give the lines that changed, as `- old` and `+ new`, and the comments that were lost."""
    value = copy.deepcopy(read(text))
    change(value)
    merged = merge_yaml(text, value)
    assert same(read(merged.text), value)
    lines = difflib.ndiff(text.splitlines(), merged.text.splitlines())
    return [line for line in lines if line[0] in "+-"], merged.lost


def test_nothing_changes() -> None:
    assert merge_yaml(DASHBOARD, read(DASHBOARD)).text == DASHBOARD


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (
            lambda v: v.update(title="It's new"),
            ["- title: 'Shop' # as on the wall", "+ title: 'It''s new' # as on the wall"],
        ),
        (lambda v: v.update(title=5), ["- title: 'Shop' # as on the wall", "+ title: 5 # as on the wall"]),
        (
            lambda v: v.update(description="Less"),
            ['- description:   "All   of it"', '+ description:   "Less"'],
        ),
        (
            lambda v: v["tags"].append("a, b"),
            ["- tags: [shop, 'on call'] # two teams", "+ tags: [shop, 'on call', \"a, b\"] # two teams"],
        ),
        (
            lambda v: v["tags"].pop(0),
            ["- tags: [shop, 'on call'] # two teams", "+ tags: ['on call'] # two teams"],
        ),
        (
            lambda v: v.update(time_range="now-7d"),
            ["- time_range: {from: now-24h, to: now} # the long form", "+ time_range: now-7d # the long form"],
        ),
        (
            lambda v: v["panels"][1]["grid"].update(w=48),
            ["-     grid: {x: 0, y: 4, w: 24, h: 15}", "+     grid: {x: 0, y: 4, w: 48, h: 15}"],
        ),
        (
            lambda v: v["panels"][3]["config"]["metrics"][1].update(field="cost"),
            [
                "-       - { operation: average , field: price }   # spaces",
                "+       - { operation: average , field: cost }   # spaces",
            ],
        ),
        (
            lambda v: v["panels"][0]["config"].update(content="# Orders\n\nSome of them.\n"),
            ["-         All of them.", "+         Some of them."],
        ),
    ],
    ids=lambda given: "" if callable(given) else given[1],
)
def test_one_value(change: Callable[[JsonObject], object], lines: list[str]) -> None:
    """Its line changes, in its own quotes and spaces, and no other; the comment behind it stays."""
    assert changed(DASHBOARD, change) == (lines, [])


def test_a_new_property_follows_the_one_before_it() -> None:
    lines, lost = changed(DASHBOARD, lambda v: v["panels"][0]["config"].update(title="Head"))
    assert (lines, lost) == (["+       title: Head"], [])
    wanted = {"title": "A", "tags": ["b"], "panels": []}
    written = read("title: A\npanels: []\n")
    assert list(overlaid(written, {"title": "A", "panels": []}, wanted)) == ["title", "tags", "panels"]


def test_a_panel_in_between() -> None:
    """An inserted panel rewrites no other."""
    panel = {"visualization": "new", "grid": {"x": 0, "y": 0, "w": 1, "h": 1}}
    lines, lost = changed(DASHBOARD, lambda v: v["panels"].insert(2, panel))
    assert (lines, lost) == (["+   - visualization: new", "+     grid: {x: 0, y: 0, w: 1, h: 1}"], [])


def test_a_removed_panel() -> None:
    """The comments above it stay; those inside it go with it, and are named."""
    lines, lost = changed(DASHBOARD, lambda v: v["panels"].pop(0))
    assert [line for line in lines if "#" in line] == ["-         # Orders"]
    assert lost == []
    lines, lost = changed(DASHBOARD, lambda v: v["panels"].pop(3))
    assert all(line.startswith("-") for line in lines)
    assert lost == ["# spaces"]


def test_a_moved_panel_takes_its_comments_along() -> None:
    lines, lost = changed(DASHBOARD, lambda v: v["panels"].insert(1, v["panels"].pop(2)))
    assert lost == []
    assert "+   # --- Below" in lines
    assert "-   # --- Below" in lines


def test_an_alias_that_parts_from_its_anchor_is_written_out() -> None:
    """The smallest part is: the alias when it changes, and when the anchor does."""
    spelled_out = [
        "-     config: {drilldowns: *details, hide_title: true}",
        *("+     config:", "+       drilldowns:", "+         - type: dashboard_drilldown"),
    ]
    lines, lost = changed(DASHBOARD, lambda v: v["panels"][2]["config"]["drilldowns"][0].update(label="Other"))
    assert lost == []
    assert lines[0] == spelled_out[0]
    lines, lost = changed(DASHBOARD, lambda v: v["panels"][1]["config"]["drilldowns"][0].update(label="Other"))
    assert lost == []
    assert {'-           label: "Details" # short', '+           label: "Other" # short', spelled_out[0]} <= set(lines)


def test_an_alias_follows_its_anchor() -> None:
    """Where both change alike, only the anchor's text changes."""

    def change(value: JsonObject) -> None:
        for index in (1, 2):
            value["panels"][index]["config"]["drilldowns"][0]["label"] = "Other"

    assert changed(DASHBOARD, change) == (
        ['-           label: "Details" # short', '+           label: "Other" # short'],
        [],
    )


def test_a_removed_anchor() -> None:
    """What its aliases stood for stays."""
    lines, lost = changed(DASHBOARD, lambda v: v["panels"].pop(1))
    assert lost == ["# the one that counts", "# the same below", "# short"]
    spelled_out = "[{type: dashboard_drilldown, label: Details, dashboard_id: detail}]"
    assert f"+     config: {{drilldowns: {spelled_out}, hide_title: true}}" in lines


def test_a_line_that_gets_too_long_is_broken() -> None:
    lines, _ = changed(DASHBOARD, lambda v: v["panels"][1]["grid"].update({f"key_{n}": "long" * 5 for n in range(5)}))
    assert lines[:3] == ["-     grid: {x: 0, y: 4, w: 24, h: 15}", "+     grid:", "+       x: 0"]


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "b": [1, 2]}',
        "{a: 1, # one\n b: [1,\n 2], # two\n}\n",
        "a: 1 # one\nb:\n- 1\n- 2 # two\n",
        "---\n  a: 1\n  b: [1, 2]\n...\n",
        "a: 1\r\nb: # list\r\n  - 1\r\n  - 2\r\n",
        "? a\n: 1\n? b\n: - 1\n  - 2\n",
        "b: &x [1, 2]\na: &y 1\n",
        "a: 1\nb:\n  # first\n  - 1\n\n  # second\n  - 2\n\n# end\n",
        "# only\na: 1\nb: [1, 2]",
        "a: >-\n  1\nb: |+\n  x\n\n\nc:\n",
    ],
)
def test_every_way_of_writing(text: str) -> None:
    """JSON, braces over lines, lists without indentation, documents, Windows' line ends, explicit keys."""
    old = read(text)
    for new in (old | {"a": 7}, old | {"b": [2, 3]}, old | {"c": {"d": [{"e": "\n"}]}}, {"b": []}, {"z": "é"}):
        merged = merge_yaml(text, new)
        assert same(read(merged.text), new)
        assert ("\r\n" in merged.text) == ("\r\n" in text)
        kept = merge_yaml(text, old | {"a": 7})
        assert kept.lost == []


objects = st.dictionaries(texts, values, min_size=1, max_size=5)


@given(objects, objects, st.randoms(use_true_random=False))
def test_whatever_changes(old: JsonObject, other: JsonObject, chance) -> None:
    """The new text says the new value, and a comment at the top is never lost."""
    new = dict(old)
    for key in old:
        what = chance.choice(["keep", "drop", "replace", "grow"])
        if what == "drop":
            del new[key]
        elif what == "replace":
            new[key] = chance.choice(list(other.values()))
        elif what == "grow" and isinstance(old[key], list):
            new[key] = chance.sample(old[key], len(old[key])) + list(other.values())
        elif what == "grow" and isinstance(old[key], dict):
            new[key] = {**old[key], **other}
    new |= other if chance.random() < 0.3 or not new else {}
    merged = merge_yaml("# top\n" + write_yaml(old), new)
    assert same(read(merged.text), new)
    assert merged.text.startswith("# top\n") or merged.lost == ["# top"]


def test_matches() -> None:
    """Equal entries, then those of one name, then those of one type, each once."""
    old = [
        {"type": "markdown", "config": {"content": "a"}},
        {"visualization": "latency"},
        {"type": "vis", "config": {"title": "P 95", "type": "xy"}},
        {"operation": "percentile", "field": "t", "percentile": 95},
    ]
    new = [
        {"visualization": "other"},
        {"type": "vis", "id": "p-95", "config": {"title": "P95", "type": "xy"}},
        {"visualization": "latency", "grid": {}},
        {"type": "markdown", "config": {"content": "b"}},
        {"operation": "percentile", "field": "t", "percentile": 99},
        {"operation": "percentile", "field": "t", "percentile": 95},
    ]
    assert matches(old, new) == [None, 2, 1, 0, None, 3]
    assert matches([1, True, "1"], ["1", 1, 2]) == [2, 0, None]


def test_what_means_the_same_stays_as_it_was_written() -> None:
    """Long forms, and defaults that somebody wanted to see."""
    written = {"query": {"expression": "a", "language": "kql"}, "percentile": 95, "y": [{"min": {"value": 0}}]}
    meant = {"query": "a", "y": [{"min": 0}]}
    assert overlaid(written, meant, dict(meant)) is written
    assert overlaid(written, meant, {"query": "b", "y": [{"min": 0}]}) == written | {"query": "b"}
    assert overlaid(written, meant, meant | {"percentile": 99}) == written | {"percentile": 99}
    assert overlaid(written, meant, {"query": "a", "y": [{"min": 1}]}) == written | {"y": [{"min": 1}]}
    assert overlaid(written, meant, {"query": "a"}) == {"query": written["query"], "percentile": 95}
