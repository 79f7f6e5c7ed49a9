"""Where events go: a file or stdout, a TCP input of Logstash, Elasticsearch.

Each sink is one module; what they have in common is said here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from generator.batch import Batch
from kibana_builder.errors import KbuildError

__all__ = ["Report", "Sink"]


@dataclass
class Report:
    """What became of the events, counted in events."""

    sent: int = 0
    """Handed over: written, sent, or acknowledged by Elasticsearch."""
    earlier: int = 0
    """Left by an earlier run and taken over; they are counted with the others then."""
    resent: int = 0
    """Sent again after a break, beside those in `sent`; ids make the second time harmless."""
    updated: int = 0
    """Acknowledged as already there."""
    refused: int = 0
    """Refused by the other side for good."""
    unsent: int = 0
    """Could not be sent."""
    unsure: int = 0
    """Sent, and the other side went away for good soon after: they may have arrived, or not."""
    spilled: int = 0
    """Waited in a file while the other side was away."""
    retried: int = 0
    """How often something had to be sent again because the other side could not take it, in bulks."""
    reasons: list[str] = field(default_factory=list)
    """Why the first few were refused, in Elasticsearch's words."""
    kept_in: list[str] = field(default_factory=list)
    """The files that keep what could not be sent."""
    refused_in: str | None = None
    """The file that keeps what was refused."""
    failure: KbuildError | None = None
    """Why nothing more could be sent, where that ended the run."""


class Sink(Protocol):
    """Takes events in order; `send` may wait while the other side does."""

    def send(self, batch: Batch) -> None:
        """Take some events. Raises KbuildError where no more can be sent."""
        ...

    def close(self) -> Report:
        """Send what is still waiting, as far as that is possible in a few seconds, and say what became of all."""
        ...
