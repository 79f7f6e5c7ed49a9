"""The data table: rows of buckets, columns of metrics, perhaps once for each value of another field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kibana_builder.charts.colors import color_from_lens, color_mapping_to_lens, palette_from_steps, read_steps
from kibana_builder.charts.layer import Layer, LensChart, LensState, computes, lens_chart
from kibana_builder.charts.mapping import Constant, Row, UnsayableError, from_lens, to_lens
from kibana_builder.json_tree import JsonObject
from kibana_builder.problem import NotExpressible

# Between the values of the buckets and the id of the metric in the id of a column that is spread over them.
TRANSPOSE_SEPARATOR = "---"

# What the kinds of buckets are called in the ids of their columns.
ROLES = {"rows": "row", "split_metrics_by": "split"}

ROWS = (
    Constant(("layerType",), "data"),
    Row(("styling", "paging"), ("paging", "size")),
    Row(("styling", "row_numbers", "visible"), ("showRowNumbers",)),
    Row(("styling", "density", "mode"), ("density",), words={"default": "normal"}),
    Row(("styling", "density", "height", "header", "type"), ("headerRowHeight",)),
)
COLUMN_ROWS = (
    Constant(("isTransposed",), False),
    Row(("alignment",), ("alignment",)),
    Row(("visible",), ("hidden",), words={True: False, False: True}),
    Row(("width",), ("width",)),
    Row(("apply_color_to",), ("colorMode",), words={"value": "text", "background": "cell"}),
    Row(("summary", "type"), ("summaryRow",)),
    Row(("summary", "label"), ("summaryLabel",)),
    Row(("click_filter",), ("oneClickFilter",)),
    Row(("collapse_by",), ("collapseFn",)),
)


def data_table_to_lens(chart: JsonObject, time_fields: Mapping[str, str]) -> LensChart:
    """Turn an as-code data table into Lens's `lnsDatatable`."""
    layer = Layer.of("table", chart, time_fields)
    if "metrics" not in chart and chart["data_source"]["type"] != "esql":
        raise NotExpressible(("metrics",), "a table needs something to compute: say at least one metric")
    metrics = layer.add_metrics("metric", chart.get("metrics", []), "metrics")
    for column_id in metrics:
        if "fieldName" in layer.metrics[column_id]:
            # Of ES|QL's columns, whatever their type, a table shows those as metrics that say so.
            layer.metrics[column_id]["inMetricDimension"] = True
    buckets = [("rows", index, bucket) for index, bucket in enumerate(chart.get("rows", []))]
    splitting = [("split_metrics_by", index, bucket) for index, bucket in enumerate(chart.get("split_metrics_by", []))]
    outermost = [entry for entry in splitting if entry[2].get("outermost", False)]
    ids: dict[str, list[str]] = {"rows": [], "split_metrics_by": []}
    for name, index, bucket in (*outermost, *buckets, *(entry for entry in splitting if entry not in outermost)):
        ids[name].append(layer.add_bucket(f"{ROLES[name]}_{computes(bucket)}", bucket, metrics, name, index))
    rows, splits = ids["rows"], ids["split_metrics_by"]
    columns = [
        *_columns(rows, chart.get("rows", []), "rows"),
        *({"columnId": column_id, "isTransposed": True} for column_id in splits),
        *_columns(metrics, chart.get("metrics", []), "metrics"),
    ]
    visualization: JsonObject = {"layerId": layer.id, "columns": columns}
    to_lens(ROWS, chart, visualization)
    if "paging" in visualization:
        visualization["paging"]["enabled"] = True
    styling = chart.get("styling", {})
    _row_heights(styling.get("density", {}).get("height", {}), visualization)
    if "sort_by" in styling:
        visualization["sorting"] = _sorting(styling["sort_by"], rows, metrics)
    return lens_chart("lnsDatatable", chart, visualization, [layer])


def _columns(ids: Sequence[str], operations: Sequence[JsonObject], name: str) -> list[JsonObject]:
    return [
        _column(column_id, operation, name, index)
        for index, (column_id, operation) in enumerate(zip(ids, operations, strict=True))
    ]


def _column(column_id: str, code: JsonObject, *at: str | int) -> JsonObject:
    column = to_lens(COLUMN_ROWS, code, {"columnId": column_id})
    color = code.get("color", {"type": "auto"})
    if "mode" in color:
        column.update(color_mapping_to_lens(color))
    elif color["type"] != "auto":
        column["palette"] = palette_from_steps(color, *at, "color")
    return column


