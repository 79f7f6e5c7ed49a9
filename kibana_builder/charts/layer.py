"""One layer of a Lens chart while it is made: its columns, their ids, and where its data comes from."""

from __future__ import annotations

import re
import uuid
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from kibana_builder.charts.columns import bucket_column, metric_columns, operation_from_columns
from kibana_builder.charts.esql import esql_layer, index_pattern_of, operation_from_value, value_column
from kibana_builder.charts.field_settings import field_settings_from_lens, field_settings_to_lens
from kibana_builder.charts.filters import from_kibana_query, from_lens_filters, to_kibana_query, to_lens_filters
from kibana_builder.charts.mapping import UnsayableError
from kibana_builder.charts.one_shape import in_one_shape
from kibana_builder.json_tree import JsonObject, compact_sorted
from kibana_builder.problem import NotExpressible

# Before a layer's id, in the name of the reference to its data view.
LAYER_REFERENCE = "indexpattern-datasource-layer-"
ESQL_LAYER_REFERENCE = "textBasedLanguages-datasource-layer-"

AD_HOC_DATA_VIEWS = uuid.UUID("6a4f2d6e-61c6-5e9c-9d3c-0f5f6f1f7a55")


@dataclass(frozen=True, slots=True)
class LensChart:
    """A chart as Lens keeps it: the attributes of a `lens` object and the references beside them."""

    attributes: JsonObject
    references: list[JsonObject]


@dataclass(slots=True)
class Layer:
    """The columns of one layer.

    Ids come from what a column is for and what it computes, never from chance; they begin with the layer's own, so
    that none is an ordinary word that could stand in the state for itself.
    """

    id: str
    source: JsonObject
    time_field: str
    sampling: float = 1
    ignore_global_filters: bool = False
    link_to: tuple[str, ...] = ()
    buckets: dict[str, JsonObject] = field(default_factory=dict)
    metrics: dict[str, JsonObject] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, chart: JsonObject, time_fields: Mapping[str, str]) -> Layer:
        """Begin a layer with the data source and settings that the as-code chart or layer `chart` says.

        `time_fields` gives the time field of each data view id.
        """
        source = chart["data_source"]
        return cls(
            f"layer_{name}",
            source,
            source.get("time_field") or time_fields.get(source.get("ref_id", ""), "@timestamp"),
            chart.get("sampling", 1),
            chart.get("ignore_global_filters", False),
        )

    def add_metric(self, role: str, operation: JsonObject, *at: str | int) -> str:
        """Add the column (or columns) of a metric operation and return the id of the one that a chart shows.

        `at` is the operation's path in the chart: a NotExpressible names the property from there.
        """
        column_id = self._free_id(role)
        try:
            self._demand_one_source(operation)
            if "column" in operation:
                self.metrics[column_id] = value_column(column_id, operation, "number")
            else:
                self.metrics.update(metric_columns(column_id, operation, self.time_field))
        except NotExpressible as error:
            raise error.below(*at) from None
        return column_id

    def add_metrics(self, role: str, operations: Sequence[JsonObject], *at: str | int) -> list[str]:
        """Add metrics of a list; ids carry what is computed, so that the order of different ones changes none."""
        return [
            self.add_metric(f"{role}_{computes(operation)}", operation, *at, index)
            for index, operation in enumerate(operations)
        ]

    def add_bucket(self, role: str, operation: JsonObject, metric_ids: Sequence[str], *at: str | int) -> str:
        """Add the column of a bucket operation, behind the buckets that are there, and return its id."""
        column_id = self._free_id(role)
        try:
            self._demand_one_source(operation)
            if "column" in operation:
                self.buckets[column_id] = value_column(column_id, operation, "string")
            else:
                self.buckets[column_id] = bucket_column(operation, metric_ids, self._computed())
        except NotExpressible as error:
            raise error.below(*at) from None
        return column_id

    def _demand_one_source(self, operation: JsonObject) -> None:
        over_esql = self.source["type"] == "esql"
        if over_esql and "column" not in operation:
            raise NotExpressible((), "a chart over ES|QL shows columns of its query: say {column: …}")
        if not over_esql and "column" in operation:
            raise NotExpressible(
                ("column",), "only a chart over ES|QL (data_source: {type: esql, query: …}) has columns"
            )
        for name in ("aggregate_first", "outermost"):
            if over_esql and operation.get(name):
                raise NotExpressible((name,), "an ES|QL query says itself what is computed inside what")

    def _computed(self) -> set[str]:
        """Name the metrics that Kibana computes itself, from other columns or from a fixed number."""
        return {column_id for column_id, column in self.metrics.items() if "references" in column}

    def _free_id(self, role: str) -> str:
        return free_id(f"{self.id}_{role}", self.metrics.keys() | self.buckets.keys())

    def to_lens(self) -> JsonObject:
        """Return the layer as it stands under `datasourceStates.formBased.layers`, or `textBased` for ES|QL."""
        columns = {**self.buckets, **self.metrics}
        if self.source["type"] == "esql":
            ignored = {"ignoreGlobalFilters": True} if self.ignore_global_filters else {}
            return esql_layer(self.source, _ad_hoc_data_view(self.source)["id"], columns.values()) | ignored
        layer: JsonObject = {
            "columns": columns,
            "columnOrder": list(columns),
            "incompleteColumns": {},
            "sampling": self.sampling,
            "ignoreGlobalFilters": self.ignore_global_filters,
        }
        if self.link_to:
            layer["linkToLayers"] = list(self.link_to)
        return layer


