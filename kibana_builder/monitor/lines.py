"""Lines as they come: of a file that grows, as `tail -F` follows it, or of a pipe."""

from __future__ import annotations

import os
import queue
import threading
from pathlib import Path
from typing import BinaryIO, Protocol

from kibana_builder.errors import UsageError
from kibana_builder.files.places import look_at

__all__ = ["File", "Lines", "Pipe"]

TAIL = 32 * 1024 * 1024
"""Of a file that is there already, so many bytes at its end are read: more than a minute of a fast stream."""
LONGEST_LINE = 16 * 1024 * 1024
"""What goes on for longer without a line break is no line, and is thrown away."""


_MOST_READS = 1024
"""A pipe hands out 64 KB at a time; with so many waiting, whoever writes into it waits."""


class Lines(Protocol):
    """Where lines come from."""

    def new(self) -> list[bytes]:
        """Give the lines that have come since the last time; never waits."""

    @property
    def ended(self) -> bool:
        """Whether no more can come."""

    def close(self) -> None: ...


class _Parts:
    """Puts lines together that come in parts."""

    def __init__(self) -> None:
        self._rest = b""

    def lines(self, data: bytes) -> list[bytes]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST_LINE:
            self._rest = b""
        return lines

    def last(self) -> list[bytes]:
        """Give what stands behind the last line break."""
        rest, self._rest = self._rest, b""
        return [rest] if rest else []


class File:
    """A file, followed by its name: one that takes its place, or that is cut, is read from its start.

    `whole`: it does not grow any more, so a last line without a line break counts.
    Raises UsageError when it cannot be read.
    """

    def __init__(self, path: Path, *, whole: bool = False) -> None:
        self.path = path
        self._whole = whole
        self._parts = _Parts()
        if look_at(path).kind == "other":  # as /dev/zero is, which never ends
            raise UsageError(f"{path} cannot be read: it is no file")
        try:
            self._file: BinaryIO = path.open("rb")
            size = path.stat().st_size
        except OSError as error:
            raise UsageError(f"{path} cannot be read: {error.strerror}") from None
        if size > TAIL:
            self._file.seek(size - TAIL)
            self._file.readline()  # the rest of a line

    @property
    def ended(self) -> bool:
        return False

    def new(self) -> list[bytes]:
        if self._is_cut():
            self._file.seek(0)
            self._parts.last()
        lines = self._parts.lines(self._file.read())
        if self._is_replaced():
            lines += self._parts.last()
            self._file.close()
            self._file = self.path.open("rb")
            lines += self._parts.lines(self._file.read())
        return lines + (self._parts.last() if self._whole else [])

    def close(self) -> None:
        self._file.close()

    def _is_cut(self) -> bool:
        return os.fstat(self._file.fileno()).st_size < self._file.tell()

    def _is_replaced(self) -> bool:
        """Tell whether another file has taken the name; while none has, the old one is followed."""
        try:
            return not os.path.samestat(self.path.stat(), os.fstat(self._file.fileno()))
        except OSError:
            return False


class Pipe:
    """A stream such as stdin, read by a thread of its own: reading one waits, and the screen must not.

    `owned`: it is closed with this.
    """

    def __init__(self, stream: BinaryIO, *, owned: bool = False) -> None:
        self._stream, self._owned = stream, owned
        self._parts = _Parts()
        self._data: queue.Queue[bytes] = queue.Queue(maxsize=_MOST_READS)
        self._ended = False
        threading.Thread(target=self._read, args=(stream.fileno(),), daemon=True).start()

    @property
    def ended(self) -> bool:
        return self._ended

    def new(self) -> list[bytes]:
        # What comes meanwhile is for the next time: a fast stream would never let go.
        return [line for _ in range(self._data.qsize()) for line in self._next()]

    def _next(self) -> list[bytes]:
        data = self._data.get()
        self._ended = not data
        return self._parts.lines(data) if data else self._parts.last()

    def close(self) -> None:
        """Close the stream if it is ours; a thread that still reads ends with the program."""
        if self._owned:
            self._stream.close()

    def _read(self, descriptor: int) -> None:
        while True:
            try:
                data = os.read(descriptor, 1 << 20)
            except OSError:
                data = b""
            self._data.put(data)
            if not data:
                return
