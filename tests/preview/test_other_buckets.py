"""Top values, what is left over, and documents without a value."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.asking import Source
from kibana_builder.preview.duckdb import DuckExecutor
from kibana_builder.sandbox.events import Events
from tests.preview.gold_numbers import first_table, mapping, question
from tests.preview.small_events import DAY, HOUR, NOON, ask, hourly, rows, store, table, tile, top, why_not, xy
from tests.shared_material import GOLD, needs_shared

COUNT: JsonObject = {"operation": "count"}
OTHER: JsonObject = {"other_bucket": {"include_documents_without_field": False}}
WITH_MISSING: JsonObject = {"other_bucket": {"include_documents_without_field": True}}
ALPHABETICAL: JsonObject = {"rank_by": {"type": "alphabetical", "direction": "asc"}}


def keyed(*keys: object, field: str = "k") -> list[JsonObject]:
    """Give an event for each key, None for one without."""
    return [{"t": NOON, **({} if key is None else {field: key})} for key in keys]


def test_ties_are_in_the_order_of_the_values() -> None:
    """Of values with as many documents the one that comes first in the alphabet is ahead, whichever way they rank."""
    with store(keyed("b", "c", "a", "c")) as events:
        assert rows(ask(events, table([COUNT], [top("k", 2)]))) == [("c", 2), ("a", 1)]
        up = {"rank_by": {"type": "metric", "metric_index": 0, "direction": "asc"}}
        assert rows(ask(events, table([COUNT], [top("k", 2, **up)]))) == [("a", 1), ("b", 1)]


def test_ranked_by_the_alphabet_or_by_a_metric() -> None:
    """Values are ranked by themselves, or by a number; no number at all ranks above all others, as in Elasticsearch."""
    made = [{"t": NOON, "k": key, "n": value} for key, value in (("a", 1), ("b", 9), ("c", None), ("d", 5))]
    average = {"operation": "average", "field": "n"}
    with store(made, {"n": "double"}) as events:
        assert [row[0] for row in rows(ask(events, table([average], [top("k")])))] == ["c", "b", "d", "a"]
        assert [row[0] for row in rows(ask(events, table([average], [top("k", **ALPHABETICAL)])))] == list("abcd")


def test_other_is_what_is_left_over() -> None:
    """Behind the top values stands the rest, if there is any."""
    with store(keyed("a", "a", "a", "b", "b", "c", "d")) as events:
        assert rows(ask(events, table([COUNT], [top("k", 2, **OTHER)]))) == [("a", 3), ("b", 2), ("Other", 2)]
        assert rows(ask(events, table([COUNT], [top("k", 4, **OTHER)]))) == [("a", 3), ("b", 2), ("c", 1), ("d", 1)]


def test_documents_without_a_value() -> None:
    """They are a bucket that takes one of the places, or belong to the others where they are not shown."""
    with store(keyed(None, None, None, "a", "a", "b", "")) as events:
        shown = rows(ask(events, table([COUNT], [top("k", 2, **WITH_MISSING)])))
        hidden = rows(ask(events, table([COUNT], [top("k", 2, **ALPHABETICAL, **WITH_MISSING)])))
        without = rows(ask(events, table([COUNT], [top("k", 5, **OTHER)])))
    assert shown == [("(missing value)", 3), ("a", 2), ("Other", 2)]
    assert hidden == [("(empty)", 1), ("(missing value)", 3), ("Other", 3)]
    assert without == [("a", 2), ("(empty)", 1), ("b", 1)]


def test_several_values_in_an_event() -> None:
    """An event counts with each of its values, and with the others only if it has no value that is shown."""
    with store(keyed(["a", "b"], ["a", "c"], ["b", "c"], ["c", "d"], ["d"], "a")) as events:
        assert rows(ask(events, table([COUNT], [top("k", 1, **OTHER)]))) == [("a", 3), ("Other", 3)]


def test_values_that_are_excluded_count_among_the_others() -> None:
    """So does Kibana, whose request for the others knows the shown values only; without a rest there is no Other."""
    with store(keyed("a", "a", "b", "c", "d")) as events:
        one = top("k", 1, excludes={"values": ["a"]}, **OTHER)
        assert rows(ask(events, table([COUNT], [one]))) == [("b", 1), ("Other", 4)]
        all_of_them = top("k", 3, excludes={"values": ["a"]}, **OTHER)
        assert rows(ask(events, table([COUNT], [all_of_them]))) == [("b", 1), ("c", 1), ("d", 1)]


def test_values_that_match_an_expression() -> None:
    """A pattern has to match the whole value."""
    with store(keyed("alpha", "alphabet", "beta")) as events:
        some = top("k", includes={"values": ["al.*a", "b.*"], "as_regex": True})
        assert rows(ask(events, table([COUNT], [some]))) == [("alpha", 1), ("beta", 1)]


def test_several_fields() -> None:
    """Values of several fields are one bucket, with a sign between them."""
    made = [{"t": NOON, "k": key, "n": number} for key, number in (("a", 1), ("a", 1), ("a", 2), ("b", 1))]
    both = {**top("k", 2), "fields": ["k", "n"]}
    with store(made, {"n": "long"}) as events:
        assert rows(ask(events, table([COUNT], [both]))) == [("a › 1", 2), ("a › 2", 1)]


def test_each_of_several_fields_is_written_as_its_own() -> None:
    """A date and a truth beside an address are no numbers."""
    made = [{"t": NOON, "ip": "::ffff:10.0.0.9", "ok": True, "n": 1000}]
    several = {**top("ip"), "fields": ["ip", "t", "ok", "n"]}
    with store(made, {"ip": "ip", "ok": "boolean", "n": "long"}) as events:
        assert rows(ask(events, table([COUNT], [several]))) == [
            ("10.0.0.9 › Nov 22, 2026 @ 12:00:00.000 › true › 1,000", 1)
        ]


def test_addresses() -> None:
    """They rank as numbers, are one however they are written, and may be asked for by their network."""
    given = ("10.0.0.10", "10.0.0.9", "2001:DB8:0:0::1", "2001:db8::1", "10.1.0.1")
    made = keyed(*given, field="ip")
    with store(made, {"ip": "ip"}) as events:
        chart = table(
            [COUNT, {"operation": "last_value", "field": "ip", "time_field": "t"}], [top("ip", **ALPHABETICAL)]
        )
        texts = ["10.0.0.9", "10.0.0.10", "10.1.0.1", "2001:db8::1"]
        assert rows(ask(events, chart)) == [(text, 2 if ":" in text else 1, text) for text in texts]
        for query, wanted in (
            ('ip: "10.0.0.0/16"', texts[:2]),
            ('ip: "2001:db8::/32"', texts[3:]),
            ('ip >= "10.0.0.10" and ip < "2001:db8::1"', texts[1:3]),
            ('not ip: "0.0.0.0/0"', texts[3:]),
        ):
            found = rows(ask(events, {**chart, "query": {"expression": query}}))
            assert [row[0] for row in found] == wanted
        only = table([COUNT], [top("ip", includes={"values": ["2001:db8:0::1"]})])
        assert rows(ask(events, only)) == [("2001:db8::1", 2)]
        odd = table([COUNT], [top("ip", includes={"values": ["10.*"], "as_regex": True})])
        assert "ip" in why_not(ask(events, odd))


def test_a_value_without_any_inner_bucket_is_shown() -> None:
    """A row has all its filters, ranges and intervals, though no event of it is in any of them."""
    made = [{"t": NOON, "k": "a", "n": 5}, {"t": NOON, "k": "a", "n": 5}, {"t": NOON, "k": "b"}]
    filters = {"operation": "filters", "filters": [{"filter": {"expression": "n > 1"}, "label": "much"}]}
    ranges = {"operation": "range", "field": "n", "ranges": [{"gt": 0, "lte": 9, "label": "some"}]}
    numbers = {"operation": "histogram", "field": "n"}
    with store(made, {"n": "long"}) as events:
        for inner, key in ((filters, "much"), (ranges, "some"), (numbers, 5)):
            found = rows(ask(events, table([COUNT], [top("k"), inner])))
            assert found == [("a", key, 2), ("b", key, 0)]
            assert rows(ask(events, table([COUNT], [top("n"), top("k"), inner]))) == [(5, "a", key, 2)]
        nothing = {"operation": "filters", "filters": [{"filter": {"expression": "n > 9"}, "label": "none"}]}
        found = rows(ask(events, table([COUNT], [nothing, hourly()]), (NOON, NOON + 2 * HOUR - 1)))
        assert found == [("none", NOON, 0), ("none", NOON + HOUR, 0)]
        assert rows(ask(events, table([COUNT], [nothing, top("k")]))) == []


def test_other_is_nowhere_if_a_bucket_around_it_is_empty() -> None:
    """So Kibana has it: one interval without events, and no interval has its rest."""
    made = [{"t": NOON, "k": key} for key in "aab"] + [{"t": NOON + 2 * HOUR, "k": key} for key in "ccd"]
    with store(made) as events:
        for empty, others in ((True, []), (False, [1, 1])):
            chart = table([COUNT], [hourly(include_empty_rows=empty), top("k", 1, **OTHER)])
            found = rows(ask(events, chart, (NOON, NOON + 3 * HOUR - 1)))
            assert [count for _, key, count in found if key == "Other"] == others
            assert [key for _, key, _ in found if key != "Other"] == ["a", "c"]
    with store([*made, {"t": NOON + HOUR, "n": 1}]) as events:  # an event there, but none with the field
        chart = table([COUNT], [hourly(include_empty_rows=False), top("k", 1, **OTHER)])
        found = rows(ask(events, chart, (NOON, NOON + 3 * HOUR - 1)))
        assert [key for _, key, _ in found] == ["a", "c"]


def test_other_is_there_though_what_stands_in_it_is_not() -> None:
    """Values of `j` have their values of `k` and the rest, also where no event has the innermost field."""
    made = [{"t": NOON, "j": outer, "k": inner} for outer in "xy" for inner in "aab"]
    made += [{**made[0], "n": 1}, {**made[2], "n": 1}]
    with store(made, {"n": "long"}) as events:
        chart = table([COUNT], [top("j"), top("k", 1, **OTHER), top("n")])
        assert rows(ask(events, chart)) == [("x", "a", 1, 1), ("x", "Other", 1, 1)]


def test_other_stands_last_whatever_time_has_it() -> None:
    """Of two time ranges the first has the rest only, and the second the top value."""
    made = [{"t": NOON, "k": "b"}, *({"t": NOON - DAY, "k": "a"} for _ in range(3))]
    yesterday = {**COUNT, "time_shift": "1d"}
    ranked = {"rank_by": {"type": "custom", "operation": "count", "direction": "desc"}}
    with store(made) as events:
        assert rows(ask(events, table([COUNT, yesterday], [top("k", 1, **ranked, **OTHER)]))) == [
            ("b", 1, 0),
            ("Other", 0, 3),
        ]


def test_without_a_number_no_candidate() -> None:
    """Beyond what a shard hands on numbers that have a value go first, then again nothing ranks above all."""
    made = [{"t": NOON, "n": number, **({"v": number} if number >= 3 else {})} for number in range(40)]
    average = {"operation": "average", "field": "v"}
    with store(made, {"n": "long", "v": "double"}) as events:
        assert [row[0] for row in rows(ask(events, table([average], [top("n", 2)])))] == [39, 38]
        few = {**table([average], [top("n", 4)]), "query": {"expression": "n < 5"}}
        assert [row[0] for row in rows(ask(events, few))] == [0, 1, 2, 4]
        most = {"operation": "max", "field": "v"}
        assert [row[0] for row in rows(ask(events, table([most], [top("n", 2)])))] == [39, 38]


def test_inner_values_are_ranked_inside_their_outer_one() -> None:
    """Each outer bucket has its own top values, and its own rest."""
    made = [
        {"t": NOON, "k": key, "s": inner}
        for key, inner in (("a", "x"), ("a", "x"), ("a", "y"), ("b", "y"), ("b", "z"), ("b", "z"))
    ]
    with store(made) as events:
        found = rows(ask(events, table([COUNT], [top("k", **ALPHABETICAL), top("s", 1, **OTHER)])))
    assert found == [("a", "x", 2), ("a", "Other", 1), ("b", "z", 2), ("b", "Other", 1)]


def test_a_series_has_the_same_values_at_all_times() -> None:
    """The breakdown of a line ranks over the whole range, unless it says that it comes second."""
    made = [{"t": NOON + hour * HOUR, "k": key} for hour, key in ((0, "a"), (0, "a"), (1, "b"), (1, "a"))]
    with store(made) as events:
        series = rows(ask(events, xy([COUNT], hourly(), breakdown_by=top("k", 1)), (NOON, NOON + HOUR)))
        inside = rows(
            ask(events, xy([COUNT], hourly(), breakdown_by=top("k", 1, aggregate_first=True)), (NOON, NOON + HOUR))
        )
    assert series == [(NOON, "a", 2), (NOON + HOUR, "a", 1)]
    assert inside == [(NOON, "a", 2), (NOON + HOUR, "a", 1)]


def test_ranked_within_the_time_of_the_metric() -> None:
    """A shifted metric ranks by its own days, not by both: `b` had most yesterday, `a` has most today."""
    made = [{"t": NOON, "k": "a"}] * 5 + [{"t": NOON - DAY, "k": key} for key in ("a", "b", "b")]
    shifted = {"operation": "count", "time_shift": "1d"}
    with store(made) as events:
        by_today = rows(ask(events, table([COUNT, shifted], [top("k", 1)])))
        by_yesterday = top("k", 1, rank_by={"type": "metric", "metric_index": 1, "direction": "desc"})
        assert by_today == [("a", 5, 1)]
        assert rows(ask(events, table([COUNT, shifted], [by_yesterday]))) == [("b", 0, 2)]


def test_booleans_and_numbers_as_values() -> None:
    """They are values like words, of their own type; those of documents without one have no bucket."""
    made = [{"t": NOON, "k": flag, "n": number} for flag, number in ((True, 3), (True, 2), (False, 2), (None, None))]
    with store(made, {"k": "boolean", "n": "long"}) as events:
        assert rows(ask(events, table([COUNT], [top("k", **WITH_MISSING)]))) == [(True, 2), (False, 1)]
        assert rows(ask(events, table([COUNT], [top("n")]))) == [(2, 2), (3, 1)]


def test_a_tile_for_each_value() -> None:
    """A metric that is broken down has a row for each value, with its trend where it shows one."""
    made = [{"t": NOON + hour * HOUR, "k": key} for hour, key in ((0, "a"), (2, "a"), (1, "b"))]
    chart = tile({**COUNT, "background_chart": {"type": "trend"}}, breakdown_by=top("k"))
    with store(made) as events:
        (first, second) = rows(ask(events, chart, (NOON, NOON + 2 * HOUR)))
    assert first[:2] == ("a", 2)
    assert second[:2] == ("b", 1)
    assert sum(first[2]) == 2
    assert len(first[2]) == len(second[2])


@pytest.fixture(scope="module")
def recorded_events() -> Iterator[Events]:
    types = {name: field["type"] for name, field in mapping().items()}
    with Events(mappings={"ml-metrics-*": types}) as made:
        made.load("ml-metrics-1", GOLD / "events.ndjson")
        yield made


def _came(name: str) -> JsonObject:
    found: JsonObject = json.loads((GOLD / "queries" / "extra" / f"{name}.json").read_text())["response"][
        "aggregations"
    ]
    return found


def _asked(events: Events, chart: JsonObject) -> list[tuple[object, ...]]:
    source = Source("ml-metrics-*", "@timestamp", events.fields("ml-metrics-*"))
    said = json.loads(json.dumps(chart).replace('"logs"', '"ml-metrics"'))
    return list(first_table(DuckExecutor(events).answer([question(said, source)])[0]).rows)


@needs_shared
def test_other_and_missing_as_recorded(recorded_events: Events) -> None:
    """Missing values take one of three places, and the others are counted as Kibana's second request did."""
    found = _asked(recorded_events, table([COUNT], [top("error_message", 3, **WITH_MISSING)]))
    buckets = _came("other-and-missing.1")["0"]["buckets"]
    wanted = [("(missing value)", buckets[0]["doc_count"])]
    wanted += [(one["key"], one["doc_count"]) for one in buckets[1:]]
    rest = _came("other-and-missing.2")["other-filter"]["buckets"][""]["doc_count"]
    assert found == [*wanted, ("Other", rest)]


