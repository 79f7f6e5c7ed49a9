"""Markdown: a `markdown` panel of the vocabulary <-> the visualization that Kibana 8.12 draws it with.

Kibana has a panel type of its own for it only since 9.2; before, a markdown panel is a visualization inside the
dashboard (gold object `dashboard.ml-features`), and later versions still show that.
"""

from __future__ import annotations

from kibana_builder.charts.filters import NO_QUERY
from kibana_builder.charts.mapping import ABSENT, Constant, Row, UnsayableError, find, from_lens, to_lens
from kibana_builder.json_tree import Json, JsonObject

__all__ = ["from_saved_vis", "to_saved_vis"]

ROWS = (
    Constant(("id",), ""),
    Constant(("title",), ""),
    Constant(("description",), ""),
    Constant(("type",), "markdown"),
    # The parameters stand where Kibana has them, and say the size whether the document does or not.
    Constant(("params", "fontSize"), 12),
    Row(("settings", "font_size"), ("params", "fontSize"), unsaid=12),
    # Kibana 8.12 opens links in the same tab when nothing is said, the vocabulary in a new one.
    Row(("settings", "open_links_in_new_tab"), ("params", "openLinksInNewTab"), unsaid=True),
    Row(("content",), ("params", "markdown")),
    Constant(("uiState",), {}),
    Constant(("data",), {"aggs": [], "searchSource": {"query": NO_QUERY, "filter": []}}),
)


def to_saved_vis(config: JsonObject) -> JsonObject:
    """Make the visualization (`savedVis`) that shows the `content` of a markdown panel's config."""
    return to_lens(ROWS, config)


def from_saved_vis(saved_vis: Json) -> JsonObject:
    """Return the `content` and `settings` of a markdown visualization.

    Raises UnsayableError for a visualization of another type, or without a text.
    """
    if find(saved_vis, ("type",)) != "markdown":
        raise UnsayableError(f"a visualization of type {find(saved_vis, ('type',))}")
    config = from_lens(ROWS, saved_vis)
    if find(saved_vis, ("params", "openLinksInNewTab")) is ABSENT:
        config["settings"] = {"open_links_in_new_tab": False}
    if not isinstance(config.get("content"), str):
        raise UnsayableError("a markdown visualization without a text")
    return config
