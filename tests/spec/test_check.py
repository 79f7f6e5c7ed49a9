"""The schema check: what it says, that it says it once, and that it judges like a validator of JSON Schema."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from kibana_builder.json_tree import Json, JsonObject, Path, compact
from kibana_builder.problem import Finding
from kibana_builder.spec.check import check, make_check
from kibana_builder.spec.json_schema import REF, read_schema
from kibana_builder.spec.mistakes import SECRETS_ELSEWHERE
from tests.spec.documents import GOOD_DASHBOARDS, GOOD_PROJECTS, GOOD_VISUALIZATIONS
from tests.spec.mutations import Mutation, mutations
from tests.spec.walk import flat, places

GOOD: dict[str, dict[str, JsonObject]] = {
    "visualization": GOOD_VISUALIZATIONS,
    "dashboard": GOOD_DASHBOARDS,
    "project": GOOD_PROJECTS,
}
DOCUMENTS = [(kind, name) for kind, documents in GOOD.items() for name in documents]
# The dashboard with every chart says nothing that the charts do not say by themselves.
SMALL = {kind: [good[name] for name in good if name != "every-chart"] for kind, good in GOOD.items()}


@pytest.mark.parametrize(("kind", "name"), DOCUMENTS)
def test_finds_nothing_in_good_documents(kind: str, name: str) -> None:
    """What is right is accepted."""
    assert check(kind, GOOD[kind][name]) == []


# ------------------------------------------------------------------------------------------------ what it says

GAUGE: JsonObject = {"type": "gauge", "data_source": "ml-metrics"}
AVERAGE: JsonObject = {"operation": "average", "field": "cpu_usage"}
LINE: JsonObject = {"type": "line", "data_source": "ml-metrics"}
TABLE: JsonObject = {"type": "data_table", "data_source": "ml-metrics"}


class Case(NamedTuple):
    """A document with one mistake, and what is to be said of it: rule, path, message, hint."""

    kind: str
    document: Json
    rule: str
    path: Path
    message: str
    hint: str = ""


def gauge(metric: Json, **more: Json) -> JsonObject:
    return {**GAUGE, "metric": metric, **more}


def table(*metrics: Json, **more: Json) -> JsonObject:
    return {**TABLE, "metrics": list(metrics), **more}


def xy(*layers: Json, **more: Json) -> JsonObject:
    return {"type": "xy", "layers": list(layers), **more}


def dashboard(*panels: Json, **more: Json) -> JsonObject:
    return {"title": "A dashboard", "panels": list(panels), **more}


CASES = {
    "unknown operation": Case(
        "visualization",
        gauge({"operation": "percentil", "field": "a", "percentile": 95}),
        "unknown-operation",
        ("metric", "operation"),
        "unknown operation 'percentil'",
        "did you mean 'percentile'?",
    ),
    "operation in the wrong place": Case(
        "visualization",
        xy({**LINE, "y": [{"operation": "filters", "filters": []}]}),
        "unknown-operation",
        ("layers", 0, "y", 0, "operation"),
        "operation 'filters' cannot stand here",
        "one of: 'count', 'unique_count', 'min', 'max', 'average', 'median', 'standard_deviation', 'sum', "
        "'last_value', 'percentile', 'percentile_rank', 'differences', 'moving_average', 'cumulative_sum', "
        "'counter_rate', 'formula'",
    ),
    "column beside an operation": Case(
        "visualization",
        gauge({**AVERAGE, "column": "a"}),
        "unknown-property",
        ("metric", "column"),
        "'column' does not go with operation 'average'",
        "leave out one of 'operation' and 'column'",
    ),
    "name of a column in the wrong letters": Case(
        "visualization",
        gauge({"colum": "a"}),
        "unknown-property",
        ("metric", "colum"),
        "unknown property 'colum'",
        "did you mean 'column'?",
    ),
    "property of another operation": Case(
        "visualization",
        gauge({**AVERAGE, "percentile": 95}),
        "unknown-property",
        ("metric", "percentile"),
        "'percentile' belongs to operation percentile, not to average",
    ),
    "property of many other operations": Case(
        "visualization",
        gauge({"operation": "formula", "formula": "count()", "time_shift": "1d"}),
        "unknown-property",
        ("metric", "time_shift"),
        "'time_shift' does not go with operation formula",
    ),
    "property of another chart type": Case(
        "visualization",
        gauge(AVERAGE, metrics=[]),
        "unknown-property",
        ("metrics",),
        "'metrics' does not go with type gauge",
    ),
    "property that stands one level deeper": Case(
        "visualization",
        gauge({**AVERAGE, "decimals": 1}),
        "unknown-property",
        ("metric", "decimals"),
        "unknown property 'decimals'",
        "it stands under 'format'",
    ),
    "misspelt property": Case(
        "dashboard",
        dashboard(time_rang="now-1h"),
        "unknown-property",
        ("time_rang",),
        "unknown property 'time_rang'",
        "did you mean 'time_range'?",
    ),
    "misspelt property that is required": Case(
        "dashboard",
        {"titel": "A dashboard", "panels": []},
        "unknown-property",
        ("titel",),
        "unknown property 'titel'",
        "did you mean 'title'?",
    ),
    "misspelt property that decides": Case(
        "visualization",
        {"typ": "gauge", "data_source": "ml-metrics"},
        "unknown-property",
        ("typ",),
        "unknown property 'typ'",
        "did you mean 'type'?",
    ),
    "property that is nothing like any": Case(
        "dashboard",
        dashboard({"visualization": "a", "grid": {"left": 5}}),
        "unknown-property",
        ("panels", 0, "grid", "left"),
        "unknown property 'left'",
        "one of: 'h', 'w', 'x', 'y'",
    ),
    "missing property": Case(
        "visualization",
        gauge({"operation": "last_value"}),
        "missing-property",
        ("metric",),
        "operation 'last_value' needs 'field' and 'time_field'",
    ),
    "missing property of a chart": Case("visualization", GAUGE, "missing-property", (), "type 'gauge' needs 'metric'"),
    "missing property of an object that is no choice": Case(
        "dashboard", {"panels": []}, "missing-property", (), "'title' is missing"
    ),
    "missing word that decides": Case(
        "visualization",
        gauge({**AVERAGE, "color": {}}),
        "missing-property",
        ("metric", "color"),
        "'type' is missing",
        "one of: 'dynamic', 'legacy_dynamic', 'none', 'auto'",
    ),
    "neither of two words that decide": Case(
        "visualization",
        table({**AVERAGE, "color": {"palette": "default"}}),
        "missing-property",
        ("metrics", 0, "color"),
        "'type' or 'mode' is missing",
        "type is one of: 'dynamic', 'legacy_dynamic', 'auto'",
    ),
    "missing word that all of a choice need": Case(
        "visualization",
        {"type": "metric", "data_source": "ml-metrics", "metrics": [AVERAGE]},
        "missing-property",
        ("metrics", 0),
        "'type' is missing",
        "one of: 'primary', 'secondary'",
    ),
    "panel of two kinds": Case(
        "dashboard",
        dashboard({"type": "vis", "visualization": "a"}),
        "unknown-property",
        ("panels", 0, "visualization"),
        "'visualization' does not go with type 'vis'",
        "leave out one of 'type' and 'visualization'",
    ),
    "chart of the library and of the dashboard": Case(
        "dashboard",
        dashboard({"type": "vis", "config": {**gauge(AVERAGE), "ref_id": "a"}}),
        "unknown-property",
        ("panels", 0, "config", "ref_id"),
        "'ref_id' does not go with type 'gauge'",
        "leave out one of 'type' and 'ref_id'",
    ),
    "x without y": Case(
        "dashboard",
        dashboard({"visualization": "a", "grid": {"x": 0}}),
        "missing-property",
        ("panels", 0, "grid"),
        "'x' needs 'y' beside it",
    ),
    "chart type as a panel type": Case(
        "dashboard",
        dashboard({"type": "gauge"}),
        "unknown-type",
        ("panels", 0, "type"),
        "type 'gauge' cannot stand here",
        "one of: 'vis', 'markdown'",
    ),
    "unknown word": Case(
        "visualization",
        xy({**LINE, "y": [{**AVERAGE, "axis": "y22"}]}),
        "unknown-value",
        ("layers", 0, "y", 0, "axis"),
        "unknown value 'y22' for 'axis'",
        "did you mean 'y2'?",
    ),
    "word that does not go with another": Case(
        "visualization",
        xy({**LINE, "y": []}, legend={"layout": {"type": "list"}, "size": "s"}),
        "unknown-type",
        ("legend", "layout", "type"),
        "unknown type 'list'",
        "only 'grid' can stand here",
    ),
    "text in place of a number": Case(
        "visualization",
        gauge({**AVERAGE, "min": "0"}),
        "wrong-type",
        ("metric", "min"),
        "expected a number or a mapping, got the text '0'",
        "without quotes it is a number",
    ),
    "other text in place of a number": Case(
        "visualization",
        gauge({**AVERAGE, "min": "abc"}),
        "wrong-type",
        ("metric", "min"),
        "expected a number or a mapping, got the text 'abc'",
    ),
    "number in place of a text": Case(
        "dashboard",
        {"title": 404, "panels": []},
        "wrong-type",
        ("title",),
        "expected a text, got the number 404",
        "in quotes it is a text",
    ),
    "true in place of a number": Case(
        "dashboard",
        dashboard({"visualization": "a", "grid": {"w": True}}),
        "wrong-type",
        ("panels", 0, "grid", "w"),
        "expected a whole number, got true",
    ),
    "part of a number in place of a whole one": Case(
        "dashboard",
        dashboard({"visualization": "a", "grid": {"w": 1.5}}),
        "wrong-type",
        ("panels", 0, "grid", "w"),
        "expected a whole number, got the number 1.5",
    ),
    "text in place of a list": Case(
        "visualization",
        table(AVERAGE, rows=[{"operation": "terms", "fields": "@timestamp"}]),
        "wrong-type",
        ("rows", 0, "fields"),
        "expected a list, got the text '@timestamp'",
        'write a list: ["@timestamp"]',
    ),
    "nothing in place of an object": Case(
        "visualization", gauge(None), "wrong-type", ("metric",), "expected a mapping, got nothing"
    ),
    "number in place of a word": Case(
        "dashboard",
        dashboard(query={"expression": "*", "language": 5}),
        "wrong-type",
        ("query", "language"),
        "expected 'kql' or 'lucene', got the number 5",
        "in quotes it is a text",
    ),
    "list in place of a word that decides": Case(
        "visualization", {"type": ["gauge"]}, "wrong-type", ("type",), "expected a text, got a list"
    ),
    "values of two kinds": Case(
        "dashboard",
        dashboard(
            filters=[
                {"type": "condition", "condition": {"field": "a", "operator": "is_one_of", "value": ["a", "b", 1]}}
            ]
        ),
        "wrong-type",
        ("filters", 0, "condition", "value", 2),
        "expected a text, got the number 1",
        "in quotes it is a text",
    ),
    "number too large": Case(
        "dashboard",
        dashboard({"visualization": "a", "grid": {"w": 49}}),
        "out-of-range",
        ("panels", 0, "grid", "w"),
        "expected at most 48, got 49",
    ),
    "number too small": Case(
        "dashboard",
        dashboard({"visualization": "a", "grid": {"h": 0}}),
        "out-of-range",
        ("panels", 0, "grid", "h"),
        "expected at least 1, got 0",
    ),
    "too few": Case("visualization", xy(), "out-of-range", ("layers",), "this must not be empty"),
    "too many": Case(
        "visualization",
        {"type": "metric", "data_source": "a", "metrics": [{"type": "primary", "operation": "count"}] * 3},
        "out-of-range",
        ("metrics",),
        "expected at most 2 items, got 3",
    ),
    "empty text": Case(
        "visualization", gauge({**AVERAGE, "field": ""}), "out-of-range", ("metric", "field"), "this must not be empty"
    ),
    "text of another form": Case(
        "dashboard",
        dashboard(refresh_interval="30 seconds"),
        "wrong-format",
        ("refresh_interval",),
        "expected a length of time such as 30s, 5m or 1h, got the text '30 seconds'",
    ),
    "name of another form": Case(
        "project",
        {"project": "p", "data_views": {"logs-*": {"index_pattern": "logs-*"}}},
        "wrong-format",
        ("data_views", "logs-*"),
        "expected a name without * and , (those make an index pattern), got the text 'logs-*'",
    ),
    "no document at all": Case("dashboard", [], "wrong-type", (), "expected a mapping, got an empty list"),
    "secret": Case(
        "project",
        {"project": "p", "contexts": {"local": {"kibana": "http://localhost:5601", "api_key": "s3cr3t"}}},
        "literal-secret",
        ("contexts", "local", "api_key"),
        "'api_key' does not belong in a file",
        SECRETS_ELSEWHERE,
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_says_one_thing_of_one_mistake(case: Case) -> None:
    """Rule, place, words and hint of each kind of mistake."""
    (finding,) = check(case.kind, case.document)
    at = "key" if case.rule in ("unknown-property", "literal-secret") or case.path[-1:] == ("logs-*",) else "value"
    assert finding == Finding(case.rule, case.message, case.path, at, hint=case.hint)


@pytest.mark.parametrize("section", [False, True])
def test_a_panel_of_no_kind(section: bool) -> None:
    """What shows nothing of a panel or a section is told by what it could have."""
    panel = {"grid": {"w": 24}, "config": {}}
    (finding,) = check("dashboard", dashboard({"title": "s", "panels": [panel]} if section else panel))
    assert (finding.rule, finding.path) == ("missing-property", ("panels", 0, "panels", 0)[: 4 if section else 2])
    assert all(name in finding.message for name in ("'type'", "'visualization'"))
    assert ("'panels'" in finding.message) == (not section)
    assert finding.hint == "type is one of: 'vis', 'markdown'"


def test_a_refresh_interval_in_one_word() -> None:
    """What the schema lets through is what the shorthand reads: a number and a unit, nothing between or behind."""
    for word in ("500ms", "30s", "5m", "1h", "1d", "0s"):
        assert check("dashboard", dashboard(refresh_interval=word)) == []
    for word in ("30", "30 s", " 30s", "30s\n", "30S", "-30s", "1.5h", "off", f"{10**12}s"):
        (finding,) = check("dashboard", dashboard(refresh_interval=word))
        assert finding.rule == "wrong-format"


def test_ends_of_a_time_range() -> None:
    """What passes is what Kibana's date math reads: from now, or from a moment after ISO 8601."""
    moments = ("2026-11-22", "2026-11-22T00:00:00.000Z", "2026-11-22T10:00:00+01:00", "2026-11-22||+1d/d")
    for word in ("now", "now-7d", "now/d", "now-1d/d", "now-d", "now/1d", *moments):
        assert check("dashboard", dashboard(time_range=word)) == []
        assert check("dashboard", dashboard(time_range={"from": word, "to": word})) == []
    for word in ("yesterday", "now-7q", "now/2d", "-7d", "now-7d\n", "NOW", "2026-13-01", "2026-11-22T00:00:00Z-1d"):
        (finding,) = check("dashboard", dashboard(time_range={"from": word, "to": "now"}))
        assert (finding.rule, finding.path) == ("wrong-format", ("time_range", "from"))


