"""Saved objects in and out of one space: import, export, find, get, delete.

Each function is one request, or as few as Kibana's limits allow. Answers that do not look as the recordings of
8.12.2 do raise Refused: what is not understood is never taken for a success.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kibana_builder.errors import Refused, TooLarge
from kibana_builder.files.ndjson import write_ndjson
from kibana_builder.json_tree import Json, JsonObject, compact
from kibana_builder.kibana.http import Answer, Kibana
from kibana_builder.saved.ids import Key, key_of

__all__ = [
    "ImportProblem",
    "ImportResult",
    "bulk_delete",
    "bulk_get",
    "export_objects",
    "export_referring_to",
    "export_types",
    "find",
    "import_objects",
    "split_for_import",
]

MOST_OBJECTS = 10_000
"""Objects in one import or export (recordings `import_10001_objects`, `export_10001`)."""

MOST_BYTES = 26_214_400
"""Bytes in the body of one import (recording `import_26mb_dashboards`)."""

# What multipart puts around the file: two lines with the boundary, two headers. Measured 260 bytes; room to spare.
_MULTIPART_BYTES = 4096

# Kibana takes bodies of 1 MB outside the import, and an id may have 512 bytes.
_KEYS_A_REQUEST = 1000

# Each reference becomes a clause of one Elasticsearch query, which takes 1,024 of them on a small machine.
_REFERENCES_A_REQUEST = 200


@dataclass(frozen=True, slots=True)
class ImportProblem:
    """One object that an import did not write, and why. `words` are Kibana's own where it has any."""

    key: Key
    kind: str
    words: str

    @property
    def blocks(self) -> bool:
        """Whether Kibana writes nothing at all of an import that has such a problem."""
        return self.kind in ("conflict", "ambiguous_conflict", "missing_references")


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did: the objects written, with the id each has now, and the problems."""

    written: Mapping[Key, str]
    problems: Sequence[ImportProblem]


def split_for_import(objects: Sequence[JsonObject], most_bytes: int = MOST_BYTES) -> list[list[JsonObject]]:
    """Cut the objects into imports below Kibana's limits, in their order.

    Raises TooLarge when a single object is over the limit.
    """
    room = most_bytes - _MULTIPART_BYTES
    chunks: list[list[JsonObject]] = []
    size = 0
    for item in objects:
        length = len(write_ndjson([item]).encode()) + 1
        if length > room:
            raise TooLarge(
                f"{item['type']} '{item['id']}' has {length:,} bytes; Kibana takes at most {most_bytes:,} in one import"
            )
        if not chunks or size + length > room or len(chunks[-1]) >= MOST_OBJECTS:
            chunks.append([])
            size = 0
        chunks[-1].append(item)
        size += length
    return chunks


def import_objects(kibana: Kibana, objects: Sequence[JsonObject]) -> ImportResult:
    """Write objects into the space in one import; those that are there are overwritten.

    The objects must fit into one import (`split_for_import`). Written again, after a lost connection say, they are
    the same objects: Kibana keeps the ids that it is given, as long as they are free in every other space.
    """
    body = write_ndjson(objects).encode()
    answer = kibana.send(
        "POST",
        "/api/saved_objects/_import",
        params={"overwrite": "true"},
        files={"file": ("kbuild.ndjson", body, "application/ndjson")},
    )
    return _import_result(answer)


def _import_result(answer: Answer) -> ImportResult:
    body, url = answer.json(), answer.url
    if not isinstance(body, dict) or "successCount" not in body:
        raise Refused(f"{url} did not answer as an import does: {answer.words(compact(body))[:200]}")
    problems = [_import_problem(error, answer.words) for error in body.get("errors", [])]
    if any(problem.blocks for problem in problems):
        return ImportResult({}, problems)  # `successResults` lists objects all the same; they are not written
    written = {key_of(item): str(item.get("destinationId", item["id"])) for item in body.get("successResults", [])}
    if body["successCount"] != len(written):
        count = answer.words(str(body["successCount"]))
        raise Refused(f"{url} says that it wrote {count} objects, and lists {len(written)}")
    return ImportResult(written, problems)


def _import_problem(item: JsonObject, presentable: Callable[[str], str]) -> ImportProblem:
    """Read one entry of `errors`: three shapes are recorded (conflicts, Boom dumps, Elasticsearch's refusals)."""
    error = item.get("error")
    error = error if isinstance(error, dict) else {}
    kind = str(error.get("type", "unknown"))
    key = str(item.get("type")), str(item.get("id"))
    if kind == "missing_references":
        missing = ", ".join(f"{ref.get('type')} '{ref.get('id')}'" for ref in error.get("references", []))
        return ImportProblem(key, kind, f"Kibana misses what it refers to: {presentable(missing)}")
    if kind in ("conflict", "ambiguous_conflict"):
        return ImportProblem(key, kind, "Kibana has such an object already")
    if kind == "unsupported_type":
        return ImportProblem(key, kind, "this Kibana does not know the type, or does not import it")
    output = error.get("output")
    payload = output.get("payload") if isinstance(output, dict) else None
    words = payload.get("message") if isinstance(payload, dict) else error.get("message")
    return ImportProblem(key, kind, presentable(str(words or compact(error))))


def export_objects(kibana: Kibana, keys: Sequence[Key], *, deep: bool = False) -> list[JsonObject]:
    """Export these objects, with `deep` all that they refer to. Raises Refused when one of them is absent."""
    return _export(kibana, {"objects": _references(keys), "includeReferencesDeep": deep})


def export_referring_to(kibana: Kibana, keys: Sequence[Key], kind: str = "*") -> list[JsonObject]:
    """Export every object of a type, or of any, that refers to one of these: with a tag, all that carry it."""
    found: dict[Key, JsonObject] = {}
    for chunk in _chunks(keys, _REFERENCES_A_REQUEST):
        exported = _export(kibana, {"type": kind, "hasReference": _references(chunk)})
        found.update((key_of(item), item) for item in exported)
    return list(found.values())


def export_types(
    kibana: Kibana, types: Sequence[str] = ("*",), tags: Sequence[str] = (), *, deep: bool = False
) -> list[JsonObject]:
    """Export every object of these types, or of any, with one of the tags if there are any; `deep` as above."""
    body: JsonObject = {"type": "*" if "*" in types else list(types), "includeReferencesDeep": deep}
    if tags:
        body["hasReference"] = [{"type": "tag", "id": ident} for ident in tags]
    return _export(kibana, body)


def _export(kibana: Kibana, body: JsonObject) -> list[JsonObject]:
    answer = kibana.send("POST", "/api/saved_objects/_export", body=body)
    try:
        lines = [json.loads(line) for line in answer.body.split(b"\n") if line.strip()]
    except (ValueError, RecursionError):
        lines = []
    # The summary is the last line: without it the answer was cut off on its way.
    summary = lines.pop() if lines and isinstance(lines[-1], dict) else {}
    if summary.get("exportedCount") != len(lines) or not all(map(_is_object, lines)):
        raise Refused(f"{answer.url} did not answer with a whole export. Is there a proxy in between that cuts it off?")
    return lines


def _is_object(item: Json) -> bool:
    return isinstance(item, dict) and isinstance(item.get("type"), str) and isinstance(item.get("id"), str)


def find(kibana: Kibana, types: Sequence[str], fields: Sequence[str] = ()) -> list[JsonObject]:
    """Find every object of these types, with only these attributes if `fields` are given."""
    params: dict[str, Json] = {"type": list(types), "per_page": MOST_OBJECTS}
    if fields:
        params["fields"] = list(fields)
    body = kibana.get("/api/saved_objects/_find", params)
    found = body.get("saved_objects") if isinstance(body, dict) else None
    if not isinstance(found, list) or not all(map(_is_object, found)):
        raise Refused(f"{kibana.url('/api/saved_objects/_find')} did not answer as a search does")
    if body.get("total", 0) > len(found):
        what = f"{body['total']:,} objects of type {', '.join(types)}"
        raise TooLarge(f"{kibana.place} has {what}; {MOST_OBJECTS:,} can be read at once")
    return found


def bulk_get(kibana: Kibana, keys: Iterable[Key]) -> dict[Key, JsonObject]:
    """Get objects by type and id; those that are absent, or of a type that Kibana does not know, are left out."""
    result = {}
    for item in _answers(kibana, "/api/saved_objects/_bulk_get", "saved_objects", keys):
        error = item.get("error")
        if not error:
            result[key_of(item)] = item
        elif not isinstance(error, dict) or error.get("statusCode") not in (400, 404):
            raise Refused(f"{item['type']} '{item['id']}' cannot be read: {kibana.words(compact(error))}")
    return result


def bulk_delete(kibana: Kibana, keys: Iterable[Key]) -> dict[Key, str]:
    """Delete objects; give Kibana's words for each that it did not delete. An absent one counts as deleted."""
    refused = {}
    for item in _answers(kibana, "/api/saved_objects/_bulk_delete", "statuses", keys):
        said = item.get("error")
        error: JsonObject = said if isinstance(said, dict) else {}
        if item.get("success") is not True and error.get("statusCode") != 404:
            refused[key_of(item)] = kibana.words(str(error.get("message") or "no reason given"))
    return refused


def _answers(kibana: Kibana, path: str, field: str, keys: Iterable[Key]) -> Iterator[JsonObject]:
    """Ask for each of `keys`, in chunks, and give the answers one by one; an answer must come for each."""
    for chunk in _chunks(list(dict.fromkeys(keys)), _KEYS_A_REQUEST):
        body = kibana.post(path, _references(chunk))
        answers = body.get(field) if isinstance(body, dict) else None
        if not isinstance(answers, list) or len(answers) != len(chunk) or not all(map(_is_object, answers)):
            raise Refused(f"{kibana.url(path)} did not answer for each object")
        yield from answers


def _references(keys: Iterable[Key]) -> list[JsonObject]:
    return [{"type": key[0], "id": key[1]} for key in keys]


def _chunks(keys: Sequence[Key], size: int) -> Iterator[Sequence[Key]]:
    return (keys[start : start + size] for start in range(0, len(keys), size))
