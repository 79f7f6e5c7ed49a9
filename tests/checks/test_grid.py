"""The grid: panel-overlap and panel-outside-grid."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks.found import found, short, the_one

MARKDOWN = "- {type: markdown, id: %s, grid: %s, config: {content: x}}"


def dashboard(*grids: str) -> dict[str, str]:
    lines = [MARKDOWN % (chr(ord("a") + number), grid) for number, grid in enumerate(grids)]
    return {"dashboards/a.yaml": "title: A\npanels:\n" + "".join(f"  {line}\n" for line in lines)}


def test_two_panels_on_one_cell(tmp_path: Path) -> None:
    """The later one is pointed at, and both are named."""
    problem = the_one(found(tmp_path, dashboard("{x: 0, y: 0, w: 24, h: 8}", "{x: 23, y: 7, w: 24, h: 8}")))
    assert (problem.rule, problem.line, problem.column) == ("panel-overlap", 4, 35)
    assert problem.source_line[problem.column - 1 : problem.end_column - 1] == "{x: 23, y: 7, w: 24, h: 8}"
    assert problem.message == "the panel 'b' overlaps the panel 'a'"


def test_a_panel_on_several_others_is_one_finding(tmp_path: Path) -> None:
    """One mistake, one finding."""
    grids = ("{x: 0, y: 0, w: 24}", "{x: 24, y: 0, w: 24}", "{x: 0, y: 15, w: 48}", "{x: 0, y: 5, w: 48, h: 20}")
    assert len(found(tmp_path, dashboard(*grids))) == 1


@pytest.mark.parametrize(
    "grids",
    [
        ("{x: 0, y: 0}", "{x: 24, y: 0}", "{x: 0, y: 15}"),
        ("{w: 48}", "{x: 0, y: 0}", "{}"),
        ("{x: 0, y: 0, w: 48, h: 1}", "{x: 0, y: 1, w: 48, h: 1}"),
    ],
)
def test_neighbours_and_placed_panels_do_not_overlap(tmp_path: Path, grids: tuple[str, ...]) -> None:
    """Edges may touch; what has no place goes out of the way."""
    assert found(tmp_path, dashboard(*grids)) == []


def test_over_the_right_edge(tmp_path: Path) -> None:
    """The message says where the panel ends and where the grid does."""
    problem = the_one(found(tmp_path, dashboard("{x: 36, y: 0, w: 24, h: 8}")))
    assert (problem.rule, problem.line, problem.column) == ("panel-outside-grid", 3, 35)
    assert problem.message == "the panel 'a' ends at column 60, the grid at 48"
    assert problem.hint == "x + w must be at most 48"
    assert found(tmp_path, dashboard("{x: 24, y: 0, w: 24, h: 8}")) == []


def test_each_section_is_a_grid_of_its_own(tmp_path: Path) -> None:
    """Panels of different sections are on no common cell."""
    text = """\
title: A
panels:
  - {type: markdown, id: a, grid: {x: 0, y: 0}, config: {content: x}}
  - title: One
    panels:
      - {type: markdown, id: b, grid: {x: 0, y: 0}, config: {content: x}}
  - title: Two
    panels:
      - {type: markdown, id: c, grid: {x: 0, y: 0}, config: {content: x}}
      - {type: markdown, id: d, grid: {x: 30, y: 14}, config: {content: x}}
      - {type: markdown, id: e, grid: {x: 0, y: 14}, config: {content: x}}
"""
    assert short(found(tmp_path, {"dashboards/a.yaml": text}), tmp_path) == [
        ("dashboards/a.yaml", 10, 39, "panel-outside-grid"),
        ("dashboards/a.yaml", 11, 39, "panel-overlap"),
    ]
