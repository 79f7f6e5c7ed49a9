"""The text of a Lens formula -> its tree: the grammar of tinymath in Kibana 8.12.

Two things of that grammar surprise people. It has no minus sign before a function, only before a number: `-count()`
calls a function named "-count". And a field name may hold letters, digits and `. _ @ - [ ]`, so `a-b` is one field;
any other name stands in quotes.

Lens stores parts of the tree with the place they take in the text, surrounding spaces included. The rules for what
belongs to whom are those of the grammar: an operand begins right behind the operator before it, and a whole chain
`a + b + c` has a place while `a + b` in it has none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from kibana_builder.problem import NotExpressible

MAX_LENGTH = 10_000
MAX_OPEN = 50
MAX_DEPTH = 100

OPERATORS = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide"}
COMPARISONS = {"<": "lt", ">": "gt", "==": "eq", "<=": "lte", ">=": "gte"}

_NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE]-?[0-9]+)?"
# A backslash takes away the meaning of the quote behind it, and is itself kept in front of anything else.
_SINGLE = r"'(?:\\'|[^'])*+'"
_DOUBLE = r'"(?:\\"|[^"])*+"'
_WORD = r"[0-9A-Za-z._@\[\]-]+"

_SPACE = re.compile(r"[ \t\n\r]*")
_OPERAND = re.compile(
    rf"(?P<function>[a-zA-Z_-]+)\(|(?P<number>{_NUMBER})|(?P<quoted>{_SINGLE}|{_DOUBLE})|(?P<word>{_WORD})"
)
_COMPARISON = re.compile(r"[<>]=?|==")
_NAMED = re.compile(r"([a-zA-Z_]+)[ \t\n\r]*=(?!=)[ \t\n\r]*")
_VALUE = re.compile(rf"(?P<number>{_NUMBER})|(?P<quoted>{_SINGLE}|{_DOUBLE})|(?P<word>{_WORD})")
_STARTS_WORD = re.compile(r"[0-9A-Za-z._@\[\]]")
_WHOLE_WORD = re.compile(_WORD)
_STARTS_NUMBER = re.compile(_NUMBER)

_OTHER_OPERATORS = {
    "^": "a power is written pow(value, exponent)",
    "%": "a remainder is written mod(value, base), a percentage is a matter of the format",
    "!": "'not equal' is written ifelse(a == b, 0, 1)",
    "=": "equality is written ==",
    "&": "two conditions are written ifelse(a, ifelse(b, 1, 0), 0)",
    "|": "two conditions are written ifelse(a, 1, ifelse(b, 1, 0))",
    "(": "the name of a function stands right before its bracket and has only letters and _",
    ")": "it closes nothing",
}


class FormulaError(NotExpressible):
    """A formula that Lens could not compute; `position` counts the characters of the formula from 0."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(("formula",), f"{message} (at character {position + 1} of the formula)")
        self.message = message
        self.position = position


@dataclass(slots=True)
class FieldName:
    """A name that stands where a value could: the field of `average(cpu_usage)`."""

    name: str
    at: int


@dataclass(slots=True)
class NamedArgument:
    """`kql='a: b'` or `window=5`; `quote` is the character around the value, empty where there is none."""

    name: str
    value: str | float
    quote: str
    at: int


@dataclass(slots=True)
class Call:
    """A function with its arguments; an operator is one too, then `symbol` says how it was written.

    `at` is where its name or symbol stands. `start` and `end` are the place that Lens stores, None where it stores
    none (the inner links of a chain).
    """

    name: str
    arguments: list[Node]
    at: int
    symbol: str = ""
    start: int | None = None
    end: int | None = None
    depth: int = 1


Node: TypeAlias = float | FieldName | NamedArgument | Call


def parse_formula(text: str) -> Node:
    """Read a formula. Whether its functions exist and get what they need is not looked at (see check_formula).

    Raises FormulaError, and nothing else, for a text that is no formula, is longer than MAX_LENGTH, has more than
    MAX_OPEN brackets open at once, or nests or chains more than MAX_DEPTH operations.
    """
    if len(text) > MAX_LENGTH:
        raise FormulaError(f"the formula has {len(text)} characters; {MAX_LENGTH} are the most", MAX_LENGTH)
    return _Parser(text).formula()


