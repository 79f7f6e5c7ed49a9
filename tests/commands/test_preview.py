"""`kbuild preview`: what is written, what the page answers, and what each mistake says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.commands.processes import run, started
from tests.preview.shown import FILES
from tests.project_folder import write_files

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_files(tmp_path, FILES)
    return tmp_path


def events(folder: Path, count: int) -> None:
    lines = [
        {"@timestamp": f"2026-01-01T00:00:{second:02}Z", "model": "alpha", "latency": 5, "_index": "events-1"}
        for second in range(count)
    ]
    (folder / "mine.ndjson").write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_pictures_and_a_page_in_files(folder: Path) -> None:
    """Each dashboard is one PNG of the width asked for; the HTML file has all of them and asks nobody for anything."""
    events(folder, 7)
    said = run(
        *("preview", "--data", "mine.ndjson", "--time-range", "2026-01-01T00:00Z,2026-01-01T01:00Z"),
        *("--png", "pictures", "--html", "page.html", "--width", "800"),
        folder=folder,
    )
    assert (said.returncode, said.stderr) == (0, "")
    *pictures, page = said.stdout.split()
    assert page == "page.html"
    for name in pictures:
        content = (folder / name).read_bytes()
        assert content.startswith(PNG)
        assert int.from_bytes(content[16:20]) == 800
    html = (folder / page).read_text()
    assert "7 events of mine.ndjson, Jan 1, 2026 @ 00:00 → " in html
    assert re.search(r"<(script|img|link|iframe|object)\b|url\(\s*[\"']?http", html) is None


def test_the_page_follows_a_save(folder: Path) -> None:
    """Made-up events are said to be made up, and what is saved is in the page's next answer."""
    with started("preview", "--port", "0", folder=folder) as address:
        assert "Made-up events" in shown(address)["notes"]
        assert "Total" in titles(address)
        chart = folder / "visualizations" / "total.yaml"
        chart.write_text(chart.read_text().replace("title: Total", "title: Grand total"))
        comes(address, "Grand total")


def test_the_page_follows_folders_that_a_project_names_later(folder: Path) -> None:
    """A folder put into `kbuild.yaml` is shown, and its next save as well."""
    more = folder / "more" / "another.yaml"
    write_files(folder, {"more/another.yaml": FILES["visualizations/total.yaml"].replace("Total", "Another")})
    with started("preview", "--port", "0", folder=folder) as address:
        project = folder / "kbuild.yaml"
        project.write_text(project.read_text() + "\npaths: [dashboards, visualizations, more]\n")
        comes(address, "Another")
        more.write_text(more.read_text().replace("Another", "Saved again"))
        comes(address, "Saved again")


def comes(address: str, title: str) -> None:
    """Wait until the page shows a visualization of this title."""
    deadline = time.monotonic() + 10
    while title not in titles(address):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def shown(address: str) -> Any:
    """Ask the page what there is to look at."""
    return requests.post(f"{address.rstrip('/')}/kbuild/api/overview", json={}, timeout=5).json()


def titles(address: str) -> list[str]:
    return [one["title"] for one in shown(address)["visualizations"]]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--from-elasticsearch", "--data", "mine.ndjson"), "--from-elasticsearch and --data exclude each other"),
        (("--time-range", "yesterday"), "--time-range: "),
        (("--time-range", "now,now-1h"), "--time-range: now-1h is not after now"),
        (("--time-range", "now+1h"), "--time-range: now is not after now+1h"),
        (("--data", "nowhere.ndjson", "--png", "out"), "nowhere.ndjson cannot be read: there is no such file"),
        (("--data", ".", "--png", "out"), ". cannot be read: it is a folder"),
        (("--width", "900"), "--width is that of a picture"),
        (("--port", "0", "--png", "out"), "--port is that of the page"),
        (("--png", "kbuild.yaml"), "--png wants a folder, and kbuild.yaml is a file"),
        (("--html", "dashboards"), "--html wants a file, and dashboards is a folder"),
        (("--data", "kbuild.yaml", "--png", "out"), "kbuild.yaml:2: this line is no JSON"),
        (("--width", "3", "--png", "out"), "--width"),
    ],
)
def test_mistakes(folder: Path, arguments: tuple[str, ...], words: str) -> None:
    said = run("preview", *arguments, folder=folder)
    assert said.returncode == (1 if "no JSON" in words else 2)
    assert said.stdout == ""
    assert words in said.stderr
    assert "Traceback" not in said.stderr
    assert not (folder / "out").exists()


