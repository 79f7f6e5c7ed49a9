"""Fields against the index template of their data view: unknown-field and field-type."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kibana_builder.checks.field_uses import field_uses
from kibana_builder.problem import Problem
from tests.checks.found import found, short, the_one
from tests.project_folder import METRIC, source_of


def metric(operation: str, source: str = "metrics") -> dict[str, str]:
    text = f"type: metric\ntitle: A\ndata_source: {source}\nmetrics:\n  - {{type: primary, {operation}}}\n"
    return {"visualizations/a.yaml": text}


def bucket(operation: str) -> dict[str, str]:
    text = (
        f"type: pie\ntitle: A\ndata_source: metrics\nmetrics: [{{operation: count}}]\ngroup_by:\n  - {{{operation}}}\n"
    )
    return {"visualizations/a.yaml": text}


def marked(problem: Problem) -> str:
    return problem.source_line[problem.column - 1 : problem.end_column - 1]


def test_an_unknown_field(tmp_path: Path) -> None:
    """It is pointed at, with the nearest name and the data view."""
    problem = the_one(found(tmp_path, metric("operation: average, field: latncy")))
    assert (problem.rule, problem.severity, marked(problem)) == ("unknown-field", "error", "latncy")
    assert problem.message == "the template of 'metrics' has no field 'latncy'"
    assert problem.hint == "did you mean 'latency'?"


@pytest.mark.parametrize("source", ["plain", "metrics-*"])
def test_without_a_template_no_field_is_unknown(tmp_path: Path, source: str) -> None:
    """A data view without one, and an index pattern, may have any field."""
    assert found(tmp_path, metric("operation: average, field: latncy", source)) == []


WORKS = [
    *[("average", field) for field in ("latency", "sketch")],
    *[("sum", "latency"), ("median", "latency"), ("standard_deviation", "latency")],
    *[("min", field) for field in ("latency", "requests", "@timestamp")],
    *[
        ("unique_count", field)
        for field in ("model", "ok", "address", "@timestamp", "latency", "message.keyword", "_id")
    ],
    *[("count", field) for field in ("model", "latency", "___records___")],
    *[("counter_rate", "requests"), ("cumulative_sum", "latency")],
]
FAILS = [
    *[(name, "model") for name in ("average", "sum", "median", "standard_deviation", "min", "max")],
    *[("average", field) for field in ("@timestamp", "ok", "message", "place", "requests")],
    *[("unique_count", "message"), ("unique_count", "raw"), ("count", "message"), ("unique_count", "place")],
    *[("counter_rate", "model"), ("cumulative_sum", "@timestamp")],
]


@pytest.mark.parametrize(("operation", "field"), WORKS)
def test_a_type_that_an_operation_takes(tmp_path: Path, operation: str, field: str) -> None:
    """As Lens offers it."""
    assert found(tmp_path, metric(f'operation: {operation}, field: "{field}"')) == []


@pytest.mark.parametrize(("operation", "field"), FAILS)
def test_a_type_that_an_operation_cannot_take(tmp_path: Path, operation: str, field: str) -> None:
    """One error at the field, in words that name operation, field and type."""
    problem = the_one(found(tmp_path, metric(f'operation: {operation}, field: "{field}"')))
    assert (problem.rule, problem.severity, marked(problem)) == ("field-type", "error", f'"{field}"')
    assert operation in problem.message
    assert f"'{field}'" in problem.message


def test_the_words_of_a_wrong_type(tmp_path: Path) -> None:
    """What is needed, what is there."""
    problem = the_one(found(tmp_path, metric("operation: percentile, field: model, percentile: 95")))
    assert problem.message == "percentile needs a number, 'model' is a keyword"
    problem = the_one(found(tmp_path, metric("operation: unique_count, field: message")))
    assert problem.hint == "did you mean 'message.keyword'?"
    problem = the_one(found(tmp_path, metric("operation: average, field: requests")))
    assert problem.message == "average cannot be taken of 'requests', which is a counter: use counter_rate or max"
    problem = the_one(found(tmp_path, metric("operation: unique_count, field: raw")))
    assert problem.message == "unique_count cannot read 'raw': the template says doc_values: false"


@pytest.mark.parametrize(
    ("operation", "works", "fails"),
    [
        ("operation: terms, fields: [%s]", ("model", "ok", "latency", "address"), ("message", "@timestamp", "place")),
        ("operation: date_histogram, field: %s", ("@timestamp",), ("latency", "model")),
        ("operation: histogram, field: %s", ("latency",), ("@timestamp", "model", "sketch")),
        ("operation: range, field: %s, ranges: [{lte: 1}]", ("latency",), ("@timestamp", "model")),
        (
            "operation: terms, fields: [model], rank_by: {type: custom, operation: average, field: %s, direction: asc}",
            ("latency",),
            ("model",),
        ),
    ],
)
def test_buckets(tmp_path: Path, operation: str, works: tuple[str, ...], fails: tuple[str, ...]) -> None:
    """What they group by, and what they are ranked by."""
    for field in works:
        assert found(tmp_path, bucket(operation % f'"{field}"')) == []
    for field in fails:
        problem = the_one(found(tmp_path, bucket(operation % f'"{field}"')))
        assert (problem.rule, marked(problem)) == ("field-type", f'"{field}"')


def test_last_values(tmp_path: Path) -> None:
    """Text can only be had as several values; the time field is a date."""
    last = 'operation: last_value, time_field: "%s", field: %s'
    assert found(tmp_path, metric(last % ("@timestamp", "model"))) == []
    assert found(tmp_path, metric(last % ("@timestamp", "message") + ", multi_value: true")) == []
    problem = the_one(found(tmp_path, metric(last % ("@timestamp", "message"))))
    assert (problem.rule, marked(problem)) == ("field-type", "message")
    problem = the_one(found(tmp_path, metric(last % ("latency", "model"))))
    assert problem.message == "a time field needs a date, 'latency' is a double"


def test_operations_inside_operations(tmp_path: Path) -> None:
    """A moving average of a keyword's average, a gauge's maximum, a bar's."""
    inner = "operation: moving_average, of: {operation: average, field: model}"
    assert marked(the_one(found(tmp_path, metric(inner)))) == "model"
    bar = "operation: count, background_chart: {type: bar, max_value: {operation: max, field: latncy}}"
    assert marked(the_one(found(tmp_path, metric(bar)))) == "latncy"
    gauge = (
        "type: gauge\ntitle: A\ndata_source: metrics\nmetric: {operation: count, max: {operation: sum, field: ok}}\n"
    )
    assert marked(the_one(found(tmp_path, {"visualizations/a.yaml": gauge}))) == "ok"


