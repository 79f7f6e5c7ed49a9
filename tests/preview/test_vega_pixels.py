"""Marks that are placed in pixels."""

from __future__ import annotations

import re

from kibana_builder.preview.vega_pixels import Area, Words, boxes, in_pixels, texts
from tests.preview.specs import svg_of


def test_only_what_says_something_is_spoken() -> None:
    """Decoration and words upon a mark are hidden from screen readers, and so from the pointer."""
    marks = boxes([(Area(0, 0, 10, 10), "#111111", "a: 1"), (Area(20, 0, 10, 10), "#222222", "")])
    words = texts([Words(0, 50, "silent"), Words(0, 80, "loud", said="b: 2")])
    svg = svg_of(in_pixels(100, 100, [*marks, *words]))
    assert re.findall('aria-label="([^"]*)"', svg) == ["a: 1", "b: 2"]
    assert svg.count('aria-hidden="true"') >= 2


def test_marks_are_where_they_are_told_to_be() -> None:
    """Counted from the top left corner, with nothing around them."""
    svg = svg_of(in_pixels(100, 60, boxes([(Area(10, 20, 30, 5), "#111111", "")])))
    assert 'width="100" height="60"' in svg
    assert 'd="M10,20h30v5h-30Z"' in svg


def test_text_has_its_own_style() -> None:
    """Side, weight, size, colour and angle are those of each line."""
    lines = texts([Words(50, 20, "one", 20, "#123456", "right", weight="bold"), Words(5, 5, "two", angle=-90)])
    svg = svg_of(in_pixels(100, 100, lines))
    first, second = re.findall("<text[^>]*>[^<]*", svg)
    for said in ('text-anchor="end"', 'font-weight="bold"', 'font-size="20px"', 'fill="#123456"'):
        assert said in first
    assert "rotate(-90)" in second
