"""The tree of a KQL query: what the text says, before anyone asks which fields there are."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kibana_builder.errors import KbuildError

__all__ = [
    "And",
    "Is",
    "KqlError",
    "Literal",
    "MatchAll",
    "MisplacedField",
    "Nested",
    "Node",
    "Not",
    "Or",
    "Range",
    "Wildcard",
]


class KqlError(KbuildError):
    """A text that is no KQL.

    `at` is where in it, counted in characters from 0; `why` says what is wrong there; `excerpt` is the text around it.
    """

    def __init__(self, text: str, at: int, why: str) -> None:
        self.text = text
        self.at = at
        self.why = why
        self.excerpt = _excerpt(text, at)
        super().__init__(f"{why}, at character {at + 1} of the KQL query {self.excerpt!r}")


def _excerpt(text: str, at: int) -> str:
    """Give the part of a long query that stands around a place."""
    start, end = max(0, at - 40), min(len(text), at + 40)
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"


class MisplacedField(KbuildError):
    """A nested object's field outside of its braces, or a field in braces that are not its own."""


@dataclass(frozen=True)
class Literal:
    """A word or a quoted phrase. Unquoted `true`, `false` and `null` are no words but these values."""

    value: str | bool | None
    quoted: bool = False

    def words(self) -> str:
        """Give the value as it is written: a field's name, a term."""
        return self.value if isinstance(self.value, str) else {True: "true", False: "false", None: "null"}[self.value]


@dataclass(frozen=True)
class Wildcard:
    """An unquoted word with stars in it: the texts between them (`a*b*` is `("a", "b", "")`, `*` is `("", "")`)."""

    between: tuple[str, ...]

    @property
    def alone(self) -> bool:
        """Whether it is one star and nothing else: any value at all."""
        return self.between == ("", "")

    def words(self) -> str:
        """Give it with its stars, nothing escaped."""
        return "*".join(self.between)

    def pattern(self) -> re.Pattern[str]:
        """Give what a whole name or value has to match."""
        return re.compile(".*".join(map(re.escape, self.between)), re.DOTALL)


@dataclass(frozen=True)
class MatchAll:
    """An empty query, or `*: *`: every document."""


@dataclass(frozen=True)
class Is:
    """`field: value`; without a field any field may have the value. A value `*` asks that the field is there."""

    field: Literal | Wildcard | None
    value: Literal | Wildcard


@dataclass(frozen=True)
class Range:
    """`field >= value`; the operator is Elasticsearch's word for it (gt, gte, lt, lte)."""

    field: Literal | Wildcard
    operator: str
    value: Literal | Wildcard


@dataclass(frozen=True)
class Nested:
    """`field: { … }`: what has to hold for one and the same nested object."""

    path: Literal | Wildcard
    part: Node


@dataclass(frozen=True)
class Not:
    part: Node


@dataclass(frozen=True)
class And:
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Or:
    parts: tuple[Node, ...]


Node = MatchAll | Is | Range | Nested | Not | And | Or
