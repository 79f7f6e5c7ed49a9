"""Each shorthand becomes its official form, wherever it may stand; the official form stays as it is."""

from __future__ import annotations

import copy

import pytest

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.spec.shorthands import Names, expand
from tests.spec.documents import GOOD_DASHBOARDS, GOOD_VISUALIZATIONS

LATENCY: JsonObject = {"type": "xy", "title": "Latency", "layers": []}
NAMES = Names(
    data_views={"ml-metrics": "shop-ml-metrics", "a,b": "shop-a-b"},
    visualizations={"latency": "shop-latency"},
    dashboards={"detail": "shop-detail"},
    library={"latency": {"type": "xy", "title": "Latency", "tags": ["ml"], "layers": []}},
)
REFERENCE: JsonObject = {"type": "data_view_reference", "ref_id": "shop-ml-metrics"}


def chart(**said: Json) -> JsonObject:
    return expand("visualization", {"type": "metric", **said}, NAMES)


def dashboard(**said: Json) -> JsonObject:
    return expand("dashboard", {"title": "A", "panels": [], **said}, NAMES)


def panel(**said: Json) -> JsonObject:
    (result,) = dashboard(panels=[said])["panels"]
    return result


@pytest.mark.parametrize(
    ("written", "official"),
    [
        ("ml-metrics", REFERENCE),
        ("a,b", {"type": "data_view_reference", "ref_id": "shop-a-b"}),
        ("unknown", {"type": "data_view_reference", "ref_id": "unknown"}),
        ("logs-*", {"type": "data_view_spec", "index_pattern": "logs-*", "time_field": "@timestamp"}),
        ("x,y", {"type": "data_view_spec", "index_pattern": "x,y", "time_field": "@timestamp"}),
        (REFERENCE, REFERENCE),
        ({"type": "data_view_reference", "ref_id": "ml-metrics"}, REFERENCE),
        ({"type": "data_view_spec", "index_pattern": "logs-*"}, {"type": "data_view_spec", "index_pattern": "logs-*"}),
    ],
)
def test_data_source(written: Json, official: JsonObject) -> None:
    """A name is the data view of that name, one with `*` or `,` an index pattern; each layer says its own."""
    assert chart(data_source=written)["data_source"] == official
    assert chart(layers=[{"type": "line", "data_source": written}])["layers"][0]["data_source"] == official


@pytest.mark.parametrize(
    ("written", "official"),
    [
        ("error: true", {"expression": "error: true"}),
        ({"expression": "error: true", "language": "kql"}, {"expression": "error: true"}),
        ({"expression": "error:true", "language": "lucene"}, {"expression": "error:true", "language": "lucene"}),
        ("", {"expression": ""}),
    ],
)
def test_queries(written: Json, official: JsonObject) -> None:
    """At each place of a query: KQL is the API's default there, so it is left out."""
    count = {"operation": "count", "filter": written}
    assert chart(query=written)["query"] == official
    assert chart(metrics=[count])["metrics"][0]["filter"] == official
    assert chart(metric={"operation": "differences", "of": count})["metric"]["of"]["filter"] == official
    buckets = {"operation": "filters", "filters": [{"filter": written, "label": "a"}]}
    assert chart(breakdown_by=buckets)["breakdown_by"]["filters"] == [{"filter": official, "label": "a"}]
    layers = [
        {"type": "line", "x": buckets, "y": [count]},
        {"type": "reference_lines", "thresholds": [count]},
        {"type": "annotations", "events": [{"type": "query", "query": written}]},
    ]
    lines, references, annotations = chart(layers=layers)["layers"]
    assert lines["x"]["filters"][0]["filter"] == official
    assert lines["y"][0]["filter"] == official
    assert references["thresholds"][0]["filter"] == official
    assert annotations["events"][0]["query"] == official


def test_the_query_of_a_dashboard_says_its_language() -> None:
    """There the API has no default for it."""
    assert dashboard(query="error: true")["query"] == {"expression": "error: true", "language": "kql"}
    assert dashboard(query={"expression": "a"})["query"] == {"expression": "a", "language": "kql"}
    assert dashboard(query={"expression": "a", "language": "lucene"})["query"]["language"] == "lucene"


