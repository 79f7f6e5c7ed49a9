"""Tags of a space, found by name."""

from __future__ import annotations

from kibana_builder.json_tree import JsonObject
from kibana_builder.kibana.http import Kibana
from kibana_builder.kibana.saved_objects import find

__all__ = ["TagIndex", "all_tags"]


class TagIndex:
    """The tags of a space by name. Kibana's own editor takes 'ML' and 'ml' for one name, but an import does not.

    So a tag of exactly that name goes before one that differs in case, and among several of one name the one with
    the smallest id is taken, whoever asks.
    """

    def __init__(self, tags: list[JsonObject]) -> None:
        self.ids = frozenset(tag["id"] for tag in tags)
        self.names: dict[str, str] = {}
        self._exact: dict[str, list[str]] = {}
        self._folded: dict[str, list[str]] = {}
        for tag in sorted(tags, key=lambda tag: str(tag["id"])):
            name = str(tag.get("attributes", {}).get("name", ""))
            self.names[tag["id"]] = name
            self._exact.setdefault(name, []).append(tag["id"])
            self._folded.setdefault(name.lower(), []).append(tag["id"])

    def id_of(self, name: str) -> str | None:
        """Give the id of the tag of that name, or None."""
        ids = self._exact.get(name) or self._folded.get(name.lower())
        return ids[0] if ids else None

    def ids_of(self, name: str) -> list[str]:
        """Give the ids of all tags of exactly that name, the one that `id_of` gives first."""
        return self._exact.get(name, [])


def all_tags(kibana: Kibana) -> TagIndex:
    """Read the tags of the space, in one request."""
    return TagIndex(find(kibana, ["tag"], fields=["name"]))
