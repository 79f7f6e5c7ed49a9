"""kbuild.yaml: what the project is called, its data views, the Kibanas it goes to, and where its files lie.

What a team shares stands in the file; who I am comes from the environment only. So a secret in the file is a
finding, and `${NAME}` in an address is looked up when the context is used, not when the file is read: whoever
validates or builds needs no access to production.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from kibana_builder.errors import SpecError, UsageError
from kibana_builder.files.folders import PROJECT_FILE
from kibana_builder.files.places import look_at, shown
from kibana_builder.files.secrets import masked, secret_findings
from kibana_builder.files.yaml_file import YamlFile, locate, locate_all, read_yaml
from kibana_builder.json_tree import JsonObject
from kibana_builder.problem import Finding
from kibana_builder.spaces import DEFAULT_SPACE
from kibana_builder.spec.check import check
from kibana_builder.spec.nearest import did_you_mean

__all__ = ["Context", "DataView", "Project", "find_project", "load_project", "unknown_contexts"]

DEFAULT_PATHS = ("dashboards", "visualizations", "saved_objects")

_VARIABLE = re.compile(r"\$\{([^}]*)\}")
_ADDRESSES = ("kibana", "elasticsearch")


@dataclass(frozen=True, slots=True)
class DataView:
    """A data view of the project: `template` is the path of its index template, as written; `ids` are by context."""

    name: str
    index_pattern: str
    time_field: str | None
    title: str | None
    template: str | None
    id: str | None
    ids: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Context:
    """One Kibana to go to. Addresses may hold `${NAME}` until `Project.context` has looked the variables up."""

    name: str
    kibana: str
    elasticsearch: str | None
    space: str | None
    ca_file: Path | None
    api_key_env: str | None
    username_env: str | None
    password_env: str | None


@dataclass(frozen=True, slots=True)
class Project:
    """A project as its file says it; `root` is the folder of the file, from which all paths in it count."""

    name: str
    root: Path
    file: YamlFile
    data_views: Mapping[str, DataView]
    contexts: Mapping[str, Context]
    default_context: str | None
    paths: tuple[str, ...]

    def data_view_id(self, name: str, context: str | None) -> str:
        """Give a data view's id: the one for this context, else the one for all, else `<project>-<name>`."""
        return self.named_id(name, context) or f"{self.name}-{name}"

    def named_id(self, name: str, context: str | None) -> str | None:
        """Give the id that the file names for a data view. It is the id in the space itself, whatever the space."""
        view = self.data_views[name]
        return view.ids.get(context or "") or view.id

    def context_name(self, name: str | None) -> str | None:
        """Give the name of the context that is meant: the named one, else the default, None when there are none.

        Raises UsageError for a name that is not in the file.
        """
        if name is None:
            return self.default_context
        if name not in self.contexts:
            there = did_you_mean(name, self.contexts) or f"there are: {', '.join(self.contexts) or 'none'}"
            raise UsageError(f"{self.file.name} has no context '{name}' ({there})")
        return name

    def context(self, name: str | None, environment: Mapping[str, str]) -> Context:
        """Give a context ready for use, with the variables in Kibana's address replaced.

        Elasticsearch's address stays as it is written: see `elasticsearch`.
        Raises UsageError for an unknown name, SpecError for a variable that is not set or an address that is none.
        """
        chosen = self.context_name(name)
        if chosen is None:
            raise UsageError(
                f"{self.file.name} names no context, so there is no Kibana to go to; add one to `contexts:`"
            )
        context = self.contexts[chosen]
        context = replace(context, kibana=self._address(context, "kibana", environment))
        if context.ca_file is not None and (finding := self._wrong_ca_file(chosen, context.ca_file)):
            raise self._error(finding)
        return context

    def elasticsearch(self, context: Context, environment: Mapping[str, str]) -> str | None:
        """Give the address of a context's Elasticsearch, if it has one, with the variables in it replaced.

        Apart from `context`, since whoever goes to Kibana alone need not have these variables.
        Raises SpecError for a variable that is not set or an address that is none.
        """
        return None if context.elasticsearch is None else self._address(context, "elasticsearch", environment)

    def _wrong_ca_file(self, name: str, ca_file: Path) -> Finding | None:
        """Say what keeps a context from having its certificate."""
        kind, why, absent = look_at(ca_file)
        if kind == "file":
            return None
        said = self.file.value["contexts"][name]["ca_file"]
        nobody = said.startswith("~") and ca_file == self.root / said
        hint = f"there is no home folder {said.partition('/')[0]}" if nobody else ""
        message = "there is no such file" if absent else why or "this is no file"
        return Finding("missing-file", message, ("contexts", name, "ca_file"), hint=hint)

    def _address(self, context: Context, key: str, environment: Mapping[str, str]) -> str:
        path = ("contexts", context.name, key)

        def variable(found: re.Match[str]) -> str:
            value = environment.get(found[1], "")
            if not value:
                message = f"the environment variable {found[1]} is not set"
                hint = f"the context '{context.name}' takes its address from it"
                raise self._error(Finding("missing-variable", message, path, hint=hint))
            return value

        address = _VARIABLE.sub(variable, getattr(context, key)).strip()
        if (wrong := _wrong_address(address)) is not None:
            raise self._error(Finding("address", wrong, path))
        return address.rstrip("/")

    def _error(self, finding: Finding) -> SpecError:
        return SpecError([masked(locate(self.file, finding))])


