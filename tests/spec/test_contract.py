"""The shortest form says the same: `expand` gives the document back, and each shorthand is taken where it can be."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from kibana_builder.json_tree import Json, JsonObject, same
from kibana_builder.spec.check import check
from kibana_builder.spec.contract import contract
from kibana_builder.spec.shorthands import Kind, Names, expand
from tests.shared_material import SHARED, needs_shared
from tests.spec.documents import GOOD_DASHBOARDS, GOOD_VISUALIZATIONS

DATA_VIEWS = {"ml-metrics": "shop-ml-metrics", "also-ml-metrics": "shop-ml-metrics", "a,b": "shop-a-b"}
NAMES = Names(
    data_views=DATA_VIEWS,
    visualizations={"gauge-arc": "shop-gauge-arc", "latency": "shop-latency", "table-models": "table-models"},
    dashboards={"ml-model-detail": "shop-detail"},
    library={"pie-donut": expand("visualization", GOOD_VISUALIZATIONS["pie-donut"], Names(DATA_VIEWS))},
)
REFERENCE: JsonObject = {"type": "data_view_reference", "ref_id": "shop-ml-metrics"}
GRID = {"x": 0, "y": 0, "w": 24, "h": 15}

EVERYTHING: list[tuple[Kind, str, JsonObject]] = [
    *(("visualization", name, value) for name, value in GOOD_VISUALIZATIONS.items()),
    *(("dashboard", name, value) for name, value in GOOD_DASHBOARDS.items()),
]


IDS = [name for _, name, _ in EVERYTHING]


def shortened(kind: Kind, value: JsonObject) -> JsonObject:
    """Contract the document of a value, and hold the result against the law."""
    document = expand(kind, value, NAMES)
    before = copy.deepcopy(document)
    result = contract(kind, document, NAMES)
    assert document == before, "the document is not touched"
    assert same(expand(kind, result, NAMES), document)
    assert contract(kind, expand(kind, result, NAMES), NAMES) == result
    return result


def chart(**said: Json) -> JsonObject:
    return shortened("visualization", {"type": "metric", **said})


def dashboard(**said: Json) -> JsonObject:
    return shortened("dashboard", {"title": "A", "panels": [], **said})


def panels(*said: JsonObject) -> list[JsonObject]:
    return dashboard(panels=list(said))["panels"]


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, _, value in EVERYTHING], ids=IDS)
def test_every_good_document_comes_back(kind: Kind, value: JsonObject) -> None:
    """Expanded it is the document again, it is a good file itself, and it is never longer than the document."""
    result = shortened(kind, value)
    assert check(kind, result) == []
    assert len(json.dumps(result)) <= len(json.dumps(expand(kind, value, NAMES)))


@needs_shared
@pytest.mark.parametrize(
    "path", sorted((SHARED / "kibana-8.12.2" / "as_code").glob("*.json")), ids=lambda path: path.stem
)
def test_every_gold_document_comes_back(path: Path) -> None:
    """The as-code documents of real objects, those of charts that kbuild does not know yet among them."""
    value = json.loads(path.read_text("utf-8"))
    shortened("dashboard" if path.stem.endswith(".dashboard") else "visualization", value)


@pytest.mark.parametrize(
    ("official", "written"),
    [
        (REFERENCE, "ml-metrics"),
        ({"type": "data_view_reference", "ref_id": "shop-a-b"}, "a,b"),
        ({"type": "data_view_reference", "ref_id": "0f0f"}, {"type": "data_view_reference", "ref_id": "0f0f"}),
        ({"type": "data_view_spec", "index_pattern": "logs-*", "time_field": "@timestamp"}, "logs-*"),
        ({"type": "data_view_spec", "index_pattern": "logs", "time_field": "@timestamp"}, None),
        ({"type": "data_view_spec", "index_pattern": "a,b", "time_field": "@timestamp"}, None),
        ({"type": "data_view_spec", "index_pattern": "logs-*", "time_field": "time"}, None),
        ({"type": "data_view_spec", "index_pattern": "logs-*"}, None),
    ],
)
def test_data_source(official: JsonObject, written: Json) -> None:
    """A name where the project has one (the first of two), a pattern where nothing else is said; else as it is."""
    expected = official if written is None else written
    assert chart(data_source=official)["data_source"] == expected
    assert chart(layers=[{"type": "line", "data_source": official}])["layers"][0]["data_source"] == expected


def test_queries() -> None:
    """KQL is a text, another language keeps its name; a dashboard's query too."""
    lucene = {"expression": "a:1", "language": "lucene"}
    assert chart(query={"expression": "a: 1"})["query"] == "a: 1"
    assert chart(query=lucene)["query"] == lucene
    assert dashboard(query={"expression": "a: 1", "language": "kql"})["query"] == "a: 1"
    assert dashboard(query=lucene)["query"] == lucene
    buckets = {"operation": "filters", "filters": [{"filter": {"expression": "a: 1"}, "label": "a"}]}
    assert chart(breakdown_by=buckets)["breakdown_by"]["filters"] == [{"filter": "a: 1", "label": "a"}]


