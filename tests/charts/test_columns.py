"""Columns of single operations: labels, settings, and what Kibana cannot do."""

from __future__ import annotations

from typing import Any

import pytest

from kibana_builder.charts import to_lens
from kibana_builder.charts.columns import RECORDS, bucket_column, metric_column, metric_columns, operation_from_columns
from kibana_builder.charts.mapping import UnsayableError
from kibana_builder.problem import NotExpressible

SOURCE = {"type": "data_view_reference", "ref_id": "ml-metrics"}


@pytest.mark.parametrize(
    ("operation", "label"),
    [
        ({"operation": "count"}, "Count of records"),
        ({"operation": "count", "field": "user_id"}, "Count of user_id"),
        ({"operation": "percentile", "field": "ms", "percentile": 95}, "95th percentile of ms"),
        ({"operation": "percentile", "field": "ms", "percentile": 1}, "1st percentile of ms"),
        ({"operation": "percentile", "field": "ms", "percentile": 13}, "13th percentile of ms"),
        ({"operation": "percentile", "field": "ms", "percentile": 99.9}, "99.9th percentile of ms"),
        ({"operation": "percentile_rank", "field": "ms", "rank": 100}, "Percentile rank (100) of ms"),
        ({"operation": "average", "field": "cpu", "time_scale": "h"}, "Average of cpu per hour"),
        ({"operation": "average", "field": "cpu", "time_shift": "1d"}, "Average of cpu -1d"),
        ({"operation": "average", "field": "cpu", "reduced_time_range": "1h"}, "Average of cpu last 1h"),
    ],
)
def test_an_operation_without_a_label_is_named_as_kibana_names_it(operation: dict[str, Any], label: str) -> None:
    """A name that nobody chose is no custom label."""
    column = metric_column(operation)
    assert column["label"] == label
    assert "customLabel" not in column


def test_a_last_value_asks_only_documents_that_have_the_field() -> None:
    """Without this filter, which Kibana's editor writes too, a newer document without the field wins."""
    column = metric_column({"operation": "last_value", "field": "error_message", "time_field": "@timestamp"})
    assert column["filter"] == {"query": '"error_message": *', "language": "kuery"}


def test_a_last_value_of_all_documents() -> None:
    """An empty filter asks them all, as a column without a filter does."""
    last = {"operation": "last_value", "field": "error_message", "time_field": "@timestamp"}
    column = metric_column({**last, "filter": {"expression": ""}})
    assert column["filter"] == {"query": "", "language": "kuery"}
    del column["filter"]
    assert operation_from_columns({"a": column}, "a", ()) == {**last, "filter": {"expression": ""}}


def test_a_running_sum_without_a_field_counts_documents() -> None:
    """As Lens's own running sum of the count of records; what it says of empty buckets is the count's."""
    operation = {"operation": "cumulative_sum", "empty_as_null": True}
    columns = metric_columns("id", operation, "@timestamp")
    assert columns["idOf"]["sourceField"] == RECORDS
    assert columns["idOf"]["params"] == {"emptyAsNull": True}
    assert columns["id"]["label"] == "Cumulative sum of Count of records"
    assert operation_from_columns(columns, "id", ()) == operation


@pytest.mark.parametrize(
    ("kind", "of"),
    [
        ("cumulative_sum", {"operationType": "max", "sourceField": "a", "params": {}}),
        ("cumulative_sum", {"operationType": "count", "sourceField": "a", "params": {}}),
        ("cumulative_sum", {"operationType": "sum", "sourceField": "a", "timeShift": "1d", "params": {}}),
        ("counter_rate", {"operationType": "count", "sourceField": RECORDS, "params": {}}),
    ],
)
def test_an_operation_over_buckets_of_another_metric_has_no_words(kind: str, of: dict[str, Any]) -> None:
    """The vocabulary says the field alone, and so which metric is meant."""
    columns = {"a": {"operationType": kind, "references": ["b"], "params": {}}, "b": of}
    with pytest.raises(UnsayableError):
        operation_from_columns(columns, "a", ())


def test_a_rank_by_the_number_of_documents() -> None:
    """A count needs no field."""
    rank = {"type": "custom", "operation": "count", "direction": "desc"}
    terms = {"operation": "terms", "fields": ["model"], "limit": 5, "rank_by": rank}
    column = bucket_column(terms, ())
    assert column["params"]["orderAgg"]["sourceField"] == RECORDS
    assert operation_from_columns({"a": column}, "a", ()) == terms


