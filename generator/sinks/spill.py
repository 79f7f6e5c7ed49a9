"""The file that keeps bulk lines which Elasticsearch could not take yet.

It belongs to an address, private to its owner, and to one run at a time: who has it holds a lock on it, and a second
run to the same address takes a file of its own beside it (``…-2.ndjson``). It is written at the end and read from the
beginning; once all of it is acknowledged it goes, and the next one that another run left behind is taken. What a run
leaves is sent first by the next run to the same address.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from kibana_builder.errors import KbuildError

__all__ = ["Spill", "spill_path"]

FOLDER = Path(".kbuild") / "unsent"
CHUNK_BYTES = 4 * 1024 * 1024
_BINARY = getattr(os, "O_BINARY", 0)
"""Without it Windows would change line breaks."""


def spill_path(address: str) -> Path:
    """Give the first of an address's files, below the current folder."""
    return FOLDER / f"{hashlib.sha256(address.encode()).hexdigest()[:16]}.ndjson"


class Spill:
    """Pairs of lines, an action and an event, in a file; `first` is the one to take if no other run has it.

    Raises KbuildError where a file cannot be read or written.
    """

    def __init__(self, first: Path) -> None:
        self.path = self._first = first
        self._file: BinaryIO | None = None
        self._read_to = self._size = 0
        self._take_over()

    def __bool__(self) -> bool:
        """Tell whether anything is waiting in it."""
        return self._read_to < self._size

    def add(self, body: bytes) -> None:
        """Keep some pairs of lines, on the disk before this returns; of what does not fit, nothing stays."""
        try:
            if self._file is None:
                self._make()
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | _BINARY)
            with os.fdopen(handle, "ab", buffering=0) as stream:
                try:
                    written = stream.write(body)
                    while written < len(body):
                        written += stream.write(body[written:])
                    os.fsync(handle)
                except OSError:
                    stream.truncate(self._size)
                    raise
        except OSError as error:
            raise self._error(error) from None
        self._size += len(body)

    def waiting(self) -> int:
        """Count the events that are waiting in it."""
        if self._file is None:
            return 0
        self._file.seek(self._read_to)
        return sum(1 for _ in self._file) // 2

    def first(self) -> bytes:
        """Give whole pairs from the beginning of what is waiting, some megabytes at most."""
        if self._file is None:
            return b""
        self._file.seek(self._read_to)
        lines = self._file.readlines(CHUNK_BYTES)
        if len(lines) % 2:
            lines.append(self._file.readline())
        return b"".join(lines)

    def taken(self, body: bytes) -> None:
        """Take note that these first pairs are acknowledged; without any left the file goes."""
        self._read_to += len(body)
        if not self and self._file is not None:
            self._remove(self._file)
            self._take_over()

    def close(self) -> None:
        """Leave what is waiting to the next run."""
        if self._file is not None:
            self._file.close()
        self._file, self._read_to, self._size = None, 0, 0

    # ---- which file it is

    def _take_over(self) -> None:
        """Take the first file with something in it that a run left behind, and that no other run has."""
        try:
            for path in sorted(self._first.parent.glob(f"{self._first.stem}*{self._first.suffix}")):
                if (file := _opened(path, create=False)) is None:
                    continue
                self._has(path, file, _whole_pairs(file))
                if self:
                    return
                self._remove(file)
        except OSError as error:
            raise self._error(error) from None

    def _make(self) -> None:
        """Take the first file that no other run has."""
        self._first.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for number in itertools.count(1):
            path = self._first if number == 1 else self._first.with_stem(f"{self._first.stem}-{number}")
            if (file := _opened(path, create=True)) is not None:
                self._has(path, file, _whole_pairs(file))
                return

    def _has(self, path: Path, file: BinaryIO, size: int) -> None:
        self.path, self._file, self._read_to, self._size = path, file, 0, size

    def _remove(self, file: BinaryIO) -> None:
        """Remove the file while its lock is held; Windows removes none that is open."""
        if os.name == "nt":
            file.close()
        with suppress(OSError):
            self.path.unlink()
        file.close()
        self._file, self._read_to, self._size = None, 0, 0

    def _error(self, error: OSError) -> KbuildError:
        return KbuildError(f"Events that could not be sent cannot be kept in {self.path}: {error.strerror or error}")


def _opened(path: Path, *, create: bool) -> BinaryIO | None:
    """Open a file for this run alone; None when another run has it, or has just removed it."""
    try:
        handle = os.open(path, os.O_RDWR | _BINARY | (os.O_CREAT if create else 0), 0o600)
    except FileNotFoundError:
        if create:
            raise
        return None
    file = os.fdopen(handle, "rb")
    try:
        if _is_locked(file) and os.path.samestat(path.stat(), os.fstat(handle)):
            return file
    except FileNotFoundError:
        pass
    file.close()
    return None


def _is_locked(file: BinaryIO) -> bool:
    """Take the lock of a file, which goes with its closing or its process; false when another process has it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        return True  # a file system without locks: as good as it can be there
    return True


def _whole_pairs(file: BinaryIO) -> int:
    """Give the size of the whole pairs at the beginning; a process that was killed may leave a part of one behind."""
    size = 0
    while True:
        action, event = file.readline(), file.readline()
        if not event.endswith(b"\n"):
            os.ftruncate(file.fileno(), size)
            return size
        size += len(action) + len(event)
