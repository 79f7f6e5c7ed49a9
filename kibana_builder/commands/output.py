"""The only printer: results go to stdout, words to a person go to stderr.

What is printed may come from files and servers, so nothing of it reaches the terminal raw: control characters,
escape sequences and marks that turn the direction of text are written as escapes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from kibana_builder.errors import KbuildError, SpecError

if TYPE_CHECKING:
    from kibana_builder.problem import Problem

__all__ = [
    "Colour",
    "ProblemFormat",
    "best_effort",
    "emit",
    "paint",
    "print_error",
    "print_problems",
    "safe",
    "summary",
    "tell",
    "to_nowhere",
    "write",
]

# A line is cut to this many characters around the caret: minified JSON in a YAML file fills whole screens.
_LINE = 120
_BEFORE_CARET = 60

_BOLD, _RED, _YELLOW, _PLAIN = "\033[1m", "\033[31m", "\033[33m", "\033[0m"


class Colour(StrEnum):
    """What a line is painted in on a terminal."""

    red = _RED
    yellow = _YELLOW
    green = "\033[32m"


class ProblemFormat(StrEnum):
    """How problems are printed."""

    text = "text"
    json = "json"
    github = "github"


def write(text: str, stream: TextIO | None = None) -> None:
    """Write a line to stdout; what the terminal's encoding has not becomes an escape instead of an error.

    Raises BrokenPipeError when nobody reads stdout any more; on stderr the words are for nobody then, and that is all.
    """
    stream = stream or sys.stdout
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    except BrokenPipeError:
        if stream is not sys.stderr:
            raise
        to_nowhere(stream)


@contextmanager
def best_effort(or_else: str = "") -> Iterator[None]:
    """Print around work that must not stop half-way because the reader of stdout (`| head`) went away.

    What is printed from then on goes nowhere. With `or_else`, the work needs a person who has read this: raises
    KbuildError that ends in these words.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        to_nowhere(sys.stdout)
        if or_else:
            raise KbuildError(f"nobody reads the output any more, so {or_else}") from None


def to_nowhere(stream: TextIO) -> None:
    """Let what is in the stream's buffer, and all that follows, be written to nowhere instead of a broken pipe."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def emit(text: str) -> None:
    """Give a program what it asked for, on stdout: UTF-8, byte for byte, whatever the terminal can show."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()


def tell(text: str) -> None:
    """Say something to the person, on stderr; line breaks in it are kept."""
    write("\n".join(map(safe, text.split("\n"))), sys.stderr)


def safe(text: str) -> str:
    r"""Write as an escape each character that a terminal would obey or not show.

    >>> safe("a\x1b[2Jb")
    'a\\x1b[2Jb'
    """
    return text if text.isprintable() else "".join(map(_safe_character, text))


