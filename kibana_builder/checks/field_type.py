"""field-type: a field of a type that the operation cannot take.

Which types an operation takes is what Lens offers it for (Kibana 8.12, and the same since). A text field cannot be
grouped or counted; most have a keyword beside them.

    y:
      - {operation: percentile, field: model_name}     # percentile needs a number, 'model_name' is a keyword
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kibana_builder.checks.field_uses import FieldUse, field_uses
from kibana_builder.files.source import Place, Source
from kibana_builder.problem import Finding
from kibana_builder.spec.fields import Field
from kibana_builder.spec.words import quoted


class _Needs(NamedTuple):
    """What an operation needs: in words, and as Kibana's types."""

    words: str
    types: frozenset[str]
    counters: bool = True


_VALUES = frozenset({"keyword", "boolean", "number", "ip", "date", "number_range", "ip_range", "date_range"})
_NUMBER = _Needs("a number", frozenset({"number", "histogram"}), counters=False)
_NUMBER_OR_DATE = _Needs("a number or a date", frozenset({"number", "histogram", "date"}))
_PLAIN_NUMBER = _Needs("a number", frozenset({"number"}))
_COUNTABLE = _Needs("a field that can be aggregated", _VALUES | {"murmur3"})

_NEEDS = {
    **dict.fromkeys(("average", "sum", "median", "standard_deviation", "percentile", "percentile_rank"), _NUMBER),
    **dict.fromkeys(("min", "max"), _NUMBER_OR_DATE),
    **dict.fromkeys(("histogram", "range", "counter_rate", "cumulative_sum", "range_slider_control"), _PLAIN_NUMBER),
    **dict.fromkeys(("count", "unique_count"), _COUNTABLE),
    "date_histogram": _Needs("a date", frozenset({"date", "date_range"})),
    "terms": _Needs("a keyword, boolean, number or IP address", frozenset({"keyword", "boolean", "number", "ip"})),
    "last_value": _Needs("a field that can be aggregated", _VALUES),
    "last_values": _Needs("a field with values", _VALUES | {"text"}),
    "options_list_control": _Needs(
        "a keyword, boolean, number, date or IP address", frozenset({"keyword", "boolean", "number", "date", "ip"})
    ),
    "time_field": _Needs("a date", frozenset({"date"})),
}
_NAMES = {
    "last_values": "last_value",
    "options_list_control": "an options list",
    "range_slider_control": "a range slider",
    "time_field": "a time field",
}


def find(source: Source) -> Iterator[Place]:
    for use in field_uses(source):
        field = use.fields.find(use.field)
        needs = _NEEDS.get(use.by)
        if field is None or needs is None or field.kibana_type is None:
            continue
        if (reason := _why_not(use, field, needs)) is not None:
            hint = _other_field(use, needs)
            yield Place(use.spec.file, Finding("field-type", reason, use.path, hint=hint))


def _why_not(use: FieldUse, field: Field, needs: _Needs) -> str | None:
    name = _NAMES.get(use.by, use.by)
    if field.kibana_type not in needs.types:
        article = "an" if field.type[:1] in "aeiou" else "a"
        return f"{name} needs {needs.words}, {quoted(use.field)} is {article} {field.type}"
    if not field.aggregatable and field.kibana_type != "text":
        return f"{name} cannot read {quoted(use.field)}: the template says doc_values: false"
    if field.counter and not needs.counters:
        return f"{name} cannot be taken of {quoted(use.field)}, which is a counter: use counter_rate or max"
    return None


def _other_field(use: FieldUse, needs: _Needs) -> str:
    """Suggest the multi-field that would do: most text fields have a keyword beside them."""
    for name, field in use.fields.by_name.items():
        if name.startswith(f"{use.field}.") and field.kibana_type in needs.types and field.aggregatable:
            return f"did you mean '{name}'?"
    return ""
