"""Metric tiles: the big number, what it is called, the number beside it, its colour and what is drawn behind it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.answer import Answer, Column, Table
from kibana_builder.preview.badge import Badge, badge_of
from kibana_builder.preview.formats import NOTHING, number_of, value_text
from kibana_builder.preview.palettes import color_of, ink_on, mixed
from kibana_builder.preview.svg import box, cut, escaped, nothing_html, nothing_svg, text, text_width, wrapped
from kibana_builder.preview.theme import FONT, INK, PALE
from kibana_builder.preview.vega_parts import SIGNS

__all__ = ["Tile", "tiles", "tiles_html", "tiles_svg"]

PLAIN = "#F7F8FC"
"""The ground of a tile without a colour of its own."""
BAR = "#7E8FA9"
TREND = "#D3DCE8"
TREND_SHARE = 0.5
"""How much of a tile's height its trend fills."""


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
    secondary: tuple[str, str, str] = ("", "", "")
    """The second number: what stands before it, the number itself or what its badge says, what stands behind it."""
    badge: Badge | None = None
    background: str = PLAIN
    ink: str = INK
    title_ink: str = INK
    """The colour of all but the number."""
    numeric: bool = False
    """Whether the value is a number, whose unit is smaller."""
    fill: bool = False
    """Whether the value is as large as the tile allows."""
    icon: str = ""
    icon_align: str = "right"
    bar: float | None = None
    """How far the bar behind it goes, from 0 to 1."""
    bar_color: str = BAR
    bar_upright: bool = False
    trend: tuple[float | None, ...] = ()
    trend_color: str = TREND
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
    number = number_of(value)
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
    readable = ink_on(background)
    styling = chart.get("styling", {})
    icon = styling.get("icon", {})
    secondary, badge = _secondary(chart, table, row)
    return Tile(
        title=title,
        subtitle=subtitle,
        value=shown,
        said=" · ".join(part for part in (title, subtitle, shown, "".join(secondary)) if part),
        secondary=secondary,
        badge=badge,
        background=background,
        ink=color if upon_value and color is not None else readable,
        title_ink=readable,
        numeric=number is not None,
        fill=styling.get("primary", {}).get("value", {}).get("sizing", "auto") == "fill",
        icon=icon.get("name", ""),
        icon_align=icon.get("alignment", "right"),
        bar=bar,
        bar_color=color or BAR,
        bar_upright=behind.get("orientation") == "vertical",
        trend=_trend(table, row) if behind.get("type") == "trend" else (),
        trend_color=TREND if background == PLAIN else mixed(background, readable, 0.15),
        category=category,
        filters_by=split.field if split is not None else None,
        align=_alignment(chart),
    )


def _secondary(chart: JsonObject, table: Table, row: tuple[Json, ...]) -> tuple[tuple[str, str, str], Badge | None]:
    value, column = _cell(row, table, "secondary")
    said = next((said for said in chart["metrics"] if said["type"] == "secondary"), None)
    if column is None or said is None:
        return ("", "", ""), None
    shown = value_text(value, column.format, column.kind)
    badge = badge_of(said, number_of(value), _number(row, table, "primary"), shown, column.format)
    compared = "compare" in said
    if badge is not None or compared:
        shown = badge.words if badge is not None else ""
    label = chart.get("styling", {}).get("secondary", {}).get("label", {})
    if not label.get("visible", True):
        return ("", shown, ""), badge
    difference = "Difference" if compared and said["compare"]["to"] == "primary" else ""
    name = label.get("text") or difference or said.get("label") or column.label
    after = label.get("placement", "before") == "after"
    return ("", shown, f" {name}") if after else (f"{name} ", shown, ""), badge


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
    return _tiles_svg(shown, _grid(chart, len(shown)), width, height)


def _tiles_svg(shown: Sequence[Tile], grid: tuple[int, int], width: float, height: float) -> str:
    columns, rows = grid
    wide, high = width / columns, height / rows
    parts = []
    for number, tile in enumerate(shown):
        inner = _tile_svg(tile, wide - (1 if columns > 1 else 0), high - (1 if rows > 1 else 0))
        parts.append(
            f'<g transform="translate({number % columns * wide:.1f},{number // columns * high:.1f})">{inner}</g>'
        )
    return "".join(parts)


class Sizes(NamedTuple):
    """The sizes of a tile's words."""

    title: float
    small: float
    """Of what stands below the title and beside the number."""
    value: float
    unit: float


