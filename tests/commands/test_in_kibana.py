"""`kbuild list`, `open`, `delete` and `rollback`: what a project has in Kibana, and how it goes away and comes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.commands.small_project import DASHBOARD, LATENCY, Shop, make_shop
from tests.sync.project import lens


@pytest.fixture
def shop(sandbox_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shop:
    """Apply the project once."""
    shop = make_shop(tmp_path, sandbox_url, monkeypatch, capsys)
    assert shop.run("apply", "--yes").code == 0
    return shop


class TestList:
    """Type, title, id and state."""

    def test_a_table(self, shop: Shop) -> None:
        with shop.world() as world:
            world.save_in_the_editor("dashboard", "shop-overview", title="Better")
        assert shop.run("list").out.splitlines() == [
            "dashboard      Better   shop-overview  changed in Kibana",
            "data view      Orders   shop-orders    as applied",
            "visualization  Errors   shop-errors    as applied",
            "visualization  Latency  shop-latency   as applied",
        ]

    def test_json(self, shop: Shop) -> None:
        found = shop.run("list", "--format", "json").json
        assert found[0] == {"type": "dashboard", "id": "shop-overview", "title": "Overview", "state": "untouched"}
        assert len(found) == 4

    def test_nothing(self, shop: Shop) -> None:
        shop.write("kbuild.yaml", (shop.root / "kbuild.yaml").read_text().replace("project: shop", "project: other"))
        said = shop.run("list")
        assert (said.code, said.out) == (0, "")
        assert said.err == f"The project 'other' has nothing in {shop.url}, space 'default'.\n"
        assert shop.run("list", "--format", "json").json == []


class TestOpen:
    """The address of what a name means; no browser without a terminal."""

    @pytest.mark.parametrize("name", ["overview", "Overview", "shop-overview", "dashboards/overview.yaml"])
    def test_a_dashboard_by_its_names(self, shop: Shop, name: str) -> None:
        said = shop.run("open", name)
        assert (said.code, said.out) == (0, f"{shop.url}/app/dashboards#/view/shop-overview\n")

    def test_other_objects(self, shop: Shop) -> None:
        assert shop.run("open", "latency").out == f"{shop.url}/app/lens#/edit/shop-latency\n"
        view = f"{shop.url}/app/management/kibana/dataViews/dataView/shop-orders\n"
        assert shop.run("open", "orders").out == view

    def test_a_dashboard_goes_before_a_visualization_of_the_same_name(self, shop: Shop) -> None:
        shop.write("visualizations/overview.yaml", LATENCY.replace("Latency", "Overview"))
        assert shop.run("apply", "--yes").code == 0
        assert shop.run("open", "overview").out.endswith("/app/dashboards#/view/shop-overview\n")
        assert shop.run("open", "visualizations/overview.yaml").out.endswith("/app/lens#/edit/shop-overview\n")

    def test_without_a_name(self, shop: Shop) -> None:
        assert shop.run("open", "--print").out == f"{shop.url}/app/dashboards\n"

    def test_an_unknown_name(self, shop: Shop) -> None:
        said = shop.run("open", "overveiw")
        assert said.code == 1
        assert "nothing named 'overveiw'" in said.err
        assert "did you mean 'overview'?" in said.err

    def test_a_file_with_an_id_of_its_own(self, shop: Shop) -> None:
        shop.write("dashboards/second.yaml", f"id: own\n{DASHBOARD}")
        assert shop.run("apply", "--yes").code == 0
        assert shop.run("open", "second").out.endswith("/app/dashboards#/view/own\n")


class TestDelete:
    """Only what is ours, only when nothing speaks against it."""

    def test_by_name_after_a_yes(self, shop: Shop) -> None:
        refused = shop.run("delete", "overview")
        assert refused.code == 2
        assert "--yes" in refused.err
        said = shop.run("delete", "overview", "dashboards/overview.yaml", "--yes")
        assert said.code == 0
        assert said.out == '- delete dashboard "Overview" (shop-overview)\n'
        assert said.err.startswith("1 object deleted; it is kept in ")
        with shop.world() as world:
            assert not world.has("dashboard", "shop-overview")
            assert world.has("lens", "shop-latency")
        assert (shop.root / "dashboards/overview.yaml").exists()

    def test_what_is_still_used(self, shop: Shop) -> None:
        said = shop.run("delete", "latency", "--yes")
        assert said.code == 1
        assert '    still used by dashboard "Overview" (shop-overview)\n' in said.out
        assert "--force deletes it all the same" in said.err
        assert shop.run("delete", "latency", "overview", "--yes").code == 0

    def test_what_was_changed(self, shop: Shop) -> None:
        with shop.world() as world:
            world.save_in_the_editor("dashboard", "shop-overview", title="Better")
        said = shop.run("delete", "overview", "--yes")
        assert said.code == 1
        assert "(changed in Kibana)" in said.out
        assert shop.run("delete", "overview", "--yes", "--force").code == 0

    def test_everything(self, shop: Shop) -> None:
        done = shop.run("delete", "--all", "--yes", "--format", "json").json
        assert len(done["deleted"]) == 4
        assert done["refused"] == []
        assert shop.run("list", "--format", "json").json == []
        assert shop.run("rollback", "--yes").code == 0
        assert shop.run("delete", "--all", "--yes").err.startswith("4 objects deleted; they are kept in ")
        again = shop.run("delete", "--all", "--yes")
        assert (again.code, again.err) == (0, f"There is nothing to delete in {shop.url}, space 'default'.\n")

    def test_what_is_not_ours_has_no_name(self, shop: Shop) -> None:
        with shop.world() as world:
            world.put(lens("theirs", "Theirs"))
        said = shop.run("delete", "theirs", "--yes")
        assert said.code == 1
        assert "the project has nothing named 'theirs'" in said.err

    @pytest.mark.parametrize("args", [["delete"], ["delete", "overview", "--all"]])
    def test_names_or_all(self, shop: Shop, args: list[str]) -> None:
        said = shop.run(*args)
        assert said.code == 2
        assert "--all" in said.err


class TestRollback:
    """The last apply or delete is undone."""

    def test_an_update_and_a_new_object(self, shop: Shop) -> None:
        shop.write("visualizations/latency.yaml", LATENCY.replace("title: Latency", "title: Slowness"))
        shop.write("visualizations/new.yaml", LATENCY.replace("Latency", "New"))
        assert shop.run("apply", "--yes").code == 0
        refused = shop.run("rollback")
        assert refused.code == 2
        said = shop.run("rollback", "--yes")
        assert said.code == 0
        assert said.out.splitlines()[1:] == [
            '< put back visualization "Slowness" (shop-latency)',
            '- remove visualization "New" (shop-new)',
        ]
        assert said.err == "1 put back, 1 removed.\n"
        with shop.world() as world:
            assert world.get("lens", "shop-latency")["attributes"]["title"] == "Latency"
            assert not world.has("lens", "shop-new")

    def test_the_list_of_backups(self, shop: Shop) -> None:
        shop.run("delete", "overview", "--yes")
        said = shop.run("rollback", "--list")
        names = [line.split()[:2] for line in said.out.splitlines()]
        assert [command for _, command in names] == ["delete", "apply"]
        assert shop.run("rollback", "--yes").code == 0
        listed = shop.run("rollback", "--list", "--format", "json").json
        assert [(one["command"], one["put_back"]) for one in listed] == [
            ("rollback", False),
            ("delete", True),
            ("apply", False),
        ]
        named = shop.run("rollback", "--backup", names[1][0], "--yes", "--format", "json").json
        assert len(named["removed"]) == 6

    def test_no_backups(self, shop: Shop) -> None:
        assert shop.run("rollback", "--yes").code == 0
        said = shop.run("rollback", "--yes")
        assert said.code == 1
        assert "no backup for the context 'local'" in said.err
        assert shop.run("rollback", "--backup", "../x").code == 1

    def test_what_was_changed_since(self, shop: Shop) -> None:
        with shop.world() as world:
            world.save_in_the_editor("dashboard", "shop-overview", title="Better")
            said = shop.run("rollback", "--yes")
            assert said.code == 1
            assert 'dashboard "Overview" (shop-overview)' in said.err
            assert world.has("dashboard", "shop-overview")
            assert shop.run("rollback", "--yes", "--force").code == 0
            assert not world.has("dashboard", "shop-overview")

    def test_nothing_to_put_back(self, shop: Shop) -> None:
        shop.run("delete", "--all", "--yes")
        with shop.world() as world:
            assert not world.has("dashboard", "shop-overview")
        backup = shop.run("rollback", "--list").out.split()[0]
        assert shop.run("rollback", "--yes").code == 0
        said = shop.run("rollback", "--backup", backup)
        assert (said.code, said.err) == (0, "There is nothing to put back: all is as it was.\n")
