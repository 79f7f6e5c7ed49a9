"""The schema check of a spec value, made from the schema files: one mistake, one finding.

A validator of JSON Schema answers for each branch of a choice why it does not fit, and takes its time. Here the flat
schema (json_schema.py) becomes functions once, and choices are decided by looking: by the JSON type of the value, then
by the properties whose fixed words tell the alternatives apart (`type`, `operation`, …), which are found in the schema
itself (choices.py). So one branch is held against the value, and what it says is what the person meant.

The functions return the mistakes of a value, with paths that grow on the way up: a good value costs no path at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.problem import Finding
from kibana_builder.spec.choices import Choice, decide
from kibana_builder.spec.json_schema import ANNOTATIONS, REF, schema_for
from kibana_builder.spec.mistakes import (
    GOOD,
    Check,
    Mistake,
    Mistakes,
    alone,
    literal_secret,
    missing,
    near_word,
    not_supported,
    out_of_range,
    unknown_property,
    unknown_value,
    wrong_type,
)
from kibana_builder.spec.words import listed, quoted, shown

__all__ = ["check", "make_check"]

_PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "number": (int, float),
    "integer": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_NAMES = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "nothing",
}
_ANYTHING: JsonObject = {}
_FEW = 4


def check(kind: str, value: Json) -> list[Finding]:
    """Hold what a YAML file says against the schema of its kind (one of KINDS); no findings mean it is accepted.

    `value` may be any JSON value. The findings stand in the order of the document; what is missing in an object comes
    behind what is wrong in it.
    """
    return _check_of(kind)(value)


@cache
def _check_of(kind: str) -> Callable[[Json], list[Finding]]:
    return make_check(schema_for(kind))


def make_check(schema: JsonObject) -> Callable[[Json], list[Finding]]:
    """Make the check of a flat schema."""
    root = _Maker(schema).check_of(schema)

    def check_document(value: Json) -> list[Finding]:
        try:
            return [mistake.finding() for mistake in root(value)]
        except RecursionError:
            return [Finding("too-deep", "this is nested too deeply")]

    return check_document


class _Maker:
    """Turns the nodes of one flat schema into checks."""

    def __init__(self, schema: JsonObject) -> None:
        self.schema = schema
        self._made: dict[int, Check] = {}
        self._words: dict[str, list[Json]] = {}

    def check_of(self, node: JsonObject, name: str = "") -> Check:
        """Return the check of a schema; `name` is the property that it stands under, for the messages."""
        node = self._resolved(node)
        key = id(node)
        if key not in self._made:
            # A definition may refer to itself: what asks for it meanwhile gets a way to the check that will be there.
            self._made[key] = self._later(key)
            self._made[key] = self._make(node, name)
        return self._made[key]

    def _later(self, key: int) -> Check:
        def check_later(value: Json) -> Mistakes:
            return self._made[key](value)

        return check_later

    def _make(self, node: JsonObject, name: str) -> Check:
        if node.keys() <= ANNOTATIONS:
            return _anything
        branches = list(self._branches(node))
        by_type: dict[type, list[JsonObject]] = {}
        for branch in branches:
            for kind in _python_types(branch):
                by_type.setdefault(kind, []).append(branch)
        checks = {kind: self._check_of_type(kind, found, node, name) for kind, found in by_type.items()}
        expected = listed(dict.fromkeys(map(_expected, branches)))
        if len(checks) > 1:
            return _by_type(checks, expected)
        ((kind, check_value),) = checks.items()
        return _one_type(kind, check_value, expected)

    def _check_of_type(self, kind: type, branches: list[JsonObject], node: JsonObject, name: str) -> Check:
        if kind is dict:
            choices = [self._object(branch) for branch in branches]
            return decide(choices, self._not_supported(node), self.words_of).check
        if kind is list:
            return _first_that_fits([self._list(branch, name) for branch in branches])
        return _first_that_fits([_scalar(branch, kind, name) for branch in branches])

    # ---------------------------------------------------------------------------------------- reading the schema

    def _resolved(self, node: JsonObject) -> JsonObject:
        while "$ref" in node:
            node = self.schema["$defs"][node["$ref"].removeprefix(REF)]
        return node

    def _branches(self, node: JsonObject) -> Iterator[JsonObject]:
        """Give the alternatives inside a node that are no choices themselves."""
        node = self._resolved(node)
        if "anyOf" not in node:
            yield node
        for branch in node.get("anyOf", ()):
            yield from self._branches(branch)

    def _not_supported(self, node: JsonObject) -> JsonObject:
        """Collect what the choices inside a node say that kbuild does not know."""
        node = self._resolved(node)
        if "anyOf" not in node:
            return {}
        found = dict(node.get("x-kbuild-not-supported", {}))
        for branch in node["anyOf"]:
            found |= self._not_supported(branch)
        return found

    def words_of(self, name: str) -> list[Json]:
        """Collect the words that may stand under a property of that name, wherever it is. For messages only: slow."""
        if not self._words:
            for node in _objects_in(self.schema):
                for key, item in node["properties"].items():
                    self._words.setdefault(key, []).extend(item.get("enum", []) or [item.get("const")])
        return self._words.get(name, [])

    # ---------------------------------------------------------------------------------------- objects and lists

    def _object(self, node: JsonObject) -> Choice:
        properties: JsonObject = node.get("properties", {})
        required: list[str] = node.get("required", [])
        others = node.get("additionalProperties", _ANYTHING)
        check_value = self._record(node) if others is False or properties else self._map(node, others)
        return Choice(check_value, [node], [name for name in required if name in properties])

    def _record(self, node: JsonObject) -> Check:
        """Make the check of an object with properties of fixed names, most often with no others."""
        checks = {name: self.check_of(item, name) for name, item in node["properties"].items()}
        others = node.get("additionalProperties", _ANYTHING)
        check_other = None if others is False else self.check_of(others)
        check_of = checks.get
        required = frozenset(node.get("required", ()))
        together = "dependentRequired" in node
        foreign = _foreign(node)

        def check_object(value: JsonObject) -> Mistakes:
            if foreign and (mistakes := foreign(value)):
                return mistakes
            found: list[Mistake] = []
            for key, item in value.items():
                check_item = check_of(key, check_other)
                mistakes = check_item(item) if check_item else [self._unknown_property(node, key)]
                if mistakes:
                    for mistake in mistakes:
                        mistake.path.append(key)
                    found.extend(mistakes)
            if together or not value.keys() >= required:
                found.extend(list(_absent(node, value, found)))
            return found

        return check_object

    def _unknown_property(self, node: JsonObject, key: str) -> Mistake:
        if node.get("x-kbuild-not-supported", {}).get(key) is True:
            return not_supported(key)
        if key in node.get("x-kbuild-secret", ()):
            return literal_secret(key)
        properties = node["properties"]
        inside = [
            name
            for name, item in properties.items()
            if any(key in branch.get("properties", ()) for branch in self._branches(item))
        ]
        return unknown_property(key, properties, inside if len(inside) < _FEW else ())

    def _map(self, node: JsonObject, others: JsonObject) -> Check:
        """Make the check of a mapping whose keys are names that people chose."""
        check_item = self.check_of(others)
        check_key = _scalar(node.get("propertyNames", {}), str, "")
        smallest = node.get("minProperties", 0)

        def check_map(value: JsonObject) -> Mistakes:
            found: list[Mistake] = []
            if len(value) < smallest:
                found.append(out_of_range("entries", len(value), smallest, None))
            for key, item in value.items():
                for mistake in check_key(key):
                    mistake.at = "key"
                    mistake.path.append(key)
                    found.append(mistake)
                for mistake in check_item(item):
                    mistake.path.append(key)
                    found.append(mistake)
            return found

        return check_map

    def _list(self, node: JsonObject, name: str) -> Check:
        check_item = self.check_of(node.get("items", _ANYTHING), name)
        fewest, most = node.get("minItems"), node.get("maxItems")

        def check_list(value: list[Json]) -> Mistakes:
            found: list[Mistake] = []
            count = len(value)
            if most is not None and count > most:
                found.append(out_of_range("items", count, None, most))
            for index, item in enumerate(value):
                if mistakes := check_item(item):
                    for mistake in mistakes:
                        mistake.path.append(index)
                    found.extend(mistakes)
            if fewest is not None and count < fewest and not found:
                found.append(out_of_range("items", count, fewest, None))
            return found

        return check_list


def _objects_in(node: Json) -> Iterator[JsonObject]:
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict) and "additionalProperties" in node:
            yield node
        for item in node.values():
            yield from _objects_in(item)
    elif isinstance(node, list):
        for item in node:
            yield from _objects_in(item)


def _foreign(node: JsonObject) -> Check | None:
    """Make the look at the one property whose value can make all its neighbours foreign to kbuild."""
    wanted = {
        (name, inner): words
        for name, inside in node.get("x-kbuild-not-supported", {}).items()
        if isinstance(inside, dict)
        for inner, words in inside.items()
    }
    if not wanted:
        return None

    def check_foreign(value: JsonObject) -> Mistakes:
        for (name, inner), words in wanted.items():
            item = value.get(name)
            if isinstance(item, dict) and item.get(inner) in words:
                mistake = not_supported(inner, item[inner])
                mistake.path += [inner, name]
                return [mistake]
        return GOOD

    return check_foreign


def _absent(node: JsonObject, value: JsonObject, found: list[Mistake]) -> Iterator[Mistake]:
    """Say what is not there, but for what is there under a name that is nearly right: of that, say what was meant.

    Of an object that has nothing right, the wrong names are enough to say; and what kbuild does not know yet may
    stand for what is not there.
    """
    own = [mistake for mistake in found if len(mistake.path) == 1]
    if any(mistake.rule == "not-supported" for mistake in own):
        return
    unknown = {mistake.names[0]: mistake for mistake in own if mistake.rule == "unknown-property"}

    def is_there(name: str) -> bool:
        written = name in value or near_word(name, unknown)
        if isinstance(written, str) and written:
            mistake = unknown.pop(written)
            mistake.hint, mistake.names = f"did you mean {quoted(name)}?", ()
        return bool(written)

    wrong = bool(value) and len(unknown) == len(value)
    names = [name for name in node.get("required", ()) if not is_there(name)]
    if names and not wrong:
        yield missing(names)
    for name, partners in node.get("dependentRequired", {}).items():
        if name in value and (absent := [partner for partner in partners if not is_there(partner)]):
            yield alone(name, absent)


# ------------------------------------------------------------------------------------------------ types


def _python_types(node: JsonObject) -> tuple[type, ...]:
    if "type" in node:
        names = node["type"] if isinstance(node["type"], list) else [node["type"]]
        return tuple(dict.fromkeys(kind for name in names for kind in _PYTHON_TYPES[name]))
    words = _words(node)
    if words is not None:
        return (str,) if all(isinstance(word, str) for word in words) else (int, float)
    return tuple(dict.fromkeys(kind for kinds in _PYTHON_TYPES.values() for kind in kinds))


def _words(node: JsonObject) -> list[Json] | None:
    return [node["const"]] if "const" in node else node.get("enum")


def _by_type(checks: dict[type, Check], expected: str) -> Check:
    def check_by_type(value: Json) -> Mistakes:
        check_value = checks.get(type(value))
        return check_value(value) if check_value else [wrong_type(value, expected, checks)]

    return check_by_type


def _one_type(kind: type, check_value: Check, expected: str) -> Check:
    accepted = (kind,)

    def check_one_type(value: Json) -> Mistakes:
        return check_value(value) if type(value) is kind else [wrong_type(value, expected, accepted)]

    def check_type(value: Json) -> Mistakes:
        return GOOD if type(value) is kind else [wrong_type(value, expected, accepted)]

    return check_type if check_value is _anything else check_one_type


def _first_that_fits(checks: list[Check]) -> Check:
    """Make the check of several that no look at the value decides: good when one is good, else the nearest's words."""
    if len(checks) == 1:
        return checks[0]
    return lambda value: min((check_value(value) for check_value in checks), key=len)


