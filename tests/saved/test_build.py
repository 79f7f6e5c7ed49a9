"""A project's files become saved objects: which, in which order, and every refusal with its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kibana_builder.errors import SpecError
from kibana_builder.files.ndjson import write_ndjson
from kibana_builder.files.project import load_project
from kibana_builder.files.source import Source, load_source
from kibana_builder.problem import NotExpressible
from kibana_builder.saved.build import BuiltObject, build, build_official
from kibana_builder.saved.ids import tag_id
from tests.shared_material import REPOSITORY

PROJECT = """\
project: shop
data_views:
  unused: {index_pattern: "unused-*"}
  orders: {index_pattern: "orders-*", time_field: "@timestamp", title: Orders}
  users: {index_pattern: "users-*", id: {there: users-of-there}}
contexts:
  here: {kibana: "http://localhost:5601"}
  there: {kibana: "http://localhost:5602"}
"""
COUNT = """\
type: metric
title: Count
data_source: orders
tags: [sales]
metrics: [{type: primary, operation: count}]
"""
OVERVIEW = """\
title: Overview
tags: [shop, sales]
pinned_panels:
  - {type: options_list_control, config: {data_view_id: users, field_name: name}}
panels:
  - visualization: count
    config:
      drilldowns:
        - {type: dashboard_drilldown, label: Details, trigger: on_apply_filter, dashboard_id: details}
