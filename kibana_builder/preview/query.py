"""The query model: what one layer of a chart asks of its events, whoever answers it.

Buckets stand from the outer to the inner. Conditions are Elasticsearch's query DSL, which both executors understand
(one of them by turning it into SQL). An executor gives `Rows`; all that Kibana computes itself (formulas, differences,
empty buckets, time shifts) is done with them afterwards, in one place for all executors.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from enum import Enum

from kibana_builder.errors import KbuildError
from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.kql import Fields
from kibana_builder.preview.intervals import Interval, number_width

__all__ = [
    "MISSING_WORD",
    "Bucket",
    "DateHistogram",
    "Filters",
    "Histogram",
    "Metric",
    "Order",
    "Query",
    "Ranges",
    "Rows",
    "Special",
    "Terms",
    "Unanswerable",
]


class Unanswerable(KbuildError):
    """A part of a chart that cannot be answered; the message names it and becomes the panel's error."""


MISSING_WORD = "__missing__"
"""What Kibana has Elasticsearch take documents without a value for, and rank them as, among the values."""


class Special(Enum):
    """Keys of terms that are no values: all values that are not shown, and documents without a value."""

    OTHER = "Other"
    MISSING = "(missing value)"


@dataclass(frozen=True)
class Metric:
    """One number for each bucket.

    `kind` is count, sum, average, min, max, median, percentile, percentile_rank, standard_deviation, unique_count or
    last_value; a count without a field counts documents.
    """

    kind: str
    field: str | None = None
    parameter: float | None = None
    """Which percentile (0 to 100), or the value that a rank is asked of."""
    sort_field: str | None = None
    """The date field that says which value is the last."""
    several: bool = False
    """Whether of an event with several values all are the last, as a tuple in their order."""
    where: str | None = None
    """What documents have to match besides: query DSL, as compact JSON."""
    shift: str | None = None
    """The time shift in words (`1d`), None for the time range itself."""

    @property
    def nothing(self) -> float | None:
        """What it is of no documents at all."""
        return 0 if self.kind in ("count", "sum", "unique_count") else None

    @property
    def least_is_nothing(self) -> bool:
        """Whether no value ranks below all others: so it does for a maximum, else above (Elasticsearch 8.14, 9.4)."""
        return self.kind == "max"

    @property
    def infinite(self) -> bool:
        """Whether no value is a number for Elasticsearch too, an infinite one, so that a shard hands it on."""
        return self.kind in ("min", "max")


@dataclass(frozen=True)
class DateHistogram:
    """A bucket for each interval of time. With `bounds` (epoch milliseconds) it covers them, empty or not."""

    field: str
    interval: Interval
    keep_empty: bool = True
    bounds: tuple[int, int] | None = None
    drop_partials: bool = False


@dataclass(frozen=True)
class Order:
    """What makes a value a top value: `by` is count, key or metric; ties are in the order of the values."""

    by: str
    descending: bool = True
    metric: Metric | None = None


@dataclass(frozen=True)
class Terms:
    """A bucket for each top value of a field, or of several fields together."""

    fields: tuple[str, ...]
    size: int
    order: Order
    other: bool = False
    missing: bool = False
    """Whether documents without a value are a bucket of their own, which takes one of the places."""
    loose: bool = False
    """Whether documents without a value belong to "Other" where they are no bucket of their own."""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    include_is_regex: bool = False
    exclude_is_regex: bool = False
    rare: int | None = None
    """Only values that at most so many documents have; all of them, whatever the size."""
    accurate: bool = False
    """Ask each shard for more values."""

    @property
    def candidates(self) -> int:
        """How many values a shard hands on (`shard_size`), as Kibana asks for; above ten it is Elasticsearch's own."""
        own = int(self.size * 1.5 + 10)
        return max(1000, own) if self.accurate else 25 if self.size <= 10 else own


@dataclass(frozen=True)
class Histogram:
    """Buckets of equal width over numbers; the width is chosen once the smallest and the largest are known."""

    field: str
    max_bars: float
    whole_numbers: bool = False
    keep_empty: bool = True


@dataclass(frozen=True)
class Ranges:
    """Buckets with bounds of one's own, `(from, to, label)`: from included, to not. None is open."""

    field: str
    ranges: tuple[tuple[float | None, float | None, str], ...]


@dataclass(frozen=True)
class Filters:
    """A bucket for each condition: `(label, query DSL)`."""

    filters: tuple[tuple[str, JsonObject], ...]


Bucket = DateHistogram | Terms | Histogram | Ranges | Filters


@dataclass(frozen=True)
class Query:
    """What a layer asks. `time_range` (epoch milliseconds, both ends included) holds for each of `time_fields`."""

    pattern: str
    fields: Fields
    time_range: tuple[int, int]
    time_fields: tuple[str, ...] = ()
    where: tuple[JsonObject, ...] = ()
    buckets: tuple[Bucket, ...] = ()
    metrics: tuple[Metric, ...] = ()
    zone: tzinfo = UTC

    @property
    def shifts(self) -> tuple[str | None, ...]:
        """The time shifts of its metrics; the time range itself comes first if it is asked for."""
        found = dict.fromkeys(metric.shift for metric in self.metrics) or {None: None}
        return tuple(sorted(found, key=lambda shift: (shift is not None, shift or "")))

    @property
    def interval(self) -> Interval | None:
        """The interval of its first date histogram."""
        return next((one.interval for one in self.buckets if isinstance(one, DateHistogram)), None)

    @property
    def split(self) -> int:
        """Tell in front of which bucket the documents part by time shifts, as Kibana does: the first by time."""
        for index, bucket in enumerate(self.buckets):
            if isinstance(bucket, DateHistogram) and bucket.field in self.time_fields:
                return index
        return len(self.buckets)


Key = tuple[Json | Special, ...]
"""A bucket: a key for each of the query's buckets.

Of terms it is the value (a tuple of them for several fields) or a Special, of a date histogram epoch milliseconds, of a
histogram the number of its interval counted from zero, of ranges and filters the index.
"""


@dataclass
class Rows:
    """What an executor found: for each time shift the buckets in their order, each with the metrics of that shift.

    Buckets without documents may be missing. A key that is shorter than the query's buckets is an outer bucket that has
    documents though none inside it may have; it, and what has documents in another shift only, may have no values (an
    empty tuple). `width` is the chosen width of a histogram's buckets.
    """

    of_shift: dict[str | None, dict[Key, tuple[Json, ...]]] = field(default_factory=dict)
    width: float = 1.0
    extent: tuple[float, float] | None = None
    """The smallest and the largest value that a histogram was made for."""
    asked: Json = None
    """The request in the executor's own words, for people who inspect it."""

    def measure(self, bucket: Histogram, low: float, high: float) -> None:
        """Choose the width of a histogram's buckets by the smallest and the largest value. Raises Unanswerable."""
        if not math.isfinite(high - low):
            raise Unanswerable(f"a histogram of {bucket.field}, whose values are too far apart")
        self.extent = (low, high)
        self.width = number_width(low, high, bucket.max_bars, whole_numbers=bucket.whole_numbers)
