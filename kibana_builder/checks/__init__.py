"""ROOM checks: as-code documents -> findings that no schema can make.

Touches nothing; index templates are handed in. A check is one module and one line of CHECKS; its docstring is its
page: the rule, what it says, an example.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from kibana_builder.checks import (
    ambiguous_name,
    duplicate_id,
    empty_formula,
    field_type,
    gauge_range,
    kql_syntax,
    missing_template,
    panel_outside_grid,
    panel_overlap,
    unknown_dashboard,
    unknown_data_view,
    unknown_field,
    unknown_visualization,
)
from kibana_builder.files.source import Place, Source, located
from kibana_builder.problem import Problem

__all__ = ["CHECKS", "Check", "all_problems", "check_source"]


class Check(NamedTuple):
    """One rule: its id, and the function that finds what breaks it."""

    rule: str
    find: Callable[[Source], Iterable[Place]]


CHECKS = (
    Check("ambiguous-name", ambiguous_name.find),
    Check("duplicate-id", duplicate_id.find),
    Check("unknown-data-view", unknown_data_view.find),
    Check("unknown-visualization", unknown_visualization.find),
    Check("unknown-dashboard", unknown_dashboard.find),
    Check("panel-outside-grid", panel_outside_grid.find),
    Check("panel-overlap", panel_overlap.find),
    Check("missing-template", missing_template.find),
    Check("unknown-field", unknown_field.find),
    Check("field-type", field_type.find),
    Check("gauge-range", gauge_range.find),
    Check("empty-formula", empty_formula.find),
    Check("kql-syntax", kql_syntax.find),
)


def check_source(source: Source) -> list[Problem]:
    """Run every check over the selected files. What loading found is not repeated here: see all_problems."""
    return located(place for check in CHECKS for place in check.find(source))


def all_problems(source: Source) -> list[Problem]:
    """Give what loading and the checks found, in the order of files and lines."""
    problems = [*source.problems, *check_source(source)]
    return sorted(problems, key=lambda problem: (problem.file, problem.line, problem.column))
