"""empty-formula: a formula without a text."""

from __future__ import annotations

from pathlib import Path

from tests.checks.found import found, the_one

TABLE = "type: data_table\ntitle: T\ndata_source: 'logs-*'\nmetrics:\n  - {operation: formula, formula: %s}\n"


def test_a_formula_without_a_text(tmp_path: Path) -> None:
    """A warning at the formula: an export may have it, and a project that has it can be built."""
    problem = the_one(found(tmp_path, {"visualizations/a.yaml": TABLE % '""'}))
    assert (problem.rule, problem.severity, problem.line) == ("empty-formula", "warning", 5)
    assert problem.source_line[problem.column - 1 :].startswith('""}')


def test_a_formula_inside_a_layer_or_another_operation(tmp_path: Path) -> None:
    """It is found there too."""
    layer = "type: xy\ntitle: T\nlayers:\n  - type: line\n    data_source: 'logs-*'\n    y:\n"
    layer += "      - {operation: formula, formula: ''}\n"
    metric = "type: metric\ntitle: U\ndata_source: 'logs-*'\nmetrics:\n  - type: primary\n    operation: count\n"
    metric += "    background_chart: {type: bar, max_value: {operation: formula, formula: ''}}\n"
    problems = found(tmp_path, {"visualizations/a.yaml": layer, "visualizations/b.yaml": metric})
    assert [(problem.rule, problem.line) for problem in problems] == [("empty-formula", 7), ("empty-formula", 7)]
    assert all(problem.source_line[problem.column - 1 :].startswith("''}") for problem in problems)


def test_a_formula_with_a_text(tmp_path: Path) -> None:
    """Nothing is found."""
    assert found(tmp_path, {"visualizations/a.yaml": TABLE % '"count()"'}) == []
