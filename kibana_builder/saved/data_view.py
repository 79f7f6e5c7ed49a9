"""Data views: what a project says of one <-> an `index-pattern` object."""

from __future__ import annotations

from kibana_builder.charts.mapping import Row, from_lens, to_lens
from kibana_builder.json_tree import JsonObject
from kibana_builder.saved.left_over import left_over
from kibana_builder.saved.normal_form import normal_form
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


def from_data_view(item: JsonObject) -> tuple[JsonObject, JsonObject]:
    """Return what kbuild.yaml can say of a data view, and the attributes that it cannot say."""
    attributes = normal_form(item)["attributes"]
    said = from_lens(ROWS, attributes)
    return said, left_over(attributes, to_lens(ROWS, said))
