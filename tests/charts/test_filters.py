"""Queries and filters: both directions, both styles of reference, and nothing lost of real ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kibana_builder.charts.filters import (
    NO_QUERY,
    from_kibana_query,
    from_lens_filters,
    from_search_source_filters,
    to_kibana_query,
    to_lens_filters,
    to_search_source_filters,
)
from kibana_builder.charts.mapping import UnsayableError
from kibana_builder.json_tree import JsonObject, same
from kibana_builder.problem import NotExpressible
from tests.saved.changes import changes
from tests.saved.real_objects import corpus
from tests.shared_material import GOLD, needs_shared
from tests.spec.documents import EVERY_FILTER

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "filters.yaml").read_text("utf-8"))
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])

SEARCH_SOURCE_NAME = "kibanaSavedObjectMeta.searchSourceJSON.filter[0].meta.index"
REFERENCE = {"type": "index-pattern", "id": "ml-metrics", "name": SEARCH_SOURCE_NAME}


@every_case
def test_a_filter_becomes_what_kibana_keeps(case: JsonObject) -> None:
    """`meta` is what the pill shows, `query` what Elasticsearch is asked."""
    (made,), references = to_search_source_filters([case["code"]])
    assert made == {"meta": case["meta"], "query": case["query"], "$state": {"store": "appState"}}
    assert references == []


@every_case
def test_what_kibana_keeps_is_read_back(case: JsonObject) -> None:
    """The way back says what was said, as shortly as it can be said."""
    saved = {"meta": case["meta"], "query": case["query"], "$state": {"store": "appState"}}
    assert from_search_source_filters([saved], []) == [case.get("back", case["code"])]


def test_a_search_source_names_its_data_view_by_a_reference() -> None:
    """The reference is named after the filter's place; the id stands nowhere else."""
    code = [{**CASES[0]["code"], "data_view_id": "ml-metrics"}]
    (made,), references = to_search_source_filters(code)
    assert made["meta"]["indexRefName"] == SEARCH_SOURCE_NAME
    assert "index" not in made["meta"]
    assert references == [REFERENCE]
    assert from_search_source_filters([made], references) == code


def test_a_lens_state_names_its_data_view_by_a_reference() -> None:
    """Lens keeps the reference's name where the id would stand, and does not repeat the field."""
    without, code = CASES[0]["code"], {**CASES[0]["code"], "data_view_id": "ml-metrics"}
    made, references = to_lens_filters([without, code])
    assert made[1]["meta"]["index"] == "filter-index-pattern-1"
    assert "field" not in made[1]["meta"]
    assert references == [{"type": "index-pattern", "id": "ml-metrics", "name": "filter-index-pattern-1"}]
    assert from_lens_filters(made, references) == [without, code]


def test_the_filters_of_a_group_name_the_data_view_by_its_id() -> None:
    """Kibana makes a reference for the outermost filter only."""
    group = {"operator": "and", "conditions": [{"field": "error", "operator": "exists"}]}
    (made,), references = to_search_source_filters([{"type": "group", "data_view_id": "ml-metrics", "group": group}])
    assert references == [REFERENCE]
    assert made["meta"]["params"][0]["meta"]["index"] == "ml-metrics"


def test_an_index_that_is_no_reference_is_the_id_itself() -> None:
    """Hand-written objects name the data view in the filter."""
    saved = {"meta": {"index": "ml-metrics"}, "query": {"exists": {"field": "error"}}}
    assert from_lens_filters([saved], [])[0]["data_view_id"] == "ml-metrics"


def test_a_filter_must_not_contradict_its_condition() -> None:
    """Kibana's API would silently follow the filter; the finding names the place."""
    condition = {"field": "error", "operator": "exists", "negate": True}
    agreeing = {"type": "condition", "negate": True, "condition": condition}
    assert to_lens_filters([agreeing])[0][0]["meta"]["negate"] is True
    with pytest.raises(NotExpressible) as refused:
        to_lens_filters([agreeing, {**agreeing, "negate": False}])
    assert refused.value.finding.path == ("filters", 1, "condition", "negate")


