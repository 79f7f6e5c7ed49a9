"""Docker's command line: the one place that runs it, and makes errors for people of what it says."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kibana_builder.errors import KbuildError
from kibana_builder.json_tree import Json, JsonObject

__all__ = ["Docker", "find_docker", "json_lines"]

# What Docker says is passed on in its own words, as far as a person reads.
_LINES = 8


@dataclass(frozen=True, slots=True)
class Docker:
    """The program `docker`."""

    program: str

    def ask(self, *arguments: str, folder: Path | None = None) -> str:
        """Run docker and give what it prints. Raises KbuildError with its words when it fails."""
        done = self._run(arguments, folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode:
            raise KbuildError(f"`docker {' '.join(arguments)}` failed: {_last_lines(done.stderr or done.stdout)}")
        return done.stdout

    def show(self, *arguments: str, folder: Path | None = None, results: bool = False) -> int:
        """Run docker with its output for the person, and give its exit code.

        What it prints on stdout is words unless it is the result that was asked for.
        """
        sys.stdout.flush()
        sys.stderr.flush()
        return self._run(arguments, folder, stdout=None if results else sys.stderr.fileno()).returncode

    def info(self) -> JsonObject:
        """Give what the daemon says of itself and its machine. Raises KbuildError when there is no daemon."""
        done = self._run(("info", "--format", "{{json .}}"), None, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        said = json_lines(done.stdout)
        info = said[0] if said and isinstance(said[0], dict) else {}
        errors = info.get("ServerErrors") or []
        if done.returncode or errors:
            why = "; ".join(map(str, errors)) or _last_lines(done.stderr)
            raise KbuildError(
                f"Docker is installed, and its daemon does not answer: {why}\nStart it: Docker Desktop, or "
                "`sudo systemctl start docker`; on Linux your user must be in the group `docker`."
            )
        return info

    def check_compose(self) -> None:
        """Raise KbuildError when the plugin is absent that `docker compose` is."""
        done = self._run(("compose", "version", "--short"), None, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode:
            raise KbuildError(
                "Docker has no `docker compose`; install docker-compose-plugin, or Docker Desktop, which has it: "
                "https://docs.docker.com/compose/install/"
            )

    def _run(self, arguments: Sequence[str], folder: Path | None, **streams: Any) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(  # noqa: S603 - our own arguments, and no shell
                [self.program, *arguments],
                cwd=folder,
                check=False,
                text=True,
                encoding="utf-8",
                errors="replace",
                stdin=subprocess.DEVNULL,
                **streams,
            )
        except OSError as error:
            raise KbuildError(f"{self.program} cannot be run: {error.strerror or error}") from None


def find_docker() -> Docker:
    """Find docker on the PATH. Raises KbuildError when it is not there."""
    program = shutil.which("docker", path=os.environ.get("PATH"))
    if program is None:
        raise KbuildError(
            "there is no `docker` on the PATH; install it: https://docs.docker.com/get-started/get-docker/"
        )
    return Docker(program)


def json_lines(text: str) -> list[Json]:
    """Read what docker prints as JSON: an object a line, or one list, as Compose before 2.21 printed it."""
    try:
        if text.lstrip().startswith("["):
            listed: list[Json] = json.loads(text)
            return listed
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError:
        raise KbuildError(f"docker printed what is no JSON: {_last_lines(text)}") from None


def _last_lines(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-_LINES:]) or "it said nothing"
