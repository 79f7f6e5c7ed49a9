"""The tag cloud: the values of a field as words, the larger the more."""

from __future__ import annotations

from collections.abc import Mapping

from kibana_builder.charts.colors import color_from_lens, color_mapping_to_lens
from kibana_builder.charts.layer import Layer, LensChart, LensState, lens_chart
from kibana_builder.charts.mapping import Constant, Row, from_lens, to_lens
from kibana_builder.json_tree import JsonObject

ORIENTATIONS = {"horizontal": "single", "vertical": "right angled", "angled": "multiple"}
ROWS = (
    Constant(("layerType",), "data"),
    Row(("styling", "orientation"), ("orientation",), words=ORIENTATIONS, unsaid="single"),
    Row(("styling", "font_size", "min"), ("minFontSize",), unsaid=18),
    Row(("styling", "font_size", "max"), ("maxFontSize",), unsaid=72),
    Row(("styling", "caption", "visible"), ("showLabel",), unsaid=True),
)


def tag_cloud_to_lens(chart: JsonObject, time_fields: Mapping[str, str]) -> LensChart:
    """Turn an as-code tag cloud into Lens's `lnsTagcloud`."""
    layer = Layer.of("tag_cloud", chart, time_fields)
    metric = layer.add_metric("metric", chart["metric"], "metric")
    tag = layer.add_bucket("tag", chart["tag_by"], [metric], "tag_by")
    visualization: JsonObject = {"layerId": layer.id, "valueAccessor": metric, "tagAccessor": tag}
    to_lens(ROWS, chart, visualization)
    if "color" in chart["tag_by"]:
        visualization.update(color_mapping_to_lens(chart["tag_by"]["color"]))
    return lens_chart("lnsTagcloud", chart, visualization, [layer])


def tag_cloud_from_lens(lens: LensState) -> JsonObject:
    """Turn Lens's `lnsTagcloud` into an as-code tag cloud."""
    state = lens.visualization
    layer_id, metric_id = state.get("layerId", ""), state.get("valueAccessor", "")
    metric = lens.operation(layer_id, metric_id)
    tag = lens.operation(layer_id, state.get("tagAccessor", ""), [metric_id])
    if (color := color_from_lens(state, state)) is not None:
        tag["color"] = color
    chart: JsonObject = {"type": "tag_cloud", **lens.shared(), **lens.of_layer(layer_id)}
    return from_lens(ROWS, state, chart | {"metric": metric, "tag_by": tag})