def test_colours_are_codes() -> None:
    """Kibana's editor takes what begins with # (isValidColor of its package coloring), and no names."""
    for color in ("#54B399", "#fff", "#FFF8", "#54b39980"):
        assert check("visualization", gauge({**AVERAGE, "color": bands(color)})) == []
    for color in ("red", "54B399", "#54B39", "#ggg", "rgb(1,2,3)", "#fff\n"):
        (finding,) = check("visualization", gauge({**AVERAGE, "color": bands(color)}))
        assert (finding.rule, finding.path[-1]) == ("wrong-format", "color")


def bands(color: str) -> JsonObject:
    return {"type": "dynamic", "range": "absolute", "steps": [{"color": color}]}


def test_says_all_of_several_mistakes() -> None:
    """Each mistake has its finding, in the order of the document; what is missing comes last in its object."""
    document = {
        "panels": [
            {"type": "vis", "config": {**GAUGE, "metric": {**AVERAGE, "field": 1, "mim": 0}}},
            {"type": "image"},
        ],
        "query": 5,
    }
    assert [(finding.rule, finding.path) for finding in check("dashboard", document)] == [
        ("wrong-type", ("panels", 0, "config", "metric", "field")),
        ("unknown-property", ("panels", 0, "config", "metric", "mim")),
        ("not-supported", ("panels", 1, "type")),
        ("wrong-type", ("query",)),
        ("missing-property", ()),
    ]


