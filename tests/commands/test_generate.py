"""`kbuild generate`, and `python -m generator`, which is the same."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from generator.event import GENERATED
from generator.scenarios import SCENARIOS
from kibana_builder.commands import run
from kibana_builder.commands.generate import Kind, Scenario
from tests.generator.lines import LineServer
from tests.interruptible import start
from tests.kibana.misbehaving import answer, serving, slow
from tests.shared_material import REPOSITORY
from tests.terminal import on_a_terminal


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder without a project: none is needed."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def events(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()]


def test_without_options(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A thousand events of the last day in a file below ml-logs; words on stderr, nothing on stdout."""
    assert run(["generate"]) == 0
    assert len(events(folder / "ml-logs" / "inference.ndjson")) == 1000
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("Wrote 1,000 events to ml-logs/inference.ndjson in ")


def test_the_same_seed_gives_the_same_bytes_whatever_the_time(folder: Path) -> None:
    """Also without --end: then a batch ends at a fixed moment."""
    for name in ("a.ndjson", "./b.ndjson"):
        assert run(["generate", "--batch", "50", "--seed", "7", "--to", name]) == 0
    assert (folder / "ml-logs" / "a.ndjson").read_bytes() == (folder / "b.ndjson").read_bytes()
    assert all(str(event["@timestamp"])[:10] == "2025-12-31" for event in events(folder / "b.ndjson"))


def test_a_span_of_time(folder: Path) -> None:
    """Events lie between --start and --end."""
    where = ["--start", "2026-02-01", "--end", "2026-02-01T06:00:00Z"]
    assert run(["generate", "--batch", "40", *where, "--to", "./a.ndjson", "--type", "training"]) == 0
    times = [str(event["@timestamp"]) for event in events(folder / "a.ndjson")]
    assert "2026-02-01T00" <= times[0] < times[-1] < "2026-02-01T06"