"""
DETAILS = """\
title: Details
panels: [{type: markdown, config: {content: "# Details"}}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {
        "kbuild.yaml": PROJECT,
        "visualizations/count.yaml": COUNT,
        "dashboards/overview.yaml": OVERVIEW,
        "dashboards/details.yaml": DETAILS,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def source(folder: Path, *names: str, context: str | None = None) -> Source:
    loaded = load_source(load_project(folder / "kbuild.yaml"), [folder / name for name in names], context)
    assert loaded.problems == []
    return loaded


def names_of(built: list[BuiltObject]) -> list[tuple[str, str]]:
    return [(item.object["type"], item.object["id"]) for item in built]


def test_objects_stand_behind_those_they_refer_to(folder: Path) -> None:
    """Data views and tags that are used, then visualizations, then dashboards; each with its file."""
    built = build(source(folder))
    assert names_of(built) == [
        ("index-pattern", "shop-orders"),
        ("index-pattern", "shop-users"),
        ("tag", tag_id("shop")),
        ("tag", tag_id("sales")),
        ("lens", "shop-count"),
        ("dashboard", "shop-details"),
        ("dashboard", "shop-overview"),
    ] or names_of(built)[2:4] == [("tag", tag_id("sales")), ("tag", tag_id("shop"))]
    files = {item.object["id"]: Path(item.file).name for item in built}
    assert files["shop-orders"] == "kbuild.yaml"
    assert files["shop-count"] == "count.yaml"
    assert files[tag_id("shop")] == "overview.yaml"


def test_every_reference_leads_to_a_built_object(folder: Path) -> None:
    """Kibana checks only some of them."""
    built = build(source(folder))
    there = set(names_of(built))
    assert all((ref["type"], ref["id"]) in there for item in built for ref in item.object["references"])


def test_only_what_is_selected_is_built(folder: Path) -> None:
    """With what it refers to."""
    assert names_of(build(source(folder, "dashboards/details.yaml"))) == [("dashboard", "shop-details")]
    assert ("index-pattern", "shop-users") not in names_of(build(source(folder, "visualizations")))
    assert ("dashboard", "shop-details") in names_of(build(source(folder, "dashboards/overview.yaml")))


def test_a_data_view_has_the_id_of_its_context(folder: Path) -> None:
    """In the object, and in every reference to it."""
    built = build(source(folder, context="there"))
    assert ("index-pattern", "users-of-there") in names_of(built)
    overview = next(item.object for item in built if item.object["id"] == "shop-overview")
    assert {ref["id"] for ref in overview["references"] if ref["type"] == "index-pattern"} == {"users-of-there"}


def test_the_same_files_give_the_same_bytes(folder: Path) -> None:
    """Also those of the example."""
    for project in (folder, REPOSITORY):
        texts = {write_ndjson(item.object for item in build(source(project))) for _ in range(2)}
        assert len(texts) == 1


def test_every_refusal_has_its_place(folder: Path) -> None:
    """All of them at once, each at its property in its file."""
    (folder / "dashboards" / "details.yaml").write_text(
        "title: Details\noptions: {hide_panel_borders: true}\n"
        'panels: [{type: markdown, config: {content: "#", hide_border: true}}]\n',
        "utf-8",
    )
    (folder / "visualizations" / "count.yaml").write_text(COUNT + "time_range: now-1h\n", "utf-8")
    with pytest.raises(SpecError) as refused:
        build(source(folder))
    places = [(Path(found.file).name, found.line, found.column, found.rule) for found in refused.value.problems]
    assert places == [
        ("count.yaml", 6, 13, "not-expressible"),
        ("details.yaml", 2, 31, "not-expressible"),
        ("details.yaml", 3, 63, "not-expressible"),
    ]


def test_a_refusal_in_a_group_within_a_group(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However deep it stands, it is said: the object would be missing without a word."""
    inner = ExceptionGroup("inner", [NotExpressible(("title",), "deep")])

    def refusing(*_: object) -> None:
        raise ExceptionGroup("outer", [inner, NotExpressible(("panels",), "flat")])

    monkeypatch.setattr("kibana_builder.saved.build.to_dashboard", refusing)
    with pytest.raises(SpecError) as refused:
        build(source(folder, "dashboards/details.yaml"))
    assert [found.message for found in refused.value.problems] == ["deep", "flat"]


def test_the_official_documents(folder: Path) -> None:
    """In the order of the files; what the API has no place for is refused."""
    documents = {spec.name: document for spec, document in build_official(source(folder)).documents}
    assert documents["overview"]["tags"] == [tag_id("shop"), tag_id("sales")]
    assert documents["count"]["data_source"]["ref_id"] == "shop-orders"
    (folder / "dashboards" / "details.yaml").write_text(DETAILS + "lock: true\n", "utf-8")
    with pytest.raises(SpecError) as refused:
        build_official(source(folder))
    (problem,) = refused.value.problems
    assert (problem.line, problem.rule) == (3, "not-expressible")


def test_what_the_official_documents_lack_is_told(folder: Path) -> None:
    """A word of kbuild's own is left out with a warning at its place."""
    file = folder / "visualizations" / "count.yaml"
    file.write_text(file.read_text("utf-8").replace("operation: count", "operation: max, field: at, data_type: date"))
    official = build_official(source(folder))
    (warning,) = official.left_out
    assert (warning.rule, warning.severity, warning.line) == ("left-out", "warning", 5)
    assert "'data_type'" in warning.message
    assert "data_type" not in json.dumps([document for _, document in official.documents])


def test_no_id_is_made_by_chance(folder: Path) -> None:
    """Panels, controls, layers and columns are called after what they are."""
    texts = json.dumps([item.object for item in build(source(folder))])
    assert "shop-count" in texts
    assert '\\"panelIndex\\": \\"count\\"' in texts or '\\"panelIndex\\":\\"count\\"' in texts


def test_raw_objects_are_built_as_they_stand(tmp_path: Path) -> None:
    """Their JSON in strings where Kibana keeps it so, with their own stamps; their data views come along."""
    raw = """\
saved_object:
  type: search
  id: s
  attributes:
    kibanaSavedObjectMeta: {searchSourceJSON: {filter: []}}
  references: [{type: index-pattern, id: shop-orders, name: n}]
  typeMigrationVersion: 7.9.3
"""
    for name, text in {"kbuild.yaml": PROJECT, "saved_objects/s.yaml": raw}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    view, search = [built.object for built in build(load_source(load_project(tmp_path / "kbuild.yaml")))]
    assert (view["type"], view["id"]) == ("index-pattern", "shop-orders")
    assert search == {
        "type": "search",
        "id": "s",
        "attributes": {"kibanaSavedObjectMeta": {"searchSourceJSON": '{"filter":[]}'}},
        "references": [{"type": "index-pattern", "id": "shop-orders", "name": "n"}],
        "typeMigrationVersion": "7.9.3",
    }


@pytest.mark.parametrize(
    ("part", "path"),
    [
        ("raw: {a: {b: 1}}\npanels: []", None),
        ("raw_absent: [nothing]\npanels: []", ("raw_absent", 0)),
        ("raw: {panelsJSON: []}\npanels: []", ("raw", "panelsJSON")),
        ("raw: {kibanaSavedObjectMeta: {searchSourceJSON: {filter: {a: 1}}}}\npanels: []", ("raw",)),
        ("panels: [{type: markdown, config: {content: a}, raw_absent: [b]}]", ("panels", 0, "raw_absent", 0)),
    ],
)
def test_raw_parts_that_do_not_fit_have_their_place(tmp_path: Path, part: str, path: tuple[str, ...] | None) -> None:
    """What is laid over a place that is not there is a finding at it."""
    for name, text in {"kbuild.yaml": PROJECT, "dashboards/d.yaml": f"title: D\n{part}\n"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    source = load_source(load_project(tmp_path / "kbuild.yaml"))
    assert source.problems == []
    if path is None:
        (built,) = build(source)
        assert built.object["attributes"]["a"] == {"b": 1}
        return
    with pytest.raises(SpecError) as refused:
        build(source)
    (problem,) = refused.value.problems
    assert problem.rule == "not-expressible"
