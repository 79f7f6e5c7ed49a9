"""A dashboard taken apart: what is for which panel, and what cannot be told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.saved.dashboard_parts import Panel, taken_apart, with_panels


def dashboard(panels: Json, *names: str, **attributes: Any) -> JsonObject:
    return {
        "type": "dashboard",
        "id": "d",
        "attributes": {"title": "D", "panelsJSON": json.dumps(panels), **attributes},
        "references": [{"type": "lens", "id": name, "name": name} for name in names],
    }


def test_references_go_with_their_panels() -> None:
    """By the index before the name, or by the whole name as before 7.13; the others are the dashboard's own."""
    panels = [{"panelIndex": "a"}, {"panelIndex": "b:c"}, {"panelIndex": "d", "panelRefName": "panel_2"}]
    item = dashboard(panels, "a:layer", "b:c:layer", "panel_2", "tag-ref-x")
    parts = taken_apart(item, item)
    assert parts is not None
    settings, found = parts[0]
    assert settings["attributes"] == {"title": "D", "panelsJSON": "[]"}
    assert [reference["name"] for reference in settings["references"]] == ["tag-ref-x"]
    names = [[reference["name"] for reference in panel.references] for panel in found]
    assert names == [["a:layer"], ["b:c:layer"], ["panel_2"]]
    assert with_panels(settings, *found)["attributes"] == {
        "title": "D",
        "panelsJSON": json.dumps(panels, separators=(",", ":")),
    }


def test_a_reference_that_outlives_its_panel_is_no_setting() -> None:
    before, after = dashboard([{"panelIndex": "a"}], "a:layer"), dashboard([], "a:layer")
    parts = taken_apart(before, after)
    assert parts is not None
    assert [side.settings["references"] for side in parts] == [[], []]
    assert [side.panels for side in parts] == [[Panel({"panelIndex": "a"}, before["references"])], []]


@pytest.mark.parametrize(
    "broken",
    [
        dashboard([1]),
        dashboard({}),
        {**dashboard([]), "references": True},
        {**dashboard([]), "references": [{"name": 1}]},
        {**dashboard([]), "attributes": None},
        dashboard([]) | {"attributes": {"panelsJSON": "[NaN]"}},
        dashboard([]) | {"attributes": {"panelsJSON": []}},
        dashboard([]) | {"attributes": {"panelsJSON": "[" * 100_000}},
    ],
)
def test_what_cannot_be_told_is_not_taken_apart(broken: JsonObject) -> None:
    assert taken_apart(dashboard([]), broken) is None
    assert taken_apart(broken, dashboard([])) is None
