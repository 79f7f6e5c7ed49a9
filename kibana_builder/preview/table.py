"""Data tables: which cells stand where, and how they are coloured, aligned, sorted and summed up."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.answer import Answer, Column, Table
from kibana_builder.preview.formats import bucket_text, number_of, number_text
from kibana_builder.preview.palettes import category_colors, color_of, readable_on
from kibana_builder.preview.svg import box, cut, nested, nothing_html, nothing_svg, text, text_width, wrapped
from kibana_builder.preview.svg import escaped as safe
from kibana_builder.preview.theme import DARK, INK, PALE

__all__ = ["Cell", "Head", "Shown", "shown_table", "table_html", "table_svg"]

SIZE, LINE_HEIGHT, PAD = 14.0, 18.0, 7.0
"""The size of a table's words, the height of a line of them, what is left free at both sides (pixels, as in 8.12)."""
TOP, HEAD_PADDING, ROW_HEIGHT, FOOT_HEIGHT = 9.0, 12.0, 36.0, 36.0
BASE, ROW_BASE = 14.0, 23.0
"""How far below the top of a line, and of a row, words stand."""
ARROW_ROOM, MENU_ROOM = 20.0, 20.0
"""What a head has at its left for the arrow of a sorted column, and at its right for the menu's sign."""
LEAST_WIDTH = 100.0
"""So many pixels a column has at least whose width is not said (EUI's data grid)."""
MANY_LINES = 100
LINK = "#0071C2"
SUMMARY_NAMES = {"sum": "Sum", "avg": "Average", "count": "Value count", "min": "Minimum", "max": "Maximum"}


@dataclass(frozen=True)
class Head:
    """A column's head: its words, side, width in pixels where one is said, its sorting, its summary."""

    words: str
    align: str
    width: float | None
    sorted: str
    """`asc`, `desc` or nothing."""
    summary: str


@dataclass(frozen=True)
class Cell:
    """A value as it is shown, and what a click on it filters by."""

    words: str
    value: Json
    color: str | None = None
    upon: str = ""
    """What the colour is for: `background` (a badge too) or `value`."""
    field: str | None = None

    @property
    def ink(self) -> str | None:
        """The colour of its words, where they have another than the table's."""
        return self.color if self.color is None or self.upon == "value" else readable_on(self.color)


@dataclass(frozen=True)
class Shown:
    """The whole table; `page` is how many rows a page has, None for all on one."""

    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    page: int | None


def shown_table(chart: JsonObject, answer: Answer) -> Shown:
    """Lay out the rows of a data table: hidden columns left out, sorted as the chart says."""
    table = answer.layers[0]
    if not isinstance(table, Table):
        return Shown((), (), None)
    columns = [(index, column, _settings(chart, column)) for index, column in enumerate(table.columns)]
    visible = [(index, column, said) for index, column, said in columns if said.get("visible", True)]
    sort = chart.get("styling", {}).get("sort_by")
    sorted_by, direction = (None, "") if sort is None else (_position(table, sort), sort["direction"])
    rows = _sorted(table, sorted_by, direction)
    painters = [_painter(table, index, said) for index, _, said in visible]
    cells = tuple(
        tuple(
            _cell(row[index], column, said, painter, answer.interval)
            for (index, column, said), painter in zip(visible, painters, strict=True)
        )
        for row in rows
    )
    heads = tuple(
        _head(table, index, column, said, direction if index == sorted_by else "") for index, column, said in visible
    )
    return Shown(heads, cells, chart.get("styling", {}).get("paging"))


def _settings(chart: JsonObject, column: Column) -> JsonObject:
    """Give what the chart says of a column: `metrics[1]` is the second metric, also under a split."""
    kind, _, rest = column.place.partition("[")
    index = int(rest.partition("]")[0])
    said: JsonObject = chart[kind][index] if kind in chart else {}
    return said


