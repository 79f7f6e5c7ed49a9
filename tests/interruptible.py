"""Start a process that Ctrl-C can end, whatever the shell that runs the tests has done with that signal."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


def start(arguments: Sequence[str], folder: Path) -> subprocess.Popen[str]:
    """Run kbuild in a folder with its output in pipes.

    A shell without job control starts what it puts into the background with SIGINT ignored, and a child inherits that;
    what runs here gets the signal's own meaning back.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "kibana_builder", *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    finally:
        signal.signal(signal.SIGINT, before)
