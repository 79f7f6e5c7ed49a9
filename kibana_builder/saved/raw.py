"""What the vocabulary has no words for: raw parts laid over what compiling gives, and JSON strings opened for people.

`raw` is a tree that is merged in: an object by its keys, an entry of a list under its index as a word ("0"; the index
behind the last one adds an entry), anything else replaces what is there. What compiling gives and the object has not
is named in `raw_absent`, by paths whose keys are joined with dots; a dot or a backslash in a key has a backslash
before it. What is absent is taken away first, all at once: the indices are those of what compiling gives.

>>> lay_over({"a": {"b": 1, "c": 2}, "d": [{"e": 3}]}, {"d": {"0": {"e": 5}}}, ["a.c"])
{'a': {'b': 1}, 'd': [{'e': 5}]}
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from kibana_builder.json_tree import Json, JsonObject, compact, read_json, same
from kibana_builder.problem import NotExpressible
from kibana_builder.saved.normal_form import json_string_paths

__all__ = [
    "MOST_LEAVES",
    "closed",
    "closed_panel",
    "count_leaves",
    "lay_over",
    "leaf_paths",
    "opened",
    "opened_panel",
    "remainder",
    "with_raw",
]

MOST_LEAVES = 5
"""A remainder of more leaves is no footnote any more: the part stays raw as a whole."""

_INDEX = re.compile("0|[1-9][0-9]{0,8}")


# ------------------------------------------------------------------------------------------- laying over


def lay_over(tree: JsonObject, raw: JsonObject, raw_absent: Sequence[str] = ()) -> JsonObject:
    """Return `tree` with `raw` laid over it and without what `raw_absent` names. Nothing handed in is touched.

    Raises NotExpressible, its path beginning with `raw` or `raw_absent`, for a place that is not there.
    """
    if raw_absent:
        tree = _without(tree, raw_absent)
    result: JsonObject = _laid_over(tree, raw, ("raw",))
    return result


def with_raw(tree: JsonObject, said: JsonObject) -> JsonObject:
    """Return `tree` with the raw parts of a document, a chart or a panel laid over it: its `raw` and `raw_absent`."""
    if "raw" not in said and "raw_absent" not in said:
        return tree
    return lay_over(tree, said.get("raw", {}), said.get("raw_absent", ()))


def _without(tree: JsonObject, paths: Sequence[str]) -> JsonObject:
    away: JsonObject = {}
    for index, path in enumerate(paths):
        steps = _steps(path)
        if not _stands(tree, steps):
            raise NotExpressible(("raw_absent", index), f"there is no '{path}' to take away")
        _note(away, steps)
    result: JsonObject = _pruned(tree, away)
    return result


def _note(away: JsonObject, steps: Sequence[str]) -> None:
    """Note a leaf of the tree of what is taken away; None stands where all is."""
    *way, last = steps
    for step in way:
        below: JsonObject | None = away.setdefault(step, {})
        if below is None:
            return
        away = below
    away[last] = None


def _stands(tree: Json, steps: Iterable[str]) -> bool:
    for step in steps:
        if isinstance(tree, list) and _INDEX.fullmatch(step) and int(step) < len(tree):
            tree = tree[int(step)]
        elif isinstance(tree, dict) and step in tree:
            tree = tree[step]
        else:
            return False
    return True


def _pruned(tree: Json, away: JsonObject) -> Json:
    if isinstance(tree, list):
        kept = [(entry, away.get(str(index), {})) for index, entry in enumerate(tree)]
        return [_pruned(entry, below) if below else entry for entry, below in kept if below is not None]
    members = [(key, entry, away.get(key, {})) for key, entry in tree.items()]
    return {key: _pruned(entry, below) if below else entry for key, entry, below in members if below is not None}


def _laid_over(tree: Json, raw: Json, path: tuple[str, ...]) -> Json:
    if isinstance(raw, dict) and isinstance(tree, dict):
        result = dict(tree)
        for key, value in raw.items():
            result[key] = _laid_over(tree[key], value, (*path, key)) if key in tree else value
        return result
    if isinstance(raw, dict) and isinstance(tree, list):
        return _laid_over_list(tree, raw, path)
    return raw


def _laid_over_list(tree: list[Json], raw: JsonObject, path: tuple[str, ...]) -> list[Json]:
    for key in raw:
        if not _INDEX.fullmatch(key):
            raise NotExpressible((*path, key), f"a list stands here, and '{key}' is no index of a list, such as \"0\"")
    result = list(tree)
    for key in sorted(raw, key=int):
        index = int(key)
        if index < len(tree):
            result[index] = _laid_over(tree[index], raw[key], (*path, key))
        elif index == len(result):
            result.append(raw[key])
        else:
            raise NotExpressible((*path, key), f"the list that stands here has only {len(result)} entries")
    return result


def _steps(path: str) -> list[str]:
    steps = [""]
    characters = iter(path)
    for character in characters:
        if character == ".":
            steps.append("")
        else:
            steps[-1] += next(characters, character) if character == "\\" else character
    return steps


def _dotted(steps: Iterable[str]) -> str:
    return ".".join(re.sub(r"([.\\])", r"\\\1", step) for step in steps)


# ------------------------------------------------------------------------------------------- what is left over


def remainder(wanted: JsonObject, made: JsonObject) -> tuple[JsonObject, list[str]]:
    """Return `raw` and `raw_absent` that make `wanted` of `made`: `lay_over(made, *remainder(wanted, made))`."""
    rest = _of_objects(wanted, made, ())
    return rest.raw, [_dotted(steps) for steps in rest.absent]


def count_leaves(raw: Json, raw_absent: Sequence[str] = ()) -> int:
    """Count what a remainder says: values, and places that are empty."""
    return _leaves(raw) + len(raw_absent) if raw != {} else len(raw_absent)


def _leaves(tree: Json) -> int:
    members = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    return sum(map(_leaves, members)) if members else 1


def leaf_paths(raw: Json, raw_absent: Sequence[str] = ()) -> list[str]:
    """Name the leaves of a remainder by their paths, keys joined with dots."""
    return [*(_dotted(steps) for steps in _leaf_steps(raw, ())), *raw_absent]


def _leaf_steps(tree: Json, path: _Steps) -> Iterator[_Steps]:
    members = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in members:
        yield from _leaf_steps(value, (*path, str(key)))
    if not members and path:
        yield path


_Steps = tuple[str, ...]


@dataclass(slots=True)
class _Rest:
    """A remainder while it is found: `says` tells whether `raw` is a part of it (it may well be null or empty)."""

    raw: Json
    absent: list[_Steps] = field(default_factory=list)
    says: bool = True

    def leaves(self) -> int:
        return (_leaves(self.raw) if self.says else 0) + len(self.absent)


def _of_objects(wanted: JsonObject, made: JsonObject, path: _Steps) -> _Rest:
    raw: JsonObject = {}
    absent = [(*path, key) for key in made if key not in wanted]
    for key, value in wanted.items():
        if key not in made:
            raw[key] = value
        elif not same(value, made[key]):
            rest = _of_values(value, made[key], (*path, key))
            absent += rest.absent
            if rest.says:
                raw[key] = rest.raw
    return _Rest(raw, absent, says=bool(raw))


def _of_values(wanted: Json, made: Json, path: _Steps) -> _Rest:
    if isinstance(wanted, dict):
        if isinstance(made, dict):
            return _of_objects(wanted, made, path)
        # Laid over a list, an object would be taken for entries of it.
        return _Rest(wanted, [path] if isinstance(made, list) else [])
    if isinstance(wanted, list) and isinstance(made, list):
        return _of_lists(wanted, made, path)
    return _Rest(wanted)


def _of_lists(wanted: list[Json], made: list[Json], path: _Steps) -> _Rest:
    """Take the shorter of the two ways: entry by entry, or the list as a whole."""
    whole = _Rest(wanted)
    raw: JsonObject = {}
    absent = [(*path, str(index)) for index in range(len(wanted), len(made))]
    for index, value in enumerate(wanted):
        if index >= len(made):
            raw[str(index)] = value
        elif not same(value, made[index]):
            if isinstance(value, dict) and isinstance(made[index], list):
                return whole  # taking an entry away moves those behind it
            rest = _of_values(value, made[index], (*path, str(index)))
            absent += rest.absent
            if rest.says:
                raw[str(index)] = rest.raw
    piecewise = _Rest(raw, absent, says=bool(raw))
    return min(piecewise, whole, key=_Rest.leaves)


# ------------------------------------------------------------------------------------------- JSON in strings


def opened(item: JsonObject) -> JsonObject:
    """Return a saved object with the JSON opened that it holds in strings, so that people can read it.

    A string that Kibana would not write for what it holds stays as it is: `closed(opened(item)) == closed(item)`.
    """
    result: JsonObject = _opened(item, _strings_of(str(item.get("type"))))
    return result


def closed(item: JsonObject) -> JsonObject:
    """Return a saved object with strings where Kibana keeps JSON in strings: what is no string there is encoded.

    So integrations ship their objects as well, and elastic-package encodes them when it builds the package; Kibana
    itself refuses any other value there.
    """
    result: JsonObject = _closed(item, _strings_of(str(item.get("type"))))
    return result


def opened_panel(entry: Json) -> Json:
    """Do the same as `opened` with one entry of a dashboard's `panelsJSON`."""
    return _opened(entry, _strings_of_panels())


