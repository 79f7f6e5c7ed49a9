"""XY charts: lines, areas and bars in every stacking, in several layers, with reference lines and two y axes."""

from __future__ import annotations

from collections.abc import Mapping

from kibana_builder.charts.annotations import ICONS, REFERENCE, annotations_from_lens, annotations_to_lens
from kibana_builder.charts.colors import color_from_lens, color_mapping_to_lens
from kibana_builder.charts.layer import Layer, LensChart, LensState, lens_chart
from kibana_builder.charts.legend import LEGEND_SIZES, VALUES_IN_LEGEND
from kibana_builder.charts.mapping import ABSENT, AnyRow, Choice, Constant, Row, UnsayableError, from_lens, to_lens
from kibana_builder.charts.x_axis import ORIENTATIONS, check_scale, with_type_of_scale
from kibana_builder.json_tree import JsonObject, Path
from kibana_builder.problem import NotExpressible

SERIES_TYPES = {
    "area_percentage": "area_percentage_stacked",
    "bar_percentage": "bar_percentage_stacked",
    "bar_horizontal_percentage": "bar_horizontal_percentage_stacked",
}
AXIS_MODES = {"x": "bottom", "y": "left", "y2": "right"}
STATISTICS = {
    "avg": "average",
    "last_value": "lastValue",
    "last_non_null_value": "lastNonNullValue",
    "first_value": "firstValue",
    "first_non_null_value": "firstNonNullValue",
    "difference_percentage": "differencePercent",
    "standard_deviation": "stdDeviation",
    "distinct_count": "distinctCount",
    "current_and_last_value": VALUES_IN_LEGEND,
}


def _axis(code: str, lens: str, title: str, extent: str) -> tuple[AnyRow, ...]:
    """Describe one axis: `code` is its name in the vocabulary, the others are Lens's names for its parts."""
    axis = ("axis", code)
    return (
        Row((*axis, "title", "text"), (title,)),
        Row((*axis, "title", "visible"), ("axisTitlesVisibilitySettings", lens), unsaid=True),
        Row((*axis, "ticks", "visible"), ("tickLabelsVisibilitySettings", lens), unsaid=True),
        Row((*axis, "grid", "visible"), ("gridlinesVisibilitySettings", lens), unsaid=True),
        Row((*axis, "labels", "orientation"), ("labelsOrientation", lens), words=ORIENTATIONS, unsaid=0),
        Row(
            (*axis, "domain", "type"),
            (extent, "mode"),
            words={"fit": "dataBounds"},
            unsaid=ABSENT if code == "x" else "full",
        ),
        Row((*axis, "domain", "min"), (extent, "lowerBound")),
        Row((*axis, "domain", "max"), (extent, "upperBound")),
        Row((*axis, "domain", "rounding"), (extent, "niceValues")),
    )


def _legend_positions() -> Choice:
    """Pair each place of the legend with the keys that put it there; inside the chart it has two alignments."""
    outside = [
        ((placement, position), (ABSENT, "right" if position is ABSENT else position, ABSENT, ABSENT))
        for placement in ("outside", ABSENT)
        for position in ("left", "right", "top", "bottom", ABSENT)
    ]
    inside = [
        (("inside", f"{vertical}_{horizontal}"), (True, "right", vertical, horizontal))
        for vertical in ("top", "bottom")
        for horizontal in ("left", "right")
    ]
    return Choice(
        (("legend", "placement"), ("legend", "position")),
        (
            ("legend", "isInside"),
            ("legend", "position"),
            ("legend", "verticalAlignment"),
            ("legend", "horizontalAlignment"),
        ),
        (*outside, *inside, (("inside", ABSENT), (True, "right", "top", "right"))),
    )


