"""A whole space of dashboards that others made becomes a project: exported, planned, adopted, without a single copy."""

from __future__ import annotations

import json
import os
import uuid
from collections import Counter
from pathlib import Path

import pytest

from kibana_builder.json_tree import JsonObject
from kibana_builder.kibana.http import Kibana
from kibana_builder.kibana.saved_objects import find
from kibana_builder.sandbox.server import RunningSandbox
from kibana_builder.saved.ids import Key, key_of, rename_ids
from kibana_builder.saved.versions import saved_object
from kibana_builder.sync.live import read_project
from kibana_builder.sync.marks import importable, reference_keys, without_marks
from tests.commands.small_project import Shop, make_shop
from tests.sync.exported import example_objects, files_in
from tests.sync.project import reference, tag

TYPES = ["dashboard", "index-pattern", "lens", "search", "tag", "visualization"]
SEARCH_SOURCE = {
    "kibanaSavedObjectMeta": {"searchSourceJSON": '{"indexRefName":"source","query":{"language":"kuery"}}'}
}


def random_id(key: Key) -> str:
    """Give an id as Kibana makes them up, the same in every run."""
    return str(uuid.UUID(bytes=uuid.uuid5(uuid.NAMESPACE_URL, "/".join(key)).bytes, version=4))


def foreign_objects() -> list[JsonObject]:
    """Dashboards as people make them by hand: random ids, types without words, two tags of one name."""
    objects = example_objects()
    view = next(item["id"] for item in objects if item["type"] == "index-pattern")
    source = reference("index-pattern", view, "source")
    objects += [
        tag("twice", "tag-one"),
        tag("twice", "tag-two"),
        saved_object("search", "logs", {"title": "Logs", "columns": ["message"], "sort": []} | SEARCH_SOURCE, [source]),
        saved_object("visualization", "old", {"title": "Old", "visState": '{"type":"line"}'} | SEARCH_SOURCE, [source]),
        saved_object(
            "dashboard",
            "by-hand",
            {
                "title": "By hand",
                "optionsJSON": "{}",
                "panelsJSON": json.dumps(
                    [
                        {"type": kind, "panelIndex": kind, "gridData": {"i": kind}, "panelRefName": f"panel_{kind}"}
                        for kind in ("search", "visualization")
                    ]
                ),
            },
            [
                reference("search", "logs", "search:panel_search"),
                reference("visualization", "old", "visualization:panel_visualization"),
                reference("tag", "tag-one", "tag-ref-tag-one"),
                reference("tag", "tag-two", "tag-ref-tag-two"),
            ],
        ),
    ]
    return rename_ids(objects, {key: random_id(key) for key in map(key_of, objects)})


def everything_in(shop: Shop, space: str) -> dict[Key, JsonObject]:
    """Give what a space holds, without the marks and the tags of kbuild's projects."""
    with Kibana(shop.url, space=space) as kibana:
        tags = [item["id"] for item in find(kibana, ["tag"]) if item["attributes"]["name"].startswith("kbuild:")]
        items = (without_marks(importable(item), tags) for item in find(kibana, TYPES) if item["id"] not in tags)
        return {key_of(item): item for item in items}


class Foreign:
    """One space with what others made in it, and a project whose default context leads there."""

    def __init__(self, shop: Shop, space: str) -> None:
        self.shop, self.space = shop, space
        self.objects = foreign_objects()
        with shop.world(space) as world:
            world.put(*self.objects)

    def everything(self) -> dict[Key, JsonObject]:
        return everything_in(self.shop, self.space)


