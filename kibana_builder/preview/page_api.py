"""What the page asks for, and gets as JSON: the list, a dashboard drawn, a control's options, the inside of a panel.

Everything that comes from objects or data is text here; where it becomes HTML, the drawing modules have escaped it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import tzinfo
from typing import Any

from kibana_builder.errors import KbuildError
from kibana_builder.files.yaml_writer import write_yaml
from kibana_builder.json_tree import Json, JsonObject, get
from kibana_builder.kql import KqlError, parse
from kibana_builder.preview.address import address_of, settings_of
from kibana_builder.preview.answer import Answer, PanelError, Table
from kibana_builder.preview.asking import Source
from kibana_builder.preview.control_filters import RANGE, SELECTIONS, TIME, offered_by, options_chart
from kibana_builder.preview.dashboard_view import Panel, Settings, View, ask, moments, panel_view, view_of
from kibana_builder.preview.drawing import chart_html, error_html, filters_by, is_full
from kibana_builder.preview.drilldown import dashboard_address, url_address
from kibana_builder.preview.markdown import markdown_html
from kibana_builder.preview.picture import GAP, ROW, panel_size
from kibana_builder.preview.stage import Stage
from kibana_builder.preview.time_slider import time_slider
from kibana_builder.preview.vega_xy import time_span
from kibana_builder.spec.check import check
from kibana_builder.spec.layout import COLUMNS

__all__ = ["ENDPOINTS", "BadRequest"]

MOST_ROWS = 1000
"""So many rows of a panel are shown to who inspects it."""
NARROW = 768
"""Below so many pixels of width Kibana stacks the panels."""
LEAST_ROWS = 12
"""So many rows of the grid a panel has at least that fills the window."""


class BadRequest(KbuildError):
    """The page asked for something in a way that cannot be meant."""


def overview(stage: Stage, _: JsonObject) -> JsonObject:
    """Give what there is to look at."""
    current, library = stage.version(), stage.library()
    return {
        "version": current,
        "notes": stage.notes,
        "dashboards": [
            {"id": one.id, "title": one.title, "description": one.document.get("description", ""),
             "panels": len(one.document["panels"]), "tags": one.document.get("tags", [])}
            for one in sorted(library.dashboards.values(), key=lambda one: one.title.casefold())
        ],
        "visualizations": [
            {"id": one.id, "title": one.title, "type": one.document["type"]}
            for one in sorted(library.visualizations.values(), key=lambda one: one.title.casefold())
        ],
        "problems": list(dict.fromkeys(library.problems.values())),
    }  # fmt: skip


def draw(stage: Stage, asked: JsonObject) -> JsonObject:
    """Draw a dashboard or a visualization with the settings that a person chose.

    `settings` says what was chosen, or `address` has it in Kibana's way (address.py); the answer has both.
    """
    # The version comes first: what is saved while this is drawn makes the page draw anew.
    current = stage.version()
    said, view = _chosen(stage, asked)
    width, height = _pixels(asked.get("width"), 1600), _pixels(asked.get("height"), 900)
    alone = view.panels[0].id if asked.get("kind") == "visualization" else said.get("expanded")
    view = _laid_out(view, alone, width, height)
    times = moments(view.time_range, stage.now_ms())
    answers = _answers(stage, view)
    return {
        "version": current,
        "notes": stage.notes,
        "problem": stage.library().problems.get("", ""),
        "id": view.id,
        "title": view.title,
        "description": view.description,
        "settings": said,
        "address": address_of(said),
        "time_range": view.time_range,
        "refresh_ms": view.refresh_ms,
        "query": view.query or {"expression": ""},
        **_query_error(view.query),
        "filters": list(view.filters),
        "controls": [_control(control, times) for control in view.controls],
        "control_settings": view.control_settings,
        "panels": [_panel(panel, answers.get(panel.id), width, stage.zone) for panel in view.panels],
    }


def _chosen(stage: Stage, asked: JsonObject) -> tuple[JsonObject, View]:
    """Give what a person chose, and the dashboard or visualization with it."""
    said = _said(asked)
    settings = Settings(
        time_range=said.get("time_range") or stage.fixed_range(),
        query=said.get("query"),
        filters=tuple(said["filters"]) if "filters" in said else None,
        controls=said.get("controls"),
    )
    view = _view(stage, asked).chosen(settings)
    _check("pinned_panels", [one for one in view.controls if one["id"] in (settings.controls or {})])
    return said, view


def _control(control: JsonObject, times: tuple[int, int]) -> JsonObject:
    """Give a control, with what a time slider needs to be drawn."""
    if control["type"] != TIME:
        return control
    slider = time_slider(control["config"], times)
    drawn = {"ends": slider.ends, "step": slider.step, "ticks": slider.ticks, "selected": slider.selected}
    return {**control, "slider": {**drawn, "times": times}}


def _view(stage: Stage, asked: JsonObject) -> View:
    library, name = stage.library(), asked.get("id")
    if not isinstance(name, str):
        raise BadRequest("id is missing")
    return panel_view(library, name) if asked.get("kind") == "visualization" else view_of(library, name)


def _laid_out(view: View, alone: Json, width: int, height: int) -> View:
    """Place the panels: one that is to be alone fills the window, and in a narrow one each has a row of its own."""
    for panel in view.panels:
        if panel.id == alone:
            rows = max(LEAST_ROWS, (height + GAP) // (ROW + GAP))
            return replace(view, panels=(replace(panel, grid=(0, 0, COLUMNS, rows)),))
    if width >= NARROW:
        return view
    below = 0
    stacked = []
    for panel in sorted(view.panels, key=lambda panel: (panel.grid[1], panel.grid[0])):
        stacked.append(replace(panel, grid=(0, below, COLUMNS, panel.grid[3])))
        below += panel.grid[3]
    return replace(view, panels=tuple(stacked))


def _said(asked: JsonObject) -> JsonObject:
    """Take the settings of a request, those of odd shapes left out; what a person cannot have meant is a BadRequest."""
    address = asked.get("address")
    said = settings_of(address) if isinstance(address, str) else asked.get("settings") or {}
    if not isinstance(said, dict):
        raise BadRequest("settings must be an object")
    kinds: tuple[tuple[str, Callable[[Json], bool]], ...] = (
        ("time_range", _is_range),
        ("refresh_ms", lambda value: isinstance(value, int | float) and not isinstance(value, bool) and value >= 0),
        ("query", lambda value: isinstance(value, dict) and isinstance(value.get("expression"), str)),
        ("filters", lambda value: isinstance(value, list)),
        ("controls", lambda value: isinstance(value, dict)),
        ("expanded", lambda value: isinstance(value, str)),
    )
    kept = {name: said[name] for name, is_kind in kinds if name in said and is_kind(said[name])}
    _check("filters", kept.get("filters", []))
    if "controls" in kept:
        kept["controls"] = {
            name: {key: chosen[key] for key in SELECTIONS if key in chosen}
            for name, chosen in kept["controls"].items()
            if isinstance(chosen, dict)
        }
    return kept


def _pixels(said: Json, usual: int) -> int:
    return min(6000, max(320, int(said))) if isinstance(said, int | float) else usual


def _check(name: str, value: list[Json]) -> None:
    """Raise BadRequest for filters or controls that the language does not have."""
    findings = check("dashboard", {"title": "", "panels": [], name: value})
    if findings:
        raise BadRequest(f"{name}: {findings[0].message}")


def _is_range(value: Json) -> bool:
    return isinstance(value, dict) and isinstance(value.get("from"), str) and isinstance(value.get("to"), str)


def _query_error(query: JsonObject | None) -> JsonObject:
    """Say what is wrong with the query and at which character; other languages than KQL are each panel's own error."""
    if query is not None and query.get("language", "kql") == "kql":
        try:
            parse(query["expression"])
        except KqlError as error:
            return {"query_error": str(error), "query_error_at": error.at}
    return {"query_error": None, "query_error_at": None}


