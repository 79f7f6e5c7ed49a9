"""The pages about events say what is so: their example runs, their entry makes events, their table has every field."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.event import EVENT_TYPES
from generator.handler import LogstashHandler
from kibana_builder.commands import run
from tests.doctor.tcp import listening
from tests.documents import blocks, code
from tests.shared_material import REPOSITORY
from tests.stack.logstash import run as logstash

DOCS = REPOSITORY / "docs"


@pytest.fixture
def _log() -> Iterator[None]:
    yield
    log = logging.getLogger("predictions")
    for handler in [*log.handlers]:
        log.removeHandler(handler)
        handler.close()


@pytest.mark.usefixtures("_log")
def test_the_example_of_the_handler_runs() -> None:
    """Two events arrive, one of them a failure whose kind the pipeline tells."""
    (block,) = [block for block in blocks(DOCS / "own-logs.md") if block.language == "python"]
    lines: list[str] = []
    with listening(lines.append) as (host, port):
        text = block.text.replace('"localhost", 5001', f'"{host}", {port}')
        assert text != block.text
        exec(compile(text, "own-logs.md", "exec"), {})
        (handler,) = logging.getLogger("predictions").handlers
        assert isinstance(handler, LogstashHandler)
        handler.close()
    documents = [came_out[0] for line in lines if (came_out := logstash(line))]
    assert [document["model_name"] for document in documents] == ["fraud_detector"] * 2
    assert documents[0]["confidence_level"] == "high"
    assert documents[1]["error_type"] == "timeout"


def test_lines_by_hand_are_events() -> None:
    """What the pages pipe into nc or post is taken by the pipeline."""
    shown = [line for name in ("own-logs.md", "troubleshooting.md", "templates.md") for line in code(DOCS / name)]
    events = [found[0] for line in shown if (found := re.search(r"\{\"type\": .*\}", line))]
    assert len(events) == 4
    for event in events:
        came_out = logstash(event)
        assert came_out is not None
        assert came_out[1]["index"].startswith("ml-metrics-")


def test_the_table_has_every_field() -> None:
    """Those of an inference that a sender may give, in any order."""
    page = (DOCS / "own-logs.md").read_text("utf-8")
    rows = re.findall(r"^\| (`.*?) \|", page, re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`(\S+)`", row)]
    assert sorted(named) == sorted(EVENT_TYPES["model_inference"].names("event"))


def test_the_entry_of_a_new_model_makes_events(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With its own classes, versions and errors."""
    (block,) = [block for block in blocks(DOCS / "models.md") if block.language == "yml"]
    (tmp_path / "models.yaml").write_text(block.text, "utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(["generate", "--models", "models.yaml", "--batch", "200", "--seed", "1", "--to", "a/b.ndjson"]) == 0
    events = [json.loads(line) for line in (tmp_path / "a" / "b.ndjson").read_bytes().splitlines()]
    assert len(events) == 200
    assert {event["model_name"] for event in events} == {"summarizer"}
    assert {event.get("prediction_class") for event in events} - {None} == {"short", "long"}


def test_every_command_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of generate.md are understood; where they go to a server, that it is away is all that is wrong."""
    monkeypatch.chdir(tmp_path)
    lines = [line.partition("#")[0].split()[1:] for line in code(DOCS / "generate.md") if line.startswith("kbuild gen")]
    assert len(lines) >= 6
    for arguments in lines:
        if "FILE" in arguments:
            continue
        away = [re.sub(r"localhost:\d+", "127.0.0.1:1", argument) for argument in arguments]
        assert run(away) == (1 if away != arguments else 0), arguments
    assert (tmp_path / "ml-logs" / "inference.ndjson").read_bytes().count(b"\n") == 1000
