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


def test_a_formula_with_a_text(tmp_path: Path) -> None:
    """Nothing is found."""
    assert found(tmp_path, {"visualizations/a.yaml": TABLE % '"count()"'}) == []
