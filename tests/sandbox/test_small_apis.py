"""Single objects, spaces, tags and data views through their own routes."""

from __future__ import annotations

import pytest

from kibana_builder.json_tree import Json
from tests.sandbox.conftest import Api, dashboard, data_view, lens, tag


class TestSingleObjects:
    """One object at a time, or a list of them."""

    def test_create_get_update_delete(self, api: Api) -> None:
        created = api.post("/api/saved_objects/dashboard/d", {"attributes": {"title": "One"}}).json()
        assert created["typeMigrationVersion"] == "8.9.0"
        changes = {"attributes": {"description": "more"}, "version": created["version"]}
        updated = api.send("PUT", "/api/saved_objects/dashboard/d", json=changes).json()
        assert updated["attributes"] == {"description": "more"}
        stored = api.get("/api/saved_objects/dashboard/d").json()
        assert stored["attributes"] == {"title": "One", "description": "more"}
        assert stored["created_at"] == created["created_at"]
        assert api.send("PUT", "/api/saved_objects/dashboard/d", json=changes).status_code == 409
        assert api.send("DELETE", "/api/saved_objects/dashboard/d").json() == {}
        assert api.get("/api/saved_objects/dashboard/d").status_code == 404

    @pytest.mark.parametrize("version", ["", "x", "WzEsMg==", "W10=", "WyJhIiwxXQ==", "W3RydWUsMV0="])
    def test_versions_that_are_none(self, api: Api, version: str) -> None:
        api.upload(tag())
        changes = {"attributes": {}, "version": version}
        answer = api.send("PUT", "/api/saved_objects/tag/tag", json=changes)
        assert (answer.status_code, answer.json()["message"]) == (400, f"Invalid version [{version}]")

    @pytest.mark.parametrize(
        ("kind", "body", "words"),
        [
            ("dashboard", {"attributes": {}}, "[attributes.title]: expected value of type [string]"),
            ("tag", {"attributes": {"bogus": 1}}, "dynamic introduction of [bogus] within [tag] is not allowed"),
            ("nothing", {"attributes": {}}, "Unsupported saved object type: 'nothing'"),
            ("tag", {}, "[request body.attributes]: expected a plain object value, but found [undefined]"),
            ("tag", {"attributes": {}, "bogus": 1}, "[request body.bogus]: definition for this key is missing"),
            ("tag", None, "[request body]: expected a plain object value, but found [null] instead."),
        ],
    )
    def test_refused(self, api: Api, kind: str, body: Json, words: str) -> None:
        answer = api.post(f"/api/saved_objects/{kind}", body)
        assert answer.status_code == 400
        assert words in answer.json()["message"]

    def test_an_update_is_checked_like_a_creation(self, api: Api) -> None:
        api.upload(dashboard("d"))
        answer = api.send("PUT", "/api/saved_objects/dashboard/d", json={"attributes": {"hits": "many"}})
        assert answer.status_code == 400
        assert "hits" not in api.get("/api/saved_objects/dashboard/d").json()["attributes"]

    def test_an_id_of_another_space_is_taken(self, api: Api) -> None:
        api.upload(tag())
        answer = api.in_space("other").post("/api/saved_objects/tag/tag?overwrite=true", {"attributes": {}})
        assert answer.status_code == 409

    def test_lists_of_objects(self, api: Api) -> None:
        """What cannot be done for one of them leaves an error in its place."""
        made = [tag("a"), {"type": "tag", "id": "b", "attributes": {"bogus": 1}}, tag("a")]
        created = api.post("/api/saved_objects/_bulk_create", made).json()["saved_objects"]
        assert [each.get("error", {}).get("statusCode") for each in created] == [None, 400, 409]
        keys = [{"type": "tag", "id": "a"}, {"type": "tag", "id": "gone"}, {"type": "nothing", "id": "x"}]
        got = api.post("/api/saved_objects/_bulk_get", keys).json()["saved_objects"]
        assert [each.get("error", {}).get("statusCode") for each in got] == [None, 404, 400]
        gone = api.post("/api/saved_objects/_bulk_delete", keys).json()["statuses"]
        assert [each["success"] for each in gone] == [True, False, False]
        assert api.ids("tag") == set()


class TestSpaces:
    """Spaces hold objects apart, and take them along when they go."""

    def test_life_of_a_space(self, api: Api) -> None:
        assert api.post("/api/spaces/space", {"id": "ml", "name": "ML"}).json() == {
            "id": "ml",
            "name": "ML",
            "disabledFeatures": [],
        }
        assert [each["id"] for each in api.get("/api/spaces/space").json()] == ["default", "ml"]
        api.upload(tag("mine"))
        api.in_space("ml").upload(tag("theirs"))
        assert api.in_space("ml").ids("tag") == {"theirs"}
        assert api.send("DELETE", "/api/spaces/space/ml").status_code == 204
        assert api.get("/api/spaces/space/ml").status_code == 404
        assert api.in_space("ml").ids("tag") == set()
        assert api.ids("tag") == {"mine"}

    def test_default_has_two_names(self, api: Api) -> None:
        api.upload(tag())
        assert api.in_space("default").ids("tag") == {"tag"}

    def test_copies(self, api: Api) -> None:
        """Objects are copied into another space with what they refer to, as an import would do it."""
        api.upload(lens("chart", "dv"), data_view("dv"))
        wish = {"spaces": ["ml"], "objects": [{"type": "lens", "id": "chart"}], "includeReferences": True}
        body = api.post("/api/spaces/_copy_saved_objects", wish).json()
        assert body["ml"]["successCount"] == 2
        (copy,) = api.in_space("ml").ids("lens")
        assert copy != "chart"
        refused = api.post("/api/spaces/_copy_saved_objects", {**wish, "overwrite": True})
        assert refused.json()["message"] == "cannot use [overwrite] with [createNewCopies]"


