"""What the machine refuses becomes words at the border of the commands."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
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


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("args", ["schema dashboard", "--help", "--version"])
def test_a_reader_who_went_away_is_no_error(tmp_path: Path, args: str, unbuffered: str) -> None:
    """`| head` ends a command without a word, whether its words are already on their way or wait in a buffer."""
    for streams in ({"stdout"}, {"stdout", "stderr"}):
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run(
            [sys.executable, "-m", "kibana_builder", *args.split()],
            cwd=tmp_path,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
            stdout=writing,
            stderr=writing if "stderr" in streams else subprocess.PIPE,
            timeout=60,
            check=False,
        )
        os.close(writing)
        assert (done.returncode, done.stderr or b"") == (1, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_a_disk_that_is_full_is_said_once(tmp_path: Path) -> None:
    """Also where the words wait in a buffer until the end."""
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "kibana_builder", "schema", "dashboard"]
        environment = {**os.environ, "PYTHONUNBUFFERED": ""}
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, stdout=full, stderr=subprocess.PIPE, timeout=60, check=False
        )
    assert (done.returncode, done.stderr) == (1, b"Error: No space left on device\n")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a shell that closes streams")
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("command", ["schema dashboard", "validate", "--version"])
def test_streams_that_are_closed(tmp_path: Path, command: str, closed: str) -> None:
    """They are no reason for a traceback: nobody reads what goes there."""
    (tmp_path / "kbuild.yaml").write_text("project: shop\n", "utf-8")
    line = f"'{sys.executable}' -m kibana_builder {command} {closed}"
    done = subprocess.run(["sh", "-c", line], cwd=tmp_path, capture_output=True, timeout=60, check=False)
    unread = "<&- >&-" in closed or closed == ">&-"
    assert done.returncode == (1 if unread and command != "validate" else 0)  # which writes to stderr only
    assert b"Traceback" not in done.stderr
    assert (done.stdout != b"") == (not unread and command != "validate")
