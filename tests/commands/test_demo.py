"""`kbuild demo`: the project's dashboards in a sandbox, with one command."""

from __future__ import annotations

import socket
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from kibana_builder.commands.demo import dashboard_lines, fill
from kibana_builder.commands.options import sound_source
from kibana_builder.sandbox.server import RunningSandbox
from tests.commands.processes import run, started
from tests.project_folder import write_files
from tests.shared_material import REPOSITORY

EXAMPLE = "ml-model-monitoring"


def titles(url: str, kind: str) -> list[str]:
    found = requests.get(f"{url}/api/saved_objects/_find", {"type": kind, "per_page": 1000}, timeout=10).json()
    return sorted(each["attributes"].get("name") or each["attributes"]["title"] for each in found["saved_objects"])


def test_the_example_project() -> None:
    """Its dashboards, data views and tags are there when the address is printed, and nothing is left on disk."""
    before = set(REPOSITORY.glob(".kbuild/**/*"))
    with started("demo", "--port", "0", "--events", "400", folder=REPOSITORY / "dashboards") as url:
        assert len(titles(url, "dashboard")) == len(list((REPOSITORY / "dashboards").glob("*.yaml")))
        assert titles(url, "index-pattern") == ["Data quality", "ML metrics", "ML training"]
        assert "kbuild:ml-monitoring" in titles(url, "tag")
        overview = requests.post(f"{url}/kbuild/api/overview", json={}, timeout=10).json()
        assert "ML model monitoring" in [one["title"] for one in overview["dashboards"]]
        drawn = requests.post(f"{url}/kbuild/api/draw", json={"id": f"ml-monitoring-{EXAMPLE}"}, timeout=60).json()
        assert len(drawn["panels"]) > 5
        assert not [panel["id"] for panel in drawn["panels"] if 'class="error"' in panel["html"]]
    assert set(REPOSITORY.glob(".kbuild/**/*")) == before


def test_the_next_port_that_is_free() -> None:
    """Where something listens on Kibana's port already, one after it is taken."""
    with socket.socket() as other:
        with suppress(OSError):  # somebody else may have it, which serves as well
            other.bind(("127.0.0.1", 5601))
            other.listen()
        with started("demo", "--events", "0", folder=REPOSITORY) as url:
            assert 5601 < (urlsplit(url).port or 0) < 5701


def test_what_is_wrong_is_said_first(tmp_path: Path) -> None:
    """A project with errors, or none at all, starts no server."""
    result = run("demo", "--port", "0", folder=tmp_path)
    assert (result.returncode, result.stdout) == (2, "")
    (tmp_path / "kbuild.yaml").write_text("project: p\n")
    (tmp_path / "dashboards").mkdir()
    (tmp_path / "dashboards" / "d.yaml").write_text("title: D\npanels: [{visualization: gone}]\n")
    result = run("demo", "--port", "0", folder=tmp_path)
    assert (result.returncode, result.stdout) == (1, "")
    assert "d.yaml:2:" in result.stderr


def test_an_empty_project(tmp_path: Path) -> None:
    """A project without a dashboard gives an empty sandbox."""
    (tmp_path / "kbuild.yaml").write_text("project: p\n")
    with started("demo", "--port", "0", folder=tmp_path) as url:
        assert titles(url, "dashboard") == []


def test_the_address_of_a_dashboard_is_the_one_that_open_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where its id has characters that mean something in an address."""
    dashboard = "title: D\nid: a/b c\npanels: []\n"
    write_files(tmp_path, {"kbuild.yaml": "project: p\n", "dashboards/d.yaml": dashboard})
    monkeypatch.chdir(tmp_path)
    with RunningSandbox(port=0) as sandbox:
        changes = fill(sound_source(None, None), sandbox.url)
        assert list(dashboard_lines(changes, sandbox.url)) == [f"  D: {sandbox.url}/app/dashboards#/view/a%2Fb%20c"]