def find_project(start: Path) -> Path | None:
    """Look for kbuild.yaml in a folder (or the folder of a file) and upwards; the nearest one wins."""
    start = Path(os.path.abspath(start))  # noqa: PTH100 - `resolve` would leave the folder that the person is in
    for folder in (start, *start.parents):
        candidate = folder / PROJECT_FILE
        if look_at(candidate).kind == "file":
            return candidate
    return None


def load_project(path: Path) -> Project:
    """Read a project file. Raises SpecError with everything that is wrong with it."""
    path = path.absolute()
    try:
        file = read_yaml(path, shown(path))
    except SpecError as error:
        raise SpecError([masked(problem) for problem in error.problems]) from None
    secrets = secret_findings(file.value)
    findings = [*secrets, *(finding for finding in check("project", file.value) if not _about(secrets, finding))]
    if not findings:
        findings = list(_more_findings(file.value))
    if findings:
        problems = [masked(problem) for problem in locate_all(file, findings)]
        raise SpecError(sorted(problems, key=lambda problem: (problem.line, problem.column)))
    return _project(file)


def _about(secrets: list[Finding], finding: Finding) -> bool:
    """Tell whether a finding is about a place that was found to hold a secret: one mistake, one finding."""
    return any(
        secret.path == finding.path or (finding.at == "key" and secret.path[: len(finding.path)] == finding.path)
        for secret in secrets
    )


def _project(file: YamlFile) -> Project:
    value = file.value
    root = file.path.parent
    contexts = {name: _context(root, name, said) for name, said in value.get("contexts", {}).items()}
    return Project(
        name=value["project"],
        root=root,
        file=file,
        data_views={name: _data_view(name, said) for name, said in value.get("data_views", {}).items()},
        contexts=contexts,
        default_context=value.get("default_context") or next(iter(contexts), None),
        paths=tuple(value.get("paths", DEFAULT_PATHS)),
    )


def _data_view(name: str, said: JsonObject) -> DataView:
    ids = said.get("id")
    return DataView(
        name=name,
        index_pattern=said["index_pattern"],
        time_field=said.get("time_field"),
        title=said.get("title"),
        template=said.get("template"),
        id=ids if isinstance(ids, str) else None,
        ids=ids if isinstance(ids, dict) else {},
    )


def _context(root: Path, name: str, said: JsonObject) -> Context:
    ca_file = said.get("ca_file")
    return Context(
        name=name,
        kibana=said["kibana"],
        elasticsearch=said.get("elasticsearch"),
        space=None if said.get("space") == DEFAULT_SPACE else said.get("space"),
        # Unlike Path's, it leaves the ~ of a user who is not on this machine; that matters when the context is used.
        ca_file=None if ca_file is None else root / os.path.expanduser(ca_file),  # noqa: PTH111
        api_key_env=said.get("api_key_env"),
        username_env=said.get("username_env"),
        password_env=said.get("password_env"),
    )


def _more_findings(value: JsonObject) -> Iterator[Finding]:
    """Find what the schema cannot say: names that do not fit each other, paths that leave the folder, addresses."""
    contexts = value.get("contexts", {})
    if "default_context" in value:
        yield from _unknown_context(contexts, value["default_context"], ("default_context",), "value")
    for index, path in enumerate(value.get("paths", ())):
        if _leaves(path):
            yield Finding("outside-project", "this path leaves the project's folder", ("paths", index))
    for name, view in value.get("data_views", {}).items():
        if "template" in view and _leaves(view["template"]):
            where = ("data_views", name, "template")
            yield Finding("outside-project", "this path leaves the project's folder", where)
        if isinstance(view.get("id"), dict):
            yield from unknown_contexts(contexts, view["id"], ("data_views", name, "id"))
    for name, context in contexts.items():
        for key in _ADDRESSES:
            address = context.get(key)
            if address is not None and not _VARIABLE.search(address) and (wrong := _wrong_address(address)):
                yield Finding("address", wrong, ("contexts", name, key))


def unknown_contexts(contexts: Collection[str], ids: JsonObject, path: tuple[str | int, ...]) -> Iterator[Finding]:
    """Find the contexts that the ids of an object are for and that are none of the project; `path` leads to the ids."""
    for name in ids:
        yield from _unknown_context(contexts, name, (*path, name), "key")


def _unknown_context(
    contexts: Collection[str], name: str, path: tuple[str | int, ...], at: Literal["key", "value"]
) -> Iterator[Finding]:
    if name not in contexts:
        message = f"there is no context '{name}'"
        yield Finding("unknown-context", message, path, at, hint=did_you_mean(name, contexts))


def _leaves(path: str) -> bool:
    """Tell whether a path in the file leads out of the project's folder."""
    plain = posixpath.normpath(path.replace("\\", "/"))
    return plain == ".." or plain.startswith(("../", "/")) or re.match(r"[A-Za-z]:", plain) is not None


def _wrong_address(address: str) -> str | None:
    """Say what keeps this from being the address of a server. Never repeats it: it may hold a password."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return "this is no address"
    if parts.scheme not in ("http", "https"):
        return "an address begins with http:// or https://"
    if not parts.hostname or port == 0:
        return "this address names no server"
    if "@" in parts.netloc:
        return "an address holds no user name or password; set KIBANA_USERNAME and KIBANA_PASSWORD in the environment"
    return None