def _position(table: Table, sort: JsonObject) -> int | None:
    wanted = {"metric": "metrics", "row": "rows", "pivoted_metric": "metrics"}[sort["column_type"]]
    place = f"{wanted}[{sort['index']}]"
    for index, column in enumerate(table.columns):
        if column.place == place or column.place.startswith(f"{place}["):
            named = sort.get("values")
            if named is None or all(str(value) in column.label for value in named):
                return index
    return None


def _sorted(table: Table, index: int | None, direction: str) -> Sequence[tuple[Json, ...]]:
    """Sort rows by a column; missing values come last, whichever way."""
    if index is None:
        return table.rows
    known = [row for row in table.rows if row[index] is not None]
    missing = [row for row in table.rows if row[index] is None]
    known.sort(key=lambda row: _order(row[index]), reverse=direction == "desc")
    return [*known, *missing]


def _order(value: Json) -> tuple[int, float, str]:
    if isinstance(value, int | float):
        return (0, float(value), "")
    return (1, 0.0, str(value).casefold())


class _Painter:
    """Gives the cells of one column their colour."""

    def __init__(self, color: JsonObject | None, values: list[Json]) -> None:
        self.color = color
        numbers = [number for value in values if (number := number_of(value)) is not None]
        self.ends = (min(numbers, default=0.0), max(numbers, default=1.0))
        names = list(dict.fromkeys(str(value) for value in values))
        mapped = color is not None and "mode" in color
        self.by_name = dict(zip(names, category_colors(names, color), strict=True)) if mapped else {}

    def __call__(self, value: Json) -> str | None:
        if self.by_name:
            return self.by_name[str(value)]
        return color_of(number_of(value), self.color, *self.ends)


def _painter(table: Table, index: int, said: JsonObject) -> _Painter:
    return _Painter(said.get("color") if "apply_color_to" in said else None, [row[index] for row in table.rows])


def _cell(value: Json, column: Column, said: JsonObject, painter: _Painter, interval: str | None) -> Cell:
    width = interval if column.place.startswith("rows") else None
    words = bucket_text(value, column.format, column.kind, width)
    color = painter(value)
    upon = "value" if said.get("apply_color_to") == "value" else "background"
    return Cell(words, value, color, upon if color is not None else "", column.field)


def _head(table: Table, index: int, column: Column, said: JsonObject, direction: str) -> Head:
    number = column.kind == "number" and column.place.startswith("metrics")
    align = said.get("alignment", "right" if number else "left")
    return Head(column.label, align, said.get("width"), direction, _summary(table, index, column, said))


def _summary(table: Table, index: int, column: Column, said: JsonObject) -> str:
    summary = said.get("summary")
    if summary is None:
        return ""
    numbers = [float(row[index]) for row in table.rows if isinstance(row[index], int | float)]
    kind = summary["type"]
    name = summary.get("label", SUMMARY_NAMES[kind])
    if not numbers and kind != "count":
        return f"{name}: -"
    values = {
        "sum": sum(numbers),
        "avg": statistics.fmean(numbers) if numbers else 0.0,
        "count": float(len(numbers)),
        "min": min(numbers, default=0.0),
        "max": max(numbers, default=0.0),
    }
    words = number_text(values[kind], None if kind == "count" else column.format)
    return f"{name}: {words}" if name else words


