"""Inference events: what models answered, how long it took, what went wrong."""

from __future__ import annotations

import numpy as np

from generator.batch import Batch
from generator.draws import Chances, Choices, Floats, Ints, decimals, outcome, picked, quoted, rhythm, stamps
from generator.event import index_of
from generator.models import Models, Shares
from generator.scenarios import SCENARIOS

__all__ = ["Inference"]

USERS = 5000
ID_LENGTH = 24
TIMEOUT_MS = 5000.0
OUTAGE = Shares.of({"inference timed out after 5000 ms": 0.6, "connection refused by the model server": 0.4})
"""What fails while the service is down."""
TYPE = "model_inference"
OK = outcome(None)


class Inference:
    """Makes inference events of some models in a scenario; see `core.Kind`."""

    def __init__(self, models: Models, scenario: str) -> None:
        of = models.models
        self.change = SCENARIOS[scenario]
        self.chances = Chances(1, uniform=10, normal=6, digits=ID_LENGTH)
        self.share = np.array([model.share for model in of])
        self.peak = np.array([model.peak_hour for model in of], dtype=float)
        self.median = np.array([model.latency_median for model in of], dtype=float)
        self.spread = np.array([model.latency_spread for model in of], dtype=float)
        self.confidence = np.array([(model.confidence_mean, model.confidence_spread) for model in of])
        self.accuracy = np.array([model.accuracy for model in of], dtype=float)
        self.error_rate = np.array([model.error_rate for model in of], dtype=float)
        self.cpu = np.array([model.cpu for model in of], dtype=float)
        self.memory = np.array([model.memory_mb for model in of], dtype=float)
        self.gpu = np.array([model.gpu for model in of], dtype=float)
        self.versions = Choices([model.versions for model in of])
        self.classes = Choices([model.classes for model in of])
        self.reversed = self._reversed_classes()
        self.errors = Choices([*(model.errors for model in of), OUTAGE])
        self.places = Choices([_products(model.environments, model.regions) for model in of])
        self._texts(models)

    def _reversed_classes(self) -> Floats:
        parts = self.classes.parts.copy()
        for row, count in enumerate(self.classes.counts):
            parts[row, :count] = parts[row, :count][::-1]
        return parts

    def _texts(self, models: Models) -> None:
        """Write beforehand all that is the same in many events."""
        self.who = [
            f'","model_name":{quoted(model.name)},"model_version":{quoted(version)},"type":"{TYPE}",'
            for model in models.models
            for version in model.versions.names
        ]
        self.labels = [quoted(name) for name in self.classes.names]
        self.messages = [outcome(message) for message in self.errors.names]
        self.slow = np.array(["timed out" in message for message in self.errors.names])
        self.where = [f',{text},"request_id":"' for text in self.places.names]
        self.users = [f'","user_id":"user-{number:04d}","data_quality_score":' for number in range(1, USERS + 1)]

    def intensity(self, times_ms: Ints, at: Floats) -> Floats:
        """Give how many events come at each moment, in relation to the others: more at busy hours and under load."""
        return np.asarray((rhythm(times_ms, self.peak) @ self.share) * self.change(at).load_factor)

    def make(self, seed: int, first: int, times_ms: Ints, at: Floats) -> Batch:
        """Make an event for each moment (epoch ms), numbered from `first`; `at` is its place in the run, 0 to 1."""
        count = len(times_ms)
        chance, normal, requests = self.chances.of(seed, first, count)
        change = self.change(at)
        loads = rhythm(times_ms, self.peak)
        model = picked(loads * self.share, chance[0]).clip(0, len(self.share) - 1)
        load = loads[np.arange(count), model] * change.load_factor

        failed = chance[1] < self.error_rate[model] + change.error_rate
        kind = np.where((change.outage > 0) & (chance[2] < 0.95), len(self.share), model)
        message = self.errors.place(kind, self.errors.draw(kind, chance[3]))
        slower = change.latency_factor * (1 + 0.6 * np.maximum(0, load - 1) ** 1.2)
        latency = self.median[model] * slower * np.exp(self.spread[model] * normal[0])
        latency = np.where(failed & self.slow[message], TIMEOUT_MS + 20 * np.abs(normal[0]), latency)

        drift = change.drift[:, None]
        parts = self.classes.parts[model] * (1 - drift) + self.reversed[model] * drift
        true = self.classes.among(parts, model, chance[4])
        others = self.classes.counts[model]
        right = chance[5] < self.accuracy[model] + change.accuracy
        other = (true + 1 + (chance[6] * np.maximum(1, others - 1)).astype(np.int64)) % others
        said = np.where(right, true, other)
        mean, spread = self.confidence[model].T
        confidence = mean + change.confidence - 0.12 * ~right + spread * normal[1]
        confidence = np.where(confidence > 1, 2 - confidence, confidence).clip(0.01, 0.9999)

        busy = 0.55 + 0.45 * load
        cpu = (self.cpu[model] * busy + 6 * normal[2]).clip(0.5, 100)
        memory = self.memory[model] * (0.95 + 0.05 * load + 0.03 * normal[3]).clip(0.5, 3)
        gpu = np.where(self.gpu[model] > 0, (self.gpu[model] * busy + 5 * normal[4]).clip(0.5, 100), 0)
        quality = (0.97 + change.quality + 0.015 * normal[5]).clip(0, 1)

        version = self.versions.place(model, self.versions.draw(model, chance[7]))
        place = self.places.place(model, self.places.draw(model, chance[8]))
        user = (chance[9] ** 2 * USERS).astype(np.int64)
        times = stamps(times_ms)
        labels, who, where, users, messages = self.labels, self.who, self.where, self.users, self.messages
        lines = [
            f'{{"@timestamp":"{time}{who[v]}'
            + (
                ""
                if bad
                else f'"prediction_confidence":{sure},"prediction_class":{labels[s]},"true_label":{labels[t]},'
            )
            + f'"inference_time_ms":{took},"cpu_usage":{c},"memory_usage_mb":{m},"gpu_usage":{g}'
            f"{where[p]}{request}{users[u]}{q},{messages[e] if bad else OK}"
            for time, v, bad, sure, s, t, took, c, m, g, p, request, u, q, e in zip(
                times,
                version.tolist(),
                failed.tolist(),
                decimals(confidence, 4),
                self.classes.place(model, said).tolist(),
                self.classes.place(model, true).tolist(),
                decimals(latency, 1),
                decimals(cpu, 1),
                decimals(memory, 1),
                decimals(gpu, 1),
                place.tolist(),
                requests,
                user.tolist(),
                decimals(quality, 4),
                message.tolist(),
                strict=True,
            )
        ]
        return Batch(
            lines,
            ids=lambda: [f"{TYPE}:{request}" for request in requests],
            indices=lambda: [index_of(TYPE, time) for time in times],
        )


def _products(environments: Shares, regions: Shares) -> Shares:
    """Give each environment with each region, written as they stand in an event, with their share."""
    return Shares.of(
        {
            f'"environment":{quoted(environment)},"region":{quoted(region)}': part * other
            for environment, part in zip(environments.names, environments.parts, strict=True)
            for region, other in zip(regions.names, regions.parts, strict=True)
        }
    )