class TestTags:
    """Tags have names that are theirs alone, and leave no reference behind."""

    def test_life_of_a_tag(self, api: Api) -> None:
        body = {"name": "ml", "description": "", "color": "#AABBCC"}
        made = api.post("/api/saved_objects_tagging/tags/create", body).json()["tag"]
        assert api.get(f"/api/saved_objects_tagging/tags/{made['id']}").json() == {"tag": {**body, "id": made["id"]}}
        assert api.post("/api/saved_objects_tagging/tags/create", body).status_code == 409
        board = dashboard("board", "chart")
        board["references"].append({"type": "tag", "id": made["id"], "name": "tag-ref"})
        api.upload(board)
        found = api.get("/internal/saved_objects_tagging/tags/_find?search=m*").json()
        assert (found["total"], found["tags"][0]["relationCount"]) == (1, 1)
        assert api.get("/internal/saved_objects_tagging/tags/_find?search=x").json()["total"] == 0
        assert api.send("DELETE", f"/api/saved_objects_tagging/tags/{made['id']}").content == b""
        left = api.get("/api/saved_objects/dashboard/board").json()["references"]
        assert [each["type"] for each in left] == ["lens"]
        assert api.get("/api/saved_objects_tagging/tags").json() == {"tags": []}
        assert api.send("DELETE", f"/api/saved_objects_tagging/tags/{made['id']}").status_code == 404

    @pytest.mark.parametrize(
        ("wrong", "name"),
        [
            ({"name": "x"}, "name"),
            ({"name": "x" * 51}, "name"),
            ({"description": "x" * 101}, "description"),
            ({"color": "#12345"}, "color"),
            ({"color": "#123456\n"}, "color"),
        ],
    )
    def test_refused(self, api: Api, wrong: dict[str, str], name: str) -> None:
        body = {"name": "ml", "description": "", "color": "#AABBCC", **wrong}
        answer = api.post("/api/saved_objects_tagging/tags/create", body)
        assert answer.status_code == 400
        assert list(answer.json()["attributes"]["errors"]) == [name]


class TestDataViews:
    """Data views through their own API are the same objects as through an import."""

    def test_what_is_set_is_stored_as_json_strings(self, api: Api) -> None:
        runtime = {"hour": {"type": "long", "script": {"source": "emit(1)"}}}
        fields = {"n": {"name": "n", "scripted": True}}
        wish = {"title": "logs-*", "id": "dv", "runtimeFieldMap": runtime, "fields": fields, "typeMeta": {}}
        made = api.post("/api/data_views/data_view", {"data_view": wish}).json()["data_view"]
        assert (made["name"], made["runtimeFieldMap"], made["fields"]) == ("logs-*", runtime, fields)
        stored = api.get("/api/saved_objects/index-pattern/dv").json()["attributes"]
        assert stored["runtimeFieldMap"] == '{"hour":{"type":"long","script":{"source":"emit(1)"}}}'
        assert stored["fields"] == '[{"name":"n","scripted":true}]'
        assert api.get("/api/data_views/data_view/dv").json()["data_view"] == made

    def test_an_update_leaves_the_rest(self, api: Api) -> None:
        api.upload(data_view("dv"))
        api.post("/api/data_views/data_view/dv", {"data_view": {"name": "New"}})
        assert api.get("/api/saved_objects/index-pattern/dv").json()["attributes"] == {
            "title": "logs-*",
            "name": "New",
            "timeFieldName": "@timestamp",
        }

    def test_names_are_taken(self, api: Api) -> None:
        """A second one of a name is refused; with `override` it takes the first one's place."""
        api.upload(data_view("dv"))
        wish = {"data_view": {"title": "x", "name": "Logs", "id": "other"}}
        assert api.post("/api/data_views/data_view", wish).status_code == 400
        assert api.post("/api/data_views/data_view", {**wish, "override": True}).ok
        assert api.ids("index-pattern") == {"other"}

    def test_strings_that_are_no_json(self, api: Api) -> None:
        """What an import may write, the API can show."""
        view = data_view("dv")
        view["attributes"] |= {"fields": "[5]", "runtimeFieldMap": "{", "sourceFilters": 5, "typeMeta": "[]"}
        api.upload(view)
        shown = api.get("/api/data_views/data_view/dv").json()["data_view"]
        assert (shown["fields"], shown["runtimeFieldMap"], shown["sourceFilters"], shown["typeMeta"]) == (
            {},
            {},
            [],
            {},
        )
        assert api.get("/api/data_views").ok
