"""The file that keeps bulk lines which Elasticsearch could not take yet.

One file for each address, private to its owner. It is written at the end and read from the beginning; once all of it
is acknowledged it goes. What a run leaves in it is sent first by the next run to the same address.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

__all__ = ["Spill", "spill_path"]

FOLDER = Path(".kbuild") / "unsent"
CHUNK_BYTES = 4 * 1024 * 1024


def spill_path(address: str) -> Path:
    """Give the file of an address, below the current folder."""
    return FOLDER / f"{hashlib.sha256(address.encode()).hexdigest()[:16]}.ndjson"


class Spill:
    """Pairs of lines, an action and an event, in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.read_to = 0
        self.size = path.stat().st_size if path.exists() else 0

    def __bool__(self) -> bool:
        """Tell whether anything is waiting in it."""
        return self.read_to < self.size

    def add(self, body: bytes) -> None:
        """Keep some pairs of lines, on the disk before this returns."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(handle, "ab") as stream:
            stream.write(body)
            stream.flush()
            os.fsync(stream.fileno())
        self.size += len(body)

    def waiting(self) -> int:
        """Count the events that are waiting in it."""
        with self.path.open("rb") as stream:
            stream.seek(self.read_to)
            return sum(1 for _ in stream) // 2

    def first(self) -> bytes:
        """Give whole pairs from the beginning of what is waiting, some megabytes at most."""
        with self.path.open("rb") as stream:
            stream.seek(self.read_to)
            lines = stream.readlines(CHUNK_BYTES)
            if len(lines) % 2:
                lines.append(stream.readline())
            return b"".join(lines)

    def taken(self, body: bytes) -> None:
        """Take note that these first pairs are acknowledged; without any left the file goes."""
        self.read_to += len(body)
        if not self:
            self.path.unlink(missing_ok=True)
            self.read_to = self.size = 0
