"""Kibana's own arithmetic: formulas and what is computed over several buckets."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest

from kibana_builder.elastic.client import Elastic
from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.arithmetic import collapsed
from kibana_builder.preview.asking import Question
from kibana_builder.preview.elasticsearch import ElasticExecutor
from kibana_builder.sandbox.events import Events
from tests.preview.small_events import DAY, HOUR, MINUTE, NOON, ask, hourly, rows, store, table, tile, top, why_not, xy

BY_NAME: JsonObject = {"type": "alphabetical", "direction": "asc"}


@pytest.fixture(scope="module")
def three() -> Iterator[Events]:
    """Give a store of the values 2, 3 and 4."""
    made = [{"t": NOON, "n": value} for value in (2, 3, 4)]
    with store(made, {"n": "double", "nothing": "double"}) as events:
        yield events


def formula(text: str) -> JsonObject:
    return {"operation": "formula", "formula": text}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1 + 2 * 3 - 4 / 8", 6.5),
        ("(sum(n) + count()) / 2", 6),
        ("abs(0 - 3)", 3),
        ("cbrt(27)", 3),
        ("ceil(1.2)", 2),
        ("floor(0 - 1.2)", -2),
        ("fix(0 - 1.7)", -1),
        ("round(2.5)", 3),
        ("round(0 - 2.5)", -2),
        ("round(1.2345, 2)", 1.23),
        ("clamp(sum(n), 0, 5)", 5),
        ("mod(10, 3)", 1),
        ("mod(0 - 10, 3)", -1),
        ("pow(2, 10)", 1024),
        ("square(3) + cube(2)", 17),
        ("sqrt(16)", 4),
        ("exp(0)", 1),
        ("log(8, 2)", 3),
        ("pick_max(1, 5)", 5),
        ("pick_min(4, 2)", 2),
        ("ifelse(sum(n) > 5, 1, 2)", 1),
        ("ifelse(count() == 4, 1, 2)", 2),
        ("defaults(average(nothing), 7)", 7),
        # What cannot be computed is no value.
        ("1 / 0", None),
        ("sqrt(0 - 1)", None),
        ("sum(n) / count(kql='n > 100')", None),
        # Nor is what has a missing value in it, though a choice by it or a default for it may be.
        ("average(nothing) + 1", None),
        ("0 * average(nothing)", None),
        ("pick_max(average(nothing), 3)", None),
        ("defaults(average(nothing), 7) + 1", 8),
        ("defaults(average(nothing) / 2, 7)", None),
        ("ifelse(average(nothing) > 5, 1, 2)", None),
        ("ifelse(sum(n) > 5, 1, average(nothing))", 1),
        ("ifelse(sum(n) > 5, 1, 1 / 0)", None),
    ],
)
def test_formulas(text: str, wanted: float | None, three: Events) -> None:
    """A formula over the values 2, 3 and 4 is what Kibana's functions make of it."""
    ((found,),) = rows(ask(three, tile(formula(text))))
    assert found == (None if wanted is None else pytest.approx(wanted))


def test_a_share_of_the_whole() -> None:
    """What is overall is computed over all buckets of a series, and a formula may divide by it."""
    made = [{"t": NOON + hour * HOUR, "k": key} for hour, key in ((0, "a"), (1, "a"), (1, "a"), (1, "b"))]
    by_key: JsonObject = {"type": "alphabetical", "direction": "asc"}
    chart = xy([formula("count() / overall_sum(count())")], hourly(), breakdown_by=top("k", rank_by=by_key))
    with store(made) as events:
        found = rows(ask(events, chart, (NOON, NOON + 2 * HOUR - 1)))
    assert {row[:2]: row[2] for row in found} == {
        (NOON, "a"): pytest.approx(1 / 3),
        (NOON + HOUR, "a"): pytest.approx(2 / 3),
        (NOON, "b"): 0,
        (NOON + HOUR, "b"): 1,
    }


def test_a_rate_divides_a_cut_interval_by_the_part_inside() -> None:
    """Four events in an hour are four an hour, and two in its last quarter are eight an hour."""
    made = [{"t": NOON + minutes * MINUTE} for minutes in (50, 55, 60, 70, 80, 90)]
    rate: JsonObject = {"operation": "count", "time_scale": "h"}
    with store(made) as events:
        found = rows(ask(events, xy([rate], hourly()), (NOON + 45 * MINUTE, NOON + 2 * HOUR - 1)))
        whole = rows(ask(events, tile(rate), (NOON, NOON + 2 * HOUR)))
    assert [row[1] for row in found] == [pytest.approx(8), pytest.approx(4, rel=1e-6)]
    assert whole == [(3.0,)]


def test_series_without_time_or_numbers_are_one() -> None:
    """Of top values inside others Kibana adds up row after row; of times it begins anew in each series."""
    made = [
        {"t": NOON, "a": a, "b": b} for a, b, count in (("x", 1, 3), ("x", 2, 2), ("y", 1, 1)) for _ in range(count)
    ]
    total: JsonObject = {"operation": "cumulative_sum"}
    with store(made, {"a": "keyword", "b": "long"}) as events:
        found = rows(ask(events, table([total], [top("a", rank_by=BY_NAME), top("b", rank_by=BY_NAME)])))
        timed = rows(ask(events, table([total], [top("a", rank_by=BY_NAME), hourly()]), (NOON, NOON + HOUR - 1)))
    assert found == [("x", 1, 3), ("x", 2, 5), ("y", 1, 6)]
    assert timed == [("x", NOON, 5), ("y", NOON, 1)]


def test_a_fixed_interval_is_as_long_as_it_says() -> None:
    """Three hours of a rate are three, though the clocks are set back in them."""
    berlin = ZoneInfo("Europe/Berlin")
    midnight = NOON - 28 * DAY - 14 * HOUR  # 2026-10-25T00:00 in Berlin, three hours before clocks are set back
    made = [{"t": midnight + minutes * MINUTE} for minutes in range(0, 240, 20)]
    rate: JsonObject = {"operation": "count", "time_scale": "h"}
    with store(made) as events:
        found = rows(ask(events, xy([rate], hourly(suggested_interval="3h")), (midnight, midnight + DAY), zone=berlin))
    assert found[:2] == [(midnight, 4.0), (midnight + 4 * HOUR, 0.0)]


@pytest.mark.parametrize(("how", "wanted"), [("sum", 6), ("avg", 3), ("min", 2), ("max", 4)])
def test_rows_are_folded(how: str, wanted: float) -> None:
    """Rows that differ in one key only become one; a value that is missing does not count."""
    cells: list[tuple[tuple[Json, ...], tuple[Json, ...]]] = [
        ((1, "a"), (2,)),
        ((1, "b"), (4,)),
        ((1, "c"), (None,)),
        ((2, "a"), (None,)),
    ]
    assert collapsed(cells, 1, how) == [((1,), (wanted,)), ((2,), (None,))]


def test_a_pattern_whose_server_is_away_is_an_error_of_its_panel() -> None:
    """A chart of an index pattern asks the server for the pattern's fields; nobody there is said in the panel."""
    source = {"type": "data_view_spec", "index_pattern": "logs-*", "time_field": "t"}
    chart = tile({"operation": "count"}) | {"data_source": source}
    with Elastic("http://127.0.0.1:9") as nobody:
        (answer,) = ElasticExecutor(nobody).answer([Question(chart, {}, (NOON, NOON + HOUR))])
    assert "refused" in why_not(answer)
