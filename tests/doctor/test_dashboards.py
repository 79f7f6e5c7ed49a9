"""What doctor says of dashboards: what their panels need, and what the indices have of it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from kibana_builder.doctor.dashboards import (
    Count,
    Found,
    Panel,
    Query,
    Span,
    check_dashboards,
    judge_dashboard,
    panels_of,
)
from kibana_builder.doctor.result import Result
from kibana_builder.elastic.client import Elastic
from kibana_builder.files.project import DataView, load_project
from kibana_builder.files.source import Source, load_source
from tests.elastic.pretended import pretended
from tests.elastic.servers import URL as URL_9
from tests.elastic.servers import needs_elasticsearch
from tests.shared_material import REPOSITORY

URL = "http://localhost:9200"
PROJECT = """\
project: shop
data_views:
  orders: {index_pattern: "orders-*", time_field: "@timestamp"}
  stock: {index_pattern: stock}
"""
CHART = "{type: metric, data_source: VIEW, metrics: [{type: primary, OPERATION}]}"
DASHBOARD = f"""\
title: Overview
time_range: now-7d
pinned_panels:
  - {{type: options_list_control, config: {{title: Country, data_view_id: orders, field_name: country}}}}
panels:
  - {{type: markdown, grid: {{w: 48, h: 4}}, config: {{content: Hello}}}}
  - {{visualization: total}}
  - {{visualization: total, inline: true}}
  - type: vis
    id: number
    config: {CHART.replace("VIEW", "stock").replace("OPERATION", "operation: count")}
