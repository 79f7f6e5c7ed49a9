"""The series of an xy chart: which points belong together, what they are called, which colour they have."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.answer import Column, Table
from kibana_builder.preview.formats import value_text
from kibana_builder.preview.palettes import category_colors, static_color

__all__ = ["Point", "Series", "fitted", "gaps", "layer_series", "pieces", "stacked"]


@dataclass
class Point:
    """One value: where it is on the x axis, its value, and the two ends of what is drawn (`low` to `high`)."""

    x: Json
    value: float | None
    low: float = 0.0
    high: float | None = None
    filled: bool = False
    """Whether its value was missing and is what a fitting made of it."""


@dataclass
class Series:
    """What is drawn with one colour: a metric of a layer, or one category's part of it."""

    label: str
    color: str
    kind: str
    """The layer's type without its stacking: `line`, `area`, `bar`, `bar_horizontal`."""
    axis: str
    column: Column
    category: Json = None
    points: list[Point] = field(default_factory=list)


def layer_series(layer: JsonObject, table: Table, turn: int) -> list[Series]:
    """Part the rows of a layer into series; `turn` is how many series took a colour of the palette before.

    A breakdown gives one series for each of its values and each metric, in the order of the rows.
    """
    x, split = table.index("x"), table.index("breakdown_by")
    metrics = [(index, column) for index, column in enumerate(table.columns) if column.place.startswith("y[")]
    categories = list(dict.fromkeys(_category(row, split) for row in table.rows)) if split is not None else [None]
    settings = {f"y[{index}]": said for index, said in enumerate(layer["y"])}
    found: dict[tuple[str, Json], Series] = {}
    for category in categories:
        for _, column in metrics:
            said = settings[column.place]
            label = _label(
                category, column, several=len(metrics) > 1, split=table.columns[split] if split is not None else None
            )
            found[column.place, category] = Series(label, "", _kind(layer), said.get("axis", "y"), column, category)
    _color(list(found.values()), layer, settings, turn)
    for row in table.rows:
        for index, column in metrics:
            found[column.place, _category(row, split)].points.append(Point("" if x is None else row[x], row[index]))
    return list(found.values())


def _category(row: tuple[Json, ...], split: int | None) -> Json:
    if split is None:
        return None
    value = row[split]
    return tuple(value) if isinstance(value, list) else value


def _kind(layer: JsonObject) -> str:
    kind: str = layer["type"]
    return kind.removesuffix("_stacked").removesuffix("_percentage")


def _label(category: Json, column: Column, *, several: bool, split: Column | None) -> str:
    if split is None:
        return column.label
    text = value_text(category, split.format, split.kind)
    return f"{text} - {column.label}" if several else text


def _color(series: list[Series], layer: JsonObject, settings: dict[str, JsonObject], turn: int) -> None:
    mapping = layer.get("breakdown_by", {}).get("color")
    if mapping is not None:
        names = list(dict.fromkeys(one.category for one in series))
        by_name = dict(zip(names, category_colors(names, mapping), strict=True))
        for one in series:
            one.color = by_name[one.category]
        return
    in_turn = category_colors(range(turn + len(series)), None)[turn:]
    for one, color in zip(series, in_turn, strict=True):
        said = static_color(settings[one.column.place].get("color"))
        one.color = said if said is not None and one.category is None else color


def stacked(series: list[Series], *, percent: bool) -> None:
    """Put the values of several series upon each other at every x; in percent each x fills up to 1.

    Negative values go down from zero, as Kibana stacks them.
    """
    totals: dict[Json, float] = {}
    for one in series:
        for point in one.points:
            totals[point.x] = totals.get(point.x, 0) + abs(point.value or 0)
    ends: dict[tuple[Json, bool], float] = {}
    for one in series:
        for point in one.points:
            value = point.value or 0.0
            if percent:
                value = value / totals[point.x] if totals[point.x] else 0.0
            at = (point.x, value < 0)
            point.low = ends.get(at, 0.0)
            point.high = ends[at] = point.low + value


def fitted(points: list[Point], fitting: JsonObject) -> list[Point]:
    """Fill what is missing in a line or area as its fitting says.

    Without a fitting a missing value is a gap. `linear` lies between its neighbours, `carry` repeats the one before,
    `lookahead` the one after, `nearest` the closer one, `average` their mean, `zero` is zero; ends are filled only
    where `extend` says so.
    """
    kind = fitting.get("type", "none")
    known = [index for index, point in enumerate(points) if point.value is not None]
    if kind == "none" or not known:
        return points
    result = list(points)
    for index, point in enumerate(points):
        if point.value is None:
            value = _filled(points, known, index, kind, fitting.get("extend", "none"))
            result[index] = Point(point.x, value, filled=value is not None)
    return result


def _filled(points: list[Point], known: list[int], index: int, kind: str, extend: str) -> float | None:
    if kind == "zero":
        return 0.0
    before = max((at for at in known if at < index), default=None)
    after = min((at for at in known if at > index), default=None)
    if before is None or after is None:
        end = points[known[0] if before is None else known[-1]].value
        carried = (kind == "carry" and before is not None) or (kind == "lookahead" and after is not None)
        return end if carried or extend == "nearest" or kind == "nearest" else 0.0 if extend == "zero" else None
    left, right = points[before].value or 0.0, points[after].value or 0.0
    share = (index - before) / (after - before)
    between = {
        "linear": left + (right - left) * share,
        "carry": left,
        "lookahead": right,
        "nearest": left if share <= 0.5 else right,
        "average": (left + right) / 2,
    }
    return between[kind]


def gaps(points: list[Point]) -> list[list[Point]]:
    """Part points into runs without a missing value."""
    runs: list[list[Point]] = [[]]
    for point in points:
        if point.value is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [run for run in runs if run]


def pieces(run: list[Point]) -> list[tuple[list[Point], bool]]:
    """Part a run into what joins known points and what leads from or to filled ones; the flag says which are filled.

    Pieces that follow each other share the point between them, so that a line stays one.
    """
    if len(run) == 1:
        return [(run, run[0].filled)]
    found: list[tuple[list[Point], bool]] = []
    for before, after in pairwise(run):
        filled = before.filled or after.filled
        if found and found[-1][1] == filled:
            found[-1][0].append(after)
        else:
            found.append(([before, after], filled))
    return found
