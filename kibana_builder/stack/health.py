"""Waiting until the stack is healthy, with a word each time that something changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from kibana_builder.errors import KbuildError
from kibana_builder.stack.compose import Container, Stack

__all__ = ["state_words", "wait_until_ready"]

INTERVAL = 2.0
"""Seconds between two looks."""

# Exit codes that say more than their number: a signal's is 128 and its number.
_EXIT_CODES = {
    137: "killed, most likely because its memory did not suffice; raise its *_MEMORY in stack/.env",
    78: "its configuration is wrong",
}


def state_words(container: Container) -> str:
    """Say how a container is: "healthy", "starting", "done" for a job, "ended with exit code 1"."""
    if container.state == "exited":
        if container.is_ready:
            return "done"
        if container.exit_code == 0:
            return "stopped"
        why = _EXIT_CODES.get(container.exit_code)
        return f"ended with exit code {container.exit_code}{f': {why}' if why else ''}"
    return (container.health or container.state) if container.state == "running" else container.state


def wait_until_ready(stack: Stack, services: Iterable[str], timeout: float, say: Callable[[str], None]) -> None:
    """Wait until each service runs and is healthy, or is a job that ended well; `timeout` is in seconds.

    Raises KbuildError, with what to look at, when one fails or the time is over.
    """
    wanted, start, said = set(services), time.monotonic(), dict[str, str]()
    while True:
        containers = {one.service: one for one in stack.containers() if one.service in wanted}
        for name in sorted(wanted):
            words = state_words(containers[name]) if name in containers else "not created yet"
            if said.get(name) != words:
                said[name] = words
                say(f"{name}: {words} ({time.monotonic() - start:.0f} s)")
        failed = [one for one in containers.values() if one.has_failed]
        if failed:
            raise KbuildError("\n".join(f"{one.service} {_failed_words(one)}" for one in failed))
        waiting = [name for name in sorted(wanted) if name not in containers or not containers[name].is_ready]
        if not waiting:
            return
        if time.monotonic() - start >= timeout:
            raise KbuildError(
                f"after {timeout:.0f} s not ready: {', '.join(waiting)}; it may still come: `kbuild stack status`, "
                f"`kbuild stack logs {waiting[0]}`"
            )
        time.sleep(INTERVAL)


def _failed_words(container: Container) -> str:
    words = {"restarting": "ends again and again", "dead": "is dead"}.get(container.state, state_words(container))
    if container.health == "unhealthy":
        words = "does not become healthy"
    return f"{words}; `kbuild stack logs {container.service} --tail 50` shows what it wrote"
