"""Names -> ids of the panels, sections and controls of a dashboard.

An id comes from what the panel is called, so that moving, inserting or reordering panels changes no id of another:
the visualization's name, else the title, else the chart's type with its count. Only panels of one name are told
apart by their order.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["NameOf", "slug", "unique_ids"]

_LONGEST = 64


class NameOf(NamedTuple):
    """What the id of one panel is made of: the written id, a name, and the kind that counts where there is no name."""

    id: str | None
    name: str
    kind: str


def slug(text: str) -> str:
    """Make a word for an id of a title: small letters, digits and `-`; letters of every alphabet stay.

    >>> slug("Latency (P95), EU-West")
    'latency-p95-eu-west'
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+", "-", plain).strip("-")[:_LONGEST].rstrip("-")


def unique_ids(names: Sequence[NameOf]) -> list[str]:
    """Give each panel an id of its own. An id that is written is kept, even when it is there twice.

    Every name first goes to the first panel that has it, then the others get numbers: a second `latency` never takes
    `latency-2` from a panel that is called so.
    """
    counts: Counter[str] = Counter()
    wanted: list[str] = []
    for given, name, kind in names:
        if given is None and not name:
            counts[kind] += 1
        wanted.append(given if given is not None else name or f"{kind}-{counts[kind]}")
    taken = {given for given, _, _ in names if given is not None}
    result: list[str | None] = [given for given, _, _ in names]
    for index, word in enumerate(wanted):
        if result[index] is None and word not in taken:
            taken.add(word)
            result[index] = word
    seen: Counter[str] = Counter()
    for index, word in enumerate(wanted):
        seen[word] += 1
        if result[index] is None:
            number = max(seen[word], 2)
            while f"{word}-{number}" in taken:
                number += 1
            taken.add(f"{word}-{number}")
            result[index] = f"{word}-{number}"
    return [word for word in result if word is not None]
