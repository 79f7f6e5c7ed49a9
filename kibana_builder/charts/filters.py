"""Queries and filters of the as-code vocabulary <-> Kibana's.

A filter of Kibana is the pill that a person sees: `query` is what Elasticsearch is asked, `meta` is what the pill
shows of it. An as-code condition says it once, and both are made of it. Shapes are those of Kibana 8.12.2 (gold
objects `dashboard.ml-features`, `lens.shape-metric-filter`); what `type: dsl` and `type: group` become is Kibana's own
(package kbn-as-code-filters-transforms, and groups made in its editor).

A filter names its data view through a reference. Lens puts the reference's name into `meta.index`, a search source
(dashboards, visualizations, searches) into `meta.indexRefName`.
"""

from __future__ import annotations

from collections.abc import Sequence

from kibana_builder.charts.mapping import ABSENT, Row, UnsayableError, find, from_lens, to_lens
from kibana_builder.json_tree import Json, JsonObject, same
from kibana_builder.problem import NotExpressible

__all__ = [
    "NO_QUERY",
    "from_kibana_query",
    "from_lens_filters",
    "from_search_source_filters",
    "to_kibana_query",
    "to_lens_filters",
    "to_search_source_filters",
]

NO_QUERY: JsonObject = {"query": "", "language": "kuery"}
LANGUAGES = {"kql": "kuery", "lucene": "lucene"}

SETTINGS = (
    Row(("label",), ("alias",), unsaid=None),
    Row(("disabled",), ("disabled",), unsaid=False),
    Row(("negate",), ("negate",), unsaid=False),
    Row(("controlled_by",), ("controlledBy",)),
    Row(("is_multi_index",), ("isMultiIndex",)),
)


def to_kibana_query(query: JsonObject | None) -> JsonObject:
    """Turn `{expression, language}` into Kibana's `{query, language}`; no query is an empty one."""
    if query is None:
        return dict(NO_QUERY)
    return {"query": query["expression"], "language": LANGUAGES[query.get("language", "kql")]}


def from_kibana_query(query: Json) -> JsonObject:
    """Turn Kibana's query into `{expression, language}`; the language is left out when it is KQL.

    Raises UnsayableError for one that is not a text of KQL or Lucene (ES|QL, the objects of Kibana before 6).
    """
    text, language = find(query, ("query",)), find(query, ("language",))
    if not isinstance(text, str):
        raise UnsayableError("a query that is not a text")
    if language == "kuery":
        return {"expression": text}
    if language == "lucene":
        return {"expression": text, "language": "lucene"}
    raise UnsayableError(f"a query in the language {language}")


def to_lens_filters(filters: Sequence[JsonObject]) -> tuple[list[JsonObject], list[JsonObject]]:
    """Turn the filters of a chart into those of a Lens state, and the references that these need.

    Raises NotExpressible, its path beginning with `filters`, where a filter contradicts itself.
    """
    return _to_filters(filters, "filter-index-pattern-{}", "index", name_field=False)


def from_lens_filters(filters: Json, references: Sequence[JsonObject]) -> list[JsonObject]:
    """Turn the filters of a Lens state back. Raises UnsayableError for one that has no words."""
    return _from_filters(filters, references)


def to_search_source_filters(filters: Sequence[JsonObject]) -> tuple[list[JsonObject], list[JsonObject]]:
    """Turn the filters of a dashboard into those of its search source, and the references that these need.

    Raises NotExpressible, its path beginning with `filters`, where a filter contradicts itself.
    """
    name = "kibanaSavedObjectMeta.searchSourceJSON.filter[{}].meta.index"
    return _to_filters(filters, name, "indexRefName", name_field=True)


def from_search_source_filters(filters: Json, references: Sequence[JsonObject]) -> list[JsonObject]:
    """Turn the filters of a search source back. Raises UnsayableError for one that has no words."""
    return _from_filters(filters, references)


