"""Numbers and dates as Kibana writes them.

Numbers follow the patterns of numeral.js (`0,0.[000]`, `0.0%`, `0.0b`, `0.00a`), which is what Kibana's own formatters
and a custom `pattern` are made of; the patterns of Lens's formats are those of its supported_formats.ts, durations
those of the field format `duration`. Dates are written in UTC or the zone that is given.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, tzinfo

from kibana_builder.charts.formats import SHOWN_UNITS, UNITS
from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.intervals import interval_of

__all__ = [
    "DEFAULT_PATTERN",
    "bucket_text",
    "date_text",
    "interval_date_text",
    "is_number",
    "number_of",
    "number_text",
    "value_text",
]

DEFAULT_PATTERN = "0,0.[000]"
"""Kibana's own setting `format:number:defaultPattern`."""

NOTHING = "-"
"""What Kibana shows where there is no value."""

_PATTERN = re.compile(
    r"(?P<before>[^0.,\[]*)(?P<whole>[0,]*)(?:\.(?P<decimals>0*)|\[\.\](?P<optional_point>0*))?(?:\[(?P<optional>0*)\])?"
    r"(?P<space> ?)(?P<unit>bitd|ibd|bd|ib|b|a)?(?P<percent>%)?(?P<after>.*)",
    re.DOTALL,
)
_ABBREVIATIONS = ((1e12, "t"), (1e9, "b"), (1e6, "m"), (1e3, "k"))
_SIZES = {
    "b": (1024, ("B", "KB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB")),
    "ib": (1024, ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB")),
    "bd": (1000, ("B", "KB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB")),
    "ibd": (1000, ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB")),
    "bitd": (1000, ("bit", "kbit", "Mbit", "Gbit", "Tbit", "Pbit", "Ebit", "Zbit", "Ybit")),
}
_LENS_UNITS = {"number": "", "percent": "%", "bytes": "b", "bits": "bitd"}

_SECONDS = {
    "picoseconds": 1e-12,
    "nanoseconds": 1e-9,
    "microseconds": 1e-6,
    "milliseconds": 1e-3,
    "seconds": 1.0,
    "minutes": 60.0,
    "hours": 3600.0,
    "days": 86400.0,
    "weeks": 604800.0,
    "months": 86400 * 30.436875,
    "years": 86400 * 365.2425,
}
"""Moment counts months and years of the Gregorian calendar's average length."""
_SHORT_UNITS = {
    "milliseconds": "ms",
    "seconds": "s",
    "minutes": "min",
    "hours": "h",
    "days": "d",
    "weeks": "w",
    "months": "mon",
    "years": "y",
}
_STEPS = (
    ("years", 12),
    ("months", 4),
    ("weeks", 7),
    ("days", 24),
    ("hours", 60),
    ("minutes", 60),
    ("seconds", 1000),
    ("milliseconds", 1000),
)
"""The units of `auto`, largest first, with the number by which Kibana divides the next smaller one."""


def value_text(value: Json, number_format: JsonObject | None = None, kind: str = "number") -> str:
    """Write a cell: a number in its as-code format, a date (epoch ms) in full, anything else as it is.

    `kind` is that of its column (`date`, `boolean`, …). A missing value is a dash.
    """
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        if kind == "date":
            return date_text(value)
        if kind == "boolean":
            return "true" if value else "false"
        return number_text(value, number_format)
    return value if isinstance(value, str) else str(value)


def bucket_text(
    value: Json, number_format: JsonObject | None, kind: str, interval: str | None, zone: tzinfo = UTC
) -> str:
    """Write the key of a bucket: a time by the width of its buckets (`30m`; None: in full), others as values."""
    if kind != "date" or not isinstance(value, int | float):
        return value_text(value, number_format, kind)
    found = interval_of(interval or "")
    return date_text(value, zone) if found is None else interval_date_text(value, found.milliseconds, zone)


def number_of(value: Json) -> float | None:
    """Give a cell as a number; None if it is none: neither a missing value nor true and false are."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def is_number(text: str) -> bool:
    """Tell whether a text that a person wrote is a number."""
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def number_text(value: float, number_format: JsonObject | None = None) -> str:
    """Write a number in an as-code format (`{type: percent, decimals: 1}`); without one in Kibana's default pattern."""
    if math.isnan(value) or math.isinf(value):
        return NOTHING
    if number_format is None:
        return _patterned(value, DEFAULT_PATTERN)
    kind = number_format["type"]
    suffix = str(number_format.get("suffix", ""))
    if kind == "custom":
        return _patterned(value, str(number_format["pattern"]))
    if kind == "duration":
        return _duration(value, number_format) + suffix
    decimals = number_format.get("decimals", 2)
    pattern = f"0,0{'.' + '0' * decimals if decimals else ''}{'a' if number_format.get('compact') else ''}"
    return _patterned(value, pattern + _LENS_UNITS[kind]) + suffix


def _patterned(value: float, pattern: str) -> str:
    """Write a number in a pattern of numeral.js."""
    parts = _PATTERN.fullmatch(pattern)
    if parts is None:
        return str(value)
    unit = ""
    if parts["percent"]:
        value *= 100
    if parts["unit"] == "a":
        value, unit = _abbreviated(value)
    elif parts["unit"]:
        value, unit = _sized(value, *_SIZES[parts["unit"]])
    least = len(parts["decimals"] or "")
    most = least + len(parts["optional"] or "") + len(parts["optional_point"] or "")
    text = _fixed(abs(value), least, most, grouped="," in parts["whole"])
    if not parts["whole"].strip(","):
        text = text.removeprefix("0") if text.startswith("0.") else text
    sign = "-" if value < 0 and re.search("[1-9]", text) else ""
    return f"{parts['before']}{sign}{text}{parts['space']}{unit}{parts['percent'] or ''}{parts['after']}"


def _fixed(value: float, least: int, most: int, *, grouped: bool) -> str:
    """Write a positive number with so many decimals; halves are rounded up, as JavaScript does."""
    power = 10**most
    scaled = value * power
    rounded = math.floor(scaled + 0.5) / power if scaled < 2**53 else value
    text = f"{rounded:,.{most}f}" if grouped else f"{rounded:.{most}f}"
    if most > least:
        whole, _, decimals = text.partition(".")
        decimals = decimals[:least] + decimals[least:].rstrip("0")
        text = f"{whole}.{decimals}" if decimals else whole
    return text


def _abbreviated(value: float) -> tuple[float, str]:
    for power, letter in _ABBREVIATIONS:
        if abs(value) >= power:
            return value / power, letter
    return value, ""


def _sized(value: float, base: int, units: tuple[str, ...]) -> tuple[float, str]:
    power = 0
    while abs(value) >= base and power < len(units) - 1:
        value /= base
        power += 1
    return value, units[power]


def _duration(value: float, number_format: JsonObject) -> str:
    unit = UNITS.get(str(number_format["from"]), str(number_format["from"]))
    shown = SHOWN_UNITS.get(str(number_format["to"]), str(number_format["to"]))
    short = bool(number_format.get("compact"))
    decimals = number_format.get("decimals", 2)
    seconds = value * _SECONDS[unit]
    if shown == "humanize":
        return _about(seconds)
    if shown == "humanizePrecise":
        return _precise(seconds, decimals, short=short)
    name = shown.removeprefix("as").lower()
    return f"{seconds / _SECONDS[name]:.{decimals}f} {_SHORT_UNITS[name] if short else name}"


def _precise(seconds: float, decimals: int, *, short: bool) -> str:
    """Write the largest unit that a duration fills, with a fraction of the next smaller one."""
    sign, rest = ("-", -seconds) if seconds < 0 else ("", seconds)
    counts: list[float] = []
    for name, _ in _STEPS[:-1]:
        counts.append(int(rest / _SECONDS[name] + 1e-9))
        rest -= counts[-1] * _SECONDS[name]
    counts.append(rest * 1000)
    index = next((index for index, count in enumerate(counts) if count >= 1), len(counts) - 1)
    name, rate = _STEPS[index]
    below = math.floor(counts[index + 1]) / rate if index + 1 < len(counts) else 0
    return f"{sign}{counts[index] + below:.{decimals}f} {_SHORT_UNITS[name] if short else name}"


_ABOUT = (
    (44.5, "a few seconds", 0),
    (89.5, "a minute", 0),
    (44.5 * 60, "{} minutes", 60),
    (89.5 * 60, "an hour", 0),
    (21.5 * 3600, "{} hours", 3600),
    (35.5 * 3600, "a day", 0),
    (25.5 * 86400, "{} days", 86400),
    (45.5 * 86400, "a month", 0),
    (319.5 * 86400, "{} months", _SECONDS["months"]),
    (547.5 * 86400, "a year", 0),
    (math.inf, "{} years", _SECONDS["years"]),
)
"""Moment's words for a duration, each up to so many seconds."""


def _about(seconds: float) -> str:
    if seconds == 0:
        return "0 seconds"
    size = abs(seconds)
    words, unit = next((words, unit) for limit, words, unit in _ABOUT if size < limit)
    return ("minus " if seconds < 0 else "") + words.format(math.floor(size / unit + 0.5) if unit else "")


def date_text(milliseconds: float, zone: tzinfo = UTC) -> str:
    """Write a moment (epoch milliseconds) in Kibana's default: `Nov 22, 2026 @ 15:43:00.000`.

    One beyond the years 1 to 9999 is written as its milliseconds.
    """
    try:
        moment = _moment(milliseconds, zone)
    except (OverflowError, ValueError, OSError):
        return _patterned(milliseconds, DEFAULT_PATTERN)
    return f"{moment:%b} {moment.day}, {moment.year} @ {moment:%H:%M:%S}.{moment.microsecond // 1000:03d}"


def interval_date_text(milliseconds: float, interval_ms: float, zone: tzinfo = UTC) -> str:
    """Write the start of a bucket of time as tables and heatmaps do: the wider the buckets, the less of the clock.

    The words are those of Kibana's setting `dateFormat:scaled`.
    """
    moment = _moment(milliseconds, zone)
    if interval_ms < 1000:
        return f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03d}"
    for limit, words in ((60_000, "%H:%M:%S"), (3_600_000, "%H:%M"), (86_400_000, "%Y-%m-%d %H:%M")):
        if interval_ms < limit:
            return moment.strftime(words)
    return moment.strftime("%Y-%m-%d" if interval_ms < 86_400_000 * 365 else "%Y")


def _moment(milliseconds: float, zone: tzinfo) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, zone)
