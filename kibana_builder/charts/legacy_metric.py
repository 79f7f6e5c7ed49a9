"""The metric of before 8.3, which Kibana still draws: one number with its name above or below it."""

from __future__ import annotations

from collections.abc import Mapping

from kibana_builder.charts.colors import palette_from_steps, read_steps
from kibana_builder.charts.layer import Layer, LensChart, LensState, lens_chart
from kibana_builder.charts.mapping import Constant, Row, from_lens, to_lens
from kibana_builder.json_tree import JsonObject

ROWS = (
    Constant(("layerType",), "data"),
    Row(("metric", "size"), ("size",), unsaid="xl"),
    Row(("metric", "labels", "alignment"), ("titlePosition",), unsaid="top"),
    Row(("metric", "values", "alignment"), ("textAlign",), unsaid="left"),
    Row(("metric", "apply_color_to"), ("colorMode",), words={"value": "Labels", "background": "Background"}),
)


def legacy_metric_to_lens(chart: JsonObject, time_fields: Mapping[str, str]) -> LensChart:
    """Turn an as-code legacy metric into Lens's `lnsLegacyMetric`."""
    layer = Layer.of("legacy_metric", chart, time_fields)
    metric = chart["metric"]
    visualization: JsonObject = {"layerId": layer.id, "accessor": layer.add_metric("metric", metric, "metric")}
    to_lens(ROWS, chart, visualization)
    color = metric.get("color", {"type": "auto"})
    if color["type"] != "auto":
        visualization["palette"] = palette_from_steps(color, "metric", "color")
    return lens_chart("lnsLegacyMetric", chart, visualization, [layer])


def legacy_metric_from_lens(lens: LensState) -> JsonObject:
    """Turn Lens's `lnsLegacyMetric` into an as-code legacy metric."""
    state = lens.visualization
    layer_id = state.get("layerId", "")
    metric = lens.operation(layer_id, state.get("accessor", ""))
    chart: JsonObject = {"type": "legacy_metric", **lens.shared(), **lens.of_layer(layer_id), "metric": metric}
    from_lens(ROWS, state, chart)
    if "palette" in state:
        read_steps(state["palette"], metric)
    return chart
