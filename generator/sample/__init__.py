"""A few hundred events to look at, and how they are made: `python -m generator.sample` writes them anew."""

from __future__ import annotations

from pathlib import Path

SAMPLE = Path(__file__).with_name("events.ndjson")
COUNTS = {"inference": 240, "training": 40, "data_quality": 27}
SEED = 2026


def made() -> bytes:
    """Make the sample: some events of each type, of the last day of 2025."""
    from generator.core import Span, batches, maker
    from generator.models import load_models

    end = 1767225600000  # 2026-01-01T00:00:00Z
    models, span = load_models(), Span(end - 86_400_000, end)
    return b"".join(
        batch.text()
        for kind, count in COUNTS.items()
        for batch in batches(maker(kind, models, "normal"), count, span, SEED)
    )
