"""What Kibana computes itself of the buckets that came: the same for every executor.

Facts: the expression functions of Kibana (expressions plugin: derivative, moving_average, cumulative_sum,
overall_metric; Lens: counter_rate, time_scale, collapse; tinymath), and what was drawn by 8.12.2. Differences, moving
average and counter rate begin at the second bucket; a moving average leaves the current bucket out; what cannot be
computed (a division by zero, the root of a negative number, anything with a missing value) is no value.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.buckets import Row
from kibana_builder.preview.intervals import UNITS, end_of
from kibana_builder.preview.query import DateHistogram, Histogram, Query, Ranges

__all__ = ["Computed", "collapsed"]

Values: TypeAlias = list[Json]
"""One value for each row."""


@dataclass
class Computed:
    """Computes Lens's columns over the rows of one query; `base` says which metric of the query a column is."""

    query: Query
    rows: Sequence[Row]
    columns: Mapping[str, JsonObject]
    base: Mapping[str, int]
    now_ms: int

    def values(self, column_id: str) -> Values:
        """Give the values of a column."""
        column = self.columns[column_id]
        values = self._values(column_id, column)
        if "timeScale" in column:
            values = self._per_unit(values, column["timeScale"], column.get("reducedTimeRange"))
        return values

    def _values(self, column_id: str, column: JsonObject) -> Values:
        kind = column["operationType"]
        if column_id in self.base:
            return self._asked(self.base[column_id], column)
        if kind == "static_value":
            return [_whole(float(column["params"]["value"]))] * len(self.rows)
        if kind in ("time_range", "interval", "now"):
            return [self._constant(kind)] * len(self.rows)
        if kind == "math":
            return self._math(column["params"]["tinymathAst"])
        inner = self.values(column["references"][0])
        if kind == "normalize_by_unit":
            return self._per_unit(inner, column["params"]["unit"], None)
        over = _OVER_ROWS.get(kind)
        if over is None:  # a formula is what its last part is
            return inner
        result: Values = [None] * len(self.rows)
        for places in self._series(by_time_only=kind == "counter_rate"):
            for place, value in zip(places, over([inner[place] for place in places], column), strict=True):
                result[place] = value
        return result

    def _asked(self, index: int, column: JsonObject) -> Values:
        values = [row.values[index] for row in self.rows]
        if column.get("params", {}).get("emptyAsNull", False):
            return [None if value == 0 else value for value in values]
        if column["operationType"] == "percentile_rank":
            return [None if value is None else value / 100 for value in values]
        return values

    def _constant(self, kind: str) -> Json:
        if kind == "time_range":
            return self.query.time_range[1] - self.query.time_range[0]
        if kind == "now":
            return self.now_ms
        return None if self.query.interval is None else self.query.interval.milliseconds

    def _series(self, *, by_time_only: bool) -> list[list[int]]:
        """Part the rows into series: those with the same keys but for the time or number that goes along.

        Where there is neither, all rows are one series.
        """
        kinds = (DateHistogram,) if by_time_only else (DateHistogram, Histogram, Ranges)
        along = [index for index, bucket in enumerate(self.query.buckets) if isinstance(bucket, kinds)]
        along = along or list(range(len(self.query.buckets)))
        found: dict[tuple[Json, ...], list[int]] = {}
        for place, row in enumerate(self.rows):
            by = tuple(key for index, key in enumerate(row.keys) if index not in along)
            found.setdefault(by, []).append(place)
        return list(found.values())

    def _per_unit(self, values: Values, unit: str, reduced: str | None) -> Values:
        """Turn amounts into rates; a bucket that the time range cuts counts with the part inside."""
        begin, end = self.query.time_range
        found = next(
            ((index, one) for index, one in enumerate(self.query.buckets) if isinstance(one, DateHistogram)), None
        )
        if found is None:
            length = _length(reduced) if reduced is not None else end - begin
            return [_divided(value, length / UNITS[unit]) for value in values]
        index, bucket = found
        result: Values = []
        for row, value in zip(self.rows, values, strict=True):
            start = int(row.keys[index])  # type: ignore[arg-type]
            stop = end_of(start, bucket.interval, self.query.zone)
            result.append(_divided(value, (min(stop, end) - max(start, begin)) / UNITS[unit]))
        return result

    def _math(self, tree: Json) -> Values:
        inputs = {name: self.values(name) for name in _names(tree)}
        return [
            _computed(tree, {name: values[place] for name, values in inputs.items()}) for place in range(len(self.rows))
        ]


def _names(tree: Json) -> set[str]:
    if isinstance(tree, str):
        return {tree}
    return set().union(*map(_names, tree["args"])) if isinstance(tree, dict) else set()


def _length(words: str) -> float:
    text = words.replace(" ", "")
    return float(text[:-1]) * UNITS[text[-1]]


def _divided(value: Json, by: float) -> Json:
    return None if value is None or by == 0 else value / by


def _whole(number: float) -> float:
    return int(number) if number.is_integer() else number


# -------------------------------------------------------------------------------------------------- over several rows


def _differences(values: Values, _column: JsonObject) -> Values:
    pairs = zip([None, *values[:-1]], values, strict=True)
    return [None if value is None or before is None else value - before for before, value in pairs]


