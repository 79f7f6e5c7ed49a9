"""The xy chart as a Vega-Lite spec: lines, areas, bars, reference lines and annotations on one or two y axes.

Stacking, fitting and ticks are worked out here, so that the numbers beside the axes are Kibana's; Vega-Lite gets
places in the units of its scales (time as epoch milliseconds on a plain number scale, so no time zone of a machine
plays into it).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, tzinfo
from itertools import pairwise

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.answer import Answer, Column, Table
from kibana_builder.preview.formats import date_text, number_text, value_text
from kibana_builder.preview.intervals import interval_of
from kibana_builder.preview.palettes import static_color
from kibana_builder.preview.scales import interval_ms, rounded, ticks, time_ticks
from kibana_builder.preview.series import Point, Series, fitted, gaps, layer_series, stacked
from kibana_builder.preview.svg import text_width
from kibana_builder.preview.theme import DARK, base_spec
from kibana_builder.preview.vega_annotations import annotation_layers
from kibana_builder.preview.vega_parts import DASHES

__all__ = ["xy_spec"]

STACKED = ("area_stacked", "bar_stacked", "bar_horizontal_stacked")
PERCENT = ("area_percentage", "bar_percentage", "bar_horizontal_percentage")
LEGEND_WIDTH = {"s": 90, "m": 140, "l": 200, "xl": 260}
INTERPOLATION = {"linear": "linear", "smooth": "monotone", "stepped": "step-after"}
ANGLES = {"horizontal": 0, "vertical": -90, "angled": -45}


def xy_spec(chart: JsonObject, answer: Answer, width: float, height: float, zone: tzinfo = UTC) -> JsonObject:
    """Give the spec of an xy chart that fills `width` by `height` pixels."""
    return _Drawing(chart, answer, width, height, zone).spec()


class _Drawing:
    """One chart being drawn: its series, its two kinds of axes, its layers."""

    def __init__(self, chart: JsonObject, answer: Answer, width: float, height: float, zone: tzinfo) -> None:
        self.chart = chart
        self.answer = answer
        self.width, self.height, self.zone = width, height, zone
        self.styling: JsonObject = chart.get("styling", {})
        self.layers: list[tuple[JsonObject, Table]] = [
            (layer, table)
            for layer, table in zip(chart["layers"], answer.layers, strict=True)
            if isinstance(table, Table)
        ]
        self.groups: list[tuple[JsonObject, list[Series]]] = []
        turn = 0
        for layer, table in self.layers:
            if "y" in layer:
                series = layer_series(layer, table, turn)
                turn += len(series)
                self.groups.append((layer, series))
        for layer, series in self.groups:
            self.place(layer, series)
        self.series = [one for _, series in self.groups for one in series]
        self.horizontal = any(one.kind == "bar_horizontal" for one in self.series)
        self.x = next((column for _, table in self.layers for column in table.columns if column.place == "x"), None)
        self.numeric = self.x is not None and self.x.kind in ("date", "number")
        self.bucket = interval_ms(answer.interval) if self.x is not None and self.x.kind == "date" else 0.0
        self.categories = list(dict.fromkeys(self.x_of(point) for one in self.series for point in one.points))

    def place(self, layer: JsonObject, series: list[Series]) -> None:
        """Give every point the ends of what is drawn for it."""
        if layer["type"] in (*STACKED, *PERCENT):
            stacked(series, percent=layer["type"] in PERCENT)
            return
        for one in series:
            if one.kind in ("line", "area"):
                one.points = fitted(one.points, self.styling)
            for point in one.points:
                point.high = point.value

    def x_of(self, point: Point) -> Json:
        """Give the place of a point on the x axis: a number, or the text of its category."""
        if self.numeric:
            return point.x
        return value_text(point.x, self.x.format, self.x.kind) if self.x is not None else ""

    def spec(self) -> JsonObject:
        spec = base_spec(self.width, self.height)
        axes = [axis for axis in ("y", "y2") if any(one.axis == axis for one in self.series)] or ["y"]
        groups = [{"layer": self.axis_group(axis)} for axis in axes]
        groups[0]["layer"].extend(self.annotations())
        spec["layer"] = groups
        if len(axes) > 1:
            spec["resolve"] = {"scale": {"y": "independent", "x": "shared"}}
        return spec

    def axis_group(self, axis: str) -> list[JsonObject]:
        """Give the layers of one y axis, what is behind first."""
        domain = self.y_domain(axis)
        encoding = self.base_encoding(axis, domain)
        layers = [self.fill(line, domain, encoding) for line in self.thresholds(axis) if "fill" in line[0]]
        bars = [one for one in self.series if one.axis == axis and one.kind.startswith("bar")]
        if bars:
            layers.append(self.bars(bars, encoding))
        for one in self.series:
            if one.axis == axis and one.kind in ("line", "area"):
                layers.extend(self.line(one, encoding))
        for line in self.thresholds(axis):
            layers.extend(self.threshold(line, domain, encoding))
        return [layer for layer in layers if layer] or [self.empty(encoding)]

    # ---- scales and axes

    def y_domain(self, axis: str) -> tuple[float, float]:
        """Give the ends of a y axis as its domain says: from zero (`full`), fitted to the values, or as written."""
        said = self.chart.get("axis", {}).get(axis, {}).get("domain", {})
        if said.get("type") == "custom":
            low, high = float(said["min"]), float(said["max"])
        else:
            values = [
                end for one in self.series if one.axis == axis for point in one.points for end in self.ends(one, point)
            ]
            values += [value for _, value, _ in self.thresholds(axis) if value is not None]
            low, high = (min(values), max(values)) if values else (0.0, 1.0)
            if said.get("type") != "fit" or any(one.kind.startswith("bar") for one in self.series if one.axis == axis):
                low, high = min(0.0, low), max(0.0, high)
            if low == high:
                low, high = (0.0, high or 1.0) if high >= 0 else (low, 0.0)
        if said.get("rounding", True) and self.scale(axis) == "linear":
            low, high = rounded(low, high, self.y_tick_count())
        return low, high

    @staticmethod
    def ends(one: Series, point: Point) -> list[float]:
        if point.high is None:
            return []
        return [point.high] if one.kind == "line" else [point.low, point.high]

    def scale(self, axis: str) -> str:
        kind: str = self.chart.get("axis", {}).get(axis, {}).get("scale", "linear")
        return kind

    def y_tick_count(self) -> int:
        return max(2, int((self.width if self.horizontal else self.height) / (90 if self.horizontal else 70)))

    def base_encoding(self, axis: str, domain: tuple[float, float]) -> JsonObject:
        value = self.value_channel(axis, domain)
        place = self.x_channel()
        return {"x": value, "y": place} if self.horizontal else {"x": place, "y": value}

    def value_channel(self, axis: str, domain: tuple[float, float]) -> JsonObject:
        said = self.chart.get("axis", {}).get(axis, {})
        columns = [one.column for one in self.series if one.axis == axis]
        percent = any(layer["type"] in PERCENT for layer, series in self.groups for one in series if one.axis == axis)
        number_format = {"type": "percent", "decimals": 0} if percent else columns[0].format if columns else None
        kind = self.scale(axis)
        scale: JsonObject = {"domain": list(domain), "nice": False, "zero": False}
        if kind == "log":
            scale.update(type="symlog")
        elif kind == "sqrt":
            scale.update(type="sqrt")
        settings = self.axis_settings(said, columns[0].label if columns else None)
        places = ticks(*domain, self.y_tick_count())
        if kind != "linear":
            places = [at for at in places if domain[0] <= at <= domain[1]]
        settings.update(_labels([(at, number_text(at, number_format)) for at in places]))
        if not self.horizontal:
            settings["orient"] = "right" if axis == "y2" else "left"
        if axis == "y2":
            settings["grid"] = said.get("grid", {}).get("visible", False)
        return {"type": "quantitative", "scale": scale, "axis": settings}

    def x_channel(self) -> JsonObject:
        said = self.chart.get("axis", {}).get("x", {})
        settings = self.axis_settings(said, self.x_title())
        if not self.numeric:
            settings["labelLimit"] = 90
            if not self.horizontal and self.are_crowded():
                settings.update(labelAngle=-45, labelAlign="right")
            return {
                "type": "nominal",
                "sort": None,
                "scale": {"domain": self.categories, "paddingInner": 0.25, "paddingOuter": 0.1},
                "axis": settings,
            }
        low, high = self.x_domain()
        width = self.width * 0.78
        if self.x is not None and self.x.kind == "date":
            settings.update(_labels([(tick.at, tick.lines) for tick in time_ticks(low, high, width, self.zone)]))
            settings.update(
                labelAlign="left", labelOffset=2, ticks=True, tickSize=14, gridColor="#D3DAE6", gridDash=[1, 0]
            )
        else:
            number_format = self.x.format if self.x is not None else None
            settings.update(_labels([(at, number_text(at, number_format)) for at in ticks(low, high, int(width / 70))]))
        return {
            "type": "quantitative",
            "scale": {"domain": [low, high], "nice": False, "zero": False},
            "axis": settings,
        }

    def x_title(self) -> str | None:
        """Give Kibana's title of the axis: what is on it, and how much time a bucket of it takes."""
        if self.x is None:
            return None
        own = any("label" in layer.get("x", {}) for layer, _ in self.layers)
        interval = interval_of(self.answer.interval or "") if self.bucket and not own else None
        return self.x.label if interval is None else f"{self.x.label} per {interval.words}"

    def are_crowded(self) -> bool:
        """Tell whether the categories beside each other need more room than there is."""
        room = self.width * 0.75 / max(1, len(self.categories))
        return any(min(90.0, text_width(str(name), 10)) > room - 4 for name in self.categories)

    def x_domain(self) -> tuple[float, float]:
        """Give the ends of the x axis: the time range where it is time, widened to whole buckets of bars."""
        said = self.chart.get("axis", {}).get("x", {}).get("domain", {})
        if said.get("type") == "custom":
            return float(said["min"]), float(said["max"])
        values = [value for value in self.categories if isinstance(value, int | float)]
        bars = any(one.kind.startswith("bar") for one in self.series)
        step = self.step()
        low, high = (min(values), max(values) + (step if bars else 0)) if values else (0, 1)
        if self.x is not None and self.x.kind == "date":
            start, end = self.answer.time_range
            low, high = min([start, *values]), max(end, high)
        return (low, high) if high > low else (low, low + 1)

    def step(self) -> float:
        """Give the width of a bucket on a number axis."""
        if self.bucket:
            return self.bucket
        values = sorted({value for value in self.categories if isinstance(value, int | float)})
        return min((after - before for before, after in pairwise(values)), default=1.0)

    def axis_settings(self, said: JsonObject, default_title: str | None) -> JsonObject:
        title = said.get("title", {})
        text = title.get("text", default_title) if title.get("visible", True) else None
        labels = said.get("labels", {})
        angle = ANGLES[labels.get("orientation", "horizontal")]
        return {
            "title": text or None,
            "grid": said.get("grid", {}).get("visible", True),
            "labels": labels.get("visible", True) and said.get("ticks", {}).get("visible", True),
            "ticks": False,
            "labelAngle": angle,
        }

    # ---- marks

    def color(self) -> JsonObject:
        """Give the colour channel: every series by its name, and the legend beside them."""
        labels = list(dict.fromkeys(one.label for one in self.series))
        colors = {one.label: one.color for one in reversed(self.series)}
        scale = {"domain": labels, "range": [colors[label] for label in labels]}
        return {"type": "nominal", "field": "series", "scale": scale, "legend": self.legend()}

    def legend(self) -> JsonObject | None:
        said = self.chart.get("legend", {})
        visibility = said.get("visibility", "auto")
        if visibility == "hidden" or (visibility == "auto" and len(self.series) < 2):
            return None
        position = said.get("position", "right" if said.get("placement", "outside") == "outside" else "top_right")
        limit = LEGEND_WIDTH.get(said.get("size", "m"), 140)
        legend: JsonObject = {"orient": position.replace("_", "-"), "labelLimit": min(limit, self.width * 0.22)}
        if position in ("top", "bottom"):
            legend.update(direction="horizontal", columns=max(1, int(self.width // 160)))
        if "columns" in said:
            legend["columns"] = said["columns"]
        return legend

    def rows(self, one: Series, points: Sequence[Point]) -> list[JsonObject]:
        return [
            {
                "series": one.label,
                "x": self.x_of(point),
                "low": point.low,
                "high": point.high,
                "said": self.said(one, point),
            }
            for point in points
            if point.high is not None
        ]

    def said(self, one: Series, point: Point) -> str:
        """Give the words of a point: they are its label for screen readers, and what the page shows beside it."""
        if self.x is None:
            place = ""
        elif self.x.kind == "date" and isinstance(point.x, int | float):
            place = date_text(point.x, self.zone) + " · "
        else:
            place = f"{self.x_of(point)} · "
        return f"{place}{one.label}: {value_text(point.value, one.column.format)}"

    def bars(self, bars: list[Series], encoding: JsonObject) -> JsonObject:
        beside, step = [one for one in bars if not self.is_stacked(one)], self.step()
        rows = [row for one in bars for row in self.bar_rows(one, beside, step)]
        place, value = ("y", "x") if self.horizontal else ("x", "y")
        channels: JsonObject = {
            place: {**encoding[place], "field": "x"},
            value: {**encoding[value], "field": "low"},
            f"{value}2": {"field": "high"},
            "color": self.color(),
            "description": {"field": "said"},
        }
        if self.numeric:
            channels[f"{place}2"] = {"field": "end"}
        elif any("offset" in row for row in rows):
            names = list(dict.fromkeys(row["offset"] for row in rows))
            channels[f"{place}Offset"] = {"field": "offset", "type": "nominal", "scale": {"domain": names}}
        return {"data": {"values": rows}, "mark": {"type": "bar"}, "encoding": channels}

    def bar_rows(self, one: Series, beside: list[Series], step: float) -> list[JsonObject]:
        """Give the bars of a series; series that are not stacked stand `beside` each other in their bucket."""
        rows = self.rows(one, one.points)
        at, count = (beside.index(one), len(beside)) if one in beside else (0, 1)
        for row in rows:
            if not self.numeric:
                if count > 1:
                    row["offset"] = f"{at:03d}"
                continue
            room = step * 0.9
            start = row["x"] + step * 0.05 + room / count * at
            row["x"], row["end"] = start, start + room / count
        return rows

    def is_stacked(self, one: Series) -> bool:
        return any(layer["type"] in (*STACKED, *PERCENT) for layer, series in self.groups if one in series)

    def line(self, one: Series, encoding: JsonObject) -> list[JsonObject]:
        """Give the layers of a line or an area: one for each run without a gap, and its points."""
        mark: JsonObject = {"interpolate": INTERPOLATION[self.styling.get("interpolation", "linear")]}
        layers: list[JsonObject] = []
        color = self.color()
        for run in gaps(one.points):
            rows = self.rows(one, run)
            channels = {
                "x": {**encoding["x"], "field": "x"},
                "y": {**encoding["y"], "field": "high"},
                "color": color,
            }
            if one.kind == "area":
                opacity = self.styling.get("areas", {}).get("fill_opacity", 0.3)
                shape = {"type": "area", **mark, "opacity": min(1, opacity), "line": False}
                layers.append(
                    {"data": {"values": rows}, "mark": shape, "encoding": {**channels, "y2": {"field": "low"}}}
                )
            layers.append(
                {"data": {"values": rows}, "mark": {"type": "line", "strokeWidth": 1.5, **mark}, "encoding": channels}
            )
            if self.shows_points(run):
                point = {"type": "point", "filled": True, "size": 24, "opacity": 1}
            else:
                point = {"type": "point", "filled": True, "size": 60, "opacity": 0}
            described = {**channels, "description": {"field": "said"}}
            layers.append({"data": {"values": rows}, "mark": point, "encoding": described})
        return layers

    def shows_points(self, run: list[Point]) -> bool:
        """Tell whether the points of a run are drawn: as said, else only one that stands alone."""
        said = self.styling.get("points", {}).get("visibility", "auto")
        return said == "visible" or len(run) == 1

    def empty(self, encoding: JsonObject) -> JsonObject:
        """Give axes without anything between them."""
        channels = {channel: {**said, "field": channel} for channel, said in encoding.items()}
        return {"data": {"values": []}, "mark": "point", "encoding": channels}

    def annotations(self) -> list[JsonObject]:
        """Give the layers of annotations; they need an axis of time."""
        if self.x is None or self.x.kind != "date":
            return []
        channel = "y" if self.horizontal else "x"
        place = self.x_channel()
        return [
            drawn
            for layer, table in self.layers
            if layer["type"] == "annotations"
            for drawn in annotation_layers(layer, table, place, channel, self.zone)
        ]

    # ---- reference lines

    def thresholds(self, axis: str) -> list[tuple[JsonObject, float | None, Column]]:
        """Give the reference lines of an axis: what is said of each, its value, its column."""
        found = []
        for layer, table in self.layers:
            for index, said in enumerate(layer.get("thresholds", ())):
                if said.get("axis", "y") != axis:
                    continue
                at = table.index(f"thresholds[{index}]")
                if at is not None:
                    value = table.rows[0][at] if table.rows else None
                    found.append((said, value if isinstance(value, int | float) else None, table.columns[at]))
        return found

    def fill(
        self, line: tuple[JsonObject, float | None, Column], domain: tuple[float, float], encoding: JsonObject
    ) -> JsonObject:
        said, value, _ = line
        if value is None:
            return {}
        end = domain[1] if said["fill"] == "above" else domain[0]
        channel = "x" if self.horizontal else "y"
        channels = {channel: {**encoding[channel], "field": "from"}, f"{channel}2": {"field": "to"}}
        mark = {"type": "rect", "color": self.line_color(said), "opacity": 0.1}
        return {"data": {"values": [{"from": value, "to": end}]}, "mark": mark, "encoding": channels}

    @staticmethod
    def line_color(said: JsonObject) -> str:
        return static_color(said.get("color")) or DARK

    def threshold(
        self, line: tuple[JsonObject, float | None, Column], domain: tuple[float, float], encoding: JsonObject
    ) -> list[JsonObject]:
        said, value, column = line
        if value is None or not domain[0] <= value <= domain[1]:
            return []
        color = self.line_color(said)
        channel = "x" if self.horizontal else "y"
        rows = [{"at": value, "label": column.label, "said": f"{column.label}: {number_text(value, column.format)}"}]
        channels: JsonObject = {channel: {**encoding[channel], "field": "at"}, "description": {"field": "said"}}
        dash = DASHES[said.get("stroke_dash", "solid")]
        rule = {"type": "rule", "color": color, "strokeWidth": said.get("stroke_width", 1), "strokeDash": dash}
        layers: list[JsonObject] = [{"data": {"values": rows}, "mark": rule, "encoding": channels}]
        if said.get("text", {}).get("visible", False) and not self.horizontal:
            right = said.get("position", "auto") == "right" or said.get("axis") == "y2"
            mark = {
                "type": "text",
                "color": color,
                "fontSize": 10,
                "fontWeight": "bold",
                "baseline": "bottom",
                "dy": -3,
                "align": "right" if right else "left",
                "x": {"expr": "width - 4"} if right else 4,
            }
            layers.append(
                {"data": {"values": rows}, "mark": mark, "encoding": {**channels, "text": {"field": "label"}}}
            )
        return layers


def _labels(places: Sequence[tuple[float, str | list[str]]]) -> JsonObject:
    """Give the places of an axis's ticks and the words at each, as Vega-Lite takes them."""
    values = [at for at, _ in places]
    words = json.dumps([text for _, text in places])  # a list in Vega's expression language too; no text can end it
    return {"values": values, "labelExpr": f"({words})[indexof({values}, datum.value)]"}
