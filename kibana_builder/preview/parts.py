"""Which operations of a chart are its buckets and its metrics, for each chart type of the vocabulary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.query import Unanswerable

__all__ = ["Part", "parts_of"]

Placed = tuple[tuple[str, JsonObject], ...]
"""Operations, each with its place in the chart (`metrics[1]`)."""


@dataclass(frozen=True)
class Part:
    """One table of a chart: what it groups by, from the outer to the inner, and what it computes."""

    said: JsonObject
    """The chart or layer that says where its data comes from."""
    buckets: Placed
    metrics: Placed
    pivots: tuple[str, ...] = ()
    """Buckets that become columns instead of rows."""
    order: tuple[str, ...] = ()
    """The buckets as the table shows them, where that is not the order in which they nest."""
    trend: bool = False
    """Whether the first metric is asked for over time besides."""


def parts_of(chart: JsonObject) -> list[Part | Unanswerable]:
    """Give the tables that a chart is made of, one for each layer. Raises Unanswerable for an unknown chart type."""
    if chart["type"] == "xy":
        return [_xy_layer(layer) for layer in chart["layers"]]
    find = _PARTS.get(chart["type"])
    if find is None:
        raise Unanswerable(f"kbuild answers no charts of the type {chart['type']}")
    return [find(chart)]


def _listed(chart: JsonObject, name: str) -> Placed:
    return tuple((f"{name}[{index}]", operation) for index, operation in enumerate(chart.get(name, ())))


def _named(chart: JsonObject, *names: str) -> Placed:
    return tuple((name, chart[name]) for name in names if name in chart)


def _xy_layer(layer: JsonObject) -> Part | Unanswerable:
    if "thresholds" in layer:
        return Part(layer, (), _listed(layer, "thresholds"))
    if layer.get("type") == "annotations":
        return Part(layer, (), ())
    if "y" not in layer:
        return Unanswerable(f"kbuild answers no layers of {layer.get('type', 'an unknown type')}")
    # The breakdown is the outer bucket unless it says otherwise (seen in the requests of Kibana 8.12.2).
    inner_first = layer.get("breakdown_by", {}).get("aggregate_first", False)
    names = ("x", "breakdown_by") if inner_first else ("breakdown_by", "x")
    return Part(layer, _named(layer, *names), _listed(layer, "y"), order=("x", "breakdown_by"))


def _gauge(chart: JsonObject) -> Part:
    metric: JsonObject = chart["metric"]
    return Part(chart, (), (("metric", metric), *_named(metric, "min", "max", "goal")))


def _metric(chart: JsonObject) -> Part:
    metrics = tuple((metric["type"], metric) for metric in chart["metrics"])
    background = chart["metrics"][0].get("background_chart", {})
    most = (("max_value", background["max_value"]),) if background.get("type") == "bar" else ()
    return Part(chart, _named(chart, "breakdown_by"), (*metrics, *most), trend=background.get("type") == "trend")


def _partition(chart: JsonObject) -> Part:
    metrics = _named(chart, "metric") if "metric" in chart else _listed(chart, "metrics")
    return Part(chart, (*_listed(chart, "group_by"), *_listed(chart, "group_breakdown_by")), metrics)


def _table(chart: JsonObject) -> Part:
    rows, splits = _listed(chart, "rows"), _listed(chart, "split_metrics_by")
    outer = tuple(one for one in splits if one[1].get("outermost", False))
    inner = tuple(one for one in splits if one not in outer)
    return Part(chart, (*outer, *rows, *inner), _listed(chart, "metrics"), pivots=tuple(place for place, _ in splits))


def _heatmap(chart: JsonObject) -> Part:
    names = ("y", "x") if chart.get("y", {}).get("outermost", False) else ("x", "y")
    return Part(chart, _named(chart, *names), _named(chart, "metric"), order=("x", "y"))


def _tag_cloud(chart: JsonObject) -> Part:
    return Part(chart, _named(chart, "tag_by"), _named(chart, "metric"))


def _legacy_metric(chart: JsonObject) -> Part:
    return Part(chart, (), _named(chart, "metric"))


def over_time(part: Part, time_field: str) -> Part:
    """Give what a trend line asks: the first metric by time, in each bucket of the part."""
    time = ("trend", {"operation": "date_histogram", "field": time_field})
    return replace(part, buckets=(*part.buckets, time), metrics=part.metrics[:1], trend=False)


_PARTS: dict[str, Callable[[JsonObject], Part]] = {
    "data_table": _table,
    "gauge": _gauge,
    "heatmap": _heatmap,
    "legacy_metric": _legacy_metric,
    "metric": _metric,
    "mosaic": _partition,
    "pie": _partition,
    "tag_cloud": _tag_cloud,
    "treemap": _partition,
    "waffle": _partition,
}
