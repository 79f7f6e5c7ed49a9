"""What came of one look: a state, words for a person, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from kibana_builder.errors import ElasticError, ElasticNotAllowed, KbuildError, NotAllowed

__all__ = ["Result", "Service", "State", "age_words", "looked", "size_words"]

State = Literal["ok", "warning", "problem", "skipped"]
"""ok; worth a look, and everything works; something does not work; not looked at, since something else is wrong."""


class Service(StrEnum):
    """What is looked at, in the order in which data goes through it."""

    elasticsearch = "elasticsearch"
    logstash = "logstash"
    kibana = "kibana"
    pipeline = "pipeline"
    dashboards = "dashboards"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of looking at one thing: `check` names it, `words` say how it is, `cure` what to do about it.

    `details` are lines below the words, each about a part: a panel, an index.
    """

    service: Service
    check: str
    state: State
    words: str
    cure: str = ""
    details: tuple[str, ...] = ()


def looked(service: Service, check: str, look: Callable[[], Iterable[Result]]) -> Iterator[Result]:
    """Give the results of a look; where the server refuses it, that is the result.

    What we may not see is a warning, since it may be well; so is what a service does not offer (410, as Elastic's
    serverless projects answer for what they look after themselves).
    """
    try:
        yield from look()
    except (ElasticNotAllowed, NotAllowed) as error:
        yield Result(service, check, "warning", f"could not be looked at: {error.words}", error.cure)
    except KbuildError as error:
        gone = isinstance(error, ElasticError) and error.status == 410
        yield Result(service, check, "warning" if gone else "problem", str(error))
    except (KeyError, TypeError, ValueError, AttributeError):
        # What answers may be another version, or stand behind a proxy that changes answers.
        words = "the answer does not have the form that Elastic documents"
        yield Result(
            service, check, "problem", words, "is this the address of the service itself, in a version 8 or 9?"
        )


def age_words(seconds: float) -> str:
    """Say how long ago something was, in the largest unit that fits.

    >>> [age_words(seconds) for seconds in (0.4, 59, 90, 7200, 200000)]
    ['0 s', '59 s', '1 min', '2 h', '2 days']
    """
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} day" if unit == "days" and count == 1 else f"{count} {unit}"
    return f"{int(max(0, seconds))} s"


def size_words(size: float) -> str:
    """Write a number of bytes for a person.

    >>> [size_words(size) for size in (512, 20_000_000, 83_017_519_104)]
    ['512 B', '19 MB', '77.3 GB']
    """
    if size >= 1024**3:
        return f"{size / 1024**3:.1f} GB"
    return f"{size / 1024**2:.0f} MB" if size >= 1024**2 else f"{size:.0f} B"
