"""The store of events: what becomes of lines of JSON, and what threads and broken lines do to it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.kql import FieldType
from kibana_builder.sandbox import events as module
from kibana_builder.sandbox.events import Events, EventsError
from tests.preview.small_events import ask, rows, table, top, why_not


@pytest.fixture
def events() -> Iterator[Events]:
    with Events() as store:
        yield store


def add(store: Events, *documents: JsonObject, index: str = "logs-1") -> int:
    return store.append(index, [json.dumps(document).encode() for document in documents])


def values(store: Events, field: str, index: str = "logs-1") -> list[Json]:
    return [row[0] for row in store.rows(f'SELECT "{field}" FROM "{index}"')]


def types(store: Events, pattern: str = "*") -> dict[str, str]:
    return {name: field.type for name, field in store.fields(pattern).items()}


def test_types_are_what_comes(events: Events) -> None:
    """Numbers, truths, dates and texts are known by themselves; a text has a `.keyword` beside it."""
    event = {"t": "2026-11-22T12:00:00.5Z", "n": 1, "x": 1.5, "ok": True, "k": "word", "id": "7c2257a0-c75f-f368-5f7d"}
    assert add(events, event) == 1
    wanted = {"t": "date", "n": "long", "x": "double", "ok": "boolean", "k": "keyword", "id": "keyword"}
    assert types(events) == wanted | {"k.keyword": "keyword", "id.keyword": "keyword"}
    assert values(events, "t") == [1_795_348_800_500]


def test_types_are_what_a_template_says() -> None:
    """Its types hold, and its fields are there before any event."""
    mapping = {"t": "date", "n": "double", "k": "keyword", "f": "float", "message": "text", "message.raw": "keyword"}
    with Events(mappings={"logs-*": mapping}) as store:
        assert types(store, "logs-*") == mapping
        assert types(store, "other-*") == {}
        add(
            store,
            {"t": 1_795_348_800_000, "n": "2", "k": 5, "f": 0.1, "message": "a"},
            {"n": "none", "t": "2026-11-22"},
        )
        assert values(store, "t") == [1_795_348_800_000, 1_795_305_600_000]
        assert values(store, "n") == [2.0, None]
        assert values(store, "k") == ["5", None]
        assert values(store, "f")[0] == pytest.approx(0.10000000149)


def test_values_that_elasticsearch_makes_are_no_values_here() -> None:
    """A panel that uses such a field says so; the others are answered, those over other indices too."""
    mapped = {"logs-*": {"t": "date", "other": "keyword", "hour": "long", "k": "keyword"}}
    made = {"logs-*": {"other": "is another name of k", "hour": "is a runtime field"}}
    count: JsonObject = {"operation": "count"}
    with Events(None, mapped, made) as store:
        store.append("logs-1", [b'{"t": 1795348800000, "k": "a"}'])
        assert rows(ask(store, table([count], [top("k")]))) == [("a", 1)]
        for chart in (
            table([count], [top("other")]),
            table([{"operation": "average", "field": "hour"}]),
            {**table([count]), "query": {"expression": "hour > 5"}},
            table([{**count, "filter": {"expression": "not other: a"}}]),
        ):
            assert "which kbuild cannot answer from its own events" in why_not(ask(store, chart))


def test_fields_that_differ_in_case_only(events: Events) -> None:
    """They are an error, for one of them would be lost; a name that looks like the second's is a name."""
    with pytest.raises(EventsError, match="the fields Host and host"):
        add(events, {"Host": "a"}, {"host": "b"})
    add(events, {"host": "a", "host_1": "b"})
    assert values(events, "host_1") == ["b"]
    with pytest.raises(EventsError, match=r"the fields host and HOST"):
        add(events, {"HOST": "c"})
    assert events.count() == 1


def test_objects_become_names_with_dots(events: Events) -> None:
    """So do objects in lists, whose values become lists; a name with a dot is the same field."""
    add(events, {"a": {"b": {"c": 1}}, "list": [{"x": 1}, {"x": 2, "y": "s"}]}, {"a.b.c": 2, "list": {"x": 3}})
    assert sorted(values(events, "a.b.c")) == [1, 2]
    assert sorted(map(str, values(events, "list.x"))) in (["[1, 2]", "[3]"], ["['1', '2']", "['3']"])


def test_a_field_of_several_types_is_text(events: Events) -> None:
    """In one call, and in one after the other; whole numbers and others are numbers."""
    add(events, {"mixed": 1, "n": 1}, {"mixed": "word", "n": 2.5})
    assert sorted(values(events, "mixed")) == ["1", "word"]
    assert types(events)["n"] == "double"
    add(events, {"later": 1, "wider": 1})
    add(events, {"later": "word", "wider": 1.5})
    assert sorted(filter(None, values(events, "later"))) == ["1", "word"]
    assert types(events)["wider"] == "double"


def test_one_value_and_several(events: Events) -> None:
    """A field that has several values in any event is a list in all of them."""
    add(events, {"tags": "a"}, {"tags": ["b", "c"]}, {"tags": []}, {"other": 1})
    assert sorted(map(str, values(events, "tags"))) == ["None", "['a']", "['b', 'c']", "[]"]
    add(events, {"n": 1})
    add(events, {"n": [2, 3]})
    assert sorted(str(value) for value in values(events, "n") if value) == ["[1]", "[2, 3]"]


