"""Fixtures that start a sandbox. tests/conftest.py names this module, so every test can ask for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from kibana_builder.sandbox.server import RunningSandbox


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    """Start a sandbox in memory with nothing in it; its store is at hand."""
    from kibana_builder.sandbox.server import RunningSandbox

    with RunningSandbox() as running:
        yield running


@pytest.fixture
def sandbox_url(sandbox: RunningSandbox) -> str:
    """Give the address of a running sandbox in memory with nothing in it."""
    return sandbox.url
