"""`kbuild validate`: find what is wrong in the files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from kibana_builder.commands.options import ContextOption, PathsArgument, open_project
from kibana_builder.commands.output import ProblemFormat, print_problems, summary, tell
from kibana_builder.errors import SpecError

if TYPE_CHECKING:
    from kibana_builder.problem import Problem

FormatOption = Annotated[
    ProblemFormat,
    typer.Option("--format", help="How problems are printed: text (the default), json, or github.", show_default=False),
]


def validate(
    paths: PathsArgument = None, format: FormatOption = ProblemFormat.text, context: ContextOption = None
) -> int:
    """Check the files: YAML, schema, names, grid, fields, and whether Kibana can say it. Needs no server.

    Exits with 1 when there is an error, with 0 when there are only warnings.
    """
    from kibana_builder.checks import all_problems
    from kibana_builder.files.source import load_source
    from kibana_builder.saved.build import build

    files = 1  # kbuild.yaml
    problems: list[Problem]
    try:
        source = load_source(open_project(paths), paths or (), context)
    except SpecError as error:
        problems = error.problems
    else:
        problems = all_problems(source)
        files += source.files
        if not _any_error(problems):
            try:
                build(source)
            except SpecError as error:
                problems += error.problems
    print_problems(problems, format)
    tell(summary(problems, files))
    return 1 if _any_error(problems) else 0


def _any_error(problems: Sequence[Problem]) -> bool:
    return any(problem.severity == "error" for problem in problems)