def closed_panel(entry: Json) -> Json:
    """Do the same as `closed` with one entry of a dashboard's `panelsJSON`."""
    return _closed(entry, _strings_of_panels())


@dataclass(slots=True)
class _Place:
    """A place in the tree of those that hold JSON in a string, or lead to one; `*` is any key or index."""

    holds_json: bool = False
    below: dict[str, _Place] = field(default_factory=dict)


@cache
def _strings_of(kind: str) -> _Place:
    root = _Place()
    for path in json_string_paths(kind):
        place = root
        for step in path:
            place = place.below.setdefault(step, _Place())
        place.holds_json = True
    return root


def _strings_of_panels() -> _Place:
    return _strings_of("dashboard").below["attributes"].below["panelsJSON"].below["*"]


def _opened(tree: Json, place: _Place) -> Json:
    if not place.holds_json or not isinstance(tree, str):
        return _members(tree, place, _opened)
    value = _decoded(tree)
    if value is None or compact(value) != tree:
        return tree
    result = _members(value, place, _opened)
    # What stands in there as itself, where a string belongs, would come back as a string.
    return result if same(_members(result, place, _closed), value) else tree


def _closed(tree: Json, place: _Place) -> Json:
    tree = _members(tree, place, _closed)
    return compact(tree) if place.holds_json and not isinstance(tree, str) else tree


def _members(tree: Json, place: _Place, change: Callable[[Json, _Place], Json]) -> Json:
    if not place.below or not isinstance(tree, dict | list):
        return tree
    other = place.below.get("*")
    if isinstance(tree, list):
        return [change(entry, other) for entry in tree] if other else tree
    result = dict(tree)
    for key in tree:
        below = place.below.get(key, other)
        if below is not None:
            result[key] = change(tree[key], below)
    return result


def _decoded(text: str) -> Json:
    """Decode JSON that is more than one text; None for anything else."""
    try:
        value = read_json(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) else None
