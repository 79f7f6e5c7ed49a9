"""When what Elasticsearch has is what a file says, and where it is not.

Elasticsearch gives back a template or a policy in its own form: settings nested, below `index` and as texts; moments
and versions of its own beside the body; defaults of a lifecycle action written out. None of that is a difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kibana_builder.elastic.resources import Kind
from kibana_builder.json_tree import Json, JsonObject, same

__all__ = ["Difference", "differences"]

# Since 9.2, templates and pipelines carry these; they say when, not what.
_MOMENTS = frozenset({"created_date", "created_date_millis", "modified_date", "modified_date_millis"})
_EMPTY_MEANS_ABSENT = ("composed_of", "ignore_missing_component_templates")
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """One place that differs: its path in the body, and both values; `absent` is "file", "cluster" or empty."""

    path: str
    wanted: Json
    found: Json
    absent: str = ""


def differences(kind: Kind, wanted: JsonObject, found: JsonObject) -> list[Difference]:
    """Compare a body as it should be with what Elasticsearch has."""
    if kind is Kind.policy:
        return list(_compared((), _policy(wanted), _policy(found), lax=True))
    return list(_compared((), _normal(kind, wanted), _normal(kind, found)))


def _normal(kind: Kind, body: JsonObject) -> JsonObject:
    result = {key: value for key, value in body.items() if key not in _MOMENTS}
    if kind is Kind.pipeline:
        return result
    for key in _EMPTY_MEANS_ABSENT:
        if result.get(key) == []:
            del result[key]
    if isinstance(result.get("index_patterns"), str):
        result["index_patterns"] = [result["index_patterns"]]
    template = result.get("template")
    if isinstance(template, dict):
        result["template"] = template = {key: value for key, value in template.items() if value != {}}
        if isinstance(template.get("settings"), dict):
            template["settings"] = dict(_flat("", template["settings"]))
    return result


def _flat(prefix: str, settings: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """Write settings one by one with their whole names, values as the texts that Elasticsearch makes of them."""
    for key, value in settings.items():
        name = f"{prefix}.{key}" if prefix else key
        if isinstance(value, dict):
            yield from _flat(name, value)
        else:
            yield name if name.startswith("index.") else f"index.{name}", _setting(value)


def _setting(value: Json) -> Json:
    if isinstance(value, list):
        return [_setting(item) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if value is None else str(value)


def _policy(body: JsonObject) -> JsonObject:
    """Give the policy alone, each phase with the age that it has without a word."""
    policy = body.get("policy")
    policy = dict(policy) if isinstance(policy, dict) else {}
    phases = policy.get("phases")
    if isinstance(phases, dict):
        policy["phases"] = {
            name: {"min_age": "0ms", "actions": {}, **phase} if isinstance(phase, dict) else phase
            for name, phase in phases.items()
        }
    return policy


def _compared(path: tuple[str, ...], wanted: Json, found: Json, *, lax: bool = False) -> Iterator[Difference]:
    """Go down both. `lax`: what an action of a policy has beyond the file is a default of Elasticsearch's."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        beyond = () if lax and path[-2:-1] == ("actions",) else [key for key in found if key not in wanted]
        for key in [*wanted, *beyond]:
            yield from _compared((*path, key), wanted.get(key, _ABSENT), found.get(key, _ABSENT), lax=lax)
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        for number, (left, right) in enumerate(zip(wanted, found, strict=True)):
            yield from _compared((*path, str(number)), left, right, lax=lax)
    elif wanted is _ABSENT:
        yield Difference(_written(path), None, found, absent="file")
    elif found is _ABSENT:
        yield Difference(_written(path), wanted, None, absent="cluster")
    elif not same(wanted, found):
        yield Difference(_written(path), wanted, found)


def _written(path: tuple[str, ...]) -> str:
    """Write a path as people do: template.mappings.properties.epoch.type, processors[1].script."""
    text = ""
    for part in path:
        text += f"[{part}]" if part.isdigit() else f".{part}" if text else part
    return text
