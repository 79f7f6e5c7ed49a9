"""Which charts are drawn, and what a click on a mark filters by."""

from __future__ import annotations

from kibana_builder.charts import CHARTS
from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.drawing import OTHERS, SPECS, filters_by
from kibana_builder.preview.vega_heatmap import heatmap_spec
from tests.preview.answers import FROM, answer, column, table
from tests.preview.specs import marks

MODEL, LEVEL = column("x", "Model", "string", field="model"), column("y", "Level", "string", field="level")
TIME = column("x", "@timestamp", "date", field="@timestamp")
METRIC = column("metric", "Count")


def pairs(**values: Json) -> list[JsonObject]:
    return [{"field": field, "value": value} for field, value in values.items()]


def test_every_chart_type_of_the_language_is_drawn() -> None:
    """And none is drawn in two ways."""
    assert sorted([*SPECS, *OTHERS]) == sorted(CHARTS)


def test_a_cell_filters_by_both_of_its_names() -> None:
    """The words of the cell begin with those of the filter."""
    chart: JsonObject = {"type": "heatmap", "metric": {}, "x": {}, "y": {}}
    data = answer(table([MODEL, LEVEL, METRIC], [("a", "low", 3.0)]))
    assert filters_by(chart, data) == {"a": pairs(model="a"), "a › low": pairs(model="a", level="low")}
    (cell,) = [row for row in marks(heatmap_spec(chart, data, 400, 300), "rect") if row["said"]]
    assert cell["said"].startswith("a › low · ")


def test_a_cell_of_a_time_filters_by_its_row() -> None:
    """A moment is no value of its field."""
    chart: JsonObject = {"type": "heatmap", "metric": {}, "x": {}, "y": {}}
    data = answer(table([TIME, LEVEL, METRIC], [(FROM, "low", 3.0)]), interval="1h")
    assert filters_by(chart, data) == {"low": pairs(level="low")}
    (cell,) = [row for row in marks(heatmap_spec(chart, data, 400, 300), "rect") if row["said"]]
    assert cell["said"].startswith("low · 2026-11-22 12:00 · ")


def test_what_no_value_stands_for_does_not_filter() -> None:
    """The rest, missing values and empty texts end what a click filters by; intervals have no field at all."""
    groups = [column(f"group_by[{number}]", "", "string", field=field) for number, field in enumerate(("m", "e"))]
    rows = [("a", "Other", 1.0), ("Other", "b", 1.0), ("(missing value)", "b", 1.0), ("(empty)", "b", 1.0)]
    data = answer(table([*groups, column("metrics[0]", "Count")], rows))
    assert filters_by({"type": "pie", "group_by": [{}, {}], "metrics": [{}]}, data) == {"a": pairs(m="a")}


def test_a_mosaic_filters_from_its_columns_inwards() -> None:
    """As its parts lie inside each other."""
    groups = [
        column("group_by[0]", "", "string", field="model"),
        column("group_breakdown_by[0]", "", "string", field="level"),
    ]
    data = answer(table([*groups, METRIC], [("a", "low", 1.0)]))
    found = filters_by({"type": "mosaic", "group_by": [{}], "metric": {}}, data)
    assert found == {"low": pairs(level="low"), "low › a": pairs(level="low", model="a")}


def test_a_part_inside_a_condition_filters_by_its_own_value() -> None:
    """The condition itself is no value of a field."""
    groups = [
        column("group_by[0]", "", "string", field="model"),
        column("group_breakdown_by[0]", "", "filter"),
    ]
    data = answer(table([*groups, METRIC], [("a", "slow", 1.0)]))
    found = filters_by({"type": "mosaic", "group_by": [{}], "metric": {}}, data)
    assert found == {"slow › a": pairs(model="a")}
