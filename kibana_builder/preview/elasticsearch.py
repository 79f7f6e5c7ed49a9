"""Answers panels from Elasticsearch: one `_msearch` for all panels of a dashboard.

"Other", and the width of numeric histograms, need an answer before they can be asked for: those panels ask again, all
together in the next `_msearch`, as Kibana does in single requests. Elasticsearch's own limits hold: percentiles of many
values are estimates (t-digest), and so is the count of more than 3,000 unique values.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence

from kibana_builder.elastic.client import LENIENT, Elastic, path_of
from kibana_builder.errors import ElasticError, ElasticRefused
from kibana_builder.json_tree import Json, JsonObject, compact
from kibana_builder.kql import Fields, FieldType
from kibana_builder.preview.answer import Answer, PanelError
from kibana_builder.preview.answering import answers
from kibana_builder.preview.asking import Question
from kibana_builder.preview.elasticsearch_aggs import (
    Without,
    aggregations,
    composite_page,
    inner_aggregations,
    search_body,
    with_width,
)
from kibana_builder.preview.elasticsearch_rows import other_filter, parents, ranked, rows_in
from kibana_builder.preview.event_columns import kind_of, nested_around
from kibana_builder.preview.query import Histogram, Query, Rows, Special, Terms, Unanswerable

__all__ = ["ElasticExecutor"]

Search = Generator[JsonObject, JsonObject, Rows]
"""A query on its way: it gives one search after the other, takes their answers, and returns its rows."""

Asked = Generator[JsonObject, JsonObject, JsonObject]

FIELDS_SECONDS = 30.0
"""So long the fields of a pattern are not asked for again: every dashboard's answer needs those of every data view."""
MOST_PAGES = 50
"""So many pages of combinations of several fields are read, where a server has no multi_terms."""


class ElasticExecutor:
    """An executor over an Elasticsearch; `clock` counts seconds."""

    def __init__(self, elastic: Elastic, clock: Callable[[], float] = time.monotonic) -> None:
        self._elastic = elastic
        self._without = Without()
        self._clock = clock
        self._kept: dict[str, tuple[float, Fields]] = {}

    def answer(self, questions: Sequence[Question]) -> list[Answer | PanelError]:
        """Give an answer for each question, in their order."""
        return answers(questions, self._run, self.fields)

    def fields(self, pattern: str) -> Fields:
        """Give the fields of the indices that a pattern means, as they were at most FIELDS_SECONDS ago.

        Raises ElasticError.
        """
        since, found = self._kept.get(pattern, (0.0, {}))
        if not found or self._clock() - since > FIELDS_SECONDS:  # an index that was not there may come any moment
            found = self._fields(pattern)
            self._kept[pattern] = self._clock(), found
        return found

    def _fields(self, pattern: str) -> Fields:
        params = {**LENIENT, "fields": "*"}
        answer = self._elastic.request("GET", f"{path_of(pattern)}/_field_caps", params=params)
        found: JsonObject = answer.get("fields", {}) if isinstance(answer, dict) else {}
        nested = [name for name, kinds in found.items() if "nested" in kinds]
        return {
            name: FieldType(_one_type(kinds), nested_around(name, nested))
            for name, kinds in found.items()
            if not any(kind.get("metadata_field", False) for kind in kinds.values()) and "object" not in kinds
        }

    def _run(self, queries: Sequence[Query]) -> list[Rows | Unanswerable]:
        found: dict[int, Rows | Unanswerable] = {}
        searches: dict[int, tuple[Search, JsonObject]] = {}
        for place, query in enumerate(queries):
            search = _search(query, self._without)
            self._go_on(place, search, None, searches, found)
        while searches:
            asked = list(searches.items())
            searches = {}
            try:
                came = self._searched([(queries[place].pattern, body) for place, (_, body) in asked])
            except ElasticError as error:
                return [found.get(place, Unanswerable(str(error))) for place in range(len(queries))]
            for (place, (search, _)), response in zip(asked, came, strict=True):
                self._go_on(place, search, response, searches, found)
        return [found[place] for place in range(len(queries))]

    def _go_on(
        self,
        place: int,
        search: Search,
        response: JsonObject | None,
        searches: dict[int, tuple[Search, JsonObject]],
        found: dict[int, Rows | Unanswerable],
    ) -> None:
        """Hand a search its answer: it asks on, or is done."""
        try:
            body = next(search) if response is None else search.send(response)
            searches[place] = search, body
        except StopIteration as end:
            found[place] = end.value
        except Unanswerable as error:
            found[place] = error

    def _searched(self, bodies: Sequence[tuple[str, JsonObject]]) -> list[JsonObject]:
        """Send all searches at once; one by one where the server refuses them all for one that it cannot read."""
        try:
            return self._sent(bodies)
        except ElasticRefused as error:
            if error.status != 400:
                raise
            if len(bodies) == 1:
                return [{"error": str(error)}]
        return [answer for body in bodies for answer in self._searched([body])]

    def _sent(self, bodies: Sequence[tuple[str, JsonObject]]) -> list[JsonObject]:
        lines = []
        for pattern, body in bodies:
            lines += [compact({"index": pattern, **LENIENT}), compact(body)]
        return self._elastic.searches("\n".join([*lines, ""]).encode())


def _one_type(kinds: JsonObject) -> str:
    """Give the type of a field; one that differs between indices is what fits them all."""
    names = [name for name in kinds if name != "unmapped"]
    if len(names) == 1:
        return names[0]
    numbers = all(kind_of(name) in ("integer", "number") for name in names)
    return "double" if numbers else "keyword" if "keyword" in names else sorted(names)[0]


