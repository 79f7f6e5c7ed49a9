"""Controls: both directions, what they share, and nothing that is accepted and dropped."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibana_builder.charts.mapping import UnsayableError
from kibana_builder.json_tree import JsonObject, same
from kibana_builder.problem import NotExpressible
from kibana_builder.saved.controls import from_controls, to_controls
from kibana_builder.saved.raw import leaf_paths, remainder
from tests.saved.cases import every_case
from tests.saved.changes import changes
from tests.saved.real_objects import corpus, opened
from tests.shared_material import needs_shared
from tests.spec.documents import GOOD_DASHBOARDS

OFF = {"ignoreFilters": False, "ignoreQuery": False, "ignoreTimerange": False, "ignoreValidations": False}


def group_of(case: JsonObject) -> JsonObject:
    return {
        "controlStyle": "oneLine",
        "chainingSystem": "HIERARCHICAL",
        "ignoreParentSettingsJSON": case.get("switches", OFF),
        "panelsJSON": case["saved"],
    }


@every_case("controls")
def test_controls_become_a_control_group(case: JsonObject) -> None:
    """Two strings that hold JSON, and one reference for each control on a field."""
    group, references = to_controls(case["code"])
    assert isinstance(group["panelsJSON"], str)
    assert opened(group) == group_of(case)
    assert references == case["references"]


@every_case("controls")
def test_a_control_group_is_read_back(case: JsonObject) -> None:
    """Whatever the order in which the object holds them."""
    group = group_of(case)
    group["panelsJSON"] = dict(reversed(group["panelsJSON"].items()))
    assert from_controls(group, case["references"]) == case["code"]


@pytest.mark.parametrize(("word", "value"), [("use_global_filters", False), ("ignore_validations", True)])
def test_controls_that_differ_in_what_they_share_are_refused(word: str, value: bool) -> None:
    """Kibana 8.12 has one switch for them all; the finding names the control that is set apart."""
    config = {"data_view_id": "d", "field_name": "f"}
    controls = [
        {"id": "a", "type": "options_list_control", "config": config},
        {"id": "b", "type": "options_list_control", "config": {**config, word: value}},
    ]
    with pytest.raises(NotExpressible) as refused:
        to_controls(controls)
    assert refused.value.finding.path == ("pinned_panels", 1, "config", word)
    assert "all controls" in refused.value.finding.message


def _controls() -> Iterator[JsonObject]:
    for index, control in enumerate(GOOD_DASHBOARDS["everything"]["pinned_panels"]):
        yield {"id": f"control-{index}", **control}


def _variants() -> Iterator[Any]:
    for control in _controls():
        for path, changed in changes(control):
            if path != ("type",):
                yield pytest.param(control, changed, id=f"{control['type']}-{'.'.join(map(str, path))}")


@pytest.mark.parametrize(("control", "changed"), list(_variants()))
def test_every_property_of_a_control_reaches_kibana(control: JsonObject, changed: JsonObject) -> None:
    """Changing one leaf changes what is written."""
    assert not same(to_controls([control]), to_controls([changed]))


@pytest.mark.parametrize(
    "group",
    [
        5,
        {},
        {"panelsJSON": "no JSON"},
        {"panelsJSON": {"a": 5}},
        {"panelsJSON": {"a": {"type": "esqlControl"}}},
        {"panelsJSON": {"a": {"type": ["timeSlider"]}}},
        {"panelsJSON": {"a": {"type": "optionsListControl", "explicitInput": {"fieldName": "f"}}}},
        {"panelsJSON": {"a": {"type": "rangeSliderControl", "explicitInput": {"dataViewId": "d", "fieldName": 5}}}},
    ],
    ids=json.dumps,
)
def test_a_group_without_words_is_refused(group: Any) -> None:
    """Controls of other types, or without what makes a control."""
    with pytest.raises(UnsayableError):
        from_controls(group, [])


@pytest.mark.parametrize(("said", "start", "end"), [("start", 0.25, 1), ("end", 0, 0.25)])
def test_a_time_slider_with_one_end(said: str, start: float, end: float) -> None:
    """Kibana gets both, since it selects nothing by one; where it has one only, none is said."""
    config = {f"{said}_percentage_of_time_range": 0.25}
    group, _ = to_controls([{"id": "a", "type": "time_slider_control", "config": config}])
    (panel,) = json.loads(group["panelsJSON"]).values()
    ends = [panel["explicitInput"].pop(f"timeslice{name}AsPercentageOfTimeRange") for name in ("Start", "End")]
    assert ends == [start, end]
    panel["explicitInput"][f"timeslice{said.title()}AsPercentageOfTimeRange"] = 0.25
    (control,) = from_controls({"panelsJSON": {"a": panel}}, ())
    assert control["config"] == {}


def test_the_reference_counts_before_the_id_in_the_control() -> None:
    """Kibana 9 may leave an old id in the control; an import changes the reference only."""
    panels = {"a": {"type": "optionsListControl", "explicitInput": {"fieldName": "f", "dataViewId": "old"}}}
    reference = {"type": "index-pattern", "id": "new", "name": "controlGroup_a:optionsListDataView"}
    assert from_controls({"panelsJSON": panels}, [reference])[0]["config"]["data_view_id"] == "new"
    assert from_controls({"panelsJSON": panels}, [])[0]["config"]["data_view_id"] == "old"


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=2)
    | st.sampled_from(["timeSlider", "optionsListControl"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["type", "order", "explicitInput", "fieldName", "dataViewId", "a"]), inner)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=2), anything, max_size=2), anything)
def test_no_control_group_makes_a_crash(panels: Any, switches: Any) -> None:
    """Whatever a file holds in place of controls is read and written again, or refused as unsayable."""
    try:
        controls = from_controls({"panelsJSON": panels, "ignoreParentSettingsJSON": switches}, [])
    except UnsayableError:
        return
    to_controls(controls)


# What of a real control group the vocabulary has no words for.
LEFT_OVER = {
    "controlStyle": "titles above the controls",
    "showApplySelections": "Kibana 8.12 has no place for it",
    "dataViewId": "a copy of what the reference says",
    "grow": "a copy, beside the one that counts",
    "width": "a copy, beside the one that counts",
}


@needs_shared
def test_the_controls_of_real_dashboards_survive() -> None:
    """All control groups of the public dashboards come back, but for what the vocabulary cannot say of them."""
    dashboards = [item for item in corpus() if "controlGroupInput" in item["attributes"]]
    assert len(dashboards) > 50
    for item in dashboards:
        group = item["attributes"]["controlGroupInput"]
        made, references = to_controls(from_controls(group, item["references"]))
        rest = leaf_paths(remainder(group, opened(made))[0])
        assert {path.rpartition(".")[2] for path in rest} <= LEFT_OVER.keys()
        names = {entry["name"] for entry in item["references"]}
        # A dashboard may still name the data views of controls that were removed.
        assert {entry["name"] for entry in references if "dataViewId" not in str(rest)} <= names
