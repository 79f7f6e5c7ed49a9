"""Two saved objects, and what turns one into the other in the words of the panels."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from kibana_builder.files.project import load_project
from kibana_builder.files.source import load_source
from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.saved.build import build
from kibana_builder.saved.normal_form import normal_form
from kibana_builder.saved.raw import closed
from kibana_builder.sync.words import Vocabulary, explain
from tests.saved.real_objects import corpus
from tests.shared_material import REPOSITORY, needs_shared

SOURCE = load_source(load_project(REPOSITORY / "kbuild.yaml"))
OBJECTS = {built.object["id"].removeprefix("ml-monitoring-"): built.object for built in build(SOURCE)}
VOCABULARY = Vocabulary(
    names=SOURCE.names,
    tags={"t1": "ml"},
    titles={(item["type"], item["id"]): item["attributes"].get("title", "") for item in OBJECTS.values()},
)


def words(name: str, edit: Callable[[JsonObject], Any]) -> list[str]:
    """Say what an edit of an object of the example did; its panels are opened for the edit."""
    item = copy.deepcopy(OBJECTS[name])
    attributes = item["attributes"]
    if "panelsJSON" in attributes:
        attributes["panelsJSON"] = json.loads(attributes["panelsJSON"])
    edit(item)
    if isinstance(attributes.get("panelsJSON"), list):
        attributes["panelsJSON"] = json.dumps(attributes["panelsJSON"])
    return explain(OBJECTS[name], item, VOCABULARY)


def panels(item: JsonObject) -> list[JsonObject]:
    found: list[JsonObject] = item["attributes"]["panelsJSON"]
    return found


def columns(item: JsonObject) -> dict[str, JsonObject]:
    (layer,) = item["attributes"]["state"]["datasourceStates"]["formBased"]["layers"].values()
    found: dict[str, JsonObject] = layer["columns"]
    return found


class TestVisualizations:
    """The axes and properties of the vocabulary."""

    def test_a_percentile(self) -> None:
        """95 is the default, which a document leaves out: it is said all the same."""

        def edit(item: JsonObject) -> None:
            (column,) = (one for one in columns(item).values() if one["operationType"] == "percentile")
            column["params"]["percentile"] = 99

        assert words("inference-latency-trend", edit) == ["y[1] percentile 95 → 99"]

    def test_what_has_no_words_is_named(self) -> None:
        def edit(item: JsonObject) -> None:
            item["attributes"]["state"]["visualization"]["curvature"] = 3
            item["attributes"]["title"] = "Slow"

        assert words("inference-latency-trend", edit) == [
            'title "Inference latency" → Slow',
            "raw, 1 value: state.visualization.curvature 3 added",
        ]

    def test_an_unknown_chart(self) -> None:
        """Without words the places are named, the first ones with their values, and the rest is counted."""

        def edit(item: JsonObject) -> None:
            item["attributes"]["visualizationType"] = "lnsNew"
            item["attributes"]["state"]["visualization"] |= {str(number): number for number in range(7)}

        (line,) = words("inference-latency-trend", edit)
        assert line.startswith("changed (raw), 8 values: visualizationType lnsXY → lnsNew, ")
        assert line.endswith(" and 5 more")


class TestDashboards:
    """Panels, controls and settings by their names."""

    def test_moved_and_resized(self) -> None:
        def edit(item: JsonObject) -> None:
            panels(item)[1]["gridData"] |= {"x": 16, "y": 5}
            panels(item)[2]["gridData"] |= {"h": 10}

        assert words("ml-model-monitoring", edit) == [
            'panel "Model performance" moved 0,4 → 16,5',
            'panel "Inference latency" resized 24×13 → 24×10',
        ]

    def test_removed_and_added(self) -> None:
        """The references of a panel that is gone may stay behind: that is no change of its own."""

        def edit(item: JsonObject) -> None:
            del panels(item)[1]
            panels(item).append({"type": "lens", "panelIndex": "n", "title": "New", "gridData": {}})

        assert words("ml-model-monitoring", edit) == ['panel "New" added', 'panel "Model performance" removed']

    def test_a_reference_that_leads_nowhere(self) -> None:
        lines = words("ml-model-monitoring", lambda item: item["references"].append(reference("lens", "x", "stray")))
        assert lines == ["raw, 1 value: references.stray added"]

    def test_order_and_ids(self) -> None:
        assert words("ml-model-monitoring", lambda item: panels(item).reverse()) == ["panels in another order"]

        def edit(item: JsonObject) -> None:
            text = item["attributes"]["panelsJSON"][0]
            text["panelIndex"] = text["gridData"]["i"] = "h"

        assert words("ml-model-monitoring", edit) == ["panel h added", "panel header removed"]

    def test_a_new_id_of_a_panel_with_a_title(self) -> None:
        """`Save as` gives every panel a new id; a title tells which it was."""
        before = OBJECTS["ml-model-monitoring"]
        first, second = copy.deepcopy(before), copy.deepcopy(before)
        for item, ident in ((first, "a"), (second, "b")):
            opened = json.loads(item["attributes"]["panelsJSON"])
            opened[0] |= {"title": "Speed", "panelIndex": ident, "gridData": {**opened[0]["gridData"], "i": ident}}
            item["attributes"]["panelsJSON"] = json.dumps(opened)
        assert explain(first, second, VOCABULARY) == ['panel "Speed" has another id: a → b']

    def test_inside_a_panel(self) -> None:
        def edit(item: JsonObject) -> None:
            text = panels(item)[0]["embeddableConfig"]["savedVis"]["params"]
            text |= {"markdown": "# Hi", "shade": 14}
            panels(item)[1]["title"] = "Own title"

        assert words("ml-model-monitoring", edit) == [
            'panel header: content "#### ML model monitoring⏎The last 24 hours of all models. N…" → "# Hi"',
            "panel header: raw, 1 value: embeddableConfig.savedVis.params.shade 14 added",
            'panel "Model performance": title "Own title" added',
        ]

    def test_controls(self) -> None:
        def edit(item: JsonObject) -> None:
            group = item["attributes"]["controlGroupInput"]
            controls = json.loads(group["panelsJSON"])
            first, second = controls
            controls[first]["explicitInput"]["singleSelect"] = True
            del controls[second]
            group["panelsJSON"] = json.dumps(controls)
            item["references"] = [ref for ref in item["references"] if second not in ref["name"]]

        assert words("ml-model-monitoring", edit) == [
            'control "Model": single_select true added',
            'control "Environment" removed',
        ]

    def test_settings_and_tags(self) -> None:
        def edit(item: JsonObject) -> None:
            item["attributes"] |= {"timeFrom": "now-7d", "refreshInterval": {"pause": True, "value": 30000}}
            item["references"].append(reference("tag", "t1", "tag-ref-t1"))

        assert words("ml-model-monitoring", edit) == [
            "time range now-24h → now-7d",
            "refresh interval 30s → off",
            "tag ml added",
        ]

    @pytest.mark.parametrize("text", ["no JSON", "{}", "[1]", "[{}]", '[{"panelIndex":{},"gridData":[]}]'])
    def test_a_dashboard_of_another_shape(self, text: str) -> None:
        """Whatever stands where the panels belong is named, and nothing breaks."""
        lines = words("ml-model-monitoring", lambda item: item["attributes"].update(panelsJSON=text))
        assert lines


def test_a_data_view() -> None:
    def edit(item: JsonObject) -> None:
        item["attributes"] |= {"title": "b-*", "timeFieldName": "ts", "fieldFormatMap": '{"a":{}}'}

    assert words("ml-metrics", edit) == [
        "index pattern ml-metrics-* → b-*",
        "time field @timestamp → ts",
        "raw, 1 value: fieldFormatMap added",
    ]


def test_equal_objects_have_no_words() -> None:
    """Noise and another way of writing the same are no change."""
    assert words("ml-model-monitoring", lambda item: item["attributes"].update(hits=1)) == []


def reference(kind: str, ident: str, name: str) -> JsonObject:
    return {"type": kind, "id": ident, "name": name}


@needs_shared
def test_real_objects_are_never_silent() -> None:
    """Each object of the corpus against itself with one value changed: a line wherever the normal form sees it."""
    seen = 0
    for number, item in enumerate(map(closed, corpus())):
        changed = copy.deepcopy(item)
        if not mutate(changed["attributes"], number):
            continue
        different = normal_form(item) != normal_form(changed)
        assert bool(explain(item, changed, Vocabulary())) == different, item["id"]
        seen += different
    assert seen > 300


def mutate(attributes: Json, number: int) -> bool:
    """Change one leaf, another in each object; a JSON string is opened for it."""
    places: list[tuple[Json, Json]] = []
    waiting = [attributes]
    while waiting:
        value = waiting.pop()
        for key, entry in value.items() if isinstance(value, dict) else enumerate(value):
            (waiting if isinstance(entry, dict | list) else places).append(
                entry if isinstance(entry, dict | list) else (value, key)
            )
    if not places:
        return False
    owner, key = places[number % len(places)]
    text = owner[key]
    try:
        inner = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        inner = None
    if isinstance(inner, dict | list) and inner and mutate(inner, number // 2):
        owner[key] = json.dumps(inner)
    else:
        owner[key] = f"{text} changed"
    return True
