"""Commands that stay in the foreground, as a person runs them: a process of its own, ended with Ctrl-C."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.interruptible import start


@contextmanager
def started(*arguments: str, folder: Path) -> Iterator[str]:
    """Run kbuild in a folder and give the first line of its stdout, which is an address.

    At the end Ctrl-C must end it with success, without another line on stdout and without a traceback.
    """
    process = start(arguments, folder)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out) == (0, "")
        assert "Traceback" not in err
    finally:
        process.kill()
        process.communicate()


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run kbuild in a folder to its end."""
    command = [sys.executable, "-m", "kibana_builder", *arguments]
    return subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True, timeout=60)