def _answers(
    stage: Stage, view: View, sources: Mapping[str, Source] | None = None
) -> Mapping[str, Answer | PanelError]:
    """Ask for the data of a view that has what was chosen."""
    seen = stage.sources() if sources is None else sources
    return ask(view, stage.executor, seen, stage.now_ms(), stage.zone)


def _panel(panel: Panel, answer: Answer | PanelError | None, width: int, zone: tzinfo) -> JsonObject:
    x, y, w, h = panel.grid
    full = is_full(panel.chart)
    size = panel_size(w, h, width, titled=panel.title is not None, full=full)
    drawn: JsonObject = {
        "id": panel.id,
        "title": panel.title,
        "description": panel.description,
        "time_range": panel.time_range,
        "grid": {"x": x, "y": y, "w": w, "h": h},
        "drilldowns": list(panel.drilldowns),
        "chart": panel.chart["type"] if panel.chart is not None else None,
        "full": full,
    }
    if panel.error is not None:
        return {**drawn, "html": error_html(panel.error)}
    if panel.markdown is not None:
        return {**drawn, "html": f'<div class="markdown">{markdown_html(panel.markdown)}</div>'}
    if panel.chart is None or answer is None:
        return {**drawn, "html": ""}
    drawn["html"] = chart_html(panel.chart, answer, *size, panel.mark, zone)
    if isinstance(answer, Answer):
        drawn["filters_by"] = filters_by(panel.chart, answer, zone)
        drawn["time_span"] = time_span(panel.chart, answer) if panel.chart["type"] == "xy" else None
    return drawn


