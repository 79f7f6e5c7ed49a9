"""What a name means, and what to type where it means several objects."""

from __future__ import annotations

import pytest

from kibana_builder.errors import KbuildError
from kibana_builder.json_tree import JsonObject
from kibana_builder.saved.versions import saved_object
from kibana_builder.sync.changes import title_of
from kibana_builder.sync.names import Way, meant
from tests.sync.project import dashboard, lens, view

WAYS: list[Way] = [lambda name, item: bool(item["id"] == name), lambda name, item: title_of(item) == name]
OLD = saved_object("visualization", "x", {"title": "Old"})
THERE = [lens("x", "New"), OLD, dashboard("y z", "X"), view("y z"), dashboard("w", "lens/x")]


def key(item: JsonObject | None) -> tuple[str, str] | None:
    return None if item is None else (item["type"], item["id"])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("New", ("lens", "x")),
        ("lens:x", ("lens", "x")),
        ("visualization/x", ("visualization", "x")),
        ("dashboard: y z", ("dashboard", "y z")),
        ("index-pattern/y z", ("index-pattern", "y z")),
        ("lens/x", ("dashboard", "w")),
        ("map/x", None),
        ("dashboard/", None),
    ],
)
def test_a_type_may_stand_in_front(name: str, expected: tuple[str, str] | None) -> None:
    """What is a title as it stands is that title."""
    objects = THERE if name == "lens/x" else THERE[:-1]
    assert key(meant(name, objects, WAYS)) == expected


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("x", '\n  lens/x: visualization "New" (x)\n  visualization/x: visualization "Old" (x)'),
        ("y z", "\n  'dashboard/y z': dashboard \"X\" (y z)\n  'data-view/y z': data view \"orders-*\" (y z)"),
    ],
)
def test_several_are_listed_with_the_words_to_type(name: str, words: str) -> None:
    with pytest.raises(KbuildError) as caught:
        meant(name, THERE, WAYS)
    assert str(caught.value).endswith(words)


def test_one_type_may_be_preferred() -> None:
    assert key(meant("y z", THERE, WAYS, prefer="dashboard")) == ("dashboard", "y z")