def test_a_duration_that_does_not_say_its_units() -> None:
    """Kibana takes seconds, and words."""
    column = metric_column({"operation": "sum", "field": "took"})
    column["params"]["format"] = {"id": "duration", "params": {"decimals": 1}}
    assert operation_from_columns({"a": column}, "a", ())["format"] == {
        "type": "duration",
        "from": "s",
        "to": "auto-approximate",
        "decimals": 1,
    }


def test_a_counter_rate_computes_the_maximum_first() -> None:
    """The inner column stands before the one that refers to it."""
    columns = metric_columns("id", {"operation": "counter_rate", "field": "requests_total"}, "@timestamp")
    assert [column["operationType"] for column in columns.values()] == ["max", "counter_rate"]
    assert columns["id"]["references"] == ["idOf"]


@pytest.mark.parametrize(
    ("fields", "label", "parent"),
    [
        (["model"], "Top 5 values of model", "terms"),
        (["model", "environment"], "Top 5 values of model + 1 other", "multi_terms"),
        (["model", "environment", "region"], "Top 5 values of model + 2 others", "multi_terms"),
    ],
)
def test_top_values_of_several_fields(fields: list[str], label: str, parent: str) -> None:
    """Several fields are one column with another parent format."""
    column = bucket_column({"operation": "terms", "fields": fields}, [])
    assert column["label"] == label
    assert column["params"]["parentFormat"] == {"id": parent}
    assert column["params"].get("secondaryFields", []) == fields[1:]


def test_without_a_rank_the_first_metric_ranks() -> None:
    """Descending by the first metric; by the alphabet where there is none that Elasticsearch could rank by."""
    terms = {"operation": "terms", "fields": ["model"]}
    assert bucket_column(terms, ["m"])["params"]["orderBy"] == {"type": "column", "columnId": "m"}
    assert bucket_column(terms, [])["params"]["orderBy"]["type"] == "alphabetical"
    assert bucket_column(terms, ["m"], {"m"})["params"]["orderBy"]["type"] == "alphabetical"


def test_a_rank_by_a_metric_that_is_not_there_is_refused_at_its_place() -> None:
    """The path leads to the number in the chart."""
    chart = {
        "type": "pie",
        "data_source": SOURCE,
        "metrics": [{"operation": "count"}],
        "group_by": [
            {
                "operation": "terms",
                "fields": ["model"],
                "rank_by": {"type": "metric", "metric_index": 1, "direction": "desc"},
            }
        ],
    }
    with pytest.raises(NotExpressible, match="the chart has 1 metric") as raised:
        to_lens(chart)
    assert raised.value.finding.path == ("group_by", 0, "rank_by", "metric_index")


def test_a_rank_by_a_formula_is_refused() -> None:
    """Elasticsearch would have to rank by what Kibana computes afterwards."""
    chart = {
        "type": "data_table",
        "data_source": SOURCE,
        "metrics": [{"operation": "formula", "formula": "count() / 2"}],
        "rows": [
            {"operation": "terms", "fields": ["model"], "rank_by": {"type": "metric", "direction": "desc"}},
        ],
    }
    with pytest.raises(NotExpressible, match="cannot rank by a formula") as raised:
        to_lens(chart)
    assert raised.value.finding.path == ("rows", 0, "rank_by")


@pytest.mark.parametrize(
    ("said", "lens"),
    [
        ({"from": "milliseconds", "to": "seconds"}, {"fromUnit": "milliseconds", "toUnit": "asSeconds"}),
        ({"from": "ms", "to": "s"}, {"fromUnit": "milliseconds", "toUnit": "asSeconds"}),
        ({"from": "s", "to": "auto"}, {"fromUnit": "seconds", "toUnit": "humanizePrecise"}),
        ({"from": "seconds", "to": "humanize"}, {"fromUnit": "seconds", "toUnit": "humanize"}),
    ],
)
def test_units_of_time_are_said_in_words_or_short(said: dict[str, str], lens: dict[str, str]) -> None:
    """Both generations of the vocabulary are read, and Lens's own words."""
    operation = {"operation": "average", "field": "ms", "format": {"type": "duration", **said}}
    assert metric_column(operation)["params"]["format"] == {"id": "duration", "params": lens}


def test_an_unknown_unit_of_time_is_refused() -> None:
    """Lens would show bare numbers."""
    operation = {
        "operation": "average",
        "field": "ms",
        "format": {"type": "duration", "from": "ms", "to": "fortnights"},
    }
    with pytest.raises(NotExpressible, match="fortnights") as raised:
        metric_column(operation)
    assert raised.value.finding.path == ("format", "to")
