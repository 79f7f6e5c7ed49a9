"""The dashboards: which panels are empty in the time that they show, and why.

A panel is asked about its data view, its time range, its query and the fields that it uses; filters, and the queries
inside its operations, are not. For each data view one request says what the fields are in its indices
(``_field_caps``), and for each time range one counts the events that fit each query and have each field (``_search``
with ``exists``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import NamedTuple

from kibana_builder.checks.field_uses import uses_of
from kibana_builder.checks.panels import each_panel
from kibana_builder.doctor.elasticsearch import sample_command
from kibana_builder.doctor.result import Result, Service, looked
from kibana_builder.elastic.client import LENIENT, Elastic, path_of
from kibana_builder.errors import KbuildError
from kibana_builder.files.project import DataView
from kibana_builder.files.source import Source, Spec
from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.kql import FieldType, parse, to_dsl
from kibana_builder.spec.fields import NUMBERS
from kibana_builder.spec.words import counted, listed

__all__ = ["Panel", "check_dashboards", "panels_of"]

_SERVICE = Service.dashboards
# What Kibana shows where neither the dashboard nor a person says a time: its setting timepicker:timeDefaults.
_KIBANAS_OWN = ("now-15m", "now")
_NOT_FIELDS = ("_", "___records___")


class Span(NamedTuple):
    """A time range in the words of the dashboard: date math or moments."""

    start: str
    end: str


class Query(NamedTuple):
    """What a person typed into the search bar."""

    expression: str
    language: str


Queries = tuple[Query, ...]
"""The queries that an event must fit all: the dashboard's and the panel's."""


@dataclass(frozen=True, slots=True)
class Panel:
    """What a panel, or a control, needs: the fields by data view (its id), of the events of a span that fit."""

    name: str
    span: Span
    fields: Mapping[str, frozenset[str]]
    queries: Queries = ()


class Count(NamedTuple):
    """How many events there are, and how many of them have each field."""

    events: int
    by_field: Mapping[str, int]


@dataclass(slots=True)
class Found:
    """What a data view's indices have: the kinds of each field, and the events of a span that fit queries.

    `counts` has each span without a query too.
    """

    indices: int = 0
    kinds: dict[str, JsonObject] = field(default_factory=dict)
    counts: dict[tuple[Span, Queries], Count] = field(default_factory=dict)


# -------------------------------------------------------------------------------------------------- what panels need


def panels_of(source: Source, dashboard: Spec) -> list[Panel]:
    """List what a dashboard shows from data, its controls first; markdown and the like need none."""
    whole = Panel("", _span(dashboard.document) or Span(*_KIBANAS_OWN), {}, _query(dashboard.document))
    own: dict[tuple[str | int, ...], dict[str, set[str]]] = {}
    for view, use in uses_of(dashboard):
        own.setdefault(_panel_path(use.path), {}).setdefault(view, set()).add(use.field)
    found = []
    for index, control in enumerate(dashboard.document.get("pinned_panels", ())):
        title = control["config"].get("title") or control["config"].get("field_name", "")
        needs = _needs(own.get(("pinned_panels", index), {}))
        found.append(replace(whole, name=f"control {title}", fields=needs))
    library = _Library(
        {spec.id: spec for spec in source.specs if spec.kind == "visualization"},
        {spec.name: spec for spec in source.specs if spec.kind == "visualization"},
    )
    found += [
        _shown(panel, library.of(panel, written), own.get(path, {}), whole)
        for path, panel, written in each_panel(dashboard)
    ]
    return [panel for panel in found if panel.fields]


class _Library(NamedTuple):
    """The visualizations that have a file of their own."""

    by_id: Mapping[str, Spec]
    by_name: Mapping[str, Spec]

    def of(self, panel: JsonObject, written: JsonObject) -> Spec | None:
        """Give the one that a panel shows, also as a copy (`inline`)."""
        ident = panel.get("config", {}).get("ref_id", "")
        return self.by_id.get(ident) or self.by_name.get(written.get("visualization", ""))


def _shown(panel: JsonObject, visualization: Spec | None, own: Mapping[str, set[str]], whole: Panel) -> Panel:
    """Give what a panel needs; `own` are the fields that it uses itself, `whole` is what its dashboard says for all."""
    config = panel.get("config", {})
    chart = config if visualization is None else visualization.document
    needs = {view: set(fields) for view, fields in own.items()}
    for view, use in uses_of(visualization) if visualization is not None else ():
        needs.setdefault(view, set()).add(use.field)
    for view in _views(chart):
        needs.setdefault(view, set())
    title = config.get("title") or chart.get("title") or panel.get("id", "")
    queries = tuple(dict.fromkeys((*whole.queries, *_query(chart))))
    return Panel(str(title), _span(config) or whole.span, _needs(needs), queries)


def _panel_path(path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Give the path of the panel or control that a use stands in."""
    return path[:4] if len(path) > 3 and path[2] == "panels" else path[:2]


