"""What the checks find in a project of the tests."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from kibana_builder.checks import all_problems
from kibana_builder.json_tree import Json
from kibana_builder.problem import Problem
from tests.project_folder import PROJECT, source_of


def found(folder: Path, files: Mapping[str, str | bytes | Json], *paths: str, project: str = PROJECT) -> list[Problem]:
    return all_problems(source_of(folder, files, *paths, project=project))


def short(problems: list[Problem], folder: Path) -> list[tuple[str, int, int, str]]:
    """Give file, line, column and rule of each problem."""
    return [(os.path.relpath(each.file, folder), each.line, each.column, each.rule) for each in problems]


def the_one(problems: list[Problem]) -> Problem:
    (problem,) = problems
    return problem