def _to_filters(
    filters: Sequence[JsonObject], reference_name: str, place: str, *, name_field: bool
) -> tuple[list[JsonObject], list[JsonObject]]:
    made, references = [], []
    for index, code in enumerate(filters):
        meta, query = _shown_and_asked(code, name_field=name_field)
        try:
            negate = _negate(code)
        except NotExpressible as error:
            raise error.below("filters", index) from None
        meta = to_lens(SETTINGS, code | {"negate": negate}) | meta
        if "data_view_id" in code:
            name = reference_name.format(index)
            meta[place] = name
            references.append({"type": "index-pattern", "id": code["data_view_id"], "name": name})
        made.append({"meta": meta, "query": query, "$state": {"store": "appState"}})
    return made, references


def _negate(code: JsonObject) -> bool:
    """Tell whether the filter is negated; it and its condition may both say so, but not the opposite.

    Kibana's API would silently follow the filter.
    """
    of_condition = code.get("condition", {}).get("negate")
    negate: bool = code.get("negate", of_condition or False)
    if of_condition not in (None, negate):
        raise NotExpressible(
            ("condition", "negate"),
            "the filter itself says the opposite about `negate`; say it in one of the two places",
        )
    return negate


def _shown_and_asked(code: JsonObject, *, name_field: bool) -> tuple[JsonObject, JsonObject]:
    """Return what a filter's pill shows (`meta` without the settings) and what Elasticsearch is asked (`query`)."""
    match code["type"]:
        case "condition":
            return _condition_parts(code["condition"], name_field=name_field)
        case "group":
            return _group_parts(code["group"], code.get("data_view_id")), {}
    return _written_parts(code)


def _condition_parts(condition: JsonObject, *, name_field: bool) -> tuple[JsonObject, JsonObject]:
    field, value = condition["field"], condition.get("value")
    meta: JsonObject
    query: JsonObject
    match condition["operator"]:
        case "is":
            meta = {"type": "phrase", "params": {"query": value}}
            query = {"match_phrase": {field: value}}
        case "is_one_of":
            meta = {"type": "phrases", "params": value}
            phrases = [{"match_phrase": {field: one}} for one in condition["value"]]
            query = {"bool": {"minimum_should_match": 1, "should": phrases}}
        case "range":
            meta = {"type": "range", "params": value}
            query = {"range": {field: value}}
        case _:
            meta = {"type": "exists", "value": "exists"}
            query = {"exists": {"field": field}}
    return {"key": field} | meta | ({"field": field} if name_field else {}), query


def _group_parts(group: JsonObject, data_view_id: str | None) -> JsonObject:
    """Make what the pill of a combined filter shows: the filters themselves, and no query.

    They name their data view by its id: Kibana makes references for the outermost filter only.
    """
    inner = []
    for condition in group["conditions"]:
        if "conditions" in condition:
            parts: tuple[JsonObject, JsonObject] = _group_parts(condition, data_view_id), {}
        else:
            parts = _condition_parts(condition, name_field=True)
        meta = {"alias": None, "disabled": False, "negate": condition.get("negate", False)} | parts[0]
        if data_view_id is not None:
            meta["index"] = data_view_id
        inner.append({"meta": meta, "query": parts[1]})
    return {"type": "combined", "relation": group["operator"].upper(), "params": inner}


def _written_parts(code: JsonObject) -> tuple[JsonObject, JsonObject]:
    dsl: JsonObject = code["dsl"]
    # Kibana's API takes `dsl: {query: {exists: …}}`; people write the query itself, which never begins with `query`.
    query: JsonObject = dsl["query"] if list(dsl) == ["query"] else dsl
    meta = _old_phrase(query) or {"type": "custom", "key": "query"}
    return meta | {key: code[key] for key in ("field", "params") if key in code}, query


def _old_phrase(query: JsonObject) -> JsonObject | None:
    """Return what the pill shows of a phrase query as Kibana 6 and early 7 wrote it, or None for any other query.

    Later versions know it when they see it: they show "field: value", and write that into `meta` at the next save.
    """
    match = query.get("match")
    if not isinstance(match, dict) or len(match) != 1:
        return None
    ((field, phrase),) = match.items()
    if not isinstance(phrase, dict) or not same(phrase, {"query": phrase.get("query"), "type": "phrase"}):
        return None
    return {"type": "phrase", "key": field, "params": {"query": phrase["query"]}}


def _from_filters(filters: Json, references: Sequence[JsonObject]) -> list[JsonObject]:
    if not isinstance(filters, list):
        raise UnsayableError("filters that are no list")
    data_views = {reference["name"]: reference["id"] for reference in references}
    return [_from_filter(item, data_views) for item in filters]


