"""A `docker` that plays answers, and writes down what it was asked.

The answers have the form that Docker documents: `docker info --format '{{json .}}'`, `docker compose ps --format json`
(an object a line), `docker compose config --format json`, `docker compose ls --format json` (one list).
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

SCRIPT = """#!/bin/sh
# Finds the answer by the first word of the command that has one: files ANSWERS/<word>.<how often it was asked>.out,
# or <word>.out; <word>.err goes to stderr, <word>.rc is the exit code.
printf '%s\\n' "$*" >> "$FAKE_DOCKER/asked"
for word in "$@"; do
  case $word in
    info|version|config|ps|ls|up|down|restart|logs) break ;;
  esac
done
count=0
[ ! -f "$FAKE_DOCKER/$word.count" ] || read -r count < "$FAKE_DOCKER/$word.count"
count=$((count + 1))
echo "$count" > "$FAKE_DOCKER/$word.count"
if [ -f "$FAKE_DOCKER/$word.$count.out" ]; then
  cat "$FAKE_DOCKER/$word.$count.out"
elif [ -f "$FAKE_DOCKER/$word.out" ]; then
  cat "$FAKE_DOCKER/$word.out"
fi
[ ! -s "$FAKE_DOCKER/$word.err" ] || cat "$FAKE_DOCKER/$word.err" >&2
[ ! -f "$FAKE_DOCKER/$word.rc" ] || read -r code < "$FAKE_DOCKER/$word.rc"
exit "${code:-0}"
"""

GB = 1024**3


class FakeDocker:
    """The folder of answers; at first a machine with enough of everything, and no container."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        (folder / "bin").mkdir(parents=True)
        program = folder / "bin" / "docker"
        program.write_text(SCRIPT, "utf-8")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.setenv("FAKE_DOCKER", str(folder))
        monkeypatch.delenv("DOCKER_HOST", raising=False)
        self.info()
        self.answer("version", "2.39.4\n")
        self.config({"elasticsearch": {"ports": []}, "kibana": {}, "logstash": {}})
        self.answer("ls", "[]\n")
        self.containers([])

    def answer(self, word: str, out: str = "", *, err: str = "", code: int = 0, nth: int | None = None) -> None:
        """Say what docker prints for a command, each time or the nth time only."""
        (self.folder / (f"{word}.{nth}.out" if nth else f"{word}.out")).write_text(out, "utf-8")
        (self.folder / f"{word}.err").write_text(err, "utf-8")
        (self.folder / f"{word}.rc").write_text(f"{code}\n", "utf-8")

    def info(self, memory: int = 16 * GB, system: str = "Docker Desktop", root: str = "/nowhere") -> None:
        """Docker Desktop, so that the memory is what Docker says and not that of the machine under the tests."""
        said = {"MemTotal": memory, "OperatingSystem": system, "DockerRootDir": root, "Name": "m"}
        self.answer("info", json.dumps(said) + "\n")

    def config(self, services: dict[str, object]) -> None:
        self.answer("config", json.dumps({"name": "kbuild", "services": services}))

    def containers(self, said: Sequence[dict[str, object]], nth: int | None = None) -> None:
        self.answer("ps", "".join(json.dumps(one) + "\n" for one in said), nth=nth)

    @property
    def asked(self) -> list[str]:
        """What docker was run with, in order."""
        return (self.folder / "asked").read_text("utf-8").splitlines()


def container(
    service: str, state: str = "running", health: str = "healthy", code: int = 0, port: int | None = None
) -> dict[str, object]:
    """Make a line of `docker compose ps --format json`, with the fields that Docker's documentation shows."""
    return {
        "Command": '"/bin/tini -- /usr/l…"',
        "CreatedAt": "2026-11-24 09:00:00 +0000 UTC",
        "ExitCode": code,
        "Health": health if state == "running" else "",
        "ID": "1553b0236cf4",
        "Name": f"kbuild-{service}-1",
        "Project": "kbuild",
        "Publishers": []
        if port is None
        else [{"URL": "127.0.0.1", "TargetPort": port, "PublishedPort": port, "Protocol": "tcp"}],
        "Service": service,
        "State": state,
        "Status": "Up 2 minutes",
    }


def published(service_port: int, number: int, host: str = "127.0.0.1", protocol: str = "tcp") -> dict[str, object]:
    """Make a port of `docker compose config --format json`."""
    return {"mode": "ingress", "host_ip": host, "target": service_port, "published": str(number), "protocol": protocol}
