"""Pie and donut as a Vega-Lite spec, drawn as Kibana draws them.

Kibana puts the largest slice left of twelve o'clock and the others clockwise from twelve o'clock; a slice with room for
it has its name and its share written upon it, the others have them beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kibana_builder.json_tree import Json, JsonObject, compact
from kibana_builder.preview.answer import Answer, Column, Table
from kibana_builder.preview.formats import number_text, value_text
from kibana_builder.preview.palettes import BEHIND_TEXT, category_colors, mixed, readable_on, static_color
from kibana_builder.preview.theme import INK, NO_RESULTS, base_spec
from kibana_builder.preview.vega_parts import OWN_COLOR, arcs, pixels

__all__ = ["pie_spec"]

HOLES = {"none": 0.0, "s": 0.3, "m": 0.54, "l": 0.7}
ROOM_INSIDE = 0.085
"""A slice with less than this share of the whole has its label beside it."""
LEGEND_LIMIT = 130


@dataclass
class Slice:
    """A part of one ring: the values that lead to it, its size, its place as two angles from twelve o'clock."""

    path: tuple[Json, ...]
    label: str
    value: float
    color: str
    start: float = 0.0
    end: float = 0.0


def pie_spec(chart: JsonObject, answer: Answer, width: float, height: float) -> JsonObject:
    """Give the spec of a pie or donut that fills `width` by `height` pixels."""
    table = answer.layers[0]
    spec = base_spec(width, height)
    rings = _rings(chart, table) if isinstance(table, Table) else []
    spec["resolve"] = {"scale": {"color": "independent"}}
    spec["layer"] = _layers(chart, rings, width, height) if rings and rings[0] else [_nothing()]
    return spec


def _rings(chart: JsonObject, table: Table) -> list[list[Slice]]:
    """Give the slices of each ring, innermost first: one ring for each group, or one of all metrics."""
    groups = [index for index, column in enumerate(table.columns) if column.place.startswith("group_by[")]
    metrics = [index for index, column in enumerate(table.columns) if column.place.startswith("metrics[")]
    if not groups:
        return [_metric_slices(chart, table, metrics)]
    several = len(metrics) > 1
    sums: dict[tuple[Json, ...], float] = {}
    for row in table.rows:
        for metric in metrics:
            path = (*(row[index] for index in groups), *((table.columns[metric].label,) if several else ()))
            value = row[metric]
            sums[path] = sums.get(path, 0.0) + max(0.0, float(value) if isinstance(value, int | float) else 0.0)
    depth = len(groups) + several
    columns: list[Column | None] = [*(table.columns[index] for index in groups), *([None] if several else [])]
    colors = _colors(chart, list(dict.fromkeys(path[0] for path in sums)))
    rings = []
    for level in range(1, depth + 1):
        values: dict[tuple[Json, ...], float] = {}
        for path, value in sums.items():
            values[path[:level]] = values.get(path[:level], 0.0) + value
        rings.append(
            [
                Slice(path, _text(path[-1], columns[level - 1]), value, _shade(colors[path[0]], level - 1))
                for path, value in values.items()
                if value > 0
            ]
        )
    return _placed(rings)


def _text(value: Json, column: Column | None) -> str:
    return str(value) if column is None else value_text(value, column.format, column.kind)


def _metric_slices(chart: JsonObject, table: Table, metrics: list[int]) -> list[Slice]:
    """Give a slice for each metric, where nothing parts the documents."""
    row = table.rows[0] if table.rows else ()
    slices = []
    for turn, index in enumerate(metrics):
        said = static_color(chart["metrics"][turn].get("color"))
        value = row[index] if row else None
        color = said or BEHIND_TEXT[turn % len(BEHIND_TEXT)]
        if isinstance(value, int | float) and value > 0:
            label = table.columns[index].label
            slices.append(Slice((label,), label, float(value), color))
    return _placed([slices])[0]


def _colors(chart: JsonObject, categories: list[Json]) -> dict[Json, str]:
    groups: list[JsonObject] = chart.get("group_by", [])
    mapping = groups[0].get("color") if groups else None
    return dict(zip(categories, category_colors(categories, mapping, default=BEHIND_TEXT), strict=True))


def _shade(color: str, level: int) -> str:
    """Lighten a colour by a quarter for each ring further out."""
    return mixed("#FFFFFF", color, 0.75**level)


def _placed(rings: list[list[Slice]]) -> list[list[Slice]]:
    """Give every slice its angles: the first ends at twelve o'clock, the others follow clockwise from there."""
    if not rings or not rings[0]:
        return rings
    total = sum(one.value for one in rings[0])
    starts: dict[tuple[Json, ...], float] = {}
    at = 0.0
    for one in [*rings[0][1:], rings[0][0]]:
        one.start, one.end = at, at + one.value / total * math.tau
        starts[one.path] = one.start
        at = one.end
    for ring in rings[1:]:
        for one in ring:
            begin = starts[one.path[:-1]]
            one.start, one.end = begin, begin + one.value / total * math.tau
            starts[one.path] = one.start
            starts[one.path[:-1]] = one.end
    return rings


