"""The stand-in for Logstash is as strict as the real one, and as strange: what its sources say, said once here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.stack import ruby
from tests.stack.logstash import Crash, Event, FilterFailed, filter_event
from tests.stack.logstash_grammar import Branch, GrammarError, Plugin, parse

TIME = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)


def filtered(config: str, data: dict[str, Any], version: str = "9") -> dict[str, Any]:
    event = Event({"@timestamp": TIME, **data})
    filter_event(parse(f"filter {{ {config} }}").sections["filter"], event, version)
    return {name: value for name, value in event.data.items() if name != "@timestamp"}


# -- The grammar


def test_a_configuration_has_sections_of_plugins_and_branches() -> None:
    """Several sections of a kind are one; a codec is a plugin inside an option."""
    config = parse("input { tcp { port => 1 codec => line { } } }\nfilter { if [a] { drop { } } }\ninput { udp { } }")
    assert [plugin.name for plugin in config.sections["input"] if isinstance(plugin, Plugin)] == ["tcp", "udp"]
    assert config.sections["input"][0].options == {"port": 1, "codec": Plugin("line", {}, 1)}  # type: ignore[union-attr]
    assert isinstance(config.sections["filter"][0], Branch)


@pytest.mark.parametrize(
    "text",
    [
        "filter { mutate { copy => { } }",
        "filter { mutate { a => 1b => 2 } }",
        'filter { mutate { copy => { "a" => "b" # no comment here\n "c" => "d" } } }',
        'filter { mutate { copy => { "a" => "b", "c" => "d" } } }',
        'filter { mutate { copy => { "a" => "b" "a" => "c" } } }',
        "filter { date { match => [a b] } }",
        "filter { mutate { } } # a comment without a line's end",
        "filters { }",
        "filter { if [a] xor [b] { } }",
    ],
)
def test_what_is_no_configuration(text: str) -> None:
    """The message says the line and the column."""
    with pytest.raises(GrammarError, match=r"^\d+:\d+: "):
        parse(text)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("[a] == 1 or [b] == 2 and [c] == 3", True),
        ("([a] == 1 or [b] == 2) and [c] == 4", False),
        ("![a] or [b] == 2", True),
        ("![nothing] and [text] =~ /^t/", True),
        ('[text] !~ "z" and [nothing] !~ /x/', True),
        ('[a] == "1"', False),
        ("[nothing] == [nobody]", True),
        ("[empty] or [no]", False),
        ("[list] =~ /t/", False),
        ("[list][1]", True),
        ("[a] < 1.5 and [a] >= 1", True),
    ],
)
def test_conditions(condition: str, expected: bool) -> None:
    """`and` binds closer than `or`; a pattern matches nothing but texts; two absent fields are equal."""
    data = {"a": 1, "b": 2, "c": 3, "text": "text", "empty": "", "no": False, "list": ["t", "u"]}
    came_out = filtered(f'if {condition} {{ mutate {{ replace => {{ "yes" => "1" }} }} }}', data)
    assert ("yes" in came_out) is expected


@pytest.mark.parametrize("value", ["1", None, True, [1], {"a": 1}])
def test_a_comparison_of_unlike_things_ends_the_pipeline(value: object) -> None:
    """An absent field too; the real one throws, or answers at random."""
    with pytest.raises(Crash):
        filtered("if [a] > 1 { drop { } }", {"a": value})


# -- Filters


def test_a_mutate_has_its_own_order() -> None:
    """rename, then replace, then convert, then copy, whatever the order in the file; add_field comes last."""
    config = """mutate {
        copy => { "b" => "c" }
        convert => { "b" => "float" }
        rename => { "a" => "b" }
        add_field => { "d" => "%{c}" }
    }"""
    assert filtered(config, {"a": "1.5"}) == {"b": 1.5, "c": 1.5, "d": "1.5"}


def test_convert_differs_between_versions() -> None:
    """Before 8.14 a word became 0.0, which would be a latency; since then it fails."""
    config = 'mutate { convert => { "a" => "float" } }'
    assert filtered(config, {"a": "fast"}, "8.3") == {"a": 0.0}
    with pytest.raises(FilterFailed):
        filtered(config, {"a": "fast"}, "9")


def test_convert_takes_lists_by_item_and_leaves_objects_and_nulls() -> None:
    """So a list of numbers becomes a list of texts, which no pattern matches."""
    config = 'mutate { convert => { "a" => "string" "b" => "string" "c" => "string" } }'
    assert filtered(config, {"a": [1, None, True], "b": {"x": 1}, "c": None}) == {
        "a": ["1", None, "true"],
        "b": {"x": 1},
        "c": None,
    }


def test_a_sprintf_keeps_what_is_absent_and_writes_maps_as_json() -> None:
    """And the day of the event's time."""
    config = 'mutate { replace => { "t" => "%{no} %{l} %{m} %{+yyyy.MM.dd} %{b}" } }'
    came_out = filtered(config, {"l": [1, "a"], "m": {"k": ["ü", 1.0]}, "b": False})
    assert came_out["t"] == '%{no} 1,a {"k":["ü",1.0]} 2026.11.24 false'


def test_the_json_filter_stops_behind_the_first_value() -> None:
    """Which is why the pipeline puts brackets around the line."""
    config = 'json { source => "s" target => "t" tag_on_failure => [] }'
    assert filtered(config, {"s": '{"a": 1} {"b": 2}'})["t"] == {"a": 1}
    assert "t" not in filtered(config, {"s": '[{"a": 1} {"b": 2}]'})


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("1764000000250", "2025-11-24T16:00:00.250Z"),
        ("2026-11-24T09:30:00", "2026-11-24T09:30:00.000Z"),
        ("2026-11-24T00:30:00.1+01:00", "2026-11-23T23:30:00.100Z"),
        ("2026-02-30T00:00:00Z", None),
        ("2026-11-24T24:00:00Z", None),
    ],
)
def test_times(text: str, moment: str | None) -> None:
    """Without an offset it is the zone of the filter, which is UTC; a day that is not there is none."""
    found = ruby.parse_date(text, ["UNIX_MS", "ISO8601"])
    assert (ruby.iso(found) if found else None) == moment


def test_numbers_as_ruby_and_java_write_them() -> None:
    """A whole float keeps its point; an exponent has a point before it."""
    values = [1, 1.0, 0.1, 1e20, 1e-05, True]
    assert [ruby.to_s(value) for value in values] == ["1", "1.0", "0.1", "1.0e+20", "1.0e-05", "true"]
    assert [ruby.java_string(value) for value in values] == ["1", "1.0", "0.1", "1.0E20", "1.0E-5", "true"]
