"""Plain values -> new YAML text, in the style of the example project.

A mapping or a list of plain values stands on one line where it fits; a list of mappings has an entry on each line,
and so have the larger parts of a file (panels, layers). Text of several lines is a block. What is quoted has to be: by
the 1.2 core schema, in which `on` and `2026-01-01` are words. `read_yaml` gives the value back exactly.
"""

from __future__ import annotations

import json
import math
import re
from functools import lru_cache

from kibana_builder.errors import KbuildError
from kibana_builder.files.scalars import KEYS, PLAIN, NoJsonNumber
from kibana_builder.files.yaml_file import MAX_DEPTH, UNPRINTABLE
from kibana_builder.json_tree import Json, JsonObject

__all__ = [
    "WIDTH",
    "Unwritable",
    "after_key",
    "double_quoted",
    "entry",
    "flow",
    "in_order",
    "pair",
    "scalar",
    "write_yaml",
]

WIDTH = 120
"""The longest line that a mapping or a list is written on; text is never broken."""

_INDENT = 2
_DEEPEST_ON_A_LINE = 2
# Parts of a file that have a line for each of their properties, however short they are.
_ALWAYS_BLOCK = frozenset({"panels", "pinned_panels", "layers", "drilldowns", "data_views", "contexts"})
# Those that have it as soon as one of their properties is a mapping.
_BLOCK_WHEN_NESTED = frozenset({"axis", "styling"})

# What a plain scalar must not begin with, and what ends one: https://yaml.org/spec/1.2.2/#733-plain-style
_INDICATORS = frozenset("-?:,[]{}#&*!|>'\"%@`")
_ENDS_PLAIN = re.compile(r":(?:\s|$)|\s#|[\t\n\r]")
# libyaml also takes `:?` for the end, though the specification does not.
_ENDS_PLAIN_IN_FLOW = re.compile(r"[,\[\]{}]|:\?")
_SURROGATE = re.compile("[\ud800-\udfff]")
# Beyond 1,024 characters readers take nothing for a key that does not say so.
_LONGEST_KEY = 1000
_MOST_DIGITS = 309

_FIRST = (
    *("type", "operation", "visualization", "inline", "title", "id", "description", "tags", "lock"),
    *("time_range", "refresh_interval", "query", "filters", "options", "collapsed", "data_source"),
    *("data_view_id", "field", "fields", "field_name", "formula", "value", "percentile", "rank", "of", "window"),
    *("limit", "label", "grid", "x", "y", "w", "h"),
)
_LAST = (
    *("config", "layers", "rows", "split_metrics_by", "metric", "metrics", "group_by", "breakdown_by"),
    *("axis", "legend", "styling", "drilldowns", "pinned_panels", "panels", "raw", "raw_absent", "saved_object"),
)
_RANKS = {key: rank - len(_FIRST) for rank, key in enumerate(_FIRST)} | {
    key: rank + 1 for rank, key in enumerate(_LAST)
}
# Kept word for word, so in Kibana's own order.
_AS_THEY_CAME = frozenset({"raw", "saved_object"})


class Unwritable(KbuildError):
    """A value holds what no YAML file can say: half a character, a number without end, too many levels."""


def in_order(value: Json) -> Json:
    """Put the keys of a dashboard or visualization into the order in which the examples have them.

    Keys that no example has stay in their order, between the heads and the large parts.
    """
    if isinstance(value, list):
        return [in_order(item) for item in value]
    if not isinstance(value, dict):
        return value
    keys = sorted(value, key=lambda key: _RANKS.get(key, 0))
    return {key: value[key] if key in _AS_THEY_CAME else in_order(value[key]) for key in keys}


def write_yaml(value: JsonObject) -> str:
    """Write the text of a file. Raises Unwritable."""
    _check_depth(value, MAX_DEPTH)
    text = block(value, 0) if value else "{}"
    return f"{text}\n"


def _check_depth(value: Json, room: int) -> None:
    if isinstance(value, (dict, list)):
        if room == 0:
            raise Unwritable(f"more than {MAX_DEPTH} levels of nesting")
        for item in value.values() if isinstance(value, dict) else value:
            _check_depth(item, room - 1)


# ------------------------------------------------------------------------------------------- collections


def block(value: Json, indent: int, name: str = "") -> str:
    """Write a collection that is not empty with a line for each entry; the first line has no indentation.

    `name` is the key that the collection stands under.
    """
    between = "\n" + " " * indent
    if isinstance(value, list):
        return between.join(f"- {entry(item, indent + _INDENT, name)}" for item in value)
    return between.join(pair(key, item, indent) for key, item in value.items())


def pair(key: str, value: Json, indent: int) -> str:
    """Write a key and its value for a block mapping."""
    said = _key(key)
    if said.startswith("? "):
        return f"{said}\n{' ' * indent}: {entry(value, indent + _INDENT, key)}"
    return f"{said}:{after_key(key, value, indent, len(said) + 1)}"


def after_key(key: str, value: Json, indent: int, used: int) -> str:
    """Write what follows `key:` of a block mapping, from the blank or the line break on.

    `used` is how many characters of the line are taken, from the indentation on.
    """
    if not isinstance(value, (dict, list)):
        return f" {scalar(value, indent + _INDENT)}"
    if (text := one_line(value, WIDTH - indent - used - 1, key)) is not None:
        return f" {text}"
    inner = indent + _INDENT
    return f"\n{' ' * inner}{block(value, inner, key)}"


