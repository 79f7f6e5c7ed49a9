"""The functions of Lens formulas, and the check that a formula calls them rightly.

The check refuses what Kibana 8.12 refuses, and besides what Kibana accepts and then silently leaves out: a named
argument that the function does not know, a second value where one is taken.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from kibana_builder.charts.formula_text import (
    COMPARISONS,
    Call,
    FieldName,
    FormulaError,
    NamedArgument,
    Node,
    as_written,
    parse_formula,
)

FILTERS = {"kql": "text", "lucene": "text"}
SHIFT = {"shift": "text"}
OF_FIELDS = {**FILTERS, **SHIFT, "reducedTimeRange": "text"}
OVER_TIME = {**FILTERS, **SHIFT}


@dataclass(frozen=True, slots=True)
class Function:
    """What one function takes.

    `kind` says of what it is computed: of a field, of another function's values ("metric"), of nothing ("constant"),
    or of numbers ("math"). `named` are its named arguments and whether they are text or number, `needed` the one of
    them that it cannot do without; `values` are the names of the values that a math function takes, of which the last
    `optional` may be left out.
    """

    kind: Literal["field", "metric", "constant", "math"]
    named: dict[str, str]
    needed: str = ""
    values: tuple[str, ...] = ()
    optional: int = 0


def _math(*values: str, optional: int = 0) -> Function:
    return Function("math", {}, values=values, optional=optional)


_PAIR = _math("left", "right")

FUNCTIONS = {
    **dict.fromkeys(
        ("count", "unique_count", "sum", "average", "min", "max", "median", "standard_deviation", "last_value"),
        Function("field", OF_FIELDS),
    ),
    "percentile": Function("field", {**OF_FIELDS, "percentile": "number"}),
    "percentile_rank": Function("field", {**OF_FIELDS, "value": "number"}),
    **dict.fromkeys(("cumulative_sum", "differences", "counter_rate"), Function("metric", OVER_TIME)),
    "moving_average": Function("metric", {**OVER_TIME, "window": "number"}),
    "normalize_by_unit": Function("metric", {"unit": "text"}, needed="unit"),
    **dict.fromkeys(("overall_sum", "overall_min", "overall_max", "overall_average"), Function("metric", {})),
    **dict.fromkeys(("time_range", "interval", "now"), Function("constant", {})),
    **dict.fromkeys(("add", "subtract", "multiply", "divide", "pick_max", "pick_min", *COMPARISONS.values()), _PAIR),
    **dict.fromkeys(("abs", "cbrt", "ceil", "cube", "exp", "fix", "floor", "sqrt", "square"), _math("value")),
    "clamp": _math("value", "min", "max"),
    "defaults": _math("value", "default"),
    "ifelse": _math("condition", "left", "right"),
    "log": _math("value", "base", optional=1),
    "mod": _math("value", "base"),
    "pow": _math("value", "base"),
    "round": _math("value", "decimals", optional=1),
}

# Names that other query languages have for the same, too far from ours to be found by their letters, or too near to
# another of ours.
SAID_ELSEWHERE = {
    "avg": "average",
    "mean": "average",
    "cardinality": "unique_count",
    "coalesce": "defaults",
    "count_distinct": "unique_count",
    "derivative": "differences",
    "distinct_count": "unique_count",
    "greatest": "pick_max",
    "if": "ifelse",
    "last": "last_value",
    "least": "pick_min",
    "ln": "log",
    "power": "pow",
    "rate": "counter_rate",
    "std": "standard_deviation",
    "std_dev": "standard_deviation",
    "stddev": "standard_deviation",
    "value_count": "count",
}

_DURATION = re.compile(r"\s*[0-9]+\s*[smhdwMy]\s*")
_SHIFT = re.compile(r"\s*(?:[0-9]+\s*[smhdwMy]|previous|(?:startAt|endAt)\(.+\))\s*")
# Kibana cannot compute these for "the time range before this one".
_NOT_FOR_PREVIOUS = ("unique_count", "cumulative_sum")


def check_formula(text: str, filter_language: str | None = None) -> tuple[str, int] | None:
    """Say what is wrong with a formula, and at which character (from 0), or None when Lens can compute it.

    Whether its fields exist is not looked at: formula_fields lists them. `filter_language` is the language (kql,
    lucene) of a filter on the whole formula, with which filters inside it must agree.
    """
    try:
        read_formula(text, filter_language)
    except FormulaError as error:
        return error.message, error.position
    return None


def read_formula(text: str, filter_language: str | None = None) -> Node:
    """Parse a formula and check it (see check_formula). Raises FormulaError."""
    node = parse_formula(text)
    _check_value(node, filter_language)
    if _is_condition(node):
        raise FormulaError("a formula gives a number, not true or false: write ifelse(…, 1, 0)", _at(node))
    return node


def formula_fields(text: str) -> list[tuple[str, str]]:
    """List each function of a field with its field, in the order of the text; empty when the text does not parse.

    >>> formula_fields("sum(bytes) / unique_count('client ip')")
    [('sum', 'bytes'), ('unique_count', 'client ip')]
    """
    try:
        node = parse_formula(text)
    except FormulaError:
        return []
    found: list[tuple[str, str]] = []
    _collect_fields(node, found)
    return found


def formula_filters(text: str) -> list[str]:
    """List the KQL of each `kql=` of a formula, in the order of the text; empty when the text does not parse.

    >>> formula_filters("count(kql='error: true') / count()")
    ['error: true']
    """
    try:
        node = parse_formula(text)
    except FormulaError:
        return []
    return list(_filters(node))


def _filters(node: Node) -> Iterator[str]:
    if isinstance(node, NamedArgument) and node.name == "kql":
        yield str(node.value)
    if isinstance(node, Call):
        for argument in node.arguments:
            yield from _filters(argument)


def _collect_fields(node: Node, found: list[tuple[str, str]]) -> None:
    if not isinstance(node, Call):
        return
    function = FUNCTIONS.get(node.name)
    for argument in node.arguments:
        if function is not None and function.kind == "field" and isinstance(argument, FieldName):
            found.append((node.name, argument.name))
        _collect_fields(argument, found)


def _check_value(node: Node, filter_language: str | None) -> None:
    if isinstance(node, FieldName):
        example = f"average({as_written(node.name)})"
        raise FormulaError(f"a field alone has no value: say what to compute of it, like {example}", node.at)
    if not isinstance(node, Call):
        return
    function = FUNCTIONS.get(node.name)
    if function is None:
        raise FormulaError(_unknown(node.name), node.at)
    match function.kind:
        case "field":
            _check_of_field(node)
        case "metric":
            _check_of_metric(node, filter_language)
        case "constant":
            if node.arguments:
                raise FormulaError(f"{node.name}() takes nothing in its brackets", node.at)
        case "math":
            _check_math(node, function, filter_language)
    _check_named(node, function, filter_language)


def _unknown(name: str) -> str:
    if name.startswith("-"):
        return f"a minus sign stands only before a number: write -1 * {name.lstrip('-')}(…)"
    wanted = name.lower()
    near = [SAID_ELSEWHERE[wanted]] if wanted in SAID_ELSEWHERE else difflib.get_close_matches(wanted, FUNCTIONS, 1)
    return f"unknown function '{name}'" + (f" (did you mean '{near[0]}'?)" if near else "")


def _check_of_field(call: Call) -> None:
    values = [argument for argument in call.arguments if not isinstance(argument, NamedArgument)]
    field = f"{call.name}(cpu_usage)"
    for value in values:
        if not isinstance(value, FieldName):
            computed = f" (did you mean pick_{call.name}(…)?)" if call.name in ("min", "max") else ""
            raise FormulaError(f"{call.name}() takes the name of a field, like {field}{computed}", _at(value, call))
    if call.name == "count":
        values = values[1:]
    elif not values:
        raise FormulaError(f"{call.name}() needs a field, like {field}", call.at)
    elif values[0] is not call.arguments[0]:
        raise FormulaError(f"the field stands first in {call.name}(), before the named arguments", _at(values[0]))
    else:
        values = values[1:]
    if values:
        raise FormulaError(f"{call.name}() takes one field", _at(values[0]))


def _check_of_metric(call: Call, filter_language: str | None) -> None:
    values = [argument for argument in call.arguments if not isinstance(argument, NamedArgument)]
    first = values[0] if values else None
    if not isinstance(first, Call) or _is_condition(first):
        raise FormulaError(
            f"{call.name}() needs another function's values, like {call.name}(sum(bytes))",
            call.at if first is None else _at(first, call),
        )
    if first is not call.arguments[0]:
        raise FormulaError(f"the value stands first in {call.name}(), before the named arguments", first.at)
    if len(values) > 1:
        named = ": write window=…" if call.name == "moving_average" else ""
        raise FormulaError(f"{call.name}() takes one value{named}", _at(values[1], call))
    _check_value(first, filter_language)


def _check_math(call: Call, function: Function, filter_language: str | None) -> None:
    name = f"'{call.symbol}'" if call.symbol else f"{call.name}()"
    values = call.arguments
    least, most = len(function.values) - function.optional, len(function.values)
    for value in values:
        if isinstance(value, NamedArgument):
            raise FormulaError(f"{name} takes no {value.name}=: its values have an order and no names", value.at)
    if len(values) > most:
        raise FormulaError(f"{name} takes {_count(most)}: {', '.join(function.values)}", _at(values[most], call))
    if len(values) < least:
        instead = ", or use pick_max or pick_min" if call.name == "clamp" and len(values) == most - 1 else ""
        missing = ", ".join(function.values[len(values) : least])
        raise FormulaError(f"{name} needs {_count(least)}: {missing} is missing{instead}", call.at)
    for wanted, value in zip(function.values, values, strict=False):
        _check_value(value, filter_language)
        if (wanted == "condition") is not _is_condition(value):
            if wanted == "condition":
                raise FormulaError(f"the condition of {name} is a comparison, like a > b", _at(value, call))
            raise FormulaError(f"{name} takes numbers, not true or false", _at(value, call))


def _check_named(call: Call, function: Function, filter_language: str | None) -> None:
    said: dict[str, NamedArgument] = {}
    for argument in call.arguments:
        if not isinstance(argument, NamedArgument):
            continue
        name, at = argument.name, argument.at
        if name not in function.named:
            raise FormulaError(_unknown_named(call.name, name, function), at)
        if name in said:
            raise FormulaError(f"{name}= is said twice", at)
        said[name] = argument
        _check_type(argument, function.named[name])
        problem = _wrong_value(call.name, argument)
        if problem:
            raise FormulaError(problem, at)
    if function.needed and function.needed not in said:
        raise FormulaError(f"{call.name}() needs {function.needed}=, like {function.needed}='s'", call.at)
    if "kql" in said and "lucene" in said:
        raise FormulaError("only one of kql= and lucene= can filter", said["lucene"].at)
    for language in FILTERS:
        if language in said and said[language].value and filter_language not in (None, language):
            raise FormulaError(
                f"{language}= cannot join the filter of the whole formula, which is {filter_language}",
                said[language].at,
            )


def _unknown_named(function_name: str, name: str, function: Function) -> str:
    if not function.named:
        return f"{function_name}() takes no named arguments"
    if name == "reducedTimeRange":
        return f"{function_name}() takes no reducedTimeRange=: give it to the function inside"
    near = difflib.get_close_matches(name, function.named, 1)
    hint = f"did you mean '{near[0]}'?" if near else f"it takes {', '.join(function.named)}"
    return f"{function_name}() takes no {name}= ({hint})"


def _check_type(argument: NamedArgument, wanted: str) -> None:
    name, value = argument.name, argument.value
    if wanted == "number" and isinstance(value, str):
        raise FormulaError(f"{name}= is a number, without quotes", argument.at)
    if wanted == "text" and not isinstance(value, str):
        raise FormulaError(f"{name}= is a text: {name}='{value}'", argument.at)
    if name in FILTERS and argument.quote != "'":
        raise FormulaError(f"the query of {name}= stands in single quotes: {name}='…'", argument.at)


def _wrong_value(function_name: str, argument: NamedArgument) -> str | None:
    """Say what is wrong with the value of a named argument, or None."""
    value = argument.value
    match argument.name:
        case "shift" if not _SHIFT.fullmatch(str(value)):
            return f"shift='{value}' is no time shift: a number and one of s, m, h, d, w, M, y, like shift='1w'"
        case "shift" if function_name in _NOT_FOR_PREVIOUS and str(value).strip() == "previous":
            return f"{function_name}() cannot be shifted by 'previous': say how far, like shift='1w'"
        case "reducedTimeRange" if not _DURATION.fullmatch(str(value)):
            return f"reducedTimeRange='{value}' is no time: a number and one of s, m, h, d, w, M, y, like '1h'"
        case "unit" if value not in ("s", "m", "h", "d"):
            return f"unit='{value}' is none of s, m, h, d"
        case "window" if not (isinstance(value, int) and value > 0):
            return f"window={value} is no count of values: 1 or more"
        case "percentile" if not (isinstance(value, int | float) and 0 <= value <= 100):
            return f"percentile={value} is not between 0 and 100"
    return None


def _is_condition(node: Node) -> bool:
    return isinstance(node, Call) and node.name in COMPARISONS.values()


def _at(node: Node, around: Call | None = None) -> int:
    """Where a node stands; a number does not know, so it is its call that is pointed at."""
    if isinstance(node, FieldName | NamedArgument | Call):
        return node.at
    return around.at if around else 0


def _count(number: int) -> str:
    return "1 value" if number == 1 else f"{number} values"