def computes(operation: JsonObject) -> str:
    """Name what an operation computes, for an id: `average_cpu_usage`, `formula_error_rate`."""
    if "column" in operation:
        return f"column_{slug(operation['column'])}"
    kind = operation["operation"]
    if kind == "formula":
        return f"{kind}_{slug(operation.get('label') or operation['formula'])}"
    if kind == "terms":
        return f"{kind}_{'_'.join(map(slug, operation['fields']))}"
    parts = [kind]
    if kind in ("percentile", "percentile_rank"):
        parts.append(slug(str(operation.get("percentile", operation.get("rank", "")))))
    if "of" in operation:
        parts.append(computes(operation["of"]))
    if "field" in operation:
        parts.append(slug(operation["field"]))
    return "_".join(part for part in parts if part)


def free_id(name: str, taken: Container[str]) -> str:
    """Return the name, or with the first number from 2 that makes it one of its own."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free


@lru_cache(maxsize=4096)
def slug(text: str) -> str:
    """Reduce a text to small ASCII letters, digits and `_`, at most 60 of them."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:60].strip("_")


def lens_chart(
    kind: str,
    chart: JsonObject,
    visualization: JsonObject,
    layers: Sequence[Layer],
    others: Mapping[str, JsonObject] | None = None,
) -> LensChart:
    """Put a chart together: `kind` is Lens's name of it (lnsXY), `visualization` its own state over `layers`.

    `others` are data sources that the visualization asks itself, by the names of their references.
    A data view that is named by its index pattern alone becomes an ad-hoc data view inside the state.
    """
    references: list[JsonObject] = []
    internal: list[JsonObject] = []
    ad_hoc: JsonObject = {}
    over_esql = _demand_one_kind(chart, layers, others or {})
    prefix = ESQL_LAYER_REFERENCE if over_esql else LAYER_REFERENCE
    sources = {f"{prefix}{layer.id}": layer.source for layer in layers} | dict(others or {})
    for name, source in sources.items():
        if source["type"] == "data_view_reference":
            references.append({"type": "index-pattern", "id": source["ref_id"], "name": name})
        else:
            data_view = _ad_hoc_data_view(source)
            ad_hoc[data_view["id"]] = data_view
            internal.append({"type": "index-pattern", "id": data_view["id"], "name": name})
    filters, filter_references = to_lens_filters(chart.get("filters", []))
    # Kibana's migrations of 8.x look for all three; without them they fail.
    states: JsonObject = {"formBased": {"layers": {}}, "indexpattern": {"layers": {}}, "textBased": {"layers": {}}}
    states["textBased" if over_esql else "formBased"]["layers"] = {layer.id: layer.to_lens() for layer in layers}
    state = {
        "visualization": visualization,
        "query": {"esql": layers[0].source["query"]} if over_esql else to_kibana_query(chart.get("query")),
        "filters": filters,
        "datasourceStates": states,
        "internalReferences": internal,
        "adHocDataViews": ad_hoc,
    }
    attributes = {
        "title": chart.get("title", ""),
        "description": chart.get("description", ""),
        "visualizationType": kind,
        "state": state,
    }
    return LensChart(attributes, references + filter_references)


def _demand_one_kind(chart: JsonObject, layers: Sequence[Layer], others: Mapping[str, JsonObject]) -> bool:
    """Tell a chart over ES|QL. Raises NotExpressible for one that is so in part, or says what such a one cannot."""
    over_esql = [layer.source["type"] == "esql" for layer in layers]
    if not any(over_esql):
        return False
    if others or not all(over_esql):
        raise NotExpressible(("layers",), "a chart over ES|QL has no layer over a data view, and no annotations")
    if "query" in chart:
        raise NotExpressible(("query",), "an ES|QL query says itself which documents count")
    if any(layer.sampling != 1 for layer in layers):
        raise NotExpressible(("sampling",), "Kibana asks an ES|QL query for all documents")
    return True


def _ad_hoc_data_view(source: JsonObject) -> JsonObject:
    over_esql = source["type"] == "esql"
    pattern = index_pattern_of(source["query"]) if over_esql else source["index_pattern"]
    time_field = source.get("time_field")
    # What one chart may have side by side has to differ in its id.
    more = {key: source[key] for key in ("allow_no_index", "field_settings", "name") if key in source}
    seed = f"{pattern}\n{time_field or ''}" + (f"\n{compact_sorted(more)}" if more else "")
    data_view: JsonObject = {
        "id": str(uuid.uuid5(AD_HOC_DATA_VIEWS, seed)),
        "title": pattern,
        "name": source.get("name", pattern),
        "sourceFilters": [],
        **field_settings_to_lens(source.get("field_settings", {})),
        "allowNoIndex": source.get("allow_no_index", False),
    }
    if time_field:
        data_view["timeFieldName"] = time_field
    if over_esql:
        data_view |= {"id": f"{data_view['id']}-esql", "type": "esql"}
    return data_view


