"""Logstash's configuration language, read by the rules of its grammar.

The rules are those of `logstash-core/lib/logstash/compiler/lscl/lscl_grammar.treetop` in elastic/logstash, the strange
ones included: attributes are parted by white space, entries of a hash by white space without a comment, a comment ends
in a line break, a bareword has two characters at least. Strings keep their backslashes (`config.support_escapes` is
off unless somebody sets it).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

Value = Any
"""A string, a number, a list, a dict, or a Plugin (a codec)."""


class GrammarError(Exception):
    """The text is no configuration; the message says where."""


@dataclass(frozen=True, slots=True)
class Plugin:
    name: str
    options: dict[str, Value]
    line: int


@dataclass(frozen=True, slots=True)
class Branch:
    """An if with its else ifs and its else, whose condition is None."""

    ways: list[tuple[Condition | None, list[Statement]]]


@dataclass(frozen=True, slots=True)
class Selector:
    path: str


@dataclass(frozen=True, slots=True)
class Regex:
    pattern: str


@dataclass(frozen=True, slots=True)
class Test:
    """`operator` is one of == != < > <= >= =~ !~ in, `not in`, `true` (a selector alone)."""

    __test__ = False
    operator: str
    left: Any
    right: Any = None


@dataclass(frozen=True, slots=True)
class Not:
    condition: Condition


@dataclass(frozen=True, slots=True)
class Both:
    """Two conditions and `and` or `or` between them."""

    operator: str
    left: Condition
    right: Condition


Statement = Plugin | Branch
Condition = Test | Not | Both


@dataclass(slots=True)
class Config:
    """The statements of each kind of section, in the order of the file."""

    sections: dict[str, list[Statement]] = field(default_factory=lambda: {"input": [], "filter": [], "output": []})


def parse(text: str) -> Config:
    """Read a configuration. Raises GrammarError."""
    return _Reader(text).config()


def plugins(statements: list[Statement]) -> list[Plugin]:
    """List all plugins of a section, whatever stands around them; not the codecs in their options."""
    found: list[Plugin] = []
    for statement in statements:
        if isinstance(statement, Plugin):
            found.append(statement)
        else:
            for _, body in statement.ways:
                found += plugins(body)
    return found


_SPACE = re.compile(r"[ \t\r\n]+")
_COMMENT = re.compile(r"[ \t\r\n]*#[^\r\n]*\r?\n")
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_BAREWORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]+")
_STRING = re.compile(r"""("|')(?:\\\1|(?!\1)[\s\S])*\1""")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]*)?")
_REGEX = re.compile(r"/(?:\\/|[^/])*/")
_SELECTOR = re.compile(r"(?:\[[^\]\[,]+\])+")
_COMPARE = re.compile(r"==|!=|<=|>=|<|>")
_PRECEDENCE = {"and": 2, "or": 1}


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    # -- pieces

    def match(self, pattern: re.Pattern[str]) -> str | None:
        found = pattern.match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return found[0]

    def word(self, word: str) -> bool:
        if self.text.startswith(word, self.at):
            self.at += len(word)
            return True
        return False

    def expect(self, word: str) -> None:
        if not self.word(word):
            self.fail(f"{word!r} expected")

    def fail(self, message: str) -> None:
        line = self.text.count("\n", 0, self.at) + 1
        column = self.at - self.text.rfind("\n", 0, self.at)
        raise GrammarError(f"{line}:{column}: {message}, found {self.text[self.at : self.at + 20]!r}")

    def between(self) -> None:
        while self.match(_COMMENT) or self.match(_SPACE):
            pass

    # -- structure

    def config(self) -> Config:
        config = Config()
        self.between()
        while self.at < len(self.text):
            kind = next((kind for kind in config.sections if self.word(kind)), None)
            if kind is None:
                self.fail("a section expected (input, filter, output)")
            self.between()
            config.sections[str(kind)] += self.block()
            self.between()
        return config

    def block(self) -> list[Statement]:
        self.expect("{")
        self.between()
        statements: list[Statement] = []
        while not self.word("}"):
            statements.append(self.statement())
            self.between()
        return statements

    def statement(self) -> Statement:
        start = self.at
        if self.word("if"):
            self.between()
            if self.text.startswith(("[", "(", "!", '"', "'"), self.at):
                return self.branch()
            self.at = start
        found = self.plugin()
        if found is None:
            self.fail("a plugin or `if` expected")
        assert found is not None
        return found

    def branch(self) -> Branch:
        condition: Condition | None = self.condition()
        self.between()
        ways = [(condition, self.block())]
        while True:
            start = self.at
            self.between()
            if not self.word("else"):
                self.at = start
                return Branch(ways)
            self.between()
            condition = None
            if self.word("if"):
                self.between()
                condition = self.condition()
                self.between()
            ways.append((condition, self.block()))
            if condition is None:
                return Branch(ways)

    def plugin(self) -> Plugin | None:
        start = self.at
        line = self.text.count("\n", 0, start) + 1
        name = self.match(_NAME) or self.match(_STRING)
        self.between()
        if name is None or not self.word("{"):
            self.at = start
            return None
        options: dict[str, Value] = {}
        self.between()
        while not self.word("}"):
            option, value = self.attribute()
            if option in options:
                self.fail(f"the option {option} stands twice")
            options[option] = value
            parted = self.match(_SPACE) is not None
            self.between()
            if not parted and not self.text.startswith("}", self.at):
                self.fail("white space expected between two options")
        return Plugin(name, options, line)

    def attribute(self) -> tuple[str, Value]:
        name = self.match(_NAME) or self.match(_STRING)
        if name is None:
            self.fail("the name of an option expected")
        self.between()
        self.expect("=>")
        self.between()
        return str(name).strip("\"'"), self.value()

    def value(self) -> Value:
        found = self.plugin()
        if found is not None:
            return found
        if (word := self.match(_BAREWORD)) is not None:
            return word
        if (string := self.match(_STRING)) is not None:
            return string[1:-1]
        if (number := self.match(_NUMBER)) is not None:
            return float(number) if "." in number else int(number)
        if self.word("["):
            return self.array()
        if self.word("{"):
            return self.hash()
        self.fail("a value expected")
        return None

    def array(self) -> list[Value]:
        items: list[Value] = []
        self.between()
        while not self.word("]"):
            if items:
                self.expect(",")
                self.between()
            items.append(self.value())
            self.between()
        return items

    def hash(self) -> dict[str, Value]:
        entries: dict[str, Value] = {}
        self.between()
        while not self.word("}"):
            name = self.match(_NUMBER) or self.match(_BAREWORD) or self.match(_STRING)
            if name is None:
                self.fail("a key of a hash expected (no comment can stand here)")
            self.between()
            self.expect("=>")
            self.between()
            key = str(name).strip("\"'")
            if key in entries:
                self.fail(f"the key {key} stands twice")
            entries[key] = self.value()
            end = self.at
            if self.match(_SPACE) is None or not _STRING.match(self.text, self.at):
                self.at = end
                self.between()
                if not self.text.startswith("}", self.at):
                    self.fail("white space and a key, or `}`, expected")
        return entries

    # -- conditions

    def condition(self) -> Condition:
        """Read conditions joined by `and` and `or`; `and` binds closer."""
        operands, operators = [self.expression()], list[str]()
        while True:
            start = self.at
            self.between()
            operator = next((word for word in ("and", "or", "xor", "nand") if self.word(word)), None)
            if operator is None:
                self.at = start
                break
            if operator not in _PRECEDENCE:
                self.fail(f"`{operator}` parses, and cannot be compiled")
            self.between()
            while operators and _PRECEDENCE[operators[-1]] > _PRECEDENCE[operator]:
                self.join(operands, operators)
            operators.append(operator)
            operands.append(self.expression())
        while operators:
            self.join(operands, operators)
        return operands[0]

    @staticmethod
    def join(operands: list[Condition], operators: list[str]) -> None:
        right, left = operands.pop(), operands.pop()
        operands.append(Both(operators.pop(), left, right))

    def expression(self) -> Condition:
        if self.word("("):
            return self.inner()
        if self.word("!"):
            self.between()
            if self.word("("):
                return Not(self.inner())
            selector = self.match(_SELECTOR)
            if selector is None:
                self.fail("`!` stands before a field or a bracket")
            return Not(Test("true", Selector(str(selector))))
        left = self.operand()
        start = self.at
        self.between()
        if self.word("in"):
            self.between()
            return Test("in", left, self.operand())
        if self.word("not "):
            self.between()
            self.expect("in")
            self.between()
            return Not(Test("in", left, self.operand()))
        if (operator := self.match(re.compile(r"=~|!~"))) is not None:
            self.between()
            right = self.operand()
            if isinstance(right, str):
                right = Regex(right)
            matched = Test("=~", left, right)
            return matched if operator == "=~" else Not(matched)
        if (operator := self.match(_COMPARE)) is not None:
            self.between()
            return Test(operator, left, self.operand())
        self.at = start
        return Test("true", left)

    def inner(self) -> Condition:
        self.between()
        condition = self.condition()
        self.between()
        self.expect(")")
        return condition

    def operand(self) -> Any:
        if (string := self.match(_STRING)) is not None:
            return string[1:-1]
        if (number := self.match(_NUMBER)) is not None:
            return float(number) if "." in number else int(number)
        if (selector := self.match(_SELECTOR)) is not None:
            return Selector(selector)
        if self.word("["):
            return self.array()
        if (regex := self.match(_REGEX)) is not None:
            return Regex(regex[1:-1])
        self.fail("a field, a string, a number, a list or a pattern expected")
        return None
