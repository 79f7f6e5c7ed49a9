"""The metric tile: a primary number, perhaps a secondary beside it, perhaps one tile for each value of a field."""

from __future__ import annotations

from collections.abc import Mapping

from kibana_builder.charts.colors import palette_from_steps, read_steps
from kibana_builder.charts.layer import Layer, LensChart, LensState, lens_chart
from kibana_builder.charts.mapping import ABSENT, Choice, Constant, Row, from_lens, put, to_lens
from kibana_builder.json_tree import JsonObject
from kibana_builder.problem import NotExpressible

ICONS = {
    "editor_comment": "editorComment",
    "map_marker": "mapMarker",
    "sort_down": "sortDown",
    "sort_up": "sortUp",
    "star_empty": "starEmpty",
}
ROWS = (
    Constant(("layerType",), "data"),
    Row(("styling", "icon", "name"), ("icon",), words=ICONS),
    Row(("styling", "icon", "alignment"), ("iconAlign",)),
    Row(("styling", "primary", "position"), ("primaryPosition",)),
    Row(("styling", "primary", "labels", "alignment"), ("titlesTextAlign",)),
    Row(("styling", "primary", "value", "alignment"), ("primaryAlign",)),
    Row(("styling", "primary", "value", "sizing"), ("valueFontMode",), words={"auto": "default", "fill": "fit"}),
    # Without a prefix Lens shows the label before the number; an empty one hides it.
    Choice(
        (("styling", "secondary", "label", "visible"),),
        (("secondaryPrefix",),),
        (((False,), ("",)), ((True,), (ABSENT,)), ((ABSENT,), (ABSENT,))),
    ),
    Row(("styling", "secondary", "label", "placement"), ("secondaryLabelPosition",)),
    Row(("styling", "secondary", "value", "alignment"), ("secondaryAlign",)),
    Row(("breakdown_by", "collapse_by"), ("collapseFn",)),
)
PRIMARY_ROWS = (
    Row(("subtitle",), ("subtitle",)),
    Row(("apply_color_to",), ("applyColorTo",)),
)


def metric_to_lens(chart: JsonObject, time_fields: Mapping[str, str]) -> LensChart:
    """Turn an as-code metric into Lens's `lnsMetric`; `time_fields` (data view id -> field) serve its trend line."""
    layer = Layer.of("metric", chart, time_fields)
    primary = chart["metrics"][0]
    secondary = chart["metrics"][1] if len(chart["metrics"]) > 1 else None
    _check_roles(chart["metrics"])
    visualization: JsonObject = {"layerId": layer.id}
    _add_columns(layer, chart, visualization, "{}Accessor")
    to_lens(ROWS, chart, visualization)
    to_lens(PRIMARY_ROWS, primary, visualization)
    _secondary_label(chart, visualization)
    if "breakdown_by" in chart:
        visualization["maxCols"] = chart["breakdown_by"].get("columns", 3)
    _primary_color(primary, visualization)
    if secondary is not None:
        _secondary_trend(secondary, visualization)
    background = primary.get("background_chart", {})
    layers = [layer]
    if background.get("type") == "bar":
        visualization["maxAccessor"] = layer.add_metric(
            "max", background["max_value"], "metrics", 0, "background_chart", "max_value"
        )
        visualization["showBar"] = True
        visualization["progressDirection"] = background.get("orientation", "horizontal")
    elif background.get("type") == "trend":
        layers.append(_trend_layer(layer, chart, visualization, time_fields))
    return lens_chart("lnsMetric", chart, visualization, layers)


def _secondary_label(chart: JsonObject, visualization: JsonObject) -> None:
    label = chart.get("styling", {}).get("secondary", {}).get("label", {})
    if "text" in label:
        if label.get("visible") is False:
            raise NotExpressible(("styling", "secondary", "label", "text"), "a label that is not visible has no words")
        visualization["secondaryPrefix"] = label["text"]


def _check_roles(metrics: list[JsonObject]) -> None:
    for index, (metric, role) in enumerate(zip(metrics, ("primary", "secondary"), strict=False)):
        if metric["type"] != role:
            raise NotExpressible(
                ("metrics", index, "type"), f"the first metric is the primary one, the second the secondary: say {role}"
            )


def _add_columns(layer: Layer, chart: JsonObject, visualization: JsonObject, accessor: str) -> list[str]:
    """Add the metrics and the breakdown to a layer and name them in the state; return the metrics' ids.

    `accessor` makes the name in the state: `{}Accessor` in the main layer, `trendline{}Accessor` in the trend's.
    """
    ids: list[str] = []
    for index, (role, metric) in enumerate(zip(("metric", "secondaryMetric"), chart["metrics"], strict=False)):
        ids.append(layer.add_metric(metric["type"], metric, "metrics", index))
        visualization[_accessor(accessor, role)] = ids[-1]
    if "breakdown_by" in chart:
        column_id = layer.add_bucket("breakdown", chart["breakdown_by"], ids, "breakdown_by")
        visualization[_accessor(accessor, "breakdownBy")] = column_id
    return ids


