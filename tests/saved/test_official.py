"""The official form: what Elastic's Dashboards API insists on, and what is kbuild's own."""

from __future__ import annotations

import copy
import importlib.machinery
import importlib.util
import json
from functools import cache
from types import ModuleType

import pytest
from jsonschema import Draft202012Validator

from kibana_builder.files.project import load_project
from kibana_builder.files.source import load_source
from kibana_builder.json_tree import JsonObject
from kibana_builder.problem import NotExpressible
from kibana_builder.saved.ids import tag_id
from kibana_builder.saved.official import to_official
from kibana_builder.spec.shorthands import Names, expand
from tests.shared_material import REPOSITORY, SHARED
from tests.spec.documents import GOOD_DASHBOARDS, GOOD_VISUALIZATIONS

VALIDATOR = SHARED / "tools" / "validate_as_code"
needs_validator = pytest.mark.skipif(not VALIDATOR.is_file(), reason="validate_as_code (../shared) is not here")

LIBRARY = {name: expand("visualization", said, Names()) for name, said in GOOD_VISUALIZATIONS.items()}
NAMES = Names(visualizations={name: name for name in LIBRARY}, library=LIBRARY)
DASHBOARDS = {name: expand("dashboard", said, NAMES) for name, said in GOOD_DASHBOARDS.items()}
DASHBOARDS["everything"]["lock"] = LIBRARY["gauge-bullet"]["lock"] = False


def test_what_the_api_insists_on_is_added() -> None:
    """An axis's domain, the settings of a text, the parameters of a query; tags by their ids."""
    dsl = {"type": "dsl", "dsl": {"exists": {"field": "a"}}}
    axis = {"x": {"title": {"text": "Time"}}, "y": {"title": {"text": "ms"}}, "y2": {"domain": {"type": "fit"}}}
    chart = {"type": "xy", "axis": axis, "filters": [dsl], "layers": []}
    document = {
        "title": "A",
        "tags": ["ml"],
        "lock": False,
        "filters": [dsl],
        "panels": [
            {"type": "markdown", "config": {"content": "#"}},
            {"title": "Section", "panels": [{"type": "vis", "config": chart}]},
        ],
    }
    before = copy.deepcopy(document)
    official_dsl = {"type": "dsl", "dsl": {"query": {"exists": {"field": "a"}}}, "params": {}}
    assert to_official("dashboard", document) == {
        "title": "A",
        "tags": [tag_id("ml")],
        "filters": [official_dsl],
        "panels": [
            {"type": "markdown", "config": {"content": "#", "settings": {}}},
            {
                "title": "Section",
                "panels": [
                    {
                        "type": "vis",
                        "config": {
                            **chart,
                            "filters": [official_dsl],
                            "axis": {**axis, "y": {"title": {"text": "ms"}, "domain": {"type": "full"}}},
                        },
                    }
                ],
            },
        ],
    }
    assert document == before


def test_nothing_is_added_that_nobody_asked_for() -> None:
    """Above all no time range: without one a dashboard keeps the reader's."""
    assert to_official("dashboard", {"title": "A", "panels": []}) == {"title": "A", "panels": []}
    chart = {"type": "pie", "tags": ["ml"], "metrics": []}
    assert to_official("visualization", chart) == {"type": "pie", "metrics": []}


def test_a_lock_has_no_place_in_the_api() -> None:
    """It is refused, not left out."""
    with pytest.raises(NotExpressible) as refused:
        to_official("dashboard", {"title": "A", "lock": True, "panels": []})
    with pytest.raises(NotExpressible):
        to_official("visualization", {"type": "pie", "lock": True, "metrics": []})
    assert refused.value.finding.path == ("lock",)


@cache
def validator_module() -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("validate_as_code", str(VALIDATOR))
    spec = importlib.util.spec_from_loader("validate_as_code", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


@cache
def validator(component: str) -> Draft202012Validator:
    module = validator_module()
    components = json.loads(module.OPENAPI.read_text("utf-8"))["components"]["schemas"]
    schemas = {name: module.to_json_schema(schema, components, False) for name, schema in components.items()}
    return Draft202012Validator({"$ref": module.PREFIX + component, "components": {"schemas": schemas}})


def check(document: JsonObject) -> list[str]:
    return [str(error.message) for error in validator(validator_module().component_of(document)).iter_errors(document)]


@needs_validator
@pytest.mark.parametrize("name", DASHBOARDS)
def test_every_good_dashboard_fits_the_api(name: str) -> None:
    """Each property of the language, held against the published OpenAPI."""
    assert check(to_official("dashboard", DASHBOARDS[name])) == []


@needs_validator
@pytest.mark.parametrize("name", LIBRARY)
def test_every_good_chart_fits_the_api(name: str) -> None:
    """As the config of a panel."""
    assert check(to_official("visualization", LIBRARY[name])) == []


@needs_validator
def test_the_examples_fit_the_api() -> None:
    """What people see first is official."""
    for spec in load_source(load_project(REPOSITORY / "kbuild.yaml")).specs:
        assert check(to_official(spec.kind, spec.document)) == [], spec.name


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"title": "A", "panels": [], "raw": {}}, ("raw",)),
        ({"title": "A", "panels": [{"id": "a", "saved_object": {}}]}, ("panels", 0, "saved_object")),
        ({"title": "A", "panels": [{"type": "markdown", "config": {}, "raw_absent": []}]}, ("panels", 0, "raw_absent")),
        (
            {"title": "A", "panels": [{"title": "S", "panels": [{"type": "vis", "config": {"raw_references": []}}]}]},
            ("panels", 0, "panels", 0, "config", "raw_references"),
        ),
    ],
)
def test_raw_parts_have_no_place_in_the_api(document: JsonObject, path: tuple[str, ...]) -> None:
    """Each is refused at its place."""
    with pytest.raises(NotExpressible) as refused:
        to_official("dashboard", document)
    assert refused.value.finding.path == path


def test_a_raw_object_has_no_place_in_the_api() -> None:
    """It is no dashboard and no chart."""
    with pytest.raises(NotExpressible):
        to_official("saved_object", {"saved_object": {}})