def _row_heights(height: JsonObject, visualization: JsonObject) -> None:
    """Write the heights: one line is a height of its own name, which 8.12 has for the rows only."""
    header, value = height.get("header", {}), height.get("value", {})
    if header.get("type") == "custom":
        visualization["headerRowHeightLines"] = header.get("max_lines", 3)
    if value.get("type") == "auto":
        visualization["rowHeight"] = "auto"
    elif value.get("type") == "custom":
        lines = value.get("lines", 1)
        visualization["rowHeight"] = "single" if lines == 1 else "custom"
        visualization["rowHeightLines"] = lines


def _sorting(sort_by: JsonObject, rows: Sequence[str], metrics: Sequence[str]) -> JsonObject:
    kind, index = sort_by["column_type"], int(sort_by["index"])
    columns, name = (rows, "row") if kind == "row" else (metrics, "metric")
    if index >= len(columns):
        raise NotExpressible(
            ("styling", "sort_by", "index"),
            f"the table has {len(columns)} {name}{'s' if len(columns) != 1 else ''}; index counts them from 0",
        )
    column_id = columns[index]
    if kind == "pivoted_metric":
        column_id = TRANSPOSE_SEPARATOR.join([*sort_by["values"], column_id])
    return {"columnId": column_id, "direction": sort_by["direction"]}


def data_table_from_lens(lens: LensState) -> JsonObject:
    """Turn Lens's `lnsDatatable` into an as-code data table."""
    state = lens.visualization
    layer_id = state.get("layerId", "")
    layer = lens.layer(layer_id)
    by_id = {column.get("columnId"): column for column in state.get("columns", [])}
    # Lens computes its columns in this order, whatever the order of the table's own list.
    ordered = [column_id for column_id in layer.get("columnOrder", []) if column_id in by_id]
    bucketed = {column_id: layer["columns"].get(column_id, {}).get("isBucketed", False) for column_id in ordered}
    metrics = [column_id for column_id in ordered if not bucketed[column_id]]
    splits = [column_id for column_id in ordered if bucketed[column_id] and by_id[column_id].get("isTransposed")]
    rows = [column_id for column_id in ordered if bucketed[column_id] and column_id not in splits]
    if not metrics and "esql" not in layer:
        raise UnsayableError("a table without metrics")
    chart: JsonObject = {"type": "data_table", **lens.shared(), **lens.of_layer(layer_id)}
    for name, ids in (("metrics", metrics), ("rows", rows), ("split_metrics_by", splits)):
        if ids:
            chart[name] = [
                _column_from_lens(lens.operation(layer_id, column_id, metrics), by_id[column_id]) for column_id in ids
            ]
    for split, column_id in zip(chart.get("split_metrics_by", []), splits, strict=True):
        if rows and "esql" not in layer and ordered.index(column_id) < ordered.index(rows[0]):
            split["outermost"] = True
    from_lens(ROWS, state, chart)
    if not state.get("paging", {}).get("enabled", False):
        chart.get("styling", {}).pop("paging", None)
    _heights_from_lens(state, chart)
    if state.get("sorting", {}).get("columnId"):
        chart.setdefault("styling", {})["sort_by"] = _sort_by(state["sorting"], rows, metrics)
    return chart


def _column_from_lens(operation: JsonObject, column: JsonObject) -> JsonObject:
    from_lens(COLUMN_ROWS, column, operation)
    if column.get("palette", {}).get("params", {}).get("stops"):
        read_steps(column["palette"], operation)
    elif (color := color_from_lens(column, column)) is not None:
        operation["color"] = color
    return operation


def _heights_from_lens(state: JsonObject, chart: JsonObject) -> None:
    height: JsonObject = {}
    if state.get("headerRowHeight") == "custom":
        height["header"] = {"type": "custom", "max_lines": state.get("headerRowHeightLines", 3)}
    if state.get("rowHeight") == "auto":
        height["value"] = {"type": "auto"}
    elif "rowHeight" in state:
        lines = 1 if state["rowHeight"] == "single" else state.get("rowHeightLines", 1)
        height["value"] = {"type": "custom", "lines": lines}
    if height:
        density = chart.setdefault("styling", {}).setdefault("density", {})
        density["height"] = {**density.get("height", {}), **height}


def _sort_by(sorting: JsonObject, rows: Sequence[str], metrics: Sequence[str]) -> JsonObject:
    *values, column_id = sorting["columnId"].split(TRANSPOSE_SEPARATOR)
    direction = sorting.get("direction")
    if values and column_id in metrics:
        index = metrics.index(column_id)
        return {"column_type": "pivoted_metric", "index": index, "values": values, "direction": direction}
    if column_id in metrics:
        return {"column_type": "metric", "index": metrics.index(column_id), "direction": direction}
    if column_id in rows:
        return {"column_type": "row", "index": rows.index(column_id), "direction": direction}
    raise UnsayableError("sorted by a column that is not there")
