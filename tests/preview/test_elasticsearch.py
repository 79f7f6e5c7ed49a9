"""A real Elasticsearch and DuckDB answer the same questions with the same numbers."""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Iterator
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kibana_builder.elastic.client import Elastic
from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.answer import Answer, PanelError, Table
from kibana_builder.preview.asking import Executor, Question, Source
from kibana_builder.preview.duckdb import DuckExecutor
from kibana_builder.preview.elasticsearch import ElasticExecutor
from kibana_builder.sandbox.events import Events
from tests.elastic.servers import URL, needs_elasticsearch
from tests.preview.gold_numbers import document, mapping
from tests.preview.odd_events import BEGIN, END, PROPERTIES, lines, odd_events, types
from tests.preview.random_panels import HOSTILE, Panels, hostile_events
from tests.shared_material import GOLD, needs_shared

pytestmark = [pytest.mark.integration, needs_elasticsearch]

SOURCE: JsonObject = {"type": "data_view_reference", "ref_id": "view"}
COUNT: JsonObject = {"operation": "count"}
AVERAGE: JsonObject = {"operation": "average", "field": "score"}


class Both:
    """The same events in both, and their two answers."""

    def __init__(self, elastic: Elastic, index: str, properties: JsonObject, events: list[bytes]) -> None:
        settings = {"number_of_shards": 1, "number_of_replicas": 0}
        body = {"settings": settings, "mappings": {"properties": properties}}
        elastic.request("PUT", f"/{index}", body=body)
        for at in range(0, len(events), 2000):
            bulk = b"".join(
                b'{"create":{"_index":"%s"}}\n%s\n' % (index.encode(), line) for line in events[at : at + 2000]
            )
            assert not elastic.bulk(bulk, params={"refresh": True})["errors"]
        self.store = Events(mappings={index: dict(types(properties))})
        self.store.append(index, events)
        self.executors: list[Executor] = [
            DuckExecutor(self.store, now_ms=lambda: END),
            ElasticExecutor(elastic),
        ]
        self.sources = [
            Source(index, "@timestamp", self.store.fields(index)),
            Source(index, "@timestamp", ElasticExecutor(elastic).fields(index)),
        ]

    def ask(self, chart: JsonObject, **settings: Any) -> tuple[Answer | PanelError, Answer | PanelError]:
        one, other = (
            executor.answer([Question(chart, dict.fromkeys(("view", "ml-metrics"), source), **settings)])[0]
            for executor, source in zip(self.executors, self.sources, strict=True)
        )
        return one, other


@pytest.fixture(scope="module")
def elastic() -> Iterator[Elastic]:
    with Elastic(URL) as client:
        yield client


def _both(elastic: Elastic, properties: JsonObject, events: list[bytes]) -> Iterator[Both]:
    index = f"kbuild-preview-{uuid.uuid4().hex[:12]}"
    try:
        both = Both(elastic, index, properties, events)
        yield both
        both.store.close()
    finally:
        elastic.request("DELETE", f"/{index}")


@pytest.fixture(scope="module")
def odd(elastic: Elastic) -> Iterator[Both]:
    yield from _both(elastic, PROPERTIES, lines(odd_events()))


@pytest.fixture(scope="module")
def hostile(elastic: Elastic) -> Iterator[Both]:
    yield from _both(elastic, HOSTILE, lines(hostile_events()))


@pytest.fixture(scope="module")
def gold(elastic: Elastic) -> Iterator[Both]:
    yield from _both(elastic, mapping(), (GOLD / "events.ndjson").read_bytes().splitlines())


def tables(answer: Answer | PanelError) -> list[Table]:
    assert isinstance(answer, Answer), answer
    return [layer for layer in answer.layers if isinstance(layer, Table)]


def same(one: Json, other: Json) -> bool:
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, bool) or isinstance(other, bool) or not isinstance(one, int | float):
        return one == other and type(one) is type(other)
    return isinstance(other, int | float) and math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


def assert_same(both: Both, chart: JsonObject, **settings: Any) -> None:
    one, other = both.ask(chart, **{"time_range": (BEGIN, END), **settings})
    assert tables(one), "nothing was answered"
    for mine, theirs in zip(tables(one), tables(other), strict=True):
        assert mine.columns == theirs.columns
        assert len(mine.rows) == len(theirs.rows)
        differing = [pair for pair in zip(mine.rows, theirs.rows, strict=True) if not same(*pair)]
        assert differing == []


