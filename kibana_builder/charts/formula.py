"""Lens formulas <-> the columns that Lens makes of them.

Lens computes a formula in parts: each function of a field, each calculation over another function's values and each
stretch of arithmetic is a hidden column of its own, named after the formula's column with X0, X1, … behind it. Without
them a panel draws an empty number and says nothing. The shapes are those of Kibana 8.12: the recorded gold objects
(shape-formula-error-rate, shape-formula-xy), and saved objects of public projects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from kibana_builder.charts.filters import from_kibana_query, to_kibana_query
from kibana_builder.charts.formats import format_from_lens, format_to_lens
from kibana_builder.charts.formula_functions import FUNCTIONS, check_formula, formula_fields, read_formula
from kibana_builder.charts.formula_text import Call, FieldName, FormulaError, NamedArgument, Node, parse_formula
from kibana_builder.charts.mapping import UnsayableError
from kibana_builder.json_tree import Json, JsonObject

__all__ = [
    "FormulaError",
    "check_formula",
    "formula_columns",
    "formula_fields",
    "formula_from_column",
    "parse_formula",
]

MetricColumn: TypeAlias = Callable[[JsonObject], JsonObject]
"""Makes the column that Lens would have for a metric operation of the vocabulary (charts/columns.py)."""

# Named arguments of a formula -> properties of the operation in the vocabulary.
PROPERTIES = {
    "shift": "time_shift",
    "reducedTimeRange": "reduced_time_range",
    "percentile": "percentile",
    "value": "rank",
}
CONSTANTS = {"time_range": "Time range", "interval": "Date histogram interval", "now": "Current now"}
KEEPS_ITS_OWN_PARAMS = ("percentile", "percentile_rank", "last_value")


def formula_columns(
    column_id: str, operation: JsonObject, metric_column: MetricColumn, time_field: str = "@timestamp"
) -> dict[str, JsonObject]:
    """Make the columns of a formula operation in Lens's order: the formula's own, then its parts.

    `operation` is `{operation: formula, formula, label?, format?, filter?, reduced_time_range?, time_scale?}`;
    `time_field` is the data view's, by which last_value finds the last document. An empty formula has no parts, and
    shows nothing. Raises FormulaError for a formula that Lens would call broken.
    """
    text: str = operation["formula"]
    whole = operation.get("filter")
    parts = _Parts(column_id, operation, metric_column, time_field)
    references: list[Json] = []
    if text:
        references.append(parts.add_root(read_formula(text, whole.get("language", "kql") if whole else None)))
    column: JsonObject = {"label": operation.get("label", text)}
    if "label" in operation:
        column["customLabel"] = True
    params: JsonObject = {"formula": text, "isFormulaBroken": False}
    column |= _number_column("formula", references=references, params=params)
    if "format" in operation:
        params["format"] = format_to_lens(operation["format"])
    if whole:
        column["filter"] = to_kibana_query(whole)
    if "reduced_time_range" in operation:
        column["reducedTimeRange"] = operation["reduced_time_range"]
    if "time_scale" in operation:
        column["timeScale"] = operation["time_scale"]
    return {column_id: column, **parts.columns}


def formula_from_column(column: JsonObject) -> JsonObject:
    """Read a formula back from its own column: the text says it all, its parts are made anew from it.

    Raises UnsayableError when the column says something that has no word, or a formula that does not parse.
    """
    params = column.get("params")
    text = params.get("formula", "") if isinstance(params, dict) else None
    if not isinstance(params, dict) or not isinstance(text, str):
        raise UnsayableError("a formula without a text")
    try:
        if text:
            parse_formula(text)
    except FormulaError:
        raise UnsayableError("a formula that Lens could not compute") from None
    operation: JsonObject = {"operation": "formula", "formula": text}
    if column.get("customLabel") and "label" in column:
        operation["label"] = column["label"]
    if params.get("format"):
        operation["format"] = format_from_lens(params["format"])
    if "filter" in column:
        operation["filter"] = from_kibana_query(column["filter"])
    for name, lens_name in (("reduced_time_range", "reducedTimeRange"), ("time_scale", "timeScale")):
        if lens_name in column:
            operation[name] = column[lens_name]
    return operation


def _number_column(operation_type: str, **more: Json) -> JsonObject:
    return {
        "dataType": "number",
        "operationType": operation_type,
        "isBucketed": False,
        "scale": "ratio",
        **more,
    }


class _Parts:
    """The parts of one formula while they are made; `columns` has them by id, in the order in which Lens numbers them.

    The arithmetic keeps Lens's form of the tree: nested functions whose arguments are numbers, functions, or the ids of
    parts.
    """

    def __init__(self, column_id: str, operation: JsonObject, metric_column: MetricColumn, time_field: str) -> None:
        self.columns: dict[str, JsonObject] = {}
        self._column_id = column_id
        self._text: str = operation["formula"]
        self._label = {"label": f"Part of {operation.get('label') or self._text}", "customLabel": True}
        self._filter: JsonObject | None = operation.get("filter")
        self._reduced_time_range: str | None = operation.get("reduced_time_range")
        self._metric_column = metric_column
        self._time_field = time_field
        self._ascii = self._text.isascii()

    def add_root(self, tree: Node) -> str:
        """Add all parts and return the id of the last, whose value is the formula's."""
        return self._column_of(self._math(tree))

    def _add(self, column: JsonObject) -> str:
        part_id = f"{self._column_id}X{len(self.columns)}"
        self.columns[part_id] = {**column, **self._label}
        return part_id

    def _math(self, node: Node) -> Json:
        """Return a number or a function in Lens's form, or the id of the part that was made for it."""
        if not isinstance(node, Call):
            return node
        match FUNCTIONS[node.name].kind:
            case "field":
                return self._add(self._of_field(node))
            case "metric":
                return self._add(self._of_metric(node, self._column_of(self._math(node.arguments[0]))))
            case "constant":
                return self._add({"label": CONSTANTS[node.name], **_number_column(node.name, references=[])})
        function: JsonObject = {
            "type": "function",
            "name": node.name,
            "args": [self._math(argument) for argument in node.arguments],
        }
        if node.start is not None and node.end is not None:
            function["location"] = {"min": self._place(node.start), "max": self._place(node.end)}
            function["text"] = self._text[node.start : node.end]
        return function

    def _column_of(self, value: Json) -> str:
        """Return the id of a part with this value: what arithmetic gives becomes a part of its own."""
        if isinstance(value, str):
            return value
        return self._add(_number_column("math", references=list(_part_ids(value)), params={"tinymathAst": value}))

    def _of_field(self, call: Call) -> JsonObject:
        operation: JsonObject = {"operation": call.name}
        named = self._named(call)
        for argument in call.arguments:
            if isinstance(argument, FieldName):
                operation["field"] = argument.name
        for name, value in named.items():
            if name in PROPERTIES:
                operation[PROPERTIES[name]] = value
        found = self._filter_of(call, named)
        if found is not None:
            operation["filter"] = found
        if self._reduced_time_range and "reducedTimeRange" not in named:
            operation["reduced_time_range"] = self._reduced_time_range
        if call.name == "last_value":
            operation["time_field"] = self._time_field
        column = self._metric_column(operation)
        return {**column, "params": self._params(call.name, column)}

    @staticmethod
    def _params(name: str, column: JsonObject) -> JsonObject:
        """Return the params of a function of a field, which differ a little from those of the same metric alone."""
        params: JsonObject = column.get("params", {})
        if name not in KEEPS_ITS_OWN_PARAMS:
            return {**params, "emptyAsNull": False}
        # Lens says this only where it is true, which it never is inside a formula.
        return {key: value for key, value in params.items() if key != "showArrayValues"}

    def _of_metric(self, call: Call, inner_id: str) -> JsonObject:
        column = _number_column(call.name, references=[inner_id])
        named = self._named(call)
        match call.name:
            case "counter_rate":
                column["timeScale"] = "s"
            case "moving_average":
                column["params"] = {"window": named.get("window", 5)}
            case "normalize_by_unit":
                column["params"] = {"unit": named["unit"]}
        found = self._filter_of(call, named)
        if found is not None:
            column["filter"] = to_kibana_query(found)
        if "shift" in named:
            column["timeShift"] = named["shift"]
        return column

    @staticmethod
    def _named(call: Call) -> dict[str, str | float]:
        return {argument.name: argument.value for argument in call.arguments if isinstance(argument, NamedArgument)}

    def _filter_of(self, call: Call, named: dict[str, str | float]) -> JsonObject | None:
        """Return the filter of a part: its own, that of the whole formula, or both together."""
        if "kql" not in FUNCTIONS[call.name].named:
            return None
        language = next((name for name in ("kql", "lucene") if name in named), None)
        whole = self._filter
        if language is None:
            return whole
        own = named[language]
        if whole is None:
            return {"expression": own, "language": language}
        if not own:
            return whole
        both = f"({whole['expression']}) AND ({own})" if whole["expression"] else own
        return {"expression": both, "language": language}

    def _place(self, at: int) -> int:
        """Count characters as JavaScript does: one outside the basic plane (an emoji in a filter) counts twice."""
        return at if self._ascii else at + sum(char > "\uffff" for char in self._text[:at])


def _part_ids(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for argument in value["args"]:
            yield from _part_ids(argument)
