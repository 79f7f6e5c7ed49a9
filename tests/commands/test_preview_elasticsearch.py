"""`kbuild preview --from-elasticsearch`: the numbers of a cluster are those of the same events in a file.

What goes wrong on the way to a cluster is said of servers that are made for it.
"""

from __future__ import annotations

import json
import math
import re
import shutil
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from kibana_builder.elastic.client import Elastic
from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.picture import png
from kibana_builder.sandbox.demo_events import enriched
from tests.commands.processes import run, started
from tests.elastic.pretended import PRODUCT, pretended
from tests.elastic.servers import URL, needs_elasticsearch
from tests.kibana.misbehaving import Step, answer, serving
from tests.project_folder import write_files
from tests.shared_material import REPOSITORY

PANELS = (
    *("model-performance-gauge", "inference-latency-trend", "model-distribution"),
    *("resource-utilization", "performance-table"),
)
DAY = "2025-12-31T00:00Z,2026-01-01T00:00Z"
CAPS = {"fields": {"@timestamp": {"date": {"type": "date", "metadata_field": False}}}}


def write_project(folder: Path, url: str, prefix: str) -> None:
    """Write the example's five panels on one dashboard, over indices of this prefix on this server."""
    project = (REPOSITORY / "kbuild.yaml").read_text("utf-8")
    project = project.replace("index_pattern: ", f"index_pattern: {prefix}-").replace("http://localhost:9200", url)
    panels = "".join(f"  - {{visualization: {name}}}\n" for name in PANELS)
    write_files(folder, {"kbuild.yaml": project, "dashboards/five.yaml": f"title: Five\npanels:\n{panels}"})
    shutil.copytree(REPOSITORY / "visualizations", folder / "visualizations")
    shutil.copytree(REPOSITORY / "index_templates", folder / "index_templates")


# ----------------------------------------------------------------------------------------------- the same numbers


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a project, and a day of events in a file and, as the ingest pipeline leaves them, in Elasticsearch."""
    made = tmp_path_factory.mktemp("project")
    prefix = f"kbuild-preview-{uuid.uuid4().hex[:12]}"
    write_project(made, URL, prefix)
    batch = ("--batch", "1000", "--seed", "4", "--to", "events.ndjson")
    assert run("generate", *batch, folder=made).returncode == 0
    shutil.move(made / "ml-logs" / "events.ndjson", made / "events.ndjson")
    template = json.loads((made / "index_templates" / "ml-metrics.json").read_text("utf-8"))
    index = f"{prefix}-ml-metrics-1"
    with Elastic(URL) as elastic:
        try:
            elastic.request("PUT", f"/{index}", body={"mappings": template["template"]["mappings"]})
            bulk = "".join(
                json.dumps({"create": {"_index": index}}) + "\n" + json.dumps(enriched(json.loads(line))) + "\n"
                for line in (made / "events.ndjson").read_text("utf-8").splitlines()
            )
            assert not elastic.bulk(bulk.encode(), params={"refresh": True})["errors"]
            yield made
        finally:
            elastic.request("DELETE", f"/{index}", params={"ignore_unavailable": True})


@pytest.mark.integration
@needs_elasticsearch
def test_pictures_show_the_same_numbers(folder: Path) -> None:
    """Every word and every value of a mark, in the HTML file and so in the PNG, which is its drawing."""
    shown = []
    for name, source in (("cluster", ("--from-elasticsearch",)), ("file", ("--data", "events.ndjson"))):
        said = run(*("preview", *source, "--time-range", DAY, "--html", f"{name}.html", "--png", name), folder=folder)
        assert (said.returncode, said.stderr) == (0, "")
        html = (folder / f"{name}.html").read_text("utf-8")
        (svg,) = re.findall(r"<figure[^>]*>(.*)</figure>", html, re.DOTALL)
        assert (folder / name / "ml-monitoring-five.png").read_bytes() == png(svg)
        shown.append(re.findall(r'>([^<]+)<|aria-label="([^"]*)"', html))
    notes = [pair for pair in zip(*shown, strict=True) if not alike(*pair)]
    (((of_cluster, _), (of_file, _)),) = notes
    assert of_cluster == f"Data of {URL}"
    assert of_file.startswith("1,000 events of events.ndjson")
    assert len(shown[0]) > 200


def alike(one: Json, other: Json) -> bool:
    """Compare words, whose numbers are rounded: a half is rounded up by one and down by the other."""
    if isinstance(one, tuple) and isinstance(other, tuple):
        return all(map(alike, one, other))
    number = re.compile(r"\d[\d,]*\.?\d*")
    numbers = [[float(said.replace(",", "")) for said in number.findall(str(text))] for text in (one, other)]
    return number.sub("0", str(one)) == number.sub("0", str(other)) and numbers[0] == pytest.approx(numbers[1], 1e-4)


@pytest.mark.integration
@needs_elasticsearch
def test_the_page_shows_the_same_numbers(folder: Path) -> None:
    """Every cell of every panel's rows, as "Inspect" gives them, and no panel has an error."""
    from_cluster = rows_of_page(folder, "--from-elasticsearch")
    from_file = rows_of_page(folder, "--data", "events.ndjson")
    assert from_cluster.keys() == from_file.keys() == set(PANELS)
    for name, layers in from_cluster.items():
        for layer, other in zip(layers, from_file[name], strict=True):
            assert layer["rows"]
            assert layer["columns"] == other["columns"]
            assert [pair for pair in zip(layer["rows"], other["rows"], strict=True) if not same(*pair)] == []


