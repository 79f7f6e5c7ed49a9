"""The generator that needs nothing but Python."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from generator.simple import lines, main
from tests.generator.lines import LineServer
from tests.shared_material import REPOSITORY


@pytest.mark.parametrize("how", [["generator/simple.py"], ["-m", "generator.simple"]])
def test_it_runs_with_the_standard_library_alone(how: list[str]) -> None:
    """As a file and as a module; `-S` takes all installed packages away."""
    with LineServer() as server:
        command = [sys.executable, "-S", *how, "--count", "20", "--port", str(server.port), "--host", "127.0.0.1"]
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False)
        for thread in server.threads[1:]:
            thread.join(2)
        events = [json.loads(line) for line in server.lines()]
    assert (done.returncode, done.stdout, len(events)) == (0, "", 20)
    assert done.stderr == f"Sent 20 events to 127.0.0.1:{server.port}\n"
    assert all(event["type"] == "model_inference" for event in events)


def test_a_seed_gives_the_same_values() -> None:
    """At another time."""
    first, again = ([json.loads(line) for line in lines(50, 3)] for _ in range(2))
    for event in (*first, *again):
        del event["@timestamp"]
    assert first == again


@pytest.mark.parametrize("options", [["--count", "0"], ["--count", "many"], ["--port", "70000"]])
def test_what_cannot_be_meant(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong usage ends with 2, in words."""
    with pytest.raises(SystemExit) as end:
        main(options)
    assert end.value.code == 2
    assert f"'{options[1]}' is not a whole number from 1 to" in capsys.readouterr().err


def test_nobody_there(capsys: pytest.CaptureFixture[str]) -> None:
    """An error in words."""
    assert main(["--host", "127.0.0.1", "--port", "9", "--count", "1"]) == 1
    assert capsys.readouterr().err.startswith("Nobody takes events at 127.0.0.1:9: ")