# ------------------------------------------------------------------------------------------------------------- charts


def table(rows: list[JsonObject], *metrics: JsonObject, **more: Json) -> JsonObject:
    return {"type": "data_table", "data_source": SOURCE, "rows": rows, "metrics": list(metrics or (COUNT,)), **more}


def xy(x: JsonObject, *y: JsonObject, **more: Json) -> JsonObject:
    layer = {"type": "bar", "data_source": SOURCE, "x": x, "y": list(y or (COUNT,)), **more}
    return {"type": "xy", "layers": [layer]}


def terms(*fields: str, limit: int = 2, missing: bool = False, **more: Json) -> JsonObject:
    other = {"include_documents_without_field": missing}
    return {"operation": "terms", "fields": list(fields), "limit": limit, "other_bucket": other, **more}


def by(direction: str, **more: Json) -> JsonObject:
    return {"rank_by": {"type": "custom", "direction": direction, **more}}


def time(interval: str = "1h", **more: Json) -> JsonObject:
    return {"operation": "date_histogram", "field": "@timestamp", "suggested_interval": interval, **more}


def formula(text: str) -> JsonObject:
    return {"operation": "formula", "formula": text}


def kql(text: str) -> JsonObject:
    return {"expression": text}


FILTERS: JsonObject = {
    "operation": "filters",
    "filters": [{"filter": kql("code: 5*"), "label": "five"}, {"filter": kql("ok: true or not score > 30")}],
}
RANGES: JsonObject = {
    "operation": "range",
    "field": "score",
    "ranges": [{"lte": 20}, {"gt": 10, "lte": 50}, {"gt": 40}],
}
FIRST: JsonObject = {"type": "metric", "metric_index": 0, "direction": "asc"}