class _Parser:
    __slots__ = ("at", "nesting", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.nesting = 0

    def formula(self) -> Node:
        node = self.expression()
        if self.at < len(self.text):
            raise self.unexpected("an operator or the end of the formula")
        return node

    def expression(self) -> Node:
        """Read a comparison, or arithmetic; only here may a comparison stand (Lens cannot compute with one)."""
        start = self.at
        self.skip_space()
        left = self.chain()
        found = _COMPARISON.match(self.text, self.at)
        if found is None:
            # Spaces in front belong to arithmetic, but to a comparison's left side they do not.
            return self.placed(left, start)
        symbol, at = found[0], self.at
        self.no_comparison(left)
        self.at = found.end()
        right = self.chain()
        self.no_comparison(right)
        node = self.call(COMPARISONS[symbol], [left, right], at, symbol, start)
        if _COMPARISON.match(self.text, self.at):
            self.no_comparison(node)
        return node

    def chain(self) -> Node:
        """Read a chain of + and -."""
        start = self.at
        self.skip_space()
        node = self.product()
        while self.text[self.at : self.at + 1] in ("+", "-"):
            node = self.link(node, self.product)
        return self.placed(node, start)

    def product(self) -> Node:
        """Read a chain of * and /."""
        start = self.at
        self.skip_space()
        node = self.operand()
        while self.text[self.at : self.at + 1] in ("*", "/"):
            node = self.link(node, self.operand)
        return self.placed(node, start)

    def link(self, left: Node, read_right: Callable[[], Node]) -> Node:
        at = self.at
        symbol = self.text[at]
        self.no_comparison(left)
        self.at += 1
        right = read_right()
        self.no_comparison(right)
        return self.call(OPERATORS[symbol], [left, right], at, symbol)

    def placed(self, node: Node, start: int) -> Node:
        if isinstance(node, Call) and node.symbol not in COMPARISONS:
            node.start, node.end = start, self.at
        return node

    def operand(self) -> Node:
        start = self.at
        self.skip_space()
        at = self.at
        if self.text.startswith("(", at):
            return self.group()
        found = _OPERAND.match(self.text, at)
        if found is None:
            raise self.unexpected("a function, a number or a field")
        self.at = found.end()
        if found.lastgroup == "function":
            return self.function(found["function"], start, at)
        node = self.number(found[0]) if found.lastgroup == "number" else FieldName(_unquoted(found[0]), at)
        self.skip_space()
        return node

    def group(self) -> Node:
        opened = self.at
        self.enter(opened)
        self.at += 1
        self.skip_space()
        node = self.expression()
        if not self.text.startswith(")", self.at):
            if self.at == len(self.text):
                raise FormulaError("this bracket is never closed", opened)
            raise self.unexpected("an operator or )")
        self.at += 1
        self.skip_space()
        self.nesting -= 1
        return node

    def function(self, name: str, start: int, at: int) -> Call:
        self.enter(at)
        self.skip_space()
        arguments: list[Node] = []
        while not self.text.startswith(")", self.at):
            arguments.append(self.argument())
            if self.text.startswith(",", self.at):
                self.at += 1
                self.skip_space()
            elif self.at == len(self.text):
                raise FormulaError(f"the bracket of {name}( is never closed", at)
            elif not self.text.startswith(")", self.at):
                raise self.unexpected("an operator, a comma or )")
        self.at += 1
        self.skip_space()
        self.nesting -= 1
        return self.call(name, arguments, at, start=start)

    def argument(self) -> Node:
        named = _NAMED.match(self.text, self.at)
        if named is None:
            return self.expression()
        at, name = self.at, named[1]
        self.at = named.end()
        found = _VALUE.match(self.text, self.at)
        if found is None:
            raise self.unexpected(f"the value of {name}=, like {name}='…',")
        self.at = found.end()
        text = found[0]
        if found.lastgroup == "number":
            value: str | float = self.number(text, f"{name}='{{}}'")
        else:
            value = _unquoted(text)
        self.skip_space()
        return NamedArgument(name, value, text[0] if found.lastgroup == "quoted" else "", at)

    def number(self, text: str, in_quotes: str = "'{}'") -> float:
        """Turn the digits before `at` into a number; a name that begins with a digit is not one."""
        begin = self.at - len(text)
        if _STARTS_WORD.match(self.text, self.at):
            word = _whole_word(self.text, begin)
            correct = in_quotes.format(word)
            raise FormulaError(f"'{word}' is no number; a name or a text stands in quotes: {correct}", begin)
        number = float(text)
        if number in (float("inf"), float("-inf")):
            raise FormulaError("this number is too large", begin)
        # JavaScript, which writes these numbers in Kibana, has one kind only: 30.0 is written 30, up to 21 digits.
        return int(number) if number.is_integer() and abs(number) < 1e21 else number

    def call(self, name: str, arguments: list[Node], at: int, symbol: str = "", start: int | None = None) -> Call:
        depth = 1
        for argument in arguments:
            if isinstance(argument, Call) and argument.depth >= depth:
                depth = argument.depth + 1
        if depth > MAX_DEPTH:
            raise FormulaError(f"more than {MAX_DEPTH} operations are nested or chained", at)
        return Call(name, arguments, at, symbol, start, None if start is None else self.at, depth)

    def enter(self, at: int) -> None:
        self.nesting += 1
        if self.nesting > MAX_OPEN:
            raise FormulaError(f"more than {MAX_OPEN} brackets are open at once", at)

    def skip_space(self) -> None:
        if self.text.startswith((" ", "\n", "\t", "\r"), self.at) and (found := _SPACE.match(self.text, self.at)):
            self.at = found.end()

    def no_comparison(self, node: Node) -> None:
        if isinstance(node, Call) and node.symbol in COMPARISONS:
            raise FormulaError(
                f"'{node.symbol}' gives true or false, with which nothing can be computed: "
                f"write ifelse(… {node.symbol} …, 1, 0)",
                node.at,
            )

    def unexpected(self, expected: str) -> FormulaError:
        if not self.text.strip():
            return FormulaError("the formula is empty", 0)
        if self.at == len(self.text):
            return FormulaError(f"the formula ends where {expected} should stand", self.at)
        char = self.text[self.at]
        if char in "\"'" and expected.startswith(("a function", "the value")):
            return FormulaError(f"the text in {char} is never closed", self.at)
        hint = _OTHER_OPERATORS.get(char) if expected.startswith("an operator") else None
        message = f"'{char}' stands where {expected} should stand"
        return FormulaError(f"{message}: {hint}" if hint else message, self.at)


def as_written(name: str) -> str:
    """Write the name of a field the way it stands in a formula: in quotes where the grammar asks for them."""
    if _WHOLE_WORD.fullmatch(name) and not _STARTS_NUMBER.match(name):
        return name
    return "'" + name.replace("'", "\\'") + "'"


def _unquoted(text: str) -> str:
    quote = text[0]
    return text[1:-1].replace("\\" + quote, quote) if quote in "\"'" else text


def _whole_word(text: str, begin: int) -> str:
    found = _WHOLE_WORD.match(text, begin)
    return found[0] if found else ""
