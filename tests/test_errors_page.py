"""docs/errors.md tells the truth: each file on it breaks its rule, once, and prints what stands below it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.errors_page import PAGE, Example, examples, found, printed
from tests.shared_material import REPOSITORY

ROOMS = ("spec", "files", "checks", "saved")
RULE = re.compile(r"[a-z]+(-[a-z\d]+)+|tab|address")
MAKERS = {"Check", "Finding", "Mistake", "Problem", "_Words", "_refused"}
"""What takes a rule as an argument."""
HOLDERS = {"_KINDS", "_RULE", "_SYNTAX", "rule"}
"""Names of what a rule is kept in before that."""


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
    """Collect the words written like a rule that the rooms give to a finding, or keep for one."""
    package = REPOSITORY / "kibana_builder"
    files = [package / "problem.py", *(path for room in ROOMS for path in (package / room).glob("*.py"))]
    words = {
        node.value
        for path in files
        for place in rule_places(ast.parse(path.read_text("utf-8")))
        for node in ast.walk(place)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {word for word in words if RULE.fullmatch(word)}


def rule_places(module: ast.Module) -> Iterator[ast.expr]:
    """Give the parts of a module where a rule can stand: arguments that are literals, and what is assigned."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS:
            values = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "rule")]
            yield from (value for value in values if isinstance(value, ast.Constant))
        elif isinstance(node, ast.Assign) and any(ast.unparse(target) in HOLDERS for target in node.targets):
            yield node.value
