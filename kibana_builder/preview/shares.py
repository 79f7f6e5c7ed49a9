"""The parts of a whole, as pie, treemap, mosaic and waffle show them: what they are called, how large, which colour.

Facts: Kibana's partition charts (expression_partition_vis of 8.12: its order of the parts, its colours and what it
refuses), and the charts recorded on 8.12.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.answer import Answer, Table
from kibana_builder.preview.formats import bucket_text, number_of, number_text
from kibana_builder.preview.palettes import BEHIND_TEXT, COLOR_BLIND, category_colors, mixed, static_color

__all__ = ["CHARTS", "Share", "Whole", "drawable", "group_columns", "refusal", "whole_of"]

CHARTS = ("pie", "treemap", "mosaic", "waffle")
"""The chart types whose parts these are."""


@dataclass
class Share:
    """A part: the values that lead to it, their words, its size, and the parts that it is made of."""

    path: tuple[Json, ...]
    words: tuple[str, ...]
    value: float = 0.0
    color: str = ""
    children: list[Share] = field(default_factory=list)

    @property
    def label(self) -> str:
        """What it is called itself."""
        return self.words[-1]

    @property
    def depth(self) -> int:
        """How deep it lies, counted from 1."""
        return len(self.path)

    def all(self) -> Iterator[Share]:
        """Give the part and all those inside it, each before what it is made of."""
        yield self
        for child in self.children:
            yield from child.all()


class Whole:
    """All parts of a chart, in the order in which Kibana draws them; `interval` is that of groups by time."""

    def __init__(self, chart: JsonObject, table: Table, interval: str | None = None, zone: tzinfo = UTC) -> None:
        self.chart, self.interval, self.zone = chart, interval, zone
        self.groups = group_columns(chart, table)
        self.metrics = [index for index, column in enumerate(table.columns) if column.place.startswith("metric")]
        self.number_format = table.columns[self.metrics[0]].format
        self.several = len(self.metrics) > 1 or not self.groups
        """Whether the metrics are parts of their own, inside the groups."""
        self.levels = len(self.groups) + self.several
        self.parts: list[Share] = self._tree(table)
        self.total = sum(part.value for part in self.parts)
        as_they_come = list(self.all())
        self._sort(self.parts, 0)
        if self.groups:
            self._color_groups(as_they_come)
        else:
            self._color_metrics()

    def all(self) -> Iterator[Share]:
        """Give every part, each before what it is made of."""
        for part in self.parts:
            yield from part.all()

    def written(self, share: Share) -> str:
        """Write a part's number as the chart says: its share of the whole, its value, or nothing."""
        values = self.chart.get("styling", {}).get("values", {})
        if not values.get("visible", True):
            return ""
        return self.value(share) if values.get("mode", "percentage") == "absolute" else self.percent(share)

    def value(self, share: Share) -> str:
        return number_text(share.value, self.number_format)

    def percent(self, share: Share) -> str:
        decimals = self.chart.get("styling", {}).get("values", {}).get("percent_decimals", 2)
        return number_text(share.value / self.total, {"type": "custom", "pattern": f"0,0.[{'0' * decimals}]%"})

    def said(self, share: Share) -> str:
        """Give the words of a part, for screen readers and beside the pointer: where it belongs, value and share."""
        groups, rest = share.words[: len(self.groups)], share.words[len(self.groups) :]
        place = " · ".join([" › ".join(groups), *rest] if groups else rest)
        return f"{place}: {self.value(share)} ({self.percent(share)})"

    def shown_color(self, share: Share) -> str:
        """Give a part's colour as it is drawn: the lighter the further in it lies; none for what has no colour."""
        level = share.depth - 1
        if self.chart["type"] in ("treemap", "mosaic"):
            # The groups around the rectangles have no colour of their own there.
            level = max(0, level - 1)
        return mixed("#FFFFFF", share.color, 0.75**level) if share.color else ""

    def _tree(self, table: Table) -> list[Share]:
        root = Share((), ())
        found: dict[tuple[Json, ...], Share] = {(): root}
        for row in table.rows:
            names = [(row[index], table.columns[index]) for index in self.groups]
            groups = [(key, bucket_text(key, of.format, of.kind, self.interval, self.zone)) for key, of in names]
            for metric in self.metrics:
                column = table.columns[metric]
                keys = [*groups, (column.place, column.label)] if self.several else groups
                value = number_of(row[metric]) or 0.0
                for depth in range(1, len(keys) + 1):
                    path = tuple(key for key, _ in keys[:depth])
                    if path not in found:
                        found[path] = Share(path, tuple(words for _, words in keys[:depth]))
                        found[path[:-1]].children.append(found[path])
                    found[path].value += value
        return root.children

    def _sort(self, parts: list[Share], level: int) -> None:
        """Put the largest first; metrics, and the columns of a mosaic, stay as they come."""
        if level < len(self.groups) and (level or self.chart["type"] != "mosaic"):
            parts.sort(key=lambda part: -part.value)
        for part in parts:
            self._sort(part.children, level + 1)

    def _color_metrics(self) -> None:
        """Let each metric have the colour that it says, else the palette's next in turn."""
        own = [static_color(said.get("color")) for said in self.chart.get("metrics", [self.chart.get("metric", {})])]
        turns = category_colors(range(len(self.parts)), None, default=self._palette(None))
        for part, color, turn in zip(self.parts, own, turns, strict=False):
            part.color = color or turn

    def _color_groups(self, as_they_come: Sequence[Share]) -> None:
        """Colour by the first group, which a mosaic shows innermost: a mapping goes by the rows, a palette by size."""
        level = len(self.groups) - 1 if self.chart["type"] == "mosaic" else 0
        mapping = next((said.get("color") for said in self.chart["group_by"] if "collapse_by" not in said), None)
        order = self.all() if mapping is None else as_they_come
        categories = list(dict.fromkeys(part.path[level] for part in order if part.depth > level))
        colors = category_colors(categories, mapping, default=self._palette(mapping))
        by_category = dict(zip(categories, colors, strict=True))
        for part in self.all():
            part.color = by_category[part.path[level]] if part.depth > level else ""

    def _palette(self, mapping: JsonObject | None) -> tuple[str, ...]:
        """Give the default palette: its lighter kind lies behind text, where no colour mapping has taken its place."""
        labelled = self.chart.get("styling", {}).get("labels", {}).get("visible", True)
        one_level = self.chart["type"] == "treemap" or (self.chart["type"] == "mosaic" and len(self.groups) == 1)
        legacy = mapping is None or mapping.get("palette") == "LEGACY_PALETTE_default"
        behind = one_level or (labelled and self.chart["type"] != "mosaic")
        return BEHIND_TEXT if legacy and behind else COLOR_BLIND


