"""What stands behind `?` in a dashboard's address <-> what a person chose.

Kibana keeps times and refresh interval in `_g`, query, filters and the panel that fills the page in `_a`, both in
Rison; so links made for Kibana open here, and addresses of this page open there. What is selected in controls stands in
a part of its own, `kbuild`, which Kibana passes over: its `_a` has room for whole control groups only, and of such a
one the selections are read. Facts: Kibana 8.12 (dashboard plugin, dashboard_app/url and locator).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, quote

from kibana_builder.charts import UnsayableError
from kibana_builder.charts.filters import (
    from_kibana_query,
    from_lens_filters,
    to_kibana_query,
    to_search_source_filters,
)
from kibana_builder.charts.mapping import from_lens
from kibana_builder.errors import KbuildError
from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.rison import NotRison, from_rison, to_rison
from kibana_builder.saved.controls import CONTROL_TYPES

__all__ = ["WrongAddress", "address_of", "kibana_filters", "settings_of"]

SAFE = "!'()*,:@$/-_.~"
"""Characters that Rison uses and an address may have as they are."""


class WrongAddress(KbuildError):
    """An address whose state cannot be read."""


def settings_of(address: str) -> JsonObject:
    """Read the state of an address (`_g=…&_a=…`) as the page's settings (page_api.py). Raises WrongAddress."""
    parts = dict(parse_qsl(address.removeprefix("?")))
    shared, own, kbuild = (_state(parts, name) for name in ("_g", "_a", "kbuild"))
    settings: JsonObject = {}
    time, refresh = shared.get("time"), shared.get("refreshInterval")
    if isinstance(time, dict):
        settings["time_range"] = {"from": time.get("from"), "to": time.get("to")}
    if isinstance(refresh, dict) and isinstance(refresh.get("value"), int | float):
        settings["refresh_ms"] = 0 if refresh.get("pause", True) else refresh["value"]
    try:
        if "query" in own:
            settings["query"] = from_kibana_query(own["query"])
        if "filters" in own or shared.get("filters"):
            settings["filters"] = _filters(shared.get("filters", [])) + _filters(own.get("filters", []))
    except UnsayableError as error:
        raise WrongAddress(f"the address has {error}, for which kbuild has no words") from None
    if isinstance(own.get("expandedPanelId"), str):
        settings["expanded"] = own["expandedPanelId"]
    controls = {**_selections(own.get("controlGroupInput")), **_objects(kbuild.get("controls"))}
    return {**settings, "controls": controls} if controls else settings


def _state(parts: Mapping[str, str], name: str) -> JsonObject:
    try:
        value = from_rison(parts[name]) if parts.get(name) else {}
    except NotRison as error:
        raise WrongAddress(f"{name} in the address is {error}") from None
    return value if isinstance(value, dict) else {}


def _filters(filters: Json) -> list[JsonObject]:
    """Read Kibana's filters. Raises UnsayableError for one without words."""
    if isinstance(filters, list):
        # Whether one is pinned across dashboards counts only for who goes on from one to another.
        filters = [{k: v for k, v in one.items() if k != "$state"} if isinstance(one, dict) else one for one in filters]
    return from_lens_filters(filters, [])


def _selections(group: Json) -> JsonObject:
    """Take what is selected out of a control group as Kibana writes it into an address."""
    panels = _objects(group.get("panels")) if isinstance(group, dict) else {}
    rows = {kind.name: kind.rows for kind in CONTROL_TYPES}
    return {
        name: from_lens(rows[panel["type"]], panel, {}) for name, panel in panels.items() if panel.get("type") in rows
    }


def _objects(value: Json) -> JsonObject:
    return {key: one for key, one in value.items() if isinstance(one, dict)} if isinstance(value, dict) else {}


def address_of(settings: JsonObject) -> str:
    """Write settings as the state of an address; nothing where nothing was chosen."""
    shared: JsonObject = {}
    own: JsonObject = {}
    if "refresh_ms" in settings:
        shared["refreshInterval"] = {"pause": settings["refresh_ms"] == 0, "value": settings["refresh_ms"]}
    if "time_range" in settings:
        shared["time"] = settings["time_range"]
    if "filters" in settings:
        own["filters"] = kibana_filters(settings["filters"])
    if "query" in settings:
        own["query"] = to_kibana_query(settings["query"])
    if "expanded" in settings:
        own["expandedPanelId"] = settings["expanded"]
    kbuild = {"controls": settings["controls"]} if settings.get("controls") else {}
    states = (("_g", shared), ("_a", own), ("kbuild", kbuild))
    return "&".join(f"{name}={quote(to_rison(state), safe=SAFE)}" for name, state in states if state)


def kibana_filters(filters: list[JsonObject]) -> list[JsonObject]:
    """Write as-code filters as Kibana does outside of saved objects: each names its data view by its id."""
    made, references = to_search_source_filters(filters)
    ids = {reference["name"]: reference["id"] for reference in references}
    for one in made:
        name = one["meta"].pop("indexRefName", None)
        if name is not None:
            one["meta"]["index"] = ids[name]
    return made
