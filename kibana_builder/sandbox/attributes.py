"""What Kibana or Elasticsearch refuses in the attributes of an object (recordings norm_*, import_partial_*).

A dashboard is checked by Kibana against a schema; the other strict types by Elasticsearch, whose mapping takes no
attribute that it does not name. Either stops only the object that it is found in.
"""

from __future__ import annotations

from dataclasses import dataclass

from kibana_builder.json_tree import JsonObject
from kibana_builder.sandbox.checks import WrongValue, anything, boolean, mapping, number, optional, text
from kibana_builder.sandbox.object_types import TYPES

DASHBOARD = mapping(
    {
        "title": text,
        "description": optional(text),
        "kibanaSavedObjectMeta": optional(mapping({"searchSourceJSON": optional(text)})),
        "timeRestore": optional(boolean),
        "timeFrom": optional(text),
        "timeTo": optional(text),
        "refreshInterval": optional(
            mapping(
                {
                    "pause": boolean,
                    "value": number(),
                    "display": optional(text),
                    "section": optional(number()),
                }
            )
        ),
        "controlGroupInput": optional(
            mapping(
                {
                    "panelsJSON": optional(text),
                    "controlStyle": optional(text),
                    "chainingSystem": optional(text),
                    "ignoreParentSettingsJSON": optional(text),
                },
                others=anything,
            )
        ),
        "panelsJSON": optional(text),
        "optionsJSON": optional(text),
        "hits": optional(number()),
        "version": optional(number()),
    }
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an object cannot be written; `by_schema` tells that Kibana refused it, not Elasticsearch."""

    message: str
    by_schema: bool = False

    def in_import(self) -> JsonObject:
        """Write the fault as the answer to an import holds it: Kibana lets its own error object out, whole."""
        if not self.by_schema:
            message = f"Unexpected bulk response [400] {self.message}"
            return {"error": "Internal Server Error", "message": message, "statusCode": 500, "type": "unknown"}
        payload = {"message": f"{self.message}: Bad Request", "statusCode": 400, "error": "Bad Request"}
        output = {"statusCode": 400, "payload": payload, "headers": {}}
        return {"isBoom": True, "isServer": False, "data": None, "output": output, "type": "unknown"}


def fault_of(document: JsonObject) -> Fault | None:
    """Tell what keeps a document of a known type from being written, None when nothing does."""
    if "migrationVersion" in document:
        return _unmapped("migrationVersion", "_doc")
    kind, attributes = TYPES[document["type"]], document["attributes"]
    if kind.name == "dashboard":
        try:
            DASHBOARD(attributes, ("attributes",))
        except WrongValue as wrong:
            return Fault(str(wrong), by_schema=True)
    for name, value in attributes.items():
        if kind.attributes is not None and name not in kind.attributes:
            return _unmapped(name, kind.name)
        if name in kind.objects and not isinstance(value, dict | None):
            return Fault(
                f"document_parsing_exception: [1:1] object mapping for [{kind.name}.{name}] tried to parse field"
                f" [{name}] as object, but found a concrete value"
            )
    return None


def _unmapped(name: str, where: str) -> Fault:
    # Elasticsearch says at which character of its own document; nobody can use that, so it is the first one here.
    return Fault(
        "strict_dynamic_mapping_exception: [1:1] mapping set to strict,"
        f" dynamic introduction of [{name}] within [{where}] is not allowed"
    )
