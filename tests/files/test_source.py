"""A project's files become documents; a broken one is reported once and for itself."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kibana_builder.checks import all_problems
from kibana_builder.errors import SpecError, UsageError
from kibana_builder.files.project import load_project
from kibana_builder.files.source import Source, load_source
from kibana_builder.problem import Problem
from tests.project_folder import METRIC, PROJECT, source_of, write_files

DASHBOARD = "title: Overview\npanels:\n  - visualization: requests\n"


def summary(problems: list[Problem], folder: Path) -> list[tuple[str, int, int, str]]:
    return [(os.path.relpath(problem.file, folder), problem.line, problem.column, problem.rule) for problem in problems]


def names(source: Source) -> list[str]:
    return [spec.file.path.relative_to(source.project.root).as_posix() for spec in source.selected]


FILES = {
    "dashboards/overview.yaml": DASHBOARD,
    "dashboards/other.yml": "id: my-own\ntitle: Other\npanels: []\n",
    "dashboards/deep/inner.yaml": "title: Inner\npanels: []\n",
    "visualizations/requests.yaml": METRIC,
    "visualizations/errors.yaml": METRIC,
    "visualizations/.draft.yaml": "broken: [",
    "notes.yaml": "not: ours",
}


def test_a_project_is_read(tmp_path: Path) -> None:
    """Kinds are told by content, names are those of files, ids come from the project's name or the file."""
    source = source_of(tmp_path, FILES)
    assert source.problems == []
    assert {(spec.kind, spec.name, spec.id) for spec in source.specs} == {
        ("dashboard", "overview", "shop-overview"),
        ("dashboard", "other", "my-own"),
        ("dashboard", "inner", "shop-inner"),
        ("visualization", "requests", "shop-requests"),
        ("visualization", "errors", "shop-errors"),
    }
    assert source.selected == source.specs
    assert source.files == 5
    (panel,) = next(spec for spec in source.specs if spec.name == "overview").document["panels"]
    assert panel["config"] == {"ref_id": "shop-requests"}


TWO_CONTEXTS = PROJECT.replace("contexts:\n", 'contexts:\n  ops: {kibana: "http://localhost:5601", space: ops}\n')


def test_an_id_for_each_context(tmp_path: Path) -> None:
    """Where a file names the id for the context, it is the id in that space; elsewhere it is the usual one."""
    files = {
        "dashboards/overview.yaml": "id: {ops: 0f1e}\n" + DASHBOARD,
        "visualizations/requests.yaml": "id: {ops: 7a3c}\n" + METRIC,
        "saved_objects/logs.yaml": "saved_object: {type: search, id: {ops: 55b2}, attributes: {title: Logs}}\n",
    }
    local = source_of(tmp_path, files, project=TWO_CONTEXTS.replace("contexts:", "default_context: local\ncontexts:"))
    assert {spec.key for spec in local.specs} == {
        ("dashboard", "shop-overview"),
        ("lens", "shop-requests"),
        ("search", "shop-logs"),
    }
    assert local.fixed == frozenset()
    assert local.elsewhere["search", "55b2"] == "shop-logs"
    ops = load_source(local.project, (), "ops")
    assert ops.fixed == {spec.key for spec in ops.specs}
    assert ops.fixed == {("dashboard", "0f1e"), ("lens", "7a3c"), ("search", "55b2")}
    assert ops.elsewhere == {}
    assert ops.names.dashboards == {"overview": "0f1e"}
    assert [spec.document["saved_object"]["id"] for spec in ops.specs if spec.kind == "saved_object"] == ["55b2"]


def test_an_id_for_a_context_that_is_not_there(tmp_path: Path) -> None:
    files = {"dashboards/overview.yaml": "id: {loca: 0f1e}\ntitle: Overview\npanels: []\n"}
    (problem,) = source_of(tmp_path, files).problems
    assert (problem.rule, problem.line, problem.column) == ("unknown-context", 1, 6)
    assert problem.hint == "did you mean 'local'?"


def test_the_context_decides_about_data_views(tmp_path: Path) -> None:
    """The id of a data view may differ from context to context; without a name it is that of the default one."""
    project = PROJECT.replace('"plain-*"}', '"plain-*", id: {local: plain-id}}')
    source = source_of(tmp_path, FILES, project=project)
    document = next(spec for spec in source.specs if spec.name == "requests").document
    assert source.context == "local"
    assert document["data_source"]["ref_id"] == "plain-id"
    with pytest.raises(UsageError, match="no context 'nowhere'"):
        load_source(source.project, context="nowhere")


