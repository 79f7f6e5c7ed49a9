"""Query DSL -> a condition in DuckDB's SQL.

What Kibana makes of KQL and filters is translated, and what people write in filters as far as it says the same in both;
anything else is Unanswerable, by its name. Values are always parameters of the statement, never part of its text.

Elasticsearch's rules that SQL does not have: a missing value matches nothing, and so matches what is negated; a field
may have several values, of which one has to match; a text is matched by its words (text_words.py); an address may be
asked for by its network.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.kql import Fields
from kibana_builder.preview.dsl_dates import moment_of, zone_of
from kibana_builder.preview.event_columns import kind_of
from kibana_builder.preview.query import Unanswerable
from kibana_builder.preview.text_words import word_list
from kibana_builder.preview.value_sql import address_key, inside, network_ends, value_sql

__all__ = ["TEXTS", "Conditions", "Held", "Parameters"]

TEXTS = ("text", "match_only_text", "search_as_you_type", "annotated_text")
_WHOLE = re.compile(r"[+-]?[0-9]{1,19}")
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
"""Numbers as people write them: Python would read `1_000` too, which Elasticsearch refuses."""
_PLACE = re.compile(r"\$(p\d+)\b")
_BOUNDS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_FORMATS = ("epoch_millis", "strict_date_optional_time", "strict_date_optional_time_nanos", "date_optional_time")
_IGNORED = frozenset({"boost", "_name"})
"""Settings of queries that change no answer where nothing is scored."""


class Parameters:
    """The values of a statement: `add` keeps one and gives its place in the text."""

    def __init__(self) -> None:
        self.values: dict[str, Json] = {}

    def add(self, value: Json) -> str:
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"${name}"

    def used_in(self, sql: str) -> dict[str, Json]:
        """Give the values that a statement names: a condition that decides nothing may have been left out of it."""
        return {name: self.values[name] for name in _PLACE.findall(sql) if name in self.values}


@dataclass(frozen=True)
class Held:
    """How the values of a field are held: the SQL of them, and their kind.

    `kind` is string, number, integer, boolean, date (epoch milliseconds), ip (as value_sql.py writes it) or nested (a
    list of JSON objects); `many` says that it is a list of such.
    """

    sql: str
    kind: str
    many: bool = False


Test = Callable[[str], str]
"""The condition on one value, whose SQL is handed in."""


class Conditions:
    """Translates conditions over columns; `now_ms` is what `now` means in dates."""

    def __init__(self, columns: Mapping[str, Held], fields: Fields, parameters: Parameters, now_ms: int) -> None:
        self.columns = columns
        self.fields = fields
        self.parameters = parameters
        self.now_ms = now_ms

    def sql(self, query: Json) -> str:
        """Give the condition of a query; it is true or false, never NULL. Raises Unanswerable."""
        if not isinstance(query, dict) or len(query) != 1:
            raise Unanswerable(f"a query that is no single one: {query}")
        ((kind, said),) = query.items()
        translate = _QUERIES.get(kind)
        if translate is None or not isinstance(said, dict):
            raise Unanswerable(f"kbuild answers no queries of the kind {kind} from its own events")
        return translate(self, said)

    # ---------------------------------------------------------------------------------------------- combinations

    def bool_query(self, said: JsonObject) -> str:
        _only(said, "bool", "must", "filter", "should", "must_not", "minimum_should_match")
        parts = [self.sql(one) for name in ("must", "filter") for one in _listed(said.get(name))]
        parts += [f"NOT {self.sql(one)}" for one in _listed(said.get("must_not"))]
        should = [self.sql(one) for one in _listed(said.get("should"))]
        least = said.get("minimum_should_match", 0 if parts and should else 1)
        if not isinstance(least, int) or least < 0:
            raise Unanswerable(f"minimum_should_match: {least}")
        if should and least == 1:
            parts.append(f"({' OR '.join(should)})")
        elif should and least > 1:
            parts.append(f"({' + '.join(f'({one})::INT' for one in should)} >= {least})")
        return f"({' AND '.join(parts)})" if parts else "TRUE"

    def match_all(self, _said: JsonObject) -> str:
        return "TRUE"

    def match_none(self, _said: JsonObject) -> str:
        return "FALSE"

    def constant_score(self, said: JsonObject) -> str:
        _only(said, "constant_score", "filter")
        return self.sql(said.get("filter"))

    def nested(self, said: JsonObject) -> str:
        _only(said, "nested", "path", "query", "score_mode", "ignore_unmapped")
        path = str(said.get("path"))
        if path not in self.fields or self.fields[path].type != "nested":
            raise Unanswerable(f"{path} is no nested object")
        held = self.columns.get(path)
        if held is None:
            return "FALSE"
        inner = f"n{len(path)}"
        columns = {
            name: _in_object(inner, name.removeprefix(f"{path}."), of.type)
            for name, of in self.fields.items()
            if name.startswith(f"{path}.")
        }
        condition = Conditions(columns, self.fields, self.parameters, self.now_ms).sql(said.get("query"))
        return f"EXISTS (SELECT 1 FROM (SELECT unnest({held.sql}) AS {inner}) WHERE {condition})"  # noqa: S608

    # ------------------------------------------------------------------------------------------- single fields

    def term(self, said: JsonObject) -> str:
        name, settings = _field(said, "term", "value")
        _only(settings, "term", "value", "case_insensitive")
        return self.equal(name, settings.get("value"), lower=bool(settings.get("case_insensitive", False)), exact=True)

    def terms(self, said: JsonObject) -> str:
        names = [name for name in said if name not in _IGNORED]
        if len(names) != 1 or not isinstance(said[names[0]], list):
            raise Unanswerable("kbuild answers no terms lookups from its own events")
        return _any([self.equal(names[0], value, exact=True) for value in said[names[0]]])

    def match(self, said: JsonObject) -> str:
        name, settings = _field(said, "match", "query")
        _only(settings, "match", "query", "operator", "lenient", "type")
        if settings.get("type") == "phrase":
            return self.equal(name, settings.get("query"), phrase=True)
        every = str(settings.get("operator", "or")).lower() == "and"
        return self.equal(name, settings.get("query"), every=every, lenient=bool(settings.get("lenient", False)))

    def match_phrase(self, said: JsonObject) -> str:
        name, settings = _field(said, "match_phrase", "query")
        _only(settings, "match_phrase", "query")
        return self.equal(name, settings.get("query"), phrase=True)

    def multi_match(self, said: JsonObject) -> str:
        _only(said, "multi_match", "query", "type", "fields", "lenient")
        if said.get("type", "best_fields") not in ("best_fields", "phrase"):
            raise Unanswerable(f"a multi_match of the type {said['type']}")
        names = said.get("fields") or list(self.columns)
        phrase = said.get("type") == "phrase"
        return _any([self.equal(name, said.get("query"), phrase=phrase, lenient=True) for name in names])

    def exists(self, said: JsonObject) -> str:
        _only(said, "exists", "field")
        name = str(said.get("field"))
        # What stands in a nested object is no part of the document around it.
        found = [
            held
            for field, held in self.columns.items()
            if held.kind != "nested" and (field == name or field.startswith(f"{name}."))
        ]
        return _any(
            [f"coalesce(len({held.sql}) > 0, FALSE)" if held.many else f"{held.sql} IS NOT NULL" for held in found]
        )

    def range_query(self, said: JsonObject) -> str:
        name, settings = _field(said, "range", "")
        _only(settings, "range", *_BOUNDS, "format", "time_zone", "relation")
        held = self.columns.get(name)
        if held is None:
            return "FALSE"
        for words in str(settings.get("format") or _FORMATS[0]).split("||"):
            if words not in _FORMATS:
                raise Unanswerable(f"kbuild reads no dates of the format {words}")
        zone = zone_of(settings.get("time_zone"))
        bounds = [
            (sign, self.bound(name, held, settings[key], up=key in ("gt", "lte"), zone=zone))
            for key, sign in _BOUNDS.items()
            if settings.get(key) is not None
        ]
        return self.within(self.as_terms(name, held), bounds)

    def wildcard(self, said: JsonObject) -> str:
        name, settings = _field(said, "wildcard", "value")
        _only(settings, "wildcard", "value", "wildcard", "case_insensitive")
        text = settings.get("value", settings.get("wildcard"))
        return self.like(name, _like(str(text)), lower=bool(settings.get("case_insensitive", False)))

    def prefix(self, said: JsonObject) -> str:
        name, settings = _field(said, "prefix", "value")
        _only(settings, "prefix", "value", "case_insensitive")
        pattern = _escaped(str(settings.get("value"))) + "%"
        return self.like(name, pattern, lower=bool(settings.get("case_insensitive", False)))

    def query_string(self, said: JsonObject) -> str:
        """Translate the query strings that KQL makes of a value with stars: words, with stars or without."""
        _only(said, "query_string", "fields", "query")
        words = _string_words(str(said.get("query")))
        named = said.get("fields")
        if named:
            return _any([self.word(name, word, lenient=False) for name in named for word in words])
        if words == ["*"]:
            return "TRUE"
        return _any([self.word(name, word, lenient=True) for name in self.columns for word in words])

    def word(self, name: str, word: str, *, lenient: bool) -> str:
        held = self.columns.get(name)
        if held is None or (lenient and held.kind != "string"):
            return "FALSE"
        if "*" not in word and "?" not in re.sub(r"\\.", "", word):
            return self.equal(name, re.sub(r"\\(.)", r"\1", word), lenient=lenient)
        return self.like(name, _like(word), lower=self.is_text(name))

    # ------------------------------------------------------------------------------------------------- values

    def equal(
        self,
        name: str,
        value: Json,
        *,
        phrase: bool = False,
        every: bool = False,
        lenient: bool = False,
        lower: bool = False,
        exact: bool = False,
    ) -> str:
        """Ask for a value: a text has its words (all of them or any, or one behind the other), others are equal."""
        if value is None:
            raise Unanswerable(f"{name}: nothing (null) cannot be asked for; not {name}: * finds what has no value")
        held = self.columns.get(name)
        if held is None or held.kind == "nested":
            return "FALSE"
        if held.kind == "string":
            text = _text(value)
            if self.is_text(name) and not exact:
                return self.words(held, text, phrase=phrase, every=every)
            place = self.parameters.add(text.lower() if lower else text)
            return self.each(self.as_terms(name, held), lambda one: f"{f'lower({one})' if lower else one} = {place}")
        try:
            low, high = self.ends(name, held, value)
        except Unanswerable:
            if lenient:
                return "FALSE"
            raise
        return self.each(held, lambda one: f"{one} = {low}" if low == high else f"{one} BETWEEN {low} AND {high}")

    def ends(self, name: str, held: Held, value: Json) -> tuple[str, str]:
        """Give the first and the last that a value means: of a day its milliseconds, of a network its addresses."""
        if held.kind == "date":
            low = self.bound(name, held, value, up=False, zone=UTC)
            return low, self.bound(name, held, value, up=True, zone=UTC)
        if held.kind == "ip" and "/" in _text(value):
            try:
                first, last = network_ends(_text(value))
            except ValueError:
                raise Unanswerable(f"{name} is an address, and {value!r} is none") from None
            return self.parameters.add(first), self.parameters.add(last)
        place = self.bound(name, held, value, up=False, zone=UTC)
        return place, place

    def words(self, held: Held, text: str, *, phrase: bool, every: bool) -> str:
        place = self.parameters.add(text)
        sought = word_list(place)

        def has(value: str) -> str:
            if phrase:
                there, behind = (f"' ' || array_to_string({word_list(one)}, ' ') || ' '" for one in (value, place))
                return f"len({sought}) > 0 AND contains({there}, {behind})"
            test = "list_has_all" if every else "list_has_any"
            return f"len({sought}) > 0 AND {test}({word_list(value)}, {sought})"

        return self.each(held, has)

    def as_terms(self, name: str, held: Held) -> Held:
        """Give the values as Elasticsearch keeps them to be looked up: a text is a list of words."""
        if not self.is_text(name):
            return held
        if not held.many:
            return Held(word_list(held.sql), held.kind, many=True)
        return Held(f"flatten(list_transform({held.sql}, lambda t: {word_list('t')}))", held.kind, many=True)

    def like(self, name: str, pattern: str, *, lower: bool) -> str:
        held = self.columns.get(name)
        if held is None:
            return "FALSE"
        if held.kind != "string":
            raise Unanswerable(f"{name}: a value with stars can be asked of texts only")
        place = self.parameters.add(pattern.lower() if lower else pattern)
        return self.each(
            self.as_terms(name, held), lambda one: f"{f'lower({one})' if lower else one} LIKE {place} ESCAPE '\\'"
        )

    def bound(self, name: str, held: Held, value: Json, *, up: bool, zone: tzinfo) -> str:
        if held.kind == "date":
            return self.parameters.add(moment_of(value, self.now_ms, up=up, zone=zone))
        if held.kind in ("number", "integer"):
            number = _number(name, value)
            of_32_bits = name in self.fields and self.fields[name].type == "float"
            return self.parameters.add(_in_32_bits(name, number) if of_32_bits else number)
        if held.kind == "ip":
            return self.parameters.add(_address(name, value))
        if held.kind == "boolean":
            return self.parameters.add(_truth(name, value))
        return self.parameters.add(_text(value))

    def is_text(self, name: str) -> bool:
        return name in self.fields and self.fields[name].type in TEXTS

    @staticmethod
    def each(held: Held, test: Test) -> str:
        """Ask one value, or any of several."""
        if held.many:
            return f"coalesce(len(list_filter({held.sql}, lambda v: {test('v')})) > 0, FALSE)"
        return f"coalesce({test(held.sql)}, FALSE)"

    @staticmethod
    def within(held: Held, bounds: Sequence[tuple[str, str]]) -> str:
        """Ask for a value that stands so (`<`) to each bound; without bounds for any."""
        return Conditions.each(
            held,
            lambda value: " AND ".join([f"{value} IS NOT NULL", *(f"{value} {sign} {end}" for sign, end in bounds)]),
        )


_QUERIES: dict[str, Callable[[Conditions, JsonObject], str]] = {
    "bool": Conditions.bool_query,
    "constant_score": Conditions.constant_score,
    "exists": Conditions.exists,
    "match": Conditions.match,
    "match_all": Conditions.match_all,
    "match_none": Conditions.match_none,
    "match_phrase": Conditions.match_phrase,
    "multi_match": Conditions.multi_match,
    "nested": Conditions.nested,
    "prefix": Conditions.prefix,
    "query_string": Conditions.query_string,
    "range": Conditions.range_query,
    "term": Conditions.term,
    "terms": Conditions.terms,
    "wildcard": Conditions.wildcard,
}


def _only(said: JsonObject, kind: str, *known: str) -> None:
    unknown = [key for key in said if key not in known and key not in _IGNORED]
    if unknown:
        raise Unanswerable(f"kbuild answers no {kind} with {unknown[0]} from its own events")


def _listed(said: Json) -> list[Json]:
    return [] if said is None else said if isinstance(said, list) else [said]


def _field(said: JsonObject, kind: str, short: str) -> tuple[str, JsonObject]:
    """Read `{field: {…}}`, or `{field: value}`, which is short for one of the settings."""
    names = [name for name in said if name not in _IGNORED]
    if len(names) != 1:
        raise Unanswerable(f"a {kind} of {len(names)} fields")
    settings = said[names[0]]
    return names[0], settings if isinstance(settings, dict) else {short: settings}


def _any(conditions: list[str]) -> str:
    found = [one for one in conditions if one != "FALSE"]
    return f"({' OR '.join(found)})" if found else "FALSE"


def _text(value: Json) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _truth(name: str, value: Json) -> bool:
    if value in (True, "true"):
        return True
    if value in (False, "false", ""):
        return False
    raise Unanswerable(f"{name} is true or false, and {value!r} is neither")


def _number(name: str, value: Json) -> float:
    if not isinstance(value, bool) and _WHOLE.fullmatch(str(value)):
        return int(value)  # with all its digits
    is_one = not isinstance(value, bool) and _DECIMAL.fullmatch(str(value))
    number = float(value) if is_one else math.nan
    if not math.isfinite(number):
        raise Unanswerable(f"{name} is a number, and {value!r} is none")
    return int(number) if number.is_integer() else number


def _in_32_bits(name: str, number: float) -> float:
    try:
        rounded: float = struct.unpack("f", struct.pack("f", number))[0]
    except OverflowError:
        raise Unanswerable(f"{name} is a number of 32 bits, and {number} is larger") from None
    return rounded


def _address(name: str, value: Json) -> str:
    try:
        return address_key(_text(value))
    except ValueError:
        raise Unanswerable(f"{name} is an address, and {value!r} is none") from None


def _escaped(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)


def _like(text: str) -> str:
    r"""Turn a pattern with `*`, `?` and `\` into one of LIKE."""
    parts = []
    for found in re.finditer(r"\\(.)|(.)", text, re.DOTALL):
        if found[1] is not None:
            parts.append(_escaped(found[1]))
        else:
            parts.append({"*": "%", "?": "_"}.get(found[2], _escaped(found[2])))
    return "".join(parts)


def _string_words(text: str) -> list[str]:
    """Part a query string into its words; one that uses more of Lucene's language is Unanswerable."""
    words = re.findall(r"(?:\\.|[^\s\\])+", text)
    for word in words:
        bare = re.sub(r"\\.", "", word)
        if re.search(r'[+\-=&|><!(){}\[\]^"~:/]', bare) or word in ("AND", "OR", "NOT", "TO"):
            raise Unanswerable(f"kbuild answers no queries in Lucene's language: {text}")
    return words


def _in_object(row: str, path: str, mapping_type: str) -> Held:
    """Give how the values at a path are held in an object that is JSON, whatever lists stand on the way."""
    kind = kind_of(mapping_type)
    found = inside(row, path.split("."))
    if kind != "nested":
        value = value_sql("v ->> '$'", kind, mapping_type, text=True)
        found = f"list_filter(list_transform({found}, lambda v: {value}), lambda v: v IS NOT NULL)"
    return Held(found, kind, many=kind != "nested")
