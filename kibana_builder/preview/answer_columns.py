"""The columns of an answer: what Kibana calls them, what their values are, how they are written."""

from __future__ import annotations

from kibana_builder.json_tree import JsonObject
from kibana_builder.kql import Fields
from kibana_builder.preview.answer import Column
from kibana_builder.spec.fields import NUMBERS as SINGLE_NUMBERS

__all__ = ["NUMBERS", "group_column", "metric_column", "shown_kind"]

NUMBERS = SINGLE_NUMBERS | {"aggregate_metric_double"}
"""The mapping types of numbers."""

_KINDS = {**dict.fromkeys(NUMBERS, "number"), "boolean": "boolean", "date": "date", "date_nanos": "date", "ip": "ip"}
_VALUES_OF_THE_FIELD = ("last_value", "min", "max")


def shown_kind(mapping_type: str) -> str:
    """Give the kind of a column for values of a mapping type.

    >>> shown_kind("half_float"), shown_kind("keyword")
    ('number', 'string')
    """
    return _KINDS.get(mapping_type, "string")


def metric_column(lens: JsonObject, place: str, operation: JsonObject, fields: Fields) -> Column:
    """Give the column of a metric; `lens` is Lens's column for the as-code `operation` that stands at `place`."""
    name: str = lens.get("sourceField", "")
    of_field = lens["operationType"] in _VALUES_OF_THE_FIELD and name in fields
    kind = shown_kind(fields[name].type) if of_field else "number"
    return Column(place, lens["label"], kind, _format(lens, operation), None)


def group_column(lens: JsonObject, place: str, operation: JsonObject, fields: Fields) -> Column:
    """Give the column of a bucket; several fields together and intervals of numbers have none to filter by."""
    name: str = lens.get("sourceField", "")
    match lens["operationType"]:
        case "date_histogram":
            kind = "date"
        case "filters":
            kind = "filter"
        case "range":
            kind, name = "range" if lens["params"]["type"] == "range" else "number", ""
        case _ if lens["params"].get("secondaryFields"):
            kind, name = "string", ""
        case _:
            kind = shown_kind(fields[name].type) if name in fields else "string"
    return Column(place, lens["label"], kind, operation.get("format"), name or None)


def _format(column: JsonObject, operation: JsonObject) -> JsonObject | None:
    """Give the as-code format of a metric: its own, with `/h` behind it where it is a rate; a rank is in per cent."""
    said: JsonObject | None = operation.get("format")
    rate = f"/{column['timeScale']}" if "timeScale" in column else ""
    if said is None:
        if column["operationType"] == "percentile_rank":
            return {"type": "custom", "pattern": "0,0.[000]%"}
        return {"type": "custom", "pattern": f"0,0.[000]{rate}"} if rate else None
    if rate and said["type"] == "custom":
        return {**said, "pattern": f"{said['pattern']}{rate}"}
    return {**said, "suffix": f"{said.get('suffix', '')}{rate}"} if rate else said
