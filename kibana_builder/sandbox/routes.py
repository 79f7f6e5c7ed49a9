"""The paths of Kibana's HTTP API that the sandbox answers, each with what its query and its body may say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from kibana_builder.json_tree import Json
from kibana_builder.sandbox import export_objects, find, import_objects, single_objects, spaces, status
from kibana_builder.sandbox.calls import Handler, Upload
from kibana_builder.sandbox.checks import (
    Check,
    Path,
    WrongValue,
    anything,
    array,
    boolean,
    literal,
    mapping,
    number,
    one_or_many,
    optional,
    text,
    type_name,
)

NO_QUERY = mapping({})


@dataclass(frozen=True, slots=True)
class Route:
    """One method and path; a `{name}` in the path takes one segment, which may hold an escaped slash."""

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    handler: Handler
    query: Check = NO_QUERY
    body: Check | None = None
    form: bool = False

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """Give the values of the placeholders when the route answers this method and (still escaped) path."""
        if method != self.method:
            return None
        own, asked = self.path.split("/"), path.split("/")
        if len(own) != len(asked):
            return None
        values = {}
        for pattern, segment in zip(own, asked, strict=True):
            if pattern.startswith("{") and segment:
                values[pattern[1:-1]] = unquote(segment)
            elif pattern != segment:
                return None
        return values


def stream(value: Json, path: Path) -> Upload:
    if not isinstance(value, Upload):
        raise WrongValue(path, f"expected value of type [Stream] but got [{type_name(value)}]")
    return value


def space_id(value: Json, path: Path) -> str:
    if not re.fullmatch(r"[a-z0-9_-]+", text(value, path)):
        raise WrongValue(path, "must be lower case, a-z, 0-9, '_', and '-' are allowed")
    return str(value)


def required_types(value: Json, path: Path) -> Json:
    if not isinstance(value, str | list):
        raise WrongValue(path, f"expected at least one defined value but got [{type_name(value)}]")
    return one_or_many(text)(value, path)


switch = optional(boolean, default=False)
key = mapping({"type": text, "id": text})
reference = mapping({"type": text, "id": text})
references = array(mapping({"name": text, "type": text, "id": text}))

IMPORT_QUERY = mapping({"overwrite": switch, "createNewCopies": switch, "compatibilityMode": switch})
EXPORT_BODY = mapping(
    {
        "type": optional(one_or_many(text)),
        "hasReference": optional(one_or_many(reference)),
        "objects": optional(array(key, export_objects.MOST_OBJECTS)),
        "search": optional(text),
        "includeReferencesDeep": switch,
        "excludeExportDetails": switch,
    }
)
FIND_QUERY = mapping(
    {
        "per_page": optional(number(0), default=20),
        "page": optional(number(0), default=1),
        "type": required_types,
        "search": optional(text),
        "search_fields": optional(one_or_many(text)),
        "sort_field": optional(text),
        "has_reference": optional(one_or_many(reference)),
        "has_reference_operator": optional(literal("OR", "AND"), default="OR"),
        "fields": optional(one_or_many(text)),
        "filter": optional(text),
    }
)
CREATE_BODY = mapping(
    {
        "attributes": mapping({}, others=anything),
        "references": optional(references),
        "coreMigrationVersion": optional(text),
        "typeMigrationVersion": optional(text),
        "migrationVersion": optional(mapping({}, others=text)),
    }
)
UPDATE_BODY = mapping(
    {
        "attributes": mapping({}, others=anything),
        "version": optional(text),
        "references": optional(references),
        "upsert": optional(mapping({}, others=anything)),
    }
)
SPACE_BODY = mapping(
    {
        "id": space_id,
        "name": text,
        "description": optional(text),
        "initials": optional(text),
        "color": optional(text),
        "imageUrl": optional(text),
        "disabledFeatures": optional(array(text)),
    }
)

OBJECTS = "/api/saved_objects"
ROUTES = (
    Route("GET", "/api/status", status.status, query=mapping({}, others=anything)),
    Route(
        "POST", f"{OBJECTS}/_import", import_objects.import_objects, IMPORT_QUERY, mapping({"file": stream}), form=True
    ),
    Route("POST", f"{OBJECTS}/_export", export_objects.export_objects, body=EXPORT_BODY),
    Route("GET", f"{OBJECTS}/_find", find.find_objects, FIND_QUERY),
    Route(
        "POST",
        f"{OBJECTS}/_bulk_get",
        single_objects.bulk_get,
        body=array(mapping({"type": text, "id": text, "fields": optional(array(text))})),
    ),
    Route(
        "POST", f"{OBJECTS}/_bulk_delete", single_objects.bulk_delete, mapping({"force": optional(boolean)}), array(key)
    ),
    Route("GET", f"{OBJECTS}/{{type}}/{{id}}", single_objects.get_object),
    Route(
        "POST",
        f"{OBJECTS}/{{type}}/{{id}}",
        single_objects.create_object,
        mapping({"overwrite": switch}),
        CREATE_BODY,
    ),
    Route("POST", f"{OBJECTS}/{{type}}", single_objects.create_object, mapping({"overwrite": switch}), CREATE_BODY),
    Route("PUT", f"{OBJECTS}/{{type}}/{{id}}", single_objects.update_object, body=UPDATE_BODY),
    Route("DELETE", f"{OBJECTS}/{{type}}/{{id}}", single_objects.delete_object, mapping({"force": optional(boolean)})),
    Route("GET", "/api/spaces/space", spaces.list_spaces, mapping({}, others=anything)),
    Route("POST", "/api/spaces/space", spaces.create_space, body=SPACE_BODY),
    Route("GET", "/api/spaces/space/{space}", spaces.get_space),
    Route("DELETE", "/api/spaces/space/{space}", spaces.delete_space),
)


def find_route(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """Find who answers a method and path, with the values of the placeholders; HEAD is answered as GET."""
    for route in ROUTES:
        values = route.match("GET" if method == "HEAD" else method, path)
        if values is not None:
            return route, values
    return None
