"""A file is written whole or not at all."""

from __future__ import annotations

import os
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
    with pytest.raises(KbuildError, match=r"cannot write .*a: there is no folder .*no$"):
        write_atomically(tmp_path / "no" / "a", "x")


def test_the_text_is_on_the_disk_before_it_takes_the_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a power cut a file must not be there under its name and empty."""
    path, synced = tmp_path / "a", []
    sync, replace = os.fsync, Path.replace

    def noted(descriptor: int) -> None:
        synced.append(os.fstat(descriptor).st_size)
        sync(descriptor)

    def checked(self: Path, target: Path) -> Path:
        assert synced == [3]
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(Path, "replace", checked)
    write_atomically(path, "two")
    assert path.read_text() == "two"


def test_a_link_in_the_place_of_the_temporary_file_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What another person's link leads to stays as it is, also when it is laid at the last moment."""
    victim, link = tmp_path / "victim", tmp_path / f".a.{os.getpid()}.tmp"
    victim.write_text("mine")
    link.symlink_to(victim)
    write_atomically(tmp_path / "a", "new")
    assert ((tmp_path / "a").read_text(), victim.read_text()) == ("new", "mine")
    link.symlink_to(victim)
    monkeypatch.setattr(Path, "unlink", lambda self, missing_ok=False: None)
    with pytest.raises(KbuildError, match="File exists"):
        write_atomically(tmp_path / "a", "newer")
    assert ((tmp_path / "a").read_text(), victim.read_text()) == ("new", "mine")
