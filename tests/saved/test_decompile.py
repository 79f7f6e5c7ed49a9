"""Saved objects into documents: what stays raw, that nothing is lost, and that nothing is too strange."""

from __future__ import annotations

import copy
import json
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kibana_builder.files.object_files import read_object_files
from kibana_builder.json_tree import Json, JsonObject, compact
from kibana_builder.saved.dashboard import to_dashboard
from kibana_builder.saved.decompile import Decompiled, come_back, compile_again, decompile
from kibana_builder.saved.normal_form import same_object
from kibana_builder.saved.official import to_official
from kibana_builder.saved.tag import to_tag
from kibana_builder.saved.visualization import to_visualization
from kibana_builder.spec.check import check
from kibana_builder.spec.shorthands import Names, expand
from tests.saved.inner_json import closed
from tests.shared_material import GOLD, SHARED, needs_shared
from tests.spec.documents import GOOD_VISUALIZATIONS

CHART: JsonObject = {
    "type": "metric",
    "title": "Requests",
    "data_source": {"type": "data_view_reference", "ref_id": "ml-metrics"},
    "metrics": [{"type": "primary", "operation": "count"}],
}
GRID = {"x": 0, "y": 0, "w": 12, "h": 6}
IN_WORDS: JsonObject = {"id": "count", "type": "vis", "grid": GRID, "config": CHART}


def dashboard(*panels: JsonObject, **said: Any) -> JsonObject:
    return to_dashboard("d", {"title": "D", "panels": list(panels), **said})


def with_panels(item: JsonObject, change: Any) -> JsonObject:
    """Change the panels of a dashboard object."""
    panels = json.loads(item["attributes"]["panelsJSON"])
    change(panels)
    return {**item, "attributes": {**item["attributes"], "panelsJSON": compact(panels)}}


def exactly(*items: Json) -> list[Decompiled]:
    """Decompile, and see that each comes back the same."""
    made = decompile(items)
    assert come_back(items, made) == [True] * len(items)
    return made


# ------------------------------------------------------------------------------------------- in words


@pytest.mark.parametrize("name", GOOD_VISUALIZATIONS)
def test_what_is_compiled_of_words_comes_back_as_words(name: str) -> None:
    """No good chart needs a raw part."""
    written = {key: value for key, value in GOOD_VISUALIZATIONS[name].items() if key not in ("id", "tags")}
    document = expand("visualization", written, Names())
    for setting in ("time_range", "hide_title", "hide_border", "drilldowns"):
        document.pop(setting, None)
    (made,) = exactly(to_visualization("v", {"title": name, **document}))
    assert made.kind == "visualization"
    assert [place for part in made.raw for place in part.places] == []


def test_a_dashboard_in_words() -> None:
    """With its tags by name, as the export has them."""
    item = dashboard(IN_WORDS, tags=["ml"])
    renamed = json.loads(json.dumps(item).replace(to_tag("ml")["id"], "tag-of-kibana"))
    tag = {**to_tag("ml"), "id": "tag-of-kibana"}
    made, tags = exactly(renamed, tag)
    assert made.document == {"title": "D", "tags": ["ml"], "panels": [IN_WORDS]}
    assert (made.raw, tags.kind, tags.title) == ([], "tag", "ml")


def test_tags_that_nobody_names_stay_references() -> None:
    """One that is not in the export, and two with one name: a document could not say which."""
    first, second = ({**to_tag("ml"), "id": ident} for ident in ("first", "second"))
    item = dashboard()
    item["references"] = [{"type": "tag", "id": ident, "name": f"tag-ref-{ident}"} for ident in ("first", "unknown")]
    made = exactly(item, first, second)[0]
    assert "tags" not in made.document
    assert made.document["raw_references"] == item["references"]