def test_numbers() -> None:
    """A fixed number alone is a number; one with a label keeps its long form."""
    labelled = {"operation": "static_value", "value": 1, "label": "Top"}
    metric = chart(metric={"operation": "count", "min": 0, "max": labelled, "goal": {"operation": "count"}})["metric"]
    assert metric == {"operation": "count", "min": 0, "max": labelled, "goal": {"operation": "count"}}
    bar = {"type": "bar", "max_value": {"operation": "static_value", "value": 100}}
    assert chart(metrics=[{"background_chart": bar}])["metrics"] == [
        {"background_chart": {"type": "bar", "max_value": 100}}
    ]


@pytest.mark.parametrize(
    ("official", "written"),
    [
        ({"from": "now-24h", "to": "now"}, "now-24h"),
        ({"from": "now-24h", "to": "now-1h"}, None),
        ({"from": "now-24h", "to": "now", "mode": "relative"}, None),
    ],
)
def test_time_ranges(official: JsonObject, written: Json) -> None:
    assert dashboard(time_range=official)["time_range"] == (written or official)
    assert chart(time_range=official)["time_range"] == (written or official)


@pytest.mark.parametrize(
    ("milliseconds", "written"),
    [(30_000, "30s"), (90_000, "90s"), (300_000, "5m"), (3_600_000, "1h"), (86_400_000, "1d"), (1_500, None)],
)
def test_refresh_intervals(milliseconds: int, written: str | None) -> None:
    """A whole number of seconds is a length of time; what is paused, or of another kind, is written out."""
    official = {"pause": False, "value": milliseconds}
    assert dashboard(refresh_interval=official)["refresh_interval"] == (written or official)
    for other in ({"pause": True, "value": milliseconds}, {"pause": False, "value": 0}, {"pause": False, "value": 1.5}):
        assert dashboard(refresh_interval=other)["refresh_interval"] == other


def test_panels_of_the_library() -> None:
    """A visualization of the project is named, any other keeps its id; settings stay in the config."""
    named, with_settings, foreign = panels(
        {"type": "vis", "id": "latency", "grid": GRID, "config": {"ref_id": "shop-latency"}},
        {"type": "vis", "id": "gauge-arc", "grid": GRID, "config": {"ref_id": "shop-gauge-arc", "hide_title": True}},
        {"type": "vis", "grid": GRID, "config": {"ref_id": "0f0f"}},
    )
    assert named == {"visualization": "latency", "grid": GRID}
    assert with_settings == {"visualization": "gauge-arc", "grid": GRID, "config": {"hide_title": True}}
    assert foreign == {"type": "vis", "grid": GRID, "config": {"ref_id": "0f0f"}}


def test_names_where_the_api_wants_ids() -> None:
    """Controls, filters and drilldowns."""
    drilldown = {
        "type": "dashboard_drilldown",
        "label": "a",
        "trigger": "on_apply_filter",
        "dashboard_id": "shop-detail",
    }
    (panel,) = panels({"type": "vis", "grid": GRID, "config": {"ref_id": "x", "drilldowns": [drilldown]}})
    assert panel["config"]["drilldowns"][0]["dashboard_id"] == "ml-model-detail"
    control = {"type": "options_list_control", "config": {"data_view_id": "shop-ml-metrics", "field_name": "a"}}
    said = dashboard(pinned_panels=[control], filters=[{"type": "dsl", "data_view_id": "shop-ml-metrics"}])
    assert said["pinned_panels"][0]["config"]["data_view_id"] == "ml-metrics"
    assert said["filters"][0]["data_view_id"] == "ml-metrics"


def test_ids_that_would_be_made_anyway_are_left_out() -> None:
    """Also where the number of one depends on another that is written."""
    text = {"type": "markdown", "grid": GRID, "config": {"content": ""}}
    said = panels(*({**text, "id": ident} for ident in ("markdown-1", "mine", "markdown-2")))
    assert [panel.get("id") for panel in said] == [None, "mine", None]
    said = panels(*({**text, "id": ident} for ident in ("markdown-2", "markdown-1")))
    assert [panel.get("id") for panel in said] == ["markdown-2", "markdown-1"]
    control = {"type": "time_slider_control", "config": {}}
    assert dashboard(pinned_panels=[control, {**control, "id": "t"}])["pinned_panels"] == [
        control,
        {"type": "time_slider_control", "id": "t", "config": {}},
    ]


def test_sections() -> None:
    """Their ids come from their titles; panels inside are contracted like the others."""
    inner = {"type": "vis", "id": "latency", "grid": GRID, "config": {"ref_id": "shop-latency"}}
    section, other = panels(
        {"title": "More", "id": "more", "grid": {"y": 0}, "panels": [inner]},
        {"title": "More", "id": "another", "grid": {"y": 1}, "panels": []},
    )
    assert section == {"title": "More", "grid": {"y": 0}, "panels": [{"visualization": "latency", "grid": GRID}]}
    assert other["id"] == "another"
