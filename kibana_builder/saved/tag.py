"""Tags: names in a document <-> tag objects, and the references by which objects carry them."""

from __future__ import annotations

import colorsys
import hashlib
from collections.abc import Iterable, Mapping

from kibana_builder.json_tree import JsonObject
from kibana_builder.saved.ids import tag_id
from kibana_builder.saved.references import reference
from kibana_builder.saved.versions import saved_object

__all__ = ["from_tag_references", "tag_references", "to_tag"]


def to_tag(name: str) -> JsonObject:
    """Make the tag of that name. Apply writes it only where the space has no tag of the name yet."""
    return saved_object("tag", tag_id(name), {"name": name, "description": "", "color": _color(name)})


def tag_references(document: JsonObject) -> list[JsonObject]:
    """Make the references by which the object of a document carries the document's tags, each once."""
    ids = [tag_id(name) for name in dict.fromkeys(document.get("tags", ()))]
    return [reference("tag", tag, f"tag-ref-{tag}") for tag in ids]


def from_tag_references(references: Iterable[JsonObject], names: Mapping[str, str]) -> JsonObject:
    """Return `{tags: […]}` for an object with these references; `names` gives the names of tags by their ids.

    Only a reference that kbuild makes itself is said by a name. An object without tags says nothing.
    """
    tags = [
        names[entry["id"]]
        for entry in references
        if entry["type"] == "tag" and entry["id"] in names and entry["name"] == f"tag-ref-{entry['id']}"
    ]
    return {"tags": list(dict.fromkeys(tags))} if tags else {}


def _color(name: str) -> str:
    """Choose a colour by the name: any hue, at one lightness on which Kibana's text can be read."""
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
    red, green, blue = colorsys.hls_to_rgb(int.from_bytes(digest[:2], "big") / 0x10000, 0.55, 0.6)
    return f"#{round(red * 255):02X}{round(green * 255):02X}{round(blue * 255):02X}"
