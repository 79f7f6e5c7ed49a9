"""`GET /api/saved_objects/_find`, and the search that an export by type uses."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from kibana_builder.json_tree import JsonObject
from kibana_builder.sandbox.answers import Answer, Refusal
from kibana_builder.sandbox.calls import Call
from kibana_builder.sandbox.object_types import TYPES
from kibana_builder.sandbox.objects import shown
from kibana_builder.sandbox.store import Key, SavedObject, Store

WINDOW = 10_000
"""Elasticsearch's index.max_result_window: the last result that a page may reach."""
TEXTS = ("title", "name", "description")
"""The attributes in which a search without search_fields looks, of those that Kibana has analysed as text."""
SORTABLE = ("created_at", "updated_at", "type")


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for: types, words in the texts, references, one value."""

    types: Sequence[str]
    search: str = ""
    fields: Sequence[str] = ()
    every_word: bool = False
    referring_to: Collection[Key] = ()
    every_reference: bool = False
    filter: Callable[[SavedObject], bool] | None = None


def matching(store: Store, space: str, query: Query) -> list[SavedObject]:
    """Give the objects that match, in the order in which they were written last."""
    kinds = [kind for kind in query.types if kind in TYPES]
    objects = store.all_of(space, kinds, query.referring_to, to_each=query.every_reference)
    if query.search:
        fits = search_of(query.search, every=query.every_word)
        asked = [name.partition("^")[0] for name in query.fields]
        names = TEXTS if not asked or "*" in asked else asked
        objects = [each for each in objects if fits([str(each.attributes.get(name, "")) for name in names])]
    return [each for each in objects if query.filter is None or query.filter(each)]


def search_of(search: str, *, every: bool) -> Callable[[Sequence[str]], bool]:
    """Read Elasticsearch's simple query string: words, `word*`, `"a phrase"`, and `-` before what must be absent."""
    tokens = re.findall(r'(-?)(?:"([^"]*)"|([^\s"|+()]+))', search.casefold())

    def fits(texts: Sequence[str]) -> bool:
        words = [re.findall(r"\w+", text.casefold()) for text in texts]
        hits = [_has(words, phrase or word, whole=bool(phrase)) != bool(minus) for minus, phrase, word in tokens]
        return all(hits) if every else any(hits)

    return fits


def _has(texts: list[list[str]], wanted: str, *, whole: bool) -> bool:
    if not whole and wanted.endswith("*"):
        start = wanted.rstrip("*")
        return any(word.startswith(start) for words in texts for word in words)
    phrase = re.findall(r"\w+", wanted)
    size = len(phrase)
    return any(words[i : i + size] == phrase for words in texts for i in range(len(words) - size + 1)) and size > 0


def find_objects(call: Call) -> Answer:
    asked = call.query
    check_window(asked["page"], asked["per_page"])
    query = Query(
        types=asked["type"],
        search=asked.get("search", ""),
        fields=asked.get("search_fields", ()),
        every_word=asked["default_search_operator"] == "AND",
        referring_to={(ref["type"], ref["id"]) for ref in asked.get("has_reference", [])},
        every_reference=asked["has_reference_operator"] == "AND",
        filter=filter_of(asked["filter"], asked["type"]) if "filter" in asked else None,
    )
    sort = asked.get("sort_field")
    ordered = ordered_by(sort, asked["type"], matching(call.store, call.space, query))
    start = (asked["page"] - 1) * asked["per_page"]
    return Answer(
        {
            "page": asked["page"],
            "per_page": asked["per_page"],
            "total": len(ordered),
            "saved_objects": [
                {**shown(each, asked.get("fields")), **rank(each, query, sort)}
                for each in ordered[start : start + asked["per_page"]]
            ],
        }
    )


def check_window(page: int, per_page: int) -> None:
    if page == 0:
        raise Refusal(400, f"illegal_argument_exception: [from] parameter cannot be negative but was: [-{per_page}]")
    if page * per_page > WINDOW:
        raise Refusal(
            400,
            "illegal_argument_exception: Result window is too large, from + size must be less than or equal to:"
            f" [{WINDOW}] but was [{page * per_page}].",
        )


def ordered_by(sort: str | None, types: Sequence[str], objects: list[SavedObject]) -> list[SavedObject]:
    """Sort by a property that all objects have; a text such as the title cannot be sorted by in Kibana."""
    if sort is None:
        return objects
    if sort not in SORTABLE:
        raise Refusal(400, f"illegal_argument_exception: Fielddata is disabled on [{types[0]}.{sort}]: it is a text.")
    return sorted(objects, key=lambda each: str(getattr(each, sort)))


def rank(each: SavedObject, query: Query, sort: str | None) -> JsonObject:
    """Say how well an object fits: no number means anything but 0, of which there is no better or worse."""
    if sort is None:
        return {"score": 1 if query.search else 0}
    value: str = getattr(each, sort)
    return {"score": None, "sort": [milliseconds(value) if sort.endswith("_at") else value]}


def milliseconds(time: str) -> int:
    """Give a time as the number that Elasticsearch sorts by."""
    return round(datetime.fromisoformat(time).timestamp() * 1000)


def filter_of(text: str, types: Sequence[str]) -> Callable[[SavedObject], bool]:
    """Read the one form of filter that the sandbox knows, `TYPE.attributes.NAME: value` or `"a phrase"`."""
    match = re.fullmatch(r'\s*([\w.@-]+)\s*:\s*(?:"([^"]*)"|([^\s"():]+))\s*', text)
    if match is None:
        raise Refusal(400, f"the sandbox knows only filters of the form TYPE.attributes.NAME: value, not {text}")
    key, phrase, word = match.groups()
    kind, _, name = key.partition(".attributes.")
    if not name:
        words = f"This key '{key}' does NOT match the filter proposition SavedObjectType.attributes.key: Bad Request"
        raise Refusal(400, words)
    if kind not in types:
        raise Refusal(400, f"This type {kind} is not allowed: Bad Request")
    fits = search_of(f'"{phrase}"' if phrase is not None else word, every=True)
    return lambda each: each.type == kind and fits([str(each.attributes.get(name, ""))])
