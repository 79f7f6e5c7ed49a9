"""What the page asks for, and gets as JSON: the list, a dashboard drawn, a control's options, the inside of a panel.

Everything that comes from objects or data is text here; where it becomes HTML, the drawing modules have escaped it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from kibana_builder.errors import KbuildError
from kibana_builder.files.yaml_writer import write_yaml
from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.kql import KqlError, parse
from kibana_builder.preview.answer import Answer, PanelError, Table
from kibana_builder.preview.dashboard_view import Panel, Settings, View, ask, panel_view, view_of
from kibana_builder.preview.drawing import chart_html, error_html, filters_by
from kibana_builder.preview.markdown import markdown_html
from kibana_builder.preview.picture import panel_size
from kibana_builder.preview.stage import Stage
from kibana_builder.spec.check import check

__all__ = ["ENDPOINTS", "BadRequest"]

MOST_ROWS = 1000
"""So many rows of a panel are shown to who inspects it."""


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
    """Draw a dashboard or a visualization with the settings that a person chose."""
    # The version comes first: what is saved while this is drawn makes the page draw anew.
    current = stage.version()
    view = _view(stage, asked)
    settings = _settings(stage, asked)
    view = view.chosen(settings)
    wrong = _query_error(view.query)
    answers = {} if wrong else _answers(stage, view, settings)
    return {
        "version": current,
        "id": view.id,
        "title": view.title,
        "description": view.description,
        "time_range": view.time_range,
        "refresh_ms": view.refresh_ms,
        "query": (view.query or {}).get("expression", ""),
        "query_error": wrong,
        "filters": list(view.filters),
        "controls": list(view.controls),
        "panels": [_panel(panel, answers, settings) for panel in view.panels],
    }


def _view(stage: Stage, asked: JsonObject) -> View:
    library, name = stage.library(), asked.get("id")
    if not isinstance(name, str):
        raise BadRequest("id is missing")
    return panel_view(library, name) if asked.get("kind") == "visualization" else view_of(library, name)


def _settings(stage: Stage, asked: JsonObject) -> Settings:
    said = asked.get("settings") or {}
    if not isinstance(said, dict):
        raise BadRequest("settings must be an object")
    query, filters, controls, times = (said.get(name) for name in ("query", "filters", "controls", "time_range"))
    width = said.get("width", 1600)
    return Settings(
        time_range=times if _is_range(times) else stage.fixed_range(),
        query={"expression": query, "language": "kql"} if isinstance(query, str) else None,
        filters=_filters(filters) if isinstance(filters, list) else None,
        controls=_objects(controls),
        width=min(6000, max(320, int(width))) if isinstance(width, int | float) else 1600,
        zone=stage.zone,
    )


def _filters(value: list[Json]) -> tuple[JsonObject, ...]:
    """Take filters that the language has. Raises BadRequest for any other."""
    findings = check("dashboard", {"title": "", "panels": [], "filters": value})
    if findings:
        raise BadRequest(f"filters: {findings[0].message}")
    return tuple(value)


def _objects(value: Json) -> dict[str, JsonObject] | None:
    return {key: one for key, one in value.items() if isinstance(one, dict)} if isinstance(value, dict) else None


def _is_range(value: Json) -> bool:
    return isinstance(value, dict) and isinstance(value.get("from"), str) and isinstance(value.get("to"), str)


def _query_error(query: JsonObject | None) -> str | None:
    """Say what is wrong with the query above the panels; other languages than KQL are each panel's own error."""
    if query is None or query.get("language", "kql") != "kql":
        return None
    try:
        parse(query["expression"])
    except KqlError as error:
        return str(error)
    return None


def _answers(stage: Stage, view: View, settings: Settings) -> Mapping[str, Answer | PanelError]:
    return ask(view, stage.executor, stage.sources(), settings, stage.now_ms())


