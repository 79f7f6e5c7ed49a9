"""A query -> one statement of DuckDB's SQL for each time shift.

The statement goes level by level, as Elasticsearch does: from the events that match, each bucket makes a step (`b0`,
`b1`, …) that adds its key; terms first rank the values inside each bucket around them and then keep the top ones, put
the rest into "Other" or drop it. In a step stand for the level L the columns `k{L}` (the key), `f{L}` (0 for a value, 1
for missing, 2 for other) and `n{L}` (its rank, for the order of the rows).

Only the ranks are held in memory; the steps are not, so that a million events are read anew rather than copied.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import reduce

from kibana_builder.json_tree import Json
from kibana_builder.preview.dsl_sql import Conditions, Held, Parameters
from kibana_builder.preview.duckdb_metrics import metric_sql
from kibana_builder.preview.event_columns import (
    IN_SQL,
    EventColumn,
    EventTable,
    as_list,
    kind_of,
    sql_type,
    wider_kind,
)
from kibana_builder.preview.intervals import Interval, begin_of, moved_range, offsets
from kibana_builder.preview.query import (
    MISSING_WORD,
    DateHistogram,
    Filters,
    Histogram,
    Metric,
    Query,
    Ranges,
    Terms,
    Unanswerable,
)
from kibana_builder.preview.value_sql import quoted

__all__ = ["Statement", "extent_statement", "statement"]

FEW_WORDS = 1000
"""Up to so many words that stand in no other bucket are all ranked (StringTermsAggregatorFromFilters)."""
LATER = 2**31 - 1
"""The rank of "Other", behind all values."""

_MONTHS = {"M": "month", "q": "quarter", "y": "year"}
_EVER = (-(2**31) * 1000, 2**32 * 1000)
"""From 1901 to 2106, in epoch milliseconds: between these the clocks of zones are followed where no range says more."""
_REGEX_OF_LUCENE = re.compile(r'(?<!\\)[~&<>@#"]')


@dataclass(frozen=True)
class Statement:
    """SQL with its parameters; `metrics` are those of the query that stand behind the keys, in order."""

    sql: str
    parameters: Mapping[str, Json]
    metrics: tuple[Metric, ...]
    kinds: Mapping[str, str]
    """How the values of fields are held."""


def statement(query: Query, tables: Sequence[EventTable], shift: str | None, width: float, now_ms: int) -> Statement:
    """Give the statement for the metrics of one shift; `width` is that of a numeric histogram's buckets."""
    return _Statement(query, tables, now_ms, width).whole(shift)


def extent_statement(query: Query, tables: Sequence[EventTable], field: str, now_ms: int) -> Statement:
    """Give the statement for the smallest and the largest value of a field."""
    made = _Statement(query, tables, now_ms, 1.0)
    column = made.columns.get(field)
    value = made.value(field)
    low, high = (f"list_{end}({value})" if column is not None and column.many else value for end in ("min", "max"))
    sql = f"SELECT min({low}), max({high}) FROM ({made.matching(query.shifts, value)})"  # noqa: S608
    return Statement(sql, made.parameters.used_in(sql), (), made.kinds())


