"""What doctor says of a Kibana: the sandbox, and servers that answer wrongly."""

from __future__ import annotations

from pathlib import Path

import pytest

from kibana_builder.commands import run
from kibana_builder.doctor.kibana import check_kibana, judge_status
from kibana_builder.doctor.result import Result
from kibana_builder.files.project import load_project
from kibana_builder.files.source import Source, load_source
from kibana_builder.kibana.http import Kibana, Patience
from kibana_builder.kibana.saved_objects import import_objects
from kibana_builder.kibana.status import Status
from kibana_builder.sandbox.server import RunningSandbox
from tests.commands.small_project import DASHBOARD, LATENCY
from tests.kibana.misbehaving import answer, serving

PROJECT = """\
project: shop
data_views:
  orders: {{index_pattern: "orders-*", time_field: "@timestamp"}}
contexts:
  local: {{kibana: "{url}"}}
  ops: {{kibana: "{url}", space: ops}}
"""
VIEW = {"type": "index-pattern", "id": "shop-orders", "attributes": {"title": "orders-old-*"}, "references": []}


@pytest.fixture
def source(tmp_path: Path, sandbox_url: str, monkeypatch: pytest.MonkeyPatch) -> Source:
    files = {"dashboards/overview.yaml": DASHBOARD, "visualizations/latency.yaml": LATENCY}
    files["visualizations/errors.yaml"] = LATENCY.replace("Latency", "Errors")
    for name, text in {"kbuild.yaml": PROJECT.format(url=sandbox_url), **files}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    for name in ("KIBANA_API_KEY", "KIBANA_USERNAME", "KIBANA_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    return load_source(load_project(tmp_path / "kbuild.yaml"))


def checked(url: str, source: Source, space: str | None = None) -> dict[str, Result]:
    with Kibana(url, space=space, patience=Patience(attempts=1)) as kibana:
        return {one.check: one for one in check_kibana(kibana, source)}


def states(results: dict[str, Result]) -> dict[str, str]:
    return {check: one.state for check, one in results.items()}


def test_nothing_was_applied_yet(sandbox_url: str, source: Source) -> None:
    """Kibana answers; the data view and the dashboard are missing, and apply brings them."""
    found = checked(sandbox_url, source)
    assert states(found) == {"answers": "ok", "data view orders": "problem", "dashboards": "problem"}
    assert "kbuild apply" in found["data view orders"].cure
    assert found["dashboards"].details == ("overview",)


@pytest.mark.parametrize("context", ["local", "ops"])
def test_after_apply_all_is_well(sandbox: RunningSandbox, source: Source, context: str) -> None:
    """In a space other than the default one, too, where the ids are others."""
    if context == "ops":
        sandbox.store.add_space({"id": "ops", "name": "Ops", "disabledFeatures": []})
    assert run(["apply", "--yes", "--context", context]) == 0
    found = checked(sandbox.url, source, "ops" if context == "ops" else None)
    assert states(found) == {"answers": "ok", "data view orders": "ok", "dashboards": "ok"}


def test_a_data_view_that_looks_elsewhere(sandbox_url: str, source: Source) -> None:
    """Both patterns are said."""
    with Kibana(sandbox_url) as kibana:
        import_objects(kibana, [VIEW])
    result = checked(sandbox_url, source)["data view orders"]
    assert (result.state, result.words) == ("problem", "looks at orders-old-*, and kbuild.yaml says orders-*")


def test_a_space_that_is_not_there(sandbox_url: str, source: Source) -> None:
    """It is the one finding; nothing else is asked."""
    found = checked(sandbox_url, source, "nowhere")
    assert states(found) == {"answers": "problem"}
    assert "no space 'nowhere'" in found["answers"].words


def test_kibana_is_not_ready(source: Source) -> None:
    """A word of its own is passed on, and it is asked once."""
    with serving(answer(503, b"Kibana server is not ready yet")) as server:
        assert states(checked(server.url, source)) == {"answers": "problem"}
        assert len(server.requests) == 1


def test_nobody_answers(source: Source) -> None:
    """The connection is refused, and the next step is said."""
    found = checked("http://127.0.0.1:1", source)
    assert "refused" in found["answers"].words
    assert "kbuild stack up" in found["answers"].cure


@pytest.mark.parametrize(
    ("status", "state", "words"),
    [
        (Status("k", "8.12.0", level="available"), "ok", "version 8.12.0"),
        (Status("k", "8.11.4"), "problem", "version 8.11.4"),
        (Status("k", "8.17.0", level="degraded", summary="2 services"), "warning", "degraded, 2 services"),
        (Status("k", "9.2.0"), "ok", "has been measured on 8.12 only"),
        (Status("k", ""), "ok", "version not told"),
    ],
)
def test_version_and_level(status: Status, state: str, words: str) -> None:
    """From 8.12 on; what Kibana says of itself; what has been measured."""
    with Kibana("http://localhost:5601") as kibana:
        result = judge_status(status, kibana)
    assert result.state == state
    assert words in result.words
