"""The gauge: one number on a bullet, an arc or a circle, with its range, its goal and its bands."""

from __future__ import annotations

from collections.abc import Mapping

from kibana_builder.charts.colors import palette_from_steps, read_steps
from kibana_builder.charts.layer import Layer, LensChart, LensState, lens_chart
from kibana_builder.charts.mapping import ABSENT, Choice, Constant, Row, from_lens, to_lens
from kibana_builder.json_tree import JsonObject

SHAPE = Choice(
    (("styling", "shape", "type"), ("styling", "shape", "orientation")),
    (("shape",),),
    (
        (("bullet", "horizontal"), ("horizontalBullet",)),
        (("bullet", "vertical"), ("verticalBullet",)),
        (("bullet", ABSENT), ("horizontalBullet",)),
        (("arc", ABSENT), ("arc",)),
        (("semi_circle", ABSENT), ("semiCircle",)),
        (("circle", ABSENT), ("circle",)),
        ((ABSENT, ABSENT), ("horizontalBullet",)),
    ),
)
TITLE = Choice(
    (("metric", "title", "visible"),),
    (("labelMajorMode",),),
    (((False,), ("none",)), ((True,), ("auto",)), ((ABSENT,), ("auto",))),
)
ROWS = (
    Constant(("layerType",), "data"),
    SHAPE,
    Choice(
        (("metric", "ticks", "visible"), ("metric", "ticks", "mode")),
        (("ticksPosition",),),
        (
            ((False, ABSENT), ("hidden",)),
            ((False, "auto"), ("hidden",)),
            ((False, "bands"), ("hidden",)),
            ((True, "bands"), ("bands",)),
            ((ABSENT, "bands"), ("bands",)),
            ((True, "auto"), ("auto",)),
            ((ABSENT, "auto"), ("auto",)),
            ((True, ABSENT), ("auto",)),
            ((ABSENT, ABSENT), ("auto",)),
        ),
    ),
    TITLE,
    Row(("metric", "title", "text"), ("labelMajor",)),
    Row(("metric", "subtitle"), ("labelMinor",)),
)


def gauge_to_lens(chart: JsonObject, time_fields: Mapping[str, str]) -> LensChart:
    """Turn an as-code gauge into Lens's `lnsGauge`."""
    layer = Layer.of("gauge", chart, time_fields)
    metric = chart["metric"]
    visualization: JsonObject = {"layerId": layer.id, "metricAccessor": layer.add_metric("metric", metric, "metric")}
    for role in ("min", "max", "goal"):
        if role in metric:
            visualization[f"{role}Accessor"] = layer.add_metric(role, metric[role], "metric", role)
    to_lens(ROWS, chart, visualization)
    if "text" in metric.get("title", {}) and visualization["labelMajorMode"] == "auto":
        visualization["labelMajorMode"] = "custom"
    color = metric.get("color", {"type": "auto"})
    if color["type"] in ("dynamic", "legacy_dynamic"):
        visualization["colorMode"] = "palette"
        visualization["palette"] = palette_from_steps(color, "metric", "color")
    elif color["type"] == "none":
        visualization["colorMode"] = "none"
    return lens_chart("lnsGauge", chart, visualization, [layer])


def gauge_from_lens(lens: LensState) -> JsonObject:
    """Turn Lens's `lnsGauge` into an as-code gauge."""
    state = lens.visualization
    layer_id = state.get("layerId", "")
    metric = lens.operation(layer_id, state.get("metricAccessor", ""))
    for role in ("min", "max", "goal"):
        if state.get(f"{role}Accessor"):
            metric[role] = lens.operation(layer_id, state[f"{role}Accessor"])
    chart: JsonObject = {"type": "gauge", **lens.shared(), **lens.of_layer(layer_id), "metric": metric}
    from_lens(ROWS, state, chart)
    if state.get("colorMode") == "palette" and "palette" in state:
        read_steps(state["palette"], metric)
    elif state.get("colorMode") == "none":
        metric["color"] = {"type": "none"}
    return chart
