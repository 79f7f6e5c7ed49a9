"""The pie and the donut: shares of one or more metrics, by groups that nest from the inside out."""

from __future__ import annotations

from collections.abc import Mapping

from kibana_builder.charts.colors import color_from_lens, color_mapping_to_lens
from kibana_builder.charts.layer import Layer, LensChart, LensState, computes, lens_chart
from kibana_builder.charts.legend import LEGEND_SIZES
from kibana_builder.charts.mapping import ABSENT, Choice, Constant, Row, UnsayableError, from_lens, to_lens
from kibana_builder.json_tree import JsonObject
from kibana_builder.problem import NotExpressible

# The radius of the hole in parts of the pie's.
HOLES = {"s": 0.3, "m": 0.54, "l": 0.7}

ROWS = (
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
    Choice(
        (("styling", "labels", "visible"), ("styling", "labels", "position")),
        (("categoryDisplay",),),
        (
            ((False, ABSENT), ("hide",)),
            ((False, "inside"), ("hide",)),
            ((False, "outside"), ("hide",)),
            ((True, "inside"), ("inside",)),
            ((ABSENT, "inside"), ("inside",)),
            ((True, "outside"), ("default",)),
            ((ABSENT, "outside"), ("default",)),
            ((True, ABSENT), ("default",)),
            ((ABSENT, ABSENT), ("default",)),
        ),
    ),
    Row(
        ("legend", "visibility"),
        ("legendDisplay",),
        words={"auto": "default", "visible": "show", "hidden": "hide"},
        unsaid="default",
    ),
    Row(("legend", "nested"), ("nestedLegend",), unsaid=False),
    Row(("legend", "size"), ("legendSize",), words=LEGEND_SIZES),
    Row(("legend", "truncate_after_lines"), ("legendMaxLines",)),
    Row(("styling", "donut_hole"), ("emptySizeRatio",), words={**HOLES, "none": ABSENT}),
)


def pie_to_lens(chart: JsonObject, time_fields: Mapping[str, str]) -> LensChart:
    """Turn an as-code pie into Lens's `lnsPie`."""
    layer = Layer.of("pie", chart, time_fields)
    metrics = layer.add_metrics("metric", chart["metrics"], "metrics")
    groups: list[str] = []
    state: JsonObject = {"layerId": layer.id, "primaryGroups": groups, "metrics": metrics}
    for index, group in enumerate(chart.get("group_by", [])):
        groups.append(layer.add_bucket(f"group_{computes(group)}", group, metrics, "group_by", index))
    to_lens(ROWS, chart, state)
    if "legendMaxLines" in state:
        state["truncateLegend"] = True
    if len(metrics) > 1:
        state["allowMultipleMetrics"] = True
    collapsed = {
        column_id: group["collapse_by"]
        for column_id, group in zip(groups, chart.get("group_by", []), strict=True)
        if "collapse_by" in group
    }
    if collapsed:
        state["collapseFns"] = collapsed
    hole = chart.get("styling", {}).get("donut_hole", "none")
    visualization: JsonObject = {"shape": "pie" if hole == "none" else "donut", "layers": [state]}
    _colors(chart, metrics, state, visualization)
    return lens_chart("lnsPie", chart, visualization, [layer])


def _colors(chart: JsonObject, metrics: list[str], state: JsonObject, visualization: JsonObject) -> None:
    own_colors = {
        column_id: metric["color"]["color"]
        for column_id, metric in zip(metrics, chart["metrics"], strict=True)
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
                ("group_by", index, "color"), "Kibana colours a pie by its first group that is not collapsed, only"
            )
        mapping = color_mapping_to_lens(group["color"])
        # Colours from before colour mapping belong to the chart, a mapping to its layer.
        (visualization if "palette" in mapping else state).update(mapping)


def _colored_group(groups: list[JsonObject]) -> int | None:
    """Find the group whose values Kibana colours: the first that is not collapsed."""
    return next((index for index, group in enumerate(groups) if "collapse_by" not in group), None)


def pie_from_lens(lens: LensState) -> JsonObject:
    """Turn Lens's `lnsPie` into an as-code pie; the shapes that are other chart types have no words here."""
    visualization = lens.visualization
    shape, layers = visualization.get("shape"), visualization.get("layers") or [{}]
    if shape not in ("pie", "donut") or len(layers) != 1:
        raise UnsayableError(f"a {shape} of {len(layers)} layers")
    state: JsonObject = layers[0]
    layer_id = state.get("layerId", "")
    metric_ids = state.get("metrics") or []
    group_ids = state.get("primaryGroups") or []
    metrics = [lens.operation(layer_id, column_id) for column_id in metric_ids]
    groups = [lens.operation(layer_id, column_id, metric_ids) for column_id in group_ids]
    chart: JsonObject = {"type": "pie", **lens.shared(), **lens.of_layer(layer_id), "metrics": metrics}
    if groups:
        chart["group_by"] = groups
    from_lens(ROWS, state, chart)
    if shape == "pie":
        chart.get("styling", {}).pop("donut_hole", None)
    else:
        # What Lens draws for a donut that does not say how large its hole is.
        chart.setdefault("styling", {}).setdefault("donut_hole", "s")
    for column_id, group in zip(group_ids, groups, strict=True):
        if column_id in state.get("collapseFns", {}):
            group["collapse_by"] = state["collapseFns"][column_id]
    for column_id, metric in zip(metric_ids, metrics, strict=True):
        if column_id in state.get("colorsByDimension", {}):
            metric["color"] = {"type": "static", "color": state["colorsByDimension"][column_id]}
    _colors_from_lens(visualization, state, groups)
    return chart


def _colors_from_lens(visualization: JsonObject, state: JsonObject, groups: list[JsonObject]) -> None:
    colored, color = _colored_group(groups), color_from_lens(state, visualization)
    if colored is not None and color is not None:
        groups[colored]["color"] = color