def test_made_up_numbers_fit_their_charts(folder: Path) -> None:
    """A share of at most 100 %, a gauge within its ends, an axis with something between its ends."""
    (folder / "visualizations" / "share.yaml").write_text("""
type: data_table
title: Shares
data_source: events
rows: [{operation: terms, fields: [model], limit: 5}]
metrics: [{operation: max, field: share, label: Most, format: {type: percent}}]
""")
    (folder / "visualizations" / "sure.yaml").write_text("""
type: data_table
title: Sure
data_source: events
metrics: [{operation: max, field: sure, label: Sure, format: {type: number, decimals: 3}}]
""")
    (folder / "visualizations" / "gauge.yaml").write_text("""
type: gauge
title: How sure
data_source: events
metric: {operation: average, field: sure, min: 0, max: 2}
""")
    (folder / "dashboards" / "main.yaml").write_text(
        "title: Main\npanels: [{visualization: share}, {visualization: sure}, {visualization: gauge}]\n"
    )
    assert run("preview", "--html", "page.html", folder=folder).returncode == 0
    html = (folder / "page.html").read_text()
    shares = [float(share) for share in re.findall(r">([\d.,]+)%<", html)]
    assert shares
    assert all(0 < share <= 100 for share in shares)
    assert 0 < max(float(sure) for sure in re.findall(r">(\d\.\d{3})<", html)) <= 2
    assert "Made-up events" in html


def test_a_picture_that_cannot_be_written(folder: Path) -> None:
    (folder / "out").write_text("a file")
    said = run("preview", "--png", "out/pictures", folder=folder)
    assert said.returncode == 1
    assert "out/pictures" in said.stderr
    assert "cannot be written: Not a directory" in said.stderr


def test_every_picture_has_a_file_of_its_own_in_the_folder(folder: Path) -> None:
    """Whatever the ids are made of: two that become the same name, none that leads out of the folder."""
    for file in (folder / "dashboards").iterdir():
        file.unlink()
    for number, name in enumerate(("a/b", "A_B", "../../up", "日本語", "..", "nul")):
        board = f"title: '{'Same' if number < 2 else number}'\nid: '{name}'\npanels: []\n"
        (folder / "dashboards" / f"d{number}.yaml").write_text(board, "utf-8")
    said = run("preview", "--png", "out/pictures", "--html", "-", "--width", "400", folder=folder)
    assert said.returncode == 0
    names = ("3.png", "4.png", "a-b-2.png", "a-b.png", "nul-1.png", "up.png")
    assert sorted(path.name for path in (folder / "out" / "pictures").iterdir()) == list(names)
    assert sorted(path for path in folder.rglob("*.png") if path.parent.name != "pictures") == []
    assert said.stdout.startswith("<!DOCTYPE html>")  # a `-` is stdout, where nothing else is then
    assert said.stdout.count("<figure aria-label=") == 6
    assert set(said.stderr.split()) == {f"out/pictures/{name}" for name in names}


def test_a_time_range_that_ends_now(folder: Path) -> None:
    """Its end may be left out, whether it begins at a moment or at one reckoned from now."""
    for said in ("2026-01-01T00:00Z", "now/d"):
        assert run("preview", "--time-range", said, "--html", "page.html", folder=folder).returncode == 0
    html = (folder / "page.html").read_text()
    assert "Made-up events" in html


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM")
def test_a_service_manager_ends_it_as_ctrl_c_does(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing is left behind."""
    room = tmp_path_factory.mktemp("temporary")
    command = [sys.executable, "-m", "kibana_builder", "preview", "--port", "0"]
    environment = {**os.environ, "TMPDIR": str(room)}
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        assert list(room.iterdir())
        process.terminate()
        assert process.wait(timeout=20) == 0
    assert list(room.iterdir()) == []


def test_pictures_need_no_browser(folder: Path) -> None:
    """Nor any other program: none is on the way to them."""
    command = [sys.executable, "-m", "kibana_builder", "preview", "--png", "out", "--html", "page.html"]
    environment = {**os.environ, "PATH": str(folder)}
    said = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (said.returncode, said.stderr) == (0, "")
    assert len(list((folder / "out").iterdir())) == len(list((folder / "dashboards").iterdir()))


def test_a_dashboard_with_an_error(folder: Path) -> None:
    """It is named with its place, the others are shown, and the exit code says that it is not all."""
    (folder / "dashboards" / "detail.yaml").write_text("titel: Wrong\n")
    said = run("preview", "--html", "page.html", folder=folder)
    assert said.returncode == 1
    assert "Total" in (folder / "page.html").read_text()
    assert "dashboards/" in said.stderr
    assert "titel" in said.stderr
