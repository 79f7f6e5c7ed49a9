"""YAML text and a new value -> the text with only that changed which says something else.

The text is never written anew: what stays the same keeps its characters, and with them its comments, quotes, empty
lines, anchors and order. Each entry of a mapping or list is a piece of text with the comments before it; pieces are
changed inside, taken out, put in or moved. An alias whose value parts from its anchor's is written out. After that
the text is read again: should it not say exactly what it shall, the whole of it is written new instead. Which
comments went with what was removed is part of the result.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from yaml._yaml import CParser
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from kibana_builder.errors import SpecError
from kibana_builder.files.scalars import PLAIN
from kibana_builder.files.yaml_file import UNPRINTABLE, parse_yaml
from kibana_builder.files.yaml_writer import (
    WIDTH,
    after_key,
    double_quoted,
    entry,
    flow,
    pair,
    scalar,
    write_yaml,
)
from kibana_builder.json_tree import Json, JsonObject, compact_sorted, same
from kibana_builder.spec.panel_ids import slug

__all__ = ["Merged", "merge_yaml", "overlaid"]


@dataclass(frozen=True, slots=True)
class Merged:
    """The new text, and the comments of the old one that are not in it."""

    text: str
    lost: list[str]


def merge_yaml(text: str, value: JsonObject) -> Merged:
    """Change a text that `parse_yaml` reads so that it says `value`. Raises Unwritable."""
    plain = text.replace("\r\n", "\n")
    new = _first_that_says(value, plain)
    before, after = Counter(_comments(plain)), Counter(_comments(new))
    if "\r\n" in text:
        new = new.replace("\n", "\r\n")
    return Merged(new, list((before - after).elements()))


def _first_that_says(value: JsonObject, text: str) -> str:
    fresh = write_yaml(value)
    for aliases in (True, False):
        edited = _Editor(text, aliases=aliases).run(value)
        if edited is not None and _says(edited, value):
            return edited
    return fresh


def _says(text: str, value: Json) -> bool:
    try:
        return same(parse_yaml(text.encode(), "").value, value)
    except SpecError:
        return False


# ------------------------------------------------------------------------------------------- which value


def overlaid(written: Json, meant: Json, wanted: Json) -> Json:
    """Give the value that says what is wanted, as close to what is written as can be.

    `meant` is what `written` says in the form that `wanted` has: where the two are equal, the words that were written
    stay, whatever form they have. A property that is written and has no place in either form is a default that
    somebody wanted to see; it stays.
    """
    if same(meant, wanted):
        return written
    if isinstance(written, dict) and isinstance(meant, dict) and isinstance(wanted, dict):
        return _overlaid_mapping(written, meant, wanted)
    if isinstance(written, list) and isinstance(meant, list) and isinstance(wanted, list):
        if len(written) != len(meant):
            return wanted
        return [
            item if place is None else overlaid(written[place], meant[place], item)
            for item, place in zip(wanted, matches(meant, wanted), strict=True)
        ]
    return wanted


def _overlaid_mapping(written: JsonObject, meant: JsonObject, wanted: JsonObject) -> JsonObject:
    gone = meant.keys() - wanted.keys()
    result = {key: item for key, item in written.items() if key not in gone}
    keys = list(result)
    place = 0
    for key, item in wanted.items():
        unsaid = key in meant and same(meant[key], item)
        if not unsaid:
            result[key] = overlaid(written[key], meant.get(key), item) if key in written else item
        if key in keys:
            place = keys.index(key) + 1
        elif not unsaid:
            keys.insert(place, key)
            place += 1
    return {key: result[key] for key in keys}


def matches(old: Sequence[Json], new: Sequence[Json]) -> list[int | None]:
    """Tell for each new entry of a list which old one it was, None for those that are new.

    Equal entries first, then those of one name (id, visualization, title, operation and field …), then those of one
    type by their order.
    """
    free: dict[int, Json] = dict(enumerate(old))
    result: list[int | None] = [None] * len(new)
    for names_of in (_whole, _names, _kind):
        by_name: dict[str, list[int]] = {}
        for index, item in free.items():
            for name in names_of(item):
                by_name.setdefault(name, []).append(index)
        for index, item in enumerate(new):
            if result[index] is None:
                place = next((i for name in names_of(item) for i in by_name.get(name, ()) if i in free), None)
                if place is not None:
                    del free[place]
                    result[index] = place
    return result


def _whole(item: Json) -> list[str]:
    return [compact_sorted(item)]


def _names(item: Json) -> list[str]:
    """Give the names that an entry may go by, the surest first."""
    if not isinstance(item, dict):
        return []
    said = item.get("config")
    config = said if isinstance(said, dict) else {}
    titles = [slug(one) for one in (item.get("title"), config.get("title")) if isinstance(one, str)]
    names = [item.get("id"), item.get("visualization"), *titles]
    names += [f"{key} {item[key]}" for key in ("label", "field_name") if key in item]
    names += [f"field {config['field_name']}"] if "field_name" in config else []
    if "operation" in item:
        names.append(f"{item['operation']} {item.get('field', item.get('fields', item.get('formula')))}")
    return [name for name in names if isinstance(name, str) and name]


def _kind(item: Json) -> list[str]:
    if not isinstance(item, dict):
        return [type(item).__name__]
    return [str(item.get("type", item.get("operation", "")))]


# ------------------------------------------------------------------------------------------- the text as a tree


@dataclass(slots=True)
class _Entry:
    """An entry of a mapping (with a key) or a list. `start` is the first character of the key or the dash."""

    start: int
    node: _Node
    key: str = ""
    key_end: int = 0


@dataclass(slots=True)
class _Node:
    """A piece of the text and its value. A block mapping or list ends with its last line, comment included.

    `fixed` is set where the text has a form that is not changed inside: explicit keys, pairs without braces.
    """

    start: int
    end: int
    value: Json
    kind: str  # "scalar", "alias", "map", "seq"
    flow: bool = True
    style: str | None = None
    anchor: str | None = None
    entries: list[_Entry] = field(default_factory=list)
    aliases: dict[str, Json] = field(default_factory=dict)
    fixed: bool = False


class _Tree:
    """Reads a text that `parse_yaml` accepted."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._parser: Any = CParser(text)
        self._anchors: dict[str, Json] = {}
        self.scalars: list[tuple[int, int]] = []
        self._next()
        self._next()
        self.root = self._node(self._next())

    def _next(self) -> Any:
        return self._parser.get_event()

    def _node(self, event: Any) -> _Node:
        start, end = event.start_mark.index, event.end_mark.index
        kind = event.__class__
        if kind is AliasEvent:
            value = self._anchors[event.anchor]
            return _Node(start, end, value, "alias", anchor=event.anchor, aliases={event.anchor: value})
        if kind is ScalarEvent:
            node = self._scalar(event, start, end)
        elif kind is MappingStartEvent:
            node = self._mapping(event, start)
        else:
            node = self._list(event, start)
        if event.anchor is not None:
            node.anchor = event.anchor
            self._anchors[event.anchor] = node.value
        return node

    def _scalar(self, event: Any, start: int, end: int) -> _Node:
        value = event.value if event.style else PLAIN[event.value]
        body = start
        if event.style in ("|", ">"):
            header = self.text.find("\n", start)
            body = header if header >= 0 else end
            # Its last line end, and empty lines that are no part of the text, belong to what comes next.
            if "+" not in self.text[start:body]:
                end = start + len(self.text[start:end].rstrip(" \n"))
            elif end > start and self.text[end - 1] == "\n":
                end -= 1
        self.scalars.append((body, end))
        return _Node(start, end, value, "scalar", style=event.style or None)

    def _mapping(self, event: Any, start: int) -> _Node:
        node = _Node(start, start, {}, "map", bool(event.flow_style))
        last = event.end_mark.index if node.flow or event.anchor else start
        while (key := self._next()).__class__ is not MappingEndEvent:
            place = _Entry(key.start_mark.index, node, self._key(key), key.end_mark.index)
            # Explicit keys, and those that are anchors or aliases, are left as they are or written anew.
            explicit = "?" in _without_comments(self.text[last : place.start]) or not self._colon(place)
            node.fixed |= explicit or key.anchor is not None
            place.node = self._node(self._next())
            last = self._add(node, place)
            node.value[place.key] = place.node.value
        if node.flow:
            node.end = _end(key)
            node.fixed |= self.text[node.end - 1 : node.end] != "}"  # a pair alone, as in `[a: b]`
        return node

    def _key(self, event: Any) -> str:
        if event.__class__ is AliasEvent:
            return str(self._anchors[event.anchor or ""])
        self.scalars.append((event.start_mark.index, event.end_mark.index))
        if event.anchor is not None:
            self._anchors[event.anchor] = event.value
        return str(event.value)

    def _colon(self, place: _Entry) -> bool:
        return re.match(r"[ \t]*:", self.text[place.key_end :][:200]) is not None

    def _list(self, event: Any, start: int) -> _Node:
        node = _Node(start, start, [], "seq", bool(event.flow_style))
        last = start if node.flow or self.text[start] == "-" else event.end_mark.index
        while (item := self._next()).__class__ is not SequenceEndEvent:
            begin = item.start_mark.index
            place = _Entry(begin if node.flow else self._dash(last, begin), node)
            place.node = self._node(item)
            last = self._add(node, place)
            node.value.append(place.node.value)
        if node.flow:
            node.end = _end(item)
        return node

    def _dash(self, start: int, end: int) -> int:
        """Find the dash before an item: the only one outside a comment."""
        position = start
        while position < end:
            if self.text[position] == "-":
                return position
            # A comment may have a dash in it.
            position = self.text.index("\n", position) if self.text[position] == "#" else position + 1
        return start

    def _add(self, node: _Node, place: _Entry) -> int:
        node.entries.append(place)
        node.aliases |= place.node.aliases
        if not node.flow:
            node.end = _end_of_piece(self.text, place.node)
        return place.node.end


