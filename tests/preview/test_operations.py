"""Each operation of a chart over a few events, with numbers that are computed by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.answer import Answer, Table
from kibana_builder.preview.event_columns import EventTable
from kibana_builder.sandbox.events import Events, EventsError
from tests.preview.small_events import DAY, HOUR, MINUTE, NOON, ask, hourly, rows, store, table, tile, top, why_not, xy

COUNT: JsonObject = {"operation": "count"}


def numbers(*values: float | None) -> list[JsonObject]:
    """Give an event a minute, from noon."""
    return [{"t": NOON + index * MINUTE, "n": value} for index, value in enumerate(values)]


@pytest.fixture(scope="module")
def five() -> Iterator[Events]:
    """Give a store of the values 2, 4, 5, 9, and one event without any."""
    with store(numbers(2, 4, None, 5, 9), {"n": "double", "k": "keyword"}) as events:
        yield events


@pytest.mark.parametrize(
    ("metric", "wanted"),
    [
        ({"operation": "count"}, 5),
        ({"operation": "count", "field": "n"}, 4),
        ({"operation": "sum", "field": "n"}, 20.0),
        ({"operation": "average", "field": "n"}, 5.0),
        ({"operation": "min", "field": "n"}, 2.0),
        ({"operation": "max", "field": "n"}, 9.0),
        ({"operation": "median", "field": "n"}, 4.5),
        ({"operation": "percentile", "field": "n", "percentile": 25}, 3.5),
        ({"operation": "standard_deviation", "field": "n"}, 6.5**0.5),
        ({"operation": "unique_count", "field": "n"}, 4),
        ({"operation": "last_value", "field": "n", "time_field": "t"}, 9.0),
        ({"operation": "static_value", "value": 7}, 7),
        ({"operation": "formula", "formula": "sum(n) / count(n) * 2"}, 10.0),
        ({"operation": "formula", "formula": "count(kql='n > 3')"}, 3),
        ({"operation": "average", "field": "n", "filter": {"expression": "n < 5", "language": "kql"}}, 3.0),
    ],
)
def test_metrics(metric: JsonObject, wanted: Json, five: Events) -> None:
    """A metric is computed of the values 2, 4, 5, 9 and one event without any."""
    assert rows(ask(five, tile(metric))) == [(pytest.approx(wanted),)]


@pytest.mark.parametrize(
    ("metric", "wanted"),
    [
        ({"operation": "count"}, 0),
        ({"operation": "sum", "field": "n"}, 0),
        ({"operation": "unique_count", "field": "n"}, 0),
        ({"operation": "average", "field": "n"}, None),
        ({"operation": "median", "field": "n"}, None),
        ({"operation": "last_value", "field": "n", "time_field": "t"}, None),
        ({"operation": "formula", "formula": "average(n) / count()"}, None),
    ],
)
def test_metrics_of_nothing(metric: JsonObject, wanted: Json, five: Events) -> None:
    """Of no events a count and a sum are zero, and anything else has no value."""
    assert rows(ask(five, tile(metric), (NOON + DAY, NOON + 2 * DAY))) == [(wanted,)]


def test_a_percentile_rank() -> None:
    """Half of the four values are below the one that is asked for."""
    with store(numbers(1, 2, 8, 9), {"n": "double"}) as events:
        ((rank,),) = rows(ask(events, tile({"operation": "percentile_rank", "field": "n", "rank": 5})))
    assert rank == pytest.approx(0.5, abs=0.01)


def test_both_ends_of_the_time_range_count() -> None:
    """An event at its first and one at its last millisecond are inside, their neighbours are not."""
    moments = (NOON - 1, NOON, NOON + HOUR, NOON + HOUR + 1)
    with store({"t": moment} for moment in moments) as events:
        assert rows(ask(events, tile(COUNT), (NOON, NOON + HOUR))) == [(2,)]


def test_empty_intervals_are_shown() -> None:
    """A line covers the whole range: a count of nothing is zero, an average of nothing is missing."""
    made = [{"t": NOON + 30 * MINUTE, "n": 4}, {"t": NOON + 150 * MINUTE, "n": 8}]
    average = {"operation": "average", "field": "n"}
    with store(made, {"n": "double"}) as events:
        found = rows(ask(events, xy([COUNT, average], hourly())))
        without = rows(ask(events, xy([COUNT, average], hourly(include_empty_rows=False))))
    assert found == [
        (NOON, 1, 4.0),
        (NOON + HOUR, 0, None),
        (NOON + 2 * HOUR, 1, 8.0),
        (NOON + 3 * HOUR, 0, None),
        (NOON + 4 * HOUR, 0, None),
    ]
    assert without == [(NOON, 1, 4.0), (NOON + 2 * HOUR, 1, 8.0)]


def test_days_begin_at_midnight_of_the_time_zone() -> None:
    """In a zone with summer time a day may have 23 hours, and still begins at midnight."""
    berlin = ZoneInfo("Europe/Berlin")
    # 2026-03-29 is the Sunday on which clocks in Berlin go from 02:00 to 03:00.
    saturday = 1_774_652_400_000  # 2026-03-28T00:00 in Berlin
    starts = [saturday, saturday + 24 * HOUR, saturday + 47 * HOUR]
    made = [{"t": start + 30 * MINUTE} for start in starts] + [{"t": starts[2] - MINUTE}]
    chart = xy([COUNT], hourly(suggested_interval="1d"))
    with store(made) as events:
        found = rows(ask(events, chart, (saturday, starts[2] + 45 * MINUTE), zone=berlin))
        east = rows(ask(events, chart, (saturday, starts[2] + 45 * MINUTE), zone=timezone(timedelta(hours=1))))
    assert found == [(starts[0], 1), (starts[1], 2), (starts[2], 1)]
    assert [row[0] for row in east] == [saturday, saturday + DAY]


def test_intervals_that_the_range_cuts_may_be_left_out() -> None:
    """A whole one stays, though it has no event; of a field that the range does not hold for all stay."""
    made = [{"t": NOON + minutes * MINUTE, "at": NOON - DAY + minutes * MINUTE} for minutes in (10, 70, 200)]
    cut = (NOON + 5 * MINUTE, NOON + 3 * HOUR + 30 * MINUTE)
    whole = {"drop_partial_intervals": True}
    with store(made, {"at": "date"}) as events:
        assert rows(ask(events, xy([COUNT], hourly(**whole)), cut)) == [(NOON + HOUR, 1), (NOON + 2 * HOUR, 0)]
        other = {**hourly(**whole), "field": "at", "use_original_time_range": True, "include_empty_rows": False}
        assert len(rows(ask(events, xy([COUNT], other), cut))) == 3


@pytest.mark.parametrize("name", ["k0", "v0", "f0", "n0", "m0", "w0", "r", "o", "d", "known", "c0", "nothing", "$p0"])
def test_a_field_may_have_any_name(name: str) -> None:
    """That of a helper in the statement, or of a parameter, is a name like others."""

    def found(field: str) -> list[list[tuple[Json, ...]]]:
        made = [{"t": NOON, field: key, "v": number} for number, key in enumerate("abb")]
        ranked = {"filter": {"expression": f'"{field}": b'}, "operation": "percentile_rank", "field": "v", "rank": 1}
        shifted = {"operation": "count", "field": field, "time_shift": "1h"}
        rest = {"other_bucket": {"include_documents_without_field": True}}
        numbers = {"operation": "histogram", "field": "v"}
        charts = [
            table([COUNT, ranked, shifted], [top(field, 1, **rest), numbers]),
            table([COUNT], [numbers, {**top(field), "fields": [field, "v"]}]),
        ]
        with store(made, {field: "keyword"}) as events:
            return [rows(ask(events, chart)) for chart in charts]

    assert found(name) == found("word")
    assert found(name)[1][0] == (0, "a › 0", 1)


@pytest.mark.parametrize("moment", [1_795_348_800_000_000, -(10**14), 9 * 10**18])
def test_dates_that_no_calendar_has(moment: int) -> None:
    """A date in microseconds is an error of a chart by time; its largest is the number it is."""
    by_time = {**hourly(), "field": "at", "use_original_time_range": True}
    with store([{"t": NOON, "at": moment}], {"at": "date"}) as events:
        assert "beyond the years 1 to 9999" in why_not(ask(events, xy([COUNT], by_time)))
        assert rows(ask(events, table([{"operation": "max", "field": "at"}]))) == [(moment,)]
        for metric in ({"time_shift": "99999y"}, {"reduced_time_range": "9999999d"}):
            assert "cannot be read" in why_not(ask(events, table([{**COUNT, **metric}])))
        far = {**table([COUNT]), "query": {"expression": "at > now-999999999y"}}
        assert "'now-999999999y' is no date" in why_not(ask(events, far))


def test_too_many_buckets_are_an_error() -> None:
    """An interval of another date, or a series for each of many values, has more empty buckets than there may be."""
    made = [{"t": NOON + number, "at": number * 40 * DAY, "k": str(number)} for number in range(300)]
    hours = {**hourly(), "field": "at", "use_original_time_range": True}
    minutes = hourly(suggested_interval="1m")
    filters = {"operation": "filters", "filters": [{"filter": {"expression": f"k: {key}"}} for key in range(2)]}
    with store(made, {"at": "date"}) as events:
        assert "more than 65,536 buckets" in why_not(ask(events, xy([COUNT], hours)))
        series = xy([COUNT], minutes, breakdown_by=top("k", 300))
        assert "more than 65,536 buckets" in why_not(ask(events, series))
        assert len(rows(ask(events, xy([COUNT], minutes, breakdown_by=filters)))) == 2 * 241


def test_months_are_of_the_calendar() -> None:
    """A month is as long as it is."""
    january, february, march = 1_767_225_600_000, 1_769_904_000_000, 1_772_323_200_000
    made = [{"t": march - 1}, {"t": february}, {"t": january}]
    with store(made) as events:
        found = rows(ask(events, xy([COUNT], hourly(suggested_interval="1M")), (january, march)))
    assert found == [(january, 1), (february, 2), (march, 0)]


def test_differences_begin_at_the_second_interval() -> None:
    """Each value less the one before; where one of them is missing there is none."""
    made = [{"t": NOON + hour * HOUR, "n": value} for hour, value in ((0, 3), (1, 10), (3, 4))]
    inner = {"operation": "max", "field": "n"}
    with store(made, {"n": "double"}) as events:
        found = rows(ask(events, xy([{"operation": "differences", "of": inner}], hourly())))
    assert [row[1] for row in found] == [None, 7.0, None, None, None]


def test_a_cumulative_sum_runs_on_through_empty_intervals() -> None:
    """Counts are added up, in each series for itself."""
    made = [{"t": NOON + hour * HOUR, "k": key} for hour, key in ((0, "a"), (0, "a"), (2, "a"), (1, "b"))]
    total = {"operation": "cumulative_sum", "of": {"operation": "count"}}
    by_key = {"type": "alphabetical", "direction": "asc"}
    with store(made) as events:
        found = rows(ask(events, xy([total], hourly(), breakdown_by=top("k", rank_by=by_key))))
    of = {key: [row[2] for row in found if row[1] == key] for key in ("a", "b")}
    assert of == {"a": [2, 2, 3, 3, 3], "b": [0, 1, 1, 1, 1]}


def test_a_moving_average_leaves_the_current_interval_out() -> None:
    """It is the average of the intervals before it, as many as its window has."""
    made = [{"t": NOON + hour * HOUR, "n": value} for hour, value in enumerate((1, 3, 8, 4, 9))]
    moving = {"operation": "moving_average", "window": 2, "of": {"operation": "max", "field": "n"}}
    with store(made, {"n": "double"}) as events:
        found = rows(ask(events, xy([moving], hourly())))
    assert [row[1] for row in found] == [None, 1.0, 2.0, 5.5, 6.0]


def test_a_counter_that_began_anew() -> None:
    """A rate is what the counter grew by; after a fall it grew from zero."""
    made = [{"t": NOON + hour * HOUR, "n": value} for hour, value in enumerate((100, 160, 20, 50))]
    rate = {"operation": "counter_rate", "field": "n", "time_scale": "m"}
    with store(made, {"n": "long"}) as events:
        found = rows(ask(events, xy([rate], hourly()), (NOON, NOON + 4 * HOUR - 1)))
    assert [row[1] for row in found[1:3]] == [pytest.approx(60 / 60), pytest.approx(20 / 60)]
    assert found[0][1] is None
    assert found[3][1] == pytest.approx(30 / 60, rel=1e-6)


def test_a_time_shift_is_put_beside_the_present() -> None:
    """Yesterday's values stand at today's intervals."""
    made = [{"t": NOON}, {"t": NOON + HOUR}, {"t": NOON + HOUR - DAY}, {"t": NOON + 2 * HOUR - DAY}]
    shifted = {"operation": "count", "time_shift": "1d"}
    with store(made) as events:
        found = rows(ask(events, xy([COUNT, shifted], hourly()), (NOON, NOON + 2 * HOUR)))
        alone = rows(ask(events, tile(shifted), (NOON, NOON + 2 * HOUR)))
    assert found == [(NOON, 1, 0), (NOON + HOUR, 1, 1), (NOON + 2 * HOUR, 0, 1)]
    assert alone == [(2,)]


def test_a_reduced_time_range_counts_back_from_the_end() -> None:
    """The last hour of four."""
    made = [{"t": NOON + minutes * MINUTE} for minutes in (10, 170, 185, 230)]
    with store(made) as events:
        assert rows(ask(events, tile({"operation": "count", "reduced_time_range": "1h"}))) == [(2,)]


def test_several_values_in_an_event() -> None:
    """All of them count in metrics; an event is in the bucket of each, and in one only once."""
    made = [{"t": NOON, "n": [1, 2, 12]}, {"t": NOON, "n": 4}, {"t": NOON, "n": []}, {"t": NOON}]
    metrics: list[JsonObject] = [
        {"operation": "median", "field": "n"},
        {"operation": "percentile_rank", "field": "n", "rank": 4},
        {"operation": "standard_deviation", "field": "n"},
        {"operation": "average", "field": "n", "filter": {"expression": "n > 100"}},
    ]
    ranges: JsonObject = {"operation": "range", "field": "n", "ranges": [{"lte": 3}, {"gt": 10}, {}]}
    with store(made, {"n": "double"}) as events:
        median, rank, deviation, nothing = rows(ask(events, table(metrics)))[0]
        assert (median, nothing) == (3, None)
        assert rank == pytest.approx(0.55)
        assert deviation == pytest.approx(4.3229, abs=1e-4)
        numbers = {"operation": "histogram", "field": "n", "granularity": 2, "include_empty_rows": False}
        assert rows(ask(events, table([COUNT], [numbers]))) == [(0, 2), (10, 1)]
        assert [row[1] for row in rows(ask(events, table([COUNT], [ranges])))] == [1, 1, 2]
        last = {"operation": "last_value", "field": "n", "time_field": "t"}
        assert "several values" in why_not(ask(events, table([last])))
        first = {**table([{**last, "multi_value": True}]), "query": {"expression": "n > 10"}}
        assert rows(ask(events, first)) == [("1, 2, 12",)]


def test_ranges_include_their_lower_end_only() -> None:
    """A bucket reaches from its lower end to its upper one, which belongs to the next; empty ones are shown."""
    ranges = [{"lte": 10, "label": "low"}, {"gt": 10, "lte": 20, "label": "middle"}, {"gt": 90, "label": "high"}]
    with store(numbers(9.9, 10, 19, 20), {"n": "double"}) as events:
        found = rows(ask(events, xy([COUNT], {"operation": "range", "field": "n", "ranges": ranges})))
    assert found == [("low", 1), ("middle", 2), ("high", 0)]


def test_filters_may_overlap() -> None:
    """An event counts in every bucket whose query it matches; without a label the query is its name."""
    filters = [
        {"filter": {"expression": "n >= 2", "language": "kql"}, "label": "two or more"},
        {"filter": {"expression": "n < 3", "language": "kql"}},
    ]
    with store(numbers(1, 2, 3), {"n": "double"}) as events:
        found = rows(ask(events, xy([COUNT], {"operation": "filters", "filters": filters})))
    assert found == [("two or more", 2), ("n < 3", 2)]


def test_a_histogram_of_whole_numbers() -> None:
    """Few whole numbers have a bar each, empty ones too."""
    with store(numbers(1, 1, 4), {"n": "long"}) as events:
        found = rows(ask(events, xy([COUNT], {"operation": "histogram", "field": "n"})))
    assert [row for row in found if row[1]] == [(1, 2), (4, 1)]
    assert [row[0] for row in found] == [1, 2, 3, 4]


def test_a_table_with_metrics_split_by_columns() -> None:
    """A bucket that splits the metrics becomes columns, one for each value; what is not there is empty."""
    made = [{"t": NOON, "k": key, "s": split} for key, split in (("a", "x"), ("a", "x"), ("b", "x"), ("a", "y"))]
    with store(made) as events:
        answer = ask(events, table([COUNT], [top("k")], split_metrics_by=[top("s")]))
        found = rows(answer)
    assert isinstance(answer, Answer)
    layer = answer.layers[0]
    assert isinstance(layer, Table)
    assert [column.label for column in layer.columns[1:]] == ["x › Count of records", "y › Count of records"]
    assert found == [("a", 2, 1), ("b", 1, None)]


def test_a_collapsed_bucket_is_folded_into_one() -> None:
    """The averages of the hosts are added up for each interval, and the hosts are not shown."""
    made = [{"t": NOON, "k": key, "n": value} for key, value in (("a", 1), ("a", 3), ("b", 10))]
    metric = {"operation": "average", "field": "n"}
    with store(made, {"n": "double"}) as events:
        chart = xy([metric], hourly(), breakdown_by=top("k", collapse_by="sum"))
        found = rows(ask(events, chart, (NOON, NOON + MINUTE)))
    assert found == [(NOON, 12.0)]


def test_a_reference_line_reads_no_event() -> None:
    """A fixed value is there without any data, and nothing is asked for it."""
    lines = {"type": "reference_lines", "data_source": {"type": "data_view_reference", "ref_id": "logs"}}
    chart = xy([COUNT], hourly())
    chart["layers"].append({**lines, "thresholds": [{"operation": "static_value", "value": 100}]})
    with store([{"t": NOON}]) as events:
        answer = ask(events, chart)
    assert rows(answer, 1) == [(100,)]
    assert isinstance(answer, Answer)
    assert len(answer.request) == 1


@pytest.mark.parametrize(
    ("metric", "words"),
    [
        ({"operation": "average", "field": "k"}, "average of k: the field is no number but a keyword"),
        ({"operation": "sum", "field": "nowhere"}, "there is no field 'nowhere' in logs-*"),
        (
            {"operation": "count", "filter": {"expression": "k:a", "language": "lucene"}},
            "kbuild answers no queries in Lucene: k:a",
        ),
        (
            {"operation": "count", "filter": {"expression": "k:(", "language": "kql"}},
            "at character 4 of the KQL query 'k:('",
        ),
        ({"operation": "count", "time_shift": "soon"}, "the time shift soon cannot be read"),
    ],
)
def test_what_cannot_be_answered_says_why(metric: JsonObject, words: str, five: Events) -> None:
    """An error names what cannot be answered, in the place of a number."""
    assert words in why_not(ask(five, tile(metric)))


def test_other_languages_and_charts_are_named() -> None:
    """ES|QL, an unknown data view and an unknown chart are errors of the panel."""
    with store([{"t": NOON}]) as events:
        chart = tile(COUNT)
        assert "ES|QL" in why_not(ask(events, {**chart, "data_source": {"type": "esql", "query": "FROM logs-*"}}))
        runtime = {"type": "data_view_spec", "index_pattern": "logs-*", "field_settings": {"a": {"type": "long"}}}
        assert "runtime fields" in why_not(ask(events, {**chart, "data_source": runtime}))
        unknown = {"type": "data_view_reference", "ref_id": "metrics"}
        assert "no data view 'metrics'" in why_not(ask(events, {**chart, "data_source": unknown}))
        assert "type map" in why_not(ask(events, {**chart, "type": "map"}))


def test_what_the_store_cannot_do_is_an_error_of_its_panel(five: Events) -> None:
    """A statement that DuckDB breaks off is an error with its words, not of the program."""
    with pytest.raises(EventsError, match=r"DuckDB answers: .*nowhere"):
        five.rows('SELECT * FROM "nowhere"')
    answer = ask(_WithoutTables(five), tile({"operation": "sum", "field": "n"}))
    assert why_not(answer).startswith("DuckDB answers: ")


class _WithoutTables:
    """A store whose tables are dropped between two looks at it, as by a thread that deletes an index."""

    def __init__(self, events: Events) -> None:
        self.fields, self.rows = events.fields, events.rows
        self._tables = events.tables

    def tables(self, pattern: str) -> list[EventTable]:
        return [replace(table, name="gone") for table in self._tables(pattern)]


def test_several_indices_are_asked_as_one() -> None:
    """A field may be absent in one index, or a whole number in one and a fraction in the other."""
    with store([{"t": NOON, "n": 1, "k": "a"}]) as events:
        events.append("logs-2", [b'{"t": %d, "n": 2.5}' % NOON, b'{"t": %d, "n": 4, "s": "x"}' % NOON])
        events.append("other-1", [b'{"t": %d, "n": 1000}' % NOON])
        assert rows(ask(events, tile({"operation": "sum", "field": "n"}))) == [(7.5,)]
        with_missing = top("k", other_bucket={"include_documents_without_field": True})
        assert rows(ask(events, table([COUNT], [with_missing]))) == [("(missing value)", 2), ("a", 1)]
        only_one = tile(COUNT) | {"data_source": {"type": "data_view_spec", "index_pattern": "logs-*,-logs-2"}}
        assert rows(ask(events, only_one)) == [(1,)]
