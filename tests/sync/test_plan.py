"""A plan: few requests, no changes after an apply, and what is left over."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from kibana_builder.errors import KbuildError, Refused
from kibana_builder.files.ndjson import read_ndjson
from kibana_builder.kibana import saved_objects
from kibana_builder.kibana.http import Answer, Kibana
from kibana_builder.saved.ids import key_of
from kibana_builder.sync.apply import apply
from kibana_builder.sync.changes import Plan
from kibana_builder.sync.classify import Consent
from kibana_builder.sync.marks import importable
from kibana_builder.sync.plan import Whole, plan_apply
from tests.shared_material import SHARED, needs_shared
from tests.sync.project import PROJECT, World, actions, dashboard, lens, shop, view

RECORDED = SHARED / "kibana-8.12.2"


def whole_plan(world: World, objects: list[dict[str, Any]], *, prune: bool = False) -> Plan:
    keys = {key_of(item) for item in objects}
    return plan_apply(world.kibana, PROJECT, objects, whole=Whole(keys), prune=prune)


@needs_shared
def test_what_kibana_gave_back_is_no_change(world: World) -> None:
    """The objects that were imported into a Kibana 8.12.2 and exported from it again: only their marks are missing."""
    authored = read_ndjson((RECORDED / "authored.ndjson").read_text("utf-8"), "authored")
    exported = read_ndjson((RECORDED / "exported.ndjson").read_text("utf-8"), "exported")
    world.put(*(importable(item) for item in exported))
    plan = world.plan(authored, Consent(adopt=True))
    assert {change.action for change in plan.changes if change.key[0] != "tag"} == {"mark"}
    world.apply(authored, Consent(adopt=True))
    assert not world.plan(authored).would_change


class TestRequests:
    """Their number does not grow with the project."""

    @pytest.mark.parametrize("count", [3, 900])
    def test_a_plan_of_many(self, world: World, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
        objects = [view(), *(lens(f"shop-{number}", f"L {number}") for number in range(count))]
        world.apply(objects)
        asked: Counter[str] = Counter()
        send = Kibana.send

        def counted(kibana: Kibana, method: str, path: str, **kwargs: Any) -> Answer:
            asked[path.rpartition("/")[2]] += 1
            return send(kibana, method, path, **kwargs)

        monkeypatch.setattr(Kibana, "send", counted)
        assert not whole_plan(world, objects).would_change
        assert asked == {"_find": 1, "_export": 1, "_bulk_get": 1}
        asked.clear()
        assert len(whole_plan(world, objects[:2], prune=True).deletes) == count - 1
        assert asked["_export"] <= 1 + -(-count // 200)
        assert asked["_bulk_get"] == 1

    def test_more_than_one_export_takes(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        """Kibana refuses to export more than 10,000 objects at once; then each type is asked for alone."""
        world.apply(shop())
        export = saved_objects._export

        def limited(kibana: Kibana, body: dict[str, Any]) -> list[dict[str, Any]]:
            if body["type"] in self.refused and body["hasReference"][0]["type"] == "tag":
                raise Refused("Can't export more than 10000 objects", 400)
            return export(kibana, body)

        monkeypatch.setattr(saved_objects, "_export", limited)
        self.refused = {"*"}
        objects = [view(name="Orders"), lens("shop-latency", "Latency")]
        found = [leftover.key[1] for leftover in whole_plan(world, objects).left_over]
        assert found == ["shop-overview", "shop-errors"]
        self.refused = {"*", "dashboard"}
        plan = whole_plan(world, objects)
        assert (plan.left_over, plan.unseen) == ([], "Can't export more than 10000 objects")
        with pytest.raises(Refused):
            whole_plan(world, objects, prune=True)


class TestLeftOver:
    """What no file has any more."""

    def test_nothing_is_looked_for_unless_it_is_asked(self, world: World) -> None:
        world.apply(shop())
        assert world.plan([view()]).left_over == []

    def test_only_what_is_as_it_was_applied_is_deleted(self, world: World) -> None:
        world.apply([*shop(), lens("shop-old", "Old"), lens("shop-older", "Older")])
        world.save_in_the_editor("lens", "shop-older", title="Mine now")
        plan = whole_plan(world, shop(), prune=True)
        assert [(leftover.key[1], leftover.fate) for leftover in plan.left_over] == [
            ("shop-old", "unused"),
            ("shop-older", "changed"),
        ]
        assert [leftover.key[1] for leftover in plan.deletes] == ["shop-old"]

    def test_an_update_of_this_apply_frees_what_it_no_longer_uses(self, world: World) -> None:
        """What refers to it now, and will not any more, keeps nothing; what will refer to it does."""
        world.apply(shop())
        later = [view(name="Orders"), dashboard("shop-overview", "Overview", "shop-latency")]
        plan = whole_plan(world, later, prune=True)
        assert {leftover.key[1]: leftover.fate for leftover in plan.left_over} == {
            "shop-errors": "unused",
            "shop-latency": "used",
        }

    def test_what_stays_keeps_what_it_needs(self, world: World) -> None:
        world.apply([view(), lens("shop-a", "A"), dashboard("shop-b", "B", "shop-a")])
        world.put(dashboard("theirs", "Theirs") | {"references": [{"type": "dashboard", "id": "shop-b", "name": "x"}]})
        plan = whole_plan(world, [view()], prune=True)
        assert {leftover.key[1]: leftover.fate for leftover in plan.left_over} == {"shop-a": "used", "shop-b": "used"}

    def test_a_change_in_the_meantime_stops_everything(self, world: World) -> None:
        world.apply([view(), lens("shop-a", "A")])
        plan = whole_plan(world, [view(name="New")], prune=True)
        world.save_in_the_editor("lens", "shop-a", title="Mine")
        with pytest.raises(KbuildError, match="changed in Kibana since the plan"):
            apply(world.kibana, plan, world.backups, "local")
        assert world.get("index-pattern", "shop-orders")["attributes"].get("name") is None


def test_words_are_of_the_update(world: World) -> None:
    world.apply(shop())
    objects = shop()
    objects[3] = lens("shop-errors", "Errors by type")
    (change,) = world.plan(objects).of("update")
    assert change.words == ['title Errors → "Errors by type"']
    assert actions(world.plan(objects))["update"] == ["shop-errors"]