def test_values_in_messages_are_short_and_safe() -> None:
    """A long value is cut, and what a terminal would obey is shown as an escape."""
    (finding,) = check("dashboard", dashboard({"type": "\x1b[2J" + "x" * 10_000}))
    assert finding.message.startswith(r"unknown type '\x1b[2Jxxx")
    assert len(finding.message) < 100


def test_a_secret_is_in_no_message() -> None:
    """Whatever stands under the name of a secret, its value is not repeated."""
    for name in ("api_key", "apikey", "password", "secret", "token", "username"):
        for value in ("s3cr3t", ["s3cr3t"], {"s3cr3t": "s3cr3t"}):
            document = {"project": "p", "contexts": {"local": {"kibana": "http://localhost:5601", name: value}}}
            (finding,) = check("project", document)
            assert finding.rule == "literal-secret"
            assert "s3cr3t" not in str(finding)


NOT_SUPPORTED: dict[str, tuple[str, Json, Path]] = {
    **{
        f"chart type {name}": ("visualization", {"type": name, "data_source": "a", "metric": {}}, ("type",))
        for name in ("region_map",)
    },
    **{
        f"panel type {name}": ("dashboard", dashboard({"type": name, "config": {"a": 1}}), ("panels", 0, "type"))
        for name in (
            *("discover_session", "esql_control", "image", "lens-dashboard-app", "links", "options_list_control"),
            *("range_slider_control", "slo_alerts", "slo_burn_rate", "slo_error_budget", "slo_overview"),
            *("synthetics_monitors", "synthetics_stats_overview", "time_slider_control"),
        )
    },
    "chart in a panel": (
        "dashboard",
        dashboard({"type": "vis", "config": {"type": "region_map"}}),
        ("panels", 0, "config", "type"),
    ),
    "panel in a section": (
        "dashboard",
        dashboard({"title": "s", "panels": [{"type": "image"}]}),
        ("panels", 0, "panels", 0, "type"),
    ),
    "control over ES|QL": (
        "dashboard",
        dashboard(pinned_panels=[{"type": "esql_control"}]),
        ("pinned_panels", 0, "type"),
    ),
    "annotations of the library": (
        "visualization",
        xy({"type": "annotation_group", "group_id": "a"}),
        ("layers", 0, "type"),
    ),
    "spatial filter": ("dashboard", dashboard(filters=[{"type": "spatial", "dsl": {}}]), ("filters", 0, "type")),
    "drilldown to Discover": (
        "visualization",
        gauge(AVERAGE, drilldowns=[{"type": "discover_drilldown", "label": "a", "trigger": "on_apply_filter"}]),
        ("drilldowns", 0, "type"),
    ),
    "runtime fields of several fields": (
        "visualization",
        gauge(
            AVERAGE,
            data_source={
                "type": "data_view_spec",
                "index_pattern": "a",
                "field_settings": {"f": {"type": "composite", "fields": {}}},
            },
        ),
        ("data_source", "field_settings", "f", "type"),
    ),
    "markdown of the library": (
        "dashboard",
        dashboard({"type": "markdown", "config": {"ref_id": "a"}}),
        ("panels", 0, "config", "ref_id"),
    ),
    "routing": ("dashboard", dashboard(project_routing="a"), ("project_routing",)),
    "access control": ("dashboard", dashboard(access_control={}), ("access_control",)),
    "references of a chart": ("visualization", gauge(AVERAGE, references=[]), ("references",)),
    "references of a panel": (
        "dashboard",
        dashboard({"type": "vis", "config": {"ref_id": "a", "references": []}}),
        ("panels", 0, "config", "references"),
    ),
}


