"""Imports: what is written, what is refused, and that nothing is half done."""

from __future__ import annotations

import time
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kibana_builder.json_tree import Json, compact
from kibana_builder.sandbox.answers import Refusal
from kibana_builder.sandbox.calls import Call, Upload
from kibana_builder.sandbox.import_objects import import_objects, resolve_import_errors
from kibana_builder.sandbox.store import Store
from tests.sandbox.conftest import Api, dashboard, data_view, lens, tag


def errors_of(body: dict[str, Any]) -> dict[str, str]:
    return {error["id"]: error["error"]["type"] for error in body.get("errors", [])}


def test_everything_is_written(api: Api) -> None:
    """Objects that refer to each other go in with one import, in any order."""
    body = api.upload(dashboard("board", "chart"), lens("chart", "dv"), data_view("dv")).json()
    assert (body["success"], body["successCount"]) == (True, 3)
    assert body["successResults"][2]["meta"] == {"title": "Logs", "icon": "indexPatternApp"}
    assert api.get("/api/saved_objects/lens/chart").json()["references"][0]["id"] == "dv"


def test_a_conflict_keeps_the_whole_file_out(api: Api) -> None:
    """One id that is taken: nothing is written, though the answer lists the other object as a success."""
    api.upload(tag("one"))
    body = api.upload(tag("one"), tag("two")).json()
    assert errors_of(body) == {"one": "conflict"}
    assert [each["id"] for each in body["successResults"]] == ["two"]
    assert api.ids("tag") == {"one"}


@pytest.mark.parametrize("kind", ["index-pattern", "search"])
def test_a_missing_reference_keeps_the_whole_file_out(api: Api, kind: str) -> None:
    """Data views and searches are looked for; the object that lacks one, and all others, stay out."""
    chart = lens("chart")
    chart["references"] = [{"type": kind, "id": "gone", "name": "a"}, {"type": kind, "id": "gone", "name": "b"}]
    body = api.upload(chart, tag("one")).json()
    assert body["errors"][0]["error"] == {"type": "missing_references", "references": [{"type": kind, "id": "gone"}]}
    assert api.ids("tag") == set()


def test_other_references_may_be_missing(api: Api) -> None:
    """A missing chart or tag is no error for Kibana."""
    assert api.upload(dashboard("board", "gone")).json()["success"]


def test_a_refused_object_does_not_stop_the_others(api: Api) -> None:
    """An attribute that a strict type does not have stops its object only."""
    bad = [dashboard("d", attributes={"bogus": 1}), tag("t"), lens("l")]
    bad[1]["attributes"]["bogus"] = bad[2]["attributes"]["bogus"] = 1
    bad.append(lens("s") | {"attributes": {"state": "text"}})
    body = api.upload(*bad, data_view("dv")).json()
    assert errors_of(body) == dict.fromkeys("dtls", "unknown")
    assert "[attributes.bogus]: definition for this key is missing" in str(body["errors"][0])
    assert api.ids("index-pattern") == {"dv"}


def test_an_id_that_is_too_long_refuses_the_whole_file(api: Api) -> None:
    """What goes wrong in the middle of writing leaves nothing behind."""
    answer = api.upload(tag("one"), tag("x" * 600))
    assert answer.status_code == 400
    assert api.ids("tag") == set()


def test_overwrite_is_a_new_creation(api: Api) -> None:
    """An overwritten object has new times and a new version, and is none of the old one's."""
    api.upload(tag("one", "before"))
    before = api.get("/api/saved_objects/tag/one").json()
    time.sleep(0.002)
    body = api.upload(tag("one", "after"), query="?overwrite=true").json()
    after = api.get("/api/saved_objects/tag/one").json()
    assert body["successResults"][0]["overwrite"] is True
    assert after["attributes"]["name"] == "after"
    assert after["created_at"] == after["updated_at"] > before["created_at"]
    assert after["version"] != before["version"]