def test_formulas(tmp_path: Path) -> None:
    """The fields of their functions, each once; what does not parse is another finding's affair."""
    fine = "operation: formula, formula: \"sum(latency) / count(kql='model : a') + unique_count(model)\""
    assert found(tmp_path, metric(fine)) == []
    problem = the_one(found(tmp_path, metric('operation: formula, formula: "sum(latncy) / max(latncy)"')))
    assert (problem.rule, problem.hint) == ("unknown-field", "did you mean 'latency'?")
    problem = the_one(found(tmp_path, metric('operation: formula, formula: "average(latency) - median(model)"')))
    assert (problem.rule, problem.message) == ("field-type", "median needs a number, 'model' is a keyword")


def test_dashboards(tmp_path: Path) -> None:
    """Controls, filters of every kind, inline charts with several layers, panels in sections."""
    dashboard = """\
title: A
filters:
  - {type: condition, data_view_id: metrics, condition: {field: bad1, operator: exists}}
  - type: group
    data_view_id: metrics
    group:
      operator: or
      conditions:
        - {field: model, operator: exists}
        - {operator: and, conditions: [{field: bad2, operator: exists}]}
  - {type: dsl, data_view_id: metrics, field: bad3, dsl: {}}
  - {type: condition, condition: {field: any, operator: exists}}
pinned_panels:
  - {type: options_list_control, config: {data_view_id: metrics, field_name: message}}
  - {type: options_list_control, config: {data_view_id: metrics, field_name: model}}
  - {type: range_slider_control, config: {data_view_id: metrics, field_name: model}}
  - {type: range_slider_control, config: {data_view_id: metrics, field_name: bad4}}
  - {type: time_slider_control, config: {}}
panels:
  - title: Section
    panels:
      - type: vis
        config:
          type: xy
          layers:
            - {type: line, data_source: plain, y: [{operation: average, field: any}]}
            - {type: line, data_source: metrics, y: [{operation: average, field: bad5}]}
            - {type: reference_lines, data_source: metrics, thresholds: [{operation: average, field: bad6}]}
"""
    rules = {14: "field-type", 16: "field-type"}
    lines = [3, 10, 11, 14, 16, 17, 27, 28]
    expected = [("dashboards/a.yaml", line, rules.get(line, "unknown-field")) for line in lines]
    problems = short(found(tmp_path, {"dashboards/a.yaml": dashboard}), tmp_path)
    assert [(file, line, rule) for file, line, _, rule in problems] == expected


def test_annotations(tmp_path: Path) -> None:
    """Their time field is a date; the fields that they show have to be there."""
    source = source_of(tmp_path, {"visualizations/a.yaml": METRIC})
    (spec,) = source.specs
    event = {"type": "query", "time_field": "model", "text": {"field": "bad1"}, "extra_fields": ["model", "bad2"]}
    layer = {
        "type": "annotations",
        "data_source": {"type": "data_view_reference", "ref_id": "shop-metrics"},
        "events": [event, {"type": "point"}],
    }
    changed = replace(spec, document={"type": "xy", "layers": [layer]})
    uses = [(use.path[3:], use.field, use.by) for use in field_uses(replace(source, selected=[changed]))]
    assert uses == [
        ((0, "time_field"), "model", "time_field"),
        ((0, "text", "field"), "bad1", "annotation"),
        ((0, "extra_fields", 0), "model", "annotation"),
        ((0, "extra_fields", 1), "bad2", "annotation"),
    ]


def test_a_copy_is_looked_at_where_it_comes_from(tmp_path: Path) -> None:
    """A mistake in a visualization is one finding, however often it is copied or referred to."""
    files = {
        **metric("operation: average, field: latncy"),
        "dashboards/b.yaml": "title: B\npanels: [{visualization: a}, {visualization: a, inline: true}]\n",
    }
    assert short(found(tmp_path, files), tmp_path) == [("visualizations/a.yaml", 5, 48, "unknown-field")]


def test_filters_of_a_chart_use_its_data_view(tmp_path: Path) -> None:
    """Unless they name another."""
    condition = "{type: condition, %s condition: {field: bad, operator: exists}}"
    for view, number in (("", 1), ("data_view_id: plain,", 0)):
        text = METRIC.replace("plain", "metrics") + f"filters: [{condition % view}]\n"
        assert len(found(tmp_path, {"visualizations/a.yaml": text})) == number


def test_a_template_with_parts_elsewhere(tmp_path: Path) -> None:
    """No field is unknown then; types are still checked."""
    template = {"composed_of": ["elsewhere"], "template": {"mappings": {"properties": {"model": {"type": "keyword"}}}}}
    files = {"templates/metrics.json": template}
    assert found(tmp_path, {**files, **metric("operation: average, field: anything")}) == []
    assert len(found(tmp_path, {**files, **metric("operation: average, field: model")})) == 1
