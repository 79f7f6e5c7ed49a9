"""Drilldowns: what goes along to another dashboard, and how a web address is filled in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kibana_builder.charts.filters import to_kibana_query
from kibana_builder.preview.address import kibana_filters, settings_of
from kibana_builder.preview.dashboard_view import Panel, View
from kibana_builder.preview.drilldown import WrongTemplate, dashboard_address, url_address
from kibana_builder.preview.library import library_of

PANEL = Panel("p", "Models & more", (0, 0, 24, 8), chart={"type": "pie", "data_source": {"ref_id": "view"}})


def is_(value: str) -> dict[str, Any]:
    return {"type": "condition", "condition": {"field": "model", "operator": "is", "value": value}}


CONTROL = {"id": "c", "type": "options_list_control", "config": {"field_name": "f", "selected_options": ["x"]}}
VIEW = View(
    "v", "V", "", (PANEL,), {"from": "now-7d", "to": "now"}, 0, {"expression": "a: b"}, (is_("here"),), (CONTROL,)
)
SEARCH = json.dumps({"query": to_kibana_query(None), "filter": kibana_filters([is_("there")])})
THERE = {
    "type": "dashboard",
    "id": "a/b",
    "attributes": {"title": "There", "panelsJSON": "[]", "kibanaSavedObjectMeta": {"searchSourceJSON": SEARCH}},
    "references": [],
}


def led(**said: Any) -> dict[str, Any]:
    drilldown = {"type": "dashboard_drilldown", "dashboard_id": "a/b", **said}
    address = dashboard_address(drilldown, VIEW, PANEL, [is_("clicked")], library_of([THERE]))
    path, _, state = address.partition("?")
    assert path == "#/view/a%2Fb"
    return settings_of(state)


def values(settings: dict[str, Any]) -> list[Any]:
    return [one["condition"]["value"] for one in settings["filters"]]


def test_what_goes_along_to_a_dashboard() -> None:
    """Its own filters, those here and of the controls, what was clicked, query and times."""
    settings = led()
    assert values(settings) == ["there", "here", ["x"], "clicked"]
    assert settings["query"] == {"expression": "a: b"}
    assert settings["time_range"] == {"from": "now-7d", "to": "now"}


def test_what_may_stay_behind() -> None:
    """What was clicked goes along always."""
    settings = led(use_filters=False, use_time_range=False)
    assert values(settings) == ["there", "clicked"]
    assert settings.keys() == {"filters"}


EVENT = {"key": "model", "value": "a b/c&d", "points": [{"key": "model", "value": 5.0}], "values": ["é", None, True]}


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("https://e.com/{{event.value}}", "https://e.com/a%20b/c&d"),
        ("{{kibanaUrl}}/app/{{ event.key }}", "http://k:1/app/model"),
        ("/x?{{event.points.[0].value}}-{{event.values.0}}{{event.values.[1]}}{{{event.values.2}}}", "/x?5-%C3%A9true"),
        ("/{{context.panel.title}}/{{context.panel.indexPatternId}}", "/Models%20&%20more/view"),
        ("/{{context.panel.query.query}}/{{context.panel.timeRange.from}}", "/a:%20b/now-7d"),
        ("/{{context.panel.filters.[0].meta.params.query}}", "/here"),
    ],
)
def test_an_address_is_filled_in(template: str, filled: str) -> None:
    """With Kibana's names, then encoded as encodeURI does."""
    drilldown = {"type": "url_drilldown", "url": template}
    assert url_address(drilldown, VIEW, PANEL, EVENT, "http://k:1") == filled


def test_an_address_can_stay_as_it_is_filled() -> None:
    """Without encoding."""
    drilldown = {"type": "url_drilldown", "url": "/{{event.value}}", "encode_url": False}
    assert url_address(drilldown, VIEW, PANEL, EVENT, "") == "/a b/c&d"


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{{date event.from}}", "does not fill in {{date event.from}}"),
        ("{{#if event.value}}x{{/if}}", "does not fill in {{#if event.value}}"),
        ("{{event.nothing}}", "there is no nothing"),
        ("{{event.points}}", "is no single value"),
    ],
)
def test_what_cannot_be_filled_in(template: str, words: str) -> None:
    """Is said rather than left in the address or out of it."""
    with pytest.raises(WrongTemplate, match=words):
        url_address({"type": "url_drilldown", "url": template}, VIEW, PANEL, EVENT, "")
