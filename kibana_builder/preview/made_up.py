"""Events that nobody measured: for every field that the dashboards use, so that every panel shows something.

They are made of what the charts say of the fields (an average wants numbers, top values want words) and of the values
that queries and filters ask for; the same dashboards and times give the same events.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from kibana_builder.charts.formula_functions import formula_fields, formula_filters
from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.kql import And, Is, KqlError, Literal, Nested, Node, Not, Or, Range, parse
from kibana_builder.preview.library import DataView, Library

__all__ = ["made_up"]

EVENTS = 3000
WORDS = ("alpha", "beta", "gamma", "delta", "epsilon")
OF_NUMBERS = frozenset(
    {"average", "sum", "min", "max", "median", "percentile", "percentile_rank", "standard_deviation", "histogram"}
    | {"range", "differences", "moving_average", "cumulative_sum", "counter_rate", "last_value"}
)
OF_TIMES = frozenset({"date_histogram", "time_field"})


@dataclass
class _Field:
    """What is known of a field: whether it holds numbers or times, and values that somebody asks for."""

    number: bool = False
    most: float = math.inf
    """The largest number that a chart has room for."""
    time: bool = False
    asked: list[Json] = field(default_factory=list)


def made_up(library: Library, start_ms: int, end_ms: int) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Give, for each data view that something uses, an index that it matches and some events of the time range."""
    found: dict[str, dict[str, _Field]] = {}
    for made in (*library.visualizations.values(), *library.dashboards.values()):
        _collect(made.document, "", found)
    everywhere = found.pop("", {})
    for name, view in library.data_views.items():
        fields = {**everywhere, **found.get(name, {})}
        if name in found:
            yield _index_of(view.pattern), _events(view, fields, start_ms, end_ms)


def _index_of(pattern: str) -> str:
    """Give a name that an index pattern matches.

    >>> _index_of("logs-*,old-logs")
    'logs-preview'
    """
    return pattern.split(",", maxsplit=1)[0].replace("*", "preview")


def _collect(node: Json, view: str, found: dict[str, dict[str, _Field]], most: float = math.inf) -> None:
    """Go through a document; `view` is the data view that the place belongs to, `most` where its axis ends."""
    if isinstance(node, list):
        for entry in node:
            _collect(entry, view, found, most)
    if not isinstance(node, dict):
        return
    view = node.get("data_source", {}).get("ref_id", node.get("data_view_id", view))
    most = node.get("axis", {}).get("y", {}).get("domain", {}).get("max", most)
    fields = found.setdefault(view, {})
    _of_operation(node, fields, _room(node, most))
    if "field_name" in node:
        fields.setdefault(node["field_name"], _Field())
    if "operator" in node and "field" in node:
        _of_condition(node, fields)
    if isinstance(node.get("expression"), str):
        _of_query(node["expression"], fields)
    for value in node.values():
        _collect(value, view, found, most)


def _room(node: JsonObject, most: float) -> float:
    """Give the largest number that is shown of an operation: a share ends at 1, a gauge where it says."""
    share = 1.0 if node.get("format", {}).get("type") == "percent" else math.inf
    end = node.get("max")
    return min(most, share, end.get("value", math.inf) if isinstance(end, dict) else math.inf)


def _of_operation(node: JsonObject, fields: dict[str, _Field], room: float) -> None:
    operation = node.get("operation")
    if operation is None:
        return
    if operation == "formula":
        for function, name in formula_fields(node["formula"]):
            fields.setdefault(name, _Field()).number |= function in OF_NUMBERS
        for text in formula_filters(node["formula"]):
            _of_query(text, fields)
    names = [node["field"]] if "field" in node else node.get("fields", [])
    for name in names:
        one = fields.setdefault(name, _Field())
        one.number |= operation in OF_NUMBERS
        one.time |= operation in OF_TIMES
        if operation in OF_NUMBERS:
            one.most = min(one.most, room)
    if "time_field" in node:
        fields.setdefault(node["time_field"], _Field()).time = True


def _of_condition(node: JsonObject, fields: dict[str, _Field]) -> None:
    one = fields.setdefault(node["field"], _Field())
    value = node.get("value")
    if node["operator"] == "range" and isinstance(value, dict):
        one.number |= any(isinstance(bound, int | float) for bound in value.values())
    elif isinstance(value, list):
        one.asked += value
    elif value is not None:
        one.asked.append(value)


def _of_query(text: str, fields: dict[str, _Field]) -> None:
    try:
        node = parse(text)
    except KqlError:
        return
    _of_tree(node, fields)


def _of_tree(node: Node, fields: dict[str, _Field]) -> None:
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                _of_tree(part, fields)
        case Not(part) | Nested(_, part):
            _of_tree(part, fields)
        case Is(Literal(str(name)), Literal(value)):
            fields.setdefault(name, _Field()).asked.append(value)
        case Range(Literal(str(name)), _, Literal(value)):
            one = fields.setdefault(name, _Field())
            one.number = True
            if isinstance(value, str) and _is_number(value):
                one.asked.append(float(value) * 1.5 + 1)
                one.asked.append(float(value) * 0.5)


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _events(view: DataView, fields: dict[str, _Field], start_ms: int, end_ms: int) -> Iterator[bytes]:
    chance = random.Random(view.pattern)  # noqa: S311 - made-up events
    times = {view.time_field} | {name for name, one in fields.items() if one.time}
    for number in range(EVENTS):
        moment = start_ms + (end_ms - start_ms) * number // EVENTS
        stamp = datetime.fromtimestamp(moment / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        event: JsonObject = {name: stamp for name in times if name is not None}
        for place, (name, one) in enumerate(fields.items()):
            if name not in event and not name.startswith("_"):
                event[name] = _value(one, number, place, chance)
        yield json.dumps(event).encode()


def _value(one: _Field, number: int, place: int, chance: random.Random) -> Json:
    """Make a value: now and then one that is asked for, else a wave of numbers, or a word."""
    if one.asked and chance.random() < 0.4:
        return chance.choice(one.asked)
    if one.number:
        wave = 50 + 25 * math.sin(number / 150 + place) + chance.gauss(0, 6)
        return round(wave, 2) if math.isinf(one.most) else round(min(max(wave / 100, 0), 1) * one.most, 4)
    if any(isinstance(value, bool) for value in one.asked):
        return chance.random() < 0.5
    words = [*one.asked, *WORDS]
    return words[min(len(words) - 1, int(chance.expovariate(0.6)))]
