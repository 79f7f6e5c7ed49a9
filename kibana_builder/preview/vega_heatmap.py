"""The heatmap as a Vega-Lite spec: cells in the colours of their values, two axes of names or times, a legend of bands.

Facts: Kibana's heatmap (expression_heatmap and elastic-charts of 8.12), and the one recorded on 8.12.2. Its colours are
bands that hold their lower bound; bounds in per cent are counted between the smallest and the largest value. A cell
without a value is left empty.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, tzinfo
from itertools import pairwise
from typing import NamedTuple

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.answer import Answer, Column, Table
from kibana_builder.preview.formats import bucket_text, number_of, value_text
from kibana_builder.preview.intervals import interval_of, starts
from kibana_builder.preview.palettes import PALETTES, bounds_of, readable_on, steps_of
from kibana_builder.preview.svg import cut, text_width
from kibana_builder.preview.theme import AXIS_TEXT, DARK, GRID
from kibana_builder.preview.vega_axes import ANGLES
from kibana_builder.preview.vega_legend import Entry, with_legend
from kibana_builder.preview.vega_pixels import Area, Words, boxes, in_pixels, nothing_spec, texts

__all__ = ["heatmap_spec"]

SIZE, PAD = 12.0, 8.0
LEAST_CELL = 4.0
"""Cells that are no larger lie close beside each other, without lines between them."""
LEAST_NAME = 48.0
"""So many pixels a name below a column wants for itself, if it is as long."""
LEAST_LABEL, LARGEST_LABEL = 8, 18
"""The sizes between which all values in cells are written."""
MOST_FOR_NAMES = 0.5
"""The names of the rows take no more of the width, those of the columns no more of the height."""
BEYOND = 0.00001
"""The last band ends so far behind its bound, so that it holds it."""


class Band(NamedTuple):
    """Values from one bound to another, which is not included, and their colour."""

    start: float
    end: float
    color: str


class Axis(NamedTuple):
    """What is said of an axis, its buckets in order and their words."""

    said: JsonObject
    column: Column | None
    values: list[Json]
    words: list[str]

    @property
    def title(self) -> str:
        said = self.said.get("title", {})
        usual = self.column.label if self.column is not None else ""
        return (said.get("text") or usual) if said.get("visible", False) else ""

    @property
    def labelled(self) -> bool:
        return self.column is not None and bool(self.said.get("labels", {}).get("visible", True))


def heatmap_spec(chart: JsonObject, answer: Answer, width: float, height: float, zone: tzinfo = UTC) -> JsonObject:
    """Give the spec of a heatmap that fills `width` by `height` pixels."""
    table = answer.layers[0]
    if not isinstance(table, Table) or not table.rows:
        return nothing_spec(width, height)
    return in_pixels(width, height, _Drawing(chart, answer, table, zone).layers(Area(0, 8, width, height - 12)))


class _Drawing:
    """One heatmap being drawn."""

    def __init__(self, chart: JsonObject, answer: Answer, table: Table, zone: tzinfo) -> None:
        self.chart, self.answer, self.table, self.zone = chart, answer, table, zone
        self.metric = table.columns[-1]
        values = [number_of(row[-1]) for row in table.rows]
        self.bands = bands(chart["metric"].get("color"), [value for value in values if value is not None])
        self.x, self.y = self.axis("x"), self.axis("y")

    def axis(self, name: str) -> Axis:
        said: JsonObject = self.chart.get("axis", {}).get(name, {})
        index = self.table.index(name)
        if index is None:
            return Axis(said, None, [None], [""])
        column = self.table.columns[index]
        found = list(dict.fromkeys(row[index] for row in self.table.rows))
        values = _ordered(found, self.chart[name], column, said.get("sort"))
        if name == "x" and self.is_time:
            values = self.times(values)
        return Axis(said, column, values, [self.word(value, column) for value in values])

    @property
    def is_time(self) -> bool:
        """Whether x is an axis of time; to Kibana a moment that is alone is a name."""
        x = self.table.index("x")
        return x is not None and self.table.columns[x].kind == "date" and len(self.table.rows) > 1

    def times(self, values: list[Json]) -> list[Json]:
        """Give all intervals of the time range, those without documents too."""
        interval = interval_of(self.answer.interval or "")
        moments = [value for value in values if isinstance(value, int | float)]
        if interval is None or not moments:
            return values
        begin, end = self.answer.time_range
        first, last = int(min(begin, *moments)), int(max(end - 1, *moments))
        return [*starts(first, last, interval, self.zone)]

    def word(self, value: Json, column: Column) -> str:
        return bucket_text(value, column.format, column.kind, self.answer.interval, self.zone)

    # ---- the room of each part

    def layers(self, area: Area) -> list[JsonObject]:
        panel = area
        legend, area = self.legend(area)
        names = self.names_width(area)
        below = self.words_height(area)
        left = names + (SIZE + PAD if self.y.title else 0)
        bottom = below + (SIZE + PAD if self.x.title else 0)
        grid = Area(area.left + left, area.top, max(1.0, area.width - left), max(1.0, area.height - bottom))
        cells, values = self.cells(grid)
        words = [
            *self.row_names(grid, names),
            *self.column_words(panel, grid, below),
            *self.titles(area, grid),
            *values,
        ]
        return [*legend, *boxes(self.lines(grid)), *boxes(cells), *texts(words)]

    def legend(self, area: Area) -> tuple[list[JsonObject], Area]:
        said = self.chart.get("legend", {})
        if said.get("visibility", "visible") == "hidden":
            return [], area
        entries = [Entry(self.band_words(band), band.color) for band in self.bands if band.start < band.end]
        return with_legend(entries, said, area)

    def band_words(self, band: Band) -> str:
        start, end = (value_text(bound, self.metric.format) for bound in (band.start, band.end))
        if math.isinf(band.end):
            return f"≥ {start}"
        return f"< {end}" if math.isinf(band.start) else f"{start} - {end}"

    def names_width(self, area: Area) -> float:
        if not self.y.labelled:
            return 0.0
        return min(max(text_width(word, SIZE) for word in self.y.words) + PAD, area.width * MOST_FOR_NAMES)

    def words_height(self, area: Area) -> float:
        """Give the height of the words below the columns: of their lines, or of their length where they are turned."""
        if not self.x.labelled:
            return 0.0
        turned = abs(math.sin(math.radians(self.angle)))
        longest = max(text_width(word, SIZE) for word in self.x.words)
        return min(SIZE + longest * turned + PAD, area.height * MOST_FOR_NAMES)

    @property
    def angle(self) -> int:
        return ANGLES[self.x.said.get("labels", {}).get("orientation", "horizontal")]

    # ---- what is drawn

    def place(self, grid: Area, column: int, row: int) -> Area:
        wide, high = grid.width / len(self.x.values), grid.height / len(self.y.values)
        return Area(grid.left + column * wide, grid.top + row * high, wide, high)

    def lines(self, grid: Area) -> list[tuple[Area, str, str]]:
        """Give the lines of the grid; those of times that are written below go on to their words."""
        at = self.place(grid, 0, 0)
        every = self.every(grid) if self.x.labelled and self.is_time and not self.angle else 0
        upright = [
            Area(
                grid.left + number * at.width - 0.5,
                grid.top,
                1,
                grid.height + (5 if every and number % every == 0 else 0),
            )
            for number in range(len(self.x.values) + 1)
            if at.width > LEAST_CELL
        ]
        lying = [
            Area(grid.left, grid.top + number * at.height - 0.5, grid.width, 1)
            for number in range(len(self.y.values) + 1)
            if at.height > LEAST_CELL
        ]
        return [(line, GRID, "") for line in (*upright, *lying)]

    def cells(self, grid: Area) -> tuple[list[tuple[Area, str, str]], list[Words]]:
        """Give the cells that have a colour, and their values where those are to be written."""
        x, y = self.table.index("x"), self.table.index("y")
        columns = {value: number for number, value in enumerate(self.x.values)}
        rows = {value: number for number, value in enumerate(self.y.values)}
        found = []
        for row in self.table.rows:
            column = columns.get(None if x is None else row[x])
            color = self.color(number_of(row[-1]))
            if color and column is not None:
                at = _inner(self.place(grid, column, rows[None if y is None else row[y]]))
                found.append((at, color, self.said(row), value_text(row[-1], self.metric.format)))
        labels = self.chart.get("styling", {}).get("cells", {}).get("labels", {})
        size = _label_size([(at, words) for at, _, _, words in found]) if labels.get("visible", False) else 0
        values = [
            Words(at.left + at.width / 2, at.top + at.height / 2, words, size, readable_on(color), "center")
            for at, color, _, words in found
            if size
        ]
        return [(at, color, said) for at, color, said, _ in found], values

    def color(self, value: float | None) -> str:
        return next((band.color for band in self.bands if value is not None and band.start <= value < band.end), "")

    def said(self, row: Sequence[Json]) -> str:
        """Give the words of a cell: first what a click filters by, then the time, then the value."""
        named: list[str] = []
        times: list[str] = []
        for axis in (self.x, self.y):
            if axis.column is not None:
                value = row[self.table.columns.index(axis.column)]
                (times if axis.column.kind == "date" else named).append(self.word(value, axis.column))
        place = " · ".join([*([" › ".join(named)] if named else []), *times, self.metric.label])
        return f"{place}: {value_text(row[-1], self.metric.format)}"

    def row_names(self, grid: Area, width: float) -> list[Words]:
        if not self.y.labelled:
            return []
        right, high = grid.left - PAD, grid.height / len(self.y.words)
        every = math.ceil(SIZE / high)
        return [
            Words(right, grid.top + (number + 0.5) * high, cut(word, SIZE, width - PAD), SIZE, AXIS_TEXT, "right")
            for number, word in enumerate(self.y.words)
            if number % every == 0
        ]

    def every(self, grid: Area) -> int:
        """Give how far the columns are apart below which something is written: 1 for all of them."""
        wide = grid.width / len(self.x.words)
        longest = max(text_width(word, SIZE) for word in self.x.words) + PAD
        room = SIZE + 2 if self.angle else longest if self.is_time else min(longest, LEAST_NAME)
        return max(1, math.ceil(room / wide - 1e-9))

    def column_words(self, panel: Area, grid: Area, height: float) -> list[Words]:
        """Write below the columns: times at the beginning of theirs, names in the middle."""
        if not self.x.labelled:
            return []
        every, wide = self.every(grid), grid.width / len(self.x.words)
        begins = self.is_time and not self.angle
        turned = abs(math.sin(math.radians(self.angle)))
        room = (height - SIZE) / turned if turned else every * wide - 4
        align = "right" if turned else "left" if begins else "center"
        found = []
        for number in range(0, len(self.x.words), every):
            left = grid.left + (number + (0 if begins else 0.5)) * wide
            within = min(room, 2 * (left - panel.left), 2 * (panel.right - left)) if align == "center" else room
            word = cut(self.x.words[number], SIZE, within)
            if not (begins and number and left + text_width(word, SIZE) > grid.right + PAD):
                found.append(Words(left, grid.bottom + PAD + SIZE / 2, word, SIZE, AXIS_TEXT, align, angle=self.angle))
        return found

    def titles(self, area: Area, grid: Area) -> list[Words]:
        across, down = grid.left + grid.width / 2, grid.top + grid.height / 2
        below, beside = (
            _title(self.x.title, across, area.bottom - SIZE / 2, grid.width, 0),
            _title(self.y.title, area.left + SIZE / 2, down, grid.height, -90),
        )
        return [title for title in (below, beside) if title.words]


def _title(words: str, x: float, y: float, room: float, angle: float) -> Words:
    return Words(x, y, cut(words, SIZE, room, bold=True), SIZE, DARK, "center", weight="bold", angle=angle)


def bands(color: JsonObject | None, values: Sequence[float]) -> list[Band]:
    """Give the bands of colour for these values; without a colour of its own five of Kibana's palette `temperature`.

    A named palette of old is spread evenly over the values: Kibana does not look at its bounds here.
    """
    low, high = (min(values), max(values)) if values else (0.0, 100.0)
    steps = steps_of(color)
    said: JsonObject = color if steps and color is not None else {"type": "auto", "range": "percentage"}
    colors = [str(step["color"]) for step in steps] or list(PALETTES["temperature"])
    percent = said["range"] == "percentage"
    if said["type"] == "dynamic":
        bounds = bounds_of(steps)
    else:
        first, last = (0.0, 100.0) if percent else (low, high)
        begins = [first + (last - first) / len(colors) * number for number in range(len(colors))]
        bounds = [*begins, bounds_of(steps)[-1] if steps else math.inf]
    starts_at = [_absolute(bound, low, high, percent=percent) for bound in bounds[:-1]]
    if low == high:
        starts_at[-1] = low
    end = math.inf if low == high else _absolute(bounds[-1], low, high, percent=percent) + BEYOND
    return [Band(*ends, color) for ends, color in zip(pairwise([*starts_at, end]), colors, strict=True)]


def _absolute(bound: float, low: float, high: float, *, percent: bool) -> float:
    return low + (high - low) * bound / 100 if percent and not math.isinf(bound) else bound


def _ordered(values: list[Json], operation: JsonObject, column: Column, sort: str | None) -> list[Json]:
    """Put buckets into Kibana's order: as they come, unless the axis sorts them or their operation does.

    Intervals stand by their size, and so do numbers that are top values, in the direction of their rank; names stand in
    their own order where that is their rank.
    """
    numbers = all(number_of(value) is not None for value in values)
    if sort is None and operation.get("operation") == "terms":
        rank = operation.get("rank_by", {"type": "metric"})
        by_name = rank["type"] == "alphabetical"
        if "other_bucket" not in operation and (by_name or numbers):
            sort = rank.get("direction", "asc" if by_name else "desc")
    elif sort is None and numbers and column.kind in ("date", "number"):
        sort = "asc"
    return values if sort is None else sorted(values, key=_by_size, reverse=sort == "desc")


def _by_size(value: Json) -> tuple[bool, float, str]:
    number = number_of(value)
    return number is None, number or 0.0, "" if number is not None else str(value).casefold()


def _inner(at: Area) -> Area:
    """Leave room for the lines of the grid, where a cell is wide enough for lines."""
    wide, high = (1.0 if side > LEAST_CELL else 0.0 for side in (at.width, at.height))
    return Area(at.left + wide, at.top + high, at.width - 2 * wide, at.height - 2 * high)


def _label_size(cells: Sequence[tuple[Area, str]]) -> int:
    """Give the largest size at which every value has room in its cell; 0 for none, as then Kibana writes no value."""
    size = LARGEST_LABEL
    for at, words in cells:
        while size >= LEAST_LABEL and (text_width(words, size) > at.width - 6 or size > at.height - 6):
            size -= 1
        if size < LEAST_LABEL:
            return 0
    return size
