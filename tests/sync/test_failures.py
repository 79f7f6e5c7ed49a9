"""When something breaks in the middle: the old state or the new one, or exactly what was written; a repeat finishes."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kibana_builder.errors import CannotConnect, KibanaError, Refused
from kibana_builder.kibana.http import Kibana, Patience
from kibana_builder.kibana.saved_objects import ImportResult, bulk_delete, bulk_get, import_objects
from kibana_builder.saved.ids import key_of
from kibana_builder.sync import apply as apply_module
from kibana_builder.sync.apply import Outcome, apply
from kibana_builder.sync.backups import BackupFolder
from kibana_builder.sync.plan import plan_apply
from tests.sync.project import PROJECT, World, actions, dashboard, lens, shop, snapshot, view, with_attributes

MANY = (
    [view()] + [lens(f"l{n}", f"L{n}") for n in range(30)] + [dashboard(f"d{n}", f"D{n}", f"l{n}") for n in range(30)]
)
ONCE = Patience(attempts=1)


def ids(changes: Any) -> list[str]:
    return sorted(change.key[1] for change in changes)


class TestRefusals:
    """Kibana answers, and refuses some."""

    def test_a_refused_object_does_not_stop_the_others(self, world: World) -> None:
        """The words are Kibana's, the file is ours; what was written is exactly the rest."""
        world.files = {("dashboard", "shop-overview"): "dashboards/overview.yaml"}
        objects = shop()
        objects[4] = with_attributes(objects[4], bogus=1)
        outcome = apply(world.kibana, world.plan(objects), world.backups, "local")
        assert not outcome.complete
        assert [failure.change.file for failure in outcome.failed] == ["dashboards/overview.yaml"]
        assert "bogus" in outcome.failed[0].words
        assert "shop-overview" not in ids(outcome.written)
        assert len(outcome.written) == 5
        assert outcome.unsent == outcome.unknown == []
        assert actions(world.plan(shop()))["create"] == ["shop-overview"]
        world.apply(shop())
        assert actions(world.plan(shop())).keys() == {"unchanged"}

    def test_a_missing_reference_writes_nothing(self, world: World) -> None:
        """What was there at the plan is gone at the import: Kibana writes nothing, and the outcome says so."""
        world.put(view("theirs"))
        plan = world.plan([lens("a", "A", "theirs"), view(), lens("b", "B")])
        bulk_delete(world.kibana, [("index-pattern", "theirs")])
        outcome = apply(world.kibana, plan, world.backups, "local")
        assert ids(failure.change for failure in outcome.failed) == ["a"]
        assert "index-pattern 'theirs'" in outcome.failed[0].words
        assert {"b", "shop-orders"} <= set(ids(outcome.unsent))
        assert outcome.written == []
        assert bulk_get(world.kibana, [("lens", "b"), ("index-pattern", "shop-orders")]) == {}

    def test_after_a_refusal_the_next_imports_are_not_sent(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("kibana_builder.kibana.saved_objects.MOST_OBJECTS", 2)
        objects = [view(), with_attributes(lens("a", "A"), bogus=1), lens("b", "B"), lens("c", "C")]
        outcome = apply(world.kibana, world.plan(objects), world.backups, "local")
        assert ids(failure.change for failure in outcome.failed) == ["a"]
        assert ids(outcome.unsent) == ["c"]
        assert "b" in ids(outcome.written)
        assert not world.has("lens", "c")


class TestLostAnswers:
    """The import was sent, and no answer came; the fault is put where the answer would be read."""

    def lose_answers(self, monkeypatch: pytest.MonkeyPatch, error: KibanaError, *, written: bool) -> None:
        def faulty(kibana: Kibana, objects: list[Any]) -> ImportResult:
            if written:
                import_objects(kibana, objects)
            raise error

        monkeypatch.setattr(apply_module, "import_objects", faulty)

    def test_it_was_written_all_the_same(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """Kbuild looks, sees everything as it should be, and knows that it is done."""
        self.lose_answers(monkeypatch, CannotConnect("lost"), written=True)
        outcome = apply(world.kibana, world.plan(shop()), world.backups, "local")
        assert outcome.complete
        assert len(outcome.written) == 6

    def test_it_was_not_written_yet(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """The request may still be at work: nobody can say."""
        self.lose_answers(monkeypatch, CannotConnect("lost"), written=False)
        outcome = apply(world.kibana, world.plan(shop()), world.backups, "local")
        assert len(outcome.unknown) == 6
        assert not outcome.complete

    def test_kibana_answered_with_an_error(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """A 500 for the whole import is over: what is not there was not written."""
        self.lose_answers(monkeypatch, Refused("500", 500), written=False)
        outcome = apply(world.kibana, world.plan(shop()), world.backups, "local")
        assert len(outcome.unsent) == 6
        assert outcome.error is not None


@contextmanager
def sandbox_process(port: int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the sandbox as a process of its own, so that it can be killed."""
    code = "import sys; from pathlib import Path; from kibana_builder.sandbox.server import run_sandbox; "
    code += "run_sandbox(port=int(sys.argv[1]), folder=Path(sys.argv[2]))"
    with subprocess.Popen([sys.executable, "-c", code, str(port), str(folder)], stderr=subprocess.DEVNULL) as process:
        try:
            with Kibana(
                f"http://127.0.0.1:{port}", patience=Patience(attempts=200, first=0.05, longest=0.05)
            ) as kibana:
                kibana.get("/api/status")
            yield process
        finally:
            process.kill()


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_killing_the_server_in_the_middle_and_repeating(
    port: int, tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The outcome names what was written, and after a repeat Kibana holds exactly what an undisturbed apply leaves."""
    monkeypatch.setattr("kibana_builder.kibana.saved_objects.MOST_OBJECTS", 5)
    backups = BackupFolder(tmp_path)
    folder = tmp_path / "sandbox"
    address = f"http://127.0.0.1:{port}"
    with sandbox_process(port, folder) as process, Kibana(address, patience=ONCE) as kibana:
        plan = plan_apply(kibana, PROJECT, MANY)
        killer = threading.Thread(target=kill_when_some_are_written, args=(process, address))
        killer.start()
        broken = apply(kibana, plan, backups, "local")
        killer.join()
    assert not broken.complete
    assert isinstance(broken.error, CannotConnect)
    assert len(broken.written) + len(broken.unsent) + len(broken.unknown) == len(plan.writes)
    with sandbox_process(port, folder), Kibana(address) as kibana:
        there = bulk_get(kibana, [change.key for change in plan.writes])
        assert {change.key for change in broken.written} <= there.keys()
        assert not {change.key for change in broken.unsent} & there.keys()
        repeated = apply(kibana, plan_apply(kibana, PROJECT, MANY), backups, "local")
        assert repeated.complete
        assert apply(kibana, plan_apply(kibana, PROJECT, MANY), backups, "local") == Outcome()
        disturbed = snapshot(kibana, MANY)
    world.apply(MANY)
    assert disturbed == snapshot(world.kibana, MANY)


def kill_when_some_are_written(process: subprocess.Popen[bytes], address: str) -> None:
    """Wait for the first visualizations, then kill without warning."""
    with Kibana(address) as kibana:
        while not bulk_get(kibana, [key_of(MANY[8])]):
            time.sleep(0.001)
    process.kill()


def test_a_server_that_comes_back_in_time_is_not_even_noticed(port: int, tmp_path: Path) -> None:
    """Retries bridge a restart: the same apply goes through, and twice-sent imports leave one set."""
    folder = tmp_path / "sandbox"
    address = f"http://127.0.0.1:{port}"
    heard: list[str] = []
    patient = Patience(attempts=100, first=0.1, longest=0.1)
    with Kibana(address, patience=patient, notice=heard.append) as kibana:
        with sandbox_process(port, folder):
            plan = plan_apply(kibana, PROJECT, MANY)
        results: list[Outcome] = []
        applying = threading.Thread(target=lambda: results.append(apply(kibana, plan, BackupFolder(tmp_path), "local")))
        applying.start()
        while not heard:
            time.sleep(0.01)
        with sandbox_process(port, folder):
            applying.join()
            assert [outcome.complete for outcome in results] == [True]
            assert actions(plan_apply(kibana, PROJECT, MANY)).keys() == {"unchanged"}
