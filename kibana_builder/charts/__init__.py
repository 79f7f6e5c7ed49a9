"""ROOM charts: a chart in the as-code vocabulary <-> Lens state.

Gets and gives plain JSON; touches nothing. A chart type is one module and one line of CHARTS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from kibana_builder.charts.data_table import data_table_from_lens, data_table_to_lens
from kibana_builder.charts.gauge import gauge_from_lens, gauge_to_lens
from kibana_builder.charts.heatmap import heatmap_from_lens, heatmap_to_lens
from kibana_builder.charts.layer import LensChart, LensState
from kibana_builder.charts.legacy_metric import legacy_metric_from_lens, legacy_metric_to_lens
from kibana_builder.charts.mapping import UnsayableError, find
from kibana_builder.charts.metric import metric_from_lens, metric_to_lens
from kibana_builder.charts.mosaic import mosaic_from_lens, mosaic_to_lens
from kibana_builder.charts.one_shape import in_one_shape
from kibana_builder.charts.pie import pie_from_lens, pie_to_lens
from kibana_builder.charts.tag_cloud import tag_cloud_from_lens, tag_cloud_to_lens
from kibana_builder.charts.treemap import treemap_from_lens, treemap_to_lens
from kibana_builder.charts.waffle import waffle_from_lens, waffle_to_lens
from kibana_builder.charts.xy import xy_from_lens, xy_to_lens
from kibana_builder.json_tree import JsonObject

__all__ = ["CHARTS", "LensChart", "UnsayableError", "chart_type_of", "from_lens", "to_lens"]


@dataclass(frozen=True, slots=True)
class ChartType:
    """One chart type: its name in the vocabulary, Lens's name of it, and the two directions.

    Several types have one name in Lens; `shapes` are those of the visualization that this one stands for.
    """

    name: str
    lens_name: str
    to_lens: Callable[[JsonObject, Mapping[str, str]], LensChart]
    from_lens: Callable[[LensState], JsonObject]
    shapes: tuple[str, ...] = ()


CHART_TYPES = (
    ChartType("data_table", "lnsDatatable", data_table_to_lens, data_table_from_lens),
    ChartType("gauge", "lnsGauge", gauge_to_lens, gauge_from_lens),
    ChartType("heatmap", "lnsHeatmap", heatmap_to_lens, heatmap_from_lens),
    ChartType("legacy_metric", "lnsLegacyMetric", legacy_metric_to_lens, legacy_metric_from_lens),
    ChartType("metric", "lnsMetric", metric_to_lens, metric_from_lens),
    ChartType("mosaic", "lnsPie", mosaic_to_lens, mosaic_from_lens, ("mosaic",)),
    ChartType("pie", "lnsPie", pie_to_lens, pie_from_lens, ("pie", "donut")),
    ChartType("tag_cloud", "lnsTagcloud", tag_cloud_to_lens, tag_cloud_from_lens),
    ChartType("treemap", "lnsPie", treemap_to_lens, treemap_from_lens, ("treemap",)),
    ChartType("waffle", "lnsPie", waffle_to_lens, waffle_from_lens, ("waffle",)),
    ChartType("xy", "lnsXY", xy_to_lens, xy_from_lens),
)
CHARTS = {chart_type.name: chart_type for chart_type in CHART_TYPES}


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
    try:
        lens = LensState(attributes, references)
        chart_type = _type_in_one_shape(lens.attributes)
        if chart_type is None:
            raise UnsayableError(f"chart type {lens.attributes.get('visualizationType')}")
        return chart_type.from_lens(lens)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, RecursionError):
        # What Kibana stores is not checked by it: a state may have anything where a list or an object belongs.
        raise UnsayableError("a state of another shape than Lens's") from None


def chart_type_of(attributes: JsonObject) -> ChartType | None:
    """Tell the type of a Lens chart by its attributes (any JSON object); None where the vocabulary has none."""
    return _type_in_one_shape(in_one_shape(attributes))


def _type_in_one_shape(attributes: JsonObject) -> ChartType | None:
    kind = attributes.get("visualizationType")
    shape = find(attributes, ("state", "visualization", "shape"))
    of_lens = (chart_type for chart_type in CHART_TYPES if chart_type.lens_name == kind)
    return next((chart_type for chart_type in of_lens if not chart_type.shapes or shape in chart_type.shapes), None)