@pytest.mark.parametrize(
    ("paths", "selected"),
    [
        (["dashboards/overview.yaml"], ["dashboards/overview.yaml", "visualizations/requests.yaml"]),
        (["dashboards/other.yml"], ["dashboards/other.yml"]),
        (["dashboards/deep"], ["dashboards/deep/inner.yaml"]),
        (["visualizations"], ["visualizations/errors.yaml", "visualizations/requests.yaml"]),
        (["kbuild.yaml"], []),
        (["notes"], ["notes/extra.yaml"]),
        (["notes/extra.yaml"], ["notes/extra.yaml"]),
    ],
)
def test_paths_select(tmp_path: Path, paths: list[str], selected: list[str]) -> None:
    """Files and folders select, also outside of the project's paths; what a dashboard refers to comes along."""
    source = source_of(tmp_path, {**FILES, "notes/extra.yaml": METRIC}, *paths)
    assert names(source) == selected
    assert source.files == len(selected)


def test_the_projects_own_folder_selects_its_files(tmp_path: Path) -> None:
    """`kbuild validate .` means the project, not every YAML file that lies around."""
    assert len(names(source_of(tmp_path, FILES, "."))) == 5


def test_drilldowns_bring_their_dashboards(tmp_path: Path) -> None:
    """And those the visualizations that they need; a circle of them ends."""
    drilldown = "drilldowns: [{type: dashboard_drilldown, label: a, trigger: on_apply_filter, dashboard_id: %s}]"
    files = {
        "dashboards/one.yaml": f"title: One\npanels: [{{visualization: a, config: {{{drilldown % 'two'}}}}}]\n",
        "dashboards/two.yaml": f"title: Two\npanels: [{{visualization: b, config: {{{drilldown % 'shop-one'}}}}}]\n",
        **{f"visualizations/{name}.yaml": METRIC for name in "abc"},
    }
    source = source_of(tmp_path, files, "dashboards/two.yaml")
    assert names(source) == ["dashboards/one.yaml", "dashboards/two.yaml", *(f"visualizations/{n}.yaml" for n in "ab")]


def test_a_link_to_a_file_selects_it(tmp_path: Path) -> None:
    """The same file by another way is the same file."""
    write_files(tmp_path, FILES)
    (tmp_path / "link").symlink_to(tmp_path / "dashboards")
    assert names(source_of(tmp_path, FILES, "link/other.yml")) == ["dashboards/other.yml"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("dashboards/overvew.yaml", r"no file or folder .*overvew.yaml \(did you mean 'overview.yaml'\?\)"),
        ("nothing", "no file or folder"),
        ("templates/metrics.json", "is no YAML file"),
        ("templates", "no YAML files in"),
    ],
)
def test_paths_that_cannot_be_meant(tmp_path: Path, path: str, message: str) -> None:
    """They are wrong usage."""
    with pytest.raises(UsageError, match=message):
        source_of(tmp_path, FILES, path)


@pytest.mark.parametrize(
    ("text", "rule", "place"),
    [
        ("title: A\npanles: []\n", "unknown-kind", (2, 1)),
        ("title: A\n", "unknown-kind", (1, 1)),
        ("- a\n", "unknown-kind", (1, 1)),
        ("5\n", "unknown-kind", (1, 1)),
        ("a: [\n", "yaml-syntax", (1, 4)),
        ("", "empty-file", (1, 1)),
    ],
)
def test_a_file_that_is_neither_kind(tmp_path: Path, text: str, rule: str, place: tuple[int, int]) -> None:
    """It is one problem, at the key that was most likely meant."""
    source = source_of(tmp_path, {"dashboards/a.yaml": text})
    (problem,) = source.problems
    assert (problem.rule, (problem.line, problem.column)) == (rule, place)
    assert source.specs == []
    assert source.broken == {"a"}


def test_what_refers_to_a_broken_file_is_not_reported(tmp_path: Path) -> None:
    """One mistake, one finding; with the broken file's finding also when only the other file was asked for."""
    files = {**FILES, "visualizations/requests.yaml": "type: metric\ntitle: [\n"}
    for paths in ((), ("dashboards/overview.yaml",)):
        source = source_of(tmp_path, files, *paths)
        assert summary(all_problems(source), tmp_path) == [("visualizations/requests.yaml", 2, 8, "yaml-syntax")]


def test_problems_of_other_files_do_not_count(tmp_path: Path) -> None:
    """Building one file must not fail for another that it does not need."""
    source = source_of(tmp_path, {**FILES, "visualizations/errors.yaml": "type: ["}, "dashboards/overview.yaml")
    assert source.problems == []
    assert names(source) == ["dashboards/overview.yaml", "visualizations/requests.yaml"]


