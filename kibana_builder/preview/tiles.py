"""Metric tiles: the big number, what it is called, the number beside it, its colour and what is drawn behind it."""

from __future__ import annotations

from dataclasses import dataclass

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.answer import Answer, Column, Table
from kibana_builder.preview.formats import number_of, value_text
from kibana_builder.preview.palettes import color_of, readable_on
from kibana_builder.preview.svg import box, cut, escaped, nothing_html, nothing_svg, text, wrapped
from kibana_builder.preview.theme import INK

__all__ = ["Tile", "tiles", "tiles_html", "tiles_svg"]

PLAIN = "#F7F8FC"
"""The ground of a tile without a colour of its own."""
TREND = "#CDD6E4"
BAR = "#7E8FA9"


@dataclass(frozen=True)
class Tile:
    """One number as it is shown."""

    title: str
    subtitle: str
    value: str
    said: str
    """The whole of it in words, for screen readers and beside the pointer."""
    align: dict[str, str]
    """Where title, value and secondary stand (left, center, right), and the position of it all."""
    secondary: str = ""
    background: str = PLAIN
    ink: str = INK
    bar: float | None = None
    """How far the bar behind it goes, from 0 to 1."""
    bar_color: str = BAR
    bar_upright: bool = False
    trend: tuple[float | None, ...] = ()
    category: Json = None
    filters_by: str | None = None
    """The field that a click on it filters by."""


def tiles(chart: JsonObject, answer: Answer) -> list[Tile]:
    """Give the tiles of a metric chart: one, or one for each value of its breakdown."""
    table = answer.layers[0]
    if not isinstance(table, Table):
        return []
    primary = next(said for said in chart["metrics"] if said["type"] == "primary")
    values = [_number(row, table, "primary") for row in table.rows]
    known = [value for value in values if value is not None]
    ends = (min(known, default=0.0), max(known, default=1.0))
    return [_tile(chart, primary, table, row, ends) for row in table.rows]


def _cell(row: tuple[Json, ...], table: Table, place: str) -> tuple[Json, Column | None]:
    index = table.index(place)
    return (None, None) if index is None else (row[index], table.columns[index])


def _number(row: tuple[Json, ...], table: Table, place: str) -> float | None:
    value, _ = _cell(row, table, place)
    return number_of(value)


def _tile(
    chart: JsonObject, primary: JsonObject, table: Table, row: tuple[Json, ...], ends: tuple[float, float]
) -> Tile:
    value, column = _cell(row, table, "primary")
    category, split = _cell(row, table, "breakdown_by")
    number = _number(row, table, "primary")
    name = primary.get("label") or (column.label if column is not None else "")
    shown = value_text(
        value, column.format if column is not None else None, column.kind if column is not None else "number"
    )
    title = name if split is None else value_text(category, split.format, split.kind)
    subtitle = primary.get("subtitle", "") if split is None else name
    color = color_of(number, primary.get("color"), *ends)
    upon_value = primary.get("apply_color_to", "background") == "value"
    behind = primary.get("background_chart", {})
    bar, background = None, PLAIN
    if behind.get("type") == "bar":
        high = _number(row, table, "max_value")
        bar = None if number is None or not high else min(1.0, max(0.0, number / high))
    elif color is not None and not upon_value:
        background = color
    ink = color if upon_value and color is not None else readable_on(background)
    secondary = _secondary(chart, table, row)
    return Tile(
        title=title,
        subtitle=subtitle,
        value=shown,
        said=" · ".join(part for part in (title, subtitle, shown, secondary) if part),
        secondary=secondary,
        background=background,
        ink=INK if ink == "#000000" else ink,
        bar=bar,
        bar_color=color or BAR,
        bar_upright=behind.get("orientation") == "vertical",
        trend=_trend(table, row) if behind.get("type") == "trend" else (),
        category=category,
        filters_by=split.field if split is not None else None,
        align=_alignment(chart),
    )


def _secondary(chart: JsonObject, table: Table, row: tuple[Json, ...]) -> str:
    value, column = _cell(row, table, "secondary")
    said = next((said for said in chart["metrics"] if said["type"] == "secondary"), None)
    if column is None or said is None:
        return ""
    shown = value_text(value, column.format, column.kind)
    label = chart.get("styling", {}).get("secondary", {}).get("label", {})
    if not label.get("visible", True):
        return shown
    name = said.get("label") or column.label
    return f"{shown} {name}" if label.get("placement", "before") == "after" else f"{name} {shown}"


def _trend(table: Table, row: tuple[Json, ...]) -> tuple[float | None, ...]:
    points, _ = _cell(row, table, "trend")
    return (
        tuple(point if isinstance(point, int | float) else None for point in points) if isinstance(points, list) else ()
    )


def _alignment(chart: JsonObject) -> dict[str, str]:
    styling = chart.get("styling", {})
    primary = styling.get("primary", {})
    return {
        "title": primary.get("labels", {}).get("alignment", "left"),
        "value": primary.get("value", {}).get("alignment", "right"),
        "secondary": styling.get("secondary", {}).get("value", {}).get("alignment", "right"),
        "position": primary.get("position", "bottom"),
    }


