"""Formulas: the grammar, the check, the columns that Lens makes of them, and back."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kibana_builder.charts.columns import metric_column
from kibana_builder.charts.formula import (
    FormulaError,
    check_formula,
    formula_columns,
    formula_fields,
    formula_from_column,
    parse_formula,
)
from kibana_builder.charts.formula_functions import FUNCTIONS
from kibana_builder.charts.formula_text import (
    COMPARISONS,
    MAX_DEPTH,
    MAX_LENGTH,
    MAX_OPEN,
    Call,
    FieldName,
    NamedArgument,
    Node,
    as_written,
)
from kibana_builder.charts.mapping import UnsayableError
from kibana_builder.json_tree import compact
from tests.shared_material import GOLD, SHARED, needs_shared

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "formula.yaml").read_text(encoding="utf-8"))


# ---- columns -----------------------------------------------------------------------------------------------------


def part_ids(tree: Any) -> Iterator[str]:
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, dict):
        for argument in tree["args"]:
            yield from part_ids(argument)


def expected_columns(case: dict[str, Any]) -> dict[str, Any]:
    operation = case.get("operation", {})
    common = {"dataType": "number", "isBucketed": False, "scale": "ratio"}
    own = dict(case["self"])
    params = {"formula": case["formula"], "isFormulaBroken": False}
    if "format" in own:
        params["format"] = own.pop("format")
    label = {"label": operation["label"], "customLabel": True} if "label" in operation else {"label": case["formula"]}
    columns = {"f": {**label, **common, "operationType": "formula", "params": params, **own}}
    for number, part in enumerate(case["parts"]):
        column = dict(part)
        if "math" in column:
            tree = column.pop("math")
            column |= {"operationType": "math", "references": list(part_ids(tree)), "params": {"tinymathAst": tree}}
        columns[f"fX{number}"] = {"label": f"Part of {label['label']}", "customLabel": True, **common, **column}
    return columns


def operation_of(case: dict[str, Any]) -> dict[str, Any]:
    return {"operation": "formula", "formula": case["formula"], **case.get("operation", {})}


def options_of(case: dict[str, Any]) -> dict[str, str]:
    return {"time_field": case["time_field"]} if "time_field" in case else {}


@pytest.mark.parametrize("case", CASES["columns"], ids=lambda case: case["formula"])
def test_a_formula_becomes_the_columns_that_lens_makes_of_it(case: dict[str, Any]) -> None:
    """The formula's own column stands first, its parts follow in Lens's numbering, leaf for leaf."""
    made = formula_columns("f", operation_of(case), metric_column, **options_of(case))
    assert made == expected_columns(case)
    assert list(made) == list(expected_columns(case))


@pytest.mark.parametrize("case", CASES["columns"], ids=lambda case: case["formula"])
def test_columns_become_the_formula_again(case: dict[str, Any]) -> None:
    """The way back gives the operation: the formula's own column says it all."""
    operation = operation_of(case)
    if operation.get("filter", {}).get("language") == "kql":
        operation["filter"] = {"expression": operation["filter"]["expression"]}  # the default language is left unsaid
    assert formula_from_column(expected_columns(case)["f"]) == operation


@pytest.mark.parametrize(
    "column",
    [
        {},
        {"operationType": "formula"},
        {"operationType": "formula", "params": []},
        {"operationType": "formula", "params": {"formula": 5}},
        {"operationType": "formula", "params": {"formula": "count("}},
        {"operationType": "formula", "params": {"formula": "1", "format": {"id": "url"}}},
        {"operationType": "formula", "params": {"formula": "1"}, "filter": {"esql": "FROM a"}},
    ],
)
def test_columns_that_say_no_formula_are_not_read(column: Any) -> None:
    """What is no formula of the language is said to be none."""
    with pytest.raises(UnsayableError):
        formula_from_column(column)


def test_a_broken_formula_names_the_property_it_stands_in() -> None:
    """Who builds without checking first learns the same, at the path of the formula."""
    with pytest.raises(FormulaError, match=r"unknown function 'cuont' .* \(at character 1 of the formula\)") as raised:
        formula_columns("f", {"operation": "formula", "formula": "cuont()"}, metric_column)
    assert raised.value.below("metrics", 0).finding.path == ("metrics", 0, "formula")


# ---- the grammar -------------------------------------------------------------------------------------------------