def test_new_copies_refer_to_each_other(api: Api) -> None:
    """With createNewCopies every object gets an id of its own, and the references follow."""
    file = [data_view("dv"), lens("chart", "dv")]
    api.upload(*file)
    results = api.upload(*file, query="?createNewCopies=true").json()["successResults"]
    copied_view, copied_chart = (each["destinationId"] for each in results)
    copy = api.get(f"/api/saved_objects/lens/{copied_chart}").json()
    assert copy["references"][0]["id"] == copied_view
    assert "originId" not in copy


@pytest.mark.parametrize("other", ["overwrite", "compatibilityMode"])
def test_options_that_exclude_each_other(api: Api, other: str) -> None:
    """New copies cannot overwrite anything."""
    answer = api.upload(tag(), query=f"?createNewCopies=true&{other}=true")
    assert answer.json()["message"] == f"[request query]: cannot use [{other}] with [createNewCopies]"


class TestSpaces:
    """An id lives once in the cluster; in other spaces an object goes by another one and remembers its origin."""

    def test_second_space(self, api: Api) -> None:
        """The same file in a second space: random ids the first time, the same ones with overwrite."""
        file = [data_view("dv"), lens("chart", "dv")]
        other = api.in_space("other")
        api.upload(*file)
        first = [each["destinationId"] for each in other.upload(*file).json()["successResults"]]
        stored = other.get(f"/api/saved_objects/lens/{first[1]}").json()
        assert (stored["originId"], stored["references"][0]["id"]) == ("chart", first[0])
        assert stored["namespaces"] == ["other"]
        again = other.upload(*file).json()
        assert [each["error"] for each in again["errors"]] == [
            {"type": "conflict", "destinationId": each} for each in first
        ]
        over = other.upload(*file, query="?overwrite=true").json()
        assert [each["destinationId"] for each in over["successResults"]] == first
        assert api.get("/api/saved_objects/lens/chart").status_code == 200

    def test_reference_to_what_came_from_elsewhere(self, api: Api) -> None:
        """A reference to an object that lives here under another id is led to that id."""
        other = api.in_space("other")
        api.upload(data_view("dv"))
        (copy,) = other.upload(data_view("dv")).json()["successResults"]
        assert other.upload(lens("chart", "dv")).json()["success"]
        stored = other.get("/api/saved_objects/lens/chart").json()
        assert stored["references"][0]["id"] == copy["destinationId"]

    def test_two_of_one_origin(self, api: Api) -> None:
        """Two objects that came from one: which of them is meant is for the person to say."""
        api.upload(tag("a") | {"originId": "o"}, tag("b") | {"originId": "o"})
        body = api.upload(tag("o"), query="?overwrite=true").json()
        error = body["errors"][0]["error"]
        assert error["type"] == "ambiguous_conflict"
        assert [each["id"] for each in error["destinations"]] == ["a", "b"]

    def test_two_in_the_file_of_one_origin(self, api: Api) -> None:
        """Two objects of a file with the origin of one that is here become new objects of their own."""
        api.upload(tag("here") | {"originId": "o"})
        body = api.upload(tag("a") | {"originId": "o"}, tag("b") | {"originId": "o"}).json()
        assert all(each["createNewCopy"] for each in body["successResults"])
        assert len(api.ids("tag")) == 3


