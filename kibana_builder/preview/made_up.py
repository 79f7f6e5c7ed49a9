"""Events that nobody measured: for every field that the dashboards use, so that every panel shows something.

They are made of what the charts say of the fields (an average wants numbers, top values want words) and of the values
that queries, filters and controls ask for, at the times that are shown, those of a panel's own and of time shifts among
them; the same dashboards and times give the same events.
"""

from __future__ import annotations

import contextlib
import json
import math
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from kibana_builder.charts.formula_functions import formula_fields, formula_filters
from kibana_builder.date_math import NoMoment
from kibana_builder.json_tree import Json, JsonObject, get, objects_below
from kibana_builder.kql import And, Is, KqlError, Literal, Nested, Node, Not, Or, Range, Wildcard, parse
from kibana_builder.preview.dashboard_view import moments
from kibana_builder.preview.formats import is_number
from kibana_builder.preview.intervals import moved_range
from kibana_builder.preview.library import DataView, Library

__all__ = ["made_up"]

EVENTS = 3000
"""So many lie in each time range that is shown."""
TEXT = "message"
"""The field that has the words which are asked of any field."""
SHIFT_IN_FORMULA = re.compile(r"\bshift\s*=\s*(['\"])(.*?)\1")
WORDS = ("alpha", "beta", "gamma", "delta", "epsilon")
OF_NUMBERS = frozenset(
    {"average", "sum", "min", "max", "median", "percentile", "percentile_rank", "standard_deviation", "histogram"}
    | {"range", "differences", "moving_average", "cumulative_sum", "counter_rate", "last_value"}
)
_BEYOND = {"gt": 1, "gte": 1, "lt": -1, "lte": -1}
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
    """Give, for each data view that something uses, an index that it matches and some events of the time range.

    `end_ms` is what `now` means in the times that dashboards and panels say themselves.
    """
    found: dict[str, dict[str, _Field]] = {}
    documents = [made.document for made in (*library.visualizations.values(), *library.dashboards.values())]
    for document in documents:
        _collect(document, "", found)
    everywhere = found.pop("", {})
    spans = _spans(documents, start_ms, end_ms)
    for name, view in library.data_views.items():
        if name in found:
            yield _index_of(view.pattern), _events(view, _together(everywhere, found[name]), spans)


def _spans(documents: Sequence[JsonObject], start_ms: int, end_ms: int) -> list[tuple[int, int]]:
    """Give the time ranges that are shown: this one, those that are written down, and all of them shifted."""
    spans = [(start_ms, end_ms)]
    shifts: list[str] = []
    for document in documents:
        for node, _ in objects_below(document):
            if get(node, "time_range", "from") is not None:
                with contextlib.suppress(NoMoment):
                    spans.append(moments(node["time_range"], end_ms))
            if "time_shift" in node:
                shifts.append(node["time_shift"])
            shifts += [words for _, words in SHIFT_IN_FORMULA.findall(node.get("formula", ""))]
    for shift in dict.fromkeys(shifts):
        with contextlib.suppress(ValueError):
            spans += [moved_range(span, shift) for span in dict.fromkeys(spans)]
    return [span for span in dict.fromkeys(spans) if span[0] <= span[1]]


def _together(everywhere: Mapping[str, _Field], own: Mapping[str, _Field]) -> dict[str, _Field]:
    """Join what is known of fields in all data views with what is known of those of one."""
    made = {}
    for name in dict.fromkeys((*everywhere, *own)):
        one, other = everywhere.get(name, _Field()), own.get(name, _Field())
        number = one.number or other.number
        asked = dict.fromkeys((*one.asked, *other.asked))
        # A field has values of one type, or it would be taken for words.
        fitting = [_plain(float(value)) for value in asked if is_number(str(value))] if number else list(asked)
        made[name] = _Field(number, min(one.most, other.most), one.time or other.time, fitting)
    return made


