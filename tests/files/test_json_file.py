"""JSON files of a person: read strictly, mistakes with their place."""

from __future__ import annotations

from pathlib import Path

import pytest

from kibana_builder.errors import SpecError
from kibana_builder.files.json_file import read_json_object
from kibana_builder.problem import Problem


def problem(path: Path) -> Problem:
    with pytest.raises(SpecError) as caught:
        read_json_object(path, "x.json")
    (found,) = caught.value.problems
    return found


def test_an_object_is_read(tmp_path: Path) -> None:
    """As it stands."""
    path = tmp_path / "x.json"
    path.write_text('{"ä": [1, 2.0, null, {"b": true}]}', "utf-8")
    assert read_json_object(path, "x.json") == {"ä": [1, 2.0, None, {"b": True}]}


@pytest.mark.parametrize(
    ("text", "rule", "place", "words"),
    [
        ('{\n  "a": 1,\n  "b" 2\n}', "json-syntax", (3, 7), "expecting ':' delimiter"),
        ('{\n  "a": 1,\n}', "json-syntax", (3, 1), "expecting property name"),
        ("", "json-syntax", (1, 1), "expecting value"),
        ("\n  [1]\n", "json-syntax", (2, 3), "this should be a JSON object"),
        ('{"a": NaN}', "json-syntax", (1, 1), "NaN is no JSON"),
        ('{"a": 1,\n "b": {"c": 1,\n "c": 2}}', "duplicate-key", (3, 2), "the key 'c' stands twice"),
        ("[" * 100_000, "json-syntax", (1, 1), "nested too deeply"),
    ],
)
def test_a_mistake_has_its_place(tmp_path: Path, text: str, rule: str, place: tuple[int, int], words: str) -> None:
    """Line and column, as editors count."""
    path = tmp_path / "x.json"
    path.write_text(text, "utf-8")
    found = problem(path)
    assert (found.file, found.rule, (found.line, found.column)) == ("x.json", rule, place)
    assert words in found.message


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    """A folder, nothing at all, another encoding."""
    assert problem(tmp_path).rule == "unreadable-file"
    assert "no such file" in problem(tmp_path / "nothing.json").message
    path = tmp_path / "x.json"
    path.write_bytes(b'{"a": "\xff"}')
    assert problem(path).rule == "not-utf-8"