@pytest.mark.parametrize(
    "query",
    [
        {"match_phrase": {"a": {"query": "x"}}},
        {"match_phrase": {"a": None}},
        {"match_phrase": {}},
        {"range": {"a": {"gte": 1, "boost": 2}}},
        {"range": {"a": {"gte": None}}},
        {"range": {"a": {"gte": 1}, "b": {"gte": 2}}},
        {"exists": {"field": 5}},
        {"exists": {"field": "a"}, "boost": 2},
        {"bool": {"should": [{"match_phrase": {"a": "x"}}]}},
        {"bool": {"minimum_should_match": 1, "should": [{"match_phrase": {"a": "x"}}, {"match_phrase": {"b": "y"}}]}},
        {"bool": {"minimum_should_match": 1, "should": [{"match_phrase": {"a": "x"}}, {"match_phrase": {"a": 5}}]}},
        {"bool": {"minimum_should_match": 1, "should": []}},
        {"match": {"a": {"query": "x", "type": "phrase", "slop": 2}}},
        {"match": 5},
        {},
    ],
    ids=json.dumps,
)
def test_a_query_that_no_condition_makes_stays_a_query(query: JsonObject) -> None:
    """What looks like a condition and is a little more stays word for word."""
    (said,) = from_search_source_filters([{"meta": {}, "query": query}], [])
    assert said == {"type": "dsl", "dsl": {"query": query}}


@pytest.mark.parametrize(
    "params",
    [
        5,
        [],
        [5],
        [{"meta": 5}],
        [{"meta": {"disabled": True}, "query": {"exists": {"field": "a"}}}],
        [{"meta": {}, "query": {"fuzzy": {"a": "x"}}}],
        [{"meta": {"type": "combined", "relation": "AND", "params": [], "negate": True}, "query": {}}],
    ],
    ids=json.dumps,
)
def test_a_combination_without_words_stays_a_query(params: Any) -> None:
    """The vocabulary's groups hold conditions and groups that are on; everything else is kept as it is."""
    meta = {"type": "combined", "relation": "OR", "params": params}
    (said,) = from_search_source_filters([{"meta": meta, "query": {}}], [])
    if params == []:
        assert said == {"type": "group", "group": {"operator": "or", "conditions": []}}
    else:
        assert said == {"type": "dsl", "dsl": {"query": {}}, "params": params}


@pytest.mark.parametrize(
    "filters",
    [
        5,
        [5],
        [{"meta": {}}],
        [{"meta": [], "query": {}}],
        [{"meta": {}, "query": {"exists": {"field": "a"}}, "$state": {"store": "globalState"}}],
    ],
    ids=json.dumps,
)
def test_a_filter_without_words_is_refused(filters: Any) -> None:
    """Pinned filters belong to no dashboard; the shapes of Kibana 4 are not read."""
    with pytest.raises(UnsayableError):
        from_search_source_filters(filters, [])


@pytest.mark.parametrize(
    ("code", "saved"),
    [
        ({"expression": "error: true"}, {"query": "error: true", "language": "kuery"}),
        ({"expression": "a:b", "language": "lucene"}, {"query": "a:b", "language": "lucene"}),
        ({"expression": "", "language": "lucene"}, {"query": "", "language": "lucene"}),
    ],
)
def test_queries_in_both_directions(code: JsonObject, saved: JsonObject) -> None:
    """KQL is Kibana's kuery, and the default that is left out."""
    assert to_kibana_query(code) == saved
    assert from_kibana_query(saved) == code


def test_no_query_is_an_empty_one() -> None:
    """Every Lens state and search source holds a query; the empty one is made anew each time."""
    made = to_kibana_query(None)
    assert made == NO_QUERY
    assert made is not NO_QUERY


@pytest.mark.parametrize(
    "query",
    [None, 5, {}, {"query": "a"}, {"esql": "FROM logs"}, {"query": {"match_all": {}}, "language": "lucene"}],
    ids=json.dumps,
)
def test_a_query_that_is_no_text_has_no_words(query: Any) -> None:
    """ES|QL and the objects of Kibana before 6 are no text of KQL or Lucene."""
    with pytest.raises(UnsayableError):
        from_kibana_query(query)


def _variants() -> Iterator[Any]:
    for index, code in enumerate(EVERY_FILTER):
        for path, changed in changes(code):
            if path not in [("type",), ("condition", "operator"), ("group", "conditions", 0, "operator")]:
                yield pytest.param(code, changed, id=f"{index}-{'.'.join(map(str, path))}")


@pytest.mark.parametrize(("code", "changed"), list(_variants()))
def test_every_property_of_a_filter_reaches_kibana(code: JsonObject, changed: JsonObject) -> None:
    """Changing one leaf changes what is written, or is refused."""
    try:
        after = to_search_source_filters([changed])
    except NotExpressible:
        return
    assert not same(to_search_source_filters([code]), after)


