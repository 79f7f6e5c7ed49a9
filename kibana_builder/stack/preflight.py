"""What the machine lacks for the stack: memory, disk, ports, settings; looked at before anything is started."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from kibana_builder.json_tree import JsonObject
from kibana_builder.stack.compose import Container, Port, Stack

__all__ = ["Lack", "lacks"]

MEMORY = 4 * 1024**3
DISK = 10 * 1024**3
MAP_COUNT = 262_144
SECRETS = (
    "ELASTIC_PASSWORD",
    "KIBANA_SYSTEM_PASSWORD",
    "LOGSTASH_PASSWORD",
    "MONITORING_PASSWORD",
    "KIBANA_ENCRYPTION_KEY",
)
"""What the production overlay takes from the environment."""

_MAP_COUNT = Path("/proc/sys/vm/max_map_count")
_MEMORY = Path("/proc/meminfo")


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that is missing, and what to do about it. `only_warns`: the stack starts without it."""

    what: str
    cure: str
    only_warns: bool = False


def lacks(stack: Stack, info: JsonObject, environment: Mapping[str, str]) -> Iterator[Lack]:
    """Look at everything; `info` is what Docker's daemon said of itself.

    What the stack's own containers have taken already is not missing.
    """
    running = [container for container in stack.containers() if container.state == "running"]
    if stack.production:
        yield from _secrets(stack)
    remote = environment.get("DOCKER_HOST", "").startswith(("tcp://", "ssh://"))
    own_kernel = sys.platform == "linux" and not remote and "Docker Desktop" not in str(info.get("OperatingSystem"))
    if not running:
        yield from _memory(info, own_kernel=own_kernel)
        yield from _disk(stack, info, remote=remote)
    if own_kernel:
        yield from _map_count()
    if not remote:
        yield from _ports(stack, running)


def _secrets(stack: Stack) -> Iterator[Lack]:
    """Look for the secrets in what Compose has read, from the environment or from `.env`."""
    found = stack.services.get("certificates", {}).get("environment", {})
    unset = [name for name in SECRETS if not found.get(name)]
    if unset:
        yield Lack(
            f"not set in the environment: {', '.join(unset)}",
            "set them, for instance `export ELASTIC_PASSWORD=$(openssl rand -hex 16)`, and keep them: they are needed "
            "at each start (docs/stack.md)",
        )


def _memory(info: JsonObject, *, own_kernel: bool) -> Iterator[Lack]:
    whose, free = "Docker's machine has", int(info.get("MemTotal") or 0)
    if own_kernel and (available := _available()) is not None:
        whose, free = "there are", available
    if 0 < free < MEMORY:
        yield Lack(
            f"memory: {whose} {_size(free)} free, the stack takes {_size(MEMORY)}",
            "close other programs, give Docker more (Docker Desktop: Settings, Resources), or lower ES_JAVA_OPTS, "
            "LS_JAVA_OPTS and the *_MEMORY variables in stack/.env",
        )


def _available() -> int | None:
    """Give the bytes that new programs can have, as Linux says; None elsewhere."""
    try:
        lines = _MEMORY.read_text("ascii").splitlines()
    except OSError:
        return None
    found = [line.split() for line in lines if line.startswith("MemAvailable:")]
    return int(found[0][1]) * 1024 if found else None


def _disk(stack: Stack, info: JsonObject, *, remote: bool) -> Iterator[Lack]:
    root = Path(str(info.get("DockerRootDir") or stack.folder))
    try:
        # Docker Desktop's folder is in its own machine; then the disk of this one is what grows.
        place = root if root.exists() else stack.folder
        free = shutil.disk_usage(place).free
    except OSError:
        return
    if free < DISK and not remote:
        yield Lack(
            f"disk: {_size(free)} free at {place}, the images and the data take {_size(DISK)}",
            "make room; `docker system prune` removes what Docker does not use any more",
        )


def _map_count() -> Iterator[Lack]:
    try:
        count = int(_MAP_COUNT.read_text("ascii"))
    except (OSError, ValueError):
        return
    if count < MAP_COUNT:
        yield Lack(
            f"vm.max_map_count is {count}, Elasticsearch wants {MAP_COUNT}",
            f"`sudo sysctl -w vm.max_map_count={MAP_COUNT}`, and a line in /etc/sysctl.d/ to keep it",
            only_warns=True,
        )


def _ports(stack: Stack, running: list[Container]) -> Iterator[Lack]:
    own = {port for container in running for port in container.ports}
    for port in stack.ports():
        if (port.number, port.protocol) in own:
            continue
        why = _in_the_way(port)
        if why == errno.EADDRINUSE:
            yield Lack(
                f"port {port.number} ({port.protocol}, {port.service}) is taken{_by_whom(stack, port)}",
                f"stop that program, or take another port: {port.variable}=…" if port.variable else "stop that program",
            )
        elif why == errno.EADDRNOTAVAIL:
            yield Lack(
                f"{port.host}, where port {port.number} is to be published, is no address of this machine",
                "set BIND_ADDRESS to one, or to 0.0.0.0 for all",
            )


def _in_the_way(port: Port) -> int:
    """Try to take a port as Docker will, and give the number of the error; 0 for none, or none that says anything."""
    family = socket.AF_INET6 if ":" in port.host else socket.AF_INET
    kind = socket.SOCK_DGRAM if port.protocol == "udp" else socket.SOCK_STREAM
    with socket.socket(family, kind) as tried:
        if port.protocol == "tcp" and os.name == "posix":
            # As Docker does: a connection that has just been closed is not in the way.
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((port.host, port.number))
        except OSError as error:
            return error.errno or 0
    return 0


def _by_whom(stack: Stack, port: Port) -> str:
    """Name the containers that publish a port; who else has it, Docker does not know."""
    names = stack.docker.ask("ps", "--filter", f"publish={port.number}", "--format", "{{.Names}}").split()
    return f" by the container{'s' if len(names) > 1 else ''} {', '.join(names)}" if names else ""


def _size(size: int) -> str:
    return f"{size / 1024**3:.1f} GB"
