"""What an index template says of fields: their names, types and whether they can be aggregated.

https://www.elastic.co/guide/en/elasticsearch/reference/8.12/mapping.html; what Kibana makes of a type:
https://www.elastic.co/guide/en/kibana/8.12/managing-data-views.html. Dynamic templates do not count: what they would
let in is just what a typing error looks like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from kibana_builder.json_tree import Json, JsonObject

__all__ = ["NUMBERS", "Field", "Fields", "NoTemplate", "Template", "fields_of"]

NUMBERS = frozenset(
    {"long", "integer", "short", "byte", "double", "float", "half_float", "scaled_float", "unsigned_long"}
)
"""Elasticsearch's types whose values are single numbers: fields of two of them go together."""

# Elasticsearch's types under the word that Kibana has for them.
_KIBANA_TYPES = {
    **dict.fromkeys((*NUMBERS, "aggregate_metric_double"), "number"),
    **dict.fromkeys(("keyword", "constant_keyword", "wildcard", "version", "flattened"), "keyword"),
    **dict.fromkeys(("text", "match_only_text", "search_as_you_type", "annotated_text"), "text"),
    **dict.fromkeys(("date", "date_nanos"), "date"),
    **dict.fromkeys(("integer_range", "float_range", "long_range", "double_range"), "number_range"),
    **{kind: kind for kind in ("boolean", "ip", "ip_range", "date_range", "histogram", "murmur3")},
    **{kind: kind for kind in ("object", "nested", "binary", "geo_point", "geo_shape", "point", "shape", "completion")},
    **{kind: kind for kind in ("join", "percolator", "rank_feature", "rank_features", "dense_vector", "sparse_vector")},
}
_METADATA = frozenset(
    {"_id", "_index", "_score", "_source", "_ignored", "_routing", "_tier", "_type", "_field_names", "_doc_count"}
)
_RUNTIME = "is a runtime field"
# Formats of dates that are written from the year to its parts, or as epoch milliseconds.
_USUAL_FORMAT = re.compile(
    r"epoch_millis|iso8601|(?:strict_)?date(?:_optional_time(?:_nanos)?|_time(?:_no_millis)?|_hour_minute\w*)?"
    r"|(?:yyyy|uuuu)-MM-dd(?:(?: |'T')HH:mm(?::ss(?:[.,]S+)?)?)?(?:'Z'|Z+|X+|x+)?"
)
# Kibana's own name for "all documents", the field of a count (recorded gold objects).
_RECORDS = "___records___"


@dataclass(frozen=True, slots=True)
class Template:
    """The mappings of a template, its component templates' first.

    `complete` is False when one of those is not there, so that there may be more fields than these.
    """

    mappings: tuple[JsonObject, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class NoTemplate:
    """Why a file gives no template; `missing` when there is no such file."""

    reason: str
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One field: Elasticsearch's type, Kibana's (None for one that is not known here), what it can be used for."""

    type: str
    kibana_type: str | None
    aggregatable: bool
    counter: bool = False
    made: str | None = None
    """How Elasticsearch makes its values where they are not those that documents have, in words behind its name."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a template by their full names; `complete` as in Template."""

    by_name: Mapping[str, Field]
    complete: bool

    def find(self, name: str) -> Field | None:
        """Give a field, also one inside a flattened object, whose keys no mapping lists."""
        field = self.by_name.get(name)
        while field is None and "." in name:
            name = name.rpartition(".")[0]
            outer = self.by_name.get(name)
            if outer is not None:
                return outer if outer.type == "flattened" else None
        return field

    def has(self, name: str) -> bool:
        """Tell whether a name can be meant: a field, a metadata field, or one that this template does not know of."""
        return not self.complete or name == _RECORDS or name in _METADATA or self.find(name) is not None


def fields_of(template: Template) -> Fields:
    """Read the fields of a template: nested objects, multi-fields, aliases and runtime fields included."""
    by_name: dict[str, Field] = {}
    aliases: dict[str, str] = {}
    for mappings in template.mappings:
        for name, said in _leaves("", mappings.get("properties")):
            if said.get("type") == "alias":
                aliases[name] = str(said.get("path"))
            else:
                by_name[name] = _field(said)
        runtime = mappings.get("runtime")
        for name, said in runtime.items() if isinstance(runtime, dict) else ():
            by_name |= _runtime_fields(name, said)
    for name, path in aliases.items():
        if path in by_name:
            by_name[name] = replace(by_name[path], made=f"is another name of {path}")
    return Fields(by_name, template.complete)


def _leaves(prefix: str, properties: Json) -> Iterator[tuple[str, JsonObject]]:
    for name, said in properties.items() if isinstance(properties, dict) else ():
        if not isinstance(said, dict):
            continue
        full = f"{prefix}{name}"
        if "type" in said:
            yield full, said
        yield from _leaves(f"{full}.", said.get("properties"))
        yield from _leaves(f"{full}.", said.get("fields"))


def _field(said: JsonObject) -> Field:
    kind = str(said["type"])
    kibana_type = _KIBANA_TYPES.get(kind)
    if kind == "text" and said.get("fielddata") is True:
        kibana_type = "keyword"  # it can be aggregated like one
    aggregatable, counter = said.get("doc_values") is not False, said.get("time_series_metric") == "counter"
    return Field(kind, kibana_type, aggregatable, counter, _made(kind, said))


def _made(kind: str, said: JsonObject) -> str | None:
    """Say what the mapping has Elasticsearch do with values, if it does anything."""
    for name, words in (("normalizer", "is normalized"), ("null_value", "has a value in the place of null")):
        if said.get(name) is not None:
            return words
    formats = str(said.get("format", "epoch_millis")).split("||")
    if kind in ("date", "date_nanos") and not all(map(_USUAL_FORMAT.fullmatch, formats)):
        return f"has dates of the format {said['format']}"
    return None


def _runtime_fields(name: str, said: Json) -> dict[str, Field]:
    """Read a runtime field: one of type composite has fields of its own."""
    if not isinstance(said, dict):
        return {}
    kind = str(said.get("type"))
    if kind == "composite" and isinstance(said.get("fields"), dict):
        return {
            f"{name}.{inner}": replace(_field(of), made=_RUNTIME)
            for inner, of in said["fields"].items()
            if isinstance(of, dict) and "type" in of
        }
    return {name: Field(kind, _KIBANA_TYPES.get(kind), aggregatable=True, made=_RUNTIME)}
