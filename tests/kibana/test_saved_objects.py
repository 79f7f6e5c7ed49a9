"""Saved objects in and out, against the sandbox, against recorded answers, and against rubbish."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from kibana_builder.errors import KibanaError, Refused, TooLarge
from kibana_builder.kibana.credentials import credentials_from
from kibana_builder.kibana.http import Kibana
from kibana_builder.kibana.saved_objects import (
    bulk_delete,
    bulk_get,
    export_objects,
    export_referring_to,
    find,
    import_objects,
    split_for_import,
)
from kibana_builder.kibana.tags import TagIndex, all_tags
from tests.kibana.misbehaving import answer, serving
from tests.shared_material import GOLD, needs_shared


def tag(ident: str, name: str | None = None) -> dict[str, Any]:
    return {
        "id": ident,
        "type": "tag",
        "attributes": {"name": name or ident, "description": "", "color": "#FF00FF"},
        "references": [],
        "coreMigrationVersion": "8.8.0",
        "typeMigrationVersion": "8.0.0",
        "managed": False,
    }


def view(ident: str, *references: tuple[str, str]) -> dict[str, Any]:
    refs = [{"type": kind, "id": one, "name": f"ref-{one}"} for kind, one in references]
    kind = {"id": ident, "type": "index-pattern", "attributes": {"title": f"{ident}-*"}, "references": refs}
    return kind | {"coreMigrationVersion": "8.8.0", "typeMigrationVersion": "8.0.0", "managed": False}


class TestImport:
    """What an import did is read from its answer, and nothing is taken for granted."""

    def test_written_and_written_again(self, sandbox_url: str) -> None:
        with Kibana(sandbox_url) as kibana:
            for _ in range(2):
                result = import_objects(kibana, [tag("a"), view("v", ("tag", "a"))])
                assert result.written == {("tag", "a"): "a", ("index-pattern", "v"): "v"}
                assert result.problems == []

    def test_half_a_surrogate_pair_travels(self, sandbox_url: str) -> None:
        """JSON may hold what UTF-8 may not; the object arrives all the same."""
        with Kibana(sandbox_url) as kibana:
            import_objects(kibana, [tag("a", "x\ud800y")])
            assert bulk_get(kibana, [("tag", "a")])["tag", "a"]["attributes"]["name"] == "x\ud800y"

    def test_a_missing_reference_writes_nothing(self, sandbox_url: str) -> None:
        """`successResults` lists the other object all the same (recording import_missing_references_dv_blocking)."""
        with Kibana(sandbox_url) as kibana:
            result = import_objects(kibana, [tag("a"), view("v", ("index-pattern", "nowhere"))])
            assert result.written == {}
            assert [(one.key, one.blocks) for one in result.problems] == [(("index-pattern", "v"), True)]
            assert "index-pattern 'nowhere'" in result.problems[0].words
            assert bulk_get(kibana, [("tag", "a")]) == {}

    @needs_shared
    @pytest.mark.parametrize(
        ("recording", "written", "words"),
        [
            ("import_partial_schema_error", 2, "[attributes.bogusAttribute]: definition for this key is missing"),
            ("import_partial_unknown_error", 2, "strict_dynamic_mapping_exception"),
            ("import_unsupported_type_mixed", 1, "does not know the type"),
            ("import_conflict_partial", 0, "has such an object already"),
            ("import_missing_references_dv_blocking", 0, "index-pattern 'no-such-dv'"),
        ],
    )
    def test_the_recorded_refusals(self, recording: str, written: int, words: str) -> None:
        """Each shape of error that 8.12.2 was seen to give keeps Kibana's words."""
        body = json.loads((GOLD / "recordings" / f"{recording}.json").read_text())["response"]["body"]
        with serving(answer(200, body)) as server, Kibana(server.url) as kibana:
            result = import_objects(kibana, [tag("a")])
        assert len(result.written) == written
        assert any(words in problem.words for problem in result.problems)

    @needs_shared
    def test_another_id_is_told(self) -> None:
        """In a second space Kibana chooses another id; the answer says which."""
        recorded = json.loads((GOLD / "recordings" / "space_import_same_id_second_space.json").read_text())
        with serving(answer(200, recorded["response"]["body"])) as server, Kibana(server.url) as kibana:
            written = import_objects(kibana, [tag("a")]).written
        assert written["dashboard", "rec-dash"] == "ce5503f3-4af6-48ee-a4b0-d6bccdc70be1"

    @pytest.mark.parametrize("body", [[], {}, {"success": True}, {"successCount": 2, "successResults": []}])
    def test_an_answer_that_is_none(self, body: object) -> None:
        with serving(answer(200, body)) as server, Kibana(server.url) as kibana, pytest.raises(Refused):
            import_objects(kibana, [tag("a")])


