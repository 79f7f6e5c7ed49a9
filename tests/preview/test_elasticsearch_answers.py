"""What is asked of Elasticsearch in how many calls, and what its answers become, over real HTTP with answers made here.

A server that has the aggregations `top_metrics` and `multi_terms` is not at hand: their answers are as recorded.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from kibana_builder.elastic.client import Elastic
from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.kql import FieldType
from kibana_builder.preview.answer import Answer, PanelError, Table
from kibana_builder.preview.asking import Question, Source
from kibana_builder.preview.elasticsearch import FIELDS_SECONDS, ElasticExecutor
from tests.elastic.pretended import pretended

RANGE = (1_795_362_180_000, 1_795_448_580_000)
FIELDS = {"t": FieldType("date"), "k": FieldType("keyword"), "j": FieldType("boolean"), "n": FieldType("double")}
VIEW: JsonObject = {"type": "data_view_reference", "ref_id": "view"}


class Server:
    """Gives the answers that it is given, and keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, JsonObject]] = []
        self.asked: list[list[JsonObject]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                assert self.headers["content-type"] == "application/x-ndjson"
                lines = [json.loads(line) for line in body.splitlines()]
                outer.asked.append(lines[1::2])
                status, answer = outer.answers.pop(0)
                data = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("x-elastic-product", "Elasticsearch")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def give(self, *responses: JsonObject) -> None:
        self.answers.append((200, {"responses": list(responses)}))

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture
def executor(server: Server) -> Iterator[ElasticExecutor]:
    with Elastic(server.url) as elastic:
        yield ElasticExecutor(elastic)


def came(aggregations: JsonObject | None = None, total: int = 10, **more: Json) -> JsonObject:
    shards = {"total": 1, "failed": 0}
    return {"hits": {"total": {"value": total}}, "_shards": shards, "aggregations": aggregations or {}, **more}


def question(chart: JsonObject) -> Question:
    return Question(chart, {"view": Source("logs-*", "t", FIELDS)}, RANGE)


def table(rows: list[JsonObject], *metrics: JsonObject) -> JsonObject:
    metrics = metrics or ({"operation": "count"},)
    return {"type": "data_table", "data_source": VIEW, "rows": rows, "metrics": list(metrics)}


def terms(*fields: str, other: bool = False) -> JsonObject:
    said: JsonObject = {"operation": "terms", "fields": list(fields), "limit": 2}
    return said | ({"other_bucket": {"include_documents_without_field": False}} if other else {})


def rows(answer: Answer | PanelError) -> list[tuple[Json, ...]]:
    assert isinstance(answer, Answer), answer
    (layer,) = answer.layers
    assert isinstance(layer, Table), layer
    return list(layer.rows)


def why_not(answer: Answer | PanelError) -> str:
    assert isinstance(answer, Answer)
    (layer,) = answer.layers
    assert isinstance(layer, PanelError)
    return layer.message


def test_all_panels_are_asked_in_one_call(server: Server, executor: ElasticExecutor) -> None:
    """What "Other" needs is asked for in a second one, for all panels together."""
    left = {"buckets": [{"key": "a", "doc_count": 6}], "sum_other_doc_count": 4}
    server.give(came({"b0": left}), came(total=7), came({"b0": left}))
    others = came({"other": {"buckets": {"0": {"doc_count": 4}}}})
    server.give(others, others)
    charts = [table([terms("k", other=True)]), table([]), table([terms("k", other=True)])]
    answers = executor.answer([question(chart) for chart in charts])
    assert [len(bodies) for bodies in server.asked] == [3, 2]
    assert [rows(answer) for answer in answers] == [[("a", 6), ("Other", 4)], [(7,)], [("a", 6), ("Other", 4)]]
    filters = server.asked[1][0]["aggs"]["other"]["filters"]["filters"]
    assert filters["0"]["bool"]["filter"] == [
        {"bool": {"filter": [{"exists": {"field": "k"}}], "must_not": [{"term": {"k": {"value": "a"}}}]}}
    ]
    answer = answers[0]
    assert isinstance(answer, Answer)
    assert [len(searches) for searches in answer.request] == [2]


def test_other_inside_an_interval_of_numbers(server: Server, executor: ElasticExecutor) -> None:
    """It is asked for between the ends of the interval."""
    server.give(came({"min": {"value": 0.0}, "max": {"value": 8.0}}))
    left = {"buckets": [{"key": "a", "doc_count": 6}], "sum_other_doc_count": 4}
    server.give(came({"b0": {"buckets": [{"key": 4.0, "doc_count": 10, "b1": left}]}}))
    server.give(came({"other": {"buckets": {"0": {"doc_count": 4}}}}))
    numbers = {"operation": "histogram", "field": "n", "granularity": 4, "include_empty_rows": False}
    (answer,) = executor.answer([question(table([numbers, terms("k", other=True)]))])
    assert rows(answer) == [(4.0, "a", 6), (4.0, "Other", 4)]
    filters = server.asked[2][0]["aggs"]["other"]["filters"]["filters"]
    width = server.asked[1][0]["aggs"]["b0"]["histogram"]["interval"]
    assert filters["0"]["bool"]["filter"][0] == {"range": {"n": {"gte": 4.0, "lt": 4.0 + width}}}


def test_last_values_by_top_metrics(server: Server, executor: ElasticExecutor) -> None:
    """The answer is as Kibana recorded it: the newest value, or none."""
    top = {"top": [{"sort": [1], "metrics": {"n": 0.9303}}]}
    buckets = [
        {"key": "a", "doc_count": 2, "m0": {"doc_count": 2, "v": top}},
        {"key": "b", "doc_count": 1, "m0": {"doc_count": 0, "v": {"top": []}}},
    ]
    server.give(came({"b0": {"buckets": buckets, "sum_other_doc_count": 0}}))
    last = {"operation": "last_value", "field": "n", "time_field": "t"}
    (answer,) = executor.answer([question(table([terms("k")], last))])
    assert rows(answer) == [("a", 0.9303), ("b", None)]
    asked = server.asked[0][0]["aggs"]["b0"]["aggs"]["m0"]
    assert asked["aggs"]["v"] == {"top_metrics": {"metrics": {"field": "n"}, "size": 1, "sort": {"t": "desc"}}}


def test_several_fields_by_multi_terms(server: Server, executor: ElasticExecutor) -> None:
    """Keys come as lists; a truth among them as a number."""
    buckets = [{"key": ["a", 1], "key_as_string": "a|true", "doc_count": 6}]
    server.give(came({"b0": {"buckets": buckets, "sum_other_doc_count": 0}}))
    (answer,) = executor.answer([question(table([terms("k", "j")]))])
    assert rows(answer) == [("a › true", 6)]
    assert server.asked[0][0]["aggs"]["b0"]["multi_terms"]["terms"] == [{"field": "k"}, {"field": "j"}]


@pytest.mark.parametrize(
    ("response", "words"),
    [
        (
            {"error": {"type": "x", "reason": "all shards failed", "caused_by": {"reason": "too many buckets"}}},
            "too many",
        ),
        (came(_shards={"failed": 1, "failures": [{"reason": {"reason": "a shard is away"}}]}), "a shard is away"),
        (came(timed_out=True), "in time"),
        ({"hits": {"total": {"value": 0}}, "_shards": {"total": 0, "failed": 0}}, "no index logs-*"),
    ],
)
def test_half_an_answer_is_none(response: JsonObject, words: str, server: Server, executor: ElasticExecutor) -> None:
    """An error, a failed shard, a time-out or no index is said in the panel: half a number would be a wrong one."""
    server.give(response)
    (answer,) = executor.answer([question(table([]))])
    assert words in why_not(answer)


def test_what_a_server_does_not_know_is_asked_otherwise(server: Server, executor: ElasticExecutor) -> None:
    """It is remembered: the next dashboard asks rightly at once."""
    unknown = {"error": {"type": "parsing_exception", "reason": "Unknown aggregation type [top_metrics]"}}
    server.answers.append((400, unknown))
    hits = {"hits": {"hits": [{"fields": {"n": [5.0]}}]}}
    server.give(came({"m0": {"doc_count": 1, "v": hits}}))
    server.give(came({"m0": {"doc_count": 1, "v": hits}}))
    last = {"operation": "last_value", "field": "n", "time_field": "t"}
    for _ in range(2):
        (answer,) = executor.answer([question(table([], last))])
        assert rows(answer) == [(5.0,)]
    assert [next(iter(asked[0]["aggs"]["m0"]["aggs"]["v"])) for asked in server.asked] == [
        "top_metrics",
        "top_hits",
        "top_hits",
    ]


def test_fields_are_asked_for_once_in_a_while() -> None:
    """Those of an index that is there; one that is not may come any moment."""
    keyword = {"k": {"keyword": {"type": "keyword", "metadata_field": False}}}
    answers = {"/logs-*/_field_caps": (200, {"fields": keyword}), "/none/_field_caps": (200, {"fields": {}})}
    moments = [0.0]
    with pretended(answers=answers) as cluster, Elastic(cluster.url) as elastic:
        executor = ElasticExecutor(elastic, clock=lambda: moments[-1])
        for moment in (0.0, FIELDS_SECONDS, FIELDS_SECONDS + 1, FIELDS_SECONDS + 2):
            moments.append(moment)
            assert executor.fields("logs-*") == {"k": FieldType("keyword")}
        assert len(cluster.sent("GET")) == 2
        assert executor.fields("none") == executor.fields("none") == {}
        assert len(cluster.sent("GET")) == 4
