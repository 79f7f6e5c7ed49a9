"""`POST /api/saved_objects/_import`: NDJSON into objects, all or nothing where a conflict or reference stands open.

The way of an import on 8.12.2, as the recordings import_*, resolve_* and space_* show it:

1. Lines become documents; unknown types are errors of their own, two of the same key refuse the whole file.
2. References to data views and searches must be in the file or in the space.
3. An id that is taken in this space is a conflict, unless it may be overwritten; one that is taken in another space
   gets a random id here, and the object remembers the id of the file as its origin.
4. An object whose origin is already here under another id conflicts with that one, or overwrites it.
5. When there is no conflict and no missing reference, everything is written; otherwise nothing is, though the answer
   lists what would have been.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from kibana_builder.json_tree import JsonObject
from kibana_builder.sandbox import json_text
from kibana_builder.sandbox.answers import Answer, Refusal
from kibana_builder.sandbox.calls import Call, Upload
from kibana_builder.sandbox.object_types import TYPES
from kibana_builder.sandbox.objects import from_document
from kibana_builder.sandbox.store import SavedObject, Store

Key = tuple[str, str]
MOST_OBJECTS = 10_000
CHECKED_REFERENCES = ("index-pattern", "search")


@dataclass(slots=True)
class Import:
    """One import on its way: the documents of the file, where each will be written, and what is wrong with it."""

    store: Store
    space: str
    documents: list[JsonObject] = field(default_factory=list)
    errors: list[JsonObject] = field(default_factory=list)
    destinations: dict[Key, str] = field(default_factory=dict)
    without_origin: set[Key] = field(default_factory=set)
    overwrites: set[Key] = field(default_factory=set)

    def refuse(self, document: JsonObject, error: JsonObject) -> None:
        title = document["attributes"].get("title")
        meta = {} if title is None else {"title": title}
        self.errors.append({"type": document.get("type"), "id": document.get("id"), "meta": meta, "error": error})


def key_of(document: JsonObject) -> Key:
    return document["type"], document["id"]


def import_objects(call: Call) -> Answer:
    overwrite, copies = call.query["overwrite"], call.query["createNewCopies"]
    documents = read_documents(call.body["file"])
    with call.store.transaction():
        work = Import(call.store, call.space)
        collect(work, documents)
        find_reference_origins(work)
        check_references(work)
        if copies:
            regenerate_ids(work)
        else:
            left = check_conflicts(work, overwrite=overwrite)
            check_origins(work, left, overwrite=overwrite)
        created = create(work)
    return Answer(report(work, created))


def read_documents(upload: Upload) -> list[JsonObject]:
    """Read the lines of an export; blank lines and the line that sums it up do not count."""
    if not upload.name.lower().endswith(".ndjson"):
        suffix = upload.name[upload.name.rfind(".") :] if "." in upload.name else ""
        raise Refusal(400, f"Invalid file extension {suffix}")
    documents = []
    for line in upload.content.decode(errors="replace").split("\n"):
        if not line.strip(" \t\r\n"):
            continue
        try:
            document = json_text.parse(line)
        except json_text.NotJson as error:
            raise Refusal(400, str(error)) from None
        if isinstance(document, dict) and "exportedCount" in document:
            continue
        documents.append(document)
        if len(documents) > MOST_OBJECTS:
            raise Refusal(400, f"Can't import more than {MOST_OBJECTS} objects")
    return documents


def collect(work: Import, documents: Iterable[JsonObject]) -> None:
    """Take the documents of known types; the others are errors."""
    seen: set[Key] = set()
    twice: list[Key] = []
    for document in documents:
        if not isinstance(document, dict) or not isinstance(document.get("attributes"), dict):
            raise Refusal(400, "a line of the file is no saved object")
        if document.get("type") not in TYPES:
            work.refuse(document, {"type": "unsupported_type"})
            continue
        key = key_of(document)
        if key in seen:
            twice.append(key)
        seen.add(key)
        work.documents.append(document)
    if twice:
        names = ",".join(f"{kind}:{object_id}" for kind, object_id in dict.fromkeys(twice))
        raise Refusal(400, f"Non-unique import objects detected: [{names}]")


def references_of(document: JsonObject) -> list[JsonObject]:
    return document.get("references") or []


def find_reference_origins(work: Import) -> None:
    """Lead a reference to an object that is not in the file to the one that came from it, if there is exactly one."""
    own = {key_of(document) for document in work.documents}
    wanted = {(ref["type"], ref["id"]) for document in work.documents for ref in references_of(document)}
    for kind, object_id in wanted - own:
        if kind in TYPES and TYPES[kind].shared_ids:
            matches = work.store.of_origin(work.space, kind, object_id)
            if len(matches) == 1 and matches[0].id != object_id:
                work.destinations[kind, object_id] = matches[0].id


def check_references(work: Import) -> None:
    """Refuse documents whose data views or searches are neither in the file nor in the space."""
    own = {key_of(document) for document in work.documents}
    wanted = {
        (ref["type"], ref["id"])
        for document in work.documents
        for ref in references_of(document)
        if ref["type"] in CHECKED_REFERENCES
    }
    wanted -= own | work.destinations.keys()
    missing = wanted - work.store.get_many(work.space, wanted).keys()
    for document in work.documents:
        keys = dict.fromkeys((ref["type"], ref["id"]) for ref in references_of(document))
        absent = [{"type": kind, "id": object_id} for kind, object_id in keys if (kind, object_id) in missing]
        if absent:
            work.refuse(document, {"type": "missing_references", "references": absent})


def regenerate_ids(work: Import) -> None:
    for document in work.documents:
        work.destinations[key_of(document)] = str(uuid.uuid4())
        work.without_origin.add(key_of(document))


def check_conflicts(work: Import, *, overwrite: bool) -> list[JsonObject]:
    """Find ids that are taken and give back the documents that stand in no conflict."""
    taken = work.store.spaces_of(map(key_of, work.documents), work.space)
    left = []
    for document in work.documents:
        key = key_of(document)
        owner = taken.get(key)
        if owner == work.space and not overwrite:
            work.refuse(document, {"type": "conflict"})
            continue
        if owner == work.space:
            work.overwrites.add(key)
        elif owner is not None:
            work.destinations[key] = str(uuid.uuid4())
        left.append(document)
    return left


def check_origins(work: Import, documents: list[JsonObject], *, overwrite: bool) -> None:
    """Find objects of this space that come from the same origin as a document of the file."""
    own = {key_of(document) for document in work.documents}
    for document in documents:
        kind, object_id = key_of(document)
        if (kind, object_id) in work.overwrites or not TYPES[kind].shared_ids:
            continue
        matches = work.store.of_origin(work.space, kind, document.get("originId") or object_id)
        matches = [match for match in matches if (match.type, match.id) not in own]
        if len(matches) == 1 and overwrite:
            work.destinations[kind, object_id] = matches[0].id
            work.overwrites.add((kind, object_id))
        elif len(matches) == 1:
            work.refuse(document, {"type": "conflict", "destinationId": matches[0].id})
        elif matches:
            work.refuse(
                document,
                {
                    "type": "ambiguous_conflict",
                    "destinations": [
                        {"id": match.id, "title": match.attributes.get("title"), "updatedAt": match.updated_at}
                        for match in matches
                    ],
                },
            )


def create(work: Import) -> list[JsonObject]:
    """Write what is in no error, unless a conflict or a missing reference keeps the file from being written."""
    failed = {(error["type"], error["id"]) for error in work.errors}
    wanted = [document for document in work.documents if key_of(document) not in failed]
    open_errors = {"conflict", "ambiguous_conflict", "missing_references"}
    if not any(error["error"]["type"] in open_errors for error in work.errors):
        work.store.write(destined(work, from_document(document, work.space)) for document in wanted)
    return wanted


def destined(work: Import, each: SavedObject) -> SavedObject:
    """Give the object and its references the ids under which they will live."""
    references = [{**ref, "id": work.destinations.get((ref["type"], ref["id"]), ref["id"])} for ref in each.references]
    key = (each.type, each.id)
    if key not in work.destinations:
        return replace(each, references=references)
    origin = None if key in work.without_origin else each.origin or each.id
    return replace(each, id=work.destinations[key], origin=origin, references=references)


def report(work: Import, created: list[JsonObject]) -> JsonObject:
    successes = []
    for document in created:
        kind = TYPES[document["type"]]
        key = key_of(document)
        title = kind.title_of(document["attributes"])
        success: JsonObject = {"type": kind.name, "id": document["id"], "meta": {"title": title, "icon": kind.icon}}
        success["managed"] = bool(document.get("managed", False))
        if key in work.overwrites:
            success["overwrite"] = True
        if key in work.destinations:
            success["destinationId"] = work.destinations[key]
        successes.append(success)
    for error in work.errors:
        if error["type"] in TYPES:
            error["meta"]["icon"] = TYPES[error["type"]].icon
    return {
        "successCount": len(successes),
        "success": not work.errors,
        "warnings": [],
        **({"successResults": successes} if successes else {}),
        **({"errors": work.errors} if work.errors else {}),
    }