@pytest.mark.parametrize("key", ["min", "max", "goal"])
def test_a_number_where_an_operation_stands(key: str) -> None:
    """It is a static value; an operation there is expanded like any other."""
    metric = {"operation": "average", "field": "a", key: 0}
    assert chart(metric=metric)["metric"][key] == {"operation": "static_value", "value": 0}
    metric = {"operation": "average", "field": "a", key: {"operation": "count", "filter": "a: 1"}}
    assert chart(metric=metric)["metric"][key] == {"operation": "count", "filter": {"expression": "a: 1"}}


def test_a_background_bar_takes_a_number_too() -> None:
    """`max_value` of a bar is an operation; other backgrounds stay as they are."""
    bar = {"operation": "count", "background_chart": {"type": "bar", "max_value": 100}}
    expanded = chart(metrics=[bar])["metrics"][0]["background_chart"]
    assert expanded == {"type": "bar", "max_value": {"operation": "static_value", "value": 100}}
    trend = {"operation": "count", "background_chart": {"type": "trend"}}
    assert chart(metrics=[trend])["metrics"] == [trend]


def test_numbers_elsewhere_stay_numbers() -> None:
    """An axis and a rank have a `min` or `max` that is no operation."""
    axis = {"y": {"domain": {"type": "custom", "min": 0, "max": 1}}}
    terms = {"operation": "terms", "fields": ["a"], "rank_by": {"type": "rare", "max": 3}}
    expanded = chart(axis=axis, breakdown_by=terms)
    assert expanded["axis"] == axis
    assert expanded["breakdown_by"] == terms


def test_time_ranges() -> None:
    """Text is the beginning of a range that ends now: of dashboards, charts and panels."""
    official = {"from": "now-24h", "to": "now"}
    assert dashboard(time_range="now-24h")["time_range"] == official
    assert chart(time_range="now-24h")["time_range"] == official
    assert panel(visualization="latency", config={"time_range": "now-24h"})["config"]["time_range"] == official
    assert panel(type="vis", config={"ref_id": "x", "time_range": "now-24h"})["config"]["time_range"] == official
    fixed = {"from": "2026-01-01", "to": "2026-02-01", "mode": "absolute"}
    assert dashboard(time_range=fixed)["time_range"] == fixed


@pytest.mark.parametrize(
    ("written", "official"),
    [
        ("30s", {"pause": False, "value": 30_000}),
        ("5m", {"pause": False, "value": 300_000}),
        ("1h", {"pause": False, "value": 3_600_000}),
        ("1d", {"pause": False, "value": 86_400_000}),
        ("500ms", {"pause": False, "value": 500}),
        ("0s", {"pause": True, "value": 0}),
        ("off", {"pause": True, "value": 0}),
        (0, {"pause": True, "value": 0}),
        ({"pause": True, "value": 60_000}, {"pause": True, "value": 60_000}),
    ],
)
def test_refresh_intervals(written: Json, official: JsonObject) -> None:
    """A length of time becomes milliseconds; `off` and nothing pause."""
    assert dashboard(refresh_interval=written)["refresh_interval"] == official


def test_names_where_the_api_wants_ids() -> None:
    """Controls, filters and drilldowns take names; what is no name stays, since it may be an id."""
    control = {"type": "options_list_control", "config": {"data_view_id": "ml-metrics", "field_name": "a"}}
    drilldowns = [{"type": "dashboard_drilldown", "dashboard_id": "detail"}, {"type": "url_drilldown", "url": "x"}]
    filters = [{"type": "condition", "data_view_id": "ml-metrics"}, {"type": "dsl", "data_view_id": "other"}, {}]
    expanded = dashboard(pinned_panels=[control], filters=filters)
    assert expanded["pinned_panels"][0]["config"]["data_view_id"] == "shop-ml-metrics"
    assert [said.get("data_view_id") for said in expanded["filters"]] == ["shop-ml-metrics", "other", None]
    assert chart(filters=filters)["filters"] == expanded["filters"]
    assert [said.get("dashboard_id") for said in chart(drilldowns=drilldowns)["drilldowns"]] == ["shop-detail", None]
    config = panel(visualization="latency", config={"drilldowns": drilldowns})["config"]
    assert config["drilldowns"][0]["dashboard_id"] == "shop-detail"


