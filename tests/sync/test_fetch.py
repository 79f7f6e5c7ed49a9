"""Which objects an export is about, out of a space and out of a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kibana_builder.errors import KbuildError
from kibana_builder.kibana.http import Kibana
from kibana_builder.kibana.saved_objects import MOST_BYTES, import_objects
from kibana_builder.saved.ids import Key, key_of
from kibana_builder.saved.versions import saved_object
from kibana_builder.sync.fetch import Wish, chosen, fetch, fetch_project, read_export
from tests.sync.project import dashboard, lens, shop, tag

OTHERS = [lens("x", "Errors"), dashboard("y", "Other", "x", tags=["ops"]), tag("ops"), tag("unused")]
OVERVIEW = {
    *(("dashboard", "shop-overview"), ("lens", "shop-latency"), ("lens", "shop-errors")),
    *(("index-pattern", "shop-orders"), ("tag", "tag-ml")),
}
OTHER = {("dashboard", "y"), ("lens", "x"), ("index-pattern", "shop-orders"), ("tag", "tag-ops")}


@pytest.fixture
def kibana(sandbox_url: str):
    with Kibana(sandbox_url) as client:
        assert not import_objects(client, [*shop(), *OTHERS]).problems
        yield client


WISHES = [
    (Wish(["Overview"]), OVERVIEW),
    (Wish(["shop-overview"]), OVERVIEW),
    (Wish(["y", "Overview"]), OVERVIEW | OTHER),
    (Wish(tag="ops"), OTHER),
    (Wish(tag="ml", types=["lens"]), {("lens", "shop-latency"), ("index-pattern", "shop-orders"), ("tag", "tag-ml")}),
    (Wish(types=["index-pattern"]), {("index-pattern", "shop-orders")}),
    (Wish(), OVERVIEW | OTHER | {("tag", "tag-unused")}),
]
MISTAKES = [
    (Wish(["Overvew"]), "nothing named 'Overvew' (did you mean 'Overview'?)"),
    (Wish(["Errors"]), "'Errors' may mean several objects"),
    (Wish(tag="op"), "no tag 'op' (did you mean 'ops'?)"),
]


def keys(items) -> set[Key]:
    return {key_of(item) for item in items}


@pytest.mark.parametrize(("wish", "expected"), WISHES)
def test_wishes(kibana: Kibana, wish: Wish, expected: set[Key]) -> None:
    """What is wished for comes with all that it refers to; from a file just the same."""
    assert keys(fetch(kibana, wish)) == expected
    assert keys(chosen([*shop(), *OTHERS], wish, "export.ndjson")) == expected


@pytest.mark.parametrize(("wish", "words"), MISTAKES)
def test_mistakes(kibana: Kibana, wish: Wish, words: str) -> None:
    with pytest.raises(KbuildError) as raised:
        fetch(kibana, wish)
    assert words in str(raised.value)
    with pytest.raises(KbuildError) as raised:
        chosen([*shop(), *OTHERS], wish, "export.ndjson")
    assert words in str(raised.value)


@pytest.mark.parametrize("wish", [Wish(), Wish(tag="ml")])
def test_more_than_kibana_gives_at_once(kibana: Kibana, wish: Wish, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each type is asked for by itself, also on a Kibana that has not all of them; what they refer to comes along."""
    many = [lens(f"many-{n}", f"Many {n}", tags=["ml"]) for n in range(5)]
    assert not import_objects(
        kibana, [dashboard("all", "All", *(item["id"] for item in many), tags=["ml"]), *many]
    ).problems
    before = keys(fetch(kibana, wish))
    monkeypatch.setattr("kibana_builder.sandbox.export_objects.MOST_OBJECTS", len(before) - 1)
    found = fetch(kibana, wish)
    assert keys(found) == before
    assert len(found) == len(before)


def test_names_of_files(kibana: Kibana) -> None:
    """A file's name stands for its object."""
    assert keys(fetch(kibana, Wish(["main"]), {"main": [("dashboard", "y")]})) == OTHER


def test_of_one_title_the_dashboard_is_meant(kibana: Kibana) -> None:
    import_objects(kibana, [lens("z", "Overview")])
    assert keys(fetch(kibana, Wish(["Overview"]))) == OVERVIEW


def test_what_a_project_has_in_the_space(kibana: Kibana) -> None:
    """What is not there is no mistake."""
    assert keys(fetch_project(kibana, [("dashboard", "y"), ("lens", "gone")])) == OTHER
    assert fetch_project(kibana, []) == []


def test_a_circle_of_references() -> None:
    first, second = dashboard("a", "A"), dashboard("b", "B")
    first["references"] = second["references"] = [
        {"type": "dashboard", "id": ident, "name": ident} for ident in ("a", "b", "absent")
    ]
    assert keys(chosen([first, second], Wish(["a"]), "")) == {("dashboard", "a"), ("dashboard", "b")}


# ------------------------------------------------------------------------------------------- files


def read(tmp_path: Path, data: bytes) -> tuple[list[str], list[str]]:
    path = tmp_path / "export.ndjson"
    path.write_bytes(data)
    objects, problems = read_export(path, "export.ndjson")
    return [item["id"] for item in objects], [f"{problem.line}: {problem.message}" for problem in problems]


def test_the_good_lines_of_a_broken_file(tmp_path: Path) -> None:
    """Each line that is no object is a finding with its number; the others are read."""
    good = json.dumps(saved_object("search", "s", {})).encode()
    deep = b"[" * 100_000
    lines = [b"\xef\xbb\xbf" + good, b"", b"{", b"\xff", b"5", b"{}", deep, b'{"exportedCount": 1}', good]
    objects, problems = read(tmp_path, b"\r\n".join(lines))
    assert objects == ["s", "s"]
    assert [problem.partition(":")[0] for problem in problems] == ["3", "4", "5", "6", "7"]
    assert problems[1] == "4: line 4 is not UTF-8"


def test_a_line_that_is_too_long(tmp_path: Path) -> None:
    """It is not even read; what comes after it is."""
    good = json.dumps(saved_object("search", "s", {})).encode()
    objects, problems = read(tmp_path, b'{"a": "' + b"x" * (2 * MOST_BYTES + 10) + b'"}\n' + good)
    assert objects == ["s"]
    assert problems == [f"1: line 1 is longer than the {MOST_BYTES:,} bytes that Kibana takes at once"]


def test_files_of_no_use(tmp_path: Path) -> None:
    assert read(tmp_path, b"") == ([], [])
    assert read(tmp_path, b"<html>") == ([], ["1: line 1 is no JSON: Expecting value"])
    with pytest.raises(KbuildError, match=r"cannot read absent\.ndjson: No such file"):
        read_export(tmp_path / "absent.ndjson", "absent.ndjson")
    with pytest.raises(KbuildError, match="cannot read folder"):
        read_export(tmp_path, "folder")
