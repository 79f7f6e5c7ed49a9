"""`kbuild verify-roundtrip`: what it counts, what it lists, and the bar for losslessness over the public objects."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kibana_builder.charts import CHARTS
from kibana_builder.commands import run
from kibana_builder.files.ndjson import write_ndjson
from kibana_builder.json_tree import JsonObject, compact
from kibana_builder.saved.dashboard import to_dashboard
from kibana_builder.saved.visualization import to_visualization
from kibana_builder.sync import roundtrip
from kibana_builder.sync.roundtrip import verify_roundtrip
from tests.shared_material import SHARED, needs_shared

CHART: JsonObject = {
    "type": "metric",
    "title": "Requests",
    "data_source": {"type": "data_view_reference", "ref_id": "ml-metrics"},
    "metrics": [{"type": "primary", "operation": "count"}],
}
SEARCH: JsonObject = {"type": "search", "id": "s", "attributes": {"title": "S", "columns": []}, "references": []}


def objects() -> list[JsonObject]:
    """Give a chart in words, a dashboard with a chart that needs one leaf more, a search that stays raw."""
    panel = {"id": "p", "type": "vis", "grid": {"x": 0, "y": 0, "w": 24, "h": 15}, "config": CHART}
    dashboard = to_dashboard("d", {"title": "D", "panels": [panel]})
    panels = json.loads(dashboard["attributes"]["panelsJSON"])
    panels[0]["embeddableConfig"]["attributes"]["state"]["visualization"]["glow"] = True
    dashboard["attributes"]["panelsJSON"] = compact(panels)
    return [to_visualization("v", CHART), dashboard, SEARCH]


def verify(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, Any]:
    code = run(["verify-roundtrip", str(path), "--format", "json"])
    return code, json.loads(capsys.readouterr().out)


def test_the_tables(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """By type, by chart, the dashboards' own attributes, and why something is raw."""
    file = tmp_path / "export.ndjson"
    file.write_text(write_ndjson(objects()), encoding="utf-8")
    assert run(["verify-roundtrip", str(file)]) == 0
    out, err = capfd.readouterr()
    assert out == (
        "type       count  exact  clean  small  raw\n"
        "dashboard      1      1      0      1    0\n"
        "lens           1      1      1      0    0\n"
        "search         1      1      0      0    1\n"
        "\n"
        "Lens charts  count  exact  clean  small  raw\n"
        "metric           2      2      1      1    0\n"
        "\n"
        "dashboards without their panels  count  exact  clean  small  raw\n"
        "attributes                           1      1      1      0    0\n"
        "\n"
        "why something is raw\n"
        "  1  object: the vocabulary has no search\n"
        "  1  panel: state.visualization.glow\n"
        "\n"
    )
    assert err == "3 objects in 1 file, 3 exact, 2 with raw\n"


def test_files_without_objects_and_lines_without_json_are_listed_apart(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """They do not count."""
    (tmp_path / "mixed.ndjson").write_text(
        f"{compact(SEARCH)}\n{{broken\n\n" + '{"exportedCount":1}\n', encoding="utf-8"
    )
    (tmp_path / "package.json").write_text('{"name": "x"}', encoding="utf-8")
    (tmp_path / "notes.txt").write_text("no export", encoding="utf-8")
    code, found = verify(tmp_path, capfd)
    assert code == 0
    assert found["files"] == 2
    assert [name.rpartition("/")[2] for name in found["without_objects"]] == ["package.json"]
    assert [name.rpartition("/")[2] for name in found["no_json"]] == ["mixed.ndjson:2"]
    assert found["types"] == {"search": {"count": 1, "exact": 1, "clean": 0, "with_remainder": 0, "raw": 1}}


def test_no_object_at_all(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Nothing was proved then, so it is no success; the files are named all the same."""
    (tmp_path / "package.json").write_text('{"name": "x"}', encoding="utf-8")
    assert run(["verify-roundtrip", str(tmp_path)]) == 1
    out, err = capfd.readouterr()
    assert out == f"no saved object in (1)\n  {(tmp_path / 'package.json').as_posix()}\n\n"
    assert err == ("0 objects in 1 file, 0 exact, 0 with raw\nError: there is no saved object in any of these files\n")
    code, found = verify(tmp_path, capfd)
    assert (code, found["types"]) == (1, {})


def test_an_object_that_does_not_come_back(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is named, and the exit code says so. No object is known that does not: here the comparison is broken."""
    monkeypatch.setattr(roundtrip, "come_back", lambda items, _: [False] * len(items))
    (tmp_path / "one.json").write_text(compact(SEARCH), encoding="utf-8")
    assert run(["verify-roundtrip", str(tmp_path / "one.json")]) == 1
    assert "not the same afterwards (1)\n" in capfd.readouterr().out


def test_a_path_that_is_not_there_is_wrong_usage(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """As everywhere."""
    assert run(["verify-roundtrip", str(tmp_path / "missing.ndjson")]) == 2
    assert "missing.ndjson" in capfd.readouterr().err


def test_what_a_terminal_would_obey_is_escaped(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Types come from the file."""
    (tmp_path / "one.json").write_text(json.dumps({**SEARCH, "type": "\x1b[2J"}), encoding="utf-8")
    assert run(["verify-roundtrip", str(tmp_path)]) == 0
    assert "\x1b" not in capfd.readouterr().out


@needs_shared
def test_the_bar_over_the_corpus() -> None:
    """A thousand public objects: all exact; the dashboards' own attributes in words, and of the charts nine in ten."""
    found = verify_roundtrip([SHARED / "corpus"])
    assert sum(tally.count for tally in found.types.values()) > 1000
    assert found.different == []
    assert found.settings.clean == found.settings.count
    known = [found.charts[name] for name in CHARTS]
    count = sum(tally.count for tally in known)
    assert count > 600
    assert sum(tally.clean for tally in known) / count > 0.9
    assert sum(tally.clean + tally.with_remainder for tally in known) / count > 0.98
