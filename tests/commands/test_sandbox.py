"""`kbuild sandbox`: where it keeps its objects, and what it says when it cannot start."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import requests

from kibana_builder.commands.sandbox import default_folder
from tests.commands.processes import run, started

TAG = b'{"type":"tag","id":"t","attributes":{"name":"a tag","description":"","color":"#000000"}}'


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
    with started("sandbox", "--port", "0", folder=tmp_path) as url:
        import_tag(url)
    with started("sandbox", "--port", "0", folder=tmp_path / "below") as url:
        assert has_tag(url)
    assert (tmp_path / ".kbuild" / "sandbox" / "objects.sqlite").is_file()


def test_in_memory_keeps_nothing(tmp_path: Path) -> None:
    """With --in-memory no file is written."""
    with started("sandbox", "--port", "0", "--in-memory", folder=tmp_path) as url:
        import_tag(url)
        assert has_tag(url)
    assert list(tmp_path.iterdir()) == []


def test_port_in_use(tmp_path: Path) -> None:
    """A taken port ends the command with one line that names the option."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        result = run("sandbox", "--port", port, "--in-memory", folder=tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"Error: port {port} is in use: choose another one with --port\n"


def test_no_port(tmp_path: Path) -> None:
    """A number that is no port is wrong usage."""
    result = run("sandbox", "--port", "70000", "--in-memory", folder=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: 70000 is no port")


def test_folder_and_memory_exclude_each_other(tmp_path: Path) -> None:
    """Both options at once are wrong usage."""
    result = run("sandbox", "--folder", "x", "--in-memory", folder=tmp_path)
    assert result.returncode == 2
    assert "--folder and --in-memory exclude each other" in result.stderr


def test_folder_that_cannot_be_used(tmp_path: Path) -> None:
    """A file where the folder should be is an error that names it, and so is a file that is no store."""
    (tmp_path / "file").write_text("")
    result = run("sandbox", "--port", "0", "--folder", "file", folder=tmp_path)
    assert result.returncode == 1
    assert "the sandbox cannot keep its objects in file" in result.stderr
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "objects.sqlite").write_text("no database, but some text that is long enough" * 30)
    result = run("sandbox", "--port", "0", "--folder", "folder", folder=tmp_path)
    assert result.returncode == 1
    assert "objects.sqlite cannot be used" in result.stderr
    assert "Traceback" not in result.stderr


def test_without_the_extra(tmp_path: Path) -> None:
    """Without its packages the command says how to install them."""
    code = (
        "import sys; sys.modules['uvicorn'] = None\n"
        "from kibana_builder.commands import run; sys.exit(run(['sandbox', '--in-memory']))"
    )
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert result.returncode == 1
    assert 'pip install ".[sandbox]" in a clone of kbuild' in result.stderr


def test_a_new_project_says_what_the_demo_needs(tmp_path: Path) -> None:
    """`kbuild init` does not recommend what cannot work yet without saying so."""
    code = (
        "import sys; sys.modules['uvicorn'] = None\n"
        "from kibana_builder.commands import run; sys.exit(run(['init', 'shop']))"
    )
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0
    assert (
        'kbuild demo        # look at it in a sandbox; needs pip install ".[sandbox]" in a clone of kbuild'
        in result.stderr
    )


def test_default_folder_without_a_project(tmp_path: Path) -> None:
    """Outside a project the objects are kept below the current folder."""
    assert default_folder(tmp_path) == tmp_path / ".kbuild" / "sandbox"