def test_nothing_is_no_field(events: Events) -> None:
    """null, an empty object and an empty line say nothing."""
    assert events.append("logs-1", [b'{"a": 1, "b": null, "c": {}}', b"", b"  \n"]) == 1
    assert set(types(events)) == {"a"}


def test_nested_objects_stay_whole() -> None:
    """A field that is `nested` keeps its objects, one or several, for queries that want one and the same."""
    with Events(mappings={"logs-*": {"items": "nested", "items.n": "long"}}) as store:
        add(store, {"items": [{"n": 1}, {"n": 2}]}, {"items": {"n": 3}})
        assert [json.loads(one) for row in values(store, "items") for one in row] == [{"n": 1}, {"n": 2}, {"n": 3}]
        assert store.fields("logs-*")["items.n"] == FieldType("long", "items")


def test_patterns_name_indices(events: Events) -> None:
    """A pattern may have stars, several parts, and parts that take some out again."""
    for index in ("logs-1", "logs-2", "metrics-1"):
        add(events, {"a": 1}, index=index)
    assert events.indices() == ["logs-1", "logs-2", "metrics-1"]
    assert [table.name for table in events.tables("logs-*")] == ["logs-1", "logs-2"]
    assert [table.name for table in events.tables("logs-*,metrics-1,-logs-2")] == ["logs-1", "metrics-1"]
    assert events.tables("log?-1") == []
    assert events.count("logs-*") == 2
    events.delete("logs-2")
    assert events.count() == 2


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([b'{"a": 1}', b"nonsense"], "line 2 of the events is no JSON"),
        ([b'{"a": 1}', b"", b"[1]"], "line 3 of the events is no JSON object"),
        ([b"5"], "line 1 of the events is no JSON object"),
        ([b'{"a": 1', b'"b": 2}'], "line 1 of the events is no JSON"),
        ([b'{"a": "\xff"}'], "line 1 of the events is no JSON"),
        ([b'{"a": 1} {"a": 2}'], "line 1 of the events is no JSON"),
    ],
)
def test_a_broken_line_is_named(lines: list[bytes], words: str, events: Events) -> None:
    """Nothing of such a call is added."""
    with pytest.raises(EventsError) as caught:
        events.append("logs-1", lines)
    assert str(caught.value) == words
    assert events.count() == 0


def test_hostile_names_are_names(events: Events) -> None:
    """Quotes, semicolons and brackets in names of fields and indices are nothing but letters."""
    index, field = 'a"; DROP TABLE x; --', "b'\"); --"
    add(events, {field: 1, "in'ner": {'x"y': "v"}}, index=index)
    assert events.indices() == [index]
    assert {field, "in'ner.x\"y"} <= set(types(events))
    assert events.count() == 1


def test_events_outlive_the_store(tmp_path: Path) -> None:
    """On disk they are there again, with their types, and more can be added."""
    with Events(tmp_path / "events.duckdb", {"logs-*": {"k": "keyword"}}) as store:
        add(store, {"t": "2026-11-22", "k": "a", "tags": ["x"]})
    with Events(tmp_path / "events.duckdb") as store:
        add(store, {"t": "2026-11-23", "k": "b", "tags": "y"})
        assert types(store)["t"] == "date"
        assert sorted(map(str, values(store, "tags"))) == ["['x']", "['y']"]
    assert [path.name for path in tmp_path.iterdir()] == ["events.duckdb"]


def test_no_database_is_an_error_in_words(tmp_path: Path) -> None:
    """A file that is something else is not overwritten."""
    path = tmp_path / "events.duckdb"
    path.write_text("something else")
    with pytest.raises(EventsError, match="cannot be opened"):
        Events(path)
    assert path.read_text() == "something else"


def test_a_large_file_is_taken_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, events: Events) -> None:
    """Parts end at ends of lines, fields may come late, and a broken line has its number in the whole file."""
    monkeypatch.setattr(module, "PART", 100)
    path = tmp_path / "events.ndjson"
    documents = [{"n": number, **({"late": "x"} if number > 90 else {})} for number in range(100)]
    path.write_text("\n".join(map(json.dumps, documents)))
    assert events.load("logs-1", path) == 100
    assert sorted(values(events, "n")) == list(range(100))
    assert values(events, "late").count("x") == 9
    path.write_text("\n".join([*map(json.dumps, documents[:70]), "nonsense"]))
    with pytest.raises(EventsError, match="line 71 of the events is no JSON"):
        events.load("logs-2", path)
    with pytest.raises(EventsError, match="No such file"):
        events.load("logs-1", tmp_path / "nothing.ndjson")


def test_threads_append_and_read_at_once(events: Events) -> None:
    """Every event is counted once, whatever fields the threads bring."""
    add(events, {"n": 0})
    failures: list[Exception] = []

    def work(number: int) -> None:
        try:
            for turn in range(5):
                add(events, {"n": number, f"own{number}": turn})
                assert events.count() > 0
        except Exception as error:  # noqa: BLE001 - a thread's failure is the test's
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert events.count() == 21