def test_a_data_view_is_what_kbuild_yaml_says() -> None:
    """One with more (runtime fields, formats) stays a raw object, its JSON opened."""
    item = {
        "type": "index-pattern",
        "id": "dv",
        "attributes": {"title": "a-*", "timeFieldName": "t", "fieldAttrs": "{}"},
    }
    (made,) = exactly(item)
    assert (made.kind, made.document) == ("data_view", {"index_pattern": "a-*", "time_field": "t"})
    (raw,) = exactly({**item, "attributes": {"title": "a-*", "runtimeFieldMap": '{"hour":{"type":"long"}}'}})
    assert raw.kind == "saved_object"
    assert raw.document["saved_object"]["attributes"]["runtimeFieldMap"] == {"hour": {"type": "long"}}


def test_the_time_field_of_a_data_view_in_the_export_is_known() -> None:
    """A trend line over it needs no raw part."""
    trend = {**CHART, "metrics": [{**CHART["metrics"][0], "background_chart": {"type": "trend"}}]}
    item = to_visualization("v", trend, {"ml-metrics": "day"})
    view = {"type": "index-pattern", "id": "ml-metrics", "attributes": {"title": "a-*", "timeFieldName": "day"}}
    assert exactly(item, view)[0].raw == []
    assert exactly(item)[0].raw != []


# ------------------------------------------------------------------------------------------- small remainders


def test_a_few_leaves_of_a_chart_are_laid_over() -> None:
    """Under the ids that compiling gives; the part says how much it is, and where."""
    item = to_visualization("v", CHART)
    renamed = json.loads(json.dumps(item).replace("layer_metric", "a1b2").replace("metric_count", "c3d4"))
    state = renamed["attributes"]["state"]
    state["visualization"]["glow"] = True
    (layer,) = state["datasourceStates"]["formBased"]["layers"].values()
    (column,) = layer["columns"].values()
    column["params"] = {**column.get("params", {}), "sparkle": 5}
    (made,) = exactly(renamed)
    (part,) = made.raw
    assert (part.where, part.leaves) == ("visualization", 2)
    assert set(part.places) == {
        "state.visualization.glow",
        "state.datasourceStates.formBased.layers.*.columns.*.params.sparkle",
    }
    assert "a1b2" not in json.dumps(made.document)
    assert check("visualization", made.document) == []


def test_what_compiling_adds_is_taken_away() -> None:
    """A leaf that Kibana has not."""
    item = to_visualization("v", CHART)
    del item["attributes"]["state"]["query"]
    (made,) = exactly(item)
    assert made.document["raw_absent"] == ["state.query"]
    assert made.raw[0].leaves == 1


def test_more_than_five_leaves_keep_the_panel_raw() -> None:
    """That panel, not its neighbours and not the dashboard; its inner JSON is unfolded, its keys stay in order."""
    other = {**IN_WORDS, "id": "other", "grid": {**GRID, "x": 12}}

    def change(panels: list[JsonObject]) -> None:
        panels[0]["embeddableConfig"]["attributes"]["state"]["visualization"] |= {f"key{n}": n for n in range(6)}

    (made,) = exactly(with_panels(dashboard(IN_WORDS, other), change))
    raw, said = made.document["panels"]
    assert said == other
    assert (raw["id"], raw["grid"]) == ("count", GRID)
    assert list(raw["saved_object"]) == ["type", "embeddableConfig", "title", "references"]
    assert raw["saved_object"]["references"][0]["name"].startswith("indexpattern-datasource-layer-")
    (part,) = made.raw
    assert (part.where, part.path, part.leaves) == ("panel 'Requests'", ("panels", 0), None)
    assert part.why == "more than 5 leaves without words"
    assert check("dashboard", made.document) == []


def test_a_few_leaves_of_a_panel_stand_beside_it() -> None:
    """What the panel keeps around its chart."""

    def change(panels: list[JsonObject]) -> None:
        panels[0]["embeddableConfig"]["later"] = {"a": [1]}

    (made,) = exactly(with_panels(dashboard(IN_WORDS), change))
    assert made.document["panels"] == [{**IN_WORDS, "raw": {"embeddableConfig": {"later": {"a": [1]}}}}]


