"""The extra `sandbox`: what commands say where it is not installed."""

from __future__ import annotations

import tomllib
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path

import pytest

from kibana_builder.errors import KbuildError
from kibana_builder.sandbox import extra

ROOT = Path(__file__).parents[2]


def test_every_package_of_the_extra_is_looked_for() -> None:
    """Each one that pyproject.toml names under `sandbox`, but for the generator's own extra."""
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]["sandbox"]
    named = {line.split(">=")[0] for line in wanted} - {"kibana-builder[generate]"}
    packages = packages_distributions()
    assert {name for module in extra.MODULES for name in packages[module]} == named


@pytest.mark.parametrize("missing", extra.MODULES)
def test_a_package_that_is_missing(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever it is, the error has the line that installs them all."""
    monkeypatch.setattr(extra, "find_spec", lambda name: None if name == missing else find_spec(name))
    with pytest.raises(KbuildError, match=r"preview .* not installed: pip install \"\.\[sandbox\]\""):
        extra.check_installed()
    assert not extra.is_installed()
