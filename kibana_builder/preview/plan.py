"""A chart and what stands around it -> the queries of its layers, and the columns that are made of their answers.

What an operation means is taken from the columns that Lens would have for it (charts/columns.py): the parts of a
formula, what differences are computed of, what ranks terms, and Kibana's own words for labels. So the preview answers
what the compiled dashboard asks.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kibana_builder.charts.columns import RECORDS, bucket_column, metric_columns
from kibana_builder.charts.filters import from_kibana_query
from kibana_builder.errors import KbuildError
from kibana_builder.json_tree import JsonObject, compact
from kibana_builder.kql import DATES, Fields
from kibana_builder.preview.annotations import Annotations, planned_annotations
from kibana_builder.preview.answer import Column
from kibana_builder.preview.answer_columns import NUMBERS, group_column, metric_column, shown_kind
from kibana_builder.preview.asking import Question, Source
from kibana_builder.preview.dsl_sql import TEXTS
from kibana_builder.preview.event_columns import kind_of
from kibana_builder.preview.filters import filters_dsl, query_dsl
from kibana_builder.preview.intervals import Interval, automatic, interval_of, moved, moved_range, scaled, zone_name
from kibana_builder.preview.parts import Part, over_time, parts_of
from kibana_builder.preview.query import (
    Bucket,
    DateHistogram,
    Filters,
    Histogram,
    Metric,
    Order,
    Query,
    Ranges,
    Terms,
    Unanswerable,
)
from kibana_builder.problem import NotExpressible

__all__ = ["Layer", "Planned", "plan"]

WHOLE_NUMBERS = ("long", "integer", "short", "byte")
GROUPED = (
    *("keyword", "constant_keyword", "wildcard", "version", "flattened", "boolean", "ip", "murmur3"),
    *(*NUMBERS, *DATES),
)
"""What terms can be taken of."""
ANY_KIND = ("count", "unique_count", "last_value")
OF_DATES_TOO = ("min", "max")
AUTO_BARS = 499.5
"""How many bars a numeric histogram may have where nobody says: half of `histogram:maxBars` less one, as in Lens."""


@dataclass(frozen=True)
class Layer:
    """A layer that can be asked, and how its table is made of what comes."""

    part: Part
    query: Query
    columns: Mapping[str, JsonObject]
    """The metrics as Lens's columns, with those that they are computed of, by id."""
    base: Mapping[str, int]
    """Which metric of the query a column is, for those that are asked for."""
    shown: tuple[tuple[str, Column], ...]
    """The columns of the answer that are metrics, by id."""
    groups: tuple[Column, ...]
    """Those that are buckets, in the query's order."""
    trend: Layer | None = None
    collapse: Mapping[int, str] = field(default_factory=dict)
    """Which buckets are folded into one, and how (sum, avg, min, max)."""

    @property
    def interval(self) -> Interval | None:
        return self.query.interval

    @property
    def queries(self) -> tuple[Query, ...]:
        """What has to be asked for its table: reference lines at fixed values need no event at all."""
        own = (self.query,) if self.query.buckets or self.query.metrics else ()
        return own if self.trend is None else (*own, *self.trend.queries)


FieldsOf = Callable[[str], Fields]


Planned = Layer | Annotations | Unanswerable


def plan(question: Question, fields_of: FieldsOf) -> list[Planned]:
    """Give the layers of a question's chart; one that cannot be asked stands there as the reason why.

    `fields_of` gives the fields of an index pattern that is no data view. Raises Unanswerable where the whole chart
    cannot be asked.
    """
    parts = parts_of(question.chart)
    found = [_planned(question, part, fields_of, None) for part in parts]
    # Annotations go by the intervals of the chart's other layers, wherever they stand.
    interval = next((layer.interval for layer in found if isinstance(layer, Layer) and layer.interval), None)
    return [
        _planned(question, part, fields_of, interval) if isinstance(layer, Annotations) else layer
        for part, layer in zip(parts, found, strict=True)
    ]


