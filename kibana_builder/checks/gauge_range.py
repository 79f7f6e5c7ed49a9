"""gauge-range: a gauge whose scale ends where it begins, or before.

Kibana draws a message in its place: "Minimum and maximum values may not be equal" (expressionGauge.renderer of 8.12).
Only numbers that the file gives are compared; what an operation computes is not known here.

    metric: {operation: average, field: latency, min: 100, max: 0}
"""

from __future__ import annotations

from collections.abc import Iterator

from kibana_builder.checks.panels import charts
from kibana_builder.files.source import Place, Source
from kibana_builder.json_tree import JsonObject
from kibana_builder.problem import Finding


def find(source: Source) -> Iterator[Place]:
    for spec in source.selected:
        for chart, path in charts(spec):
            if chart["type"] != "gauge":
                continue
            low, high = _fixed(chart["metric"], "min"), _fixed(chart["metric"], "max")
            if low is not None and high is not None and low >= high:
                message = f"the scale ends at {high}, and begins at {low}"
                hint = "max must be more than min, or Kibana draws no gauge"
                yield Place(spec.file, Finding("gauge-range", message, (*path, "metric", "max"), hint=hint))


def _fixed(metric: JsonObject, role: str) -> float | None:
    """Give an end of the scale that is a number in the file."""
    said = metric.get(role, {})
    value: float | None = said.get("value") if said.get("operation") == "static_value" else None
    return value