class TestSplit:
    """One import if it can be, as few as it must be."""

    def test_everything_at_once(self) -> None:
        objects = [tag(str(number)) for number in range(10_000)]
        assert split_for_import(objects) == [objects]

    def test_not_more_than_ten_thousand_objects(self) -> None:
        chunks = split_for_import([tag(str(number)) for number in range(10_001)])
        assert [len(chunk) for chunk in chunks] == [10_000, 1]

    def test_bytes_are_counted_not_characters(self) -> None:
        """The order is kept, no object is lost, and each import stays below the limit."""
        objects = [tag(str(number), "ü" * 3000) for number in range(20)]
        chunks = split_for_import(objects, most_bytes=20_000)
        assert [item for chunk in chunks for item in chunk] == objects
        assert [len(chunk) for chunk in chunks] == [2] * 10

    def test_one_object_over_the_limit(self) -> None:
        with pytest.raises(TooLarge, match=r"tag 'big' has 30,000,\d\d\d bytes; Kibana takes at most 26,214,400"):
            split_for_import([tag("small"), tag("big", "x" * 30_000_000)])

    def test_nothing(self) -> None:
        assert split_for_import([]) == []

    def test_the_largest_chunk_is_taken(self, sandbox_url: str) -> None:
        """What the split allows is below what the server takes, multipart lines and all."""
        limit = 26_214_400 - 4096
        filler = "x" * (limit - len(json.dumps(tag("big", ""), separators=(",", ":"))) - 20)
        objects = [tag("big", filler)]
        assert len(split_for_import(objects)) == 1
        with Kibana(sandbox_url) as kibana:
            assert import_objects(kibana, objects).problems == []