def _planned(question: Question, part: Part | Unanswerable, fields_of: FieldsOf, interval: Interval | None) -> Planned:
    if isinstance(part, Unanswerable):
        return part
    try:
        planner = _Planner(question, part, fields_of)
        return planner.annotations(interval) if part.said.get("type") == "annotations" else planner.layer()
    except Unanswerable as error:
        return error
    except KbuildError as error:  # the fields of a pattern are asked of a server, which may be away
        return Unanswerable(str(error))


def _source(said: JsonObject, question: Question, fields_of: FieldsOf) -> Source:
    source: JsonObject = said.get("data_source", {})
    match source.get("type"):
        case "data_view_reference":
            found = question.sources.get(source["ref_id"])
            if found is None:
                raise Unanswerable(f"there is no data view '{source['ref_id']}'")
            return found
        case "data_view_spec":
            pattern = source["index_pattern"]
            if any("type" in said for said in source.get("field_settings", {}).values()):
                raise Unanswerable("kbuild computes no runtime fields, and the chart's data view has some")
            return Source(pattern, source.get("time_field"), fields_of(pattern))
    raise Unanswerable("kbuild answers no ES|QL: its data source is no data view")


class _Planner:
    """Makes the layer of one part."""

    def __init__(self, question: Question, part: Part, fields_of: FieldsOf) -> None:
        self.question = question
        self.part = part
        self.source = _source(part.said, question, fields_of)
        self.fields = self.source.fields
        self.time_field = self.source.time_field or "@timestamp"
        self.zone_name = zone_name(question.zone)
        self.columns: dict[str, JsonObject] = {}
        self.ids = [f"m{number}" for number in range(len(part.metrics))]
        self.metrics: dict[Metric, int] = {}
        self.base: dict[str, int] = {}

    def layer(self) -> Layer:
        try:
            for column_id, (_, operation) in zip(self.ids, self.part.metrics, strict=True):
                self.columns |= metric_columns(column_id, operation, self.time_field)
            computed = {column_id for column_id in self.ids if "references" in self.columns[column_id]}
            lens_buckets = [bucket_column(one, self.ids, computed) for _, one in self.part.buckets]
        except NotExpressible as error:
            raise Unanswerable(str(error)) from None
        time_fields = self.time_fields(lens_buckets)
        first_interval = self.interval_of_first(lens_buckets)
        for column_id in self.ids:
            self.ask_for(column_id, None, None, None, first_interval)
        buckets = tuple(self.bucket(one, time_fields) for one in lens_buckets)
        if any(metric.shift is not None for metric in self.metrics):
            # With several time shifts Kibana leaves the bounds out, or each of them would fill both ranges.
            buckets = tuple(replace(one, bounds=None) if isinstance(one, DateHistogram) else one for one in buckets)
        query = Query(
            pattern=self.source.pattern,
            fields=self.fields,
            time_range=self.question.time_range,
            time_fields=time_fields,
            where=tuple(self.where()),
            buckets=buckets,
            metrics=tuple(self.metrics),
            zone=self.question.zone,
        )
        return Layer(
            part=self.part,
            query=query,
            columns=self.columns,
            base=self.base,
            shown=tuple(
                (column_id, metric_column(self.columns[column_id], place, operation, self.fields))
                for column_id, (place, operation) in zip(self.ids, self.part.metrics, strict=True)
            ),
            groups=tuple(
                group_column(lens, place, operation, self.fields)
                for lens, (place, operation) in zip(lens_buckets, self.part.buckets, strict=True)
            ),
            trend=self.trend(),
            collapse={
                index: operation["collapse_by"]
                for index, (_, operation) in enumerate(self.part.buckets)
                if "collapse_by" in operation
            },
        )

    def annotations(self, interval: Interval | None) -> Annotations:
        around = self.where()
        where: dict[int, list[JsonObject]] = {}
        for number, event in enumerate(self.part.said["events"]):
            if event["type"] == "query" and event.get("visible", True):
                asked = query_dsl(event["query"], self.fields, self.zone_name)
                where[number] = [*around, *([] if asked is None else [asked])]
        if interval is None:
            interval = automatic(self.question.time_range[1] - self.question.time_range[0])
        return planned_annotations(self.part.said, self.question, self.source, where, interval)

    def trend(self) -> Layer | None:
        if not self.part.trend:
            return None
        inner = _Planner(self.question, over_time(self.part, self.time_field), lambda _: self.fields)
        return inner.layer()

    def time_fields(self, lens_buckets: Sequence[JsonObject]) -> tuple[str, ...]:
        """Give the fields that the time range holds for: those of date histograms, else the data view's own."""
        found = [
            column["sourceField"]
            for column in lens_buckets
            if column["operationType"] == "date_histogram" and not column["params"].get("ignoreTimeRange", False)
        ]
        if found:
            return tuple(dict.fromkeys(found))
        return (self.source.time_field,) if self.source.time_field else ()

    def where(self) -> list[JsonObject]:
        """Give the conditions on every document: the dashboard's and the chart's own."""
        if self.part.said.get("ignore_global_filters", False):
            return []
        chart = self.question.chart
        queries = [query_dsl(one, self.fields, self.zone_name) for one in (*self.question.queries, chart.get("query"))]
        asked = [one for one in queries if one is not None]
        return [*asked, *filters_dsl([*self.question.filters, *chart.get("filters", ())])]

    # -------------------------------------------------------------------------------------------------- metrics

    def ask_for(
        self,
        column_id: str,
        condition: JsonObject | None,
        shift: str | None,
        reduced: str | None,
        interval: Interval | None,
    ) -> None:
        """Note what a column needs of the query: itself, or what it is computed of with its own filter and shift."""
        column = self.columns[column_id]
        own = self.condition(column)
        both = _both(condition, own)
        shift = column.get("timeShift", shift)
        reduced = column.get("reducedTimeRange", reduced)
        if column["operationType"] == "static_value":
            return
        if "references" in column:
            for inner in column["references"]:
                self.computed_of(self.columns[inner])
                self.ask_for(inner, both, shift, reduced, interval)
            return
        metric = self.metric(column, both, self.shift(shift, interval), reduced)
        self.base[column_id] = self.metrics.setdefault(metric, len(self.metrics))

    def computed_of(self, column: JsonObject) -> None:
        """Raise Unanswerable where nothing can be computed of a column's values: a last value may be no number."""
        if column["operationType"] == "last_value":
            of = self.type_of(column["sourceField"])
            if of is not None and of not in (*NUMBERS, *DATES):
                name = column["sourceField"]
                raise Unanswerable(f"what is computed of the last value of {name}: the field is no number but {_a(of)}")

    def condition(self, column: JsonObject) -> JsonObject | None:
        return (
            query_dsl(from_kibana_query(column["filter"]), self.fields, self.zone_name) if "filter" in column else None
        )

    def shift(self, words: str | None, interval: Interval | None) -> str | None:
        if words is None:
            return None
        if words.strip() == "previous" and interval is not None:
            # In whole buckets, so that the moved buckets meet the others (Kibana's AggConfig.getTimeShift).
            length = self.question.time_range[1] - self.question.time_range[0]
            return f"{-(-length // interval.milliseconds) * interval.milliseconds // 1000}s"
        try:
            moved(self.question.time_range[0], words, self.question.time_range, self.question.zone)
        except ValueError:
            raise Unanswerable(f"the time shift {words} cannot be read") from None
        return words.strip()

    def metric(
        self, column: JsonObject, condition: JsonObject | None, shift: str | None, reduced: str | None
    ) -> Metric:
        kind: str = column["operationType"]
        params: JsonObject = column.get("params", {})
        name = column.get("sourceField")
        name = None if name == RECORDS else name
        if name is not None:
            self.check(kind, name)
        if reduced is not None:
            condition = _both(condition, self.last_part(reduced, shift))
        parameter = {"percentile": params.get("percentile"), "percentile_rank": params.get("value"), "median": 50}
        return Metric(
            kind="percentile" if kind == "median" else kind,
            field=name,
            parameter=parameter.get(kind),
            sort_field=params.get("sortField") if kind == "last_value" else None,
            several=params.get("showArrayValues", False) if kind == "last_value" else False,
            where=compact(condition) if condition is not None else None,
            shift=shift,
        )

    def last_part(self, reduced: str, shift: str | None) -> JsonObject:
        """Ask for the last part of the time range, counted back from its end."""
        if not self.source.time_field:
            raise Unanswerable("a reduced time range needs a data view with a time field")
        time_range, zone = self.question.time_range, self.question.zone
        _, end = moved_range(time_range, shift, zone)
        try:
            return self.between(moved(end, reduced, time_range, zone), end)
        except ValueError:
            raise Unanswerable(f"the reduced time range {reduced} cannot be read") from None

    def between(self, begin: int, end: int) -> JsonObject:
        return {"range": {self.time_field: {"format": "epoch_millis", "gte": begin, "lte": end}}}

    def check(self, kind: str, name: str) -> None:
        """Raise Unanswerable where Elasticsearch could not compute this of the field."""
        of = self.type_of(name)
        if of is None or kind in ANY_KIND:
            if of in TEXTS and kind == "unique_count":
                raise Unanswerable(f"{name} is a text: its values cannot be counted (its .keyword could)")
            return
        if of not in NUMBERS and not (of in DATES and kind in OF_DATES_TOO):
            raise Unanswerable(f"{kind.replace('_', ' ')} of {name}: the field is no number but {_a(of)}")

    def type_of(self, name: str) -> str | None:
        """Give the mapping type of a field; None where nothing at all is known. Raises Unanswerable if it is absent."""
        if not self.fields:
            return None
        if name not in self.fields:
            raise Unanswerable(f"there is no field '{name}' in {self.source.pattern}")
        return self.fields[name].type

    # -------------------------------------------------------------------------------------------------- buckets

    def bucket(self, column: JsonObject, time_fields: tuple[str, ...]) -> Bucket:
        params: JsonObject = column["params"]
        match column["operationType"]:
            case "date_histogram":
                return self.date_histogram(column, time_fields)
            case "terms":
                return self.terms(column)
            case "filters":
                return Filters(tuple(self.filter(one) for one in params["filters"]))
        name = column["sourceField"]
        of = self.type_of(name)
        if of is not None and of not in NUMBERS:
            raise Unanswerable(f"ranges of {name}: the field is no number but {_a(of)}")
        if params["type"] == "range":
            return Ranges(name, tuple((one["from"], one["to"], one["label"]) for one in params["ranges"]))
        bars = params.get("maxBars", "auto")
        return Histogram(
            name,
            AUTO_BARS if bars == "auto" else float(bars),
            whole_numbers=of in WHOLE_NUMBERS,
            keep_empty=params.get("includeEmptyRows", True),
        )

    def filter(self, one: JsonObject) -> tuple[str, JsonObject]:
        query = from_kibana_query(one["input"])
        label = one.get("label") or query.get("expression", "") or "*"
        return label, query_dsl(query, self.fields, self.zone_name) or {"match_all": {}}

    def interval_of_first(self, lens_buckets: Sequence[JsonObject]) -> Interval | None:
        found = (one for one in lens_buckets if one["operationType"] == "date_histogram")
        first = next(found, None)
        return None if first is None else self.interval(first)

    def interval(self, column: JsonObject) -> Interval:
        length = self.question.time_range[1] - self.question.time_range[0]
        words = column["params"].get("interval", "auto")
        if words == "auto":
            return automatic(length)
        said = interval_of(str(words))
        if said is None:
            raise Unanswerable(f"the interval {words} cannot be read")
        return scaled(said, length)

    def date_histogram(self, column: JsonObject, time_fields: tuple[str, ...]) -> DateHistogram:
        name, params = column["sourceField"], column["params"]
        of = self.type_of(name)
        if of is not None and of not in DATES:
            raise Unanswerable(f"a date histogram of {name}: the field is no date but {_a(of)}")
        keep_empty = params.get("includeEmptyRows", True)
        return DateHistogram(
            name,
            self.interval(column),
            keep_empty=keep_empty,
            bounds=self.question.time_range if keep_empty and name in time_fields else None,
            drop_partials=params.get("dropPartials", False),
        )

    def terms(self, column: JsonObject) -> Terms:
        params: JsonObject = column["params"]
        fields = (column["sourceField"], *params.get("secondaryFields", ()))
        for name in fields:
            of = self.type_of(name)
            if of in TEXTS:
                raise Unanswerable(f"terms of {name}: Elasticsearch cannot group by a text (by its .keyword it could)")
            if of is not None and of not in GROUPED:
                raise Unanswerable(f"terms of {name}: Elasticsearch cannot group by {_a(of)}")
        if params["orderBy"]["type"] == "significant":
            raise Unanswerable("kbuild answers no significant terms")
        if params["orderBy"]["type"] == "rare" and (of := self.type_of(fields[0])) and kind_of(of) == "number":
            raise Unanswerable(f"rare values of {fields[0]}: Elasticsearch looks for none of a field that is {_a(of)}")
        if len(fields) > 1 and (params.get("include") or params.get("exclude")):
            raise Unanswerable("terms of several fields cannot include or exclude values")
        # Kibana asks for missing values of a text only; of other fields and of several they fall to "Other".
        missing = params.get("missingBucket", False) and len(fields) == 1
        rare = params["orderBy"]["maxDocCount"] if params["orderBy"]["type"] == "rare" else None
        return Terms(
            fields,
            int(params.get("size", 5)),
            self.order(params),
            other=params.get("otherBucket", False) and rare is None,
            missing=missing and self.is_word(fields[0]),
            loose=missing or len(fields) > 1,
            include=tuple(params.get("include", ())),
            exclude=tuple(params.get("exclude", ())),
            include_is_regex=params.get("includeIsRegex", False),
            exclude_is_regex=params.get("excludeIsRegex", False),
            rare=rare,
            accurate=params.get("accuracyMode", False),
        )

    def is_word(self, name: str) -> bool:
        return name not in self.fields or shown_kind(self.fields[name].type) == "string"

    def order(self, params: JsonObject) -> Order:
        descending = params.get("orderDirection", "desc") == "desc"
        match params["orderBy"]["type"]:
            case "column":
                column_id = params["orderBy"]["columnId"]
                metric = list(self.metrics)[self.base[column_id]]
            case "custom":
                ordering = params["orderAgg"]
                metric = self.metric(ordering, self.condition(ordering), None, None)
            case "rare":
                return Order("count", descending=False)
            case _:
                return Order("key", descending=descending)
        metric = self.in_its_own_time(metric)
        if metric.kind == "count" and metric.field is None and metric.where is None:
            return Order("count", descending=descending)
        return Order("metric", descending=descending, metric=metric)

    def in_its_own_time(self, metric: Metric) -> Metric:
        """Let a metric that ranks see its own time range only, where documents of several ranges are ranked at once."""
        alone = replace(metric, shift=None)
        if len({one.shift for one in self.metrics}) < 2 or not self.source.time_field:
            return alone
        inside = self.between(*moved_range(self.question.time_range, metric.shift, self.question.zone))
        condition = _both(None if metric.where is None else json.loads(metric.where), inside)
        return replace(alone, where=compact(condition))


def _both(one: JsonObject | None, other: JsonObject | None) -> JsonObject | None:
    if one is None or other is None:
        return one if other is None else other
    return {"bool": {"filter": [one, other]}}


def _a(of: str | None) -> str:
    return f"{'an' if str(of).startswith(('i', 'o')) else 'a'} {of}"
