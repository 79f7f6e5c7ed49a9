"""Data views: what a project says of one <-> an `index-pattern` object."""

from __future__ import annotations

from kibana_builder.charts.mapping import Row, from_lens, to_lens
from kibana_builder.json_tree import JsonObject
from kibana_builder.saved.versions import saved_object

__all__ = ["from_data_view", "to_data_view"]

# Kibana calls the pattern a title, and the title a name.
ROWS = (
    Row(("index_pattern",), ("title",)),
    Row(("time_field",), ("timeFieldName",)),
    Row(("title",), ("name",)),
)


def to_data_view(data_view_id: str, said: JsonObject) -> JsonObject:
    """Make the data view of what `data_views:` in kbuild.yaml says of it.

    Only that is written: formats, labels and runtime fields are its users', and Kibana does without them.
    """
    return saved_object("index-pattern", data_view_id, to_lens(ROWS, said))


def from_data_view(item: JsonObject) -> JsonObject:
    """Return what kbuild.yaml can say of a data view; the rest of it belongs to its users."""
    return from_lens(ROWS, item["attributes"])