def options(stage: Stage, asked: JsonObject) -> JsonObject:
    """Give the values of a control's field with their counts, or the ends of its range; `search` finds some of them."""
    _, view = _chosen(stage, asked)
    control = next((one for one in view.controls if one["id"] == asked.get("control")), None)
    if control is None or control["type"] == TIME:
        raise BadRequest("there is no such control")
    seen, sources = offered_by(view, control, stage.sources())
    chart = options_chart(control, str(asked.get("search") or ""), _type_of(control["config"], sources))
    panel = Panel("options", None, (0, 0, COLUMNS, LEAST_ROWS), chart=chart)
    answer = _answers(stage, replace(seen, panels=(panel,)), sources)["options"]
    table = answer if isinstance(answer, PanelError) else answer.layers[0]
    if isinstance(table, PanelError):
        return {"error": table.message}
    if control["type"] == RANGE:
        low, high = (table.rows[0][0], table.rows[0][1]) if table.rows else (None, None)
        return {"min": low, "max": high}
    return {"options": [{"value": row[0], "count": row[1]} for row in table.rows if row[0] is not None]}


def _type_of(config: JsonObject, sources: Mapping[str, Source]) -> str:
    """Give the mapping type of the field of a control; of one that is not known, that of words."""
    source = sources.get(config["data_view_id"])
    known = source.fields.get(config["field_name"]) if source is not None else None
    return known.type if known is not None else "keyword"


def fields(stage: Stage, _: JsonObject) -> JsonObject:
    """Give the fields that a filter can be made of, each with its type and its data view, by name."""
    found = {
        name: {"type": of.type, "data_view_id": view_id}
        for view_id, source in reversed(list(stage.sources().items()))
        for name, of in source.fields.items()
    }
    return {"fields": [{"name": name, **found[name]} for name in sorted(found)]}


def lead(stage: Stage, asked: JsonObject) -> JsonObject:
    """Say where a drilldown of a panel leads from what was clicked (`event`, and the `filters` that it makes)."""
    _, view = _chosen(stage, asked)
    panel = _panel_of(view, asked)
    number, event, filters = asked.get("drilldown"), asked.get("event"), asked.get("filters", [])
    if not isinstance(number, int) or not 0 <= number < len(panel.drilldowns) or not isinstance(filters, list):
        raise BadRequest("there is no such drilldown")
    _check("filters", filters)
    drilldown = panel.drilldowns[number]
    if drilldown["type"] == "dashboard_drilldown":
        address = dashboard_address(drilldown, view, panel, filters, stage.library())
        return {"address": address, "new_tab": drilldown.get("open_in_new_tab", False)}
    clicked = event if isinstance(event, dict) else {}
    address = url_address(drilldown, view, panel, clicked, str(asked.get("host", "")))
    return {"address": address, "new_tab": drilldown.get("open_in_new_tab", True)}


def inspect(stage: Stage, asked: JsonObject) -> JsonObject:
    """Give the inside of a panel: what was asked, what came, its YAML, the saved object behind it."""
    _, view = _chosen(stage, asked)
    panel = _panel_of(view, asked)
    inside: JsonObject = {"title": panel.title, "yaml": write_yaml(panel.source) if panel.source else ""}
    inside["saved_object"] = _saved_object(stage, view, panel)
    if panel.chart is None:
        return inside
    answer = _answers(stage, replace(view, panels=(panel,)))[panel.id]
    if isinstance(answer, PanelError):
        return {**inside, "error": answer.message}
    inside["request"] = answer.request
    inside["took_ms"] = answer.took_ms
    inside["layers"] = [_rows(layer) for layer in answer.layers]
    return inside


def _panel_of(view: View, asked: JsonObject) -> Panel:
    panel = next((one for one in view.panels if one.id == asked.get("panel")), None)
    if panel is None:
        raise BadRequest("there is no such panel")
    return panel


def _rows(layer: Table | PanelError) -> JsonObject:
    if isinstance(layer, PanelError):
        return {"error": layer.message}
    return {
        "columns": [column.label for column in layer.columns],
        "rows": [list(row) for row in layer.rows[:MOST_ROWS]],
        "total": len(layer.rows),
    }


def _saved_object(stage: Stage, view: View, panel: Panel) -> Json:
    """Give what Kibana has of a panel: the visualization it shows, or its part of the dashboard's `panelsJSON`."""
    objects = stage.library().objects
    if panel.visualization is not None:
        return objects.get(("lens", panel.visualization))
    text = get(objects.get(("dashboard", view.id)), "attributes", "panelsJSON")
    panels = json.loads(text) if isinstance(text, str) else []
    return next((one for one in panels if one.get("panelIndex") == panel.id), None)


def version(stage: Stage, _: JsonObject) -> JsonObject:
    """Give the version of what is shown; the page draws anew when it changes."""
    return {"version": stage.version()}


ENDPOINTS: Mapping[str, Callable[[Stage, JsonObject], dict[str, Any]]] = {
    "version": version,
    "overview": overview,
    "draw": draw,
    "options": options,
    "fields": fields,
    "lead": lead,
    "inspect": inspect,
}
"""The parts of the page's own API, below /kbuild/api/."""
