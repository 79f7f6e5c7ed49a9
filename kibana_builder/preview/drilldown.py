"""Where a drilldown leads: to another dashboard with what is chosen here, or to a web address that is filled in.

Facts: Kibana 8.12's drilldowns (dashboard_enhanced, url_drilldown, ui_actions_enhanced). To a dashboard go the other
dashboard's own filters, then those of this one and of its controls, then what was clicked, which goes along always.
An address is a template of Handlebars: what is not known in it is an error, and the whole is percent-encoded at the end
as JavaScript's encodeURI does.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from urllib.parse import quote

from kibana_builder.charts.filters import to_kibana_query
from kibana_builder.errors import KbuildError
from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.address import address_of, kibana_filters
from kibana_builder.preview.control_filters import control_filters
from kibana_builder.preview.dashboard_view import Panel, View
from kibana_builder.preview.library import Library

__all__ = ["WrongTemplate", "dashboard_address", "url_address"]

_BRACES = re.compile(r"\{\{\{?(.*?)\}?\}\}", re.DOTALL)
_PATH = re.compile(r"[\w@]+(?:\.(?:\w+|\[[^\]]*\]))*")


class WrongTemplate(KbuildError):
    """The template of an address that cannot be filled in."""


def dashboard_address(
    drilldown: JsonObject, view: View, panel: Panel, clicked: Sequence[JsonObject], library: Library
) -> str:
    """Give the address of the dashboard that a drilldown leads to; `view` has what is chosen, `clicked` are filters."""
    name = drilldown["dashboard_id"]
    settings: JsonObject = {}
    there = library.dashboards[name].document.get("filters", ()) if name in library.dashboards else ()
    here: list[JsonObject] = []
    if drilldown.get("use_filters", True):
        settings["query"] = view.query or {"expression": ""}
        here = [*view.filters, *control_filters(view.controls)]
    settings["filters"] = _once([*there, *here, *clicked])
    if drilldown.get("use_time_range", True):
        settings["time_range"] = panel.time_range or view.time_range
    return f"#/view/{quote(name, safe='')}?{address_of(settings)}"


def _once(filters: Sequence[JsonObject]) -> list[JsonObject]:
    return list({json.dumps(one, sort_keys=True): one for one in filters}.values())


def url_address(drilldown: JsonObject, view: View, panel: Panel, event: JsonObject, host: str) -> str:
    """Fill in the address of a URL drilldown; `event` is what was clicked, `host` is where Kibana would stand.

    Raises WrongTemplate, for helpers (`{{date …}}`) and blocks (`{{#if …}}`) too, which kbuild does not run.
    """
    known = {"event": event, "context": {"panel": _panel_values(view, panel)}, "kibanaUrl": host}
    address = _BRACES.sub(lambda found: _filled(found[1].strip(), known), drilldown["url"])
    # encodeURI leaves these characters, and letters and digits, as they are.
    return quote(address, safe=";,/?:@&=+$-_.!~*'()#") if drilldown.get("encode_url", True) else address


def _filled(words: str, known: JsonObject) -> str:
    if _PATH.fullmatch(words) is None:
        raise WrongTemplate(f"kbuild does not fill in {{{{{words}}}}}: it knows plain variables, such as event.value")
    value: Json = known
    for step in words.split("."):
        key = step.strip("[]")
        if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        elif isinstance(value, dict) and key in value:
            value = value[key]
        else:
            raise WrongTemplate(f"{{{{{words}}}}} is not known here: there is no {step}")
    if isinstance(value, dict | list):
        raise WrongTemplate(f"{{{{{words}}}}} is no single value")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def _panel_values(view: View, panel: Panel) -> JsonObject:
    values: JsonObject = {
        "id": panel.id,
        "title": panel.title or "",
        "query": to_kibana_query(view.query),
        "filters": kibana_filters([*view.filters, *control_filters(view.controls)]),
        "timeRange": panel.time_range or view.time_range,
    }
    if panel.visualization is not None:
        values["savedObjectId"] = panel.visualization
    source = (panel.chart or {}).get("data_source", {}).get("ref_id")
    return values if source is None else {**values, "indexPatternId": source}
