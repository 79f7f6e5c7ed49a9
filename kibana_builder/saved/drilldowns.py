"""Drilldowns: what a click in a panel leads to <-> `enhancements.dynamicActions` of its embeddable config.

Facts: gold object `dashboard.ml-features`; the names of triggers before Kibana 9.4 from its dashboard plugin
(`panel_bwc.ts`), Kibana's defaults from its embeddable plugin.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kibana_builder.charts.mapping import Row, UnsayableError, find, from_lens, to_lens
from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.saved.references import reference
from kibana_builder.spec.panel_ids import NameOf, slug, unique_ids

__all__ = ["from_drilldowns", "to_drilldowns"]

TRIGGERS = {
    "on_apply_filter": "FILTER_TRIGGER",
    "on_click_row": "ROW_CLICK_TRIGGER",
    "on_click_value": "VALUE_CLICK_TRIGGER",
    "on_open_panel_menu": "CONTEXT_MENU_TRIGGER",
    "on_select_range": "SELECT_RANGE_TRIGGER",
}
TRIGGER_WORDS = {name: word for word, name in TRIGGERS.items()}


@dataclass(frozen=True, slots=True)
class DrilldownType:
    """One kind of drilldown: its name in the vocabulary, Kibana's factory for it, and what it can be told."""

    word: str
    factory: str
    rows: tuple[Row, ...]


DASHBOARD = DrilldownType(
    "dashboard_drilldown",
    "DASHBOARD_TO_DASHBOARD_DRILLDOWN",
    (
        Row(("open_in_new_tab",), ("openInNewTab",), unsaid=False),
        Row(("use_time_range",), ("useCurrentDateRange",), unsaid=True),
        Row(("use_filters",), ("useCurrentFilters",), unsaid=True),
    ),
)
DRILLDOWN_TYPES = (
    DASHBOARD,
    DrilldownType(
        "url_drilldown",
        "URL_DRILLDOWN",
        (
            Row(("url",), ("url", "template")),
            Row(("open_in_new_tab",), ("openInNewTab",), unsaid=True),
            Row(("encode_url",), ("encodeUrl",), unsaid=True),
        ),
    ),
)
BY_WORD = {kind.word: kind for kind in DRILLDOWN_TYPES}
BY_FACTORY = {kind.factory: kind for kind in DRILLDOWN_TYPES}


def to_drilldowns(drilldowns: Sequence[JsonObject]) -> tuple[list[JsonObject], list[JsonObject]]:
    """Turn a panel's drilldowns into events, and the references that the panel needs for them.

    The ids of the events come from the labels, so that a new drilldown changes no other.
    """
    ids = unique_ids([NameOf(None, slug(said["label"]), said["type"]) for said in drilldowns])
    events, references = [], []
    for event_id, said in zip(ids, drilldowns, strict=True):
        kind = BY_WORD[said["type"]]
        action = {"factoryId": kind.factory, "name": said["label"], "config": to_lens(kind.rows, said)}
        events.append({"eventId": event_id, "triggers": [TRIGGERS[said["trigger"]]], "action": action})
        if kind is DASHBOARD:
            references.append(reference("dashboard", said["dashboard_id"], _reference_name(event_id)))
    return events, references


def from_drilldowns(events: Json, references: Iterable[JsonObject]) -> list[JsonObject]:
    """Turn the events of a panel back; `references` are the panel's own, with the names they have inside it.

    Raises UnsayableError for an event that is no drilldown of the vocabulary.
    """
    if not isinstance(events, list):
        raise UnsayableError("drilldowns that are no list")
    dashboards = {entry["name"]: entry["id"] for entry in references if entry["type"] == "dashboard"}
    return [_from_event(event, dashboards) for event in events]


def _from_event(event: Json, dashboards: JsonObject) -> JsonObject:
    factory, label, triggers = (
        find(event, path) for path in (("action", "factoryId"), ("action", "name"), ("triggers",))
    )
    kind = BY_FACTORY.get(factory) if isinstance(factory, str) else None
    if kind is None:
        raise UnsayableError(f"a drilldown made by {factory}")
    words = [TRIGGER_WORDS[name] for name in TRIGGER_WORDS if triggers == [name]]
    if not words or not isinstance(label, str):
        raise UnsayableError("a drilldown without a name, or with another number of triggers than one")
    said: JsonObject = {"type": kind.word, "label": label, "trigger": words[0]}
    if kind is DASHBOARD:
        # The dashboard stands among the references; before Kibana 7.10 it stood in the config.
        name = _reference_name(find(event, ("eventId",)))
        dashboard_id = dashboards.get(name, find(event, ("action", "config", "dashboardId")))
        if not isinstance(dashboard_id, str):
            raise UnsayableError("a drilldown to a dashboard that is not said")
        said["dashboard_id"] = dashboard_id
    return from_lens(kind.rows, find(event, ("action", "config")), said)


def _reference_name(event_id: Json) -> str:
    return f"drilldown:{DASHBOARD.factory}:{event_id}:dashboardId"
