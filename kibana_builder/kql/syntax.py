r"""The text of a KQL query -> its tree.

A text is read as Kibana reads it (its grammar: kbn-es-query, grammar.peggy), oddities included: an unquoted value may
hold spaces, so `a b` is one value; `and`, `or` and `not` are words of the language wherever spaces stand around them
(`not` wherever a space follows), so `cannot x` is no query; there is no `field: >5`; `\not` is a new line and `ot`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from kibana_builder.kql.tree import And, Is, KqlError, Literal, MatchAll, Nested, Node, Not, Or, Range, Wildcard

__all__ = ["parse"]

DEPTH = 100
"""So many parentheses may stand in one another; people write three. Python's own limit is not far above."""

SPACE = re.compile(r"[ \t\r\n\u00a0]*")
AND = re.compile(r"[ \t\r\n\u00a0]+and[ \t\r\n\u00a0]+", re.IGNORECASE)
OR = re.compile(r"[ \t\r\n\u00a0]+or[ \t\r\n\u00a0]+", re.IGNORECASE)
NOT = re.compile(r"not[ \t\r\n\u00a0]+", re.IGNORECASE)
KEYWORD = re.compile(f"{AND.pattern}|{OR.pattern}|{NOT.pattern}", re.IGNORECASE)
OPERATOR = re.compile("<=|>=|<|>")
OPERATORS = {"<=": "lte", ">=": "gte", "<": "lt", ">": "gt"}
SPECIAL = frozenset('\\():<>"*{}')
ESCAPED_SPACES = {"t": "\t", "r": "\r", "n": "\n"}
UNICODE = re.compile("u([0-9a-fA-F]{4})")
ESCAPED_KEYWORD = re.compile("or|and|not", re.IGNORECASE)
JS_SPACES = "\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))
"""What JavaScript's trim takes off the ends of a word."""
STAR = object()
"""What an unescaped star is among the characters of a word."""
CONSTANTS: dict[str, bool | None] = {"null": None, "true": True, "false": False}

T = TypeVar("T")

Partial = Callable[[Literal | Wildcard | None], Node]
"""A value or a list of values, which becomes a node once the field before it is known."""


def parse(text: str) -> Node:
    """Read a query. Raises KqlError, which says where and why, for a text that Kibana refuses too."""
    return _Reader(text).query()


def _all(parts: list[Node]) -> Node:
    return parts[0] if len(parts) == 1 else And(tuple(parts))


def _any(parts: list[Node]) -> Node:
    return parts[0] if len(parts) == 1 else Or(tuple(parts))


def _is(field: Literal | Wildcard | None, value: Literal | Wildcard) -> Node:
    whole = isinstance(field, Wildcard) and field.alone and isinstance(value, Wildcard) and value.alone
    return MatchAll() if whole else Is(field, value)


