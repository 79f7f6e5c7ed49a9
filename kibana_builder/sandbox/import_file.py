"""The file of an import: lines of NDJSON into documents, and what must be in them."""

from __future__ import annotations

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.sandbox import json_text
from kibana_builder.sandbox.answers import Refusal, broken
from kibana_builder.sandbox.calls import Upload
from kibana_builder.sandbox.checks import WrongValue, anything, array, identifier, mapping, nullable, optional
from kibana_builder.sandbox.object_types import TYPES
from kibana_builder.sandbox.store import Key

MOST_OBJECTS = 10_000
DOCUMENT = mapping(
    {
        "id": identifier,
        "originId": optional(nullable(identifier)),
        "references": optional(nullable(array(mapping({"type": identifier, "id": identifier}, others=anything)))),
    },
    others=anything,
)
"""What a line must hold so that it can be looked up and linked."""


def read_documents(upload: Upload) -> list[Json]:
    """Read the lines of an export; blank lines and the line that sums it up do not count."""
    suffix = upload.name[upload.name.rfind(".") :].lower() if "." in upload.name else ""
    if suffix != ".ndjson":
        raise Refusal(400, f"Invalid file extension {suffix}")
    documents = []
    for line in upload.content.decode(errors="replace").split("\n"):
        if not line.strip(" \t\r"):
            continue
        try:
            document = json_text.parse(line)
        except json_text.NotJson as error:
            raise Refusal(400, str(error)) from None
        if not (isinstance(document, dict) and "exportedCount" in document):
            documents.append(document)
    if len(documents) > MOST_OBJECTS:
        raise Refusal(400, f"Can't import more than {MOST_OBJECTS} objects")
    return documents


def is_known(document: JsonObject) -> bool:
    return isinstance(document.get("type"), str) and document["type"] in TYPES


def key_of(document: JsonObject) -> Key:
    return document["type"], document["id"]


def references_of(document: JsonObject) -> list[JsonObject]:
    return document.get("references") or []


def check_shape(document: Json, number: int) -> None:
    """Refuse what is no saved object.

    A real Kibana gives no answer at all to a line such as `{}` or `5` and lets the client wait for two minutes
    (import_line_*); the sandbox says at once what is wrong.
    """
    if not isinstance(document, dict):
        raise Refusal(400, f"object {number} of the file is no saved object but {json_text.plain(str(document)[:40])}")
    known = is_known(document)
    if known and not ("id" in document and "attributes" in document):
        raise broken()  # import_no_id, import_no_attributes
    if not isinstance(document.get("attributes"), dict):
        raise Refusal(400, f"object {number} of the file has no attributes")
    try:
        if known:
            DOCUMENT(document, ())
    except WrongValue as wrong:
        raise Refusal(400, f"object {number} of the file: {wrong}") from None
