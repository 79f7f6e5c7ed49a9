"""Exports: what comes out, in which order, in which form."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.sandbox.export_objects import references_first
from kibana_builder.sandbox.store import SavedObject
from tests.sandbox.conftest import Api, dashboard, data_view, lens, tag


def export(api: Api, **wish: Json) -> tuple[list[JsonObject], JsonObject]:
    """Give the exported objects, and the line that sums them up."""
    answer = api.post("/api/saved_objects/_export", wish)
    assert answer.headers["content-type"] == "application/ndjson"
    *objects, details = map(json.loads, answer.text.split("\n"))
    return objects, details


def test_a_line_has_sorted_keys_and_the_attributes_as_they_were(api: Api) -> None:
    """Keys are sorted at every level, strings come back byte for byte, and nothing of the server's own is in it."""
    board = dashboard(attributes={"panelsJSON": '[ {"b": 1, "a": "ü"} ]'}, managed=True)
    api.upload(board)
    line = api.post("/api/saved_objects/_export", {"objects": [{"type": "dashboard", "id": "board"}]}).text.split("\n")[
        0
    ]
    value = json.loads(line)
    assert line == json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    assert value["attributes"] == board["attributes"]
    assert value["managed"] is True
    assert "namespaces" not in value


def test_references_come_along(api: Api) -> None:
    """With includeReferencesDeep all that is referred to comes before what refers to it; what is lost is counted."""
    api.upload(dashboard("board", "chart", "gone"), lens("chart", "dv"), data_view("dv"))
    objects, details = export(api, objects=[{"type": "dashboard", "id": "board"}], includeReferencesDeep=True)
    assert [each["id"] for each in objects] == ["dv", "chart", "board"]
    assert details["exportedCount"] == 3
    assert details["missingReferences"] == [{"id": "gone", "type": "lens"}]


def test_by_type_in_the_order_of_ids(api: Api) -> None:
    """An export by type is sorted by id, whenever the objects were written."""
    api.upload(tag("b"), tag("a"), lens("c"))
    objects, _ = export(api, type=["tag", "lens"])
    assert [each["id"] for each in objects] == ["a", "b", "c"]
    assert all(len(each["sort"]) == 2 for each in objects)


def test_by_reference(api: Api) -> None:
    """What refers to a tag is found by it, also when very many tags are asked for."""
    marked = dashboard("marked")
    marked["references"] = [{"type": "tag", "id": "t", "name": "tag-ref-t"}]
    api.upload(marked, dashboard("other"), tag("t"))
    keys = [{"type": "tag", "id": f"none-{i}"} for i in range(2000)]
    for wanted in ({"type": "tag", "id": "t"}, [*keys, {"type": "tag", "id": "t"}]):
        objects, _ = export(api, type="dashboard", hasReference=wanted)
        assert [each["id"] for each in objects] == ["marked"]


def test_an_absent_object_refuses_all(api: Api) -> None:
    """One id that is not there, or is in another space, and nothing is exported."""
    api.upload(tag("here"))
    api.in_space("other").upload(tag("there"))
    keys = [{"type": "tag", "id": "here"}, {"type": "tag", "id": "there"}]
    answer = api.post("/api/saved_objects/_export", {"objects": keys})
    assert answer.status_code == 400
    assert [each["id"] for each in answer.json()["attributes"]["objects"]] == ["there"]


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({}, "Either `type` or `objects` are required."),
        ({"type": []}, "Either `type` or `objects` are required."),
        ({"type": "nothing"}, "Trying to export non-exportable type(s): nothing"),
        ({"type": 5}, "[request body.type]: expected value of type [string] but got [number]"),
        (
            {"objects": [{"type": "tag"}]},
            "[request body.objects.0.id]: expected value of type [string] but got [undefined]",
        ),
        ({"objects": [5]}, "[request body.objects.0]: expected a plain object value, but found [number] instead."),
        ([], "[request body]: expected a plain object value, but found [Array] instead."),
    ],
)
def test_wishes_that_are_refused(api: Api, wish: Json, words: str) -> None:
    """A wish that Kibana would refuse is refused in its words."""
    answer = api.post("/api/saved_objects/_export", wish)
    assert (answer.status_code, answer.json()["message"]) == (400, words)


def made(object_id: str, *targets: str) -> SavedObject:
    references = [{"type": "tag", "id": target, "name": target} for target in targets]
    return SavedObject("tag", object_id, "default", {}, references, managed=False, core_version="", type_version="")


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.lists(st.sampled_from("abcdefgh"), max_size=4)))
def test_order_of_references(graph: dict[str, list[str]]) -> None:
    """Every object comes once, and after what it refers to unless that leads back to it."""
    ordered = references_first([made(object_id, *targets) for object_id, targets in graph.items()])
    places = {each.id: i for i, each in enumerate(ordered)}
    assert sorted(places) == sorted(graph)
    reach = {start: reachable(graph, start) for start in graph}
    for start, targets in graph.items():
        for target in targets:
            if target in graph and start not in reach[target]:
                assert places[target] < places[start]


def reachable(graph: dict[str, list[str]], start: str) -> set[str]:
    found, waiting = {start}, [start]
    while waiting:
        for target in graph.get(waiting.pop(), []):
            if target not in found:
                found.add(target)
                waiting.append(target)
    return found


def test_long_chains() -> None:
    """A chain of 10,000 references is neither too deep nor slow."""
    chain = [made(str(i), str(i + 1)) for i in range(10_000)]
    started = time.perf_counter()
    ordered = references_first(chain)
    assert [each.id for each in ordered] == [str(i) for i in reversed(range(10_000))]
    assert time.perf_counter() - started < 1
