"""A small project on disk, and the command line run in it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kibana_builder.commands import run
from kibana_builder.kibana.http import Kibana
from tests.sync.project import World

PROJECT = """\
project: shop
data_views:
  orders: {{title: Orders, index_pattern: "orders-*", time_field: "@timestamp"}}
contexts:
  local: {{kibana: "{url}"}}
  ops: {{kibana: "{url}", space: ops}}
  nowhere: {{kibana: "http://127.0.0.1:1"}}
"""
LATENCY = """\
type: metric
title: Latency
data_source: orders
metrics:
  - {type: primary, operation: average, field: latency}
"""
DASHBOARD = """\
title: Overview
tags: [ml]
panels:
  - {visualization: latency}
  - {visualization: errors}
"""
FILES = {
    "visualizations/latency.yaml": LATENCY,
    "visualizations/errors.yaml": LATENCY.replace("Latency", "Errors"),
    "dashboards/overview.yaml": DASHBOARD,
}


@dataclass
class Said:
    """What a command said, and the code it ended with."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Shop:
    """The project, and the sandbox that its contexts lead to."""

    root: Path
    url: str
    capture: pytest.CaptureFixture[str]

    def run(self, *args: str) -> Said:
        self.capture.readouterr()
        code = run(args)
        said = self.capture.readouterr()
        assert "Traceback" not in said.err
        return Said(code, said.out, said.err)

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")

    @contextmanager
    def world(self, space: str | None = None) -> Iterator[World]:
        """Go to Kibana as somebody else."""
        with Kibana(self.url, space=space) as kibana:
            yield World(kibana, self.root)


def make_shop(root: Path, url: str, monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> Shop:
    """Write the project, go into its folder, and take the terminal and the credentials away."""
    shop = Shop(root, url, capture)
    shop.write("kbuild.yaml", PROJECT.format(url=url))
    for name, text in FILES.items():
        shop.write(name, text)
    monkeypatch.chdir(root)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    for name in ("KIBANA_API_KEY", "KIBANA_USERNAME", "KIBANA_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    return shop
