"""`kbuild monitor`: a line for each look, a screen on a terminal, Ctrl-C; what servers and files say is made safe."""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from kibana_builder.commands import run
from tests.commands.small_project import Said
from tests.elastic.pretended import pretended
from tests.interruptible import start
from tests.terminal import on_a_terminal

LINE = {"@timestamp": "2024-11-24T09:30:00Z", "model_name": "fraud", "prediction_confidence": 0.93}
ANSWER: dict[str, Any] = {
    "hits": {"hits": [{"_source": {"@timestamp": "t", "model_name": "m", "error_message": "bad \x1b[2J"}}]},
    "aggregations": {
        "events": {"value": 120},
        "failed": {"doc_count": 6},
        "latency": {"values": {"50.0": 41.2, "95.0": 180.4}},
        "models": {"buckets": []},
        "all": {"newest": {"value": 1.0}},
    },
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "events.ndjson"
    lines = [{**LINE, "inference_time_ms": 20}, {**LINE, "inference_time_ms": 30, "error_message": "timed out"}]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


def monitor(capture: pytest.CaptureFixture[str], *arguments: str) -> Said:
    capture.readouterr()
    code = run(["monitor", *arguments])
    said = capture.readouterr()
    return Said(code, said.out, said.err)


def test_a_line_for_a_look(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Time, rate, latency, errors, confidence by model."""
    said = monitor(capsys, "--file", str(file), "--once", "--window", "10")
    assert said == Said(
        0, "09:30:00Z  0.2 events/s  p50 25.0 ms  p95 29.5 ms  errors 50.0 %  confidence fraud 0.93\n", ""
    )


def test_json_for_a_program(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same figures, with names."""
    found = monitor(capsys, "--file", str(file), "--once", "--format", "json").json
    assert (found["events"], found["error_rate"], found["latency_ms"]["p50"]) == (2, 0.5, 25)
    assert found["models"][0]["model_name"] == "fraud"
    assert found["last_errors"][0]["error_message"] == "timed out"


def test_from_elasticsearch(capsys: pytest.CaptureFixture[str]) -> None:
    """One search; the window ends now."""
    with pretended(answers={"/ml-metrics-*/_search": (200, ANSWER)}) as cluster:
        said = monitor(capsys, "--elasticsearch", cluster.url, "--once")
        assert len(cluster.server.requests) == 1
    assert "2.0 events/s  p50 41.2 ms  p95 180 ms  errors 5.0 %" in said.out


def test_nothing_has_come_yet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is said, and is no error."""
    (tmp_path / "empty").write_text("nonsense\n", "utf-8")
    said = monitor(capsys, "--file", str(tmp_path / "empty"), "--once")
    assert said.code == 0
    assert said.out.endswith("no event yet  1 line is no event\n")


def test_a_pipe_is_watched_to_its_end(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """`-` is stdin; --once waits for all of it."""
    out, into = os.pipe()
    os.write(into, json.dumps(LINE).encode())
    os.close(into)
    with os.fdopen(out, "rb") as stream:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(stream))
        assert "confidence fraud 0.93" in monitor(capsys, "--file", "-", "--once").out


def test_a_pipe_with_a_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As a shell's `<(…)` is one."""
    os.mkfifo(tmp_path / "pipe")
    writing = threading.Thread(target=(tmp_path / "pipe").write_text, args=(json.dumps(LINE),))
    writing.start()
    assert "confidence fraud 0.93" in monitor(capsys, "--file", str(tmp_path / "pipe"), "--once").out
    writing.join()


def test_elasticsearch_is_away(capsys: pytest.CaptureFixture[str]) -> None:
    """At the start that is an error."""
    said = monitor(capsys, "--elasticsearch", "http://127.0.0.1:1")
    assert (said.code, said.out) == (1, "")
    assert "refused" in said.err


def test_elasticsearch_goes_away(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Later it is waited for; the same words are said once."""
    refusal = (503, {"error": {"type": "x", "reason": "all shards failed"}})
    with pretended(answers={"/ml-metrics-*/_search": (200, ANSWER)}) as cluster:
        looks = iter([lambda: cluster.answers.update({"/ml-metrics-*/_search": refusal}), lambda: None, stop])
        monkeypatch.setattr("kibana_builder.commands.monitor.time.sleep", lambda _: next(looks)())
        said = monitor(capsys, "--elasticsearch", cluster.url)
    assert said.code == 0
    assert said.out.count("\n") == 1
    assert said.err.count("all shards failed. Trying again.") == 1


def stop() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--file", "nothing.ndjson"], "nothing.ndjson cannot be read"),
        (["--file", "/dev/null"], "/dev/null cannot be read: it is no file"),
        (["--file", "-", "--context", "local"], "--file goes without Elasticsearch"),
        (["--interval", "0"], "--interval"),
        (["--window", "0.5"], "--window"),
        (["--window", "nan"], "nan is no number of seconds"),
        (["--interval", "inf"], "inf is no number of seconds"),
        ([], "kbuild.yaml"),
    ],
)
def test_wrong_usage(
    arguments: list[str],
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It ends with 2."""
    monkeypatch.chdir(tmp_path)
    said = monitor(capsys, *arguments)
    assert said.code == 2
    assert words in said.err


# ------------------------------------------------------------------------------------------------- as a process


def test_ctrl_c_ends_it(file: Path) -> None:
    """With success, and without a traceback."""
    process = start(["monitor", "--file", str(file), "--interval", "0.1"], file.parent)
    try:
        assert process.stdout is not None
        assert "events/s" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    finally:
        process.kill()
    assert (process.returncode, err) == (0, "")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals on Windows")
def test_on_a_terminal_it_is_a_screen(tmp_path: Path) -> None:
    """Tables, the last errors; nothing of a message is obeyed by the terminal or taken for rich's markup."""
    evil = {**LINE, "model_name": "[red]m[/red]\x1b]0;x\x07", "error_message": ":smile: [bold]\x1b[2J", "error": True}
    (tmp_path / "events.ndjson").write_text(json.dumps(evil) + "\n", "utf-8")
    text = on_a_terminal(["monitor", "--file", "events.ndjson", "--once"], tmp_path)
    assert "Latency p95" in text
    assert r"[red]m[/red]\x1b]0;x\x07" in text
    assert r":smile: [bold]\x1b[2J" in text
    assert "\x1b[2J" not in text
    assert "\x1b]0;" not in text