values = st.text(max_size=5) | st.integers(-9, 9) | st.booleans()
fields = st.text(min_size=1, max_size=5)
conditions = st.one_of(
    st.builds(lambda field, value: {"field": field, "operator": "is", "value": value}, fields, values),
    st.builds(
        lambda field, value: {"field": field, "operator": "is_one_of", "value": value},
        fields,
        st.lists(st.text(max_size=3), min_size=1, max_size=3) | st.lists(st.integers(-9, 9), min_size=1, max_size=3),
    ),
    st.builds(
        lambda field, value: {"field": field, "operator": "range", "value": value},
        fields,
        st.dictionaries(st.sampled_from(["gte", "gt", "lte", "lt"]), st.integers() | st.text(max_size=3)),
    ),
    st.builds(lambda field: {"field": field, "operator": "exists"}, fields),
)
groups = st.recursive(
    st.builds(lambda inner: {"operator": "or", "conditions": inner}, st.lists(conditions, max_size=2)),
    lambda inner: st.builds(
        lambda word, parts: {"operator": word, "conditions": parts},
        st.sampled_from(["and", "or"]),
        st.lists(conditions | inner, max_size=3),
    ),
    max_leaves=4,
)
settings = st.fixed_dictionaries(
    {},
    optional={
        "label": st.text(max_size=3),
        "disabled": st.just(True),
        "negate": st.just(True),
        "controlled_by": st.text(max_size=3),
        "is_multi_index": st.booleans(),
        "data_view_id": st.text(max_size=3),
    },
)
filters = st.one_of(
    st.builds(lambda said, one: {"type": "condition", **said, "condition": one}, settings, conditions),
    st.builds(lambda said, one: {"type": "group", **said, "group": one}, settings, groups),
)


@given(st.lists(filters, max_size=3))
def test_reading_undoes_writing(said: list[JsonObject]) -> None:
    """For any filters, in both styles of reference."""
    assert same(from_search_source_filters(*to_search_source_filters(said)), said)
    assert same(from_lens_filters(*to_lens_filters(said)), said)


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "a", "combined", "AND", "match", "exists"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(
                ["meta", "query", "match", "match_phrase", "range", "bool", "should", "exists", "params", "a"]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@given(anything, anything)
def test_no_filter_makes_a_crash(meta: Any, query: Any) -> None:
    """Whatever a file holds in place of a filter is read, or refused as unsayable."""
    try:
        said = from_search_source_filters([{"meta": meta, "query": query}], [])
    except UnsayableError:
        return
    made, _ = to_search_source_filters(said)
    assert same(made[0]["query"], query)


@needs_shared
def test_the_gold_chart_with_a_filter() -> None:
    """A chart's filter has the shape of the gold object, which names its data view without a reference."""
    code = json.loads((GOLD / "as_code" / "shape-metric-filter.json").read_text("utf-8"))
    gold = json.loads((GOLD / "authored" / "lens.shape-metric-filter.json").read_text("utf-8"))
    made, references = to_lens_filters(code["filters"])
    made[0]["meta"]["index"] = references[0]["id"]
    assert made == gold["attributes"]["state"]["filters"]


def _real_filters(tree: Any) -> Iterator[JsonObject]:
    if isinstance(tree, dict):
        if isinstance(tree.get("meta"), dict) and "negate" in tree["meta"] and "query" in tree:
            yield tree
            return
        tree = list(tree.values())
    if isinstance(tree, list):
        for entry in tree:
            yield from _real_filters(entry)


# What of a real filter's `meta` does not come back, and why.
NOT_SAID = {
    "field": "a copy of the key, which some versions of Kibana write and some do not",
    "value": "the value as a text, which Kibana makes anew of the parameters",
    "index": "the name of the reference is free",
    "indexRefName": "the name of the reference is free",
}


def _level(meta: JsonObject) -> JsonObject:
    level = {key: value for key, value in meta.items() if key not in NOT_SAID}
    if meta.get("type") == "phrase":
        level["params"] = {"query": meta["params"]["query"]}  # older Kibana says `type: phrase` here once more
    if meta.get("type") == "combined":
        level["params"] = [{"meta": _level(part["meta"]), "query": part["query"]} for part in meta["params"]]
    return level


@needs_shared
def test_the_filters_of_real_objects_survive() -> None:
    """All filters of the public dashboards, searches and charts come back with the same query and the same pill."""
    found = [entry for item in corpus() for entry in _real_filters(item["attributes"])]
    assert len(found) > 200
    for entry in found:
        (made,), _ = to_search_source_filters(from_search_source_filters([entry], []))
        assert same(made["query"], entry["query"])
        assert same(_level(made["meta"]), _level(entry["meta"]))