def rows_of_page(folder: Path, *source: str) -> dict[str, list[JsonObject]]:
    """Serve the page, and give the rows of its panels."""
    with started("preview", *source, "--time-range", DAY, "--port", "0", folder=folder) as address:
        drawn = call(address, "draw", id="ml-monitoring-five")
        assert [panel["id"] for panel in drawn["panels"] if 'class="error"' in panel["html"]] == []
        return {
            panel["id"]: call(address, "inspect", id="ml-monitoring-five", panel=panel["id"])["layers"]
            for panel in drawn["panels"]
        }


def call(address: str, name: str, **asked: Json) -> Any:
    """Ask the page's API."""
    return requests.post(f"{address.rstrip('/')}/kbuild/api/{name}", json=asked, timeout=20).json()


def same(one: Json, other: Json) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) or isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return bool(one == other)


@pytest.mark.integration
@needs_elasticsearch
def test_an_index_that_is_not_there(tmp_path: Path) -> None:
    """Each panel says so in its place: nothing was counted, so no 0 is drawn."""
    write_project(tmp_path, URL, f"kbuild-preview-{uuid.uuid4().hex[:12]}")
    said = run("preview", "--from-elasticsearch", "--html", "page.html", folder=tmp_path)
    assert (said.returncode, said.stderr) == (0, "")
    words = re.findall(r">(Elasticsearch has no index) kbuild-preview-", (tmp_path / "page.html").read_text("utf-8"))
    assert len(words) == len(PANELS)


# ------------------------------------------------------------------------------------------------------- mistakes


def refusal(status: int, reason: str) -> Step:
    return answer(status, {"error": {"type": "security_exception", "reason": reason}, "status": status}, PRODUCT)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (refusal(401, "missing authentication credentials"), "ELASTICSEARCH_API_KEY"),
        (refusal(403, "action is unauthorized"), "action is unauthorized"),
        (answer(200, b"<html>a proxy</html>"), "Is this the address of Elasticsearch itself"),
    ],
)
def test_a_cluster_that_does_not_answer_us(step: Step, words: str, tmp_path: Path) -> None:
    """A picture of nothing is not written; the page is served, and says why it is empty."""
    with serving(step) as server:
        write_project(tmp_path, server.url, "x")
        said = run("preview", "--from-elasticsearch", "--png", "out", folder=tmp_path)
        assert (said.returncode, said.stdout) == (1, "")
        assert words in said.stderr
        assert "Traceback" not in said.stderr
        assert not (tmp_path / "out").exists()
        with started("preview", "--from-elasticsearch", "--port", "0", folder=tmp_path) as address:
            assert words in call(address, "draw", id="ml-monitoring-five")["error"]


def test_nobody_is_at_the_address(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens, and nobody else can
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        write_project(tmp_path, address, "x")
        said = run("preview", "--from-elasticsearch", "--html", "page.html", folder=tmp_path)
    assert (said.returncode, said.stdout) == (1, "")
    assert f"Error: {address}: the connection is refused. Is Elasticsearch running" in said.stderr
    assert not (tmp_path / "page.html").exists()


@pytest.mark.parametrize(
    ("contexts", "words"),
    [
        ("", "kbuild.yaml names no context; add one to `contexts:`\n"),
        (
            'contexts: {local: {kibana: "http://localhost:5601"}}\n',
            "the context 'local' has no `elasticsearch:`; add it\n",
        ),
    ],
)
def test_no_address(contexts: str, words: str, tmp_path: Path) -> None:
    """It is wrong usage, and no option is named that preview does not have."""
    write_files(
        tmp_path, {"kbuild.yaml": f"project: shop\n{contexts}", "dashboards/main.yaml": "title: M\npanels: []\n"}
    )
    said = run("preview", "--from-elasticsearch", "--png", "out", folder=tmp_path)
    assert (said.returncode, said.stdout, said.stderr) == (2, "", f"Error: {words}")


def test_a_call_asks_for_the_fields_of_a_data_view_once(tmp_path: Path) -> None:
    """However many dashboards it draws."""
    caps = {f"/x-{name}-*/_field_caps": (200, CAPS) for name in ("ml-metrics", "ml-training", "data-quality")}
    with pretended(answers=caps) as cluster:
        write_project(tmp_path, cluster.url, "x")
        shutil.copy(tmp_path / "dashboards" / "five.yaml", tmp_path / "dashboards" / "again.yaml")
        assert run("preview", "--from-elasticsearch", "--html", "page.html", folder=tmp_path).returncode == 0
        asked = [path.partition("?")[0] for path in cluster.sent("GET")]
    assert sorted(asked) == sorted(caps)
