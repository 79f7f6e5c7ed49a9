"""Documents with one leaf changed: whatever is accepted has to show in what is made of it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from kibana_builder.json_tree import Json, Path

__all__ = ["changes"]

OTHER_WORDS = {
    "kql": "lucene",
    "lucene": "kql",
    "asc": "desc",
    "desc": "asc",
    "_count": "_key",
    "and": "or",
    "or": "and",
    "prefix": "exact",
    "small": "large",
    "large": "medium",
    "medium": "small",
    "on_click_value": "on_click_row",
    "relative": "absolute",
    "absolute": "relative",
}


def changes(document: Json) -> Iterator[tuple[Path, Any]]:
    """Go through the leaves of a document: the path of each, and the document in which it alone is another."""
    for path, value in _leaves(document, ()):
        changed = copy.deepcopy(document)
        *parents, last = path
        place = changed
        for key in parents:
            place = place[key]
        place[last] = _other(value)
        yield path, changed


def _leaves(tree: Json, path: Path) -> Iterator[tuple[Path, Json]]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from _leaves(value, (*path, key))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from _leaves(value, (*path, index))
    else:
        yield path, tree


def _other(value: Json) -> Json:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    return OTHER_WORDS.get(value, f"{value}x")
