"""`kbuild init` on disk: the example under the folder's own name, and never a byte over what is there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kibana_builder.errors import KbuildError
from kibana_builder.files.example import EXAMPLE, example_files, example_folder
from kibana_builder.files.scaffold import EDITOR_FILES, Scaffold, project_name, scaffold
from tests.shared_material import REPOSITORY

SCHEMAS = {kind: json.dumps({"title": kind}) for kind in EDITOR_FILES}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_example_is_the_one_at_the_top_of_the_repository() -> None:
    """In a checkout nothing is copied: the folder of the example is the repository itself."""
    assert example_folder() == REPOSITORY
    assert {name.split("/")[0] for name in example_files()} == {pattern.split("/")[0] for pattern in EXAMPLE}
    assert "dashboards/ml-model-monitoring.yaml" in example_files()


def test_a_new_project_is_the_example_under_its_own_name(tmp_path: Path) -> None:
    """Each file of the example arrives as it is; only kbuild.yaml says the folder's name as the project's."""
    folder = tmp_path / "Team Search_2"
    result = scaffold(folder, SCHEMAS)
    assert result.project == "team-search-2"
    written = contents(folder)
    for name in example_files():
        expected = (REPOSITORY / name).read_text("utf-8")
        if name == "kbuild.yaml":
            expected = expected.replace("project: ml-monitoring", "project: team-search-2")
            assert "project: team-search-2" in expected
        assert written[name].decode() == expected
    assert set(written) == set(result.created)
    assert written[".gitignore"] == b".kbuild/\nml-logs/\n"


def test_the_editor_finds_each_schema_that_its_settings_name(tmp_path: Path) -> None:
    """Every path in yaml.schemas is a schema that was written, and every file of the project has one of them."""
    scaffold(tmp_path, SCHEMAS)
    settings = json.loads((tmp_path / ".vscode/settings.json").read_text("utf-8"))["yaml.schemas"]
    for schema, patterns in settings.items():
        assert json.loads((tmp_path / schema).read_text("utf-8"))["title"] in EDITOR_FILES
        # The example has no object of another tool.
        assert schema.endswith("saved_object.json") or any(list(tmp_path.glob(pattern)) for pattern in patterns)
    covered = {path for patterns in settings.values() for pattern in patterns for path in tmp_path.glob(pattern)}
    assert covered == set(tmp_path.glob("*.yaml")) | set(tmp_path.glob("*/*.yaml"))


def test_what_is_there_keeps_every_byte(tmp_path: Path) -> None:
    """A second run changes nothing; a file of one's own is kept and named."""
    (tmp_path / "kbuild.yaml").write_bytes(b"project: mine # \xff\n")
    (tmp_path / ".vscode").mkdir()
    (tmp_path / ".vscode/settings.json").write_bytes(b"{}")
    first = scaffold(tmp_path, SCHEMAS)
    assert first.kept == ["kbuild.yaml", ".vscode/settings.json"]
    before = contents(tmp_path)
    assert before["kbuild.yaml"] == b"project: mine # \xff\n"
    second = scaffold(tmp_path, dict.fromkeys(SCHEMAS, "changed"))
    assert second.created == second.extended == []
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"", b".kbuild/\nml-logs/\n"),
        (b"*.pyc\n", b"*.pyc\n.kbuild/\nml-logs/\n"),
        (b"*.pyc", b"*.pyc\n.kbuild/\nml-logs/\n"),
        (b"\xff.tmp\r\n/.kbuild\r\n", b"\xff.tmp\r\n/.kbuild\r\nml-logs/\n"),
    ],
)
def test_gitignore_gets_the_lines_that_it_lacks(tmp_path: Path, before: bytes, after: bytes) -> None:
    """They go to the end of the list, whatever that list's bytes and line ends are."""
    (tmp_path / ".gitignore").write_bytes(before)
    assert scaffold(tmp_path, SCHEMAS).extended == [".gitignore"]
    assert (tmp_path / ".gitignore").read_bytes() == after


@pytest.mark.parametrize("line", [b".kbuild\nml-logs", b"/.kbuild/\r\n/ml-logs\r\n", b"  .kbuild/  \nml-logs/\n"])
def test_gitignore_that_says_it_already_is_kept(tmp_path: Path, line: bytes) -> None:
    """Each way to ignore the folders counts."""
    (tmp_path / ".gitignore").write_bytes(line)
    result = scaffold(tmp_path, SCHEMAS)
    assert ".gitignore" in result.kept
    assert (tmp_path / ".gitignore").read_bytes() == line


def test_a_file_in_the_way_of_a_folder_is_an_error_for_people(tmp_path: Path) -> None:
    """The message names the place; what was written before stays."""
    (tmp_path / "visualizations").write_bytes(b"")
    with pytest.raises(KbuildError, match="visualizations: cannot be written"):
        scaffold(tmp_path, SCHEMAS)
    assert (tmp_path / "visualizations").read_bytes() == b""


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("shop", "shop"),
        ("Team Search", "team-search"),
        ("--x--", "x"),
        ("日本", "ml-monitoring"),
        ("a.b_c", "a-b-c"),
        ("Größe", "grosse"),
        ("Gro\u0308ße", "grosse"),
        ("Café №1", "cafe-no1"),
    ],
)
def test_a_folder_names_its_project(folder: str, name: str) -> None:
    """Letters, without accents, and digits stay; the rest becomes dashes; without any it is the example's name."""
    assert project_name(Path(folder)) == name


def test_the_result_says_where(tmp_path: Path) -> None:
    """A scaffold knows its folder, so that the command can say the next step."""
    assert scaffold(tmp_path / "x", SCHEMAS) == Scaffold(
        tmp_path / "x",
        "x",
        created=[
            *example_files(),
            ".vscode/settings.json",
            *(f".vscode/kbuild/{kind}.json" for kind in EDITOR_FILES),
            ".gitignore",
        ],
    )
