"""The envelope of a library visualization: an as-code chart <-> a `lens` object."""

from __future__ import annotations

from collections.abc import Mapping

from kibana_builder.charts import from_lens, to_lens
from kibana_builder.json_tree import JsonObject
from kibana_builder.problem import NotExpressible
from kibana_builder.saved.raw import with_raw
from kibana_builder.saved.references import as_references
from kibana_builder.saved.tag import from_tag_references, tag_references
from kibana_builder.saved.versions import saved_object

__all__ = ["PANEL_SETTINGS", "from_visualization", "to_visualization"]

PANEL_SETTINGS = ("hide_title", "hide_border", "time_range", "drilldowns", "references")
"""What the vocabulary lets a chart say that is kept with the panel that shows it."""


def to_visualization(object_id: str, chart: JsonObject, time_fields: Mapping[str, str] | None = None) -> JsonObject:
    """Make the library visualization of a chart.

    Raises NotExpressible where the chart says what Lens has no place for, or what only a panel can say.
    """
    for name in PANEL_SETTINGS:
        if name in chart:
            raise NotExpressible(
                (name,),
                f"a library visualization has no place for '{name}'; say it in the `config` of the panel that shows it",
            )
    lens = to_lens(chart, time_fields)
    references = [*lens.references, *chart.get("raw_references", ()), *tag_references(chart)]
    attributes = with_raw(lens.attributes, chart)
    return saved_object("lens", object_id, attributes, references, managed=chart.get("lock", False))


def from_visualization(item: JsonObject, tag_names: Mapping[str, str] | None = None) -> JsonObject:
    """Return the as-code chart of a library visualization; `tag_names` gives the names of tags by id.

    Raises UnsayableError when the chart has no words. What the words do not cover is left out: whoever needs it all
    compares `to_visualization` of the result with what came in.
    """
    references = as_references(item.get("references"))
    chart = from_lens(item["attributes"], references)
    lock = {"lock": True} if item.get("managed") is True else {}
    return chart | from_tag_references(references, tag_names or {}) | lock
