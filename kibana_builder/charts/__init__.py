"""ROOM charts: a chart in the as-code vocabulary <-> Lens state.

Gets and gives plain JSON; touches nothing. A chart type is one module and one line of CHARTS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from kibana_builder.charts.data_table import data_table_from_lens, data_table_to_lens
from kibana_builder.charts.gauge import gauge_from_lens, gauge_to_lens
from kibana_builder.charts.layer import LensChart, LensState
from kibana_builder.charts.mapping import UnsayableError
from kibana_builder.charts.metric import metric_from_lens, metric_to_lens
from kibana_builder.charts.pie import pie_from_lens, pie_to_lens
from kibana_builder.charts.xy import xy_from_lens, xy_to_lens
from kibana_builder.json_tree import JsonObject

__all__ = ["CHARTS", "LensChart", "UnsayableError", "from_lens", "to_lens"]


@dataclass(frozen=True, slots=True)
class ChartType:
    """One chart type: its name in the vocabulary, Lens's name of it, and the two directions."""

    name: str
    lens_name: str
    to_lens: Callable[[JsonObject, Mapping[str, str]], LensChart]
    from_lens: Callable[[LensState], JsonObject]


CHART_TYPES = (
    ChartType("data_table", "lnsDatatable", data_table_to_lens, data_table_from_lens),
    ChartType("gauge", "lnsGauge", gauge_to_lens, gauge_from_lens),
    ChartType("metric", "lnsMetric", metric_to_lens, metric_from_lens),
    ChartType("pie", "lnsPie", pie_to_lens, pie_from_lens),
    ChartType("xy", "lnsXY", xy_to_lens, xy_from_lens),
)
CHARTS = {chart_type.name: chart_type for chart_type in CHART_TYPES}
LENS_CHARTS = {chart_type.lens_name: chart_type for chart_type in CHART_TYPES}


def to_lens(chart: JsonObject, time_fields: Mapping[str, str] | None = None) -> LensChart:
    """Turn an as-code chart that the schema check accepts into what Lens keeps.

    `time_fields` gives the time field of each data view id; a trend line and the last value in a formula ask for
    it (default `@timestamp`).
    Raises NotExpressible where the chart says something that Lens has no place for.
    """
    return CHARTS[chart["type"]].to_lens(chart, time_fields or {})


def from_lens(attributes: JsonObject, references: Sequence[JsonObject]) -> JsonObject:
    """Turn the attributes of a Lens object (and its references) into an as-code chart, as far as there are words.

    Raises UnsayableError when the chart type, a layer or an operation has none. Smaller things that the rows do not
    know are left out: whoever needs them all compares `to_lens` of the result with what came in.
    """
    kind = attributes.get("visualizationType")
    if not isinstance(kind, str) or kind not in LENS_CHARTS:
        raise UnsayableError(f"chart type {kind}")
    try:
        return LENS_CHARTS[kind].from_lens(LensState(attributes, references))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, RecursionError):
        # What Kibana stores is not checked by it: a state may have anything where a list or an object belongs.
        raise UnsayableError("a state of another shape than Lens's") from None
