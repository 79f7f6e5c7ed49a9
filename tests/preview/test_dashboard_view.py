"""Dashboards as they are shown: panels that kbuild keeps as Kibana has them stand where Kibana has them."""

from __future__ import annotations

import json

from kibana_builder.preview.dashboard_view import view_of
from kibana_builder.preview.library import library_of

MARKDOWN = {
    "type": "visualization",
    "panelIndex": "1",
    "gridData": {"x": 0, "y": 0, "w": 48, "h": 4, "i": "1"},
    "embeddableConfig": {
        "savedVis": {"type": "markdown", "title": "", "params": {"markdown": "Hello", "fontSize": 12}, "data": {}}
    },
}
UNKNOWN = {
    "type": "swimlane",
    "panelIndex": "2",
    "gridData": {"x": 24, "y": 4, "w": 12, "h": 7, "i": "2"},
    "embeddableConfig": {},
}


def dashboard(*panels: object) -> dict[str, object]:
    attributes = {"title": "Mine", "panelsJSON": json.dumps(panels), "optionsJSON": "{}"}
    return {"type": "dashboard", "id": "mine", "attributes": attributes, "references": []}


def test_a_raw_panel_stands_where_kibana_has_it() -> None:
    """What kbuild has no words for is a box of its size that says so."""
    view = view_of(library_of([dashboard(MARKDOWN, UNKNOWN)]), "mine")
    assert [tuple(panel.grid) for panel in view.panels] == [(0, 0, 48, 4), (24, 4, 12, 7)]
    assert "swimlane" in (view.panels[1].error or "")


def test_a_panel_without_a_place_has_kibanas_size() -> None:
    """Kibana draws a panel whose place is missing; so does the picture."""
    view = view_of(library_of([dashboard({**UNKNOWN, "gridData": {"i": "2"}})]), "mine")
    assert [tuple(panel.grid) for panel in view.panels] == [(0, 0, 24, 15)]
