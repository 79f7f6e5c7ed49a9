"""A request as a handler sees it: checked, and free of HTTP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.sandbox.answers import Answer
from kibana_builder.sandbox.store import Store


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a multipart body."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """One request: the space it is for, the placeholders of its path, its query and its body after the checks."""

    store: Store
    space: str
    path: dict[str, str] = field(default_factory=dict)
    query: JsonObject = field(default_factory=dict)
    body: Json = None


Handler: TypeAlias = Callable[[Call], Answer]
