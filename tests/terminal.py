"""Run kbuild where it sees a terminal."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


def on_a_terminal(arguments: Sequence[str], folder: Path) -> str:
    """Run kbuild in a folder on a terminal of 100 by 40 characters, and give all that it writes; it must succeed."""
    import pty

    mine, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100", "LINES": "40"}
    command = [sys.executable, "-m", "kibana_builder", *arguments]
    shown = b""
    with subprocess.Popen(command, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        while True:
            try:
                data = os.read(mine, 65536)
            except OSError:  # the other end is closed
                break
            if not data:
                break
            shown += data
        assert process.wait(timeout=20) == 0
    os.close(mine)
    return shown.decode()
