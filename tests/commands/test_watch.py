"""`kbuild apply --watch` as a person runs it: a process of its own, files saved under it, Ctrl-C."""

from __future__ import annotations

import io
import queue
import re
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from kibana_builder.commands.watching import snapshot
from kibana_builder.files.project import load_project
from tests.commands.small_project import DASHBOARD, LATENCY, Shop, make_shop
from tests.interruptible import start


class Watching:
    """A running watch; its lines come as they are printed."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.process = start(["apply", "--watch", *arguments], folder)
        self._lines: queue.Queue[str] = queue.Queue()
        streams = [stream for stream in (self.process.stdout, self.process.stderr) if stream is not None]
        self._readers = [threading.Thread(target=self._read, args=(stream,)) for stream in streams]
        for reader in self._readers:
            reader.start()

    def _read(self, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                self._lines.put(line.rstrip("\n"))

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for reader in self._readers:
            reader.join()

    def line(self) -> str:
        """Give the next line, its time and duration taken off; fail where none comes."""
        line = self._lines.get(timeout=20)
        found = re.fullmatch(r"\d\d:\d\d:\d\d  (.*)  \(\d+\.\d s\)", line)
        return found[1] if found else line

    def is_quiet(self) -> bool:
        time.sleep(1)
        return self._lines.empty()


@pytest.fixture
def shop(sandbox_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shop:
    return make_shop(tmp_path, sandbox_url, monkeypatch, capsys)


@pytest.fixture
def watching(shop: Shop) -> Iterator[Watching]:
    """Watch the project, which is in Kibana already; Ctrl-C must end it with success and without a traceback."""
    assert shop.run("apply", "--yes").code == 0
    running = Watching(shop.root, "--yes")
    try:
        assert running.line() == "nothing to do"
        yield running
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(20) == 0
        assert running.is_quiet()
    finally:
        running.end()


def test_what_is_saved_is_applied(shop: Shop, watching: Watching) -> None:
    """One line for each save, which names what changed and nothing else; errors are printed, and waited over."""
    shop.write("visualizations/latency.yaml", LATENCY.replace("title: Latency", "title: Slowness"))
    assert watching.line() == 'visualization "Slowness" (shop-latency) written'
    shop.write("visualizations/latency.yaml", LATENCY.replace("average", "averag"))
    assert watching.line().startswith("visualizations/latency.yaml:5:32: error: unknown operation 'averag'")
    while "error" not in (line := watching.line()):
        assert "written" not in line
    shop.write("visualizations/latency.yaml", LATENCY)
    assert watching.line() == 'visualization "Latency" (shop-latency) written'
    shop.write("dashboards/second.yaml", DASHBOARD.replace("Overview", "Second"))
    assert watching.line() == 'dashboard "Second" (shop-second) written'
    (shop.root / "dashboards/second.yaml").touch()
    assert watching.line() == "nothing to do"
    assert watching.is_quiet()


def test_what_was_changed_in_kibana_is_left_alone(shop: Shop, watching: Watching) -> None:
    with shop.world() as world:
        world.save_in_the_editor("dashboard", "shop-overview", title="Better")
        shop.write("dashboards/overview.yaml", DASHBOARD + "description: New\n")
        line = watching.line()
        assert line.startswith('nothing written, in the way: dashboard "Overview" (shop-overview)')
        assert "--force" in line
        assert world.get("dashboard", "shop-overview")["attributes"]["title"] == "Better"


def test_it_asks_once_and_needs_a_terminal_or_yes(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    said = shop.run("apply", "--watch")
    assert said.code == 2
    assert "--yes" in said.err
    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    said = shop.run("apply", "--watch")
    assert said.code == 1
    assert said.err.startswith(f"Apply to {shop.url}, space 'default', now and at each save, until Ctrl-C? [y/N]")
    with shop.world() as world:
        assert not world.has("dashboard", "shop-overview")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("option", [["--prune"], ["--dry-run"], ["--format", "json"]])
def test_what_it_does_not_go_together_with(shop: Shop, option: list[str]) -> None:
    assert shop.run("apply", "--watch", "--yes", *option).code == 2


def test_a_look_at_500_files_is_cheap(shop: Shop) -> None:
    """One look three times a second must not be felt: a hundredth of the CPU, and a margin for a busy machine."""
    for number in range(500):
        shop.write(f"dashboards/d{number}.yaml", DASHBOARD)
    project = load_project(shop.root / "kbuild.yaml")
    assert len(snapshot(project, ())) == 504
    start = time.process_time()
    for _ in range(5):
        snapshot(project, ())
    assert (time.process_time() - start) / 5 < 0.05
