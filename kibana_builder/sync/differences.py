"""What differs between two values of a file, in its own words: `y[1] percentile 95 → 99`.

Gets what a person would write, before and after, and gives lines for a person. Nothing here knows Kibana. A value that
is no single word is described, never printed as JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from kibana_builder.json_tree import Json, JsonObject, Path, compact_sorted, same

__all__ = ["ABSENT", "Pairs", "differences", "leaves", "pairs", "said"]

ABSENT = object()

_LONGEST = 60
_PLAIN_WORD = re.compile(r"[\w@#%&+*/<>=~.,:$-]*[\w%*]")

# A list of operations, filters or rules: what makes an entry the same one as before, the surest sign first.
_SIGNS: tuple[Callable[[JsonObject], Json], ...] = (
    lambda entry: entry,
    lambda entry: entry.get("id"),
    lambda entry: entry.get("label") or entry.get("title"),
    lambda entry: [entry["operation"], entry.get("field", entry.get("fields"))] if "operation" in entry else None,
)


def differences(before: JsonObject, after: JsonObject) -> list[str]:
    """Say what differs, property by property, in the order in which they are written.

    >>> differences({"y": [{"operation": "percentile", "percentile": 95}]},
    ...             {"y": [{"operation": "percentile", "percentile": 99}], "title": "Latency"})
    ['y[0] percentile 95 → 99', 'title Latency added']
    """
    alone = all(isinstance(side.get("layers"), list) and len(side["layers"]) == 1 for side in (before, after))
    return [_line(path, words, alone=alone) for path, words in _of_objects(before, after, ())]


def said(value: Json) -> str:
    """Write a value for a person: a word as it is, a text in quotes, an operation as "average of latency"."""
    if isinstance(value, str):
        return value if _PLAIN_WORD.fullmatch(value) and len(value) <= _LONGEST else f'"{_cut(value)}"'
    if isinstance(value, list):
        return _cut(", ".join(map(said, value[:_LONGEST]))) or "none"
    if isinstance(value, dict):
        return _cut(_described(value))
    return json.dumps(value)


def leaves(before: Json, after: Json, where: Path = ()) -> Iterator[tuple[Path, Json, Json]]:
    """Give every place at which two trees differ, with what stands there; ABSENT where nothing stands."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*before, *after)):
            yield from leaves(before.get(key, ABSENT), after.get(key, ABSENT), (*where, key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            yield from leaves(old, new, (*where, index))
    elif not same(before, after):
        yield where, before, after


class Pairs(NamedTuple):
    """Which entry of a list became which: indices before and after, in the order after; what is gone, what came."""

    same: list[tuple[int, int]]
    gone: list[int]
    came: list[int]

    @property
    def reordered(self) -> bool:
        """Whether what stayed stands in another order."""
        stayed = [old for old, _ in self.same]
        return stayed != sorted(stayed)


def pairs(
    before: Sequence[JsonObject], after: Sequence[JsonObject], signs: Sequence[Callable[[JsonObject], Json]] = _SIGNS
) -> Pairs:
    """Tell which entry became which by `signs`, the surest first; one that is empty is none."""
    old_of: dict[int, int] = {}
    for sign in signs:
        waiting: dict[str | tuple[str], list[int]] = {}
        taken = set(old_of.values())
        for index in range(len(before) - 1, -1, -1):
            if index not in taken and (mark := sign(before[index])):
                waiting.setdefault(_as_key(mark), []).append(index)
        for index, entry in enumerate(after):
            if index not in old_of and (mark := sign(entry)) and (found := waiting.get(_as_key(mark))):
                old_of[index] = found.pop()
    taken = set(old_of.values())
    return Pairs(
        sorted(((old, new) for new, old in old_of.items()), key=lambda pair: pair[1]),
        [index for index in range(len(before)) if index not in taken],
        [index for index in range(len(after)) if index not in old_of],
    )


def _as_key(mark: Json) -> str | tuple[str]:
    """Give a key that two marks share when they are the same; most are texts."""
    return mark if isinstance(mark, str) else (compact_sorted(mark),)


# ------------------------------------------------------------------------------------------------- the walk


def _of_objects(before: JsonObject, after: JsonObject, where: Path) -> Iterator[tuple[Path, str]]:
    for key in dict.fromkeys((*before, *after)):
        place = (*where, key)
        if key not in after:
            yield from _alone(before[key], "removed", place)
        elif key not in before:
            yield from _alone(after[key], "added", place)
        elif not same(before[key], after[key]):
            yield from _of_values(before[key], after[key], place)


def _of_values(before: Json, after: Json, where: Path) -> Iterator[tuple[Path, str]]:
    if where[-1] in _WHOLE:
        words = _WHOLE[where[-1]]
        yield where, f"{words(before)} → {words(after)}"
    elif isinstance(before, dict) and isinstance(after, dict):
        yield from _of_objects(before, after, where)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _of_lists(before, after, where)
    elif isinstance(before, str) and isinstance(after, str):
        yield where, " → ".join(_texts(before, after))
    else:
        yield where, f"{said(before)} → {said(after)}"


def _of_lists(before: list[Json], after: list[Json], where: Path) -> Iterator[tuple[Path, str]]:
    if not all(isinstance(entry, dict) for entry in (*before, *after)):
        yield where, f"{said(before)} → {said(after)}"
        return
    found = pairs(before, after)
    # What has no sign in common is the same one by its place among those that are left.
    left = list(zip(found.gone, found.came, strict=False))
    for old, new in sorted([*found.same, *left], key=lambda pair: pair[1]):
        yield from _of_objects(before[old], after[new], (*where, new))
    for new in found.came[len(left) :]:
        yield (*where, new), f"added: {said(after[new])}"
    for old in found.gone[len(left) :]:
        yield (*where, old), f"removed: {said(before[old])}"
    if found.reordered:
        yield where, "in another order"


def _alone(value: Json, what: str, where: Path) -> Iterator[tuple[Path, str]]:
    """Say what came or went: a setting made of others by each of them, anything else in one line."""
    if not isinstance(value, dict | list) or where[-1] in _WHOLE:
        yield where, f"{_WHOLE.get(where[-1], said)(value)} {what}"
    elif isinstance(value, dict) and value and not _is_one_thing(value):
        for key, entry in value.items():
            yield from _alone(entry, what, (*where, key))
    else:
        yield where, f"{what}: {said(value)}"


def _is_one_thing(value: JsonObject) -> bool:
    return "operation" in value or "expression" in value


# ------------------------------------------------------------------------------------------------- the words


def _line(path: Path, words: str, *, alone: bool) -> str:
    """Put the place before the words; the only layer of a chart needs no mention."""
    if alone and path[:2] == ("layers", 0) and len(path) > 2:
        path = path[2:]
    place = ""
    for number, step in enumerate(path):
        if isinstance(step, int):
            place += f"[{step}]"
        else:
            place += f"{'' if not place else ' ' if number == len(path) - 1 else '.'}{step}"
    return f"{place} {words}"


def _described(value: JsonObject) -> str:
    """Describe an object in a few words."""
    if "operation" in value:
        fields = value.get("field", value.get("fields"))
        return f"{value['operation']} of {said(fields)}" if fields else str(value["operation"])
    if isinstance(value.get("expression"), str):
        return said(value["expression"])
    parts = [key if isinstance(entry, dict | list) else f"{key} {said(entry)}" for key, entry in value.items()]
    return ", ".join(parts) or "nothing"


def _cut(text: str) -> str:
    text = text.replace("\n", "⏎")
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1].rstrip()}…"


def _texts(before: str, after: str) -> tuple[str, str]:
    """Write two texts; of long ones the part where they begin to differ."""
    if max(len(before), len(after)) <= _LONGEST:
        return said(before), said(after)
    start = next((at for at, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), None)
    start = max(0, (min(len(before), len(after)) if start is None else start) - _LONGEST // 3)
    dots = "…" if start else ""
    return f'"{_cut(dots + before[start:])}"', f'"{_cut(dots + after[start:])}"'


def _time_range(value: Json) -> str:
    if isinstance(value, dict) and "from" in value and "to" in value:
        return said(value["from"]) if value["to"] == "now" else f"{said(value['from'])} to {said(value['to'])}"
    return said(value)


def _refresh_interval(value: Json) -> str:
    if isinstance(value, dict) and value.get("pause") is True:
        return "off"
    if isinstance(value, dict) and isinstance(value.get("value"), int):
        return f"{value['value']} ms"
    return said(value)


# Properties whose value is one thing for a person, whatever it is made of.
_WHOLE: dict[str | int, Callable[[Json], str]] = {
    "time_range": _time_range,
    "time range": _time_range,
    "refresh interval": _refresh_interval,
}
