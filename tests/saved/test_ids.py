"""Same name, same id; another space, another id."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kibana_builder.saved.ids import place_in_space, space_id, tag_id


def obj(kind: str, ident: str, *references: tuple[str, str, str], **attributes: Any) -> dict[str, Any]:
    refs = [{"type": type_, "id": one, "name": name} for type_, one, name in references]
    return {"type": kind, "id": ident, "attributes": attributes, "references": refs}


def test_ids_are_what_they_were_yesterday() -> None:
    """Ids must never change from one kbuild to the next: these are written down."""
    assert tag_id("ml") == "8dd36364-d687-57d8-8147-08036cc2866c"
    assert space_id("ops", "dashboard", "shop-overview") == "a2a49381-a68a-5e58-8ea7-7a3aed4cd4a8"


def test_the_default_space_keeps_ids() -> None:
    """In the default space an object is called what the project calls it."""
    objects = [obj("dashboard", "a", ("lens", "b", "x"))]
    assert place_in_space(objects, "default") == objects
    assert place_in_space(objects, None) == objects


def test_references_follow_their_objects() -> None:
    """Ids and the references to them change together; what is not among the objects stays."""
    objects = [obj("lens", "b"), obj("dashboard", "a", ("lens", "b", "p:panel_b"), ("dashboard", "other", "d"))]
    lens, dashboard = place_in_space(objects, "ops")
    assert lens["id"] == space_id("ops", "lens", "b")
    assert dashboard["references"] == [
        {"type": "lens", "id": lens["id"], "name": "p:panel_b"},
        {"type": "dashboard", "id": "other", "name": "d"},
    ]
    assert objects[1]["references"][0]["id"] == "b"


def test_a_type_is_part_of_the_name() -> None:
    """A dashboard and a visualization of one id are two objects, and become two ids."""
    lens, dashboard = place_in_space([obj("lens", "x"), obj("dashboard", "x", ("lens", "x", "r"))], "ops")
    assert lens["id"] != dashboard["id"]
    assert dashboard["references"][0]["id"] == lens["id"]


def test_named_ids_stay() -> None:
    """A data view whose id the project names has it in every space."""
    objects = [obj("index-pattern", "uuid"), obj("lens", "b", ("index-pattern", "uuid", "r"))]
    view, lens = place_in_space(objects, "ops", {("index-pattern", "uuid")})
    assert view["id"] == "uuid"
    assert lens["references"][0]["id"] == "uuid"


def test_the_name_of_a_tags_reference_follows() -> None:
    """Kibana names a reference to a tag after its id."""
    objects = [obj("tag", "t"), obj("dashboard", "a", ("tag", "t", "tag-ref-t"), ("tag", "t", "own name"))]
    new = space_id("ops", "tag", "t")
    references = place_in_space(objects, "ops")[1]["references"]
    assert [(ref["id"], ref["name"]) for ref in references] == [(new, f"tag-ref-{new}"), (new, "own name")]


def test_references_inside_panels_follow() -> None:
    """A panel by value says its references again inside `panelsJSON`; both lists agree afterwards."""
    inner = [{"type": "index-pattern", "id": "dv", "name": "layer-1"}]
    panels = [{"panelIndex": "p", "embeddableConfig": {"attributes": {"references": inner, "title": "ü"}}}]
    text = json.dumps(panels, ensure_ascii=False, separators=(",", ":"))
    objects = [
        obj("index-pattern", "dv"),
        obj("dashboard", "a", ("index-pattern", "dv", "p:layer-1"), panelsJSON=text, title="t"),
    ]
    placed = place_in_space(objects, "ops")[1]
    new = space_id("ops", "index-pattern", "dv")
    assert placed["attributes"] == {"panelsJSON": text.replace('"dv"', f'"{new}"'), "title": "t"}


def test_panels_without_such_references_keep_their_bytes() -> None:
    """Nothing is rewritten for nothing: odd spaces, no JSON, odd shapes."""
    texts = ['[ {"a" : 1} ]', "no json", "[5, null, {}]", '{"a":1}', "[" * 100_000, '[{"embeddableConfig":[]}]']
    for text in texts:
        placed = place_in_space([obj("dashboard", "a", panelsJSON=text)], "ops")[0]
        assert placed["attributes"]["panelsJSON"] == text


@given(st.lists(st.tuples(st.sampled_from(["lens", "dashboard"]), st.text(min_size=1)), unique=True, max_size=10))
def test_no_two_objects_become_one(keys: list[tuple[str, str]]) -> None:
    """Different objects have different ids in every space, and two spaces never share one."""
    objects = [obj(kind, ident) for kind, ident in keys]
    ids = [item["id"] for space in ("a", "b") for item in place_in_space(objects, space)]
    assert len(set(ids)) == 2 * len(keys)
