"""Saved objects of public projects and the gold dashboards, where they are on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from kibana_builder.json_tree import JsonObject
from tests.shared_material import SHARED

__all__ = ["corpus", "opened"]

INNER_JSON = ("panelsJSON", "optionsJSON", "searchSourceJSON", "ignoreParentSettingsJSON", "visState")


@cache
def corpus() -> tuple[JsonObject, ...]:
    """Return every saved object below ../shared/corpus, the JSON in its strings opened."""
    paths = sorted(path for path in (SHARED / "corpus").rglob("*") if path.suffix in (".json", ".ndjson"))
    return tuple(opened(item) for path in paths for item in _objects(path.read_text("utf-8", "replace")))


def _objects(text: str) -> Iterator[JsonObject]:
    try:
        documents = [json.loads(text)]
    except ValueError:
        documents = [document for line in text.splitlines() for document in _of_line(line)]
    for document in documents:
        for item in document if isinstance(document, list) else [document]:
            if isinstance(item, dict) and isinstance(item.get("attributes"), dict) and "type" in item:
                yield item


def _of_line(line: str) -> list[Any]:
    try:
        return [json.loads(line)]
    except ValueError:
        return []


def opened(tree: Any) -> Any:
    """Open the strings that hold JSON, at any depth."""
    if isinstance(tree, dict):
        return {
            key: opened(json.loads(value) if key in INNER_JSON and isinstance(value, str) else value)
            for key, value in tree.items()
        }
    return [opened(entry) for entry in tree] if isinstance(tree, list) else tree
