"""Panels: the envelope around charts and texts, in both directions."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kibana_builder.charts import to_lens
from kibana_builder.charts.mapping import UnsayableError
from kibana_builder.json_tree import JsonObject, same
from kibana_builder.problem import NotExpressible
from kibana_builder.saved.panels import from_panel, to_panel
from tests.saved.cases import every_case
from tests.saved.changes import changes

CHART: JsonObject = {
    "type": "metric",
    "data_source": {"type": "data_view_reference", "ref_id": "ml-metrics"},
    "metrics": [{"type": "primary", "operation": "count"}],
}
GRID = {"x": 0, "y": 0, "w": 12, "h": 6}


def chart_panel(**config: Any) -> JsonObject:
    return {"id": "count", "type": "vis", "grid": GRID, "config": {**CHART, **config}}


@every_case("panels")
def test_a_panel_becomes_an_entry(case: JsonObject) -> None:
    """The references are those of the dashboard, under the panel's name."""
    assert to_panel(case["code"]) == (case["saved"], case["references"])


@every_case("panels")
def test_an_entry_is_read_back(case: JsonObject) -> None:
    """Word for word."""
    assert from_panel(case["saved"], case["references"]) == case["code"]


def test_a_chart_by_value_has_its_references_twice() -> None:
    """Inside the panel, and on the dashboard under the panel's name: with either missing it loads for ever."""
    saved, references = to_panel(chart_panel(title="Requests", description="All of them"))
    lens = to_lens(CHART)
    attributes = saved["embeddableConfig"]["attributes"]
    assert attributes["references"] == lens.references
    assert references == [{**entry, "name": f"count:{entry['name']}"} for entry in lens.references]
    assert attributes["state"] == lens.attributes["state"]


def test_title_and_description_of_a_chart_by_value_are_the_panels() -> None:
    """Those inside stay empty, as Kibana writes them."""
    saved, _ = to_panel(chart_panel(title="Requests", description="All of them"))
    assert saved["title"] == "Requests"
    assert saved["embeddableConfig"]["description"] == "All of them"
    attributes = saved["embeddableConfig"]["attributes"]
    assert attributes["title"] == ""
    assert "description" not in attributes


def test_a_chart_by_value_is_read_back() -> None:
    """With what the panel says of it."""
    panel = chart_panel(title="Requests", hide_title=True, time_range={"from": "now-1h", "to": "now"})
    saved, references = to_panel(panel)
    assert from_panel(saved, references) == panel


def test_the_dashboards_reference_counts_before_the_one_in_the_panel() -> None:
    """Kibana takes the names inside and the ids of the dashboard: an import renames only those."""
    saved, references = to_panel(chart_panel())
    renamed = [{**entry, "id": "renamed"} for entry in references]
    assert from_panel(saved, renamed)["config"]["data_source"]["ref_id"] == "renamed"
    assert from_panel(saved, [])["config"]["data_source"]["ref_id"] == "ml-metrics"


def test_the_time_field_of_a_data_view_reaches_its_charts() -> None:
    """A trend line counts over the time field of its data view."""
    trend = {**CHART["metrics"][0], "background_chart": {"type": "trend"}}
    by_default, _ = to_panel(chart_panel(metrics=[trend]))
    by_day, _ = to_panel(chart_panel(metrics=[trend]), {"ml-metrics": "day"})
    assert '"sourceField": "@timestamp"' in json.dumps(by_default)
    assert '"sourceField": "day"' in json.dumps(by_day)


def test_a_size_that_is_not_said_is_that_of_the_api() -> None:
    """24 columns by 15 rows."""
    saved, _ = to_panel({**chart_panel(), "grid": {"x": 3, "y": 4}})
    assert saved["gridData"] == {"x": 3, "y": 4, "w": 24, "h": 15, "i": "count"}


@pytest.mark.parametrize(
    ("panel", "path", "words"),
    [
        (chart_panel(hide_border=True), ("config", "hide_border"), "hide_border: true"),
        ({"title": "Latency", "id": "latency", "grid": {"y": 3}, "panels": []}, (), "9.1"),
    ],
)
def test_what_kibana_8_12_cannot_keep_is_refused(panel: JsonObject, path: tuple[str, ...], words: str) -> None:
    """The finding names the property, and says why."""
    with pytest.raises(NotExpressible) as refused:
        to_panel(panel)
    assert refused.value.finding.path == path
    assert words in refused.value.finding.message


def test_a_border_that_shows_is_what_kibana_8_12_draws() -> None:
    """Saying so changes nothing, and is no mistake."""
    assert to_panel(chart_panel(hide_border=False)) == to_panel(chart_panel())


def test_every_property_of_a_panel_reaches_kibana() -> None:
    """Changing one leaf of what a panel says beside its chart changes what is written."""
    panel = chart_panel(
        title="Requests",
        description="All of them",
        hide_title=True,
        time_range={"from": "now-1h", "to": "now", "mode": "relative"},
    )
    for path, changed in changes(panel):
        if path[:2] not in [("type",), ("config", "type"), ("config", "metrics"), ("config", "data_source")]:
            assert not same(to_panel(panel), to_panel(changed)), path


def test_a_panel_by_reference_of_before_7_13() -> None:
    """It has a number for its name, and its reference is not under it."""
    saved = {"panelIndex": 3, "panelRefName": "panel_0", "gridData": dict(GRID), "embeddableConfig": {}}
    panel = from_panel(saved, [{"type": "lens", "id": "a", "name": "panel_0"}])
    assert panel == {"id": "3", "type": "vis", "grid": GRID, "config": {"ref_id": "a"}}


PLACE: JsonObject = {"panelIndex": "1", "gridData": GRID}


@pytest.mark.parametrize(
    "saved",
    [
        5,
        {},
        {**PLACE, "embeddableConfig": 5},
        {**PLACE, "panelIndex": None, "embeddableConfig": {}},
        {**PLACE, "embeddableConfig": {}},
        {**PLACE, "embeddableConfig": {}, "panelRefName": "panel_1"},
        {**PLACE, "embeddableConfig": {}, "panelRefName": "panel_search"},
        {**PLACE, "type": "map", "embeddableConfig": {"attributes": {}}},
        {**PLACE, "type": "lens", "embeddableConfig": {"attributes": {"visualizationType": "lnsUnknown"}}},
        {**PLACE, "type": "visualization", "embeddableConfig": {"savedVis": {"type": "metrics"}}},
        {**PLACE, "type": "visualization", "embeddableConfig": {"savedVis": 5}},
        {**PLACE, "type": "visualization", "embeddableConfig": {"savedVis": {"type": "markdown", "params": {}}}},
    ],
    ids=json.dumps,
)
def test_an_entry_without_words_is_refused(saved: Any) -> None:
    """Other panel types, library objects that are no chart, and what is no panel."""
    with pytest.raises(UnsayableError):
        from_panel(saved, [{"type": "search", "id": "a", "name": "panel_search"}])
