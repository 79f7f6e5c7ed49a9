"""Back to what Kibana held before."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kibana_builder.errors import KbuildError
from kibana_builder.kibana.http import Kibana
from kibana_builder.kibana.saved_objects import bulk_delete, find
from kibana_builder.saved.ids import tag_id
from kibana_builder.sync.classify import Consent
from kibana_builder.sync.delete import delete, plan_delete
from kibana_builder.sync.live import read_project
from kibana_builder.sync.marks import importable
from kibana_builder.sync.rollback import RolledBack, latest, plan_rollback, rollback
from tests.sync.project import (
    PROJECT,
    World,
    actions,
    dashboard,
    lens,
    reference,
    shop,
    snapshot,
    tag,
    view,
    with_attributes,
)

TYPES = ["tag", "index-pattern", "lens", "dashboard"]


def roll_back(world: World, *, force: bool = False) -> RolledBack:
    plan = plan_rollback(world.kibana, latest(world.backups, world.context))
    return rollback(world.kibana, plan, world.backups, world.context, force=force)


def test_a_first_apply_is_taken_back_whole(world: World) -> None:
    """What was new is gone, tags included; what others have stays."""
    world.put(view("theirs"), tag("theirs"))
    world.apply(shop())
    done = roll_back(world)
    assert len(done.done) == 6
    assert done.refused == []
    assert sorted(item["id"] for item in find(world.kibana, TYPES)) == ["tag-theirs", "theirs"]


def test_overwritten_objects_come_back_to_the_byte(world: World) -> None:
    """Attributes, references and marks are the former ones; afterwards the old source has nothing to do."""
    world.apply(shop())
    before = snapshot(world.kibana, [*shop()[2:], tag("ml", tag_id("ml"))])
    changed = [view(name="Other"), *shop()[1:3], lens("shop-errors", "Ü", tags=["ml"]), lens("shop-new", "New")]
    world.apply([*changed, dashboard("shop-overview", "Other", "shop-new")])
    assert roll_back(world).refused == []
    assert snapshot(world.kibana, [*shop()[2:], tag("ml", tag_id("ml"))]) == before
    assert not world.has("lens", "shop-new")
    assert actions(world.plan(shop())).keys() == {"unchanged"}


def test_step_by_step_to_the_beginning(world: World) -> None:
    """Each rollback takes the newest backup that was not put back yet."""
    for title in ("One", "Two", "Three"):
        world.apply([view(), lens("shop-l", title)])
    assert world.get("lens", "shop-l")["attributes"]["title"] == "Three"
    for title in ("Two", "One"):
        roll_back(world)
        assert world.get("lens", "shop-l")["attributes"]["title"] == title
    roll_back(world)
    assert find(world.kibana, TYPES) == []
    with pytest.raises(KbuildError, match="no backup for the context 'local' that was not put back already"):
        latest(world.backups, "local")


def test_what_was_changed_since_is_not_overwritten(world: World) -> None:
    """Someone's work after the apply stops the rollback; with force it is kept on disk and overwritten."""
    world.apply(shop())
    world.apply([*shop()[:4], dashboard("shop-overview", "Other", "shop-latency")])
    world.save_in_the_editor("dashboard", "shop-overview", title="Somebody's work")
    plan = plan_rollback(world.kibana, latest(world.backups, "local"))
    assert [step.entry.key[1] for step in plan.changed_since] == ["shop-overview"]
    with pytest.raises(KbuildError, match="nothing was put back"):
        rollback(world.kibana, plan, world.backups, "local")
    assert world.get("dashboard", "shop-overview")["attributes"]["title"] == "Somebody's work"
    rollback(world.kibana, plan, world.backups, "local", force=True)
    assert world.get("dashboard", "shop-overview")["attributes"]["title"] == "Overview"
    kept = world.backups.all()[0]
    assert kept.command == "rollback"
    assert next(iter(kept.objects().values()))["attributes"]["title"] == "Somebody's work"


def test_a_change_while_the_person_was_thinking_stops_it(world: World) -> None:
    world.apply(shop())
    plan = plan_rollback(world.kibana, latest(world.backups, "local"))
    world.save_in_the_editor("dashboard", "shop-overview", title="Theirs")
    with pytest.raises(KbuildError, match="meanwhile"):
        rollback(world.kibana, plan, world.backups, "local", force=True)
    assert world.has("lens", "shop-latency")


def test_what_others_use_by_now_is_kept(world: World) -> None:
    """A new data view that someone's visualization refers to stays, and so does the tag that it carries."""
    world.apply(shop())
    world.put(lens("theirs", "Theirs", "shop-orders"))
    plan = plan_rollback(world.kibana, latest(world.backups, "local"))
    kept = {step.entry.key[0]: step.used_by for step in plan.of("keep")}
    assert kept.keys() == {"index-pattern", "tag"}
    assert kept["index-pattern"] == ['visualization "Theirs" (theirs)']
    rollback(world.kibana, plan, world.backups, "local")
    assert world.has("index-pattern", "shop-orders")
    assert world.has("lens", "theirs")
    assert not world.has("lens", "shop-latency")


def test_a_tag_that_users_took_up_is_kept(world: World) -> None:
    world.apply(shop())
    theirs = dashboard("theirs", "Theirs")
    world.put(theirs | {"references": [reference("tag", tag_id("ml"), "tag-ref")]})
    roll_back(world)
    assert [item["attributes"]["name"] for item in find(world.kibana, ["tag"])] == ["ml"]


