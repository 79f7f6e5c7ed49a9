"""Apply against the sandbox: what is created, left alone, refused, kept."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from kibana_builder.errors import KbuildError, TooLarge
from kibana_builder.kibana.http import Kibana
from kibana_builder.kibana.saved_objects import bulk_delete, bulk_get, find
from kibana_builder.kibana.tags import all_tags
from kibana_builder.saved.ids import key_of, space_id, tag_id
from kibana_builder.sync.apply import Outcome, apply
from kibana_builder.sync.backups import BackupFolder
from kibana_builder.sync.check import check_objects
from kibana_builder.sync.classify import Consent
from kibana_builder.sync.marks import importable, reference_keys
from kibana_builder.sync.plan import plan_apply
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

ALL = ["shop-errors", "shop-latency", "shop-orders", "shop-overview"]


def project_tag(world: World) -> str:
    ident = all_tags(world.kibana).id_of(f"kbuild:{PROJECT}")
    assert ident is not None
    return ident


class TestFirstAndSecond:
    """The first apply makes everything; the second has nothing to do."""

    def test_everything_is_created_once(self, world: World) -> None:
        assert actions(world.plan(shop()))["create"] == sorted([*ALL, tag_id("ml")])
        outcome = world.apply(shop())
        assert len(outcome.written) == 6
        assert actions(world.plan(shop())) == {"unchanged": sorted([*ALL, tag_id("ml")])}
        assert world.apply(shop()) == Outcome()

    def test_the_order_is_tags_views_visualizations_dashboards(self, world: World) -> None:
        plan = world.plan([dashboard("shop-d", "D", "shop-l"), lens("shop-l", "L"), view(), tag("ml")])
        assert [change.key[0] for change in plan.changes] == ["tag", "tag", "index-pattern", "lens", "dashboard"]

    def test_a_dry_run_writes_nothing(self, world: World) -> None:
        world.plan(shop())
        assert find(world.kibana, ["tag", "index-pattern", "lens", "dashboard"]) == []
        assert list(world.root.iterdir()) == []

    def test_only_what_changed_is_written(self, world: World) -> None:
        world.apply(shop())
        objects = shop()
        objects[3] = lens("shop-errors", "Errors by type")
        assert actions(world.plan(objects))["update"] == ["shop-errors"]
        before = world.get("lens", "shop-latency")["version"]
        assert [change.key[1] for change in world.apply(objects).written] == ["shop-errors"]
        assert world.get("lens", "shop-errors")["attributes"]["title"] == "Errors by type"
        assert world.get("lens", "shop-latency")["version"] == before

    def test_attributes_arrive_word_for_word(self, world: World) -> None:
        world.apply(shop())
        for item in shop():
            if item["type"] != "tag":
                assert world.get(*key_of(item))["attributes"] == item["attributes"]

    def test_nothing_to_apply(self, world: World) -> None:
        assert world.plan([]).changes == []
        assert world.apply([]) == Outcome()


class TestOwnership:
    """Whose object is it, and who changed it (design section 6)."""

    def test_someone_elses_object_stops_everything(self, world: World) -> None:
        """A dashboard of the same id that someone else made is not overwritten, and nothing else is written either."""
        foreign = dashboard("shop-overview", "Somebody's own")
        world.put(foreign)
        plan = world.plan(shop())
        assert [(change.key[1], change.block) for change in plan.blocked] == [("shop-overview", "not-ours")]
        with pytest.raises(KbuildError, match="nothing was sent"):
            apply(world.kibana, plan, world.backups, "local")
        assert not world.has("lens", "shop-latency")
        assert world.get("dashboard", "shop-overview")["attributes"] == foreign["attributes"]

    def test_adopt_takes_it_over(self, world: World) -> None:
        world.put(dashboard("shop-overview", "Somebody's own"))
        world.apply(shop(), Consent(adopt=True))
        assert world.get("dashboard", "shop-overview")["attributes"]["title"] == "Overview"
        assert "update" not in actions(world.plan(shop()))

    def test_force_is_not_adopt(self, world: World) -> None:
        world.put(dashboard("shop-overview", "Somebody's own"))
        assert world.plan(shop(), Consent(force=True)).blocked

    def test_adopting_what_is_the_same_writes_only_the_mark(self, world: World) -> None:
        """The live object keeps its form to the byte: pretty JSON strings, noise, and the tags that it has."""
        panels = json.dumps(json.loads(shop()[4]["attributes"]["panelsJSON"]), indent=2)
        mine = with_attributes(shop()[4], panelsJSON=panels, hits=0)
        mine["references"] = [ref for ref in mine["references"] if ref["type"] != "tag"]
        world.put(tag("mine"), view(name="Orders"), *shop()[2:4], tag("ml"))
        world.put(mine | {"references": [*mine["references"], reference("tag", "tag-mine", "tag-ref-tag-mine")]})
        source = [item for item in shop() if item["type"] != "tag"]
        source[-1] = with_attributes(source[-1]) | {"references": mine["references"]}
        plan = world.plan(source)
        assert actions(plan) == {"unchanged": ALL}
        assert {change.foreign for change in plan.changes if change.key[0] != "tag"} == {True}
        assert actions(world.plan(source, Consent(adopt=True))) == {"mark": ALL}
        world.apply(source, Consent(adopt=True))
        live = world.get("dashboard", "shop-overview")
        assert live["attributes"]["panelsJSON"] == panels
        assert ("tag", "tag-mine") in reference_keys(live)
        assert actions(world.plan(source)) == {"unchanged": ALL}

    def test_what_was_changed_in_kibana_stops_everything(self, world: World) -> None:
        """A save in Kibana's editor is noticed; apply leaves the change alone until it is forced."""
        world.apply(shop())
        world.save_in_the_editor("dashboard", "shop-overview", title="Better title")
        plan = world.plan([*shop(), lens("shop-new", "New")])
        assert [(change.key[1], change.block) for change in plan.blocked] == [("shop-overview", "changed")]
        with pytest.raises(KbuildError):
            apply(world.kibana, plan, world.backups, "local")
        assert not world.has("lens", "shop-new")
        world.apply(shop(), Consent(force=True))
        assert world.get("dashboard", "shop-overview")["attributes"]["title"] == "Overview"
        assert actions(world.plan(shop())).keys() == {"unchanged"}

    def test_a_change_that_kept_the_mark_is_noticed_too(self, world: World) -> None:
        """A program that updates attributes alone leaves the mark's name, but the hash does not fit any more."""
        world.apply(shop())
        item = importable(world.get("lens", "shop-latency"))
        world.put(with_attributes(item, title="Changed by a program"))
        assert [change.block for change in world.plan(shop()).blocked] == ["changed"]

    def test_a_change_that_the_source_has_too_is_only_marked(self, world: World) -> None:
        """After `export` the files say what was changed in Kibana: nothing is in the way, and nothing is rewritten."""
        world.apply(shop())
        world.save_in_the_editor("dashboard", "shop-overview", title="Better title")
        objects = shop()
        objects[4] = with_attributes(objects[4], title="Better title")
        assert actions(world.plan(objects))["mark"] == ["shop-overview"]
        world.apply(objects)
        assert actions(world.plan(objects)).keys() == {"unchanged"}

    def test_saving_without_a_change_is_no_obstacle(self, world: World) -> None:
        world.apply(shop())
        world.save_in_the_editor("dashboard", "shop-overview")
        plan = world.plan(shop())
        assert not plan.blocked
        assert actions(plan)["mark"] == ["shop-overview"]

    def test_another_projects_object_is_not_ours(self, world: World) -> None:
        plan = plan_apply(world.kibana, "other", shop())
        apply(world.kibana, plan, world.backups, "local")
        objects = [item if item["type"] == "tag" else with_attributes(item, title="Another") for item in shop()]
        assert {change.block for change in world.plan(objects).changes if change.key[0] != "tag"} == {"not-ours"}

    def test_what_is_as_the_source_says_is_no_obstacle_whosever_it_is(self, world: World) -> None:
        """Nothing of it is written, not even a mark; it stays foreign."""
        world.put(view(name="Orders"), lens("shop-errors", "Errors"))
        before = world.get("lens", "shop-errors")
        world.apply(shop())
        assert world.get("lens", "shop-errors") == before
        foreign = [change.key[1] for change in world.plan(shop()).changes if change.foreign]
        assert foreign == ["shop-orders", "shop-errors"]

    def test_the_projects_tag_may_come_after_its_objects(self, world: World) -> None:
        """Someone else's first apply is under way: what carries the tag-to-be is ours, though the tag was not seen."""
        world.apply(shop())
        bulk_delete(world.kibana, [("tag", project_tag(world))])
        plan = world.plan(shop())
        assert [change.title for change in plan.writes] == ["kbuild:shop"]
        assert not plan.blocked

    def test_two_projects_may_share_what_they_say_alike(self, world: World) -> None:
        """Both marks stay on the object, and both projects see it untouched."""
        apply(world.kibana, plan_apply(world.kibana, "other", [view()]), world.backups, "local")
        world.apply([view()], Consent(adopt=True))
        assert actions(world.plan([view()])) == {"unchanged": ["shop-orders"]}
        assert actions(plan_apply(world.kibana, "other", [view()])) == {"unchanged": ["shop-orders"]}


