"""Every reference of a spec is found, with the path at which it is written."""

from __future__ import annotations

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.spec.references import Reference, references

DRILLDOWNS: Json = [{"type": "dashboard_drilldown", "dashboard_id": "detail"}, {"type": "url_drilldown", "url": "x"}]
CHART: JsonObject = {
    "type": "xy",
    "data_source": "one",
    "filters": [{"type": "condition", "data_view_id": "two"}, {"type": "dsl"}],
    "layers": [
        {"type": "line", "data_source": {"type": "data_view_reference", "ref_id": "three"}},
        {"type": "line", "data_source": {"type": "data_view_spec", "index_pattern": "x-*"}},
    ],
    "drilldowns": DRILLDOWNS,
}


def found(*path: str | int) -> list[Reference]:
    return [
        Reference("data_view", "one", (*path, "data_source"), False),
        Reference("data_view", "two", (*path, "filters", 0, "data_view_id"), True),
        Reference("data_view", "three", (*path, "layers", 0, "data_source", "ref_id"), True),
        Reference("dashboard", "detail", (*path, "drilldowns", 0, "dashboard_id"), True),
    ]


def test_references_of_a_visualization() -> None:
    """Its data sources, also those of layers, filters, drilldowns."""
    assert list(references("visualization", CHART)) == found()


def test_references_of_a_dashboard() -> None:
    """Those of its filters, controls and panels, also of panels in sections."""
    dashboard: JsonObject = {
        "title": "A",
        "filters": [{"type": "condition", "data_view_id": "four"}],
        "pinned_panels": [{"type": "options_list_control", "config": {"data_view_id": "five", "field_name": "a"}}],
        "panels": [
            {"visualization": "latency", "inline": True, "config": {"drilldowns": DRILLDOWNS}},
            {"title": "Section", "panels": [{"type": "vis", "config": {"ref_id": "uuid"}}]},
            {"title": "Empty"},
            {"type": "vis", "config": CHART},
            {"type": "markdown", "config": {"content": ""}},
        ],
    }
    assert list(references("dashboard", dashboard)) == [
        Reference("data_view", "four", ("filters", 0, "data_view_id"), True),
        Reference("data_view", "five", ("pinned_panels", 0, "config", "data_view_id"), True),
        Reference("visualization", "latency", ("panels", 0, "visualization"), False, inline=True),
        Reference("dashboard", "detail", ("panels", 0, "config", "drilldowns", 0, "dashboard_id"), True),
        Reference("visualization", "uuid", ("panels", 1, "panels", 0, "config", "ref_id"), True),
        *found("panels", 3, "config"),
    ]
