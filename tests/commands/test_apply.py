"""`kbuild apply` as a person and as a pipeline runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kibana_builder.errors import CannotConnect
from kibana_builder.json_tree import JsonObject
from kibana_builder.kibana.http import Kibana
from kibana_builder.kibana.saved_objects import ImportProblem, ImportResult, import_objects
from kibana_builder.saved.ids import key_of
from kibana_builder.sync.apply import Outcome
from kibana_builder.sync.apply import apply as carry_out
from kibana_builder.sync.marks import importable
from tests.commands.small_project import LATENCY, Shop, make_shop
from tests.sync.project import tag

if sys.platform != "win32":
    import pty


@pytest.fixture
def shop(sandbox_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shop:
    return make_shop(tmp_path, sandbox_url, monkeypatch, capsys)


def test_the_first_apply_and_the_second(shop: Shop) -> None:
    """The plan is on stdout, with the files, and the dashboards' addresses last; the second has nothing to do."""
    first = shop.run("apply", "--yes")
    assert first.code == 0
    lines = first.out.splitlines()
    assert lines[0] == f"Plan: 6 to create: {shop.url}, space 'default'"
    assert '+ create data view "Orders" (shop-orders)  kbuild.yaml' in lines
    assert '+ create dashboard "Overview" (shop-overview)  dashboards/overview.yaml' in lines
    assert lines[-1] == f"Overview: {shop.url}/app/dashboards#/view/shop-overview"
    assert first.err == "6 objects written.\n"
    second = shop.run("apply")
    assert (second.code, second.err) == (0, "There is nothing to do.\n")
    assert second.out.splitlines() == [
        f"No changes: 6 unchanged: {shop.url}, space 'default'",
        lines[-1],
    ]


def test_one_file_brings_what_it_refers_to(shop: Shop) -> None:
    """A visualization alone needs its data view; the rest of the project is not touched."""
    said = shop.run("apply", "visualizations/latency.yaml", "--yes")
    assert said.code == 0
    with shop.world() as world:
        assert world.has("lens", "shop-latency")
        assert world.has("index-pattern", "shop-orders")
        assert not world.has("dashboard", "shop-overview")


def test_without_a_terminal_it_needs_yes(shop: Shop) -> None:
    """In a pipeline there is nobody to ask: wrong usage, the option is named, and nothing is written."""
    said = shop.run("apply")
    assert said.code == 2
    assert "no terminal to ask on" in said.err
    assert "--yes" in said.err
    with shop.world() as world:
        assert not world.has("dashboard", "shop-overview")


def test_a_dry_run_writes_nothing(shop: Shop) -> None:
    """It needs no yes, says the same, and leaves neither an object nor a backup."""
    said = shop.run("apply", "--dry-run")
    assert (said.code, said.err) == (0, "This was a dry run: nothing was written.\n")
    assert "6 to create" in said.out
    assert not (shop.root / ".kbuild").exists()
    with shop.world() as world:
        assert not world.has("dashboard", "shop-overview")


def test_an_update_keeps_what_it_overwrites(shop: Shop) -> None:
    """Only the changed object is written, and the folder of its backup is named."""
    shop.run("apply", "--yes")
    shop.write("visualizations/latency.yaml", LATENCY.replace("title: Latency", "title: Slowness"))
    said = shop.run("apply", "--yes")
    assert said.out.splitlines()[:3] == [
        f"Plan: 1 to update, 5 unchanged: {shop.url}, space 'default'",
        '~ update visualization "Slowness" (shop-latency)  visualizations/latency.yaml',
        "    title Latency → Slowness",
    ]
    assert said.err.startswith("1 object written; what was overwritten is kept in ")
    assert Path(said.err.split(" kept in ")[1].rstrip(".\n")).is_dir()


def test_somebody_elses_object_is_in_the_way(shop: Shop) -> None:
    """It is named, the option is named, and nothing at all is written."""
    shop.run("apply", "--yes")
    with shop.world() as world:
        item = importable(world.get("lens", "shop-latency"))
        theirs = item["attributes"] | {"title": "Theirs"}
        without_mark = [ref for ref in item["references"] if ref["type"] != "tag"]
        world.put(item | {"attributes": theirs, "references": without_mark})
        shop.write("visualizations/errors.yaml", LATENCY.replace("Latency", "More errors"))
        said = shop.run("apply", "--yes")
        assert said.code == 1
        assert '! visualization "Latency" (shop-latency) is there, and is not this project\'s' in said.out
        assert "1 object is in the way, so nothing was written; --adopt takes over" in said.err
        assert world.get("lens", "shop-errors")["attributes"]["title"] == "Errors"
        assert shop.run("apply", "--dry-run").code == 1
        assert shop.run("apply", "--yes", "--adopt").code == 0
        assert world.get("lens", "shop-errors")["attributes"]["title"] == "More errors"
    assert "unchanged" in shop.run("apply").out


