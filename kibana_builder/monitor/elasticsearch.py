"""The figures of what lies in Elasticsearch: one search for all of them."""

from __future__ import annotations

from kibana_builder.elastic.client import LENIENT, Elastic, path_of
from kibana_builder.errors import ElasticRefused
from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.monitor.figures import Figures, Model, failure_of, number

__all__ = ["INDICES", "ask"]

INDICES = "ml-metrics-*"

# As figures.is_error says it.
_FAILED: JsonObject = {
    "bool": {
        "should": [
            {"term": {"error": True}},
            {"bool": {"filter": {"exists": {"field": "error_message"}}, "must_not": {"exists": {"field": "error"}}}},
        ]
    }
}
_LATENCY: JsonObject = {"percentiles": {"field": "inference_time_ms", "percents": [50, 95]}}
_NEWEST: JsonObject = {"max": {"field": "@timestamp"}}


def query(now: float, window: float, models: int, failures: int) -> JsonObject:
    """Make the body of the search, for the window that ends at `now` (epoch seconds)."""
    end, start = int(now * 1000), int((now - window) * 1000)
    return {
        "size": failures,
        "track_total_hits": True,
        "query": {"range": {"@timestamp": {"gt": start, "lte": end, "format": "epoch_millis"}}},
        "post_filter": _FAILED,
        "sort": [{"@timestamp": {"order": "desc", "unmapped_type": "date"}}],
        "_source": ["@timestamp", "model_name", "error_message"],
        "aggs": {
            "events": {"value_count": {"field": "@timestamp"}},
            "failed": {"filter": _FAILED},
            "latency": _LATENCY,
            "models": {
                "terms": {"field": "model_name", "size": models},
                "aggs": {
                    "failed": {"filter": _FAILED},
                    "latency": _LATENCY,
                    "confidence": {"avg": {"field": "prediction_confidence"}},
                },
            },
            "all": {"global": {}, "aggs": {"newest": _NEWEST}},
        },
    }


def ask(elastic: Elastic, now: float, window: float, *, models: int, failures: int) -> Figures:
    """Give the figures of the window that ends at `now`, of all indices or none. Raises ElasticError."""
    params = {**LENIENT, "allow_partial_search_results": False}
    body = query(now, window, models, failures)
    try:
        answer = elastic.request("POST", path_of(INDICES, "_search"), body=body, params=params)
    except ElasticRefused as error:
        if error.status != 400:
            raise
        hint = "Were its indices made before `kbuild templates apply`? `kbuild doctor dashboards` names the fields."
        raise ElasticRefused(f"{error}. {hint}", error.status, error.type) from None
    return read(answer, now, window)


def read(answer: JsonObject, now: float, window: float) -> Figures:
    """Read the answer; where no index matches, it has no aggregations."""
    found: JsonObject = answer.get("aggregations", {})
    newest = number(found.get("all", {}).get("newest", {}).get("value"))
    return Figures(
        end=now,
        window=window,
        events=found.get("events", {}).get("value", 0),
        errors=found.get("failed", {}).get("doc_count", 0),
        latency_p50=_percentile(found, "50.0"),
        latency_p95=_percentile(found, "95.0"),
        newest=None if newest is None else newest / 1000,
        models=tuple(_model(bucket) for bucket in found.get("models", {}).get("buckets", [])),
        failures=tuple(failure_of(hit["_source"]) for hit in answer["hits"]["hits"]),
    )


def _model(bucket: JsonObject) -> Model:
    return Model(
        name=str(bucket["key"]),
        events=bucket["doc_count"],
        errors=bucket["failed"]["doc_count"],
        confidence=number(bucket["confidence"].get("value")),
        latency_p95=_percentile(bucket, "95.0"),
    )


def _percentile(owner: Json, name: str) -> float | None:
    return number(owner.get("latency", {}).get("values", {}).get(name))
