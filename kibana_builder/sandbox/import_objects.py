"""`_import` and `_resolve_import_errors`: NDJSON into objects, all or nothing where a conflict stands open.

The way of an import on 8.12.2, as the recordings import_*, resolve_* and space_* show it:

1. Lines become documents; unknown types are errors of their own, two of one key refuse the whole file.
2. References to data views and searches must be in the file or in the space.
3. An id that is taken in this space is a conflict, unless it may be overwritten; one that is taken in another space
   gets a random id here, and the object remembers the id of the file as its origin.
4. An object whose origin is already here under another id conflicts with that one, or overwrites it.
5. When there is no conflict and no missing reference, everything is written; otherwise nothing is, though the answer
   lists what would have been.

A retry of `_resolve_import_errors` is the way out of one error: overwrite, another id, other references.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.sandbox.answers import Answer, Refusal
from kibana_builder.sandbox.attributes import fault_of
from kibana_builder.sandbox.calls import Call
from kibana_builder.sandbox.import_file import check_shape, is_known, key_of, read_documents, references_of
from kibana_builder.sandbox.migrations import imported
from kibana_builder.sandbox.object_types import TYPES
from kibana_builder.sandbox.objects import check_id, from_document
from kibana_builder.sandbox.store import Key, SavedObject, Store

CHECKED_REFERENCES = ("index-pattern", "search")
OPEN_ERRORS = {"conflict", "ambiguous_conflict", "missing_references"}
"""The errors that a retry can resolve: while there is one, nothing is written."""

Retries: TypeAlias = Mapping[Key, JsonObject]


@dataclass(slots=True)
class Import:
    """One import on its way: the documents, where each will be written, and what is wrong.

    `destinations` has the ids of documents and references that are not the ones in the file; `unrelated` are the
    documents that get a new id without remembering the old one; `overwrites` are those that replace an object.
    """

    store: Store
    space: str
    overwrite: bool = False
    copies: bool = False
    retries: Retries = field(default_factory=dict)
    documents: list[JsonObject] = field(default_factory=list)
    errors: list[JsonObject] = field(default_factory=list)
    destinations: dict[Key, str] = field(default_factory=dict)
    unrelated: set[Key] = field(default_factory=set)
    overwrites: set[Key] = field(default_factory=set)
    refused: set[Key] = field(default_factory=set)
    created: list[JsonObject] = field(default_factory=list)

    def refuse(self, document: JsonObject, error: JsonObject) -> None:
        meta = {"title": document["attributes"]["title"]} if "title" in document["attributes"] else {}
        said: JsonObject = {name: document[name] for name in ("id", "type") if name in document}
        if is_known(document):
            self.refused.add(key_of(document))
            meta["icon"] = TYPES[document["type"]].icon
        self.errors.append({**said, "meta": meta, "error": error})

    def own_keys(self) -> set[Key]:
        return {key_of(document) for document in self.documents}

    def may_overwrite(self, key: Key) -> bool:
        return bool(self.overwrite or self.retries.get(key, {}).get("overwrite"))


def import_objects(call: Call) -> Answer:
    query = call.query
    if query["createNewCopies"] and (query["overwrite"] or query["compatibilityMode"]):
        other = "overwrite" if query["overwrite"] else "compatibilityMode"
        raise Refusal(400, f"[request query]: cannot use [{other}] with [createNewCopies]")
    documents = read_documents(call.body["file"])
    with call.store.transaction():
        work = Import(call.store, call.space, query["overwrite"], query["createNewCopies"])
        carry_out(work, documents)
    return Answer(report(work))


def resolve_import_errors(call: Call) -> Answer:
    retries = unique_retries(call.body["retries"])
    documents = read_documents(call.body["file"])
    with call.store.transaction():
        work = Import(call.store, call.space, copies=call.query["createNewCopies"], retries=retries)
        carry_out(work, [document for document in documents if _retried(document, retries)])
    return Answer(report(work))


def carry_out(work: Import, documents: Iterable[Json]) -> None:
    """Do the whole import inside a transaction of the caller's; raises Refusal when the file is refused as a whole."""
    collect(work, documents)
    replace_references(work)
    find_reference_origins(work)
    check_references(work)
    if work.copies:
        for key in work.own_keys():
            work.destinations[key] = str(uuid.uuid4())
            work.unrelated.add(key)
    if not work.copies or work.retries:
        left = check_conflicts(work)
        if not work.copies:
            check_origins(work, left)
    create(work)


