"""Events that nobody measured: with them every panel of the dashboards shows something."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.answer import Answer, PanelError, Table
from kibana_builder.preview.asking import Source
from kibana_builder.preview.dashboard_view import ask, view_of
from kibana_builder.preview.duckdb import DuckExecutor
from kibana_builder.preview.library import DataView, Library, library_of
from kibana_builder.preview.made_up import made_up
from kibana_builder.sandbox.events import Events
from kibana_builder.saved.decompile import Decompiled
from tests.preview.small_events import DAY, NOON
from tests.shared_material import GOLD, needs_shared

COUNT: JsonObject = {"operation": "count"}


def tile(metric: JsonObject | None = None, view: str = "logs", **more: Json) -> JsonObject:
    source = {"type": "data_view_reference", "ref_id": view}
    return {"type": "metric", "data_source": source, "metrics": [{"type": "primary", **(metric or COUNT)}], **more}


def kql(text: str) -> JsonObject:
    return {"expression": text}


def condition(field: str, operator: str, value: Json, **more: Json) -> JsonObject:
    return {"type": "condition", "condition": {"field": field, "operator": operator, "value": value}, **more}


def library(*charts: JsonObject, **dashboard: Json) -> Library:
    """Give two data views and a dashboard with these charts."""
    panels = [
        {"id": str(number), "type": "vis", "grid": {"x": 0, "y": 0, "w": 24, "h": 8}, "config": chart}
        for number, chart in enumerate(charts)
    ]
    document: JsonObject = {"title": "Board", "panels": panels, **dashboard}
    return Library(
        dashboards={"board": Decompiled("dashboard", "board", "dashboard", "Board", document)},
        data_views={
            "logs": DataView("logs", "logs", "logs-*", "@timestamp"),
            "other": DataView("other", "other", "other-*", "@timestamp"),
        },
    )


def shown(found: Library) -> Iterator[tuple[str, Answer | PanelError]]:
    """Ask all dashboards over what is made up for them, each at its own time, and give the answers by their panels."""
    with Events() as events:
        for index, lines in made_up(found, NOON - DAY, NOON):
            events.append(index, lines)
        executor = DuckExecutor(events, now_ms=lambda: NOON)
        sources = {
            view.id: Source(view.pattern, view.time_field, executor.fields(view.pattern))
            for view in found.data_views.values()
        }
        for dashboard in found.dashboards:
            view = view_of(found, dashboard)
            answers = ask(view, executor, sources, NOON)
            yield from ((panel.title or panel.id, answers[panel.id]) for panel in view.panels if panel.id in answers)


def has_numbers(answer: Answer | PanelError) -> bool:
    """Tell whether an answer has a value that is not nothing, in the place of a metric."""
    assert isinstance(answer, Answer), answer
    for layer in answer.layers:
        assert isinstance(layer, Table), layer
    tables = [layer for layer in answer.layers if isinstance(layer, Table)]
    return any(
        row[index]
        for table in tables
        for index, column in enumerate(table.columns)
        if column.place.split("[")[0] in ("primary", "metric", "metrics", "y", "thresholds", "count")
        for row in table.rows
    )


@pytest.mark.parametrize(
    "chart",
    [
        tile(query=kql("model: fraud and error: true")),
        tile(query=kql("status >= 400 and status < 500")),
        tile(query=kql("load > 0.5 and load <= 0.9")),
        tile(query=kql("message: *refused*")),
        tile(query=kql("*out of* or panic")),
        tile(query=kql("not model: fraud")),
        tile({**COUNT, "filter": kql("model: fr*d and not model: x")}),
        tile({"operation": "formula", "formula": "count(kql='code: 7') / count(shift='1w')"}),
        tile({**COUNT, "time_shift": "1M"}),
        tile(filters=[condition("size", "range", {"gte": 1000, "lt": 1001})]),
        tile(filters=[condition("model", "is_one_of", ["a", "b"], data_view_id="other")]),
        tile({"operation": "average", "field": "status"}, query=kql('status: "200"')),
    ],
    ids=lambda chart: json.dumps([chart.get("query") or chart.get("filters"), chart["metrics"][0]]),
)
def test_what_is_asked_for_is_there(chart: JsonObject) -> None:
    """Values between two bounds, with words in the middle, of last week, or of a filter that names another view."""
    assert [has_numbers(answer) for _, answer in shown(library(chart))] == [True]


@pytest.mark.parametrize(
    "dashboard",
    [
        {"filters": [condition("role", "is", "hot", data_view_id="other")]},
        {"query": kql("zone: eu and tier: (1 or 2)")},
        {"time_range": {"from": "2020-02-01", "to": "2020-02-02"}},
        {"time_range": {"from": "now-10y", "to": "now-9y"}},
        {"time_range": {"from": "now-15m", "to": "now"}},
        {
            "pinned_panels": [
                {
                    "id": "one",
                    "type": "options_list_control",
                    "config": {"data_view_id": "other", "field_name": "role", "selected_options": ["warm"]},
                },
                {
                    "id": "two",
                    "type": "range_slider_control",
                    "config": {"data_view_id": "other", "field_name": "size", "value": ["900", "1000"]},
                },
            ]
        },
    ],
    ids=lambda dashboard: next(iter(dashboard)),
)
def test_what_a_dashboard_says_holds_for_all_its_panels(dashboard: JsonObject) -> None:
    """Its filters and controls ask panels of every data view, and its times may be any."""
    answers = list(shown(library(tile(), tile(view="other"), **dashboard)))
    assert [has_numbers(answer) for _, answer in answers] == [True, True]


def test_the_same_each_time() -> None:
    """Nothing depends on chance or on the clock."""
    found = library(tile(query=kql("a: b")))
    once, again = ([(index, list(lines)) for index, lines in made_up(found, NOON - DAY, NOON)] for _ in range(2))
    assert once == again


@needs_shared
def test_every_panel_of_the_gold_dashboards_shows_something() -> None:
    """All chart types and operations that Kibana drew are there."""
    lines = (Path(GOLD) / "exported.ndjson").read_text("utf-8").splitlines()
    objects = [item for item in map(json.loads, lines) if "attributes" in item]
    found = library_of(objects)
    day: JsonObject = {"time_range": {"from": "now-24h", "to": "now"}}
    for made in found.dashboards.values():
        made.document.update(day)
    answers = list(shown(found))
    assert len(answers) >= 39
    assert [title for title, answer in answers if not has_numbers(answer)] == []
