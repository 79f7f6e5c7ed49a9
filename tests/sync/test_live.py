"""What a space holds of a project; how people name it; taking it away."""

from __future__ import annotations

import pytest

from kibana_builder.errors import KbuildError
from kibana_builder.kibana.saved_objects import find
from kibana_builder.saved.ids import Key, space_id, tag_id
from kibana_builder.sync.delete import delete, plan_delete
from kibana_builder.sync.live import read_project
from kibana_builder.sync.marks import importable
from tests.sync.project import PROJECT, World, dashboard, lens, reference, shop, view


class TestRead:
    """All that carries the project's tag, and its state."""

    def test_objects_and_states(self, world: World) -> None:
        world.apply(shop())
        world.save_in_the_editor("dashboard", "shop-overview", title="Better")
        world.put(lens("theirs", "Theirs"))
        found = [(own.key[1], own.state) for own in read_project(world.kibana, PROJECT).objects]
        assert found == [
            ("shop-overview", "changed"),
            ("shop-orders", "untouched"),
            ("shop-errors", "untouched"),
            ("shop-latency", "untouched"),
        ]

    def test_a_project_that_was_never_applied(self, world: World) -> None:
        assert read_project(world.kibana, PROJECT).objects == []

    def test_a_copy_made_in_kibana_shows_as_changed(self, world: World) -> None:
        """Duplicate copies the tag; the copy's id does not fit the hash."""
        world.apply(shop())
        world.put(importable(world.get("dashboard", "shop-overview")) | {"id": "copy"})
        states = {own.key[1]: own.state for own in read_project(world.kibana, PROJECT).objects}
        assert states["copy"] == "changed"
        assert states["shop-overview"] == "untouched"


class TestNames:
    """An id, a title, or the name of a file."""

    @pytest.mark.parametrize("space", ["default", "ops"])
    @pytest.mark.parametrize("name", ["overview", "shop-overview", "Overview"])
    def test_one_object_by_many_names(self, world: World, second_space: World, space: str, name: str) -> None:
        place = world if space == "default" else second_space
        place.apply(shop())
        found = read_project(place.kibana, PROJECT).named([name], {})
        assert [own.key[1] for own in found] == [space_id(space, "dashboard", "shop-overview")]

    def test_a_file_whose_object_has_an_id_of_its_own(self, second_space: World) -> None:
        second_space.apply([view(), dashboard("own-id", "Title")])
        files: dict[str, list[Key]] = {"file": [("dashboard", "own-id")]}
        found = read_project(second_space.kibana, PROJECT).named(["file"], files)
        assert [own.title for own in found] == ["Title"]

    def test_an_unknown_name(self, world: World) -> None:
        world.apply(shop())
        live = read_project(world.kibana, PROJECT)
        with pytest.raises(
            KbuildError, match=r"nothing named 'Overveiw' in http.*, space 'default' \(did you mean 'Overview'\?\)"
        ):
            live.named(["Overveiw"], {})
        with pytest.raises(KbuildError, match=r"nothing named 'zzzz' in http.*; `kbuild list` shows"):
            live.named(["zzzz"], {})

    def test_a_name_of_two(self, world: World) -> None:
        world.apply([view(), lens("shop-a", "Same"), lens("shop-b", "Same")])
        live = read_project(world.kibana, PROJECT)
        with pytest.raises(KbuildError, match=r'may mean several.*\n  visualization/shop-a: visualization "Same"'):
            live.named(["Same"], {})
        assert len(live.named(["a", "shop-a", "b"], {})) == 2

    @pytest.mark.parametrize("space", ["default", "ops"])
    def test_a_type_in_front_tells_them_apart(self, world: World, second_space: World, space: str) -> None:
        """A dashboard and a data view may share a name and an id; both type words are known."""
        place = world if space == "default" else second_space
        place.apply([view("shop-a"), dashboard("shop-a", "A")])
        live = read_project(place.kibana, PROJECT)
        with pytest.raises(KbuildError, match=r"\n  dashboard/(.*): dashboard.*\n  data-view/.*: data view") as caught:
            live.named(["a"], {})
        typed = [line.strip().partition(": ")[0] for line in str(caught.value).splitlines()[1:]]
        kinds = ["dashboard", "index-pattern"]
        for names in (["dashboard:a", "data-view:shop-a"], ["dashboard/A", "index-pattern/a"], typed):
            assert [own.key[0] for own in live.named(names, {})] == kinds
        with pytest.raises(KbuildError, match="nothing named 'lens/a'"):
            live.named(["lens/a"], {})