def test_what_was_changed_in_kibana_is_in_the_way(shop: Shop) -> None:
    shop.run("apply", "--yes")
    with shop.world() as world:
        world.save_in_the_editor("dashboard", "shop-overview", title="Better")
        said = shop.run("apply", "--yes")
        assert said.code == 1
        assert '! dashboard "Overview" (shop-overview) was changed in Kibana since the last apply' in said.out
        assert "--force overwrites what was changed in Kibana" in said.err
        assert shop.run("apply", "--yes", "--force").code == 0
        assert world.get("dashboard", "shop-overview")["attributes"]["title"] == "Overview"


def test_json_for_a_program(shop: Shop) -> None:
    """The plan, what was done and the addresses, as one JSON value and nothing else on stdout."""
    dry = shop.run("apply", "--dry-run", "--format", "json").json
    assert dry["outcome"] is None
    assert {(change["action"], change["in_the_way"]) for change in dry["changes"]} == {("create", None)}
    done = shop.run("apply", "--yes", "--format", "json").json
    assert done["outcome"]["complete"]
    assert len(done["outcome"]["written"]) == 6
    assert done["dashboards"] == [
        {
            "type": "dashboard",
            "id": "shop-overview",
            "title": "Overview",
            "file": "dashboards/overview.yaml",
            "url": f"{shop.url}/app/dashboards#/view/shop-overview",
        }
    ]
    with shop.world() as world:
        world.save_in_the_editor("dashboard", "shop-overview", title="Better")
    blocked = shop.run("apply", "--yes", "--format", "json")
    assert blocked.code == 1
    assert [change["in_the_way"] for change in blocked.json["changes"]].count("changed") == 1


def test_a_refusal_names_the_file(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kibana refuses one object: its words, our file, what was written, and the code of a failure."""
    refused = ("lens", "shop-latency")

    def refusing(kibana: Kibana, objects: list[JsonObject]) -> ImportResult:
        result = import_objects(kibana, [item for item in objects if key_of(item) != refused])
        return ImportResult(result.written, [ImportProblem(refused, "unknown", "mapping set to strict")])

    monkeypatch.setattr("kibana_builder.sync.apply.import_objects", refusing)
    said = shop.run("apply", "--yes")
    assert said.code == 1
    name = 'visualizations/latency.yaml: visualization "Latency" (shop-latency)'
    assert f"failed: {name}: mapping set to strict\n" in said.err
    assert 'written: visualizations/errors.yaml: visualization "Errors" (shop-errors)\n' in said.err
    assert said.err.endswith("5 objects written.\nApply again to finish; `kbuild rollback` goes back.\n")
    assert "Overview: http" not in said.out
    failed = shop.run("apply", "--yes", "--format", "json").json["outcome"]["failed"]
    assert [(one["file"], one["message"]) for one in failed] == [
        ("visualizations/latency.yaml", "mapping set to strict")
    ]
    monkeypatch.undo()
    monkeypatch.chdir(shop.root)
    assert shop.run("apply", "--yes").code == 0


def test_a_second_space(shop: Shop) -> None:
    """The context's space is used, its ids are its own; an unknown space is an error before anything else."""
    said = shop.run("apply", "--yes", "--context", "ops")
    assert said.code == 1
    assert f"{shop.url} has no space 'ops' (there are: default)" in said.err
    with shop.world() as world:
        body = {"id": "ops", "name": "Ops"}
        world.kibana.send("POST", "/api/spaces/space", body=body)
    said = shop.run("apply", "--yes", "--context", "ops")
    assert said.code == 0
    address = said.out.splitlines()[-1].removeprefix("Overview: ")
    assert address.startswith(f"{shop.url}/s/ops/app/dashboards#/view/")
    assert "unchanged" in shop.run("apply", "--context", "ops").out
    assert "6 to create" in shop.run("apply", "--dry-run").out


def test_tags_are_found_by_name(shop: Shop) -> None:
    """A tag that users made is used, not made again."""
    with shop.world() as world:
        world.put(tag("ml", "their-id"))
        assert '+ create tag "ml"' not in shop.run("apply", "--yes").out
        assert "their-id" in {ref["id"] for ref in world.get("dashboard", "shop-overview")["references"]}


def test_errors_in_the_files_stop_it_before_kibana_is_asked(shop: Shop) -> None:
    shop.write("visualizations/latency.yaml", LATENCY.replace("average", "avrage"))
    said = shop.run("apply", "--yes", "--context", "nowhere")
    assert said.code == 1
    assert "visualizations/latency.yaml:5:" in said.err
    assert "127.0.0.1:1" not in said.err


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["apply", "--context", "lokal"], 2, "did you mean 'local'?"),
        (["apply", "nothing.yaml"], 2, "nothing.yaml"),
        (["apply", "--format", "xml"], 2, "xml"),
    ],
)
def test_wrong_usage(shop: Shop, args: list[str], code: int, words: str) -> None:
    said = shop.run(*args)
    assert said.code == code
    assert words in said.err