class TestWhatUsersAdd:
    """Tags and their part of a data view survive."""

    def test_a_users_tag_survives(self, world: World) -> None:
        world.apply(shop())
        world.put(tag("mine"))
        item = importable(world.get("lens", "shop-latency"))
        world.put(item | {"references": [*item["references"], reference("tag", "tag-mine", "tag-ref-tag-mine")]})
        assert actions(world.plan(shop())).keys() == {"unchanged"}
        objects = shop()
        objects[2] = lens("shop-latency", "Latency, new", tags=["ml"])
        world.apply(objects)
        live = world.get("lens", "shop-latency")
        assert live["attributes"]["title"] == "Latency, new"
        assert {("tag", "tag-mine"), ("tag", tag_id("ml"))} <= reference_keys(live)

    def test_runtime_fields_and_formats_survive(self, world: World) -> None:
        """An import overwrites a data view whole; so what the project does not say is sent as it is."""
        world.apply(shop())
        runtime = '{"hour":{"type":"long","script":{"source":"emit(1)"}}}'
        item = importable(world.get("index-pattern", "shop-orders"))
        world.put(with_attributes(item, runtimeFieldMap=runtime, fieldFormatMap='{"x":{"id":"bytes"}}', fields="[]"))
        assert actions(world.plan(shop())).keys() == {"unchanged"}
        objects = [view(name="Orders, all"), *shop()[1:]]
        world.apply(objects)
        live = world.get("index-pattern", "shop-orders")["attributes"]
        assert live["name"] == "Orders, all"
        assert live["runtimeFieldMap"] == runtime
        assert live["fieldFormatMap"] == '{"x":{"id":"bytes"}}'
        assert actions(world.plan(objects)).keys() == {"unchanged"}

    def test_an_index_pattern_changed_in_kibana_is_a_change(self, world: World) -> None:
        world.apply(shop())
        world.put(with_attributes(importable(world.get("index-pattern", "shop-orders")), title="other-*"))
        assert [change.key[1] for change in world.plan(shop()).blocked] == ["shop-orders"]

    def test_a_time_field_that_the_source_drops_is_dropped(self, world: World) -> None:
        world.apply([view()])
        without = view()
        del without["attributes"]["timeFieldName"]
        world.apply([without])
        assert world.get("index-pattern", "shop-orders")["attributes"] == {"title": "orders-*"}


