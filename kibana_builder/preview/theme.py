"""What all drawings share: Kibana's fonts, greys and lines (its light theme, 8.12)."""

from __future__ import annotations

from kibana_builder.json_tree import JsonObject

__all__ = [
    "AXIS_TEXT",
    "DANGER",
    "DARK",
    "FONT",
    "GRID",
    "INK",
    "LABEL_PADDING",
    "LEGEND_OFFSET",
    "NO_RESULTS",
    "PALE",
    "PANEL_BACKGROUND",
    "SUBDUED",
    "TITLE_SIZE",
    "base_spec",
]

FONT = "Inter, Helvetica, Arial, sans-serif"
INK = "#343741"
SUBDUED = "#69707D"
AXIS_TEXT = "#646A77"
GRID = "#EAEDF3"
PALE = "#D3DAE6"
"""Of borders and lines between rows, and of the ground of a bar without a colour."""
DARK = "#1A1C21"
DANGER = "#BD271E"
PANEL_BACKGROUND = "#FFFFFF"
LABEL_PADDING, TITLE_SIZE = 10, 12
"""How far the words of an axis are from it and its title from them, and the size of that (elastic-charts)."""
LEGEND_OFFSET = 18
NO_RESULTS = "No results found"
"""Kibana's words where a chart has nothing to show."""


def base_spec(width: float, height: float) -> JsonObject:
    """Give the frame of a Vega-Lite spec that fills so many pixels; layers and data are put into it."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": width,
        "height": height,
        "autosize": {"type": "fit", "contains": "padding"},
        "padding": {"left": 4, "top": 8, "right": 8, "bottom": 4},
        "background": None,
        "config": {
            "font": FONT,
            "view": {"stroke": None},
            "axis": {
                "labelColor": AXIS_TEXT,
                "labelFontSize": 10,
                "labelLineHeight": 11,
                "labelPadding": LABEL_PADDING,
                "titleColor": DARK,
                "titleFontSize": TITLE_SIZE,
                "titleFontWeight": "bold",
                "titlePadding": LABEL_PADDING,
                "gridColor": GRID,
                "gridDash": [4, 4],
                "domainColor": GRID,
                "tickColor": GRID,
                "tickSize": 4,
                "labelLimit": 120,
                "labelOverlap": False,
            },
            "legend": {
                "labelColor": INK,
                "labelFontSize": 12,
                "labelLimit": 110,
                "symbolType": "circle",
                "symbolSize": 60,
                "symbolStrokeWidth": 0,
                "symbolOpacity": 1,
                "rowPadding": 10,
                "offset": LEGEND_OFFSET,
                "title": None,
            },
        },
    }