def outline(node: Node, text: str) -> Any:
    """Write a tree the way the cases do."""
    if isinstance(node, FieldName):
        return node.name
    if isinstance(node, NamedArgument):
        return {node.name: node.value}
    if isinstance(node, Call):
        place = None if node.start is None else text[node.start : node.end]
        return [node.name, place, *(outline(argument, text) for argument in node.arguments)]
    return node


@pytest.mark.parametrize(("text", "tree"), CASES["trees"], ids=lambda value: value if isinstance(value, str) else "")
def test_the_grammar_is_that_of_tinymath(text: str, tree: Any) -> None:
    """Names, values and the places of functions come out as Kibana's own parser gives them."""
    assert outline(parse_formula(text), text) == tree


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1" * (MAX_LENGTH + 1), "characters"),
        ("(" * 5_000, "brackets are open"),
        ("(" * (MAX_OPEN + 1) + "1" + ")" * (MAX_OPEN + 1), "brackets are open"),
        ("f(" * (MAX_OPEN + 1) + ")" * (MAX_OPEN + 1), "brackets are open"),
        ("+".join("1" * (MAX_DEPTH + 2)), "nested or chained"),
        ("*".join("1" * (MAX_DEPTH + 2)), "nested or chained"),
        ("9" * 400, "too large"),
    ],
    ids=lambda text: text[:12],
)
def test_a_formula_beyond_the_limits_is_refused(text: str, message: str) -> None:
    """Neither a long text nor a deep one ends in anything but a FormulaError."""
    with pytest.raises(FormulaError, match=message):
        parse_formula(text)


def test_a_formula_at_the_limits_is_computed() -> None:
    """The deepest formula that is taken goes all the way to JSON."""
    deep = "1+(" * MAX_OPEN + "1" + ")" * MAX_OPEN
    long = "+".join(["1"] * MAX_DEPTH)
    for text in (deep, long):
        columns = formula_columns("f", {"operation": "formula", "formula": text}, metric_column)
        assert compact(columns).count('"name":"add"') == text.count("+")
        assert formula_from_column(columns["f"])["formula"] == text


SIGNS = [*"()+-*/<=,' \n", '"', "==", ">=", "\\'"]
PIECES = ["'q'", '"d"', "a.b", "x-y", "1", "0.5", "-3", "1e3", "05", "é", "😀", "kql=", "window=3", "count", "count()"]
OPENED = ["sum(", "ifelse(", "differences("]
WORDS = st.sampled_from(SIGNS + PIECES + OPENED)


@given(st.one_of(st.text(), st.lists(WORDS, max_size=14).map("".join)))
@example("\ud800")
@example("'\\")
def test_any_text_is_a_formula_or_a_formula_error(text: str) -> None:
    """No text makes anything else, and the place of an error is in the text."""
    broken = None
    try:
        assert_places(parse_formula(text), text)
    except FormulaError as error:
        broken = error
        assert formula_fields(text) == []
    problem = check_formula(text)
    if problem is None:
        columns = formula_columns("f", {"operation": "formula", "formula": text}, metric_column)
        assert formula_from_column(columns["f"])["formula"] == text
        assert columns["f"]["references"] == [list(columns)[-1]]
    else:
        assert broken is None or problem == (broken.message, broken.position)
        assert 0 <= problem[1] <= len(text)


def assert_places(node: Node, text: str) -> None:
    """Check that the place of a function holds its name or symbol, and the places of its arguments."""
    if not isinstance(node, Call):
        return
    if node.start is not None and node.end is not None:
        assert node.start <= node.at < node.end <= len(text)
        assert text.startswith(node.symbol or node.name, node.at)
        for argument in node.arguments:
            if isinstance(argument, Call) and argument.start is not None and argument.end is not None:
                assert node.start <= argument.start <= argument.end <= node.end
    for argument in node.arguments:
        assert_places(argument, text)


NAMES = st.text(min_size=1).map(lambda name: name.replace("\\", "")).filter(bool)


@given(NAMES)
@example("it's")
@example("1h")
@example("-5")
def test_any_field_name_can_be_written(name: str) -> None:
    """A field's name, written for a formula, is read as that name."""
    assert formula_fields(f"sum({as_written(name)})") == [("sum", name)]


METRICS = st.sampled_from(
    ["count()", "sum(a, kql='b : 1')", "percentile(c, percentile=50)", "last_value('d e')", "2.5"]
)


def around(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from([" + ", " - ", "*", "/ "]), inner).map("".join),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"overall_max(count() + {text}) "),
        st.tuples(inner, inner).map(lambda pair: f"ifelse( {pair[0]} >= {pair[1]},{pair[0]}, 1)"),
    )


