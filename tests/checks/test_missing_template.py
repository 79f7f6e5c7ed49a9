"""An index template that is not there, or is none."""

from __future__ import annotations

from pathlib import Path

from tests.checks.found import found, the_one

PROJECT = """\
project: shop
data_views:
  one: {index_pattern: "a-*", template: templates/a.json}
  two: {index_pattern: "b-*", template: templates/a.json}
"""


def test_a_missing_file_is_one_warning(tmp_path: Path) -> None:
    """However many data views name it."""
    problem = the_one(found(tmp_path, {}, project=PROJECT))
    assert (problem.rule, problem.severity) == ("missing-template", "warning")
    assert (problem.file.endswith("kbuild.yaml"), problem.line, problem.column, problem.end_column) == (True, 3, 41, 57)
    assert problem.message == "there is no file templates/a.json, so the fields of 'one' are not checked"


def test_what_is_no_template_is_an_error(tmp_path: Path) -> None:
    """At the same place."""
    problem = the_one(found(tmp_path, {"templates/a.json": "{"}, project=PROJECT))
    assert (problem.rule, problem.severity, problem.line, problem.column) == ("wrong-template", "error", 3, 41)
    assert problem.message.startswith("templates/a.json is no index template: it is no JSON")