def test_what_a_dashboard_has_beside_its_panels() -> None:
    """Sections and controls of later versions, references that nothing uses."""
    item = dashboard(IN_WORDS)
    item["attributes"] |= {
        "sections": [{"title": "S", "gridData": {"y": 9, "i": "s"}}],
        "pinned_panels": {"panels": {"c": {"type": "optionsListControl", "order": 0}}},
    }
    item["references"].append({"type": "search", "id": "s", "name": "leftover"})
    (made,) = exactly(item)
    assert made.kind == "dashboard"
    assert made.document["raw"] == {key: item["attributes"][key] for key in ("sections", "pinned_panels")}
    assert made.document["raw_references"] == [item["references"][-1]]


def test_a_panel_in_a_section_of_kibana_9() -> None:
    """Its place names the section: the panel stays in words, as far as there are any."""

    def change(panels: list[JsonObject]) -> None:
        panels[0]["gridData"]["sectionId"] = "s"

    (made,) = exactly(with_panels(dashboard(IN_WORDS), change))
    assert made.document["panels"] == [{**IN_WORDS, "raw": {"gridData": {"sectionId": "s"}}}]


# ------------------------------------------------------------------------------------------- panels of all sorts


def test_panels_by_reference() -> None:
    """A chart of the library is in words, another object is raw; so are those of before 7.13, which get a type.

    The reference has said it until then. What is compiled is stamped as of 8.9: no migration adds it any more.
    """
    place = {"gridData": {**GRID, "i": "1"}, "panelIndex": "1", "embeddableConfig": {}}
    item = dashboard()
    item["attributes"]["panelsJSON"] = compact(
        [
            {**place, "type": "lens", "panelRefName": "panel_0"},
            {**place, "panelIndex": "2", "gridData": {**GRID, "i": "2"}, "panelRefName": "panel_1"},
            {**place, "panelIndex": "3", "gridData": {**GRID, "i": "3"}, "panelRefName": "panel_3"},
        ]
    )
    item["references"] = [
        {"type": "lens", "id": "l", "name": "1:panel_0"},
        {"type": "lens", "id": "old", "name": "panel_1"},
        {"type": "search", "id": "s", "name": "3:panel_3"},
    ]
    (made,) = exactly(item)
    first, second, third = made.document["panels"]
    assert first == {"id": "1", "type": "vis", "grid": GRID, "config": {"ref_id": "l"}}
    assert second == {**first, "id": "2", "config": {"ref_id": "old"}}
    assert third["saved_object"] == {
        "type": "search",
        "panelRefName": "panel_3",
        "embeddableConfig": {},
        "references": [{"type": "search", "id": "s", "name": "panel_3"}],
    }


def test_two_panels_of_one_name() -> None:
    """They stay raw, with ids of their own in the file; a panel that stands there twice word for word is one."""

    def change(panels: list[JsonObject]) -> None:
        panels[1]["panelIndex"] = panels[1]["gridData"]["i"] = "count"

    other = {**IN_WORDS, "id": "other", "grid": {**GRID, "x": 12}}
    (made,) = exactly(with_panels(dashboard(IN_WORDS, other), change))
    assert [panel["id"] for panel in made.document["panels"]] == ["count", "panel-1"]
    assert check("dashboard", made.document) == []

    (made,) = exactly(with_panels(dashboard(IN_WORDS), lambda panels: panels.append(copy.deepcopy(panels[0]))))
    assert made.document["panels"] == [IN_WORDS]


@pytest.mark.parametrize(
    "entry",
    [
        {"id": "a", "type": "visualization", "size_x": 6, "size_y": 4, "col": 1, "row": 1},
        {"id": "a", "type": "visualization", "panelIndex": 1, "col": 1, "row": 1},
        {"panelIndex": "1", "gridData": {"x": 0, "y": 0, "w": 60, "h": 4, "i": "1"}, "embeddableConfig": {}},
        {"panelIndex": "1", "gridData": None, "embeddableConfig": None},
        {"panelIndex": "", "gridData": {}},
        {},
    ],
    ids=compact,
)
def test_panels_of_other_shapes(entry: JsonObject) -> None:
    """Old, new or broken: they stay as they are, and the dashboard around them is in words."""
    item = dashboard()
    item["attributes"]["panelsJSON"] = compact([entry, entry | {"title": "again"}])
    (made,) = exactly(item)
    assert made.kind == "dashboard"
    assert all("saved_object" in panel for panel in made.document["panels"])
    assert check("dashboard", made.document) == []


