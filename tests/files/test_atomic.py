"""A file is written whole or not at all."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from kibana_builder.errors import KbuildError
from kibana_builder.files.atomic import write_atomically


def test_a_file_is_created_and_replaced(tmp_path: Path) -> None:
    """The text is written as it is, in UTF-8 and with its own line ends; nothing else stays in the folder."""
    path = tmp_path / "a.yaml"
    write_atomically(path, "ü\r\n")
    assert path.read_bytes() == "ü\r\n".encode()
    write_atomically(path, "two\n")
    assert path.read_bytes() == b"two\n"
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_has_the_usual_permissions(tmp_path: Path) -> None:
    """A file of ours is no more private than one that an editor makes."""
    write_atomically(tmp_path / "a", "")
    (tmp_path / "b").write_text("")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


def test_an_existing_file_keeps_its_permissions(tmp_path: Path) -> None:
    """What a person set stays set."""
    path = tmp_path / "a"
    path.write_text("one")
    path.chmod(0o640)
    write_atomically(path, "two")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """What the link leads to is written."""
    (tmp_path / "real").write_text("one")
    (tmp_path / "link").symlink_to("real")
    write_atomically(tmp_path / "link", "two")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "two"


def test_a_failure_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the last step fails, the old text is there, the temporary file is not, and the error says why."""
    path = tmp_path / "a"
    path.write_text("one")

    def no_space(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", no_space)
    with pytest.raises(KbuildError, match=r"cannot write .*a: No space left on device"):
        write_atomically(path, "two")
    assert path.read_text() == "one"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """The error is one for people."""
    with pytest.raises(KbuildError, match="No such file or directory"):
        write_atomically(tmp_path / "no" / "a", "x")
