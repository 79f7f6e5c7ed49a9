"""The mosaic: columns as wide as their share, each divided by another group."""

from __future__ import annotations

from collections.abc import Mapping

from kibana_builder.charts.layer import LensChart, LensState
from kibana_builder.charts.mapping import Constant
from kibana_builder.charts.partition import COMMON, NESTED, partition_from_lens, partition_to_lens
from kibana_builder.json_tree import JsonObject

ROWS = (*COMMON, NESTED, Constant(("categoryDisplay",), "default"))


def mosaic_to_lens(chart: JsonObject, time_fields: Mapping[str, str]) -> LensChart:
    """Turn an as-code mosaic into Lens's `lnsPie` of that shape."""
    return partition_to_lens(chart, "mosaic", ROWS, time_fields)


def mosaic_from_lens(lens: LensState) -> JsonObject:
    """Turn Lens's `lnsPie` of the shape mosaic into an as-code mosaic."""
    return partition_from_lens(lens, "mosaic", ROWS)
