"""A panel's chart and its answer -> its drawing: as a Vega-Lite spec, as SVG, as HTML.

The tables SPECS and OTHERS are all that says how a chart type is drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, tzinfo
from typing import NamedTuple

from kibana_builder.json_tree import JsonObject
from kibana_builder.preview import shares
from kibana_builder.preview.answer import Answer, Column, PanelError, Table
from kibana_builder.preview.formats import bucket_text
from kibana_builder.preview.query import Special
from kibana_builder.preview.svg import apart, escaped, text, wrapped
from kibana_builder.preview.table import table_html, table_svg
from kibana_builder.preview.tables import EMPTY
from kibana_builder.preview.theme import DANGER, SUBDUED
from kibana_builder.preview.tiles import tiles_html, tiles_svg
from kibana_builder.preview.vega_gauge import gauge_spec
from kibana_builder.preview.vega_heatmap import heatmap_spec
from kibana_builder.preview.vega_legacy_metric import legacy_metric_spec
from kibana_builder.preview.vega_pie import pie_spec
from kibana_builder.preview.vega_tag_cloud import tag_cloud_spec
from kibana_builder.preview.vega_treemap import treemap_spec
from kibana_builder.preview.vega_waffle import waffle_spec
from kibana_builder.preview.vega_xy import xy_spec

__all__ = ["VEGA_LITE", "chart_html", "chart_svg", "error_html", "error_svg", "filters_by"]

VEGA_LITE = "5.21"
"""The version of Vega-Lite that the specs are written for; vl-convert carries it."""


class Drawn(NamedTuple):
    """How a chart type becomes SVG and HTML."""

    svg: Callable[[JsonObject, Answer, float, float], str]
    html: Callable[[JsonObject, Answer, float, float], str]


SPECS: dict[str, Callable[[JsonObject, Answer, float, float, tzinfo], JsonObject]] = {
    "xy": xy_spec,
    "pie": pie_spec,
    "gauge": lambda chart, answer, width, height, _zone: gauge_spec(chart, answer, width, height),
    "heatmap": heatmap_spec,
    "treemap": treemap_spec,
    "waffle": waffle_spec,
    "legacy_metric": lambda chart, answer, width, height, _zone: legacy_metric_spec(chart, answer, width, height),
    "tag_cloud": tag_cloud_spec,
    "mosaic": treemap_spec,
}
"""The chart types that Vega-Lite draws."""
OTHERS = {
    "metric": Drawn(tiles_svg, tiles_html),
    "data_table": Drawn(table_svg, lambda chart, answer, _width, _height: table_html(chart, answer)),
}


def is_full(chart: JsonObject | None) -> bool:
    """Tell whether a chart reaches to the edges of its panel."""
    return chart is not None and chart["type"] == "metric"


def chart_svg(
    chart: JsonObject, answer: Answer | PanelError, width: float, height: float, mark: str, zone: tzinfo = UTC
) -> str:
    """Draw a chart, or what keeps it from being drawn, as the inside of an SVG; `mark` keeps its ids its own."""
    wrong = _problem(chart, answer)
    if wrong or isinstance(answer, PanelError):
        return error_svg(wrong, width, height)
    if chart["type"] in OTHERS:
        return OTHERS[chart["type"]].svg(chart, answer, width, height)
    import vl_convert

    spec = SPECS[chart["type"]](chart, answer, width, height, zone)
    return apart(vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE), mark)


def chart_html(
    chart: JsonObject, answer: Answer | PanelError, width: float, height: float, mark: str, zone: tzinfo = UTC
) -> str:
    """Give a chart for the page: tables as HTML, the others as SVG, an error in words."""
    wrong = _problem(chart, answer)
    if wrong or isinstance(answer, PanelError):
        return error_html(wrong)
    if chart["type"] in OTHERS:
        return OTHERS[chart["type"]].html(chart, answer, width, height)
    return chart_svg(chart, answer, width, height, mark, zone)


def _problem(chart: JsonObject, answer: Answer | PanelError) -> str:
    """Say why a chart cannot be drawn; nothing if it can. A layer without an answer is the whole panel's problem."""
    if isinstance(answer, PanelError):
        return answer.message
    wrong = next((layer.message for layer in answer.layers if isinstance(layer, PanelError)), "")
    if not wrong and chart["type"] in shares.CHARTS:
        return next((shares.refusal(chart, layer) for layer in answer.layers if isinstance(layer, Table)), "")
    return wrong


def error_html(message: str) -> str:
    """Write what is wrong in the place of a panel."""
    return f'<p class="error" role="alert">{escaped(message)}</p>'


def error_svg(message: str, width: float, height: float) -> str:
    """Write what is wrong in the middle of a panel."""
    lines = wrapped(message, 12, width - 40, 6)
    top = height / 2 - len(lines) * 8
    parts = [text("⚠", width / 2, top - 6, 20, color=DANGER, anchor="middle")]
    for number, line in enumerate(lines):
        parts.append(text(line, width / 2, top + 14 + number * 17, 12, color=SUBDUED, anchor="middle"))
    return "".join(parts)


def filters_by(chart: JsonObject, answer: Answer, zone: tzinfo = UTC) -> dict[str, list[JsonObject]]:
    """Give what a click on a mark filters by: the words of the mark -> fields with their values.

    Parts inside others have the words of both, ` › ` between them; what is no single value (an interval, a condition)
    is a word there that filters nothing. Table cells and tiles carry it themselves.
    """
    table = answer.layers[0] if answer.layers else None
    if not isinstance(table, Table) or chart["type"] in OTHERS:
        return {}
    columns = list(enumerate(table.columns))
    if chart["type"] in shares.CHARTS:
        groups = [columns[index] for index in shares.group_columns(chart, table)]
    else:
        groups = [(index, column) for index, column in columns if _is_value(column)]
    found: dict[str, list[JsonObject]] = {}
    for row in table.rows:
        pairs: list[JsonObject] = []
        words: list[str] = []
        for index, column in groups:
            if _is_value(column) and not _can_filter(row[index]):
                break
            if _is_value(column):
                pairs.append({"field": column.field, "value": row[index]})
            words.append(bucket_text(row[index], column.format, column.kind, answer.interval, zone))
            if pairs:
                found[" › ".join(words)] = list(pairs)
    return found


CLICKABLE = ("string", "boolean", "number", "ip")
"""The kinds of buckets that are one value."""
NO_VALUES = (Special.OTHER.value, Special.MISSING.value, EMPTY)
"""The words of buckets that no value stands for."""


def _is_value(column: Column) -> bool:
    return column.field is not None and column.kind in CLICKABLE


def _can_filter(value: object) -> bool:
    return isinstance(value, str | int | float | bool) and value not in NO_VALUES