def _layers(chart: JsonObject, rings: list[list[Slice]], width: float, height: float) -> list[JsonObject]:
    styling = chart.get("styling", {})
    legend = chart.get("legend", {}).get("visibility", "auto")
    show_legend = legend == "visible" or (legend == "auto" and len(rings) > 1)
    labels = styling.get("labels", {})
    outside = labels.get("position", "outside") == "outside" and "position" in labels
    total = sum(one.value for one in rings[0])
    room = width - (LEGEND_LIMIT + 40 if show_legend else 0)
    margin = 0.72 if outside else 0.92
    radius = max(10.0, min(room, height - 12) / 2 * margin)
    hole = HOLES[styling.get("donut_hole", "none")] * radius
    depth = (radius - hole) / len(rings)
    rows, texts, links = [], [], []
    for level, ring in enumerate(rings):
        for one in ring:
            inner = hole + depth * level
            share = one.value / total
            said = _value_words(styling, one.value, share)
            rows.append(
                {
                    "name": one.label,
                    "start": one.start,
                    "end": one.end,
                    "inner": inner,
                    "outer": inner + depth,
                    "color": one.color,
                    "said": f"{' › '.join(map(str, one.path))}: {number_text(one.value)} ({share:.2%})",
                }
            )
            if labels.get("visible", True):
                beside = outside or share < ROOM_INSIDE
                if beside and level < len(rings) - 1:
                    continue
                text, link = _label(one, said, inner, depth, radius, (room / 2, height / 2), beside=beside)
                texts.append(text)
                links.extend(link)
    center = {"x": room / 2 - 4, "y": height / 2 - 8}
    legend_layers = [_legend(rings[0])] if show_legend else []
    slices = arcs(rows, {"stroke": "#FFFFFF", "strokeWidth": 1, **center})
    return [*legend_layers, slices, *([_links(links)] if links else []), *_texts(texts)]


def _value_words(styling: JsonObject, value: float, share: float) -> str:
    values = styling.get("values", {})
    if not values.get("visible", True):
        return ""
    if values.get("mode", "percentage") == "absolute":
        return number_text(value)
    decimals = values.get("percent_decimals", 2)
    return number_text(share, {"type": "custom", "pattern": f"0,0.[{'0' * decimals}]%"})


def _legend(named: Sequence[Slice]) -> JsonObject:
    """Give a layer that draws nothing but the legend."""
    scale = {"domain": [one.label for one in named], "range": [one.color for one in named]}
    color = {"field": "name", "type": "nominal", "scale": scale, "legend": {"labelLimit": LEGEND_LIMIT}}
    rows = [{"name": one.label} for one in named]
    mark = {"type": "point", "filled": True, "size": 0, "x": 0, "y": 0}
    return {"data": {"values": rows}, "mark": mark, "encoding": {"color": color}}


def _label(
    one: Slice, said: str, inner: float, depth: float, radius: float, center: tuple[float, float], *, beside: bool
) -> tuple[JsonObject, list[JsonObject]]:
    """Give the label of a slice, and the line that leads to it where it stands beside the slice."""
    middle = (one.start + one.end) / 2
    across, up = math.sin(middle), -math.cos(middle)
    x, y = center[0] - 4, center[1] - 8
    if not beside:
        at = inner + depth * (0.62 if inner == 0 else 0.5)
        ink = readable_on(one.color)
        return {
            "x": x + across * at,
            "y": y + up * at,
            "name": one.label,
            "said": said,
            "align": "center",
            "ink": ink,
        }, []
    begin, end = radius, radius + 12
    side = 1 if across >= 0 else -1
    # Below the last slice there may be less room than its two lines need.
    corner = (x + across * end, min(max(y + up * end, 6.0), 2 * center[1] - 31))
    text = {
        "x": corner[0] + side * 14,
        "y": corner[1],
        "name": one.label,
        "said": said,
        "ink": INK,
        "align": "left" if side > 0 else "right",
    }
    points = [(x + across * begin, y + up * begin), corner, (corner[0] + side * 10, corner[1])]
    return text, [
        {"of": compact(list(one.path)), "x": at[0], "y": at[1], "order": number} for number, at in enumerate(points)
    ]


def _links(links: list[JsonObject]) -> JsonObject:
    encoding = {"x": pixels("x"), "y": pixels("y"), "detail": {"field": "of"}, "order": {"field": "order"}}
    return {
        "data": {"values": links},
        "mark": {"type": "line", "color": "#98A2B3", "strokeWidth": 1},
        "encoding": encoding,
    }


def _texts(texts: list[JsonObject]) -> list[JsonObject]:
    """Give the names and, below them in bold, the values."""
    layers: list[JsonObject] = []
    for align in ("center", "left", "right"):
        rows = [text for text in texts if text["align"] == align]
        for field, weight, dy in (("name", "normal", -1), ("said", "bold", 8)):
            if rows:
                mark = {
                    "type": "text",
                    "align": align,
                    "baseline": "bottom" if field == "name" else "middle",
                    "fontSize": 12,
                    "fontWeight": weight,
                    "dy": dy,
                }
                encoding = {
                    "x": pixels("x"),
                    "y": pixels("y"),
                    "text": {"field": field},
                    "color": {**OWN_COLOR, "field": "ink"},
                }
                layers.append({"data": {"values": rows}, "mark": mark, "encoding": encoding})
    return layers


def _nothing() -> JsonObject:
    """Say that there is nothing to show, as Kibana does."""
    return {
        "data": {"values": [{}]},
        "mark": {"type": "text", "text": NO_RESULTS, "color": INK, "fontSize": 12},
    }
