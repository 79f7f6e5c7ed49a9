"""`kbuild stack`: Elasticsearch, Kibana and Logstash in Docker."""

from __future__ import annotations

import os
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from kibana_builder.commands.in_kibana import Form, FormOption, emit_json
from kibana_builder.commands.options import open_project
from kibana_builder.commands.output import safe, tell, write
from kibana_builder.errors import KbuildError, UsageError
from kibana_builder.json_tree import JsonObject

if TYPE_CHECKING:
    from kibana_builder.stack.compose import Container, Port, Stack


class Action(StrEnum):
    """What to do with the stack."""

    up = "up"
    down = "down"
    restart = "restart"
    status = "status"
    logs = "logs"


_OPTIONS = {
    "--production": (Action.up,),
    "--force": (Action.up,),
    "--wait-timeout": (Action.up, Action.restart),
    "--follow": (Action.logs,),
    "--tail": (Action.logs,),
    "--format": (Action.status,),
}
"""Which option has a meaning with which actions."""


def stack(
    action: Annotated[Action, typer.Argument(help="up, down, restart, status or logs.", show_default=False)],
    services: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[SERVICES]...",
            help="restart, logs: elasticsearch, kibana, logstash; without any, all.",
            show_default=False,
        ),
    ] = None,
    *,
    production: Annotated[
        bool, typer.Option("--production", help="up: with security, TLS, snapshots and monitoring (docs/stack.md).")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="up: start although the machine lacks memory, disk or a port.")
    ] = False,
    wait_timeout: Annotated[
        int | None,
        typer.Option(
            metavar="SECONDS",
            min=1,
            help="up, restart: how long to wait for its health (300).",
            show_default=False,
        ),
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="logs: go on until Ctrl-C.")] = False,
    tail: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help="logs: the last N lines of each service.", show_default=False),
    ] = None,
    format: FormOption = Form.text,
) -> int:
    """Run Elasticsearch, Kibana and Logstash in Docker.

    The stack is the project's folder stack/ with its compose files. `up` looks at the machine first (docker, memory,
    disk, ports), starts it and waits until it is healthy; `down` removes the containers and keeps the data. `status`
    ends with 1 when something is not ready.
    """
    from kibana_builder.stack.compose import find_stack
    from kibana_builder.stack.docker import find_docker

    given = {
        "--production": production,
        "--force": force,
        "--wait-timeout": wait_timeout is not None,
        "--follow": follow,
        "--tail": tail is not None,
        "--format": format is not Form.text,
    }
    _check_usage(action, given, services or [])
    project = open_project()
    docker = find_docker()
    docker.check_compose()
    info = docker.info()
    found = find_stack(docker, project.root, production=production)
    found.check_services(services or [])
    timeout = 300 if wait_timeout is None else wait_timeout
    if action is Action.up:
        return _up(found, info, timeout, force=force)
    if action is Action.down:
        return _ended("down", found.down())
    if action is Action.restart:
        return _restart(found, services or [], timeout)
    if action is Action.logs:
        return _ended("logs", found.logs(services or [], tail, follow))
    return _status(found, format)


def _check_usage(action: Action, given: dict[str, bool], services: list[str]) -> None:
    for option, actions in _OPTIONS.items():
        if given[option] and action not in actions:
            raise UsageError(f"{option} has no meaning with {action}; it goes with {' and '.join(actions)}")
    if services and action not in (Action.restart, Action.logs):
        raise UsageError(f"{action} is for the whole stack and takes no names of services")


def _ended(action: str, code: int) -> int:
    if code:
        raise KbuildError(f"`docker compose {action}` ended with exit code {code}")
    return 0


def _up(found: Stack, info: JsonObject, timeout: int, *, force: bool) -> int:
    from kibana_builder.stack.health import wait_until_ready
    from kibana_builder.stack.preflight import lacks

    missing = list(lacks(found, info, os.environ))
    for lack in missing:
        tell(f"{'Warning: ' if lack.only_warns or force else 'Missing: '}{lack.what}\n  {lack.cure}")
    stops = [lack for lack in missing if not lack.only_warns]
    if stops and not force:
        raise KbuildError("the machine is not ready for the stack, so nothing was started; --force starts it anyway")
    code = found.up()
    if code:
        _explain(found)
        return _ended("up", code)
    wait_until_ready(found, found.services, timeout, tell)
    for port in found.ports():
        write(safe(f"{port.service:<14} {_address(found, port)}"))
    tell("The stack is ready. `kbuild templates apply` brings the index templates, `kbuild apply` the dashboards.")
    return 0


def _explain(found: Stack) -> None:
    """Say which containers are in the way when Compose gave up."""
    from kibana_builder.stack.health import state_words

    for container in found.containers():
        if not container.is_ready:
            tell(f"{container.service}: {state_words(container)}; `kbuild stack logs {container.service}`")


def _address(found: Stack, port: Port) -> str:
    """Give the address by which a person or a program on this machine reaches a port."""
    from kibana_builder.stack.compose import reachable

    secure = found.production and port.service in ("elasticsearch", "kibana")
    web = port.service in ("elasticsearch", "kibana") or port.variable == "LOGSTASH_API_PORT"
    scheme = ("https" if secure else "http") if web else port.protocol
    return f"{scheme}://{reachable(port.host)}:{port.number}"


def _restart(found: Stack, services: list[str], timeout: int) -> int:
    from kibana_builder.stack.health import wait_until_ready

    if not found.containers():
        raise KbuildError("the stack is not running; `kbuild stack up` starts it")
    _ended("restart", found.restart(services))
    wait_until_ready(found, services or found.services, timeout, tell)
    return 0


def _status(found: Stack, form: Form) -> int:
    from kibana_builder.stack.health import state_words

    containers = {container.service: container for container in found.containers()}
    names = sorted({*found.services, *containers})
    ready = all(name in containers and containers[name].is_ready for name in names)
    if form is Form.json:
        emit_json(
            {
                "production": found.production,
                "ready": ready,
                "services": [_as_json(name, containers.get(name)) for name in names],
            }
        )
        return 0 if ready else 1
    width = max(map(len, names), default=0)
    for name in names:
        container = containers.get(name)
        words = state_words(container) if container else "not running"
        ports = " ".join(f"{port}/{protocol}" for port, protocol in (container.ports if container else ()))
        write(safe(f"{name.ljust(width)}  {words.ljust(12)}  {ports}".rstrip()))
    if not containers:
        tell("The stack is not running; `kbuild stack up` starts it.")
    return 0 if ready else 1


def _as_json(name: str, container: Container | None) -> JsonObject:
    if container is None:
        return {"service": name, "state": "absent", "health": None, "ready": False, "exit_code": None, "ports": []}
    return {
        "service": name,
        "state": container.state,
        "health": container.health or None,
        "ready": container.is_ready,
        "exit_code": container.exit_code if container.state == "exited" else None,
        "ports": [{"port": port, "protocol": protocol} for port, protocol in container.ports],
    }