class _Statement:
    def __init__(self, query: Query, tables: Sequence[EventTable], now_ms: int, width: float) -> None:
        self.query = query
        self.tables = tables
        self.width = width
        self.made = {name: words for table in tables for name, words in table.made.items() if name in query.fields}
        self.columns = _unified(query, tables, self.made)
        self.parameters = Parameters()
        held = {name: Held(_own(name), column.kind, column.many) for name, column in self.columns.items()}
        self.conditions = Conditions(held, query.fields, self.parameters, now_ms)

    def whole(self, shift: str | None) -> Statement:
        query = self.query
        metrics = tuple(metric for metric in query.metrics if metric.shift == shift)
        steps: list[str] = []
        before = "b0"
        outer: dict[int, str] = {}
        for level, bucket in enumerate(query.buckets):
            if level > 0 and self.may_lose(level):
                outer[level] = before
            if level == query.split:
                before = self.part_of_shift(before, shift, steps)
            self.step(level, bucket, before, steps)
            before = f"b{level + 1}"
        if query.split == len(query.buckets):
            if len(query.shifts) > 1 and query.buckets:
                outer[query.split] = before
            before = self.part_of_shift(before, shift, steps)
        last = self.rows(metrics, before, outer)
        first = f"b0 AS NOT MATERIALIZED ({self.matching(query.shifts, ' '.join([*steps, last]))})"
        sql = f"WITH {', '.join([first, *steps])} {last}"
        return Statement(sql, self.parameters.used_in(sql), metrics, self.kinds())

    def rows(self, metrics: Sequence[Metric], source: str, outer: Mapping[int, str]) -> str:
        """Give the last part of the statement: keys, flags, `d`, and the metrics.

        `d` is NULL, but for a row that only says that there is an outer bucket, of so many levels: it may have events
        though none of its inner buckets has. `outer` says of which levels there are such, and from which step.
        """
        levels = range(len(self.query.buckets))
        keys = [f"{letter}{level}" for letter in "kf" for level in levels]
        ranks = [f"n{level}" for level in levels]
        source, conditions = self.with_conditions(source, metrics)
        values = [f"{self.metric(metric, conditions)} AS m{number}" for number, metric in enumerate(metrics)]
        groups = [*keys, *ranks]
        ending = f" GROUP BY {', '.join(groups)}" if groups else ""
        parts = [f"SELECT {', '.join([*groups, 'NULL::INT AS d', *values])} FROM {source}{ending}"]  # noqa: S608
        for level, step in outer.items():
            known = ", ".join(f"{letter}{inner}" for letter in "kfn" for inner in range(level))
            parts.append(f"SELECT {known}, {level} AS d FROM {step} GROUP BY {known}")  # noqa: S608
        wanted = ", ".join([*keys, "d", *(f"m{number}" for number in range(len(metrics)))])
        order = f" ORDER BY {', '.join(ranks)}" if ranks else ""
        return f"SELECT {wanted} FROM ({' UNION ALL BY NAME '.join(parts)}){order}"  # noqa: S608

    def may_lose(self, level: int) -> bool:
        """Tell whether an outer bucket counts though this level has none of its events.

        It does where this level has empty buckets, where the events of several time ranges part, and for "Other" of
        this level or one around it, which is nowhere if it is not everywhere.
        """
        bucket, shifts = self.query.buckets[level], self.query.shifts
        if isinstance(bucket, DateHistogram) and bucket.field in self.query.time_fields and len(shifts) == 1:
            return False
        others = (isinstance(one, Terms) and one.other for one in self.query.buckets[1 : level + 1])
        return not isinstance(bucket, Terms) or any(others)

    def kinds(self) -> dict[str, str]:
        return {name: column.kind for name, column in self.columns.items()}

    # -------------------------------------------------------------------------------------------------- documents

    def matching(self, shifts: Sequence[str | None], rest: str) -> str:
        """Give the events that match the query's conditions, in any of the shifted time ranges.

        They have the columns that the rest of the statement speaks of.
        """
        columns = [_own(name) for name in self.columns if _own(name) in rest]
        conditions = [self.conditions.sql(one) for one in self.query.where]
        ranges = [self.in_range(shift) for shift in shifts]
        conditions.append(f"({' OR '.join(ranges)})")
        for name, words in self.made.items():
            if _own(name) in rest or any(_own(name) in one for one in conditions):
                raise Unanswerable(f"{name} {words}, which kbuild cannot answer from its own events")
        wanted = ", ".join(columns) or "1 AS nothing"
        return f"SELECT {wanted} FROM ({self.events()}) WHERE {' AND '.join(conditions)}"  # noqa: S608

    def in_range(self, shift: str | None) -> str:
        begin, end = moved_range(self.query.time_range, shift, self.query.zone)
        ranges = [{"range": {name: {"gte": begin, "lte": end}}} for name in self.query.time_fields]
        parts = [self.conditions.sql(one) for one in ranges]
        return " AND ".join(parts) or "TRUE"

    def part_of_shift(self, before: str, shift: str | None, steps: list[str]) -> str:
        if self.query.shifts == (shift,):
            return before
        steps.append(f"s AS NOT MATERIALIZED (SELECT * FROM {before} WHERE {self.in_range(shift)})")  # noqa: S608
        return "s"

    def events(self) -> str:
        """Give the events of all tables with columns that are named like the fields, of one type each."""
        parts = []
        for table in self.tables:
            columns = [f"{_as(_column(table, name), column)} AS {_own(name)}" for name, column in self.columns.items()]
            parts.append(f"SELECT {', '.join(columns) or '1 AS nothing'} FROM {quoted(table.name)}")  # noqa: S608
        return " UNION ALL ".join(parts)

    def value(self, name: str) -> str:
        """Give the SQL of a field, one value or several; that of nothing where no event has it."""
        return _own(name) if name in self.columns else "NULL"

    def single(self, name: str) -> str:
        """Give the SQL of a field of which an event has one value at most."""
        if name in self.columns and self.columns[name].many:
            raise Unanswerable(f"{name} has several values in an event: kbuild computes with one only")
        return self.value(name)

    # -------------------------------------------------------------------------------------------------- buckets

    def step(self, level: int, bucket: object, before: str, steps: list[str]) -> None:
        match bucket:
            case DateHistogram():
                self.keyed(level, bucket.field, lambda value: self.date_key(bucket, value), before, steps)
            case Histogram():
                width = self.parameters.add(self.width)
                self.keyed(
                    level, bucket.field, lambda v: f"CAST(floor({v} / {width}::DOUBLE) AS BIGINT)", before, steps
                )
            case Ranges():
                bounds = [self.in_bounds(bucket.field, low, high) for low, high, _ in bucket.ranges]
                self.several(level, bounds, before, steps)
            case Filters():
                self.several(level, [self.conditions.sql(one) for _, one in bucket.filters], before, steps)
            case Terms():
                self.terms(level, bucket, before, steps)

    def keyed(self, level: int, field: str, key: Callable[[str], str], before: str, steps: list[str]) -> None:
        """Add a level whose key is computed of a field's value; its rank is the key itself.

        An event with several values is in the bucket of each.
        """
        column = self.columns.get(field)
        name = self.value(field)
        if column is not None and column.many:
            keys = f"unnest(list_distinct(list_transform({name}, lambda v: {key('v')})))"
            source, condition = f"(SELECT *, {keys} AS k{level} FROM {before})", "TRUE"  # noqa: S608
        else:
            source, condition = f"(SELECT *, {key(name)} AS k{level} FROM {before})", f"{name} IS NOT NULL"  # noqa: S608
        steps.append(
            f"b{level + 1} AS NOT MATERIALIZED (SELECT *, 0 AS f{level}, k{level} AS n{level} "  # noqa: S608
            f"FROM {source} WHERE {condition})"
        )

    def several(self, level: int, conditions: Sequence[str], before: str, steps: list[str]) -> None:
        """Add a level of which an event may be in several buckets."""
        parts = [
            f"SELECT *, {number} AS k{level}, 0 AS f{level}, {number} AS n{level} FROM {before} WHERE {condition}"  # noqa: S608
            for number, condition in enumerate(conditions)
        ]
        steps.append(f"b{level + 1} AS NOT MATERIALIZED ({' UNION ALL '.join(parts)})")

    def in_bounds(self, field: str, low: float | None, high: float | None) -> str:
        column = self.columns.get(field)
        if column is None:
            return "FALSE"
        ends = [(">=", low), ("<", high)]
        bounds = [(sign, self.parameters.add(end)) for sign, end in ends if end is not None]
        return Conditions.within(Held(_own(field), column.kind, column.many), bounds)

    def date_key(self, bucket: DateHistogram, name: str) -> str:
        """Give where an event's bucket begins, in epoch milliseconds.

        Between two changes of the clocks it is counted in local time; a bucket that a change lies in begins where
        begin_of says.
        """
        zone, interval = self.query.zone, bucket.interval
        if zone is UTC:
            return _floored(name, interval, 0)
        first, last = _span(self.query, bucket)
        known = offsets(first, last, zone)
        cases = []
        change = None
        for until, offset in known:
            key = _floored(name, interval, offset)
            if change is not None:
                key = f"CASE WHEN {key} <= {change} THEN {begin_of(change, interval, zone)} ELSE {key} END"
            cases.append((until, key))
            change = until
        whens = "".join(f" WHEN {name} < {until} THEN {key}" for until, key in cases[:-1])
        return f"CASE{whens} ELSE {cases[-1][1]} END" if whens else cases[-1][1]

    def terms(self, level: int, bucket: Terms, before: str, steps: list[str]) -> None:
        """Add a level of top values: `x` gives each event its value, `r` ranks them, `b` keeps the top."""
        around = [f"{letter}{outer}" for outer in range(level) for letter in "kf"]
        names = [self.value(name) for name in bucket.fields]
        many = len(names) == 1 and names[0] != "NULL" and self.columns[bucket.fields[0]].many
        key, source = self.term_key(level, bucket, names, before, many=many)
        missing = " OR ".join(f"{name} IS NULL" for name in ([key] if len(names) == 1 else names))
        condition = "" if bucket.missing or bucket.loose else f" WHERE NOT ({missing})"
        steps.append(
            f"x{level} AS NOT MATERIALIZED (SELECT *, {key} AS v{level}, "  # noqa: S608
            f"CASE WHEN {missing} THEN 1 ELSE 0 END AS m{level} FROM {source}{condition})"
        )
        groups = [*around, f"v{level}", f"m{level}"]
        partition = f"PARTITION BY {', '.join(around)} " if around else ""
        having = f" HAVING count(*) <= {self.parameters.add(bucket.rare)}" if bucket.rare is not None else ""
        ranked = () if bucket.order.metric is None else (bucket.order.metric,)
        source, conditions = self.with_conditions(f"x{level}", ranked)
        value = self.ranking(bucket, conditions)
        grouped = (
            f"SELECT {', '.join(groups)}, {value} AS o, count({value}) OVER ({partition}) AS known, "  # noqa: S608
            f"count(*) OVER ({partition}) AS several FROM {source} "
            f"WHERE {self.candidates(level, bucket)} GROUP BY {', '.join(groups)}{having}"
        )
        steps.append(
            f"r{level} AS MATERIALIZED (SELECT {', '.join(groups)}, row_number() OVER ({partition}ORDER BY "  # noqa: S608
            f"{self.order(level, bucket)}) AS r FROM ({grouped}))"
        )
        top = "" if bucket.rare is not None else f" WHERE r <= {self.parameters.add(bucket.size)}"
        steps.append(f"t{level} AS MATERIALIZED (SELECT * FROM r{level}{top})")  # noqa: S608
        if bucket.other and many:
            self.others_of_lists(level, bucket, before, steps)
        else:
            self.kept(level, bucket, groups, steps)

    def kept(self, level: int, bucket: Terms, groups: Sequence[str], steps: list[str]) -> None:
        """Keep the top values, and put the rest into "Other" if something is beyond the limit anywhere."""
        same = " AND ".join(f"x.{name} IS NOT DISTINCT FROM t.{name}" for name in groups)
        chosen = (
            f"CASE WHEN t.r IS NULL THEN NULL ELSE x.v{level} END AS k{level}, "
            f"CASE WHEN t.r IS NULL THEN 2 ELSE x.m{level} END AS f{level}, coalesce(t.r, {LATER}) AS n{level}"
        )
        condition = f" WHERE t.r IS NOT NULL OR {self.beyond(level, bucket)}" if bucket.other else ""
        steps.append(
            f"b{level + 1} AS NOT MATERIALIZED (SELECT x.*, {chosen} FROM x{level} AS x "  # noqa: S608
            f"{'LEFT ' if bucket.other else ''}JOIN t{level} AS t ON {same}{condition})"
        )

    def others_of_lists(self, level: int, bucket: Terms, before: str, steps: list[str]) -> None:
        """Do the same where an event may have several values: those with a top value are not among the others."""
        around = [f"{letter}{outer}" for outer in range(level) for letter in "kf"]
        same = [f"x.{name} IS NOT DISTINCT FROM t.{name}" for name in (*around, f"v{level}", f"m{level}")]
        field = _own(bucket.fields[0])
        has = [f"s.{name} IS NOT DISTINCT FROM t.{name}" for name in around]
        has.append(f"(list_contains(s.{field}, t.v{level}) OR (t.m{level} = 1 AND coalesce(len(s.{field}), 0) = 0))")
        present = "" if bucket.loose else f" AND len(s.{field}) > 0"
        steps.append(
            f"b{level + 1} AS NOT MATERIALIZED (SELECT x.*, x.v{level} AS k{level}, x.m{level} AS f{level}, "  # noqa: S608
            f"t.r AS n{level} "
            f"FROM x{level} AS x JOIN t{level} AS t ON {' AND '.join(same)} UNION ALL BY NAME "
            f"SELECT s.*, NULL AS k{level}, 2 AS f{level}, {LATER} AS n{level} FROM {before} AS s WHERE "
            f"NOT EXISTS (SELECT 1 FROM t{level} AS t WHERE {' AND '.join(has)}) "
            f"AND {self.beyond(level, bucket)}{present})"
        )

    def beyond(self, level: int, bucket: Terms) -> str:
        return f"(SELECT max(r) FROM r{level}) > {self.parameters.add(bucket.size)}"  # noqa: S608

    def term_key(self, level: int, bucket: Terms, names: Sequence[str], before: str, *, many: bool) -> tuple[str, str]:
        """Give the key of terms and what it is taken from."""
        if len(names) > 1:
            for name in bucket.fields:
                self.single(name)
            packed = ", ".join(f"c{place} := {name}" for place, name in enumerate(names))
            return f"struct_pack({packed})", before
        if not many:
            return names[0], before
        key = f"u{level}"
        lists = f"CASE WHEN len({names[0]}) > 0 THEN list_distinct({names[0]}) ELSE [NULL] END"
        return key, f"(SELECT *, unnest({lists}) AS {key} FROM {before})"  # noqa: S608

    def candidates(self, level: int, bucket: Terms) -> str:
        """Give the condition of the values that may become top values."""
        conditions = [] if bucket.missing else [f"m{level} = 0"]
        if bucket.include:
            conditions.append(self.among(level, bucket, bucket.include, regex=bucket.include_is_regex))
        if bucket.exclude:
            excluded = self.among(level, bucket, bucket.exclude, regex=bucket.exclude_is_regex)
            conditions.append(f"(v{level} IS NULL OR NOT {excluded})")
        return " AND ".join(conditions) or "TRUE"

    def among(self, level: int, bucket: Terms, values: Sequence[str], *, regex: bool) -> str:
        name = bucket.fields[0]
        if name not in self.columns:
            return "FALSE"
        held = Held(f"v{level}", self.columns[name].kind)
        if not regex:
            ends = (self.conditions.bound(name, held, value, up=False, zone=UTC) for value in values)
            return f"{held.sql} IN ({', '.join(ends)})"
        if held.kind != "string":
            raise Unanswerable(f"{name}: an expression for values can be asked of texts only")
        for value in values:
            if _REGEX_OF_LUCENE.search(value):
                raise Unanswerable(f"the regular expression {value} uses more than kbuild knows of Lucene's")
        whole = "|".join(f"(?:{value})" for value in values)
        return f"regexp_full_match({held.sql}, {self.parameters.add(whole)})"

    def ranking(self, bucket: Terms, conditions: Mapping[str, str]) -> str:
        """Give the number that values are ranked by."""
        if bucket.order.by == "key":
            return "0"
        return "count(*)" if bucket.order.metric is None else self.metric(bucket.order.metric, conditions)

    def order(self, level: int, bucket: Terms) -> str:
        """Give the order of values by their number `o`; ties are in the order of the values themselves.

        Documents without a value stand where Kibana's word for them would. What has no number ranks as Elasticsearch
        has it: above all others, but it is no candidate where enough others are, unless the values are few words.
        """
        order = bucket.order
        direction = "DESC" if order.descending else "ASC"
        key = f"coalesce(v{level}, {self.parameters.add(MISSING_WORD)})" if bucket.missing else f"v{level}"
        if order.by == "key":
            return f"{key} {direction}"
        nulls = "LAST" if order.descending == (order.metric is not None and order.metric.least_is_nothing) else "FIRST"
        ranked = f"o {direction} NULLS {nulls}, {key}"
        if order.metric is None or order.metric.infinite:
            return ranked
        no_candidate = f"o IS NULL AND known >= {self.parameters.add(bucket.candidates)}"
        if level == 0 and [self.columns[name].kind for name in bucket.fields if name in self.columns] == ["string"]:
            no_candidate += f" AND several > {FEW_WORDS}"
        return f"{no_candidate}, {ranked}"

    # -------------------------------------------------------------------------------------------------- metrics

    def with_conditions(self, source: str, metrics: Sequence[Metric]) -> tuple[str, dict[str, str]]:
        """Give what metrics are computed from, with a column for each of their conditions, and the columns' names.

        A metric speaks of its condition more than once; so it is looked at once for each event.
        """
        wheres = dict.fromkeys(one.where for one in metrics if one.where is not None)
        names = {where: f"w{number}" for number, where in enumerate(wheres)}
        if not names:
            return source, names
        columns = ", ".join(f"{self.conditions.sql(json.loads(where))} AS {name}" for where, name in names.items())
        return f"(SELECT *, {columns} FROM {source})", names  # noqa: S608

    def metric(self, metric: Metric, conditions: Mapping[str, str]) -> str:
        condition = "" if metric.where is None else conditions[metric.where]
        held = self.conditions.columns.get(metric.field or "")
        time = self.single(metric.sort_field) if metric.sort_field is not None else ""
        return metric_sql(metric, held, condition, self.parameters, time)