def table_svg(chart: JsonObject, answer: Answer, width: float, height: float) -> str:
    """Draw the first page of a table into so many pixels, as the inside of an SVG.

    The summary follows the rows, or stands at the foot where they go on below it; columns that have no room are cut
    off at the edge, where Kibana scrolls.
    """
    table = shown_table(chart, answer)
    if not table.rows:
        return nothing_svg(width, height)
    sizes = _widths(table, width)
    grid = height - TOP - (FOOT_HEIGHT if table.page is not None else 0)
    heads = _head_lines(table, sizes, _most_lines(chart))
    head = HEAD_PADDING + LINE_HEIGHT * max(len(lines) for lines in heads)
    summary = ROW_HEIGHT if any(head.summary for head in table.heads) else 0.0
    rows = table.rows[: table.page]
    foot = max(head, min(head + len(rows) * ROW_HEIGHT, grid - summary))
    body = [
        _row_svg(row, table, sizes, head + number * ROW_HEIGHT)
        for number, row in enumerate(rows)
        if head + number * ROW_HEIGHT < foot
    ]
    parts = [nested("".join(body), 0, 0, width, foot), _head_svg(table, sizes, heads, head)]
    if summary:
        parts.append(_summary_svg(table, sizes, foot))
    drawn = nested("".join(parts), 0, TOP, width, max(0.0, grid))
    return drawn + (_pages_svg(table, table.page, width, height) if table.page is not None else "")


def _most_lines(chart: JsonObject) -> int:
    """Give how many lines a head may have: three unless something is said, as many as it likes where it is `auto`."""
    header = chart.get("styling", {}).get("density", {}).get("height", {}).get("header", {})
    most: int = MANY_LINES if header.get("type") == "auto" else header.get("max_lines", 3)
    return most


def _widths(table: Shown, width: float) -> list[float]:
    """Share the width among the columns: what is said is kept, the rest is parted evenly, never below the least."""
    said = [head.width for head in table.heads]
    fixed = sum(size for size in said if size is not None)
    open_columns = said.count(None)
    share = max(LEAST_WIDTH, (width - fixed) / open_columns) if open_columns else 0.0
    return [share if size is None else size for size in said]


def _placed(words: str, align: str, left: float, room: float, y: float, *, color: str, bold: bool = False) -> str:
    """Write a line in the room (left, width) of a cell; nothing where there is no room at all."""
    if room <= 2 * PAD:
        return ""
    words = cut(words, SIZE, room - 2 * PAD, bold=bold)
    places = {"left": (left + PAD, "start"), "center": (left + room / 2, "middle"), "right": (left + room - PAD, "end")}
    x, anchor = places[align]
    return text(words, x, y, SIZE, color=color, anchor=anchor, bold=bold)


ARROWS = {"asc": "↑", "desc": "↓", "": ""}


def _head_room(head: Head, room: float) -> tuple[float, float]:
    """Give where a head's words begin in their cell and how wide they may be: beside the arrow and the menu's sign."""
    before = ARROW_ROOM if head.sorted else 0.0
    return before, room - before - MENU_ROOM


def _head_lines(table: Shown, sizes: list[float], most: int) -> list[list[str]]:
    return [
        wrapped(head.words, SIZE, max(0.0, _head_room(head, room)[1] - PAD), most, bold=True)
        for head, room in zip(table.heads, sizes, strict=True)
    ]


def _head_svg(table: Shown, sizes: list[float], heads: list[list[str]], height: float) -> str:
    parts, left = [], 0.0
    for head, lines, room in zip(table.heads, heads, sizes, strict=True):
        begin, wide = _head_room(head, room)
        first = (height - len(lines) * LINE_HEIGHT) / 2 + BASE
        for number, line in enumerate(lines):
            y = first + number * LINE_HEIGHT
            parts.append(_placed(line, head.align, left + begin, wide + PAD, y, color=DARK, bold=True))
        if head.sorted:
            parts.append(text(ARROWS[head.sorted], left + PAD, height / 2 + BASE - LINE_HEIGHT / 2, SIZE, color=DARK))
        parts.append(_menu_svg(left + room - MENU_ROOM + PAD / 2, height / 2 - 2))
        left += room
    return box(0, 0, left, 1, PALE) + "".join(parts) + box(0, height - 2, left, 2, INK)


def _menu_svg(x: float, y: float) -> str:
    """Draw the sign of a column's menu, pointing down."""
    return f'<path d="M{x:.1f},{y:.1f}l4,4l4,-4" fill="none" stroke="{DARK}"/>'


