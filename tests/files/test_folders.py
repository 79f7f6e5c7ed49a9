"""Which YAML files belong to a folder."""

from __future__ import annotations

from pathlib import Path

from kibana_builder.files.folders import yaml_files


def test_hidden_and_foreign_files_are_left_out(tmp_path: Path) -> None:
    """Files come in the order of their names; what is hidden, no YAML, or another project's is not among them."""
    for name in (
        "b.yaml",
        "a.yml",
        "c.json",
        ".hidden.yaml",
        "kbuild.yaml",
        "sub/z.yaml",
        "sub/deep/y.yaml",
        ".git/x.yaml",
        "other/kbuild.yaml",
        "other/w.yaml",
        "other/dashboards/v.yaml",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    (tmp_path / "sub" / "loop").symlink_to(tmp_path)
    found = [path.relative_to(tmp_path).as_posix() for path in yaml_files(tmp_path) if isinstance(path, Path)]
    assert found == ["a.yml", "b.yaml", "sub/z.yaml", "sub/deep/y.yaml"]


def test_a_folder_that_cannot_be_read_is_given(tmp_path: Path) -> None:
    """It is not passed over in silence."""
    (error,) = yaml_files(tmp_path / "missing")
    assert isinstance(error, OSError)
