"""Dashboards: both directions, what Kibana 8.12 cannot keep, the gold dashboards and the public ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from kibana_builder.charts.mapping import UnsayableError
from kibana_builder.json_tree import JsonObject, same
from kibana_builder.problem import NotExpressible
from kibana_builder.saved.dashboard import from_dashboard, to_dashboard
from kibana_builder.saved.ids import tag_id
from kibana_builder.saved.normal_form import same_object
from kibana_builder.saved.raw import remainder
from kibana_builder.spec.shorthands import Names, expand
from tests.saved.changes import changes
from tests.saved.real_objects import corpus, opened
from tests.shared_material import GOLD, needs_shared
from tests.spec.documents import GOOD_DASHBOARDS

EMPTY: JsonObject = {"title": "Empty", "panels": []}


def everything() -> JsonObject:
    """Every property that Kibana 8.12 can keep, as a document; the charts are tried elsewhere."""
    document = expand("dashboard", GOOD_DASHBOARDS["everything"], Names())
    fixed = ("auto_apply_filters", "hide_panel_borders")
    options = {name: value for name, value in document["options"].items() if name not in fixed}
    panels = [panel for panel in document["panels"] if panel["config"].get("type") is None]
    panels = [{**panel, "config": {**panel["config"], "hide_border": False}} for panel in panels]
    return {**document, "options": options, "panels": panels}


def test_the_smallest_dashboard() -> None:
    """What Kibana 8.12 itself writes for a dashboard with nothing in it."""
    item = to_dashboard("empty", EMPTY)
    assert opened(item["attributes"]) == {
        "title": "Empty",
        "description": "",
        "version": 1,
        "timeRestore": False,
        "panelsJSON": [],
        "optionsJSON": {
            "useMargins": True,
            "syncColors": False,
            "syncCursor": True,
            "syncTooltips": False,
            "hidePanelTitles": False,
        },
        "kibanaSavedObjectMeta": {"searchSourceJSON": {"query": {"query": "", "language": "kuery"}, "filter": []}},
    }
    assert (item["id"], item["type"], item["references"], item["managed"]) == ("empty", "dashboard", [], False)
    assert from_dashboard(item) == EMPTY


def test_inner_json_is_written_as_kibana_writes_it() -> None:
    """Compact, in the order of the document, letters of every alphabet as they are."""
    item = to_dashboard("a", {**EMPTY, "query": {"expression": "ö: ☃"}})
    assert item["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"] == (
        '{"query":{"query":"ö: ☃","language":"kuery"},"filter":[]}'
    )


def test_everything_at_once_is_read_back() -> None:
    """What a dashboard can say survives the way there and back: nothing is left over, and it is built the same."""
    document = everything()
    item = to_dashboard("a", document)
    said = from_dashboard(item, {tag_id(name): name for name in document["tags"]})
    assert same_object(to_dashboard("a", {**said, "panels": document["panels"]}), item)
    assert said.keys() == document.keys()


def _variants() -> Iterator[Any]:
    document = everything()
    for path, changed in changes(document):
        # A panel's or control's type and content are tried in their own rooms.
        if path[0] not in ("panels", "pinned_panels", "filters"):
            yield pytest.param(document, changed, id=".".join(map(str, path)))


@pytest.mark.parametrize(("document", "changed"), list(_variants()))
def test_every_property_of_a_dashboard_reaches_kibana(document: JsonObject, changed: JsonObject) -> None:
    """Changing one leaf changes what is written, or is refused."""
    try:
        after = to_dashboard("a", changed)
    except ExceptionGroup:
        return
    assert not same(to_dashboard("a", document), after)


@pytest.mark.parametrize(
    ("document", "path", "words"),
    [
        ({"options": {"auto_apply_filters": False}}, ("options", "auto_apply_filters"), "auto_apply_filters: false"),
        ({"options": {"hide_panel_borders": True}}, ("options", "hide_panel_borders"), "hide_panel_borders: true"),
        ({"time_range": {"from": "now-1d", "to": "now", "mode": "absolute"}}, ("time_range", "mode"), "relative"),
        (
            {"time_range": {"from": "2026-01-01", "to": "2026-01-02", "mode": "relative"}},
            ("time_range", "mode"),
            "absolute",
        ),
        ({"panels": [{"title": "Section", "id": "s", "grid": {"y": 0}, "panels": []}]}, ("panels", 0), "9.1"),
    ],
)
def test_what_kibana_8_12_cannot_keep_is_refused(document: JsonObject, path: tuple[Any, ...], words: str) -> None:
    """The finding names the property, and says why."""
    with pytest.raises(ExceptionGroup) as refused:
        to_dashboard("a", {**EMPTY, **document})
    (error,) = refused.value.exceptions
    assert isinstance(error, NotExpressible)
    assert error.finding.path == path
    assert words in error.finding.message


def test_a_refresh_interval_alone_leaves_the_readers_time_range() -> None:
    """Kibana restores of the two what is there."""
    refresh = {"pause": False, "value": 1000}
    made = to_dashboard("a", {**EMPTY, "refresh_interval": refresh})
    assert made["attributes"]["timeRestore"] is True
    assert "timeFrom" not in made["attributes"]
    assert from_dashboard(made) == {**EMPTY, "refresh_interval": refresh}


def test_what_kibana_does_not_restore_is_not_said() -> None:
    """Times without timeRestore are left by an old save."""
    made = to_dashboard("a", {**EMPTY, "time_range": {"from": "now-1d", "to": "now"}})
    made["attributes"]["timeRestore"] = False
    assert from_dashboard(made) == EMPTY
    assert same_object(made, to_dashboard("a", EMPTY))


def test_the_times_of_kibana_4_and_5_are_written_as_today() -> None:
    """A moment as a browser wrote it, and a refresh interval that is off."""
    made = to_dashboard("a", EMPTY)
    made["attributes"] |= {
        "timeRestore": True,
        "timeFrom": "Mon Jun 05 2017 12:04:01 GMT+0100",
        "timeTo": "Tue Jun 06 2017 18:38:12 GMT-0230 (NDT)",
        "refreshInterval": {"display": "Off", "pause": False, "value": 0},
    }
    document = from_dashboard(made)
    assert document["time_range"] == {"from": "2017-06-05T11:04:01.000Z", "to": "2017-06-06T21:08:12.000Z"}
    assert document["refresh_interval"] == {"pause": True, "value": 0}
    assert same_object(made, to_dashboard("a", document))


def test_what_kibana_8_12_always_does_may_be_said() -> None:
    """Its only way of doing it is the vocabulary's default."""
    options = {"auto_apply_filters": True, "hide_panel_borders": False}
    assert from_dashboard(to_dashboard("a", {**EMPTY, "options": options}))["options"] == {}
    relative = {"from": "now-1d", "to": "now", "mode": "relative"}
    assert opened(to_dashboard("a", {**EMPTY, "time_range": relative})["attributes"])["timeTo"] == "now"


