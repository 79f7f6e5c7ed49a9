"""The tag cloud as a Vega-Lite spec: words as large as their values, laid out from the middle along a spiral.

Facts: sizes, angles, order and colours are Kibana's (expression_tagcloud; elastic-charts lets d3-cloud lay the words
out, without chance). Where a word lies depends on the shapes of its letters there, here on the rectangles around them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo

from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.answer import Answer, Table
from kibana_builder.preview.formats import bucket_text, number_of, value_text
from kibana_builder.preview.palettes import category_colors
from kibana_builder.preview.svg import cut, text_width
from kibana_builder.preview.vega_pixels import Area, Words, in_pixels, nothing_spec, texts

__all__ = ["tag_cloud_spec"]

SMALLEST, LARGEST = 18, 72
"""The sizes of the letters where the chart says none."""
ANGLES = {"horizontal": (0.0, 1), "vertical": (90.0, 2), "angled": (-90.0, 12)}
"""The last angle of each orientation, and how many there are from 0 to it."""
CAPTION, CAPTION_SIZE = 34.0, 14.0
LEAST_FOR_CAPTION = 70.0
"""In a panel that is lower the words have all of the room."""
SPACE = 4.0
"""So many pixels are left free around each word."""
PIXEL = 2.0
"""Words take room in squares of that side."""
TOO_SMALL = "The container is too small to display the entire cloud. Tags might be cropped or omitted."
"""What Kibana says where a word is left away."""

_LOW = frozenset("acegmnopqrsuvwxyz.,:;-_+~<>= ")
"""Letters that are no higher than an x."""
_SHALLOW = frozenset(chr(code) for code in range(32, 127)) - frozenset("gjpqy_,;|()[]{}/\\@$Q")
"""Letters that end at the line."""


@dataclass(frozen=True)
class Tag:
    """A word: how it is written, and in which direction."""

    words: str
    said: str
    size: int
    color: str
    angle: float

    @property
    def rise(self) -> float:
        """How far its letters reach above their line."""
        return self.size * (0.54 if set(self.words) <= _LOW else 0.74)

    @property
    def drop(self) -> float:
        """How far its letters reach below their line."""
        return self.size * (0.02 if set(self.words) <= _SHALLOW else 0.22)


def tag_cloud_spec(chart: JsonObject, answer: Answer, width: float, height: float, zone: tzinfo = UTC) -> JsonObject:
    """Give the spec of a tag cloud that fills `width` by `height` pixels."""
    table = answer.layers[0]
    if not isinstance(table, Table) or not table.rows:
        return nothing_spec(width, height)
    tag, metric = table.columns[0], table.columns[-1]
    area, found = Area(0, 0, width, height), []
    if chart.get("styling", {}).get("caption", {}).get("visible", True) and height >= LEAST_FOR_CAPTION:
        caption = cut(f"{tag.label} - {metric.label}", CAPTION_SIZE, width, bold=True)
        area = area._replace(height=height - CAPTION)
        middle = height - CAPTION / 2
        found.append(Words(width / 2, middle, caption, CAPTION_SIZE, align="center", weight="bold"))
    tags = _tags(chart, table, answer.interval, zone)
    placed = list(_placed(tags, area))
    found += placed
    if len(placed) < len(tags):
        found.append(Words(width - 4, 12, "⚠", 16, "#F5A700", "right", said=TOO_SMALL))
    return in_pixels(width, height, texts(found))


def _tags(chart: JsonObject, table: Table, interval: str | None, zone: tzinfo) -> list[Tag]:
    styling = chart.get("styling", {})
    sizes = styling.get("font_size", {})
    small, large = sizes.get("min", SMALLEST), sizes.get("max", LARGEST)
    last, count = ANGLES[styling.get("orientation", "horizontal")]
    column, metric = table.columns[0], table.columns[-1]
    values = [number_of(row[-1]) or 0.0 for row in table.rows]
    low, span = min(values), max(values) - min(values)
    colors = category_colors([row[0] for row in table.rows], chart["tag_by"].get("color"))
    tags = []
    for row, value, color in zip(table.rows, values, colors, strict=True):
        words = bucket_text(row[0], column.format, column.kind, interval, zone)
        weight = 1.0 if len(values) == 1 else (value - low) / span if span else 0.0
        angle = _turn(words, count) * last / (count - 1) if count > 1 else 0.0
        said = f"{words}: {value_text(row[-1], metric.format, metric.kind)}"
        tags.append(Tag(words, said, int(small + (large - small) * weight), color, angle))
    return tags


def _turn(words: str, count: int) -> int:
    """Give which of the angles a word has: elastic-charts takes it from the letters of its JSON string."""
    found = 0
    for letter in json.dumps(words, ensure_ascii=False):
        first_unit = int.from_bytes(letter.encode("utf-16-be", "surrogatepass")[:2])
        found = (found * 31 + first_unit) % count
    return found


# ---- places


def _placed(tags: Sequence[Tag], area: Area) -> Iterator[Words]:
    """Lay the words out, the largest first, each at the first free place of the spiral; those without one are left."""
    board = _Board(area)
    for tag in sorted(tags, key=lambda tag: -tag.size):
        at = board.place(_footprint(tag))
        if at is not None:
            x, y = at
            turn, down = math.radians(tag.angle), (tag.rise - tag.drop) / 2
            x, y = x - math.sin(turn) * down, y + math.cos(turn) * down
            yield Words(x, y, tag.words, tag.size, tag.color, "center", "alphabetic", angle=tag.angle, said=tag.said)


Footprint = tuple[tuple[int, int], ...]
"""The squares that a word takes, row by row from its top: how far left and right of its middle they reach."""


def _footprint(tag: Tag) -> Footprint:
    """Give the squares of the turned rectangle around a word, and of the space around it."""
    wide = text_width(tag.words, tag.size) / 2 + SPACE
    high = (tag.rise + tag.drop) / 2 + SPACE
    turn = math.radians(tag.angle)
    sine, cosine = math.sin(turn), math.cos(turn)
    corners = [(x * cosine - y * sine, x * sine + y * cosine) for x, y in ((-wide, -high), (wide, -high))]
    corners += [(-x, -y) for x, y in corners]
    reach = math.ceil(max(y for _, y in corners) / PIXEL)
    rows = []
    for row in range(-reach, reach):
        ends = _across(corners, row * PIXEL, (row + 1) * PIXEL)
        rows.append((math.floor(min(ends) / PIXEL), math.ceil(max(ends) / PIXEL)) if ends else (0, 0))
    return tuple(rows)


def _across(corners: Sequence[tuple[float, float]], top: float, bottom: float) -> list[float]:
    """Give how far a convex shape reaches to both sides between two heights: where its edges meet them, its corners."""
    ends = [x for x, y in corners if top <= y <= bottom]
    for (x, y), (other_x, other_y) in zip(corners, [*corners[1:], corners[0]], strict=True):
        low, high = min(y, other_y), max(y, other_y)
        ends += [
            x + (other_x - x) * (at - y) / (other_y - y) for at in (top, bottom) if low <= at <= high and low < high
        ]
    return ends


class _Board:
    """What is taken of the area: a number for each row, whose bits are its squares."""

    def __init__(self, area: Area) -> None:
        self.area = area
        self.columns, self.rows = int(area.width / PIXEL), int(area.height / PIXEL)
        self.taken = [0] * self.rows
        self.spiral = list(dict.fromkeys(_spiral(self.columns, self.rows)))
        self.too_large: list[tuple[int, int]] = []

    def place(self, word: Footprint) -> tuple[float, float] | None:
        """Take the first free place of a word on the spiral and give its middle; None where there is none."""
        size = (max(right - left for left, right in word), len(word))
        if any(wide <= size[0] and high <= size[1] for wide, high in self.too_large):
            return None
        begin, end, half = min(left for left, _ in word), max(right for _, right in word), len(word) // 2
        bits = [((1 << (right - left)) - 1) << (left - begin) for left, right in word]
        middle = bits[half]
        for column, row in self.spiral:
            left, top = column + begin, row - half
            if left < 0 or column + end > self.columns or top < 0 or top + len(word) > self.rows:
                continue
            if self.taken[row] & middle << left:  # most places are refused by this row already
                continue
            if not any(self.taken[top + number] & one << left for number, one in enumerate(bits)):
                for number, one in enumerate(bits):
                    self.taken[top + number] |= one << left
                return self.area.left + column * PIXEL, self.area.top + row * PIXEL
        self.too_large.append(size)
        return None


def _spiral(columns: int, rows: int) -> Iterator[tuple[int, int]]:
    """Give squares on a spiral of Archimedes from the middle to the corners, as wide as the area is for its height."""
    ratio = columns / max(1, rows)
    for step in range(int(10 * PIXEL * rows / math.sqrt(2)) + 1):
        angle = -step / 10
        x, y = ratio * angle * math.cos(angle) / PIXEL, angle * math.sin(angle) / PIXEL
        yield int(columns / 2 + x), int(rows / 2 + y)
