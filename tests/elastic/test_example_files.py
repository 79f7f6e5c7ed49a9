"""The example's templates, pipeline and policy, without a server: what they say agrees with the rest of the project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator.event import EVENT_TYPES
from kibana_builder.elastic.resources import FOLDER, Kind, Resource, chosen, read_resources
from tests.cases import enrichment
from tests.shared_material import REPOSITORY

RESOURCES = read_resources(REPOSITORY)
PIPELINE: dict[str, Any] = json.loads((REPOSITORY / FOLDER / "pipelines/ml-enrichment.json").read_bytes())
SCRIPTS = {processor["script"]["tag"]: processor["script"] for processor in PIPELINE["processors"]}
TEMPLATES = [resource for resource in RESOURCES if resource.kind is Kind.template]


def test_names_and_order() -> None:
    """What a template names comes before it, and each is called as the pages say."""
    assert [resource.title for resource in RESOURCES] == [
        "lifecycle policy ml-retention",
        "ingest pipeline ml-enrichment",
        "index template data-quality-template",
        "index template ml-dead-letter-template",
        "index template ml-metrics-template",
        "index template ml-training-template",
    ]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda resource: resource.name)
def test_daily_indices_go_with_pipeline_and_policy(template: Resource) -> None:
    """The dead letters, one index for all days, go with neither: the policy would delete it whole."""
    daily = template.patterns[0].endswith("-*")
    assert [one.name for one in chosen(RESOURCES, [template.name])] == [
        *(["ml-retention", "ml-enrichment"] if daily else []),
        template.name,
    ]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda resource: resource.name)
def test_a_file_is_complete_without_pipeline_and_policy(template: Resource) -> None:
    """A plain curl must not make an index that refuses everything because the pipeline is missing."""
    settings = template.body["template"]["settings"]
    assert not {"index.default_pipeline", "index.final_pipeline", "index.lifecycle.name"} & set(settings)
    assert settings["index.auto_expand_replicas"] == "0-1"


def test_the_pipeline_knows_the_types_of_events() -> None:
    """And writes each into the index of its type."""
    assert SCRIPTS["identity"]["params"]["types"] == list(EVENT_TYPES)
    assert SCRIPTS["time"]["params"] == {name: kind["index"] for name, kind in _fields().items()}
    for name in EVENT_TYPES:
        assert f"ctx.type == '{name}'" in SCRIPTS["time"]["if"]


def _fields() -> dict[str, Any]:
    fields: dict[str, Any] = json.loads((REPOSITORY / "generator/fields.json").read_bytes())["event_types"]
    return fields


def test_the_pipeline_can_fail_nowhere() -> None:
    """Each processor lets the event go on; and each says what it is for."""
    for script in SCRIPTS.values():
        assert script["ignore_failure"] is True
        assert script["description"]


def test_the_words_of_errors_are_those_of_the_table() -> None:
    """The head of the table is where people read them."""
    lines = Path(enrichment.__file__).with_suffix(".yaml").read_text("utf-8").splitlines()
    comments = " ".join(line.lstrip("# ") for line in lines if line.startswith("#"))
    for kind in SCRIPTS["error_type"]["params"]["kinds"]:
        assert kind["error_type"] in comments
        for words in kind["words"]:
            assert words.strip(" ([") in comments


def test_retention_goes_on_in_time() -> None:
    """Merged before it is deleted; nothing rolls over, since each day has its index."""
    policy = next(resource.body["policy"] for resource in RESOURCES if resource.kind is Kind.policy)
    ages = {name: phase["min_age"] for name, phase in policy["phases"].items()}
    assert ages == {"hot": "0ms", "warm": "2d", "delete": "30d"}
    assert all("rollover" not in phase["actions"] for phase in policy["phases"].values())
