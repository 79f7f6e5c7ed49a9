"""Rison: the notation in which Kibana keeps its state in addresses, `(time:(from:now-24h,to:now))`.

It is JSON with fewer characters that an address would have to escape: `!t`, `!f` and `!n` are true, false and null,
`!(…)` is a list, `(…)` an object, and a text without special characters stands without quotes; in a quoted one `!`
escapes. The notation: https://github.com/Nanonid/rison.
"""

from __future__ import annotations

import json
import re

from kibana_builder.errors import KbuildError
from kibana_builder.json_tree import Json, JsonObject

__all__ = ["NotRison", "from_rison", "to_rison"]

_SPECIAL = " '!:(),*@$"
_WORD = re.compile(rf"[^-0-9{re.escape(_SPECIAL)}][^{re.escape(_SPECIAL)}]*")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?")
_CONSTANTS = {"!t": True, "!f": False, "!n": None}


class NotRison(KbuildError):
    """A text that is no Rison."""


def from_rison(text: str) -> Json:
    """Read a value.

    >>> from_rison("(filters:!(),time:(from:now-24h,to:'2026-11-24T00:00:00Z'))")
    {'filters': [], 'time': {'from': 'now-24h', 'to': '2026-11-24T00:00:00Z'}}

    Raises NotRison.
    """
    reader = _Reader(text)
    value = reader.value()
    reader.end()
    return value


def to_rison(value: Json) -> str:
    """Write a value; objects keep the order of their entries.

    >>> to_rison({"pause": True, "filters": ["it's", 5]})
    "(pause:!t,filters:!('it!'s',5))"
    """
    if isinstance(value, dict):
        return "(" + ",".join(f"{_text(str(key))}:{to_rison(entry)}" for key, entry in value.items()) + ")"
    if isinstance(value, list | tuple):
        return "!(" + ",".join(to_rison(entry) for entry in value) + ")"
    if value is None or isinstance(value, bool):
        return next(word for word, constant in _CONSTANTS.items() if constant is value)
    if isinstance(value, str):
        return _text(value)
    return json.dumps(value, allow_nan=False).replace("e+", "e")  # a plus would be a space in an address


def _text(words: str) -> str:
    if _WORD.fullmatch(words):
        return words
    return "'" + words.replace("!", "!!").replace("'", "!'") + "'"


class _Reader:
    """Goes through a text once; `at` is how far it has come."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def wrong(self) -> NotRison:
        return NotRison(f"no Rison, from character {self.at + 1}: {self.text[self.at : self.at + 40]!r}")

    def end(self) -> None:
        if self.at < len(self.text):
            raise self.wrong()

    def took(self, words: str) -> bool:
        if not self.text.startswith(words, self.at):
            return False
        self.at += len(words)
        return True

    def value(self) -> Json:
        if self.took("!("):
            return self._list()
        if self.took("("):
            return self._object()
        if self.took("'"):
            return self._quoted()
        constant = self.text[self.at : self.at + 2]
        if constant in _CONSTANTS:
            self.at += 2
            return _CONSTANTS[constant]
        found = _NUMBER.match(self.text, self.at)
        if found is not None:
            self.at = found.end()
            return json.loads(found[0])
        return self._word()

    def _word(self) -> str:
        found = _WORD.match(self.text, self.at)
        if found is None:
            raise self.wrong()
        self.at = found.end()
        return found[0]

    def _quoted(self) -> str:
        found = re.compile(r"((?:[^!']|![!'])*)'").match(self.text, self.at)
        if found is None:
            raise self.wrong()
        self.at = found.end()
        return re.sub("!(.)", r"\1", found[1])

    def _list(self) -> list[Json]:
        values: list[Json] = []
        while not self.took(")"):
            if values and not self.took(","):
                raise self.wrong()
            values.append(self.value())
        return values

    def _object(self) -> JsonObject:
        entries: JsonObject = {}
        while not self.took(")"):
            if entries and not self.took(","):
                raise self.wrong()
            key = self.value()
            if isinstance(key, dict | list) or not self.took(":"):
                raise self.wrong()
            entries[key if isinstance(key, str) else json.dumps(key)] = self.value()
        return entries
