"""Whose object is it, and who changed it: each sentence of the design against a sandbox, in two spaces."""

from __future__ import annotations

import json
import uuid
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import pytest

from kibana_builder.json_tree import JsonObject
from kibana_builder.kibana.saved_objects import export_referring_to, find
from kibana_builder.kibana.tags import all_tags
from kibana_builder.sandbox.server import RunningSandbox
from kibana_builder.saved.ids import Key, key_of, space_id
from kibana_builder.sync.marks import importable, project_tag_name, without_marks
from tests.commands.small_project import DASHBOARD, LATENCY, Said, Shop, make_shop
from tests.sync.project import World, reference, tag

COPY = "0b6f2a44-3f5e-4d1c-9a65-1f1f2d0c7e55"
"""An id as Kibana's Duplicate makes it: a random UUID."""

TYPES = ["tag", "index-pattern", "lens", "dashboard"]


@dataclass
class Place:
    """The project, and one space of the sandbox that it is applied to."""

    shop: Shop
    space: str

    def run(self, command: str, *args: str) -> Said:
        return self.shop.run(command, *args, "--context", "local" if self.space == "default" else self.space)

    def apply(self, *args: str) -> Said:
        said = self.run("apply", "--yes", *args)
        assert said.code == 0, said.err
        return said

    def plan(self, *args: str) -> list[str]:
        """Give the lines of a plan, its first one without the place."""
        first, *lines = self.run("plan", *args).out.splitlines()
        return [first.partition(": http")[0], *lines]

    def id(self, kind: str, name: str) -> str:
        return space_id(self.space, kind, f"shop-{name}")

    def world(self) -> AbstractContextManager[World]:
        return self.shop.world(self.space)

    def get(self, kind: str, name: str) -> JsonObject:
        with self.world() as world:
            return importable(world.get(kind, self.id(kind, name)))

    def put(self, *objects: JsonObject) -> None:
        with self.world() as world:
            world.put(*objects)

    def has(self, kind: str, ident: str) -> bool:
        with self.world() as world:
            return world.has(kind, ident)

    def ids(self) -> set[Key]:
        """All that the space has, the tags left aside."""
        with self.world() as world:
            return {key_of(item) for item in find(world.kibana, TYPES[1:])}


