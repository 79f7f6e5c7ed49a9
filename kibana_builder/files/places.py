"""Places in a text: from a position to line, column and the line itself, as people and editors count them.

libyaml counts lines by YAML 1.1, where U+0085, U+2028 and U+2029 end one too; editors do not. So every place is
worked out here, from the position in characters, and only when there is something to report.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from kibana_builder.problem import Problem, Severity

__all__ = ["Mistake", "Span", "problem_at", "shown"]

Span = tuple[int, int]
"""First character and the one past the last, as positions in the text."""


@dataclass(eq=False)
class Mistake(Exception):
    """What is wrong at one span of a text; becomes a Problem when the file's name is known."""

    rule: str
    message: str
    span: Span
    hint: str = ""
    severity: Severity = field(default="error")


def shown(path: Path) -> str:
    """Name a file the way people see it: relative to the current folder when it is below it, with forward slashes."""
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError):  # elsewhere, or the current folder is gone
        return path.as_posix()


def problem_at(text: str, name: str, mistake: Mistake) -> Problem:
    """Turn a mistake into a Problem. A span over several lines is cut at the end of its first one.

    A position at the very end of the text moves back to the last thing that stands there: nobody looks for a missing
    bracket on the empty line after the file.
    """
    start, end = mistake.span
    if start >= len(text.rstrip()):
        start = max(len(text.rstrip()) - 1, 0)
        end = start + 1
    line_start = max(text.rfind("\n", 0, start), text.rfind("\r", 0, start)) + 1
    line_end = min((found for found in (text.find("\n", start), text.find("\r", start)) if found >= 0), default=None)
    source_line = text[line_start:line_end]
    end_of_words = line_start + len(source_line.rstrip())
    # `\r\n` is one break; a lone `\r` is one too.
    breaks = text.count("\n", 0, line_start) + text.count("\r", 0, line_start) - text.count("\r\n", 0, line_start)
    return Problem(
        rule=mistake.rule,
        message=mistake.message,
        file=name,
        line=breaks + 1,
        column=start - line_start + 1,
        end_column=max(min(end, end_of_words), start + 1) - line_start + 1,
        severity=mistake.severity,
        hint=mistake.hint,
        source_line=source_line,
    )
