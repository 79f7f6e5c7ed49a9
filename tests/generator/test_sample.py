"""The sample in the repository."""

from __future__ import annotations

import json
from collections import Counter

from generator.sample import SAMPLE, made


def test_the_sample_is_what_its_command_writes() -> None:
    """`python -m generator.sample` makes the same bytes."""
    assert SAMPLE.read_bytes() == made()


def test_it_has_events_of_each_type() -> None:
    """A few hundred in all."""
    counts = Counter(json.loads(line)["type"] for line in SAMPLE.read_text(encoding="ascii").splitlines())
    assert counts == {"model_inference": 240, "model_training": 40, "data_quality": 27}
