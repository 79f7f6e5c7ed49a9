"""Checks of what a request says, with the words of Kibana's own checks.

A check takes a value (ABSENT where there is none) and its path, and gives back the value that the handler sees, with
defaults filled in. It raises WrongValue, whose text reads like `[data_view.title]: expected value of type [string]
but got [undefined]`. Query parameters come as text: a check for a boolean or a number takes the text that stands for
one, and `from_text` makes a check that takes JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.sandbox import json_text

Path: TypeAlias = tuple[str | int, ...]
Check: TypeAlias = Callable[[Json, Path], Json]


class _Absent:
    """The one value that says: nothing was sent."""


ABSENT: Final = _Absent()


class WrongValue(Exception):
    """A value is refused; `path` says which, the text says why."""

    def __init__(self, path: Path, words: str) -> None:
        super().__init__(f"[{'.'.join(map(str, path))}]: {words}" if path else words)


def type_name(value: Json) -> str:
    """Name the type of a value as Kibana does: undefined, null, string, number, boolean, Array, Object."""
    if value is ABSENT:
        return "undefined"
    if value is None:
        return "null"
    names = {str: "string", bool: "boolean", list: "Array", dict: "Object"}
    return names.get(type(value), "number")


def anything(value: Json, _path: Path) -> Json:
    return value


def text(value: Json, path: Path) -> str:
    if not isinstance(value, str):
        raise WrongValue(path, f"expected value of type [string] but got [{type_name(value)}]")
    return value


def identifier(value: Json, path: Path) -> str:
    """Take a text that can be looked up: a lone surrogate is no character."""
    if not text(value, path).isascii() and json_text.plain(value) != value:
        raise WrongValue(path, "is not valid Unicode")
    return str(value)


def boolean(value: Json, path: Path) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return bool(value == "true")
    raise WrongValue(path, f"expected value of type [boolean] but got [{type_name(value)}]")


def number(least: float | None = None) -> Check:
    def check(value: Json, path: Path) -> Json:
        if isinstance(value, str) and re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?", value):
            value = float(value) if "." in value else int(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise WrongValue(path, f"expected value of type [number] but got [{type_name(value)}]")
        if least is not None and value < least:
            raise WrongValue(path, f"Value must be equal to or greater than [{least}].")
        return value

    return check


def integer(least: int) -> Check:
    plain = number(least)

    def check(value: Json, path: Path) -> int:
        if not isinstance(plain(value, path), int):
            raise WrongValue(path, "must be a whole number")
        return int(value)

    return check


def literal(*words: str) -> Check:
    """Take one of the words; the message lists them as Kibana lists the members of a union."""

    def check(value: Json, path: Path) -> Json:
        if value in words:
            return value
        if len(words) == 1:
            raise WrongValue(path, f"expected value to equal [{words[0]}]")
        kinds = "\n".join(
            f"- [{'.'.join(map(str, path))}.{i}]: expected value to equal [{w}]" for i, w in enumerate(words)
        )
        raise WrongValue(path, f"types that failed validation:\n{kinds}")

    return check


def array(of: Check, most: int | None = None) -> Check:
    def check(value: Json, path: Path) -> Json:
        if not isinstance(value, list):
            raise WrongValue(path, f"expected value of type [array] but got [{type_name(value)}]")
        if most is not None and len(value) > most:
            raise WrongValue(path, f"array size is [{len(value)}], but cannot be greater than [{most}]")
        return [of(item, (*path, i)) for i, item in enumerate(value)]

    return check


def mapping(fields: Mapping[str, Check], *, others: Check | None = None) -> Check:
    """Take an object of these fields; an unknown key is refused unless `others` checks it."""

    def check(value: Json, path: Path) -> Json:
        if not isinstance(value, dict):
            raise WrongValue(path, f"expected a plain object value, but found [{type_name(value)}] instead.")
        checked: JsonObject = {}
        for name, field in fields.items():
            result = field(value.get(name, ABSENT), (*path, name))
            if result is not ABSENT:
                checked[name] = result
        for name in value:
            if name not in fields:
                if others is None:
                    raise WrongValue((*path, name), "definition for this key is missing")
                checked[name] = others(value[name], (*path, name))
        return checked

    return check


def nullable(check: Check) -> Check:
    return lambda value, path: None if value is None else check(value, path)


def optional(check: Check, default: Json = ABSENT) -> Check:
    return lambda value, path: default if value is ABSENT else check(value, path)


def one_or_many(check: Check) -> Check:
    """Take one value or a list of them and give a list."""
    many = array(check)
    return lambda value, path: many(value, path) if isinstance(value, list) else [check(value, path)]


def from_text(check: Check, kind: str) -> Check:
    """Take the JSON of a query or a form; `kind` is the word for what it should be, `array` or `object`."""

    def checked(value: Json, path: Path) -> Json:
        if isinstance(value, str):
            try:
                value = json_text.parse(value)
            except json_text.NotJson:
                raise WrongValue(path, f"could not parse {kind} value from json input") from None
        return check(value, path)

    return checked