class TestRetries:
    """`_resolve_import_errors`: each retry is the way out of one error."""

    def test_only_what_is_retried(self, api: Api) -> None:
        """The rest of the file is left alone."""
        api.upload(tag("one", "before"))
        body = api.upload(
            tag("one", "after"), tag("two"), retries=[{"type": "tag", "id": "one", "overwrite": True}]
        ).json()
        assert (body["success"], body["successCount"]) == (True, 1)
        assert api.ids("tag") == {"one"}

    def test_another_id(self, api: Api) -> None:
        """With a destination the object is written there and remembers its id."""
        api.upload(tag("one"), retries=[{"type": "tag", "id": "one", "destinationId": "two"}])
        assert api.get("/api/saved_objects/tag/two").json()["originId"] == "one"

    def test_another_reference(self, api: Api) -> None:
        """A missing data view is replaced by one that is there, or put up with."""
        api.upload(data_view("dv"))
        replaced = {
            "type": "lens",
            "id": "a",
            "replaceReferences": [{"type": "index-pattern", "from": "x", "to": "dv"}],
        }
        ignored = {"type": "lens", "id": "b", "ignoreMissingReferences": True}
        assert api.upload(lens("a", "x"), lens("b", "x"), retries=[replaced, ignored]).json()["success"]
        assert api.get("/api/saved_objects/lens/a").json()["references"][0]["id"] == "dv"
        assert api.get("/api/saved_objects/lens/b").json()["references"][0]["id"] == "x"

    def test_retries_that_exclude_each_other(self, api: Api) -> None:
        """One object twice, or two with one destination, is refused."""
        one = {"type": "tag", "id": "one", "destinationId": "x"}
        assert api.upload(tag("one"), retries=[one, one]).status_code == 400
        assert api.upload(tag("one"), retries=[one, {**one, "id": "two"}]).status_code == 400


@pytest.mark.parametrize("line", [{}, 5, [1, 2], None, "text", {"type": "tag", "id": "x", "attributes": 5}])
def test_a_line_that_is_no_object_is_refused_at_once(api: Api, line: Json) -> None:
    """Where a real Kibana gives no answer for two minutes, there is one at once, and it says which line."""
    answer = api.upload(tag("one"), line)
    assert answer.status_code == 400
    assert "object 2 of the file" in answer.json()["message"]
    assert api.ids("tag") == set()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["[]", "{}", "8.9.0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
references = st.lists(
    st.fixed_dictionaries({"type": st.sampled_from(["tag", "index-pattern"]), "id": st.sampled_from("ab")})
    | json_values,
    max_size=2,
)
documents = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["tag", "dashboard", "index-pattern", "lens"]) | json_values,
        "id": st.sampled_from("abc") | json_values,
        "attributes": st.fixed_dictionaries({}, optional={"title": json_values, "name": json_values}) | json_values,
        "references": references | json_values,
        "originId": st.sampled_from("abc") | json_values,
        "managed": json_values,
        "typeMigrationVersion": st.sampled_from(["8.9.0", "8.0.0", "99.0.0"]) | json_values,
        "coreMigrationVersion": json_values,
        "migrationVersion": json_values,
    },
)
retries = st.lists(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["tag", "lens"]), "id": st.sampled_from("abc"), "overwrite": st.booleans()},
        optional={"destinationId": st.sampled_from("abc"), "createNewCopy": st.booleans()},
    ),
    max_size=3,
)


@given(st.lists(documents | json_values, max_size=4), st.booleans(), st.booleans(), st.none() | retries)
@settings(max_examples=300)
def test_no_file_breaks_it(lines: list[Json], overwrite: bool, copies: bool, retried: list[Json] | None) -> None:
    """Whatever the lines hold, there is an answer or a refusal; only a missing id or attributes is Kibana's own 500."""
    bare = any(isinstance(line, dict) and not {"id", "attributes"} <= line.keys() for line in lines)
    with closing(Store()) as store:
        for space in ("one", "two", "one"):
            status = _import(store, space, lines, overwrite=overwrite, copies=copies, retried=retried)
            assert status in (200, 400, 422, 500 if bare else 200)
            for each in store.all_of(None, ["tag", "dashboard", "index-pattern", "lens"]):
                assert store.get(each.space, each.type, each.id) == each


def _import(
    store: Store, space: str, lines: list[Json], *, overwrite: bool, copies: bool, retried: list[Json] | None
) -> int:
    query = {"overwrite": overwrite and not copies, "createNewCopies": copies, "compatibilityMode": False}
    upload = Upload("x.ndjson", "\n".join(map(compact, lines)).encode(errors="surrogatepass"))
    body = {"file": upload, "retries": retried}
    handler = import_objects if retried is None else resolve_import_errors
    try:
        answer = handler(Call(store, space, {}, query, body))
    except Refusal as refusal:
        answer = refusal.answer()
    assert answer.content()
    return answer.status