def collect(work: Import, documents: Iterable[Json]) -> None:
    """Take the documents of known types; those of other types are errors."""
    for number, document in enumerate(documents, start=1):
        check_shape(document, number)
        if is_known(document):
            work.documents.append(document)
        else:
            work.refuse(document, {"type": "unsupported_type"})
    counts = Counter(map(key_of, work.documents))
    twice = [f"{kind}:{object_id}" for (kind, object_id), count in counts.items() if count > 1]
    if twice:
        raise Refusal(400, f"Non-unique import objects detected: [{','.join(twice)}]")


# retries


def unique_retries(retries: list[JsonObject]) -> Retries:
    by_key = {key_of(retry): retry for retry in retries}
    if len(by_key) < len(retries):
        twice = [f"{kind}:{name}" for (kind, name), count in Counter(map(key_of, retries)).items() if count > 1]
        raise Refusal(400, f"Non-unique retry objects: [{','.join(twice)}]")
    targets = Counter((retry["type"], retry["destinationId"]) for retry in retries if "destinationId" in retry)
    twice = [f"{kind}:{name}" for (kind, name), count in targets.items() if count > 1]
    if twice:
        raise Refusal(400, f"Non-unique retry destinations: [{','.join(twice)}]")
    return by_key


def _retried(document: Json, retries: Retries) -> bool:
    """Tell whether a document is to be tried again; what is no document is kept, so that it is refused."""
    if not isinstance(document, dict) or not is_known(document) or not isinstance(document.get("id"), str):
        return True
    return key_of(document) in retries


def replace_references(work: Import) -> None:
    for document in work.documents:
        replacements = {
            (each["type"], each["from"]): each["to"]
            for each in work.retries.get(key_of(document), {}).get("replaceReferences", [])
        }
        for reference in references_of(document):
            reference["id"] = replacements.get((reference["type"], reference["id"]), reference["id"])


# checks


def find_reference_origins(work: Import) -> None:
    """Lead a reference to an object that is not in the file to the one that came from it, if there is exactly one."""
    wanted = {(ref["type"], ref["id"]) for document in work.documents for ref in references_of(document)}
    for key, matches in work.store.of_origin(work.space, wanted - work.own_keys()).items():
        if len(matches) == 1 and matches[0].id != key[1]:
            work.destinations[key] = matches[0].id


def check_references(work: Import) -> None:
    """Refuse documents whose data views or searches are neither in the file nor in the space."""
    checked = [document for document in work.documents if not _ignores_missing(work, document)]
    wanted = {
        (ref["type"], ref["id"])
        for document in checked
        for ref in references_of(document)
        if ref["type"] in CHECKED_REFERENCES
    }
    wanted -= work.own_keys() | work.destinations.keys()
    missing = wanted - work.store.get_many(work.space, wanted).keys()
    for document in checked:
        keys = dict.fromkeys((ref["type"], ref["id"]) for ref in references_of(document))
        absent = [{"type": kind, "id": object_id} for kind, object_id in keys if (kind, object_id) in missing]
        if absent:
            work.refuse(document, {"type": "missing_references", "references": absent})


def _ignores_missing(work: Import, document: JsonObject) -> bool:
    return bool(work.retries.get(key_of(document), {}).get("ignoreMissingReferences"))


def check_conflicts(work: Import) -> list[JsonObject]:
    """Find ids that are taken and give back the documents that stand in no conflict."""
    targets = {key: (key[0], work.retries.get(key, {}).get("destinationId", key[1])) for key in work.own_keys()}
    taken = work.store.spaces_of(targets.values())
    left = []
    for document in work.documents:
        key = key_of(document)
        target, owner = targets[key], taken.get(targets[key])
        if owner == work.space and not work.may_overwrite(key):
            other = {"destinationId": target[1]} if "destinationId" in work.retries.get(key, {}) else {}
            work.refuse(document, {"type": "conflict", **other})
            continue
        if owner == work.space:
            work.overwrites.add(key)
        if owner not in (work.space, None):
            work.destinations[key] = str(uuid.uuid4())
        elif target != key:
            work.destinations[key] = target[1]
        if work.retries.get(key, {}).get("createNewCopy"):
            work.unrelated.add(key)
        left.append(document)
    return left