def _floored(name: str, interval: Interval, offset: int) -> str:
    """Give the beginning of a bucket where the clocks are so far ahead of UTC."""
    if interval.calendar and interval.unit in _MONTHS:
        local = f"make_timestamp(({name} + {offset}) * 1000)"
        return f"(epoch_ms(date_trunc('{_MONTHS[interval.unit]}', {local})) - {offset})"
    length, origin = interval.milliseconds, interval.origin - offset
    return f"(CAST(floor(({name} - {origin}) / {length}.0) AS BIGINT) * {length} + {origin})"


def _span(query: Query, bucket: DateHistogram) -> tuple[int, int]:
    """Give the times between which the buckets of a date histogram can begin and its events lie."""
    if bucket.field not in query.time_fields:
        return _EVER
    ends = [moved_range(query.time_range, shift, query.zone) for shift in (None, *query.shifts)]
    longest = bucket.interval.milliseconds * 2
    return min(begin for begin, _ in ends) - longest, max(end for _, end in ends) + 1


def _own(name: str) -> str:
    """Give the name that a field has in a statement: with a point before it, so that no helper has it."""
    return quoted(f".{name}")


def _column(table: EventTable, name: str) -> EventColumn | None:
    """Find a field's column; a field inside another (`name.keyword`) is held with that."""
    return table.columns.get(name) or table.columns.get(name.rpartition(".")[0])


def _unified(query: Query, tables: Sequence[EventTable], made: Collection[str]) -> dict[str, EventColumn]:
    """Give for each field the type that fits its columns in all tables; those whose values are made have one too."""
    found: dict[str, EventColumn] = {}
    for name in query.fields:
        columns = [column for column in (_column(table, name) for table in tables) if column is not None]
        if columns:
            kind = reduce(wider_kind, (column.kind for column in columns))
            found[name] = EventColumn(name, kind, any(column.many for column in columns))
        elif name in made:
            found[name] = EventColumn(name, kind_of(query.fields[name].type))
    return found


def _as(held: EventColumn | None, wanted: EventColumn) -> str:
    """Give a column's values in the wanted type."""
    if held is None:
        return f"NULL::{sql_type(wanted)}"
    name = quoted(held.name)
    if held.many == wanted.many:
        return name if held.kind == wanted.kind else f"CAST({name} AS {sql_type(wanted)})"
    return as_list(f"CAST({name} AS {IN_SQL[wanted.kind]})")
