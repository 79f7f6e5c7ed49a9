"""The dashboards of the example compile to the bytes that are kept in tests/golden."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.golden.write import DASHBOARDS, FOLDER, compiled


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda path: path.stem)
def test_a_dashboard_compiles_to_its_golden_file(dashboard: Path) -> None:
    """Line by line, so that a failure names the object; `make golden` accepts a change that is meant."""
    golden = (FOLDER / f"{dashboard.stem}.ndjson").read_bytes().decode("utf-8")
    text = compiled(dashboard)
    assert [json.loads(line) for line in text.splitlines()] == [json.loads(line) for line in golden.splitlines()]
    assert text == golden


def test_there_is_no_golden_file_without_a_dashboard() -> None:
    """What is left of a dashboard that is gone would be compared with nothing."""
    assert {path.stem for path in FOLDER.glob("*.ndjson")} == {path.stem for path in DASHBOARDS}
