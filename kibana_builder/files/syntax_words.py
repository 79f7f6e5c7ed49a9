"""libyaml's complaints -> what a person would want to be told, and the place they would look at.

libyaml names what its parser waited for ("did not find expected key"), often a line after the slip. The words here
say what was most likely meant, and `context` in the table moves the caret to where the broken thing begins.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import yaml

from kibana_builder.files.places import Mistake, Span

__all__ = ["explain", "tag_mistake"]

_SYNTAX = "yaml-syntax"
_QUOTE = "put the text in quotes"
_NO_DIRECTIVES = "a line that begins with '%' is a YAML directive; put the text in quotes"


@dataclass(frozen=True, slots=True)
class _Words:
    message: str
    hint: str = ""
    at: Literal["problem", "context"] = "problem"
    rule: str = _SYNTAX


_TAB = _Words("a tab is used for indentation", "indent with spaces", rule="tab")

_TABLE = {
    # libyaml looks ahead, so its own limit comes before that of yaml_file where very much is nested on one line.
    "exceeded maximum nesting depth": _Words("far too many levels of nesting", rule="too-deep"),
    "found a tab character that violates indentation": _TAB,
    "found a tab character where an indentation space is expected": _TAB,
    "did not find expected '-' indicator": _Words(
        "this line is no item of the list above it", "an item begins with '- '; is the indentation right?"
    ),
    "block sequence entries are not allowed in this context": _Words(
        "a list cannot begin here", "write its items on lines of their own, or use [brackets]"
    ),
    "mapping keys are not allowed in this context": _Words("a value cannot begin with '? '", _QUOTE),
    "found unexpected end of stream": _Words("this quotation mark is never closed", at="context"),
    "found unexpected document indicator": _Words("this quotation mark is not closed in its document", at="context"),
    "did not find expected hexdecimal number": _Words(
        "the escape needs hexadecimal digits here", "\\xNN, \\uNNNN or \\UNNNNNNNN"
    ),
    "found invalid Unicode character escape code": _Words(
        "the escape stands for no character", "write the character itself, or \\UNNNNNNNN"
    ),
    "did not find expected comment or line break": _Words(
        "the text of a block begins on the line after '|' or '>'", "put a value of one line in quotes instead"
    ),
    "found an indentation indicator equal to 0": _Words("a block cannot be indented by 0"),
    "did not find expected <document start>": _Words(
        "this does not belong to what stands above it", "is the indentation right?"
    ),
    "found incompatible YAML document": _Words("this YAML version is not known", "1.2 is; the line can be left out"),
    "found unknown directive name": _Words("this directive is not known", _NO_DIRECTIVES),
    "could not find expected directive name": _Words("this directive has no name", _NO_DIRECTIVES),
    "found unexpected non-alphabetical character": _Words("this is no directive", _NO_DIRECTIVES, at="context"),
}


def explain(text: str, error: yaml.MarkedYAMLError) -> Mistake:
    """Turn an error of libyaml into words and a span."""
    problem = error.problem or ""
    place = error.problem_mark.index if error.problem_mark else 0
    context = error.context_mark.index if error.context_mark else place
    if problem in _SPECIAL:
        return _SPECIAL[problem](text, place, context)
    if error.context == "while scanning a tag" or problem == "found undefined tag handle":
        return tag_mistake(text, context)
    words = _TABLE.get(problem, _Words(f"this is no valid YAML: {problem}"))
    start = context if words.at == "context" else place
    return Mistake(words.rule, words.message, (start, start + 1), words.hint)


def tag_mistake(text: str, start: int) -> Mistake:
    """Refuse the tag of the node that begins there (an anchor may stand before it)."""
    span = _word(text, text.index("!", start))
    hint = "put text that begins with '!' in quotes"
    return Mistake("yaml-tag", f"YAML tags are not allowed: {text[slice(*span)][:60]}", span, hint)


def _word(text: str, start: int) -> Span:
    """Give the span of the run of non-blank characters that begins there."""
    words = text[start : start + 200].split(maxsplit=1)
    return start, start + (len(words[0]) if words and not text[start].isspace() else 1)


def _line_before(text: str, place: int) -> str:
    """Give what stands on the line of that place, before it."""
    return text[max(text.rfind("\n", 0, place), text.rfind("\r", 0, place)) + 1 : place]


def _rest_of_line(text: str, place: int) -> str:
    return text[place:].split("\n", 1)[0].rstrip()


def _no_token(text: str, place: int, _: int) -> Mistake:
    character = text[place : place + 1]
    if character == "\t":
        return Mistake(_TAB.rule, _TAB.message, (place, place + 1), _TAB.hint)
    return Mistake(_SYNTAX, f"a value cannot begin with '{character}'", (place, place + 1), _QUOTE)


def _no_value_allowed(text: str, place: int, _: int) -> Mistake:
    """Explain a ':' that cannot make a key of what stands before it."""
    before = _line_before(text, place)
    if ": " in before or before.lstrip().startswith("? "):
        return Mistake(_SYNTAX, "a second ': ' on one line", (place, place + 1), "put text with ': ' in quotes")
    start = place - len(before.lstrip(" "))
    above = text[: place - len(before)].rstrip()
    last = above[max(above.rfind("\n"), above.rfind("\r")) + 1 :]
    words = last.strip()
    if words and ": " not in words and not words.endswith(":") and not words.startswith(("#", "- ", "'", '"')):
        return _missing_colon(text, len(above) - len(last.lstrip()), len(above))
    if len(before) > 1000:
        return Mistake(_SYNTAX, "a key cannot be longer than 1,000 characters", (start, start + 1))
    return Mistake(
        _SYNTAX, "this key is indented deeper than the one above it, which has a value already", (start, place)
    )


def _no_colon(text: str, _: int, context: int) -> Mistake:
    return _missing_colon(text, context, context + len(_rest_of_line(text, context)))


def _missing_colon(text: str, start: int, end: int) -> Mistake:
    if ":" in text[start:end]:
        return Mistake(_SYNTAX, "a space is missing after ':'", (start, end))
    return Mistake(_SYNTAX, "a ':' is missing after this key", (start, end))


def _no_key(text: str, place: int, _: int) -> Mistake:
    """Explain something that stands where the next key should."""
    span = _word(text, place)
    if text.startswith(("}", "]"), place):
        return Mistake(_SYNTAX, f"'{text[place]}' closes nothing", span)
    if _line_before(text, place).strip():
        hint = "text in which quotes, brackets or '&' stand needs quotes around all of it"
        return Mistake(_SYNTAX, "nothing more can follow the value here", span, hint)
    if text.startswith("- ", place):
        return Mistake(_SYNTAX, "a list item stands where a key should", span, "is the indentation right?")
    if text.startswith(":", place):
        return Mistake(_SYNTAX, "a key is missing before this ':'", span)
    return Mistake(_SYNTAX, "the indentation of this line fits no line above it", span)


def _no_end_of(bracket: str) -> Callable[[str, int, int], Mistake]:
    def explained(text: str, place: int, context: int) -> Mistake:
        kind = "list" if bracket == "]" else "mapping"
        if not text[place:].strip():
            return Mistake(_SYNTAX, f"this '{text[context]}' is never closed", (context, context + 1))
        if "\n" in text[context:place]:
            message = f"a ',' or '{bracket}' is missing before line {text.count(chr(10), 0, place) + 1}"
            return Mistake(_SYNTAX, f"{message}: the {kind} that begins here is still open", (context, context + 1))
        hint = "put text with ',', ':' or brackets in quotes"
        return Mistake(_SYNTAX, f"a ',' or '{bracket}' is missing here", _word(text, place), hint)

    return explained


def _no_content(text: str, place: int, _: int) -> Mistake:
    if not text[place:].strip():
        return Mistake(_SYNTAX, "the file ends in the middle of a list or mapping", (place, place + 1))
    return Mistake(_SYNTAX, f"a value cannot begin with '{text[place]}'", (place, place + 1), _QUOTE)


def _no_name(text: str, _: int, context: int) -> Mistake:
    what = "an alias" if text[context] == "*" else "an anchor"
    hint = f"it would begin {what}; {_QUOTE}"
    return Mistake(_SYNTAX, f"a value cannot begin with '{text[context]}'", _word(text, context), hint)


def _no_escape(text: str, place: int, _: int) -> Mistake:
    escape = text[place : place + 2]
    hint = "use single quotes, or write '\\\\' for a backslash"
    return Mistake(_SYNTAX, f"'{escape}' is no escape in double quotes", (place, place + 2), hint)


_SPECIAL: dict[str, Callable[[str, int, int], Mistake]] = {
    "found character that cannot start any token": _no_token,
    "mapping values are not allowed in this context": _no_value_allowed,
    "could not find expected ':'": _no_colon,
    "did not find expected key": _no_key,
    "did not find expected ',' or ']'": _no_end_of("]"),
    "did not find expected ',' or '}'": _no_end_of("}"),
    "did not find expected node content": _no_content,
    "did not find expected alphabetic or numeric character": _no_name,
    "found unknown escape character": _no_escape,
}
