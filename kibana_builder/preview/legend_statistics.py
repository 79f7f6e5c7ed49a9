"""The numbers of each series that the legend of an xy chart shows beside its name.

They are those of elastic-charts, from the values that are drawn (state/utils/get_legend_values.ts and
common/aggregations.ts): what a fitting filled does not count, variance and deviation are those of a sample, and the
difference in percent is a share of the last value. Words and order of the names are those of its legend's table
(common/legend.ts).
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence

from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.formats import number_text
from kibana_builder.preview.series import Point, Series

__all__ = ["CURRENT", "statistics_of"]

CURRENT = "current_and_last_value"
"""The value that is pointed at, else the last one; the only statistic that Kibana 8.12 has."""
FORMATS: dict[str, JsonObject | None] = {
    "difference_percentage": {"type": "percent", "decimals": 1},
    "count": None,
    "distinct_count": None,
}
"""The formats of what is not in the unit of the values; elastic-charts writes the two counts in it, too."""


def _difference(values: Sequence[float]) -> float:
    return values[-1] - values[0]


def _share_of_last(values: Sequence[float]) -> float | None:
    return _difference(values) / values[-1] if values[-1] else None


TITLES = {
    "min": "Min",
    "max": "Max",
    "avg": "Avg",
    "median": "Median",
    "range": "Range",
    "last_value": "Last",
    "last_non_null_value": "Last non-null",
    "first_value": "First",
    "first_non_null_value": "First non-null",
    "difference": "Diff",
    "difference_percentage": "Diff %",
    "count": "Count",
    "total": "Total",
    "standard_deviation": "Std dev",
    "variance": "Variance",
    "distinct_count": "Dist Count",
    CURRENT: "Value",
}
COMPUTED: dict[str, Callable[[Sequence[float]], float | None]] = {
    "min": min,
    "max": max,
    "avg": statistics.fmean,
    "median": statistics.median,
    "range": lambda values: max(values) - min(values),
    "last_non_null_value": lambda values: values[-1],
    "first_non_null_value": lambda values: values[0],
    "difference": _difference,
    "difference_percentage": _share_of_last,
    "count": len,
    "total": sum,
    "standard_deviation": lambda values: statistics.stdev(values) if len(values) > 1 else None,
    "variance": lambda values: statistics.variance(values) if len(values) > 1 else None,
    "distinct_count": lambda values: len(set(values)),
}
"""What is computed of the known values of a series, of which there is one at least."""


def statistics_of(
    one: Series, names: Sequence[str], ends: tuple[float, float], share_format: JsonObject | None
) -> list[tuple[str, str]]:
    """Give title and text of each statistic of a series; a text is empty where there is no such number.

    `ends` are the first and the last place of the chart's x axis that has data; `share_format` is the format of a
    series that shows shares of a whole, which counts with what is drawn of it.
    """
    values: dict[float, float] = {}
    for point in one.points:
        number = _drawn(point, share=share_format is not None)
        if number is not None and isinstance(point.x, int | float):
            values[point.x] = number
    return [(TITLES[name], _text(name, values, ends, share_format or one.column.format)) for name in names]


def _drawn(point: Point, *, share: bool) -> float | None:
    if point.value is None or point.filled:
        return None
    return (point.high or 0.0) - point.low if share else point.value


def _text(name: str, values: dict[float, float], ends: tuple[float, float], number_format: JsonObject | None) -> str:
    first, last = ends
    if name in COMPUTED:
        number = COMPUTED[name](list(values.values())) if values else None
    else:
        number = values.get(first if name == "first_value" else last)
    if number is None:
        return ""
    return number_text(number, FORMATS.get(name, number_format))
