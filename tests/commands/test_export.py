"""`kbuild export` as a person runs it: from the sandbox, over real HTTP, and from files."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from kibana_builder.kibana.saved_objects import import_objects
from kibana_builder.sync.marks import importable
from tests.commands.small_project import DASHBOARD, LATENCY, PROJECT, Shop, make_shop
from tests.sync.exported import copy_example, files_in
from tests.sync.project import view

COMMENTED = """\
type: metric # one number
title: Latency
data_source: orders
# the number itself
metrics:
  - {type: primary, operation: average, field: latency} # in ms
"""


@pytest.fixture
def shop(sandbox_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shop:
    return make_shop(tmp_path, sandbox_url, monkeypatch, capsys)


def stamps(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*.yaml")}


def test_the_example_comes_back_byte_for_byte(shop: Shop) -> None:
    """Applied and exported, in the default space and in another one: no file changes, not even its time."""
    copy_example(shop.root)
    contexts = f"contexts:\n  local: {{kibana: {shop.url}}}\n  ops: {{kibana: {shop.url}, space: ops}}\n"
    project = (shop.root / "kbuild.yaml").read_text("utf-8")
    shop.write("kbuild.yaml", project.split("contexts:")[0] + contexts)
    for name in ("dashboards/overview.yaml", "visualizations/latency.yaml", "visualizations/errors.yaml"):
        (shop.root / name).unlink()
    with shop.world() as world:
        world.kibana.send("POST", "/api/spaces/space", body={"id": "ops", "name": "Ops"})
    before = stamps(shop.root)
    for context in ("local", "ops"):
        assert shop.run("apply", "--yes", "--context", context).code == 0
        for args in ([], ["--all"]):
            said = shop.run("export", *args, "--context", context, "--check")
            assert said.code == 0
            assert said.out.splitlines() == [f"40 unchanged: {shop.root}", "40 objects, 40 exact, 0 with raw"]
        assert stamps(shop.root) == before


def test_an_edit_in_kibana_changes_its_line(shop: Shop) -> None:
    """Edited through the API: exactly that line changes, the comments stay, and apply has nothing to do then."""
    shop.write("visualizations/latency.yaml", COMMENTED)
    shop.run("apply", "--yes")
    with shop.world() as world:
        item = importable(world.get("lens", "shop-latency"))
        item["attributes"]["title"] = "Slowness"
        import_objects(world.kibana, [item])
    assert shop.run("apply", "--yes").code == 1
    said = shop.run("export")
    assert said.code == 0
    assert said.out.splitlines() == [
        '~ changed visualization "Slowness" (shop-latency)  visualizations/latency.yaml',
        f"1 changed, 3 unchanged: {shop.root}",
    ]
    changed = (shop.root / "visualizations/latency.yaml").read_text("utf-8")
    assert changed == COMMENTED.replace("title: Latency", "title: Slowness")
    assert shop.run("apply", "--yes").code == 0
    assert shop.run("export").out == f"4 unchanged: {shop.root}\n"


def test_a_whole_space_into_a_new_folder(shop: Shop) -> None:
    """The folder becomes a project with the context that it came from: a plan there has nothing to change."""
    shop.run("apply", "--yes")
    said = shop.run("export", "--all", "-o", "copy", "--check")
    assert said.code == 0
    assert said.out.splitlines()[-1] == "4 objects, 4 exact, 0 with raw"
    files = files_in(shop.root / "copy")
    assert sorted(files) == [
        *("dashboards/overview.yaml", "kbuild.yaml", "visualizations/errors.yaml", "visualizations/latency.yaml"),
    ]
    assert f"  local: {{kibana: {shop.url}}}\n" in files["kbuild.yaml"]
    assert "tags: [ml]\n" in files["dashboards/overview.yaml"]
    assert "kbuild:" not in "".join(files.values())
    os.chdir(shop.root / "copy")
    assert "to update" not in shop.run("plan").out
    assert shop.run("validate").code == 0


def test_names_bring_what_they_refer_to(shop: Shop) -> None:
    """Ids, titles and files are names; a wrong one is answered with the nearest."""
    shop.run("apply", "--yes")
    assert shop.run("export", "Latency").out == f"2 unchanged: {shop.root}\n"
    assert shop.run("export", "latency", "errors").out == f"3 unchanged: {shop.root}\n"
    assert shop.run("export", "shop-overview").out == f"4 unchanged: {shop.root}\n"
    said = shop.run("export", "Overvew")
    assert said.code == 1
    assert "nothing named 'Overvew' (did you mean 'Overview'?)" in said.err


def test_tags_types_and_spaces(shop: Shop) -> None:
    shop.run("apply", "--yes")
    assert shop.run("export", "--tag", "ml").out == f"4 unchanged: {shop.root}\n"
    assert shop.run("export", "--type", "index-pattern").out == f"1 unchanged: {shop.root}\n"
    assert "no tag 'mll' (did you mean 'ml'?)" in shop.run("export", "--tag", "mll").err
    assert "has no space 'ops'" in shop.run("export", "--space", "ops").err
    with shop.world() as world:
        world.kibana.send("POST", "/api/spaces/space", body={"id": "ops", "name": "Ops"})
    said = shop.run("export", "--space", "ops")
    assert said.code == 0
    assert "Nothing of the project's files is in" in said.err


def test_somebody_elses_object_becomes_a_file(shop: Shop) -> None:
    """It keeps its id, and its data view gets a name in kbuild.yaml, whose comments stay."""
    shop.write("kbuild.yaml", PROJECT.format(url=shop.url) + "# the end\n")
    with shop.world() as world:
        world.put(view("0f1e", title="logs-*", name="Logs"))
    said = shop.run("export", "0f1e")
    assert said.out.splitlines()[0] == '+ created data view "Logs" (0f1e)  kbuild.yaml'
    text = (shop.root / "kbuild.yaml").read_text("utf-8")
    assert '  logs: {title: Logs, index_pattern: logs-*, time_field: "@timestamp", id: 0f1e}\n' in text
    assert text.endswith("# the end\n")
    assert text.replace('  logs: {title: Logs, index_pattern: logs-*, time_field: "@timestamp", id: 0f1e}\n', "") == (
        PROJECT.format(url=shop.url) + "# the end\n"
    )


def test_json_for_a_program(shop: Shop) -> None:
    shop.run("apply", "--yes")
    shop.write("visualizations/latency.yaml", LATENCY.replace("title: Latency", "title: Other # mine"))
    said = shop.run("export", "--format", "json", "--check").json
    assert said["left_out"] == []
    (changed,) = (one for one in said["objects"] if one["state"] == "changed")
    assert changed == {
        "type": "lens",
        "id": "shop-latency",
        "title": "Latency",
        "file": "visualizations/latency.yaml",
        "state": "changed",
        "raw": [],
        "lost_comments": [],
        "exact": True,
    }
    assert "title: Latency # mine" in (shop.root / "visualizations/latency.yaml").read_text("utf-8")


def test_a_file_without_a_project(shop: Shop) -> None:
    """An NDJSON file becomes a project in a folder that is made for it; no server is asked."""
    shop.run("build", "-o", "all.ndjson")
    said = shop.run("export", "--from", "all.ndjson", "-o", "new/one", "--check")
    assert said.code == 0
    assert said.out.splitlines()[-2:] == [f"4 created: {shop.root}/new/one", "4 objects, 4 exact, 0 with raw"]
    assert shop.run("export", "--from", "all.ndjson", "-o", "two", "Latency").out.splitlines()[-1] == (
        f"2 created: {shop.root}/two"
    )


def test_a_hostile_file(shop: Shop) -> None:
    """Findings with their lines, the rest is exported, nothing lies outside the folder, and the code is 1."""
    lines = [
        "{",
        "5",
        json.dumps({"type": "../../x", "id": "../../x", "attributes": {"title": "../../x"}, "references": []}),
        json.dumps({"type": "search", "id": "s", "attributes": {"title": "\ud83d"}, "references": []}),
    ]
    shop.write("bad.ndjson", "\n".join(lines))
    said = shop.run("export", "--from", "bad.ndjson", "-o", "out")
    assert said.code == 1
    assert "bad.ndjson:1:1: error: line 1 is no JSON" in said.err
    assert "bad.ndjson:2:1: error: line 2 is no saved object, only a value" in said.err
    assert "Left out: search" in said.err
    assert "raw because the vocabulary has no ../../x" in said.out
    assert sorted(files_in(shop.root / "out")) == ["kbuild.yaml", "saved_objects/x/x.yaml"]


def test_raw_parts_are_named(shop: Shop) -> None:
    """A panel by its title, with the reason."""
    shop.run("build", "-o", "all.ndjson")
    items = [json.loads(line) for line in (shop.root / "all.ndjson").read_text("utf-8").splitlines()]
    (board,) = (item for item in items if item["type"] == "dashboard")
    panels = json.loads(board["attributes"]["panelsJSON"])
    panels[0] = {**panels[0], "type": "map", "title": "Where", "panelRefName": "panel_x"}
    board["attributes"]["panelsJSON"] = json.dumps(panels)
    shop.write("all.ndjson", "\n".join(map(json.dumps, items)))
    said = shop.run("export", "--from", "all.ndjson", "-o", "out", "--check")
    assert said.code == 0
    assert "  dashboards/overview.yaml: panel 'Where': raw because " in said.out
    assert said.out.splitlines()[-1] == "4 objects, 4 exact, 1 with raw"


def test_files_with_errors_stay(shop: Shop) -> None:
    """What cannot be read cannot be changed, and another file for its object would be a second one."""
    shop.run("apply", "--yes")
    shop.write("dashboards/overview.yaml", DASHBOARD.replace("panels:", "panel:"))
    said = shop.run("export")
    assert said.code == 1
    assert "dashboards/overview.yaml:" in said.err


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["export", "a", "--all"], "not both"),
        (["export", "a", "--tag", "b"], "not both"),
        (["export", "-o", "copy"], "say what to export"),
        (["export", "--from", "a.ndjson", "--context", "local", "-o", "b"], "--from needs no context"),
        (["export", "--context", "lokal"], "did you mean 'local'?"),
        (["export", "--from", "nowhere.ndjson"], "nowhere.ndjson cannot be read: there is no such file"),
        (["export", "--from", "."], ". cannot be read: it is a folder"),
    ],
)
def test_wrong_usage(shop: Shop, args: list[str], words: str) -> None:
    said = shop.run(*args)
    assert said.code == 2
    assert words in said.err
