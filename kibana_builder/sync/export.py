"""Saved objects -> the YAML files of a project: new ones are written, those that are there changed where they differ.

A file is touched only when compiling it gives something else than what came. Then both are put into words, and what
is different between the two is changed in the text (files/yaml_merge.py). What kbuild itself adds to its objects never
reaches a file: the mark and the tag of the project, the ids of a space. Nothing is written before all is known, and
nothing outside the folder.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from kibana_builder.errors import KbuildError, SpecError
from kibana_builder.files.atomic import write_atomically
from kibana_builder.files.folders import PROJECT_FILE
from kibana_builder.files.source import TYPES, Source, Spec
from kibana_builder.files.yaml_file import MAX_BYTES
from kibana_builder.files.yaml_merge import merge_yaml, overlaid
from kibana_builder.files.yaml_writer import Unwritable, in_order, write_yaml
from kibana_builder.json_tree import Json, JsonObject, same
from kibana_builder.problem import NotExpressible
from kibana_builder.saved.build import build
from kibana_builder.saved.data_view import to_data_view
from kibana_builder.saved.decompile import Decompiled, RawPart, compile_again, decompile
from kibana_builder.saved.ids import Key, key_of, rename_ids, tag_id
from kibana_builder.saved.normal_form import DATA_VIEW_PROPERTIES, same_object
from kibana_builder.saved.raw_object import from_raw_object
from kibana_builder.spec.contract import contract
from kibana_builder.spec.references import references
from kibana_builder.spec.shorthands import Kind, Names, expand
from kibana_builder.sync.changes import name_of, title_of, type_words
from kibana_builder.sync.export_data_views import data_view_ids, is_sayable, with_data_views
from kibana_builder.sync.file_names import FreeNames, file_word, leads_outside
from kibana_builder.sync.incoming import Target, incoming
from kibana_builder.sync.marks import is_tag, reference_keys

__all__ = ["Checked", "Export", "ExportedObject", "Target", "check_export", "plan_export", "write_export"]

State = Literal["created", "changed", "unchanged"]

_HAS_RAW = {"raw", "raw_absent", "saved_object"}
_FOLDERS = {"dashboard": "dashboards", "visualization": "visualizations", "saved_object": "saved_objects"}


@dataclass(frozen=True, slots=True)
class ExportedObject:
    """What became of one object. `file` is relative to the folder; `lost` are comments that the change took away."""

    key: Key
    title: str
    file: str
    state: State
    raw: Sequence[RawPart] = ()
    lost: Sequence[str] = ()

    @property
    def name(self) -> str:
        title = f' "{self.title}"' if self.title else ""
        return f"{type_words(self.key[0])}{title} ({self.key[1]})"


@dataclass(slots=True)
class Export:
    """Files to write, by their paths, what they hold, and what could not be exported and why.

    `came` are the objects as they came, without marks and with the ids that the project has for them.
    """

    target: Target
    files: dict[Path, str] = field(default_factory=dict)
    objects: list[ExportedObject] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    came: dict[Key, JsonObject] = field(default_factory=dict)
    tag_ids: dict[Key, str] = field(default_factory=dict)
    """The ids that kbuild gives tags of the names that the export's tags have."""

    def is_same(self, built: JsonObject, came: JsonObject) -> bool:
        """Compare with tags by their names: their ids are the space's."""
        return same_object(*rename_ids([built, came], self.tag_ids))


@dataclass(frozen=True, slots=True)
class Checked:
    """What the proof says of one object; `fault` is empty when compiling its file gives what came."""

    object: ExportedObject
    fault: str = ""


def plan_export(objects: Sequence[JsonObject], target: Target) -> Export:
    """Work out the files for saved objects; reads the project's files and writes nothing.

    The objects have a type, an id, attributes and references (`scan_ndjson` sees to that).
    """
    left_out: dict[Key, str] = {}
    while True:
        plan = _Plan(objects, target, left_out)
        plan.run()
        if not plan.unwritable:
            plan.export.findings += left_out.values()
            return plan.export
        # What refers to such an object must not do so by the name of a file that will not be there.
        left_out |= plan.unwritable


def write_export(export: Export) -> None:
    """Write the files, kbuild.yaml first; each is written whole or not at all. Raises KbuildError."""
    for path, text in sorted(export.files.items(), key=lambda item: item[0].name != PROJECT_FILE):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise KbuildError(f"cannot make the folder {path.parent}: {error.strerror or error}") from None
        if leads_outside(export.target.root, path):
            raise KbuildError(f"{path} leads out of the folder; it was not written")
        write_atomically(path, text)


# ------------------------------------------------------------------------------------------- the plan


