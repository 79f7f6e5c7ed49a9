"""The rows: each direction, and what is left unsaid."""

from __future__ import annotations

import pytest

from kibana_builder.charts.mapping import ABSENT, Choice, Constant, Row, from_lens, to_lens

SIZE = Row(("legend", "size"), ("legendSize",), words={"s": "small"})
TICKS = Row(("ticks",), ("ticksPosition",), unsaid="auto")
SHAPE = Choice(
    (("shape", "type"), ("shape", "orientation")),
    (("shape",),),
    (
        (("bullet", "vertical"), ("verticalBullet",)),
        (("bullet", ABSENT), ("horizontalBullet",)),
        ((ABSENT, ABSENT), ("horizontalBullet",)),
    ),
)


def test_a_row_translates_its_words_in_both_directions() -> None:
    """A word is translated, a value without a word stays, at any depth."""
    assert to_lens([SIZE], {"legend": {"size": "s"}}) == {"legendSize": "small"}
    assert to_lens([SIZE], {"legend": {"size": "auto"}}) == {"legendSize": "auto"}
    assert from_lens([SIZE], {"legendSize": "small"}) == {"legend": {"size": "s"}}


def test_words_translate_each_entry_of_a_list() -> None:
    """A list is a list of words."""
    row = Row(("statistics",), ("legendStats",), words={"avg": "average"})
    assert to_lens([row], {"statistics": ["avg", "min"]}) == {"legendStats": ["average", "min"]}
    assert from_lens([row], {"legendStats": ["average", "min"]}) == {"statistics": ["avg", "min"]}


def test_what_is_unsaid_is_written_and_not_read_back() -> None:
    """A default is written into Lens and left out of the document."""
    assert to_lens([TICKS], {}) == {"ticksPosition": "auto"}
    assert from_lens([TICKS], {"ticksPosition": "auto"}) == {}
    assert from_lens([TICKS], {"ticksPosition": "bands"}) == {"ticks": "bands"}


def test_zero_is_not_false() -> None:
    """JSON's 0 and false are two values, for defaults and for words."""
    row = Row(("count",), ("count",), unsaid=0)
    assert from_lens([row], {"count": False}) == {"count": False}
    flags = Row(("on",), ("off",), words={True: False, False: True})
    assert from_lens([flags], {"off": 0}) == {"on": 0}
    assert from_lens([flags], {"off": False}) == {"on": True}


@pytest.mark.parametrize(
    ("code", "lens"),
    [
        ({"shape": {"type": "bullet", "orientation": "vertical"}}, {"shape": "verticalBullet"}),
        ({}, {"shape": "horizontalBullet"}),
    ],
)
def test_a_choice_reads_several_properties_as_one(code: dict[str, object], lens: dict[str, object]) -> None:
    """One Lens word may be two properties; on the way back as little as possible is said."""
    assert to_lens([SHAPE], code) == lens
    assert from_lens([SHAPE], lens) == code


def test_a_constant_is_written_and_never_read() -> None:
    """What Lens always holds needs no word."""
    constant = Constant(("layerType",), "data")
    assert to_lens([constant], {}) == {"layerType": "data"}
    assert from_lens([constant], {"layerType": "data"}) == {}