def _from_filter(item: Json, data_views: JsonObject) -> JsonObject:
    """Turn one filter back; the type `dsl` keeps every query that the conditions do not make."""
    meta, query = find(item, ("meta",)), find(item, ("query",))
    if not isinstance(meta, dict) or not isinstance(query, dict):
        raise UnsayableError("a filter without `meta` and `query` (Kibana before 5)")
    if find(item, ("$state", "store")) == "globalState":
        raise UnsayableError("a filter that is pinned across dashboards")
    said = from_lens(SETTINGS, meta)
    named = meta.get("index", meta.get("indexRefName"))
    if isinstance(named, str):
        said["data_view_id"] = data_views.get(named, named)
    # A query that a person wrote stays one, also where a condition would make the same.
    condition = _condition(query) if meta.get("type") != "custom" else None
    if condition is not None:
        return {"type": "condition", **said, "condition": condition}
    group = _group(meta) if not query else None
    if group is not None:
        return {"type": "group", **said, "group": group}
    return said | _written(meta, query)


def _condition(query: JsonObject) -> JsonObject | None:
    """Return the condition that makes exactly this query, or None."""
    condition = _likely_condition(query)
    if condition is None or not same(_condition_parts(condition, name_field=False)[1], query):
        return None
    return condition


def _likely_condition(query: JsonObject) -> JsonObject | None:
    said: JsonObject
    kind = next(iter(query), "")
    if kind == "exists":
        field, said = find(query, ("exists", "field")), {"operator": "exists"}
    elif kind == "bool":
        should = find(query, ("bool", "should"))
        phrases = [find(entry, ("match_phrase",)) for entry in should] if isinstance(should, list) else []
        field = next(iter(phrases[0]), "") if phrases and isinstance(phrases[0], dict) else ""
        said = {"operator": "is_one_of", "value": [find(phrase, (field,)) for phrase in phrases]}
    elif kind in ("match_phrase", "range") and isinstance(query[kind], dict):
        field = next(iter(query[kind]), "")
        said = {"operator": "is" if kind == "match_phrase" else "range", "value": find(query, (kind, field))}
    else:
        return None
    if not isinstance(field, str) or not field or not _is_value(said):
        return None
    return {"field": field, **said}


def _is_value(said: JsonObject) -> bool:
    """Tell whether the vocabulary has words for this value of this operator."""
    value = said.get("value")
    match said["operator"]:
        case "exists":
            return True
        case "is":
            return isinstance(value, str | int | float)
        case "is_one_of":
            kinds = {_kind(entry) for entry in value or ()}
            return len(kinds) == 1 and kinds <= {"text", "number", "truth"}
    return (
        isinstance(value, dict)
        and value.keys() <= {"gte", "lte", "gt", "lt", "format"}
        and all(_kind(bound) in ("text", "number") for bound in value.values())
    )


def _kind(value: Json) -> str:
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, str):
        return "text"
    return "number" if isinstance(value, int | float) else "other"


def _group(meta: JsonObject) -> JsonObject | None:
    """Return the group that a combined filter stands for, or None when a part of it has no words."""
    inner, relation = meta.get("params"), meta.get("relation")
    if meta.get("type") != "combined" or not isinstance(inner, list) or relation not in ("AND", "OR"):
        return None
    conditions = []
    for item in inner:
        inner_meta, query = find(item, ("meta",)), find(item, ("query",))
        if not isinstance(inner_meta, dict) or inner_meta.get("disabled") or inner_meta.get("alias"):
            return None
        condition = _condition(query) if isinstance(query, dict) and query else _group(inner_meta)
        if condition is None:
            return None
        if inner_meta.get("negate"):
            if "conditions" in condition:
                return None
            condition["negate"] = True
        conditions.append(condition)
    return {"operator": relation.lower(), "conditions": conditions}


def _written(meta: JsonObject, query: JsonObject) -> JsonObject:
    said: JsonObject = {"type": "dsl", "dsl": {"query": query}}
    made = _written_parts(said)[0]
    for key in ("field", "params"):
        if key in meta and not same(meta[key], made.get(key, ABSENT)):
            said[key] = meta[key]
    return said