def test_all_that_is_refused_is_said_at_once() -> None:
    """Nobody has to build again for the next mistake."""
    contradiction = {
        "type": "condition",
        "negate": True,
        "condition": {"field": "a", "operator": "exists", "negate": False},
    }
    document = {
        **EMPTY,
        "options": {"auto_apply_filters": False},
        "filters": [contradiction],
        "panels": [
            {"id": "a", "type": "vis", "grid": {"x": 0, "y": 0}, "config": {"ref_id": "a", "hide_border": True}},
            {"title": "Section", "id": "s", "grid": {"y": 20}, "panels": []},
        ],
    }
    with pytest.raises(ExceptionGroup) as refused:
        to_dashboard("a", document)
    assert [error.finding.path for error in refused.value.exceptions if isinstance(error, NotExpressible)] == [
        ("options", "auto_apply_filters"),
        ("panels", 0, "config", "hide_border"),
        ("panels", 1),
        ("filters", 0, "condition", "negate"),
    ]


def test_moving_a_panel_changes_no_id() -> None:
    """Panels are told apart by their ids, whatever their order."""
    document = everything()
    turned = {**document, "panels": document["panels"][::-1]}
    first, second = to_dashboard("a", document), to_dashboard("a", turned)
    assert opened(first["attributes"])["panelsJSON"] == opened(second["attributes"])["panelsJSON"][::-1]
    assert sorted(map(str, first["references"])) == sorted(map(str, second["references"]))