"""
WEEK, DAY = Span("now-7d", "now"), Span("now-24h", "now")


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    total = (
        "title: Total\ntype: metric\ndata_source: orders\nmetrics: [{type: primary, operation: sum, field: total}]\n"
    )
    files = {"kbuild.yaml": PROJECT, "dashboards/overview.yaml": DASHBOARD, "visualizations/total.yaml": total}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    read = load_source(load_project(tmp_path / "kbuild.yaml"))
    assert read.problems == []
    return read


def dashboard_of(source: Source, name: str = "overview") -> list[Panel]:
    return panels_of(source, next(spec for spec in source.specs if spec.name == name))


def test_what_the_panels_need(source: Source) -> None:
    """A control, a visualization, a copy of it, a chart that only counts; text needs nothing."""
    assert dashboard_of(source) == [
        Panel("control Country", WEEK, {"shop-orders": frozenset({"country"})}),
        Panel("Total", WEEK, {"shop-orders": frozenset({"total"})}),
        Panel("Total", WEEK, {"shop-orders": frozenset({"total"})}),
        Panel("number", WEEK, {"shop-stock": frozenset()}),
    ]


def test_the_panels_of_the_example() -> None:
    """Every panel of the example that shows data is known with its fields."""
    example = load_source(load_project(REPOSITORY / "kbuild.yaml"))
    panels = dashboard_of(example, "ml-model-monitoring")
    assert {panel.span for panel in panels} == {DAY}
    by_name = {panel.name: panel.fields["ml-monitoring-ml-metrics"] for panel in panels}
    assert by_name["Inference latency"] == {"@timestamp", "inference_time_ms"}
    queries = {panel.name: [query.expression for query in panel.queries] for panel in panels if panel.queries}
    assert queries == {"Errors by type": ["error : true"]}
    assert [name for name, fields in by_name.items() if not fields] == ["Error rate"]  # it counts, by queries


# ------------------------------------------------------------------------------------------------------- judging


def found(events: int, kinds: dict[str, Any] | None = None, indices: int = 1, **counts: int) -> Found:
    known = {name: {"keyword": {}} for name in counts}
    return Found(indices, known | (kinds or {}), {(WEEK, ()): Count(events, counts)})


def judged(source: Source, orders: Found, stock: Found) -> list[Result]:
    views = {source.names.data_views[name]: view for name, view in source.project.data_views.items()}
    data = {"shop-orders": orders, "shop-stock": stock}
    return list(judge_dashboard("overview", dashboard_of(source), views, data, URL))


def test_all_is_well(source: Source) -> None:
    """So many panels, so many events."""
    (result,) = judged(source, found(10, country=10, total=9), found(5))
    assert (result.state, result.words) == ("ok", "4 panels and controls, all with data (15 events)")


def test_all_panels_are_empty(source: Source) -> None:
    """One finding with the reason of each data view: no index, or no event in that time."""
    (result,) = judged(source, found(0), found(0, indices=0))
    assert (result.state, result.words) == ("problem", "all 4 panels and controls are empty")
    assert result.details == ("no event in orders-* from now-7d to now", "no index is named stock")


def test_a_panel_whose_field_has_no_value(source: Source) -> None:
    """It may be good news, so it is a warning, said once for both panels of that name."""
    (result,) = judged(source, found(10, country=10, total=0), found(5))
    assert result.state == "warning"
    assert result.details == ("Total: total has no value in 10 events of orders-*",)
    (result,) = judged(source, found(1, country=1, total=0), found(5))
    assert result.details == ("Total: total has no value in 1 event of orders-*",)


def test_a_query_that_finds_nothing() -> None:
    """It is said with its words, and the fields of events that there are not are no matter."""
    query = Query("error : true", "kql")
    panel = Panel("Errors", WEEK, {"v": frozenset({"total"})}, (query,))
    view = DataView("orders", "orders-*", "@timestamp", None, None, None, {})
    kinds = {"total": {"double": {}}}
    data = Found(1, kinds, {(WEEK, ()): Count(9, {}), (WEEK, (query,)): Count(0, {"total": 0})})
    (result,) = judge_dashboard("overview", [panel], {"v": view}, {"v": data}, URL)
    assert (result.state, result.details) == (
        "warning",
        ("Errors: no event of orders-* fits its query 'error : true'",),
    )


def test_one_data_view_is_empty(source: Source) -> None:
    """The panels on it are named, the others are well."""
    (result,) = judged(source, found(10, country=10, total=9), found(0, indices=0))
    assert (result.state, result.details) == ("warning", ("number: no index is named stock",))


def test_a_field_that_no_index_has(source: Source) -> None:
    """A name that nobody sends, or an index made before its template."""
    (result,) = judged(source, found(10, {"total": {}}, country=10), found(5))
    assert result.state == "problem"
    assert result.details == ("Total: total is in no index of orders-*",)
    assert f"kbuild templates apply --elasticsearch {URL}" in result.cure


def test_a_field_of_two_kinds(source: Source) -> None:
    """Kibana cannot use it; numbers of several kinds are one kind."""
    kinds = {"total": {"long": {"indices": ["orders-1", "orders-2"]}, "text": {"indices": ["orders-3"]}}}
    (result,) = judged(source, found(10, kinds, country=10, total=9), found(5))
    (detail,) = result.details
    assert detail.startswith("Total: total is long in orders-1 and 1 more and text in orders-3")
    numbers = {"total": {"long": {}, "double": {}, "unmapped": {}}}
    (result,) = judged(source, found(10, numbers, country=10, total=9), found(5))
    assert result.state == "ok"


# ------------------------------------------------------------------------------------------------- over real HTTP


def test_the_requests(source: Source) -> None:
    """Per data view one for the fields, and for each span one that counts them all."""
    caps = {"indices": ["orders-1"], "fields": {"country": {"keyword": {}}, "total": {"double": {}}}}
    counts = {
        "hits": {"total": {"value": 3}},
        "aggregations": {"0": {"doc_count": 3, "0": {"doc_count": 3}, "1": {"doc_count": 0}}},
    }
    answers = {
        "/orders-*/_field_caps": (200, caps),
        "/orders-*/_search": (200, counts),
        "/stock/_field_caps": (200, {"indices": [], "fields": {}}),
        "/stock/_search": (200, {"hits": {"total": {"value": 0}}}),
    }
    with pretended(answers=answers) as cluster, Elastic(cluster.url) as elastic:
        (result,) = check_dashboards(elastic, source)
        assert len(cluster.server.requests) == 4
    assert result.details == ("Total: total has no value in 3 events of orders-*", "number: no index is named stock")


def test_a_data_view_that_may_not_be_read(source: Source) -> None:
    """It is said once, and its panels are not called empty."""
    refusal = (403, {"error": {"type": "security_exception", "reason": "action is unauthorized"}})
    answers = dict.fromkeys(("/orders-*/_field_caps", "/stock/_field_caps"), refusal)
    with pretended(answers=answers) as cluster, Elastic(cluster.url) as elastic:
        results = list(check_dashboards(elastic, source))
    assert [one.state for one in results] == ["warning", "warning", "skipped"]


@pytest.mark.integration
@needs_elasticsearch
def test_on_a_real_elasticsearch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two indices of different mappings, events of today and of last year, a query in KQL: each panel says its own."""
    chart = (
        "title: TITLE\ntype: metric\ndata_source: orders\nmetrics: [{type: primary, operation: sum, field: FIELD}]\n"
    )
    panels = {"Total": "total", "Weight": "weight", "Price": "price", "Refunds": "total"}
    files = {"kbuild.yaml": PROJECT.replace("orders-*", "doccheck-orders-*")}
    for title, name in panels.items():
        files[f"visualizations/{title.lower()}.yaml"] = chart.replace("TITLE", title).replace("FIELD", name)
    files["visualizations/refunds.yaml"] += 'query: "country : NO and total < 0"\n'
    shown = "".join(f"  - {{visualization: {title.lower()}}}\n" for title in panels)
    files["dashboards/now.yaml"] = f"title: Now\ntime_range: now-1h\npanels:\n{shown}"
    files["dashboards/later.yaml"] = (
        "title: Later\ntime_range: {from: now+1d, to: now+2d}\npanels: [visualization: total]\n"
    )
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    source = load_source(load_project(tmp_path / "kbuild.yaml"))
    assert source.problems == []
    with Elastic(URL_9) as elastic:
        try:
            for number, kind in enumerate(("double", "keyword")):
                fields = {"@timestamp": {"type": "date"}, "country": {"type": "keyword"}, "total": {"type": "double"}}
                body = {"mappings": {"properties": fields | {"price": {"type": kind}, "weight": {"type": "long"}}}}
                elastic.request("PUT", f"/doccheck-orders-{number}", body=body)
                event = {"@timestamp": int(time.time() * 1000), "country": "NO", "total": 7, "price": 1}
                elastic.request("POST", f"/doccheck-orders-{number}/_doc", body=event, params={"refresh": True})
            results = {(one.check, one.state): one.details for one in check_dashboards(elastic, source)}
        finally:
            for number in range(2):
                elastic.request("DELETE", f"/doccheck-orders-{number}", params={"ignore_unavailable": True})
    kinds = "double in doccheck-orders-0 and keyword in doccheck-orders-1"
    assert results == {
        ("now", "problem"): (f"Price: price is {kinds}: Kibana cannot use a field of two kinds",),
        ("now", "warning"): (
            "Weight: weight has no value in 2 events of doccheck-orders-*",
            "Refunds: no event of doccheck-orders-* fits its query 'country : NO and total < 0'",
        ),
        ("later", "problem"): ("no event in doccheck-orders-* from now+1d to now+2d",),
    }
