"""NDJSON: one saved object a line, as Kibana exports and imports it.

Facts: recordings of `_export` and `_import` on 8.12.2. A line is compact JSON with sorted keys and non-ASCII as it
is; lines are joined with a line feed, with none at the end; the last line of an export is a summary.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from kibana_builder.errors import SpecError
from kibana_builder.files.places import Mistake, problem_at
from kibana_builder.json_tree import Json, JsonObject, compact_sorted, read_json
from kibana_builder.problem import Problem

__all__ = ["read_ndjson", "scan_ndjson", "write_ndjson"]

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def write_ndjson(objects: Iterable[JsonObject]) -> str:
    """Write saved objects the way Kibana exports them.

    Half a surrogate pair, which JSON can say and UTF-8 cannot, stays an escape.
    """
    text = "\n".join(map(compact_sorted, objects))
    if text.isascii():
        return text
    return _LONE_SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def read_ndjson(text: str, name: str) -> list[JsonObject]:
    """Read the saved objects of a file; `name` is how people see it.

    Blank lines and the summary of an export are skipped. Raises SpecError with a Problem for each line that is no
    saved object: Kibana 8.12.2 does not answer an import with such a line in it for two minutes.
    """
    objects, problems = [], []
    for found in scan_ndjson(text, name):
        if isinstance(found, Problem):
            problems.append(found)
        else:
            objects.append(found)
    if problems:
        raise SpecError(problems)
    return objects


def scan_ndjson(text: str, name: str) -> Iterator[JsonObject | Problem]:
    """Go through the lines: each is a saved object or a Problem, for those who want what is good of a broken file."""
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = read_json(line)
        except json.JSONDecodeError as error:
            yield _problem(name, number, line, f"line {number} is no JSON: {error.msg}", error.pos)
        except (ValueError, RecursionError):
            yield _problem(name, number, line, f"line {number} holds a number or a nesting that JSON readers refuse", 0)
        else:
            if not _is_summary(value):
                lacking = _lacking(value)
                yield _problem(name, number, line, f"line {number} {lacking}", 0) if lacking else value


def _is_summary(value: Json) -> bool:
    return isinstance(value, dict) and "exportedCount" in value and "type" not in value


def _lacking(value: Json) -> str:
    """Say what keeps this from being a saved object; nothing when it is one."""
    if not isinstance(value, dict):
        return "is no saved object, only a value"
    for key in ("type", "id"):
        if not isinstance(value.get(key), str) or not value[key]:
            return f"is no saved object: it has no {key}"
    if not isinstance(value.get("attributes"), dict):
        return "is no saved object: it has no attributes"
    if not isinstance(value.get("references", []), list):
        return "is no saved object: its references are no list"
    return ""


def _problem(name: str, number: int, line: str, message: str, position: int) -> Problem:
    return replace(problem_at(line, name, Mistake("ndjson-line", message, (position, position + 1))), line=number)
