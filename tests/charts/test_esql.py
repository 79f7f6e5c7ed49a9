"""Charts over ES|QL: columns of an answer instead of operations, and what such a chart cannot say."""

from __future__ import annotations

from typing import Any

import pytest

from kibana_builder.charts import UnsayableError, from_lens, to_lens
from kibana_builder.charts.esql import index_pattern_of
from kibana_builder.charts.mapping import find
from kibana_builder.json_tree import JsonObject
from kibana_builder.problem import NotExpressible

SOURCE: JsonObject = {"type": "esql", "query": "FROM logs-* | STATS c = COUNT(*) BY t"}
DATA_VIEW: JsonObject = {"type": "data_view_reference", "ref_id": "logs"}
COUNT: JsonObject = {"operation": "count"}
LAYER: JsonObject = {"type": "line", "data_source": SOURCE, "x": {"column": "t"}, "y": [{"column": "c"}]}


@pytest.mark.parametrize(
    ("query", "pattern"),
    [
        ("FROM logs-*", "logs-*"),
        ("from logs-*, metrics-* | limit 3", "logs-*,metrics-*"),
        ('FROM "logs-*" METADATA _id, _index\n| LIMIT 3', "logs-*"),
        ("// all of them\nFROM a /* and */, b | WHERE c == 1", "a,b"),
        ("TS metrics-* | STATS c = COUNT(*)", "metrics-*"),
        ("ROW a = 1", ""),
        ("FROM", ""),
    ],
)
def test_the_indices_of_a_query(query: str, pattern: str) -> None:
    """What stands between FROM and the first pipe, without what it asks beside."""
    assert index_pattern_of(query) == pattern


def test_a_layer_over_esql() -> None:
    """The query stands in the layer and in the chart; the data view of its indices is made with it."""
    chart = {"type": "xy", "layers": [{**LAYER, "data_source": {**SOURCE, "time_field": "@timestamp"}}]}
    state = to_lens(chart).attributes["state"]
    assert state["query"] == {"esql": SOURCE["query"]}
    assert state["datasourceStates"]["formBased"] == {"layers": {}}
    layer = state["datasourceStates"]["textBased"]["layers"]["layer_line"]
    assert (layer["query"], layer["timeField"]) == (state["query"], "@timestamp")
    assert [column["fieldName"] for column in layer["columns"]] == ["t", "c"]
    (data_view,) = state["adHocDataViews"].values()
    facts = {"title": "logs-*", "timeFieldName": "@timestamp", "type": "esql", "id": layer["index"]}
    assert facts.items() <= data_view.items()
    (reference,) = state["internalReferences"]
    assert reference["name"] == "textBasedLanguages-datasource-layer-layer_line"


@pytest.mark.parametrize(
    ("scale", "said", "kind"),
    [
        (None, {}, "string"),
        ("temporal", {}, "date"),
        ("linear", {}, "number"),
        (None, {"data_type": "date"}, "date"),
        ("temporal", {"data_type": "date"}, "date"),
        (None, {"data_type": "unknown"}, None),
    ],
)
def test_the_type_of_an_x_axis(scale: str | None, said: JsonObject, kind: str | None) -> None:
    """The scale of the axis says it, or the column; a column of unknown type has none."""
    chart = {"type": "xy", "layers": [{**LAYER, "x": {"column": "t", **said}}]}
    chart |= {"axis": {"x": {"scale": scale}}} if scale else {}
    layer = to_lens(chart).attributes["state"]["datasourceStates"]["textBased"]["layers"]["layer_line"]
    assert find(layer["columns"][0], ("meta", "type")) == kind or "meta" not in layer["columns"][0]


REFUSED: dict[str, tuple[JsonObject, tuple[str | int, ...]]] = {
    "an operation": ({"type": "gauge", "data_source": SOURCE, "metric": COUNT}, ("metric",)),
    "a column of a data view": (
        {"type": "gauge", "data_source": DATA_VIEW, "metric": {"column": "c"}},
        ("metric", "column"),
    ),
    "a fixed number": (
        {
            "type": "gauge",
            "data_source": SOURCE,
            "metric": {"column": "c", "min": {"operation": "static_value", "value": 0}},
        },
        ("metric", "min"),
    ),
    "a query of the chart": (
        {"type": "gauge", "data_source": SOURCE, "query": {"expression": "a: 1"}, "metric": {"column": "c"}},
        ("query",),
    ),
    "sampling": ({"type": "gauge", "data_source": SOURCE, "sampling": 0.5, "metric": {"column": "c"}}, ("sampling",)),
    "a layer over a data view": (
        {"type": "xy", "layers": [LAYER, {"type": "bar", "data_source": DATA_VIEW, "y": [COUNT]}]},
        ("layers",),
    ),
    "an order of counting": (
        {"type": "xy", "layers": [{**LAYER, "breakdown_by": {"column": "h", "aggregate_first": True}}]},
        ("layers", 0, "breakdown_by", "aggregate_first"),
    ),
    "a trend": (
        {
            "type": "metric",
            "data_source": SOURCE,
            "metrics": [{"type": "primary", "column": "c", "background_chart": {"type": "trend"}}],
        },
        (),
    ),
    "another scale than the column's": (
        {
            "type": "xy",
            "axis": {"x": {"scale": "linear"}},
            "layers": [{**LAYER, "x": {"column": "t", "data_type": "date"}}],
        },
        ("axis", "x", "scale"),
    ),
    "a table of a data view without metrics": (
        {"type": "data_table", "data_source": DATA_VIEW, "rows": [{"operation": "terms", "fields": ["a"]}]},
        ("metrics",),
    ),
}


@pytest.mark.parametrize(("chart", "path"), REFUSED.values(), ids=REFUSED)
def test_what_a_chart_over_esql_cannot_say(chart: JsonObject, path: tuple[str | int, ...]) -> None:
    """The refusal names the property."""
    with pytest.raises(NotExpressible) as refused:
        to_lens(chart)
    assert refused.value.finding.path[: len(path)] == path


@pytest.mark.parametrize(
    "change",
    [{"query": None}, {"query": {}}, {"columns": {}}, {"columns": [{}]}, {"columns": [{"columnId": "layer_line_x"}]}],
)
def test_broken_layers_have_no_words(change: dict[str, Any]) -> None:
    """A state may have anything where a list or an object belongs."""
    made = to_lens({"type": "xy", "layers": [LAYER]})
    made.attributes["state"]["datasourceStates"]["textBased"]["layers"]["layer_line"] |= change
    with pytest.raises(UnsayableError):
        from_lens(made.attributes, made.references)
