"""The gauge as a Vega-Lite spec: a bullet with bands and ticks, or an arc, a half circle, a circle."""

from __future__ import annotations

import math
from itertools import pairwise

from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.answer import Answer, Table
from kibana_builder.preview.formats import number_text
from kibana_builder.preview.palettes import color_of, steps_of
from kibana_builder.preview.scales import ticks
from kibana_builder.preview.theme import INK, NO_RESULTS, SUBDUED, base_spec
from kibana_builder.preview.vega_parts import OWN_COLOR, arcs, pixels

__all__ = ["gauge_spec"]

BARE = "#D3DAE6"
"""The ground of a gauge without bands."""
BULLET_LENGTH = 225
"""Kibana 8.12 draws a bullet at most so many pixels long (elastic-charts)."""
ROUND = {
    "circle": (-0.94 * math.pi, 0.94 * math.pi),
    "semi_circle": (-math.pi / 2, math.pi / 2),
    "arc": (-2 * math.pi / 3, 2 * math.pi / 3),
}


class _Gauge:
    """What a gauge shows: its value, the ends of its scale, its bands, its words."""

    def __init__(self, chart: JsonObject, answer: Answer) -> None:
        table = answer.layers[0]
        cells: dict[str, float] = {}
        if isinstance(table, Table) and table.rows:
            for column, value in zip(table.columns, table.rows[0], strict=True):
                if isinstance(value, int | float):
                    cells[column.place] = float(value)
        columns = {column.place: column for column in table.columns} if isinstance(table, Table) else {}
        said: JsonObject = chart["metric"]
        self.value = cells.get("metric")
        self.goal = cells.get("goal")
        self.low = cells.get("min", 0.0)
        high = cells.get("max")
        self.high = high if high is not None else _default_high(self.value or 0.0, self.goal)
        if self.high <= self.low:
            self.high = self.low + 1
        self.format = columns["metric"].format if "metric" in columns else None
        self.title = said.get("label", columns["metric"].label if "metric" in columns else "")
        self.subtitle = said.get("subtitle", "")
        self.color = said.get("color")
        ticks_said = said.get("ticks", {})
        self.show_ticks = ticks_said.get("visible", True)
        self.by_bands = ticks_said.get("mode", "auto") == "bands"

    def bands(self) -> list[tuple[float, float, str]]:
        """Give the bands inside the scale: their ends and their colour."""
        percent = self.color is not None and self.color.get("range") == "percentage"
        bounds = [
            float(bound)
            for step in steps_of(self.color)
            for bound in (step.get("gte"), step.get("lt", step.get("lte")))
            if bound is not None
        ]
        if percent:
            bounds = [self.low + (self.high - self.low) * bound / 100 for bound in bounds]
        edges = [self.low, self.high, *bounds]
        inside = sorted({edge for edge in edges if self.low <= edge <= self.high})
        return [(a, b, color_of((a + b) / 2, self.color, self.low, self.high) or BARE) for a, b in pairwise(inside)]

    def ticks(self) -> list[float]:
        if self.by_bands:
            bands = self.bands()
            return [bands[0][0], *(band[1] for band in bands)]
        return ticks(self.low, self.high, 4)

    def share(self, value: float) -> float:
        """Give how far along the scale a value lies, from 0 to 1."""
        return (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)

    def said(self, value: float) -> str:
        return number_text(value, self.format)


def _default_high(value: float, goal: float | None) -> float:
    """Give the end of a scale without a maximum: a round number above what is shown, as Lens does."""
    top = max(value, goal or 0.0, 0.0)
    if top <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(top))
    return next(step * power for step in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10) if step * power >= top)


def gauge_spec(chart: JsonObject, answer: Answer, width: float, height: float) -> JsonObject:
    """Give the spec of a gauge that fills `width` by `height` pixels."""
    shape = chart.get("styling", {}).get("shape", {"type": "bullet"})
    gauge = _Gauge(chart, answer)
    spec = base_spec(width, height)
    spec["padding"] = 0
    spec["autosize"] = "none"
    if gauge.value is None and not gauge.bands():
        spec["layer"] = [_text(NO_RESULTS, width / 2, height / 2, 12)]
    elif shape["type"] == "bullet":
        spec["layer"] = _bullet(gauge, width, height, vertical=shape.get("orientation") == "vertical")
    else:
        spec["layer"] = _round(gauge, width, height, shape["type"])
    return spec


