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


# An ES|QL column has the type of its scale.
TYPES = {"temporal": "date", "linear": "number", "ordinal": "string"}


def scale_of(x: JsonObject) -> str:
    """Name the scale that an x axis has, by what stands there."""
    if "column" in x:
        return next((scale for scale, kind in TYPES.items() if kind == x.get("data_type")), "ordinal")
    return SCALES[x["operation"]]


def with_type_of_scale(chart: JsonObject, x: JsonObject) -> JsonObject:
    """Give a column of ES|QL on the x axis the type that the scale of the axis asks for, unless it says its own."""
    scale = chart.get("axis", {}).get("x", {}).get("scale")
    return {"data_type": TYPES[scale], **x} if "column" in x and scale is not None else x


def check_scale(chart: JsonObject, x: JsonObject) -> None:
    """Refuse a scale of the x axis that is not the one of what stands there, the bucket operation or column `x`."""
    scale, operation = chart.get("axis", {}).get("x", {}).get("scale"), x.get("operation")
    if scale is not None and "column" in x and TYPES[scale] != x.get("data_type", TYPES[scale]):
        raise NotExpressible(("axis", "x", "scale"), f"a column of the type {x['data_type']} has not the scale {scale}")
    if scale is not None and operation is not None and scale != SCALES[operation]:
        raise NotExpressible(
            ("axis", "x", "scale"), f"the x axis of {operation} is {SCALES[operation]} in Kibana, never {scale}"
        )
