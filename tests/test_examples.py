"""The example project is what people see first: it is without a finding, and it is what it says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from itertools import product
from pathlib import Path

import pytest
import requests

from kibana_builder.checks import check_source
from kibana_builder.files.project import load_project
from kibana_builder.files.source import Source, load_source
from kibana_builder.json_tree import JsonObject
from tests.shared_material import REPOSITORY, SHARED, needs_shared

# Of the indices that dashboards show; nobody draws dead letters.
TEMPLATES = sorted(
    set((REPOSITORY / "index_templates").glob("*.json")) - {REPOSITORY / "index_templates/ml-dead-letter.json"}
)
FIRST_SCREEN = [
    "model-performance-gauge",
    "inference-latency-trend",
    "model-distribution",
    "resource-utilization",
    "performance-table",
]


@cache
def source() -> Source:
    return load_source(load_project(REPOSITORY / "kbuild.yaml"))


def document(name: str) -> JsonObject:
    return next(spec.document for spec in source().specs if spec.name == name)


def dashboards() -> list[JsonObject]:
    return [spec.document for spec in source().specs if spec.kind == "dashboard"]


def test_nothing_is_found() -> None:
    """No error, no warning."""
    assert [*source().problems, *check_source(source())] == []


def test_every_visualization_is_on_a_dashboard() -> None:
    """Nothing lies about that no dashboard shows."""
    shown = {panel["config"].get("ref_id") for dashboard in dashboards() for panel in dashboard["panels"]}
    assert {spec.id for spec in source().specs if spec.kind == "visualization"} <= shown


def test_the_first_screen_shows_the_five() -> None:
    """In the first 30 rows, beside the header and the GPU."""
    panels = document("ml-model-monitoring")["panels"]
    ids = {spec.id: spec.name for spec in source().specs}
    first = {ids.get(panel["config"].get("ref_id"), panel["type"]) for panel in panels if panel["grid"]["y"] < 30}
    assert first == {*FIRST_SCREEN, "gpu-utilization", "markdown"}
    assert all(panel["grid"]["y"] + panel["grid"]["h"] <= 30 for panel in panels if panel["grid"]["y"] < 30)


def test_panels_leave_no_hole() -> None:
    """Each dashboard fills its rows from edge to edge, each cell once."""
    for dashboard in dashboards():
        cells = [
            cell
            for panel in dashboard["panels"]
            for cell in product(
                range(panel["grid"]["x"], panel["grid"]["x"] + panel["grid"]["w"]),
                range(panel["grid"]["y"], panel["grid"]["y"] + panel["grid"]["h"]),
            )
        ]
        assert len(set(cells)) == len(cells), dashboard["title"]
        assert set(cells) == set(product(range(48), range(max(y for _, y in cells) + 1))), dashboard["title"]


def test_the_gauge_is_labelled_so_that_its_bands_can_be_read() -> None:
    """A bullet from 0 to 1 with its bands at 0.7 and 0.85, named in the description."""
    gauge = document("model-performance-gauge")
    assert gauge["styling"]["shape"] == {"type": "bullet", "orientation": "horizontal"}
    assert (gauge["metric"]["operation"], gauge["metric"]["field"]) == ("average", "prediction_confidence")
    assert gauge["metric"]["min"]["value"] == 0
    assert gauge["metric"]["max"]["value"] == 1
    assert [step["gte"] for step in gauge["metric"]["color"]["steps"]] == [0, 0.7, 0.85]
    assert all(word in gauge["description"] for word in ("Poor", "Fair", "Good"))


def test_the_table_leads_to_the_details_of_a_model() -> None:
    """From the table and from the pie, with what was clicked as a filter."""
    detail = next(spec.id for spec in source().specs if spec.name == "ml-model-detail")
    leading = [panel for panel in document("ml-model-monitoring")["panels"] if "drilldowns" in panel["config"]]
    assert len(leading) == 2
    for panel in leading:
        (drilldown,) = panel["config"]["drilldowns"]
        assert drilldown["dashboard_id"] == detail
        assert drilldown.get("use_filters", True)


@needs_shared
def test_the_official_form_fits_elastics_own_description(tmp_path: Path) -> None:
    """What `kbuild build --format as-code` prints validates against the Dashboards API."""
    command = [sys.executable, "-m", "kibana_builder", "build", "--format", "as-code", "-o", str(tmp_path)]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    files = sorted(tmp_path.rglob("*.json"))
    assert len(files) == len(source().specs)
    checked = subprocess.run(
        [sys.executable, str(SHARED / "tools/validate_as_code"), *map(str, files)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_is_complete(path: Path) -> None:
    """Its pattern is that of the data view that names it, and each field has a type of its own."""
    template = json.loads(path.read_text("utf-8"))
    view = load_project(REPOSITORY / "kbuild.yaml").data_views[path.stem]
    assert view.template == f"index_templates/{path.name}"
    assert template["index_patterns"] == [view.index_pattern]
    fields = template["template"]["mappings"]["properties"]
    assert {field["type"] for field in fields.values()} <= {"keyword", "double", "long", "date", "boolean", "text"}
    assert view.time_field in fields


@pytest.mark.integration
@pytest.mark.skipif("ELASTICSEARCH_URL" not in os.environ, reason="ELASTICSEARCH_URL names no Elasticsearch")
@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_elasticsearch_takes_a_template(path: Path) -> None:
    """The file is the request; a document with wrong and with unknown fields is stored all the same."""
    url, name = os.environ["ELASTICSEARCH_URL"], f"example-{path.stem}"
    template, index = f"{url}/_index_template/{name}", f"{url}/{name}-2026.11.22"
    # A pattern of its own, so that the test does not get in the way of others on the same server.
    body = json.loads(path.read_text("utf-8")) | {"index_patterns": [f"{name}-*"]}
    try:
        assert requests.put(template, json=body, timeout=30).ok
        event = {
            "@timestamp": "2026-11-22T15:43:00Z",
            "error": "perhaps",
            "data_quality_score": "high",
            "error_message": "CUDA out of memory",
            "new_field": "2026-11-22",
        }
        assert requests.post(f"{index}/_doc", json=event, timeout=30).status_code == 201
        mappings = requests.get(f"{index}/_mapping", timeout=30).json()[f"{name}-2026.11.22"]["mappings"]
        assert mappings["properties"]["new_field"]["type"] == "keyword"
        assert mappings["properties"]["error_message"]["fields"]["keyword"]["type"] == "keyword"
    finally:
        requests.delete(index, timeout=30)
        requests.delete(template, timeout=30)