# ------------------------------------------------------------------------------------------- whole objects


@pytest.mark.parametrize(
    "item",
    [
        {"type": "visualization", "attributes": {"visState": '{"type":"metrics","params":{}}'}},
        {"type": "search", "attributes": {"columns": ["a"], "sort": []}},
        {"type": "map", "attributes": {"layerListJSON": "[]"}},
        {"type": "links", "attributes": {"links": []}},
        {"type": "query", "attributes": {"query": {"query": "a", "language": "kuery"}}},
        {"type": "canvas-workpad", "attributes": {"pages": []}},
        {"type": "ml-module", "attributes": {"jobs": [{"id": "a"}]}},
        {"type": "of-the-future", "attributes": {}, "references": [], "something": {"new": [1]}, "originId": "x"},
        {"type": "lens", "attributes": {"title": "T", "visualizationType": "lnsTreemapOfTheFuture", "state": {}}},
        {"type": "dashboard", "attributes": {"title": "no panels"}},
        {"type": "dashboard", "attributes": {"title": "no JSON", "panelsJSON": "["}},
    ],
    ids=lambda item: item["type"],
)
def test_objects_without_words_stay_as_they_are(item: JsonObject) -> None:
    """With their version stamps, so that Kibana migrates them from there; noise is left out."""
    item = {"id": "x", **item, "typeMigrationVersion": "7.0.0", "updated_at": "2026-01-01"}
    (made,) = exactly(item)
    assert made.kind == "saved_object"
    assert made.raw[0].leaves is None
    assert made.document["saved_object"]["typeMigrationVersion"] == "7.0.0"
    assert "updated_at" not in made.document["saved_object"]
    assert check("saved_object", made.document) == []
    assert compile_again(made)["attributes"] == item["attributes"]


def test_what_is_no_string_where_kibana_has_one_is_encoded() -> None:
    """Integrations keep their objects so."""
    item = {"type": "visualization", "id": "x", "attributes": {"visState": {"type": "metrics"}}}
    (made,) = exactly(item)
    assert compile_again(made)["attributes"] == {"visState": '{"type":"metrics"}'}


# ------------------------------------------------------------------------------------------- anything at all

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
SEEDS = [
    dashboard(
        {**IN_WORDS, "config": {**CHART, "time_range": {"from": "now-1d", "to": "now"}}},
        {"id": "t", "type": "markdown", "grid": GRID, "config": {"content": "# T"}},
        {"id": "r", "type": "vis", "grid": GRID, "config": {"ref_id": "l", "title": "R"}},
        query={"expression": "a: b", "language": "kql"},
        filters=[{"type": "condition", "data_view_id": "v", "condition": {"field": "a", "operator": "exists"}}],
        pinned_panels=[
            {"id": "c", "type": "options_list_control", "config": {"data_view_id": "v", "field_name": "a"}},
        ],
        tags=["ml"],
    ),
    to_visualization("v", CHART),
    {"type": "index-pattern", "id": "dv", "attributes": {"title": "a-*"}, "references": []},
    to_tag("ml"),
]