def _row_svg(row: tuple[Cell, ...], table: Shown, sizes: list[float], top: float) -> str:
    parts, left = [], 0.0
    for cell, head, room in zip(row, table.heads, sizes, strict=True):
        if cell.color is not None and cell.upon == "background":
            parts.append(box(left, top, room, ROW_HEIGHT, cell.color))
        parts.append(_placed(cell.words, head.align, left, room, top + ROW_BASE, color=cell.ink or INK))
        left += room
    return "".join(parts) + box(0, top + ROW_HEIGHT - 1, left, 1, PALE)


def _summary_svg(table: Shown, sizes: list[float], top: float) -> str:
    parts, left = [], 0.0
    for head, room in zip(table.heads, sizes, strict=True):
        if head.summary:
            parts.append(_placed(head.summary, head.align, left, room, top + ROW_BASE, color=DARK, bold=True))
        left += room
    return box(0, top - 1, left, 2, INK) + "".join(parts) + box(0, top + ROW_HEIGHT - 1, left, 1, PALE)


def _pages_svg(table: Shown, page: int, width: float, height: float) -> str:
    """Say below the table how many rows a page has, and at the right which pages there are, the first one marked."""
    pages = -(-len(table.rows) // page)
    y = height - FOOT_HEIGHT / 2 + 4
    parts = [text(f"Rows per page: {page}", PAD, y, 12)]
    others = [str(number) for number in range(2, min(pages, 5) + 1)] + (["…", str(pages)] if pages > 5 else [])
    x = width - PAD
    for words in reversed(others):
        parts.append(text(words, x, y, 12, anchor="end"))
        x -= text_width(words, 12) + 2 * PAD
    parts.append(text("1", x, y, 12, color=LINK, anchor="end", bold=True))
    parts.append(box(x - text_width("1", 12), y + 2, text_width("1", 12), 1, LINK))
    return "".join(parts)


def table_html(chart: JsonObject, answer: Answer) -> str:
    """Give the whole table as HTML; the page's script sets colours and widths, and turns the pages."""
    table = shown_table(chart, answer)
    if not table.rows:
        return nothing_html()
    heads = "".join(_head_html(head) for head in table.heads)
    rows = "".join(
        f"<tr>{''.join(_cell_html(c, h) for c, h in zip(row, table.heads, strict=True))}</tr>" for row in table.rows
    )
    summary = ""
    if any(head.summary for head in table.heads):
        cells = "".join(f'<td class="{safe(head.align)}">{safe(head.summary)}</td>' for head in table.heads)
        summary = f"<tfoot><tr>{cells}</tr></tfoot>"
    page = f' data-page="{table.page}"' if table.page is not None else ""
    return f'<table class="data"{page}><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody>{summary}</table>'


def _head_html(head: Head) -> str:
    width = f' data-width="{head.width:g}"' if head.width is not None else ""
    order = {"asc": ' aria-sort="ascending"', "desc": ' aria-sort="descending"', "": ""}[head.sorted]
    button = f'<button type="button">{safe(head.words)}</button>'
    return f'<th scope="col" class="{safe(head.align)}"{width}{order}>{button}</th>'


def _cell_html(cell: Cell, head: Head) -> str:
    attributes = f'class="{safe(head.align)}"'
    if cell.color is not None and cell.upon == "background":
        attributes += f' data-background="{safe(cell.color)}"'
    if cell.ink is not None:
        attributes += f' data-ink="{safe(cell.ink)}"'
    if number_of(cell.value) is not None:
        attributes += f' data-sort="{cell.value!r}"'
    if cell.field is not None and isinstance(cell.value, str | int | float | bool):
        value = str(cell.value).lower() if isinstance(cell.value, bool) else str(cell.value)
        attributes += f' data-field="{safe(cell.field)}" data-value="{safe(value)}" tabindex="0"'
    return f"<td {attributes}>{safe(cell.words)}</td>"
