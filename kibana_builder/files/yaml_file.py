"""YAML text -> plain values, and later, only for what is reported, the places of those values.

One loop over libyaml's events builds the values. Not its composer: that one recurses in C, so that a file of 25 KB
with 25,000 brackets ends the process, and an anchor bomb is harmless to it and deadly to whoever reads its result.
Here depth and the size that aliases expand to are counted while reading, a duplicate key or a tag has its place at
hand, and no tree of nodes is left for the garbage collector. It is also as quick: well under half the CPU time of
`yaml.CSafeLoader`.

Language: YAML 1.2 core schema (scalars.py), text keys only, one document, no tags, no merge keys.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml._yaml import CParser
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from kibana_builder.errors import SpecError
from kibana_builder.files.places import Mistake, Span, problem_at
from kibana_builder.files.scalars import KEYS, PLAIN, NoJsonNumber
from kibana_builder.files.syntax_words import explain, tag_mistake
from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.json_tree import Path as TreePath
from kibana_builder.problem import Finding, Problem

__all__ = ["YamlFile", "locate", "locate_all", "parse_yaml", "read_yaml"]

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 100
MAX_EXPANDED = 200_000

_LONGEST_SHOWN = 60

# What libyaml's reader refuses, and the line ends of YAML 1.1 that are none in 1.2 (and in no editor): inside a
# value libyaml would fold them away without a word.
UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class YamlFile:
    """One file as it was read: `path` is absolute, `name` is how people see it, `text` has no byte order mark."""

    path: Path
    name: str
    text: str
    value: Json


def read_yaml(path: Path, name: str) -> YamlFile:
    """Read one YAML file. Raises SpecError with exactly one Problem."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise _refused(name, "unreadable-file", "this is a folder, not a file")
        if not stat.S_ISREG(status.st_mode):
            # A pipe would make us wait for ever.
            raise _refused(name, "unreadable-file", "this is not a regular file")
        if status.st_size > MAX_BYTES:
            raise _too_large(name)
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)  # it may have grown since
    except OSError as error:
        raise _refused(name, "unreadable-file", _why(error)) from None
    except ValueError:  # a NUL in the path
        raise _refused(name, "unreadable-file", "no file can have this name") from None
    return parse_yaml(data, name, path)


def parse_yaml(data: bytes, name: str, path: Path | None = None) -> YamlFile:
    """Read YAML from bytes, without the disk. Raises SpecError with exactly one Problem."""
    if len(data) > MAX_BYTES:
        raise _too_large(name)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SpecError([_not_utf8(data, name, error)]) from None
    text = text.removeprefix("\ufeff")
    try:
        value = _value(text)
    except Mistake as mistake:
        raise SpecError([problem_at(text, name, mistake)]) from None
    return YamlFile(path=(path or Path(name)).absolute(), name=name, text=text, value=value)


def locate(file: YamlFile, finding: Finding) -> Problem:
    """Give the finding its place in the file: that of the longest prefix of its path that the file has."""
    return locate_all(file, [finding])[0]


def locate_all(file: YamlFile, findings: Iterable[Finding]) -> list[Problem]:
    """Give many findings their places, reading the file once more for all of them."""
    findings = list(findings)
    wanted = {finding.path[:length] for finding in findings for length in range(len(finding.path) + 1)}
    spans = _spans(file.text, wanted) if findings else {}
    return [problem_at(file.text, file.name, _placed(finding, spans)) for finding in findings]


def _placed(finding: Finding, spans: dict[TreePath, tuple[Span | None, Span]]) -> Mistake:
    path = finding.path
    while path not in spans and path:
        path = path[:-1]
    key, value = spans.get(path, (None, (0, 1)))
    at_key = finding.at == "key" and path == finding.path
    span = key if key is not None and (at_key or value[0] == value[1]) else value
    return Mistake(finding.rule, finding.message, span, finding.hint, finding.severity)


def _refused(name: str, rule: str, message: str) -> SpecError:
    """Make the error for a file as a whole: nothing of it was read, so there is no line to show."""
    return SpecError([Problem(rule=rule, message=message, file=name, line=1, column=1, end_column=2)])