def _search(query: Query, without: Without) -> Search:
    """Ask a query: first what it needs to know, then its buckets, then "Other" from the outer level to the inner."""
    found = Rows(asked=[])
    aggs = yield from _measured(query, without, found)
    root = yield from _whole(query, aggs, without, found)
    for level, bucket in enumerate(query.buckets):
        if isinstance(bucket, Terms) and bucket.other:
            yield from _others(query, aggs, level, root, found)
    found.of_shift = rows_in(query, root, found.width)
    return found


def _asked(query: Query, aggs: JsonObject, found: Rows) -> Asked:
    """Ask one search and give what came, with the count of all documents as `doc_count`.

    Raises Unanswerable for an error, where there is no index, and where a part of the answer is missing: half a number
    is a wrong one.
    """
    body = search_body(query, aggs)
    found.asked.append(body)
    response = yield body
    if "error" in response:
        raise Unanswerable(f"Elasticsearch answers: {_reason(response['error'])}")
    shards = response.get("_shards", {})
    if shards.get("total") == 0:  # it answers without aggregations then
        raise Unanswerable(f"Elasticsearch has no index {query.pattern}")
    if shards.get("failed", 0):
        failures = shards.get("failures") or [{}]
        raise Unanswerable(f"Elasticsearch answers in part only: {_reason(failures[0].get('reason'))}")
    if response.get("timed_out", False):
        raise Unanswerable("Elasticsearch did not finish in time")
    return {**response.get("aggregations", {}), "doc_count": response["hits"]["total"]["value"]}


def _reason(error: Json) -> str:
    """Find the words at the bottom of an error, where they say what is really wrong."""
    words = str(error)
    while isinstance(error, dict):
        words = str(error.get("reason") or error.get("type") or words)
        causes = error.get("failed_shards") or error.get("root_cause") or []
        below = error.get("caused_by") or (causes[0] if causes else None)
        error = below.get("reason") if isinstance(below, dict) and isinstance(below.get("reason"), dict) else below
    return words


def _measured(query: Query, without: Without, found: Rows) -> Asked:
    """Choose the width of a numeric histogram by the values that there are, and give the query's aggregations."""
    for bucket in query.buckets:
        if isinstance(bucket, Histogram):
            ends = {name: {name: {"field": bucket.field}} for name in ("min", "max")}
            came = yield from _asked(query, ends, found)
            low, high = (came.get(name, {}).get("value") for name in ("min", "max"))
            if low is not None and high is not None:
                found.measure(bucket, low, high)
    return with_width(aggregations(query, without), found.width)


def _whole(query: Query, aggs: JsonObject, without: Without, found: Rows) -> Asked:
    """Ask for all buckets; where the server does not know an aggregation, another one stands for it."""
    for _ in range(3):
        combined = without.multi_terms and any(isinstance(one, Terms) and len(one.fields) > 1 for one in query.buckets)
        try:
            if combined:
                return (yield from _combinations(query, aggs, found))
            return (yield from _asked(query, aggs, found))
        except Unanswerable as error:
            words = str(error)
            if "[top_metrics]" in words and not without.top_metrics:
                without.top_metrics = True
            elif "[multi_terms]" in words and not without.multi_terms:
                without.multi_terms = True
            elif not ("[top_metrics]" in words or "[multi_terms]" in words):
                raise
        aggs.clear()
        aggs.update(with_width(aggregations(query, without), found.width))
    raise Unanswerable("Elasticsearch does not know the aggregations that this chart needs")


def _combinations(query: Query, aggs: JsonObject, found: Rows) -> Asked:
    """Ask for terms of several fields page by page, and rank them here."""
    first = query.buckets[0]
    several = [one for one in query.buckets if isinstance(one, Terms) and len(one.fields) > 1]
    if several != [first] or (len(query.shifts) > 1 and query.split == 0):
        raise Unanswerable("terms of several fields inside other buckets, without multi_terms on the server")
    buckets: list[JsonObject] = []
    after_key: JsonObject | None = None
    for _ in range(MOST_PAGES):
        came = yield from _asked(query, composite_page(query, aggs, after_key), found)
        page = came.get("b0", {"buckets": []})
        buckets += page["buckets"]
        after_key = page.get("after_key")
        if after_key is None or not page["buckets"]:
            return {**came, "b0": ranked(query, buckets)}
    raise Unanswerable("terms of several fields with too many combinations for a server without multi_terms")


def _others(
    query: Query, aggs: JsonObject, level: int, root: JsonObject, found: Rows
) -> Generator[JsonObject, JsonObject, None]:
    """Ask for "Other" at each place of a level where something is left over, and put it behind the other buckets."""
    places = list(parents(query, root, level, found.width))
    if not any(place.terms(level).get("sum_other_doc_count", 0) for place in places):
        return
    filters = {str(number): other_filter(query, level, place) for number, place in enumerate(places)}
    inner = inner_aggregations(query, aggs, level)
    asked: JsonObject = {"filters": {"filters": filters}}
    came = yield from _asked(query, {"other": asked | {"aggs": inner} if inner else asked}, found)
    for number, place in enumerate(places):
        node = came["other"]["buckets"][str(number)]
        if node["doc_count"]:
            place.terms(level)["buckets"].append({**node, "key": Special.OTHER})