@pytest.mark.parametrize(("kind", "document", "path"), NOT_SUPPORTED.values(), ids=NOT_SUPPORTED)
def test_says_what_kbuild_does_not_know_yet(kind: str, document: Json, path: Path) -> None:
    """What Elastic's vocabulary has and kbuild has not is no typo: one finding that names it, and no other."""
    (finding,) = check(kind, document)
    assert (finding.rule, finding.path) == ("not-supported", path)
    assert str(path[-1]) in finding.message
    assert finding.message.endswith(" yet")


# ------------------------------------------------------------------------------------------------ one mistake

# Two levels of names of one's own: wrapped once more, each of these names stands where a property is expected.
NAMES_OF_ONES_OWN = ("data_views", "contexts", "field_settings")


@pytest.mark.parametrize("kind", GOOD)
def test_one_mutation_gives_one_finding(kind: str) -> None:
    """Whatever is done to a good document in one place, there is one finding at most, and it is there or beside it."""
    for mutation in broken(kind):
        if mutation.what == "is put into a mapping" and mutation.path[-1] in NAMES_OF_ONES_OWN:
            continue
        findings = check(kind, mutation.document)
        assert len(findings) <= 1, (mutation.what, mutation.path, findings)
        for finding in findings:
            place = mutation.path[:-1]
            assert finding.path[: len(place)] == place, (mutation.what, mutation.path, finding)


