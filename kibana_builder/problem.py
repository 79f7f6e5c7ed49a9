"""A finding in a file: what is wrong, where, by which rule, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kibana_builder.json_tree import Path

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found at `path` of one document; `files.yaml_file.locate` turns it into a Problem.

    `at` tells whether the key (an unknown property) or the value (a wrong one) is meant. `hint` stands in
    brackets behind the message: "did you mean 'percentile'?".
    """

    rule: str
    message: str
    path: Path = ()
    at: Literal["value", "key"] = "value"
    severity: Severity = "error"
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding with its place: line and columns count from 1, `end_column` is one past the last character."""

    rule: str
    message: str
    file: str
    line: int
    column: int
    end_column: int
    severity: Severity = "error"
    hint: str = ""
    source_line: str = ""


class NotExpressible(Exception):
    """A document says something that the saved object has no place for; `finding` names the property."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.finding = Finding("not-expressible", message, path)

    def below(self, *path: str | int) -> NotExpressible:
        """Return the same with `path` put before its path: the caller knows where the piece stands."""
        return NotExpressible((*path, *self.finding.path), self.finding.message)
