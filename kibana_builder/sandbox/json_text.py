"""JSON as JavaScript's JSON.parse reads it and JSON.stringify writes it, for what goes over the wire."""

from __future__ import annotations

import json
import math
import re
from typing import NoReturn

from kibana_builder.json_tree import Json, compact

_SURROGATE = re.compile("[\ud800-\udfff]")


class NotJson(ValueError):
    """The text is no JSON; the message is JavaScript's."""


def parse(text: str) -> Json:
    """Read JSON; raises NotJson for anything that JSON.parse refuses, NaN and deep nesting included."""
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise NotJson(_javascript_words(text, error)) from None
    except (ValueError, RecursionError) as error:
        raise NotJson(str(error)) from None


def dump(value: Json) -> bytes:
    """Write compact JSON as UTF-8; a lone surrogate, which UTF-8 cannot hold, is written as its escape."""
    return encode(compact(value))


def encode(text: str) -> bytes:
    """Encode JSON text as UTF-8, a lone surrogate as the escape that stands for it."""
    return plain(text).encode()


def plain(text: str) -> str:
    """Give JSON text that UTF-8 can hold: a lone surrogate becomes its escape, all else stays."""
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _javascript_words(text: str, error: json.JSONDecodeError) -> str:
    """Say what is wrong in the words of Node 18, which Kibana 8.12.2 runs on."""
    position = error.pos
    if position >= len(text):
        return "Unexpected end of JSON input"
    return f"Unexpected token {text[position]} in JSON at position {position}"


def _refuse(constant: str) -> NoReturn:
    raise NotJson(f"Unexpected token {constant[0]} in JSON")


def _finite(text: str) -> float | None:
    """Read a number; one beyond the range of a double is null, as it is after Kibana has passed it on."""
    number = float(text)
    return number if math.isfinite(number) else None


_DECODER = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite)