def test_nobody_listens(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address, and the question whether Kibana runs."""
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    said = shop.run("apply", "--context", "nowhere", "--yes")
    assert said.code == 1
    assert "Error: http://127.0.0.1:1: the connection is refused. Is Kibana running" in said.err


def test_an_empty_project(shop: Shop) -> None:
    for file in (*shop.root.glob("*/*.yaml"),):
        file.unlink()
    said = shop.run("apply")
    assert said.code == 0
    assert "nothing to apply" in said.out


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")
@pytest.mark.parametrize(("typed", "code", "written"), [("y\n", 0, True), ("n\n", 1, False), ("\n", 1, False)])
def test_on_a_terminal_it_asks(shop: Shop, typed: str, code: int, written: bool) -> None:
    """The question names the place; only a yes writes, and the result is no part of the question."""
    ours, theirs = pty.openpty()
    os.write(ours, typed.encode())
    done = subprocess.run(
        [sys.executable, "-m", "kibana_builder", "apply"],
        cwd=shop.root,
        stdin=theirs,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(ours)
    os.close(theirs)
    assert done.returncode == code
    assert f"Write this to {shop.url}, space 'default'? [y/N]" in done.stderr
    assert "Write this" not in done.stdout
    assert ("Nothing was written." in done.stderr) is not written
    with shop.world() as world:
        assert world.has("dashboard", "shop-overview") is written


def test_what_somebody_else_wrote_meanwhile_is_told(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two pipelines apply the same files: the one that comes later has nothing to write, and says why."""

    def late(*arguments: Any) -> Outcome:
        carry_out(*arguments)
        return carry_out(*arguments)

    monkeypatch.setattr("kibana_builder.sync.apply.apply", late)
    said = shop.run("apply", "--yes")
    assert (said.code, said.err) == (
        0,
        "0 objects written.\nSomebody else wrote 6 objects meanwhile, as the files say.\n",
    )


def test_after_a_lost_answer_only_the_first_few_are_named(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(kibana: Kibana, objects: list[JsonObject]) -> ImportResult:
        raise CannotConnect("lost")

    monkeypatch.setattr("kibana_builder.sync.apply.import_objects", lost)
    said = shop.run("apply", "--yes")
    assert said.code == 1
    assert said.err.count("nobody knows whether it was written: ") == 6
    assert "nobody knows whether it was written: 1 more\n" in said.err


def without_a_reader(shop: Shop, *args: str, stdin: int = subprocess.DEVNULL) -> tuple[int, str]:
    """Run a command whose stdout nobody reads, and give its code and what is on stderr."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "kibana_builder", *args],
        cwd=shop.root,
        stdin=stdin,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    os.close(writing)
    return done.returncode, done.stderr


def test_a_reader_who_went_away_does_not_stop_what_was_agreed_to(shop: Shop) -> None:
    """`kbuild apply --yes | head -1` writes everything, and says so; so do delete and rollback."""
    assert without_a_reader(shop, "apply", "--yes") == (0, "6 objects written.\n")
    with shop.world() as world:
        code, said = without_a_reader(shop, "delete", "overview", "--yes")
        assert (code, said[:17]) == (0, "1 object deleted;")
        assert not world.has("dashboard", "shop-overview")
        assert without_a_reader(shop, "rollback", "--yes") == (0, "1 put back, 0 removed.\n")
        assert world.has("dashboard", "shop-overview")
    assert without_a_reader(shop, "apply", "--yes", "--format", "json") == (0, "")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo terminal")
def test_without_a_yes_a_plan_that_nobody_read_is_not_carried_out(shop: Shop) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, b"y\n")
    code, said = without_a_reader(shop, "apply", stdin=theirs)
    os.close(ours)
    os.close(theirs)
    assert (code, said) == (1, "Error: nobody reads the output any more, so nothing was written\n")
    with shop.world() as world:
        assert not world.has("dashboard", "shop-overview")


def test_stderr_may_go_away_too(shop: Shop) -> None:
    """`kbuild apply --yes 2>&1 | head -1`: the words are for nobody, the work is done."""
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "kibana_builder", "apply", "--yes"]
    done = subprocess.run(command, cwd=shop.root, stdout=writing, stderr=writing, timeout=60, check=False)
    os.close(writing)
    assert done.returncode == 0
    with shop.world() as world:
        assert world.has("dashboard", "shop-overview")


def test_the_mark_is_what_the_design_says(shop: Shop) -> None:
    """Every object but the tags carries the project's tag under a name with the hash; the tags do not."""
    shop.run("apply", "--yes")
    with shop.world() as world:
        for kind, ident in [("dashboard", "shop-overview"), ("lens", "shop-errors"), ("index-pattern", "shop-orders")]:
            names = [ref["name"] for ref in world.get(kind, ident)["references"]]
            assert sum(name.startswith("kbuild:v1:") and len(name) == 26 for name in names) == 1


def test_backups_are_out_of_gits_sight(shop: Shop) -> None:
    shop.run("apply", "--yes")
    assert (shop.root / ".kbuild" / ".gitignore").read_text() == "*\n"
    manifests = list(shop.root.glob(".kbuild/backups/*/manifest.json"))
    assert [json.loads(path.read_text())["command"] for path in manifests] == ["apply"]
