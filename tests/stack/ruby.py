"""What Ruby and Java make of the values in a Logstash event, where Python differs."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any


class RubyError(Exception):
    """A StandardError of Ruby: a filter's own `rescue` takes it."""


@cache
def regexp(pattern: str) -> re.Pattern[str]:
    r"""Compile a pattern of Ruby's: `\z` is the end, `^` and `$` are those of lines, classes are ASCII."""
    python = re.sub(r"\(\?<([a-z]+)>", r"(?P<\1>", pattern.replace(r"\z", r"\Z").replace(r"\/", "/"))
    return re.compile(python, re.MULTILINE | re.ASCII)


def gsub(text: str, pattern: str, replacement: str) -> str:
    r"""Replace all matches; `\1` and `\k<name>` in the replacement are groups, and `\1` has one digit."""

    def replaced(found: re.Match[str]) -> str:
        def group(reference: re.Match[str]) -> str:
            return found[int(reference[1])] if reference[1] else found[reference[2]]

        return re.sub(r"\\(?:(\d)|k<([a-z]+)>)", group, replacement)

    return regexp(pattern).sub(replaced, text)


def to_s(value: Any) -> str:
    """Write a scalar as Ruby's `to_s` does."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and math.isfinite(value):
        return re.sub(r"^(-?\d)e", r"\1.0e", repr(value))
    return iso(value) if isinstance(value, datetime) else str(value)


def java_string(value: Any) -> str:
    """Write a value as a sprintf does: lists joined, maps as JSON."""
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, list):
        return ",".join(map(java_string, value))
    if isinstance(value, float) and value and not 1e-3 <= abs(value) < 1e7:
        mantissa, exponent = f"{value:.17e}".split("e")
        for digits in range(17):
            mantissa = f"{value:.{digits}e}".split("e")[0]
            if float(f"{mantissa}e{exponent}") == value:
                break
        return f"{mantissa if '.' in mantissa else mantissa + '.0'}E{int(exponent)}"
    return to_s(value)


def lenient_float(text: str) -> float:
    """Give Ruby's `String#to_f`: the number at the beginning, else 0."""
    found = re.match(r"\s*[+-]?\d[\d_]*(\.\d+)?([eE][+-]?\d+)?", text)
    return float(found[0].replace("_", "")) if found else 0.0


def strict_float(text: str) -> float:
    """Give Ruby's `Float(text)`. Raises RubyError for what is no number."""
    if not re.fullmatch(r"\s*[+-]?\d+(_\d+)*(\.\d+)?([eE][+-]?\d+)?\s*", text):
        raise RubyError(f"invalid value for Float(): {text!r}")
    return float(text.replace("_", ""))


def load_json(text: str) -> Any:
    """Parse JSON as Jackson does: what follows the first value is not looked at. Raises RubyError."""

    def refused(word: str) -> Any:
        raise ValueError(word)

    try:
        return json.JSONDecoder(parse_constant=refused).raw_decode(text.lstrip(" \t\r\n"))[0] if text.strip() else None
    except (ValueError, RecursionError) as error:
        raise RubyError(str(error)) from None


def iso(moment: datetime) -> str:
    """Write a Timestamp: UTC with three digits of a second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


_ISO = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d(?::?\d\d)?)?", re.ASCII
)  # of Joda's ISO 8601 the forms with a day and seconds; the pipeline lets no other one through


def parse_date(text: str, formats: Iterable[str]) -> datetime | None:
    """Read a time in UTC as the date filter does, with the first format that fits; None when none does."""
    for form in formats:
        if form == "UNIX_MS":
            if re.fullmatch(r"[+-]?\d{1,18}", text, re.ASCII):
                return datetime.fromtimestamp(int(text) // 1000, UTC).replace(microsecond=int(text) % 1000 * 1000)
        elif form == "ISO8601":
            if (found := _ISO.fullmatch(text)) is not None:
                try:
                    moment = datetime.fromisoformat(found[1] + (found[3] or "Z"))
                except ValueError:
                    continue
                return moment.astimezone(UTC).replace(microsecond=int(f"{found[2] or '':0<3}"[:3]) * 1000)
        else:
            raise NotImplementedError(f"the format {form} of the date filter")
    return None
