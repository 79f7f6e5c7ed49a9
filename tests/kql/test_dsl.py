"""What Elasticsearch is asked for a KQL query."""

from __future__ import annotations

import json

import pytest

from kibana_builder.json_tree import Json
from kibana_builder.kql import FieldType, MisplacedField, parse, to_dsl
from tests.shared_material import SHARED, needs_shared

FIELDS = {
    "@timestamp": FieldType("date"),
    "model": FieldType("keyword"),
    "model.text": FieldType("text"),
    "message": FieldType("text"),
    "latency": FieldType("double"),
    "error": FieldType("boolean"),
    "user.name": FieldType("keyword", "user"),
}


def should(*queries: Json) -> Json:
    return {"bool": {"should": list(queries), "minimum_should_match": 1}}


CASES: list[tuple[str, Json]] = [
    ("", {"match_all": {}}),
    ("model: fraud", should({"term": {"model": {"value": "fraud"}}})),
    ("message: out of memory", should({"match": {"message": "out of memory"}})),
    ('message: "out of memory"', should({"match_phrase": {"message": "out of memory"}})),
    ("error: true", should({"match": {"error": True}})),
    ("latency > 100", should({"range": {"latency": {"gt": "100"}}})),
    ("model: *", should({"exists": {"field": "model"}})),
    ("model: fr*d+", should({"wildcard": {"model": {"value": r"fr*d\+"}}})),
    ("message: fr*d", should({"query_string": {"fields": ["message"], "query": "fr*d"}})),
    ("fr*", {"query_string": {"query": "fr*"}}),
    ("two words", {"multi_match": {"type": "best_fields", "query": "two words", "lenient": True}}),
    ('"two words"', {"multi_match": {"type": "phrase", "query": "two words", "lenient": True}}),
    (
        "@timestamp >= 2026-01-01",
        should({"range": {"@timestamp": {"gte": "2026-01-01", "time_zone": "Europe/Berlin"}}}),
    ),
    (
        '@timestamp: "2026-01-01"',
        should({"range": {"@timestamp": {"gte": "2026-01-01", "lte": "2026-01-01", "time_zone": "Europe/Berlin"}}}),
    ),
    ("@timestamp: 1760000000000", should({"range": {"@timestamp": {"gte": "1760000000000", "lte": "1760000000000"}}})),
    ("nowhere: 1", should({"match": {"nowhere": "1"}})),
    ("model*: a", should({"term": {"model": {"value": "a"}}}, {"match": {"model.text": "a"}})),
    ("nowhere*: 1", should({"match": {"nowhere*": "1"}})),
    ("not error: true", {"bool": {"must_not": should({"match": {"error": True}})}}),
    (
        "error: true and model: (a or b)",
        {
            "bool": {
                "filter": [
                    should({"match": {"error": True}}),
                    should(should({"term": {"model": {"value": "a"}}}), should({"term": {"model": {"value": "b"}}})),
                ]
            }
        },
    ),
    (
        "user: { name: a }",
        {"nested": {"path": "user", "query": should({"term": {"user.name": {"value": "a"}}}), "score_mode": "none"}},
    ),
    (
        "user*: a",
        should({"nested": {"path": "user", "query": {"term": {"user.name": {"value": "a"}}}, "score_mode": "none"}}),
    ),
]


@pytest.mark.parametrize(("text", "dsl"), CASES, ids=[text for text, _ in CASES])
def test_a_query_and_what_is_asked(text: str, dsl: Json) -> None:
    """Each type of field is asked as Kibana asks it."""
    assert to_dsl(parse(text), FIELDS, time_zone="Europe/Berlin") == dsl


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("user.name: a", "user: { … }"),
        ("user: { model: a }", None),
        ("model: { text: a }", "though it is not nested"),
        ("other: { user: { name: a } }", None),
    ],
)
def test_nested_fields_stand_in_their_braces(text: str, words: str | None) -> None:
    """A nested field outside of its braces, or another in them, is an error; an unknown one is asked for."""
    if words is None:
        assert to_dsl(parse(text), FIELDS)
        return
    with pytest.raises(MisplacedField, match=words.replace("{", r"\{").replace("}", r"\}")):
        to_dsl(parse(text), FIELDS)


@needs_shared
@pytest.mark.parametrize("text", ["error: true", "inference_time_ms > 100", "environment: production"])
def test_kibana_asked_the_same(text: str) -> None:
    """The queries recorded from Kibana 8.12.2 are in what it sent for a panel, word for word."""
    fields = {
        "error": FieldType("boolean"),
        "inference_time_ms": FieldType("double"),
        "environment": FieldType("keyword"),
    }
    recorded = json.dumps(json.loads((SHARED / "kibana-8.12.2" / "queries" / "filters-bucket.json").read_text()))
    assert json.dumps(to_dsl(parse(text), fields)) in recorded
