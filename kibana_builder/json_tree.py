"""JSON as plain Python values, and the few things done with it everywhere. Knows nothing of Kibana."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Sequence
from typing import Any, NoReturn, TypeAlias

Json: TypeAlias = Any
"""None, bool, int, float, str, list of Json or dict of str to Json, as `json.loads` gives it."""

JsonObject: TypeAlias = dict[str, Any]
Path: TypeAlias = tuple[str | int, ...]
"""Keys and list indices from the root of a document; `()` is the document itself."""


def compact(value: Json) -> str:
    """Write JSON the way Kibana stores its inner JSON strings: no spaces, insertion order, non-ASCII as it is."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def compact_sorted(value: Json) -> str:
    """Write JSON the way Kibana exports a line of NDJSON: keys sorted at every level."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def read_json(text: str) -> Json:
    """Read JSON, strictly: NaN and Infinity are none, though Python reads them.

    Raises ValueError (json.JSONDecodeError where a place in the text can be told), or RecursionError.
    """
    return json.loads(text, parse_constant=_refuse)


def _refuse(word: str) -> NoReturn:
    raise ValueError(word)


def get(tree: Json, *path: str) -> Json:
    """Give what stands at a path of keys; None where nothing does."""
    for key in path:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree


def without(tree: Json, path: Sequence[str | int]) -> Json:
    """Copy a tree without the property of an object that a path leads to."""
    step, *rest = path
    if isinstance(tree, list):
        return [without(entry, rest) if index == step else entry for index, entry in enumerate(tree)]
    if not rest:
        return {key: entry for key, entry in tree.items() if key != step}
    return {key: without(entry, rest) if key == step else entry for key, entry in tree.items()}


def objects_below(node: Json, path: Path = (), *, without: Container[str] = ()) -> Iterator[tuple[JsonObject, Path]]:
    """Go through every object at and below a place, each with its path; not into the keys in `without`."""
    open_places: list[tuple[Json, Path]] = [(node, path)]
    while open_places:
        found, where = open_places.pop()
        if isinstance(found, dict):
            yield found, where
            for key, value in found.items():
                if isinstance(value, (dict, list)) and key not in without:
                    open_places.append((value, (*where, key)))
        elif isinstance(found, list):
            for at, item in enumerate(found):
                if isinstance(item, (dict, list)):
                    open_places.append((item, (*where, at)))


def same(left: Json, right: Json) -> bool:
    """Tell whether two values are equal as JSON: `0` is not `false`, `1` is `1.0`, key order does not count."""
    # What Python tells apart is not the same; most of what is compared ends here.
    return bool(left == right) and _says_the_same(left, right)


def _says_the_same(left: Json, right: Json) -> bool:
    """Tell whether two values that are equal for Python have true and false in the same places, not 1 and 0."""
    if isinstance(left, dict):
        for key, value in left.items():
            if not isinstance(value, str) and not _says_the_same(value, right[key]):
                return False
        return True
    if isinstance(left, list):
        return all(map(_says_the_same, left, right))
    return isinstance(left, bool) == isinstance(right, bool)
