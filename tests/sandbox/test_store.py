"""The store: all or nothing, kept on disk, the same for all threads."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from kibana_builder.errors import KbuildError
from kibana_builder.sandbox.store import FILE_NAME, SavedObject, Store
from tests.sandbox.conftest import Api, tag

ONE = SavedObject("tag", "one", "default", {"name": "ü", "\ud800": [1.5, None]}, [], False, "8.8.0", "8.0.0")


def test_kept_on_disk(tmp_path: Path) -> None:
    """What was written is there when the folder is opened again, to the last lone surrogate."""
    with closing(Store(tmp_path / "new" / "folder")) as store:
        (written,) = store.write([ONE])
        store.add_space({"id": "s", "name": "S"})
    with closing(Store(tmp_path / "new" / "folder")) as store:
        assert store.get("default", "tag", "one") == written
        assert store.spaces() == [{"id": "s", "name": "S"}]
        assert store.write([ONE])[0].number > written.number


def test_a_transaction_is_all_or_nothing() -> None:
    """An error in the middle takes back what was done before it, and what comes after works."""
    with closing(Store()) as store:
        with pytest.raises(TypeError), store.transaction():
            store.write([ONE, replace(ONE, attributes={"x": object()})])
        assert store.get("default", "tag", "one") is None
        with store.transaction():
            store.write([ONE])
        assert store.get("default", "tag", "one") is not None


def test_a_killed_process_leaves_nothing_half_done(tmp_path: Path) -> None:
    """A process that dies inside a transaction has written nothing."""
    code = f"""
import os, pathlib
from kibana_builder.sandbox.store import Store
from tests.sandbox.test_store import ONE
store = Store(pathlib.Path({str(tmp_path)!r}))
store.write([ONE])
with store.transaction():
    store.write([ONE.__class__(**{{**{{name: getattr(ONE, name) for name in ONE.__slots__}}, "id": "two"}})])
    os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 9
    with closing(Store(tmp_path)) as store:
        assert [each.id for each in store.all_of(None, ["tag"])] == ["one"]


def test_one_time_for_one_write() -> None:
    """All objects of a write have one time; an object that has a creation time keeps it."""
    times = iter(["t1", "t2"])
    with closing(Store(clock=lambda: next(times))) as store:
        first, second = store.write([ONE, replace(ONE, id="two")])
        (again,) = store.write([first])
    assert (first.created_at, first.updated_at, second.updated_at) == ("t1", "t1", "t1")
    assert (again.created_at, again.updated_at) == ("t1", "t2")


def test_more_keys_than_a_statement_takes() -> None:
    """Thousands of ids are looked up at once."""
    with closing(Store()) as store:
        store.write(replace(ONE, id=str(i), origin=f"o{i}") for i in range(2500))
        keys = [("tag", str(i)) for i in range(3000)]
        assert len(store.get_many("default", keys)) == len(store.spaces_of(keys)) == 2500
        assert store.get_many("other", keys) == {}
        origins = store.of_origin("default", [("tag", f"o{i}") for i in range(2500)])
        assert all(len(each) == 1 for each in origins.values())


@pytest.mark.parametrize("content", [b"no database at all" * 100, None])
def test_a_file_that_is_no_store(tmp_path: Path, content: bytes | None) -> None:
    """A file of something else, or of another version, is an error that names it."""
    file = tmp_path / FILE_NAME
    if content is None:
        with closing(sqlite3.connect(file)) as database:
            database.execute("PRAGMA user_version = 99")
    else:
        file.write_bytes(content)
    with pytest.raises(KbuildError, match=FILE_NAME):
        Store(tmp_path)


def test_twenty_imports_at_once(api: Api) -> None:
    """The same file imported twenty times at the same time leaves one set of objects."""
    other = api.in_space("new")
    with ThreadPoolExecutor(20) as pool:
        answers = list(
            pool.map(lambda _: other.upload(*(tag(f"t{i}") for i in range(10)), query="?overwrite=true"), range(20))
        )
    assert all(answer.json()["success"] for answer in answers)
    assert other.ids("tag") == {f"t{i}" for i in range(10)}
    assert len(api.store.all_of(None, ["tag"])) == 10
