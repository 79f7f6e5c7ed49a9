"""What is printed: problems for people, machines and GitHub, and nothing that a terminal would obey."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibana_builder.commands.output import ProblemFormat, print_error, print_problems, safe, summary, tell, write
from kibana_builder.errors import KbuildError, SpecError
from kibana_builder.problem import Problem

PROBLEM = Problem(
    rule="unknown-operation",
    message="unknown operation 'percentil'",
    file="visualizations/latency.yaml",
    line=9,
    column=21,
    end_column=30,
    hint="did you mean 'percentile'?",
    source_line="      - {operation: percentil, field: inference_time_ms}",
)
WARNING = Problem("missing-template", "not there", "kbuild.yaml", 3, 5, 6, "warning")


def printed(problem: Problem, form: ProblemFormat = ProblemFormat.text) -> str:
    stream = io.StringIO()
    print_problems([problem], form, stream)
    return stream.getvalue()


def like(line: str, column: int, end_column: int, message: str = "m") -> Problem:
    return Problem("r", message, "f", 1, column, end_column, source_line=line)


def test_a_problem_as_text() -> None:
    """File, line, column, severity, message, hint and rule; the line with its number; the caret under the word."""
    assert printed(PROBLEM) == (
        "visualizations/latency.yaml:9:21: error: unknown operation 'percentil' (did you mean 'percentile'?) "
        "[unknown-operation]\n"
        "    9 |       - {operation: percentil, field: inference_time_ms}\n"
        "      |                     ^^^^^^^^^\n"
    )


def test_a_problem_without_a_line_has_no_caret() -> None:
    """Nothing is pointed at where nothing was read."""
    assert printed(WARNING) == "kbuild.yaml:3:5: warning: not there [missing-template]\n"


@pytest.mark.parametrize(
    ("problem", "line", "caret"),
    [
        (like("\ta: b", 2, 3), " a: b", " ^"),
        (like("a: 漢字 x", 7, 8), "a: 漢字 x", "        ^"),
        (like("a: 漢字", 4, 6), "a: 漢字", "   ^^^^"),
        (like("a: e\u0301 x", 7, 8), "a: e\u0301 x", "     ^"),
        (like("a: \x1b[2J x", 9, 10), "a: \\x1b[2J x", "           ^"),
        (like("a: \u202ex", 5, 6), "a: \\u202ex", "         ^"),
        (like("a\xa0b", 2, 3), "a\\xa0b", " ^^^^"),
    ],
)
def test_the_caret_stands_right(problem: Problem, line: str, caret: str) -> None:
    """Under tabs, wide characters, accents and what had to be written as an escape."""
    assert printed(problem).splitlines()[1:] == [f"    1 | {line}", f"      | {caret}"]


@pytest.mark.parametrize("column", [1, 50, 5_000, 9_990])
def test_a_long_line_is_cut_around_the_caret(column: int) -> None:
    """A line of minified JSON does not fill the screen."""
    text = "".join(str(number % 10) for number in range(10_000))
    _, line, caret = printed(like(text, column, column + 4)).splitlines()
    assert len(line) < 140
    start = caret.index("^")
    assert line[start : start + 4] == text[column - 1 : column + 3]
    assert line.startswith("    1 | …") == (column > 120)
    assert line.endswith("…") == (column < 9_000)


def test_a_long_caret_is_cut_too() -> None:
    """It ends with the line that is shown."""
    _, line, caret = printed(like("x" * 10_000, 1, 10_001)).splitlines()
    assert len(caret) < len(line)


def test_colour_only_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """And not with NO_COLOR, nor on a terminal that cannot."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def has_colour() -> bool:
        stream = Terminal()
        print_problems([PROBLEM], stream=stream)
        return "\033[" in stream.getvalue()

    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert has_colour()
    monkeypatch.setenv("NO_COLOR", "1")
    assert not has_colour()
    monkeypatch.setenv("NO_COLOR", "")
    assert has_colour()
    monkeypatch.setenv("TERM", "dumb")
    assert not has_colour()
    assert "\033[" not in printed(PROBLEM)


def test_problems_as_json() -> None:
    """A list of objects whose keys are always the same; the source line is not among them."""
    stream = io.StringIO()
    print_problems([PROBLEM, WARNING], ProblemFormat.json, stream)
    first, second = json.loads(stream.getvalue())
    assert first == {
        "file": "visualizations/latency.yaml",
        "line": 9,
        "column": 21,
        "end_column": 30,
        "severity": "error",
        "rule": "unknown-operation",
        "message": "unknown operation 'percentil'",
        "hint": "did you mean 'percentile'?",
    }
    assert second.keys() == first.keys()
    stream = io.StringIO()
    print_problems([], ProblemFormat.json, stream)
    assert json.loads(stream.getvalue()) == []


def test_problems_for_github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One workflow command each, with what it would misread as escapes."""
    monkeypatch.chdir(tmp_path)
    assert printed(PROBLEM, ProblemFormat.github) == (
        "::error file=visualizations/latency.yaml,line=9,col=21,endColumn=30,title=unknown-operation"
        "::unknown operation 'percentil' (did you mean 'percentile'?)\n"
    )
    odd = Problem("r", "100% sure: a,b\n::error::x", "a,b:c%.yaml", 1, 1, 2, "warning")
    assert printed(odd, ProblemFormat.github) == (
        "::warning file=a%2Cb%3Ac%25.yaml,line=1,col=1,endColumn=2,title=r::100%25 sure: a,b\\n::error::x\n"
    )


def test_words_are_made_safe() -> None:
    """File names and messages come from outside too."""
    problem = Problem("r", "\x1b]0;title\x07 \u202e", "a\x1b[31m\n.yaml", 1, 1, 2, hint="\r\x9b")
    for form in ProblemFormat:
        text = printed(problem, form)
        assert safe(text.replace("\n", "")) == text.replace("\n", "")


@given(st.text())
def test_nothing_that_a_terminal_obeys_is_printed(text: str) -> None:
    """Whatever a file holds."""
    problem = Problem("r", text, text, 1, 1, 2, source_line=text.replace("\n", " "), hint=text)
    assert all(line.isprintable() for line in printed(problem).split("\n"))
    assert all(line.isprintable() for line in printed(problem, ProblemFormat.github).split("\n"))
    assert printed(problem, ProblemFormat.github).count("\n") == 1


def test_a_terminal_without_the_characters_gets_escapes() -> None:
    """A message must not fail for the terminal's encoding."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    write("ü …", stream)
    stream.flush()
    assert stream.buffer.getvalue() == b"\\xfc \\u2026\n"  # type: ignore[attr-defined]


def test_summaries() -> None:
    """What there is none of is left out."""
    assert summary([], 1) == "1 file checked, no problems"
    assert summary([PROBLEM, WARNING, WARNING], 12) == "12 files checked, 1 error, 2 warnings"
    assert summary([WARNING], 2) == "2 files checked, 1 warning"
    assert summary([PROBLEM]) == "1 error"


def test_errors_are_told_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    """Lines of a message stay lines; the problems of a SpecError are printed with a summary."""
    print_error(KbuildError("one\ntwo\x1b[0m"))
    print_error(SpecError([PROBLEM]))
    tell("done")
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"Error: one\ntwo\\x1b[0m\n{printed(PROBLEM)}1 error\ndone\n"