class TestNamedDataViews:
    """A data view whose id the project names may belong to others."""

    KEEP = (("index-pattern", "uuid-1"),)

    def test_an_existing_one_is_used_as_it_is(self, world: World) -> None:
        world.put(view("uuid-1", name="Their name", runtimeFieldMap='{"a":{}}'))
        objects = [view("uuid-1", name="Our name"), lens("shop-l", "L", "uuid-1")]
        world.apply(objects, keep=self.KEEP)
        assert world.get("index-pattern", "uuid-1")["attributes"]["name"] == "Their name"
        assert actions(world.plan(objects, keep=self.KEEP)) == {"unchanged": ["shop-l", "uuid-1"]}

    def test_one_that_shows_something_else_is_in_the_way(self, world: World) -> None:
        world.put(view("uuid-1", title="other-*"))
        plan = world.plan([view("uuid-1")], keep=self.KEEP)
        assert [change.block for change in plan.blocked] == ["not-ours"]

    def test_it_can_be_adopted(self, world: World) -> None:
        world.put(view("uuid-1", name="Their name"))
        world.apply([view("uuid-1", name="Our name")], Consent(adopt=True), keep=self.KEEP)
        assert world.get("index-pattern", "uuid-1")["attributes"]["name"] == "Our name"

    def test_an_absent_one_is_made_with_that_id_in_any_space(self, second_space: World) -> None:
        second_space.apply([view("uuid-1"), lens("shop-l", "L", "uuid-1")], keep=self.KEEP)
        live = second_space.get("lens", space_id("ops", "lens", "shop-l"))
        assert ("index-pattern", "uuid-1") in reference_keys(live)
        assert second_space.has("index-pattern", "uuid-1")


