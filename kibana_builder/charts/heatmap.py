"""The heatmap: a grid of cells whose colours say how much, over one or two axes of buckets."""

from __future__ import annotations

from collections.abc import Mapping

from kibana_builder.charts.colors import palette_from_steps, read_steps
from kibana_builder.charts.layer import Layer, LensChart, LensState, lens_chart
from kibana_builder.charts.legend import LEGEND_SIZES
from kibana_builder.charts.mapping import AnyRow, Constant, Row, from_lens, to_lens
from kibana_builder.charts.x_axis import ORIENTATIONS, check_scale, with_type_of_scale
from kibana_builder.json_tree import JsonObject


def _axis(name: str) -> tuple[AnyRow, ...]:
    """Describe one axis, x or y, as Lens keeps it in the settings of the grid."""
    big = name.upper()
    return (
        Row(("axis", name, "title", "text"), ("gridConfig", f"{name}Title")),
        Row(("axis", name, "title", "visible"), ("gridConfig", f"is{big}AxisTitleVisible"), unsaid=False),
        Row(("axis", name, "labels", "visible"), ("gridConfig", f"is{big}AxisLabelVisible"), unsaid=True),
        Row(("axis", name, "sort"), ("gridConfig", f"{name}SortPredicate")),
    )


ROWS = (
    Constant(("layerType",), "data"),
    Constant(("shape",), "heatmap"),
    Constant(("gridConfig", "type"), "heatmap_grid"),
    Constant(("legend", "type"), "heatmap_legend"),
    *_axis("x"),
    *_axis("y"),
    Row(("axis", "x", "labels", "orientation"), ("gridConfig", "xAxisLabelRotation"), words=ORIENTATIONS),
    Row(("styling", "cells", "labels", "visible"), ("gridConfig", "isCellLabelVisible"), unsaid=False),
    Row(("legend", "visibility"), ("legend", "isVisible"), words={"visible": True, "hidden": False}, unsaid=True),
    Row(("legend", "position"), ("legend", "position"), unsaid="right"),
    Row(("legend", "size"), ("legend", "legendSize"), words=LEGEND_SIZES),
    Row(("legend", "truncate_after_lines"), ("legend", "maxLines")),
)


def heatmap_to_lens(chart: JsonObject, time_fields: Mapping[str, str]) -> LensChart:
    """Turn an as-code heatmap into Lens's `lnsHeatmap`."""
    check_scale(chart, chart["x"])
    chart = {**chart, "x": with_type_of_scale(chart, chart["x"])}
    layer = Layer.of("heatmap", chart, time_fields)
    metric = layer.add_metric("value", chart["metric"], "metric")
    visualization: JsonObject = {"layerId": layer.id, "valueAccessor": metric}
    for axis in ("y", "x") if chart.get("y", {}).get("outermost", False) else ("x", "y"):
        if axis in chart:
            visualization[f"{axis}Accessor"] = layer.add_bucket(axis, chart[axis], [metric], axis)
    to_lens(ROWS, chart, visualization)
    if "maxLines" in visualization["legend"]:
        visualization["legend"]["shouldTruncate"] = True
    color = chart["metric"].get("color", {"type": "auto"})
    if color["type"] != "auto":
        visualization["palette"] = {**palette_from_steps(color, "metric", "color"), "accessor": metric}
    return lens_chart("lnsHeatmap", chart, visualization, [layer])


def heatmap_from_lens(lens: LensState) -> JsonObject:
    """Turn Lens's `lnsHeatmap` into an as-code heatmap."""
    state = lens.visualization
    layer_id, metric_id = state.get("layerId", ""), state.get("valueAccessor", "")
    metric = lens.operation(layer_id, metric_id)
    chart: JsonObject = {"type": "heatmap", **lens.shared(), **lens.of_layer(layer_id), "metric": metric}
    for axis in ("x", "y"):
        if state.get(f"{axis}Accessor"):
            chart[axis] = lens.operation(layer_id, state[f"{axis}Accessor"], [metric_id])
    order = lens.order(layer_id)
    if order and "x" in chart and "y" in chart and order.index(state["yAccessor"]) < order.index(state["xAccessor"]):
        chart["y"]["outermost"] = True
    from_lens(ROWS, state, chart)
    if "palette" in state:
        read_steps(state["palette"], metric)
    return chart
