"""What is a difference between a file and what Elasticsearch gives back, and what is only its way to write."""

from __future__ import annotations

from typing import Any

import pytest

from kibana_builder.elastic.differences import Difference, differences
from kibana_builder.elastic.resources import Kind


def template(settings: Any = None, **more: Any) -> dict[str, Any]:
    return {"index_patterns": ["a-*"], "template": {"settings": settings or {}}, **more}


@pytest.mark.parametrize(
    ("written", "given"),
    [
        ({"index.number_of_shards": 1}, {"index": {"number_of_shards": "1"}}),
        ({"number_of_shards": 1}, {"index": {"number_of_shards": "1"}}),
        ({"index": {"mapping.ignore_malformed": True}}, {"index": {"mapping": {"ignore_malformed": "true"}}}),
        ({"index.query.default_field": ["a", "b"]}, {"index": {"query": {"default_field": ["a", "b"]}}}),
        ({"index.sort.order": [1]}, {"index": {"sort": {"order": ["1"]}}}),
        ({"index.refresh_interval": None}, {"index": {"refresh_interval": None}}),
    ],
)
def test_settings_are_the_same_in_every_form(written: Any, given: Any) -> None:
    """Flat or nested, with or without index., values or their texts."""
    assert differences(Kind.template, template(written), template(given)) == []


@pytest.mark.parametrize("kind", [Kind.template, Kind.component])
def test_what_elasticsearch_adds_is_no_difference(kind: Kind) -> None:
    """Moments, and what is empty."""
    added = {
        "composed_of": [],
        "ignore_missing_component_templates": [],
        "created_date": "x",
        "modified_date_millis": 2,
    }
    found = template(**added)
    found["template"]["aliases"] = {}
    assert differences(kind, template(), found) == []
    assert differences(kind, {"index_patterns": "a-*"}, {"index_patterns": ["a-*"], "composed_of": []}) == []


def test_everything_else_is_one() -> None:
    """With its path, and both values."""
    wanted = template({"index.number_of_shards": 1}, priority=200, _meta={"a": 0})
    found = template({"index": {"number_of_shards": "2", "codec": "best_compression"}}, _meta={"a": False}, version=3)
    assert differences(Kind.template, wanted, found) == [
        Difference("template.settings.index.number_of_shards", "1", "2"),
        Difference("template.settings.index.codec", None, "best_compression", "file"),
        Difference("priority", 200, None, "cluster"),
        Difference("_meta.a", 0, False),
        Difference("version", None, 3, "file"),
    ]


def test_lists_of_another_length_differ_as_a_whole() -> None:
    """Which item is new cannot be told."""
    wanted, found = {"processors": [{"set": {"a": 1}}]}, {"processors": []}
    assert differences(Kind.pipeline, wanted, found) == [Difference("processors", [{"set": {"a": 1}}], [])]
    assert differences(Kind.pipeline, {"processors": [{"set": {"a": 1}}]}, {"processors": [{"set": {"a": 2}}]}) == [
        Difference("processors[0].set.a", 1, 2)
    ]


def policy(**phases: Any) -> dict[str, Any]:
    return {"policy": {"phases": phases}}


def test_defaults_of_an_action_are_no_difference() -> None:
    """Elasticsearch writes them out: the age of a phase, the options of an action."""
    wanted = policy(hot={}, delete={"min_age": "30d", "actions": {"delete": {}}})
    found = policy(
        hot={"min_age": "0ms", "actions": {}},
        delete={"min_age": "30d", "actions": {"delete": {"delete_searchable_snapshot": True}}},
    )
    assert differences(Kind.policy, wanted, {**found, "version": 4, "modified_date": "x", "in_use_by": {}}) == []


def test_other_actions_and_phases_are() -> None:
    """What somebody added by hand shows."""
    wanted = policy(hot={"actions": {"rollover": {"max_age": "1d"}}})
    found = policy(
        hot={"min_age": "0ms", "actions": {"rollover": {"max_age": "2d"}, "readonly": {}}}, warm={"actions": {}}
    )
    assert [difference.path for difference in differences(Kind.policy, wanted, found)] == [
        "phases.hot.actions.rollover.max_age",
        "phases.hot.actions.readonly",
        "phases.warm",
    ]
