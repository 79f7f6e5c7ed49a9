"""What is wrong with the objects themselves, found before anything is sent.

Kibana's own checks are no help here: a line that is no saved object makes it silent for two minutes, and of missing
references it sees only those to data views and saved searches.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kibana_builder.errors import KbuildError
from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.saved.ids import Key, key_of
from kibana_builder.sync.changes import title_of, type_words
from kibana_builder.sync.marks import reference_keys

__all__ = ["check_objects", "check_references"]

# Kibana's limit is on `<space>:<type>:<id>` (recording `import_id_too_long`).
_LONGEST_ID = 512


def check_objects(objects: Sequence[Json], files: Mapping[Key, str]) -> None:
    """Raise KbuildError, naming all of them, when objects are no saved objects or two have one type and id."""
    findings = []
    seen: set[Key] = set()
    for number, item in enumerate(objects, start=1):
        fault = _fault(item)
        if fault:
            findings.append(f"{_place(item, files) or f'object {number}'}: {fault}")
            continue
        key = key_of(item)
        if key in seen:
            findings.append(f"{_place(item, files)}: there are two objects with this type and id")
        seen.add(key)
    _raise(findings, "is no saved object that Kibana can take", "are no saved objects that Kibana can take")


def check_references(
    objects: Sequence[JsonObject], present: Iterable[Key], files: Mapping[Key, str], place: str
) -> None:
    """Raise KbuildError, naming all of them, when objects refer to what is neither in the source nor in Kibana."""
    known = {key_of(item) for item in objects} | set(present)
    findings = [
        f"{_place(item, files)} refers to the {type_words(key[0])} '{key[1]}'"
        for item in objects
        for key in sorted(reference_keys(item) - known)
    ]
    _raise(
        findings,
        f"reference leads nowhere, neither into the files nor into {place}",
        f"references lead nowhere, neither into the files nor into {place}",
    )


def _fault(item: Json) -> str:
    """Say what keeps a value from being a saved object, or nothing."""
    if not isinstance(item, dict):
        return "it is not a JSON object"
    for name in ("type", "id"):
        if not isinstance(item.get(name), str) or not item[name]:
            return f"it has no {name}"
    if len(f"{item['type']}:{item['id']}".encode("utf-8", "surrogatepass")) > _LONGEST_ID:
        return f"its id is too long: type and id may have {_LONGEST_ID} bytes together"
    if not isinstance(item.get("attributes"), dict):
        return "it has no attributes"
    references = item.get("references", [])
    if not isinstance(references, list) or not all(map(_is_reference, references)):
        return "its references are not a list of type, id and name"
    return ""


def _is_reference(value: Json) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(name), str) for name in ("type", "id", "name"))


def _place(item: Json, files: Mapping[Key, str]) -> str:
    """Name the object and the file it comes from."""
    kind, ident = (item.get("type"), item.get("id")) if isinstance(item, dict) else (None, None)
    if not isinstance(kind, str) or not isinstance(ident, str):
        return ""
    title = title_of(item)
    name = f'{type_words(kind)} "{title}" ({ident})' if title else f"{type_words(kind)} {ident}"
    file = files.get((kind, ident))
    return f"{file}: {name}" if file else name


def _raise(findings: Sequence[str], singular: str, plural: str) -> None:
    if findings:
        head = f"1 {singular}" if len(findings) == 1 else f"{len(findings)} {plural}"
        raise KbuildError("\n  ".join([f"{head}; nothing was sent:", *findings]))
