"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from kibana_builder.errors import KbuildError

__all__ = ["write_atomically"]


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that whoever reads it sees the old text or the new one, never a part.

    The text goes into a temporary file in the same folder, which then takes the place of the other. An existing
    file keeps its permissions; where `path` is a link, the file that it leads to is replaced, not the link. Raises
    KbuildError when the file cannot be written; then nothing is left behind.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        try:
            temporary.write_bytes(text.encode("utf-8"))
            if target.exists():
                temporary.chmod(target.stat().st_mode & 0o7777)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise KbuildError(f"cannot write {path}: {error.strerror or error}") from None
