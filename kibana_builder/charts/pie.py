"""The pie and the donut: shares of one or more metrics, by groups that nest from the inside out."""

from __future__ import annotations

from collections.abc import Mapping

from kibana_builder.charts.layer import LensChart, LensState
from kibana_builder.charts.mapping import ABSENT, Choice, Row
from kibana_builder.charts.partition import COMMON, NESTED, partition_from_lens, partition_to_lens
from kibana_builder.json_tree import JsonObject

# The radius of the hole in parts of the pie's.
HOLES = {"s": 0.3, "m": 0.54, "l": 0.7}

ROWS = (
    *COMMON,
    NESTED,
    Choice(
        (("styling", "labels", "visible"), ("styling", "labels", "position")),
        (("categoryDisplay",),),
        (
            ((False, ABSENT), ("hide",)),
            ((False, "inside"), ("hide",)),
            ((False, "outside"), ("hide",)),
            ((True, "inside"), ("inside",)),
            ((ABSENT, "inside"), ("inside",)),
            ((True, "outside"), ("default",)),
            ((ABSENT, "outside"), ("default",)),
            ((True, ABSENT), ("default",)),
            ((ABSENT, ABSENT), ("default",)),
        ),
    ),
    Row(("styling", "donut_hole"), ("emptySizeRatio",), words={**HOLES, "none": ABSENT}),
)


def pie_to_lens(chart: JsonObject, time_fields: Mapping[str, str]) -> LensChart:
    """Turn an as-code pie into Lens's `lnsPie`."""
    hole = chart.get("styling", {}).get("donut_hole", "none")
    return partition_to_lens(chart, "pie" if hole == "none" else "donut", ROWS, time_fields)


def pie_from_lens(lens: LensState) -> JsonObject:
    """Turn Lens's `lnsPie` of the shapes pie and donut into an as-code pie."""
    chart = partition_from_lens(lens, "pie", ROWS)
    if lens.visualization.get("shape") == "pie":
        chart.get("styling", {}).pop("donut_hole", None)
    else:
        # What Lens draws for a donut that does not say how large its hole is.
        chart.setdefault("styling", {}).setdefault("donut_hole", "s")
    return chart
