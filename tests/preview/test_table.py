"""Data tables, as data, as HTML and as a picture."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.svg import text_width
from kibana_builder.preview.table import shown_table, table_html, table_svg
from tests.preview.answers import FROM, answer, column, table

COLUMNS = [
    column("rows[0]", "Model", "string", field="model"),
    column("metrics[0]", "Count"),
    column("metrics[1]", "Latency", number_format={"type": "number", "decimals": 1}),
]
ROWS: list[tuple[Json, ...]] = [("a", 5, 20.04), ("b", 9, None), ("c", 7, 90.0)]
COLOR: JsonObject = {
    "type": "dynamic",
    "range": "absolute",
    "steps": [{"lt": 50, "color": "#209280"}, {"gte": 50, "color": "#BD271E"}],
}


def chart(**styling: Json) -> JsonObject:
    return {
        "type": "data_table",
        "rows": [{}],
        "metrics": [{}, {"color": COLOR, "apply_color_to": "background"}],
        "styling": styling,
    }


def test_cells_are_written_and_coloured() -> None:
    """Numbers stand at the right in their format; a colour by value is that of the band."""
    shown = shown_table(chart(), answer(table(COLUMNS, ROWS)))
    assert [[cell.words for cell in row] for row in shown.rows] == [
        ["a", "5", "20.0"],
        ["b", "9", "-"],
        ["c", "7", "90.0"],
    ]
    assert [row[2].color for row in shown.rows] == ["#209280", None, "#BD271E"]
    assert [head.align for head in shown.heads] == ["left", "right", "right"]


@pytest.mark.parametrize(
    ("index", "direction", "order"), [(0, "desc", "bca"), (0, "asc", "acb"), (1, "desc", "cab"), (1, "asc", "acb")]
)
def test_rows_are_sorted_as_said(index: int, direction: str, order: str) -> None:
    """By the column that is named; what is missing comes last either way."""
    sort = {"column_type": "metric", "index": index, "direction": direction}
    shown = shown_table(chart(sort_by=sort), answer(table(COLUMNS, ROWS)))
    assert "".join(row[0].words for row in shown.rows) == order
    assert shown.heads[1 + index].sorted == direction


@pytest.mark.parametrize(
    ("kind", "words"),
    [("sum", "Sum: 110.0"), ("avg", "Average: 55.0"), ("min", "Minimum: 20.0"), ("count", "Value count: 2")],
)
def test_a_summary_row(kind: str, words: str) -> None:
    """Below the rows stands what they come to, in the column's format."""
    said = chart()
    said["metrics"][1]["summary"] = {"type": kind}
    assert shown_table(said, answer(table(COLUMNS, ROWS))).heads[2].summary == words
    assert words in table_html(said, answer(table(COLUMNS, ROWS)))


def test_hidden_columns_are_left_out() -> None:
    """They may still sort."""
    said = chart()
    said["metrics"][0]["visible"] = False
    assert [head.words for head in shown_table(said, answer(table(COLUMNS, ROWS))).heads] == ["Model", "Latency"]


def test_times_are_written_by_the_width_of_their_bucket() -> None:
    """An hour's bucket has its hour."""
    columns = [column("rows[0]", "@timestamp per hour", "date"), column("metrics[0]", "Count")]
    shown = shown_table(chart(), answer(table(columns, [(FROM, 1)]), interval="1h"))
    assert shown.rows[0][0].words == "2026-11-22 12:00"


def test_html_filters_and_escapes() -> None:
    """A cell says by what a click filters; nothing in it becomes markup."""
    hostile = "<img src=x onerror=alert(1)>\"'"
    html = table_html(chart(paging=10), answer(table(COLUMNS, [(hostile, 1, 2.0)])))
    assert "<img" not in html
    cell = ET.fromstring(html).find("tbody/tr/td")
    assert cell is not None
    assert (cell.text, cell.get("data-field"), cell.get("data-value")) == (hostile, "model", hostile)
    assert 'data-page="10"' in html


def test_the_picture_has_the_first_page() -> None:
    """Heads, rows, sorting, summary and pages stand in it, and it is well-formed."""
    said = chart(paging=10, sort_by={"column_type": "metric", "index": 0, "direction": "desc"})
    said["metrics"][0]["summary"] = {"type": "sum"}
    rows = [(f"model {number:02}", number, 1.0) for number in range(12)]
    svg = table_svg(said, answer(table(COLUMNS, rows)), 600, 460)
    words = "".join(ET.fromstring(f"<svg>{svg}</svg>").itertext())
    assert all(part in words for part in ("Count", "↓", "model 11", "Sum: 66", "Rows per page: 10"))
    assert "model 01" not in words


def _texts(svg: str) -> dict[str, tuple[float, float]]:
    """Give where each text of a picture stands."""
    return {
        "".join(one.itertext()): (float(one.get("x", "")), float(one.get("y", "")))
        for one in ET.fromstring(f"<svg>{svg}</svg>").iter("text")
    }


def test_the_summary_follows_the_rows() -> None:
    """It is the next row where there is room, as in Kibana, and above the foot where the rows go on."""
    said = chart()
    said["metrics"][0]["summary"] = {"type": "sum"}
    places = _texts(table_svg(said, answer(table(COLUMNS, ROWS)), 600, 460))
    assert places["Sum: 21"][1] - places["c"][1] == places["c"][1] - places["b"][1] == 36
    rows = [(f"model {number:02}", 1, 1.0) for number in range(50)]
    assert _texts(table_svg(said, answer(table(COLUMNS, rows)), 600, 460))["Sum: 50"][1] < 460


def test_long_heads_have_several_lines() -> None:
    """Three unless something is said, and the rows begin below them."""
    columns = [column("rows[0]", "Top 5 values of model_name", "string"), *COLUMNS[1:]]
    one = answer(table(columns, ROWS))
    places = _texts(table_svg(chart(), one, 480, 300))
    assert "Top 5 values of" in places
    assert places["model_name"][1] - places["Top 5 values of"][1] == 18
    single = chart(density={"height": {"header": {"type": "custom", "max_lines": 1}}})
    cut = _texts(table_svg(single, one, 480, 300))
    assert "model_name" not in cut
    assert places["a"][1] - cut["a"][1] == 18


@pytest.mark.parametrize("words", ["x" * 500, "模型" * 90, "🙂" * 90, "مرحبا " * 90, "", " ", None])
@pytest.mark.parametrize(("width", "height"), [(600, 300), (90, 60), (8, 8)])
def test_odd_tables_stay_in_their_cells(words: str | None, width: float, height: float) -> None:
    """Very long words, other scripts, nothing, thirty columns, hardly any room: no text is wider than its cell."""
    columns = [column(f"rows[{index}]", words or "", "string") for index in range(30)]
    said: JsonObject = {"type": "data_table", "rows": [{}] * 30, "styling": {"paging": 10}}
    svg = table_svg(said, answer(table(columns, [(words,) * 30])), width, height)
    texts = ET.fromstring(f"<svg>{svg}</svg>").findall(".//svg//text")
    assert all(text_width("".join(one.itertext()), 14) <= 100 for one in texts)


def test_nothing_to_show() -> None:
    """Kibana's words stand in its place."""
    assert "No results found" in table_html(chart(), answer(table(COLUMNS, [])))
    assert "No results found" in table_svg(chart(), answer(table(COLUMNS, [])), 100, 100)
