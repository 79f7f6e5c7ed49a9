"""Lines of a file that grows, is cut, and is replaced; lines of a pipe."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kibana_builder.errors import UsageError
from kibana_builder.monitor import lines as module
from kibana_builder.monitor.lines import File, Pipe


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "events.ndjson"
    path.write_bytes(b"one\ntwo\n")
    return path


@pytest.fixture
def file(path: Path) -> Iterator[File]:
    file = File(path)
    yield file
    file.close()


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as stream:
        stream.write(data)


def test_a_file_that_grows(path: Path, file: File) -> None:
    """Each line comes once, and only when it is whole."""
    assert file.new() == [b"one", b"two"]
    assert file.new() == []
    append(path, b"thr")
    assert file.new() == []
    append(path, b"ee\nfour\n")
    assert file.new() == [b"three", b"four"]


def test_a_file_that_is_replaced(path: Path, file: File) -> None:
    """As by a log rotation: what was written last into the old one is not lost."""
    assert len(file.new()) == 2
    append(path, b"three\nfour")
    path.rename(path.with_suffix(".1"))
    assert file.new() == [b"three"]
    path.write_bytes(b"new\n")
    assert file.new() == [b"four", b"new"]


def test_a_file_that_is_cut(path: Path, file: File) -> None:
    """It is read from its start."""
    assert len(file.new()) == 2
    path.write_bytes(b"x\n")
    assert file.new() == [b"x"]


def test_a_file_as_a_whole(path: Path) -> None:
    """A last line without a line break counts when nothing more is waited for."""
    append(path, b"three")
    file = File(path, whole=True)
    assert file.new() == [b"one", b"two", b"three"]
    file.close()


def test_of_a_large_file_the_end_is_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the first whole line on."""
    monkeypatch.setattr(module, "TAIL", 6)
    file = File(path)
    assert file.new() == [b"two"]
    file.close()


def test_what_is_no_line_is_thrown_away(path: Path, file: File, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory does not grow with it."""
    monkeypatch.setattr(module, "LONGEST_LINE", 10)
    append(path, b"x" * 11)
    file.new()
    append(path, b"y\nz\n")
    assert file.new() == [b"y", b"z"]


def test_no_file(tmp_path: Path) -> None:
    """It is said; a folder is none."""
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        File(tmp_path / "nothing")
    with pytest.raises(UsageError, match="cannot be read"):
        File(tmp_path)


def test_a_pipe() -> None:
    """Lines come without waiting; the last one counts when the pipe ends."""
    out, into = os.pipe()
    with os.fdopen(out, "rb") as stream:
        pipe = Pipe(stream)
        assert pipe.new() == []
        os.write(into, b"one\ntw")
        assert collected(pipe, 1) == [b"one"]
        assert not pipe.ended
        os.write(into, b"o")
        os.close(into)
        assert collected(pipe, 1) == [b"two"]
        while not pipe.ended:
            pipe.new()


def collected(pipe: Pipe, count: int) -> list[bytes]:
    found: list[bytes] = []
    until = time.monotonic() + 10
    while len(found) < count and time.monotonic() < until:
        found += pipe.new()
    return found
