"""What Kibana 8.12.2 drew over the recorded events, in a form that answers of any executor can be held against.

A fact is one number with what it belongs to: `(series, x, y)` of lines and bars, `(path, value)` of slices,
`(x, y, value)` of cells. Of tiles and tables only words were recorded; they are compared as words.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from kibana_builder.date_math import epoch_ms
from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.answer import Answer, PanelError, Table
from kibana_builder.preview.asking import Question, Source
from kibana_builder.preview.formats import value_text
from tests.shared_material import GOLD

RANGE = (epoch_ms("2026-11-22T15:43:00.000Z", 0), epoch_ms("2026-11-23T15:43:00.000Z", 0))
SHAPES = (
    *("xy-bar-stacked", "xy-reference-line-y2", "xy-annotations", "metric-breakdown-colour-bar"),
    *("metric-breakdown-trend", "donut", "waffle", "treemap", "mosaic", "heatmap", "tagcloud"),
    *("table-colour-align-summary", "legacy-metric", "formula-error-rate", "formula-xy", "filters-bucket"),
    *("ranges-bucket", "histogram", "last-unique-median-std", "time-shift-1d", "reduced-time-range"),
    *("metric-filter", "counter-rate", "moving-average", "differences", "cumulative-sum"),
)
"""The panels of the dashboard of shapes whose numbers were recorded, by their titles."""
FIVE = {
    "Inference latency trend": "inference-latency-trend",
    "Model distribution": "model-distribution",
    "Resource utilization": "resource-utilization",
    "Performance table": "performance-table",
    "Average CPU": "resource-utilization-cpu",
    "Average memory": "resource-utilization-memory",
}
"""The panels of the dashboard of the ML models, and the documents behind them."""

Fact = tuple[Any, ...]


def mapping() -> JsonObject:
    """Give the mapping types of the recorded events' fields."""
    found: JsonObject = json.loads((GOLD / "extra" / "mapping.json").read_text())
    return found


def document(name: str) -> JsonObject:
    found: JsonObject = json.loads((GOLD / "as_code" / f"{name}.json").read_text())
    return found


def recorded(name: str) -> JsonObject:
    """Give the answer that Kibana got from Elasticsearch for a panel."""
    found: JsonObject = json.loads((GOLD / "queries" / f"{name}.json").read_text())["response"]
    return found


def drawn(dashboard: str, title: str) -> JsonObject:
    """Give what Kibana drew for a panel."""
    panels: list[JsonObject] = json.loads((GOLD / "drawn" / f"{dashboard}.json").read_text())["panels"]
    return next(panel for panel in panels if panel["panel"] == title)


def question(chart: JsonObject, source: Source, **settings: Any) -> Question:
    return Question(chart, {"ml-metrics": source}, **{"time_range": RANGE, **settings})


def first_table(answer: Answer | PanelError) -> Table:
    """Give the table of an answer's first layer; fails with the words of an error."""
    assert isinstance(answer, Answer), answer
    table = answer.layers[0]
    assert isinstance(table, Table), table
    return table


def facts_of_drawing(panel: JsonObject) -> list[Fact]:
    """Give the numbers in a drawing that has any."""
    found: list[Fact] = []
    for chart in panel["charts"]:
        for kind, points in (("bars", "bars"), ("lines", "points")):
            for series in chart.get(kind) or ():
                found += [(series["name"], point["x"], point["y"]) for point in series[points]]
        for part in chart.get("partition") or ():
            found += [(one["depth"], one["name"], one["value"]) for one in part["partitions"]]
        cells = (chart.get("heatmap") or {}).get("cells", ())
        found += [(cell["datum"]["x"], cell["datum"]["y"], cell["value"]) for cell in cells]
    return list(dict.fromkeys(found))


def facts_of_table(kind: str, table: Table) -> list[Fact]:
    """Give the numbers of an answer as Kibana would draw them; what has no value is not drawn."""
    facts = {"xy": _points, "heatmap": _cells}.get(kind, _slices)(table)
    return list(dict.fromkeys(facts))


def _column(table: Table, place: str) -> int | None:
    return next((index for index, one in enumerate(table.columns) if one.place == place), None)


def _points(table: Table) -> Iterator[Fact]:
    x, by = _column(table, "x"), _column(table, "breakdown_by")
    assert x is not None
    for index, column in enumerate(table.columns):
        if column.place.startswith("y"):
            for row in table.rows:
                if row[index] is not None:
                    yield (column.label if by is None else row[by], row[x], row[index])


def _cells(table: Table) -> Iterator[Fact]:
    for row in table.rows:
        if row[2] is not None:
            yield row


def _slices(table: Table) -> Iterator[Fact]:
    """Give each part with its sum; in a mosaic the inner groups are what Kibana draws as the outer."""
    groups = [index for index, column in enumerate(table.columns) if column.place.startswith("group")]
    if any(column.place.startswith("group_breakdown_by") for column in table.columns):
        groups.reverse()
    sums: dict[tuple[Any, ...], float] = {}
    for row in table.rows:
        for depth in range(1, len(groups) + 1):
            path = tuple(row[index] for index in groups[:depth])
            sums[path] = sums.get(path, 0) + row[-1]
    for path, value in sums.items():
        yield len(path), path[-1], value


def assert_same(found: list[Fact], wanted: list[Fact], tolerance: float = 1e-9) -> None:
    """Compare facts whatever their order, numbers within a share of themselves."""
    assert wanted, "nothing was recorded"
    assert len(found) == len(wanted)
    by_name = sorted(found, key=_without_number)
    for one, other in zip(by_name, sorted(wanted, key=_without_number), strict=True):
        assert one[:-1] == other[:-1]
        assert one[-1] == pytest.approx(other[-1], rel=tolerance, abs=1e-9)


def _without_number(fact: Fact) -> tuple[str, float]:
    return str(fact[:-1]), fact[-1]


def words_of_tiles(table: Table) -> list[str]:
    """Give a metric chart's words in the order in which Kibana writes them."""
    words = []
    by, second = _column(table, "breakdown_by"), _column(table, "secondary")
    first = next(index for index, column in enumerate(table.columns) if column.place in ("primary", "metric"))
    for row in table.rows:
        label = table.columns[first].label
        words += [label] if by is None else [row[by], label]
        if second is not None:
            column = table.columns[second]
            words.append(f"{column.label} {value_text(row[second], column.format, column.kind)}")
        words.append(value_text(row[first], table.columns[first].format, table.columns[first].kind))
    return words


def words_of_table(table: Table) -> list[tuple[str, ...]]:
    """Give the cells of each row in words."""
    return [
        tuple(value_text(value, column.format, column.kind) for value, column in zip(row, table.columns, strict=True))
        for row in table.rows
    ]


def rows_of_words(panel: JsonObject, columns: int) -> tuple[list[str], list[tuple[str, ...]]]:
    """Give the heads and the visible rows of a table that was drawn; summaries are left out."""
    text = [word for word in panel["text"] if not word.startswith(("Total:", "Average:"))]
    cells = [tuple(text[at : at + columns]) for at in range(columns, len(text), columns)]
    return text[:columns], cells
