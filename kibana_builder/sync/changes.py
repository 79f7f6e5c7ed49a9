"""What an apply would do, as data: one Change for each object of the source, and the Plan that holds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from kibana_builder.json_tree import JsonObject
from kibana_builder.saved.ids import Key

__all__ = ["Action", "Block", "Change", "Plan", "title_of", "type_words"]

Action = Literal["create", "update", "mark", "unchanged"]
"""`mark`: the content is as the source says, only the mark of the project is missing or out of date."""

Block = Literal["", "not-ours", "changed"]
"""Why a change must not be made without a further word: someone else's object, or changed in Kibana since."""

_TYPE_WORDS = {"index-pattern": "data view", "lens": "visualization"}


def type_words(kind: str) -> str:
    """Name a type of saved object as Kibana's pages name it."""
    return _TYPE_WORDS.get(kind, kind)


def title_of(item: JsonObject) -> str:
    """Name an object as Kibana's lists do."""
    attributes = item.get("attributes")
    attributes = attributes if isinstance(attributes, dict) else {}
    order = ("name", "title") if item.get("type") in ("index-pattern", "tag") else ("title", "name")
    return next((str(attributes[name]) for name in order if attributes.get(name)), "")


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one object. `desired` is what is sent, mark included; `live` what Kibana has now.

    `file` is the file that the object comes from, as people name it; empty for those that kbuild adds itself.
    """

    action: Action
    desired: JsonObject = field(repr=False)
    live: JsonObject | None = field(default=None, repr=False)
    block: Block = ""
    file: str = ""

    @property
    def key(self) -> Key:
        """Type and id, as they are in the space."""
        return self.desired["type"], self.desired["id"]

    @property
    def title(self) -> str:
        """Title for people."""
        return title_of(self.desired)

    @property
    def name(self) -> str:
        """Type, title and id, as messages name the object."""
        kind, ident = self.key
        title = f' "{self.title}"' if self.title else ""
        return f"{type_words(kind)}{title} ({ident})"


@dataclass(frozen=True, slots=True)
class Plan:
    """Every change of one apply, in the order in which the objects are sent."""

    project: str
    place: str
    changes: Sequence[Change]

    @property
    def writes(self) -> list[Change]:
        """The changes that write something."""
        return [change for change in self.changes if change.action != "unchanged"]

    @property
    def blocked(self) -> list[Change]:
        """The changes that must not be made without `adopt` or `force`; with one of them nothing is written."""
        return [change for change in self.changes if change.block]

    def of(self, *actions: Action) -> list[Change]:
        """List the changes with one of these actions."""
        return [change for change in self.changes if change.action in actions]