def test_what_is_as_it_was_has_no_step(world: World) -> None:
    """An apply that never arrived, or was undone by hand, leaves nothing to put back."""
    world.apply(shop())
    former = importable(world.get("lens", "shop-errors"))
    world.apply([*shop()[:3], lens("shop-errors", "Other"), shop()[4]])
    world.put(former)
    plan = plan_rollback(world.kibana, latest(world.backups, "local"))
    assert plan.steps == []
    assert rollback(world.kibana, plan, world.backups, "local").done == []


def test_adopting_is_taken_back(world: World) -> None:
    """The object belongs to its former owner again, word for word."""
    foreign = dashboard("shop-overview", "Somebody's own")
    world.put(foreign)
    before = snapshot(world.kibana, [foreign])
    world.apply(shop(), Consent(adopt=True))
    roll_back(world)
    assert snapshot(world.kibana, [foreign]) == before


def test_a_deletion_is_taken_back(world: World) -> None:
    """`delete` keeps what it deletes; rolled back, the project is whole and untouched."""
    world.apply(shop())
    live = read_project(world.kibana, PROJECT)
    delete(world.kibana, plan_delete(world.kibana, live, live.objects), world.backups, "local")
    assert [item["attributes"]["name"] for item in find(world.kibana, TYPES)] == ["ml"]
    assert roll_back(world).refused == []
    assert actions(world.plan(shop())).keys() == {"unchanged"}


def test_what_kibana_refuses_is_told_and_the_backup_stays_open(world: World) -> None:
    """What an object needs is gone: nothing was written, nothing was removed, and it can be tried again."""
    world.put(view("theirs"))
    world.apply([lens("a", "A", "theirs")])
    world.apply([view(), lens("a", "B")])
    bulk_delete(world.kibana, [("index-pattern", "theirs")])
    done = roll_back(world)
    assert [(step.entry.key[1], "theirs" in words) for step, words in done.refused] == [("a", True)]
    assert world.has("index-pattern", "shop-orders")
    world.put(view("theirs"))
    assert roll_back(world).refused == []
    assert world.get("lens", "a")["attributes"]["title"] == "A"


def test_a_backup_of_another_place_is_refused(world: World, second_space: World) -> None:
    world.apply(shop())
    backup = latest(world.backups, "local")
    with pytest.raises(KbuildError, match=r"space 'default' \(context 'local'\), not of http://.*space 'ops'"):
        plan_rollback(second_space.kibana, backup)
    with Kibana("http://127.0.0.1:1") as elsewhere, pytest.raises(KbuildError, match="is of http"):
        plan_rollback(elsewhere, backup)


def test_the_latest_of_another_context_is_not_taken(world: World) -> None:
    world.apply(shop())
    with pytest.raises(KbuildError, match="no backup for the context 'production'"):
        latest(world.backups, "production")


class TestBackupFiles:
    """What lies on disk may be anything."""

    def test_by_name(self, world: World) -> None:
        world.apply(shop())
        backup = latest(world.backups, "local")
        assert world.backups.get(backup.name) == backup
        with pytest.raises(KbuildError, match=rf"there is no backup 'x' \(there are: {backup.name}\)"):
            world.backups.get("x")

    @pytest.mark.parametrize("name", ["", ".", "..", "../..", "a/b", "a\\b", "/etc"])
    def test_a_name_is_no_path(self, world: World, name: str) -> None:
        world.apply(shop())
        with pytest.raises(KbuildError, match="there is no backup"):
            world.backups.get(name)

    def test_no_folder_at_all(self, world: World) -> None:
        assert world.backups.all() == []

    @pytest.mark.parametrize(
        "text", ["", "{", "[]", "5", "{}", '{"version":1}', '{"version":2}', "[" * 100_000, '{"version":1,"new":5}']
    )
    def test_a_damaged_manifest(self, world: World, text: str) -> None:
        world.apply(shop())
        backup = latest(world.backups, "local")
        (backup.path / "manifest.json").write_text(text)
        assert world.backups.all() == []
        with pytest.raises(KbuildError, match=r"damaged|another version"):
            world.backups.get(backup.name)

    @pytest.mark.parametrize("text", ["", "{}", "5", "x", '{"type":"lens","id":"other","attributes":{}}', "\xff"])
    def test_damaged_objects(self, world: World, text: str) -> None:
        world.apply(shop())
        world.apply([*shop()[:3], lens("shop-errors", "Other"), shop()[4]])
        backup = latest(world.backups, "local")
        (backup.path / "objects.ndjson").write_bytes(text.encode("latin-1"))
        with pytest.raises(KbuildError):
            plan_rollback(world.kibana, backup)

    def test_context_names_make_folder_names(self, world: World, tmp_path: Path) -> None:
        """Whatever a context is called, the folder is one that every system can hold."""
        world.context = "../Prod: ä/\\*?" + "x" * 300
        outcome = world.apply(shop())
        assert outcome.backup is not None
        assert outcome.backup.parent == tmp_path / ".kbuild" / "backups"
        assert len(outcome.backup.name) < 120
        assert latest(world.backups, world.context).path == outcome.backup

    def test_no_secret_lies_on_disk(self, world: World) -> None:
        outcome = world.apply(shop())
        assert outcome.backup is not None
        manifest = json.loads((outcome.backup / "manifest.json").read_text())
        assert manifest.keys() == {"version", "command", "context", "kibana", "space", "project", "new", "changed"}

    def test_half_a_surrogate_pair_comes_back(self, world: World) -> None:
        """JSON may hold what UTF-8 may not."""
        world.put(with_attributes(lens("shop-l", "a\ud800b"), description="\u2028"), view())
        world.apply([view(), lens("shop-l", "Other")], Consent(adopt=True))
        roll_back(world)
        attributes = world.get("lens", "shop-l")["attributes"]
        assert (attributes["title"], attributes["description"]) == ("a\ud800b", "\u2028")
