"""What the schema says of operations beyond types and words."""

from __future__ import annotations

import pytest

from kibana_builder.charts.formula_functions import check_formula
from kibana_builder.json_tree import Json
from kibana_builder.spec.check import check

SPANS = ["1d", "3 w", "30s", "12M", " 2y ", "0h"]
SHIFTS = [*SPANS, "previous", "startAt(2024-01-01T00:00:00.000Z)", "endAt(2024-01-01T00:00:00.000Z)"]
NO_SPANS = ["banana", "", " ", "1", "d", "1q", "3 weeks", "-1d", "1.5d", "1d1h", "1d\n", "now-1d"]


def messages(**settings: Json) -> list[tuple[Json, str]]:
    metric = {"type": "primary", "operation": "average", "field": "cpu", **settings}
    chart: Json = {"type": "metric", "title": "CPU", "data_source": "metrics", "metrics": [metric]}
    return [(finding.path[-1], finding.message) for finding in check("visualization", chart)]


@pytest.mark.parametrize("text", SHIFTS)
def test_a_time_shift(text: str) -> None:
    """What a formula takes, and Kibana with it, an operation takes too."""
    assert messages(time_shift=text) == []
    assert check_formula(f"average(cpu, shift='{text}')") is None


@pytest.mark.parametrize("text", [*NO_SPANS, "startAt()", "previously"])
def test_no_time_shift(text: str) -> None:
    """Kibana would show an error in the chart; the finding says what is expected."""
    ((where, message),) = messages(time_shift=text)
    assert where == "time_shift"
    assert message.startswith("expected a span of time such as 1d or 1w")
    if "\n" not in text:
        assert check_formula(f"average(cpu, shift='{text}')") is not None


@pytest.mark.parametrize("text", SPANS)
def test_a_reduced_time_range(text: str) -> None:
    """As with the shift."""
    assert messages(reduced_time_range=text) == []
    assert check_formula(f"average(cpu, reducedTimeRange='{text}')") is None


@pytest.mark.parametrize("text", [*NO_SPANS, "previous", "startAt(2024-01-01T00:00:00.000Z)"])
def test_no_reduced_time_range(text: str) -> None:
    """As with the shift."""
    ((where, message),) = messages(reduced_time_range=text)
    assert where == "reduced_time_range"
    assert message.startswith("expected a length of time such as 30s, 1h or 7d")
    if "\n" not in text:
        assert check_formula(f"average(cpu, reducedTimeRange='{text}')") is not None


def test_ranges_without_a_range() -> None:
    """There would be no bucket at all."""
    buckets: Json = {"operation": "range", "field": "cpu", "ranges": []}
    chart: Json = {
        "type": "pie",
        "title": "CPU",
        "data_source": "metrics",
        "metrics": [{"operation": "count"}],
        "group_by": [buckets],
    }
    (finding,) = check("visualization", chart)
    assert (finding.path, finding.message) == (("group_by", 0, "ranges"), "this must not be empty")
    buckets["ranges"] = [{"lte": 50}]
    assert check("visualization", chart) == []