ROWS = (
    Choice(
        (("legend", "visibility"),),
        (("legend", "isVisible"), ("legend", "showSingleSeries")),
        (
            (("auto",), (True, ABSENT)),
            (("visible",), (True, True)),
            (("hidden",), (False, ABSENT)),
            ((ABSENT,), (True, ABSENT)),
            (("auto",), (True, False)),
            (("hidden",), (False, False)),
            (("hidden",), (False, True)),
        ),
    ),
    _legend_positions(),
    Row(("legend", "columns"), ("legend", "floatingColumns")),
    Row(("legend", "layout", "type"), ("legend", "layout"), words={"grid": ABSENT}),
    Row(("legend", "layout", "truncate", "enabled"), ("legend", "shouldTruncate")),
    Row(("legend", "layout", "truncate", "max_lines"), ("legend", "maxLines")),
    Row(("legend", "size"), ("legend", "legendSize"), words=LEGEND_SIZES),
    Row(("legend", "statistics"), ("legend", "legendStats"), words=STATISTICS),
    Row(("legend", "series_header", "text"), ("legend", "title")),
    Row(("legend", "series_header", "visible"), ("legend", "isTitleVisible")),
    Row(
        ("styling", "bars", "data_labels", "visible"),
        ("valueLabels",),
        words={True: "show", False: "hide"},
        unsaid="hide",
    ),
    Row(("styling", "bars", "minimum_height"), ("minBarHeight",)),
    Row(("styling", "areas", "fill_opacity"), ("fillOpacity",)),
    Row(
        ("styling", "points", "visibility"),
        ("pointVisibility",),
        words={"visible": "always", "hidden": "never"},
    ),
    Row(
        ("styling", "interpolation"),
        ("curveType",),
        words={"linear": "LINEAR", "smooth": "CURVE_MONOTONE_X", "stepped": "CURVE_STEP_AFTER"},
    ),
    Row(
        ("styling", "fitting", "type"),
        ("fittingFunction",),
        words={
            name: name.capitalize() for name in ("none", "zero", "linear", "carry", "lookahead", "average", "nearest")
        },
    ),
    Row(("styling", "fitting", "emphasize"), ("emphasizeFitting",)),
    Row(
        ("styling", "fitting", "extend"),
        ("endValue",),
        words={name: name.capitalize() for name in ("none", "zero", "nearest")},
    ),
    Row(
        ("styling", "overlays", "partial_buckets", "visible"),
        ("hideEndzones",),
        words={True: False, False: True},
    ),
    Row(("styling", "overlays", "current_time_marker", "visible"), ("showCurrentTimeMarker",)),
    *_axis("x", "x", "xTitle", "xExtent"),
    *_axis("y", "yLeft", "yTitle", "yLeftExtent"),
    *_axis("y2", "yRight", "yRightTitle", "yRightExtent"),
    Row(("axis", "y", "scale"), ("yLeftScale",)),
    Row(("axis", "y2", "scale"), ("yRightScale",)),
)
LAYER_ROWS = (
    Constant(("layerType",), "data"),
    Constant(("position",), "top"),
    Constant(("showGridlines",), False),
    Row(("type",), ("seriesType",), words=SERIES_TYPES),
    Row(("breakdown_by", "collapse_by"), ("collapseFn",)),
)
SERIES_ROWS = (Row(("axis",), ("axisMode",), words=AXIS_MODES),)
REFERENCE_LINE_ROWS = (
    Row(("axis",), ("axisMode",), words=AXIS_MODES, unsaid="left"),
    Row(("fill",), ("fill",)),
    Row(("icon",), ("icon",), words=ICONS),
    Row(("position",), ("iconPosition",)),
    Row(("stroke_width",), ("lineWidth",)),
    Row(("stroke_dash",), ("lineStyle",)),
    Row(("text", "visible"), ("textVisibility",)),
)


def xy_to_lens(chart: JsonObject, time_fields: Mapping[str, str]) -> LensChart:
    """Turn an as-code xy chart into Lens's `lnsXY`."""
    for layer_code in chart["layers"]:
        check_scale(chart, layer_code.get("x", {}))
    _check_domains(chart)
    _check_directions(chart)
    visualization = to_lens(ROWS, chart)
    if VALUES_IN_LEGEND in visualization["legend"].get("legendStats", ()):
        # The only statistic that 8.12 knows, under this name.
        visualization["valuesInLegend"] = True
    layers: list[Layer] = []
    states: list[JsonObject] = []
    annotated: dict[str, JsonObject] = {}
    for index, code in enumerate(chart["layers"]):
        name = _layer_name(code["type"], chart["layers"][:index])
        if code["type"] == "annotations":
            states.append(annotations_to_lens(f"layer_{name}", code))
            annotated[f"{REFERENCE}layer_{name}"] = code["data_source"]
            continue
        if "x" in code:
            code = {**code, "x": with_type_of_scale(chart, code["x"])}  # noqa: PLW2901
        layer = Layer.of(name, code, time_fields)
        layers.append(layer)
        at = ("layers", index)
        states.append(_reference_lines(layer, code, at) if "thresholds" in code else _series(layer, code, at))
    visualization["preferredSeriesType"] = next(
        (state["seriesType"] for state in states if "seriesType" in state), "bar_stacked"
    )
    visualization["layers"] = states
    return lens_chart("lnsXY", chart, visualization, layers, annotated)


def _check_domains(chart: JsonObject) -> None:
    for name, axis in chart.get("axis", {}).items():
        domain = axis.get("domain", {})
        if domain.get("type") == "custom" and domain["min"] >= domain["max"]:
            raise NotExpressible(
                ("axis", name, "domain"), f"an axis from {domain['min']} to {domain['max']} has no length"
            )


def _check_directions(chart: JsonObject) -> None:
    """Horizontal bars turn the whole chart: Kibana does not draw them beside anything upright."""
    series = [(index, layer["type"]) for index, layer in enumerate(chart["layers"]) if "y" in layer]
    lying = [kind.startswith("bar_horizontal") for _, kind in series]
    if any(lying) and not all(lying):
        index, kind = series[lying.index(not lying[0])]
        raise NotExpressible(
            ("layers", index, "type"), f"horizontal bars cannot stand beside upright layers: {series[0][1]} and {kind}"
        )


