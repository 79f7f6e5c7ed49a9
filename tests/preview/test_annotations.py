"""Annotations of an xy chart: what is found, what is written down, and how both are drawn."""

from __future__ import annotations

import vl_convert

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.answer import Answer
from kibana_builder.preview.asking import Source
from kibana_builder.preview.drawing import VEGA_LITE
from kibana_builder.preview.duckdb import DuckExecutor
from kibana_builder.preview.vega_xy import xy_spec
from kibana_builder.sandbox.events import Events
from tests.preview.gold_numbers import document, drawn, mapping, question
from tests.preview.small_events import HOUR, MINUTE, NOON, ask, hourly, rows, source, store, why_not, xy
from tests.shared_material import GOLD, needs_shared

ERRORS: JsonObject = {
    "type": "query",
    "label": "failed",
    "query": {"expression": "k : bad", "language": "kql"},
    "time_field": "t",
}


def chart(*events: JsonObject, **settings: Json) -> JsonObject:
    """Give a chart of counts by the hour, with these annotations before its line."""
    made = xy([{"operation": "count"}], hourly())
    made["layers"].insert(0, {"type": "annotations", "data_source": source(), "events": list(events), **settings})
    return made


def written(minutes: int, **more: Json) -> JsonObject:
    return {"type": "point", "timestamp": f"2026-11-22T12:{minutes:02}:00.000Z", **more}


def test_each_interval_with_an_event_has_a_mark() -> None:
    """It stands at the first event of the interval, and says how many there are; the query decides which they are."""
    made = [{"t": NOON + minutes * MINUTE, "k": "bad"} for minutes in (5, 20, 130)] + [{"t": NOON, "k": "good"}]
    with store(made) as events:
        found = rows(ask(events, chart(ERRORS)))
    assert found == [(0, NOON + 5 * MINUTE, None, 2, "failed"), (0, NOON + 130 * MINUTE, None, 1, "failed")]


def test_the_words_of_a_mark_may_come_from_a_field() -> None:
    """A text field takes the place of the label."""
    with store([{"t": NOON, "k": "bad", "s": "disk full"}]) as events:
        found = rows(ask(events, chart({**ERRORS, "text": {"visible": True, "field": "s"}})))
    assert found == [(0, NOON, None, 1, "disk full")]


def test_what_is_written_down_needs_no_event() -> None:
    """Points and ranges are there where they lie in the time range; what is hidden is not."""
    maintenance = {
        "type": "range",
        "label": "maintenance",
        "interval": {"from": "2026-11-22T11:00:00Z", "to": NOON + HOUR},
    }
    last_year = {"type": "point", "timestamp": "2025-11-22T12:00:00Z"}
    with store([{"t": NOON}]) as events:
        found = rows(ask(events, chart(written(30), maintenance, last_year, written(40, visible=False))))
    assert found == [
        (1, NOON - HOUR, NOON + HOUR, 1, "maintenance"),
        (0, NOON + 30 * MINUTE, None, 1, "Event"),
    ]


def test_the_dashboards_query_counts_unless_it_is_ignored() -> None:
    """A layer that ignores global filters finds its events in spite of them."""
    query = {"expression": "k : good", "language": "kql"}
    with store([{"t": NOON, "k": "bad"}]) as events:
        assert rows(ask(events, chart(ERRORS), queries=(query,))) == []
        assert len(rows(ask(events, chart(ERRORS, ignore_global_filters=True), queries=(query,)))) == 1


def test_what_cannot_be_answered_says_why() -> None:
    """A field that is absent, and a moment that is none, are named."""
    with store([{"t": NOON}]) as events:
        assert "no field 'when'" in why_not(ask(events, chart({**ERRORS, "time_field": "when"})))
        assert "an annotation: " in why_not(ask(events, chart({"type": "point", "timestamp": "soon"})))


def test_annotations_are_drawn_over_the_chart() -> None:
    """A mark is a line with a sign and its words; a range is a field of colour, with the opacity that it says."""
    place = {"type": "range", "interval": {"from": NOON, "to": NOON + HOUR}, "label": "night"}
    said = chart(written(30, label="<deployed>", text={"visible": True}), place, ERRORS)
    with store([{"t": NOON + minutes * MINUTE, "k": "bad"} for minutes in (1, 2)]) as events:
        answer = ask(events, said)
    assert isinstance(answer, Answer)
    spec = xy_spec(said, answer, 600, 300)
    layers = [layer for layer in spec["layer"][0]["layer"] if layer["mark"].get("aria", True)]
    by_mark = {kind: [one for one in layers if one["mark"]["type"] == kind] for kind in ("rect", "rule", "text")}
    (night,) = by_mark["rect"]
    assert (night["mark"]["color"], night["mark"]["opacity"]) == ("#F04E98", 0.1)
    assert night["data"]["values"][0] | {"said": ""} == {"time": NOON, "until": NOON + HOUR, "said": ""}
    assert [rule["data"]["values"][0]["time"] for rule in by_mark["rule"]] == [NOON + 30 * MINUTE, NOON + MINUTE]
    assert [row["label"] for text in by_mark["text"] for row in text["data"]["values"]] == ["<deployed>", "2"]
    svg = str(vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE))
    assert "&lt;deployed&gt;" in svg
    assert "<deployed>" not in svg


@needs_shared
def test_annotations_as_kibana_drew_them() -> None:
    """The gold chart has a mark at each of the five moments that Kibana 8.12.2 marked, with its words."""
    types = {name: field["type"] for name, field in mapping().items()}
    with Events(mappings={"ml-metrics-*": types}) as events:
        events.load("ml-metrics-1", GOLD / "events.ndjson")
        asked = question(
            document("shape-xy-annotations"), Source("ml-metrics-*", "@timestamp", events.fields("ml-metrics-*"))
        )
        found = rows(DuckExecutor(events).answer([asked])[0], 1)
    marks = drawn("ml-shapes", "xy-annotations")["charts"][0]["annotations"]
    wanted = [mark["data"] for mark in marks if "dataValue" in mark["data"]]
    assert [(row[1], row[4]) for row in found] == [(one["dataValue"], one["details"]) for one in wanted]
