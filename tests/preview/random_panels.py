"""Hostile events and panels at random, the same for the same seed: what two executors are held against each other with.

The events have what people do not think of: partial dates, dates before 1970 and at changes of clocks, numbers as
text, huge ones, nothing, lists in lists, addresses of both versions, names with quotes, texts of many scripts.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from kibana_builder.date_math import epoch_ms
from kibana_builder.json_tree import Json, JsonObject

__all__ = ["HOSTILE", "Panels", "hostile_events"]

HOSTILE: JsonObject = {
    "@timestamp": {"type": "date"},
    **{name: {"type": "keyword"} for name in ("word", "kind", "words", "select", 'we "ird', "ü")},
    "text": {"type": "text", "fields": {"keyword": {"type": "keyword"}}},
    **{name: {"type": name} for name in ("long", "integer", "byte", "double", "float", "boolean", "ip", "date")},
    "a b": {"type": "long"},
    "numbers": {"type": "double"},
    "truths": {"type": "boolean"},
    "addresses": {"type": "ip"},
    "dates": {"type": "date"},
    "object": {"properties": {"word": {"type": "keyword"}, "inner": {"properties": {"number": {"type": "double"}}}}},
    "items": {
        "type": "nested",
        "properties": {"word": {"type": "keyword"}, "number": {"type": "long"}, "date": {"type": "date"}},
    },
}
BEGIN, END = epoch_ms("2026-10-23T05:17:00Z", 0), epoch_ms("2026-11-03T09:41:00Z", 0)
RANGES = (
    (BEGIN, END),
    (epoch_ms("2026-10-24T20:00:00Z", 0), epoch_ms("2026-10-25T06:00:00Z", 0)),
    (epoch_ms("2026-10-31T22:10:00Z", 0), epoch_ms("2026-11-01T09:00:00Z", 0)),
    (epoch_ms("2026-01-01T00:00:00Z", 0), epoch_ms("2026-12-31T23:59:59.999Z", 0)),
)
ZONES = (
    UTC,
    *map(ZoneInfo, ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns")),
)
TEXTS = (
    *("Ärger", "straße", "C++", "foo-bar", "Foo", "bar", "it's", "3.14", "1,000", "a_b", "x@y.z", "日本語", "don’t"),
    *("null", "true", "OR", "*", "?", "50%", "", "🙂", "R&D", "x:y", "_"),
)
WORDS = (
    "a",
    "B",
    "b",
    "",
    "é",
    "*",
    "a*b",
    "a b",
    "a\\b",
    'q"u',
    "5%",
    "a_b",
    "x:y",
    "null",
    "10",
    "9",
    "日本",
    "__m_",
)
DATES: tuple[Json, ...] = (
    *("1965-03-04T05:06:07.008Z", "1969-12-31", -1, 0, "2026", "2026-11", "2026-11-01T05", "1790000000000"),
    *("2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00", "2026-10-25T02:30:00+02:00"),
    "2026-10-25T00:30:00.123456Z",
)
ADDRESSES = ("10.0.0.1", "10.0.0.10", "10.0.0.9", "::1", "2001:db8::1", "2001:DB8:0:0::2", "::ffff:10.0.0.9")
NUMBERS = ("long", "integer", "byte", "double", "float", "a b", "numbers")
TERMS = (
    *("word", "kind", "words", "select", 'we "ird', "ü", "text.keyword", "long", "integer", "boolean", "ip", "date"),
    *("a b", "numbers", "truths", "addresses", "dates", "object.word", "double", "float"),
)
SOURCE: JsonObject = {"type": "data_view_reference", "ref_id": "view"}


def hostile_events(count: int = 600) -> list[JsonObject]:
    """Make the events; the same each time."""
    chance = random.Random(7)
    return [_event(chance) for _ in range(count)]


def _event(chance: random.Random) -> JsonObject:
    moment = BEGIN - 3 * 86_400_000 + int((END - BEGIN + 4 * 86_400_000) * chance.random())
    made: dict[str, Callable[[], Json]] = {
        "word": lambda: chance.choice(WORDS),
        "kind": lambda: chance.choice("aaaabbbccd"),
        "words": lambda: chance.choice(([], ["a", "b"], ["b", "a", "b"], "c", ["d", None], ["", "a"], [["e"], ["f"]])),
        "select": lambda: chance.choice(("x", 1, 2.5, True)),
        'we "ird': lambda: chance.choice("pq"),
        "ü": lambda: chance.choice(("ä", "ö", ["ä", "ö"])),
        "text": lambda: " ".join(chance.choice(TEXTS) for _ in range(chance.randrange(6))),
        "long": lambda: chance.choice(
            (chance.randrange(-9, 9), str(chance.randrange(9)), -2.7, "3.9", 2**53 + 1, 2**63 - 1)
        ),
        "integer": lambda: chance.randrange(100),
        "byte": lambda: chance.randrange(-128, 128),
        "double": lambda: chance.choice((chance.gauss(0, 100), 1e-9, 0.1, 0, "1e3")),
        "float": lambda: chance.choice((0.1, 0.3, 16777217, chance.uniform(-5, 5))),
        "boolean": lambda: chance.choice((True, False, "true", "")),
        "ip": lambda: chance.choice(ADDRESSES),
        "date": lambda: chance.choice((*DATES, moment)),
        "a b": lambda: chance.randrange(-5, 5),
        "numbers": lambda: chance.choice(([1, 2.5], [3], 4, [], [None, 1], [2.5, 2.5])),
        "truths": lambda: chance.choice((True, [True, False], [])),
        "addresses": lambda: chance.choice(("10.0.0.1", ["10.0.0.1", "::1"], [])),
        "dates": lambda: chance.choice((["2026-11-01", "2026-11-02"], 0, [])),
        "object": lambda: chance.choice(({"word": "m", "inner": {"number": 1.5}}, {"word": ["m", "n"]}, {}, None)),
        "items": lambda: [_item(chance) for _ in range(chance.randrange(4))],
    }
    said: JsonObject = {name: make() for name, make in made.items() if chance.random() < 0.8}
    stamp = datetime.fromtimestamp(moment / 1000, ZoneInfo("Asia/Kolkata")).isoformat(timespec="milliseconds")
    return {"@timestamp": chance.choice((moment, stamp)), **said}


def _item(chance: random.Random) -> JsonObject:
    made: JsonObject = {
        "word": chance.choice("pq"),
        "number": chance.choice((1, 2, [3, 4], None, "7")),
        "date": chance.choice(("2026-11-01", "1960-01-01", 0)),
    }
    return {name: value for name, value in made.items() if chance.random() < 0.8}


class Panels:
    """Makes one panel after the other, and what stands around it."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def settings(self) -> JsonObject:
        """Give the time range, the zone, and now and then a query of the dashboard."""
        queries = ({"expression": self.query()},) if self.often(0.2) else ()
        return {"time_range": self.one(RANGES), "zone": self.one(ZONES), "queries": queries}

    def chart(self) -> JsonObject:
        metrics = [self.metric() for _ in range(self.chance.randrange(1, 4))]
        if self.often(0.5):
            rows = [self.bucket(len(metrics)) for _ in range(self.chance.randrange(4))]
            return {"type": "data_table", "data_source": SOURCE, "metrics": metrics, "rows": rows}
        layer: JsonObject = {"type": "bar", "data_source": SOURCE, "x": self.bucket(len(metrics)), "y": metrics}
        if self.often(0.6):
            layer["breakdown_by"] = {**self.bucket(len(metrics)), "aggregate_first": self.often(0.3)}
        return {"type": "xy", "layers": [layer]}

    # -------------------------------------------------------------------------------------------------------- parts

    def one(self, choices: tuple[Json, ...]) -> Json:
        return self.chance.choice(choices)

    def often(self, share: float) -> bool:
        return self.chance.random() < share

    def metric(self, *, inner: bool = False) -> JsonObject:
        kinds = ("count", "count of", "average", "sum", "min", "max", "median", "percentile", "percentile_rank")
        kinds += ("standard_deviation", "unique_count", "last_value")
        kind = self.one(kinds if inner else (*kinds, "differences", "cumulative_sum", "counter_rate", "formula"))
        made: JsonObject = {"operation": kind, "field": self.one(NUMBERS)}
        match kind:
            case "count":
                del made["field"]
            case "count of":
                made = {"operation": "count", "field": self.one(TERMS)}
            case "unique_count":
                made["field"] = self.one(TERMS)
            case "percentile":
                made["percentile"] = self.one((0, 25, 95, 99.9, 100))
            case "percentile_rank":
                made["rank"] = self.one((0, 10, -5, 50.5))
            case "last_value":
                made |= {"field": self.one(("word", "long", "float", "boolean", "ip")), "time_field": "@timestamp"}
                made["multi_value"] = self.often(0.5)
            case "differences":
                made = {"operation": kind, "of": {"operation": "average", "field": self.one(NUMBERS)}}
            case "formula":
                text = self.one(
                    ("sum(integer) / count()", "max(byte) - average(float, shift='1d')", "overall_sum(count())")
                )
                return {"operation": kind, "formula": text}
        return made | self.part_of_metric()

    def part_of_metric(self) -> JsonObject:
        made: JsonObject = {}
        if self.often(0.15):
            made["filter"] = {"expression": self.query()}
        if self.often(0.1):
            made["time_shift"] = self.one(("1d", "1w", "12h", "previous", "1M"))
        elif self.often(0.1):
            made["reduced_time_range"] = self.one(("1h", "1d", "1w"))
        return made

    def bucket(self, metrics: int) -> JsonObject:
        match self.one(("terms", "terms", "date_histogram", "histogram", "filters", "range")):
            case "terms":
                return self.terms(metrics)
            case "date_histogram":
                interval = self.one(("auto", "1h", "1d", "1w", "1M", "3h", "12h", "30m", "2d", "1q", "90m"))
                field = self.one(("@timestamp", "@timestamp", "@timestamp", "dates"))
                made = {"operation": "date_histogram", "field": field, "suggested_interval": interval}
                return made | {"include_empty_rows": self.often(0.8), "drop_partial_intervals": self.often(0.2)}
            case "histogram":
                made = {"operation": "histogram", "field": self.one(NUMBERS[1:])}
                return made | {"granularity": self.one((1, 3, 7)), "include_empty_rows": self.often(0.7)}
            case "filters":
                filters = [{"filter": {"expression": self.query()}} for _ in range(self.chance.randrange(1, 4))]
                return {"operation": "filters", "filters": filters}
        ranges: list[JsonObject] = [{"gt": 0, "lte": 10}, {"gt": 5}, {"lte": 0.3}]
        return {"operation": "range", "field": self.one(("integer", "double", "float", "numbers")), "ranges": ranges}

    def terms(self, metrics: int) -> JsonObject:
        made: JsonObject = {"operation": "terms", "fields": [self.one(TERMS)], "limit": self.one((1, 2, 3, 5, 10))}
        if self.often(0.6):
            made["other_bucket"] = {"include_documents_without_field": self.often(0.5)}
        direction = self.one(("asc", "desc"))
        rank = self.one(("usual", "alphabetical", "metric", "custom"))
        if rank == "alphabetical":
            made["rank_by"] = {"type": rank, "direction": direction}
        elif rank == "metric":
            made["rank_by"] = {"type": rank, "metric_index": self.chance.randrange(metrics), "direction": direction}
        elif rank == "custom":
            ranking = {"operation": self.one(("average", "min", "max", "sum")), "field": self.one(NUMBERS)}
            made["rank_by"] = {"type": rank, "direction": direction, **ranking}
        return made

    def query(self, depth: int = 0) -> str:
        if depth > 2 or self.often(0.55):
            return self.condition()
        form = self.one(("{} and {}", "{} or {}", "not {}", "({})"))
        if form == "not {}":
            return form.format(self.condition())
        return str(form).format(*(self.query(depth + 1) for _ in range(str(form).count("{}"))))

    def condition(self) -> str:
        if self.often(0.25):
            return str(self.one((
                *("foo", '"foo bar"', "fo*", "*", "object.*: m", "object: *", "items: *", "*: a", "items: {word: p}"),
                *("items: {word: p and number > 1}", "items: {not word: p}", 'items: {date < "2000-01-01"}'),
                "not items: {number: 7}",
            )))  # fmt: skip
        name = self.one((*TERMS, "text", "@timestamp", "byte"))
        quoted = '"{}"'.format(name.replace('"', '\\"')) if {" ", '"'} & {*name} else name
        value = self.value(name)
        if self.often(0.15):
            return f"{quoted}: *"
        if self.often(0.2) and "boolean" not in name and name not in ("truths", "text") and "*" not in value:
            return f"{quoted} {self.one(('>', '>=', '<', '<='))} {value}"
        if self.often(0.2):
            return f"{quoted}: ({value} {self.one(('or', 'and not'))} {self.value(name)})"
        return f"{quoted}: {value}"

    def value(self, name: str) -> str:
        if name in ("boolean", "truths"):
            return str(self.one(("true", "false")))
        if name in ("ip", "addresses"):
            return str(self.one(("10.0.0.1", '"::1"', '"2001:db8::1"', "10.0.0.9")))
        if name in ("date", "dates", "@timestamp"):
            return str(
                self.one(('"2026-11-01"', "2026", '"2026-10-25T00:30:00Z"', '"1969-12-31"', "1790000000000", "0"))
            )
        if name in NUMBERS or name == "numbers":
            return str(self.one(("1", "2.5", "-3", "0", "1e2", '"3"', "0.1", "9007199254740993")))
        return str(self.one((
            *("a", "B", "a*", "*b", "x\\:y", '"a b"', "a b", '""', "foo", "foo-bar", '"foo bar"', "true", "5%", "a_b"),
            *('"a\\\\b"', "日本語", "fo*", "straße", "m", "x", "ä", '"C++"', "it's", "don’t", "3.14", "a\\*b", "r&d"),
        )))  # fmt: skip