def test_a_time_of_its_own_is_restored() -> None:
    """Kibana looks at the time range and the refresh interval only where this is switched on."""
    code = {"time_range": {"from": "now-1d", "to": "now"}, "refresh_interval": {"pause": False, "value": 1000}}
    item = to_dashboard("a", {**EMPTY, **code})
    assert item["attributes"]["timeRestore"] is True
    assert item["attributes"]["timeFrom"] == "now-1d"
    assert item["attributes"]["refreshInterval"] == {"pause": False, "value": 1000}
    assert from_dashboard(item) == {**EMPTY, **code}


@pytest.mark.parametrize("attributes", [5, {}, {"title": 5}])
def test_what_is_no_dashboard_is_refused(attributes: Any) -> None:
    """Without attributes or a title."""
    with pytest.raises(UnsayableError):
        from_dashboard({"type": "dashboard", "id": "a", "attributes": attributes})


@needs_shared
def test_the_gold_dashboard() -> None:
    """Filters, controls, drilldowns, a chart and a text by value: the gold object, its ids levelled."""
    code = json.loads((GOLD / "as_code" / "ml-features.dashboard.json").read_text("utf-8"))
    text = (GOLD / "authored" / "dashboard.ml-features.json").read_text("utf-8")
    gold = json.loads(text)
    document = expand("dashboard", code, Names())
    for old, new in zip(
        _ids(gold), [panel["id"] for panel in (*document["panels"], *document["pinned_panels"])], strict=True
    ):
        text = text.replace(old, new)
    for event, label in _events(gold).items():
        text = text.replace(event, label)
    gold = json.loads(text)
    made = to_dashboard("ml-features", document)
    left_over, too_much = remainder(_without_chart(gold), _without_chart(made))
    assert too_much == []
    assert left_over == {
        "attributes": {
            "hits": 0,  # noise
            "panelsJSON": {
                # Noise, and a default that the document leaves out.
                "0": {"version": "8.12.2"},
                "1": {"version": "8.12.2", "embeddableConfig": {"hidePanelTitles": False}},
                "2": {"version": "8.12.2"},
            },
            "controlGroupInput": {
                "panelsJSON": {
                    # Kibana finds the data view by the control's id; no public dashboard has this name.
                    "model": {
                        "explicitInput": {
                            "selectedOptions": [],
                            "dataViewRefName": "controlGroup_model:optionsListDataView",
                        }
                    },
                    "confidence": {"explicitInput": {"dataViewRefName": "controlGroup_confidence:rangeSliderDataView"}},
                }
            },
        }
    }


def _ids(gold: JsonObject) -> list[str]:
    attributes = opened(gold["attributes"])
    return [
        *(panel["panelIndex"] for panel in attributes["panelsJSON"]),
        *attributes["controlGroupInput"]["panelsJSON"],
    ]


def _events(gold: JsonObject) -> dict[str, str]:
    first = opened(gold["attributes"])["panelsJSON"][0]
    events = first["embeddableConfig"]["enhancements"]["dynamicActions"]["events"]
    return dict(zip([event["eventId"] for event in events], ["open-ml-model-monitoring", "runbook"], strict=True))


def _without_chart(item: JsonObject) -> JsonObject:
    """Open a dashboard, leave its charts by value to tests/charts, and take the references as a set."""
    attributes = opened(item["attributes"])
    for panel in attributes["panelsJSON"]:
        panel["embeddableConfig"].get("attributes", {}).pop("state", None)
        panel["embeddableConfig"].get("attributes", {}).pop("references", None)
    references = [entry for entry in item["references"] if ":indexpattern-datasource-layer-" not in entry["name"]]
    return {**item, "attributes": attributes, "references": {entry["name"]: entry for entry in references}}


@needs_shared
def test_writing_what_was_read_changes_nothing_more() -> None:
    """Read, written and read again, every public dashboard says the same."""
    for item in corpus():
        if item["type"] == "dashboard":
            document = from_dashboard(item)
            assert same(from_dashboard(to_dashboard("a", document)), document), item["id"]
