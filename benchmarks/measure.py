"""Run a command and read what the operating system says it took."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Run:
    """One finished process: CPU and wall time in seconds, the most memory that it held in megabytes."""

    cpu: float
    wall: float
    memory: float


def run(command: Sequence[str], folder: Path) -> Run:
    """Run `command` in `folder`; its output goes nowhere, a failure raises RuntimeError."""
    # An installed package has its bytecode beside it; a machine that is told to write none must not be charged for it.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    begin = time.perf_counter()
    with subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return Run(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)


def in_turn(commands: Sequence[Sequence[str]], folder: Path, times: int = 5) -> list[list[Run]]:
    """Run the commands in turn, A B A B …, so that a slow spell of the machine hits them all; a list for each.

    One round before does not count: it fills the caches.
    """
    for command in commands:
        run(command, folder)
    runs: list[list[Run]] = [[] for _ in commands]
    for _ in range(times):
        for command, results in zip(commands, runs, strict=True):
            results.append(run(command, folder))
    return runs


def least(runs: Sequence[Run]) -> Run:
    """Take the minimum of each figure: what the machine can do when nothing else is on it."""
    return Run(min(r.cpu for r in runs), min(r.wall for r in runs), min(r.memory for r in runs))
