"""The normal form of a data view: without the list of fields that Kibana reads anew from Elasticsearch.

Kibana before 7.11 kept that list in the object; today it takes of it the scripted fields alone (refreshFieldSpecMap of
the data views service), but for a data view that may be without an index, which goes by the list as long as there is
none.
"""

from __future__ import annotations

from kibana_builder.json_tree import Json, JsonObject

__all__ = ["level_data_view"]


def level_data_view(attributes: JsonObject) -> JsonObject:
    """Return the attributes of a data view, their inner JSON opened, with no fields but the scripted ones."""
    fields = attributes.get("fields")
    if not isinstance(fields, list) or attributes.get("allowNoIndex") is True:
        return attributes
    rest = {key: value for key, value in attributes.items() if key != "fields"}
    scripted = [field for field in fields if not _is_read_anew(field)]
    return {**rest, "fields": scripted} if scripted else rest


def _is_read_anew(field: Json) -> bool:
    return isinstance(field, dict) and isinstance(field.get("name"), str) and field.get("scripted") is not True