def _needs(fields: Mapping[str, Iterable[str]]) -> dict[str, frozenset[str]]:
    """Leave out what is no field of an index: metadata, and Kibana's own name for all documents."""
    return {
        view: frozenset(name for name in names if not name.startswith(_NOT_FIELDS))
        for view, names in fields.items()
        if view
    }


def _views(chart: JsonObject) -> Iterator[str]:
    for owner in (chart, *chart.get("layers", ())):
        view = owner.get("data_source", {}).get("ref_id")
        if view:
            yield view


def _query(owner: JsonObject) -> Queries:
    said = owner.get("query")
    if not isinstance(said, dict) or not said.get("expression"):
        return ()
    return (Query(said["expression"], said.get("language", "kql")),)


def _span(owner: JsonObject) -> Span | None:
    said = owner.get("time_range")
    return Span(said["from"], said["to"]) if isinstance(said, dict) else None


# -------------------------------------------------------------------------------------------------- judging


def judge_dashboard(
    name: str, panels: list[Panel], views: Mapping[str, DataView], found: Mapping[str, Found], address: str
) -> Iterator[Result]:
    """Judge one dashboard: empty altogether, or some panels of it, or nothing to say."""
    if not panels:
        yield Result(_SERVICE, name, "ok", "shows no data")
        return
    panels = [panel for panel in panels if panel.fields.keys() <= found.keys()]
    if not panels:
        yield Result(_SERVICE, name, "skipped", "what is known of its data views does not suffice")
        return
    empty = [panel for panel in panels if all(not _events(found[view], panel.span) for view in panel.fields)]
    if len(empty) == len(panels):
        yield _all_empty(name, panels, views, found, address)
        return
    broken: list[str] = []
    lacking: list[str] = []
    for panel in panels:
        for view, fields in panel.fields.items():
            wrong, none = _faults(views[view], found[view], panel, fields)
            broken += [f"{panel.name}: {words}" for words in wrong]
            lacking += [f"{panel.name}: {words}" for words in none]
    if broken:
        cure = (
            f"`kbuild templates apply --elasticsearch {address}`, then send events again: an index keeps the mappings "
            "that it was made with"
        )
        yield Result(_SERVICE, name, "problem", "panels ask for what is not there", cure, tuple(dict.fromkeys(broken)))
    if lacking:
        cure = "nothing, where none is expected (no errors is good news); else look at what sends the events"
        words = "fields without a value in the time shown"
        yield Result(_SERVICE, name, "warning", words, cure, tuple(dict.fromkeys(lacking)))
    if not broken and not lacking:
        seen = {(view, panel.span) for panel in panels for view in panel.fields}
        events = sum(_events(found[view], span) for view, span in seen)
        words = f"{len(panels)} panels and controls, all with data ({counted(events, 'event')})"
        yield Result(_SERVICE, name, "ok", words)


def _all_empty(
    name: str, panels: list[Panel], views: Mapping[str, DataView], found: Mapping[str, Found], address: str
) -> Result:
    spans = {(view, panel.span): None for panel in panels for view in panel.fields}
    details = []
    for ident, span in spans:
        view = views[ident]
        when = f" from {span.start} to {span.end}" if view.time_field else ""
        details.append(_nothing(view, found[ident]) + (when if found[ident].indices else ""))
    samples = dict.fromkeys(sample_command(views[view].index_pattern, address) for view, _ in spans)
    sample = ", ".join(filter(None, samples))
    cure = "send events, or choose a longer time in Kibana" + (f"; to try it: {sample}" if sample else "")
    return Result(_SERVICE, name, "problem", f"all {len(panels)} panels and controls are empty", cure, tuple(details))


def _faults(view: DataView, found: Found, panel: Panel, fields: Iterable[str]) -> tuple[list[str], list[str]]:
    """Find the fields of a panel that cannot be shown, and those that have no value in its events."""
    if not _events(found, panel.span):
        return [], [_nothing(view, found)]
    events, by_field = found.counts[panel.span, panel.queries]
    broken, lacking = [], []
    if not events:
        queries = " and ".join(f"'{query.expression}'" for query in panel.queries)
        lacking.append(f"no event of {view.index_pattern} fits its query {queries}")
    for name in sorted(fields):
        fault = _mapping_fault(name, found.kinds.get(name, {}), view.index_pattern)
        if fault:
            broken.append(fault)
        elif events and not by_field.get(name):
            lacking.append(f"{name} has no value in {counted(events, 'event')} of {view.index_pattern}")
    return broken, lacking


def _nothing(view: DataView, found: Found) -> str:
    return f"no event in {view.index_pattern}" if found.indices else f"no index is named {view.index_pattern}"