def _expected(node: JsonObject) -> str:
    words = _words(node)
    if words is not None:
        return (
            listed(quoted(word) if isinstance(word, str) else str(word) for word in words)
            if len(words) < _FEW
            else "a text"
        )
    names = node.get("type", [])
    return listed(_NAMES[name] for name in ([names] if isinstance(names, str) else names)) if names else "anything"


# ------------------------------------------------------------------------------------------------ single values


def _anything(_: Json) -> Mistakes:
    return GOOD


def _scalar(node: JsonObject, kind: type, name: str) -> Check:
    """Make the check of a value that is of the type `kind` already."""
    if (words := _words(node)) is not None:
        return _enumerated(words, name)
    if kind in (int, float):
        return _number(node, kind)
    if kind is str:
        return _text(node)
    return _anything


def _enumerated(words: list[Json], name: str) -> Check:
    known = frozenset(words)

    def check_word(value: Json) -> Mistakes:
        return GOOD if value in known else [unknown_value(value, name, words)]

    return check_word


def _number(node: JsonObject, kind: type) -> Check:
    low, high = node.get("minimum"), node.get("maximum")
    whole = kind is float and node.get("type") == "integer"
    if low is None and high is None and not whole:
        return _anything

    def check_number(value: float) -> Mistakes:
        if whole and not float(value).is_integer():
            return [wrong_type(value, _NAMES["integer"], (int,))]
        if (low is not None and value < low) or (high is not None and value > high):
            return [out_of_range("", value, low, high)]
        return GOOD

    return check_number


def _text(node: JsonObject) -> Check:
    shortest = node.get("minLength", 0)
    pattern = re.compile(node["pattern"]) if "pattern" in node else None
    if not shortest and not pattern:
        return _anything

    def check_text(value: str) -> Mistakes:
        if len(value) < shortest:
            return [out_of_range("characters", len(value), shortest, None)]
        if pattern and not pattern.search(value):
            return [Mistake("wrong-format", f"expected {node['x-kbuild-expects']}, got {shown(value)}")]
        return GOOD

    return check_text
