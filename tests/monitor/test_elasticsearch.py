"""Figures of what lies in Elasticsearch."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kibana_builder.elastic.client import Elastic
from kibana_builder.errors import ElasticRefused
from kibana_builder.monitor.elasticsearch import ask, read
from kibana_builder.monitor.figures import Figures
from kibana_builder.monitor.window import Window
from tests.elastic.servers import URL, URL_8, needs_elasticsearch, needs_elasticsearch_8

# A minute that nobody else writes into.
END = datetime(1999, 12, 31, 12, 0, tzinfo=UTC)
INDEX = "ml-metrics-1999.12.31"


def event(seconds_ago: int, **more: Any) -> dict[str, Any]:
    time = (END - timedelta(seconds=seconds_ago)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"@timestamp": time, "type": "model_inference", "model_name": "a", "request_id": f"m{seconds_ago}"} | more


EVENTS = [
    event(0, inference_time_ms=10.0, prediction_confidence=0.9),
    event(5, inference_time_ms=20.0, prediction_confidence=0.7, error=False, error_message="a word"),
    event(10, inference_time_ms=30.0, error=True, error_message="inference timed out"),
    event(20, model_name="b", error_message="connection refused"),
    event(60, model_name="too old", error=True, error_message="too old"),
]


def test_no_index_no_figures() -> None:
    """An answer without aggregations is an empty window."""
    assert read({"hits": {"hits": []}}, 7.0, 60.0) == Figures(7.0, 60.0)


def real(url: str) -> Iterator[Elastic]:
    lines = [line for one in EVENTS for line in ({"index": {"_id": one["request_id"]}}, one)]
    with Elastic(url) as elastic:
        elastic.request("DELETE", f"/{INDEX}", params={"ignore_unavailable": True})
        # Without the templates of whoever else uses this server: by mappings of its own.
        fields = {"model_name": {"type": "keyword"}, "error": {"type": "boolean"}, "@timestamp": {"type": "date"}}
        fields |= {name: {"type": "double"} for name in ("inference_time_ms", "prediction_confidence")}
        body = {"mappings": {"properties": fields}}
        elastic.request("PUT", f"/{INDEX}", body=body)
        text = "".join(json.dumps(line) + "\n" for line in lines)
        answer = elastic.bulk(
            text.replace('{"index": {', f'{{"index": {{"_index": "{INDEX}", ').encode(),
            params={"refresh": True, "pipeline": "_none"},
        )
        assert answer["errors"] is False
        yield elastic
        elastic.request("DELETE", f"/{INDEX}")


@pytest.fixture
def nine() -> Iterator[Elastic]:
    yield from real(URL)


@pytest.fixture
def eight() -> Iterator[Elastic]:
    yield from real(URL_8)


def check(elastic: Elastic) -> None:
    """Elasticsearch counts as the window of lines does."""
    found = ask(elastic, END.timestamp(), 60, models=5, failures=5)
    window = Window(60)
    window.add([json.dumps(one).encode() for one in EVENTS], 0)
    counted = window.figures(0, models=5, failures=5)
    assert (found.events, found.errors, found.latency_p50) == (4, 2, 20)
    for name in ("events", "errors", "latency_p50", "failures"):
        assert getattr(found, name) == getattr(counted, name), name
    assert [model.name for model in found.models] == ["a", "b"]
    assert found.models[0].confidence == pytest.approx(0.8)
    assert (found.models[1].errors, found.models[1].confidence) == (1, None)
    assert [failure.message for failure in found.failures] == ["inference timed out", "connection refused"]
    assert found.newest is not None
    assert found.newest >= END.timestamp()
    assert ask(elastic, END.timestamp() - 1e6, 60, models=5, failures=5).events == 0


@pytest.mark.integration
@needs_elasticsearch
def test_one_search_gives_all_figures(nine: Elastic) -> None:
    """On Elasticsearch 9."""
    check(nine)


@pytest.mark.integration
@needs_elasticsearch
def test_an_index_with_other_types_is_no_part_of_the_truth(nine: Elastic) -> None:
    """One whose model_name is text makes the search fail, with what to do; the rest alone would be wrong numbers."""
    other = "/ml-metrics-1999.12.30"
    event = {"@timestamp": END.isoformat(), "model_name": "a"}
    try:
        nine.request("PUT", other, body={"mappings": {"properties": {"model_name": {"type": "text"}}}})
        nine.request("POST", f"{other}/_doc", body=event, params={"refresh": True, "pipeline": "_none"})
        with pytest.raises(ElasticRefused, match="kbuild templates apply"):
            ask(nine, END.timestamp(), 60, models=5, failures=5)
    finally:
        nine.request("DELETE", other, params={"ignore_unavailable": True})


@pytest.mark.integration
@needs_elasticsearch_8
def test_one_search_gives_all_figures_on_8(eight: Elastic) -> None:
    """On Elasticsearch 8."""
    check(eight)
