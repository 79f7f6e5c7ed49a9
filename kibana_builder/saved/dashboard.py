"""Dashboards: an as-code document <-> a `dashboard` object.

Facts: the gold objects `dashboard.ml-*` of Kibana 8.12.2, and the transforms of Kibana's dashboard plugin. What only
later versions can keep is an error that says so, never left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from kibana_builder.charts.filters import (
    NO_QUERY,
    from_kibana_query,
    from_search_source_filters,
    to_kibana_query,
    to_search_source_filters,
)
from kibana_builder.charts.mapping import ABSENT, Row, UnsayableError, find, from_lens, to_lens
from kibana_builder.json_tree import Json, JsonObject, compact, same
from kibana_builder.problem import NotExpressible
from kibana_builder.saved.controls import from_control_settings, from_controls, to_controls
from kibana_builder.saved.dashboard_form import in_one_shape
from kibana_builder.saved.panels import to_panel
from kibana_builder.saved.raw import closed, opened, with_raw
from kibana_builder.saved.references import as_references
from kibana_builder.saved.tag import from_tag_references, tag_references
from kibana_builder.saved.versions import saved_object

__all__ = ["from_dashboard", "to_dashboard", "with_json_opened"]

ROWS = (
    Row(("title",), ("title",)),
    Row(("description",), ("description",), unsaid=""),
)
TIME_RANGE = (
    Row(("time_range", "from"), ("timeFrom",)),
    Row(("time_range", "to"), ("timeTo",)),
)
REFRESH_INTERVAL = (
    Row(("refresh_interval", "pause"), ("refreshInterval", "pause")),
    Row(("refresh_interval", "value"), ("refreshInterval", "value")),
)
OPTIONS = (
    Row(("use_margins",), ("useMargins",)),
    Row(("sync_colors",), ("syncColors",)),
    Row(("sync_cursor",), ("syncCursor",)),
    Row(("sync_tooltips",), ("syncTooltips",)),
    Row(("hide_panel_titles",), ("hidePanelTitles",)),
)
# What Kibana 8.12 writes for a dashboard whose options nobody touched. One that is not written means the same to it;
# Kibana before 8.4 knew fewer of them.
DEFAULT_OPTIONS = {
    "use_margins": True,
    "sync_colors": False,
    "sync_cursor": True,
    "sync_tooltips": False,
    "hide_panel_titles": False,
}
JSON_STRINGS = (
    ("", "panelsJSON"),
    ("", "optionsJSON"),
    ("", "uiStateJSON"),
    ("kibanaSavedObjectMeta", "searchSourceJSON"),
    ("controlGroupInput", "panelsJSON"),
    ("controlGroupInput", "ignoreParentSettingsJSON"),
)
# What Kibana 8.12 always does and has no place to say: the vocabulary's default is all that it can do.
FIXED_OPTIONS = {"auto_apply_filters": True, "hide_panel_borders": False}


def to_dashboard(object_id: str, document: JsonObject, time_fields: Mapping[str, str] | None = None) -> JsonObject:
    """Make the dashboard that a document describes; `time_fields` gives the time field of each data view id.

    Raises an ExceptionGroup of NotExpressible for all that the document says and a dashboard of Kibana 8.12 has no
    place for.
    """
    refused = _refused_settings(document)
    panels = []
    filters: list[JsonObject] = []
    references: list[JsonObject] = []
    for place, item in enumerate(document["panels"]):
        with _collected(refused, "panels", place):
            panel, needed = to_panel(item, time_fields)
            panels.append(panel)
            references += needed
    with _collected(refused):
        filters, needed = to_search_source_filters(document.get("filters", ()))
        references += needed
    attributes: JsonObject = {
        "version": 1,
        # Kibana opens a dashboard with its own time range and refresh interval, or one of them, where this is true.
        "timeRestore": "time_range" in document or "refresh_interval" in document,
        "panelsJSON": compact(panels),
        "optionsJSON": compact(to_lens(OPTIONS, document.get("options", DEFAULT_OPTIONS))),
        "kibanaSavedObjectMeta": {
            "searchSourceJSON": compact({"query": to_kibana_query(document.get("query")), "filter": filters})
        },
    }
    to_lens((*ROWS, *TIME_RANGE, *REFRESH_INTERVAL), document, attributes)
    references += document.get("raw_references", ())
    if "pinned_panels" in document:
        with _collected(refused):
            attributes["controlGroupInput"], needed = to_controls(
                document["pinned_panels"], document.get("controls", {})
            )
            references += needed
    with _collected(refused):
        attributes = _with_raw(attributes, document)
    if refused:
        raise ExceptionGroup("the dashboard cannot be built", refused)
    references += tag_references(document)
    return saved_object("dashboard", object_id, attributes, references, managed=document.get("lock", False))


def _with_raw(attributes: JsonObject, document: JsonObject) -> JsonObject:
    """Lay the raw parts over the attributes, their inner JSON opened; the panels have raw parts of their own."""
    if "raw" not in document and "raw_absent" not in document:
        return attributes
    if "panelsJSON" in document.get("raw", {}):
        raise NotExpressible(("raw", "panelsJSON"), "what is raw of a panel stands in the panel, as `raw` or whole")
    panels = attributes["panelsJSON"]
    rest: JsonObject = opened({"type": "dashboard", "attributes": {**attributes, "panelsJSON": ""}})["attributes"]
    result: JsonObject = closed({"type": "dashboard", "attributes": with_raw(rest, document)})["attributes"]
    return {**result, "panelsJSON": panels}


@contextmanager
def _collected(refused: list[NotExpressible], *path: str | int) -> Iterator[None]:
    try:
        yield
    except NotExpressible as error:
        refused.append(error.below(*path))


def _refused_settings(document: JsonObject) -> list[NotExpressible]:
    """Find what the dashboard itself says in vain."""
    refused = [
        NotExpressible(("options", name), f"Kibana 8.12 has no place for '{name}: {compact(not fixed)}'")
        for name, fixed in FIXED_OPTIONS.items()
        if document.get("options", {}).get(name, fixed) != fixed
    ]
    if "controls" in document and "pinned_panels" not in document:
        refused.append(NotExpressible(("controls",), "the dashboard has no controls: they stand in pinned_panels"))
    time_range = document.get("time_range", {})
    if "mode" in time_range:
        # Nothing but the two ends is kept, so the mode has to be theirs.
        mode = "relative" if "now" in time_range["from"] + time_range["to"] else "absolute"
        if time_range["mode"] != mode:
            refused.append(NotExpressible(("time_range", "mode"), f"the two ends of this time range are {mode}"))
    return refused


def from_dashboard(item: JsonObject, tag_names: Mapping[str, str] | None = None) -> JsonObject:
    """Turn a dashboard back into a document, as yet without panels (panels.py); `tag_names` gives names of tags by id.

    What the vocabulary has no words for is left out; so are all filters, or all controls, where one of them has none:
    whoever needs it all compares `to_dashboard` of the result with what came in. Raises UnsayableError for an object
    that is no dashboard at all: without attributes or a title, or nested too deeply.
    """
    attributes, references = with_json_opened(item), as_references(item.get("references"))
    if not isinstance(attributes.get("title"), str):
        raise UnsayableError("a dashboard without a title")
    document = from_lens(ROWS, attributes)
    if attributes.get("timeRestore") is True:
        if all(isinstance(attributes.get(end), str) for end in ("timeFrom", "timeTo")):
            from_lens(TIME_RANGE, attributes, document)
        from_lens(REFRESH_INTERVAL, attributes, document)
    search_source = find(attributes, ("kibanaSavedObjectMeta", "searchSourceJSON"))
    document |= _from_search_source(search_source, references)
    options = from_lens(OPTIONS, attributes.get("optionsJSON", {}))
    if not same(options, DEFAULT_OPTIONS):
        document["options"] = options
    if "controlGroupInput" in attributes:
        with suppress(UnsayableError):
            group = attributes["controlGroupInput"]
            document["pinned_panels"] = from_controls(group, references)
            if settings := from_control_settings(group, document["pinned_panels"]):
                document["controls"] = settings
    document |= from_tag_references(references, tag_names or {})
    if item.get("managed") is True:
        document["lock"] = True
    return document | {"panels": []}


def with_json_opened(item: JsonObject) -> JsonObject:
    """Return the attributes with the JSON opened that they hold in strings, and in the shape of Kibana since 7.3.

    What ought to be such a string and is the value itself counts as opened: integrations ship their dashboards so.
    """
    if not isinstance(item.get("attributes"), dict):
        raise UnsayableError("an object without attributes")
    attributes = dict(item["attributes"])
    for parent, name in JSON_STRINGS:
        owner = attributes.get(parent) if parent else attributes
        if isinstance(owner, dict) and isinstance(owner.get(name), str):
            with suppress(ValueError, RecursionError):
                value = json.loads(owner[name])
                # A text inside would look like a string that was not opened.
                opened = owner if isinstance(value, str) else {**owner, name: value}
                attributes |= {parent: opened} if parent else opened
    return in_one_shape(attributes)


def _from_search_source(search_source: Json, references: Sequence[JsonObject]) -> JsonObject:
    said: JsonObject = {}
    query, filters = find(search_source, ("query",)), find(search_source, ("filter",))
    with suppress(UnsayableError):
        if query is not ABSENT and not same(query, NO_QUERY):
            # The Dashboards API has no default for the language here.
            said["query"] = {"language": "kql", **from_kibana_query(query)}
    with suppress(UnsayableError):
        if filters:
            said["filters"] = from_search_source_filters(filters, references)
    return said
