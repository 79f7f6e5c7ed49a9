"""DuckDB agrees with a plain reading of the same events in Python, whatever the events and the question."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.kql import And, FieldType, Is, Literal, Not, Or, Range, Wildcard, to_dsl
from kibana_builder.preview.dsl_sql import Conditions, Held, Parameters
from kibana_builder.sandbox.events import Events
from tests.preview.small_events import HOUR, MINUTE, NOON, ask, rows, store, table, xy

TYPES = {"t": "date", "k": "keyword", "j": "keyword", "n": "long", "ok": "boolean"}
FIELDS = {name: FieldType(type_) for name, type_ in TYPES.items()}
WORDS = st.sampled_from(["a", "ab", "b%", "b_", "*", "", "Other"])
NUMBERS = ["<", "<=", ">", ">="]


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), values)


EVENTS = st.lists(
    st.fixed_dictionaries(
        {
            "t": st.integers(NOON - HOUR, NOON + 5 * HOUR),
            "k": maybe(WORDS),
            "j": maybe(st.sampled_from(["x", "y"])),
            "n": maybe(st.integers(-5, 5)),
            "ok": maybe(st.booleans()),
        }
    ),
    max_size=25,
)


@pytest.fixture(scope="module")
def kept() -> Iterator[Events]:
    with store([], TYPES) as events:
        yield events


_NUMBERS = itertools.count()


def fill(events: Events, documents: list[JsonObject]) -> None:
    """Put these documents into the store, and nothing else."""
    for index in events.indices():
        events.delete(index)
    events.append(f"logs-{next(_NUMBERS)}", [json.dumps(document).encode() for document in documents])


# ---------------------------------------------------------------------------------------------------------- conditions

LEAVES = st.one_of(
    st.builds(lambda field, value: Is(Literal(field), Literal(value)), st.sampled_from(["k", "j"]), WORDS),
    st.builds(
        lambda field, parts: Is(Literal(field), Wildcard(tuple(parts))),
        st.sampled_from(["k", "j"]),
        st.lists(st.sampled_from(["", "a", "b", "%", "_"]), min_size=2, max_size=3),
    ),
    st.builds(lambda value: Is(Literal("n"), Literal(str(value))), st.integers(-6, 6)),
    st.builds(lambda value: Is(Literal("ok"), Literal(value)), st.booleans()),
    st.builds(lambda field: Is(Literal(field), Wildcard(("", ""))), st.sampled_from([*TYPES, "nothing"])),
    st.builds(
        lambda operator, value: Range(Literal("n"), operator, Literal(str(value))),
        st.sampled_from(["lt", "lte", "gt", "gte"]),
        st.integers(-6, 6),
    ),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(lambda parts: And(tuple(parts)), st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: Or(tuple(parts)), st.lists(inner, min_size=1, max_size=3)),
    ),
    max_leaves=6,
)
COMPARE = {
    "lt": lambda one, other: one < other,
    "lte": lambda one, other: one <= other,
    "gt": lambda one, other: one > other,
    "gte": lambda one, other: one >= other,
}


def holds(node: Any, event: JsonObject) -> bool:
    """Say whether an event matches, as KQL is meant: what is not there matches nothing."""
    match node:
        case Not(part):
            return not holds(part, event)
        case And(parts):
            return all(holds(part, event) for part in parts)
        case Or(parts):
            return any(holds(part, event) for part in parts)
        case Range(field, operator, value):
            found = event.get(field.words())
            return found is not None and COMPARE[operator](found, float(value.words()))
        case Is(field, Wildcard() as value):
            found = event.get(field.words())
            return found is not None and (value.alone or value.pattern().fullmatch(found) is not None)
        case Is(field, value):
            found = event.get(field.words())
            wanted = value.value
            return found is not None and found == (float(wanted) if field.words() == "n" else wanted)
    raise AssertionError(node)


@given(events=EVENTS, condition=CONDITIONS)
@settings(max_examples=30)
def test_conditions(kept: Events, events: list[JsonObject], condition: Any) -> None:
    """The SQL of a KQL tree finds the events that the tree means, and leaves none in doubt."""
    fill(kept, [{**event, "id": number} for number, event in enumerate(events)])
    parameters = Parameters()
    held = {
        name: Held(f'"{name}"', {"n": "integer", "ok": "boolean", "t": "date"}.get(name, "string")) for name in TYPES
    }
    sql = Conditions(held, FIELDS, parameters, NOON).sql(to_dsl(condition, FIELDS))
    found = set()
    for index in kept.indices():
        # A field that no event has is in no table.
        have = {*kept.tables(index)[0].columns}
        lacking = "".join(f', NULL::{kind} AS "{name}"' for name, kind in IN_SQL.items() if name not in have)
        found |= {
            row[0]
            for row in kept.rows(f'SELECT id FROM (SELECT *{lacking} FROM "{index}") WHERE {sql}', parameters.values)
        }
    assert found == {number for number, event in enumerate(events) if holds(condition, event)}


IN_SQL = {"k": "VARCHAR", "j": "VARCHAR", "n": "BIGINT", "ok": "BOOLEAN", "t": "BIGINT"}


# ---------------------------------------------------------------------------------------------------------- top values


def ranked(events: list[JsonObject], field: str, limit: int, *, missing: bool) -> list[tuple[Json, list[JsonObject]]]:
    """Part events into top values, "Other" and missing ones as Kibana does."""
    groups: dict[str, list[JsonObject]] = {}
    for event in events:
        if event[field] is not None or missing:
            groups.setdefault("__missing__" if event[field] is None else event[field], []).append(event)
    order = sorted(groups, key=lambda key: (-len(groups[key]), key))
    shown: list[tuple[Json, list[JsonObject]]] = [
        ("(missing value)" if key == "__missing__" else key or "(empty)", groups[key]) for key in order[:limit]
    ]
    rest = [event for key in order[limit:] for event in groups[key]]
    return [*shown, ("Other", rest)] if rest else shown


def numbers(events: list[JsonObject]) -> tuple[Json, ...]:
    known = [event["n"] for event in events if event["n"] is not None]
    return (
        len(events),
        sum(known),
        pytest.approx(sum(known) / len(known)) if known else None,
        len({event["j"] for event in events} - {None}),
        sum(event["ok"] is True for event in events),
    )


METRICS: list[JsonObject] = [
    {"operation": "count"},
    {"operation": "sum", "field": "n"},
    {"operation": "average", "field": "n"},
    {"operation": "unique_count", "field": "j"},
    {"operation": "count", "filter": {"expression": "ok: true"}},
]


def terms(field: str, limit: int, *, missing: bool = False) -> JsonObject:
    return {
        "operation": "terms",
        "fields": [field],
        "limit": limit,
        "other_bucket": {"include_documents_without_field": missing},
        "rank_by": {"type": "metric", "metric_index": 0, "direction": "desc"},
    }


def inside(events: list[JsonObject]) -> list[JsonObject]:
    return [event for event in events if NOON <= event["t"] <= NOON + 4 * HOUR]


@given(events=EVENTS, limit=st.integers(1, 4), inner=st.integers(1, 2), missing=st.booleans())
@settings(max_examples=25)
def test_top_values_inside_top_values(
    kept: Events, events: list[JsonObject], limit: int, inner: int, missing: bool
) -> None:
    """Each level has its top values and its rest, in their order, with the metrics of their events.

    Where one of the outer values has no inner one, the rest is left out of all of them.
    """
    fill(kept, events)
    parts = [
        (outer_key, ranked(outer, "j", inner, missing=False))
        for outer_key, outer in ranked(inside(events), "k", limit, missing=missing)
    ]
    wanted = [
        (outer_key, inner_key, *numbers(found))
        for outer_key, part in parts
        for inner_key, found in part
        if inner_key != "Other" or all(other for _, other in parts)
    ]
    chart = table(METRICS, [terms("k", limit, missing=missing), terms("j", inner)])
    assert rows(ask(kept, chart)) == wanted


@given(events=EVENTS, minutes=st.sampled_from([7, 30, 60, 120]))
@settings(max_examples=15)
def test_intervals(kept: Events, events: list[JsonObject], minutes: int) -> None:
    """Every interval of the range is there, with the metrics of its events."""
    fill(kept, events)
    length = minutes * MINUTE
    begin = NOON // length * length
    wanted = []
    for start in range(begin, NOON + 4 * HOUR + 1, length):
        found = [event for event in inside(events) if start <= event["t"] < start + length]
        wanted.append((start, *numbers(found)))
    time = {"operation": "date_histogram", "field": "t", "suggested_interval": f"{minutes}m"}
    assert rows(ask(kept, xy(METRICS, time))) == wanted