def _too_large(name: str) -> SpecError:
    return _refused(name, "too-large", f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB")


def _why(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "the file does not exist"
    if isinstance(error, PermissionError):
        return "no permission to read the file"
    return f"the file cannot be read: {error.strerror or type(error).__name__}"


def _not_utf8(data: bytes, name: str, error: UnicodeDecodeError) -> Problem:
    hint = "save it as UTF-8"
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return problem_at("", name, Mistake("not-utf-8", "the file is UTF-16, not UTF-8", (0, 1), hint))
    before = data[: error.start].decode("utf-8").removeprefix("\ufeff")
    line = re.split(rb"[\r\n]", data[error.start :], maxsplit=1)[0].decode("utf-8", "replace")
    message = f"the file is not UTF-8: byte 0x{data[error.start]:02x} begins no character"
    return problem_at(before + line, name, Mistake("not-utf-8", message, (len(before), len(before) + 1), hint))


# ---------------------------------------------------------------------------------------------------- reading


def _value(text: str) -> Json:
    """Build the value of a text of one document. Raises Mistake."""
    if not text.isascii() and (found := UNPRINTABLE.search(text)):
        raise _unprintable(found)
    try:
        value = _Reader(text).read()
    except yaml.reader.ReaderError:
        if found := UNPRINTABLE.search(text):
            raise _unprintable(found) from None
        raise
    except yaml.MarkedYAMLError as error:
        raise explain(text, error) from None
    except NoJsonNumber:
        raise _first_no_number(text) from None
    if value is None:
        raise Mistake("empty-file", "the file is empty", (0, 1))
    return value


def _unprintable(found: re.Match[str]) -> Mistake:
    code = f"U+{ord(found[0]):04X}"
    what = "a NUL character" if found[0] == "\0" else f"the unprintable character {code}"
    hint = "is this a text file?" if found[0] == "\0" else "in double quotes it can be written as an escape"
    return Mistake("unprintable-character", f"{what} in the file", found.span(), hint)


class _Reader:
    """Reads one text. The loop keeps its state in local variables, since it is where loading spends its time."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.next_event = CParser(text).get_event
        # Values under their anchors; a collection is there from its beginning, so that a loop can be seen.
        self.anchors: dict[str, Json] = {}
        self.expanded = 0

    def read(self) -> Json:
        """Give the value of the one document, None if there is none. Raises Mistake, NoJsonNumber, libyaml's errors."""
        next_event = self.next_event
        next_event()  # the stream begins
        if isinstance(next_event(), StreamEndEvent):
            return None
        document: list[Json] = []
        self._fill(document)
        next_event()  # the document ends
        following = next_event()
        if not isinstance(following, StreamEndEvent):
            raise Mistake(
                "several-documents", "a second document begins here", _span(following), "write one document per file"
            )
        return document[0]

    def _fill(self, document: list[Json]) -> None:
        """Read one node with all that is in it and append it to the list."""
        next_event = self.next_event
        plain, keys = PLAIN, KEYS
        stack: list[Json] = []
        current: Json = document
        key: str | None = None  # the key that waits for its value; None where a key or an item comes next
        while True:
            event: Any = next_event()
            kind = event.__class__
            if kind is ScalarEvent and event.tag is None and event.anchor is None:
                if key is None and current.__class__ is dict:
                    key = event.value if event.style else keys[event.value]
                    if key is None or key in current:
                        raise self._bad_key(event, key)
                    continue
                value = event.value if event.style else plain[event.value]
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                current = stack.pop()
                if not stack:
                    return
                continue
            else:
                value = self._uncommon(event, stack, current)
                if key is None and current.__class__ is dict:
                    key = self._uncommon_key(event, value, current)
                    continue
            if key is None:
                current.append(value)
            else:
                current[key] = value
                key = None
            if kind is MappingStartEvent or kind is SequenceStartEvent:
                stack.append(current)
                current = value
            elif current is document:
                return

    def _uncommon(self, event: Any, stack: list[Json], current: Json) -> Json:
        """Give the value of an event that is no bare scalar: a collection that begins, an alias, an anchored scalar."""
        if event.__class__ is AliasEvent:
            return self._copy_of(event, stack, current)
        if event.tag is not None:
            raise tag_mistake(self.text, event.start_mark.index)
        if event.__class__ is ScalarEvent:
            value = event.value if event.style else PLAIN[event.value]
        elif len(stack) >= MAX_DEPTH:
            raise Mistake("too-deep", f"more than {MAX_DEPTH} levels of nesting", _span(event))
        else:
            value = {} if event.__class__ is MappingStartEvent else []
        if event.anchor is not None:
            self.anchors[event.anchor] = value
        return value

    def _uncommon_key(self, event: Any, value: Json, mapping: JsonObject) -> str:
        """Give the key that an alias or an anchored scalar stands for. Raises Mistake, also for a list or mapping."""
        if isinstance(value, (dict, list)):
            raise Mistake(
                "key-not-text",
                f"a key must be text, not a {'mapping' if isinstance(value, dict) else 'list'}",
                (event.start_mark.index, event.start_mark.index + 1),
                "put text that begins with '{' or '[' in quotes",
            )
        plain = event.__class__ is ScalarEvent and not event.style
        key = KEYS[event.value] if plain else value if isinstance(value, str) else None
        if key is None or key in mapping:
            raise self._bad_key(event, key)
        return key

    def _copy_of(self, event: Any, stack: list[Json], current: Json) -> Json:
        """Copy what the alias means, so that the result is a tree of which no part is shared."""
        name = event.anchor
        if name not in self.anchors:
            raise Mistake(
                "unknown-alias",
                f"'*{_short(name)}' is an alias, and there is no anchor '&{_short(name)}' above it",
                _span(event),
                "put text that begins with '*' in quotes",
            )
        value = self.anchors[name]
        if isinstance(value, (dict, list)) and (value is current or any(value is outer for outer in stack)):
            raise Mistake("recursive-alias", f"the alias '*{_short(name)}' would contain itself", _span(event))
        nodes, depth = _measured(value)
        self.expanded += nodes
        if self.expanded > MAX_EXPANDED:
            raise Mistake("anchor-bomb", f"aliases expand to more than {MAX_EXPANDED:,} values", _span(event))
        if len(stack) + depth > MAX_DEPTH:
            raise Mistake("too-deep", f"more than {MAX_DEPTH} levels of nesting", _span(event))
        return _copied(value)

    def _bad_key(self, event: Any, key: str | None) -> Mistake:
        """Say why this is no key: it is there already (then `key` is given), or it is no text."""
        if key is not None:
            return Mistake(
                "duplicate-key",
                f"the key '{_short(key)}' is there twice",
                _span(event),
                f"the first is on line {_line_of_first(self.text, event.start_mark.index)}",
            )
        word = event.value if event.__class__ is ScalarEvent else ""
        if word == "<<":
            hint = "it is no part of YAML 1.2; write the keys out"
            return Mistake("merge-key", "the merge key '<<' is not understood", _span(event), hint)
        said = f"'{_short(word)}' is none" if word else "there is none here"
        hint = f"put it in quotes: '{_short(word)}'" if word else ""
        return Mistake("key-not-text", f"a key must be text, {said}", _span(event), hint)


def _measured(value: Json) -> tuple[int, int]:
    """Count the values in a tree (long text counts more than once), and its levels of nesting."""
    if isinstance(value, str):
        return 1 + len(value) // 100, 0
    if not isinstance(value, (dict, list)):
        return 1, 0
    nodes, deepest = 1, 0
    for item in (*value.keys(), *value.values()) if isinstance(value, dict) else value:
        more, depth = _measured(item)
        nodes += more
        deepest = max(deepest, depth)
    return nodes, deepest + 1


def _copied(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copied(item) for item in value]
    return value


# ---------------------------------------------------------------------------------------------------- places


def _events(text: str) -> Iterator[Any]:
    return iter(CParser(text).get_event, None)


def _span(event: Any) -> Span:
    return event.start_mark.index, event.end_mark.index


def _short(word: str) -> str:
    return word if len(word) <= _LONGEST_SHOWN else f"{word[:_LONGEST_SHOWN]}…"


def _line_of(text: str, position: int) -> int:
    return problem_at(text, "", Mistake("", "", (position, position))).line


def _line_of_first(text: str, second: int) -> int:
    """Give the line of the first of two equal keys; `second` is where the other one begins."""
    first: dict[TreePath, int] = {}
    for path, is_key, span in _places(text):
        if is_key:
            start = first.setdefault(path, span[0])
            if span[0] == second:
                return _line_of(text, start)
    raise AssertionError("the second key was read before")


def _first_no_number(text: str) -> Mistake:
    """Find the number that JSON has not; all before it was read without a fault."""
    for event in _events(text):
        try:
            PLAIN[event.value if isinstance(event, ScalarEvent) and not event.style else ""]
        except NoJsonNumber:
            hint = "put it in quotes if it is meant as text"
            return Mistake("no-number", f"JSON has no number '{_short(event.value)}'", _span(event), hint)
    raise AssertionError("the number was read before")


def _spans(text: str, wanted: set[TreePath]) -> dict[TreePath, tuple[Span | None, Span]]:
    """Find the spans of key (where there is one) and value of the wanted paths; what is not there is left out."""
    keys: dict[TreePath, Span] = {}
    values: dict[TreePath, Span] = {}
    for path, is_key, span in _places(text):
        if path in wanted:
            (keys if is_key else values)[path] = span
    return {path: (keys.get(path), span) for path, span in values.items()}


def _places(text: str) -> Iterator[tuple[TreePath, bool, Span]]:
    """Go through a text that was read before: path, whether it is the key or the value, and the span.

    A key comes when it is read, a value when it has ended. What an alias stands for is not gone into: its place is
    the alias.
    """
    steps: list[str | int | None] = []  # for each open collection, the key or index that is read now
    begun: list[int] = []
    anchors: dict[str, str] = {}
    for event in _events(text):
        kind = event.__class__
        if kind is MappingStartEvent or kind is SequenceStartEvent:
            begun.append(event.start_mark.index)
            steps.append(None if kind is MappingStartEvent else 0)
            continue
        if kind is ScalarEvent or kind is AliasEvent:
            span = _span(event)
            if kind is ScalarEvent and event.anchor is not None:
                anchors[event.anchor] = event.value
            if steps and steps[-1] is None:
                steps[-1] = event.value if kind is ScalarEvent else anchors[event.anchor]
                yield _path(steps), True, span
                continue
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            steps.pop()
            span = (begun.pop(), event.end_mark.index)
        else:
            continue
        yield _path(steps), False, span
        if steps:
            step = steps[-1]
            steps[-1] = step + 1 if isinstance(step, int) else None


def _path(steps: list[str | int | None]) -> TreePath:
    return tuple(step for step in steps if step is not None)
