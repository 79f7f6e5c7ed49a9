"""Worlds for the tests: the default space, and a second one, of a sandbox that is emptied before each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kibana_builder.kibana.http import Kibana
from kibana_builder.sandbox.server import RunningSandbox
from tests.sync.project import World


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[RunningSandbox]:
    """Start one sandbox for all tests of the room: starting and stopping takes longer than most of them."""
    with RunningSandbox() as running:
        yield running


@pytest.fixture
def sandbox(running_sandbox: RunningSandbox) -> RunningSandbox:
    """Give the sandbox with nothing in it."""
    store = running_sandbox.store
    for space in ["default", *(details["id"] for details in store.spaces())]:
        store.delete_space(space)
    return running_sandbox


@pytest.fixture
def world(sandbox: RunningSandbox, tmp_path: Path) -> Iterator[World]:
    with Kibana(sandbox.url) as kibana:
        yield World(kibana, tmp_path)


@pytest.fixture
def second_space(sandbox: RunningSandbox, tmp_path: Path) -> Iterator[World]:
    sandbox.store.add_space({"id": "ops", "name": "Ops", "disabledFeatures": []})
    with Kibana(sandbox.url, space="ops") as kibana:
        yield World(kibana, tmp_path, context="ops")
