"""`GET /api/saved_objects/_find`, and the search that `_export` by type uses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kibana_builder.json_tree import JsonObject
from kibana_builder.sandbox.answers import Answer, Refusal
from kibana_builder.sandbox.calls import Call
from kibana_builder.sandbox.object_types import TYPES
from kibana_builder.sandbox.objects import found
from kibana_builder.sandbox.store import SavedObject, Store

WINDOW = 10_000
"""Elasticsearch's index.max_result_window: the last result that a page may reach."""


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for: types, words in the texts, references."""

    types: Sequence[str]
    search: str = ""
    search_fields: Sequence[str] = ()
    references: Sequence[JsonObject] = ()
    all_references: bool = False


def matching(store: Store, space: str, query: Query) -> list[tuple[SavedObject, float]]:
    """Give the objects that match, in the order in which they were written, each with its score."""
    objects = store.all_of(space, [kind for kind in query.types if kind in TYPES])
    wanted = {(ref["type"], ref["id"]) for ref in query.references}
    if wanted:
        objects = [each for each in objects if _refers(each, wanted, every=query.all_references)]
    if not query.search:
        return [(each, 0) for each in objects]
    return [(each, 1) for each in objects if _has_words(each, query.search, query.search_fields)]


def _refers(each: SavedObject, wanted: set[tuple[str, str]], *, every: bool) -> bool:
    own = {(ref["type"], ref["id"]) for ref in each.references}
    return wanted <= own if every else bool(wanted & own)


def _has_words(each: SavedObject, search: str, fields: Sequence[str]) -> bool:
    names = [name.split("^")[0] for name in fields] or ["title", "name", "description"]
    texts = [str(each.attributes.get(name, "")).casefold() for name in names]
    words = [word for content in texts for word in re.findall(r"\w+", content)]
    for phrase, word in re.findall(r'"([^"]*)"|(\S+)', search.casefold()):
        if phrase and any(phrase in content for content in texts):
            return True
        if word.endswith("*") and any(own.startswith(word.rstrip("*")) for own in words):
            return True
        if word in words:
            return True
    return False


def find_objects(call: Call) -> Answer:
    asked = call.query
    page, per_page = asked["page"], asked["per_page"]
    if page * per_page > WINDOW:
        raise Refusal(400, _window_words(page * per_page))
    query = Query(
        types=asked["type"],
        search=asked.get("search", ""),
        search_fields=asked.get("search_fields", ()),
        references=asked.get("has_reference", ()),
        all_references=asked["has_reference_operator"] == "AND",
    )
    matches = matching(call.store, call.space, query)
    start = (page - 1) * per_page
    return Answer(
        {
            "page": page,
            "per_page": per_page,
            "total": len(matches),
            "saved_objects": [
                {**found(each, asked.get("fields")), "score": score}
                for each, score in matches[start : start + per_page]
            ],
        }
    )


def _window_words(reached: int) -> str:
    return f"Result window is too large, from + size must be less than or equal to: [{WINDOW}] but was [{reached}]."
