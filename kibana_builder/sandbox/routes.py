"""The paths of Kibana's HTTP API that the sandbox answers, each with what its query and its body may say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from kibana_builder.json_tree import Json
from kibana_builder.sandbox import (
    copy_objects,
    data_views,
    export_objects,
    find,
    import_objects,
    single_objects,
    spaces,
    status,
    tags,
)
from kibana_builder.sandbox.calls import Handler, Upload
from kibana_builder.sandbox.checks import (
    Check,
    Path,
    WrongValue,
    anything,
    array,
    boolean,
    from_text,
    identifier,
    integer,
    literal,
    mapping,
    one_or_many,
    optional,
    text,
    type_name,
)

API_VERSION = "2023-10-31"
"""The version of the versioned routes, which a client may ask for with `elastic-api-version`."""


def stream(value: Json, path: Path) -> Upload:
    if not isinstance(value, Upload):
        raise WrongValue(path, f"expected value of type [Stream] but got [{type_name(value)}]")
    return value


def space_id(value: Json, path: Path) -> str:
    if not re.fullmatch(r"[a-z0-9_-]+", text(value, path)):
        raise WrongValue(path, "must be lower case, a-z, 0-9, '_', and '-' are allowed")
    return str(value)


def types(value: Json, path: Path) -> Json:
    if not isinstance(value, str | list):
        raise WrongValue(path, f"expected at least one defined value but got [{type_name(value)}]")
    return one_or_many(text)(value, path)


def bulk(fields: dict[str, Check]) -> Check:
    return array(mapping({"type": identifier, "id": identifier, **fields}))


NO_QUERY = mapping({})
ANY_QUERY = mapping({}, others=anything)
SWITCH = optional(boolean, default=False)
OPERATOR = optional(literal("OR", "AND"), default="OR")
KEY = mapping({"type": identifier, "id": identifier})
REFERENCES = optional(array(mapping({"name": text, "type": identifier, "id": identifier})))
OBJECT = mapping({}, others=anything)
FORCE = mapping({"force": optional(boolean)})
OVERWRITE = mapping({"overwrite": SWITCH})

IMPORT_QUERY = mapping({"overwrite": SWITCH, "createNewCopies": SWITCH, "compatibilityMode": SWITCH})
RESOLVE_QUERY = mapping({"createNewCopies": SWITCH, "compatibilityMode": SWITCH})
REPLACEMENT = mapping({"type": identifier, "from": identifier, "to": identifier})
RETRIES = bulk(
    {
        "overwrite": SWITCH,
        "destinationId": optional(identifier),
        "replaceReferences": optional(array(REPLACEMENT), default=[]),
        "createNewCopy": optional(boolean),
        "ignoreMissingReferences": optional(boolean),
    }
)
EXPORT_BODY = mapping(
    {
        "type": optional(one_or_many(text)),
        "hasReference": optional(one_or_many(KEY)),
        "objects": optional(array(KEY, export_objects.MOST_OBJECTS)),
        "search": optional(text),
        "includeReferencesDeep": SWITCH,
        "excludeExportDetails": SWITCH,
    }
)
FIND_QUERY = mapping(
    {
        "per_page": optional(integer(0), default=20),
        "page": optional(integer(0), default=1),
        "type": types,
        "search": optional(text),
        "default_search_operator": OPERATOR,
        "search_fields": optional(one_or_many(text)),
        "sort_field": optional(text),
        "has_reference": optional(from_text(one_or_many(KEY), "object")),
        "has_reference_operator": OPERATOR,
        "fields": optional(one_or_many(text)),
        "filter": optional(text),
    }
)
DOCUMENT = {
    "attributes": OBJECT,
    "references": REFERENCES,
    "migrationVersion": optional(mapping({}, others=text)),
    "coreMigrationVersion": optional(text),
    "typeMigrationVersion": optional(text),
}
UPDATE_BODY = mapping({"attributes": OBJECT, "version": optional(text), "references": REFERENCES})
SPACE_BODY = mapping(
    {
        "id": space_id,
        "name": text,
        "description": optional(text),
        "initials": optional(text),
        "color": optional(text),
        "imageUrl": optional(text),
        "disabledFeatures": optional(array(text), default=[]),
    }
)
COPY_BODY = mapping(
    {
        "spaces": array(space_id),
        "objects": array(KEY),
        "includeReferences": SWITCH,
        "overwrite": SWITCH,
        "createNewCopies": optional(boolean, default=True),
    }
)
DATA_VIEW = {
    "title": text,
    "id": optional(identifier),
    "name": optional(text),
    "version": optional(text),
    "timeFieldName": optional(text),
    "type": optional(text),
    "typeMeta": optional(OBJECT),
    "sourceFilters": optional(array(OBJECT)),
    "fields": optional(mapping({}, others=OBJECT)),
    "fieldFormats": optional(OBJECT),
    "fieldAttrs": optional(OBJECT),
    "runtimeFieldMap": optional(OBJECT),
    "allowNoIndex": optional(boolean),
    "allowHidden": optional(boolean),
    "namespaces": optional(array(text)),
}
DATA_VIEW_BODY = mapping({"override": SWITCH, "refresh_fields": SWITCH, "data_view": mapping(DATA_VIEW)})
DATA_VIEW_CHANGES = mapping(
    {"refresh_fields": SWITCH, "data_view": mapping({**DATA_VIEW, "title": optional(text)})},
)
TAG_BODY = mapping({"name": text, "description": text, "color": text})
TAG_QUERY = mapping(
    {
        "page": optional(integer(1), default=1),
        "perPage": optional(integer(0), default=20),
        "search": optional(text),
    }
)


@dataclass(frozen=True, slots=True)
class Route:
    """One method and path; a `{name}` in the path takes one segment, which may hold an escaped slash.

    A `form` has a multipart body with files, the other bodies are JSON. A `versioned` route is one that clients ask
    for by version.
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    handler: Handler
    query: Check = NO_QUERY
    body: Check | None = None
    form: bool = False
    versioned: bool = False

    def match(self, method: str, path: str) -> dict[str, str] | None:
        """Give the values of the placeholders when the route answers this method and (still escaped) path."""
        own, asked = self.path.split("/"), path.split("/")
        if method != self.method or len(own) != len(asked):
            return None
        values = {}
        for pattern, segment in zip(own, asked, strict=True):
            if pattern.startswith("{") and segment:
                values[pattern[1:-1]] = unquote(segment)
            elif pattern != segment:
                return None
        return values