def _bullet(gauge: _Gauge, width: float, height: float, *, vertical: bool) -> list[JsonObject]:
    length = min(BULLET_LENGTH, (height - 70) if vertical else width * 0.5)
    thick = 32.0
    if vertical:
        across, begin = width / 2 - thick / 2, height - 20.0
    else:
        across, begin = height / 2 - thick / 2, min(width / 2, width - length - 30)

    def at(value: float) -> float:
        way = gauge.share(value) * length
        return begin - way if vertical else begin + way

    def bar(low: float, high: float, inset: float, color: str, said: str) -> JsonObject:
        along = sorted((at(low), at(high)))
        side = [across + inset, across + thick - inset]
        xs, ys = (side, along) if vertical else (along, side)
        return {"x": xs[0], "x2": xs[1], "y": ys[0], "y2": ys[1], "color": color, "said": said}

    bands = [bar(low, high, 0, color, f"{gauge.said(low)} – {gauge.said(high)}") for low, high, color in gauge.bands()]
    words = gauge.said(gauge.value) if gauge.value is not None else ""
    rows = bands if gauge.value is None else [*bands, bar(gauge.low, gauge.value, 12, INK, f"{gauge.title}: {words}")]
    layers = [_rects(rows)]
    if gauge.goal is not None:
        goal = at(gauge.goal)
        ends = (across + 5, across + thick - 5)
        mark = (
            {"x": ends[0], "x2": ends[1], "y": goal - 1.5, "y2": goal + 1.5}
            if vertical
            else {"x": goal - 1.5, "x2": goal + 1.5, "y": ends[0], "y2": ends[1]}
        )
        layers.append(_rects([{**mark, "color": INK, "said": f"goal: {gauge.said(gauge.goal)}"}]))
    if gauge.show_ticks:
        for value in gauge.ticks():
            place = at(value)
            if vertical:
                layers.append(_text(gauge.said(value), across - 6, place, 13, SUBDUED, align="right"))
            else:
                layers.append(_text(gauge.said(value), place, across + thick + 14, 13, SUBDUED))
    if vertical:
        layers.append(_text(gauge.title, width / 2, 14, 14, INK, bold=True))
        layers.append(_text(gauge.subtitle, width / 2, 30, 12, SUBDUED))
    else:
        layers.append(
            _text(
                gauge.title,
                begin - 12,
                across + (8 if gauge.subtitle else 12),
                14,
                INK,
                align="right",
                bold=True,
            )
        )
        layers.append(_text(gauge.subtitle, begin - 12, across + 26, 12, SUBDUED, align="right"))
    return [layer for layer in layers if layer]


def _round(gauge: _Gauge, width: float, height: float, shape: str) -> list[JsonObject]:
    start, end = ROUND[shape]
    tall = 1.0 if shape == "semi_circle" else 1.5 if shape == "arc" else 2.0
    radius = max(20.0, min(width / 2 - 50, (height - 40) / tall))
    center = {"x": width / 2, "y": radius + 20 if shape != "circle" else height / 2}
    inner, outer = radius * 0.72, radius

    def angle(value: float) -> float:
        return start + gauge.share(value) * (end - start)

    rows = [
        {
            "start": angle(low),
            "end": angle(high),
            "inner": inner,
            "outer": outer,
            "color": color,
            "said": f"{gauge.said(low)} – {gauge.said(high)}",
        }
        for low, high, color in gauge.bands()
    ]
    if gauge.value is not None:
        middle = (inner + outer) / 2
        rows.append(
            {
                "start": start,
                "end": angle(gauge.value),
                "inner": middle - radius * 0.05,
                "outer": middle + radius * 0.05,
                "color": INK,
                "said": f"{gauge.title}: {gauge.said(gauge.value)}",
            }
        )
    layers = [arcs(rows, center)]
    if gauge.goal is not None:
        at = angle(gauge.goal)
        layers.append(
            arcs(
                [
                    {
                        "start": at - 0.015,
                        "end": at + 0.015,
                        "inner": inner,
                        "outer": outer,
                        "color": INK,
                        "said": f"goal: {gauge.said(gauge.goal)}",
                    }
                ],
                center,
            )
        )
    if gauge.show_ticks:
        for value in gauge.ticks():
            at = angle(value)
            x, y = center["x"] + math.sin(at) * (outer + 14), center["y"] - math.cos(at) * (outer + 12)
            align = "center" if abs(math.sin(at)) < 0.3 else "left" if math.sin(at) > 0 else "right"
            layers.append(_text(gauge.said(value), x, y, 11, SUBDUED, align=align))
    if gauge.value is not None:
        layers.append(
            _text(
                gauge.said(gauge.value),
                center["x"],
                center["y"] - (10 if shape == "semi_circle" else 0),
                24,
                INK,
                bold=True,
            )
        )
    below = center["y"] + (16 if shape == "semi_circle" else 24)
    layers.append(_text(gauge.title, center["x"], below, 13, INK, bold=True))
    layers.append(_text(gauge.subtitle, center["x"], below + 16, 12, SUBDUED))
    return [layer for layer in layers if layer]


def _rects(rows: list[JsonObject]) -> JsonObject:
    encoding = {
        "x": pixels("x"),
        "x2": {"field": "x2"},
        "y": pixels("y"),
        "y2": {"field": "y2"},
        "color": OWN_COLOR,
        "description": {"field": "said"},
    }
    return {"data": {"values": rows}, "mark": "rect", "encoding": encoding}


def _text(
    text: str, x: float, y: float, size: float, color: str = INK, *, align: str = "center", bold: bool = False
) -> JsonObject:
    if not text:
        return {}
    mark = {
        "type": "text",
        "fontSize": size,
        "color": color,
        "align": align,
        "baseline": "middle",
        "fontWeight": "bold" if bold else "normal",
    }
    return {
        "data": {"values": [{"x": x, "y": y, "text": text}]},
        "mark": mark,
        "encoding": {"x": pixels("x"), "y": pixels("y"), "text": {"field": "text"}},
    }
