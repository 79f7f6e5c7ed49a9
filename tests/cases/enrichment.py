"""The cases of enrichment.yaml, read; its head says the rules and the two forms of a case."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from kibana_builder.json_tree import Json, JsonObject, same

TIME = "2026-11-24T09:30:00.000Z"
INDEX = "ml-metrics-2026.11.24"
NOW = "now"
FINGERPRINT = "fingerprint"


@dataclass(frozen=True, slots=True)
class Case:
    """What comes (`input`, or `line` where it is no JSON) and what becomes of it.

    `event["@timestamp"]` may be NOW, `index` may hold `{today}`, `id` may be FINGERPRINT.
    """

    name: str
    input: JsonObject | None
    line: str | None
    event: JsonObject
    index: str
    id: str

    def __str__(self) -> str:
        return self.name


def cases() -> list[Case]:
    """Read the table."""
    table = yaml.load(Path(__file__).with_suffix(".yaml").read_bytes(), yaml.CSafeLoader)
    return [_short(number, said) if "with" in said else _full(said) for number, said in enumerate(table, 1)]


def _full(said: Mapping[str, Json]) -> Case:
    return Case(said["name"], said.get("input"), said.get("line"), said["event"], said["index"], str(said["id"]))


def _short(number: int, said: Mapping[str, Json]) -> Case:
    """Expand the short form: each has a request_id of its own, so that all fit into one index."""
    request_id = f"case-{number}"
    event = {"@timestamp": TIME, "type": "model_inference", "request_id": request_id, **said["with"]}
    return Case(said["name"], event, None, {**event, **said["adds"]}, INDEX, f"model_inference:{request_id}")


def same_event(case: Case, came_out: JsonObject) -> bool:
    """Compare a document with the case's, as the head of the table says; the time of arrival is not compared."""
    expected, found = _plain(case.event), _plain(came_out)
    if expected["@timestamp"] == NOW:
        expected["@timestamp"] = found.get("@timestamp")
    if case.id == FINGERPRINT and "reason" in expected:
        expected["message"], found["message"] = _as_json(expected["message"]), _as_json(found.get("message"))
    return same(expected, found)


def _plain(event: Mapping[str, Json]) -> JsonObject:
    return {name: value for name, value in event.items() if value is not None}


def _as_json(text: Json) -> Json:
    try:
        value = json.loads(text)
    except (TypeError, ValueError):
        return text
    return _plain(value) if isinstance(value, dict) else value
