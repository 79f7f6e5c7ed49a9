"""`kbuild init` gives a project that works at once, and says what it did."""

from __future__ import annotations

from pathlib import Path

import pytest

from kibana_builder.commands import run
from kibana_builder.files.scaffold import EDITOR_FILES
from tests.shared_material import REPOSITORY


def test_a_new_project_is_valid_and_builds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From nothing to NDJSON without touching a file."""
    monkeypatch.chdir(tmp_path)
    assert run(["init", "shop"]) == 0
    said = capsys.readouterr()
    assert "wrote kbuild.yaml" in said.out.splitlines()
    assert "wrote dashboards/ (4 files)" in said.out.splitlines()
    assert "The project is called shop. Next:\n  cd shop\n" in said.err
    monkeypatch.chdir(tmp_path / "shop")
    assert run(["validate"]) == 0
    assert capsys.readouterr().out == ""
    assert run(["build", "-o", "shop.ndjson"]) == 0
    assert '"id":"shop-ml-model-monitoring"' in (tmp_path / "shop/shop.ndjson").read_text("utf-8")


def test_with_the_stack_it_writes_that_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each of its files as it is, the hidden one too; without the option there is none, and it can come later."""
    monkeypatch.chdir(tmp_path)
    assert run(["init"]) == 0
    assert not (tmp_path / "stack").exists()
    capsys.readouterr()
    assert run(["init", "--with-stack"]) == 0
    said = capsys.readouterr()
    assert "wrote stack/logstash/pipeline/ (1 file)" in said.out.splitlines()
    assert "kbuild stack up" in said.err
    source = REPOSITORY / "stack"
    files = sorted(path.relative_to(source) for path in source.rglob("*") if path.is_file())
    assert Path(".env") in files
    assert sorted(path.relative_to("stack") for path in Path("stack").rglob("*") if path.is_file()) == files
    assert all((tmp_path / "stack" / name).read_bytes() == (source / name).read_bytes() for name in files)


def test_a_second_run_changes_nothing_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without DIR it is about the folder that one stands in; each file that is kept is named."""
    monkeypatch.chdir(tmp_path)
    assert run(["init"]) == 0
    assert "cd " not in capsys.readouterr().err
    assert run(["init"]) == 0
    said = capsys.readouterr()
    assert {line.split()[0] for line in said.out.splitlines()} == {"kept"}
    assert "kept dashboards/ml-training.yaml" in said.out.splitlines()
    assert said.err == "Everything is there already; nothing was changed.\n"


@pytest.mark.parametrize("kind", EDITOR_FILES)
def test_the_editor_gets_the_schema_that_the_command_prints(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """After an upgrade, `kbuild schema KIND` writes the same file anew."""
    assert run(["init", str(tmp_path)]) == 0
    capsys.readouterr()
    assert run(["schema", kind]) == 0
    assert capsys.readouterr().out == (tmp_path / f".vscode/kbuild/{kind}.json").read_text("utf-8")


def test_a_file_in_the_way_is_an_error_without_a_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The folder is a file."""
    (tmp_path / "taken").write_text("", "utf-8")
    assert run(["init", str(tmp_path / "taken")]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("Error: ")
    assert "taken" in said.err
