"""What is wrong with a value, in words, on its way from the value up to the root of its document."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from kibana_builder.json_tree import Json, compact
from kibana_builder.problem import Finding
from kibana_builder.spec.nearest import did_you_mean
from kibana_builder.spec.words import listed, quoted, shown

__all__ = [
    "GOOD",
    "SECRETS_ELSEWHERE",
    "Check",
    "Mistake",
    "Mistakes",
    "alone",
    "literal_secret",
    "missing",
    "near_word",
    "not_supported",
    "nothing_decides",
    "out_of_range",
    "unknown_property",
    "unknown_value",
    "wrong_type",
]

# The rule and the words for a wrong word, by the property that it stands under.
_KINDS = {"operation": "unknown-operation", "type": "unknown-type"}
SECRETS_ELSEWHERE = (
    "set KIBANA_API_KEY, or KIBANA_USERNAME and KIBANA_PASSWORD, in the environment, "
    "or name variables of your own: api_key_env, username_env, password_env"
)
"""Where a secret goes instead of a file."""

_MOST_LISTED = 20
_LONGEST_COMPARED = 100
_LONGEST_IN_HINT = 40


@dataclass(slots=True)
class Mistake:
    """A finding under way: `path` is written from the value upwards.

    `names` are the properties that it speaks of, as long as a choice around the object may have more to say of them.
    """

    rule: str
    message: str
    hint: str = ""
    at: Literal["value", "key"] = "value"
    names: tuple[str, ...] = ()
    path: list[str | int] = field(default_factory=list)

    def finding(self) -> Finding:
        return Finding(self.rule, self.message, tuple(reversed(self.path)), self.at, hint=self.hint)


Mistakes: TypeAlias = Sequence[Mistake]
Check: TypeAlias = Callable[[Json], Mistakes]
GOOD: Mistakes = ()


def wrong_type(value: Json, expected: str, accepted: Collection[type]) -> Mistake:
    """Say that the value is of another kind; `accepted` are the Python types that would do."""
    hint = ""
    if str in accepted and isinstance(value, (bool, int, float)):
        hint = "in quotes it is a text"
    elif float in accepted and isinstance(value, str) and _is_number(value):
        hint = "without quotes it is a number"
    elif list in accepted and isinstance(value, (str, int, float)):
        short = isinstance(value, str) and len(value) < _LONGEST_IN_HINT and value.isprintable()
        hint = f"write a list: [{compact(value)}]" if short else "write a list"
    return Mistake("wrong-type", f"expected {expected}, got {shown(value)}", hint)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return len(text) <= _LONGEST_COMPARED


def unknown_value(value: Json, name: str, known: Sequence[Json], elsewhere: Collection[Json] = ()) -> Mistake:
    """Say that a word is none of those known here; `elsewhere` are those that may stand under `name` anywhere."""
    rule = _KINDS.get(name, "unknown-value")
    word = quoted(value) if isinstance(value, str) else shown(value).removeprefix("the number ")
    if isinstance(value, str) and value in elsewhere:
        return Mistake(rule, f"{name} {word} cannot stand here", _one_of(known))
    near = did_you_mean(value[:_LONGEST_COMPARED], map(str, known)) if isinstance(value, str) else ""
    message = f"unknown {name} {word}" if name in _KINDS else f"unknown value {word} for '{name}'"
    return Mistake(rule, message, near or _one_of(known))


def _one_of(known: Sequence[Json]) -> str:
    if len(known) > _MOST_LISTED:
        return ""
    words = [quoted(word) if isinstance(word, str) else str(word) for word in known]
    return f"one of: {', '.join(words)}" if len(words) > 1 else f"only {words[0]} can stand here"


def near_word(word: str, known: Iterable[str]) -> str:
    """Give the known word that was probably meant, or nothing."""
    close = difflib.get_close_matches(word[:_LONGEST_COMPARED], list(known), n=1)
    return close[0] if close else ""


def unknown_property(key: str, known: Collection[str], inside: Sequence[str] = ()) -> Mistake:
    """Say that an object has no such property; `inside` are those of its properties that have one of that name."""
    if inside:
        hint = f"it stands under {listed(map(quoted, inside))}"
    else:
        hint = did_you_mean(key[:_LONGEST_COMPARED], known) or (_one_of(sorted(known)) if known else "")
    return Mistake("unknown-property", f"unknown property {quoted(key)}", hint, "key", (key,))


def missing(names: Sequence[str]) -> Mistake:
    """Say what is missing in an object; all of it, since it is one place that wants an edit."""
    words = listed(map(quoted, names), "and")
    return Mistake("missing-property", f"{words} {'is' if len(names) == 1 else 'are'} missing", names=tuple(names))


def nothing_decides(names: Sequence[str], known: Sequence[Json]) -> Mistake:
    """Say that one of several properties has to be there; `known` are the words that the first of them can have."""
    hint = _one_of(known)
    if hint and len(names) > 1:
        hint = f"{names[0]} is {hint}"
    return Mistake("missing-property", f"{listed(map(quoted, names))} is missing", hint, names=(names[0],))


def alone(name: str, partners: Sequence[str]) -> Mistake:
    """Say that a property stands without those that it comes with."""
    return Mistake("missing-property", f"{quoted(name)} needs {listed(map(quoted, partners), 'and')} beside it")


def not_supported(name: str, value: Json = None) -> Mistake:
    """Say that Kibana knows the property, or its value, and kbuild does not."""
    what = quoted(name) if value is None else f"{name} {quoted(value)}"
    return Mistake("not-supported", f"kbuild does not know {what} yet", at="key" if value is None else "value")


def literal_secret(key: str) -> Mistake:
    """Say that a secret is written where only the name of its place belongs; its value is not repeated."""
    return Mistake("literal-secret", f"{quoted(key)} does not belong in a file", SECRETS_ELSEWHERE, "key")


def out_of_range(what: str, size: float, low: float | None, high: float | None) -> Mistake:
    """Say that a number, or a count of something, is too small or too large. `what` is "", "characters", "items"."""
    if what and low == 1 and size == 0:
        return Mistake("out-of-range", "this must not be empty")
    bound = f"at least {low}" if low is not None and size < low else f"at most {high}"
    got = shown(size).removeprefix("the number ")
    return Mistake("out-of-range", f"expected {bound}{' ' * bool(what)}{what}, got {got}")
