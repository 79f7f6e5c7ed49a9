"""The waffle as a Vega-Lite spec: a hundred squares, one for each per cent, and a legend with the values.

Facts: elastic-charts fills the squares row after row, each part up to its rounded share of all up to it; held to the
chart recorded on 8.12.2.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, tzinfo

from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.answer import Answer
from kibana_builder.preview.shares import Share, Whole, whole_of
from kibana_builder.preview.theme import PANEL_BACKGROUND
from kibana_builder.preview.vega_legend import with_legend_of_shares
from kibana_builder.preview.vega_pixels import Area, boxes, in_pixels, nothing_spec

__all__ = ["waffle_spec"]

SIDE = 10
SQUARE: JsonObject = {"stroke": PANEL_BACKGROUND, "strokeWidth": 1.5, "cornerRadius": 4}


def waffle_spec(chart: JsonObject, answer: Answer, width: float, height: float, zone: tzinfo = UTC) -> JsonObject:
    """Give the spec of a waffle that fills `width` by `height` pixels."""
    whole = whole_of(chart, answer, zone)
    if whole is None:
        return nothing_spec(width, height)
    legend, area = with_legend_of_shares(whole, Area(0, 4, width, height - 8), usual=True, values=True)
    squares = [(place, part.color, whole.said(part)) for part, place in _squares(whole, area)]
    return in_pixels(width, height, [*legend, *boxes(squares, SQUARE)])


def _squares(whole: Whole, area: Area) -> Iterator[tuple[Share, Area]]:
    """Give the squares of each part, from the top left corner of the largest square in the middle of the area."""
    size = max(0.0, min(area.width, area.height)) / SIDE
    left, top = area.left + (area.width - SIDE * size) / 2, area.top + (area.height - SIDE * size) / 2
    filled, value = 0, 0.0
    for part in whole.parts:
        value += part.value
        end = math.floor(value / whole.total * SIDE**2 + 0.5)
        for number in range(filled, end):
            yield part, Area(left + number % SIDE * size, top + number // SIDE * size, size, size)
        filled = end
