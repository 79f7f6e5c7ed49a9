"""What an apply would do, as data: a Change for each object of the source, what is left over in Kibana, the Plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from kibana_builder.json_tree import JsonObject
from kibana_builder.saved.ids import Key

__all__ = ["Action", "Block", "Change", "Fate", "Leftover", "Plan", "name_of", "title_of", "type_words"]

Action = Literal["create", "update", "mark", "unchanged"]
"""`mark`: the content is as the source says, only the mark of the project is missing or out of date."""

Block = Literal["", "not-ours", "changed"]
"""Why a change must not be made without a further word: someone else's object, or changed in Kibana since."""

Fate = Literal["unused", "used", "changed", "copy"]
"""What is known of an object of the project that no file has: nothing refers to it, so that prune deletes it; somebody
refers to it; it was changed in Kibana since the last apply; or it is a copy that somebody made in Kibana."""

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


def name_of(item: JsonObject) -> str:
    """Give type, title and id, as messages name an object."""
    title = title_of(item)
    shown = f' "{title}"' if title else ""
    return f"{type_words(item['type'])}{shown} ({item['id']})"


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one object. `desired` is what is sent, mark included; `live` what Kibana has now.

    `file` is the file that the object comes from, as people name it; empty for those that kbuild adds itself. `words`
    say what differs, a line each: what the write changes, or, for what was changed in Kibana, what was changed there.
    `foreign` tells that an unchanged object is not this project's: it only happens to be as the source says.
    """

    action: Action
    desired: JsonObject = field(repr=False)
    live: JsonObject | None = field(default=None, repr=False)
    block: Block = ""
    file: str = ""
    words: Sequence[str] = ()
    foreign: bool = False

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
        return name_of(self.desired)


@dataclass(frozen=True, slots=True)
class Leftover:
    """An object in Kibana that carries the project's tag and that no file has, or no file has any more.

    Its id is that of the space. `used_by` names those that refer to it. `renamed` is the new object of the same
    content, where there is one: the file was renamed.
    """

    item: JsonObject = field(repr=False)
    fate: Fate
    space: str
    used_by: Sequence[str] = ()
    renamed: Change | None = None

    @property
    def key(self) -> Key:
        """Type and id."""
        return self.item["type"], self.item["id"]

    @property
    def title(self) -> str:
        """Title for people."""
        return title_of(self.item)

    @property
    def name(self) -> str:
        """Type, title and id, as messages name the object."""
        return name_of(self.item)


@dataclass(frozen=True, slots=True)
class Plan:
    """Every change of one apply, in the order in which the objects are sent, and what is left over in Kibana.

    `prune` tells whether the apply deletes what is left over and unused. `unseen` says why nobody knows what is left
    over, where that was asked for and could not be read.
    """

    project: str
    address: str
    space: str
    changes: Sequence[Change]
    left_over: Sequence[Leftover] = ()
    prune: bool = False
    unseen: str = ""

    @property
    def place(self) -> str:
        """Address and space for people."""
        return f"{self.address}, space '{self.space}'"

    @property
    def deletes(self) -> list[Leftover]:
        """What the apply deletes."""
        return [leftover for leftover in self.left_over if leftover.fate == "unused"] if self.prune else []

    @property
    def would_change(self) -> bool:
        """Whether there is anything to do, or something in the way of it."""
        return bool(self.writes or self.deletes or self.blocked)

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