def check_origins(work: Import, documents: Iterable[JsonObject]) -> None:
    """Find objects of this space that come from the same origin as a document of the file."""
    own = work.own_keys() | {(kind, retry.get("destinationId", "")) for (kind, _), retry in work.retries.items()}
    origins = {
        key_of(document): (document["type"], document.get("originId") or document["id"])
        for document in documents
        if key_of(document) not in work.overwrites and "destinationId" not in work.retries.get(key_of(document), {})
    }
    found = work.store.of_origin(work.space, set(origins.values()))
    matches = {
        key: [each for each in found[origin] if (each.type, each.id) not in own] for key, origin in origins.items()
    }
    sources = Counter(origins[key] for key in matches if matches[key])
    for document in documents:
        key = key_of(document)
        if not matches.get(key):
            continue
        if sources[origins[key]] > 1:
            # Two objects of the file have one origin: neither is the one that is here.
            work.destinations[key] = str(uuid.uuid4())
            work.unrelated.add(key)
        elif len(matches[key]) > 1:
            work.refuse(document, {"type": "ambiguous_conflict", "destinations": list(map(_destination, matches[key]))})
        elif work.may_overwrite(key):
            work.destinations[key] = matches[key][0].id
            work.overwrites.add(key)
        else:
            work.refuse(document, {"type": "conflict", "destinationId": matches[key][0].id})


def _destination(each: SavedObject) -> JsonObject:
    title = {"title": each.attributes["title"]} if "title" in each.attributes else {}
    return {"id": each.id, **title, "updatedAt": each.updated_at}


# writing


def create(work: Import) -> None:
    """Write what is in no error, unless a conflict or a missing reference keeps the file from being written."""
    wanted = [document for document in work.documents if key_of(document) not in work.refused]
    if any(error["error"]["type"] in OPEN_ERRORS for error in work.errors):
        work.created = wanted
        return
    objects = []
    for document in map(imported, wanted):
        fault = fault_of(document)
        if fault is not None:
            work.refuse(document, fault.in_import())
            continue
        each = destined(work, from_document(document, work.space))
        check_id(each.type, each.id)
        work.created.append(document)
        objects.append(each)
    work.store.write(objects)


def destined(work: Import, each: SavedObject) -> SavedObject:
    """Give the object and its references the ids under which they will live."""
    references = [{**ref, "id": work.destinations.get((ref["type"], ref["id"]), ref["id"])} for ref in each.references]
    key = (each.type, each.id)
    if key not in work.destinations:
        return replace(each, references=references)
    origin = None if key in work.unrelated else each.origin or each.id
    return replace(each, id=work.destinations[key], origin=origin, references=references)


# answering


def report(work: Import) -> JsonObject:
    successes = [_success(work, document) for document in _in_order_of_writing(work)]
    for error in work.errors:
        if is_known(error) and _overwritten(work, key_of(error)):
            error["overwrite"] = True
    return {
        "successCount": len(successes),
        "success": not work.errors,
        "warnings": [],
        **({"successResults": successes} if successes else {}),
        **({"errors": work.errors} if work.errors else {}),
    }


def _in_order_of_writing(work: Import) -> list[JsonObject]:
    """Retries that overwrite are written, and listed, before the others."""
    if not work.retries:
        return work.created
    return sorted(work.created, key=lambda document: not work.may_overwrite(key_of(document)))


def _success(work: Import, document: JsonObject) -> JsonObject:
    key, kind = key_of(document), TYPES[document["type"]]
    title = kind.title_of(document["attributes"])
    success = {
        "type": kind.name,
        "id": document["id"],
        "meta": {**({} if title is None else {"title": title}), "icon": kind.icon},
        "managed": bool(document.get("managed")),
    }
    if _overwritten(work, key):
        success["overwrite"] = True
    if key in work.destinations:
        success["destinationId"] = work.destinations[key]
        if key in work.unrelated and not work.copies:
            success["createNewCopy"] = True
    return success


def _overwritten(work: Import, key: Key) -> bool:
    return work.may_overwrite(key) if work.retries else key in work.overwrites
