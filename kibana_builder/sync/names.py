"""What a person means by a name: an id, a file, a title, or one of these with its type in front."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Sequence

from kibana_builder.errors import KbuildError
from kibana_builder.json_tree import JsonObject
from kibana_builder.saved.ids import key_of
from kibana_builder.sync.changes import name_of, type_words

__all__ = ["Way", "meant"]

Way = Callable[[str, JsonObject], bool]
"""Tells whether a name is that of an object, in one way of naming it."""

_TYPED = re.compile(r"(?P<type>[a-z-]+)[:/]\s*(?P<name>.+)")


def meant(name: str, objects: Sequence[JsonObject], ways: Sequence[Way], prefer: str = "") -> JsonObject | None:
    """Give the object that the name means, by the first of the ways that finds any; None where there is nothing.

    What means nothing as it stands may be `TYPE:NAME` or `TYPE/NAME`, the type in Kibana's words (data-view) or as its
    API has it (index-pattern). Where several fit, the only one of type `prefer` is taken.
    Raises KbuildError for several, with the words to type for each.
    """
    found = _found(name, objects, ways)
    if not found and (typed := _TYPED.fullmatch(name)):
        prefer = typed["type"]
        found = _found(typed["name"], [item for item in objects if prefer in _types(item)], ways)
    preferred = [item for item in found if item["type"] == prefer]
    if len(preferred) == 1:
        return preferred[0]
    if len(found) > 1:
        listed = "\n  ".join(sorted(_choices(found)))
        raise KbuildError(f"'{name}' may mean several objects; say which, with its type and id:\n  {listed}")
    return found[0] if found else None


def _found(name: str, objects: Sequence[JsonObject], ways: Sequence[Way]) -> list[JsonObject]:
    return next((found for way in ways if (found := [item for item in objects if way(name, item)])), [])


def _types(item: JsonObject) -> tuple[str, str]:
    """Give the words that may stand for an object's type."""
    return type_words(item["type"]).replace(" ", "-"), item["type"]


def _choices(found: Sequence[JsonObject]) -> Iterator[str]:
    """Give a line for each object: the words that mean it alone, and its name."""
    taken = [(_types(item)[0], item["id"]) for item in found]
    for (word, ident), item in zip(taken, found, strict=True):
        # A Lens and an older visualization may share an id; the API's words tell them apart.
        kind = word if taken.count((word, ident)) == 1 else key_of(item)[0]
        yield f"{shlex.quote(f'{kind}/{ident}')}: {name_of(item)}"
