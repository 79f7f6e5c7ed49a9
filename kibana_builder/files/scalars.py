"""Plain scalars of YAML 1.2's core schema -> JSON values.

https://yaml.org/spec/1.2.2/#103-core-schema: null, true, false, whole numbers (decimal, `0o`, `0x`), numbers. No
dates, no sexagesimal numbers; `yes`, `no`, `on`, `off` are words. What JSON cannot say (`.inf`, `.nan`, `1e999`) is
refused instead of being changed.
"""

from __future__ import annotations

import re

from kibana_builder.json_tree import Json

__all__ = ["KEYS", "PLAIN", "NoJsonNumber"]

_WORDS: dict[str, Json] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_A_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_MAY_BEGIN_A_NUMBER = frozenset("0123456789+-.")
# The largest float has 309 digits. Python refuses to write integers beyond 4,300, no reader of JSON keeps them.
_MOST_DIGITS = 309
_LONGEST_KEPT = 100
_MOST_KEPT = 20_000


class NoJsonNumber(ValueError):
    """A number that YAML has and JSON has not."""


class _PlainScalars(dict[str, Json]):
    """What plain scalars mean, worked out once each: a project says the same few hundred words again and again."""

    def __missing__(self, text: str) -> Json:
        value = _resolve(text)
        if len(text) <= _LONGEST_KEPT and len(self) < _MOST_KEPT:
            self[text] = value
        return value


class _PlainKeys(dict[str, str | None]):
    """What plain scalars mean as keys: the text, or None where it is none (`1`, `null`, `true`, the merge key)."""

    def __missing__(self, text: str) -> str | None:
        try:
            key = text if text != "<<" and isinstance(_resolve(text), str) else None
        except NoJsonNumber:
            key = None
        if len(text) <= _LONGEST_KEPT and len(self) < _MOST_KEPT:
            self[text] = key
        return key


PLAIN = _PlainScalars()
KEYS = _PlainKeys()


def _resolve(text: str) -> Json:
    """Give the value of a plain scalar. Raises NoJsonNumber."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _MAY_BEGIN_A_NUMBER:
        return text
    if _INTEGER.fullmatch(text):
        if len(text) > _MOST_DIGITS:
            raise NoJsonNumber
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if number in (float("inf"), float("-inf")):
            raise NoJsonNumber
        return number
    if _NOT_A_NUMBER.fullmatch(text):
        raise NoJsonNumber
    return text