@needs_shared
def test_others_inside_others_as_recorded(recorded_events: Events) -> None:
    """Each model, and the others together, have their top environment and its rest."""
    found = _asked(recorded_events, table([COUNT], [top("model_name", 2, **OTHER), top("environment", 1, **OTHER)]))
    wanted = {}
    for bucket in _came("other-nested.1")["0"]["buckets"]:
        wanted |= {(bucket["key"], one["key"]): one["doc_count"] for one in bucket["1"]["buckets"]}
    others = _came("other-nested.2")["other-filter"]["buckets"][""]["1"]["buckets"]
    wanted |= {("Other", one["key"]): one["doc_count"] for one in others}
    for path, bucket in _came("other-nested.3")["other-filter"]["buckets"].items():
        outer = path.rpartition("►")[2].replace("__other__", "Other")
        wanted[outer, "Other"] = bucket["doc_count"]
    assert {(row[0], row[1]): row[2] for row in found} == wanted


@needs_shared
def test_others_of_a_metric_as_recorded(recorded_events: Events) -> None:
    """Ranked by an average; the others have their own average, unique count and percentile."""
    metrics = [
        {"operation": "average", "field": "inference_time_ms"},
        {"operation": "unique_count", "field": "user_id"},
        {"operation": "percentile", "field": "inference_time_ms", "percentile": 95},
    ]
    found = _asked(recorded_events, table(metrics, [top("region", 2, **OTHER)]))
    buckets = _came("other-ordered-by-average.1")["0"]["buckets"]
    buckets.append({"key": "Other", **_came("other-ordered-by-average.2")["other-filter"]["buckets"][""]})
    assert len(found) == len(buckets)
    for row, bucket in zip(found, buckets, strict=True):
        assert row[0] == bucket["key"]
        assert row[1] == pytest.approx(bucket["1"]["value"], rel=1e-9)
        assert row[2] == bucket["2"]["value"]
        assert row[3] == pytest.approx(bucket["3"]["values"]["95.0"], rel=0.01)


@needs_shared
def test_ranked_by_a_percentile_as_recorded(recorded_events: Events) -> None:
    """The three models with the slowest twentieth of their answers."""
    slowest = {"operation": "percentile", "field": "inference_time_ms", "percentile": 95}
    found = _asked(recorded_events, table([slowest], [top("model_name", 3)]))
    buckets = _came("terms-ordered-by-percentile")["0"]["buckets"]
    assert [row[0] for row in found] == [bucket["key"] for bucket in buckets]
    for row, bucket in zip(found, buckets, strict=True):
        assert row[1] == pytest.approx(bucket["1"]["values"]["95.0"], rel=0.01)