@pytest.fixture(params=["default", "ops"])
def foreign(
    request: pytest.FixtureRequest,
    sandbox: RunningSandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Foreign:
    sandbox.store.add_space({"id": "ops", "name": "Ops", "disabledFeatures": []})
    shop = make_shop(tmp_path, sandbox.url, monkeypatch, capsys)
    context = "local" if request.param == "default" else "ops"
    project = (shop.root / "kbuild.yaml").read_text("utf-8")
    shop.write("kbuild.yaml", f"{project}default_context: {context}\n")
    return Foreign(shop, request.param)


def test_adopted_without_copies(foreign: Foreign) -> None:
    """Exported whole, planned without changes, and marked; content, ids and users' tags stay to the letter."""
    before = foreign.everything()
    said = foreign.shop.run("export", "--all", "-o", "theirs", "--check")
    assert said.code == 0, said.err
    count = len(before) - sum(kind == "tag" for kind, _ in before)
    assert said.out.splitlines()[-1].startswith(f"{count + 2} objects, {count + 2} exact")  # the two tags of one name
    os.chdir(foreign.shop.root / "theirs")
    assert foreign.shop.run("validate").code == 0
    plan = foreign.shop.run("plan", "--exit-code")
    assert (plan.code, plan.out.splitlines()[0].partition(":")[0]) == (0, "No changes")
    views = sum(kind == "index-pattern" for kind, _ in before)  # those are used as they are
    assert f"{count - views} objects are as the files say, but not this project's" in plan.out
    adopted = foreign.shop.run("apply", "--adopt", "--yes")
    assert adopted.code == 0, adopted.err
    assert adopted.out.startswith(f"Plan: 1 to create, {count} to mark only")
    assert "~" not in [line[:1] for line in adopted.out.splitlines()]
    assert foreign.everything() == before
    assert foreign.shop.run("plan").out.startswith("No changes")
    with Kibana(foreign.shop.url, space=foreign.space) as kibana:
        assert {(own.key, own.state) for own in read_project(kibana, "theirs").objects} == {
            (key, "untouched") for key in before if key[0] != "tag"
        }


def test_afterwards_it_is_a_project_like_any_other(foreign: Foreign) -> None:
    """Exported again nothing changes; an edit in Kibana changes its line; a file that goes is pruned, and only it."""
    foreign.shop.run("export", "--all", "-o", "theirs")
    os.chdir(foreign.shop.root / "theirs")
    foreign.shop.run("apply", "--adopt", "--yes")
    files = files_in(Path())
    assert "unchanged" in foreign.shop.run("export").out
    assert files_in(Path("dashboards")) == {
        name.removeprefix("dashboards/"): text for name, text in files.items() if name.startswith("dashboards/")
    }
    key = ("dashboard", random_id(("dashboard", "by-hand")))
    item = foreign.everything()[key]
    with foreign.shop.world(foreign.space) as world:
        world.put(importable(world.get(*key)) | {"attributes": item["attributes"] | {"title": "By my hand"}})
    assert "~ changed dashboard" in foreign.shop.run("export").out
    path = Path("dashboards/by-hand.yaml")
    assert path.read_text("utf-8") == files["dashboards/by-hand.yaml"].replace("By hand", "By my hand")
    foreign.shop.run("apply", "--yes")
    before = foreign.everything()
    path.unlink()
    said = foreign.shop.run("apply", "--prune", "--yes")
    assert said.code == 0, said.err
    assert foreign.everything().keys() == before.keys() - {key}


@pytest.mark.parametrize("foreign", ["ops"], indirect=True)
def test_in_another_space_it_gets_ids_of_its_own(foreign: Foreign) -> None:
    """What is taken over in one space is applied elsewhere under derived ids, to which raw references lead as well."""
    foreign.shop.run("export", "--all", "-o", "theirs")
    os.chdir(foreign.shop.root / "theirs")
    with foreign.shop.world() as world:
        world.kibana.send("POST", "/api/spaces/space", body={"id": "third", "name": "Third"})
    project = Path("kbuild.yaml")
    third = f"contexts:\n  third: {{kibana: {foreign.shop.url}, space: third}}\n"
    project.write_text(project.read_text("utf-8").replace("contexts:\n", third), "utf-8")
    said = foreign.shop.run("apply", "--yes", "--context", "third")
    assert said.code == 0, said.err
    here, there = foreign.everything(), everything_in(foreign.shop, "third")
    assert not there.keys() & here.keys()
    assert Counter(kind for kind, _ in there) == Counter(kind for kind, _ in here if kind != "tag") + Counter(tag=4)
    assert set().union(*map(reference_keys, there.values())) <= there.keys()
