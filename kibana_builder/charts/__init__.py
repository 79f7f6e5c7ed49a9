"""ROOM charts: a chart in the as-code vocabulary <-> Lens state.

Gets and gives plain JSON; touches nothing. A chart type is one module and one line of CHARTS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kibana_builder.charts.data_table import data_table_to_lens
from kibana_builder.charts.gauge import gauge_to_lens
from kibana_builder.charts.layer import LensChart
from kibana_builder.charts.metric import metric_to_lens
from kibana_builder.charts.pie import pie_to_lens
from kibana_builder.charts.xy import xy_to_lens
from kibana_builder.json_tree import JsonObject

__all__ = ["CHARTS", "LensChart", "to_lens"]

CHARTS: dict[str, Callable[[JsonObject, Mapping[str, str]], LensChart]] = {
    "data_table": lambda chart, _: data_table_to_lens(chart),
    "gauge": lambda chart, _: gauge_to_lens(chart),
    "metric": metric_to_lens,
    "pie": lambda chart, _: pie_to_lens(chart),
    "xy": lambda chart, _: xy_to_lens(chart),
}


def to_lens(chart: JsonObject, time_fields: Mapping[str, str] | None = None) -> LensChart:
    """Turn an as-code chart that the schema check accepts into what Lens keeps.

    `time_fields` gives the time field of each data view id; only a trend line asks for it (default `@timestamp`).
    Raises NotExpressible where the chart says something that Lens has no place for.
    """
    return CHARTS[chart["type"]](chart, time_fields or {})
