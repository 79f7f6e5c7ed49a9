"""What a chart can say and Kibana cannot draw is refused, at its place."""

from __future__ import annotations

from typing import Any

import pytest

from kibana_builder.charts import UnsayableError, from_lens, to_lens
from kibana_builder.problem import NotExpressible

SOURCE = {"type": "data_view_reference", "ref_id": "ml-metrics"}
COUNT = {"operation": "count"}
TIME = {"operation": "date_histogram", "field": "@timestamp"}
MODELS = {"operation": "terms", "fields": ["model"]}
COLOR = {"mode": "categorical", "palette": "default", "mapping": []}


def xy(*layers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "xy",
        "layers": [{"data_source": SOURCE, "x": TIME, "y": [COUNT], **layer} for layer in layers],
        **more,
    }


@pytest.mark.parametrize(
    ("chart", "path", "words"),
    [
        (xy({"type": "line"}, {"type": "bar_horizontal"}), ("layers", 1, "type"), "horizontal bars"),
        (
            xy({"type": "line"}, axis={"y": {"domain": {"type": "custom", "min": 5, "max": 5}}}),
            ("axis", "y", "domain"),
            "no length",
        ),
        (xy({"type": "line"}, axis={"x": {"scale": "linear"}}), ("axis", "x", "scale"), "temporal"),
        (
            {
                "type": "pie",
                "data_source": SOURCE,
                "metrics": [COUNT],
                "group_by": [MODELS, {**MODELS, "color": COLOR}],
            },
            ("group_by", 1, "color"),
            "first group",
        ),
        (
            {
                "type": "data_table",
                "data_source": SOURCE,
                "metrics": [COUNT],
                "styling": {"sort_by": {"column_type": "row", "index": 0, "direction": "asc"}},
            },
            ("styling", "sort_by", "index"),
            "0 rows",
        ),
        (
            {"type": "metric", "data_source": SOURCE, "metrics": [{**COUNT, "type": "secondary"}]},
            ("metrics", 0, "type"),
            "say primary",
        ),
    ],
)
def test_what_kibana_cannot_draw_is_refused_at_its_place(
    chart: dict[str, Any], path: tuple[Any, ...], words: str
) -> None:
    """Nothing is dropped silently, and the finding leads to the property."""
    with pytest.raises(NotExpressible, match=words) as raised:
        to_lens(chart)
    assert raised.value.finding.path == path


def test_two_differences_of_like_named_fields_do_not_share_a_column() -> None:
    """A helper column's id is none that a field's name could make."""
    fields = ["bytes_of", "bytes"]
    y = [{"operation": "differences", "of": {"operation": "sum", "field": name}} for name in fields]
    state = to_lens(xy({"type": "line", "y": y})).attributes["state"]
    (layer,) = state["datasourceStates"]["formBased"]["layers"].values()
    assert sorted(column["operationType"] for column in layer["columns"].values()) == [
        *("date_histogram", "differences", "differences", "sum", "sum")
    ]


def test_the_collapsed_groups_of_a_pie_are_passed_over_for_its_colours() -> None:
    """Kibana colours the first group that it draws."""
    collapsed = {"operation": "terms", "fields": ["region"], "collapse_by": "sum"}
    groups = [collapsed, {**MODELS, "color": COLOR}]
    chart = {"type": "pie", "data_source": SOURCE, "metrics": [COUNT], "group_by": groups}
    made = to_lens(chart)
    again = from_lens(made.attributes, made.references)
    assert "color" not in again["group_by"][0]
    assert again["group_by"][1]["color"] == COLOR


@pytest.mark.parametrize("value", ["Infinity", "nan", "x", None, []])
def test_a_stored_static_value_that_is_no_number_has_no_words(value: Any) -> None:
    """Kibana stores anything; nothing of it is a traceback."""
    made = to_lens({"type": "metric", "data_source": SOURCE, "metrics": [{**COUNT, "type": "primary"}]})
    (layer,) = made.attributes["state"]["datasourceStates"]["formBased"]["layers"].values()
    (column_id,) = layer["columns"]
    layer["columns"][column_id] = {"operationType": "static_value", "params": {"value": value}}
    with pytest.raises(UnsayableError):
        from_lens(made.attributes, made.references)
