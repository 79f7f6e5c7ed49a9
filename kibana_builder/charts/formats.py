"""Number formats: the as-code `format` <-> a Lens column's `params.format`."""

from __future__ import annotations

from contextlib import suppress

from kibana_builder.charts.mapping import Row, UnsayableError, from_lens, to_lens
from kibana_builder.json_tree import JsonObject
from kibana_builder.problem import NotExpressible

# The units as the Dashboards API names them today, as its earlier versions did in words, and as Lens does.
UNITS = {
    "ps": "picoseconds",
    "ns": "nanoseconds",
    "us": "microseconds",
    "ms": "milliseconds",
    "s": "seconds",
    "min": "minutes",
    "h": "hours",
    "d": "days",
    "w": "weeks",
    "mo": "months",
    "y": "years",
}
SHOWN_UNITS = {
    "auto": "humanizePrecise",
    "auto-approximate": "humanize",
    **{unit: f"as{UNITS[unit].capitalize()}" for unit in ("ms", "s", "min", "h", "d", "w", "mo", "y")},
    **{UNITS[unit]: f"as{UNITS[unit].capitalize()}" for unit in ("ms", "s", "min", "h", "d", "w", "mo", "y")},
}

DECIMALS = Row(("decimals",), ("params", "decimals"), unsaid=2)
SUFFIX = Row(("suffix",), ("params", "suffix"))

ROWS = {
    "number": (DECIMALS, SUFFIX, Row(("compact",), ("params", "compact"))),
    "percent": (DECIMALS, SUFFIX, Row(("compact",), ("params", "compact"))),
    "bytes": (DECIMALS, SUFFIX),
    "bits": (DECIMALS, SUFFIX),
    "duration": (
        Row(("from",), ("params", "fromUnit"), words=UNITS),
        Row(("to",), ("params", "toUnit"), words=SHOWN_UNITS),
        Row(("decimals",), ("params", "decimals")),
        Row(("compact",), ("params", "compact")),
        SUFFIX,
    ),
    "custom": (Row(("pattern",), ("params", "pattern")),),
}

# What Kibana takes where a duration does not say its units (DurationFormat of its field formats).
UNSAID_UNITS = {"fromUnit": "seconds", "toUnit": "humanize"}


def format_to_lens(number_format: JsonObject) -> JsonObject:
    """Turn `{type: number, decimals: 1}` into Lens's `{id: number, params: {decimals: 1}}`.

    Raises NotExpressible for a unit of time that Lens does not know: it would show bare numbers.
    """
    kind = number_format["type"]
    if kind == "duration":
        for name, words in (("from", UNITS), ("to", SHOWN_UNITS)):
            said = number_format[name]
            if said not in words and said not in words.values():
                raise NotExpressible((name,), f"unknown unit of time '{said}'; there are: {', '.join(words)}")
    return to_lens(ROWS[kind], number_format, {"id": kind})


def format_from_lens(number_format: JsonObject) -> JsonObject:
    """Turn Lens's `{id: number, params: {decimals: 1}}` into `{type: number, decimals: 1}`.

    Raises UnsayableError for a format that the vocabulary does not have, or one that lacks what it must say.
    """
    kind = number_format.get("id")
    if kind not in ROWS:
        raise UnsayableError(f"number format {kind}")
    if kind == "duration":
        number_format = {"id": kind, "params": UNSAID_UNITS | number_format.get("params", {})}
    said = from_lens(ROWS[kind], number_format, {"type": kind})
    if kind == "custom" and "pattern" not in said:
        raise UnsayableError("number format custom that does not say pattern")
    return said


def read_format(column: JsonObject, operation: JsonObject) -> None:
    """Say a column's number format where there are words for it; the rest of the column does not depend on it."""
    with suppress(UnsayableError):
        if column.get("params", {}).get("format"):
            operation["format"] = format_from_lens(column["params"]["format"])
