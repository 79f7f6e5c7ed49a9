"""Fields of a data view of one chart alone: three maps of Kibana's, one of ours."""

from __future__ import annotations

import pytest

from kibana_builder.charts import UnsayableError, from_lens, to_lens
from kibana_builder.charts.field_settings import field_settings_from_lens, field_settings_to_lens
from kibana_builder.json_tree import JsonObject

SETTINGS: JsonObject = {
    "cpu": {"custom_label": "CPU", "custom_description": "Of all", "format": {"type": "percent", "params": {}}},
    "seconds": {"type": "double", "script": "emit(1)", "custom_label": "Seconds"},
    "source": {"type": "keyword"},
}
MAPS: JsonObject = {
    "fieldAttrs": {"cpu": {"customLabel": "CPU", "customDescription": "Of all"}, "seconds": {"customLabel": "Seconds"}},
    "fieldFormats": {"cpu": {"id": "percent", "params": {}}},
    "runtimeFieldMap": {
        "seconds": {"type": "double", "script": {"source": "emit(1)"}},
        "source": {"type": "keyword"},
    },
}


def test_each_map_has_the_fields_of_which_it_says_something() -> None:
    """There and back."""
    assert field_settings_to_lens(SETTINGS) == MAPS
    assert field_settings_from_lens(MAPS) == SETTINGS


def test_a_format_without_parameters() -> None:
    """Kibana may leave them out, the vocabulary may not."""
    said = field_settings_from_lens({"fieldFormats": {"a": {"id": "bytes"}}})
    assert said == {"a": {"format": {"type": "bytes", "params": {}}}}


def test_a_runtime_field_of_several_fields_has_no_words() -> None:
    """Its parts would be fields of their own."""
    with pytest.raises(UnsayableError):
        field_settings_from_lens({"runtimeFieldMap": {"a": {"type": "composite", "fields": {}}}})


def test_two_data_views_of_one_pattern() -> None:
    """Layers whose data views differ in anything have one each; those that say the same share it."""
    plain: JsonObject = {"type": "data_view_spec", "index_pattern": "logs-*"}
    sources = [plain, plain, {**plain, "name": "Logs"}, {**plain, "allow_no_index": True}]
    sources.append({**plain, "field_settings": SETTINGS})
    layers = [{"type": "bar", "data_source": source, "y": [{"operation": "count"}]} for source in sources]
    chart = {"type": "xy", "layers": layers}
    made = to_lens(chart)
    assert len(made.attributes["state"]["adHocDataViews"]) == 4
    assert from_lens(made.attributes, made.references) == chart
