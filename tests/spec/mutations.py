"""Damaged copies of good documents, one damage each."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import NamedTuple

from kibana_builder.json_tree import Json, Path, compact

STRANGERS: list[Json] = [None, True, -7, 3, 1e9, 0.5, "", "stranger", [], ["stranger"], {}, {"stranger": 1}]
"""Values of every type, among them some that are too small, too large, empty, or whole where parts are wanted."""


class Mutation(NamedTuple):
    """What was done, at which path, and the document afterwards."""

    what: str
    path: Path
    document: Json


def mutations(document: Json, seen: set[tuple[str | int, str]] | None = None) -> Iterator[Mutation]:
    """Give every damaged copy of a document: a property gone, misspelt, added or moved, a value of another kind.

    What is equal in several documents, under one name, is damaged in the first alone when they share a set `seen`.
    """
    for path, value in _everything((), document):
        if seen is not None and path:
            key = (path[-1], compact(value))
            if key in seen:
                continue
            seen.add(key)
        for stranger in STRANGERS:
            if type(stranger) is not type(value) or stranger != value:
                yield Mutation(f"becomes {stranger!r}", path, _with(document, path, stranger))
        if isinstance(value, str) and value:
            yield Mutation("is misspelt", path, _with(document, path, misspelt(value)))
        if isinstance(value, dict):
            yield from _of_object(document, path, value)
        if path:
            yield Mutation("is put into a list", path, _with(document, path, [value]))
            yield Mutation("is put into a mapping", path, _with(document, path, {"wrapped": value}))


def _of_object(document: Json, path: Path, value: dict[str, Json]) -> Iterator[Mutation]:
    yield Mutation("has one more", (*path, "zzz_extra"), _with(document, path, {**value, "zzz_extra": 1}))
    for key in value:
        gone = {name: item for name, item in value.items() if name != key}
        yield Mutation("is gone", (*path, key), _with(document, path, gone))
        renamed = {misspelt(key) if name == key else name: item for name, item in value.items()}
        yield Mutation("has its name misspelt", (*path, misspelt(key)), _with(document, path, renamed))


def misspelt(word: str) -> str:
    """Write a word as a person in a hurry does: two letters of it change places, or one comes twice."""
    for index in range(len(word) - 2, 0, -1):
        if word[index] != word[index + 1]:
            return word[:index] + word[index + 1] + word[index] + word[index + 2 :]
    return word + word[-1]


def _everything(path: Path, value: Json) -> Iterator[tuple[Path, Json]]:
    yield path, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _everything((*path, key), item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _everything((*path, index), item)


def _with(document: Json, path: Path, value: Json) -> Json:
    """Return a copy of the document with another value at a path; the rest is shared."""
    if not path:
        return copy.deepcopy(value)
    first, *rest = path
    result = copy.copy(document)
    result[first] = _with(document[first], tuple(rest), value)
    return result
