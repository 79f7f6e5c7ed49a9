"""The envelope of a library visualization."""

from __future__ import annotations

import json

import pytest

from kibana_builder.charts import to_lens
from kibana_builder.charts.mapping import UnsayableError
from kibana_builder.json_tree import JsonObject
from kibana_builder.problem import NotExpressible
from kibana_builder.saved.ids import tag_id
from kibana_builder.saved.visualization import from_visualization, to_visualization
from tests.shared_material import GOLD, needs_shared
from tests.spec.documents import PANEL_SETTINGS

CHART: JsonObject = {
    "type": "metric",
    "title": "Requests",
    "data_source": {"type": "data_view_reference", "ref_id": "ml-metrics"},
    "metrics": [{"type": "primary", "operation": "count"}],
}


def test_a_chart_becomes_a_lens_object() -> None:
    """With its own references and those of its tags."""
    item = to_visualization("requests", {**CHART, "tags": ["ml"]})
    lens = to_lens(CHART)
    assert (item["type"], item["id"]) == ("lens", "requests")
    assert item["attributes"] == lens.attributes
    assert item["references"] == [
        *lens.references,
        {"type": "tag", "id": tag_id("ml"), "name": f"tag-ref-{tag_id('ml')}"},
    ]


def test_a_lens_object_is_read_back() -> None:
    """Its tags by name, and whether it is locked."""
    document = {**CHART, "tags": ["ml"], "lock": True}
    assert from_visualization(to_visualization("requests", document), {tag_id("ml"): "ml"}) == document


@pytest.mark.parametrize("name", PANEL_SETTINGS)
def test_what_only_a_panel_can_say_is_refused(name: str) -> None:
    """The library keeps no time range, no drilldowns and nothing of the panel's frame: the panel does."""
    with pytest.raises(NotExpressible) as refused:
        to_visualization("requests", {**CHART, name: PANEL_SETTINGS[name]})
    assert refused.value.finding.path == (name,)
    assert "`config` of the panel" in refused.value.finding.message


def test_an_object_that_is_no_chart_is_refused() -> None:
    """Chart types without words."""
    with pytest.raises(UnsayableError):
        from_visualization({"attributes": {"visualizationType": "lnsUnknown"}})


@needs_shared
def test_the_envelope_of_the_gold_charts() -> None:
    """Beside the state, which tests/charts holds to the gold objects."""
    gold = json.loads((GOLD / "authored" / "lens.inference-latency-trend.json").read_text("utf-8"))
    chart = json.loads((GOLD / "as_code" / "inference-latency-trend.json").read_text("utf-8"))
    made = to_visualization(gold["id"], chart)
    assert made.keys() == gold.keys()
    assert made["attributes"].keys() == gold["attributes"].keys()
    for key in ("id", "type", "coreMigrationVersion", "typeMigrationVersion", "managed"):
        assert made[key] == gold[key]