def _panel(panel: Panel, answers: Mapping[str, Answer | PanelError], settings: Settings) -> JsonObject:
    x, y, w, h = panel.grid
    size = panel_size(w, h, settings.width, titled=panel.title is not None)
    drawn: JsonObject = {
        "id": panel.id,
        "title": panel.title,
        "grid": {"x": x, "y": y, "w": w, "h": h},
        "drilldowns": list(panel.drilldowns),
        "chart": panel.chart["type"] if panel.chart is not None else None,
    }
    if panel.error is not None:
        return {**drawn, "html": error_html(panel.error)}
    if panel.markdown is not None:
        return {**drawn, "html": f'<div class="markdown">{markdown_html(panel.markdown)}</div>'}
    answer = answers.get(panel.id)
    if panel.chart is None or answer is None:
        return {**drawn, "html": ""}
    drawn["html"] = chart_html(panel.chart, answer, *size, panel.mark, settings.zone)
    drawn["filters_by"] = filters_by(panel.chart, answer) if isinstance(answer, Answer) else {}
    return drawn


def options(stage: Stage, asked: JsonObject) -> JsonObject:
    """Give the values of a control's field with their counts, or the ends of its range; other controls narrow them."""
    view = _view(stage, asked)
    settings = _settings(stage, asked)
    control = next((one for one in view.controls if one["id"] == asked.get("control")), None)
    if control is None or "field_name" not in control.get("config", {}):
        raise BadRequest("there is no such control")
    config = control["config"]
    others = [one for one in view.controls if one is not control]
    chart = _options_chart(control["type"], config)
    panel = Panel("options", None, (0, 0, 48, 10), chart=chart)
    answer = _answers(stage, replace(view, panels=(panel,), controls=tuple(others)), settings)["options"]
    if isinstance(answer, PanelError):
        return {"error": answer.message}
    table = answer.layers[0]
    if isinstance(table, PanelError):
        return {"error": table.message}
    if control["type"] == "range_slider_control":
        low, high = (table.rows[0][0], table.rows[0][1]) if table.rows else (None, None)
        return {"min": low, "max": high}
    return {"options": [{"value": row[0], "count": row[1]} for row in table.rows if row[0] is not None]}


def _options_chart(kind: str, config: JsonObject) -> JsonObject:
    source = {"type": "data_view_reference", "ref_id": config["data_view_id"]}
    field = config["field_name"]
    if kind == "range_slider_control":
        metrics: list[JsonObject] = [{"operation": "min", "field": field}, {"operation": "max", "field": field}]
        return {"type": "data_table", "data_source": source, "metrics": metrics}
    rows = [{"operation": "terms", "fields": [field], "limit": 100}]
    return {"type": "data_table", "data_source": source, "rows": rows, "metrics": [{"operation": "count"}]}


def inspect(stage: Stage, asked: JsonObject) -> JsonObject:
    """Give the inside of a panel: what was asked, what came, its YAML, the saved object behind it."""
    view = _view(stage, asked)
    settings = _settings(stage, asked)
    panel = next((one for one in view.panels if one.id == asked.get("panel")), None)
    if panel is None:
        raise BadRequest("there is no such panel")
    inside: JsonObject = {"title": panel.title, "yaml": write_yaml(panel.source) if panel.source else ""}
    inside["saved_object"] = _saved_object(stage, view, panel)
    if panel.chart is None or _query_error(view.chosen(settings).query):
        return inside
    answer = _answers(stage, replace(view, panels=(panel,)), settings)[panel.id]
    if isinstance(answer, PanelError):
        return {**inside, "error": answer.message}
    inside["request"] = answer.request
    inside["took_ms"] = answer.took_ms
    inside["layers"] = [_rows(layer) for layer in answer.layers]
    return inside


def _rows(layer: Table | PanelError) -> JsonObject:
    if isinstance(layer, PanelError):
        return {"error": layer.message}
    return {
        "columns": [column.label for column in layer.columns],
        "rows": [list(row) for row in layer.rows[:MOST_ROWS]],
    }


def _saved_object(stage: Stage, view: View, panel: Panel) -> Json:
    """Give the object that Kibana has of a panel: the visualization it shows, or the dashboard that holds it."""
    key = ("lens", panel.visualization) if panel.visualization is not None else ("dashboard", view.id)
    return stage.library().objects.get(key)


def version(stage: Stage, _: JsonObject) -> JsonObject:
    """Give the version of what is shown; the page draws anew when it changes."""
    return {"version": stage.version()}


ENDPOINTS: Mapping[str, Callable[[Stage, JsonObject], dict[str, Any]]] = {
    "version": version,
    "overview": overview,
    "draw": draw,
    "options": options,
    "inspect": inspect,
}
"""The parts of the page's own API, below /kbuild/api/."""
