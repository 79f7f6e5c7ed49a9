"""The tree of a KQL query -> Elasticsearch's query DSL, as Kibana writes it.

Facts: what Kibana 8.12.2 sent (the recorded queries of its panels), and kbn-es-query, src/kuery/functions: a keyword
is asked by `term`, another field by `match` (a quoted phrase by `match_phrase`), a date by a range of one moment, a
value with stars by `wildcard` or `query_string`. A field that the data view does not have is asked for as it is
written: such a query finds nothing, as in Kibana.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.kql.tree import And, Is, Literal, MatchAll, MisplacedField, Nested, Node, Not, Or, Range, Wildcard

__all__ = ["DATES", "FieldType", "Fields", "to_dsl"]

RESERVED = re.compile(r'[+\-=&|><!(){}\[\]^"~*?:\\/]')
"""What a query string gives a meaning of its own."""
EPOCH = re.compile(r"\d+")
DATES = ("date", "date_nanos")


@dataclass(frozen=True)
class FieldType:
    """What a field is: Elasticsearch's mapping type (`keyword`, `date`, `double`), and the nested object around it."""

    type: str
    nested: str | None = None


Fields = Mapping[str, FieldType]
"""The fields of a data view by name."""


def to_dsl(node: Node, fields: Fields, *, time_zone: str | None = None) -> Json:
    """Give the query of a tree; `time_zone` is the one that dates without one are meant in.

    Raises MisplacedField for a nested field outside of its braces, or a field in braces that are not its own.
    """
    return _Writer(fields, {"time_zone": time_zone} if time_zone else {}).query(node, None)


class _Writer:
    def __init__(self, fields: Fields, zone: JsonObject) -> None:
        self.fields = fields
        self.zone = zone

    def query(self, node: Node, path: str | None) -> JsonObject:
        """Give the query of a node inside the nested object `path`."""
        match node:
            case MatchAll():
                return {"match_all": {}}
            case And(parts):
                return {"bool": {"filter": [self.query(part, path) for part in parts]}}
            case Or(parts):
                return _any([self.query(part, path) for part in parts])
            case Not(part):
                return {"bool": {"must_not": self.query(part, path)}}
            case Nested(inner, part):
                whole = _below(path, inner.words())
                return {"nested": {"path": whole, "query": self.query(part, whole), "score_mode": "none"}}
            case Range(field, operator, value):
                return self.each(field, path, lambda name: self.range(name, {operator: _value(value)}))
            case Is(field, value):
                return _anywhere(value) if field is None else self.each(field, path, lambda name: self.is_(name, value))

    def each(self, field: Literal | Wildcard, path: str | None, ask: Callable[[str], JsonObject]) -> JsonObject:
        """Ask for each field that is meant; a star outside of braces finds its own way into nested objects."""
        queries = []
        for name in self.names(field, path):
            nested = self.nested(name)
            if nested == path or name not in self.fields:
                queries.append(ask(name))
            elif isinstance(field, Wildcard) and path is None:
                queries.append({"nested": {"path": nested, "query": ask(name), "score_mode": "none"}})
            else:
                raise MisplacedField(f"{name}: {_misplaced(nested, path)}")
        return _any(queries)

    def names(self, field: Literal | Wildcard, path: str | None) -> list[str]:
        whole = _below(path, field.words())
        if isinstance(field, Literal):
            return [whole]
        pattern = Wildcard((_below(path, field.between[0]), *field.between[1:])).pattern()
        return [name for name in self.fields if pattern.fullmatch(name)] or [whole]

    def nested(self, name: str) -> str | None:
        return self.fields[name].nested if name in self.fields else None

    def type(self, name: str) -> str:
        return self.fields[name].type if name in self.fields else ""

    def range(self, name: str, bounds: JsonObject) -> JsonObject:
        return {"range": {name: {**bounds, **(self.zone if self.type(name) in DATES else {})}}}

    def is_(self, name: str, value: Literal | Wildcard) -> JsonObject:
        if isinstance(value, Wildcard):
            return self.like(name, value)
        if self.type(name) in DATES:
            moment = _value(value)
            absolute = isinstance(moment, str) and EPOCH.fullmatch(moment)
            return {"range": {name: {"gte": moment, "lte": moment, **({} if absolute else self.zone)}}}
        if self.type(name) == "keyword":
            return {"term": {name: {"value": value.value}}}
        return {"match_phrase" if value.quoted else "match": {name: value.value}}

    def like(self, name: str, value: Wildcard) -> JsonObject:
        if value.alone:
            return {"exists": {"field": name}}
        if self.type(name) == "keyword":
            return {"wildcard": {name: {"value": _query_string(value)}}}
        return {"query_string": {"fields": [name], "query": _query_string(value)}}


def _any(queries: list[JsonObject]) -> JsonObject:
    return {"bool": {"should": queries, "minimum_should_match": 1}}


def _anywhere(value: Literal | Wildcard) -> JsonObject:
    """Ask for a value in any field: a whole query string, or a match that skips fields of other types."""
    if isinstance(value, Wildcard):
        return {"query_string": {"query": _query_string(value)}}
    kind = "phrase" if value.quoted else "best_fields"
    return {"multi_match": {"type": kind, "query": value.value, "lenient": True}}


def _value(value: Literal | Wildcard) -> Json:
    return value.value if isinstance(value, Literal) else value.words()


def _query_string(value: Wildcard) -> str:
    return "*".join(RESERVED.sub(lambda found: "\\" + found[0], text) for text in value.between)


def _below(path: str | None, name: str) -> str:
    return name if path is None else f"{path}.{name}"


def _misplaced(nested: str | None, path: str | None) -> str:
    if path is None:
        return f"a field of the nested object {nested}, which KQL wants in braces ({nested}: {{ … }})"
    if nested is None:
        return f"a field in the braces of {path}, though it is not nested"
    return f"a field in the braces of {path}, though its nested object is {nested}"
