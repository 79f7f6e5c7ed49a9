"""The page over HTTP: its files, its policy, its own API, and whom it does not answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from kibana_builder.preview.duckdb import DuckExecutor
from kibana_builder.preview.library import Library, library_of
from kibana_builder.preview.page_api import ENDPOINTS, overview
from kibana_builder.preview.stage import Stage
from kibana_builder.sandbox.events import Events
from kibana_builder.saved.dashboard import to_dashboard
from kibana_builder.saved.data_view import to_data_view
from tests.preview.shown import HOSTILE, lines, shown


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with shown(tmp_path_factory.mktemp("page")) as address:
        yield address


def call(url: str, name: str, **body: Any) -> requests.Response:
    return requests.post(f"{url}/kbuild/api/{name}", json=body, timeout=30)


def draw(url: str, **settings: Any) -> dict[str, Any]:
    drawn: dict[str, Any] = call(url, "draw", id="shown-main", settings=settings).json()
    return drawn


def panel(drawn: dict[str, Any], title: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in drawn["panels"] if one["title"] == title)
    return found


@pytest.mark.parametrize("path", ["/", "/app/dashboards", "/app/lens", "/s/team/app/dashboards"])
def test_the_page_stands_where_kibana_s_addresses_lead(url: str, path: str) -> None:
    """It loads nothing but its own files, and may run nothing else."""
    answer = requests.get(url + path, timeout=10)
    assert "This is not Kibana" in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_its_files(url: str) -> None:
    """Script and style have their types; nothing outside of the folder is a file of the page."""
    assert (
        requests.get(f"{url}/kbuild/assets/page.js", timeout=10).headers["content-type"].startswith("text/javascript")
    )
    assert requests.get(f"{url}/kbuild/assets/page.css", timeout=10).headers["content-type"].startswith("text/css")
    for path in ("%2e%2e/page.py", "..%2fpage.py", "nothing.js", "", "assets/page.js"):
        assert requests.get(f"{url}/kbuild/assets/{path}", timeout=10).status_code == 404


def test_strangers_are_refused(url: str) -> None:
    """Other names of this machine, and pages of other servers."""
    for headers in ({"host": "evil.example"}, {"origin": "https://evil.example"}):
        answer = requests.post(f"{url}/kbuild/api/overview", json={}, headers=headers, timeout=10)
        assert answer.status_code == 403


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("draw", b"[1]", 400),
        ("draw", b"{", 400),
        ("draw", b"\xff", 400),
        ("draw", b"[" * 100_000, 400),
        ("draw", b"{}", 400),
        ("draw", b'{"id": "nothing"}', 404),
        ("draw", b'{"id": "shown-main", "settings": 5}', 400),
        ("draw", b'{"id": "shown-main", "settings": {"time_range": {"from": "yesterday", "to": "now"}}}', 400),
        ("options", b'{"id": "shown-main", "control": "nothing"}', 400),
        ("inspect", b'{"id": "shown-main", "panel": "nothing"}', 400),
        ("nothing", b"{}", 404),
        ("draw", b" " * 1_100_000, 413),
    ],
)
def test_hostile_bodies(url: str, name: str, body: bytes, status: int) -> None:
    """An answer in words, whatever comes."""
    headers = {"content-type": "application/json"}
    answer = requests.post(f"{url}/kbuild/api/{name}", data=body, headers=headers, timeout=30)
    assert answer.status_code == status
    assert "Traceback" not in answer.text


def test_only_json_is_taken(url: str) -> None:
    """What a form of another site can send is not."""
    assert requests.post(f"{url}/kbuild/api/overview", data="{}", timeout=10).status_code == 400
    assert requests.get(f"{url}/kbuild/api/overview", timeout=10).status_code == 400
    assert requests.delete(f"{url}/app/dashboards", timeout=10).status_code == 405


def test_settings_of_odd_shapes_are_left_out(url: str) -> None:
    """They change nothing, and break nothing."""
    odd = {"query": 5, "filters": "x", "controls": [1], "time_range": 7, "width": "wide"}
    assert panel(draw(url, **odd), "Total")["html"] == panel(draw(url), "Total")["html"]


@pytest.mark.parametrize(
    "filters", [[{"type": "unknown"}], [{"type": "condition"}], [{"type": "condition", "condition": {"field": 5}}]]
)
def test_filters_that_the_language_does_not_have(url: str, filters: list[Any]) -> None:
    """They are refused in words."""
    answer = call(url, "draw", id="shown-main", settings={"filters": filters})
    assert answer.status_code == 400
    assert "filters" in answer.json()["error"]


def test_what_is_drawn_is_escaped(url: str) -> None:
    """Titles, markdown and values of fields come back as text."""
    for one in draw(url)["panels"]:
        assert "<script" not in one["html"]
        assert "<img" not in one["html"]
        assert "javascript:" not in one["html"].replace("[link](javascript:alert(1))", "")
    assert HOSTILE in {one["value"] for one in options(url, "model")["options"]}


def options(url: str, field: str) -> dict[str, Any]:
    control = next(one for one in draw(url)["controls"] if one["config"]["field_name"] == field)
    found: dict[str, Any] = call(url, "options", id="shown-main", control=control["id"]).json()
    return found


def test_the_options_of_controls(url: str) -> None:
    """Values with their counts, the most frequent first; the ends of a range."""
    assert [(one["value"], one["count"]) for one in options(url, "model")["options"]][:2] == [("alpha", 6), ("beta", 3)]
    assert options(url, "latency") == {"min": 0, "max": 90}


@pytest.mark.parametrize(("search", "found"), [("30", [30]), ("3", []), ("x", [])])
def test_a_search_in_a_list_of_numbers(search: str, found: list[int]) -> None:
    """A number is searched for as a whole; what is none finds nothing, and is no error."""
    control = {"id": "c", "type": "options_list_control", "config": {"data_view_id": "v", "field_name": "latency"}}
    times = {"from": "2026-01-01T00:00:00Z", "to": "2026-01-02T00:00:00Z"}
    board = to_dashboard("d", {"title": "D", "time_range": times, "panels": [], "pinned_panels": [control]}, {})
    view = to_data_view("v", {"index_pattern": "events-*", "time_field": "@timestamp"})
    with Events() as events:
        events.append("events-1", lines())
        stage = Stage(lambda: library_of([board, view]), lambda: "1", DuckExecutor(events))
        answer = ENDPOINTS["options"](stage, {"id": "d", "control": "c", "search": search})
    assert answer == {"options": [{"value": value, "count": 1} for value in found]}


def test_inspecting(url: str) -> None:
    """What was asked, what came, the YAML, the saved object."""
    found = call(url, "inspect", id="shown-main", panel=panel(draw(url), "Models")["id"]).json()
    assert found["layers"][0]["columns"] == ["Model", "Count", "Latency"]
    assert found["layers"][0]["rows"][0] == ["alpha", 6, 25.0]
    assert "type: data_table" in found["yaml"]
    assert found["saved_object"]["type"] == "lens"
    assert found["request"]


def test_a_panel_of_the_dashboard_s_own(url: str) -> None:
    """Its saved object is its part of the dashboard."""
    words = next(one for one in draw(url)["panels"] if one["chart"] is None)
    found = call(url, "inspect", id="shown-main", panel=words["id"]).json()["saved_object"]
    assert (found["panelIndex"], found["type"]) == (words["id"], "visualization")


def test_the_fields_of_a_filter(url: str) -> None:
    """All of them with their types, and the data view that each is of."""
    fields = {one["name"]: one for one in call(url, "fields").json()["fields"]}
    assert fields["latency"]["type"] == "long"
    assert fields["model"]["data_view_id"] == "shown-events"


@pytest.mark.parametrize(
    "controls",
    [
        {"latency": {"value": 5}},
        {"latency": {"value": ["1"]}},
        {"model": {"selected_options": "x"}},
        {"model": {"sort": {"by": "x"}}},
        {"times": {"start_percentage_of_time_range": 7}},
    ],
)
def test_choices_that_no_control_has(url: str, controls: dict[str, Any]) -> None:
    """They are refused in words."""
    answer = call(url, "draw", id="shown-acts", settings={"controls": controls})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("pinned_panels: ")


def test_an_error_has_the_version(url: str) -> None:
    """So that the page asks again only when what is shown has changed."""
    assert call(url, "draw", id="nothing").json()["version"] == call(url, "version").json()["version"]


def test_the_version_changes_with_what_is_shown(url: str, tmp_path: Path) -> None:
    """The page looks at it to know when to draw anew."""
    before = call(url, "version").json()["version"]
    assert call(url, "version").json()["version"] == before
    line = '{"type":"tag","id":"t","attributes":{"name":"t","color":"#000000","description":""},"references":[]}'
    file = tmp_path / "x.ndjson"
    file.write_text(line)
    with file.open("rb") as stream:
        files = {"file": ("x.ndjson", stream)}
        headers = {"kbn-xsrf": "true"}
        requests.post(f"{url}/api/saved_objects/_import", files=files, headers=headers, timeout=10).raise_for_status()
    assert call(url, "version").json()["version"] != before


def test_what_is_saved_while_the_page_is_answered_is_asked_for_anew() -> None:
    """The version that an answer carries is never newer than what it shows."""
    saved = 0

    def library() -> Library:
        nonlocal saved
        saved += 1
        return Library()

    with Events() as events:
        stage = Stage(library, lambda: str(saved), DuckExecutor(events))
        assert overview(stage, {})["version"] == "0"
        assert stage.version() == "1"