OBJECTS = "/api/saved_objects"
TAGS = "/api/saved_objects_tagging/tags"
ROUTES = (
    Route("GET", "/api/status", status.status, ANY_QUERY),
    # saved objects; the fixed paths stand before those with placeholders
    Route(
        "POST", f"{OBJECTS}/_import", import_objects.import_objects, IMPORT_QUERY, mapping({"file": stream}), form=True
    ),
    Route(
        "POST",
        f"{OBJECTS}/_resolve_import_errors",
        import_objects.resolve_import_errors,
        RESOLVE_QUERY,
        mapping({"file": stream, "retries": from_text(RETRIES, "array")}),
        form=True,
    ),
    Route("POST", f"{OBJECTS}/_export", export_objects.export_objects, body=EXPORT_BODY),
    Route("GET", f"{OBJECTS}/_find", find.find_objects, FIND_QUERY),
    Route("POST", f"{OBJECTS}/_bulk_get", single_objects.bulk_get, body=bulk({"fields": optional(array(text))})),
    Route("POST", f"{OBJECTS}/_bulk_resolve", single_objects.bulk_resolve, body=array(KEY)),
    Route(
        "POST",
        f"{OBJECTS}/_bulk_create",
        single_objects.bulk_create,
        OVERWRITE,
        array(mapping({"type": identifier, "id": optional(identifier), **DOCUMENT})),
    ),
    Route("POST", f"{OBJECTS}/_bulk_delete", single_objects.bulk_delete, FORCE, array(KEY)),
    Route("GET", f"{OBJECTS}/resolve/{{type}}/{{id}}", single_objects.resolve_object),
    Route("GET", f"{OBJECTS}/{{type}}/{{id}}", single_objects.get_object),
    Route("POST", f"{OBJECTS}/{{type}}/{{id}}", single_objects.create_object, OVERWRITE, mapping(DOCUMENT)),
    Route("POST", f"{OBJECTS}/{{type}}", single_objects.create_object, OVERWRITE, mapping(DOCUMENT)),
    Route("PUT", f"{OBJECTS}/{{type}}/{{id}}", single_objects.update_object, body=UPDATE_BODY),
    Route("DELETE", f"{OBJECTS}/{{type}}/{{id}}", single_objects.delete_object, FORCE),
    # spaces
    Route("GET", "/api/spaces/space", spaces.list_spaces, ANY_QUERY),
    Route("POST", "/api/spaces/space", spaces.create_space, body=SPACE_BODY),
    Route("GET", "/api/spaces/space/{space}", spaces.get_space),
    Route("DELETE", "/api/spaces/space/{space}", spaces.delete_space),
    Route("POST", "/api/spaces/_copy_saved_objects", copy_objects.copy_objects, body=COPY_BODY),
    # data views
    Route("GET", "/api/data_views", data_views.list_data_views, versioned=True),
    Route("POST", "/api/data_views/data_view", data_views.create_data_view, body=DATA_VIEW_BODY, versioned=True),
    Route("GET", "/api/data_views/data_view/{id}", data_views.get_data_view, versioned=True),
    Route(
        "POST", "/api/data_views/data_view/{id}", data_views.update_data_view, body=DATA_VIEW_CHANGES, versioned=True
    ),
    Route("DELETE", "/api/data_views/data_view/{id}", data_views.delete_data_view, versioned=True),
    # tags
    Route("GET", TAGS, tags.list_tags),
    Route("POST", f"{TAGS}/create", tags.create_tag, body=TAG_BODY),
    Route("GET", f"{TAGS}/{{id}}", tags.get_tag),
    Route("DELETE", f"{TAGS}/{{id}}", tags.delete_tag),
    Route("GET", "/internal/saved_objects_tagging/tags/_find", tags.find_tags, TAG_QUERY),
)


def find_route(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """Find who answers a method and path, with the values of the placeholders; HEAD is answered as GET."""
    for route in ROUTES:
        values = route.match("GET" if method == "HEAD" else method, path)
        if values is not None:
            return route, values
    return None
