"""The waffle: a hundred squares, coloured by the share of each group."""

from __future__ import annotations

from collections.abc import Mapping

from kibana_builder.charts.layer import LensChart, LensState
from kibana_builder.charts.mapping import ABSENT, Choice, Constant
from kibana_builder.charts.partition import COMMON, partition_from_lens, partition_to_lens
from kibana_builder.json_tree import JsonObject

ROWS = (
    *COMMON,
    Constant(("categoryDisplay",), "default"),
    Constant(("nestedLegend",), False),
    # A waffle shows its values in the legend unless told not to, for which there is no word.
    Choice((("legend", "values"),), (("showValuesInLegend",),), (((["absolute"],), (True,)), ((ABSENT,), (True,)))),
)


def waffle_to_lens(chart: JsonObject, time_fields: Mapping[str, str]) -> LensChart:
    """Turn an as-code waffle into Lens's `lnsPie` of that shape."""
    return partition_to_lens(chart, "waffle", ROWS, time_fields)


def waffle_from_lens(lens: LensState) -> JsonObject:
    """Turn Lens's `lnsPie` of the shape waffle into an as-code waffle."""
    return partition_from_lens(lens, "waffle", ROWS)
