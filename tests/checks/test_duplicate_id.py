"""Two things with one id are found, whichever way they got it."""

from __future__ import annotations

from pathlib import Path

from tests.checks.found import found, short, the_one
from tests.project_folder import METRIC

EMPTY = "title: A\npanels: []\n"


def test_two_files_of_one_name(tmp_path: Path) -> None:
    """The second in the order of their names is pointed at, and names the first."""
    files = {"dashboards/a/x.yaml": EMPTY, "dashboards/b/x.yaml": EMPTY, "dashboards/b/y.yml": EMPTY}
    problem = the_one(found(tmp_path, files))
    assert short([problem], tmp_path) == [("dashboards/b/x.yaml", 1, 1, "duplicate-id")]
    assert problem.message.endswith("dashboards/a/x.yaml has the id 'shop-x' too")
    assert problem.hint == "give one of them another `id`"


def test_an_id_that_is_written(tmp_path: Path) -> None:
    """It is pointed at; a visualization may have the id of a dashboard."""
    files = {
        "dashboards/a.yaml": EMPTY,
        "dashboards/b.yaml": "title: B\nid: shop-a\npanels: []\n",
        "visualizations/c.yaml": f"id: shop-a\n{METRIC}",
    }
    assert short(found(tmp_path, files), tmp_path) == [("dashboards/b.yaml", 2, 5, "duplicate-id")]


def test_only_when_one_of_them_is_asked_for(tmp_path: Path) -> None:
    """Two others do not keep a third from being built."""
    files = {"dashboards/a/x.yaml": EMPTY, "dashboards/b/x.yaml": EMPTY, "dashboards/c.yaml": EMPTY}
    assert found(tmp_path, files, "dashboards/c.yaml") == []
    assert len(found(tmp_path, files, "dashboards/a/x.yaml")) == 1


def test_panels_sections_and_controls(tmp_path: Path) -> None:
    """Within a dashboard each kind has its own ids; those of panels are shared with the panels in sections."""
    dashboard = """\
title: A
pinned_panels:
  - {type: time_slider_control, id: one, config: {}}
  - {type: time_slider_control, id: one, config: {}}
panels:
  - {type: markdown, id: one, config: {content: a}}
  - {title: Section, id: one, panels: [{type: markdown, id: one, config: {content: b}}]}
  - {title: Section, id: one, panels: []}
"""
    assert short(found(tmp_path, {"dashboards/a.yaml": dashboard}), tmp_path) == [
        ("dashboards/a.yaml", 4, 37, "duplicate-id"),
        ("dashboards/a.yaml", 7, 61, "duplicate-id"),
        ("dashboards/a.yaml", 8, 26, "duplicate-id"),
    ]


def test_raw_objects(tmp_path: Path) -> None:
    """They share their ids with the dashboards, the visualizations and the data views of kbuild.yaml."""
    raw = "saved_object: {{type: {}, id: {}, attributes: {{}}}}\n"
    files = {
        "dashboards/a.yaml": EMPTY,
        "saved_objects/b.yaml": raw.format("dashboard", "shop-a"),
        "saved_objects/c.yaml": raw.format("index-pattern", "shop-plain"),
        "saved_objects/d.yaml": raw.format("search", "shop-a"),
    }
    problems = found(tmp_path, files)
    assert [(problem.file.rpartition("/")[2], problem.rule) for problem in problems] == [
        ("b.yaml", "duplicate-id"),
        ("c.yaml", "duplicate-id"),
    ]
    assert "the saved object in" not in problems[1].message
    assert "data view 'plain' of kbuild.yaml" in problems[1].message