class TestTags:
    """Tags are found by name, and made where they are absent."""

    def test_an_existing_tag_is_used(self, world: World) -> None:
        """Its id, colour and description are the users'."""
        mine = with_attributes(tag("ml", "random-uuid"), color="#123456", description="ours")
        world.put(mine)
        world.apply(shop())
        live = world.get("dashboard", "shop-overview")
        assert reference("tag", "random-uuid", "tag-ref-random-uuid") in live["references"]
        assert world.get("tag", "random-uuid")["attributes"] == mine["attributes"]
        assert len(find(world.kibana, ["tag"])) == 2
        assert actions(world.plan(shop())).keys() == {"unchanged"}

    def test_case_does_not_count_where_kibanas_editor_does_not_count_it(self, world: World) -> None:
        world.put(tag("ML", "random-uuid"))
        world.apply(shop())
        assert ("tag", "random-uuid") in reference_keys(world.get("dashboard", "shop-overview"))

    def test_two_spellings_in_one_project_are_one_tag(self, world: World) -> None:
        objects = [view(), tag("ml"), tag("ML"), lens("a", "A", tags=["ml"]), lens("b", "B", tags=["ML"])]
        world.apply(objects)
        assert len(find(world.kibana, ["tag"])) == 2
        assert actions(world.plan(objects)).keys() == {"unchanged"}

    def test_a_renamed_tag_keeps_its_new_name(self, world: World) -> None:
        """Someone renamed the tag that kbuild made: a new one is made beside it, nothing is renamed back."""
        world.apply(shop())
        world.put(with_attributes(importable(world.get("tag", tag_id("ml"))), name="machine learning"))
        world.apply(shop())
        assert world.get("tag", tag_id("ml"))["attributes"]["name"] == "machine learning"
        new = all_tags(world.kibana).id_of("ml")
        assert ("tag", str(new)) in reference_keys(world.get("dashboard", "shop-overview"))
        assert actions(world.plan(shop())).keys() == {"unchanged"}

    def test_a_tag_that_was_taken_off_is_put_back(self, world: World) -> None:
        world.apply(shop())
        item = importable(world.get("lens", "shop-latency"))
        world.put(item | {"references": [ref for ref in item["references"] if ref["id"] != tag_id("ml")]})
        assert actions(world.plan(shop()))["update"] == ["shop-latency"]