def _layer_name(kind: str, before: list[JsonObject]) -> str:
    number = sum(layer["type"] == kind for layer in before)
    return f"{kind}_{number + 1}" if number else kind


def _series(layer: Layer, code: JsonObject, at: Path) -> JsonObject:
    """Make a layer of lines, areas or bars.

    Which bucket column comes first decides what is counted inside what: the breakdown is the outer one unless
    `aggregate_first` says otherwise (seen in the requests of Kibana 8.12.2).
    """
    metrics = layer.add_metrics("y", code["y"], *at, "y")
    state: JsonObject = {"layerId": layer.id, "accessors": metrics}
    to_lens(LAYER_ROWS, code, state)
    breakdown = code.get("breakdown_by")
    order = [("breakdown_by", "breakdown", "splitAccessor"), ("x", "x", "xAccessor")]
    if breakdown is not None and breakdown.get("aggregate_first", False):
        order.reverse()
    for name, role, accessor in order:
        if name in code:
            state[accessor] = layer.add_bucket(role, code[name], metrics, *at, name)
    settings = [
        {"forAccessor": column_id, **said}
        for column_id, operation in zip(metrics, code["y"], strict=True)
        if (said := _drawn(SERIES_ROWS, operation))
    ]
    if settings:
        state["yConfig"] = settings
    if breakdown is not None and "color" in breakdown:
        state.update(color_mapping_to_lens(breakdown["color"]))
    return state


def _reference_lines(layer: Layer, code: JsonObject, at: Path) -> JsonObject:
    lines = layer.add_metrics("line", code["thresholds"], *at, "thresholds")
    return {
        "layerId": layer.id,
        "layerType": "referenceLine",
        "accessors": lines,
        "yConfig": [
            {"forAccessor": column_id, **_drawn(REFERENCE_LINE_ROWS, line)}
            for column_id, line in zip(lines, code["thresholds"], strict=True)
        ],
    }


def _drawn(rows: tuple[AnyRow, ...], operation: JsonObject) -> JsonObject:
    said = to_lens(rows, operation)
    if operation.get("color", {}).get("type") == "static":
        said["color"] = operation["color"]["color"]
    return said


def xy_from_lens(lens: LensState) -> JsonObject:
    """Turn Lens's `lnsXY` into an as-code xy chart."""
    layers = [_layer_from_lens(lens, state) for state in lens.visualization.get("layers", [])]
    chart = from_lens(ROWS, lens.visualization, {"type": "xy", **lens.shared(), "layers": layers})
    layout = chart.get("legend", {}).get("layout")
    if layout is not None:
        # Lens says how long the labels are without saying that they stand in a grid.
        layout.setdefault("type", "grid")
    for axis in chart.get("axis", {}).values():
        if "domain" in axis:
            # The whole range is what is meant without a word, but a domain that says anything says its type.
            axis["domain"].setdefault("type", "full")
    return chart


def _layer_from_lens(lens: LensState, state: JsonObject) -> JsonObject:
    if state.get("layerType") == "annotations":
        return annotations_from_lens(lens, state)
    layer_id = state.get("layerId", "")
    accessors = state.get("accessors") or []
    settings = {entry.get("forAccessor"): entry for entry in state.get("yConfig") or []}
    kind = state.get("layerType", "data")
    if kind not in ("data", "referenceLine"):
        raise UnsayableError(f"a layer of {kind}")
    if not accessors:
        raise UnsayableError("a layer that shows nothing")
    rows = SERIES_ROWS if kind == "data" else REFERENCE_LINE_ROWS
    series = []
    for column_id in accessors:
        operation = lens.operation(layer_id, column_id)
        from_lens(rows, settings.get(column_id, {}), operation)
        if settings.get(column_id, {}).get("color"):
            operation["color"] = {"type": "static", "color": settings[column_id]["color"]}
        series.append(operation)
    if kind == "referenceLine":
        return {"type": "reference_lines", **lens.of_layer(layer_id), "thresholds": series}
    layer = from_lens(LAYER_ROWS, state, {"type": "", **lens.of_layer(layer_id)})
    for name, accessor in (("x", "xAccessor"), ("breakdown_by", "splitAccessor")):
        if state.get(accessor):
            collapse = layer.pop(name, {})
            layer[name] = {**lens.operation(layer_id, state[accessor], accessors), **collapse}
    layer["y"] = series
    _breakdown_from_lens(lens.order(layer_id), state, layer)
    return layer


def _breakdown_from_lens(order: list[str], state: JsonObject, layer: JsonObject) -> None:
    breakdown = layer.get("breakdown_by")
    if breakdown is None:
        return
    x, split = state.get("xAccessor"), state["splitAccessor"]
    if x in order and split in order and order.index(x) < order.index(split):
        breakdown["aggregate_first"] = True
    if (color := color_from_lens(state, state)) is not None:
        breakdown["color"] = color