def _grid(chart: JsonObject, count: int) -> tuple[int, int]:
    """Give how many columns and rows the tiles take."""
    columns = max(1, min(count, chart.get("breakdown_by", {}).get("columns", 3)))
    return columns, -(-count // columns)


def tiles_svg(chart: JsonObject, answer: Answer, width: float, height: float) -> str:
    """Draw the tiles into so many pixels, as the inside of an SVG."""
    shown = tiles(chart, answer)
    if not shown:
        return nothing_svg(width, height)
    columns, rows = _grid(chart, len(shown))
    wide, high = width / columns, height / rows
    parts = []
    for number, tile in enumerate(shown):
        inner = _tile_svg(tile, wide - (1 if columns > 1 else 0), high - (1 if rows > 1 else 0))
        parts.append(
            f'<g transform="translate({number % columns * wide:.1f},{number // columns * high:.1f})">{inner}</g>'
        )
    return "".join(parts)


ANCHORS = {"left": "start", "center": "middle", "right": "end"}


def _tile_svg(tile: Tile, width: float, height: float) -> str:
    pad = 8.0 if width < 220 else 12.0
    places = {"left": pad, "center": width / 2, "right": width - pad}
    big = max(14.0, min(height * 0.28, width / max(4, len(tile.value)) * 1.5, 56.0))
    small = max(9.0, min(18.0, height * 0.09, width * 0.06))
    parts = [f"<title>{escaped(tile.said)}</title>", box(0, 0, width, height, tile.background)]
    parts.extend(_behind(tile, width, height))
    y = pad + small
    for line in wrapped(tile.title, small, width - 2 * pad, 2, bold=True):
        where = tile.align["title"]
        parts.append(text(line, places[where], y, small, color=tile.ink, anchor=ANCHORS[where], bold=True))
        y += small * 1.25
    if tile.subtitle:
        where = tile.align["title"]
        line = cut(tile.subtitle, small * 0.8, width - 2 * pad)
        parts.append(text(line, places[where], y, small * 0.8, color=tile.ink, anchor=ANCHORS[where]))
    where = tile.align["value"]
    base = {
        "bottom": height - pad - (8 if tile.bar is not None and not tile.bar_upright else 0),
        "middle": height / 2 + big / 3,
        "top": y + big,
    }
    at = base[tile.align["position"]]
    parts.append(text(tile.value, places[where], at, big, color=tile.ink, anchor=ANCHORS[where], bold=True))
    if tile.secondary:
        where = tile.align["secondary"]
        line = cut(tile.secondary, small * 0.9, width - 2 * pad)
        parts.append(text(line, places[where], at - big * 0.95, small * 0.9, color=tile.ink, anchor=ANCHORS[where]))
    return f'<g role="img" aria-label="{escaped(tile.said)}">{"".join(parts)}</g>'


def _behind(tile: Tile, width: float, height: float) -> list[str]:
    """Draw the bar or the trend that lies behind the number."""
    if tile.bar is not None and tile.bar_upright:
        return [
            box(width - 8, 0, 8, height, "#D3DAE6"),
            box(width - 8, height * (1 - tile.bar), 8, height * tile.bar, tile.bar_color),
        ]
    if tile.bar is not None:
        return [box(0, height - 8, width, 8, "#D3DAE6"), box(0, height - 8, width * tile.bar, 8, tile.bar_color)]
    known = [value for value in tile.trend if value is not None]
    if len(known) < 2:
        return []
    low, high = min(0.0, *known), max(known)
    scale = height * 0.45 / (high - low or 1)
    step = width / (len(tile.trend) - 1)
    points = [
        (index * step, height - (value - low) * scale) for index, value in enumerate(tile.trend) if value is not None
    ]
    outline = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    shape = f"{points[0][0]:.1f},{height:.1f} {outline} {points[-1][0]:.1f},{height:.1f}"
    return [f'<polygon points="{shape}" fill="{TREND}"/>']


def tiles_html(chart: JsonObject, answer: Answer) -> str:
    """Give the tiles as HTML; colours are attributes that the page's script sets: its policy allows no inline style."""
    shown = tiles(chart, answer)
    if not shown:
        return nothing_html()
    columns, _ = _grid(chart, len(shown))
    return f'<div class="tiles" data-columns="{columns}">{"".join(_tile_html(tile) for tile in shown)}</div>'


def _tile_html(tile: Tile) -> str:
    attributes = {"data-background": tile.background, "data-ink": tile.ink, "title": tile.said}
    if tile.filters_by is not None and isinstance(tile.category, str | int | float | bool):
        attributes["data-field"] = tile.filters_by
        attributes["data-value"] = str(tile.category)
        attributes["tabindex"] = "0"
    said = " ".join(f'{name}="{escaped(value)}"' for name, value in attributes.items())
    behind = (
        f'<svg class="behind" viewBox="0 0 100 100" preserveAspectRatio="none">{"".join(_behind(tile, 100, 100))}</svg>'
    )
    words = "".join(
        f'<span class="{name} {tile.align.get(name, tile.align["title"])}">{escaped(words)}</span>'
        for name, words in (
            ("title", tile.title),
            ("subtitle", tile.subtitle),
            ("secondary", tile.secondary),
            ("value", tile.value),
        )
        if words
    )
    return f'<div class="tile {tile.align["position"]}" {said}>{behind}{words}</div>'
