"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from kibana_builder.errors import KbuildError

__all__ = ["write_atomically"]


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that whoever reads it sees the old text or the new one, never a part.

    The text goes into a temporary file in the same folder, and onto the disk, before that file takes the place of the
    other: not even a power cut leaves a part. An existing file keeps its permissions; where `path` is a link, the file
    that it leads to is replaced, not the link. Raises KbuildError when the file cannot be written; then nothing is
    left behind.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        try:
            temporary.unlink(missing_ok=True)  # of a process of the same number that was killed
            with open(temporary, "xb", opener=_open_new) as stream:
                stream.write(text.encode("utf-8"))
                stream.flush()
                os.fsync(stream.fileno())
            if target.exists():
                temporary.chmod(target.stat().st_mode & 0o7777)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except FileNotFoundError:
        raise KbuildError(f"cannot write {path}: there is no folder {path.parent}") from None
    except OSError as error:
        raise KbuildError(f"cannot write {path}: {error.strerror or error}") from None


def _open_new(path: str, flags: int) -> int:
    """Open a file that is new (mode "x"), and not at the end of a link that somebody laid there."""
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o666)
