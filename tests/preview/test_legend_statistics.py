"""The numbers of a legend: what is computed of a series, in the words of elastic-charts."""

from __future__ import annotations

import pytest

from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.answer import Column
from kibana_builder.preview.legend_statistics import statistics_of
from kibana_builder.preview.series import Point, Series, fitted

BYTES: JsonObject = {"type": "bytes", "decimals": 0}


def series(*values: float | None, number_format: JsonObject | None = None) -> Series:
    column = Column("y[0]", "Sum", "number", number_format)
    return Series("Sum", "#000000", "line", "y", column, points=[Point(at, one) for at, one in enumerate(values)])


@pytest.mark.parametrize(
    ("name", "title", "text"),
    [
        ("min", "Min", "0"),
        ("max", "Max", "8"),
        ("avg", "Avg", "4"),
        ("median", "Median", "4"),
        ("range", "Range", "8"),
        ("last_value", "Last", ""),
        ("current_and_last_value", "Value", ""),
        ("last_non_null_value", "Last non-null", "8"),
        ("first_value", "First", "2"),
        ("first_non_null_value", "First non-null", "2"),
        ("difference", "Diff", "6"),
        ("difference_percentage", "Diff %", "75.0%"),
        ("count", "Count", "5"),
        ("total", "Total", "20"),
        ("standard_deviation", "Std dev", "3.162"),
        ("variance", "Variance", "10"),
        ("distinct_count", "Dist Count", "5"),
    ],
)
def test_each_statistic(name: str, title: str, text: str) -> None:
    """What is missing does not count, and the last value is the one at the end of the chart, be it missing."""
    assert statistics_of(series(2, 4, None, 6, 0, 8, None), [name], (0, 6), None) == [(title, text)]


def test_numbers_have_the_unit_of_the_values_but_for_counts_and_shares() -> None:
    """An average of bytes is bytes; how many values there are is not."""
    names = ["avg", "count", "difference_percentage"]
    found = statistics_of(series(1024, 3072, number_format=BYTES), names, (0, 1), None)
    assert found == [("Avg", "2KB"), ("Count", "2"), ("Diff %", "66.7%")]


def test_what_cannot_be_computed_is_empty() -> None:
    """One value has no deviation, none has nothing, and zero has no share of a difference."""
    assert statistics_of(series(0), ["standard_deviation", "difference_percentage"], (0, 0), None) == [
        ("Std dev", ""),
        ("Diff %", ""),
    ]
    assert statistics_of(series(None), ["min", "count"], (0, 0), None) == [("Min", ""), ("Count", "")]


def test_what_a_fitting_filled_does_not_count() -> None:
    """The statistics are those of what was measured."""
    one = series(1, None, 3)
    one.points = fitted(one.points, {"type": "nearest"})
    assert statistics_of(one, ["count", "median"], (0, 2), None) == [("Count", "2"), ("Median", "2")]
