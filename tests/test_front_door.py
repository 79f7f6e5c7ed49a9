"""The names for programs: all there, each the one that its room has, none loaded before it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import kibana_builder


@pytest.mark.parametrize("name", kibana_builder.__all__)
def test_every_name_of_the_front_door_is_there(name: str) -> None:
    """What is listed can be had."""
    assert getattr(kibana_builder, name) is not None


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    """As of any module."""
    with pytest.raises(AttributeError, match="no_such_name"):
        kibana_builder.no_such_name  # noqa: B018


def test_importing_the_package_loads_no_room() -> None:
    """`import kibana_builder` brings the errors and nothing else."""
    code = "import sys, kibana_builder; print(sorted(n for n in sys.modules if n.startswith('kibana_builder.')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['kibana_builder.errors']"
