"""What the x axes of all charts share."""

from __future__ import annotations

from kibana_builder.json_tree import JsonObject
from kibana_builder.problem import NotExpressible

ORIENTATIONS = {"horizontal": 0, "vertical": -90, "angled": -45}

# Lens takes the scale of x from the operation: saying it is welcome, saying another one cannot be done.
SCALES = {
    "date_histogram": "temporal",
    "histogram": "linear",
    "terms": "ordinal",
    "range": "ordinal",
    "filters": "ordinal",
}


def check_scale(chart: JsonObject, x: JsonObject) -> None:
    """Refuse a scale of the x axis that is not the one of what stands there, the bucket operation `x`."""
    scale, operation = chart.get("axis", {}).get("x", {}).get("scale"), x.get("operation")
    if scale is not None and operation is not None and scale != SCALES[operation]:
        raise NotExpressible(
            ("axis", "x", "scale"), f"the x axis of {operation} is {SCALES[operation]} in Kibana, never {scale}"
        )
