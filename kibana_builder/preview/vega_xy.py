"""The xy chart as a Vega-Lite spec: lines, areas, bars, reference lines and annotations on one or two y axes.

Stacking, fitting and ticks are worked out here, so that the numbers beside the axes are Kibana's; Vega-Lite gets
places in the units of its scales (time as epoch milliseconds on a plain number scale, so no time zone of a machine
plays into it).
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import UTC, tzinfo
from functools import cached_property
from itertools import pairwise

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.answer import Answer, Table
from kibana_builder.preview.formats import NOTHING, date_text, value_text
from kibana_builder.preview.intervals import interval_of
from kibana_builder.preview.legend_statistics import CURRENT, statistics_of
from kibana_builder.preview.scales import LABEL_SIZE, TimeTick, interval_ms, time_ticks
from kibana_builder.preview.series import Point, Series, fitted, gaps, layer_series, pieces, stacked
from kibana_builder.preview.svg import cut, text_width
from kibana_builder.preview.theme import (
    DANGER,
    INK,
    LABEL_PADDING,
    LEGEND_OFFSET,
    SUBDUED,
    TITLE_SIZE,
    base_spec,
)
from kibana_builder.preview.vega_annotations import HEAD, annotation_layers
from kibana_builder.preview.vega_axes import (
    ANGLES,
    TILT,
    X_TICKS,
    Y_TICKS,
    NumberAxis,
    axis_settings,
    category_channel,
    lines_of_time,
    number_axis,
    number_channel,
    time_channel,
)
from kibana_builder.preview.vega_legend import WIDTHS
from kibana_builder.preview.vega_pixels import nothing_spec
from kibana_builder.preview.vega_thresholds import marker_room, threshold_fills, threshold_layers, thresholds_of

__all__ = ["time_span", "xy_spec"]

PERCENT = ("area_percentage", "bar_percentage", "bar_horizontal_percentage")
STACKED = ("area_stacked", "bar_stacked", "bar_horizontal_stacked", *PERCENT)
LEGEND_LINE, LEGEND_SYMBOL, LEGEND_SIZE = 22.0, 24.0, 12
LEGEND_TEXT_LINE = 14.0
"""How much higher an entry is for each line below its first one."""
WHOLE_PERCENT: JsonObject = {"type": "percent", "decimals": 0}
INTERPOLATION = {"linear": "linear", "smooth": "monotone", "stepped": "step-after"}
PADDING = {"left": 4.0, "top": 12.0, "right": 12.0, "bottom": 4.0}
TITLE_BEYOND = PADDING["top"] + PADDING["right"]
"""So many pixels the title of an axis may be longer than that."""
BAR_SHARE = 0.95
"""How much of a bucket its bars fill (elastic-charts' `histogramPadding`)."""
FILLED_DASH, FILLED_OPACITY = [5, 5], 0.15
"""How elastic-charts draws what a fitting fills, unless Lens emphasizes it: its line and its area (light_theme.ts)."""
LEAST_HEIGHT = 1
"""So many pixels a bar is at least high (Lens's `minBarHeight` where nothing is said)."""
NAME_LIMIT = 90.0
"""So many pixels a category's name below the chart is long at most."""
CATEGORY_SHARE = 0.75
"""How much of a category's room its bars fill (`barsPadding`)."""
NOW_MARGIN = 60_000
"""So many milliseconds the present moment may lie behind the end of an axis that has it."""


def xy_spec(chart: JsonObject, answer: Answer, width: float, height: float, zone: tzinfo = UTC) -> JsonObject:
    """Give the spec of an xy chart that fills `width` by `height` pixels."""
    if _is_empty(chart, answer):
        return nothing_spec(width, height)
    return _Drawing(chart, answer, width, height, zone).spec()


def _is_empty(chart: JsonObject, answer: Answer) -> bool:
    """Tell whether no layer of data has a row: Kibana has no axes then (getFilteredLayers of its expression_xy).

    Empty intervals of time are rows.
    """
    tables = [table for layer, table in zip(chart["layers"], answer.layers, strict=True) if "y" in layer]
    return bool(tables) and not any(isinstance(table, Table) and table.rows for table in tables)


def time_span(chart: JsonObject, answer: Answer) -> JsonObject | None:
    """Give the field and the ends (epoch milliseconds) of an x axis that is time, from left to right; else None."""
    drawing = _Drawing(chart, answer, 0, 0, UTC)
    if drawing.x is None or not drawing.timed or drawing.horizontal or _is_empty(chart, answer):
        return None
    low, high = drawing.x_domain
    return {"field": drawing.x.field, "from": low, "to": high}


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
        self.series = [one for _, series in self.groups for one in series]
        self.keys = {id(one): str(number) for number, one in enumerate(self.series)}
        """What tells series apart in the spec, also two of the same name."""
        self.stacks = self.stacked_series()
        self.horizontal = any(one.kind == "bar_horizontal" for one in self.series)
        self.x = next((column for _, table in self.layers for column in table.columns if column.place == "x"), None)
        self.numeric = self.x is not None and self.x.kind in ("date", "number")
        self.timed = self.x is not None and self.x.kind == "date"
        self.bucket = interval_ms(answer.interval) if self.timed else 0.0
        self.values = list(dict.fromkeys(self.x_of(point) for one in self.series for point in one.points))
        """The places on the x axis: numbers, or the words of categories."""
        self.axes = [axis for axis in ("y", "y2") if any(one.axis == axis for one in self.series)] or ["y"]

    def stacked_series(self) -> dict[tuple[str, str], list[Series]]:
        """Give every point the ends of what is drawn for it, and the series that are upon each other.

        As in elastic-charts all series of an axis that are stacked and of one kind stand upon each other, also those
        of different layers.
        """
        stacks: dict[tuple[str, str], list[Series]] = {}
        for layer, series in self.groups:
            for one in series:
                if one.kind in ("line", "area"):
                    one.points = fitted(one.points, self.fitting(layer["type"]))
                if layer["type"] in STACKED:
                    stacks.setdefault((one.axis, layer["type"]), []).append(one)
                    continue
                for point in one.points:
                    point.high = point.value
        for (_, kind), upon in stacks.items():
            stacked(upon, percent=kind in PERCENT)
        return stacks

    def fitting(self, kind: str) -> JsonObject:
        """Tell how the gaps of a line or area are filled: as said, those of shares with zero (data_layers.tsx)."""
        return {"type": "zero"} if kind in PERCENT else self.styling.get("fitting", {})

    def x_of(self, point: Point) -> Json:
        """Give the place of a point on the x axis: a number, or the text of its category."""
        if self.numeric:
            return point.x
        return value_text(point.x, self.x.format, self.x.kind) if self.x is not None else ""

    def spec(self) -> JsonObject:
        spec = base_spec(self.width, self.height)
        spec["padding"] = self.padding()
        groups = [{"layer": self.axis_group(axis)} for axis in self.axes]
        first = groups[0]["layer"]
        first[:0] = self.behind()
        first.extend(self.annotations())
        for line in thresholds_of(self.layers, "x"):
            first.extend(threshold_layers(line, self.x_channel, self.x_name, self.side("x", line.said), 200))
        first.extend(self.current_time())
        spec["layer"] = groups
        if len(self.axes) > 1:
            spec["resolve"] = {"scale": {"y": "independent", "x": "shared"}}
            if self.horizontal:
                spec["resolve"] = {"scale": {"x": "independent", "y": "shared"}}
        return spec

    @property
    def x_name(self) -> str:
        """The channel of the x axis, which lies at the left of horizontal bars."""
        return "y" if self.horizontal else "x"

    @property
    def y_name(self) -> str:
        """The channel of the y axes."""
        return "x" if self.horizontal else "y"

    def behind(self) -> list[JsonObject]:
        """Give the layers that stand behind all others: the lines at times, and the parts that buckets have beyond."""
        if not self.timed:
            return []
        shown = self.chart.get("axis", {}).get("x", {}).get("grid", {}).get("visible", True)
        return [
            *(lines_of_time(self.times, self.x_channel, self.x_name) if shown else []),
            *self.partial_buckets(),
        ]

    def partial_buckets(self) -> list[JsonObject]:
        """Shade what of the first and the last bucket lies outside of the time range, unless that is switched off."""
        if not self.styling.get("overlays", {}).get("partial_buckets", {}).get("visible", True):
            return []
        low, high = self.x_domain
        start, end = self.answer.time_range
        rows = [{"time": a, "until": b} for a, b in ((low, start), (end, high)) if self.bucket and b > a]
        place = {self.x_name: {**self.x_channel, "field": "time"}, f"{self.x_name}2": {"field": "until"}}
        mark = {"type": "rect", "color": SUBDUED, "opacity": 0.2, "aria": False}
        return [{"data": {"values": rows}, "mark": mark, "encoding": place}] if rows else []

    def current_time(self) -> list[JsonObject]:
        """Give the line at the present moment, where one is wanted and lies on the axis.

        As in Kibana (current_time.tsx) an axis that ended less than a minute ago has it at its end.
        """
        said = self.styling.get("overlays", {}).get("current_time_marker", {})
        now, (low, high) = self.answer.now_ms, self.x_domain
        if not self.timed or now is None or not said.get("visible", False) or not low <= now < high + NOW_MARGIN:
            return []
        rows = [{"time": min(now, high), "said": f"{date_text(now, self.zone)} · now"}]
        place = {self.x_name: {**self.x_channel, "field": "time"}, "description": {"field": "said"}}
        mark = {"type": "rule", "color": DANGER, "strokeWidth": 2, "opacity": 0.7}
        return [{"data": {"values": rows}, "mark": mark, "encoding": place}]

    def axis_group(self, axis: str) -> list[JsonObject]:
        """Give the layers of one y axis, what is behind first."""
        place = self.value_channel(axis)
        encoding = {self.x_name: self.x_channel, self.y_name: place}
        lines = thresholds_of(self.layers, axis)
        layers = threshold_fills(lines, place, self.y_name)
        bars = [one for one in self.series if one.axis == axis and one.kind.startswith("bar")]
        if bars:
            layers.extend(self.bars(bars, encoding))
        for one in self.series:
            if one.axis == axis and one.kind in ("line", "area"):
                layers.extend(self.line(one, encoding))
        for line in lines:
            layers.extend(threshold_layers(line, place, self.y_name, self.side(axis, line.said), self.plot_height))
        return layers or [self.empty(encoding)]

    def empty(self, encoding: JsonObject) -> JsonObject:
        """Give axes without anything between them."""
        channels = {channel: {**said, "field": channel} for channel, said in encoding.items()}
        return {"data": {"values": []}, "mark": "point", "encoding": channels}

    # ---- the room of each part

    def padding(self) -> JsonObject:
        """Give the room around everything: for marks above the chart, and beside it where no axis has it."""
        padding: JsonObject = dict(PADDING)
        padding["top"] += self.head
        if self.legend_room and self.legend_at == "right":
            padding["right"] += self.legend_room - self.legend_width - LEGEND_OFFSET
        elif not self.legend_room or self.legend_at != "right":
            padding["right"] += 0 if "y2" in self.axes else self.markers["right"]
        return padding

    @cached_property
    def head(self) -> float:
        """The pixels above the chart for the signs of annotations and of lines that go upwards."""
        marked = any(
            event["type"] != "range"
            for layer, _ in self.layers
            if layer["type"] == "annotations"
            for event in layer["events"]
        )
        return max(HEAD if marked and not self.horizontal else 0.0, self.markers["top"])

    @cached_property
    def markers(self) -> dict[str, float]:
        """The pixels on each side for the signs and names of reference lines."""
        found = {"left": 0.0, "right": 0.0, "top": 0.0}
        for axis in ("x", "y", "y2"):
            lines = thresholds_of(self.layers, axis)
            for side, room in found.items():
                here = [line for line in lines if self.side(axis, line.said) == side]
                found[side] = max(room, marker_room(here))
        return found

    def side(self, axis: str, said: JsonObject) -> str:
        """Tell on which side the sign and name of a reference line stand: as said, else away from a lone axis."""
        if (axis == "x") != self.horizontal:
            return "top"
        if axis == "x":
            return "right"
        position: str = said.get("position", "auto")
        if position != "auto":
            return position
        return "left" if (axis == "y2") == (len(self.axes) == 1) else "right"

    @cached_property
    def plot_height(self) -> float:
        """Estimate the pixels between the x axis and the top."""
        below = LABEL_PADDING + (LABEL_SIZE if self.horizontal else self.words_below)
        title = TITLE_SIZE + LABEL_PADDING
        legend = self.legend_room if self.legend_at in ("top", "bottom") else 0
        return max(20.0, self.height - PADDING["top"] - PADDING["bottom"] - self.head - below - title - legend)

    @property
    def words_below(self) -> float:
        """Estimate how high the words below the chart are: two lines of times, and names as long as they are turned."""
        if self.timed:
            return LABEL_SIZE * 2.2
        if self.numeric or not self.values:
            return LABEL_SIZE
        widest = min(NAME_LIMIT, max(text_width(str(value), LABEL_SIZE) for value in self.values))
        said = ANGLES[self.said_of("x").get("labels", {}).get("orientation", "horizontal")]
        crowded = widest > self.width * 0.8 / len(self.values)
        angle = said or (TILT if crowded else 0)
        return max(LABEL_SIZE, widest * abs(math.sin(math.radians(angle))))

    @cached_property
    def plot_width(self) -> float:
        """Estimate the pixels between the axes at the left and at the right."""
        beside = 0.0
        if self.horizontal:
            widest = max((text_width(word, LABEL_SIZE) for word in self.x_words), default=0.0)
            beside += min(widest, self.width * 0.4) + LABEL_PADDING + self.title_room("x", self.x_title)
        else:
            for axis in self.axes:
                beside += self.y_axis(axis).width + LABEL_PADDING + self.title_room(axis, self.y_title(axis))
            beside += sum(self.markers[side] for side in ("left", "right"))
        legend = self.legend_room if self.legend_at in ("left", "right") else 0
        return max(20.0, self.width - PADDING["left"] - PADDING["right"] - beside - legend)

    def title_room(self, axis: str, default: str | None) -> float:
        title = axis_settings(self.said_of(axis), default, across=False)["title"]
        return TITLE_SIZE + LABEL_PADDING if title else 0.0

    # ---- scales and axes

    def said_of(self, axis: str) -> JsonObject:
        said: JsonObject = self.chart.get("axis", {}).get(axis, {})
        return said

    def y_axis(self, axis: str) -> NumberAxis:
        """Lay a y axis as its domain says: from zero (`full`), fitted to the values, or as written."""
        said = self.said_of(axis)
        domain = said.get("domain", {})
        kind = said.get("scale", "linear")
        drawn = [one for one in self.series if one.axis == axis]
        percent = any(self.shows_shares(one) for one in drawn)
        number_format = WHOLE_PERCENT if percent else drawn[0].column.format if drawn else None
        ends = self.y_ends(axis, domain)
        length = self.plot_width if self.horizontal else self.plot_height
        rounding = domain.get("rounding", True)
        upright = not self.horizontal
        return number_axis(ends, kind, number_format, length, most=Y_TICKS, round_out=rounding, upright=upright)

    def shows_shares(self, one: Series) -> bool:
        """Tell whether a series is drawn in percent of all of its axis and kind."""
        return any(one in upon for (_, kind), upon in self.stacks.items() if kind in PERCENT)

    def y_ends(self, axis: str, domain: JsonObject) -> tuple[float, float]:
        drawn = [one for one in self.series if one.axis == axis]
        if domain.get("type") == "custom":
            low, high = float(domain["min"]), float(domain["max"])
            return (low, high) if low < high else (low, low + 1)
        values = [end for one in drawn for point in one.points for end in self.ends(one, point)]
        values += [line.value for line in thresholds_of(self.layers, axis)]
        low, high = (min(values), max(values)) if values else (0.0, 1.0)
        if domain.get("type") != "fit" or any(one.kind.startswith("bar") for one in drawn):
            low, high = min(0.0, low), max(0.0, high)
        if low == high:
            return (0.0, high or 1.0) if high >= 0 else (low, 0.0)
        return low, high

    @staticmethod
    def ends(one: Series, point: Point) -> list[float]:
        if point.high is None:
            return []
        return [point.high] if one.kind == "line" else [point.low, point.high]

    def y_title(self, axis: str) -> str | None:
        return next((one.column.label for one in self.series if one.axis == axis), None)

    def value_channel(self, axis: str) -> JsonObject:
        settings = axis_settings(self.said_of(axis), self.y_title(axis), across=not self.horizontal)
        settings["titleLimit"] = TITLE_BEYOND + (self.plot_width if self.horizontal else self.plot_height)
        if self.horizontal:
            settings["orient"] = "top" if axis == "y2" else "bottom"
        else:
            side = "right" if axis == "y2" else "left"
            settings.update(orient=side, labelPadding=LABEL_PADDING + self.markers[side])
            if side == "right":
                # Upwards as on the left; turned so, its foot is at the far side.
                settings.update(titleAngle=-90, titleBaseline="top")
        return number_channel(self.y_axis(axis), settings)

    @cached_property
    def x_channel(self) -> JsonObject:
        length = self.plot_height if self.horizontal else self.plot_width
        settings = axis_settings(self.said_of("x"), self.x_title, across=self.horizontal)
        settings["titleLimit"] = TITLE_BEYOND + length
        if self.timed:
            return time_channel(self.x_domain, self.times, settings, across=self.horizontal)
        if self.numeric:
            return number_channel(self.x_axis, settings, downwards=self.horizontal)
        names = [str(value) for value in self.values]
        limit = self.width * 0.4 if self.horizontal else NAME_LIMIT
        return category_channel(names, settings, length, limit, across=self.horizontal)

    @property
    def x_words(self) -> list[str]:
        """Give all that stands at the x axis."""
        if self.timed:
            return [line for tick in self.times for line in tick.lines]
        if self.numeric:
            return [words for _, words in self.x_axis.labels]
        return [str(value) for value in self.values]

    @cached_property
    def times(self) -> list[TimeTick]:
        length = self.plot_height if self.horizontal else self.plot_width
        return time_ticks(*self.x_domain, length, self.zone, self.bucket)

    @cached_property
    def x_axis(self) -> NumberAxis:
        """Lay an axis of numbers that are counted; its ends are round unless they are written."""
        length = self.plot_height if self.horizontal else self.plot_width
        number_format = self.x.format if self.x is not None else None
        said = self.said_of("x").get("domain", {})
        rounding = said.get("rounding", "type" not in said)
        upright = self.horizontal
        return number_axis(
            self.x_domain, "linear", number_format, length, most=X_TICKS, round_out=rounding, upright=upright
        )

    @property
    def x_title(self) -> str | None:
        """Kibana's title of the axis: what is on it, and how much time a bucket of it takes."""
        if self.x is None:
            return None
        own = any("label" in layer.get("x", {}) for layer, _ in self.layers)
        interval = interval_of(self.answer.interval or "") if self.bucket and not own else None
        return self.x.label if interval is None else f"{self.x.label} per {interval.words}"

    @cached_property
    def x_domain(self) -> tuple[float, float]:
        """The ends of the x axis: the time range where it is time, widened to whole buckets as in Kibana."""
        said = self.said_of("x").get("domain", {})
        values = [value for value in self.values if isinstance(value, int | float)]
        if said.get("type") == "custom":
            low, high = float(said["min"]), float(said["max"])
        elif self.timed:
            start, end = self.answer.time_range
            low, high = min([start, *values]), max([end, *(value + self.bucket for value in values)])
        else:
            bars = any(one.kind.startswith("bar") for one in self.series)
            low, high = (min(values), max(values) + (self.step if bars else 0)) if values else (0, 1)
        return (low, high) if high > low else (low, low + 1)

    @cached_property
    def step(self) -> float:
        """The width of a bucket on a number axis."""
        if self.bucket:
            return self.bucket
        values = sorted({value for value in self.values if isinstance(value, int | float)})
        return min((after - before for before, after in pairwise(values)), default=1.0)

    # ---- the legend

    @cached_property
    def color(self) -> JsonObject:
        """The colour channel: every series by its key, and the legend beside them."""
        scale = {"domain": list(self.keys.values()), "range": [one.color for one in self.series]}
        return {"type": "nominal", "field": "series", "scale": scale, "legend": self.legend()}

    @cached_property
    def legend_at(self) -> str:
        """Where the legend stands: a side, a corner inside of the chart, or nowhere."""
        said = self.chart.get("legend", {})
        visibility = said.get("visibility", "auto")
        if visibility == "hidden" or (visibility == "auto" and len(self.series) < 2) or not self.series:
            return ""
        inside = said.get("placement", "outside") == "inside"
        position: str = said.get("position", "top_right" if inside else "right")
        return position.replace("_", "-")

    @cached_property
    def legend_room(self) -> float:
        """The pixels that the legend takes from the chart; Kibana gives it the same width whatever it says."""
        if self.legend_at in ("left", "right"):
            beside = self.markers["right"] if self.legend_at == "right" and "y2" not in self.axes else 0.0
            return self.legend_side + LEGEND_OFFSET + beside
        return self.legend_line * self.legend_rows + LEGEND_OFFSET if self.legend_at in ("top", "bottom") else 0.0

    @property
    def legend_width(self) -> float:
        """Estimate how wide a legend at a side is."""
        return LEGEND_SYMBOL + min(self.legend_limit, self.widest_entry)

    @cached_property
    def widest_entry(self) -> float:
        return max(text_width(line, LEGEND_SIZE) for lines in self.legend_entries for line in lines)

    @cached_property
    def legend_entries(self) -> list[list[str]]:
        """Give the lines of each series in the legend: its name, and its numbers where they are wanted.

        The value alone stands behind the name, as Kibana's `valuesInLegend` has it; several statistics, which Kibana
        9 has in columns, stand with their names below it. Names are cut so that the numbers have room.
        """
        names = self.chart.get("legend", {}).get("statistics", [])
        places = [value for value in self.values if isinstance(value, int | float)]
        if not names or not self.numeric or not places:
            return [[one.label] for one in self.series]
        ends = min(places), max(places)
        entries = []
        for one in self.series:
            found = statistics_of(one, names, ends, WHOLE_PERCENT if self.shows_shares(one) else None)
            entries.append(self.legend_entry(one.label, found, alone=names == [CURRENT]))
        return entries

    def legend_entry(self, label: str, found: Sequence[tuple[str, str]], *, alone: bool) -> list[str]:
        if alone:
            value = f"  {found[0][1]}" if found[0][1] else ""
            return [cut(label, LEGEND_SIZE, self.legend_limit - text_width(value, LEGEND_SIZE)) + value]
        lines = [cut(label, LEGEND_SIZE, self.legend_limit)]
        for title, text in found:
            said = f"{title} {text or NOTHING}"
            longer = f"{lines[-1]} · {said}"
            if len(lines) > 1 and text_width(longer, LEGEND_SIZE) <= self.legend_limit:
                lines[-1] = longer
            else:
                lines.append(said)
        return lines

    @property
    def legend_line(self) -> float:
        """Give how high an entry is."""
        return LEGEND_LINE + LEGEND_TEXT_LINE * (max(map(len, self.legend_entries)) - 1)

    @property
    def legend_side(self) -> float:
        """Give the pixels that a legend at a side has: those of its size, at most three tenths of the width."""
        said = WIDTHS.get(self.chart.get("legend", {}).get("size", "m"), WIDTHS["m"])
        return min(float(said), self.width * 0.3)

    @property
    def legend_limit(self) -> float:
        return self.legend_side - LEGEND_SYMBOL

    @property
    def legend_columns(self) -> int:
        return max(1, int(self.width * 0.9 // (self.legend_width + 10)))

    @property
    def legend_rows(self) -> int:
        """How many rows a legend above or below takes: two at most."""
        return min(2, -(-len(self.series) // self.legend_columns))

    def legend(self) -> JsonObject | None:
        if not self.legend_at:
            return None
        said = self.chart.get("legend", {})
        across = self.legend_at in ("top", "bottom")
        most = self.legend_columns * 2 if across else max(2, int((self.height - 40) // self.legend_line))
        legend: JsonObject = {"orient": self.legend_at, "labelLimit": self.legend_limit, **self.legend_words(most)}
        if across:
            legend.update(direction="horizontal", columns=self.legend_columns)
        elif "columns" in said:
            legend["columns"] = said["columns"]
        if self.legend_at == "right" and "y2" not in self.axes:
            legend["offset"] = LEGEND_OFFSET + self.markers["right"]
        header = said.get("series_header", {})
        if header.get("visible", True) and header.get("text"):
            legend.update(title=header["text"], titleFontSize=12, titleLimit=self.legend_limit)
        return legend

    def legend_words(self, most: int) -> JsonObject:
        """Give the entries that have room, each with its series' name; the last one says how many there are more."""
        keys = list(self.keys.values())
        names = [lines[0] if len(lines) == 1 else lines for lines in self.legend_entries]
        if len(keys) <= most:
            return {"labelExpr": f"({json.dumps(names)})[+datum.label]"}
        names[most - 1] = f"{len(keys) - most + 1} more"
        return {"values": keys[:most], "labelExpr": f"({json.dumps(names[:most])})[+datum.label]"}

    # ---- marks

    def rows(self, one: Series, points: Sequence[Point]) -> list[JsonObject]:
        return [
            {
                "series": self.keys[id(one)],
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
        elif self.timed and isinstance(point.x, int | float):
            place = date_text(point.x, self.zone) + " · "
        else:
            place = f"{self.x_of(point)} · "
        return f"{place}{one.label}: {value_text(point.value, one.column.format)}"

    def bars(self, bars: list[Series], encoding: JsonObject) -> list[JsonObject]:
        rows = [row for one in bars for row in self.bar_rows(one)]
        channels: JsonObject = {
            self.x_name: {**encoding[self.x_name], "field": "x"},
            self.y_name: {**encoding[self.y_name], "field": "low"},
            f"{self.y_name}2": {"field": "high"},
            "color": self.color,
            "description": {"field": "said"},
        }
        if self.numeric:
            channels[f"{self.x_name}2"] = {"field": "end"}
        elif len(self.slots) > 1:
            scale = {"domain": list(range(len(self.slots)))}
            channels[f"{self.x_name}Offset"] = {"field": "slot", "type": "nominal", "scale": scale}
        mark = {"type": "bar", f"{self.y_name}2Offset": {"expr": self.missing_height(bars[0].axis)}}
        layers: list[JsonObject] = [{"data": {"values": rows}, "mark": mark, "encoding": channels}]
        if self.styling.get("bars", {}).get("data_labels", {}).get("visible", False):
            layers.extend(self.bar_values(rows, channels))
        return layers

    def missing_height(self, axis: str) -> str:
        """Give the expression of the pixels that a bar lacks of its least height, away from where it begins.

        As in elastic-charts (rendering/bars.ts) it grows upwards, or downwards where its end is below zero.
        """
        least = self.styling.get("bars", {}).get("minimum_height", LEAST_HEIGHT)
        scale = self.y_name if len(self.axes) == 1 else f"layer_{self.axes.index(axis)}_{self.y_name}"
        length = f"abs(scale('{scale}', datum.high) - scale('{scale}', datum.low))"
        sign = "" if self.horizontal else "-"
        return f"(datum.high < 0 ? -1 : 1) * {sign}max(0, {least} - {length})"

    @cached_property
    def slots(self) -> list[list[Series]]:
        """The bars that stand beside each other in a bucket: each series that is not stacked, and each stack."""
        together = [upon for upon in self.stacks.values() if upon[0].kind.startswith("bar")]
        alone = [
            [one]
            for layer, series in self.groups
            if layer["type"] not in STACKED
            for one in series
            if one.kind.startswith("bar")
        ]
        return sorted([*together, *alone], key=lambda slot: int(self.keys[id(slot[0])]))

    def bar_rows(self, one: Series) -> list[JsonObject]:
        """Give the bars of a series, in its place beside the others of a bucket."""
        drawn = [point for point in one.points if point.value is not None]
        rows = self.rows(one, drawn)
        slot = next(number for number, slot in enumerate(self.slots) if one in slot)
        room = self.step * BAR_SHARE / len(self.slots)
        for row, point in zip(rows, drawn, strict=True):
            row["value"] = value_text(point.value, one.column.format)
            row["slot"] = slot
            if self.numeric:
                row["x"] = row["x"] + self.step * (1 - BAR_SHARE) / 2 + room * slot
                row["end"] = row["x"] + room
        return rows

    def bar_values(self, rows: list[JsonObject], channels: JsonObject) -> list[JsonObject]:
        """Write the values at the ends of bars, within the parts of a stack, wherever a bar has room for it."""
        if self.numeric:
            low, high = self.x_domain
            across = self.step / (high - low) * (self.plot_height if self.horizontal else self.plot_width) * BAR_SHARE
        else:
            length = self.plot_height if self.horizontal else self.plot_width
            across = length / max(1, len(self.values)) * CATEGORY_SHARE
        across /= len(self.slots)
        inside = bool(self.stacks)
        shown = [
            {**row, "middle": (row["low"] + row["high"]) / 2 if inside else row["high"]}
            | ({"x": (row["x"] + row["end"]) / 2} if self.numeric else {})
            for row in rows
            if row["high"] != row["low"]
            and across >= (LABEL_SIZE if self.horizontal else text_width(row["value"], LABEL_SIZE))
        ]
        place = {name: said for name, said in channels.items() if name in (self.x_name, f"{self.x_name}Offset")}
        value = {**channels[self.y_name], "field": "middle"}
        away = {} if inside else {"dx": 4, "align": "left"} if self.horizontal else {"dy": -6}
        mark = {"type": "text", "fontSize": LABEL_SIZE, "color": INK, "aria": False, **away}
        encoding = {**place, self.y_name: value, "text": {"field": "value"}}
        return [{"data": {"values": shown}, "mark": mark, "encoding": encoding}]

    def line(self, one: Series, encoding: JsonObject) -> list[JsonObject]:
        """Give the layers of a line or an area: those of each run without a gap, and its points."""
        x, y = {**encoding["x"], "field": "x"}, {**encoding["y"], "field": "high"}
        channels = {"x": x, "y": y, "color": self.color}
        emphasized = self.styling.get("fitting", {}).get("emphasize", False)
        layers: list[JsonObject] = []
        for run in gaps(one.points):
            for piece, filled in [(run, False)] if emphasized else pieces(run):
                layers.extend(self.piece(one, piece, channels, filled=filled))
            known = [point for point in run if not point.filled]
            if self.shows_points(run):
                point = {"type": "point", "filled": True, "size": 28, "opacity": 1}
            else:
                point = {"type": "point", "filled": True, "size": 60, "opacity": 0}
            described = {**channels, "description": {"field": "said"}}
            layers.append({"data": {"values": self.rows(one, known)}, "mark": point, "encoding": described})
        return layers

    def piece(self, one: Series, points: list[Point], channels: JsonObject, *, filled: bool) -> list[JsonObject]:
        """Give a part of a line, with the area below it; one that a fitting filled is dashed and paler."""
        data = {"values": self.rows(one, points)}
        shape: JsonObject = {"interpolate": INTERPOLATION[self.styling.get("interpolation", "linear")]}
        line = {"type": "line", "strokeWidth": 2, **shape, **({"strokeDash": FILLED_DASH} if filled else {})}
        drawn = [{"data": data, "mark": line, "encoding": channels}]
        if one.kind == "area":
            said = FILLED_OPACITY if filled else self.styling.get("areas", {}).get("fill_opacity", 0.3)
            area = {"type": "area", **shape, "opacity": min(1, said), "line": False}
            drawn.insert(0, {"data": data, "mark": area, "encoding": {**channels, "y2": {"field": "low"}}})
        return drawn

    def shows_points(self, run: list[Point]) -> bool:
        """Tell whether the points of a run are drawn: as said, else only one that stands alone."""
        said = self.styling.get("points", {}).get("visibility", "auto")
        return said == "visible" or len(run) == 1

    def annotations(self) -> list[JsonObject]:
        """Give the layers of annotations; they need an axis of time."""
        if not self.timed:
            return []
        length = self.plot_height if self.horizontal else self.plot_width
        return [
            drawn
            for layer, table in self.layers
            if layer["type"] == "annotations"
            for drawn in annotation_layers(layer, table, self.x_channel, self.x_name, length, self.zone)
        ]
