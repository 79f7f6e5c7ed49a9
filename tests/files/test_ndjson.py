"""NDJSON is written as Kibana exports it, and read with the line of each thing that is no saved object."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibana_builder.errors import SpecError
from kibana_builder.files.ndjson import read_ndjson, scan_ndjson, write_ndjson
from kibana_builder.json_tree import JsonObject
from kibana_builder.problem import Problem
from tests.shared_material import GOLD, needs_shared

ONE: JsonObject = {"id": "a", "type": "tag", "attributes": {"name": "ü\u2028", "color": "#fff"}, "references": []}
TWO: JsonObject = {"type": "tag", "id": "b", "attributes": {}}


def test_a_line_is_compact_with_sorted_keys() -> None:
    """Keys are sorted at every level, non-ASCII stays, lines are joined, and none ends the file."""
    assert write_ndjson([TWO, ONE]) == (
        '{"attributes":{},"id":"b","type":"tag"}\n'
        '{"attributes":{"color":"#fff","name":"ü\u2028"},"id":"a","references":[],"type":"tag"}'
    )
    assert write_ndjson([]) == ""


def test_half_a_surrogate_pair_stays_an_escape() -> None:
    """Kibana's JSON may hold what UTF-8 cannot: it is written so that it can be read again."""
    text = write_ndjson([{"a": "\ud800é"}])
    assert text == '{"a":"\\ud800é"}'
    assert json.loads(text.encode()) == {"a": "\ud800é"}


def test_blank_lines_and_summaries_are_skipped() -> None:
    """An export ends with a summary; files joined by hand have blank lines and carriage returns."""
    text = f'\ufeff{json.dumps(ONE)}\r\n\n  \n{json.dumps(TWO)}\n{{"exportedCount":2,"missingRefCount":0}}\n'
    assert read_ndjson(text, "a.ndjson") == [ONE, TWO]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line 2 is no JSON"),
        ('{"a": NaN}', "line 2 holds a number"),
        ("[" * 100_000, "line 2 holds"),
        ("5", "line 2 is no saved object, only a value"),
        ("{}", "line 2 is no saved object: it has no type"),
        ('{"type": "tag"}', "line 2 is no saved object: it has no id"),
        ('{"type": "tag", "id": 5, "attributes": {}}', "line 2 is no saved object: it has no id"),
        ('{"type": "tag", "id": "a"}', "line 2 is no saved object: it has no attributes"),
        ('{"type": "tag", "id": "a", "attributes": {}, "references": {}}', "line 2 is no saved object: its references"),
    ],
)
def test_a_line_that_is_no_saved_object_names_itself(line: str, message: str) -> None:
    """The problem stands on the line; the good ones around it can still be had."""
    text = f"{json.dumps(ONE)}\n{line}\n{json.dumps(TWO)}"
    with pytest.raises(SpecError) as caught:
        read_ndjson(text, "a.ndjson")
    (problem,) = caught.value.problems
    assert problem.message.startswith(message)
    assert (problem.file, problem.line, problem.rule) == ("a.ndjson", 2, "ndjson-line")
    assert [found for found in scan_ndjson(text, "a.ndjson") if not isinstance(found, Problem)] == [ONE, TWO]


def test_every_bad_line_is_reported() -> None:
    """One run shows all of them."""
    with pytest.raises(SpecError) as caught:
        read_ndjson("{}\n{}\n", "a.ndjson")
    assert [problem.line for problem in caught.value.problems] == [1, 2]


@given(st.text())
def test_any_text_gives_objects_or_problems(text: str) -> None:
    """No text makes a traceback."""
    for found in scan_ndjson(text, "a.ndjson"):
        assert isinstance(found, (Problem, dict))


@needs_shared
def test_what_kibana_exported_is_written_to_the_byte() -> None:
    """Reading Kibana's export and writing it again gives its bytes, but for the summary."""
    text = (GOLD / "exported.ndjson").read_text("utf-8")
    objects, _, summary = text.rstrip("\n").rpartition("\n")
    assert "exportedCount" in summary
    assert write_ndjson(read_ndjson(text, "exported.ndjson")) == objects