def _index_of(pattern: str) -> str:
    """Give a name that an index pattern matches.

    >>> _index_of("logs-*,old-logs")
    'logs-preview'
    """
    return pattern.split(",", maxsplit=1)[0].replace("*", "preview")


def _collect(node: Json, view: str, found: dict[str, dict[str, _Field]], most: float = math.inf) -> None:
    """Go through a document; `view` is the data view that the place belongs to, `most` where its axis ends.

    Filters and controls act on panels of all data views.
    """
    if isinstance(node, list):
        for entry in node:
            _collect(entry, view, found, most)
    if not isinstance(node, dict):
        return
    view = get(node, "data_source", "ref_id") or node.get("data_view_id") or view
    most = get(node, "axis", "y", "domain", "max") or most
    fields = found.setdefault(view, {})
    _of_operation(node, fields, _room(node, most))
    everywhere = found.setdefault("", {})
    if "field_name" in node:
        _of_control(node, everywhere)
    if "operator" in node and "field" in node:
        _of_condition(node, everywhere)
    if isinstance(node.get("expression"), str):
        _of_query(node["expression"], fields)
    for value in node.values():
        _collect(value, view, found, most)


def _room(node: JsonObject, most: float) -> float:
    """Give the largest number that is shown of an operation: a share ends at 1, a gauge where it says."""
    share = 1.0 if get(node, "format", "type") == "percent" else math.inf
    return min(most, share, get(node, "max", "value") or math.inf)


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


def _of_control(node: JsonObject, fields: dict[str, _Field]) -> None:
    one = fields.setdefault(node["field_name"], _Field())
    one.asked += node.get("selected_options") or []
    for bound in node.get("value") or ():
        _of_bound(one, str(bound), 0)


def _of_bound(one: _Field, bound: str, beyond: float) -> None:
    """Note the bound itself, and numbers near it and well beyond on its right side; `beyond` is 1, 0 or -1."""
    if is_number(bound):
        one.number = True
        number = float(bound)
        steps = (0, 1, abs(number) / 20, abs(number)) if beyond else (0,)
        one.asked += [_plain(number + beyond * step) for step in steps]


def _plain(number: float) -> float:
    return int(number) if number.is_integer() else number


def _of_condition(node: JsonObject, fields: dict[str, _Field]) -> None:
    one = fields.setdefault(node["field"], _Field())
    value = node.get("value")
    if node["operator"] == "range" and isinstance(value, dict):
        for name, bound in value.items():
            _of_bound(one, str(bound), _BEYOND.get(name, 0))
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
        case Is(None, Literal(value)):
            fields.setdefault(TEXT, _Field()).asked.append(value)
        case Is(None, Wildcard(parts)):
            fields.setdefault(TEXT, _Field()).asked += "x".join(parts).split()
        case Is(Literal(str(name)), Literal(value)):
            fields.setdefault(name, _Field()).asked.append(value)
        case Is(Literal(str(name)), Wildcard(parts)):
            fields.setdefault(name, _Field()).asked += ["x".join(parts)] if any(parts) else []
        case Range(Literal(str(name)), operator, Literal(value)):
            one = fields.setdefault(name, _Field())
            one.number = True
            _of_bound(one, str(value), _BEYOND[operator])


def _events(view: DataView, fields: Mapping[str, _Field], spans: Sequence[tuple[int, int]]) -> Iterator[bytes]:
    chance = random.Random(view.pattern)  # noqa: S311 - made-up events
    times = {view.time_field} | {name for name, one in fields.items() if one.time}
    for number, moment in enumerate(_moments(spans)):
        stamp = datetime.fromtimestamp(moment / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        event: JsonObject = {name: stamp for name in times if name is not None}
        for place, (name, one) in enumerate(fields.items()):
            if name not in event and not name.startswith("_"):
                event[name] = _value(one, number, place, chance)
        yield json.dumps(event).encode()


def _moments(spans: Sequence[tuple[int, int]]) -> Iterator[int]:
    for start, end in spans:
        yield from (start + (end - start) * number // EVENTS for number in range(EVENTS))


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
