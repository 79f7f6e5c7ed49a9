"""Operations of the as-code vocabulary <-> columns of a Lens layer: one row list per operation.

Shapes are those of Kibana 8.12.2 (the recorded gold objects). A column is what Lens computes; what a chart does with
it (its colour, its axis) stands in the chart's own module.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from kibana_builder.charts.filters import from_kibana_query, to_kibana_query
from kibana_builder.charts.formats import format_to_lens, read_format
from kibana_builder.charts.formula import formula_columns, formula_from_column
from kibana_builder.charts.mapping import AnyRow, Constant, Row, UnsayableError, from_lens, to_lens
from kibana_builder.json_tree import JsonObject, same
from kibana_builder.problem import NotExpressible

RECORDS = "___records___"
UNIT_NAMES = {"s": "second", "m": "minute", "h": "hour", "d": "day"}

FIELD = Row(("field",), ("sourceField",))
# The type of the field, which a document cannot know.
FIELD_TYPE = Row(("data_type",), ("dataType",), unsaid="number")
EMPTY_AS_NULL = Row(("empty_as_null",), ("params", "emptyAsNull"), unsaid=False)
METRIC_SETTINGS = (
    Row(("time_scale",), ("timeScale",)),
    Row(("time_shift",), ("timeShift",)),
    Row(("reduced_time_range",), ("reducedTimeRange",)),
)


@dataclass(frozen=True, slots=True)
class Operation:
    """How one operation of the vocabulary is written as a column; `label` makes the name that Lens would give it."""

    label: Callable[[JsonObject], str]
    rows: tuple[AnyRow, ...] = (FIELD,)
    lens_name: str = ""
    data_type: str = "number"
    scale: str = "ratio"


def _of(words: str) -> Callable[[JsonObject], str]:
    return lambda operation: f"{words} of {operation['field']}"


def _field_name(operation: JsonObject) -> str:
    return str(operation["field"])


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)


def _ordinal(value: float) -> str:
    text = _number(value)
    if text.endswith(("11", "12", "13")) or "." in text:
        return f"{text}th"
    return text + {"1": "st", "2": "nd", "3": "rd"}.get(text[-1], "th")


def _top_values(operation: JsonObject) -> str:
    first, *others = operation["fields"]
    fields = f"{first} + {len(others)} other{'s' if len(others) > 1 else ''}" if others else str(first)
    match operation.get("rank_by", {}).get("type"):
        case "rare":
            return f"Rare values of {fields}"
        case "significant":
            return f"Significant values of {fields}"
    return f"Top {_number(operation.get('limit', 5))} values of {fields}"


METRICS = {
    "count": Operation(
        lambda operation: f"Count of {operation.get('field', 'records')}",
        (Row(("field",), ("sourceField",), unsaid=RECORDS), EMPTY_AS_NULL),
    ),
    "unique_count": Operation(_of("Unique count"), (FIELD, EMPTY_AS_NULL)),
    "average": Operation(_of("Average")),
    "min": Operation(_of("Minimum"), (FIELD, FIELD_TYPE)),
    "max": Operation(_of("Maximum"), (FIELD, FIELD_TYPE)),
    "median": Operation(_of("Median")),
    "standard_deviation": Operation(_of("Standard deviation")),
    "sum": Operation(_of("Sum"), (FIELD, EMPTY_AS_NULL)),
    "percentile": Operation(
        lambda operation: f"{_ordinal(operation.get('percentile', 95))} percentile of {operation['field']}",
        (FIELD, Row(("percentile",), ("params", "percentile"), unsaid=95)),
    ),
    "percentile_rank": Operation(
        lambda operation: f"Percentile rank ({_number(operation.get('rank', 0))}) of {operation['field']}",
        (FIELD, Row(("rank",), ("params", "value"), unsaid=0)),
    ),
    "last_value": Operation(
        _of("Last value"),
        (
            FIELD,
            FIELD_TYPE,
            Row(("time_field",), ("params", "sortField")),
            Row(("multi_value",), ("params", "showArrayValues"), unsaid=False),
        ),
    ),
}

# Operations over the buckets of another column; the label begins that other column's.
OVER_BUCKETS = {
    "differences": Operation(_of("Differences"), ()),
    "moving_average": Operation(_of("Moving average"), (Row(("window",), ("params", "window"), unsaid=5),)),
    "cumulative_sum": Operation(_of("Cumulative sum"), ()),
    "counter_rate": Operation(_of("Counter rate"), ()),
}
# What those that name a field compute first of it, and what they say of that.
COMPUTED_FIRST = {"cumulative_sum": "sum", "counter_rate": "max"}
SAID_OF_IT = ("field", "empty_as_null")

BUCKETS = {
    "terms": Operation(
        _top_values,
        (
            Row(("data_type",), ("dataType",), unsaid="string"),
            Row(("limit",), ("params", "size"), unsaid=5),
            Row(("increase_accuracy",), ("params", "accuracyMode")),
            Row(("other_bucket", "include_documents_without_field"), ("params", "missingBucket"), unsaid=False),
            Row(("includes", "values"), ("params", "include"), unsaid=[]),
            Row(("excludes", "values"), ("params", "exclude"), unsaid=[]),
            Row(("includes", "as_regex"), ("params", "includeIsRegex"), unsaid=False),
            Row(("excludes", "as_regex"), ("params", "excludeIsRegex"), unsaid=False),
        ),
        data_type="string",
        scale="ordinal",
    ),
    "date_histogram": Operation(
        _field_name,
        (
            FIELD,
            Row(("suggested_interval",), ("params", "interval"), unsaid="auto"),
            Row(("include_empty_rows",), ("params", "includeEmptyRows"), unsaid=True),
            Row(("drop_partial_intervals",), ("params", "dropPartials"), unsaid=False),
            Row(("use_original_time_range",), ("params", "ignoreTimeRange")),
        ),
        data_type="date",
        scale="interval",
    ),
    "histogram": Operation(
        _field_name,
        (
            FIELD,
            Constant(("params", "type"), "histogram"),
            # Lens keeps the ranges of the other kind beside a histogram; it does not look at them.
            Constant(("params", "ranges"), [{"from": 0, "to": 1000, "label": ""}]),
            Row(("granularity",), ("params", "maxBars"), unsaid="auto"),
            Row(("include_empty_rows",), ("params", "includeEmptyRows"), unsaid=True),
        ),
        lens_name="range",
        scale="interval",
    ),
    "range": Operation(
        _field_name,
        (
            FIELD,
            Constant(("params", "type"), "range"),
            Constant(("params", "maxBars"), "auto"),
            Constant(
                ("params", "parentFormat"),
                {"id": "range", "params": {"template": "arrow_right", "replaceInfinity": True}},
            ),
        ),
        data_type="string",
        scale="ordinal",
    ),
    "filters": Operation(lambda _: "Filters", (), data_type="string", scale="ordinal"),
}


def metric_columns(column_id: str, operation: JsonObject, time_field: str) -> dict[str, JsonObject]:
    """Make the column of a metric and, behind or before it, those that it computes from, in Lens's order.

    Helper columns are named after `column_id`. `operation` is any metric operation of the vocabulary; the last value
    in a formula is the last by `time_field`.
    """
    kind = operation["operation"]
    if kind == "formula":
        return formula_columns(column_id, operation, metric_column, time_field)
    if kind in OVER_BUCKETS:
        return _column_over_buckets(column_id, operation)
    return {column_id: static_value_column(operation) if kind == "static_value" else metric_column(operation)}


def metric_column(operation: JsonObject) -> JsonObject:
    """Make the one column of a metric operation that needs no other column (count, average, percentile, …)."""
    kind = operation["operation"]
    column = _column(METRICS[kind], operation)
    _settings(column, operation)
    if "filter" in operation:
        column["filter"] = to_kibana_query(operation["filter"])
    elif kind == "last_value":
        # Lens itself asks only documents that have the field; without this a newer document without it wins.
        column["filter"] = exists_filter(operation["field"])
    return column


def exists_filter(field: str) -> JsonObject:
    """Return the filter of Lens for documents that have the field."""
    return {"query": f'"{field}": *', "language": "kuery"}


def static_value_column(operation: JsonObject) -> JsonObject:
    """Make the column of a fixed number, which Lens keeps as text."""
    value = _number(operation.get("value", 100))
    column: JsonObject = {
        "label": operation.get("label", f"Static value: {value}"),
        "dataType": "number",
        "operationType": "static_value",
        "isStaticValue": True,
        "isBucketed": False,
        "scale": "ratio",
        "params": {"value": value},
        "references": [],
    }
    _label_and_format(column, operation)
    return column


def _column_over_buckets(column_id: str, operation: JsonObject) -> dict[str, JsonObject]:
    kind = operation["operation"]
    # A capital letter: no id that is made of a field's name has one, so this one is free.
    inner_id = f"{column_id}Of"
    inner = operation.get("of") or _computed_first(operation)
    inner_column = metric_column(inner)
    named = operation if kind == "counter_rate" else {"field": inner_column["label"], **operation}
    column = _column(OVER_BUCKETS[kind], named)
    _settings(column, operation)
    if "filter" in operation:
        column["filter"] = to_kibana_query(operation["filter"])
    column["references"] = [inner_id]
    return {inner_id: inner_column, column_id: column}


def _computed_first(operation: JsonObject) -> JsonObject:
    """Say what is computed first of the field that an operation names; without one, documents are counted."""
    kind = COMPUTED_FIRST[operation["operation"]] if "field" in operation else "count"
    return {"operation": kind} | {name: operation[name] for name in SAID_OF_IT if name in operation}


def _column(described: Operation, operation: JsonObject, *, bucketed: bool = False) -> JsonObject:
    column: JsonObject = {
        "label": operation.get("label") or described.label(operation),
        "dataType": described.data_type,
        "operationType": described.lens_name or operation["operation"],
        "isBucketed": bucketed,
        "scale": described.scale,
        "params": {},
    }
    to_lens(described.rows, operation, column)
    _label_and_format(column, operation)
    return column


def _label_and_format(column: JsonObject, operation: JsonObject) -> None:
    if "label" in operation:
        column["label"] = operation["label"]
        column["customLabel"] = True
    if "format" in operation:
        try:
            column["params"]["format"] = format_to_lens(operation["format"])
        except NotExpressible as error:
            raise error.below("format") from None


def _settings(column: JsonObject, operation: JsonObject) -> None:
    to_lens(METRIC_SETTINGS, operation, column)
    if "label" not in operation:
        if "time_scale" in operation:
            column["label"] += f" per {UNIT_NAMES[operation['time_scale']]}"
        if "time_shift" in operation:
            column["label"] += f" -{operation['time_shift']}"
        if "reduced_time_range" in operation:
            column["label"] += f" last {operation['reduced_time_range']}"


def bucket_column(operation: JsonObject, metric_ids: Sequence[str], computed: Collection[str] = ()) -> JsonObject:
    """Make the column of a bucket operation; `metric_ids` are the metrics of the chart that a rank can refer to.

    `computed` are those of them that Kibana computes from other columns: Elasticsearch cannot rank by such a one.
    Raises NotExpressible when the rank refers to one of them, or to a metric that is not there.
    """
    kind = operation["operation"]
    column = _column(BUCKETS[kind], operation, bucketed=True)
    if kind == "terms":
        _terms(column, operation, metric_ids, computed)
    elif kind == "range":
        column["params"]["ranges"] = [
            {"from": entry.get("gt"), "to": entry.get("lte"), "label": entry.get("label", "")}
            for entry in operation["ranges"]
        ]
    elif kind == "filters":
        column["params"]["filters"] = [
            {"label": entry.get("label", ""), "input": to_kibana_query(entry["filter"])}
            for entry in operation["filters"]
        ]
    return column


def _terms(column: JsonObject, operation: JsonObject, metric_ids: Sequence[str], computed: Collection[str]) -> None:
    first, *others = operation["fields"]
    params = column["params"]
    column["sourceField"] = first
    if others:
        params["secondaryFields"] = others
    params["otherBucket"] = "other_bucket" in operation
    params["parentFormat"] = {"id": "multi_terms" if others else "terms"}
    rank: JsonObject = operation.get("rank_by", _usual_rank(metric_ids, computed))
    params["orderBy"], params["orderDirection"] = _order(rank, metric_ids, computed)
    if rank["type"] == "custom":
        params["orderAgg"] = _order_column(rank)


def _usual_rank(metric_ids: Sequence[str], computed: Collection[str]) -> JsonObject:
    """Rank by the first metric, the largest first; by name where Elasticsearch cannot do that."""
    if metric_ids and metric_ids[0] not in computed:
        return {"type": "metric", "metric_index": 0, "direction": "desc"}
    return {"type": "alphabetical", "direction": "asc"}


def _order(rank: JsonObject, metric_ids: Sequence[str], computed: Collection[str]) -> tuple[JsonObject, str]:
    match rank["type"]:
        case "metric":
            index = rank.get("metric_index", 0)
            if index >= len(metric_ids):
                raise NotExpressible(
                    ("rank_by", "metric_index"),
                    f"the chart has {len(metric_ids)} metric{'s' if len(metric_ids) != 1 else ''}; "
                    f"metric_index counts them from 0",
                )
            column_id = metric_ids[int(index)]
            if column_id in computed:
                raise NotExpressible(
                    ("rank_by",),
                    "Kibana cannot rank by a formula, or by what is computed from other buckets; "
                    "rank by {type: custom, operation: …, field: …} or {type: alphabetical}",
                )
            return {"type": "column", "columnId": column_id}, rank.get("direction", "desc")
        case "alphabetical":
            return {"type": "alphabetical", "fallback": False}, rank.get("direction", "asc")
        case "rare":
            return {"type": "rare", "maxDocCount": rank["max"]}, "asc"
        case "significant":
            return {"type": "significant"}, "desc"
    return {"type": "custom"}, rank["direction"]


def _order_column(rank: JsonObject) -> JsonObject:
    """Make the column by whose values the terms are ordered without being shown."""
    return metric_column({key: value for key, value in rank.items() if key not in ("type", "direction")})


def operation_from_columns(columns: JsonObject, column_id: str, metric_ids: Sequence[str]) -> JsonObject:
    """Turn the column `column_id` (and those that it computes from) back into an operation of the vocabulary.

    `metric_ids` are the metrics of the chart in order, to which a rank refers by number. Raises UnsayableError for an
    operation without a word.
    """
    column = columns.get(column_id)
    if column is None:
        raise UnsayableError("a column that is not there")
    kind = column.get("operationType")
    if kind == "formula":
        return formula_from_column(column)
    if kind == "static_value":
        return _static_value(column)
    if kind in OVER_BUCKETS:
        return _operation_over_buckets(kind, column, columns)
    if kind in METRICS:
        return _metric_operation(kind, column)
    computed = {metric_id for metric_id in metric_ids if "references" in columns.get(metric_id, ())}
    return _bucket_operation(column, metric_ids, computed)


def _common(described: Operation, kind: str, column: JsonObject) -> JsonObject:
    operation = from_lens(described.rows, column, {"operation": kind})
    if column.get("customLabel"):
        operation["label"] = column["label"]
    read_format(column, operation)
    return operation


def _metric_operation(kind: str, column: JsonObject) -> JsonObject:
    operation = _common(METRICS[kind], kind, column)
    from_lens(METRIC_SETTINGS, column, operation)
    if kind == "percentile":
        # The default, and yet what a reader wants to see.
        operation.setdefault("percentile", 95)
    if "filter" not in column and kind == "last_value":
        operation["filter"] = {"expression": ""}
    elif "filter" in column and not (kind == "last_value" and column["filter"] == exists_filter(column["sourceField"])):
        operation["filter"] = from_kibana_query(column["filter"])
    return operation


def _static_value(column: JsonObject) -> JsonObject:
    text = column.get("params", {}).get("value")
    try:
        number = float(text)
    except (TypeError, ValueError):
        raise UnsayableError("a static value that is no number") from None
    if not math.isfinite(number):
        raise UnsayableError("a static value that is no number")
    value = int(number) if number == int(number) else number
    operation: JsonObject = {"operation": "static_value", "value": value}
    if column.get("customLabel"):
        operation["label"] = column["label"]
    read_format(column, operation)
    return operation


def _operation_over_buckets(kind: str, column: JsonObject, columns: JsonObject) -> JsonObject:
    operation = _common(OVER_BUCKETS[kind], kind, column)
    from_lens(METRIC_SETTINGS, column, operation)
    if "filter" in column:
        operation["filter"] = from_kibana_query(column["filter"])
    inner_id = next(iter(column.get("references", [])), "")
    inner = columns.get(inner_id, {})
    if inner.get("operationType") not in METRICS:
        raise UnsayableError(f"{kind} of {inner.get('operationType')}")
    of = _metric_operation(inner["operationType"], inner)
    # Nobody sees what the metric inside is called.
    of.pop("label", None)
    if kind not in COMPUTED_FIRST:
        return {**operation, "of": of}
    said = {name: of[name] for name in SAID_OF_IT if name in of}
    if _computed_first({"operation": kind, **said}) != of or (kind == "counter_rate" and "field" not in of):
        raise UnsayableError(f"{kind} of {of['operation']}")
    return operation | said


def _bucket_operation(column: JsonObject, metric_ids: Sequence[str], computed: Collection[str]) -> JsonObject:
    kind = column.get("operationType", "")
    params = column.get("params", {})
    if kind == "range" and params.get("type") == "histogram":
        kind = "histogram"
    if kind not in BUCKETS:
        raise UnsayableError(f"operation {kind}")
    operation = _common(BUCKETS[kind], kind, column)
    if kind in ("date_histogram", "histogram") and "includeEmptyRows" not in params:
        # What Lens leaves unsaid is false, what the vocabulary leaves unsaid is true.
        operation["include_empty_rows"] = False
    if kind == "terms":
        _terms_from_column(column, operation, metric_ids, computed)
    elif kind == "range":
        operation["ranges"] = [_range(entry) for entry in params.get("ranges", [])]
    elif kind == "filters":
        operation["filters"] = [_labelled_filter(entry) for entry in params.get("filters", [])]
    return operation


def _range(entry: JsonObject) -> JsonObject:
    said = {"gt": entry.get("from"), "lte": entry.get("to"), "label": entry.get("label") or None}
    return {key: value for key, value in said.items() if value is not None}


def _labelled_filter(entry: JsonObject) -> JsonObject:
    said: JsonObject = {"filter": from_kibana_query(entry["input"])}
    return {**said, "label": entry["label"]} if entry.get("label") else said


def _terms_from_column(
    column: JsonObject, operation: JsonObject, metric_ids: Sequence[str], computed: Collection[str]
) -> None:
    params = column.get("params", {})
    operation["fields"] = [column.get("sourceField"), *(params.get("secondaryFields") or [])]
    operation.setdefault("limit", params.get("size", 5))
    for name in ("includes", "excludes"):
        # An empty list says nothing, and `as_regex` alone has no place to stand.
        if not operation.get(name, {}).get("values"):
            operation.pop(name, None)
    if params.get("otherBucket"):
        operation["other_bucket"] = {"include_documents_without_field": bool(params.get("missingBucket"))}
    else:
        operation.pop("other_bucket", None)
    rank = _rank(params, metric_ids)
    if not same(rank, _usual_rank(metric_ids, computed)):
        operation["rank_by"] = rank


def _rank(params: JsonObject, metric_ids: Sequence[str]) -> JsonObject:
    order: JsonObject = params.get("orderBy", {})
    direction = params.get("orderDirection")
    match order.get("type"):
        case "column" if order.get("columnId") in metric_ids:
            return {"type": "metric", "metric_index": metric_ids.index(order["columnId"]), "direction": direction}
        case "alphabetical":
            return {"type": "alphabetical", "direction": direction}
        case "rare":
            return {"type": "rare", "max": order.get("maxDocCount")}
        case "significant":
            return {"type": "significant"}
        case "custom":
            column = params.get("orderAgg", {})
            kind = column.get("operationType")
            if kind in METRICS:
                operation = _metric_operation(kind, column)
                return {"type": "custom", "direction": direction, **operation}
    raise UnsayableError(f"order by {order.get('type')}")