@dataclass(slots=True)
class _File:
    """An object that gets a file of its own: the one that it has, or a new one of the name `word`."""

    made: Decompiled
    path: Path
    word: str
    spec: Spec | None = None

    @property
    def key(self) -> Key:
        return self.made.type, self.made.id


class _Plan:
    """Works one export out. The steps are in `run`."""

    def __init__(self, objects: Sequence[JsonObject], target: Target, left_out: Collection[Key]) -> None:
        self.target = target
        self.export = Export(target)
        self.unwritable: dict[Key, str] = {}
        self.items, self.derived = incoming(objects, target, self.export.findings)
        self.left_out = left_out
        self.export.came = {key_of(item): item for item in self.items}
        self.export.tag_ids = _tag_ids(self.items)

    def run(self) -> None:
        source = self.target.source
        specs = {spec.key: spec for spec in source.specs} if source else {}
        unchanged = {key: specs[key] for key in self.export.came if key in specs and self._is_unchanged(specs[key])}
        made = decompile([item for item in self.items if key_of(item) not in unchanged])
        views = {one.id: one for one in made if one.type == "index-pattern" and self._can_be_written(one)}
        free = self._free_names()
        project = with_data_views(self.target, views, self.export.came, free)
        data_views = data_view_ids(self.target, project)
        in_project = {("index-pattern", ident) for ident in data_views.values()}
        elsewhere = in_project | self.export.tag_ids.keys() | set(self.left_out)
        others = [
            _as_object(one, self.export.came)
            for one in made
            if one.kind != "data_view" and (one.type, one.id) not in elsewhere
        ]
        files = list(self._files(sorted(others, key=lambda one: (one.id, one.type)), specs, free, project))
        self.names = self._names(data_views, files)
        self.time_fields = {
            data_views[name]: said["time_field"]
            for name, said in project.get("data_views", {}).items()
            if "time_field" in said
        }
        self._project_file(project, views, data_views)
        for key, spec in unchanged.items():
            self._exported(key, spec.file.path, "unchanged", list(_raw_in(spec)))
        for file in files:
            self._object(file)

    def _is_unchanged(self, spec: Spec) -> bool:
        built = self._built(spec)
        try:
            return bool(built) and self.export.is_same(built[-1], self.export.came[spec.key])
        except KbuildError:  # nested too deeply to be compared
            return False

    # -- kbuild.yaml

    def _can_be_written(self, view: Decompiled) -> bool:
        """Tell whether kbuild.yaml can hold what a data view says: all of them stand in that one file."""
        key = (view.type, view.id)
        try:
            write_yaml({view.id: view.document})
        except Unwritable as error:
            self._refused(key, f"no file can hold it: {error}")
            return False
        return True

    def _project_file(
        self, project: JsonObject, views: Mapping[str, Decompiled], data_views: Mapping[str, str]
    ) -> None:
        source = self.target.source
        path = source.project.file.path if source else self.target.root / PROJECT_FILE
        lost: list[str] = []
        before: JsonObject = source.project.file.value if source else {}
        if source is None:
            self._will_write(path, write_yaml(project))
        elif not same(before, project):
            text, lost = self._merged(path, project)
            self._will_write(path, text)
        for name, ident in data_views.items():
            if ident in views:
                if not is_sayable(self.export.came["index-pattern", ident]):
                    what = name_of(self.export.came["index-pattern", ident])
                    self.export.findings.append(f"{what}: kbuild.yaml cannot say it; it stays as it is there")
                old, new = before.get("data_views", {}).get(name), project["data_views"][name]
                state: State = "created" if old is None else "unchanged" if same(old, new) else "changed"
                self._exported(("index-pattern", ident), path, state, lost=lost)
                lost = []

    # -- files

    def _free_names(self) -> FreeNames:
        """Give the names that are still free, as far as the files of the project and what came tell."""
        free = FreeNames()
        for item in self.items:
            for key in reference_keys(item):
                free.refer_to(key)
        for spec in self.target.source.specs if self.target.source else ():
            free.take(spec.key[0], spec.name)
            for reference in references(spec.kind, spec.document):
                free.refer_to((TYPES[reference.kind], reference.word))
        return free

    def _files(
        self, made: Sequence[Decompiled], specs: Mapping[Key, Spec], free: FreeNames, project: JsonObject
    ) -> Iterator[_File]:
        """Give each object its file; those that have none get names in the order of their ids."""
        for one in made:
            own = specs.get((one.type, one.id))
            if own is None:
                yield self._new_file(one, free, project)
            else:
                yield _File(one, own.file.path, own.name, own)

    def _new_file(self, one: Decompiled, free: FreeNames, project: JsonObject) -> _File:
        top = _FOLDERS[one.kind]
        folder = self.target.root / top
        if one.kind == "saved_object":
            folder /= file_word(one.type)
        word = free.file((one.type, one.id), folder, file_word(one.title, one.id, one.type))
        paths = project.get("paths")
        if paths is not None and not any(path.strip("./") in ("", top) for path in paths):
            project["paths"] = [*paths, top]
        return _File(one, folder / f"{word}.yaml", word)

    def _names(self, data_views: Mapping[str, str], files: Sequence[_File]) -> Names:
        """Give all names that the files will have: raw objects go by the names of their files as well."""
        known = self.target.source.names if self.target.source else Names()
        names = {
            "index-pattern": {**data_views, **{k: v for k, v in known.data_views.items() if k not in data_views}},
            "lens": dict(known.visualizations),
            "dashboard": dict(known.dashboards),
        }
        for file in files:
            names.setdefault(file.made.type, {}).setdefault(file.word, file.made.id)
        return Names(names["index-pattern"], names["lens"], names["dashboard"], known.library)

    def _object(self, file: _File) -> None:
        came = self.export.came[file.key]
        try:
            if file.spec is None:
                kind, value, raw = self._said(file.made, came)
                written = self.target.written(file.made.id, derived=file.key in self.derived)
                if kind == "saved_object" or written != f"{self.target.project}-{file.word}":
                    value = _with_id(kind, value, written)
                self._will_write(file.path, write_yaml(_in_order(value)))
                self._exported(file.key, file.path, "created", raw)
            else:
                self._existing(file, file.spec, came)
        except Unwritable as error:
            self._refused(file.key, f"no file can hold it: {error}")
        except (KbuildError, RecursionError) as error:
            self._refused(file.key, str(error) or "it is nested too deeply")

    def _refused(self, key: Key, why: str) -> None:
        if key not in self.left_out:
            self.unwritable[key] = f"{name_of(self.export.came[key])}: {why}; it was left out"

    def _existing(self, file: _File, spec: Spec, came: JsonObject) -> None:
        """Change the file of an object that says something else than what came."""
        built = self._built(spec)
        kind, wanted, raw = self._said(file.made, came)
        wanted = _in_order(self._with_id_of(spec, kind, wanted))
        value = overlaid(spec.file.value, self._meant(spec, kind, built), wanted)
        if kind != spec.kind or not self._says(kind, value, file.made, came):
            value = wanted
        text, lost = self._merged(spec.file.path, value)
        self._will_write(file.path, text)
        self._exported(file.key, file.path, "changed", raw, lost)

    def _built(self, spec: Spec) -> list[JsonObject]:
        """Compile a file, with what it refers to before it; nothing when that is not possible."""
        source = self.target.source
        if source is None:
            return []
        try:
            return [one.object for one in build(replace(source, selected=[spec]))]
        except SpecError:
            return []

    def _meant(self, spec: Spec, kind: Kind, built: Sequence[JsonObject]) -> JsonObject:
        """Say a file in the words that an export of its object would have."""
        written: JsonObject = spec.file.value
        made = decompile(built)[-1] if built else None
        if made is None or made.kind != kind:
            return written
        value = contract(kind, made.document, self.names)
        return _in_order(self._with_id_of(spec, kind, value))

    def _with_id_of(self, spec: Spec, kind: Kind, value: JsonObject) -> JsonObject:
        """Give a value the id as the file of its object writes it, or the usual one where that says none."""
        written = (spec.file.value["saved_object"] if spec.kind == "saved_object" else spec.file.value).get("id")
        if written is None and kind != "saved_object":
            return value
        return _with_id(kind, value, spec.id if written is None else written)

    def _said(self, made: Decompiled, came: JsonObject) -> tuple[Kind, JsonObject, Sequence[RawPart]]:
        """Give the shortest form of a document, and what of it is raw; a raw object, where that form says less."""
        kind = _kind(made)
        value = contract(kind, made.document, self.names)
        if kind == "saved_object" or same(expand(kind, value, self.names), made.document):
            return kind, value, made.raw
        if self._says(kind, value, made, came):
            return kind, value, made.raw
        why = RawPart(made.type, "its names or places cannot be written as they are", path=("saved_object",))
        return "saved_object", from_raw_object(came), [why]

    def _says(self, kind: Kind, value: JsonObject, made: Decompiled, came: JsonObject) -> bool:
        """Tell whether a value compiles to what came."""
        if kind == "saved_object":
            return same(_with_id(kind, value, made.id), made.document)
        document = expand(kind, value, self.names)
        try:
            built = compile_again(replace(made, document=document), self.time_fields)
        except* NotExpressible:
            built = {}
        return bool(built) and self.export.is_same(built, came)

    # -- the result

    def _merged(self, path: Path, value: JsonObject) -> tuple[str, list[str]]:
        text = path.read_bytes().decode("utf-8")
        mark = "\ufeff" if text.startswith("\ufeff") else ""
        merged = merge_yaml(text.removeprefix(mark), value)
        return mark + merged.text, merged.lost

    def _will_write(self, path: Path, text: str) -> None:
        if len(text.encode()) > MAX_BYTES:
            raise Unwritable(f"a file of it would be larger than {MAX_BYTES // 1024 // 1024} MiB")
        if leads_outside(self.target.root, path):
            raise Unwritable(f"{path} leads out of the folder")
        self.export.files[path] = text

    def _exported(
        self, key: Key, path: Path, state: State, raw: Sequence[RawPart] = (), lost: Sequence[str] = ()
    ) -> None:
        file = path.relative_to(self.target.root).as_posix() if path.is_relative_to(self.target.root) else path.name
        title = title_of(self.export.came[key])
        self.export.objects.append(ExportedObject(key, title, file, state, raw, lost))


