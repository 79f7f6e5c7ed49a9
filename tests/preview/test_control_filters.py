"""Controls: what they select as filters, and what each of them offers."""

from __future__ import annotations

from typing import Any

import pytest

from kibana_builder.kql import FieldType
from kibana_builder.preview.asking import Source
from kibana_builder.preview.control_filters import control_filters, offered_by, options_chart, selected, sliced
from kibana_builder.preview.dashboard_view import View

FILTER = {"type": "condition", "condition": {"field": "a", "operator": "exists"}}
SOURCES = {"v": Source("logs-*", "@timestamp", {"a": FieldType("keyword")})}


def control(name: str, kind: str = "options_list_control", **config: Any) -> dict[str, Any]:
    return {"id": name, "type": kind, "config": {"data_view_id": "v", "field_name": name, **config}}


def view(*controls: dict[str, Any], **settings: Any) -> View:
    return View(
        "d", "D", "", (), {"from": "now-1d", "to": "now"}, 0, {"expression": "x"}, (FILTER,), controls, settings
    )


@pytest.mark.parametrize(
    ("said", "condition"),
    [
        (control("a"), None),
        (control("a", selected_options=["x", 5]), {"field": "a", "operator": "is_one_of", "value": ["x", 5]}),
        (control("a", selected_options=["x"], exists_selected=True), {"field": "a", "operator": "exists"}),
        (
            control("a", "range_slider_control", value=["", "1.5"]),
            {"field": "a", "operator": "range", "value": {"lte": 1.5}},
        ),
        (control("a", "range_slider_control", value=["", ""]), None),
    ],
)
def test_what_is_selected_filters(said: dict[str, Any], condition: dict[str, Any] | None) -> None:
    """A list by its values or by "exists", a slider by its ends."""
    assert [one["condition"] for one in control_filters([said])] == ([condition] if condition else [])


def test_a_list_can_exclude() -> None:
    """Then its filter is negated."""
    (made,) = control_filters([control("a", selected_options=["x"], exclude=True)])
    assert made["negate"] is True


def test_a_choice_takes_the_place_of_all_that_was_selected() -> None:
    """What is not chosen any more is gone, and what only the dashboard says stays."""
    saved = control("a", selected_options=["x"], exclude=True, title="A", single_select=True)
    assert selected(saved, {"selected_options": [], "title": "B"})["config"] == {
        "data_view_id": "v",
        "field_name": "a",
        "title": "A",
        "single_select": True,
        "selected_options": [],
    }
    assert selected(saved, None) == saved


def test_each_control_offers_what_those_before_it_leave() -> None:
    """Unless the dashboard says that they do not chain; a time slider counts wherever it stands."""
    slider = {"id": "t", "type": "time_slider_control", "config": {}}
    one, two, three = (control(name, selected_options=["x"]) for name in "abc")
    seen, _ = offered_by(view(one, two, three, slider), two, SOURCES)
    assert [item["id"] for item in seen.controls] == ["t", "a"]
    seen, _ = offered_by(view(one, two, three, slider, chaining=False), two, SOURCES)
    assert [item["id"] for item in seen.controls] == ["t"]


def test_what_a_control_does_not_look_at() -> None:
    """By what the dashboard says of all of them, or one of itself."""
    one = control("a")
    seen, sources = offered_by(view(one, ignore=["query"]), one, SOURCES)
    assert (seen.query, seen.filters, sources["v"].time_field) == (None, (FILTER,), "@timestamp")
    one = control("a", use_global_filters=False)
    seen, sources = offered_by(view(one), one, SOURCES)
    assert (seen.query, seen.filters, sources["v"].time_field) == (None, (), None)


@pytest.mark.parametrize(
    ("technique", "asked"),
    [
        ({}, {"wildcard": {"a": {"value": "*x\\**", "case_insensitive": True}}}),
        ({"search_technique": "prefix"}, {"prefix": {"a": {"value": "x*", "case_insensitive": True}}}),
        ({"search_technique": "exact"}, {"term": {"a": {"value": "x*"}}}),
    ],
)
def test_a_search(technique: dict[str, Any], asked: dict[str, Any]) -> None:
    """Finds values by what they contain, begin with or are; what is typed is no pattern."""
    assert options_chart(control("a", **technique), "x*")["filters"] == [{"type": "dsl", "dsl": asked}]


@pytest.mark.parametrize(
    ("field_type", "search", "asked"),
    [
        ("double", "1.5", {"term": {"a": {"value": "1.5"}}}),
        ("long", "x", {"match_none": {}}),
        ("long", "nan", {"match_none": {}}),
        ("boolean", "true", {"term": {"a": {"value": "true"}}}),
        ("boolean", "t", {"match_none": {}}),
        ("ip", "10.0.0.1", {"term": {"a": {"value": "10.0.0.1"}}}),
    ],
)
def test_a_search_among_what_is_no_text(field_type: str, search: str, asked: dict[str, Any]) -> None:
    """Takes the whole value; what is none finds nothing, rather than an error."""
    assert options_chart(control("a"), search, field_type)["filters"] == [{"type": "dsl", "dsl": asked}]


def test_a_slider_selects_times() -> None:
    """All of them without one, and never none."""
    part = {"start_percentage_of_time_range": 0.5, "end_percentage_of_time_range": 0.5}
    assert sliced([], (0, 86_400_000)) == (0, 86_400_000)
    assert sliced([{"type": "time_slider_control", "config": part}], (0, 86_400_000)) == (43_200_000, 43_200_001)
