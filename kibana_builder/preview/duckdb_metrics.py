"""A metric -> what DuckDB computes of a group of events.

Of a field of which an event may have several values, which is held as lists, all values count.
"""

from __future__ import annotations

from dataclasses import dataclass

from kibana_builder.preview.dsl_sql import Held, Parameters
from kibana_builder.preview.query import Metric, Unanswerable

__all__ = ["metric_sql"]


def metric_sql(metric: Metric, held: Held | None, condition: str, parameters: Parameters, time: str) -> str:
    """Give the SQL of a metric.

    `held` says how its field's values are held, None where there are none; `condition` is the SQL of what its events
    have to match, empty for all; `time` that of the field which says what is the last. Raises Unanswerable.
    """
    if metric.kind == "count" and metric.field is None:
        return f"count(*){_filter(condition)}"
    if held is None:
        return "NULL" if metric.nothing is None else "0"
    if held.many:
        return _of_lists(metric, held.sql, held.kind, condition, parameters, time)
    return _of_values(metric, held.sql, condition, parameters, time)


def _of_values(metric: Metric, value: str, condition: str, parameters: Parameters, time: str) -> str:
    parameter = metric.parameter or 0
    match metric.kind:
        case "percentile":
            return f"quantile_cont({value}, {parameter / 100!r}){_filter(condition)}"
        case "percentile_rank":
            return _rank(_values(value, parameters.add(float(parameter)), condition))
        case "last_value":
            # The newest event's, also where that has none: who wants another asks for events with the field.
            return f"arg_max_null({value}, {time}){_filter(condition)}"
    computed = {
        "count": f"count({value})",
        "sum": f"fsum({value})",
        "average": f"favg({value})",
        "min": f"min({value})",
        "max": f"max({value})",
        "standard_deviation": f"stddev_pop({value})",
        "unique_count": f"count(DISTINCT {value})",
    }[metric.kind] + _filter(condition)
    return f"coalesce({computed}, 0)" if metric.kind == "sum" else computed


def _of_lists(metric: Metric, value: str, kind: str, condition: str, parameters: Parameters, time: str) -> str:
    # Elasticsearch keeps a word that an event has twice once.
    kept = f"list_distinct({value})" if kind in ("string", "ip") else value
    every, where, parameter = f"flatten(list({value}){_filter(condition)})", _filter(condition), metric.parameter or 0
    match metric.kind:
        case "percentile_rank":
            return _rank(_listed(every, parameters.add(float(parameter))))
        case "last_value" if not metric.several:
            raise Unanswerable(f"the last value of {metric.field}, which has several values in an event")
    return {
        "count": f"coalesce(sum(len({kept})){where}, 0)",
        "sum": f"coalesce(fsum(list_sum({value})){where}, 0)",
        "average": f"fsum(list_sum({value})){where} / nullif(sum(len({value})){where}, 0)",
        "min": f"min(list_min({value})){where}",
        "max": f"max(list_max({value})){where}",
        "percentile": f"list_aggregate({every}, 'quantile_cont', {parameter / 100!r})",
        "standard_deviation": f"list_aggregate({every}, 'stddev_pop')",
        "last_value": f"arg_max_null(list_sort({kept}), {time}){where}",
        "unique_count": f"coalesce(len(list_distinct({every})), 0)",
    }[metric.kind]


def _filter(condition: str) -> str:
    return f" FILTER (WHERE {condition})" if condition else ""


# --------------------------------------------------------------------------------------------------------------- ranks


@dataclass(frozen=True)
class _Ranked:
    """SQL of what a rank is computed of: the two values next to `at` on each side, and how many there are."""

    at: str
    below: str
    above: str
    least: str
    count: str
    reached: str
    equal: str


def _values(value: str, at: str, condition: str) -> _Ranked:
    """Look at one value in each event."""

    def where(one: str) -> str:
        return _filter(f"{condition} AND {one}" if condition else one)

    return _Ranked(
        at,
        below=f"max({value}, 2){where(f'{value} <= {at}')}",
        above=f"min({value}, 2){where(f'{value} > {at}')}",
        least=f"min({value}){_filter(condition)}",
        count=f"count({value}){_filter(condition)}",
        reached=f"count({value}){where(f'{value} <= {at}')}",
        equal=f"count({value}){where(f'{value} = {at}')}",
    )


def _listed(values: str, at: str) -> _Ranked:
    """Look at a list of all values."""

    def some(sign: str) -> str:
        return f"list_filter({values}, lambda v: v {sign} {at})"

    return _Ranked(
        at,
        below=f"list_aggregate({some('<=')}, 'max', 2)",
        above=f"list_aggregate({some('>')}, 'min', 2)",
        least=f"list_min({values})",
        count=f"coalesce(len({values}), 0)",
        reached=f"coalesce(len({some('<=')}), 0)",
        equal=f"len({some('=')})",
    )


def _rank(of: _Ranked) -> str:
    """Give the share of values below a given one, in per cent, as Elasticsearch has it of few values.

    Each value counts evenly over the room around it, up to the middle between it and its neighbours; the smallest
    and the largest count by half at their own place (measured on Elasticsearch 9.4).
    """
    at, below, above, equal = of.at, of.below, of.above, f"{of.equal} / 2.0"
    middle = f"(({below})[1] + ({above})[1]) / 2"
    left = f"coalesce((({below})[1] + ({below})[2]) / 2, 2 * ({below})[1] - {middle})"
    right = f"coalesce((({above})[1] + ({above})[2]) / 2, 2 * ({above})[1] - {middle})"
    rank = (
        f"CASE WHEN {of.reached} = 0 THEN 0 WHEN {of.least} = {at} THEN {equal} "
        f"WHEN {of.reached} = {of.count} THEN {of.count} - {equal} "
        f"WHEN {at} < {middle} THEN {of.reached} - 1 + ({at} - {left}) / ({middle} - {left}) "
        f"ELSE {of.reached} + ({at} - {middle}) / ({right} - {middle}) END"
    )
    return f"100.0 * ({rank}) / nullif({of.count}, 0)"