class _Reader:
    """One text and how far it is read; each method reads one thing of the grammar or raises KqlError."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0

    def query(self) -> Node:
        self.skip()
        if self.at == len(self.text):
            return MatchAll()
        node = self.any_of()
        self.skip()
        if self.at < len(self.text):
            raise self.error(self.unexpected())
        return node

    def any_of(self) -> Node:
        return _any(self.parted(OR, self.all_of))

    def all_of(self) -> Node:
        return _all(self.parted(AND, self.negation))

    def negation(self) -> Node:
        return Not(self.group()) if self.take(NOT) else self.group()

    def group(self) -> Node:
        return self.enclosed("(", ")", self.any_of) if self.sees("(") else self.expression()

    def expression(self) -> Node:
        word = self.word("a field or a value")
        after_word = self.at
        self.skip()
        if operator := self.take(OPERATOR):
            self.skip()
            return Range(word, OPERATORS[operator], self.word(f"a value after {operator!r}"))
        if not self.sees(":"):
            self.at = after_word
            return _is(None, word)
        self.at += 1
        self.skip()
        if self.sees("{"):
            return Nested(word, self.enclosed("{", "}", self.any_of))
        field = None if isinstance(word, Literal) and word.value is None else word
        return self.values()(field)

    def values(self) -> Partial:
        if self.sees("("):
            return self.enclosed("(", ")", self.any_of_values)
        value = self.word("a value after ':'")
        return lambda field: _is(field, value)

    def any_of_values(self) -> Partial:
        parts = self.parted(OR, self.all_of_values)
        return lambda field: _any([part(field) for part in parts])

    def all_of_values(self) -> Partial:
        parts = self.parted(AND, self.negated_values)
        return lambda field: _all([part(field) for part in parts])

    def negated_values(self) -> Partial:
        if not self.take(NOT):
            return self.values()
        part = self.values()
        return lambda field: Not(part(field))

    def parted(self, word: re.Pattern[str], part: Callable[[], T]) -> list[T]:
        """Read parts with a word between them, one at least."""
        parts = [part()]
        while self.take(word):
            parts.append(part())
        return parts

    def enclosed(self, opening: str, closing: str, inner: Callable[[], T]) -> T:
        start = self.at
        self.depth += 1
        if self.depth > DEPTH:
            raise self.error(f"more than {DEPTH} parentheses in one another")
        self.at += 1
        self.skip()
        value = inner()
        self.skip()
        if not self.sees(closing):
            at_end = self.at == len(self.text)
            raise (
                KqlError(self.text, start, f"{opening!r} is never closed") if at_end else self.error(self.unexpected())
            )
        self.at += 1
        self.depth -= 1
        return value

    def word(self, wanted: str) -> Literal | Wildcard:
        """Read a quoted phrase or an unquoted word; `wanted` says what is missing where there is neither."""
        if self.sees('"'):
            return self.phrase()
        characters: list[object] = []
        while (character := self.character()) is not None:
            characters.append(character)
        if not characters:
            raise self.error(self.missing(wanted))
        if STAR in characters:
            return Wildcard(_between(characters))
        text = _whole("".join(map(str, characters))).strip(JS_SPACES)
        return Literal(CONSTANTS.get(text, text))

    def character(self) -> object:
        """Read one character of an unquoted word, a star among them; None where the word ends."""
        if self.at == len(self.text):
            return None
        character = self.text[self.at]
        if character == "\\":
            return self.escaped()
        if character == "*":
            self.at += 1
            return STAR
        if character in SPECIAL or KEYWORD.match(self.text, self.at):
            return None
        self.at += 1
        return character

    def escaped(self) -> str:
        """Read a backslash and what it takes the meaning from."""
        start, self.at = self.at, self.at + 1
        following = self.text[self.at : self.at + 1]
        if following and (following in SPECIAL or following in ESCAPED_SPACES):
            self.at += 1
            return ESCAPED_SPACES.get(following, following)
        if code := self.take(UNICODE):
            return chr(int(code[1:], 16))
        if keyword := self.take(ESCAPED_KEYWORD):
            return keyword
        self.at = start
        raise self.error(r"a backslash that escapes nothing (a backslash itself is written \\)")

    def phrase(self) -> Literal:
        """Read a quoted phrase. Inside it only quotes and backslashes need a backslash, and others keep theirs."""
        start, self.at = self.at, self.at + 1
        characters: list[str] = []
        while self.at < len(self.text):
            character = self.text[self.at]
            self.at += 1
            if character == '"':
                return Literal(_whole("".join(characters)), quoted=True)
            characters.append(self.escaped_in_phrase() if character == "\\" else character)
        raise KqlError(self.text, start, "a quote that is never closed")

    def escaped_in_phrase(self) -> str:
        if code := self.take(UNICODE):
            return chr(int(code[1:], 16))
        following = self.text[self.at : self.at + 1]
        if following and following in '\\"trn':
            self.at += 1
            return ESCAPED_SPACES.get(following, following)
        return "\\"

    def skip(self) -> None:
        self.take(SPACE)

    def sees(self, character: str) -> bool:
        return self.text.startswith(character, self.at)

    def take(self, pattern: re.Pattern[str]) -> str:
        """Read what the pattern matches here; an empty text where it does not match."""
        found = pattern.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found[0]

    def error(self, why: str) -> KqlError:
        return KqlError(self.text, min(self.at, len(self.text)), why)

    def missing(self, wanted: str) -> str:
        found = KEYWORD.match(self.text, self.at)
        if found is not None:
            return f"{wanted} is missing before {found[0].strip()!r}"
        return f"{wanted} is missing{'' if self.at == len(self.text) else f' before {self.text[self.at]!r}'}"

    def unexpected(self) -> str:
        """Say what stands where the query should go on with and, or, or end."""
        if found := NOT.match(self.text, self.at):
            return f"{found[0].strip()!r} in the middle: 'and' or 'or' is missing before it, or quotes around the value"
        if self.sees(":"):
            return "a second ':' (a value with a colon is written in quotes)"
        if self.sees(")") or self.sees("}"):
            return f"{self.text[self.at]!r} closes nothing"
        return f"unexpected {self.text[self.at]!r}: 'and' or 'or' is missing before it, or quotes around the value"


def _between(characters: list[object]) -> tuple[str, ...]:
    """Give the texts between the stars, as a whole without spaces around it."""
    texts = [""]
    for character in characters:
        if character is STAR:
            texts.append("")
        else:
            texts[-1] += str(character)
    texts[0] = texts[0].lstrip(JS_SPACES)
    texts[-1] = texts[-1].rstrip(JS_SPACES)
    return tuple(map(_whole, texts))


def _whole(text: str) -> str:
    r"""Join the halves of signs that are escaped as JavaScript has them (`\ud83d\ude42`); half a sign is none."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