def test_a_visualization_of_the_library() -> None:
    """It is a vis panel that refers to its id; the panel's own settings go with it."""
    assert panel(visualization="latency", config={"hide_title": True}) == {
        "id": "latency",
        "type": "vis",
        "grid": {"x": 0, "y": 0, "w": 24, "h": 15},
        "config": {"ref_id": "shop-latency", "hide_title": True},
    }
    assert panel(visualization="unknown")["config"] == {"ref_id": "unknown"}
    assert panel(type="vis", config={"ref_id": "latency"})["config"] == {"ref_id": "shop-latency"}


def test_a_copy_of_a_visualization() -> None:
    """`inline` puts the visualization's document into the panel, without its tags; the panel's settings win."""
    config = panel(visualization="latency", inline=True, config={"title": "Mine", "hide_title": True})["config"]
    assert config == {"type": "xy", "title": "Mine", "layers": [], "hide_title": True}
    assert panel(visualization="unknown", inline=True)["config"] == {"ref_id": "unknown"}


def test_what_a_file_says_of_itself_is_no_part_of_its_document() -> None:
    """The `id` of a file stays with the file; tags are by name."""
    assert "id" not in dashboard(id="my-own", tags=["ml"])
    assert dashboard(tags=["ml"])["tags"] == ["ml"]
    assert "id" not in chart(id="my-own")


def test_sections() -> None:
    """A section has a place in the outer grid, its panels have a grid of their own; ids are unique over all of them."""
    expanded = dashboard(
        panels=[
            {"visualization": "latency"},
            {
                "title": "More of it",
                "collapsed": True,
                "panels": [{"visualization": "latency"}, {"visualization": "b"}],
            },
            {"title": "More of it", "grid": {"y": 50}},
            {"visualization": "c"},
        ]
    )["panels"]
    first, section, empty, last = expanded
    assert first["id"] == "latency"
    assert (section["id"], section["title"], section["collapsed"], section["grid"]) == (
        *("more-of-it", "More of it", True),
        {"y": 15},
    )
    assert [(inner["id"], inner["grid"]["x"], inner["grid"]["y"]) for inner in section["panels"]] == [
        ("latency-2", 0, 0),
        ("b", 24, 0),
    ]
    assert empty == {"title": "More of it", "grid": {"y": 50}, "id": "more-of-it-2", "panels": []}
    assert (last["grid"]["x"], last["grid"]["y"]) == (0, 51)


def test_ids_of_panels_and_controls() -> None:
    """The visualization's name, the title, the kind with its count; a written id stays."""
    panels = [
        {"type": "markdown", "config": {"content": ""}},
        {"type": "markdown", "config": {"content": "", "title": "Über uns"}},
        {"type": "markdown", "config": {"content": ""}},
        {"type": "vis", "config": {"type": "xy", "layers": []}},
        {"type": "vis", "config": {"ref_id": "0f0f"}},
        {"visualization": "latency", "id": "mine"},
    ]
    ids = [said["id"] for said in dashboard(panels=panels)["panels"]]
    assert ids == ["markdown-1", "über-uns", "markdown-2", "xy-1", "0f0f", "mine"]
    controls = [
        {"type": "options_list_control", "config": {"title": "Model", "data_view_id": "a", "field_name": "b"}},
        {"type": "options_list_control", "config": {"data_view_id": "a", "field_name": "model_name"}},
        {"type": "time_slider_control", "config": {}},
        {"type": "time_slider_control", "id": "mine", "width": "small", "config": {}},
    ]
    expanded = dashboard(pinned_panels=controls)["pinned_panels"]
    assert [said["id"] for said in expanded] == ["model", "model-name", "time_slider_control-1", "mine"]
    assert expanded[3]["width"] == "small"


EVERYTHING = [("visualization", value) for value in GOOD_VISUALIZATIONS.values()] + [
    ("dashboard", value) for value in GOOD_DASHBOARDS.values()
]


@pytest.mark.parametrize(("kind", "value"), EVERYTHING)
def test_expanding_twice_changes_nothing_more(kind, value: JsonObject) -> None:
    """The official form is its own expansion, and a value that is expanded stays as it was."""
    before = copy.deepcopy(value)
    once = expand(kind, value, NAMES)
    assert value == before
    assert expand(kind, once, NAMES) == once
