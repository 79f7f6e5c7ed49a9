"""duplicate-id: two things with one id.

In Kibana an id stands for one object of its type; a second file with it would overwrite the first. The id of a file
is the project's name with the file's, unless it says another. The panels of a dashboard need different ids too.

    # dashboards/a/overview.yaml and dashboards/b/overview.yaml: give one of them an `id:`
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kibana_builder.files.source import Place, Source, Spec
from kibana_builder.json_tree import JsonObject, Path
from kibana_builder.problem import Finding
from kibana_builder.spec.shorthands import is_section
from kibana_builder.spec.words import quoted

_RULE = "duplicate-id"


def find(source: Source) -> Iterator[Place]:
    first: dict[tuple[str, str], Spec] = {}
    selected = {spec.file.path for spec in source.selected}
    for spec in source.specs:
        other = first.setdefault(spec.key, spec)
        if other is not spec and {spec.file.path, other.file.path} & selected:
            what = "saved object" if "saved_object" in (spec.kind, other.kind) else spec.kind
            message = f"the {what} in {other.file.name} has the id {quoted(spec.id)} too"
            path = ("saved_object", "id") if spec.kind == "saved_object" else ("id",)
            yield Place(spec.file, Finding(_RULE, message, path, hint="give one of them another `id`"))
    views = {("index-pattern", source.names.data_views[name]): name for name in source.project.data_views}
    for spec in source.selected:
        if spec.key in views:
            message = f"the data view {quoted(views[spec.key])} of kbuild.yaml has the id {quoted(spec.id)} too"
            yield Place(spec.file, Finding(_RULE, message, ("saved_object", "id"), hint="keep one of the two"))
        if spec.kind == "dashboard":
            yield from (Place(spec.file, finding) for finding in _in_dashboard(spec.file.value))


def _in_dashboard(dashboard: JsonObject) -> Iterator[Finding]:
    items = list(enumerate(dashboard["panels"]))
    sections = [(("panels", index), item) for index, item in items if is_section(item)]
    panels: list[tuple[Path, JsonObject]] = []
    for index, item in items:
        if is_section(item):
            inner = item.get("panels", ())
            panels += [(("panels", index, "panels", number), panel) for number, panel in enumerate(inner)]
        else:
            panels.append((("panels", index), item))
    controls = [(("pinned_panels", index), control) for index, control in enumerate(dashboard.get("pinned_panels", ()))]
    yield from _twice("panel", panels)
    yield from _twice("section", sections)
    yield from _twice("control", controls)


def _twice(what: str, items: Iterable[tuple[Path, JsonObject]]) -> Iterator[Finding]:
    seen = set()
    for path, item in items:
        if "id" not in item:
            continue
        if item["id"] in seen:
            yield Finding(_RULE, f"another {what} of this dashboard has the id {quoted(item['id'])} too", (*path, "id"))
        seen.add(item["id"])
