"""Files of events: into which index each goes, what kinds of files there are, and where a mistake is."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kibana_builder.errors import KbuildError
from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.library import DataView
from kibana_builder.sandbox import event_files
from kibana_builder.sandbox.event_files import load_file
from kibana_builder.sandbox.events import Events

VIEWS = [DataView(name, name, f"{name}-*", "@timestamp") for name in ("orders", "ml-metrics", "ml-training")]
INFERENCE = {"type": "model_inference", "inference_time_ms": 70, "prediction_confidence": 0.9}
TRAINING = {"type": "model_training", "epoch": 3}
ORDER = {"total": 5}


@pytest.fixture
def events() -> Iterator[Events]:
    with Events() as made:
        yield made


def lines(*items: JsonObject | str) -> bytes:
    return "".join((item if isinstance(item, str) else json.dumps(item)) + "\n" for item in items).encode()


def test_events_of_the_generator_go_where_their_views_look(events: Events, tmp_path: Path) -> None:
    """Each by its own type, with what the ingest pipeline adds; one of no type goes to the first view."""
    file = tmp_path / "events.ndjson"
    file.write_bytes(lines("", INFERENCE, TRAINING, "", ORDER, {**INFERENCE, "latency_category": "my own"}))
    assert load_file(events, file, VIEWS) == 4
    assert {index: events.count(index) for index in events.indices()} == {
        "ml-metrics-data": 2,
        "ml-training-data": 1,
        "orders-data": 1,
    }
    found = events.rows('SELECT confidence_level, latency_category FROM "ml-metrics-data" ORDER BY latency_category')
    assert found == [("high", "my own"), ("high", "normal")]


def test_any_other_events_go_to_the_first_view_as_they_are(events: Events, tmp_path: Path) -> None:
    """Where the first is none of the generator's, no type is looked at."""
    file = tmp_path / "events.ndjson"
    file.write_bytes(lines(ORDER, INFERENCE))
    assert load_file(events, file, VIEWS) == 2
    assert events.indices() == ["orders-data"]
    assert "confidence_level" not in events.fields("orders-*")


@pytest.mark.parametrize("event", [ORDER, INFERENCE])
@pytest.mark.parametrize("way", ["gzip", "pipe", "stdin"])
def test_ways_of_a_file(
    event: JsonObject, way: str, events: Events, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compressed, whatever its name; a pipe, which can be read once only; stdin."""
    monkeypatch.setattr(event_files, "PORTION", 2)
    content = lines(*[event] * 5)
    path = tmp_path / "events.ndjson"
    if way == "gzip":
        path.write_bytes(gzip.compress(content))
        assert load_file(events, path, VIEWS) == 5
        return
    reading, writing = os.pipe()
    os.write(writing, content)
    os.close(writing)
    with os.fdopen(reading, "r") as stream:
        monkeypatch.setattr("sys.stdin", stream)
        assert load_file(events, Path("-" if way == "stdin" else f"/dev/fd/{reading}"), VIEWS) == 5


def test_an_empty_file(events: Events, tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    file.write_bytes(b"\n \n")
    assert load_file(events, file, VIEWS) == 0


def cut(content: bytes) -> bytes:
    return gzip.compress(content)[:-12]


@pytest.mark.parametrize(
    ("content", "pack", "words"),
    [
        (lines(ORDER, "", "no event"), bytes, ":3: this line is no JSON"),
        (lines(ORDER, "[1]"), bytes, ":2: this line is no JSON object"),
        (lines(ORDER, "[1]"), gzip.compress, ":2: this line is no JSON object"),
        (lines(INFERENCE, "", "no event"), bytes, ":3: this line is no JSON"),
        (lines(INFERENCE, "[1]"), bytes, ":2: this line is no JSON object"),
        (lines("", '"text"'), bytes, ":2: this line is no JSON object"),
        (lines("[" * 100_000), bytes, ":1: this line is no JSON"),
        (lines(ORDER), cut, " cannot be read: Compressed file ended before"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    content: bytes, pack: Callable[[bytes], bytes], words: str, events: Events, tmp_path: Path
) -> None:
    """A line that is no event, half an archive."""
    file = tmp_path / "events.ndjson"
    file.write_bytes(pack(content))
    with pytest.raises(KbuildError) as error:
        load_file(events, file, VIEWS)
    assert str(error.value).startswith(f"{file}{words}")


def test_what_never_ends_a_line(events: Events, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A device may go on for ever; no event is so long."""
    monkeypatch.setattr(event_files, "LONGEST_LINE", 100)
    file = tmp_path / "events.ndjson"
    file.write_bytes(lines("x" * 200))
    with pytest.raises(KbuildError, match="a line of more than"):
        load_file(events, file, VIEWS)
