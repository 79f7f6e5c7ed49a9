"""The sandbox as a server: it starts, answers, and stops."""

from __future__ import annotations

import socket

import pytest
import requests

from kibana_builder.errors import KbuildError
from kibana_builder.sandbox.server import RunningSandbox, listen


def test_status_says_what_answers(sandbox_url: str) -> None:
    """A client finds the version of Kibana that it needs, a person finds that this is no Kibana."""
    status = requests.get(f"{sandbox_url}/api/status", timeout=10).json()
    assert status["version"]["number"] == "8.12.2"
    assert status["name"] == "kbuild-sandbox"
    assert "not Kibana" in status["status"]["overall"]["summary"]


def test_a_taken_port_is_an_error_that_says_so() -> None:
    """A second server on one port is refused with the option that helps."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(KbuildError, match=f"port {port} is in use"):
            listen("127.0.0.1", port)


def test_it_stops() -> None:
    """After the `with` nothing answers on the address any more."""
    with RunningSandbox() as running:
        assert requests.get(f"{running.url}/api/status", timeout=10).ok
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{running.url}/api/status", timeout=10)
