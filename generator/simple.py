"""Send events to Logstash with nothing but Python: no package, no configuration.

    python generator/simple.py --count 100 --host localhost --port 5001

The events have the same fields, in the same order, as those of `kbuild generate`; what they say is simpler.
"""

from __future__ import annotations

import argparse
import json
import random
import socket
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

MODELS = {
    "fraud_detector": ("2.1.0", 18.0, 0.93, ("legitimate", "fraud")),
    "recommender": ("5.0.3", 41.0, 0.86, ("no_click", "click", "purchase")),
    "image_classifier": ("3.4.1", 108.0, 0.88, ("cat", "dog", "person", "car")),
}
"""Each model's version, median latency in milliseconds, mean confidence, and classes."""
ERRORS = ("inference timed out after 5000 ms", "out of memory while loading the batch", "connection refused")


def event(chance: random.Random, moment: datetime) -> dict[str, Any]:
    """Make one inference event of a moment."""
    name = chance.choice(list(MODELS))
    version, median, mean, classes = MODELS[name]
    failed = chance.random() < 0.02
    true = chance.choice(classes)
    fields: dict[str, Any] = {
        "@timestamp": moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "model_name": name,
        "model_version": version,
        "type": "model_inference",
        "prediction_confidence": round(min(0.9999, max(0.01, chance.gauss(mean, 0.08))), 4),
        "prediction_class": true if chance.random() < 0.92 else chance.choice(classes),
        "true_label": true,
        "inference_time_ms": round(chance.lognormvariate(0, 0.45) * median, 1),
        "cpu_usage": round(chance.uniform(15, 85), 1),
        "memory_usage_mb": round(chance.uniform(400, 4000), 1),
        "gpu_usage": round(chance.uniform(0, 90), 1),
        "environment": chance.choices(("production", "staging", "development"), (7, 2, 1))[0],
        "region": chance.choice(("us-east-1", "eu-west-1", "ap-south-1")),
        "request_id": f"{chance.getrandbits(96):024x}",
        "user_id": f"user-{chance.randint(1, 5000):04d}",
        "data_quality_score": round(chance.uniform(0.9, 1), 4),
        "error_message": chance.choice(ERRORS) if failed else None,
        "error": failed,
    }
    absent = ("prediction_confidence", "prediction_class", "true_label") if failed else ("error_message",)
    return {field: value for field, value in fields.items() if field not in absent}


def lines(count: int, seed: int | None) -> Iterator[bytes]:
    """Give so many events as lines; the same seed gives the same values at other times."""
    chance = random.Random(seed)  # noqa: S311 - made-up events
    for _ in range(count):
        yield json.dumps(event(chance, datetime.now(UTC)), separators=(",", ":")).encode("ascii") + b"\n"


def whole(least: int, most: int) -> Callable[[str], int]:
    """Give what reads a whole number of a range, for argparse."""

    def number(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} to {most}")
        return int(text)

    return number


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Send events of machine-learning models to Logstash over TCP.")
    parser.add_argument("--count", type=whole(1, 10**9), default=100, metavar="N", help="how many events (100)")
    parser.add_argument("--host", default="localhost", help="the host of Logstash (localhost)")
    parser.add_argument("--port", type=whole(1, 65535), default=5001, help="the port of its TCP input (5001)")
    parser.add_argument("--seed", type=int, metavar="N", help="the same seed gives the same values")
    said = parser.parse_args(arguments)
    try:
        with socket.create_connection((said.host, said.port), timeout=10) as connection:
            for line in lines(said.count, said.seed):
                connection.sendall(line)
    except OSError as error:
        print(f"Nobody takes events at {said.host}:{said.port}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    print(f"Sent {said.count} events to {said.host}:{said.port}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