def broken(kind: str) -> Iterator[Mutation]:
    """Give all damaged copies of the good documents of a kind; what several have in common is damaged once."""
    seen: set[tuple[str | int, str]] = set()
    for document in SMALL[kind]:
        yield from mutations(document, seen)


# ------------------------------------------------------------------------------------------------ the referee


class Referee(NamedTuple):
    """The three judges of one definition: our check, and jsonschema on the flat schema and on the files themselves."""

    check: Callable[[Json], list[Finding]]
    flat: Draft202012Validator
    files: Draft202012Validator

    def agree(self, value: Json, *, all_three: bool = True) -> bool:
        verdict = not self.check(value)
        return verdict == self.flat.is_valid(value) and (not all_three or verdict == self.files.is_valid(value))


@cache
def referee(kind: str, name: str = "") -> Referee:
    root, definitions = read_schema(kind)
    flat_schema: JsonObject = flat(kind)
    files_schema: JsonObject = {**root, "$defs": definitions}
    if name:
        flat_schema = {"$ref": REF + name, "$defs": flat_schema["$defs"]}
        files_schema = {"$ref": REF + name, "$defs": definitions}
    return Referee(make_check(flat_schema), Draft202012Validator(flat_schema), Draft202012Validator(files_schema))


def fragments(kind: str) -> Iterator[tuple[str, Json]]:
    """Give the parts of the good documents that have a definition of their own, each once: short, so quickly judged."""
    seen = set()
    for document in SMALL[kind]:
        for place in places(kind, document):
            text = compact(place.value)
            if (
                place.name
                and isinstance(place.value, (dict, list))
                and len(text) < 400
                and (place.name, text) not in seen
            ):
                seen.add((place.name, text))
                yield place.name, place.value


