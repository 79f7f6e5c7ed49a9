"""What lies at a path is told for every path that a person can write, never with an OSError."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kibana_builder.commands import run
from kibana_builder.errors import SpecError
from kibana_builder.files.places import look_at
from kibana_builder.files.project import load_project
from kibana_builder.files.source import load_source
from tests.project_folder import METRIC, PROJECT, write_files

LONG = "n" * 300
TOO_LONG = "it cannot be reached: File name too long"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_files(tmp_path, {"kbuild.yaml": PROJECT, "visualizations/a.yaml": METRIC})
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def locked(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder that nobody may enter; root, as whom tests may run, enters every real one."""
    folder = project / "locked"
    folder.mkdir()
    stat = Path.stat

    def refusing(self: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        if folder in self.absolute().parents:
            raise PermissionError(13, "Permission denied", str(self))
        return stat(self, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(Path, "stat", refusing)
    return folder


def test_what_lies_at_a_path(project: Path) -> None:
    """A file, a folder, something else, or nothing with the reason."""
    os.mkfifo(project / "pipe")
    (project / "loop").symlink_to("loop")
    assert [look_at(project / name).kind for name in ("kbuild.yaml", ".", "pipe")] == ["file", "folder", "other"]
    for name in ("gone", "kbuild.yaml/below"):
        assert look_at(project / name) == ("nothing", "there is no such file or folder", True)
    assert look_at(project / LONG) == ("nothing", TOO_LONG, False)
    assert look_at(Path("a\0b")) == ("nothing", "no file can have this name", False)
    assert "symbolic links" in look_at(project / "loop").why


@pytest.mark.parametrize("path", [LONG, f"visualizations/{LONG}.yaml"])
def test_a_name_that_is_too_long(project: Path, path: str, capsys: pytest.CaptureFixture[str]) -> None:
    """As one of PATHS, in a project or outside of any, it is an error in words."""
    assert run(["validate", path]) == 2
    assert capsys.readouterr().err == f"Error: {path}: {TOO_LONG}\n"
    (project / "kbuild.yaml").unlink()
    assert run(["validate", path]) == 2
    assert capsys.readouterr().err == f"Error: {path}: {TOO_LONG}\n"
    assert run(["verify-roundtrip", path]) == 2


def test_a_folder_that_nobody_may_enter(locked: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is in it cannot be named, and a project is not looked for in vain."""
    assert run(["validate", "locked/a.yaml"]) == 2
    assert capsys.readouterr().err == "Error: locked/a.yaml: it cannot be reached: Permission denied\n"
    (locked.parent / "kbuild.yaml").unlink()
    assert run(["validate", "locked"]) == 2
    assert capsys.readouterr().err == "Error: locked/kbuild.yaml: it cannot be reached: Permission denied\n"


@pytest.mark.parametrize(
    ("entry", "words"), [(LONG, TOO_LONG), ('"a\\0b"', "no file can have this name"), ("x", "there is no such folder")]
)
def test_a_strange_entry_of_paths(project: Path, entry: str, words: str) -> None:
    """It is a finding at its place, which says why nothing is read there."""
    write_files(project, {"kbuild.yaml": f"{PROJECT}paths: [{entry}]\n"})
    (problem,) = load_source(load_project(project / "kbuild.yaml")).problems
    assert (problem.rule, problem.message, problem.line) == ("missing-folder", words, PROJECT.count("\n") + 1)


@pytest.mark.parametrize(
    ("ca_file", "words", "hint"),
    [
        ("~nosuch-user/ca.pem", "there is no such file", "there is no home folder ~nosuch-user"),
        (f"{LONG}.pem", TOO_LONG, ""),
        ("a\\0b", "no file can have this name", ""),
        ("visualizations", "this is no file", ""),
        ("gone.pem", "there is no such file", ""),
    ],
)
def test_a_strange_ca_file(project: Path, ca_file: str, words: str, hint: str) -> None:
    """It is a finding of the context that is used, and none of those who only validate."""
    entry = f'  local: {{kibana: "http://localhost:5601", ca_file: "{ca_file}"}}\n'
    write_files(project, {"kbuild.yaml": PROJECT[: PROJECT.index("  local:")] + entry})
    loaded = load_project(project / "kbuild.yaml")
    assert load_source(loaded).problems == []
    with pytest.raises(SpecError) as caught:
        loaded.context(None, {})
    (problem,) = caught.value.problems
    assert (problem.rule, problem.message, problem.hint) == ("missing-file", words, hint)


def test_the_home_folder_of_a_ca_file(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ~ that there is stands for it."""
    monkeypatch.setenv("HOME", str(project))
    entry = '  local: {kibana: "http://localhost:5601", ca_file: "~/kbuild.yaml"}\n'
    write_files(project, {"kbuild.yaml": PROJECT[: PROJECT.index("  local:")] + entry})
    assert load_project(project / "kbuild.yaml").context(None, {}).ca_file == project / "kbuild.yaml"