class TestRead:
    """Get, find and export give what is there, and say when an answer is not whole."""

    def test_absent_objects_and_unknown_types_are_left_out(self, sandbox_url: str) -> None:
        with Kibana(sandbox_url) as kibana:
            import_objects(kibana, [tag("a")])
            found = bulk_get(kibana, [("tag", "a"), ("tag", "b"), ("no-such-type", "x"), ("tag", "a")])
        assert list(found) == [("tag", "a")]

    def test_many_objects_in_few_requests(self, sandbox_url: str) -> None:
        """2,500 ids are three requests, and every one is found."""
        objects = [tag(str(number)) for number in range(2500)]
        with Kibana(sandbox_url) as kibana:
            import_objects(kibana, objects)
            assert len(bulk_get(kibana, [("tag", item["id"]) for item in objects])) == 2500
            assert len(find(kibana, ["tag"])) == 2500

    @pytest.mark.parametrize(("ask", "field"), [(bulk_get, "saved_objects"), (bulk_delete, "statuses")])
    def test_an_answer_that_leaves_an_object_out_is_no_answer(self, ask: Callable[..., Any], field: str) -> None:
        """An object that is not spoken of is neither absent nor deleted."""
        one = {"type": "tag", "id": "a", "success": True}
        words = "did not answer for each object"
        with (
            serving(answer(200, {field: [one]})) as server,
            Kibana(server.url) as kibana,
            pytest.raises(Refused, match=words),
        ):
            ask(kibana, [("tag", "a"), ("tag", "b")])

    def test_an_object_that_may_not_be_read_is_not_absent(self) -> None:
        """An error other than 'not there' is never taken for 'not there': apply would create over it."""
        body = {"saved_objects": [{"type": "tag", "id": "a", "error": {"statusCode": 403, "message": "no"}}]}
        with serving(answer(200, body)) as server, Kibana(server.url) as kibana, pytest.raises(Refused, match="no"):
            bulk_get(kibana, [("tag", "a")])

    def test_export_by_reference(self, sandbox_url: str) -> None:
        """All that carry one of the tags, of any type, without the tag itself."""
        with Kibana(sandbox_url) as kibana:
            import_objects(kibana, [tag("a"), tag("b"), view("v", ("tag", "a")), view("w", ("tag", "b")), view("x")])
            found = export_referring_to(kibana, [("tag", "a"), ("tag", "b")])
            assert sorted(item["id"] for item in found) == ["v", "w"]
            assert export_referring_to(kibana, []) == []

    def test_export_by_id(self, sandbox_url: str) -> None:
        with Kibana(sandbox_url) as kibana:
            import_objects(kibana, [tag("a"), view("v", ("tag", "a"))])
            assert [item["id"] for item in export_objects(kibana, [("index-pattern", "v")])] == ["v"]
            deep = export_objects(kibana, [("index-pattern", "v")], deep=True)
            assert sorted(item["id"] for item in deep) == ["a", "v"]
            with pytest.raises(Refused, match=r"not found"):
                export_objects(kibana, [("tag", "a"), ("tag", "nope")])

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b'{"type":"tag","id":"a"}',
            b'{"type":"tag","id":"a"}\n{"exportedCount":2}',
            b'{"type":"tag","id":"a"}\n{"expor',
            b"5\n[]",
            b'{"id":"a"}\n{"exportedCount":1}',
            b"<html>",
        ],
    )
    def test_an_export_that_was_cut_off(self, body: bytes) -> None:
        """Without its summary, or with fewer objects than it counts, an export is not whole."""
        with serving(answer(200, body)) as server, Kibana(server.url) as kibana, pytest.raises(Refused, match="whole"):
            export_referring_to(kibana, [("tag", "a")])

    def test_too_many_to_find(self) -> None:
        body = {"total": 12_000, "saved_objects": [{"type": "tag", "id": "a"}]}
        with (
            serving(answer(200, body)) as server,
            Kibana(server.url) as kibana,
            pytest.raises(TooLarge, match="12,000"),
        ):
            find(kibana, ["tag"])

    @pytest.mark.parametrize("body", [[], {}, 5, {"saved_objects": 5}, {"saved_objects": [5]}, {"statuses": [{}]}])
    def test_answers_that_are_none(self, body: object) -> None:
        with serving(answer(200, body)) as server, Kibana(server.url) as kibana:
            for call in (
                lambda: bulk_get(kibana, [("tag", "a")]),
                lambda: find(kibana, ["tag"]),
                lambda: bulk_delete(kibana, [("tag", "a")]),
            ):
                with pytest.raises(KibanaError):
                    call()


@needs_shared
class TestRecordings:
    """What a real 8.12.2 answered is understood."""

    def recorded(self, name: str) -> Any:
        return json.loads((GOLD / "recordings" / f"{name}.json").read_text(encoding="utf-8"))["response"]["body"]

    def test_bulk_get(self) -> None:
        with serving(answer(200, self.recorded("bulk_get"))) as server, Kibana(server.url) as kibana:
            found = bulk_get(kibana, [("dashboard", "rec-dash"), ("lens", "nope"), ("index-pattern", "rec-dv")])
        assert list(found) == [("dashboard", "rec-dash"), ("index-pattern", "rec-dv")]

    def test_export(self) -> None:
        lines = self.recorded("export_has_reference_tag")["_ndjson"]
        body = "\n".join(map(json.dumps, lines)).encode()
        with serving(answer(200, body)) as server, Kibana(server.url) as kibana:
            assert len(export_referring_to(kibana, [("tag", "rec-tag")])) == len(lines) - 1

    def test_delete(self) -> None:
        with serving(answer(200, self.recorded("bulk_delete"))) as server, Kibana(server.url) as kibana:
            assert bulk_delete(kibana, [("tag", "rec-bc"), ("dashboard", "nope")]) == {}

    def test_find(self) -> None:
        with serving(answer(200, self.recorded("find_has_reference_tag"))) as server, Kibana(server.url) as kibana:
            assert [item["id"] for item in find(kibana, ["dashboard"])] == ["rec-dash-tagged"]

    def test_too_new_an_object(self) -> None:
        body = self.recorded("import_type_migration_version_too_new_10x")
        with (
            serving(answer(422, body)) as server,
            Kibana(server.url) as kibana,
            pytest.raises(
                Refused, match=r'answered 422: Document "rec-new" belongs to a more recent version of Kibana'
            ),
        ):
            import_objects(kibana, [tag("a")])


