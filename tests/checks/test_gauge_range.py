"""gauge-range: a scale that ends where it begins, or before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks.found import found, the_one

GAUGE = "type: gauge\ntitle: G\ndata_source: 'logs-*'\nmetric: {operation: average, field: a, %s}\n"
PANELS = (
    "title: D\npanels:\n  - {type: vis, config: {type: gauge, data_source: 'logs-*', metric: {operation: count, %s}}}\n"
)


@pytest.mark.parametrize(
    "scale", ["min: 100, max: 0", "min: 1.5, max: 1.5", "max: 0, min: {operation: static_value, value: 1}"]
)
def test_a_scale_without_a_length(tmp_path: Path, scale: str) -> None:
    """The end of the scale is pointed at."""
    problem = the_one(found(tmp_path, {"visualizations/a.yaml": GAUGE % scale}))
    assert (problem.rule, problem.line, problem.severity) == ("gauge-range", 4, "error")


def test_in_a_panel(tmp_path: Path) -> None:
    """Its words name both ends; a panel's own chart is looked at too."""
    problem = the_one(found(tmp_path, {"dashboards/a.yaml": PANELS % "min: 10, max: 5"}))
    assert problem.message == "the scale ends at 5, and begins at 10"
    assert problem.source_line[problem.column - 1 :].startswith("5}")


def test_a_visualization_on_two_dashboards_is_one_finding(tmp_path: Path) -> None:
    """Panels that show it, or copy it, are not looked at again."""
    panels = "title: D\npanels:\n  - {visualization: g}\n  - {visualization: g, inline: true}\n"
    files = {"visualizations/g.yaml": GAUGE % "min: 1, max: 0", "dashboards/a.yaml": panels}
    assert the_one(found(tmp_path, files)).file.endswith("g.yaml")


@pytest.mark.parametrize("scale", ["min: 0, max: 1", "min: 5", "max: -1", "min: 5, max: {operation: max, field: a}"])
def test_a_scale_that_may_be_good(tmp_path: Path, scale: str) -> None:
    """What is not known is not judged."""
    assert found(tmp_path, {"visualizations/a.yaml": GAUGE % scale}) == []
