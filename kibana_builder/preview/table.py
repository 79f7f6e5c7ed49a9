"""Data tables: which cells stand where, and how they are coloured, aligned, sorted and summed up."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.answer import Answer, Column, Table
from kibana_builder.preview.formats import interval_date_text, number_of, number_text, value_text
from kibana_builder.preview.palettes import category_colors, color_of, readable_on
from kibana_builder.preview.scales import interval_ms
from kibana_builder.preview.svg import box, cut, nested, nothing_html, nothing_svg, text
from kibana_builder.preview.svg import escaped as safe
from kibana_builder.preview.theme import DARK, INK, SUBDUED

__all__ = ["Cell", "Head", "Shown", "shown_table", "table_html", "table_svg"]

HEAD_HEIGHT, ROW_HEIGHT, FOOT_HEIGHT = 34.0, 36.0, 36.0
LINE = "#D3DAE6"
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
    rows = _sorted(table, sort)
    painters = [_painter(table, index, said) for index, _, said in visible]
    length = interval_ms(answer.interval)
    cells = tuple(
        tuple(
            _cell(row[index], column, said, painter, length)
            for (index, column, said), painter in zip(visible, painters, strict=True)
        )
        for row in rows
    )
    heads = tuple(_head(table, index, column, said, sort) for index, column, said in visible)
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


def _sorted(table: Table, sort: JsonObject | None) -> Sequence[tuple[Json, ...]]:
    """Sort rows by a column; missing values come last, whichever way."""
    index = _position(table, sort) if sort is not None else None
    if index is None or sort is None:
        return table.rows
    known = [row for row in table.rows if row[index] is not None]
    missing = [row for row in table.rows if row[index] is None]
    known.sort(key=lambda row: _order(row[index]), reverse=sort["direction"] == "desc")
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


def _cell(value: Json, column: Column, said: JsonObject, painter: _Painter, length: float) -> Cell:
    if column.kind == "date" and column.place.startswith("rows") and length and isinstance(value, int | float):
        words = interval_date_text(value, length)
    else:
        words = value_text(value, column.format, column.kind)
    color = painter(value)
    upon = "value" if said.get("apply_color_to") == "value" else "background"
    return Cell(words, value, color, upon if color is not None else "", column.field)


def _head(table: Table, index: int, column: Column, said: JsonObject, sort: JsonObject | None) -> Head:
    number = column.kind == "number" and column.place.startswith("metrics")
    direction = sort["direction"] if sort is not None and _position(table, sort) == index else ""
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
    """Draw the first page of a table into so many pixels, as the inside of an SVG."""
    table = shown_table(chart, answer)
    if not table.rows:
        return nothing_svg(width, height)
    sizes = _widths(table, width)
    summed = any(head.summary for head in table.heads)
    foot = (FOOT_HEIGHT if table.page is not None else 0) + (ROW_HEIGHT if summed else 0)
    room = max(1, int((height - HEAD_HEIGHT - foot + ROW_HEIGHT * 0.5) // ROW_HEIGHT))
    rows = table.rows[: table.page] if table.page is not None else table.rows
    parts = [_head_svg(table, sizes, width)]
    for number, row in enumerate(rows[: room + 1]):
        parts.append(_row_svg(row, table, sizes, HEAD_HEIGHT + number * ROW_HEIGHT, width))
    body = nested("".join(parts), 0, 0, width, height - foot)
    return body + _foot_svg(table, sizes, width, height, foot, summed=summed)


def _widths(table: Shown, width: float) -> list[float]:
    """Share the width among the columns: what is said is kept, the rest is parted evenly."""
    said = [head.width for head in table.heads]
    fixed = sum(size for size in said if size is not None)
    open_columns = said.count(None)
    share = max(60.0, (width - fixed) / open_columns) if open_columns else 0.0
    sizes = [share if size is None else size for size in said]
    scale = min(1.0, width / (sum(sizes) or 1)) if sum(sizes) > width else 1.0
    return [size * scale for size in sizes]


def _placed(words: str, align: str, left: float, room: float, y: float, *, color: str, bold: bool = False) -> str:
    words = cut(words, 12, room - 16, bold=bold)
    places = {"left": (left + 8, "start"), "center": (left + room / 2, "middle"), "right": (left + room - 8, "end")}
    x, anchor = places[align]
    return text(words, x, y, 12, color=color, anchor=anchor, bold=bold)


ARROWS = {"asc": " ↑", "desc": " ↓", "": ""}


def _head_svg(table: Shown, sizes: list[float], width: float) -> str:
    parts, left = [], 0.0
    for head, room in zip(table.heads, sizes, strict=True):
        words = head.words + ARROWS[head.sorted]
        parts.append(_placed(words, head.align, left, room, HEAD_HEIGHT / 2 + 4, color=DARK, bold=True))
        left += room
    return "".join(parts) + box(0, HEAD_HEIGHT - 2, width, 2, INK)


def _row_svg(row: tuple[Cell, ...], table: Shown, sizes: list[float], top: float, width: float) -> str:
    parts, left = [], 0.0
    for cell, head, room in zip(row, table.heads, sizes, strict=True):
        if cell.color is not None and cell.upon == "background":
            parts.append(box(left, top, room, ROW_HEIGHT, cell.color))
        parts.append(_placed(cell.words, head.align, left, room, top + ROW_HEIGHT / 2 + 4, color=cell.ink or INK))
        left += room
    return "".join(parts) + box(0, top + ROW_HEIGHT - 1, width, 1, LINE)


def _foot_svg(table: Shown, sizes: list[float], width: float, height: float, foot: float, *, summed: bool) -> str:
    parts = []
    top = height - foot
    if summed:
        left = 0.0
        parts.append(box(0, top, width, 1.5, INK))
        for head, room in zip(table.heads, sizes, strict=True):
            if head.summary:
                parts.append(
                    _placed(head.summary, head.align, left, room, top + ROW_HEIGHT / 2 + 4, color=DARK, bold=True)
                )
            left += room
    if table.page is not None:
        pages = -(-len(table.rows) // table.page)
        y = height - FOOT_HEIGHT / 2 + 4
        parts.append(text(f"Rows per page: {table.page}", 8, y, 11, color=SUBDUED))
        numbers = "  ".join(str(number) for number in range(1, min(pages, 5) + 1)) + (
            f" … {pages}" if pages > 5 else ""
        )
        parts.append(text(numbers, width - 8, y, 11, color=SUBDUED, anchor="end"))
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
