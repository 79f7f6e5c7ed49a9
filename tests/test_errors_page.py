"""docs/errors.md tells the truth: each file on it breaks its rule, once, and prints what stands below it."""

from __future__ import annotations

import ast
import re

import pytest

from tests.errors_page import PAGE, Example, examples, found, printed
from tests.shared_material import REPOSITORY

ROOMS = ("spec", "files", "checks")
RULE = re.compile(r"[a-z]+(-[a-z\d]+)+|tab|address")
NO_RULES = {"index-pattern", "ml-monitoring", "utf-8"}
"""Words that are written like a rule and are none: an object's type, a name, an encoding."""


@pytest.mark.parametrize("example", list(examples()), ids=lambda example: example.rule)
def test_a_file_of_the_page_breaks_its_rule(example: Example) -> None:
    """One mistake, one finding, in the words of the page; `make golden` takes over new words."""
    problems = found(example.files)
    assert [problem.rule for problem in problems] == [example.rule]
    assert printed(problems) == example.printed


def test_the_page_has_every_rule() -> None:
    """Whatever the code can put in brackets behind a finding stands on the page, and nothing else does."""
    text = PAGE.read_text("utf-8")
    documented = {
        *re.findall(r"^### ([\w-]+)$", text, re.MULTILINE),
        *re.findall(r"^\| `([\w-]+)`", text, re.MULTILINE),
    }
    assert documented == rules()


def rules() -> set[str]:
    """Collect the words in the rooms that make findings which are written like a rule."""
    package = REPOSITORY / "kibana_builder"
    files = [package / "problem.py", *(path for room in ROOMS for path in (package / room).glob("*.py"))]
    words = {
        node.value
        for path in files
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {word for word in words if RULE.fullmatch(word) and not word.startswith("x-kbuild")} - NO_RULES
