"""Tags: the objects, and the references by which others carry them."""

from __future__ import annotations

import re

from kibana_builder.saved.ids import tag_id
from kibana_builder.saved.tag import from_tag_references, tag_references, to_tag


def test_a_tag_is_its_name() -> None:
    """The same name gives the same tag, with a colour of its own."""
    tag = to_tag("ml")
    assert tag == to_tag("ml")
    assert tag["id"] == tag_id("ml")
    assert tag["attributes"]["name"] == "ml"
    assert tag["attributes"]["description"] == ""
    assert re.fullmatch("#[0-9A-F]{6}", tag["attributes"]["color"])
    assert tag["attributes"]["color"] != to_tag("production")["attributes"]["color"]


def test_tags_are_carried_by_references() -> None:
    """Each once, in the order of the document, under the name that Kibana's editor gives them."""
    references = tag_references({"tags": ["b", "a", "b"]})
    assert references == [{"type": "tag", "id": tag_id(name), "name": f"tag-ref-{tag_id(name)}"} for name in ("b", "a")]
    assert tag_references({}) == []


def test_tags_are_read_back_by_name() -> None:
    """A tag that nobody can name is left out, and so is one under another name than kbuild would give."""
    references = [*tag_references({"tags": ["ml"]}), {"type": "lens", "id": "a", "name": "n"}]
    assert from_tag_references(references, {tag_id("ml"): "ml"}) == {"tags": ["ml"]}
    assert from_tag_references(references, {}) == {}
    other = [{**references[0], "name": "another"}]
    assert from_tag_references(other, {tag_id("ml"): "ml"}) == {}
    assert from_tag_references([], {}) == {}