def _raw_in(spec: Spec) -> Iterator[RawPart]:
    """Name what is raw in a file that stays as it is."""
    why = "the file keeps it as it is"
    value = spec.file.value
    if spec.kind == "saved_object":
        yield RawPart(spec.key[0], why, path=("saved_object",))
    elif _HAS_RAW & value.keys():
        yield RawPart(spec.kind, why)
    for index, panel in enumerate(value.get("panels", ()) if spec.kind == "dashboard" else ()):
        if _HAS_RAW & panel.keys() or _HAS_RAW & panel.get("config", {}).keys():
            yield RawPart(f"panel {index + 1}", why, path=("panels", index))


def _tag_ids(items: Sequence[JsonObject]) -> dict[Key, str]:
    """Give the tags that documents can say by name, with the ids that kbuild has for those."""
    names = {key_of(item): title_of(item) for item in items if is_tag(item)}
    counts = Counter(names.values())
    return {key: tag_id(name) for key, name in names.items() if name and counts[name] == 1}


def _as_object(made: Decompiled, came: Mapping[Key, JsonObject]) -> Decompiled:
    """Keep a tag that no name stands for as it is: another one has its name, or it has none."""
    if made.kind != "tag":
        return made
    part = RawPart("tag", "there are two tags of its name, or it has none", path=("saved_object",))
    return replace(made, kind="saved_object", document=from_raw_object(came[made.type, made.id]), raw=[part])