SIZES = (
    (180, Sizes(12, 10, 22, 16)),
    (250, Sizes(16, 14, 27, 20)),
    (600, Sizes(16, 14, 34, 24)),
    (1000, Sizes(24, 20, 56, 40)),
    (2000, Sizes(32, 26, 88, 68)),
    (math.inf, Sizes(42, 26, 140, 110)),
)
"""The sizes of tiles up to so many pixels wide (elastic-charts as it is in Kibana 8.12)."""
LEAST_HEIGHT = 60
"""So many pixels a row of tiles has at least in the page, which can be scrolled."""
PAD, BAR_WIDTH, LINE, BADGE_PAD = 8.0, 10.0, 1.2, 3.0
ANCHORS = {"left": "start", "center": "middle", "right": "end"}
LINES = ((3, 2, True), (3, 1, True), (2, 1, True), (1, 1, True), (1, 0, True), (1, 0, False))
"""How many lines title and subtitle may have and whether there is a second number, from much room to little."""


def _tile_svg(tile: Tile, width: float, height: float) -> str:
    sizes = next(sizes for limit, sizes in SIZES if width < limit)
    left = PAD + (BAR_WIDTH if tile.bar is not None and tile.bar_upright else 0)
    room = width - left - PAD
    icon = sizes.title + PAD if tile.icon else 0.0
    titles_left = left + (icon if tile.icon_align == "left" else 0)
    title, subtitle, secondary = _words(tile, sizes, room - icon, height)
    parts = [f"<title>{escaped(tile.said)}</title>", box(0, 0, width, height, tile.background)]
    parts.extend(_behind(tile, width, height))
    y = PAD
    for lines, size, bold in ((title, sizes.title, True), (subtitle, sizes.small, False)):
        for line in lines:
            where = tile.align["title"]
            x = _places(titles_left, room - icon)[where]
            parts.append(text(line, x, y + size, size, color=tile.title_ink, anchor=ANCHORS[where], bold=bold))
            y += size * LINE
        y += PAD if lines else 0
    if tile.icon:
        at = left + sizes.title / 2 if tile.icon_align == "left" else width - PAD - sizes.title / 2
        parts.append(_icon(tile.icon, at, PAD + sizes.title * 0.6, sizes.title / 2, tile.title_ink))
    parts.extend(_numbers(tile, sizes, (left, y, room, height), secondary))
    said = {"role": "img", "aria-label": tile.said}
    if tile.filters_by is not None and isinstance(tile.category, str | int | float | bool):
        said |= {"data-field": tile.filters_by, "data-value": str(tile.category)}
    attributes = " ".join(f'{name}="{escaped(value)}"' for name, value in said.items())
    return f"<g {attributes}>{''.join(parts)}</g>"


def _places(left: float, room: float) -> dict[str, float]:
    return {"left": left, "center": left + room / 2, "right": left + room}


def _words(tile: Tile, sizes: Sizes, room: float, height: float) -> tuple[list[str], list[str], str]:
    """Give the lines of title and subtitle and the second number, as much of them as the tile has room for."""
    for most, below, beside in LINES:
        title = wrapped(tile.title, sizes.title, room, most, bold=True)
        subtitle = wrapped(tile.subtitle, sizes.small, room, below) if below else []
        secondary = "".join(tile.secondary) if beside else ""
        needed = len(title) * sizes.title * LINE + (PAD + len(subtitle) * sizes.small * LINE if subtitle else 0)
        needed += (sizes.small * LINE if secondary else 0) + sizes.value * LINE + 2 * PAD
        if needed < height:
            break
    return title, subtitle, secondary


def _numbers(tile: Tile, sizes: Sizes, area: tuple[float, float, float, float], secondary: str) -> list[str]:
    """Draw the number and above it the second one, in the room (left, top, width) down to the tile's foot."""
    left, top, room, height = area
    wide = _value_width(tile, sizes.value, sizes.unit)
    shrunk = min(1.0, room / wide) if wide else 1.0
    if tile.fill and wide:
        shrunk = max(
            12 / sizes.value, min(room / wide, (height - top - PAD - sizes.small * LINE) / (sizes.value * LINE))
        )
    big, unit = sizes.value * shrunk, sizes.unit * shrunk
    base = {
        "bottom": height - PAD - big * 0.23 - (BAR_WIDTH if tile.bar is not None and not tile.bar_upright else 0),
        "middle": max(top, height / 2) + big * 0.36,
        "top": top + big + (sizes.small * LINE if secondary else 0),
    }[tile.align["position"]]
    where = tile.align["value"]
    parts = [_value(tile, _places(left, room)[where], base, big, unit, ANCHORS[where])]
    if secondary:
        where = tile.align["secondary"]
        parts.extend(_secondary_svg(tile, secondary, (left, base - big * 1.06, room), sizes.small, where))
    return parts