@pytest.mark.parametrize("kind", GOOD)
def test_judges_parts_like_jsonschema(kind: str) -> None:
    """Thousands of good and broken parts of documents get one verdict from the check and from jsonschema.

    jsonschema judges by the flat schema and, more slowly and so less often, by the files as they are: the flattening
    has a referee too.
    """
    seen: set[tuple[str | int, str]] = set()
    count = 0
    for name, value in fragments(kind):
        assert referee(kind, name).agree(value), (name, value)
        for mutation in mutations(value, seen):
            count += 1
            if count % 9 == 0:
                assert referee(kind, name).agree(mutation.document, all_three=count % 8 == 0), (name, mutation)


@pytest.mark.parametrize("kind", GOOD)
def test_judges_documents_like_jsonschema(kind: str) -> None:
    """So do whole documents, good and broken: those that jsonschema can judge in a moment."""
    quick = [document for document in SMALL[kind] if len(compact(document)) < 2500]
    several = islice((mutation for document in quick for mutation in mutations(document)), 0, None, 149)
    for document in (*quick, *(mutation.document for mutation in several)):
        assert (not check(kind, document)) == referee(kind).flat.is_valid(document), document


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4),
    max_leaves=20,
)


def vocabulary(schema: JsonObject) -> tuple[list[str], list[Json]]:
    """Collect the property names and the words of a schema."""
    names: dict[str, None] = {}
    words: dict[Json, None] = {}
    waiting: list[Json] = [schema]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            if isinstance(node.get("properties"), dict):
                names.update(dict.fromkeys(node["properties"]))
            for word in [node["const"]] if "const" in node else node.get("enum", ()):
                words[word] = None
            waiting += node.values()
        elif isinstance(node, list):
            waiting += node
    return sorted(names), sorted(words, key=str)


