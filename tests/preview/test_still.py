"""Pictures of whole dashboards beside their golden structures, from the events to the drawing."""

from __future__ import annotations

from tests.golden.pictures import pictures
from tests.golden.write import FOLDER


def test_pictures_have_the_structure_of_their_golden_files() -> None:
    """`make golden` accepts a change that is meant."""
    drawn = dict(pictures())
    assert drawn == {path.name.removesuffix(".picture.txt"): path.read_text("utf-8") for path in FOLDER.glob("*.txt")}