def _accessor(template: str, role: str) -> str:
    return template.format(role if template.startswith("{") else role[0].upper() + role[1:])


def _trend_layer(layer: Layer, chart: JsonObject, visualization: JsonObject, time_fields: Mapping[str, str]) -> Layer:
    """Make the second layer that draws the trend: the same columns over time, as Lens keeps them."""
    trend = Layer.of("trend", chart, time_fields)
    trend.link_to = (layer.id,)
    visualization["trendlineLayerId"] = trend.id
    visualization["trendlineLayerType"] = "metricTrendline"
    ids = _add_columns(trend, chart, visualization, "trendline{}Accessor")
    time = {"operation": "date_histogram", "field": trend.time_field}
    visualization["trendlineTimeAccessor"] = trend.add_bucket("time", time, ids)
    return trend


def _primary_color(primary: JsonObject, visualization: JsonObject) -> None:
    color = primary.get("color", {"type": "auto"})
    if color["type"] == "static":
        visualization["color"] = color["color"]
    elif color["type"] != "auto":
        visualization["palette"] = palette_from_steps(color, "metrics", 0, "color")


def _secondary_trend(secondary: JsonObject, visualization: JsonObject) -> None:
    compare, color = secondary.get("compare"), secondary.get("color", {"type": "none"})
    if compare is not None and color["type"] == "static":
        raise NotExpressible(
            ("metrics", 1, "color"), "a secondary metric has a colour of its own or that of a comparison, not both"
        )
    if color["type"] == "static":
        visualization["secondaryTrend"] = {"type": "static", "color": color["color"]}
    elif compare is not None:
        icon, value = compare.get("icon"), compare.get("value")
        palette = compare.get("palette", "compare_to")
        visualization["secondaryTrend"] = {
            "type": "dynamic",
            "visuals": _visuals(icon, value),
            "paletteId": palette.removesuffix("_reversed"),
            "reversed": palette.endswith("_reversed"),
            "baselineValue": "primary" if compare["to"] == "primary" else compare.get("baseline", 0),
        }


def _visuals(icon: bool | None, value: bool | None) -> str:
    if icon is False and value is False:
        raise NotExpressible(("metrics", 1, "compare"), "a comparison shows an icon, a value or both: not neither")
    if icon is False or (icon is None and value is True):
        return "value"
    if value is False or (value is None and icon is True):
        return "icon"
    return "both"


def metric_from_lens(lens: LensState) -> JsonObject:
    """Turn Lens's `lnsMetric` into an as-code metric."""
    state = lens.visualization
    layer_id = state.get("layerId", "")
    primary_id, secondary_id = state.get("metricAccessor", ""), state.get("secondaryMetricAccessor")
    primary: JsonObject = {"type": "primary", **lens.operation(layer_id, primary_id)}
    metrics = [primary]
    if secondary_id:
        metrics.append({"type": "secondary", **lens.operation(layer_id, secondary_id)})
        metrics[1].update(_from_secondary_trend(state.get("secondaryTrend", {})))
    chart: JsonObject = {"type": "metric", **lens.shared(), **lens.of_layer(layer_id), "metrics": metrics}
    if state.get("breakdownByAccessor"):
        ids = [primary_id, secondary_id] if secondary_id else [primary_id]
        chart["breakdown_by"] = lens.operation(layer_id, state["breakdownByAccessor"], ids)
        if state.get("maxCols", 3) != 3:
            chart["breakdown_by"]["columns"] = state["maxCols"]
    from_lens(ROWS, state, chart)
    from_lens(PRIMARY_ROWS, state, primary)
    if state.get("secondaryPrefix"):
        put(chart, ("styling", "secondary", "label", "text"), state["secondaryPrefix"])
    if "palette" in state:
        read_steps(state["palette"], primary)
    elif "color" in state:
        primary["color"] = {"type": "static", "color": state["color"]}
    if state.get("trendlineLayerId"):
        primary["background_chart"] = {"type": "trend"}
    elif state.get("maxAccessor"):
        bar = {"type": "bar", "max_value": lens.operation(layer_id, state["maxAccessor"])}
        # A state that does not say it is drawn upright; the vocabulary that does not say it, lying.
        if state.get("progressDirection", "vertical") != "horizontal":
            bar["orientation"] = "vertical"
        primary["background_chart"] = bar
    return chart


def _from_secondary_trend(trend: JsonObject) -> JsonObject:
    if trend.get("type") == "static":
        return {"color": {"type": "static", "color": trend["color"]}}
    if trend.get("type") != "dynamic":
        return {}
    compare: JsonObject = {"to": "primary"}
    if trend["baselineValue"] != "primary":
        compare = {"to": "baseline", "baseline": trend["baselineValue"]}
    if trend["visuals"] != "both":
        compare["icon"] = trend["visuals"] == "icon"
        compare["value"] = trend["visuals"] == "value"
    palette = trend["paletteId"] + ("_reversed" if trend.get("reversed") else "")
    if palette != "compare_to":
        compare["palette"] = palette
    return {"compare": compare}
