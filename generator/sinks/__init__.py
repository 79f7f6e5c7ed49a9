"""Where events go: a file or stdout, a TCP input of Logstash, Elasticsearch.

Each sink is one module; what they have in common is said here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from generator.batch import Batch

__all__ = ["Report", "Sink"]


@dataclass
class Report:
    """What became of the events, counted in events."""

    sent: int = 0
    """Handed over: written, sent, or acknowledged by Elasticsearch."""
    resent: int = 0
    """Sent again after a break, beside those in `sent`; ids make the second time harmless."""
    updated: int = 0
    """Acknowledged as already there."""
    refused: int = 0
    """Refused by the other side for good."""
    unsent: int = 0
    """Could not be sent."""
    retried: int = 0
    """How often something had to be sent again because the other side could not take it, in bulks."""
    reasons: list[str] = field(default_factory=list)
    """Why the first few were refused, in Elasticsearch's words."""
    kept_in: str | None = None
    """The file that keeps what could not be sent, if there is one."""


class Sink(Protocol):
    """Takes events in order; `send` may wait while the other side does."""

    def send(self, batch: Batch) -> None: ...

    def close(self) -> Report:
        """Send what is still waiting, as far as that is possible in a few seconds, and say what became of all."""
        ...
