"""The vocabulary is that of Elastic's Dashboards API: every difference is listed here with its reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.saved.official import ADDITIONS, without_additions
from kibana_builder.spec.check import check
from tests.shared_material import GOLD, REPOSITORY, SHARED, needs_shared
from tests.spec.walk import branches, flat

pytestmark = needs_shared

COMPONENTS = "#/components/schemas/"
SCHEMAS = REPOSITORY / "kibana_builder" / "spec" / "schema"

OURS_ALONE = {
    "id": "a dashboard or visualization may name its id in Kibana (the API has it in the address)",
    "tags": "visualizations have tags too",
    "lock": "writes managed: true",
}
"""Properties of files that the API does not have. (Panels with `visualization` or `saved_object` are all ours.)"""

ADDITION = "x-kbuild-addition"
"""Marks what Kibana keeps and the API has no word for; the official form leaves it out (saved/official.py)."""

KEPT_WORD_FOR_WORD = ("raw", "raw_absent", "raw_references")
"""Where an export keeps what the vocabulary has no words for."""

NOT_YET = {
    "references": "kbuild writes the references itself",
    "access_control": "not supported yet",
    "project_routing": "not supported yet",
    "ref_id": "markdown of the library: not supported yet",
}
"""Properties of the API that must be named under x-kbuild-not-supported where it has them."""

OPTIONAL_HERE = {
    ("y", "domain"): "full is the plain default",
    ("y2", "domain"): "full is the plain default",
    ("config", "settings"): "its one property has a default",
    ("query", "language"): "kql, as everywhere else",
    ("x", "scale"): "the operation of x decides",
    ("grid", "x"): "a panel without a place is placed",
    ("grid", "y"): "a panel or section without a place is placed",
    ("[]", "grid"): "a panel or section without a place is placed",
    ("[]", "params"): "Kibana's editor's own notes; the published schema forgets that they are optional",
    ("", "metrics"): "a table over ES|QL may have rows alone; for others it is refused when it is built",
    ("config", "metrics"): "the same in a panel",
    ("count", "field"): "a rank by how many documents there are; the official form says Kibana's name of them",
    ("cumulative_sum", "field"): "how many documents there were so far; the official form is a formula",
}
"""(parent or operation, property) that the API demands and YAML may leave out."""

DEMANDED_HERE = {
    ("", "panels"): "it is by `panels` that a file is told to be a dashboard",
    ("[]", "panels"): "it is by `panels` that a section is told from a panel",
    ("[]", "filter"): "a bucket of `filters` without a query is none",
    ("[]", "query"): "without a query there are no events to find",
}

NARROWER_HERE = {
    ("ranges", "minItems"): "a chart by ranges without a range has nothing to show",
}
"""(property, limit) that the API does not have, though Kibana cannot use what lies beyond it."""

SHORTHANDS = {
    "data_source": str,
    "query": str,
    "filter": str,
    "time_range": str,
    "refresh_interval": str,
    "min": float,
    "max": float,
    "goal": float,
    "max_value": float,
}
"""What may stand in place of an object, by property."""

NOT_OF_THE_API = {
    "links": "a panel of Kibana that this version of the API does not have yet",
}
"""Words under x-kbuild-not-supported that a person may know from Kibana, though the API has them not."""

TELLING = ("type", "operation", "operator", "mode", "to", "column_type", "placement", "position", "range")
"""Properties whose words tell the alternatives of a choice apart."""


@cache
def components() -> JsonObject:
    text = (SHARED / "schemas" / "dashboards-api-2026-05.json").read_text(encoding="utf-8")
    schemas: JsonObject = json.loads(text)["components"]["schemas"]
    return schemas


def their_branches(node: JsonObject) -> Iterator[JsonObject]:
    """Give the alternatives of an OpenAPI schema; null, where it may stand, is one."""
    while "$ref" in node:
        node = components()[node["$ref"].removeprefix(COMPONENTS)]
    for choice in ("anyOf", "oneOf"):
        for branch in node.get(choice, ()):
            yield from their_branches(branch)
    if "anyOf" not in node and "oneOf" not in node:
        yield node
    if node.get("nullable"):
        yield {"type": "null"}


def optional(name: str, node: JsonObject) -> bool:
    """Tell whether the API takes a property as optional though it lists it as required."""
    if node.get("$ref") == f"{COMPONENTS}filterSimple":
        return True
    target = components().get(node.get("$ref", "").removeprefix(COMPONENTS), node)
    return bool(target.get("x-oas-optional")) or "default" in target


class Comparison:
    """Walks our flat schema and theirs in parallel and writes down what differs."""

    def __init__(self, kind: str, *, esql: bool = False) -> None:
        self.esql = esql
        self.schema = restricted(flat(kind), flat(kind)["$defs"], esql=esql)
        self.differences: set[str] = set()
        self.seen: set[tuple[int, int]] = set()
        self.excused: set[Any] = set()

    def compare(self, path: tuple[str, ...], ours: JsonObject, theirs: JsonObject) -> None:
        """Compare what may stand at a place."""
        if (id(ours), id(theirs)) in self.seen or ADDITION in ours:
            return
        self.seen.add((id(ours), id(theirs)))
        our_branches = list(branches(self.schema, ours))
        foreign = self.foreign(ours)
        their_kinds = [branch for branch in their_branches(theirs) if not self.is_foreign(branch, foreign)]
        if len(our_branches) < len(their_kinds):
            their_kinds = [branch for branch in their_kinds if not self.is_about_foreign(branch, our_branches)]
        self.compare_words(path, our_branches, their_kinds)
        self.compare_lists(path, our_branches, their_kinds)
        self.compare_objects(path, our_branches, their_kinds)

    def is_addition(self, node: JsonObject) -> bool:
        return any(ADDITION in branch for branch in (node, *branches(self.schema, node)))

    def foreign(self, node: JsonObject) -> dict[str, set[str]]:
        """Collect the words that our choice calls not supported."""
        found: dict[str, set[str]] = {}
        waiting = [node]
        while waiting:
            item = waiting.pop()
            while "$ref" in item:
                item = self.schema["$defs"][item["$ref"].rpartition("/")[2]]
            if "anyOf" in item:
                for name, words in item.get("x-kbuild-not-supported", {}).items():
                    found.setdefault(name, set()).update(words)
                waiting += item["anyOf"]
        return found

    def is_foreign(self, branch: JsonObject, foreign: dict[str, set[str]]) -> bool:
        for name, words in foreign.items():
            theirs = set(branch.get("properties", {}).get(name, {}).get("enum", ()))
            if theirs and theirs <= words:
                return True
        source = branch.get("properties", {}).get("data_source", {}).get("$ref", "")
        return not self.esql and bool(source.endswith("esqlDataSource") or is_esql(branch))

    def is_about_foreign(self, branch: JsonObject, ours: list[JsonObject]) -> bool:
        """Tell whether an alternative of theirs demands a property that ours calls not supported."""
        named = {name for node in ours for name in node.get("x-kbuild-not-supported", {})}
        found = named & NOT_YET.keys() & set(branch.get("required", ()))
        self.excused |= found
        return bool(found)

    def compare_words(self, path: tuple[str, ...], ours: list[JsonObject], theirs: list[JsonObject]) -> None:
        our_types, their_types = simple_types(ours), simple_types(theirs)
        shorthand = {SHORTHANDS[path[-1]]} if path and path[-1] in SHORTHANDS else set()
        if our_types not in (their_types, their_types | shorthand):
            self.differ(path, f"types {names(our_types)}, theirs {names(their_types)}")
        our_words, their_words = all_words(ours), all_words(theirs)
        # Words that tell objects apart are compared with the objects.
        if our_words != their_words and path[-1:] not in {(name,) for name in TELLING}:
            self.differ(path, f"words {our_words}, theirs {their_words}")
        for limit in ("minimum", "maximum"):
            wanted = {branch[limit] for branch in theirs if limit in branch}
            got = {branch[limit] for branch in ours if limit in branch}
            if wanted and wanted != got:
                self.differ(path, f"{limit} {got}, theirs {wanted}")

    def compare_lists(self, path: tuple[str, ...], ours: list[JsonObject], theirs: list[JsonObject]) -> None:
        our_lists = [branch for branch in ours if branch.get("type") == "array"]
        their_lists = [branch for branch in theirs if branch.get("type") == "array"]
        if len(our_lists) != len(their_lists):
            self.differ(path, f"{len(our_lists)} kinds of lists, theirs {len(their_lists)}")
            return
        for our_list, their_list in zip(our_lists, their_lists, strict=True):
            for limit in ("minItems", "maxItems"):
                if our_list.get(limit) != their_list.get(limit):
                    narrower = our_list.get(limit) is not None and their_list.get(limit) is None
                    excuse = narrower and (path[-1], limit) in NARROWER_HERE and (path[-1], limit)
                    self.differ(path, f"{limit} {our_list.get(limit)}, theirs {their_list.get(limit)}", excuse)
            self.compare((*path, "[]"), our_list["items"], their_list["items"])

    def compare_objects(self, path: tuple[str, ...], ours: list[JsonObject], theirs: list[JsonObject]) -> None:
        our_objects = by_words(path, ours, self.schema)
        their_objects = by_words(path, theirs, {})
        if our_objects.keys() != their_objects.keys():
            missing = sorted((dict(sorted(key)) for key in their_objects.keys() - our_objects.keys()), key=str)
            added = sorted((dict(sorted(key)) for key in our_objects.keys() - their_objects.keys()), key=str)
            self.differ(path, f"no {missing}, and {added} of our own")
        for key in our_objects.keys() & their_objects.keys():
            self.compare_properties(path, our_objects[key], their_objects[key])

    def compare_properties(self, path: tuple[str, ...], ours: JsonObject, theirs: JsonObject) -> None:
        our_names, their_names = ours.get("properties", {}), theirs.get("properties", {})
        for name in our_names.keys() - their_names.keys() - set(KEPT_WORD_FOR_WORD):
            if not self.is_addition(our_names[name]):
                self.differ((*path, name), "is our own", name in OURS_ALONE and name)
        unsupported = ours.get("x-kbuild-not-supported", {})
        for name in their_names.keys() - our_names.keys():
            self.differ((*path, name), "is not here", name in NOT_YET and unsupported.get(name) is True and name)
        for name in our_names.keys() & their_names.keys():
            self.compare_need(path, name, ours, theirs)
            self.compare((*path, name), our_names[name], their_names[name])

    def compare_need(self, path: tuple[str, ...], name: str, ours: JsonObject, theirs: JsonObject) -> None:
        parent = path[-1] if path else ""
        demanded = name in ours.get("required", ())
        theirs_demands = name in theirs.get("required", ()) and not optional(name, theirs["properties"][name])
        if demanded and not theirs_demands:
            self.differ((*path, name), "is demanded here alone", (parent, name) in DEMANDED_HERE and (parent, name))
        if theirs_demands and not demanded:
            keys = ((parent, name), (ours["properties"].get("operation", {}).get("const"), name))
            excuse = next((key for key in keys if key in OPTIONAL_HERE), None)
            self.differ((*path, name), "is optional here alone", excuse)

    def differ(self, path: tuple[str, ...], words: str, excuse: Any = None) -> None:
        if excuse:
            self.excused.add(excuse)
        else:
            self.differences.add(f"{'.'.join(path)}: {words}")


def is_esql(branch: JsonObject) -> bool:
    """Tell a chart that is over ES|QL: its data source is nothing else."""
    properties = branch.get("properties", {})
    sources = [properties["data_source"]] if "data_source" in properties else []
    layers = properties.get("layers", {}).get("items")
    if layers:
        sources += [layer["properties"].get("data_source", {}) for layer in their_branches(layers)]
    words = {
        word
        for source in sources
        for item in their_branches(source)
        for word in item.get("properties", {}).get("type", {}).get("enum", ())
    }
    return words == {"esql"}


def is_of_esql(node: JsonObject) -> bool:
    """Tell an alternative that only a chart over ES|QL has: a column of its answer, or the query itself."""
    properties = node.get("properties", {})
    return "column" in properties or properties.get("type", {}).get("const") == "esql"


def restricted(node: Any, definitions: JsonObject, *, esql: bool) -> Any:
    """Copy a flat schema with the alternatives that charts over ES|QL have, or those that the others have.

    The API has two charts of each type; here there is one, and its data source decides.
    """
    if isinstance(node, list):
        return [restricted(item, definitions, esql=esql) for item in node]
    if not isinstance(node, dict):
        return node
    copy = {key: restricted(item, definitions, esql=esql) for key, item in node.items()}
    if "anyOf" in node:
        resolved = [definitions.get(item.get("$ref", "").rpartition("/")[2], item) for item in node["anyOf"]]
        if any(map(is_of_esql, resolved)):
            copy["anyOf"] = [
                item for item, known in zip(copy["anyOf"], resolved, strict=True) if is_of_esql(known) == esql
            ]
    return copy


def simple_types(nodes: list[JsonObject]) -> set[Any]:
    """Return the Python types of the values that are neither list nor object; whole numbers count as numbers."""
    kinds = {"string": str, "number": float, "integer": float, "boolean": bool, "null": type(None)}
    found = set()
    for node in nodes:
        types = node.get("type", [])
        for name in [types] if isinstance(types, str) else types:
            if name in kinds:
                found.add(kinds[name])
        if "type" not in node:
            found |= {float if isinstance(word, int) else type(word) for word in words_of(node)}
    return found


def names(types: set[Any]) -> list[str]:
    return sorted(kind.__name__ for kind in types)


def words_of(node: JsonObject) -> list[Json]:
    return [node["const"]] if "const" in node else node.get("enum", [])


def all_words(nodes: list[JsonObject]) -> set[Json]:
    return {word for node in nodes for word in words_of(node)}


def by_words(path: tuple[str, ...], nodes: list[JsonObject], schema: JsonObject) -> dict[frozenset[Any], JsonObject]:
    """Give the objects of a choice by the words that tell them apart; one with several words stands there for each."""
    result: dict[frozenset[Any], JsonObject] = {}
    for node in nodes:
        if "properties" not in node or not {"visualization", "saved_object"}.isdisjoint(node["properties"]):
            continue
        told = {}
        for name in TELLING:
            said = node["properties"].get(name, {ADDITION: ""})
            if ADDITION not in said and not any(ADDITION in branch for branch in branches(schema, said) if schema):
                theirs = schema == {}
                inner = node["properties"][name]
                found = list(their_branches(inner)) if theirs else list(branches(schema, inner))
                if words := [word for item in found for word in words_of(item)]:
                    told[name] = words
        for combination in product(*told.values()):
            key = frozenset(zip(told, combination, strict=True))
            assert result.get(key, node) == node, f"{path}: two objects of {dict(key)}"
            result[key] = node
    return result


CHARTS = {
    "gauge": "gaugeNoESQL",
    "xy": "xyChartNoESQL",
    "pie": "pieNoESQL",
    "treemap": "treemapNoESQL",
    "mosaic": "mosaicNoESQL",
    "waffle": "waffleNoESQL",
    "metric": "metricNoESQL",
    "legacy_metric": "legacyMetricNoESQL",
    "data_table": "datatableNoESQL",
    "heatmap": "heatmapNoESQL",
    "tag_cloud": "tagcloudNoESQL",
}


ESQL_DIFFERENCES = {
    "group_breakdown_by.[].color: is not here": "Kibana colours a mosaic by its first group, only",
    "layers.[].breakdown_by.aggregate_first: is our own": "refused when it is built",
    "layers.[]: no [], and [{'type': 'annotations'}, {'type': 'reference_lines'}] of our own": "refused too",
    "metrics.[].background_chart: no [], and [{'type': 'trend'}] of our own": "refused too",
    "query: is our own": "refused too",
    "rows.[].color: no [{'range': 'absolute', 'type': 'dynamic'}, {'range': 'absolute', 'type': 'legacy_dynamic'}, "
    "{'range': 'percentage', 'type': 'dynamic'}, {'range': 'percentage', 'type': 'legacy_dynamic'}], and [] of our "
    "own": "rows coloured by their numbers: not supported yet",
}
"""What the schema has or lacks of charts over ES|QL, because it has one object for them and for all others."""

ESQL_CHARTS = {
    name: component.replace("NoESQL", "ESQL") for name, component in CHARTS.items() if name != "legacy_metric"
}


@cache
def comparison(kind: str, *, esql: bool = False) -> Comparison:
    """Compare a kind as a whole with what the API has for it."""
    charts = ESQL_CHARTS if esql else CHARTS
    names = ["kbn-dashboard-data"] if kind == "dashboard" else charts.values()
    result = Comparison(kind, esql=esql)
    ours = result.schema
    if esql:
        objects = [node for node in ours["anyOf"] if node["properties"]["type"]["const"] in ESQL_CHARTS]
        ours = {"anyOf": objects}
    result.compare((), ours, {"anyOf": [{"$ref": COMPONENTS + name} for name in names]})
    return result


@pytest.mark.parametrize("kind", ["dashboard", "visualization"])
def test_says_what_the_api_says(kind: str) -> None:
    """Each property, word, type, limit and need, at each place, is there too, and the other way round."""
    assert sorted(comparison(kind).differences) == []


def test_says_what_the_api_says_of_charts_over_esql() -> None:
    """The same of charts over ES|QL, which share their schema with the others."""
    assert comparison("visualization", esql=True).differences == ESQL_DIFFERENCES.keys()


def test_every_exception_is_needed() -> None:
    """An exception that nothing needs any more goes."""
    listed = {*OURS_ALONE, *NOT_YET, *OPTIONAL_HERE, *DEMANDED_HERE, *NARROWER_HERE}
    assert listed == comparison("dashboard").excused | comparison("visualization").excused


def test_what_is_not_supported_is_in_the_api() -> None:
    """Each word under x-kbuild-not-supported is one that people can meet there; one that is in no place is a relic."""
    theirs = {
        word
        for node in everything(components())
        for word in node.get("properties", {}).get("type", {}).get("enum", ())
        if isinstance(node.get("properties", {}).get("type"), dict)
    }
    ours = {word for node in everything(flat("dashboard")) for word in words_not_supported(node)}
    assert ours - theirs == NOT_OF_THE_API.keys()


def words_not_supported(node: JsonObject) -> Iterator[str]:
    for inside in node.get("x-kbuild-not-supported", {}).values():
        for words in inside.values() if isinstance(inside, dict) else [inside]:
            yield from words if isinstance(words, list) else ()


def everything(node: Json) -> Iterator[JsonObject]:
    """Go through all objects of a schema."""
    if isinstance(node, dict):
        yield node
        for item in node.values():
            yield from everything(item)
    elif isinstance(node, list):
        for item in node:
            yield from everything(item)


# ------------------------------------------------------------------------------------------------ real documents

FOREIGN = ("annotation_group",)
AS_CODE = sorted((GOLD / "as_code").glob("*.json"))


def gold(path: Path) -> JsonObject:
    """Read a gold document; that of a markdown panel is put into a dashboard, for it is no document of its own."""
    document: JsonObject = json.loads(path.read_text(encoding="utf-8"))
    return {"title": "", "panels": [document]} if document.get("type") == "markdown" else document


@pytest.mark.parametrize("path", AS_CODE, ids=lambda path: path.stem)
def test_takes_what_a_real_kibana_has(path: Path) -> None:
    """A gold document is accepted; where it has what kbuild does not know yet, each such place has one finding."""
    document = gold(path)
    findings = check("dashboard" if "panels" in document else "visualization", document)
    foreign = [node["type"] for node in everything(document) if node.get("type") in FOREIGN]
    assert [finding.rule for finding in findings] == ["not-supported"] * len(foreign)
    assert [finding.message for finding in findings] == [f"kbuild does not know type '{word}' yet" for word in foreign]


def test_additions_are_left_out_of_the_official_form() -> None:
    """The table of the official form names what the schema marks, no more and no less."""
    marked = {
        name
        for file in ("operations.json", "visualization.json", "colors.json", "shared.json", "dashboard.json")
        for name in _marked(json.loads((SCHEMAS / file).read_text(encoding="utf-8")))
    }
    assert {addition.path[-1] for addition in ADDITIONS} == marked


def _marked(schema: JsonObject) -> Iterator[str]:
    """Give the names of the marked properties; a definition may carry the mark for all that refer to it."""
    waiting, definitions = [schema], schema["$defs"]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            for name, said in node.get("properties", {}).items():
                if ADDITION in definitions.get(said.get("$ref", "").rpartition("/")[2], said):
                    yield name
            waiting += node.values()


def test_the_official_form_has_no_additions() -> None:
    """At any depth; what the API has too stays, and the places are told."""
    chart = {
        "type": "data_table",
        "styling": {"paging": 5, "row_numbers": {"visible": True}},
        "metrics": [{"operation": "sum", "format": {"type": "duration", "from": "s", "to": "h", "decimals": 0}}],
        "rows": [{"operation": "histogram", "granularity": 7}, {"operation": "histogram", "granularity": 99}],
    }
    assert without_additions(chart) == (
        {
            "type": "data_table",
            "styling": {"row_numbers": {"visible": True}},
            "metrics": [{"operation": "sum", "format": {"type": "duration", "from": "s", "to": "h"}}],
            "rows": [{"operation": "histogram", "granularity": 7}, {"operation": "histogram"}],
        },
        [("styling", "paging"), ("metrics", 0, "format", "decimals"), ("rows", 1, "granularity")],
    )