def whole_of(chart: JsonObject, answer: Answer, zone: tzinfo) -> Whole | None:
    """Give the parts that a chart's answer has; None where there is nothing to draw."""
    table = answer.layers[0]
    whole = Whole(chart, table, answer.interval, zone) if isinstance(table, Table) else None
    return whole if whole is not None and whole.total else None


def group_columns(chart: JsonObject, table: Table) -> list[int]:
    """Give the columns by which a chart's parts nest, from the outermost inwards.

    A mosaic's columns are what is fetched last: Kibana turns the order of its groups round.
    """
    found = [index for index, column in enumerate(table.columns) if column.place.startswith("group_")]
    return found[::-1] if chart["type"] == "mosaic" else found


def refusal(chart: JsonObject, table: Table) -> str:
    """Say why Kibana does not draw the parts of a chart; nothing if it does."""
    metrics = [index for index, column in enumerate(table.columns) if column.place.startswith("metric")]
    if not any((number_of(row[index]) or 0) < 0 for row in table.rows for index in metrics):
        return ""
    donut = chart["type"] == "pie" and chart.get("styling", {}).get("donut_hole", "none") != "none"
    return f"{'donut' if donut else chart['type']} chart can't render with negative values.".capitalize()


def drawable(parts: Sequence[Share]) -> list[Share]:
    """Leave out the parts that take no room."""
    return [part for part in parts if part.value > 0]
