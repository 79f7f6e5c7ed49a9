"""Data-quality events: what the checks of datasets found in each column."""

from __future__ import annotations

import json

import numpy as np

from generator.batch import Batch
from generator.draws import Chances, Floats, Ints, outcome, quoted, stamps
from generator.event import document_id, index_of
from generator.models import Models
from generator.scenarios import SCENARIOS

__all__ = ["Quality"]

TYPE = "data_quality"
ENVIRONMENTS = ("production", "production", "staging")
REGIONS = ("us-east-1", "eu-west-1")
FAILURE = "schema validation failed: a column is missing"
UNREAD = "connection to the warehouse timed out"
"""What goes wrong while the services are down or busy."""


class Quality:
    """Makes data-quality events: every column in turn; see `core.Kind`."""

    def __init__(self, models: Models, scenario: str) -> None:
        self.columns = models.columns
        self.change = SCENARIOS[scenario]
        self.chances = Chances(4, uniform=4, normal=4)

    def intensity(self, times_ms: Ints, at: Floats) -> Floats:  # noqa: ARG002 - see core.Kind
        """Give how many events come at each moment: checks run all day."""
        return np.ones(len(times_ms))

    def make(self, seed: int, first: int, times_ms: Ints, at: Floats) -> Batch:
        """Make an event for each moment (epoch ms), numbered from `first`; `at` is its place in the run, 0 to 1."""
        chance, normal, _ = self.chances.of(seed, first, len(times_ms))
        change = self.change(at)
        unread = chance[3] < change.error_rate
        times = stamps(times_ms)
        worse = np.maximum(change.drift, -2 * change.quality)
        failed = chance[2] < 0.005 + 0.03 * worse
        lines = [
            self._line(first + number, time, normal[:, number], chance[:, number], worse[number])
            + outcome(UNREAD if unread[number] else FAILURE if failed[number] else None)
            for number, time in enumerate(times)
        ]
        return Batch(
            lines,
            ids=lambda: [document_id(json.loads(line)) for line in lines],
            indices=lambda: [index_of(TYPE, time) for time in times],
        )

    def _line(self, number: int, time: str, normal: Floats, chance: Floats, worse: float) -> str:
        column = self.columns[number % len(self.columns)]
        rows = max(1, int(column.rows * (1 + 0.05 * normal[0])))
        nulls = min(1.0, max(0.0, column.null_rate * (1 + 0.2 * normal[1]) + 0.1 * worse * chance[0]))
        drift = min(1.0, max(0.0, column.drift * (1 + 0.25 * normal[2]) + 0.55 * worse))
        outliers = int(rows * (0.0005 + 0.004 * worse) * (1 + 0.3 * abs(normal[3])))
        violations = int(rows * 0.0002 * worse * (1 + chance[1]))
        score = min(1.0, max(0.0, 1 - 0.5 * nulls - 0.6 * drift - 20 * violations / rows))
        environment = ENVIRONMENTS[number // len(self.columns) % len(ENVIRONMENTS)]
        region = REGIONS[number // len(self.columns) % len(REGIONS)]
        return (
            f'{{"@timestamp":"{time}","type":"{TYPE}","dataset":{quoted(column.dataset)},"column":{quoted(column.name)},'
            f'"rows_checked":{rows},"null_rate":{nulls:.5f},"drift_score":{drift:.4f},"outliers":{outliers},'
            f'"schema_violations":{violations},"data_quality_score":{score:.4f},"environment":"{environment}",'
            f'"region":"{region}",'
        )
