"""Queries and filters of the as-code vocabulary -> query DSL, as Kibana sends it."""

from __future__ import annotations

from collections.abc import Sequence

from kibana_builder.charts import UnsayableError
from kibana_builder.charts.filters import to_lens_filters
from kibana_builder.json_tree import JsonObject
from kibana_builder.kql import Fields, KqlError, MatchAll, MisplacedField, parse, to_dsl
from kibana_builder.preview.query import Unanswerable
from kibana_builder.problem import NotExpressible

__all__ = ["filters_dsl", "query_dsl"]


def query_dsl(query: JsonObject | None, fields: Fields, time_zone: str | None = None) -> JsonObject | None:
    """Turn `{expression, language}` into DSL; None where it lets everything through.

    Raises Unanswerable for a query in another language than KQL, or one that cannot be read.
    """
    if query is None or not query.get("expression", "").strip():
        return None
    language = query.get("language", "kql")
    if language != "kql":
        raise Unanswerable(f"kbuild answers no queries in {language.capitalize()}: {query['expression']}")
    try:
        node = parse(query["expression"])
        if isinstance(node, MatchAll):
            return None
        asked: JsonObject = to_dsl(node, fields, time_zone=time_zone)
    except (KqlError, MisplacedField) as error:
        raise Unanswerable(str(error)) from None
    return asked


def filters_dsl(filters: Sequence[JsonObject]) -> list[JsonObject]:
    """Turn as-code filters into DSL, one for each that is not disabled. Raises Unanswerable for one without words."""
    try:
        made, _ = to_lens_filters(filters)
    except (NotExpressible, UnsayableError) as error:
        raise Unanswerable(f"a filter: {error}") from None
    return [_asked(one) for one in made if not one["meta"].get("disabled", False)]


def _asked(item: JsonObject) -> JsonObject:
    """Give the query of one of Kibana's filters; a combined one has its parts in `meta`."""
    meta: JsonObject = item["meta"]
    query: JsonObject = item.get("query") or {}
    if meta.get("type") == "combined":
        parts = [_asked(part) for part in meta["params"]]
        either = meta["relation"] == "OR"
        query = {"bool": {"should": parts, "minimum_should_match": 1} if either else {"filter": parts}}
    return {"bool": {"must_not": [query]}} if meta.get("negate", False) else query
