"""Files that keep bulk lines which Elasticsearch did not take: what waits for it, and what it refused.

Both are private to their owner, lie below the current folder, and hold pairs of lines, an action and an event, as the
bulk API takes them.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from collections import deque
from pathlib import Path
from typing import IO

from kibana_builder.errors import KbuildError

__all__ = ["Refusals", "Spill", "count_of", "pairs_of", "spill_path"]

WAITING, REFUSED = Path(".kbuild") / "unsent", Path(".kbuild") / "refused"
CHUNK_BYTES = 4 * 1024 * 1024
MOST_BYTES = 1024**3
"""So much a run keeps at most, about two million events; then who makes the events waits."""
MOST_REFUSED_BYTES = 16 * 1024 * 1024
"""A mapping that does not fit refuses everything; the first thousands of events say all there is to say."""
ACTION = b'{"index":'
_BINARY = getattr(os, "O_BINARY", 0)
"""Without it Windows would change line breaks."""


def spill_path(address: str, number: int = 1) -> Path:
    """Give the file of an address, below the current folder; several runs at once have one each, by number."""
    name = hashlib.sha256(address.encode()).hexdigest()[:16]
    return WAITING / (f"{name}.ndjson" if number == 1 else f"{name}-{number}.ndjson")


def pairs_of(body: bytes) -> list[bytes]:
    """Give the pairs of a bulk body, each with its line breaks."""
    lines = body.splitlines(keepends=True)
    return [action + event for action, event in zip(lines[::2], lines[1::2], strict=True)]


def count_of(body: bytes) -> int:
    """Give how many events there are in a bulk body."""
    return body.count(b"\n") // 2


class Spill:
    """What waits for an address, written at the end and taken from the beginning.

    A run has its files for itself. It takes over what former runs left, and a file goes once all of it was taken.
    Raises KbuildError where a file cannot be read or written.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        first = spill_path(address)
        found = (_taken_over(path) for path in sorted(WAITING.glob(f"{first.stem}*.ndjson")))
        self.files = deque(file for file in found if file is not None)

    def __bool__(self) -> bool:
        """Tell whether anything is waiting."""
        return bool(self.files)

    @property
    def is_full(self) -> bool:
        return sum(file.size - file.read_to for file in self.files) >= MOST_BYTES

    @property
    def paths(self) -> list[Path]:
        return [file.path for file in self.files]

    def add(self, body: bytes) -> None:
        """Keep some pairs, on the disk before this returns; all of them or, when it raises, none."""
        made = None if self.files else _made(self.address)
        try:
            (made or self.files[-1]).add(body)
        except KbuildError:
            if made is not None:
                made.remove()
            raise
        if made is not None:
            self.files.append(made)

    def waiting(self) -> int:
        """Count the events that are waiting."""
        return sum(file.events for file in self.files)

    def first(self) -> bytes:
        """Give whole pairs from the beginning of what is waiting, some megabytes at most."""
        return self.files[0].first()

    def taken(self, body: bytes) -> None:
        """Take note that these first pairs need no longer be kept."""
        self.files[0].taken(body)
        if not self.files[0].events:
            self.files.popleft().remove()

    def close(self) -> None:
        """Leave what is waiting to the next run."""
        for file in self.files:
            file.stream.close()


class _File:
    """A file of pairs that is this run's alone while it is open."""

    def __init__(self, path: Path, stream: IO[bytes]) -> None:
        self.path, self.stream = path, stream
        self.read_to = self.size = self.events = 0

    def measure(self) -> None:
        """Count what is in it. A pair that a run broke off writing is cut away: it counted as not kept."""
        position = 0
        self.stream.seek(0)
        for number, line in enumerate(self.stream):
            position += len(line)
            if not line.endswith(b"\n"):
                break
            if number % 2 == 0 and not line.startswith(ACTION):
                raise KbuildError(
                    f"{self.path}:{number + 1}: this is no action of a bulk. The file is kbuild's own, for events that "
                    "could not be sent; move it away, or repair it"
                )
            if number % 2:
                self.size, self.events = position, self.events + 1
        os.ftruncate(self.stream.fileno(), self.size)

    def add(self, body: bytes) -> None:
        try:
            # Not over the stream that reads: what a full disk did not take would stay in its buffer.
            with os.fdopen(os.open(self.path, os.O_WRONLY | os.O_APPEND | _BINARY), "ab", buffering=0) as stream:
                rest = memoryview(body)
                while rest:
                    rest = rest[stream.write(rest) :]
                os.fsync(stream.fileno())
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self.stream.fileno(), self.size)
            raise _cannot("kept in", self.path, error) from None
        self.size += len(body)
        self.events += count_of(body)

    def first(self) -> bytes:
        self.stream.seek(self.read_to)
        lines = self.stream.readlines(CHUNK_BYTES)
        if len(lines) % 2:
            lines.append(self.stream.readline())
        return b"".join(lines)

    def taken(self, body: bytes) -> None:
        self.read_to += len(body)
        self.events -= count_of(body)

    def remove(self) -> None:
        """Delete it, while it is still ours: another run could take it over in between."""
        try:
            self.path.unlink()
        except OSError:  # Windows deletes no open file, and none that another run opened meanwhile
            self.stream.close()
            with contextlib.suppress(OSError):
                self.path.unlink()
        self.stream.close()


def _made(address: str) -> _File:
    """Make a file of our own, of the first name that is free."""
    number = 1
    try:
        WAITING.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise _cannot("kept in", WAITING, error) from None
    while True:
        path = spill_path(address, number)
        try:
            stream = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY, 0o600), "rb")
        except FileExistsError:
            number += 1
            continue
        except OSError as error:
            raise _cannot("kept in", path, error) from None
        if _is_ours(stream):
            return _File(path, stream)
        stream.close()


def _taken_over(path: Path) -> _File | None:
    """Take over a file that a run left, or None where another run has it."""
    try:
        stream = os.fdopen(os.open(path, os.O_RDWR | _BINARY), "rb")
    except FileNotFoundError:
        return None  # the run that had it is done with it
    except OSError as error:
        raise _cannot("read from", path, error) from None
    if not _is_ours(stream):
        stream.close()
        return None
    file = _File(path, stream)
    try:
        file.measure()
    except (OSError, KbuildError) as error:
        stream.close()
        raise _cannot("read from", path, error) if isinstance(error, OSError) else error from None
    if file.events:
        return file
    file.remove()
    return None


_LOCKED_BYTE = 2**40
"""Behind any end: Windows lets nobody read a byte that is locked."""


def _is_ours(stream: IO[bytes]) -> bool:
    """Lock a file for this run, which the system undoes at its end; false where another run has it, or deleted it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            stream.seek(_LOCKED_BYTE)
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:
        pass  # a file system without locks
    return os.fstat(stream.fileno()).st_nlink > 0


class Refusals:
    """The events that Elasticsearch refused for good, in a file, to be looked at, and sent again by hand.

    Those beyond MOST_REFUSED_BYTES are not kept, nor any where it cannot be written: they are counted all the same.
    """

    def __init__(self, address: str) -> None:
        self.path = REFUSED / spill_path(address).name
        self.kept = 0

    def add(self, pairs: list[bytes]) -> None:
        """Keep some pairs."""
        with contextlib.suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | _BINARY, 0o600), "ab") as stream:
                if stream.tell() < MOST_REFUSED_BYTES:
                    stream.write(b"".join(pairs))
                    stream.flush()
                    self.kept += len(pairs)


def _cannot(done: str, path: Path, error: OSError) -> KbuildError:
    return KbuildError(f"Events cannot be {done} {path}: {error.strerror or error}")
