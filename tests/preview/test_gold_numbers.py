"""DuckDB's answers are the numbers that Kibana drew of the same events."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kibana_builder.preview.answer import Answer, Table
from kibana_builder.preview.asking import Executor, Source
from kibana_builder.preview.duckdb import DuckExecutor
from kibana_builder.sandbox.events import Events
from tests.preview.gold_numbers import (
    FIVE,
    RANGE,
    SHAPES,
    assert_same,
    document,
    drawn,
    facts_of_drawing,
    facts_of_table,
    first_table,
    mapping,
    question,
    recorded,
    rows_of_words,
    words_of_table,
    words_of_tiles,
)
from tests.shared_material import GOLD, needs_shared

pytestmark = needs_shared
PATTERN = "ml-metrics-*"
TILES = {shape for shape in SHAPES if shape.startswith("metric-")} | {
    *("formula-error-rate", "time-shift-1d", "reduced-time-range")
}
TABLES = {"table-colour-align-summary", "last-unique-median-std"}


@pytest.fixture(scope="module")
def events() -> Iterator[Events]:
    types = {name: field["type"] for name, field in mapping().items()}
    with Events(mappings={PATTERN: types}) as store:
        assert store.load("ml-metrics-2026.11", GOLD / "events.ndjson") == 6000
        yield store


@pytest.fixture(scope="module")
def source(events: Events) -> Source:
    return Source(PATTERN, "@timestamp", events.fields(PATTERN))


@pytest.fixture(scope="module")
def executor(events: Events) -> Executor:
    return DuckExecutor(events, now_ms=lambda: RANGE[1])


@pytest.mark.parametrize("shape", sorted({*SHAPES} - TILES - TABLES - {"tagcloud", "legacy-metric"}))
def test_a_chart_has_the_points_and_slices_that_kibana_drew(shape: str, executor: Executor, source: Source) -> None:
    """Each point, bar, slice and cell is there, with its number, and no other."""
    chart = document(f"shape-{shape}")
    table = first_table(executor.answer([question(chart, source)])[0])
    assert_same(facts_of_table(chart["type"], table), facts_of_drawing(drawn("ml-shapes", shape)))


@pytest.mark.parametrize("shape", sorted(TILES))
def test_a_metric_reads_as_kibana_wrote_it(shape: str, executor: Executor, source: Source) -> None:
    """Breakdown, label, secondary and primary value are the words of Kibana's tiles, in its order."""
    table = first_table(executor.answer([question(document(f"shape-{shape}"), source)])[0])
    wanted = [word for word in drawn("ml-shapes", shape)["text"] if not word.startswith("A line chart")]
    assert words_of_tiles(table) == wanted


def test_a_legacy_metric_reads_as_kibana_wrote_it(executor: Executor, source: Source) -> None:
    """It has its number above its label."""
    table = first_table(executor.answer([question(document("shape-legacy-metric"), source)])[0])
    assert words_of_tiles(table)[::-1] == drawn("ml-shapes", "legacy-metric")["text"]


def test_a_table_has_the_rows_that_kibana_wrote(executor: Executor, source: Source) -> None:
    """Heads and rows are the words of Kibana's table, in its order."""
    table = first_table(executor.answer([question(document("shape-table-colour-align-summary"), source)])[0])
    heads, rows = rows_of_words(drawn("ml-shapes", "table-colour-align-summary"), len(table.columns))
    assert [column.label for column in table.columns] == heads
    assert words_of_table(table) == rows


def test_last_values_and_estimates(executor: Executor, source: Source) -> None:
    """Last values, unique counts and deviations are exact; a median or a rank of many values is within 1 %."""
    table = first_table(executor.answer([question(document("shape-last-unique-median-std"), source)])[0])
    buckets = recorded("last-unique-median-std")["aggregations"]["0"]["buckets"]
    assert len(table.rows) == len(buckets)
    for row, bucket in zip(table.rows, buckets, strict=True):
        (last,) = bucket["1-bucket"]["1-metric"]["top"]
        assert row[:3] == (bucket["key"], last["metrics"]["prediction_confidence"], bucket["2"]["value"])
        assert row[3] == pytest.approx(bucket["3"]["values"]["50.0"], rel=0.01)
        assert row[4] == pytest.approx(bucket["4"]["std_deviation"], rel=1e-9)
        assert row[5] == pytest.approx(bucket["5"]["values"]["100.0"] / 100, rel=0.01)


def test_tags_are_ranked_as_in_kibana(executor: Executor, source: Source) -> None:
    """A tag cloud has the top values in their order, with their counts."""
    table = first_table(executor.answer([question(document("shape-tagcloud"), source)])[0])
    buckets = recorded("tagcloud")["aggregations"]["0"]["buckets"]
    assert table.rows == tuple((bucket["key"], bucket["doc_count"]) for bucket in buckets)