class TestSpaces:
    """The same project in a second space of the same Kibana."""

    def test_ids_are_derived_and_stable(self, world: World, second_space: World) -> None:
        world.apply(shop())
        outcome = second_space.apply(shop())
        overview = space_id("ops", "dashboard", "shop-overview")
        assert overview in {change.key[1] for change in outcome.written}
        live = second_space.get("dashboard", overview)
        assert "originId" not in live
        assert ("lens", space_id("ops", "lens", "shop-latency")) in reference_keys(live)
        assert actions(second_space.plan(shop())).keys() == {"unchanged"}
        assert actions(world.plan(shop())).keys() == {"unchanged"}
        assert not second_space.has("dashboard", "shop-overview")

    def test_an_id_that_another_space_has_is_told(self, world: World, second_space: World) -> None:
        """A data view's own id can live in one space only; Kibana would silently choose another."""
        world.apply([view("uuid-1")])
        keep = [("index-pattern", "uuid-1")]
        plan = second_space.plan([view("uuid-1")], keep=keep)
        outcome = apply(second_space.kibana, plan, second_space.backups, "ops")
        assert not outcome.complete
        assert [failure.change.key[1] for failure in outcome.failed] == ["uuid-1"]
        assert "taken in another space" in outcome.failed[0].words


class TestChecks:
    """What is wrong with the objects is found before anything is sent."""

    @pytest.mark.parametrize(
        ("item", "words"),
        [
            (5, "not a JSON object"),
            ([], "not a JSON object"),
            ({}, "has no type"),
            ({"type": "lens"}, "has no id"),
            ({"type": "lens", "id": ""}, "has no id"),
            ({"type": "lens", "id": "x"}, "has no attributes"),
            ({"type": "lens", "id": "x", "attributes": []}, "has no attributes"),
            ({"type": "lens", "id": "x", "attributes": {}, "references": {}}, "references are not a list"),
            ({"type": "lens", "id": "x", "attributes": {}, "references": [{"id": "y"}]}, "references are not a list"),
            ({"type": "lens", "id": "ü" * 300, "attributes": {}}, "id is too long"),
        ],
    )
    def test_what_is_no_saved_object(self, item: object, words: str) -> None:
        with pytest.raises(KbuildError, match=f"1 is no saved object that Kibana can take.*\n.*{words}"):
            check_objects([item], {})

    def test_two_objects_of_one_id(self, world: World) -> None:
        world.files = {("lens", "a"): "visualizations/a.yaml"}
        with pytest.raises(KbuildError, match=r'visualizations/a.yaml: visualization "B" \(a\): there are two'):
            world.plan([view(), lens("a", "A"), lens("a", "B")])

    def test_references_that_lead_nowhere(self, world: World) -> None:
        """All of them at once, with the files; Kibana itself would take the dashboard without its visualization."""
        world.files = {("dashboard", "d"): "dashboards/d.yaml", ("lens", "l"): "visualizations/l.yaml"}
        with pytest.raises(KbuildError) as caught:
            world.plan([dashboard("d", "D", "nope", "l"), lens("l", "L", "no-view")])
        words = str(caught.value)
        assert "2 references lead nowhere" in words
        assert "dashboards/d.yaml: dashboard \"D\" (d) refers to the visualization 'nope'" in words
        assert "visualizations/l.yaml: visualization \"L\" (l) refers to the data view 'no-view'" in words
        assert find(world.kibana, ["lens", "dashboard"]) == []

    def test_a_reference_to_what_kibana_has(self, world: World) -> None:
        world.put(view("theirs"))
        world.apply([lens("l", "L", "theirs")])
        assert world.has("lens", "l")

    def test_too_large(self, world: World) -> None:
        big = with_attributes(lens("shop-big", "Big"), description="x" * 27_000_000)
        with pytest.raises(TooLarge, match=r"lens 'shop-big' has 27,000,"):
            world.plan([view(), big])
        assert find(world.kibana, ["index-pattern"]) == []


