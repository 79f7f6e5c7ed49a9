"""Projects on disk for the tests: a folder from a mapping of file names to texts, and what loading it gives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from kibana_builder.files.project import load_project
from kibana_builder.files.source import Source, load_source
from kibana_builder.json_tree import Json

PROJECT = """\
project: shop
data_views:
  metrics: {index_pattern: "metrics-*", time_field: "@timestamp", template: templates/metrics.json}
  plain: {index_pattern: "plain-*"}
contexts:
  local: {kibana: "http://localhost:5601"}
"""

TEMPLATE = {
    "template": {
        "mappings": {
            "properties": {
                "@timestamp": {"type": "date"},
                "model": {"type": "keyword"},
                "latency": {"type": "double"},
                "ok": {"type": "boolean"},
                "address": {"type": "ip"},
                "message": {"type": "text", "fields": {"keyword": {"type": "keyword"}}},
                "requests": {"type": "long", "time_series_metric": "counter"},
                "raw": {"type": "keyword", "doc_values": False},
                "place": {"type": "geo_point"},
                "sketch": {"type": "histogram"},
            }
        }
    }
}

METRIC = "type: metric\ntitle: Requests\ndata_source: plain\nmetrics:\n  - {type: primary, operation: count}\n"
"""A visualization that nothing is wrong with."""


def write_files(folder: Path, files: Mapping[str, str | bytes | Json]) -> None:
    """Write files under a folder: text, bytes, or JSON of anything else."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def source_of(folder: Path, files: Mapping[str, str | bytes | Json], *paths: str, project: str = PROJECT) -> Source:
    """Write a project with a template and these files, and load it."""
    write_files(folder, {"kbuild.yaml": project, "templates/metrics.json": TEMPLATE, **files})
    return load_source(load_project(folder / "kbuild.yaml"), [folder / path for path in paths])
