"""The errors that reach a person, as a tree.

::

    KbuildError                 something a person can act on; the command line prints it without a traceback
    ├── SpecError               findings in files: nothing was built or sent
    ├── UsageError              the command was called wrongly (exit code 2)
    ├── KibanaError             what Kibana, or the way to it, answered
    │   ├── CannotConnect       no answer: connection, TLS, time-out
    │   ├── NotAllowed          401 or 403: who we are, or what we may do
    │   ├── NotFound            404: a space or an object that is not there
    │   ├── TooLarge            over one of the server's limits, found before anything is sent
    │   └── Refused             any other answer that is not a success
    └── ElasticError            the same of Elasticsearch
        ├── ElasticUnreachable  no answer: connection, TLS, time-out
        ├── ElasticNotAllowed   401 or 403: who we are, or what we may do
        ├── ElasticNotFound     404: an index or a template that is not there
        └── ElasticRefused      any other answer that is not a success
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kibana_builder.problem import Problem

__all__ = [
    "CannotConnect",
    "ElasticError",
    "ElasticNotAllowed",
    "ElasticNotFound",
    "ElasticRefused",
    "ElasticUnreachable",
    "KbuildError",
    "KibanaError",
    "NotAllowed",
    "NotFound",
    "Refused",
    "SpecError",
    "TooLarge",
    "UsageError",
]


class KbuildError(Exception):
    """Something went wrong that a person can act on; `str()` of it says what, where and what to do."""

    exit_code = 1


class SpecError(KbuildError):
    """Files have findings of severity error; `problems` holds all findings, warnings included."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        count = sum(problem.severity == "error" for problem in self.problems)
        super().__init__(f"{count} error{'s' if count != 1 else ''} in the files")


class UsageError(KbuildError):
    """The command was called with options or paths that cannot be meant."""

    exit_code = 2


class KibanaError(KbuildError):
    """Kibana, or the way to it, did not do what was asked.

    `status` is the HTTP status where there is one. `cure` is the last sentence of the message, which says what to do
    or as whom we came; `words` are all that stands before.
    """

    def __init__(self, words: str, status: int | None = None, cure: str = "") -> None:
        super().__init__(f"{words} {cure}" if cure else words)
        self.words, self.status, self.cure = words, status, cure


class CannotConnect(KibanaError):
    """No answer came: name, connection, TLS or time-out."""


class NotAllowed(KibanaError):
    """Kibana answered 401 or 403: the credentials, or the rights behind them, do not suffice."""


class NotFound(KibanaError):
    """Kibana answered 404: a space or an object that is not there."""


class TooLarge(KibanaError):
    """The request would be over one of Kibana's limits; found before anything was sent."""


class Refused(KibanaError):
    """Kibana answered, and it was no success."""


class ElasticError(KbuildError):
    """Elasticsearch, or the way to it, did not do what was asked.

    `status` is the HTTP status where there is one, `type` Elasticsearch's own word for the error
    ("index_template_missing_exception") where it gave one; `words` and `cure` as those of KibanaError.
    """

    def __init__(self, words: str, status: int | None = None, type: str = "", cure: str = "") -> None:  # noqa: A002
        super().__init__(f"{words} {cure}" if cure else words)
        self.words, self.status, self.type, self.cure = words, status, type, cure


class ElasticUnreachable(ElasticError):
    """No answer came: name, connection, TLS or time-out. What was asked may have been done all the same."""


class ElasticNotAllowed(ElasticError):
    """Elasticsearch answered 401 or 403: the credentials, or the rights behind them, do not suffice."""


class ElasticNotFound(ElasticError):
    """Elasticsearch answered 404: an index, a template or the like that is not there."""


class ElasticRefused(ElasticError):
    """Elasticsearch answered, and it was no success; or what answered is no Elasticsearch."""