class TestBackups:
    """What is overwritten is kept first, privately."""

    def test_where_it_lies_and_who_may_read_it(self, world: World) -> None:
        outcome = world.apply(shop())
        assert outcome.backup is not None
        assert outcome.backup.parent == world.root / ".kbuild" / "backups"
        assert outcome.backup.name.endswith("-local")
        assert (world.root / ".kbuild" / ".gitignore").read_text() == "*\n"
        for folder in (outcome.backup, outcome.backup.parent):
            assert folder.stat().st_mode & 0o777 == 0o700
        assert sorted(path.name for path in outcome.backup.iterdir()) == ["manifest.json", "objects.ndjson"]

    def test_a_backup_can_be_imported_by_hand(self, world: World) -> None:
        """The file holds what Kibana's own import page takes; the attributes are the former ones to the byte."""
        world.apply(shop())
        before = world.get("lens", "shop-errors")["attributes"]
        outcome = world.apply([*shop()[:3], lens("shop-errors", "Other"), shop()[4]])
        assert outcome.backup is not None
        lines = [json.loads(line) for line in (outcome.backup / "objects.ndjson").read_text().splitlines()]
        assert [line["id"] for line in lines] == ["shop-errors"]
        assert lines[0]["attributes"] == before
        world.put(*lines)
        assert world.get("lens", "shop-errors")["attributes"] == before

    def test_without_a_backup_nothing_is_sent(self, world: World) -> None:
        (world.root / ".kbuild").write_text("in the way")
        with pytest.raises(KbuildError, match=r"no backup can be written to .*nothing was sent"):
            world.apply(shop())
        assert find(world.kibana, ["dashboard"]) == []


class TestAtTheSameTime:
    """Others work in the same space."""

    def test_a_change_while_the_person_was_thinking_stops_it(self, world: World) -> None:
        """Between the plan and its yes someone else saved: their work is not overwritten."""
        world.apply(shop())
        objects = shop()
        objects[4] = dashboard("shop-overview", "Ours", "shop-latency")
        plan = world.plan(objects)
        world.save_in_the_editor("dashboard", "shop-overview", title="Theirs")
        with pytest.raises(KbuildError, match=r'changed in Kibana since the plan was made.*\n  dashboard "Ours"'):
            apply(world.kibana, plan, world.backups, "local")
        assert world.get("dashboard", "shop-overview")["attributes"]["title"] == "Theirs"

    def test_the_same_apply_by_someone_else_is_no_obstacle(self, world: World) -> None:
        plan = world.plan(shop())
        world.apply(shop())
        assert apply(world.kibana, plan, world.backups, "local") == Outcome()

    def test_twenty_first_applies_leave_one_set(self, second_space: World, tmp_path: Path) -> None:
        """All at once into a new space: every one succeeds, and there is one object of each."""
        barrier = threading.Barrier(20)
        outcomes: list[Outcome] = []
        errors: list[BaseException] = []

        def one(number: int) -> None:
            root = tmp_path / str(number)
            root.mkdir()
            try:
                with Kibana(second_space.kibana.address, space="ops") as kibana:
                    barrier.wait(30)
                    plan = plan_apply(kibana, PROJECT, shop())
                    outcomes.append(apply(kibana, plan, BackupFolder(root), "ops"))
            except BaseException as error:  # noqa: BLE001 - the thread must not hide it
                errors.append(error)

        threads = [threading.Thread(target=one, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert errors == []
        assert [outcome.complete for outcome in outcomes] == [True] * 20
        found = find(second_space.kibana, ["tag", "index-pattern", "lens", "dashboard"])
        assert len(found) == 6
        assert not any("originId" in item for item in found)
        assert actions(second_space.plan(shop())).keys() == {"unchanged"}


def test_many_objects_go_in_several_imports(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A project over the limits is cut: what is referred to first, and nothing is lost."""
    monkeypatch.setattr("kibana_builder.kibana.saved_objects.MOST_OBJECTS", 7)
    objects = [dashboard(f"d{n}", f"D{n}", f"l{n}") for n in range(10)] + [lens(f"l{n}", f"L{n}") for n in range(10)]
    outcome = world.apply([*objects, view()])
    assert len(outcome.written) == 22
    assert len(bulk_get(world.kibana, map(key_of, objects))) == 20
    assert set(snapshot(world.kibana, objects)) == {key_of(item) for item in objects}
