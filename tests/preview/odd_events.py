"""Events with every kind of value that Elasticsearch takes, some several at once, some missing, and their mapping."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

from kibana_builder.json_tree import Json, JsonObject

BEGIN, END = 1_795_362_180_000, 1_795_448_580_000  # 2026-11-22T15:43:00Z, a day later

PROPERTIES: JsonObject = {
    "@timestamp": {"type": "date"},
    "message": {"type": "text", "fields": {"keyword": {"type": "keyword"}}},
    "tags": {"type": "keyword"},
    "sizes": {"type": "long"},
    "ok": {"type": "boolean"},
    "address": {"type": "ip"},
    "load": {"type": "float"},
    "score": {"type": "double"},
    "total": {"type": "long"},
    "since": {"type": "date"},
    "host": {"properties": {"name": {"type": "keyword"}, "cores": {"type": "double"}}},
    "items": {"type": "nested", "properties": {"name": {"type": "keyword"}, "count": {"type": "long"}}},
    "code": {"type": "keyword"},
}
_WORDS = ("Connection", "refused", "by", "host-1", "User's", "3.14", "elastic.co", "a_b", "OUT", "of", "memory!")


def types(properties: JsonObject, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Give the mapping types by the fields' full names."""
    for name, said in properties.items():
        if "type" in said:
            yield f"{prefix}{name}", said["type"]
        yield from types(said.get("properties", {}), f"{prefix}{name}.")
        yield from types(said.get("fields", {}), f"{prefix}{name}.")


def odd_events(count: int = 300) -> list[JsonObject]:
    """Make the events; the same each time."""
    chance = random.Random(4)
    return [_event(chance, number) for number in range(count)]


def lines(events: list[JsonObject]) -> list[bytes]:
    return [json.dumps(event).encode() for event in events]


def _event(chance: random.Random, number: int) -> JsonObject:
    values: JsonObject = {
        "message": " ".join(chance.choice(_WORDS) for _ in range(chance.randrange(6))),
        "tags": chance.choice(["a", ["a", "b"], ["b", "c", "b"], [], ["d"], "e", ["a", "c", "e"]]),
        "sizes": chance.choice([1, [1, 2, 3], [5], 7, []]),
        "ok": chance.choice([True, False, "true"]),
        "address": chance.choice(["10.0.0.1", "10.0.0.2", "192.168.1.1"]),
        "load": round(chance.uniform(0, 10), 3),
        "score": round(chance.uniform(0, 100), 2),
        "since": chance.choice(["2026-11-01", "2026-11-02T10:00:00Z", BEGIN]),
        "host": {"name": chance.choice(["x", "", "z*"]), "cores": chance.choice([1, 2.5])},
        "items": [_item(chance) for _ in range(chance.randrange(1, 4))],
        "code": chance.choice(["5%", "5_0", "a\\b", "A b", "x:y"]),
    }
    said: JsonObject = {name: value for name, value in values.items() if chance.random() < 0.8}
    # Counters begin anew in the middle.
    return {"@timestamp": BEGIN + number * 280_000 + chance.randrange(1000), "total": number * 7 % 1500, **said}


def _item(chance: random.Random) -> dict[str, Json]:
    return {"name": chance.choice("pq"), "count": chance.randrange(4)}
