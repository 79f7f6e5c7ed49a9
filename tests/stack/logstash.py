"""A stand-in for Logstash: runs the filter section of a configuration on one event.

It follows the sources of elastic/logstash (`EventCondition`, `Event`, `FieldReference`, `StringInterpolation`) and of
the plugins (logstash-filter-mutate, -json, -date, -prune, -fingerprint) where these are strange too: a comparison of
unlike types ends the pipeline, an absent field stays `%{…}` in a sprintf, the order of a mutate's operations is fixed.
It is strict where the real one is lenient, so that a test fails: an unknown plugin, option or operation, a filter that
fails. `version` tells 8.3 from 9, whose mutate converts differently (since 8.14).
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.shared_material import REPOSITORY
from tests.stack import ruby
from tests.stack.logstash_grammar import Both, Condition, Not, Plugin, Regex, Selector, Statement, Test, parse

PIPELINE = REPOSITORY / "stack" / "logstash" / "pipeline" / "ml-pipeline.conf"

COMMON = {"add_field", "add_tag", "enable_metric", "id", "periodic_flush", "remove_field", "remove_tag"}
INPUT = {"add_field", "codec", "enable_metric", "id", "tags", "type"}
OPTIONS: dict[str, dict[str, set[str]]] = {
    "input": {
        "tcp": INPUT
        | {"dns_reverse_lookup_enabled", "ecs_compatibility", "host", "mode", "port", "proxy_protocol"}
        | {"ssl_certificate_authorities", "ssl_extra_chain_certs", "ssl_key", "ssl_key_passphrase", "tcp_keep_alive"},
        "udp": INPUT
        | {"buffer_size", "ecs_compatibility", "host", "port", "queue_size", "receive_buffer_bytes"}
        | {"source_ip_fieldname", "workers"},
        "kafka": INPUT
        | {"auto_offset_reset", "bootstrap_servers", "client_id", "consumer_threads", "decorate_events"}
        | {"ecs_compatibility", "enable_auto_commit", "group_id", "topics", "topics_pattern"},
    },
    "codec": {
        "json": {"charset", "ecs_compatibility", "id"},
        "json_lines": {"charset", "delimiter", "ecs_compatibility", "id"},
        "line": {"charset", "delimiter", "ecs_compatibility", "format", "id"},
        "plain": {"charset", "ecs_compatibility", "format", "id"},
    },
    "filter": {
        "date": COMMON | {"locale", "match", "tag_on_failure", "target", "timezone"},
        "drop": COMMON | {"percentage"},
        "fingerprint": COMMON
        | {"base64encode", "concatenate_all_fields", "concatenate_sources", "ecs_compatibility", "key", "method"}
        | {"source", "target"},
        "json": COMMON | {"ecs_compatibility", "skip_on_invalid_json", "source", "tag_on_failure", "target"},
        "mutate": COMMON
        | {"capitalize", "coerce", "convert", "copy", "gsub", "join", "lowercase", "merge", "rename", "replace"}
        | {"split", "strip", "tag_on_failure", "update", "uppercase"},
        "prune": COMMON | {"blacklist_names", "blacklist_values", "interpolate", "whitelist_names", "whitelist_values"},
    },
    "output": {
        "elasticsearch": {"codec", "enable_metric", "id", "workers"}
        | {"action", "api_key", "cloud_auth", "cloud_id", "custom_headers", "data_stream", "document_id"}
        | {"ecs_compatibility", "hosts", "ilm_enabled", "index", "manage_template", "password", "pipeline", "pool_max"}
        | {"pool_max_per_route", "retry_initial_interval", "retry_max_interval", "retry_on_conflict", "routing"}
        | {"sniffing", "sniffing_delay", "timeout", "user"},
    },
}
"""The options that both 8.3.3 and 9 have. (Those of TLS were renamed on the way and are not among them.)"""


class Crash(Exception):
    """The real Logstash would end its pipeline here."""


class FilterFailed(Exception):
    """A filter would have tagged the event as failed."""


# ------------------------------------------------------------------------------------------------------ the event


def field_path(reference: str) -> tuple[str, ...]:
    """Take a field reference apart. Raises RubyError for one that is none."""
    if "[" not in reference and "]" not in reference and reference:
        return (reference,)
    if not re.fullmatch(r"(\[[^\[\],]+\])+", reference):
        raise ruby.RubyError(f"Invalid FieldReference: `{reference}`")
    return tuple(re.findall(r"\[([^\[\],]+)\]", reference))


@dataclass
class Event:
    """An event with its metadata; times are datetimes, all else is JSON."""

    data: dict[str, Any]
    metadata: dict[str, Any] = field(default_factory=dict)

    def _root(self, reference: str) -> tuple[Any, tuple[str, ...]]:
        path = field_path(reference)
        return (self.metadata, path[1:]) if path[0] == "@metadata" else (self.data, path)

    def _find(self, reference: str) -> tuple[bool, Any]:
        value, path = self._root(reference)
        for name in path:
            if isinstance(value, dict) and name in value:
                value = value[name]
            elif isinstance(value, list) and name.isdecimal() and int(name) < len(value):
                value = value[int(name)]
            else:
                return False, None
        return True, value

    def includes(self, reference: str) -> bool:
        return self._find(reference)[0]

    def get(self, reference: str) -> Any:
        return copy.deepcopy(self._find(reference)[1])

    def set(self, reference: str, value: Any) -> None:
        target, path = self._root(reference)
        if not path:
            if not isinstance(value, dict):
                raise Crash("ClassCastException: metadata that is no map")
            self.metadata = copy.deepcopy(value)
            return
        if reference == "@timestamp" and not isinstance(value, datetime):
            raise ruby.RubyError("wrong argument type (expected LogStash::Timestamp)")
        if target is self.data and path[0] == "tags" and (len(path) > 1 or not _legal_tags(value)):
            raise Crash("InvalidTagsTypeException")
        for name in path[:-1]:
            target = target.setdefault(name, {})
            if not isinstance(target, dict):
                raise Crash(f"InvalidFieldSetException: {reference}")
        target[path[-1]] = copy.deepcopy(value)

    def remove(self, reference: str) -> Any:
        target, path = self._root(reference)
        for name in path[:-1]:
            if not isinstance(target, dict):
                return None
            target = target.get(name)
        return target.pop(path[-1], None) if isinstance(target, dict) else None

    def sprintf(self, template: str) -> str:
        """Fill in `%{field}` and `%{+Joda pattern}`; what is absent stays as it is."""

        def filled(found: re.Match[str]) -> str:
            name = found[1]
            if name.startswith("+"):
                return _joda(self.data["@timestamp"], name[1:])
            value = self.get(name)
            return found[0] if value is None else ruby.java_string(value)

        return re.sub(r"%\{([^}]*)\}", filled, template)


def _legal_tags(value: Any) -> bool:
    texts = value if isinstance(value, list) else [value]
    return value is None or all(isinstance(text, str) for text in texts)


def _joda(moment: datetime, pattern: str) -> str:
    if not re.fullmatch(r"yyyy|MM|dd|[-.]|(yyyy[-.]MM[-.]dd)", pattern):
        raise NotImplementedError(f"the time pattern {pattern}")
    moment = moment.astimezone(UTC)
    return pattern.replace("yyyy", f"{moment:%Y}").replace("MM", f"{moment:%m}").replace("dd", f"{moment:%d}")


# ------------------------------------------------------------------------------------------------------ conditions


def fulfilled(condition: Condition, event: Event) -> bool:
    """Tell whether a condition holds, as EventCondition compiles it. Raises Crash where that throws."""
    if isinstance(condition, Not):
        return not fulfilled(condition.condition, event)
    if isinstance(condition, Both):
        left = fulfilled(condition.left, event)
        if condition.operator == "and":
            return left and fulfilled(condition.right, event)
        return left or fulfilled(condition.right, event)
    return _TESTS.get(condition.operator, _compared)(condition, event)


def _side(side: Any, event: Event) -> Any:
    return event.get(side.path) if isinstance(side, Selector) else side


def _truthy(test: Test, event: Event) -> bool:
    value = _side(test.left, event)
    return (value is not None and ruby.java_string(value) not in {"", "false"}) or isinstance(value, list | dict)


def _matched(test: Test, event: Event) -> bool:
    if not isinstance(test.left, Selector) or not isinstance(test.right, Regex):
        raise Crash("=~ stands between a field and a pattern")
    value = event.get(test.left.path)
    return isinstance(value, str) and ruby.regexp(test.right.pattern).search(value) is not None


def _equal(test: Test, event: Event) -> bool:
    left, right = _side(test.left, event), _side(test.right, event)
    return _kind(left) == _kind(right) and bool(left == right)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else type(value).__name__


def _compared(test: Test, event: Event) -> bool:
    left, right = _side(test.left, event), _side(test.right, event)
    if _kind(left) != _kind(right) or _kind(left) not in {"number", "str"}:
        raise Crash(f"{test.operator} between {left!r} and {right!r}")
    return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[test.operator]


_TESTS: dict[str, Callable[[Test, Event], bool]] = {
    "true": _truthy,
    "=~": _matched,
    "==": _equal,
    "!=": lambda test, event: not _equal(test, event),
}


# --------------------------------------------------------------------------------------------------------- filters


def _mutate(event: Event, options: Mapping[str, Any], version: str) -> None:
    for operation, change in _MUTATIONS.items():
        if operation in options:
            change(event, options[operation], version)
    known = {*COMMON, *_MUTATIONS}
    if not set(options) <= known:
        raise NotImplementedError(f"mutate: {set(options) - known}")


def _rename(event: Event, names: Mapping[str, str], _: str) -> None:
    for old, new in names.items():
        if event.includes(old):
            event.set(new, event.remove(old))


def _update(event: Event, values: Mapping[str, str], _: str) -> None:
    for name, value in values.items():
        if event.includes(name):
            event.set(name, event.sprintf(value))


def _replace(event: Event, values: Mapping[str, str], _: str) -> None:
    for name, value in values.items():
        event.set(name, event.sprintf(value))


def _convert(event: Event, kinds: Mapping[str, str], version: str) -> None:
    for name, kind in kinds.items():
        value = event.get(name)
        if value is None or isinstance(value, dict):
            continue
        if isinstance(value, list):
            event.set(name, [item if item is None else _converted(item, kind, version) for item in value])
        else:
            event.set(name, _converted(value, kind, version))


def _converted(value: Any, kind: str, version: str) -> Any:
    if kind == "string":
        return ruby.to_s(value)
    if kind == "boolean":
        words = {**dict.fromkeys(("true", "t", "yes", "y", "1", "1.0"), True)}
        words |= dict.fromkeys(("", "false", "f", "no", "n", "0", "0.0"), False)
        return words.get(ruby.to_s(value).lower(), value)
    if kind == "float":
        if not isinstance(value, str):
            return float(value)
        text = value.strip().replace(",", "")
        return ruby.lenient_float(text) if version == "8.3" else ruby.strict_float(text)
    raise NotImplementedError(f"convert to {kind}")


def _gsub(event: Event, triples: list[str], _: str) -> None:
    if len(triples) % 3:
        raise Crash("gsub takes three values each")
    for name, pattern, replacement in zip(*[iter(triples)] * 3, strict=True):
        value = event.get(name)
        if isinstance(value, str):
            event.set(name, ruby.gsub(value, pattern, replacement))
        elif isinstance(value, list):
            event.set(
                name, [ruby.gsub(item, pattern, replacement) if isinstance(item, str) else item for item in value]
            )


def _copy(event: Event, names: Mapping[str, str], _: str) -> None:
    for source, target in names.items():
        value = event.get(source)
        if value is not None:
            event.set(target, value)


_MUTATIONS: dict[str, Callable[[Event, Any, str], None]] = {
    "rename": _rename,
    "update": _update,
    "replace": _replace,
    "convert": _convert,
    "gsub": _gsub,
    "copy": _copy,
}
"""In the order in which the plugin does them, whatever the order in the file."""


def _json(event: Event, options: Mapping[str, Any], _: str) -> bool:
    source = event.get(options["source"])
    if source is None or source is False:
        return False
    try:
        parsed = ruby.load_json(source)
        if "target" in options:
            event.set(options["target"], parsed)
            return True
        if not isinstance(parsed, dict) or "@timestamp" in parsed:
            raise NotImplementedError("no object, or one whose @timestamp the json filter would read by itself")
        for name, value in parsed.items():
            event.set(name, value)
    except ruby.RubyError as error:
        if options.get("tag_on_failure") != []:
            raise FilterFailed(str(error)) from None
        return False
    return True


def _date(event: Event, options: Mapping[str, Any], _: str) -> bool:
    if options.get("timezone") != "UTC" or "target" in options:
        raise NotImplementedError("a date filter in another zone, or into another field")
    source, *formats = options["match"]
    value = event.get(source)
    if value is None:
        return False
    moment = ruby.parse_date(value, formats) if isinstance(value, str) else None
    if moment is None:
        if options.get("tag_on_failure") != []:
            raise FilterFailed(f"no time: {value!r}")
        return False
    event.set("@timestamp", moment)
    return True


def _prune(event: Event, options: Mapping[str, Any], _: str) -> None:
    if not set(options) <= {"whitelist_names"}:
        raise NotImplementedError("prune by more than names")
    for name in list(event.data):
        if not any(ruby.regexp(pattern).search(name) for pattern in options["whitelist_names"]):
            event.remove(name)


def _fingerprint(event: Event, options: Mapping[str, Any], _: str) -> None:
    if set(options) & {"concatenate_sources", "concatenate_all_fields", "key"} or options["method"] != "SHA256":
        raise NotImplementedError("a fingerprint of more than texts")
    for source in options["source"]:
        if event.includes(source):
            value = event.get(source)
            if not isinstance(value, str):
                raise NotImplementedError("a fingerprint of what is no text")
            event.set(options["target"], hashlib.sha256(value.encode()).hexdigest())


_FILTERS: dict[str, Callable[[Event, Mapping[str, Any], str], bool | None]] = {
    "mutate": _mutate,
    "json": _json,
    "date": _date,
    "prune": _prune,
    "fingerprint": _fingerprint,
}


def _filter(plugin: Plugin, event: Event, version: str) -> None:
    """Run a filter and, where it succeeded, its common options."""
    try:
        if _FILTERS[plugin.name](event, plugin.options, version) is False:
            return
    except ruby.RubyError as error:
        raise FilterFailed(f"line {plugin.line}: {plugin.name}: {error}") from None
    for name, value in plugin.options.get("add_field", {}).items():
        if event.includes(name):
            raise FilterFailed(f"line {plugin.line}: add_field would make a list of {name}")
        event.set(name, event.sprintf(value))
    for name in plugin.options.get("remove_field", []):
        event.remove(event.sprintf(name))


# -------------------------------------------------------------------------------------------------------- pipeline


def filter_event(statements: list[Statement], event: Event, version: str) -> bool:
    """Send an event through filters; False when it was dropped."""
    for statement in statements:
        if isinstance(statement, Plugin):
            if statement.name == "drop":
                return False
            _filter(statement, event, version)
            continue
        for condition, body in statement.ways:
            if condition is None or fulfilled(condition, event):
                if not filter_event(body, event, version):
                    return False
                break
    return True


_FILTER = parse(PIPELINE.read_text("utf-8")).sections["filter"]


def run(
    line_or_event: str | Mapping[str, Any], version: str = "9", arrival: datetime | None = None
) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Send a line, or an event as one, through the project's pipeline, as its TCP input would hand it over.

    Gives the document (times as ISO 8601) and the metadata, of which the output uses `index` and `id`; None for a line
    that is dropped.
    """
    line = line_or_event if isinstance(line_or_event, str) else json.dumps(line_or_event, ensure_ascii=False)
    arrival = arrival or datetime.now(UTC)
    return run_event(Event({"@timestamp": arrival, "@version": "1", "message": line, "host": "h", "port": 1}), version)


def run_event(event: Event, version: str = "9") -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Send an event through the project's pipeline, whatever input it comes from."""
    if not filter_event(_FILTER, event, version):
        return None
    document = {name: ruby.iso(value) if isinstance(value, datetime) else value for name, value in event.data.items()}
    return document, event.metadata