class TestDelete:
    """What is gone is gone; what is refused is told."""

    def test_deleted_and_deleted_again(self, sandbox_url: str) -> None:
        """An object that is not there counts as deleted, so a repeat does no harm."""
        with Kibana(sandbox_url) as kibana:
            import_objects(kibana, [tag("a"), tag("b")])
            assert bulk_delete(kibana, [("tag", "a"), ("tag", "never")]) == {}
            assert bulk_delete(kibana, [("tag", "a")]) == {}
            assert [item["id"] for item in find(kibana, ["tag"])] == ["b"]

    def test_a_refusal_keeps_kibanas_words(self) -> None:
        words = "Unable to delete saved object id: a, it exists in multiple namespaces"
        error = {"statusCode": 400, "error": "Bad Request", "message": words}
        body = {"statuses": [{"success": False, "type": "tag", "id": "a", "error": error}]}
        with serving(answer(200, body)) as server, Kibana(server.url) as kibana:
            assert bulk_delete(kibana, [("tag", "a")]) == {("tag", "a"): words}


class TestTags:
    """Tags are found by name."""

    def test_by_name(self, sandbox_url: str) -> None:
        with Kibana(sandbox_url) as kibana:
            import_objects(kibana, [tag("1", "ML"), tag("2", "ml"), tag("4", "ops"), tag("3", "ops")])
            index = all_tags(kibana)
        assert [index.id_of(name) for name in ("ML", "ml", "Ml", "ops", "OPS", "none")] == [
            "1",
            "2",
            "1",
            "3",
            "3",
            None,
        ]
        assert index.ids_of("ops") == ["3", "4"]
        assert index.ids == {"1", "2", "3", "4"}

    def test_a_tag_without_a_name(self) -> None:
        """Rubbish in Kibana does not stop us."""
        assert TagIndex([{"type": "tag", "id": "1"}]).id_of("x") is None


SECRET = "key-that-is-secret"


@pytest.mark.parametrize(
    "body",
    [
        {"success": SECRET},
        {"successCount": SECRET, "successResults": []},
        {"successCount": 0, "errors": [{"type": "tag", "id": "a", "error": {"type": "unknown", "message": SECRET}}]},
        {"successCount": 0, "errors": [{"type": "tag", "id": "a", "error": {"type": "unknown", "cause": [SECRET]}}]},
        {
            "successCount": 0,
            "errors": [
                {"type": "tag", "id": "a", "error": {"type": "missing_references", "references": [{"id": SECRET}]}}
            ],
        },
    ],
)
def test_an_import_repeats_no_secret(body: Any) -> None:
    """Whatever Kibana, or a proxy in front, says of an import goes to people without the credentials."""
    credentials = credentials_from({"KIBANA_API_KEY": SECRET})
    with serving(answer(200, body)) as server, Kibana(server.url, credentials) as kibana:
        try:
            said = import_objects(kibana, [tag("a")]).problems[0].words
        except Refused as refused:
            said = str(refused)
    assert "***" in said
    assert SECRET not in said


def test_reading_and_deleting_repeat_no_secret() -> None:
    """The same for the words of single objects."""
    credentials = credentials_from({"KIBANA_API_KEY": SECRET})
    found = {"type": "tag", "id": "a", "error": {"statusCode": 500, "message": SECRET}}
    body = {"saved_objects": [found], "statuses": [found | {"success": False}]}
    with serving(answer(200, body)) as server, Kibana(server.url, credentials) as kibana:
        assert bulk_delete(kibana, [("tag", "a")]) == {("tag", "a"): "***"}
        with pytest.raises(Refused, match=r"cannot be read: .*\*\*\*"):
            bulk_get(kibana, [("tag", "a")])
