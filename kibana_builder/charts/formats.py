"""Number formats: the as-code `format` <-> a Lens column's `params.format`."""

from __future__ import annotations

from kibana_builder.charts.mapping import Row, UnsayableError, from_lens, to_lens
from kibana_builder.json_tree import JsonObject

DECIMALS = Row(("decimals",), ("params", "decimals"), unsaid=2)
SUFFIX = Row(("suffix",), ("params", "suffix"))

ROWS = {
    "number": (DECIMALS, SUFFIX, Row(("compact",), ("params", "compact"))),
    "percent": (DECIMALS, SUFFIX, Row(("compact",), ("params", "compact"))),
    "bytes": (DECIMALS, SUFFIX),
    "bits": (DECIMALS, SUFFIX),
    "duration": (
        Row(("from",), ("params", "fromUnit")),
        Row(("to",), ("params", "toUnit")),
        SUFFIX,
    ),
    "custom": (Row(("pattern",), ("params", "pattern")),),
}


def format_to_lens(number_format: JsonObject) -> JsonObject:
    """Turn `{type: number, decimals: 1}` into Lens's `{id: number, params: {decimals: 1}}`."""
    kind = number_format["type"]
    return to_lens(ROWS[kind], number_format, {"id": kind})


def format_from_lens(number_format: JsonObject) -> JsonObject:
    """Turn Lens's `{id: number, params: {decimals: 1}}` into `{type: number, decimals: 1}`."""
    kind = number_format.get("id")
    if kind not in ROWS:
        raise UnsayableError(f"number format {kind}")
    return from_lens(ROWS[kind], number_format, {"type": kind})
