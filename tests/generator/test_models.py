"""The YAML of the models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.core import Span, batches, maker
from generator.models import load_models
from kibana_builder.errors import SpecError


def written(folder: Path, text: str) -> Path:
    path = folder / "models.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_new_model_is_a_new_entry(tmp_path: Path) -> None:
    """Everything that it does not say is as usual."""
    models = load_models(written(tmp_path, "models:\n  spam_filter: {}\n"))
    (batch,) = batches(maker("inference", models, "normal"), 50, Span(0, 86_400_000), 1)
    assert {json.loads(line)["model_name"] for line in batch.lines} == {"spam_filter"}


def test_datasets_are_those_of_kbuild_unless_the_file_has_some(tmp_path: Path) -> None:
    """So a file with models alone makes data-quality events too."""
    assert load_models(written(tmp_path, "models: {a: {}}\n")).columns == load_models().columns
    own = load_models(written(tmp_path, "models: {a: {}}\ndatasets: {orders: {columns: {total: {}}}}\n"))
    assert [(column.dataset, column.name) for column in own.columns] == [("orders", "total")]


def test_names_are_written_as_json(tmp_path: Path) -> None:
    """Quotes and letters of any script in a name break nothing."""
    models = load_models(written(tmp_path, "models:\n  'a \"b\" é\\':\n    classes: {'x\"y': 1, ж: 1}\n"))
    for batch in batches(maker("inference", models, "outage"), 50, Span(0, 86_400_000), 1):
        assert {json.loads(line)["model_name"] for line in batch.lines} == {'a "b" é\\'}
        assert batch.text().isascii()


@pytest.mark.parametrize("name", ["versions", "classes", "errors", "environments", "regions"])
def test_a_name_may_be_a_word_of_the_file(tmp_path: Path, name: str) -> None:
    """A model, a dataset or a column that is called as one of the properties is a name all the same."""
    column = f"{name}: {{columns: {{{name}: {{null_rate: 0, drift: 0}}}}}}"
    models = load_models(written(tmp_path, f"models: {{{name}: {{share: 1}}}}\ndatasets: {{{column}}}\n"))
    assert [model.name for model in models.models] == [name]
    assert [(column.dataset, column.name) for column in models.columns] == [(name, name)]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("models:\n  a:\n    share: many\n", 3, "expected a number"),
        ("models:\n  a:\n    latncy_ms: {}\n", 3, "unknown property 'latncy_ms'"),
        ("models:\n  a: {}\n  b: {share: 1.0e+300}\n", 3, "expected at most 1000000"),
        ("models: {}\n", 1, "this must not be empty"),
        ('models:\n  "": {}\n', 2, "expected a name that is not empty"),
        ("models:\n  a:\n    classes: {x: 0, y: 0}\n", 3, "one of these shares must be more than 0"),
        ("models:\n  classes:\n    classes: {x: 0}\n", 3, "one of these shares must be more than 0"),
        ("datasets: {a: {columns: {b: {}}}}\n", 1, "models"),
        ("models: [\n", 1, "the file ends in the middle"),
    ],
)
def test_a_mistake_has_its_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    """As in every YAML file of kbuild."""
    with pytest.raises(SpecError) as error:
        load_models(written(tmp_path, text))
    assert error.value.problems[0].line == line
    assert words in error.value.problems[0].message