CHARTS: dict[str, JsonObject] = {
    "terms": table([terms("code")], COUNT, AVERAGE),
    "nested terms": table([terms("code"), terms("ok", limit=1), terms("address", limit=1)], COUNT, AVERAGE),
    "missing values": table([terms("code", limit=4, missing=True)]),
    "missing values beyond the limit": table([terms("code", limit=1, missing=True)]),
    "missing booleans": table([terms("ok", limit=1, missing=True)]),
    "missing numbers": table([terms("host.cores", limit=1, missing=True)]),
    "several values": table([terms("tags")], COUNT, AVERAGE),
    "several values, missing": table([terms("tags", limit=3, missing=True)]),
    "several values inside": table([terms("code"), terms("tags")]),
    "several values outside": table([terms("tags"), terms("code")]),
    "several fields": table([terms("code", "ok", limit=3)], COUNT, AVERAGE),
    "several fields around": table([terms("code", "host.name", limit=3), terms("address", limit=1)]),
    "several fields by a metric": table([terms("code", "ok", limit=3, rank_by=FIRST)], AVERAGE),
    "addresses": table([terms("address")]),
    "dates as terms": table([terms("since")]),
    "empty texts": table([terms("host.name")]),
    "numbers as terms": table([terms("total", limit=5)]),
    "by name": table([terms("code", rank_by={"type": "alphabetical", "direction": "desc"})]),
    "by a deviation": table([terms("code", **by("asc", operation="standard_deviation", field="score"))]),
    "by a fractional percentile": table(
        [terms("code", **by("desc", operation="percentile", percentile=99.9, field="score"))]
    ),
    "by a percentile": table([terms("code", **by("desc", operation="percentile", percentile=90, field="score"))]),
    "by unique values": table([terms("code", **by("asc", operation="unique_count", field="address"))]),
    "by a filtered count": table([terms("code", rank_by=FIRST)], {**COUNT, "filter": kql("ok: true")}),
    "by a filtered average": table([terms("code", rank_by=FIRST)], {**AVERAGE, "filter": kql("ok: true")}),
    "rare": table([{"operation": "terms", "fields": ["total"], "rank_by": {"type": "rare", "max": 1}}]),
    "included": table([terms("code", limit=5, includes={"values": ["5%", "A b"]})]),
    "excluded": table([terms("code", limit=1, excludes={"values": ["5%"]})]),
    "included by pattern": table([terms("code", limit=5, includes={"values": ["5.*", "x.+"], "as_regex": True})]),
    "excluded by pattern": table([terms("code", limit=1, excludes={"values": ["5.*"], "as_regex": True})]),
    "text by its keyword": table([terms("message.keyword", limit=3)]),
    "by time": xy(time(), COUNT, AVERAGE),
    "by time, in series": xy(time(), COUNT, breakdown_by=terms("code")),
    "series in each interval": xy(time("6h"), COUNT, breakdown_by={**terms("code", limit=1), "aggregate_first": True}),
    "short intervals": xy(time("1s"), COUNT),
    "no empty intervals": xy(time("30s", include_empty_rows=False), COUNT),
    "whole intervals only": xy(time("3h", drop_partial_intervals=True), COUNT),
    "weeks": xy(time("1w"), COUNT),
    "months": xy(time("1M"), COUNT),
    "odd intervals": xy(time("7m"), COUNT),
    "another date": xy({"operation": "date_histogram", "field": "since", "suggested_interval": "1d"}, COUNT),
    "numbers": xy({"operation": "histogram", "field": "score", "granularity": 5}, AVERAGE, breakdown_by=terms("ok")),
    "numbers of 32 bits": xy({"operation": "histogram", "field": "load"}, COUNT),
    "whole numbers": xy({"operation": "histogram", "field": "total", "granularity": 7}, COUNT),
    "ranges": xy(RANGES, AVERAGE, breakdown_by=terms("ok", limit=1)),
    "filters": xy(FILTERS, AVERAGE, breakdown_by=terms("ok", limit=1)),
    "terms in filters": table([FILTERS, terms("code", limit=1)]),
    "terms in ranges": table([RANGES, terms("code", limit=1)]),
    "terms in intervals": table([time("6h"), terms("code", limit=1)]),
    "split columns": table([terms("code", limit=3)], COUNT, AVERAGE, split_metrics_by=[terms("ok", limit=1)]),
    "folded series": xy(time("3h"), COUNT, breakdown_by={**terms("code"), "collapse_by": "max"}),
    "yesterday": xy(time(), COUNT, {**COUNT, "time_shift": "1d"}),
    "only yesterday": xy(time(), {**COUNT, "time_shift": "6h"}),
    "the time before": xy(time("auto"), COUNT, {**COUNT, "time_shift": "previous"}),
    "shifts of terms": table([terms("code")], COUNT, {**AVERAGE, "time_shift": "6h"}),
    "shifts of series": xy(time("2h"), COUNT, {**AVERAGE, "time_shift": "6h"}, breakdown_by=terms("code")),
    "shifts in intervals": xy(
        time("3h"), COUNT, {**AVERAGE, "time_shift": "6h"}, breakdown_by={**terms("code"), "aggregate_first": True}
    ),
    "the last hours": xy(
        time(), {**COUNT, "reduced_time_range": "3h"}, {**COUNT, "reduced_time_range": "3h", "time_shift": "1h"}
    ),
    "metrics": xy(
        time("3h"),
        *(
            {"operation": kind, "field": "score"}
            for kind in ("sum", "min", "max", "median", "standard_deviation", "count")
        ),
        {"operation": "percentile", "field": "score", "percentile": 90},
        {"operation": "percentile_rank", "field": "score", "rank": 40},
        {"operation": "unique_count", "field": "tags"},
        {"operation": "max", "field": "since"},
        *(
            {"operation": "last_value", "field": name, "time_field": "@timestamp"}
            for name in ("code", "ok", "since", "load")
        ),
    ),
    "last values that are several": xy(
        time("3h"),
        *(
            {"operation": "last_value", "field": name, "time_field": "@timestamp", "multi_value": True}
            for name in ("tags", "sizes", "code", "since")
        ),
    ),
    "no number at all": table([terms("tags", rank_by=FIRST)], {**AVERAGE, "filter": kql("tags: a")}),
    "many without a number": table([terms("total", limit=3, rank_by={**FIRST, "direction": "desc"})], AVERAGE),
    "empty filters inside": table([terms("code"), {**FILTERS, "filters": FILTERS["filters"][:1]}]),
    "an empty filter around": table(
        [{"operation": "filters", "filters": [{"filter": kql("code: none")}]}, time("6h"), FILTERS]
    ),
    "metrics of several values": table(
        [terms("code")],
        *({"operation": kind, "field": "sizes"} for kind in ("sum", "average", "min", "max", "count", "unique_count")),
    ),
    "formulas": xy(
        time("3h"),
        formula("count(kql='ok: true') / count()"),
        formula("count() - count(shift='3h')"),
        formula("count() / overall_max(count()) * 100"),
        formula("moving_average(average(score), window=3)"),
        formula("normalize_by_unit(sum(score), unit='m')"),
        formula("ifelse(count() > 5, round(average(score), 1), defaults(max(load), 0))"),
        formula("counter_rate(max(total))"),
        {"operation": "counter_rate", "field": "total"},
        {"operation": "cumulative_sum", "field": "score"},
        {**COUNT, "time_scale": "m"},
        breakdown_by=terms("ok", limit=1),
    ),
}

