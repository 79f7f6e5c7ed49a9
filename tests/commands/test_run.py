"""What the machine refuses becomes words at the border of the commands."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from kibana_builder.commands import run, validate


@pytest.mark.parametrize("command", [("validate",), ("init",), ("sandbox", "--port", "0"), ("plan",)])
def test_a_current_folder_that_is_gone(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every command says so, and what to do."""
    folder = tmp_path / "gone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    folder.rmdir()
    assert run(command) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "Error: the current folder is not there any more; change to another one\n"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
        (PermissionError(errno.EACCES, "Permission denied", "a.yaml"), "Permission denied (a.yaml)"),
        (PermissionError(errno.EACCES, "Permission denied", os.fsencode("a")), "Permission denied (a)"),
        (OSError("strange"), "strange"),
        (OSError(), "OSError"),
    ],
)
def test_what_the_machine_refuses(
    error: OSError, words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An OSError that nobody foresaw is still no traceback."""

    def refused(*_: object) -> None:
        raise error

    monkeypatch.setattr(validate, "open_project", refused)
    assert run(["validate"]) == 1
    assert capsys.readouterr().err == f"Error: {words}\n"


def test_a_reader_who_went_away_is_no_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`| head` ends a command without a word."""

    def refused(*_: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(validate, "open_project", refused)
    monkeypatch.setattr("sys.stdout", None)
    assert run(["validate"]) == 1
    assert capsys.readouterr().err == ""