OPERATIONS = st.fixed_dictionaries(
    {"operation": st.just("formula"), "formula": st.recursive(METRICS, around, max_leaves=6)},
    optional={
        "label": st.text(),
        "format": st.sampled_from([{"type": "number"}, {"type": "bytes", "decimals": 1}]),
        "filter": st.sampled_from([{"expression": "z : 9"}, {"expression": ""}]),
        "reduced_time_range": st.just("1h"),
        "time_scale": st.sampled_from("smhd"),
    },
)


@settings(max_examples=60)
@given(OPERATIONS)
def test_there_and_back_is_the_same_operation(operation: dict[str, Any]) -> None:
    """Nothing that a formula operation says is lost on the way to Lens and back."""
    columns = formula_columns("f", operation, metric_column)
    assert formula_from_column(columns["f"]) == operation


# ---- the check ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES["broken"], ids=lambda case: case["formula"])
def test_a_mistake_is_said_at_its_place(case: dict[str, Any]) -> None:
    """One mistake gives one message, at the character where it is."""
    assert check_formula(case["formula"], case.get("filter_language")) == (case["says"], case["at"])


@pytest.mark.parametrize("case", CASES["columns"], ids=lambda case: case["formula"])
def test_a_good_formula_passes(case: dict[str, Any]) -> None:
    """What Lens computes is not complained about."""
    assert check_formula(case["formula"]) is None


@pytest.mark.parametrize(
    "text",
    [
        "count(kql='')",
        "count(lucene='a')",
        "sum(a, shift='previous')",
        "sum(a, shift='startAt(2022-11-02T00:00:00.000Z)')",
        "sum(a, shift=previous)",
        "log(2) + log(2, 10) + round(1) + round(1, 2)",
        "clamp(1, 2, 3) + pick_min(4, 5) + defaults(6, 7) + mod(8, 9)",
        "ifelse(eq(1, 2), 3, 4)",
    ],
)
def test_every_way_to_write_is_taken(text: str) -> None:
    """Optional values, comparisons as functions, every kind of time shift."""
    assert check_formula(text) is None


def test_fields_are_listed_with_their_functions() -> None:
    """Every field that a formula asks for, in the order of the text, and nothing else."""
    assert formula_fields("average(cpu_usage)") == [("average", "cpu_usage")]
    assert formula_fields("1 + count() / overall_sum(count('a b', kql='c : 1')) - unknown(d)") == [("count", "a b")]
    assert formula_fields("sum(a) + (") == []


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_its_column(name: str) -> None:
    """Each function, called as its kind asks, passes the check and is computed."""
    function = FUNCTIONS[name]
    values = {
        "field": ["a"],
        "metric": ["count()"],
        "constant": [],
        "math": ["1 < 2" if value == "condition" else "1" for value in function.values],
    }[function.kind]
    named = [f"{function.needed}='s'"] if function.needed else []
    call = f"{name}({', '.join(values + named)})"
    text = f"ifelse({call}, 1, 0)" if name in COMPARISONS.values() else call
    assert check_formula(text) is None
    columns = formula_columns("f", {"operation": "formula", "formula": text}, metric_column)
    last = columns[columns["f"]["references"][0]]
    assert last["operationType"] == ("math" if function.kind == "math" else name)


# ---- real formulas -----------------------------------------------------------------------------------------------

# Why the columns of a real formula may differ from what we make of its text: (a pattern of the leaf, the reason).
# Leaves of the formula's own column begin with `self`, those of its parts with `part`.
NAMED_LATER = "the formula was named after its parts were made: Lens does not name them again"
REASONS = [
    (r"part\.label$", NAMED_LATER),
    (r"part\.params\.emptyAsNull$", "parts that an older Kibana made do not say it"),
    (r"part\.sourceField$", "Kibana 7 called the documents' own field Records"),
    (r"part\.filter\.query$", "an older Kibana wrote the field of last_value without quotes"),
    (r"part\.dataType$", "min and max of a date: the text alone does not know the type of a field"),
    (r"(self|part)\.scale$", "the newest objects of Kibana 9 do not say it"),
]