QUERIES = (
    *("message: refused", "message: Connection refused", 'message: "connection refused"', "message: refu*"),
    *("message: *", 'message: "User\'s"', "message: 3.14", "message: elastic", "message: refused memory*"),
    *('message: "out of memory"', "message.keyword: Connection*", "not message: refused"),
    *("tags: a", "tags: (a and b)", "not tags: a", "tags: *", "tags: b*", "sizes > 2", "sizes: 3"),
    *("sizes >= 2 and sizes < 3", "ok: true", "not ok: true", 'address: "10.0.0.1"', "address: 10.0.0.1", "load > 5"),
    *('since: "2026-11-01"', 'since >= "2026-11-02"', 'since < "2026-11-02"', 'since > "2026-11-02"'),
    'since <= "2026-11"',
    *('host.name: ""', "host.name: z\\*", "host.name: *", "host.*: 1", "host.cores: 2.5", "host: *"),
    *("items: {name: p and count > 2}", "items: {name: p} and items: {count: 0}"),
    *("not items: {name: p}", "items: {name: *}"),
    *('code: "5%"', "code: 5*", 'code: "5_0"', 'code: "a\\\\b"', "code: a\\\\*", "code: A b", 'code: "x:y"'),
    *(
        "refused",
        '"a"',
        "x*",
        '@timestamp >= "2026-11-23"',
        "@timestamp > now-10000d/d",
        "nothing: 1",
        "not nothing: *",
    ),
)

FILTER_DOCUMENTS: dict[str, JsonObject] = {
    "one of": {"type": "condition", "condition": {"field": "code", "operator": "is_one_of", "value": ["5%", "A b"]}},
    "a number": {"type": "condition", "condition": {"field": "host.cores", "operator": "is", "value": 2.5}},
    "a truth": {"type": "condition", "condition": {"field": "ok", "operator": "is", "value": False}},
    "a day": {"type": "condition", "condition": {"field": "since", "operator": "is", "value": "2026-11-01"}},
    "there": {"type": "condition", "negate": True, "condition": {"field": "tags", "operator": "exists"}},
    "a phrase": {"type": "condition", "condition": {"field": "message", "operator": "is", "value": "refused by"}},
    "a range of dates": {
        "type": "condition",
        "condition": {
            "field": "@timestamp",
            "operator": "range",
            "value": {"gte": "2026-11-23", "lt": "2026-11-23||+6h"},
        },
    },
    "a group": {
        "type": "group",
        "negate": True,
        "group": {
            "operator": "or",
            "conditions": [
                {"field": "code", "operator": "is", "value": "5%"},
                {
                    "operator": "and",
                    "conditions": [
                        {"field": "score", "operator": "range", "value": {"gte": 50}},
                        {"field": "tags", "operator": "is_one_of", "value": ["a"], "negate": True},
                    ],
                },
            ],
        },
    },
    "query DSL": {
        "type": "dsl",
        "dsl": {
            "query": {
                "bool": {
                    "should": [
                        {"terms": {"code": ["5%", "x:y"]}},
                        {"prefix": {"host.name": "z"}},
                        {"range": {"score": {"gte": 70}}},
                        {"match": {"message": {"query": "refused host", "operator": "and"}}},
                        {"wildcard": {"code": {"value": "A ?", "case_insensitive": True}}},
                    ],
                    "minimum_should_match": 2,
                }
            }
        },
    },
}


@pytest.mark.parametrize("name", sorted(CHARTS))
def test_charts(name: str, odd: Both) -> None:
    """Rows, their order and their numbers are the same, "Other" and missing values among them."""
    assert_same(odd, CHARTS[name])


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kathmandu", "America/St_Johns"])
@pytest.mark.parametrize("name", ["by time", "weeks", "months", "odd intervals", "whole intervals only", "yesterday"])
def test_time_zones(name: str, zone: str, odd: Both) -> None:
    """Intervals begin where the zone's clocks say."""
    assert_same(odd, CHARTS[name], zone=ZoneInfo(zone))


