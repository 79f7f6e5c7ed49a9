"""Values in the words of a message: short, in one line, and safe to print."""

from __future__ import annotations

from collections.abc import Iterable

from kibana_builder.json_tree import Json

__all__ = ["counted", "listed", "quoted", "sentence", "shown"]

_LONGEST = 60
_LARGEST = 10**20


def shown(value: Json) -> str:
    """Say what a value is: "the text 'abc'", "the number 5", "a list"."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return f"the number {value}" if abs(value) < _LARGEST else "a very large number"
    if isinstance(value, str):
        return f"the text {quoted(value)}" if value else "an empty text"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    return "a mapping" if value else "an empty mapping"


def quoted(text: str) -> str:
    """Put a text in quotes: cut when it is long, with escapes for what a terminal would obey or not show."""
    cut = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    if not cut.isprintable():
        cut = "".join(
            character if character.isprintable() else character.encode("unicode_escape").decode() for character in cut
        )
    return f"'{cut}'"


def listed(items: Iterable[str], last: str = "or") -> str:
    """Join words as a sentence does: "a, b or c"."""
    *first, final = items
    return f"{', '.join(first)} {last} {final}" if first else final


def sentence(words: str) -> str:
    """End words as a sentence does, so that another can follow.

    >>> sentence("too busy"), sentence("Is it running?")
    ('too busy.', 'Is it running?')
    """
    return words if words.endswith((".", "?")) else f"{words}."


def counted(number: int, one: str) -> str:
    """Say how many there are of something.

    >>> counted(1, "event"), counted(1200, "event")
    ('1 event', '1,200 events')
    """
    return f"{number:,} {one}{'' if number == 1 else 's'}"
