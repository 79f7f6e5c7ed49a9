"""From PATHS to a project, and from a context to who we are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kibana_builder.commands.options import credentials, open_project, sound_source
from kibana_builder.errors import SpecError, UsageError
from kibana_builder.files.project import Context
from tests.project_folder import METRIC, PROJECT, write_files

CONTEXT = Context("local", "http://localhost", None, None, None, None, None, None)


def test_the_project_of_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Found upwards; names are relative to where the person stands."""
    write_files(tmp_path, {"kbuild.yaml": PROJECT, "dashboards/x.yaml": ""})
    monkeypatch.chdir(tmp_path)
    assert open_project().file.name == "kbuild.yaml"
    monkeypatch.chdir(tmp_path / "dashboards")
    assert open_project(None).root == tmp_path


def test_the_project_of_the_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PATHS go before the current folder."""
    write_files(tmp_path, {"one/kbuild.yaml": PROJECT, "two/kbuild.yaml": PROJECT, "two/dashboards/x.yaml": ""})
    monkeypatch.chdir(tmp_path / "one")
    assert open_project([Path("../two/dashboards")]).root == tmp_path / "two"
    with pytest.raises(UsageError, match=r"belong to different projects: .*one/kbuild.yaml and .*two/kbuild.yaml"):
        open_project([Path(), Path("../two")])


def test_no_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what makes one."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="`kbuild init` makes a new project"):
        open_project()
    with pytest.raises(UsageError, match="no file or folder nothing"):
        open_project([Path("nothing")])


def test_a_sound_source_prints_its_warnings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Errors are raised, all of them with the warnings."""
    write_files(tmp_path, {"kbuild.yaml": PROJECT, "visualizations/a.yaml": METRIC})
    source = sound_source([tmp_path], None)
    assert [spec.name for spec in source.selected] == ["a"]
    out, err = capsys.readouterr()
    assert out == ""
    assert "[missing-template]" in err
    write_files(tmp_path, {"visualizations/b.yaml": METRIC.replace("plain", "nothing")})
    with pytest.raises(SpecError) as caught:
        sound_source([tmp_path], None)
    assert [problem.severity for problem in caught.value.problems] == ["warning", "error"]


def test_credentials_come_from_the_environment() -> None:
    """From the usual variables, or those that the context names; then only from those."""
    usual = {"KIBANA_API_KEY": "usual"}
    assert credentials(CONTEXT, {}).authorization == ""
    assert credentials(CONTEXT, usual).authorization == "ApiKey usual"
    own = replace(CONTEXT, api_key_env="MINE")
    assert credentials(own, {**usual, "MINE": "mine"}).authorization == "ApiKey mine"
    basic = replace(CONTEXT, username_env="WHO", password_env="WORD")
    assert credentials(basic, {**usual, "WHO": "a", "WORD": "b"}).authorization.startswith("Basic ")
    assert "hunter2" not in repr(credentials(basic, {"WHO": "a", "WORD": "hunter2"}))


@pytest.mark.parametrize("environment", [{}, {"MINE": ""}])
def test_a_variable_that_a_context_names_must_be_set(environment: dict[str, str]) -> None:
    """Falling back to another identity would be a surprise."""
    with pytest.raises(UsageError, match="the environment variable MINE is not set; the context 'local' names it"):
        credentials(replace(CONTEXT, api_key_env="MINE"), {**environment, "KIBANA_API_KEY": "usual"})