@pytest.mark.parametrize("seed", range(60))
def test_panels_at_random(seed: int, hostile: Both) -> None:
    """Over hostile events each layer has the same rows on both sides, or one of them says what it cannot answer."""
    panels = Panels(seed)
    for _ in range(2):
        chart, settings = panels.chart(), panels.settings()
        answers = hostile.ask(chart, **settings)
        assert all(isinstance(answer, Answer) for answer in answers), answers
        for mine, theirs in zip(*(answer.layers for answer in answers if isinstance(answer, Answer)), strict=True):
            if isinstance(mine, Table) and isinstance(theirs, Table):
                assert mine.columns == theirs.columns
                assert [same(*pair) for pair in zip(mine.rows, theirs.rows, strict=True)] == [True] * len(mine.rows)


@pytest.mark.parametrize("query", QUERIES)
def test_queries(query: str, odd: Both) -> None:
    """A KQL query finds the same events by SQL and by Elasticsearch's own queries."""
    assert_same(odd, {**table([terms("code", limit=10, missing=True)]), "query": kql(query)}, zone=UTC)


@pytest.mark.parametrize("name", sorted(FILTER_DOCUMENTS))
def test_filters(name: str, odd: Both) -> None:
    """So does a filter."""
    assert_same(odd, table([terms("code", limit=10, missing=True)]), filters=(FILTER_DOCUMENTS[name],))


def test_the_fields_are_the_same(odd: Both) -> None:
    """What a template says of fields is what Elasticsearch says of them."""
    mine, theirs = (source.fields for source in odd.sources)
    assert dict(mine) == dict(theirs)


def test_one_panel_that_elasticsearch_refuses_leaves_the_others(odd: Both) -> None:
    """Its words stand in that panel; the others are answered in the same call."""
    wrong = {**table([terms("code")]), "filters": [{"type": "dsl", "dsl": {"query": {"nonsense": {}}}}]}
    questions = [Question(chart, {"view": odd.sources[1]}, (BEGIN, END)) for chart in (CHARTS["terms"], wrong)]
    right, refused = odd.executors[1].answer(questions)
    assert tables(right)
    assert isinstance(refused, Answer)
    (layer,) = refused.layers
    assert isinstance(layer, PanelError)
    assert "nonsense" in layer.message


def test_a_value_that_is_none_is_an_error_in_words(odd: Both) -> None:
    """A text where a number is asked for makes an error on both sides, and no empty chart."""
    for answer in odd.ask({**table([terms("code")]), "query": kql("score: high")}, time_range=(BEGIN, END)):
        assert isinstance(answer, Answer)
        (layer,) = answer.layers
        assert isinstance(layer, PanelError)
        assert "high" in layer.message


def test_no_index_is_said(elastic: Elastic) -> None:
    """A pattern without an index is named in its panel."""
    executor = ElasticExecutor(elastic)
    assert executor.fields("kbuild-no-such-*") == {}
    source = Source("kbuild-no-such-*", "@timestamp", {})
    (answer,) = executor.answer([Question(table([terms("code")]), {"view": source}, (BEGIN, END))])
    assert isinstance(answer, Answer)
    assert answer.layers == (PanelError("Elasticsearch has no index kbuild-no-such-*"),)


def test_a_server_that_is_away_is_an_error_in_each_panel() -> None:
    """Nothing answers: every panel says so."""
    with Elastic("http://127.0.0.1:9") as nobody:
        source = Source("x", "@timestamp", {})
        (answer,) = ElasticExecutor(nobody).answer([Question(table([terms("code")]), {"view": source}, (BEGIN, END))])
    assert isinstance(answer, Answer)
    (layer,) = answer.layers
    assert isinstance(layer, PanelError)
    assert "refused" in layer.message


GOLD_CHARTS = sorted(
    path.stem
    for path in (GOLD / "as_code").glob("*.json")
    if "dashboard" not in path.name and json.loads(path.read_bytes())["type"] != "markdown"
)


@needs_shared
@pytest.mark.parametrize("name", GOLD_CHARTS)
def test_the_gold_panels(name: str, gold: Both) -> None:
    """Every panel that Kibana drew has the same numbers from Elasticsearch as from DuckDB, which are Kibana's."""
    assert_same(gold, document(name))
