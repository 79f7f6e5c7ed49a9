"""What pie, treemap, mosaic and waffle share: Lens keeps them as one visualization of several shapes.

Each shows parts of a whole, by groups that nest. A mosaic has two kinds of groups, columns and the parts of a column.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kibana_builder.charts.colors import color_from_lens, color_mapping_to_lens
from kibana_builder.charts.layer import Layer, LensChart, LensState, computes, lens_chart
from kibana_builder.charts.legend import LEGEND_SIZES
from kibana_builder.charts.mapping import ABSENT, AnyRow, Choice, Constant, Row, UnsayableError, from_lens, to_lens
from kibana_builder.json_tree import JsonObject
from kibana_builder.problem import NotExpressible

COMMON: tuple[AnyRow, ...] = (
    Constant(("layerType",), "data"),
    Choice(
        (("styling", "values", "visible"), ("styling", "values", "mode")),
        (("numberDisplay",),),
        (
            ((False, ABSENT), ("hidden",)),
            ((False, "percentage"), ("hidden",)),
            ((False, "absolute"), ("hidden",)),
            ((True, "absolute"), ("value",)),
            ((ABSENT, "absolute"), ("value",)),
            ((True, "percentage"), ("percent",)),
            ((ABSENT, "percentage"), ("percent",)),
            ((True, ABSENT), ("percent",)),
            ((ABSENT, ABSENT), ("percent",)),
        ),
    ),
    Row(("styling", "values", "percent_decimals"), ("percentDecimals",)),
    Row(
        ("legend", "visibility"),
        ("legendDisplay",),
        words={"auto": "default", "visible": "show", "hidden": "hide"},
        unsaid="default",
    ),
    Row(("legend", "size"), ("legendSize",), words=LEGEND_SIZES),
    Row(("legend", "position"), ("legendPosition",)),
    Row(("legend", "truncate_after_lines"), ("legendMaxLines",)),
    Row(("legend", "truncate"), ("truncateLegend",)),
)
NESTED = Row(("legend", "nested"), ("nestedLegend",), unsaid=False)

# The kinds of groups, and where Lens keeps them.
GROUPS = (("group_by", "primaryGroups"), ("group_breakdown_by", "secondaryGroups"))


def partition_to_lens(
    chart: JsonObject, shape: str, rows: Iterable[AnyRow], time_fields: Mapping[str, str]
) -> LensChart:
    """Turn an as-code chart of one of these types into Lens's `lnsPie` of that shape."""
    layer = Layer.of(chart["type"], chart, time_fields)
    metrics = _add_metrics(layer, chart)
    state: JsonObject = {"layerId": layer.id, "primaryGroups": [], "metrics": metrics}
    visualization: JsonObject = {"shape": shape, "layers": [state]}
    collapsed: JsonObject = {}
    for name, key in GROUPS:
        groups = chart.get(name, [])
        if groups:
            state[key] = [
                layer.add_bucket(f"group_{computes(group)}", group, metrics, name, index)
                for index, group in enumerate(groups)
            ]
            collapsed |= {
                column_id: group["collapse_by"]
                for column_id, group in zip(state[key], groups, strict=True)
                if "collapse_by" in group
            }
    to_lens(rows, chart, state)
    if "legendMaxLines" in state:
        state.setdefault("truncateLegend", True)
    if len(metrics) > 1:
        state["allowMultipleMetrics"] = True
    if collapsed:
        state["collapseFns"] = collapsed
    _colors(chart, metrics, state, visualization)
    return lens_chart("lnsPie", chart, visualization, [layer])


def _add_metrics(layer: Layer, chart: JsonObject) -> list[str]:
    """Add the metrics; a mosaic has one, under another name."""
    if "metric" in chart:
        return [layer.add_metric(f"metric_{computes(chart['metric'])}", chart["metric"], "metric")]
    return layer.add_metrics("metric", chart["metrics"], "metrics")


def _colors(chart: JsonObject, metrics: Sequence[str], state: JsonObject, visualization: JsonObject) -> None:
    own_colors = {
        column_id: metric["color"]["color"]
        for column_id, metric in zip(metrics, chart.get("metrics", ()), strict=False)
        if metric.get("color", {}).get("type") == "static"
    }
    if own_colors:
        state["colorsByDimension"] = own_colors
    groups = chart.get("group_by", [])
    colored = _colored_group(groups)
    for index, group in enumerate(groups):
        if "color" not in group:
            continue
        if index != colored:
            raise NotExpressible(
                ("group_by", index, "color"),
                f"Kibana colours a {chart['type']} by its first group that is not collapsed, only",
            )
        mapping = color_mapping_to_lens(group["color"])
        # Colours from before colour mapping belong to the chart, a mapping to its layer.
        (visualization if "palette" in mapping else state).update(mapping)


def _colored_group(groups: Sequence[JsonObject]) -> int | None:
    """Find the group whose values Kibana colours: the first that is not collapsed."""
    return next((index for index, group in enumerate(groups) if "collapse_by" not in group), None)


def partition_from_lens(lens: LensState, kind: str, rows: Iterable[AnyRow]) -> JsonObject:
    """Turn Lens's `lnsPie` into the as-code chart of the type `kind`, whose rows these are.

    Groups stand in the order in which Lens counts them, whatever their order in the visualization's own list
    (getSortedGroups of Lens's partition charts).
    """
    layers = lens.visualization.get("layers") or []
    if len(layers) != 1:
        raise UnsayableError(f"a {kind} of {len(layers)} layers")
    state: JsonObject = layers[0]
    layer_id = state.get("layerId", "")
    metric_ids = state.get("metrics") or []
    metrics = [lens.operation(layer_id, column_id) for column_id in metric_ids]
    if kind == "mosaic" and len(metrics) != 1:
        raise UnsayableError(f"a mosaic of {len(metrics)} metrics")
    chart: JsonObject = {"type": kind, **lens.shared(), **lens.of_layer(layer_id)}
    chart |= {"metric": metrics[0]} if kind == "mosaic" else {"metrics": metrics}
    order = lens.layer(layer_id).get("columnOrder", [])
    for name, key in GROUPS:
        ids = sorted(state.get(key) or [], key=order.index)
        if ids:
            chart[name] = [_group(lens, layer_id, column_id, metric_ids, state) for column_id in ids]
    from_lens(rows, state, chart)
    for column_id, metric in zip(metric_ids, metrics, strict=True):
        if column_id in state.get("colorsByDimension", {}):
            metric["color"] = {"type": "static", "color": state["colorsByDimension"][column_id]}
    groups = chart.get("group_by", [])
    colored, color = _colored_group(groups), color_from_lens(state, lens.visualization)
    if colored is not None and color is not None:
        groups[colored]["color"] = color
    return chart


def _group(lens: LensState, layer_id: str, column_id: str, metric_ids: Sequence[str], state: JsonObject) -> JsonObject:
    group = lens.operation(layer_id, column_id, metric_ids)
    if column_id in state.get("collapseFns", {}):
        group["collapse_by"] = state["collapseFns"][column_id]
    return group
