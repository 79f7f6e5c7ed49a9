"""Each shape that Kibana takes for the same is read as one; another stays what it is."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from kibana_builder.charts.one_shape import in_one_shape
from kibana_builder.json_tree import JsonObject

CASES: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "cases" / "one_shape.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", CASES)
def test_a_state_in_the_one_shape(name: str) -> None:
    """Once in the one shape it stays so, and what was handed in is not touched."""
    written = {"state": {"visualization": copy.deepcopy(CASES[name]["written"])}}
    shape = in_one_shape(written)
    assert shape == {"state": {"visualization": CASES[name]["shape"]}}
    assert in_one_shape(shape) == shape
    assert written == {"state": {"visualization": CASES[name]["written"]}}


def test_the_metric_of_before_8_5_has_another_name_since() -> None:
    """It was centred until 8.3; what it says itself goes before. Today's metric keeps its name."""
    old = {"layerId": "a", "accessor": "b", "titlePosition": "top"}
    new = in_one_shape({"visualizationType": "lnsMetric", "state": {"visualization": old}})
    assert new["visualizationType"] == "lnsLegacyMetric"
    assert new["state"]["visualization"] == {**old, "textAlign": "center"}
    today = {"visualizationType": "lnsMetric", "state": {"visualization": {"layerId": "a", "metricAccessor": "b"}}}
    assert in_one_shape(today) == today


COLUMNS: list[tuple[JsonObject, JsonObject]] = [
    (
        {"operationType": "count", "sourceField": "Records"},
        {"operationType": "count", "sourceField": "___records___"},
    ),
    (
        {"operationType": "last_value", "sourceField": "a", "filter": {"query": "a: *", "language": "kuery"}},
        {"operationType": "last_value", "sourceField": "a", "filter": {"query": '"a": *', "language": "kuery"}},
    ),
    (
        {"operationType": "last_value", "sourceField": "a", "filter": {"query": "b: *", "language": "kuery"}},
        {"operationType": "last_value", "sourceField": "a", "filter": {"query": "b: *", "language": "kuery"}},
    ),
    (
        {"operationType": "static_value", "params": {"value": "9", "formula": "6"}, "references": ["aX0"]},
        {"operationType": "static_value", "params": {"value": "9"}},
    ),
]


@pytest.mark.parametrize(("written", "shape"), COLUMNS)
def test_a_column_in_the_one_shape(written: JsonObject, shape: JsonObject) -> None:
    """Counted records, filters of a last value, and what a fixed number keeps of a formula."""

    def attributes(column: JsonObject) -> JsonObject:
        sources = {"formBased": {"layers": {"l": {"columns": {"a": column}}}}, "textBased": None}
        return {"state": {"visualization": {}, "datasourceStates": sources}}

    before = copy.deepcopy(written)
    assert in_one_shape(attributes(written)) == attributes(shape)
    assert written == before


def test_a_layer_that_shows_nothing_is_left_out_beside_one_that_does() -> None:
    """Lens does not draw it; a chart of nothing else stays what it is."""
    shown, empty = {"layerId": "a", "accessors": ["x"]}, {"layerId": "b", "accessors": []}

    def chart(*layers: dict[str, Any]) -> dict[str, Any]:
        sources = {"formBased": {"layers": {layer["layerId"]: {"columns": {}} for layer in layers}}}
        state = {"visualization": {"layers": list(layers)}, "datasourceStates": sources}
        return {"visualizationType": "lnsXY", "state": state}

    assert in_one_shape(chart(shown, empty)) == in_one_shape(chart(shown))
    assert in_one_shape(chart(empty)) == chart(empty)


OLD_COLUMNS: list[tuple[JsonObject, JsonObject]] = [
    ({"operationType": "avg"}, {"operationType": "average"}),
    ({"operationType": "cardinality"}, {"operationType": "unique_count"}),
    ({"operationType": "derivative"}, {"operationType": "differences"}),
    (
        {"operationType": "date_histogram", "params": {"interval": "auto"}},
        {"operationType": "date_histogram", "params": {"includeEmptyRows": True, "interval": "auto"}},
    ),
    (
        {"operationType": "date_histogram", "params": {"includeEmptyRows": False}},
        {"operationType": "date_histogram", "params": {"includeEmptyRows": False}},
    ),
    (
        {"operationType": "last_value", "params": {"sortField": "t"}},
        {"operationType": "last_value", "params": {"showArrayValues": True, "sortField": "t"}},
    ),
]


@pytest.mark.parametrize(("written", "shape"), OLD_COLUMNS)
def test_a_column_of_before_8_5(written: JsonObject, shape: JsonObject) -> None:
    """What Kibana's migrations add to it; of later states nothing is taken for granted."""

    def attributes(name: str, column: JsonObject) -> JsonObject:
        return {
            "state": {"visualization": {}, "datasourceStates": {name: {"layers": {"l": {"columns": {"a": column}}}}}}
        }

    assert in_one_shape(attributes("indexpattern", written)) == attributes("indexpattern", shape)
    later = {**written, "params": {"includeEmptyRows": False, "showArrayValues": False}}
    made = in_one_shape(attributes("formBased", later))["state"]["datasourceStates"]["formBased"]
    assert made["layers"]["l"]["columns"]["a"]["params"] == later["params"]
    bare = {**written, "params": {}}
    made = in_one_shape(attributes("formBased", bare))["state"]["datasourceStates"]["formBased"]
    assert made["layers"]["l"]["columns"]["a"]["params"] == {}


@pytest.mark.parametrize("attributes", [{}, {"state": None}, {"state": {"visualization": []}}])
def test_what_is_no_state_of_lens_comes_back(attributes: dict[str, Any]) -> None:
    """A file may hold anything."""
    assert in_one_shape(attributes) == attributes