def schema_like(kind: str) -> st.SearchStrategy[Json]:
    """Give documents made of the right words in any place."""
    names, words = vocabulary(flat(kind))
    leaves = st.sampled_from([*words, "stranger"]) | st.sampled_from([0, 1, 1.0, 2.5, -1, True, None, "", "a", [], {}])
    return st.recursive(
        leaves,
        lambda children: st.lists(children, max_size=3) | st.dictionaries(st.sampled_from(names), children, max_size=5),
        max_leaves=30,
    )


@cache
def some_places(kind: str) -> list[Path]:
    """Give the places of the first good document of a kind."""
    return [place.path for place in places(kind, SMALL[kind][0])]


def put(document: Json, path: Path, part: Json) -> Json:
    """Return a copy of the document with another value at a path."""
    if not path:
        return part
    copy = dict(document) if isinstance(document, dict) else list(document)
    copy[path[0]] = put(document[path[0]], path[1:], part)
    return copy


@pytest.mark.parametrize("kind", GOOD)
@given(data=st.data())
@settings(max_examples=40)
def test_judges_anything_like_jsonschema(kind: str, data: st.DataObject) -> None:
    """So does any JSON value, alone or inside a good document: no input makes a traceback."""
    part = data.draw(JSON | schema_like(kind))
    inside = put(SMALL[kind][0], data.draw(st.sampled_from(some_places(kind))), part)
    for value in (part, inside):
        assert (not check(kind, value)) == referee(kind).flat.is_valid(value)


def test_a_deep_value_is_a_finding() -> None:
    """Nesting beyond what Python can follow is said, not thrown."""
    group: JsonObject = {"operator": "and", "conditions": []}
    for _ in range(3_000):
        group = {"operator": "and", "conditions": [group]}
    (finding,) = check("dashboard", dashboard(filters=[{"type": "group", "group": group}]))
    assert (finding.rule, finding.path) == ("too-deep", ())


def test_any_number_can_be_named() -> None:
    """Numbers that JSON does not have, or that Python does not print, are judged all the same."""
    for size in (10**6, 10**5000, float("inf"), float("nan")):
        assert len(check("dashboard", dashboard(title=size))) == 1
        assert len(check("dashboard", dashboard(tags=size))) == 1
        assert len(check("dashboard", dashboard({"visualization": "a", "grid": {"w": size}}))) == 1


def test_needs_no_validator() -> None:
    """The package jsonschema is for the tests only."""
    program = (
        "import sys, kibana_builder.spec.check as c; c.check('dashboard', {}); sys.exit('jsonschema' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