class LensState:
    """The state of a Lens chart while it is read: its layers, their columns and where their data comes from."""

    def __init__(self, attributes: JsonObject, references: Sequence[JsonObject]) -> None:
        attributes = in_one_shape(attributes)
        state: JsonObject = attributes.get("state", {})
        self.attributes = attributes
        self.visualization: JsonObject = state.get("visualization", {})
        self.filters: list[JsonObject] = state.get("filters", [])
        self.query: JsonObject = state.get("query", {})
        self.references = list(references)
        self.ad_hoc: JsonObject = state.get("adHocDataViews") or {}
        self.internal: list[JsonObject] = state.get("internalReferences") or []
        sources: JsonObject = state.get("datasourceStates", {})
        # Until 8.5 the layers made of fields stood under another name.
        self.layers: JsonObject = {
            **sources.get("indexpattern", {}).get("layers", {}),
            **sources.get("formBased", {}).get("layers", {}),
        }
        texts: JsonObject = (sources.get("textBased") or {}).get("layers") or {}
        self.layers |= {layer_id: _as_if_of_fields(layer) for layer_id, layer in texts.items()}

    def layer(self, layer_id: str | None) -> JsonObject:
        """Return the layer of that id; one of ES|QL in the shape of the others. Raises UnsayableError without one."""
        if layer_id not in self.layers:
            raise UnsayableError("a layer that is not there")
        layer: JsonObject = self.layers[layer_id]
        return layer

    def operation(self, layer_id: str, column_id: str, metric_ids: Sequence[str] | None = None) -> JsonObject:
        """Return the operation of one column of one layer.

        A bucket is read with the metrics of the chart, which it may refer to.
        """
        column = self.layer(layer_id).get("columns", {}).get(column_id, {})
        if "fieldName" in column:
            is_metric = metric_ids is None or column_id in metric_ids
            return operation_from_value(column, "number" if is_metric else "string")
        return operation_from_columns(self.layer(layer_id).get("columns", {}), column_id, metric_ids or ())

    def order(self, layer_id: str) -> list[str]:
        """Return the columns of a layer in the order in which they are computed inside each other.

        The columns of ES|QL are not, so of those there are none.
        """
        layer = self.layer(layer_id)
        order: list[str] = [] if "esql" in layer else layer.get("columnOrder", [])
        return order

    def of_layer(self, layer_id: str) -> JsonObject:
        """Return what a chart or layer says of its data: `data_source`, `sampling`, `ignore_global_filters`."""
        layer = self.layer(layer_id)
        said: JsonObject = {"data_source": layer.get("esql") or self.data_source(f"{LAYER_REFERENCE}{layer_id}")}
        if layer.get("sampling", 1) != 1:
            said["sampling"] = layer["sampling"]
        if layer.get("ignoreGlobalFilters", False):
            said["ignore_global_filters"] = True
        return said

    def data_source(self, name: str) -> JsonObject:
        """Return the data source that the reference of that name leads to. Raises UnsayableError without one."""
        for reference in self.references:
            if reference.get("name") == name:
                return {"type": "data_view_reference", "ref_id": reference["id"]}
        for reference in self.internal:
            if reference.get("name") == name and reference.get("id") in self.ad_hoc:
                data_view = self.ad_hoc[reference["id"]]
                source = {"type": "data_view_spec", "index_pattern": data_view.get("title")}
                if data_view.get("timeFieldName"):
                    source["time_field"] = data_view["timeFieldName"]
                if data_view.get("allowNoIndex"):
                    source["allow_no_index"] = True
                if data_view.get("name") not in (data_view.get("title"), "", None):
                    source["name"] = data_view["name"]
                if settings := field_settings_from_lens(data_view):
                    source["field_settings"] = settings
                return source
        raise UnsayableError("a layer without a data view")

    def shared(self) -> JsonObject:
        """Return what every chart can say beside its own: title, description, query, filters."""
        said: JsonObject = {}
        for name in ("title", "description"):
            if self.attributes.get(name):
                said[name] = self.attributes[name]
        if self.query.get("query"):
            said["query"] = from_kibana_query(self.query)
        if self.filters:
            said["filters"] = from_lens_filters(self.filters, self.references)
        return said


def _as_if_of_fields(layer: JsonObject) -> JsonObject:
    """Give a layer of ES|QL the shape of those made of fields; `esql` is its data source."""
    columns = {column["columnId"]: column for column in layer["columns"]}
    source = {"type": "esql", "query": layer["query"]["esql"]}
    if layer.get("timeField"):
        source["time_field"] = layer["timeField"]
    return {
        "esql": source,
        "columnOrder": list(columns),
        "columns": {
            key: {**column, "isBucketed": not column.get("inMetricDimension")} for key, column in columns.items()
        },
        "ignoreGlobalFilters": layer.get("ignoreGlobalFilters", False),
    }