def _with_id(kind: Kind, value: JsonObject, written: Json) -> JsonObject:
    if kind == "saved_object":
        return {**value, "saved_object": {**value["saved_object"], "id": written}}
    return {**value, "id": written}


def _in_order(value: JsonObject) -> JsonObject:
    ordered: JsonObject = in_order(value)
    return ordered


def _kind(made: Decompiled) -> Kind:
    return (
        "dashboard" if made.kind == "dashboard" else "visualization" if made.kind == "visualization" else "saved_object"
    )


# ------------------------------------------------------------------------------------------- the proof


def check_export(export: Export, source: Source) -> Iterator[Checked]:
    """Compile what was written, as `source` reads it from the disk, and compare it with what came, object by object."""
    specs = {spec.key: spec for spec in source.specs}
    for one in export.objects:
        came = export.came[one.key]
        spec = specs.get(one.key)
        if one.key[0] == "index-pattern" and spec is None:
            yield Checked(one, _fault_of_data_view(one, came, source))
        elif spec is None:
            yield Checked(one, "its file is not read as one of this project")
        else:
            yield Checked(one, _fault(spec, came, source, export))


def _fault(spec: Spec, came: JsonObject, source: Source, export: Export) -> str:
    try:
        built = build(replace(source, selected=[spec]))[-1].object
    except SpecError as error:
        return f"it does not compile: {error.problems[0].message}"
    return "" if export.is_same(built, came) else "what it compiles to is not the same"


def _fault_of_data_view(one: ExportedObject, came: JsonObject, source: Source) -> str:
    """Compare what the project decides of a data view; the rest of it is its users'."""
    project = source.project
    for name in project.data_views:
        if project.data_view_id(name, source.context) == one.key[1]:
            built = to_data_view(one.key[1], project.file.value["data_views"][name])["attributes"]
            decided = {key: value for key, value in came["attributes"].items() if key in DATA_VIEW_PROPERTIES}
            return "" if same(built, decided) else "kbuild.yaml says something else"
    return "kbuild.yaml does not name it"
