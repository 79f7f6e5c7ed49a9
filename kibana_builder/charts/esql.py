"""Charts over an ES|QL query: columns of its answer, instead of operations over fields.

Lens keeps such a layer apart from those made of fields, with the query itself and a list of columns (`textBased`). The
data view that it makes of the indices of the query follows from the query, as does the type of each column from the
answer; what it notes of both is a help for its editor, and for the scale of an x axis.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from kibana_builder.charts.formats import format_to_lens, read_format
from kibana_builder.charts.mapping import ABSENT, Row, from_lens, to_lens
from kibana_builder.json_tree import JsonObject
from kibana_builder.problem import NotExpressible

__all__ = ["UNKNOWN", "esql_layer", "index_pattern_of", "operation_from_value", "value_column"]

# The type of a column of which Lens notes none.
UNKNOWN = "unknown"

_COMMENTS = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_FROM = re.compile(r"\s*(?:FROM|TS)\s+(.+?)(?:\s+METADATA\s[^|]*)?(?:\||$)", re.IGNORECASE | re.DOTALL)


def index_pattern_of(query: str) -> str:
    """Give the indices that an ES|QL query reads; empty for one that reads none (`ROW a = 1`).

    >>> index_pattern_of("FROM logs-*, metrics-* METADATA _id | LIMIT 10")
    'logs-*,metrics-*'
    """
    found = _FROM.match(_COMMENTS.sub(" ", query))
    return re.sub(r"[\s\"]+", "", found[1]) if found else ""


def value_column(column_id: str, operation: JsonObject, usual: str) -> JsonObject:
    """Make the column of `{column, label?, format?, data_type?}`; `usual` is its type when none is said."""
    column = to_lens(_rows(usual), operation, {"columnId": column_id})
    if column["meta"]["type"] == UNKNOWN:
        del column["meta"]
    if "label" in operation:
        column["customLabel"] = True
    if "format" in operation:
        try:
            column["params"] = {"format": format_to_lens(operation["format"])}
        except NotExpressible as error:
            raise error.below("format") from None
    return column


def operation_from_value(column: JsonObject, usual: str) -> JsonObject:
    """Turn a column of the answer back into an operation."""
    rows = _rows(usual) if column.get("customLabel") else _rows(usual)[:-1]
    operation = from_lens(rows, {**column, "meta": {"type": UNKNOWN, **column.get("meta", {})}})
    read_format(column, operation)
    return operation


@cache
def _rows(usual: str) -> tuple[Row, ...]:
    return (
        Row(("column",), ("fieldName",)),
        Row(("data_type",), ("meta", "type"), unsaid=usual),
        Row(("label",), ("label",), unsaid=ABSENT),
    )


def esql_layer(source: JsonObject, data_view_id: str, columns: Iterable[JsonObject]) -> JsonObject:
    """Return a layer as it stands under `datasourceStates.textBased.layers`."""
    columns = list(columns)
    layer: JsonObject = {
        "index": data_view_id,
        "query": {"esql": source["query"]},
        "columns": columns,
        # What Kibana's editor offered last; 8.12 looks for the types of columns here.
        "allColumns": columns,
    }
    if "time_field" in source:
        layer["timeField"] = source["time_field"]
    return layer
