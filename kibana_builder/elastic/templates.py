"""Bring templates, pipelines and policies into Elasticsearch, and say where it differs from the files.

A cluster need not be able to do everything: lifecycle management is not in every distribution, nor is each ingest
processor. What a cluster cannot do is left out, and an index template names its pipeline and its policy only where the
cluster has them; so the same files give a sound result everywhere.

Requests, as Elastic documents them: ``PUT|GET _index_template/NAME``, ``_component_template/NAME``,
``_ingest/pipeline/NAME``, ``_ilm/policy/NAME``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kibana_builder.elastic.client import Elastic, path_of
from kibana_builder.elastic.differences import Difference, differences
from kibana_builder.elastic.resources import Kind, Resource
from kibana_builder.errors import ElasticError, ElasticNotAllowed, ElasticNotFound, ElasticRefused
from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.spec.words import listed

__all__ = ["Abilities", "Outcome", "abilities", "apply", "composed", "lacking", "look"]

_PATHS = {
    Kind.policy: ("_ilm", "policy"),
    Kind.pipeline: ("_ingest", "pipeline"),
    Kind.component: ("_component_template",),
    Kind.template: ("_index_template",),
}
_NAMED_BY: Mapping[Kind, str] = {Kind.policy: "index.lifecycle.name", Kind.pipeline: "index.default_pipeline"}
# A build without lifecycle management answers 400 ("no handler found") or 405, a serverless project 410.
_NO_SUCH_API = frozenset({400, 405, 410})
_SETTINGS_SINCE = {"index.mapping.total_fields.ignore_dynamic_beyond_limit": (8, 13)}
"""Settings of templates without which a template is as good as with them, and the first version that knows them."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a cluster can do. `processors` is None where it does not tell; `version` is empty where it is not one."""

    lifecycle: bool
    processors: frozenset[str] | None
    version: tuple[int, ...]

    def missing_processors(self, pipeline: Resource) -> list[str]:
        """Give the processors of a pipeline that not every node of the cluster has."""
        return [] if self.processors is None else sorted(set(_processors(pipeline.body)) - self.processors)

    def can(self, resource: Resource) -> bool:
        """Tell whether the cluster can have it at all."""
        if resource.kind is Kind.policy:
            return self.lifecycle
        return resource.kind is not Kind.pipeline or not self.missing_processors(resource)

    def unknown_settings(self, resource: Resource) -> list[str]:
        """Give the settings of a template that this version does not know yet, and that it can do without."""
        said = _settings(resource.body)
        return [
            name for name, since in _SETTINGS_SINCE.items() if name in said and self.version and self.version < since
        ]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one resource stands, or what was done about it.

    same, different, absent: how it is in the cluster; created, changed, unchanged: what apply did; impossible: left
    out, since the cluster cannot have it. `differences` are those found, also where they are gone by now.
    """

    resource: Resource
    state: Literal["same", "different", "absent", "created", "changed", "unchanged", "impossible"]
    differences: Sequence[Difference] = ()


def abilities(elastic: Elastic) -> Abilities:
    """Ask the cluster what it can do. Raises ElasticError when it cannot be reached."""
    version = _version(elastic)  # first: whether anybody is there is seen soonest by this
    return Abilities(_has_lifecycle(elastic), _all_have(elastic), version)


def _version(elastic: Elastic) -> tuple[int, ...]:
    said = elastic.greet().get("version", {})
    if said.get("build_flavor") == "serverless":  # always the newest, under a number that never changes
        return ()
    return tuple(int(part) for part in re.findall(r"\d+", str(said.get("number", "")))[:2])


def _has_lifecycle(elastic: Elastic) -> bool:
    try:
        elastic.request("GET", path_of("_ilm", "policy"), params={"filter_path": "*.version"})
    except ElasticNotAllowed:
        return True  # it is there, and who may not read it learns so when it matters
    except ElasticRefused as error:
        if error.status in _NO_SUCH_API:
            return False
        raise
    return True


def _all_have(elastic: Elastic) -> frozenset[str] | None:
    """Give the processors that every node has, or None where we may not ask: then Elasticsearch itself says no."""
    try:
        said = elastic.request("GET", "/_nodes/ingest", params={"filter_path": "nodes.*.ingest.processors.type"})
    except (ElasticNotAllowed, ElasticNotFound, ElasticRefused):
        return None
    nodes = [
        {processor["type"] for processor in node.get("ingest", {}).get("processors", [])}
        for node in said.get("nodes", {}).values()
    ]
    return frozenset(set.intersection(*nodes)) if nodes else None


def _processors(value: Json) -> Iterator[str]:
    """Go through the kinds of processors of a pipeline, those inside foreach and on_failure included."""
    for key in ("processors", "on_failure", "processor"):
        said = value.get(key, []) if isinstance(value, dict) else []
        for processor in said if isinstance(said, list) else [said]:
            for kind, options in processor.items() if isinstance(processor, dict) else ():
                yield kind
                yield from _processors(options)


def lacking(resources: Iterable[Resource], able: Abilities) -> list[str]:
    """Say what the cluster cannot do of all this, and what that means; nothing where it can do everything."""
    resources = list(resources)
    said = []
    impossible = [resource for resource in resources if not able.can(resource)]
    if policies := [resource.name for resource in impossible if resource.kind is Kind.policy]:
        said.append(
            f"it has no index lifecycle management, so {listed(policies, 'and')} is left out and old indices stay "
            "until somebody deletes them"
        )
    if pipelines := [resource for resource in impossible if resource.kind is Kind.pipeline]:
        processors = sorted({name for pipeline in pipelines for name in able.missing_processors(pipeline)})
        names = listed([pipeline.name for pipeline in pipelines], "and")
        said.append(
            f"it has no ingest processor {listed(processors, 'and')}, so {names} is left out and events that come "
            "straight here stay as they were sent"
        )
    settings = sorted({name for resource in resources for name in able.unknown_settings(resource)})
    if settings:
        version = ".".join(map(str, able.version))
        said.append(
            f"version {version} does not know {listed(settings, 'and')}, so an event that brings more new fields than "
            "an index may have is refused"
        )
    return said


def composed(resource: Resource, resources: Iterable[Resource], able: Abilities) -> JsonObject:
    """Give the body that a resource should have in this cluster.

    An index template names its pipeline and its policy where the cluster can have them; `resources` are those of the
    whole project.
    """
    there = {(other.kind, other.name) for other in resources if able.can(other)}
    added = {
        name: value
        for kind, value in resource.needs
        if (name := _NAMED_BY.get(kind)) is not None and (kind, value) in there
    }
    unknown = able.unknown_settings(resource)
    if not added and not unknown:
        return resource.body
    template = resource.body.get("template") or {}
    kept = {key: value for key, value in (template.get("settings") or {}).items() if key not in unknown}
    return {**resource.body, "template": {**template, "settings": {**kept, **added}}}


def _settings(body: JsonObject) -> JsonObject:
    template = body.get("template")
    settings = template.get("settings") if isinstance(template, dict) else None
    return settings if isinstance(settings, dict) else {}


def look(elastic: Elastic, resource: Resource, resources: Iterable[Resource], able: Abilities) -> Outcome:
    """Compare one resource with what the cluster has. Raises ElasticError, with the resource named."""
    if not able.can(resource):
        return Outcome(resource, "impossible")
    found = _get(elastic, resource)
    if found is None:
        return Outcome(resource, "absent")
    different = differences(resource.kind, composed(resource, resources, able), found)
    return Outcome(resource, "different" if different else "same", different)


def apply(
    elastic: Elastic,
    resources: Iterable[Resource],
    everything: Sequence[Resource],
    able: Abilities,
    *,
    dry_run: bool = False,
) -> Iterator[Outcome]:
    """Bring the resources into the cluster, in their order, and yield each when it is there; what is right stays.

    `everything` is the whole project, of which `resources` are a part. Raises ElasticError, with the resource named:
    what came before it is done.
    """
    for resource in resources:
        outcome = look(elastic, resource, everything, able)
        if outcome.state in ("absent", "different"):
            if not dry_run:
                _put(elastic, resource, composed(resource, everything, able))
            outcome = Outcome(resource, "created" if outcome.state == "absent" else "changed", outcome.differences)
        elif outcome.state == "same":
            outcome = Outcome(resource, "unchanged")
        yield outcome


def _put(elastic: Elastic, resource: Resource, body: JsonObject) -> None:
    answer = _of(resource, elastic, "PUT", body)
    if not isinstance(answer, dict) or answer.get("acknowledged") is not True:
        raise ElasticRefused(
            f"{resource.title}: not every node of {elastic.address} acknowledged it in time; try again"
        )


def _get(elastic: Elastic, resource: Resource) -> JsonObject | None:
    """Read the body that the cluster has, or None when it has none."""
    try:
        answer = _of(resource, elastic, "GET")
    except ElasticNotFound:
        return None
    if resource.kind in (Kind.component, Kind.template):
        key = "component_template" if resource.kind is Kind.component else "index_template"
        named = (item for item in answer.get(f"{key}s", []) if item.get("name") == resource.name)
        found = next((item[key] for item in named), None)
    else:
        found = answer.get(resource.name)
    return found if isinstance(found, dict) else None


def _of(resource: Resource, elastic: Elastic, method: str, body: JsonObject | None = None) -> Json:
    try:
        return elastic.request(method, path_of(*_PATHS[resource.kind], resource.name), body=body)
    except ElasticError as error:
        words = f"{resource.title} ({resource.file}): {error.words}"
        raise type(error)(words, error.status, error.type, error.cure) from None
