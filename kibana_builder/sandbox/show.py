"""The sandbox's objects on the page: one stage for each space, read anew only after something was written."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from starlette.types import ASGIApp

from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.asking import Executor
from kibana_builder.preview.library import Library, library_of
from kibana_builder.preview.page import page_app
from kibana_builder.preview.stage import Stage
from kibana_builder.sandbox.store import SavedObject, Store

__all__ = ["pages_of", "stored_stage"]

SHOWN = ("dashboard", "lens", "visualization", "index-pattern", "tag")


def pages_of(store: Store, executor: Executor, notes: str = "") -> Callable[[str], ASGIApp]:
    """Give the page of each space over a store."""
    return cache(lambda space: page_app(stored_stage(store, space, executor, notes)))


def stored_stage(store: Store, space: str, executor: Executor, notes: str = "") -> Stage:
    """Show what a store has in a space."""
    kept: dict[str, Library] = {}

    def version() -> str:
        return str(store.changes())

    def library() -> Library:
        now = version()
        if now not in kept:
            made = library_of([_as_object(one) for one in store.all_of(space, list(SHOWN))])
            kept.clear()
            kept[now] = made
        return kept[now]

    return Stage(library, version, executor, notes)


def _as_object(one: SavedObject) -> JsonObject:
    return {
        "type": one.type,
        "id": one.id,
        "attributes": one.attributes,
        "references": one.references,
        "coreMigrationVersion": one.core_version,
        "typeMigrationVersion": one.type_version,
        "managed": one.managed,
    }
