"""What an event is: its types, their fields, the index and the id of its document.

`fields.json` beside this file is the one place that says so; index templates, generator, pipelines and the checks of
kbuild agree with it, and tests/generator/test_fields.py holds them together. Standard library only, like all that
`simple.py` needs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["EVENT_TYPES", "GENERATED", "EventType", "document_id", "index_of"]

FIELDS_FILE = Path(__file__).with_name("fields.json")


@dataclass(frozen=True)
class EventType:
    """A kind of event: its `type`, the word that `--type` takes, the name its indices begin with, its fields."""

    name: str
    generate: str
    index: str
    template: str
    description: str
    fields: Mapping[str, Mapping[str, Any]]
    """Each field with where it comes `from` (event, enrichment), its `mapping` and its `description`, in order."""

    def names(self, source: str) -> list[str]:
        """Give the names of the fields that come from `event` or from `enrichment`, in their order."""
        return [name for name, field in self.fields.items() if field["from"] == source]


def _read() -> dict[str, EventType]:
    types = json.loads(FIELDS_FILE.read_text(encoding="utf-8"))["event_types"]
    return {name: EventType(name, **said) for name, said in types.items()}


EVENT_TYPES = _read()
"""The event types by the value of their field `type`."""
GENERATED = {kind.generate: kind for kind in EVENT_TYPES.values()}
"""The event types by the word that `--type` takes."""


def index_of(event_type: str, timestamp: str) -> str:
    """Give the daily index of an event from its type and its `@timestamp` (ISO 8601, UTC).

    >>> index_of("model_inference", "2026-11-24T09:30:00.000Z")
    'ml-metrics-2026.11.24'
    """
    return f"{EVENT_TYPES[event_type].index}-{timestamp[:10].replace('-', '.')}"


def document_id(event: Mapping[str, Any]) -> str:
    """Give the id of an event's document: type and request_id where there is one, else a fingerprint of the event.

    The same event has the same id, so sending it twice makes no second document.

    >>> document_id({"type": "model_inference", "request_id": "4f0c"})
    'model_inference:4f0c'
    """
    if "request_id" in event:
        return f"{event['type']}:{event['request_id']}"
    return fingerprint(json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False))


def fingerprint(text: str) -> str:
    """Give the id of an event without a request_id from its text, 40 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:40]
