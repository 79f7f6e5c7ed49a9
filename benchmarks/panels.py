"""What the sandbox promises of its events: how fast they come in, and how soon a dashboard over them is answered.

Run as a module in a process of its own, whose memory is measured: `python -m benchmarks.panels EVENTS.ndjson`.
"""

from __future__ import annotations

import dataclasses
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from kibana_builder.files.project import load_project
from kibana_builder.files.source import Source as Files
from kibana_builder.files.source import load_source
from kibana_builder.preview.answer import Answer
from kibana_builder.preview.dashboard_view import Settings, ask, view_of
from kibana_builder.preview.duckdb import DuckExecutor
from kibana_builder.preview.project_stage import ProjectShow
from kibana_builder.preview.stage import Stage
from kibana_builder.sandbox.event_files import mappings_of
from kibana_builder.sandbox.events import Events

ROOT = Path(__file__).parents[1]
EVENTS = 1_000_000
DASHBOARD = "ml-monitoring-ml-model-monitoring"
FIVE = (
    *("model-performance-gauge", "inference-latency-trend", "resource-utilization"),
    *("model-distribution", "performance-table"),
)
END_MS = 1767225600000
RANGE = {"from": "2025-12-31T00:00:00.000Z", "to": "2026-01-01T00:00:00.000Z"}
"""The day that `kbuild generate --seed` spreads its events over."""


def figures(kbuild: str) -> tuple[float, float, float]:
    """Give events a second into the store, seconds until a dashboard over them is answered, and megabytes held."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "events.ndjson"
        subprocess.run(
            (kbuild, "generate", "--batch", str(EVENTS), "--seed", "1", "--to", str(path)),
            check=True,
            capture_output=True,
        )
        measured = subprocess.run(
            (sys.executable, "-m", "benchmarks.panels", str(path)), cwd=ROOT, check=True, capture_output=True, text=True
        )
    rate, seconds, memory = json.loads(measured.stdout)
    return rate, seconds, memory


def main(path: Path) -> None:
    show = ProjectShow(_files)
    with Events(path.with_suffix(".duckdb"), *mappings_of(load_project(ROOT / "kbuild.yaml"))) as events:
        begin = time.perf_counter()
        loaded = events.load("ml-metrics-2025.12", path)
        rate = loaded / (time.perf_counter() - begin)
        view = view_of(show.library(), DASHBOARD).chosen(Settings(time_range=RANGE))
        stage = Stage(show.library, show.version, DuckExecutor(events))
        view = dataclasses.replace(view, panels=tuple(panel for panel in view.panels if panel.id in FIVE))
        took = []
        for _ in range(3):
            begin = time.perf_counter()
            answers = ask(view, stage.executor, stage.sources(), END_MS)
            took.append(time.perf_counter() - begin)
        assert loaded == EVENTS, loaded
        assert len(answers) == len(FIVE), list(answers)
        assert all(isinstance(answer, Answer) for answer in answers.values()), answers
    print(json.dumps([rate, min(took), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))


def _files() -> Files:
    return load_source(load_project(ROOT / "kbuild.yaml"), (), None)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
