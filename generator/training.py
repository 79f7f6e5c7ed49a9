"""Training events: the epochs of training runs, whose loss falls and whose accuracy rises."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from generator.batch import Batch
from generator.draws import Chances, Floats, Ints, generator_for, outcome, quoted, stamps
from generator.event import document_id, index_of
from generator.models import Model, Models, Shares
from generator.scenarios import SCENARIOS

__all__ = ["Training"]

EPOCHS = 20
TYPE = "model_training"
FAILURE = "training stopped: loss is not a number after a bad batch (tensor overflow)"
UNSAVED = "connection to the artifact store lost: the checkpoint was not saved"
"""What goes wrong with an epoch while other services are down; the run goes on."""
RATES = (0.01, 0.003, 0.001)


class Run(NamedTuple):
    """What is the same in all epochs of a run."""

    model: Model
    words: str
    """Its fields as they stand in every event."""
    place: str
    speed: float
    """How fast it learns: the share of what is left that an epoch takes off."""
    start: float
    """The loss that it begins with."""
    rate: float
    fails: bool


class Training:
    """Makes training events: runs of EPOCHS epochs, one after the other, of each model in turn; see `core.Kind`."""

    def __init__(self, models: Models, scenario: str) -> None:
        self.models = models.models
        self.change = SCENARIOS[scenario]
        self.chances = Chances(2, uniform=1, normal=7)
        self.run = lru_cache(maxsize=1024)(self._run)

    def intensity(self, times_ms: Ints, at: Floats) -> Floats:  # noqa: ARG002 - see core.Kind
        """Give how many events come at each moment: training goes on day and night."""
        return np.ones(len(times_ms))

    def make(self, seed: int, first: int, times_ms: Ints, at: Floats) -> Batch:
        """Make an event for each moment (epoch ms), numbered from `first`; `at` is its place in the run, 0 to 1."""
        change = self.change(at)
        chance, normal, _ = self.chances.of(seed, first, len(times_ms))
        slower = change.latency_factor * (0.6 + 0.4 * change.load_factor)
        unsaved = chance[0] < change.error_rate
        times = stamps(times_ms)
        lines = []
        for index, time in enumerate(times):
            number, epoch = divmod(first + index, EPOCHS)
            run = self.run(seed, number)
            wrong = FAILURE if run.fails and epoch == EPOCHS - 1 else UNSAVED if unsaved[index] else None
            words = _epoch(run, epoch, normal[:, index], change.accuracy[index], slower[index])
            lines.append(f'{{"@timestamp":"{time}",{words}{outcome(wrong)}')
        return Batch(
            lines,
            ids=lambda: [document_id(json.loads(line)) for line in lines],
            indices=lambda: [index_of(TYPE, time) for time in times],
        )

    def _run(self, seed: int, number: int) -> Run:
        chance = generator_for(seed, 3, number)
        model = self.models[number % len(self.models)]
        version, environment, region = (
            _chosen(shares, chance.random()) for shares in (model.versions, model.environments, model.regions)
        )
        run = quoted(f"{model.name}-{seed & 0xFFFFFFFF:08x}-{number:05d}")
        return Run(
            model,
            f'"model_name":{quoted(model.name)},"model_version":{quoted(version)},"type":"{TYPE}","run_id":{run}',
            f'"environment":{quoted(environment)},"region":{quoted(region)}',
            speed=0.12 + 0.1 * chance.random(),
            start=1.4 + 0.6 * chance.random(),
            rate=RATES[int(chance.random() * len(RATES))],
            fails=chance.random() < 0.04,
        )


def _chosen(shares: Shares, chance: float) -> str:
    place = int(np.searchsorted(np.cumsum(shares.parts), chance, side="right"))
    return shares.names[min(place, len(shares.names) - 1)]


def _epoch(run: Run, epoch: int, normal: Floats, accuracy: float, slower: float) -> str:
    """Write the numbers of one epoch of a run."""
    best = min(0.999, max(0.05, run.model.accuracy + 0.02 + accuracy))
    floor = 1.2 * (1 - best) + 0.03
    loss = max(0.001, floor + (run.start - floor) * np.exp(-run.speed * epoch) * (1 + 0.03 * normal[0]))
    validation = loss * 1.08 + 0.0025 * epoch + 0.01 * abs(normal[1])
    reached = best * (1 - 0.55 * np.exp(-run.speed * 1.5 * epoch)) + 0.004 * normal[2]
    validated = reached - 0.012 - 0.0015 * epoch + 0.004 * normal[3]
    gpu = 88 + 6 * normal[6] if run.model.gpu else 0.0
    return (
        f'{run.words},"epoch":{epoch + 1},"loss":{loss:.4f},"accuracy":{_share(reached)},'
        f'"validation_loss":{validation:.4f},"validation_accuracy":{_share(validated)},'
        f'"learning_rate":{run.rate * 0.9**epoch:.6f},'
        f'"duration_seconds":{60 * slower * (1 + 0.08 * abs(normal[4])):.1f},'
        f'"cpu_usage":{_percent(35 + 8 * normal[5])},"memory_usage_mb":{run.model.memory_mb * 2.5:.1f},'
        f'"gpu_usage":{_percent(gpu)},{run.place},'
    )


def _share(value: float) -> str:
    return f"{min(1.0, max(0.0, value)):.4f}"


def _percent(value: float) -> str:
    return f"{min(100.0, max(0.0, value)):.1f}"
