"""kql-syntax: queries that are no KQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.checks.found import found, the_one

METRIC = "type: metric\ntitle: M\ndata_source: 'logs-*'\nmetrics:\n  - {type: primary, %s}\n%s"


@pytest.mark.parametrize(
    ("operation", "rest", "line"),
    [
        ("operation: count", "query: 'a: (b'\n", 6),
        ("operation: count", "query: {expression: 'a: (b', language: kql}\n", 6),
        ("operation: count, filter: 'a: (b'", "", 5),
        ("operation: formula, formula: \"count(kql='a: (b') / count()\"", "", 5),
    ],
)
def test_a_query_that_is_none(tmp_path: Path, operation: str, rest: str, line: int) -> None:
    """In a chart, an operation or a formula: its line is pointed at, and its words say the character."""
    problem = the_one(found(tmp_path, {"visualizations/a.yaml": METRIC % (operation, rest)}))
    assert (problem.rule, problem.line, problem.severity) == ("kql-syntax", line, "error")
    assert problem.message == "'(' is never closed, at character 4 of the query 'a: (b'"


def test_a_dashboard_s_query(tmp_path: Path) -> None:
    """The query above the panels is looked at too."""
    files = {"dashboards/a.yaml": "title: D\nquery: 'status: '\npanels: []\n"}
    problem = the_one(found(tmp_path, files))
    assert problem.message == "a value after ':' is missing, at character 9 of the query 'status: '"


def test_lucene_and_what_is_kept_raw_are_not_looked_at(tmp_path: Path) -> None:
    """They are not ours to read."""
    lucene = METRIC % ("operation: count", "query: {expression: 'a: (b', language: lucene}\n")
    assert found(tmp_path, {"visualizations/a.yaml": lucene}) == []
