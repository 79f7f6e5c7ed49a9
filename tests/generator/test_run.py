"""A run from its plan to its report."""

from __future__ import annotations

import json
import time
from datetime import datetime

import pytest

from generator.batch import Batch
from generator.core import maker
from generator.models import load_models
from generator.pace import Tick
from generator.run import Continuous, run
from generator.sinks import Report
from kibana_builder.errors import KbuildError


class Kept:
    """A sink that keeps what it gets, up to so many batches."""

    def __init__(self, most: int = 1000) -> None:
        self.batches: list[Batch] = []
        self.most = most

    def send(self, batch: Batch) -> None:
        if len(self.batches) == self.most:
            raise KbuildError("the other side is full")
        self.batches.append(batch)

    def close(self) -> Report:
        return Report(sent=sum(map(len, self.batches)), kept_in=["somewhere"])


def stamps(sink: Kept) -> list[float]:
    lines = [line for batch in sink.batches for line in batch.lines]
    return [datetime.fromisoformat(json.loads(line)["@timestamp"]).timestamp() for line in lines]


def test_events_of_a_pause_have_the_times_at_which_they_were_due(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other side was away for a minute: afterwards its events lie in that minute, not at its end."""
    ticks = [Tick(0, 1, 0.0), Tick(1, 400, 60.0), Tick(401, 200, 60.0)]
    monkeypatch.setattr("generator.run.ticks", lambda rate, duration: ticks)
    sink = Kept()
    run(maker("inference", load_models(), "normal"), Continuous(10, 60), 1, sink, lambda _: None)
    now, found = time.time(), stamps(sink)
    assert found[1:] == sorted(found[1:])
    for number, age in ((1, 60), (201, 40), (400, 20), (501, 10), (600, 0)):
        assert found[number] == pytest.approx(now - age, abs=3)


def test_what_a_seed_says_does_not_depend_on_the_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Late ticks or early ones: an event is the same, but for its time."""
    found = []
    for ticks in ([Tick(0, 30, 3.0)], [Tick(0, 1, 0.0), Tick(1, 9, 0.95), Tick(10, 20, 2.95)]):
        monkeypatch.setattr("generator.run.ticks", lambda rate, duration, ticks=ticks: ticks)
        sink = Kept()
        run(maker("inference", load_models(), "outage"), Continuous(10, 3), 1, sink, lambda _: None)
        events = [json.loads(line) for batch in sink.batches for line in batch.lines]
        found.append([(event["request_id"], event["model_name"], event["error"]) for event in events])
    assert found[0] == found[1]


def test_a_sink_that_can_send_no_more_ends_it_with_a_report() -> None:
    """The error and the report are both there: what was sent, and where the rest is."""
    sink = Kept(most=2)
    outcome = run(maker("inference", load_models(), "normal"), Continuous(1000, None), 1, sink, lambda _: None)
    assert str(outcome.failure) == "the other side is full"
    assert outcome.report.sent == sum(map(len, sink.batches)) > 0
    assert outcome.report.kept_in == ["somewhere"]
    assert not outcome.interrupted
