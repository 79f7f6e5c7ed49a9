"""References to what is not there: unknown-data-view, unknown-visualization, unknown-dashboard, ambiguous-name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks.found import found, short, the_one
from tests.project_folder import METRIC, PROJECT

UUID = "0f0f0f0f-1111-2222-3333-444444444444"


def panel(text: str) -> dict[str, str]:
    return {"dashboards/a.yaml": f"title: A\npanels:\n  - {text}\n", "visualizations/requests.yaml": METRIC}


@pytest.mark.parametrize(
    ("source", "message", "hint"),
    [
        ("metrisc", "kbuild.yaml has no data view 'metrisc'", "did you mean 'metrics'?"),
        ("qqq", "kbuild.yaml has no data view 'qqq'", ""),
        ("{type: data_view_reference, ref_id: metrisc}", "kbuild.yaml has no data view 'metrisc'", "did you mean"),
    ],
)
def test_an_unknown_data_view_is_an_error(tmp_path: Path, source: str, message: str, hint: str) -> None:
    """It stands at the word, with the nearest name."""
    problem = the_one(found(tmp_path, {"visualizations/a.yaml": METRIC.replace("plain", source)}))
    assert (problem.rule, problem.severity, problem.line) == ("unknown-data-view", "error", 3)
    assert problem.source_line[problem.column - 1 : problem.end_column - 1] == source.removeprefix(
        "{type: data_view_reference, ref_id: "
    ).removesuffix("}")
    assert problem.message == message
    assert problem.hint.startswith(hint)


@pytest.mark.parametrize(
    "source",
    [
        "metrics",
        "logs-*",
        "a,b",
        "{type: data_view_reference, ref_id: metrics}",
        "{type: data_view_reference, ref_id: shop-metrics}",
        "{type: data_view_spec, index_pattern: x}",
    ],
)
def test_names_ids_and_patterns_are_known(tmp_path: Path, source: str) -> None:
    """A name, its id, an index pattern: nothing to find."""
    assert found(tmp_path, {"visualizations/a.yaml": METRIC.replace("plain", f"{source}")}) == []


@pytest.mark.parametrize("word", [UUID, "'logs-*'"])
def test_an_id_of_kibanas_own_is_a_warning(tmp_path: Path, word: str) -> None:
    """It may be there, though the project does not know it."""
    control = f"{{type: options_list_control, config: {{data_view_id: {word}, field_name: a}}}}"
    files = {"dashboards/a.yaml": f"title: A\npanels: []\npinned_panels:\n  - {control}\n"}
    problem = the_one(found(tmp_path, files))
    assert (problem.rule, problem.severity) == ("unknown-data-view", "warning")
    assert problem.hint == "it has to be in Kibana already"


def test_every_place_of_a_data_view_is_looked_at(tmp_path: Path) -> None:
    """Layers, filters of charts and dashboards, controls, inline panels, panels in sections."""
    dashboard = """\
title: A
filters:
  - {type: condition, data_view_id: bad-1, condition: {field: a, operator: exists}}
pinned_panels:
  - {type: options_list_control, config: {data_view_id: bad-2, field_name: a}}
panels:
  - title: Section
    panels:
      - type: vis
        config:
          type: xy
          filters:
            - {type: dsl, data_view_id: bad-3, dsl: {}}
          layers:
            - {type: line, data_source: plain, y: [{operation: count}]}
            - {type: line, data_source: bad-4, y: [{operation: count}]}
"""
    problems = found(tmp_path, {"dashboards/a.yaml": dashboard})
    assert short(problems, tmp_path) == [
        ("dashboards/a.yaml", 3, 37, "unknown-data-view"),
        ("dashboards/a.yaml", 5, 57, "unknown-data-view"),
        ("dashboards/a.yaml", 13, 41, "unknown-data-view"),
        ("dashboards/a.yaml", 16, 41, "unknown-data-view"),
    ]


@pytest.mark.parametrize(
    ("text", "column", "severity"),
    [
        ("{visualization: requsts}", 21, "error"),
        ("{visualization: requsts, inline: true}", 21, "error"),
        ("{type: vis, config: {ref_id: requsts}}", 34, "error"),
        (f"{{type: vis, config: {{ref_id: {UUID}}}}}", 34, "warning"),
        (f"{{visualization: {UUID}}}", 21, "error"),
    ],
)
def test_an_unknown_visualization(tmp_path: Path, text: str, column: int, severity: str) -> None:
    """A name has to be one of the project's; an id may be Kibana's."""
    problem = the_one(found(tmp_path, panel(text)))
    assert (problem.rule, problem.line, problem.column) == ("unknown-visualization", 3, column)
    assert problem.severity == severity
    if "requsts" in text:
        assert problem.hint == "did you mean 'requests'?"


@pytest.mark.parametrize("text", ["{visualization: requests}", "{type: vis, config: {ref_id: shop-requests}}"])
def test_a_known_visualization(tmp_path: Path, text: str) -> None:
    """By name or by id."""
    assert found(tmp_path, panel(text)) == []


@pytest.mark.parametrize(
    ("word", "severity"),
    [("a", None), ("shop-a", None), ("my-own", None), ("b", "error"), ("shop-b", "error"), (UUID, "warning")],
)
def test_an_unknown_dashboard(tmp_path: Path, word: str, severity: str | None) -> None:
    """The target of a drilldown, of a panel or of a visualization."""
    drilldown = f"[{{type: dashboard_drilldown, label: x, trigger: on_apply_filter, dashboard_id: {word}}}]"
    files = {
        **panel(f"{{visualization: requests, config: {{drilldowns: {drilldown}}}}}"),
        "dashboards/other.yaml": "id: my-own\ntitle: Other\npanels: []\n",
        "visualizations/x.yaml": f"{METRIC}drilldowns: {drilldown}\n",
    }
    problems = found(tmp_path, files)
    assert [problem.rule for problem in problems] == (["unknown-dashboard"] * 2 if severity else [])
    assert all(problem.severity == severity for problem in problems)


def test_a_name_that_two_files_have(tmp_path: Path) -> None:
    """It is an error where it is used, not where nothing refers to it."""
    files = {
        **panel("{visualization: twin}"),
        "visualizations/one/twin.yaml": f"id: one\n{METRIC}",
        "visualizations/two/twin.yaml": f"id: two\n{METRIC}",
    }
    problem = the_one(found(tmp_path, files))
    assert (problem.rule, problem.line, problem.column) == ("ambiguous-name", 3, 21)
    assert "one/twin.yaml and of" in problem.message
    assert found(tmp_path, {**files, **panel("{visualization: requests}")}) == []


def test_a_data_view_with_its_own_id(tmp_path: Path) -> None:
    """The official form may use that id."""
    source = f"{{type: data_view_reference, ref_id: {UUID}}}"
    project = PROJECT.replace('"plain-*"}', f'"plain-*", id: {UUID}}}')
    assert found(tmp_path, {"visualizations/a.yaml": METRIC.replace("plain", source)}, project=project) == []