def entry(item: Json, indent: int, name: str = "") -> str:
    """Write an entry of a block list, behind its `- `; `name` is the key that the list stands under."""
    if not isinstance(item, (dict, list)):
        return scalar(item, indent)
    keep_block = name in _ALWAYS_BLOCK and isinstance(item, dict) and bool(item)
    text = None if keep_block else one_line(item, WIDTH - indent)
    return block(item, indent) if text is None else text


def one_line(value: Json, room: int, name: str = "") -> str | None:
    """Write a collection on one line, if that is its style and `room` characters are enough."""
    if not value:
        return "[]" if isinstance(value, list) else "{}"
    if isinstance(value, dict) and _needs_lines(value, name):
        return None
    try:
        text = _on_a_line(value, _DEEPEST_ON_A_LINE, room)
    except _TooLong:
        return None
    return text if len(text) <= room else None


def _needs_lines(value: JsonObject, name: str) -> bool:
    nested = any(isinstance(item, dict) and item for item in value.values())
    return name in _ALWAYS_BLOCK or (name in _BLOCK_WHEN_NESTED and nested)


class _TooLong(Exception):
    """Something does not go on one line."""


def _on_a_line(value: Json, depth: int, room: int) -> str:
    """Write a value for a line, as far as `room` may reach; raises _TooLong. Only mappings count as depth."""
    if isinstance(value, str):
        if "\n" in value or len(value) > room:
            raise _TooLong
        return scalar(value)
    if not isinstance(value, (dict, list)):
        return scalar(value)
    parts = []
    if isinstance(value, list):
        if any(isinstance(item, (dict, list)) for item in value):
            raise _TooLong
        for item in value:
            parts.append(_on_a_line(item, depth, room))
            room = _less(room, len(parts[-1]) + 2)
        return f"[{', '.join(parts)}]"
    if depth == 0 and value:
        raise _TooLong
    for key, item in value.items():
        said = _key(key, in_flow=True)
        parts.append(f"{said}: {_on_a_line(item, depth - 1, _less(room, len(said)))}")
        room = _less(room, len(parts[-1]) + 2)
    return f"{{{', '.join(parts)}}}"


def _less(room: int, used: int) -> int:
    if used > room + 2:
        raise _TooLong
    return room - used


def flow(value: Json) -> str:
    """Write a value for inside braces or brackets, on one line however long it is."""
    if isinstance(value, list):
        return f"[{', '.join(map(flow, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_key(key, in_flow=True)}: {flow(item)}' for key, item in value.items())}}}"
    return scalar(value)


# ------------------------------------------------------------------------------------------- scalars


def scalar(value: Json, indent: int | None = None) -> str:
    """Write a single value; with an `indent`, text of several lines becomes a block of that indentation.

    Without one, it is for inside braces or brackets.
    """
    if isinstance(value, str):
        if indent is not None and "\n" in value and _fits_a_block(value):
            return _literal(value, indent)
        return _plain_or_quoted(value, in_flow=indent is None)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if not math.isfinite(value):
            raise Unwritable(f"JSON has no number {value}")
        return repr(value)
    text = _digits(value)
    if len(text) > _MOST_DIGITS:
        raise Unwritable(f"a number with more than {_MOST_DIGITS} digits")
    return text


def _digits(number: int) -> str:
    try:
        return str(number)
    except ValueError:
        raise Unwritable("a number with thousands of digits") from None


def _plain_or_quoted(text: str, *, in_flow: bool) -> str:
    return text if _is_plain(text, in_flow) else double_quoted(text)


@lru_cache(maxsize=20_000)
def _is_plain(text: str, in_flow: bool) -> bool:
    """Tell whether a text may stand without quotes: it is read as itself, and nothing in it ends it early."""
    if not text or text[0] in _INDICATORS or text[0].isspace() or text[-1].isspace() or text.startswith(("---", "...")):
        return False
    if _ENDS_PLAIN.search(text) or UNPRINTABLE.search(text) or (in_flow and _ENDS_PLAIN_IN_FLOW.search(text)):
        return False
    try:
        return bool(PLAIN[text] == text)
    except NoJsonNumber:
        return False


def _key(text: str, *, in_flow: bool = False) -> str:
    said = text if KEYS[text] == text and _is_plain(text, in_flow) else double_quoted(text)
    return said if len(said) <= _LONGEST_KEY else f"? {said}"


def double_quoted(text: str) -> str:
    """Write a text in double quotes, with escapes for what may not stand in a file."""
    if _SURROGATE.search(text):
        raise Unwritable("half of a character (a lone surrogate), which UTF-8 has not")
    return UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))


def _fits_a_block(text: str) -> bool:
    """Tell whether a text of several lines keeps every character as a block.

    A first line that is empty or indented would have to say the indentation; several line ends at the end, and lines
    of blanks alone, are lost to many an editor.
    """
    lines = text.split("\n")
    return (
        bool(lines[0])
        and not text.endswith("\n\n")
        and lines[0][0] not in " \t"
        and not any(line.isspace() for line in lines)
        and not UNPRINTABLE.search(text)
        and "\r" not in text
    )


def _literal(text: str, indent: int) -> str:
    """Write a text of several lines as a block, whose last line has no line end."""
    head, lines = ("|", text[:-1]) if text.endswith("\n") else ("|-", text)
    margin = " " * indent
    return "\n".join([head, *(margin + line if line else "" for line in lines.split("\n"))])