def leaves(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(tree, dict | list) and tree:
        for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from leaves(value, (*path, key))
    else:
        yield path, tree


def formula_layers(value: Any) -> Iterator[dict[str, Any]]:
    """Find each layer's columns that hold a formula, inner JSON strings opened."""
    if isinstance(value, str) and "formula" in value and value[:1] in "{[":
        try:
            value = json.loads(value)
        except ValueError:
            return
    if isinstance(value, dict):
        columns = value.get("columns")
        if isinstance(columns, dict) and any(is_formula(column) for column in columns.values()):
            yield columns
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from formula_layers(inner)


def is_formula(column: Any) -> bool:
    return isinstance(column, dict) and column.get("operationType") == "formula"


def real_formulas() -> Iterator[tuple[str, dict[str, Any]]]:
    """Give the formulas of public projects: where each stands, and its columns with the formula's id levelled to f."""
    for path in sorted((SHARED / "corpus").rglob("*json")):
        text = path.read_text(encoding="utf-8", errors="replace")
        if '"formula' not in text or "lens-fixtures" in path.parts:
            continue  # those fixtures were written by a builder that makes no parts
        for line in [text] if path.suffix == ".json" else text.splitlines():
            try:
                document = json.loads(line)
            except ValueError:
                continue
            version = document.get("typeMigrationVersion") or (document.get("migrationVersion") or {}).get("lens", "?")
            for columns in formula_layers(document):
                for column_id in [key for key, column in columns.items() if is_formula(column)]:
                    own = re.compile(re.escape(column_id) + r"(X\d+)?")
                    kept = {key: column for key, column in columns.items() if own.fullmatch(key)}
                    levelled = json.dumps(kept).replace(f'"{column_id}', '"f')
                    yield f"{path.parent.name}/{path.name} ({version})", json.loads(levelled)


def differing_leaves(columns: dict[str, Any]) -> set[str]:
    """Compile the text of a real formula again and name the leaves in which it differs from the real columns."""
    column = columns["f"]
    # A format is not the formula's matter.
    column["params"].pop("format", None)
    operation = {"operation": "formula", "formula": column["params"]["formula"]}
    if column.get("customLabel"):
        operation["label"] = column["label"]
    if "filter" in column:
        operation["filter"] = {"expression": column["filter"]["query"]}
    if "timeScale" in column:
        operation["time_scale"] = column["timeScale"]
    made = dict(leaves(formula_columns("f", operation, metric_column)))
    real = dict(leaves(columns))
    differing = {path for path in made.keys() | real.keys() if made.get(path, "absent") != real.get(path, "absent")}
    return {".".join(["self" if path[0] == "f" else "part", *map(str, path[1:])]) for path in differing}


@needs_shared
def test_real_formulas_are_made_again() -> None:
    """Of the formulas of public projects each is made again leaf by leaf, but for the listed reasons.

    The arithmetic (trees, places, references) is the same for every one of them.
    """
    outcomes: Counter[str] = Counter()
    unexplained = {}
    for name, columns in real_formulas():
        differing = differing_leaves(columns)
        reasons = {reason for leaf in differing for pattern, reason in REASONS if re.match(pattern, leaf)}
        outcomes.update(reasons or ["exact"])
        outcomes["all"] += 1
        unknown = {leaf for leaf in differing if not any(re.match(pattern, leaf) for pattern, _ in REASONS)}
        if unknown:
            unexplained[name, columns["f"]["params"]["formula"]] = unknown
    assert unexplained == {}
    assert outcomes["all"] >= 145
    assert outcomes["exact"] / outcomes["all"] > 0.25
    assert (outcomes["exact"] + outcomes[NAMED_LATER]) / outcomes["all"] > 0.5


@needs_shared
@pytest.mark.parametrize("name", ["shape-formula-error-rate", "shape-formula-xy"])
def test_the_recorded_formulas_are_made_and_read(name: str) -> None:
    """The gold objects, which a real Kibana 8.12.2 drew, hold exactly the columns that we make and read."""
    document = json.loads((GOLD / "authored" / f"lens.{name}.json").read_text(encoding="utf-8"))
    (layer,) = document["attributes"]["state"]["datasourceStates"]["formBased"]["layers"].values()
    (column_id,) = [key for key, column in layer["columns"].items() if is_formula(column)]
    operation = formula_from_column(layer["columns"][column_id])
    assert operation == {
        "operation": "formula",
        "formula": "count(kql='error : true') / count()",
        "label": "Error rate",
        "format": {"type": "percent", "decimals": 1},
    }
    made = formula_columns(column_id, operation, metric_column)
    assert made == {key: layer["columns"][key] for key in made}
    order = layer["columnOrder"]
    assert order[order.index(column_id) :] == list(made)
