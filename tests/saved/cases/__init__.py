"""Cases as data: what the vocabulary says beside what Kibana keeps, read in both directions."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

__all__ = ["every_case"]


def every_case(name: str) -> pytest.MarkDecorator:
    """Run a test with each `case` of the file of that name."""
    cases = yaml.safe_load((Path(__file__).parent / f"{name}.yaml").read_text("utf-8"))
    return pytest.mark.parametrize("case", cases, ids=lambda case: case["case"])
