"""One bulk request: what Elasticsearch says of each of its items."""

from __future__ import annotations

from dataclasses import dataclass, field

from generator.sinks.spill import pairs_of
from kibana_builder.elastic.client import Elastic
from kibana_builder.json_tree import Json

__all__ = ["Answer", "is_passing", "send_bulk"]

FILTER = {"filter_path": "errors,items.*.result,items.*.status,items.*.error.reason,items.*.error.caused_by.reason"}
"""All else in the answer is not looked at, and reading it takes time."""


@dataclass
class Answer:
    """What became of the items of a bulk; items are pairs of lines with their line breaks."""

    acknowledged: int = 0
    updated: int = 0
    """How many of the acknowledged were there already."""
    again: list[bytes] = field(default_factory=list)
    """Those that Elasticsearch could not take now."""
    why_again: str = ""
    refused: list[tuple[bytes, str]] = field(default_factory=list)
    """Those that it does not want, with its reason."""


def is_passing(status: int | None) -> bool:
    """Tell whether a refusal with an HTTP status may be none later.

    429 is a full queue or a full disk. Single items of a server that is being stopped fail with 500 (its shards are
    closed already), proxies answer 502 to 504, and 408 when it took too long.
    """
    return status is not None and (status in (408, 429) or status >= 500)


def send_bulk(elastic: Elastic, body: bytes, *, is_500_passing: bool = True) -> Answer:
    """Send a bulk once. Raises ElasticError where it fails as a whole.

    An item that fails with 500 again and again is refused: `is_500_passing` says whether there is still hope.
    """
    answer = elastic.bulk(body, params=FILTER)
    results = [result for item in answer["items"] for result in item.values()]
    if not answer["errors"]:
        return Answer(len(results), sum(result["result"] != "created" for result in results))
    found = Answer()
    for pair, result in zip(pairs_of(body), results, strict=True):
        if result["status"] < 300:
            found.acknowledged += 1
            found.updated += result["result"] != "created"
        elif is_passing(result["status"]) and (is_500_passing or result["status"] != 500):
            found.again.append(pair)
            found.why_again = found.why_again or _reason(elastic, result)
        else:
            found.refused.append((pair, _reason(elastic, result)))
    return found


def _reason(elastic: Elastic, result: Json) -> str:
    """Say why an item was not taken, in Elasticsearch's words; what is really wrong may stand below."""
    error = result.get("error") or {}
    said = [error.get("reason"), (error.get("caused_by") or {}).get("reason")]
    return elastic.words(": ".join(str(words) for words in said if words) or f"status {result['status']}")