def test_a_folder_that_kbuild_yaml_names_must_be_there(tmp_path: Path) -> None:
    """The default ones need not; a path may also be a file, and two that overlap give each file once."""
    assert source_of(tmp_path, {}).problems == []
    paths = "paths: [visualizations, visualizations/requests.yaml, missing]\n"
    source = source_of(tmp_path, FILES, project=PROJECT + paths)
    assert summary(source.problems, tmp_path) == [("kbuild.yaml", 7, 55, "missing-folder")]
    assert names(source) == ["visualizations/errors.yaml", "visualizations/requests.yaml"]


def test_files_of_one_name_keep_their_own_content(tmp_path: Path) -> None:
    """Two files of one name in two folders are two specs."""
    files = {
        "visualizations/a/x.yaml": f"id: one\n{METRIC}",
        "visualizations/b/x.yaml": f"id: two\n{METRIC.replace('Requests', 'Others')}",
    }
    assert [(spec.id, spec.document["title"]) for spec in source_of(tmp_path, files).specs] == [
        ("one", "Requests"),
        ("two", "Others"),
    ]


def test_the_garbage_collector_is_left_as_it_was(tmp_path: Path) -> None:
    """It rests while files are read, and only then."""
    gc.disable()
    try:
        source_of(tmp_path, FILES)
        assert not gc.isenabled()
    finally:
        gc.enable()
    source_of(tmp_path, FILES)
    assert gc.isenabled()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 60) | st.sampled_from(["vis", "markdown", "metric", "x", "30s", "a-*"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("title", "panels", "type", "config", "grid", "x", "y", "w", "h", "visualization", "filters"),
                    *("data_source", "metrics", "layers", "query", "time_range", "refresh_interval", "pinned_panels"),
                    *("id", "inline", "drilldowns", "operation", "field", "min", "tags"),
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], max_examples=200)
@given(VALUES)
def test_any_document_gives_a_spec_or_problems(tmp_path: Path, value: object) -> None:
    """Whatever a file says: what passes the schema is expanded and checked without a traceback."""
    all_problems(source_of(tmp_path, {"dashboards/a.yaml": value, "visualizations/x.yaml": METRIC}))


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], max_examples=100)
@given(st.binary(max_size=80))
def test_any_project_file_gives_a_project_or_problems(tmp_path: Path, data: bytes) -> None:
    """And whatever kbuild.yaml says."""
    write_files(tmp_path, {"kbuild.yaml": b"project: a\n" + data})
    try:
        load_source(load_project(tmp_path / "kbuild.yaml"))
    except SpecError as error:
        assert error.problems  # noqa: PT017


RAW = """\
saved_object:
  type: {}
  id: {}
  attributes: {{title: Raw}}
  references: [{}]
"""


def test_raw_objects_are_files_like_others(tmp_path: Path) -> None:
    """A file is one by its single key; its id stands in it, and other files may name it by its own name."""
    files = {
        "dashboards/overview.yaml": "title: O\npanels:\n  - {visualization: old-chart}\n",
        "saved_objects/old-chart.yaml": RAW.format("lens", "lens-of-kibana", ""),
        "saved_objects/search.yaml": RAW.format("search", "s", ""),
    }
    source = source_of(tmp_path, files)
    assert all_problems(source) == []
    assert {(spec.kind, spec.name, spec.key) for spec in source.specs} == {
        ("dashboard", "overview", ("dashboard", "shop-overview")),
        ("saved_object", "old-chart", ("lens", "lens-of-kibana")),
        ("saved_object", "search", ("search", "s")),
    }
    overview = next(spec for spec in source.specs if spec.name == "overview")
    assert overview.document["panels"][0]["config"] == {"ref_id": "lens-of-kibana"}


def test_what_raw_parts_refer_to_comes_along(tmp_path: Path) -> None:
    """From raw panels, from references of a dashboard, and from raw objects to others, in a circle too."""
    raw_panel = "{saved_object: {type: search, references: [{type: search, id: first, name: n}]}}"
    files = {
        "dashboards/d.yaml": f"title: D\npanels: [{raw_panel}]\nraw_references: [{{type: map, id: m, name: n}}]\n",
        "saved_objects/a.yaml": RAW.format("search", "first", "{type: search, id: second, name: n}"),
        "saved_objects/b.yaml": RAW.format("search", "second", "{type: search, id: first, name: n}"),
        "saved_objects/c.yaml": RAW.format("map", "m", ""),
        "saved_objects/d.yaml": RAW.format("map", "another", ""),
    }
    source = source_of(tmp_path, files, tmp_path / "dashboards" / "d.yaml")
    assert [spec.id for spec in source.selected] == ["shop-d", "first", "second", "m"]
