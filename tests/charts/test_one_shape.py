"""Each shape that Kibana takes for the same is read as one; another stays what it is."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from kibana_builder.charts.one_shape import in_one_shape

CASES: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "cases" / "one_shape.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", CASES)
def test_a_state_in_the_one_shape(name: str) -> None:
    """Once in the one shape it stays so, and what was handed in is not touched."""
    written = copy.deepcopy(CASES[name]["written"])
    shape = in_one_shape(written)
    assert shape == CASES[name]["shape"]
    assert in_one_shape(shape) == shape
    assert written == CASES[name]["written"]
