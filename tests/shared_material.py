"""Where the material for tests lies that is not part of this project; tests that use it skip when it is absent."""

from __future__ import annotations

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
SHARED = REPOSITORY.parent / "shared"
GOLD = SHARED / "kibana-8.12.2"

needs_shared = pytest.mark.skipif(
    not GOLD.is_dir(), reason="the recordings and gold objects (../shared) are not on this machine"
)
