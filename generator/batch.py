"""Some events, as the sinks take them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["Batch"]


@dataclass(frozen=True)
class Batch:
    """Events in the order of their time.

    `lines` are their JSON texts, one each, without line break and without a character that is not ASCII; `ids` and
    `indices` give their documents' ids and daily indices, which not every sink needs.
    """

    lines: Sequence[str]
    ids: Callable[[], Sequence[str]]
    indices: Callable[[], Sequence[str]]

    def __len__(self) -> int:
        return len(self.lines)

    def text(self) -> bytes:
        """Give all events as bytes, each with its line break."""
        return ("\n".join(self.lines) + "\n").encode("ascii") if self.lines else b""
