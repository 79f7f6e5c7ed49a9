"""Fields are read from mappings of every shape that Elasticsearch knows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibana_builder.json_tree import JsonObject
from kibana_builder.spec.fields import Field, Fields, Template, fields_of

MAPPINGS = {
    "dynamic_templates": [{"strings": {"match_mapping_type": "string", "mapping": {"type": "keyword"}}}],
    "runtime": {
        "hour": {"type": "long", "script": "emit(1)"},
        "parsed": {"type": "composite", "fields": {"status": {"type": "long"}, "verb": {"type": "keyword"}}},
    },
    "properties": {
        "@timestamp": {"type": "date"},
        "host": {"properties": {"name": {"type": "keyword"}, "cpu": {"properties": {"load": {"type": "half_float"}}}}},
        "process.pid": {"type": "long"},
        "message": {"type": "text", "fields": {"keyword": {"type": "keyword"}, "fast": {"type": "text"}}},
        "tagline": {"type": "text", "fielddata": True},
        "labels": {"type": "flattened"},
        "hostname": {"type": "alias", "path": "host.name"},
        "dangling": {"type": "alias", "path": "nothing"},
        "items": {"type": "nested", "properties": {"price": {"type": "scaled_float"}}},
        "requests": {"type": "long", "time_series_metric": "counter"},
        "raw": {"type": "keyword", "doc_values": False},
        "shape": {"type": "some_plugin_type"},
    },
}


@pytest.fixture(scope="module")
def fields() -> Fields:
    return fields_of(Template((MAPPINGS,), complete=True))


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("@timestamp", Field("date", "date", aggregatable=True)),
        ("host.name", Field("keyword", "keyword", aggregatable=True)),
        ("host.cpu.load", Field("half_float", "number", aggregatable=True)),
        ("process.pid", Field("long", "number", aggregatable=True)),
        ("message", Field("text", "text", aggregatable=True)),
        ("message.keyword", Field("keyword", "keyword", aggregatable=True)),
        ("tagline", Field("text", "keyword", aggregatable=True)),
        ("labels.env", Field("flattened", "keyword", aggregatable=True)),
        ("labels.team.name", Field("flattened", "keyword", aggregatable=True)),
        ("hostname", Field("keyword", "keyword", aggregatable=True, made="is another name of host.name")),
        ("items.price", Field("scaled_float", "number", aggregatable=True)),
        ("requests", Field("long", "number", aggregatable=True, counter=True)),
        ("raw", Field("keyword", "keyword", aggregatable=False)),
        ("shape", Field("some_plugin_type", None, aggregatable=True)),
        ("hour", Field("long", "number", aggregatable=True, made="is a runtime field")),
        ("parsed.status", Field("long", "number", aggregatable=True, made="is a runtime field")),
    ],
)
def test_a_field_is_found(fields: Fields, name: str, field: Field) -> None:
    """Objects, multi-fields, aliases, flattened keys and runtime fields have the type that queries see."""
    assert fields.find(name) == field


@pytest.mark.parametrize(
    ("said", "made"),
    [
        ({"type": "date"}, None),
        ({"type": "date", "format": "strict_date_optional_time||epoch_millis"}, None),
        ({"type": "date", "format": "yyyy-MM-dd HH:mm:ss.SSS||yyyy-MM-dd"}, None),
        ({"type": "date", "format": "uuuu-MM-dd'T'HH:mm:ssXXX"}, None),
        ({"type": "date", "format": "epoch_second"}, "has dates of the format epoch_second"),
        ({"type": "date", "format": "yyyy-MM-dd||dd/MM/yyyy"}, "has dates of the format yyyy-MM-dd||dd/MM/yyyy"),
        ({"type": "keyword", "normalizer": "lowercase"}, "is normalized"),
        ({"type": "keyword", "null_value": "none"}, "has a value in the place of null"),
        ({"type": "keyword", "ignore_above": 256}, None),
    ],
)
def test_how_values_are_made(said: JsonObject, made: str | None) -> None:
    """What a mapping has Elasticsearch do with values is told from what documents have anyway."""
    (field,) = fields_of(Template(({"properties": {"a": said}},), complete=True)).by_name.values()
    assert field.made == made


@pytest.mark.parametrize(
    "name", ["nothing", "host", "host.nam", "message.raw", "dangling", "parsed", "@timestamp.x", ""]
)
def test_what_is_no_field_is_not_found(fields: Fields, name: str) -> None:
    """An object is no field; dynamic templates make none."""
    assert fields.find(name) is None
    assert not fields.has(name)


@pytest.mark.parametrize("name", ["_id", "_index", "_score", "_source", "___records___"])
def test_fields_of_every_index_can_be_meant(fields: Fields, name: str) -> None:
    """They stand in no mapping."""
    assert fields.has(name)


def test_an_incomplete_template_may_have_any_field() -> None:
    """What a component template has that is not there is not known."""
    assert fields_of(Template((MAPPINGS,), complete=False)).has("nothing")


def test_later_mappings_go_before_earlier_ones() -> None:
    """An index template's own mappings override those of its components."""
    earlier = {"properties": {"a": {"type": "text"}}}
    later = {"properties": {"a": {"type": "keyword"}}}
    found = fields_of(Template((earlier, later), complete=True)).find("a")
    assert found is not None
    assert found.type == "keyword"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["properties", "fields", "type", "runtime", "path", "a"]), inner, max_size=4)
    ),
)


@given(st.dictionaries(st.sampled_from(["properties", "runtime", "dynamic"]), JSON))
def test_any_json_gives_fields(mappings: dict[str, object]) -> None:
    """A template that Elasticsearch would refuse gives what fields it has, and no traceback."""
    fields_of(Template((mappings,), complete=True)).find("a.b")