@pytest.fixture(params=["default", "ops"])
def place(
    request: pytest.FixtureRequest,
    sandbox: RunningSandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Place:
    sandbox.store.add_space({"id": "ops", "name": "Ops", "disabledFeatures": []})
    place = Place(make_shop(tmp_path, sandbox.url, monkeypatch, capsys), request.param)
    place.apply()
    return place


def moved(item: JsonObject, x: int) -> JsonObject:
    panels = json.loads(item["attributes"]["panelsJSON"])
    panels[0]["gridData"]["x"] = x
    return item | {"attributes": item["attributes"] | {"panelsJSON": json.dumps(panels)}}


def test_nothing_changes_after_an_apply(place: Place) -> None:
    assert place.plan() == ["No changes: 6 unchanged"]
    assert place.run("plan", "--exit-code").code == 0


def test_an_edit_through_the_api_is_shown_exactly_and_stops_an_apply(place: Place) -> None:
    place.put(moved(place.get("dashboard", "overview"), 16))
    name = f'dashboard "Overview" ({place.id("dashboard", "overview")})'
    assert place.plan() == [
        "Plan: 1 changed in Kibana, 5 unchanged",
        f"! {name} was changed in Kibana since the last apply  dashboards/overview.yaml",
        '    panel "Latency" moved 0,0 → 16,0',
    ]
    assert place.run("plan", "--exit-code").code == 3
    assert place.run("apply", "--yes").code == 1
    assert place.get("dashboard", "overview") == moved(place.get("dashboard", "overview"), 16)
    forced = place.apply("--force").out
    assert '    panel "Latency" moved 16,0 → 0,0' in forced
    assert place.plan() == ["No changes: 6 unchanged"]


def test_a_renamed_tag_reference_is_a_change_in_kibana(place: Place) -> None:
    """A save in Kibana's editor renames the mark: that alone says that somebody was there."""
    place.shop.write("dashboards/overview.yaml", DASHBOARD + "description: Changed in the file\n")
    item = place.get("dashboard", "overview")
    references = [ref | {"name": f"tag-ref-{ref['id']}"} if ref["type"] == "tag" else ref for ref in item["references"]]
    place.put(item | {"references": references})
    lines = place.plan()
    assert lines[0] == "Plan: 1 changed in Kibana, 5 unchanged"
    assert lines[1].startswith("! dashboard")
    assert place.run("apply", "--yes").code == 1


def test_a_copy_made_in_kibana_survives_a_prune(place: Place) -> None:
    """Duplicate copies the tag with the dashboard: the id tells that it is not the source's."""
    place.put(place.get("dashboard", "overview") | {"id": COPY})
    assert place.plan() == [
        "No changes: 6 unchanged, 1 copied in Kibana",
        f'? dashboard "Overview" ({COPY}) is a copy made in Kibana, and stays',
    ]
    (place.shop.root / "dashboards/overview.yaml").unlink()
    place.shop.write("dashboards/other.yaml", DASHBOARD.replace("Overview", "Other"))
    place.apply("--prune")
    assert place.has("dashboard", COPY)
    assert not place.has("dashboard", place.id("dashboard", "overview"))
    assert place.has("dashboard", place.id("dashboard", "other"))


def test_a_copy_with_an_id_that_a_person_chose_survives_too(place: Place) -> None:
    """Its mark is that of an object that the source has."""
    place.put(place.get("dashboard", "overview") | {"id": "my-copy"})
    assert place.plan("--prune")[0] == "No changes: 6 unchanged, 1 copied in Kibana"
    place.apply("--prune")
    assert place.has("dashboard", "my-copy")


def test_what_users_add_stays(place: Place) -> None:
    """A tag of their own, and a runtime field of a data view."""
    item, view = place.get("dashboard", "overview"), place.get("index-pattern", "orders")
    mine = reference("tag", "tag-mine", "tag-ref-tag-mine")
    field = {"runtimeFieldMap": '{"total":{"type":"long"}}'}
    place.put(
        tag("mine"),
        item | {"references": [*item["references"], mine]},
        view | {"attributes": view["attributes"] | field},
    )
    assert place.plan() == ["No changes: 6 unchanged"]
    place.shop.write("dashboards/overview.yaml", DASHBOARD.replace("Overview", "Summary"))
    project = place.shop.root / "kbuild.yaml"
    project.write_text(project.read_text().replace("title: Orders", "title: All orders"))
    assert place.plan()[0] == "Plan: 2 to update, 4 unchanged"
    place.apply()
    assert mine in place.get("dashboard", "overview")["references"]
    assert (
        place.get("index-pattern", "orders")["attributes"] | field == place.get("index-pattern", "orders")["attributes"]
    )
    assert place.get("index-pattern", "orders")["attributes"]["name"] == "All orders"


def test_somebody_elses_dashboard_of_the_same_id_is_not_overwritten(place: Place) -> None:
    ident = space_id(place.space, "dashboard", "shop-second")
    place.put(place.get("dashboard", "overview") | {"id": ident, "references": []})
    place.shop.write("dashboards/second.yaml", DASHBOARD.replace("Overview", "Second"))
    lines = place.plan()
    assert lines[0] == "Plan: 1 not this project's, 6 unchanged"
    assert "    title Overview → Second" in lines
    assert place.run("apply", "--yes").code == 1
    assert place.get("dashboard", "second")["attributes"]["title"] == "Overview"
    place.apply("--adopt")
    assert place.get("dashboard", "second")["attributes"]["title"] == "Second"


def test_adopting_what_the_files_say_writes_only_the_marks(place: Place) -> None:
    """Objects of others that are word for word as the files: no changes, and each is only marked, all at once."""
    with place.world() as world:
        marks = all_tags(world.kibana).ids_of(project_tag_name("shop"))
        before = {key: world.get(*key) for key in place.ids()}
        world.put(*(without_marks(importable(item), marks) for item in before.values()))
    assert place.plan() == [
        "No changes: 2 unchanged, 4 as the files say, but not this project's",
        "? 4 objects are as the files say, but not this project's; `apply --adopt` takes them over",
        "    that writes nothing but this project's mark on them",
    ]
    assert place.run("plan", "--exit-code").code == 0
    assert place.apply("--adopt").out.startswith("Plan: 4 to mark only, 2 unchanged")
    with place.world() as world:
        for key, item in before.items():
            assert importable(world.get(*key))["attributes"] == item["attributes"]
    assert place.plan() == ["No changes: 6 unchanged"]


def test_prune_deletes_what_no_file_has_and_nothing_else(place: Place) -> None:
    """It is shown first, kept, and comes back."""
    theirs = place.get("lens", "latency") | {"id": "theirs", "references": []}
    place.put(theirs)
    (place.shop.root / "visualizations/errors.yaml").unlink()
    place.shop.write("dashboards/overview.yaml", DASHBOARD.replace("  - {visualization: errors}\n", ""))
    errors = place.id("lens", "errors")
    name = f'visualization "Errors" ({errors})'
    assert place.plan() == [
        "Plan: 1 to update, 4 unchanged, 1 in no file",
        f'~ update dashboard "Overview" ({place.id("dashboard", "overview")})  dashboards/overview.yaml',
        '    panel "Errors" removed',
        f"? {name} is in no file; --prune deletes it",
    ]
    assert place.plan("--prune")[-1] == f"- delete {name}"
    before = place.ids()
    place.apply()
    assert place.ids() == before
    said = place.apply("--prune")
    assert f"- delete {name}" in said.out
    assert said.err.startswith("1 object deleted; what was deleted is kept in ")
    assert place.ids() == before - {("lens", errors)}
    assert place.run("rollback", "--yes").code == 0
    assert place.ids() == before


def test_one_apply_writes_and_prunes_and_one_rollback_undoes_both(place: Place) -> None:
    before = place.ids()
    (place.shop.root / "visualizations/errors.yaml").unlink()
    place.shop.write("dashboards/overview.yaml", DASHBOARD.replace("errors", "latency"))
    said = place.apply("--prune")
    assert "1 object written, 1 object deleted; what was overwritten or deleted is kept in" in said.err
    assert place.ids() == before - {("lens", place.id("lens", "errors"))}
    assert place.run("rollback", "--yes").code == 0
    assert place.ids() == before
    assert place.get("dashboard", "overview")["attributes"]["panelsJSON"].count("panelRefName") == 2


def test_prune_of_a_part_spares_the_other_files(place: Place) -> None:
    """`apply one.yaml --prune` deletes nothing that another file of the project holds."""
    before = place.ids()
    said = place.apply("visualizations/latency.yaml", "--prune")
    assert "delete" not in said.out
    assert place.ids() == before
    (place.shop.root / "dashboards/overview.yaml").unlink()
    place.apply("visualizations/latency.yaml", "--prune")
    assert place.ids() == before - {("dashboard", place.id("dashboard", "overview"))}


def test_prune_needs_every_file_to_be_sound(place: Place) -> None:
    """Nobody knows what a broken file holds, so nothing is deleted."""
    before = place.ids()
    place.shop.write("dashboards/overview.yaml", "title: [")
    said = place.run("apply", "visualizations/latency.yaml", "--prune", "--yes")
    assert said.code == 1
    assert "--prune needs every file of the project to be sound" in said.err
    assert place.ids() == before


def test_prune_of_an_empty_project_is_refused(place: Place) -> None:
    before = place.ids()
    for path in place.shop.root.glob("*/*.yaml"):
        path.unlink()
    said = place.run("apply", "--prune", "--yes")
    assert said.code == 1
    assert "`kbuild delete --all` does that" in said.err
    assert place.ids() == before


def test_what_others_refer_to_is_not_pruned(place: Place) -> None:
    """A dashboard outside the project shows our visualization, which has no file any more: it stays."""
    ours = place.get("dashboard", "overview")
    theirs = [ref for ref in ours["references"] if ref["type"] == "lens"]
    place.put(ours | {"id": "theirs", "references": theirs})
    for name in ("visualizations/errors.yaml", "visualizations/latency.yaml", "dashboards/overview.yaml"):
        (place.shop.root / name).unlink()
    place.shop.write("visualizations/other.yaml", LATENCY.replace("Latency", "Other"))
    lines = place.plan("--prune")
    assert f'- delete dashboard "Overview" ({place.id("dashboard", "overview")})' in lines
    assert (
        f'? visualization "Errors" ({place.id("lens", "errors")}) is in no file, and stays because it is in use'
        in lines
    )
    assert '    used by dashboard "Overview" (theirs)' in lines
    place.apply("--prune")
    assert place.has("lens", place.id("lens", "errors"))
    assert not place.has("dashboard", place.id("dashboard", "overview"))


def test_what_was_changed_in_kibana_is_not_pruned(place: Place) -> None:
    place.put(moved(place.get("dashboard", "overview"), 3))
    (place.shop.root / "dashboards/overview.yaml").unlink()
    name = f'dashboard "Overview" ({place.id("dashboard", "overview")})'
    assert place.plan("--prune") == [
        "No changes: 4 unchanged, 1 in no file, but changed in Kibana",
        f"? {name} is in no file, and stays because it was changed in Kibana",
    ]
    place.apply("--prune")
    assert place.has("dashboard", place.id("dashboard", "overview"))


def test_a_renamed_file_is_reported_with_its_cure(place: Place) -> None:
    (place.shop.root / "dashboards/overview.yaml").rename(place.shop.root / "dashboards/summary.yaml")
    lines = place.plan()
    assert lines[0] == "Plan: 1 to create, 5 unchanged, 1 in no file"
    cure = "shop-overview" if place.space == "default" else "<project>-<old file name>"
    assert lines[-1] == (
        "    renamed to dashboards/summary.yaml: for Kibana a new object, and links to this one break; "
        f"`id: {cure}` there keeps it"
    )
    place.shop.write("dashboards/summary.yaml", f"id: shop-overview\n{DASHBOARD}")
    assert place.plan() == ["No changes: 6 unchanged"]


def test_ids_are_the_same_for_everybody(place: Place) -> None:
    """In a second space they are derived, never random: by name they would be those of the first space."""
    found = place.ids()
    assert ("dashboard", space_id(place.space, "dashboard", "shop-overview")) in found
    if place.space != "default":
        assert {uuid.UUID(ident).version for _, ident in found} == {5}
    with place.world() as world:
        tags = [("tag", ident) for ident in all_tags(world.kibana).ids_of("kbuild:shop")]
        assert {key_of(item) for item in export_referring_to(world.kibana, tags)} == found
    assert place.run("delete", "--all", "--yes").code == 0
    place.apply()
    assert place.ids() == found


def test_two_spaces_do_not_see_each_other(place: Place) -> None:
    other = Place(place.shop, "ops" if place.space == "default" else "default")
    other.apply()
    before = other.ids()
    (place.shop.root / "visualizations/errors.yaml").unlink()
    place.shop.write("dashboards/overview.yaml", DASHBOARD.replace("errors", "latency"))
    place.apply("--prune")
    assert other.ids() == before
