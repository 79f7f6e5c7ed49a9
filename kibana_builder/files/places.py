"""Places on the disk and in a text: what lies at a path; line and column of a position, as people count them.

libyaml counts lines by YAML 1.1, where U+0085, U+2028 and U+2029 end one too; editors do not. So every place is
worked out here, from the position in characters, and only when there is something to report.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from kibana_builder.problem import Problem, Severity

__all__ = ["Found", "Mistake", "Span", "look_at", "problem_at", "shown"]

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


class Found(NamedTuple):
    """What lies at a path. Where it is "nothing", `why` says for a person whether it is absent or out of reach."""

    kind: Literal["file", "folder", "other", "nothing"]
    why: str = ""
    absent: bool = False


def look_at(path: Path) -> Found:
    """Look what lies at a path that a person wrote; no path, however strange, raises an error.

    `Path.is_file` and its like do, for a name that is too long or a folder that nobody may enter.
    """
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return Found("nothing", "there is no such file or folder", absent=True)
    except OSError as error:
        return Found("nothing", f"it cannot be reached: {error.strerror or type(error).__name__}")
    except ValueError:  # a NUL in the path
        return Found("nothing", "no file can have this name")
    return Found("file" if stat.S_ISREG(mode) else "folder" if stat.S_ISDIR(mode) else "other")


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