def _counter_rate(values: Values, _column: JsonObject) -> Values:
    """Say by how much a counter grew; one that is smaller than before began anew, from zero."""
    pairs = zip([None, *values[:-1]], values, strict=True)
    return [
        None if value is None or before is None else value - before if value >= before else value
        for before, value in pairs
    ]


def _moving_average(values: Values, column: JsonObject) -> Values:
    window = int(column.get("params", {}).get("window", 5))
    known: list[float] = []
    result: Values = []
    for value in values:
        result.append(sum(known) / len(known) if known and value is not None else None)
        if value is not None:
            known = [*known, value][-window:]
    return result


def _cumulative_sum(values: Values, _column: JsonObject) -> Values:
    total: float = 0
    result: Values = []
    for value in values:
        total += value or 0
        result.append(total)
    return result


def _overall(compute: Callable[[list[float]], float]) -> Callable[[Values, JsonObject], Values]:
    def over(values: Values, _column: JsonObject) -> Values:
        known = [value for value in values if value is not None]
        return [compute(known) if known else None] * len(values)

    return over


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


_OVER_ROWS: dict[str, Callable[[Values, JsonObject], Values]] = {
    "counter_rate": _counter_rate,
    "cumulative_sum": _cumulative_sum,
    "differences": _differences,
    "moving_average": _moving_average,
    "overall_average": _overall(_mean),
    "overall_max": _overall(max),
    "overall_min": _overall(min),
    "overall_sum": _overall(sum),
}


# ------------------------------------------------------------------------------------------------------------ formulas


def _computed(tree: Json, values: Mapping[str, Json]) -> Json:
    """Compute a formula's tree; no value where it cannot be."""
    try:
        result = _evaluated(tree, values)
    except (ArithmeticError, ValueError, TypeError):
        return None
    return result if result is None or math.isfinite(result) else None


def _evaluated(tree: Json, values: Mapping[str, Json]) -> Json:
    if isinstance(tree, str):
        return values[tree]
    if not isinstance(tree, dict):
        return tree
    name = tree["name"]
    computed = [_evaluated(argument, values) for argument in tree["args"]]  # both branches of a choice too
    if name == "defaults":
        return computed[1] if computed[0] is None else computed[0]
    if name == "ifelse":
        condition, left, right = computed
        return _chosen(condition, left, right)
    # Of what is missing, or true or false, nothing can be computed: neither a number nor the missing value itself.
    if any(value is None or isinstance(value, bool) or math.isnan(value) for value in computed):
        return math.nan
    return _MATH[name](*computed)


def _chosen(condition: Json, left: Json, right: Json) -> Json:
    if not isinstance(condition, bool):
        raise TypeError(condition)
    return left if condition else right


def _log(value: float, base: float = math.e) -> float:
    return math.log(value) / math.log(base)


def _round(value: float, decimals: float = 0) -> float:
    """Round halves up, as JavaScript does."""
    power = 10**decimals
    return math.floor(value * power + 0.5) / power


def _divide(left: float, right: float) -> float:
    return left / right


def _clamp(value: float, low: float, high: float) -> float:
    if low > high:
        raise ValueError("the ends of clamp are the wrong way round")
    return min(max(value, low), high)


_MATH: dict[str, Callable[..., float]] = {
    "abs": abs,
    "add": lambda left, right: left + right,
    "cbrt": math.cbrt,
    "ceil": math.ceil,
    "clamp": _clamp,
    "cube": lambda value: value**3,
    "divide": _divide,
    "eq": lambda left, right: left == right,
    "exp": math.exp,
    "fix": math.trunc,
    "floor": math.floor,
    "gt": lambda left, right: left > right,
    "gte": lambda left, right: left >= right,
    "log": _log,
    "lt": lambda left, right: left < right,
    "lte": lambda left, right: left <= right,
    "mod": math.fmod,
    "multiply": lambda left, right: left * right,
    "pick_max": max,
    "pick_min": min,
    "pow": math.pow,
    "round": _round,
    "sqrt": math.sqrt,
    "square": lambda value: value**2,
    "subtract": lambda left, right: left - right,
}


# ------------------------------------------------------------------------------------------------------------ collapse

_FOLDS: dict[str, Callable[[list[float]], float]] = {"sum": sum, "avg": _mean, "min": min, "max": max}


def collapsed(
    rows: Sequence[tuple[tuple[Json, ...], tuple[Json, ...]]], index: int, how: str
) -> list[tuple[tuple[Json, ...], tuple[Json, ...]]]:
    """Fold the rows `(keys, values)` that differ in the key `index` only into one each (Lens's collapse)."""
    groups: dict[tuple[Json, ...], list[tuple[Json, ...]]] = {}
    for keys, values in rows:
        groups.setdefault((*keys[:index], *keys[index + 1 :]), []).append(values)
    compute = _FOLDS[how]
    result = []
    for keys, several in groups.items():
        folded = []
        for column in zip(*several, strict=True):
            known = [value for value in column if isinstance(value, int | float)]
            folded.append(compute(known) if known else None)
        result.append((keys, tuple(folded)))
    return result
