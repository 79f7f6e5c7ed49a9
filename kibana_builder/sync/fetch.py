"""Which objects an export is about: out of a space, in few requests, or out of a file that Kibana exported."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from kibana_builder.errors import KbuildError, Refused
from kibana_builder.files.ndjson import scan_ndjson
from kibana_builder.files.places import Mistake, problem_at
from kibana_builder.json_tree import JsonObject
from kibana_builder.kibana.http import Kibana
from kibana_builder.kibana.saved_objects import MOST_BYTES, bulk_get, export_objects, export_types, find
from kibana_builder.kibana.tags import all_tags
from kibana_builder.problem import Problem
from kibana_builder.saved.ids import Key, key_of
from kibana_builder.spec.nearest import did_you_mean
from kibana_builder.sync.changes import title_of
from kibana_builder.sync.marks import is_tag, reference_keys
from kibana_builder.sync.names import Way, meant

__all__ = ["Wish", "chosen", "fetch", "fetch_project", "read_export"]

# What may be asked for by its title; anything else by `--type`. Types that a Kibana has not are none of its objects.
_TITLED = (
    *("dashboard", "lens", "visualization", "index-pattern", "search", "map", "links", "canvas-workpad"),
    *("event-annotation-group", "query", "graph-workspace"),
)
# A space's own settings are no objects that one would keep in a project.
_SETTINGS = ("config", "config-global")
# What a Kibana answers that has not all of these types (recording `export_unknown_type`).
_NO_SUCH_TYPE = "non-exportable type"
# With all that they refer to they must stay below Kibana's limit of 10,000 objects.
_KEYS_A_REQUEST = 500


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked for: ids or titles, or all of a tag or of some types; nothing of it means everything."""

    names: Sequence[str] = ()
    tag: str | None = None
    types: Sequence[str] = ()

    def has_type(self, item: JsonObject) -> bool:
        return not self.types or item["type"] in self.types


def fetch(kibana: Kibana, wish: Wish, files: Mapping[str, Collection[Key]] | None = None) -> list[JsonObject]:
    """Export from the space what is wished for, with all that it refers to.

    `files` tells which objects of the space come from the files of a name. Raises KbuildError for a name or a tag that
    means nothing, or a name that means several objects; KibanaError.
    """
    if wish.names:
        there = [item for item in find(kibana, wish.types or _TITLED, ("title", "name")) if wish.has_type(item)]
        return _export(kibana, [key_of(item) for item in _named(wish.names, there, files or {}, kibana.place)])
    tags: list[str] = []
    if wish.tag is not None:
        index = all_tags(kibana)
        tags = index.ids_of(wish.tag)
        if not tags:
            hint = did_you_mean(wish.tag, sorted(index.names.values()))
            raise KbuildError(f"{kibana.place} has no tag '{wish.tag}'{f' ({hint})' if hint else ''}")
    try:
        return _without_settings(export_types(kibana, wish.types or ["*"], tags, deep=True), wish)
    except Refused as error:
        if error.status != 400 or wish.types:
            raise
    return _type_by_type(kibana, tags)


def _type_by_type(kibana: Kibana, tags: Sequence[str]) -> list[JsonObject]:
    """Export more than Kibana gives at once: each type for itself, and then what is missing of all they refer to."""
    found: dict[Key, JsonObject] = {}
    for kind in (*_TITLED, "tag"):
        try:
            found.update((key_of(item), item) for item in export_types(kibana, [kind], tags))
        except Refused as error:
            if _NO_SUCH_TYPE not in str(error):
                raise
    missing = {key for item in found.values() for key in reference_keys(item)} - found.keys()
    return [*found.values(), *_export(kibana, list(bulk_get(kibana, sorted(missing))))]


def fetch_project(kibana: Kibana, keys: Iterable[Key]) -> list[JsonObject]:
    """Export those of a project's objects that are in the space, with all that they refer to by now."""
    return _export(kibana, list(bulk_get(kibana, keys)))