def test_shares_are_made_of_counts(executor: Executor, source: Source) -> None:
    """A stacked percentage asks for the counts themselves: the drawing makes shares of them."""
    table = first_table(executor.answer([question(document("shape-xy-area-percentage"), source)])[0])
    wanted = [
        (outer["key"], inner["key"], inner["doc_count"])
        for outer in recorded("xy-area-percentage")["aggregations"]["0"]["buckets"]
        for inner in outer["1"]["buckets"]
    ]
    assert [(row[1], row[0], row[2]) for row in table.rows] == wanted


def test_a_trend_has_a_value_for_each_interval(executor: Executor, source: Source) -> None:
    """Beside the number of a tile stand its averages over time, those of empty intervals too."""
    table = first_table(executor.answer([question(document("shape-metric-breakdown-trend"), source)])[0])
    for row, bucket in zip(
        table.rows, recorded("metric-breakdown-trend.2")["aggregations"]["0"]["buckets"], strict=True
    ):
        assert row[0] == bucket["key"]
        wanted = [one["2"]["value"] for one in bucket["1"]["buckets"]]
        assert [value is None for value in row[2]] == [value is None for value in wanted]
        assert [value for value in row[2] if value is not None] == pytest.approx(
            [value for value in wanted if value is not None], rel=1e-9
        )


def test_a_gauge_has_its_ends(executor: Executor, source: Source) -> None:
    """The gauge of the ML dashboard has its average, and the ends that its document says."""
    table = first_table(executor.answer([question(document("model-performance-gauge"), source)])[0])
    wanted = recorded("model-performance")["aggregations"]["0"]["value"]
    assert table.rows == ((pytest.approx(wanted, rel=1e-12), 0, 1),)


@pytest.mark.parametrize("title", ["Inference latency trend", "Model distribution"])
def test_the_charts_of_the_ml_dashboard(title: str, executor: Executor, source: Source) -> None:
    """The trend and the pie have the points and slices that Kibana drew; P95 of an interval is exact."""
    chart = document(FIVE[title])
    answer = executor.answer([question(chart, source)])[0]
    wanted = facts_of_drawing(drawn("ml-model-monitoring-by-value", title))
    assert_same(facts_of_table(chart["type"], first_table(answer)), wanted)


@pytest.mark.parametrize("title", ["Resource utilization", "Average CPU", "Average memory"])
def test_the_tiles_of_the_ml_dashboard(title: str, executor: Executor, source: Source) -> None:
    """The tiles read as Kibana wrote them; those with a title of the panel's own hide their label."""
    table = first_table(executor.answer([question(document(FIVE[title]), source)])[0])
    wanted = drawn("ml-model-monitoring-by-value", title)["text"]
    assert words_of_tiles(table)[-len(wanted) :] == wanted


def test_the_table_of_the_ml_dashboard(executor: Executor, source: Source) -> None:
    """All rows that Kibana shows on the first page are there, word for word."""
    table = first_table(executor.answer([question(document(FIVE["Performance table"]), source)])[0])
    heads, rows = rows_of_words(drawn("ml-model-monitoring-by-value", "Performance table"), len(table.columns))
    assert [column.label for column in table.columns] == heads
    assert len(table.rows) == 15
    page = rows[:10]  # behind it stand the words of the paging
    assert len({row[:2] for row in page}) == 10
    assert set(page) <= set(words_of_table(table))


def test_filters_and_the_query_of_a_dashboard(executor: Executor, source: Source) -> None:
    """Its KQL, a list of values and a negated range narrow the pie to what Kibana drew; a disabled filter does not."""
    dashboard = document("ml-features.dashboard")
    asked = question(
        document("model-distribution"), source, queries=(dashboard["query"],), filters=tuple(dashboard["filters"])
    )
    wanted = facts_of_drawing(drawn("ml-features", "Model distribution"))
    assert_same(facts_of_table("pie", first_table(executor.answer([asked])[0])), wanted)


def test_a_range_of_its_own(executor: Executor, source: Source) -> None:
    """A panel of the last twelve hours has intervals of ten minutes, of which the recorded points are those inside."""
    dashboard = document("ml-features.dashboard")
    ends = (1795409708566, 1795452908566)
    asked = question(
        document("inference-latency-trend"),
        source,
        time_range=ends,
        queries=(dashboard["query"],),
        filters=tuple(dashboard["filters"]),
    )
    answer = executor.answer([asked])[0]
    assert isinstance(answer, Answer)
    assert answer.interval == "10m"
    wanted = facts_of_drawing(drawn("ml-features", "Inference latency trend"))
    assert_same(facts_of_table("xy", first_table(answer)), wanted)


def test_many_questions_are_answered_in_their_order(executor: Executor, source: Source) -> None:
    """One call answers a whole dashboard; what cannot be answered stands at its place."""
    charts = [document(f"shape-{shape}") for shape in SHAPES]
    charts.insert(3, {**charts[0], "type": "map"})
    answers = executor.answer([question(chart, source) for chart in charts])
    assert [isinstance(answer, Answer) for answer in answers] == [index != 3 for index in range(len(charts))]
    alone = executor.answer([question(charts[-1], source)])[0]
    assert isinstance(alone, Answer)
    last = answers[-1]
    assert isinstance(last, Answer)
    assert [one for one in last.layers if isinstance(one, Table)] == list(alone.layers)
