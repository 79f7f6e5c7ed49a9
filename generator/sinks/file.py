"""Events into a file or to stdout."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from generator.batch import Batch
from generator.sinks import Report
from kibana_builder.errors import KbuildError

__all__ = ["FileSink", "StandardOutput"]


class FileSink:
    """Writes events into a file, line by line; a run that is broken off leaves whole lines.

    The file is written anew, or with `append` added to. Raises KbuildError where it cannot be written.
    """

    def __init__(self, path: Path, *, append: bool = False) -> None:
        self.path = path
        self.report = Report()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.stream = path.open("ab" if append else "wb", buffering=0)
            self.regular = stat.S_ISREG(os.fstat(self.stream.fileno()).st_mode)
            """A pipe and a device have no place to go back to."""
        except (OSError, ValueError) as error:
            raise self._error(error) from None

    def send(self, batch: Batch) -> None:
        text = batch.text()
        whole = self.stream.tell() if self.regular else None
        try:
            written = self.stream.write(text)
            while written < len(text):
                written += self.stream.write(text[written:])
        except BaseException as error:
            if whole is not None:
                self.stream.truncate(whole)  # a line that was begun goes away again
            if isinstance(error, OSError):
                raise self._error(error) from None
            raise
        self.report.sent += len(batch)

    def close(self) -> Report:
        self.stream.close()
        return self.report

    def _error(self, error: Exception) -> KbuildError:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        return KbuildError(f"Events cannot be written to {self.path}: {why}")


class StandardOutput:
    """Writes events to stdout; whoever reads them may stop doing so (BrokenPipeError).

    Raises KbuildError where it takes no more.
    """

    def __init__(self) -> None:
        self.report = Report()

    def send(self, batch: Batch) -> None:
        try:
            sys.stdout.buffer.write(batch.text())
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise KbuildError(f"Events cannot be written to stdout: {error.strerror or error}") from None
        self.report.sent += len(batch)

    def close(self) -> Report:
        return self.report
