"""What Kibana says in several shapes, in the one of 8.12: Lens's visualizations, before anybody reads them.

Each shape is one that Kibana itself takes for the same:

- what was called lnsMetric until 8.5 is lnsLegacyMetric, centred and with its title below unless it says otherwise
  (commonMigrateMetricIds of 8.5, commonLockOldMetricVisSettings of 8.3);
- values in the legend of an xy chart are one of its statistics since 8.15 (persistence.ts of Lens's xy);
- values inside bars are just values on bars since 8.3 (commonFixValueLabelsInXY);
- the numbers of a metric have an alignment each since 9.0, and the secondary's label another name (runtime_state of
  Lens's metric);
- a donut whose hole has no radius is a pie, and the groups and the metric of a pie have other names since 8.5
  (commonMigratePartitionChartGroups, commonMigratePartitionMetrics);
- a colour by its parts, as charts converted from TSVB have it, is the colour of that code;
- a palette by value without what Lens takes anyway (workoutColorForValue of Kibana's charts), and without the outer
  end of an open band, which is not looked at;
- annotations of before 8.5 leave the dashboard's filters out of account (commonEnrichAnnotationLayer);
- a layer of an xy chart that shows nothing is not drawn (validDataLayers of its to_expression);
- the rules of a colour mapping of 9.x are the one rule of 8.12, where they are raw texts or the rest;
- counted records have another name since 8.1, where Kibana renames them itself; a last value's filter for documents
  with its field may have the field in quotes or not (comparePreviousColumnFilter of Lens), and a fixed number that was
  a formula before keeps its text, which is not looked at (toExpression of static_value);
- operations have their names since 7.13 (commonRenameOperationsForFormula); before 8.2 a date histogram showed empty
  intervals and a last value all values (commonSetIncludeEmptyRowsDateHistogram, commonSetLastValueShowArrayValues), and
  a state that says nothing of it under the name that layers had until 8.5 is from before;
- whether a column of a table is a metric follows from what it computes; over ES|QL the table says it, or the column
  does (isMetricColumnESQL of Lens).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from kibana_builder.charts.columns import RECORDS, exists_filter
from kibana_builder.charts.legend import with_values_in_legend
from kibana_builder.json_tree import Json, JsonObject, same

__all__ = ["in_one_shape", "with_layers"]

_OLD_METRIC = {"titlePosition": "bottom", "textAlign": "center"}
_COLORS = ("color", "colorCode")
_RENAMED = {"avg": "average", "cardinality": "unique_count", "derivative": "differences"}
_SAID_BEFORE_8_2: JsonObject = {
    "date_histogram": {"includeEmptyRows": True},
    "last_value": {"showArrayValues": True},
}
_OF_FORMULAS = ("formula", "isFormulaBroken")
_RGB = re.compile(r"rgba?\((\d{1,3}), *(\d{1,3}), *(\d{1,3})(?:, *(0|1|0?\.\d+))?\)")


def in_one_shape(attributes: JsonObject) -> JsonObject:
    """Return the attributes of a Lens object, their visualization in the one shape; nothing handed in is touched.

    Attributes of another shape than Lens's come back as they are.
    """
    state = attributes.get("state")
    if not isinstance(state, dict) or not isinstance(state.get("visualization"), dict):
        return attributes
    visualization = _visualization(state["visualization"])
    result = {**attributes, "state": {**state, "visualization": visualization}}
    if isinstance(state.get("datasourceStates"), dict):
        sources = state["datasourceStates"].items()
        metrics = _metrics_of_a_table(visualization)
        result["state"]["datasourceStates"] = {
            kind: _source(source, metrics, _SAID_BEFORE_8_2 if kind == "indexpattern" else {})
            for kind, source in sources
        }
    if isinstance(visualization.get("columns"), list):
        visualization["columns"] = [_without_role(column) for column in visualization["columns"]]
    if attributes.get("visualizationType") == "lnsMetric" and visualization.keys() >= {"layerId", "accessor"}:
        result["visualizationType"] = "lnsLegacyMetric"
        result["state"]["visualization"] = {**_OLD_METRIC, **visualization}
    return _without_empty_layers(result)


def _without_empty_layers(attributes: JsonObject) -> JsonObject:
    """Leave out the layers of an xy chart that show nothing, beside one that shows something."""
    state: JsonObject = attributes["state"]
    layers = state["visualization"].get("layers")
    if attributes.get("visualizationType") != "lnsXY" or not isinstance(layers, list):
        return attributes
    empty = [layer for layer in layers if isinstance(layer, dict) and layer.get("accessors") == []]
    if not empty or not any(isinstance(layer, dict) and layer.get("accessors") for layer in layers):
        return attributes
    ids = [layer.get("layerId") for layer in empty]

    def left(of_source: JsonObject) -> JsonObject:
        return {key: layer for key, layer in of_source.items() if key not in ids}

    visualization = {**state["visualization"], "layers": [layer for layer in layers if layer not in empty]}
    sources = state.get("datasourceStates")
    if isinstance(sources, dict):
        sources = {kind: with_layers(source, left) for kind, source in sources.items()}
    return {**attributes, "state": {**state, "visualization": visualization, "datasourceStates": sources}}


def with_layers(source: Json, change: Callable[[JsonObject], JsonObject]) -> Json:
    """Return a data source with other layers, which `change` makes of its own; one that has none stays as it is."""
    layers = source.get("layers") if isinstance(source, dict) else None
    return {**source, "layers": change(layers)} if isinstance(layers, dict) else source


def _metrics_of_a_table(visualization: JsonObject) -> list[Json]:
    columns = visualization.get("columns")
    return [
        column.get("columnId")
        for column in (columns if isinstance(columns, list) else ())
        if isinstance(column, dict) and column.get("isMetric") is True
    ]


def _without_role(column: Json) -> Json:
    return {key: value for key, value in column.items() if key != "isMetric"} if isinstance(column, dict) else column


def _source(source: Json, metrics: list[Json], unsaid: JsonObject) -> Json:
    return with_layers(source, lambda layers: {key: _layer(layer, metrics, unsaid) for key, layer in layers.items()})


def _layer(layer: Json, metrics: list[Json], unsaid: JsonObject) -> Json:
    columns = layer.get("columns") if isinstance(layer, dict) else None
    if isinstance(layer, dict) and isinstance(columns, list) and metrics:
        return {**layer, "columns": [_metric_of_a_table(column, metrics) for column in columns]}
    if not isinstance(layer, dict) or not isinstance(columns, dict):
        return layer
    return {**layer, "columns": {column_id: _column(column, unsaid) for column_id, column in columns.items()}}


def _metric_of_a_table(column: Json, metrics: list[Json]) -> Json:
    is_metric = isinstance(column, dict) and column.get("columnId") in metrics
    return {**column, "inMetricDimension": True} if is_metric else column


def _column(column: Json, unsaid: JsonObject) -> Json:
    if not isinstance(column, dict):
        return column
    kind, field = column.get("operationType"), column.get("sourceField")
    if isinstance(kind, str) and kind in _RENAMED:
        return {**column, "operationType": _RENAMED[kind]}
    if isinstance(kind, str) and isinstance(column.get("params"), dict) and kind in _SAID_BEFORE_8_2:
        column = {**column, "params": {**unsaid.get(kind, {}), **column["params"]}}
    if kind == "count" and field == "Records":
        return {**column, "sourceField": RECORDS}
    if kind == "last_value" and column.get("filter") == {"query": f"{field}: *", "language": "kuery"}:
        return {**column, "filter": exists_filter(str(field))}
    if kind == "static_value" and "formula" in (column.get("params") or ()):
        params = {key: value for key, value in column["params"].items() if key not in _OF_FORMULAS}
        return {**{key: value for key, value in column.items() if key != "references"}, "params": params}
    return column


def _visualization(visualization: JsonObject) -> JsonObject:
    result: JsonObject = _with_color_codes(visualization)
    legend = result.get("legend")
    if result.get("valuesInLegend") is True and isinstance(legend, dict):
        del result["valuesInLegend"]
        result["legend"] = {**legend, "legendStats": with_values_in_legend(legend.get("legendStats"))}
    if result.get("valueLabels") == "inside":
        result["valueLabels"] = "show"
    if "valuesTextAlign" in result:
        align = result.pop("valuesTextAlign")
        result = {"primaryAlign": align, "secondaryAlign": align, **result}
    if "secondaryLabel" in result:
        result["secondaryPrefix"] = result.pop("secondaryLabel")
    layers = result.get("layers")
    if isinstance(layers, list):
        result["layers"] = layers = [_annotation_layer(layer) for layer in layers]
    if isinstance(result.get("shape"), str) and isinstance(layers, list) and all(isinstance(e, dict) for e in layers):
        result["layers"] = layers = [_pie_layer(layer) for layer in layers]
        if result["shape"] == "donut" and len(layers) == 1 and same(layers[0].get("emptySizeRatio"), 0):
            result["shape"] = "pie"
            del layers[0]["emptySizeRatio"]
    return result


def _annotation_layer(layer: Json) -> Json:
    if isinstance(layer, dict) and layer.get("layerType") == "annotations" and "annotations" in layer:
        return {"ignoreGlobalFilters": True, **layer}
    return layer


def _pie_layer(layer: JsonObject) -> JsonObject:
    layer = dict(layer)
    if "groups" in layer and "primaryGroups" not in layer:
        layer["primaryGroups"] = layer.pop("groups")
    if "metric" in layer and "metrics" not in layer:
        metric = layer.pop("metric")
        layer["metrics"] = [] if metric is None else [metric]
    return layer


def _color_code(color: str) -> str:
    """Write `rgba(101,50,148,1)` as `#653294`; what is written otherwise comes back as it is.

    An opacity is one of 256, as for a browser that draws it.
    """
    found = _RGB.fullmatch(color)
    if found is None:
        return color
    red, green, blue = (int(part) for part in found.groups()[:3])
    opacity = float(found[4] or 1)
    parts = (red, green, blue) if opacity == 1 else (red, green, blue, round(opacity * 255))
    return "#" + "".join(f"{part:02X}" for part in parts) if max(parts) < 256 else color


def _with_color_codes(value: Json) -> Json:
    """Walk a state: colours by their codes, palettes without what does not count, rules in the shape of 8.12."""
    if isinstance(value, list):
        return [_with_color_codes(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    result: JsonObject = {
        key: _color_code(entry) if key in _COLORS and isinstance(entry, str) else _with_color_codes(entry)
        for key, entry in value.items()
    }
    if isinstance(result.get("colorsByDimension"), dict):
        colors = result["colorsByDimension"].items()
        result["colorsByDimension"] = {key: _color_code(c) if isinstance(c, str) else c for key, c in colors}
    params = result.get("params")
    if result.get("type") == "palette" and isinstance(params, dict) and _are_stops(params.get("stops")):
        result["params"] = _palette_in_one_shape(result.get("name"), params)
    rules = result.get("rules")
    if isinstance(rules, list) and "rule" not in result and "color" in result:
        rule = _one_rule(rules)
        if rule is not None:
            del result["rules"]
            result["rule"] = rule
    return result


def _are_stops(value: Json) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(entry, dict) for entry in value)


def _palette_in_one_shape(name: Json, params: JsonObject) -> JsonObject:
    """Say what Lens takes where a palette by value says nothing, and leave out the ends that do not count.

    Defaults are those of Lens's `palette` expression (per cent of the data's range, open above); the lower bounds that
    its editor shows follow from the upper ones, which alone are drawn. Palettes from before 7.16 have neither.
    """
    params = {"name": name, "rangeType": "percent", "continuity": "above", **params}
    if params["continuity"] in ("above", "all") and isinstance(params.get("rangeMax", 0), int | float):
        params["rangeMax"] = None
    if params["continuity"] in ("below", "all") and isinstance(params.get("rangeMin", 0), int | float):
        params["rangeMin"] = None
    params = {"rangeMin": 0, **params}
    stops = params["stops"]
    if "colorStops" not in params:
        shifted = name != "custom" and stops[0].get("stop") == params["rangeMin"]
        starts = [entry.get("stop") for entry in (stops if shifted else stops[:-1])]
        params["colorStops"] = [
            {"color": entry.get("color"), "stop": start}
            for entry, start in zip(stops, starts if shifted else [params["rangeMin"], *starts], strict=True)
        ]
    if params.get("rangeMax", 0) is None:
        params["stops"] = _without_stop(stops, -1)
    if params["rangeMin"] is None and isinstance(params["colorStops"], list):
        params["colorStops"] = _without_stop(params["colorStops"], 0)
    return params


def _without_stop(stops: list[Json], index: int) -> list[Json]:
    result = list(stops)
    if result and isinstance(result[index], dict):
        result[index] = {key: value for key, value in result[index].items() if key != "stop"}
    return result


def _one_rule(rules: list[Json]) -> JsonObject | None:
    """Write the rules of 9.x as the one rule of 8.12, where they are raw texts or the rest."""
    if all(
        isinstance(rule, dict) and rule.get("type") == "raw" and isinstance(rule.get("value"), str) for rule in rules
    ):
        return {"type": "matchExactly", "values": [rule["value"] for rule in rules]}
    if len(rules) == 1 and rules[0] == {"type": "other"}:
        return {"type": "other"}
    return None
