"""Drilldowns: both directions, the ids of their events, and nothing that is accepted and dropped."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kibana_builder.charts.mapping import UnsayableError
from kibana_builder.json_tree import JsonObject, same
from kibana_builder.saved.drilldowns import from_drilldowns, to_drilldowns
from tests.saved.cases import every_case
from tests.saved.changes import changes
from tests.saved.real_objects import corpus
from tests.shared_material import needs_shared
from tests.spec.documents import DASHBOARD_DRILLDOWN, URL_DRILLDOWN


@every_case("drilldowns")
def test_drilldowns_become_events(case: JsonObject) -> None:
    """A dashboard is named by a reference, never in the event."""
    assert to_drilldowns(case["code"]) == (case["saved"], case["references"])


@every_case("drilldowns")
def test_events_are_read_back(case: JsonObject) -> None:
    """Kibana's defaults are left unsaid."""
    assert from_drilldowns(case["saved"], case["references"]) == case["code"]


def test_a_new_drilldown_changes_the_id_of_no_other() -> None:
    """Ids come from labels, not from places."""
    ids = [event["eventId"] for event in to_drilldowns([DASHBOARD_DRILLDOWN, URL_DRILLDOWN])[0]]
    new = {**URL_DRILLDOWN, "label": "First"}
    assert [event["eventId"] for event in to_drilldowns([new, DASHBOARD_DRILLDOWN, URL_DRILLDOWN])[0]][1:] == ids


@pytest.mark.parametrize("said", [DASHBOARD_DRILLDOWN, URL_DRILLDOWN], ids=lambda said: said["type"])
def test_every_property_of_a_drilldown_reaches_kibana(said: JsonObject) -> None:
    """Changing one leaf changes what is written."""
    for path, changed in changes(said):
        if path not in [("type",), ("trigger",)]:  # of each type there is one; triggers are in the cases
            assert not same(to_drilldowns([said]), to_drilldowns([changed])), path


def test_the_dashboard_of_older_objects_stands_in_the_event() -> None:
    """So it was before Kibana 7.10."""
    action = {"factoryId": "DASHBOARD_TO_DASHBOARD_DRILLDOWN", "name": "Go", "config": {"dashboardId": "detail"}}
    (said,) = from_drilldowns([{"eventId": "1", "triggers": ["FILTER_TRIGGER"], "action": action}], [])
    assert said["dashboard_id"] == "detail"


@pytest.mark.parametrize(
    "events",
    [
        5,
        [5],
        [{}],
        [{"action": {"factoryId": "OPEN_IN_DISCOVER_DRILLDOWN", "name": "a"}, "triggers": ["FILTER_TRIGGER"]}],
        [{"action": {"factoryId": ["URL_DRILLDOWN"], "name": "a"}, "triggers": ["FILTER_TRIGGER"]}],
        [{"action": {"factoryId": "URL_DRILLDOWN", "name": 5}, "triggers": ["FILTER_TRIGGER"]}],
        [{"action": {"factoryId": "URL_DRILLDOWN", "name": "a"}, "triggers": []}],
        [
            {
                "action": {"factoryId": "URL_DRILLDOWN", "name": "a"},
                "triggers": ["FILTER_TRIGGER", "VALUE_CLICK_TRIGGER"],
            }
        ],
        [{"action": {"factoryId": "DASHBOARD_TO_DASHBOARD_DRILLDOWN", "name": "a"}, "triggers": ["FILTER_TRIGGER"]}],
    ],
    ids=json.dumps,
)
def test_an_event_without_words_is_refused(events: Any) -> None:
    """Other factories, several triggers, or a dashboard that nothing names."""
    with pytest.raises(UnsayableError):
        from_drilldowns(events, [])


@needs_shared
def test_the_drilldowns_of_real_dashboards_survive() -> None:
    """All drilldowns of the public dashboards come back; only the events' ids are made anew."""
    found = 0
    for item in corpus():
        for panel in item["attributes"].get("panelsJSON", []) if item["type"] == "dashboard" else []:
            events = (
                panel.get("embeddableConfig", {}).get("enhancements", {}).get("dynamicActions", {}).get("events", [])
            )
            prefix = f"{panel['panelIndex']}:"
            own = [{**entry, "name": entry["name"].removeprefix(prefix)} for entry in item["references"]]
            made, references = to_drilldowns(from_drilldowns(events, own))
            for event, again in zip(events, made, strict=True):
                found += 1
                config = {"openInNewTab": False, **event["action"]["config"]}
                assert again["action"] == {**event["action"], "config": config}
                assert again["triggers"] == event["triggers"]
            targets = {entry["id"] for entry in own if entry["name"].startswith("drilldown:")}
            assert {entry["id"] for entry in references} == targets
    assert found > 3
