"""`kbuild schema`: what an editor gets."""

from __future__ import annotations

import json

import pytest

from kibana_builder.commands import run
from kibana_builder.spec.json_schema import KINDS, schema_for


@pytest.mark.parametrize("kind", KINDS)
def test_prints_the_schema_of_a_kind(kind: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """It is on stdout, alone and whole."""
    assert run(["schema", kind]) == 0
    out, err = capfdbinary.readouterr()
    assert json.loads(out) == schema_for(kind)
    assert err == b""


@pytest.mark.parametrize("arguments", [["schema"], ["schema", "panel"]])
def test_a_wrong_kind_is_wrong_usage(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    """The message lists the kinds that there are."""
    assert run(arguments) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert all(kind in err for kind in KINDS)