def _mapping_fault(name: str, kinds: JsonObject, pattern: str) -> str:
    """Say what is wrong with a field's mappings: absent, or of kinds that no chart can take together."""
    kinds = {kind: said for kind, said in kinds.items() if kind != "unmapped"}
    if not kinds:
        return f"{name} is in no index of {pattern}"
    families = {"number" if kind in NUMBERS else kind for kind in kinds}
    if len(families) > 1:
        where = [f"{kind} in {_indices(said)}" for kind, said in sorted(kinds.items())]
        return f"{name} is {listed(where, 'and')}: Kibana cannot use a field of two kinds"
    return ""


def _indices(said: JsonObject) -> str:
    names = said.get("indices") or []
    return f"{names[0]}{f' and {len(names) - 1} more' if len(names) > 1 else ''}" if names else "some indices"


def _events(found: Found, span: Span) -> int:
    """Give the events of a span, whether or not they fit a query."""
    return found.counts[span, ()].events


# -------------------------------------------------------------------------------------------------- asking


_Wanted = dict[Span, dict[Queries, set[str]]]
"""The fields that are asked for in a data view, by span and queries."""


def check_dashboards(elastic: Elastic, source: Source) -> Iterator[Result]:
    """Look at each dashboard of the project."""
    views = {source.names.data_views[name]: view for name, view in source.project.data_views.items()}
    dashboards = [spec for spec in source.selected if spec.kind == "dashboard"]
    shown = [(spec.name, panels_of(source, spec)) for spec in dashboards]
    wanted: dict[str, _Wanted] = {}
    for panel in (panel for _, panels in shown for panel in panels):
        for ident in panel.fields.keys() & views.keys():
            by_query = wanted.setdefault(ident, {}).setdefault(panel.span, {})
            by_query.setdefault(panel.queries, set()).update(panel.fields[ident])
    found: dict[str, Found] = {}
    for ident, spans in wanted.items():
        view = views[ident]
        yield from looked(_SERVICE, f"data view {view.name}", partial(_look, elastic, view, spans, ident, found))
    for name, panels in shown:
        yield from judge_dashboard(name, panels, views, found, elastic.address)


def _look(elastic: Elastic, view: DataView, spans: _Wanted, ident: str, found: dict[str, Found]) -> Iterator[Result]:
    """Put what a data view's indices have into `found`; there is nothing to say of it yet."""
    found[ident] = _found(elastic, view, spans)
    yield from ()


def _found(elastic: Elastic, view: DataView, spans: _Wanted) -> Found:
    path, params = path_of(view.index_pattern, "_field_caps"), {**LENIENT, "fields": "*"}
    answer = elastic.request("GET", path, params=params)
    found = Found(len(answer["indices"]), answer["fields"])
    for span, by_query in spans.items():
        for queries, count in _counted(elastic, view, span, by_query, found.kinds):
            found.counts[span, queries] = count
    return found


def _counted(
    elastic: Elastic, view: DataView, span: Span, by_query: Mapping[Queries, set[str]], kinds: Mapping[str, JsonObject]
) -> Iterator[tuple[Queries, Count]]:
    """Count the events of a span that fit each of the queries, all and those that have each field."""
    body: JsonObject = {"size": 0, "track_total_hits": True, "aggs": {}}
    if view.time_field is not None:
        body["query"] = {"range": {view.time_field: {"gte": span.start, "lte": span.end}}}
    for number, (queries, names) in enumerate(by_query.items()):
        exist = {str(at): {"filter": {"exists": {"field": name}}} for at, name in enumerate(sorted(names))}
        filters = [_dsl(query, kinds) for query in queries]
        body["aggs"][str(number)] = {"filter": {"bool": {"filter": filters}}, "aggs": exist}
    # A part of the shards would give a part of the numbers.
    params = {**LENIENT, "allow_partial_search_results": False}
    answer = elastic.request("POST", path_of(view.index_pattern, "_search"), body=body, params=params)
    yield (), Count(answer["hits"]["total"]["value"], {})
    for number, (queries, names) in enumerate(by_query.items()):
        counted = answer.get("aggregations", {}).get(str(number), {})
        by_field = {name: counted.get(str(at), {}).get("doc_count", 0) for at, name in enumerate(sorted(names))}
        yield queries, Count(counted.get("doc_count", 0), by_field)


def _dsl(query: Query, kinds: Mapping[str, JsonObject]) -> Json:
    if query.language == "lucene":
        return {"query_string": {"query": query.expression}}
    fields = {name: FieldType(next(iter(said))) for name, said in kinds.items() if said}
    try:
        return to_dsl(parse(query.expression), fields)
    except KbuildError:  # `kbuild validate` says what is wrong with it; in Kibana it finds nothing
        return {"match_none": {}}
