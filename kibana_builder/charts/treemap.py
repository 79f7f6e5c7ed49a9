"""The treemap: parts of a whole as rectangles, by groups that nest."""

from __future__ import annotations

from collections.abc import Mapping

from kibana_builder.charts.layer import LensChart, LensState
from kibana_builder.charts.mapping import Row
from kibana_builder.charts.partition import COMMON, NESTED, partition_from_lens, partition_to_lens
from kibana_builder.json_tree import JsonObject

ROWS = (
    *COMMON,
    NESTED,
    Row(
        ("styling", "labels", "visible"), ("categoryDisplay",), words={True: "default", False: "hide"}, unsaid="default"
    ),
)


def treemap_to_lens(chart: JsonObject, time_fields: Mapping[str, str]) -> LensChart:
    """Turn an as-code treemap into Lens's `lnsPie` of that shape."""
    return partition_to_lens(chart, "treemap", ROWS, time_fields)


def treemap_from_lens(lens: LensState) -> JsonObject:
    """Turn Lens's `lnsPie` of the shape treemap into an as-code treemap."""
    return partition_from_lens(lens, "treemap", ROWS)
