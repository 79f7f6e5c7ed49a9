"""The kinds of rows in which a chart type describes its fields, and the walk over them.

A row says once where a property stands in the as-code document, where it stands in Lens, which words stand for
which, and what Lens gets when the document says nothing. Everything that a chart can say beside its columns is a
tuple of such rows:

>>> rows = (
...     Row(("subtitle",), ("labelMinor",)),
...     Row(("ticks", "mode"), ("ticksPosition",), unsaid="auto"),
... )
>>> to_lens(rows, {"subtitle": "of all models"})
{'labelMinor': 'of all models', 'ticksPosition': 'auto'}
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeAlias

from kibana_builder.json_tree import Json, JsonObject, Path, same


class Absent:
    """The type of ABSENT, which stands where a document says nothing; JSON's null is a value like any other."""

    def __repr__(self) -> str:
        return "ABSENT"

    def __bool__(self) -> bool:
        return False


ABSENT: Final = Absent()


def find(tree: Json, path: Path) -> Any:
    """Return what stands at `path`, or ABSENT."""
    for key in path:
        if not isinstance(tree, dict) or key not in tree:
            return ABSENT
        tree = tree[key]
    return tree


def put(tree: JsonObject, path: Path, value: Json) -> None:
    """Put `value` at `path`, making the objects on the way."""
    *parents, last = path
    for key in parents:
        tree = tree.setdefault(str(key), {})
    tree[str(last)] = value


@dataclass(frozen=True, eq=False, slots=True)
class Row:
    """One property: `code` is its path in the as-code document, `lens` its path in Lens.

    `words` translates values that are named differently (in a list, each entry); a value without a word stays as
    it is. `unsaid` is what Lens gets when the document says nothing (ABSENT: nothing).
    """

    code: Path
    lens: Path
    words: Mapping[Any, Json] | None = None
    unsaid: Json = ABSENT

    def to_lens(self, code: JsonObject, lens: JsonObject) -> None:
        value = find(code, self.code)
        if value is ABSENT:
            value = self.unsaid
        elif self.words is not None:
            if isinstance(value, list):
                value = [self.words.get(entry, entry) for entry in value]
            else:
                value = self.words.get(value, value)
        elif isinstance(value, list):
            value = list(value)
        if value is not ABSENT:
            put(lens, self.lens, value)

    def from_lens(self, lens: JsonObject, code: JsonObject) -> None:
        value = find(lens, self.lens)
        if value is ABSENT or same(value, self.unsaid):
            return
        if isinstance(value, list):
            value = [self._word_for(entry) for entry in value]
        put(code, self.code, self._word_for(value))

    def _word_for(self, value: Json) -> Json:
        for word, meaning in (self.words or {}).items():
            if same(meaning, value):
                return word
        return value


@dataclass(frozen=True, eq=False, slots=True)
class Constant:
    """What Lens always holds at `lens`, whatever the document says."""

    lens: Path
    value: Json

    def to_lens(self, code: JsonObject, lens: JsonObject) -> None:  # noqa: ARG002 - the rows have one signature
        put(lens, self.lens, self.value)

    def from_lens(self, lens: JsonObject, code: JsonObject) -> None:
        """Say nothing: what always stands there needs no word."""


@dataclass(frozen=True, eq=False, slots=True)
class Choice:
    """Several properties that only together mean something: the first option whose values the document has.

    Each option pairs the values at the `code` paths with those at the `lens` paths; ABSENT is a value of both.
    The options together must cover whatever the schema accepts.
    """

    code: tuple[Path, ...]
    lens: tuple[Path, ...]
    options: tuple[tuple[tuple[Json, ...], tuple[Json, ...]], ...]

    def to_lens(self, code: JsonObject, lens: JsonObject) -> None:
        said = [find(code, path) for path in self.code]
        for wanted, values in self.options:
            if all(map(same, said, wanted)):
                for path, value in zip(self.lens, values, strict=True):
                    if value is not ABSENT:
                        put(lens, path, value)
                return

    def from_lens(self, lens: JsonObject, code: JsonObject) -> None:
        found = [find(lens, path) for path in self.lens]
        fitting = [said for said, values in self.options if all(map(same, found, values))]
        if fitting:
            shortest = min(fitting, key=lambda said: sum(value is not ABSENT for value in said))
            for path, value in zip(self.code, shortest, strict=True):
                if value is not ABSENT:
                    put(code, path, value)


AnyRow: TypeAlias = Row | Constant | Choice


def to_lens(rows: Iterable[AnyRow], code: JsonObject, lens: JsonObject | None = None) -> JsonObject:
    """Lay over `lens` (a new object when None) what `rows` make of the as-code object `code`, and return it."""
    lens = {} if lens is None else lens
    for key, members, unsaid in _by_first_key(tuple(rows)):
        if key in code:
            for row in members:
                row.to_lens(code, lens)
        else:
            for path, value in unsaid:
                put(lens, path, value)
    return lens


_Group: TypeAlias = tuple[str, tuple[AnyRow, ...], tuple[tuple[Path, Json], ...]]


@cache
def _by_first_key(rows: tuple[AnyRow, ...]) -> tuple[_Group, ...]:
    """Sort rows by the property under which they all stand, each group with what it writes when that is not there.

    Most charts leave out most of what they could say: a whole group of rows then costs one look.
    """
    groups: dict[str, list[AnyRow]] = {}
    for row in rows:
        paths = row.code if isinstance(row, Choice) else (row.code,) if isinstance(row, Row) else ()
        (first,) = {str(path[0]) for path in paths} or {""}
        groups.setdefault(first, []).append(row)
    return tuple((key, tuple(members), tuple(_unsaid(members))) for key, members in groups.items())


def _unsaid(rows: Iterable[AnyRow]) -> Iterator[tuple[Path, Json]]:
    for row in rows:
        lens: JsonObject = {}
        row.to_lens({}, lens)
        for path in row.lens if isinstance(row, Choice) else (row.lens,):
            if (value := find(lens, path)) is not ABSENT:
                yield path, value


def from_lens(rows: Iterable[AnyRow], lens: JsonObject, code: JsonObject | None = None) -> JsonObject:
    """Lay over `code` (a new object when None) what `rows` read in the Lens object `lens`, and return it.

    What is the default is left unsaid; what the rows do not know is not in the result.
    """
    code = {} if code is None else code
    for row in rows:
        row.from_lens(lens, code)
    return code


class UnsayableError(Exception):
    """A Lens state has something at its heart that the vocabulary has no words for; the text says what."""