class TestDelete:
    """Only what is ours, only after a backup, and not what others use."""

    def delete(self, world: World, *names: str, force: bool = False) -> list[str]:
        live = read_project(world.kibana, PROJECT)
        plan = plan_delete(world.kibana, live, live.named(names, {}) if names else live.objects)
        done = delete(world.kibana, plan, world.backups, world.context, force=force)
        assert not done.refused
        return [own.key[1] for own in done.deleted]

    def test_one_object(self, world: World) -> None:
        world.apply(shop())
        assert self.delete(world, "overview") == ["shop-overview"]
        assert not world.has("dashboard", "shop-overview")
        assert world.has("lens", "shop-latency")
        assert len(find(world.kibana, ["tag"])) == 2

    def test_everything_takes_the_projects_tag_with_it(self, second_space: World) -> None:
        """Users' tags stay, the project's own goes with its last object."""
        second_space.apply(shop())
        second_space.put(lens("theirs", "Theirs", space_id("ops", "index-pattern", "shop-orders")))
        with pytest.raises(KbuildError, match="in use"):
            self.delete(second_space)
        assert len(self.delete(second_space, force=True)) == 4
        assert [item["id"] for item in find(second_space.kibana, ["lens", "dashboard"])] == ["theirs"]
        assert [item["id"] for item in find(second_space.kibana, ["tag"])] == [space_id("ops", "tag", tag_id("ml"))]

    def test_what_others_use_is_told(self, world: World) -> None:
        """The users are named, those of the project too."""
        world.apply(shop())
        live = read_project(world.kibana, PROJECT)
        plan = plan_delete(world.kibana, live, live.named(["latency"], {}))
        assert plan.used_by == {("lens", "shop-latency"): ['dashboard "Overview" (shop-overview)']}
        with pytest.raises(KbuildError, match="nothing was deleted"):
            delete(world.kibana, plan, world.backups, "local")
        assert self.delete(world, "latency", "overview") == ["shop-latency", "shop-overview"]

    def test_what_was_changed_in_kibana_needs_force(self, world: World) -> None:
        world.apply(shop())
        world.save_in_the_editor("dashboard", "shop-overview", title="Better")
        with pytest.raises(KbuildError, match="changed in Kibana"):
            self.delete(world, "shop-overview")
        assert self.delete(world, "shop-overview", force=True) == ["shop-overview"]

    def test_a_change_while_the_person_was_thinking_stops_it(self, world: World) -> None:
        world.apply(shop())
        live = read_project(world.kibana, PROJECT)
        plan = plan_delete(world.kibana, live, live.named(["overview"], {}))
        world.save_in_the_editor("dashboard", "shop-overview", title="Better")
        with pytest.raises(KbuildError, match="meanwhile"):
            delete(world.kibana, plan, world.backups, "local")
        assert world.has("dashboard", "shop-overview")

    def test_a_users_tag_on_it_is_no_obstacle(self, world: World) -> None:
        world.apply(shop())
        item = importable(world.get("lens", "shop-errors"))
        world.put(item | {"references": [*item["references"], reference("tag", tag_id("ml"), "tag-ref")]})
        assert self.delete(world, "errors", "overview") == ["shop-errors", "shop-overview"]
