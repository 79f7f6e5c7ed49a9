"""`kbuild sandbox` as a person runs it: a process of its own, ended with Ctrl-C."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from kibana_builder.commands.sandbox import default_folder

TAG = b'{"type":"tag","id":"t","attributes":{"name":"a tag","description":"","color":"#000000"}}'
COMMAND = [sys.executable, "-m", "kibana_builder", "sandbox"]


@contextmanager
def started(*options: str, folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the command, read its address, and see that Ctrl-C ends it without a word."""
    process = subprocess.Popen(
        [*COMMAND, *options], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        url = process.stdout.readline().strip()
        yield process, url
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        assert process.returncode == 0
        assert out == ""
        assert "Traceback" not in err
    finally:
        process.kill()
        process.wait()


def has_tag(url: str) -> bool:
    return requests.get(f"{url}/api/saved_objects/tag/t", timeout=10).status_code == 200


def import_tag(url: str) -> None:
    answer = requests.post(
        f"{url}/api/saved_objects/_import",
        files={"file": ("t.ndjson", TAG)},
        headers={"kbn-xsrf": "true"},
        timeout=10,
    )
    assert answer.json()["success"]


def test_keeps_its_objects_in_the_project(tmp_path: Path) -> None:
    """The address is the only line on stdout; a second start from a subfolder finds what the first one kept."""
    (tmp_path / "kbuild.yaml").write_text("project: p\n")
    (tmp_path / "below").mkdir()
    with started("--port", "0", folder=tmp_path) as (_, url):
        import_tag(url)
    with started("--port", "0", folder=tmp_path / "below") as (_, url):
        assert has_tag(url)
    assert (tmp_path / ".kbuild" / "sandbox" / "objects.sqlite").is_file()


def test_in_memory_keeps_nothing(tmp_path: Path) -> None:
    """With --in-memory no file is written."""
    with started("--port", "0", "--in-memory", folder=tmp_path) as (_, url):
        import_tag(url)
        assert has_tag(url)
    assert list(tmp_path.iterdir()) == []


def run(*options: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *options], check=False, cwd=folder, capture_output=True, text=True, timeout=60)


def test_port_in_use(tmp_path: Path) -> None:
    """A taken port ends the command with one line that names the option."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        result = run("--port", port, "--in-memory", folder=tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"Error: port {port} is in use: choose another one with --port\n"


def test_folder_and_memory_exclude_each_other(tmp_path: Path) -> None:
    """Both options at once are wrong usage."""
    result = run("--folder", "x", "--in-memory", folder=tmp_path)
    assert result.returncode == 2
    assert "--folder and --in-memory exclude each other" in result.stderr


def test_folder_that_cannot_be_used(tmp_path: Path) -> None:
    """A file where the folder should be is an error that names it, and so is a file that is no store."""
    (tmp_path / "file").write_text("")
    result = run("--port", "0", "--folder", "file", folder=tmp_path)
    assert result.returncode == 1
    assert "the sandbox cannot keep its objects in file" in result.stderr
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "objects.sqlite").write_text("no database, but some text that is long enough" * 30)
    result = run("--port", "0", "--folder", "folder", folder=tmp_path)
    assert result.returncode == 1
    assert "objects.sqlite cannot be used" in result.stderr
    assert "Traceback" not in result.stderr


def test_without_the_extra(tmp_path: Path) -> None:
    """Without its packages the command says how to install them."""
    code = (
        "import sys; sys.modules['uvicorn'] = None\n"
        "from kibana_builder.commands import run; sys.exit(run(['sandbox', '--in-memory']))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], check=False, cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 1
    assert "pip install 'kibana-builder[sandbox]'" in result.stderr


def test_default_folder_without_a_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside a project the objects are kept below the current folder."""
    monkeypatch.chdir(tmp_path)
    assert default_folder(Path.cwd()) == tmp_path / ".kbuild" / "sandbox"
