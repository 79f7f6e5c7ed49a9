"""Data views: what kbuild.yaml says of one, in both directions."""

from __future__ import annotations

import json

import pytest

from kibana_builder.json_tree import JsonObject
from kibana_builder.saved.data_view import from_data_view, to_data_view
from kibana_builder.saved.normal_form import DATA_VIEW_PROPERTIES
from tests.shared_material import GOLD, needs_shared

CASES = [
    ({"index_pattern": "logs-*"}, {"title": "logs-*"}),
    (
        {"index_pattern": "ml-*", "time_field": "@timestamp", "title": "ML"},
        {"title": "ml-*", "timeFieldName": "@timestamp", "name": "ML"},
    ),
]


@pytest.mark.parametrize(("said", "attributes"), CASES)
def test_a_data_view_in_both_directions(said: JsonObject, attributes: JsonObject) -> None:
    """Kibana calls the pattern a title, and the title a name; what is not said is not written."""
    item = to_data_view("a", {**said, "template": "t.json", "id": "a"})
    assert (item["type"], item["id"]) == ("index-pattern", "a")
    assert item["attributes"] == attributes
    assert from_data_view(item) == said


def test_what_belongs_to_its_users_is_not_said() -> None:
    """Runtime fields, formats and labels."""
    item = to_data_view("a", {"index_pattern": "logs-*"})
    item["attributes"] |= {"runtimeFieldMap": '{"hour":{"type":"long"}}', "fieldAttrs": '{"a":{"count":3}}'}
    assert from_data_view(item) == {"index_pattern": "logs-*"}


@needs_shared
def test_the_gold_data_view() -> None:
    """What a project decides of a data view is what the gold object says."""
    gold = json.loads((GOLD / "authored" / "index-pattern.ml-metrics.json").read_text("utf-8"))
    said = {"index_pattern": "ml-metrics-*", "time_field": "@timestamp", "title": "ML metrics"}
    made = to_data_view("ml-metrics", said)
    for name in DATA_VIEW_PROPERTIES:
        assert made["attributes"][name] == gold["attributes"][name]
    assert {key: made[key] for key in made if key != "attributes"} == {
        key: gold[key] for key in gold if key != "attributes"
    }
