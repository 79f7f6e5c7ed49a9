"""JSON files that a person wrote: read as strictly as servers do, mistakes with their place."""

from __future__ import annotations

import json
from pathlib import Path

from kibana_builder.errors import SpecError
from kibana_builder.files.places import Mistake, Span, look_at, problem_at
from kibana_builder.files.yaml_file import MAX_BYTES
from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.problem import Problem

__all__ = ["read_json_object"]


def read_json_object(path: Path, name: str) -> JsonObject:
    """Read a file that holds one JSON object; `name` is how people see it.

    Raises SpecError with exactly one Problem: for what cannot be read, is no JSON, has a key twice, or is no object.
    """
    text = _text(path, name)
    try:
        value = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_without_duplicates)
    except json.JSONDecodeError as error:
        raise _wrong(text, name, error.msg[:1].lower() + error.msg[1:], error.pos) from None
    except _Duplicate as found:
        place = _second(text, str(found))
        mistake = Mistake("duplicate-key", f"the key '{found}' stands twice in one object", place)
        raise SpecError([problem_at(text, name, mistake)]) from None
    except (ValueError, RecursionError) as error:
        words = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise _wrong(text, name, words, 0) from None
    if not isinstance(value, dict):
        raise _wrong(text, name, "this should be a JSON object", len(text) - len(text.lstrip()))
    return value


class _Duplicate(Exception):
    """A key that stands twice in one object."""


def _text(path: Path, name: str) -> str:
    found = look_at(path)
    if found.kind != "file":
        raise _refused("unreadable-file", name, found.why or "this is no file")
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise _refused("too-large", name, f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB")
        return data.decode("utf-8")
    except OSError as error:
        raise _refused(
            "unreadable-file", name, f"the file cannot be read: {error.strerror or type(error).__name__}"
        ) from None
    except UnicodeDecodeError:
        raise _refused("not-utf-8", name, "the file is not UTF-8") from None


def _refused(rule: str, name: str, message: str) -> SpecError:
    return SpecError([Problem(rule, message, name, 1, 1, 2)])


def _wrong(text: str, name: str, message: str, position: int) -> SpecError:
    return SpecError([problem_at(text, name, Mistake("json-syntax", message, (position, position + 1)))])


def _no_constant(name: str) -> Json:
    raise ValueError(f"{name} is no JSON")


def _without_duplicates(pairs: list[tuple[str, Json]]) -> JsonObject:
    value = dict(pairs)
    if len(value) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _Duplicate(key)
            seen.add(key)
    return value


def _second(text: str, key: str) -> Span:
    """Give the place of the key's second occurrence in the file: near enough to find it by."""
    written = json.dumps(key, ensure_ascii=False)
    start = max(text.find(written, text.find(written) + 1), 0)
    return start, start + len(written)