def _end(event: Any) -> int:
    return int(event.end_mark.index)


def _is_block(node: _Node) -> bool:
    return not node.flow and node.kind in ("map", "seq")


def _end_of_piece(text: str, node: _Node) -> int:
    """Give the end of the line on which a value ends; a block has it in itself."""
    if _is_block(node):
        return node.end
    found = text.find("\n", node.end)
    return len(text) if found < 0 else found


def _without_comments(text: str) -> str:
    return re.sub(r"#[^\n]*", "", text)


def _comments(text: str) -> Iterator[str]:
    """Go through the comments of a text."""
    inside = sorted(_Tree(text).scalars)
    place = 0
    for found in re.finditer(r"(?:(?<=\s)|^)#[^\n]*", text):
        while place < len(inside) and inside[place][1] <= found.start():
            place += 1
        if place == len(inside) or not inside[place][0] <= found.start() < inside[place][1]:
            yield found[0].rstrip()


# ------------------------------------------------------------------------------------------- changing it


_Piece = tuple[str, str | None]
"""What stands before an entry of a block (line end, empty lines, comments, indentation), and its text if it stays."""


class _Editor:
    """Changes one text. Each method gives the new text of a node, or None where it has to be written anew."""

    def __init__(self, text: str, *, aliases: bool) -> None:
        self.text = text
        self.aliases = aliases
        self.anchored: dict[str, Json] = {}
        """What each anchor stands for in the new text, as far as that was written."""

    def run(self, value: JsonObject) -> str | None:
        root = _Tree(self.text).root
        new = self._node(root, value, self._column(root.start))
        return None if new is None else self.text[: root.start] + new + self.text[root.end :]

    def _column(self, position: int) -> int:
        return position - (self.text.rfind("\n", 0, position) + 1)

    def _node(self, node: _Node, value: Json, indent: int | None, name: str = "") -> str | None:
        """Give the new text of a node; `indent` is that of text in several lines, None inside braces.

        `name` is the key that the node stands under.
        """
        if node.kind == "alias":
            stands = self.aliases and node.anchor in self.anchored and same(self.anchored[node.anchor], value)
            return self._as_it_is(node) if stands else None
        if node.anchor is not None:
            self.anchored[node.anchor] = value
        if same(node.value, value) and not self._has_changed_alias(node):
            self._keep_anchors(node)
            return self._as_it_is(node)
        if node.kind == "scalar":
            return self._scalar(node, value, indent)
        if not node.entries or not value or node.fixed:
            return None
        if node.kind == "map" and isinstance(value, dict):
            return self._flow(node, value, indent) if node.flow else self._block_mapping(node, value)
        if node.kind == "seq" and isinstance(value, list):
            return self._flow(node, value, indent) if node.flow else self._block_list(node, value, name)
        return None

    def _as_it_is(self, node: _Node) -> str:
        return self.text[node.start : node.end]

    def _has_changed_alias(self, node: _Node) -> bool:
        """Tell whether an alias inside a node that stays means something else now."""
        if not self.aliases:
            return bool(node.aliases)
        return any(not same(self.anchored.get(name, value), value) for name, value in node.aliases.items())

    def _keep_anchors(self, node: _Node) -> None:
        for place in node.entries:
            if place.node.anchor is not None and place.node.kind != "alias":
                self.anchored[place.node.anchor] = place.node.value
            self._keep_anchors(place.node)

    def _scalar(self, node: _Node, value: Json, indent: int | None) -> str | None:
        """Write a single value in the quotes that the old one has."""
        if isinstance(value, (dict, list)) or node.start == node.end:
            return None
        before = f"&{node.anchor} " if node.anchor else ""
        if isinstance(value, str) and "\n" not in value:
            if node.style == '"':
                return before + double_quoted(value)
            if node.style == "'" and not UNPRINTABLE.search(value):
                quoted = value.replace("'", "''")
                return f"{before}'{quoted}'"
        return before + scalar(value, indent)

    # -- blocks

    def _block_mapping(self, node: _Node, value: JsonObject) -> str | None:
        indent = self._column(node.entries[0].start)
        leads = self._leads(node)
        old = {place.key: index for index, place in enumerate(node.entries)}
        pieces: list[_Piece] = []
        gone = [index for index, place in enumerate(node.entries) if place.key not in value]
        for key, index in _placed({key: old.get(key) for key in value}, len(leads)):
            if index is None:
                pieces.append((_fresh_lead(leads, indent), pair(key, value[key], indent)))
                continue
            pieces += [(leads[one], None) for one in gone if one < index]
            gone = [one for one in gone if one > index]
            pieces.append((leads[index], self._pair(node.entries[index], value[key], indent)))
        return self._assembled(node, [*pieces, *((leads[one], None) for one in gone)], indent)

    def _block_list(self, node: _Node, value: list[Json], name: str) -> str | None:
        indent = self._column(node.entries[0].start)
        leads = self._leads(node)
        found = matches(node.value, value)
        pieces: list[_Piece] = []
        gone = [index for index in range(len(leads)) if index not in found]
        for index, item in zip(found, value, strict=True):
            if index is None:
                pieces.append((_fresh_lead(leads, indent), f"- {entry(item, indent + 2, name)}"))
                continue
            # What was removed before this entry leaves its comments to it.
            pieces += [(leads[one], None) for one in gone if one < index]
            gone = [one for one in gone if one > index]
            pieces.append((leads[index], self._item(node.entries[index], item, indent, name)))
        return self._assembled(node, [*pieces, *((leads[one], None) for one in gone)], indent)

    def _leads(self, node: _Node) -> list[str]:
        """Give what stands before each entry, from the end of the line before it on; nothing before the first."""
        ends = [node.entries[0].start, *(_end_of_piece(self.text, place.node) for place in node.entries[:-1])]
        return [self.text[end : place.start] for end, place in zip(ends, node.entries, strict=True)]

    def _pair(self, place: _Entry, value: Json, indent: int) -> str:
        new = self._node(place.node, value, indent + 2, place.key)
        if new is not None:
            return self._with_tail(place, new)
        head = self.text[place.start : place.key_end]
        return self._with_tail(place, f"{head}:{after_key(place.key, value, indent, len(head) + 1)}", anew=True)

    def _item(self, place: _Entry, value: Json, indent: int, name: str) -> str:
        new = self._node(place.node, value, indent + 2)
        if new is not None:
            return self._with_tail(place, new)
        return self._with_tail(place, f"- {entry(value, indent + 2, name)}", anew=True)

    def _with_tail(self, place: _Entry, new: str, *, anew: bool = False) -> str:
        """Add what stands before the value, unless that is written anew, and the comment on the line it ends on.

        Behind a value that has several lines now, the comment goes to the first of them.
        """
        node = place.node
        tail = "" if _is_block(node) else self.text[node.end : _end_of_piece(self.text, node)]
        text = new if anew else self.text[place.start : node.start] + new
        if new != self._as_it_is(node) and tail and "\n" in new:
            first, _, rest = text.partition("\n")
            return f"{first}{tail}\n{rest}"
        return text + tail

    def _assembled(self, node: _Node, pieces: Sequence[_Piece], indent: int) -> str | None:
        """Put the pieces of a block together; one without text is removed and leaves its comments to the next."""
        result = self.text[node.start : node.entries[0].start]
        left = ""
        first = True
        for lead, text in pieces:
            if text is None:
                if "#" in lead or "\n\n" in lead:
                    left += lead.rpartition("\n")[0]
                continue
            before = _joined_leads(left, lead or "\n" + " " * indent)
            if first:
                before = before.lstrip(" \n") if "#" in before else ""
            result += before + text
            left = ""
            first = False
        return None if first else result + (left if "#" in left else "")

    # -- braces and brackets

    def _flow(self, node: _Node, value: Json, indent: int | None) -> str | None:
        """Change what stands inside braces or brackets; one line that would get too long is written anew."""
        entries = node.entries
        if isinstance(value, dict):
            by_key = {place.key: index for index, place in enumerate(entries)}
            order = _placed({key: by_key.get(key) for key in value}, len(entries))
            texts = [
                self._flow_pair(None if place is None else entries[place], key, value[key]) for key, place in order
            ]
            places = [place for _, place in order]
        else:
            places = matches(node.value, value)
            texts = [
                self._flow_item(None if place is None else entries[place], item)
                for place, item in zip(places, value, strict=True)
            ]
        result = self.text[node.start : entries[0].start] + texts[0]
        for before, place, text in zip(places, places[1:], texts[1:], strict=False):
            result += self._separator(node, before, place) + text
        result += self.text[entries[-1].node.end : node.end]
        if indent is not None and "\n" not in result:
            line = self._column(node.start) + len(result)
            if line > WIDTH and line > self._column(node.end):
                return None
        return result

    def _flow_pair(self, place: _Entry | None, key: str, value: Json) -> str:
        if place is None:
            return flow({key: value})[1:-1]
        new = self._node(place.node, value, None)
        if new is None:
            return f"{self.text[place.start : place.key_end]}: {flow(value)}"
        return self.text[place.start : place.node.start] + new

    def _flow_item(self, place: _Entry | None, value: Json) -> str:
        new = None if place is None else self._node(place.node, value, None)
        return flow(value) if new is None else new

    def _separator(self, node: _Node, before: int | None, place: int | None) -> str:
        """Give what stands between two entries: what stood there, or what stands between others."""
        if before is not None and place == before + 1:
            return self._between(node, before)
        usual = self._between(node, 0) if len(node.entries) > 1 else ", "
        return ", " if "#" in usual else usual

    def _between(self, node: _Node, index: int) -> str:
        return self.text[node.entries[index].node.end : node.entries[index + 1].start]


def _placed(places: dict[str, int | None], count: int) -> list[tuple[str, int | None]]:
    """Keep old entries in their order, and put each new one behind the one that it follows."""
    old = {place: key for key, place in places.items() if place is not None}
    added: dict[int, list[str]] = {}
    before = -1
    for key, place in places.items():
        if place is None:
            added.setdefault(before, []).append(key)
        else:
            before = place
    result: list[tuple[str, int | None]] = [(key, None) for key in added.get(-1, ())]
    for index in range(count):
        if index in old:
            result.append((old[index], index))
        result += [(key, None) for key in added.get(index, ())]
    return result


def _fresh_lead(leads: Sequence[str], indent: int) -> str:
    """Give what stands before a new entry: an empty line only where every other has one."""
    empty = len(leads) > 1 and all("\n\n" in lead for lead in leads[1:])
    return ("\n\n" if empty else "\n") + " " * indent


def _joined_leads(left: str, lead: str) -> str:
    """Put what a removed entry leaves before the lead of the next one, with no second empty line."""
    if left and "#" not in left:
        return lead if "\n\n" in lead else "\n" + lead
    return left + lead
