"""Laws over every good visualization of the language: compile, read back, compile again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kibana_builder.charts import from_lens, to_lens
from kibana_builder.saved.raw import remainder
from kibana_builder.spec.shorthands import Names, expand
from tests.spec.documents import GOOD_VISUALIZATIONS

NAMES = Names(data_views={"ml-metrics": "ml-metrics"})
Document = dict[str, Any]


def document(name: str) -> Document:
    return expand("visualization", GOOD_VISUALIZATIONS[name], NAMES)


@pytest.mark.parametrize("name", GOOD_VISUALIZATIONS)
def test_reading_back_and_compiling_again_gives_the_same_state(name: str) -> None:
    """What Lens holds is read back so completely that compiling it gives the same state, leaf for leaf."""
    chart = to_lens(document(name))
    again = to_lens(from_lens(chart.attributes, chart.references))
    assert remainder(chart.attributes, again.attributes) == ({}, [])
    assert again.references == chart.references


@pytest.mark.parametrize("name", GOOD_VISUALIZATIONS)
def test_compiling_is_deterministic_and_leaves_the_document_alone(name: str) -> None:
    """The same document gives the same bytes, and is not changed by it."""
    chart = document(name)
    before = json.dumps(chart)
    first, second = to_lens(chart), to_lens(chart)
    assert json.dumps(first.attributes) == json.dumps(second.attributes)
    assert json.dumps(chart) == before


@pytest.mark.parametrize("name", GOOD_VISUALIZATIONS)
def test_every_accessor_names_a_column(name: str) -> None:
    """Whatever the visualization or an order refers to is a column of one of its layers."""
    state = to_lens(document(name)).attributes["state"]
    layers = state["datasourceStates"]["formBased"]["layers"]
    texts = state["datasourceStates"]["textBased"]["layers"]
    columns = {column_id for layer in layers.values() for column_id in layer["columns"]}
    columns |= {column["columnId"] for layer in texts.values() for column in layer["columns"]}
    for layer in layers.values():
        assert layer["columnOrder"] == list(layer["columns"])
        for column in layer["columns"].values():
            assert set(column.get("references", [])) <= columns
            order = column["params"].get("orderBy", {})
            assert order.get("columnId", next(iter(columns))) in columns
    drawn = [layer for layer in state["visualization"].get("layers", []) if layer["layerType"] != "annotations"]
    text = json.dumps({**state["visualization"], "layers": drawn})
    accessors = {word for word in text.split('"') if word.startswith("layer_")} - layers.keys() - texts.keys()
    # A column that is spread over the values of another one is named after both.
    assert {word.rpartition("---")[2] for word in accessors} <= columns