def _secondary_svg(tile: Tile, words: str, area: tuple[float, float, float], size: float, where: str) -> list[str]:
    """Draw the second number in its room (left, base line, width), upon its badge if it has one and is not cut."""
    left, y, room = area
    line = cut(words, size, room)
    if tile.badge is None or line != words:
        return [text(line, _places(left, room)[where], y, size, color=tile.title_ink, anchor=ANCHORS[where])]
    before, badge, after = tile.secondary
    wide = text_width(badge, size) + 2 * BADGE_PAD
    free = room - text_width(before + after, size) - wide
    x = left + {"left": 0.0, "center": free / 2, "right": free}[where] + text_width(before, size)
    return [
        text(before.rstrip(), x - BADGE_PAD, y, size, color=tile.title_ink, anchor="end"),
        box(x, y - size, wide, size * 1.3, tile.badge.color, radius=BADGE_PAD),
        text(badge, x + wide / 2, y, size, color=tile.badge.ink, anchor="middle"),
        text(after.lstrip(), x + wide + BADGE_PAD, y, size, color=tile.title_ink),
    ]


def _value_width(tile: Tile, big: float, unit: float) -> float:
    return sum(text_width(part, big if large else unit, bold=True) for part, large in _value_parts(tile))


def _value_parts(tile: Tile) -> list[tuple[str, bool]]:
    """Part a number into its digits, which are large, and what stands around them; a text is large as a whole.

    >>> _value_parts(Tile("", "", "55.1%", "", {}, numeric=True))
    [('55.1', True), ('%', False)]
    """
    if not tile.numeric or tile.value == NOTHING:
        return [(tile.value, True)]
    return [
        ("".join(letters), large)
        for large, letters in groupby(tile.value, key=lambda letter: letter in ".," or letter.isdigit())
    ]


def _value(tile: Tile, x: float, y: float, big: float, unit: float, anchor: str) -> str:
    inner = "".join(
        f'<tspan font-size="{big if large else unit:.3g}">{escaped(part)}</tspan>' for part, large in _value_parts(tile)
    )
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-weight="bold"'
    return f'<text {place} font-family="{FONT}" fill="{escaped(tile.ink)}" xml:space="preserve">{inner}</text>'


def _icon(name: str, x: float, y: float, half: float, ink: str) -> str:
    path, filled = SIGNS[name]
    fill = escaped(ink) if filled else "none"
    return (
        f'<path transform="translate({x:.1f},{y:.1f}) scale({half:.1f})" d="{path}" fill="{fill}" '
        f'stroke="{escaped(ink)}" stroke-width="{1.2 / half:.3f}"/>'
    )


def _behind(tile: Tile, width: float, height: float) -> list[str]:
    """Draw the bar or the trend that lies behind the number."""
    if tile.bar is not None and tile.bar_upright:
        return [
            box(0, 0, BAR_WIDTH, height, PALE),
            box(0, height * (1 - tile.bar), BAR_WIDTH, height * tile.bar, tile.bar_color),
        ]
    if tile.bar is not None:
        foot = height - BAR_WIDTH
        return [box(0, foot, width, BAR_WIDTH, PALE), box(0, foot, width * tile.bar, BAR_WIDTH, tile.bar_color)]
    known = [value for value in tile.trend if value is not None]
    if len(known) < 2:
        return []
    low, high = min(0.0, *known), max(known)
    scale = height * TREND_SHARE / (high - low or 1)
    step = width / (len(tile.trend) - 1)
    points = [
        (index * step, height - (value - low) * scale) for index, value in enumerate(tile.trend) if value is not None
    ]
    outline = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    shape = f"{points[0][0]:.1f},{height:.1f} {outline} {points[-1][0]:.1f},{height:.1f}"
    return [f'<polygon points="{shape}" fill="{tile.trend_color}"/>']


def tiles_html(chart: JsonObject, answer: Answer, width: float, height: float) -> str:
    """Give the tiles for the page: drawn into so many pixels, or higher where that leaves too little for a row."""
    shown = tiles(chart, answer)
    if not shown:
        return nothing_html()
    grid = _grid(chart, len(shown))
    high = max(height, grid[1] * LEAST_HEIGHT)
    attributes = f'width="{width:.0f}" height="{high:.0f}" font-family="{FONT}"'
    return f'<div class="tiles"><svg {attributes}>{_tiles_svg(shown, grid, width, high)}</svg></div>'
