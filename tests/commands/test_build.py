"""`kbuild build`: what is written, where, and that nothing is where there are errors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from kibana_builder.commands import run
from tests.shared_material import REPOSITORY

PROJECT = """\
project: shop
data_views:
  orders: {index_pattern: "orders-*", time_field: "@timestamp"}
contexts:
  here: {kibana: "http://localhost:5601"}
"""
COUNT = """\
type: metric
title: Zählung
data_source: orders
metrics: [{type: primary, operation: count}]
"""
OVERVIEW = """\
title: Overview
tags: [shop]
panels: [{visualization: count}]
"""
DETAILS = """\
title: Details
id: a/b?c
panels: [{type: markdown, config: {content: "# Détails"}}]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    files = {
        "kbuild.yaml": PROJECT,
        "visualizations/count.yaml": COUNT,
        "dashboards/overview.yaml": OVERVIEW,
        "dashboards/details.yaml": DETAILS,
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def built(file: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in file.read_text("utf-8").split("\n")]


def test_ndjson_goes_to_a_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As Kibana exports it, with no line end at the end; the summary goes to people."""
    assert run(["build", "-o", "out.ndjson"]) == 0
    kinds = [item["type"] for item in built(folder / "out.ndjson")]
    assert kinds == ["index-pattern", "tag", "lens", "dashboard", "dashboard"]
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "wrote out.ndjson: 1 data view, 1 tag, 1 visualization, 2 dashboards\n"


@pytest.mark.parametrize("where", [[], ["-o", "-"]])
def test_ndjson_goes_to_stdout(where: list[str], folder: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """The same bytes, closed by a line end."""
    assert run(["build", *where]) == 0
    assert run(["build", "--output", "out.ndjson"]) == 0
    assert capsysbinary.readouterr().out == (folder / "out.ndjson").read_bytes() + b"\n"


def test_paths_select(folder: Path) -> None:
    """What they name, with what that refers to."""
    assert run(["build", "dashboards/overview.yaml", "-o", "out.ndjson"]) == 0
    assert [item["id"] for item in built(folder / "out.ndjson") if item["type"] != "tag"] == [
        "shop-orders",
        "shop-count",
        "shop-overview",
    ]


def test_the_same_files_give_the_same_bytes(folder: Path) -> None:
    """From one process to the next, whatever the seed of Python's hashes."""
    texts = set()
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "kibana_builder", "build", str(REPOSITORY / "dashboards"), "-o", "out.ndjson"]
        subprocess.run(
            command, check=True, cwd=folder, env={**os.environ, "PYTHONHASHSEED": seed}, stderr=subprocess.PIPE
        )
        texts.add((folder / "out.ndjson").read_bytes())
    assert len(texts) == 1


def test_stdout_is_utf_8_whatever_the_terminal_can_show(folder: Path) -> None:
    """A pipe gets JSON, not the terminal's escapes."""
    command = [sys.executable, "-m", "kibana_builder", "build"]
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, check=True, cwd=folder, env=environment, capture_output=True)
    assert "Zählung" in done.stdout.decode("utf-8")


def test_one_document_stands_alone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ready for a PUT."""
    assert run(["build", "dashboards/details.yaml", "--format", "as-code"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["title"] == "Details"
    assert document["panels"][0]["config"] == {"settings": {}, "content": "# Détails"}


def test_several_documents_are_a_list(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the ids that the documents themselves do not say."""
    assert run(["build", "--format", "as-code"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert sorted((entry["kind"], entry["id"]) for entry in listed) == [
        ("dashboard", "a/b?c"),
        ("dashboard", "shop-overview"),
        ("visualization", "shop-count"),
    ]
    assert all(entry.keys() == {"kind", "id", "document"} for entry in listed)


def test_documents_go_to_a_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each into a file named after its id, as it stands in an address; no id leaves the folder."""
    assert run(["build", "--format", "as-code", "-o", "out"]) == 0
    assert sorted(path.relative_to(folder / "out").as_posix() for path in (folder / "out").rglob("*.json")) == [
        "dashboards/a%2Fb%3Fc.json",
        "dashboards/shop-overview.json",
        "visualizations/shop-count.json",
    ]
    assert json.loads((folder / "out" / "visualizations" / "shop-count.json").read_text("utf-8"))["title"] == "Zählung"
    assert capsys.readouterr().err == "wrote out: 2 dashboards, 1 visualization\n"


@pytest.mark.parametrize("form", ["ndjson", "as-code"])
@pytest.mark.parametrize(
    "mistake",
    ["panels: []\n", "title: Details\npanels: [{visualization: missing}]\n"],
)
def test_nothing_is_written_where_there_are_errors(
    folder: Path, capsys: pytest.CaptureFixture[str], form: str, mistake: str
) -> None:
    """The problems are printed with their places, and the file that was there stays."""
    (folder / "out").write_text("before", "utf-8")
    (folder / "dashboards" / "details.yaml").write_text(mistake, "utf-8")
    assert run(["build", "--format", form, "-o", "out"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("dashboards/details.yaml:")
    assert (folder / "out").read_text("utf-8") == "before"


def test_what_kibana_cannot_keep_is_printed_with_its_place(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Like any other problem."""
    (folder / "dashboards" / "details.yaml").write_text(DETAILS + "options: {hide_panel_borders: true}\n", "utf-8")
    assert run(["build"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    words = "Kibana 8.12 has no place for 'hide_panel_borders: true'"
    assert err.splitlines() == [
        f"dashboards/details.yaml:4:31: error: {words} [not-expressible]",
        "    4 | options: {hide_panel_borders: true}",
        "      |                               ^^^^",
        "1 error",
    ]


def test_a_project_without_files_has_nothing_to_build(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty file would be a success for Kibana's import."""
    for file in [*folder.glob("dashboards/*"), *folder.glob("visualizations/*")]:
        file.unlink()
    assert run(["build", "-o", "out.ndjson"]) == 1
    assert "nothing to build" in capsys.readouterr().err
    assert not (folder / "out.ndjson").exists()


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["-o", "missing/out.ndjson"], "cannot write missing/out.ndjson: there is no folder missing"),
        (["--format", "as-code", "-o", "kbuild.yaml"], "cannot make the folder"),
    ],
)
def test_a_place_that_cannot_be_written(
    folder: Path, capsys: pytest.CaptureFixture[str], args: list[str], words: str
) -> None:
    """Words, not a traceback."""
    assert run(["build", *args]) == 1
    assert words in capsys.readouterr().err


def test_an_unknown_format_is_wrong_usage(folder: Path) -> None:
    """Exit code 2, as for any option that cannot be meant."""
    assert run(["build", "--format", "xml"]) == 2


def test_the_example_goes_into_a_sandbox(tmp_path: Path, sandbox_url: str) -> None:
    """What is built is what an import takes."""
    assert run(["build", str(REPOSITORY / "dashboards"), "-o", str(tmp_path / "out.ndjson")]) == 0
    count = len(built(tmp_path / "out.ndjson"))
    with (tmp_path / "out.ndjson").open("rb") as file:
        answer = requests.post(
            f"{sandbox_url}/api/saved_objects/_import",
            headers={"kbn-xsrf": "true"},
            files={"file": ("out.ndjson", file)},
            timeout=30,
        )
    assert answer.json() | {"successResults": []} == {
        "success": True,
        "successCount": count,
        "successResults": [],
        "warnings": [],
    }
