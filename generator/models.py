"""The models whose events are made, read from YAML: how each behaves, in numbers.

`models.yaml` beside this file is the one that is used without `--models`; `models.schema.json` says what can be said.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kibana_builder.errors import SpecError
from kibana_builder.files.yaml_file import locate_all, read_yaml
from kibana_builder.problem import Finding
from kibana_builder.spec.check import make_check

__all__ = ["Column", "Model", "Models", "Shares", "load_models"]

FOLDER = Path(__file__).parent
OWN = FOLDER / "models.yaml"
SCHEMA = FOLDER / "models.schema.json"

ERRORS = {
    "inference timed out after 5000 ms": 0.3,
    "out of memory while loading the batch": 0.2,
    "invalid input: missing feature 'account_age'": 0.2,
    "connection refused by the feature store": 0.15,
    "model weights could not be read": 0.1,
    "internal server error": 0.05,
}
"""What goes wrong with a model that does not say it: a message of each error_type."""
ENVIRONMENTS = {"production": 0.7, "staging": 0.2, "development": 0.1}
REGIONS = {"us-east-1": 0.4, "eu-west-1": 0.35, "ap-south-1": 0.25}

SHARES = ("versions", "classes", "errors", "environments", "regions")
"""What a model says in shares, in the order in which mistakes are reported."""


@dataclass(frozen=True)
class Shares:
    """Words with the share that each has of the whole; the shares add up to 1."""

    names: tuple[str, ...]
    parts: tuple[float, ...]

    @classmethod
    def of(cls, said: dict[str, float]) -> Shares:
        total = sum(said.values())
        return cls(tuple(said), tuple(part / total for part in said.values()))


@dataclass(frozen=True)
class Model:
    """One model: see models.schema.json for what each number means."""

    name: str
    share: float
    versions: Shares
    latency_median: float
    latency_spread: float
    confidence_mean: float
    confidence_spread: float
    classes: Shares
    accuracy: float
    error_rate: float
    errors: Shares
    cpu: float
    memory_mb: float
    gpu: float
    environments: Shares
    regions: Shares
    peak_hour: float


@dataclass(frozen=True)
class Column:
    """A column of a dataset whose quality is checked."""

    dataset: str
    name: str
    rows: int
    null_rate: float
    drift: float


@dataclass(frozen=True)
class Models:
    """All that events are made of."""

    models: tuple[Model, ...]
    columns: tuple[Column, ...]


def load_models(path: Path | None = None) -> Models:
    """Read the models of a file, or kbuild's own; datasets that it does not name are kbuild's own too.

    Raises SpecError with all that is wrong, each with its line.
    """
    file = read_yaml(path or OWN, str(path or OWN.name))
    findings = make_check(json.loads(SCHEMA.read_text(encoding="utf-8")))(file.value)
    findings = findings or list(_empty_shares(file.value["models"]))
    if findings:
        raise SpecError(locate_all(file, findings))
    value: Any = file.value
    models = tuple(_model(name, said) for name, said in value["models"].items())
    if "datasets" not in value:
        return Models(models, load_models().columns)
    columns = tuple(
        Column(dataset, name, said.get("rows", 100_000), column.get("null_rate", 0.01), column.get("drift", 0.05))
        for dataset, said in value["datasets"].items()
        for name, column in said["columns"].items()
    )
    return Models(models, columns)


def _empty_shares(models: dict[str, Any]) -> Iterator[Finding]:
    """Find the shares of which none is more than zero. A model may have any name, also that of a property."""
    for name, said in models.items():
        for key in SHARES:
            if key in said and sum(said[key].values()) <= 0:
                yield Finding("out-of-range", "one of these shares must be more than 0", ("models", name, key))


def _model(name: str, said: dict[str, Any]) -> Model:
    latency, confidence, resources = (said.get(part, {}) for part in ("latency_ms", "confidence", "resources"))
    return Model(
        name=name,
        share=said.get("share", 0.2),
        versions=Shares.of(said.get("versions", {"1.0.0": 1})),
        latency_median=latency.get("median", 50),
        latency_spread=latency.get("spread", 0.4),
        confidence_mean=confidence.get("mean", 0.88),
        confidence_spread=confidence.get("spread", 0.08),
        classes=Shares.of(said.get("classes", {"yes": 0.5, "no": 0.5})),
        accuracy=said.get("accuracy", 0.92),
        error_rate=said.get("error_rate", 0.01),
        errors=Shares.of(said.get("errors", ERRORS)),
        cpu=resources.get("cpu", 40),
        memory_mb=resources.get("memory_mb", 1000),
        gpu=resources.get("gpu", 0),
        environments=Shares.of(said.get("environments", ENVIRONMENTS)),
        regions=Shares.of(said.get("regions", REGIONS)),
        peak_hour=said.get("peak_hour", 15),
    )
