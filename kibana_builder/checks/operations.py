"""The operations of a chart, each with its path: those of its layers, and those inside others."""

from __future__ import annotations

from collections.abc import Iterator

from kibana_builder.json_tree import JsonObject, Path
from kibana_builder.spec.shorthands import OPERATION_KEYS

__all__ = ["operations", "with_layers"]

_INNER = ("of", "min", "max", "goal")


def with_layers(chart: JsonObject, path: Path) -> Iterator[tuple[JsonObject, Path]]:
    """Give a chart and each of its layers: what may have operations, all of one data view."""
    yield chart, path
    for index, layer in enumerate(chart.get("layers", ())):
        yield layer, (*path, "layers", index)


def operations(owner: JsonObject, path: Path) -> Iterator[tuple[JsonObject, Path]]:
    """Go through the operations of a chart without layers or of a layer, those inside other operations too."""
    for key in OPERATION_KEYS & owner.keys():
        said = owner[key]
        if isinstance(said, list):
            for index, operation in enumerate(said):
                yield from _with_inner(operation, (*path, key, index))
        else:
            yield from _with_inner(said, (*path, key))


def _with_inner(operation: JsonObject, path: Path) -> Iterator[tuple[JsonObject, Path]]:
    """Give an operation, and what stands inside it: the metric of a difference, the goal of a gauge, a bar's end."""
    yield operation, path
    for key in _INNER:
        if isinstance(operation.get(key), dict):
            yield from _with_inner(operation[key], (*path, key))
    end = operation.get("background_chart", {}).get("max_value")
    if isinstance(end, dict):
        yield from _with_inner(end, (*path, "background_chart", "max_value"))