def opened(value: Json) -> Json:
    """Open every string that holds JSON, so that leaves inside can be broken too."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        return {"$json": opened(json.loads(value))}
    if isinstance(value, dict):
        return {key: opened(entry) for key, entry in value.items()}
    return [opened(entry) for entry in value] if isinstance(value, list) else value


def places(value: Json, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] * bool(path) + [place for key, entry in members for place in places(entry, (*path, key))]


@given(st.sampled_from(SEEDS), st.data())
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_an_object_broken_anywhere_is_kept(seed: JsonObject, data: st.DataObject) -> None:
    """Whatever stands in the place of anything, in one place or two: nothing raises and nothing is lost."""
    item = opened(copy.deepcopy(seed))
    for _ in range(data.draw(st.integers(1, 2))):
        *way, last = data.draw(st.sampled_from(places(item)))
        owner = item
        for step in way:
            owner = owner[step]
        owner[last] = data.draw(JSON)
    item = closed(item)
    (made,) = decompile([item])
    assert come_back([item], [made]) == [True]
    if made.kind in ("dashboard", "visualization"):
        assert check(made.kind, made.document) == []


@given(st.lists(JSON | st.fixed_dictionaries({"type": st.sampled_from(["lens", "dashboard", "tag"]), "id": JSON})))
def test_what_is_no_saved_object_says_so(values: list[Json]) -> None:
    """One answer for each, in order."""
    for value, made in zip(values, decompile(values), strict=True):
        assert (made.kind, made.document) == ("saved_object", made.document)
        assert made.raw[0].why.startswith("no saved object")
        assert isinstance(value, dict) or made.document == {"saved_object": value}


@pytest.mark.parametrize("kind", ["dashboard", "lens", "index-pattern", "tag", "search"])
def test_what_is_nested_too_deeply_stays_raw(kind: str) -> None:
    """Deeper than Python can go."""
    deep: Json = []
    for _ in range(5_000):
        deep = [deep]
    attributes = {"title": "T", "name": "T", "panelsJSON": "[]", "visualizationType": "lnsMetric", "state": deep}
    (made,) = exactly({"type": kind, "id": "x", "attributes": attributes})
    assert made.kind == "saved_object"
    assert made.document["saved_object"]["attributes"]["state"] is deep


def test_references_in_a_circle() -> None:
    """Nobody follows them."""
    items = [dashboard(), {**dashboard(), "id": "e"}]
    for item, other in zip(items, ("e", "d"), strict=True):
        item["references"] = [
            {"type": "dashboard", "id": other, "name": "a"},
            {"type": "dashboard", "id": item["id"], "name": "b"},
        ]
    exactly(*items)


# ------------------------------------------------------------------------------------------- real objects


@needs_shared
def test_the_gold_objects_in_words() -> None:
    """Of what was written by hand for Kibana 8.12.2, the charts of known types and the dashboards are in words."""
    items = [
        json.loads(line) for line in (GOLD / "exported.ndjson").read_text("utf-8").splitlines() if '"type"' in line
    ]
    made = exactly(*items)
    unsaid = {
        result.id: [part.why for part in result.raw] for result in made if result.type == "dashboard" and result.raw
    }
    # A text of the library.
    assert unsaid == {"ml-shapes": ["a library object of type visualization"]}


@cache
def corpus() -> list[tuple[JsonObject, Decompiled]]:
    found = []
    for file in read_object_files([SHARED / "corpus"]):
        found += zip(file.objects, exactly(*file.objects), strict=True)
    return found


@needs_shared
def test_the_corpus_comes_back() -> None:
    """A thousand public objects of Kibana 4 to 9.2: all the same, and each document is accepted by the schema."""
    assert len(corpus()) > 1000
    for item, made in corpus():
        if made.kind in ("dashboard", "visualization", "saved_object"):
            assert check(made.kind, made.document) == [], (item["type"], item["id"])


@needs_shared
def test_clean_documents_of_the_corpus_fit_the_api() -> None:
    """What needs no raw part has an official form."""
    clean = [made for _, made in corpus() if made.kind in ("dashboard", "visualization") and not made.raw]
    assert len(clean) > 12
    for made in clean:
        to_official(made.kind, {key: value for key, value in made.document.items() if key != "lock"})


@needs_shared
def test_a_change_of_a_document_shows_in_the_object() -> None:
    """The other way round: what comes back is not called the same when a word of the document is another."""
    for item, made in corpus():
        if made.kind == "dashboard":
            again = compile_again(Decompiled(made.kind, made.id, made.type, "", {**made.document, "title": "another"}))
            assert not same_object(item, again)