def test_a_stream_is_added_to_its_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its rate and its length are as said."""
    for _ in range(2):
        assert run(["generate", "--continuous", "--rate", "100", "--duration", "0.3", "--to", "./a.ndjson"]) == 0
    assert len(events(folder / "a.ndjson")) == 60
    assert "Wrote 30 events to a.ndjson" in capsys.readouterr().err


def test_verbose_says_what_is_made(capsys: pytest.CaptureFixture[str]) -> None:
    """Also the seed, with which it can be made again."""
    assert run(["generate", "--batch", "5", "--seed", "3", "--scenario", "drift", "--verbose"]) == 0
    assert capsys.readouterr().err.startswith(
        "5 events from 2025-12-31T00:00:00Z to 2026-01-01T00:00:00Z, type inference, scenario drift, seed 3, to file\n"
    )


def test_over_tcp(capsys: pytest.CaptureFixture[str]) -> None:
    """To the input of Logstash."""
    with LineServer() as server:
        assert run(["generate", "--batch", "200", "--to", f"tcp://127.0.0.1:{server.port}"]) == 0
        assert len(server.lines()) == 200
    assert f"Sent 200 events to tcp://127.0.0.1:{server.port} in" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--batch", "5", "--continuous"], "exclude each other"),
        (["--batch", "5", "--rate", "5"], "go with --continuous"),
        (["--duration", "5"], "go with --continuous"),
        (["--continuous", "--start", "now-1h"], "a continuous run happens now"),
        (["--continuous", "--rate", "0"], "--rate is more than 0"),
        (["--start", "yesterday"], "'yesterday' is no moment"),
        (["--start", "now", "--end", "now-1h"], "--start must lie before --end"),
        (["--end", ""], "'' is no moment"),
        (["--to", ""], "--to is empty"),
        (["--batch", "0"], "0 is not in the range"),
        (["--models", "none.yaml"], "none.yaml cannot be read: there is no such file"),
        (["--models", "."], ". cannot be read: it is a folder"),
        (["--scenario", "panic"], "'panic' is not one of"),
        (["--to", "ftp://x"], "events cannot go to ftp://"),
        (["--to", "tcp://"], "is no address"),
        (["--to", "tcp://host:port"], "is no address"),
    ],
)
def test_what_cannot_be_meant(options: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong usage ends with 2, and nothing is written."""
    assert run(["generate", *options]) == 2
    assert words in capsys.readouterr().err
    assert not Path("ml-logs").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--to", "tcp://127.0.0.1:9"], "Nobody takes events at tcp://127.0.0.1:9"),
        (["--to", "http://127.0.0.1:9"], "the connection is refused"),
        (["--to", "/dev/full/a"], "Events cannot be written to /dev/full/a"),
    ],
)
def test_what_does_not_work(options: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A failure ends with 1, in words."""
    assert run(["generate", "--batch", "5", *options]) == 1
    assert words in capsys.readouterr().err


@pytest.mark.parametrize("said", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_a_stream_cleanly(folder: Path, said: signal.Signals) -> None:
    """Whole lines stay, and a summary says how many; a service manager's SIGTERM does the same."""
    with start(["generate", "--continuous", "--rate", "200", "--to", "./a.ndjson"], folder) as process:
        while not (folder / "a.ndjson").exists() or (folder / "a.ndjson").stat().st_size < 10_000:
            time.sleep(0.05)
        process.send_signal(said)
        _, words = process.communicate(timeout=30)
    found = events(folder / "a.ndjson")
    assert process.returncode == 0
    assert words.startswith(f"Wrote {len(found):,} events to a.ndjson in ")


def test_ctrl_c_again_keeps_what_elasticsearch_does_not_take(folder: Path) -> None:
    """A server that hangs holds nobody up: what it did not acknowledge is in a file, for the next run."""
    version = answer(200, {"version": {"number": "9.0.0"}}, {"X-Elastic-Product": "Elasticsearch"})
    with serving(version, slow(60)) as server:
        with start(["generate", "--continuous", "--rate", "50", "--to", server.url], folder) as process:
            while len(server.requests) < 2:
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            assert process.stderr is not None
            assert process.stderr.readline().startswith(f"Waiting for {server.url} to take the rest; Ctrl-C keeps it")
            process.send_signal(signal.SIGINT)
            _, words = process.communicate(timeout=30)
        kept = next((folder / ".kbuild" / "unsent").iterdir()).read_bytes()
    count = kept.count(b"\n") // 2
    assert process.returncode == 1
    assert f"{count:,} could not be sent\n" in words
    on_its_way = server.requests[1].body
    assert on_its_way
    assert on_its_way in kept


def test_ctrl_c_breaks_a_batch_off(folder: Path) -> None:
    """Whole lines stay, and the exit code says that it is not all."""
    with start(["generate", "--batch", "100000000", "--to", "./a.ndjson"], folder) as process:
        while not (folder / "a.ndjson").exists() or (folder / "a.ndjson").stat().st_size < 10_000:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, words = process.communicate(timeout=30)
    found = events(folder / "a.ndjson")
    assert process.returncode == 130
    assert words.startswith(f"Broken off after {len(found):,} events to a.ndjson in ")


def test_into_a_pipe_with_a_name(folder: Path) -> None:
    """Which has no place to go back to."""
    os.mkfifo(folder / "pipe")
    with subprocess.Popen(["cat", "pipe"], cwd=folder, stdout=subprocess.PIPE) as reader:
        assert run(["generate", "--batch", "300", "--to", "./pipe"]) == 0
        assert len(reader.communicate(timeout=30)[0].splitlines()) == 300


def test_without_stdout(folder: Path) -> None:
    """`>&-` leaves none: nobody reads the events."""
    command = f"'{sys.executable}' -m kibana_builder generate --batch 5 --to - >&-"
    done = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize("options", [[], ["--batch", "1"], ["--continuous"], ["--scenario", "outage"]])
def test_without_numpy(options: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The extra that brings it is named, and what needs nothing."""
    monkeypatch.setitem(sys.modules, "numpy", None)
    for name in [name for name in sys.modules if name.partition(".")[0] == "generator"]:
        monkeypatch.delitem(sys.modules, name)
    assert run(["generate", *options]) == 1
    words = capsys.readouterr().err
    assert "kibana-builder[generate]" in words
    assert "generator/simple.py" in words


def test_a_bar_where_a_person_watches(folder: Path) -> None:
    """On a terminal only; it goes away, and the summary stays."""
    shown = on_a_terminal(["generate", "--batch", "50000", "--to", "./a.ndjson"], folder)
    assert "/50000" in shown
    assert "Wrote 50,000 events to a.ndjson" in shown


def test_the_options_have_the_words_of_the_generator() -> None:
    """Each kind and each scenario that there is, and no other."""
    assert [kind.value for kind in Kind] == list(GENERATED)
    assert [scenario.value for scenario in Scenario] == list(SCENARIOS)


def test_a_reader_that_goes_away_is_no_error_in_words(folder: Path) -> None:
    """`kbuild generate --to - | head` prints no traceback."""
    command = f"'{sys.executable}' -m kibana_builder generate --batch 200000 --to - | head -n 1"
    done = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert json.loads(done.stdout)["type"] == "model_inference"
    assert done.stderr == ""


def test_the_module_is_the_same(folder: Path) -> None:
    """From a checkout, `python -m generator` takes the same options and gives the same bytes."""
    command = [sys.executable, "-m", "generator", "--batch", "3", "--seed", "1", "--to", "-"]
    made = subprocess.run(command, cwd=REPOSITORY, capture_output=True, timeout=60, check=True)
    assert run(["generate", "--batch", "3", "--seed", "1", "--to", "./a.ndjson"]) == 0
    assert made.stdout == (folder / "a.ndjson").read_bytes()
