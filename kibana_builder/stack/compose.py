"""The stack's containers through `docker compose`: what they are, and what is done with them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from kibana_builder.errors import KbuildError, UsageError
from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.stack.docker import Docker, json_lines

__all__ = ["FOLDER", "PRODUCTION", "Container", "Port", "Stack", "find_stack", "reachable"]

FOLDER = "stack"
DEVELOPMENT = "docker-compose.yml"
PRODUCTION = "docker-compose.production.yml"
OVERRIDE = "docker-compose.override.yml"
"""What people add of their own; Compose takes a file of this name itself when it is not told which files to take."""

_PUBLISHED = re.compile(r"\$\{(\w+):-\d+\}:(\d+)(?:/(\w+))?\b")


@dataclass(frozen=True, slots=True)
class Port:
    """A port that the stack publishes; `variable` is the one that moves it, where the compose file names one."""

    service: str
    host: str
    number: int
    protocol: str
    variable: str | None


@dataclass(frozen=True, slots=True)
class Container:
    """A container as `docker compose ps` shows it; `health` is empty for one without a health check.

    `is_job`: it is meant to end.
    """

    service: str
    state: str
    health: str
    exit_code: int
    ports: tuple[tuple[int, str], ...]
    is_job: bool

    @property
    def is_ready(self) -> bool:
        """Whether it does its work: it runs and is healthy, or is a job that ended well."""
        if self.state == "running":
            return self.health in ("", "healthy")
        return self.is_job and self.state == "exited" and self.exit_code == 0

    @property
    def has_failed(self) -> bool:
        """Whether it does not come up any more by itself, or does so again and again."""
        if self.state == "exited":
            return not self.is_ready
        return self.health == "unhealthy" or self.state in ("dead", "restarting")


@dataclass(frozen=True)
class Stack:
    """The compose files of a folder."""

    docker: Docker
    folder: Path
    files: tuple[str, ...]

    @property
    def production(self) -> bool:
        return PRODUCTION in self.files

    def _compose(self, *arguments: str) -> list[str]:
        files = [part for name in self.files for part in ("-f", name)]
        return ["compose", *files, *arguments]

    @cached_property
    def config(self) -> JsonObject:
        """The configuration with all variables filled in. Raises KbuildError for what Compose refuses."""
        text = self.docker.ask(*self._compose("config", "--format", "json"), folder=self.folder)
        try:
            found = json.loads(text)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise KbuildError(f"`docker compose config` printed no configuration: {text[:200]!r}")
        return found

    @property
    def services(self) -> JsonObject:
        """The configuration of each service."""
        found: JsonObject = self.config.get("services", {})
        return found

    def containers(self) -> list[Container]:
        """List the stack's containers, those that have ended too, by service."""
        listed = json_lines(self.docker.ask(*self._compose("ps", "--all", "--format", "json"), folder=self.folder))
        found = [_container(said, self.services) for said in listed if isinstance(said, dict)]
        return sorted(found, key=lambda one: one.service)

    def up(self) -> int:
        """Create and start what is not running, and what has changed; waits for what others depend on."""
        return self.docker.show(*self._compose("up", "--detach", "--remove-orphans"), folder=self.folder)

    def down(self) -> int:
        """Stop and remove the containers; the volumes, and so the data, stay."""
        return self.docker.show(*self._compose("down", "--remove-orphans"), folder=self.folder)

    def restart(self, services: Sequence[str]) -> int:
        """Stop services and start them again, with the configuration files as they are now; all without names."""
        return self.docker.show(*self._compose("restart", *services), folder=self.folder)

    def logs(self, services: Sequence[str], tail: int | None, follow: bool) -> int:
        """Print what the containers have written."""
        options = [*(["--follow"] if follow else []), *(["--tail", str(tail)] if tail is not None else [])]
        return self.docker.show(*self._compose("logs", *options, *services), folder=self.folder, results=True)

    def check_services(self, names: Sequence[str]) -> None:
        """Raise UsageError for a service that the stack does not have."""
        from kibana_builder.spec.nearest import did_you_mean

        for name in names:
            if name not in self.services:
                hint = did_you_mean(name, self.services) or f"there are: {', '.join(self.services)}"
                raise UsageError(f"the stack has no service '{name}' ({hint})")

    def ports(self) -> list[Port]:
        """List the ports that the stack publishes, each with the variable that says its number."""
        text = (self.folder / DEVELOPMENT).read_text("utf-8")
        variables = {(int(found[2]), found[3] or "tcp"): found[1] for found in _PUBLISHED.finditer(text)}
        return [
            Port(
                service=name,
                host=said.get("host_ip") or "0.0.0.0",  # noqa: S104 - what Docker does without an address
                number=int(said["published"]),
                protocol=said.get("protocol", "tcp"),
                variable=variables.get((said["target"], said.get("protocol", "tcp"))),
            )
            for name, service in self.services.items()
            for said in service.get("ports", [])
            if str(said.get("published", "")).isdecimal()
        ]


def find_stack(docker: Docker, project: Path, *, production: bool) -> Stack:
    """Give the stack of a project's folder; one that was started for production is taken as such.

    Raises UsageError when the folder has none.
    """
    folder = project / FOLDER
    if not (folder / DEVELOPMENT).is_file():
        raise UsageError(
            f"there is no {FOLDER}/{DEVELOPMENT} in {project}; `kbuild init --with-stack` in that folder writes it"
        )
    if production and not (folder / PRODUCTION).is_file():
        raise UsageError(f"there is no {FOLDER}/{PRODUCTION} in {project}; `kbuild init --with-stack` writes it")
    if not production and (folder / PRODUCTION).is_file():
        production = _runs_for_production(docker, folder)
    own = (OVERRIDE,) if (folder / OVERRIDE).is_file() else ()
    return Stack(docker, folder, (DEVELOPMENT, *((PRODUCTION,) if production else ()), *own))


def _runs_for_production(docker: Docker, folder: Path) -> bool:
    """Ask whether the containers that are there were made with the overlay: Compose remembers the files."""
    listed = json_lines(docker.ask("compose", "ls", "--all", "--format", "json"))
    files = {file for said in listed if isinstance(said, dict) for file in str(said.get("ConfigFiles", "")).split(",")}
    return str(folder.resolve() / PRODUCTION) in files


def reachable(host: str) -> str:
    """Give the name by which this machine reaches a port that is published at an address."""
    if host in ("0.0.0.0", "127.0.0.1", "::", "::1"):  # noqa: S104 - nothing is bound here
        return "localhost"
    return f"[{host}]" if ":" in host else host


def _container(said: JsonObject, services: JsonObject) -> Container:
    publishers: list[Json] = said.get("Publishers") or []
    service = str(said.get("Service", ""))
    return Container(
        service=service,
        state=str(said.get("State", "")),
        health=str(said.get("Health", "")),
        exit_code=int(said.get("ExitCode", 0)),
        ports=tuple(
            (int(one["PublishedPort"]), str(one.get("Protocol", "tcp")))
            for one in publishers
            if isinstance(one, dict) and one.get("PublishedPort")
        ),
        is_job=services.get(service, {}).get("restart") == "no",
    )