def _safe_character(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")


def print_error(error: KbuildError) -> None:
    """Print what went wrong, for a person, on stderr."""
    if isinstance(error, SpecError):
        print_problems(error.problems, stream=sys.stderr)
        tell(summary(error.problems))
    else:
        tell(f"Error: {error}")


def print_problems(
    problems: Sequence[Problem], form: ProblemFormat = ProblemFormat.text, stream: TextIO | None = None
) -> None:
    """Print problems: as text with their lines, as a JSON list, or as annotations of a GitHub workflow."""
    stream = stream or sys.stdout
    if form is ProblemFormat.json:
        import json

        write(json.dumps([_as_json(problem) for problem in problems], indent=2), stream)
        return
    colour = form is ProblemFormat.text and _has_colour(stream)
    for problem in problems:
        write(_annotation(problem) if form is ProblemFormat.github else _text(problem, colour), stream)


def summary(problems: Iterable[Problem], files: int | None = None) -> str:
    """Sum problems up: "12 files checked, 1 error, 2 warnings"."""
    severities = [problem.severity for problem in problems]
    parts = [_count(files, "file") + " checked"] if files is not None else []
    parts += [_count(number, word) for word in ("error", "warning") if (number := severities.count(word))]
    return ", ".join(parts if severities else [*parts, "no problems"])


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def paint(text: str, colour: Colour | None) -> str:
    """Give a line its colour, where stdout is a terminal that shows colours; `text` is safe already."""
    return f"{colour}{text}{_PLAIN}" if colour and _has_colour(sys.stdout) else text


def _has_colour(stream: TextIO) -> bool:
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


# ---------------------------------------------------------------------------------------------------- formats


def _text(problem: Problem, colour: bool) -> str:
    tint = _RED if problem.severity == "error" else _YELLOW

    def coloured(code: str, text: str) -> str:
        return f"{code}{text}{_PLAIN}" if colour else text

    place = coloured(_BOLD, safe(f"{problem.file}:{problem.line}:{problem.column}:"))
    words = safe(f"{problem.message} ({problem.hint})" if problem.hint else problem.message)
    lines = [f"{place} {coloured(tint, problem.severity + ':')} {words} [{problem.rule}]"]
    if problem.source_line.strip():
        shown, before, length = _line_around_caret(problem)
        lines.append(f"{problem.line:>5} | {shown}")
        lines.append(f"      | {' ' * before}{coloured(tint, '^' * length)}")
    return "\n".join(lines)


def _line_around_caret(problem: Problem) -> tuple[str, int, int]:
    """Give the source line as it is shown, and how many columns of the terminal stand before and above the caret."""
    line, start, end = problem.source_line, problem.column - 1, problem.end_column - 1
    first = 0 if len(line) <= _LINE else max(0, min(start - _BEFORE_CARET, len(line) - _LINE))
    last = min(len(line), first + _LINE)
    pieces = [" " if character == "\t" else _safe_character(character) for character in line[first:last]]
    head, marked = pieces[: start - first], pieces[start - first : end - first]
    dots = ("…" if first > 0 else "", "…" if last < len(line) else "")
    return dots[0] + "".join(pieces) + dots[1], len(dots[0]) + _width(head), max(1, _width(marked))


def _width(pieces: Iterable[str]) -> int:
    """Count the columns that characters take on a terminal: Chinese ones take two, accents none."""
    import unicodedata

    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for piece in pieces
        for character in piece
    )


def _as_json(problem: Problem) -> dict[str, str | int]:
    """Give the fields that machines want; the source line is not among them, they have the file."""
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "end_column": problem.end_column,
        "severity": problem.severity,
        "rule": problem.rule,
        "message": problem.message,
        "hint": problem.hint,
    }


def _annotation(problem: Problem) -> str:
    """Write a workflow command of GitHub Actions.

    https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions; the escapes are those of its
    toolkit: `%`, line breaks, and in properties `:` and `,` too.
    """
    words = f"{problem.message} ({problem.hint})" if problem.hint else problem.message
    properties = {
        "file": _in_repository(problem.file),
        "line": str(problem.line),
        "col": str(problem.column),
        "endColumn": str(problem.end_column),
        "title": problem.rule,
    }
    said = ",".join(f"{name}={_escaped_property(safe(value))}" for name, value in properties.items())
    return f"::{problem.severity} {said}::{_escaped(safe(words))}"


def _in_repository(name: str) -> str:
    """Name a file as GitHub knows it: relative to the top of the repository. A file outside keeps its name.

    The top is GITHUB_WORKSPACE, where a workflow checks the repository out, or the folder with `.git` in it.
    """
    path = Path(os.path.abspath(name))  # noqa: PTH100 - `resolve` would follow links out of the repository
    workspace = os.environ.get("GITHUB_WORKSPACE", "")
    if workspace and path.is_relative_to(workspace):
        return path.relative_to(workspace).as_posix()
    for folder in path.parents:
        if os.path.lexists(folder / ".git"):  # a file in a worktree
            return path.relative_to(folder).as_posix()
    return name


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
