"""Query DSL as a condition of SQL: which of a few events it finds, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.dsl_sql import Conditions, Held, Parameters
from kibana_builder.preview.filters import filters_dsl, query_dsl
from kibana_builder.preview.query import Unanswerable
from kibana_builder.sandbox.events import Events
from tests.preview.small_events import DAY, HOUR, NOON, store

TYPES = {
    "id": "long",
    "word": "keyword",
    "text": "text",
    "size": "long",
    "load": "double",
    "ok": "boolean",
    "tags": "keyword",
    "items": "nested",
    "items.name": "keyword",
    "items.count": "long",
}
EVENTS: list[JsonObject] = [
    {
        "id": 1,
        "t": NOON,
        "word": "Alpha",
        "text": "The quick brown fox's tail",
        "size": 1,
        "load": 0.5,
        "ok": True,
        "tags": ["a", "b"],
        "items": [{"name": "x", "count": 1}, {"name": "y", "count": 9}],
    },
    {
        "id": 2,
        "t": NOON + HOUR,
        "word": "100%",
        "text": "A quick answer",
        "size": 5,
        "load": 5.5,
        "ok": False,
        "tags": ["b"],
        "items": [{"name": "x", "count": 9}],
    },
    {"id": 3, "t": NOON + DAY, "word": "a*b", "text": "brown quick", "size": 9, "tags": []},
    {"id": 4, "t": NOON + 2 * DAY},
]


@pytest.fixture(scope="module")
def events() -> Iterator[Events]:
    with store(EVENTS, TYPES) as made:
        yield made


def found(events: Events, query: JsonObject) -> list[int]:
    """Give the ids of the events that match."""
    (table,) = events.tables("logs-*")
    held = {name: Held(f'"{name}"', column.kind, column.many) for name, column in table.columns.items()}
    parameters = Parameters()
    condition = Conditions(held, events.fields("logs-*"), parameters, NOON + 3 * DAY).sql(query)
    used = parameters.used_in(condition)
    rows = events.rows(f'SELECT id FROM "{table.name}" WHERE {condition} ORDER BY id', used)
    nothing = events.rows(f'SELECT id FROM "{table.name}" WHERE ({condition}) IS NULL', used)
    assert nothing == [], "a condition is true or false for every event"
    return [row[0] for row in rows]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("word : Alpha", [1]),
        ("word : alpha", []),
        ("not word : Alpha", [2, 3, 4]),
        ("word : *", [1, 2, 3]),
        ("word : A*", [1]),
        ("word : 100%", [2]),
        (r"word : a\*b", [3]),
        ("text : brown", [1, 3]),
        ("text : BROWN quick", [1, 2, 3]),
        ('text : "quick brown"', [1]),
        ("text : fox's", [1]),
        ("text : fox", []),
        ("text : bro*", [1, 3]),
        ("size > 1 and size <= 9", [2, 3]),
        ("size : (1 or 9)", [1, 3]),
        ("load >= 0.5", [1, 2]),
        ("ok : true", [1]),
        ("ok : false", [2]),
        ("not ok : true", [2, 3, 4]),
        ("tags : b", [1, 2]),
        ("tags : (a and b)", [1]),
        ("not tags : *", [3, 4]),
        ("items : {name : x and count > 5}", [2]),
        ("items : {name : x} and items : {count > 5}", [1, 2]),
        ('t >= "2026-11-23"', [3, 4]),
        ("t < now-2d", [1, 2]),
        ("nowhere : x", []),
        ("word : Alpha or size : 9", [1, 3]),
    ],
)
def test_kql(query: str, ids: list[int], events: Events) -> None:
    """A KQL query finds what Elasticsearch would find with the DSL that Kibana makes of it."""
    asked = query_dsl({"expression": query, "language": "kql"}, events.fields("logs-*"))
    assert asked is not None
    assert found(events, asked) == ids


@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        ({"field": "word", "operator": "is", "value": "Alpha"}, [1]),
        ({"field": "word", "operator": "is_one_of", "value": ["Alpha", "a*b"]}, [1, 3]),
        ({"field": "size", "operator": "range", "value": {"gte": 1, "lt": 9}}, [1, 2]),
        ({"field": "ok", "operator": "exists"}, [1, 2]),
    ],
)
def test_filters(condition: JsonObject, ids: list[int], events: Events) -> None:
    """An as-code filter finds its events, and negated all the others; disabled it lets everything through."""
    one: JsonObject = {"type": "condition", "condition": condition}
    (asked,) = filters_dsl([one])
    assert found(events, asked) == ids
    (negated,) = filters_dsl([{**one, "negate": True}])
    assert found(events, negated) == [number for number in (1, 2, 3, 4) if number not in ids]
    assert filters_dsl([{**one, "disabled": True}]) == []


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({"match_all": {}}, [1, 2, 3, 4]),
        ({"match_none": {}}, []),
        ({"bool": {}}, [1, 2, 3, 4]),
        ({"bool": {"should": [{"term": {"size": 1}}, {"term": {"size": 5}}]}}, [1, 2]),
        ({"bool": {"filter": [{"exists": {"field": "word"}}], "should": [{"term": {"size": 1}}]}}, [1, 2, 3]),
        (
            {
                "bool": {
                    "should": [{"term": {"size": 1}}, {"term": {"ok": True}}, {"term": {"word": "100%"}}],
                    "minimum_should_match": 2,
                }
            },
            [1],
        ),
        ({"prefix": {"word": "10"}}, [2]),
        ({"wildcard": {"word": {"value": "*0?"}}}, [2]),
        ({"wildcard": {"word": {"value": "alph?", "case_insensitive": True}}}, [1]),
        ({"match": {"text": {"query": "brown quick", "operator": "and"}}}, [1, 3]),
        ({"terms": {"tags": ["a", "z"]}}, [1]),
        ({"exists": {"field": "items"}}, []),
        ({"term": {"text": "quick"}}, [1, 2, 3]),
        ({"term": {"text": "The quick brown fox's tail"}}, []),
        ({"prefix": {"text": "bro"}}, [1, 3]),
        ({"range": {"text": {"gte": "tail", "lt": "tale"}}}, [1]),
        ({"range": {"t": {"gte": NOON, "lte": NOON + HOUR, "format": "epoch_millis"}}}, [1, 2]),
        ({"range": {"t": {"gte": "2026-11-22", "lte": "2026-11-22"}}}, [1, 2]),
        ({"constant_score": {"filter": {"term": {"size": 9}}}}, [3]),
    ],
)
def test_dsl(query: JsonObject, ids: list[int], events: Events) -> None:
    """Queries that people write in filters find what Elasticsearch would find."""
    assert found(events, query) == ids


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"script": {"script": "true"}}, "of the kind script"),
        ({"geo_bounding_box": {"place": {}}}, "of the kind geo_bounding_box"),
        ({"query_string": {"query": "size:[1 TO 5]"}}, "Lucene"),
        ({"bool": {"must_maybe": []}}, "bool with must_maybe"),
        ({"match": {"text": {"query": "quick", "fuzziness": 1}}}, "match with fuzziness"),
        ({"term": {"size": "large"}}, "size is a number, and 'large' is none"),
        ({"term": {"ok": "perhaps"}}, "ok is true or false, and 'perhaps' is neither"),
        ({"range": {"t": {"gte": "yesterday"}}}, "'yesterday' is no date"),
        ({"range": {"t": {"gte": "22/11/2026", "format": "dd/MM/yyyy"}}}, "the format dd/MM/yyyy"),
        ({"nested": {"path": "word", "query": {"match_all": {}}}}, "word is no nested object"),
        ({"match": {"word": None}}, "nothing"),
        ({"term": {"size": "1e400"}}, "size is a number"),
        ({"term": {"size": "1_000"}}, "size is a number, and '1_000' is none"),
        ({"range": {"load": {"gt": "٣"}}}, "load is a number, and '٣' is none"),
        ({"query_string": {"fields": ["size"], "query": "1*"}}, "size: a value with stars can be asked of texts only"),
        ({"terms": {"tags": {"index": "other", "id": "1", "path": "tags"}}}, "terms lookups"),
    ],
)
def test_what_is_refused_is_named(query: JsonObject, words: str, events: Events) -> None:
    """A query that SQL cannot say is an error that names it, and never leaves a condition out."""
    with pytest.raises(Unanswerable, match=words.replace("'", ".")):
        found(events, query)


def test_values_are_never_part_of_the_statement(events: Events) -> None:
    """A value with quotes or a statement in it is only a value."""
    for hostile in ("' OR 1 = 1 --", '"; DROP TABLE "logs-1"; --', "$p0", "\\"):
        assert found(events, {"term": {"word": hostile}}) == []
        assert found(events, {"match_phrase": {"text": hostile}}) == []
        assert found(events, {"wildcard": {"word": {"value": f"*{hostile}*"}}}) == []
    assert events.count("logs-*") == len(EVENTS)
