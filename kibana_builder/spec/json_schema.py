"""The schema files -> one flat, self-contained JSON Schema for each kind of document.

The files in `schema/` say each thing once: an operation's properties stand in one place, and a chart adds its own to
them with `allOf`, `anyOf` and `unevaluatedProperties: false`. Editors do not read that keyword yet (the YAML
extension of VS Code passes over it), and a running check has no use for the detour. So the flat schema has the same
meaning without it: each alternative is written out, as an object with `additionalProperties: false`.

Keywords of our own, which validators pass over:

`x-kbuild-not-supported`
    What Elastic's vocabulary has and kbuild cannot build yet, by property: `true` for the property as a whole, a list
    of those of its values, or `{property: [values]}` when such a value inside it makes its neighbours foreign too.
`x-kbuild-secret`
    Names of properties under which people write secrets, which belong into the environment.
`x-kbuild-addition`
    What Elastic's vocabulary does not have though Kibana keeps it and people use it: with the reason. The official form
    leaves it out (saved/official.py).
`x-kbuild-expects`
    Words for what a `pattern` asks for.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from pathlib import Path

from kibana_builder.json_tree import Json, JsonObject

__all__ = ["ANNOTATIONS", "KINDS", "REF", "Definitions", "flatten", "read_schema", "schema_for"]

KINDS = ("dashboard", "visualization", "saved_object", "project")
REF = "#/$defs/"

Definitions = Mapping[str, JsonObject]

_FOLDER = Path(__file__).parent / "schema"

ANNOTATIONS = frozenset(
    {"$schema", "title", "description", "default", "deprecated", "x-kbuild-expects", "x-kbuild-addition"}
)
_NOTES = frozenset({"x-kbuild-not-supported", "x-kbuild-secret"})
_SCALAR = frozenset({"const", "enum", "minLength", "pattern", "minimum", "maximum", "minItems", "maxItems"})
_OBJECT = frozenset({"properties", "required", "dependentRequired", "minProperties", "propertyNames"})
_JOINING = frozenset({"$ref", "allOf", "anyOf", "unevaluatedProperties", "additionalProperties", "items", "type"})
KEYWORDS = ANNOTATIONS | _NOTES | _SCALAR | _OBJECT | _JOINING | {"$defs"}


def schema_for(kind: str) -> JsonObject:
    """Return the flat schema of a kind (one of KINDS), ready for an editor or a validator (draft 2020-12)."""
    return flatten(*read_schema(kind))


def read_schema(kind: str) -> tuple[JsonObject, Definitions]:
    """Read a kind's schema as the files say it: its root, and the definitions of all files that it refers to.

    References are `#/$defs/NAME` throughout. Raises ValueError when two files define one name.
    """
    definitions: dict[str, JsonObject] = {}
    root: JsonObject = {}
    waiting, seen = [f"{kind}.json"], set[str]()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        text = (_FOLDER / name).read_text(encoding="utf-8")
        schema = json.loads(text, object_hook=lambda node: _local(node, waiting))
        for defined, node in schema.pop("$defs").items():
            if defined in definitions:
                raise ValueError(f"{name} defines '{defined}' once more")
            definitions[defined] = node
        root = root or schema
    return root, definitions


def _local(node: JsonObject, files: list[str]) -> JsonObject:
    """Make a reference into another file one into the common definitions, and note the file."""
    reference = node.get("$ref")
    if isinstance(reference, str) and not reference.startswith("#"):
        file, _, name = reference.partition(REF)
        files.append(file)
        node["$ref"] = REF + name
    return node


def flatten(root: JsonObject, definitions: Definitions) -> JsonObject:
    """Return the schema with each alternative written out, and of the definitions those that it still refers to.

    Raises ValueError for what cannot be said flat or what nobody would check: an unknown keyword, an object that is
    not closed, a property that is said twice, alternatives that no property tells apart.
    """
    flattener = _Flattener(definitions)
    flat = flattener.flat(root)
    flat["$defs"] = flattener.definitions
    return flat


class _Flattener:
    def __init__(self, raw: Definitions) -> None:
        self.raw = raw
        self.definitions: dict[str, JsonObject] = {}
        # By identity, so that a property that many alternatives share stays one object.
        self.known: dict[int, JsonObject] = {}

    def flat(self, node: JsonObject) -> JsonObject:
        """Return the flat form of a schema; the raw definitions are not touched."""
        flat = self.known.get(id(node))
        if flat is None:
            flat = self.known[id(node)] = self._flat(node)
        return flat

    def _flat(self, node: JsonObject) -> JsonObject:
        _demand_known(node)
        if "$ref" in node:
            self._define(node["$ref"].removeprefix(REF))
            return node
        if "unevaluatedProperties" in node or "allOf" in node:
            return self._closed(node)
        if "additionalProperties" not in node and ("properties" in node or node.get("type") == "object"):
            raise ValueError(f"an object that is not closed: {_short(node)}")
        flat = dict(node)
        if "properties" in node:
            flat["properties"] = {name: self.flat(item) for name, item in node["properties"].items()}
        if "anyOf" in node:
            flat["anyOf"] = [self.flat(branch) for branch in node["anyOf"]]
        for keyword in ("items", "additionalProperties"):
            if keyword in node:
                flat[keyword] = self.flat(node[keyword])
        return flat

    def _define(self, name: str) -> None:
        if name not in self.definitions:
            # Its place is taken first: a definition may refer to itself.
            self.definitions[name] = {}
            self.definitions[name] = self.flat(self.raw[name])

    def _closed(self, node: JsonObject) -> JsonObject:
        """Write out an object that says what it has with the help of others: one object, or a choice of several."""
        if node.get("unevaluatedProperties") is not False:
            raise ValueError(f"an object that is not closed: {_short(node)}")
        objects = [self._object(parts) for parts in self._alternatives(node)]
        if len(objects) == 1:
            return {**_only(node, ANNOTATIONS), **objects[0]}
        told_apart = _demand_told_apart(objects)
        for item in objects:
            item["title"] = ", ".join(_words(item["properties"].get(told_apart, {})) or item["required"])
        notes = {"x-kbuild-not-supported": found} if (found := dict(self._of_choice(node))) else {}
        return {**_only(node, ANNOTATIONS), **notes, "anyOf": objects}

    def _object(self, parts: list[JsonObject]) -> JsonObject:
        flat: JsonObject = {"type": "object", "properties": {}, "additionalProperties": False}
        required: list[str] = []
        for part in parts:
            for name, node in part.get("properties", {}).items():
                if name in flat["properties"]:
                    raise ValueError(f"'{name}' is said twice: {_short(part)}")
                flat["properties"][name] = self.flat(node)
            required += part.get("required", [])
            for keyword in ("dependentRequired", "x-kbuild-not-supported", "x-kbuild-secret", "deprecated"):
                if keyword in part and "anyOf" not in part:
                    flat[keyword] = _joined(flat.get(keyword), part[keyword])
        if required:
            flat["required"] = list(dict.fromkeys(required))
        return flat

    def _alternatives(self, node: JsonObject) -> list[list[JsonObject]]:
        """Return the ways in which an object can be put together, each as the list of its parts."""
        _demand_known(node)
        if "$ref" in node:
            return self._alternatives(self.raw[node["$ref"].removeprefix(REF)])
        ways = [[node]]
        for part in node.get("allOf", []):
            ways = [[*way, *more] for way in ways for more in self._alternatives(part)]
        if "anyOf" in node:
            more_ways = [more for branch in node["anyOf"] for more in self._alternatives(branch)]
            ways = [[*way, *more] for way in ways for more in more_ways]
        return ways

    def _of_choice(self, node: JsonObject) -> Iterator[tuple[str, Json]]:
        """Give what the choices inside the node say is not supported: it holds for none of the alternatives alone."""
        if "$ref" in node:
            yield from self._of_choice(self.raw[node["$ref"].removeprefix(REF)])
        if "anyOf" in node:
            yield from node.get("x-kbuild-not-supported", {}).items()
        for part in (*node.get("allOf", []), *node.get("anyOf", [])):
            yield from self._of_choice(part)


def _demand_known(node: JsonObject) -> None:
    if not node.keys() <= KEYWORDS:
        raise ValueError(f"keywords that nobody checks: {', '.join(sorted(node.keys() - KEYWORDS))}")


def _demand_told_apart(objects: list[JsonObject]) -> str:
    """Return the property by which exactly one of the objects can be meant.

    Only then is `unevaluatedProperties: false` around them the same as `additionalProperties: false` in each. One of
    them may be without that property when it demands another one of its own: an object that says both is then refused,
    which only the flat schema can say.
    """
    for name in objects[0]["properties"]:
        owners = [item for item in objects if name in item["properties"]]
        others = [item for item in objects if name not in item["properties"]]
        values = [frozenset(_words(item["properties"][name])) for item in owners]
        demanded = all(name in item.get("required", ()) for item in owners) and len(others) < 2
        own = all(any(_is_alone(key, owners) for key in item.get("required", ())) for item in others)
        if demanded and own and all(values) and not any(one & other for one, other in combinations(values, 2)):
            return str(name)
    raise ValueError(f"no property tells apart: {_short(objects[0])} and {len(objects) - 1} more")


def _is_alone(name: str, others: Iterable[JsonObject]) -> bool:
    return all(name not in item["properties"] for item in others)


def _words(node: JsonObject) -> list[str]:
    return [node["const"]] if "const" in node else list(node.get("enum", []))


def _joined(left: Json, right: Json) -> Json:
    if isinstance(left, dict):
        return {**left, **right}
    return [*left, *right] if isinstance(left, list) else right


def _only(node: JsonObject, keywords: Iterable[str]) -> JsonObject:
    return {keyword: node[keyword] for keyword in node if keyword in keywords}


def _short(node: JsonObject) -> str:
    return json.dumps(node)[:120]
