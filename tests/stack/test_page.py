"""What docs/stack.md shows works as far as it can be tried here, and its table is that of stack/.env."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest
import yaml

from tests.documents import blocks
from tests.shared_material import REPOSITORY, SHARED, needs_shared
from tests.stack.logstash import OPTIONS
from tests.stack.logstash_grammar import parse, plugins
from tests.stack.test_files import COMPOSE, DEVELOPMENT, PRODUCTION, dotenv

PAGE = REPOSITORY / "docs" / "stack.md"


def block(language: str) -> str:
    [found] = [block.text for block in blocks(PAGE) if block.language == language]
    return found


class Loader(yaml.SafeLoader):
    """Compose's `!reset []` takes away what was inherited."""


Loader.add_constructor("!reset", lambda loader, node: [])


def test_the_input_from_kafka_is_one() -> None:
    """It parses, and Logstash 8.3.3 and 9 have its options; it says what the pipeline's own inputs say."""
    [kafka] = plugins(parse(block("logstash")).sections["input"])
    assert set(kafka.options) <= OPTIONS["input"]["kafka"]
    codec = kafka.options["codec"]
    assert (kafka.options["ecs_compatibility"], codec.options["ecs_compatibility"]) == ("disabled", "disabled")


@needs_shared
def test_the_cluster_of_three_is_valid_compose() -> None:
    """By the specification, with each node's name among the masters, and no port taken twice."""
    said: dict[str, Any] = yaml.load(block("yml"), Loader)
    schema = json.loads((SHARED / "schemas" / "compose-spec.json").read_text("utf-8"))
    jsonschema.Draft7Validator(schema).validate(said)
    for name, service in said["services"].items():
        settings = service["environment"]
        assert settings.get("node.name", "elasticsearch") == name
        assert settings["cluster.initial_master_nodes"].split(",") == list(said["services"])
        if name != "elasticsearch":
            assert service["extends"]["service"] in COMPOSE[DEVELOPMENT]["services"]
            assert service["ports"] == []
            assert service["volumes"][0].split(":")[0] in said["volumes"]


def test_the_table_of_variables_is_the_file() -> None:
    """All of them, in the same order, with the same defaults."""
    rows = re.findall(r"^\| `([A-Z_]+)` \| `([^`]+)` \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert rows == list(dotenv().items())


def test_the_passwords_of_the_page_are_those_of_the_overlay() -> None:
    """Whoever copies the block has set them all."""
    exported = set(re.findall(r"^export (\w+(?:PASSWORD|KEY))=", PAGE.read_text("utf-8"), re.MULTILINE))
    assert exported | {"CERTIFICATE_NAMES"} == set(COMPOSE[PRODUCTION]["services"]["certificates"]["environment"])


@pytest.mark.parametrize("words", ["not_json", "unknown_type", "unusable_field"])
def test_each_reason_of_a_dead_letter_is_said(words: str) -> None:
    """On the page and in the pipeline."""
    assert f"`{words}`" in PAGE.read_text("utf-8")
    assert f'=> "{words}"' in (REPOSITORY / "stack/logstash/pipeline/ml-pipeline.conf").read_text("utf-8")
