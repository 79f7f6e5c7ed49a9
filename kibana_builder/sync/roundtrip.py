"""How much of saved objects the language says: each becomes a document and an object again, and is compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kibana_builder.charts import chart_type_of
from kibana_builder.files.object_files import ObjectFile, read_object_files
from kibana_builder.json_tree import JsonObject
from kibana_builder.saved.dashboard import with_json_opened
from kibana_builder.saved.decompile import Decompiled, RawPart, come_back, decompile

__all__ = ["Roundtrip", "Tally", "verify_roundtrip"]


_NO_ATTRIBUTES = {"references"}


@dataclass(slots=True)
class Tally:
    """How many there are of a sort, and how they are said: in words alone, with a small remainder, or raw."""

    clean: int = 0
    with_remainder: int = 0
    raw: int = 0
    different: int = 0

    @property
    def count(self) -> int:
        return self.clean + self.with_remainder + self.raw

    @property
    def exact(self) -> int:
        """How many came back the same."""
        return self.count - self.different

    def add(self, parts: Iterable[RawPart]) -> None:
        parts = list(parts)
        if not parts:
            self.clean += 1
        elif any(part.leaves is None for part in parts):
            self.raw += 1
        else:
            self.with_remainder += 1


@dataclass(slots=True)
class Roundtrip:
    """What was found: tallies by type of object and by chart type of Lens panels, and what the objects lack.

    `charts` counts Lens panels and Lens objects; of a type without words, under Lens's own name. `settings` are the
    dashboards' own attributes. `reasons` say why something is raw and how often. `different` are the objects that do
    not come back the same, `without_objects` the files that hold none, `no_json` lines that are no JSON.
    """

    types: dict[str, Tally] = field(default_factory=dict)
    charts: dict[str, Tally] = field(default_factory=dict)
    settings: Tally = field(default_factory=Tally)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    different: list[str] = field(default_factory=list)
    without_objects: list[str] = field(default_factory=list)
    no_json: list[str] = field(default_factory=list)
    files: int = 0


def verify_roundtrip(paths: Iterable[Path]) -> Roundtrip:
    """Read saved objects from files and folders and try each. Raises UsageError for a path that is not there."""
    found = Roundtrip()
    packages: dict[str, list[ObjectFile]] = {}
    for file in read_object_files(paths):
        found.files += 1
        found.no_json += [f"{file.name}:{line}" for line in file.no_json]
        if file.objects:
            packages.setdefault(file.package, []).append(file)
        else:
            found.without_objects.append(file.name)
    for files in packages.values():
        _verify([(file.name, item) for file in files for item in file.objects], found)
    return found


def _verify(named: list[tuple[str, JsonObject]], found: Roundtrip) -> None:
    """Try objects that belong together: they know each other's tags and data views."""
    items = [item for _, item in named]
    results = decompile(items)
    for (name, item), result, same in zip(named, results, come_back(items, results), strict=True):
        tally = found.types.setdefault(result.type, Tally())
        tally.add(result.raw)
        if not same:
            tally.different += 1
            found.different.append(f"{name}: {result.type} {result.id}")
        for part in result.raw:
            found.reasons.update((_sort_of(part), reason) for reason in set(part.places) or {part.why})
        _count_charts(item, result, found)


def _sort_of(part: RawPart) -> str:
    """Say which sort of part it is that a reason belongs to."""
    if part.path[:1] == ("panels",):
        return "panel"
    return "object" if part.leaves is None else part.where


def _count_charts(item: JsonObject, result: Decompiled, found: Roundtrip) -> None:
    if result.type == "lens":
        found.charts.setdefault(_chart_type(item["attributes"]), Tally()).add(result.raw)
    if result.type == "dashboard":
        found.settings.add(
            part for part in result.raw if part.path[:1] != ("panels",) and set(part.places) != _NO_ATTRIBUTES
        )
        for number, chart in _lens_panels(item):
            paths = (("panels", number), ("saved_object",))
            found.charts.setdefault(_chart_type(chart), Tally()).add(part for part in result.raw if part.path in paths)


def _lens_panels(dashboard: JsonObject) -> Iterator[tuple[int, JsonObject]]:
    """Give the attributes of the charts that stand in a dashboard by value, with their places among the panels."""
    panels = with_json_opened(dashboard).get("panelsJSON")
    for number, panel in enumerate(panels if isinstance(panels, list) else ()):
        config = panel.get("embeddableConfig") if isinstance(panel, dict) else None
        attributes = config.get("attributes") if isinstance(config, dict) else None
        if isinstance(attributes, dict) and panel.get("type") == "lens":
            yield number, attributes


def _chart_type(attributes: JsonObject) -> str:
    """Name the chart type; one over ES|QL is a type of its own, as in the API's vocabulary (`xyChartESQL`)."""
    known = chart_type_of(attributes)
    name = known.name if known else str(attributes.get("visualizationType"))
    return f"{name} (ES|QL)" if _is_over_esql(attributes) else name


def _is_over_esql(attributes: JsonObject) -> bool:
    sources = attributes.get("state", {}).get("datasourceStates") if isinstance(attributes.get("state"), dict) else None
    layers = {
        kind: source.get("layers")
        for kind, source in (sources.items() if isinstance(sources, dict) else ())
        if isinstance(source, dict)
    }
    return bool(layers.get("textBased")) and not (layers.get("formBased") or layers.get("indexpattern"))