def _export(kibana: Kibana, keys: Sequence[Key]) -> list[JsonObject]:
    found: dict[Key, JsonObject] = {}
    for start in range(0, len(keys), _KEYS_A_REQUEST):
        exported = export_objects(kibana, keys[start : start + _KEYS_A_REQUEST], deep=True)
        found.update((key_of(item), item) for item in exported)
    return list(found.values())


def _without_settings(objects: Iterable[JsonObject], wish: Wish) -> list[JsonObject]:
    return [item for item in objects if item["type"] not in _SETTINGS or item["type"] in wish.types]


def chosen(objects: Sequence[JsonObject], wish: Wish, place: str) -> list[JsonObject]:
    """Choose among objects that are at hand what is wished for, with all that it refers to; raises KbuildError."""
    start = [item for item in objects if wish.has_type(item)]
    if wish.tag is not None:
        tags = {key_of(item) for item in objects if is_tag(item) and title_of(item) == wish.tag}
        if not tags:
            hint = did_you_mean(wish.tag, sorted({title_of(item) for item in objects if is_tag(item)}))
            raise KbuildError(f"{place} has no tag '{wish.tag}'{f' ({hint})' if hint else ''}")
        start = [item for item in start if reference_keys(item) & tags]
    if wish.names:
        start = _named(wish.names, [item for item in start if not is_tag(item)], {}, place)
    by_key = {key_of(item): item for item in objects}
    wanted = {key_of(item) for item in start}
    waiting = list(wanted)
    while waiting:
        fresh = {key for key in reference_keys(by_key[waiting.pop()]) if key in by_key} - wanted
        wanted |= fresh
        waiting += fresh
    return [item for item in objects if key_of(item) in wanted]


def _named(
    names: Sequence[str], there: Sequence[JsonObject], files: Mapping[str, Collection[Key]], place: str
) -> list[JsonObject]:
    """Give the object that each name means: by its id, by its file, else by its title; see `sync.names`."""
    ways: list[Way] = [
        lambda name, item: bool(item["id"] == name),
        lambda name, item: key_of(item) in files.get(name, ()),
        lambda name, item: title_of(item) == name,
    ]
    found: dict[Key, JsonObject] = {}
    for name in names:
        item = meant(name, there, ways, prefer="dashboard")
        if item is None:
            known = {title_of(item) for item in there} | {item["id"] for item in there} | files.keys()
            hint = did_you_mean(name, sorted(known))
            raise KbuildError(f"{place} has nothing named '{name}'{f' ({hint})' if hint else ''}")
        found[key_of(item)] = item
    return list(found.values())


# ------------------------------------------------------------------------------------------- files


def read_export(path: Path, name: str) -> tuple[list[JsonObject], list[Problem]]:
    """Read the saved objects of an NDJSON file, and what in it is none. Raises KbuildError for a file of no use."""
    try:
        with path.open("rb") as stream:
            lines, problems = _lines(stream, name)
    except OSError as error:
        raise KbuildError(f"cannot read {name}: {error.strerror or type(error).__name__}") from None
    objects: list[JsonObject] = []
    for found in scan_ndjson("\n".join(lines), name):
        if isinstance(found, Problem):
            problems.append(found)
        else:
            objects.append({"references": [], **found})
    return objects, sorted(problems, key=lambda problem: problem.line)


def _lines(stream: BinaryIO, name: str) -> tuple[list[str], list[Problem]]:
    """Read the lines; one that cannot be an object's is left empty, so that the others keep their numbers."""
    lines: list[str] = []
    problems: list[Problem] = []
    while data := stream.readline(MOST_BYTES + 1):
        fault = ""
        if len(data) > MOST_BYTES:
            fault = f"is longer than the {MOST_BYTES:,} bytes that Kibana takes at once"
            while data and not data.endswith(b"\n"):
                data = stream.readline(MOST_BYTES)
        else:
            try:
                lines.append(data.decode("utf-8").rstrip("\r\n"))
            except UnicodeDecodeError:
                fault = "is not UTF-8"
        if fault:
            lines.append("")
            mistake = Mistake("ndjson-line", f"line {len(lines)} {fault}", (0, 1))
            problems.append(replace(problem_at("", name, mistake), line=len(lines)))
    return lines, problems
