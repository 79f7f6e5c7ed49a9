"""The colours of Kibana: its palettes by name, colours of categories, and colours by value.

The palettes are those of EUI and of Kibana's palette services (8.12: `default` is the colour-blind one; where labels
lie upon it Kibana takes a lighter variant, as the recorded pictures show).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from kibana_builder.json_tree import Json, JsonObject, compact
from kibana_builder.preview.formats import value_text
from kibana_builder.preview.theme import INK

__all__ = [
    "BEHIND_TEXT",
    "COLOR_BLIND",
    "PALETTES",
    "bounds_of",
    "category_colors",
    "color_of",
    "ink_on",
    "mixed",
    "readable_on",
    "static_color",
    "steps_of",
]

COLOR_BLIND = (
    "#54B399",
    "#6092C0",
    "#D36086",
    "#9170B8",
    "#CA8EAE",
    "#D6BF57",
    "#B9A888",
    "#DA8B45",
    "#AA6556",
    "#E7664C",
)
BEHIND_TEXT = (
    "#6DCCB1",
    "#79AAD9",
    "#EE789D",
    "#A987D1",
    "#E4A6C7",
    "#F1D86F",
    "#D2C0A0",
    "#F5A35C",
    "#C47C6C",
    "#FF7E62",
)
"""The default palette where text is written upon its colours."""
LIGHTER: dict[tuple[str, ...], tuple[str, ...]] = {
    COLOR_BLIND: (
        *("#AAD9CC", "#B0C9E0", "#E9B0C3", "#C8B8DC", "#E5C7D7"),
        *("#EBDFAB", "#DCD4C4", "#EDC5A2", "#D5B2AB", "#F3B3A6"),
    ),
    BEHIND_TEXT: (
        *("#B6E6D8", "#BCD5EC", "#F7BCCE", "#D4C3E8", "#F2D3E3"),
        *("#F8ECB7", "#E9E0D0", "#FAD1AE", "#E2BEB6", "#FFBFB1"),
    ),
}
"""What follows the ten colours of the default palette: the same half way to white (recorded in a tag cloud)."""

PALETTES: dict[str, Sequence[str]] = {
    "default": COLOR_BLIND,
    "eui_amsterdam_color_blind": COLOR_BLIND,
    "eui_amsterdam": COLOR_BLIND,
    "elastic_brand_2023": ("#20377D", "#7B73E8", "#0077CC", "#16C5C0", "#F04E98", "#FA744E", "#FEC514", "#93C90E"),
    "kibana_v7_legacy": ("#00A69B", "#57C17B", "#6F87D8", "#663DB8", "#BC52BC", "#9E3533", "#DAA05D"),
    "kibana_palette": ("#00A69B", "#57C17B", "#6F87D8", "#663DB8", "#BC52BC", "#9E3533", "#DAA05D"),
    "complementary": ("#6092C0", "#E7664C", "#79AAD9", "#F5A35C", "#98C2FD", "#FFC8A2"),
    "cool": ("#CAE1FA", "#A9CDF0", "#83B4E3", "#5C9AD3", "#3F7FBE", "#2A639F"),
    "warm": ("#FBD9C9", "#F6B89C", "#EF9573", "#E4704F", "#CF5034", "#B03A21"),
    "status": ("#209280", "#D6BF57", "#CC5642"),
    "temperature": ("#6092C0", "#A8BFDA", "#EBEFF5", "#ECB385", "#E7664C"),
    "positive": ("#D6EFE8", "#AEDED0", "#84CDB8", "#54B399", "#209280"),
    "negative": ("#FBDDD6", "#F6BBAE", "#EF9886", "#E7664C", "#CC5642"),
    "gray": ("#D3DAE6", "#B0B9C9", "#8D97A9", "#69707D", "#404854"),
}


def category_colors(
    categories: Sequence[Json], mapping: JsonObject | None, *, default: tuple[str, ...] = COLOR_BLIND
) -> list[str]:
    """Give each category its colour: the one that it is assigned, else the palette's next in turn.

    `mapping` is the as-code colour mapping (`{mode, palette, mapping, unassigned}`), None for the default palette,
    which goes on with lighter colours.
    """
    if mapping is None:
        turns = (*default, *LIGHTER[default])
        return [turns[index % len(turns)] for index in range(len(categories))]
    name = mapping.get("palette", "default").removeprefix("LEGACY_PALETTE_")
    palette = default if name == "default" else PALETTES.get(name, COLOR_BLIND)
    if mapping.get("mode") == "gradient":
        return _gradient(len(categories), mapping, palette)
    assigned: dict[str, str] = {}
    for entry in mapping.get("mapping", []):
        for value in entry["values"]:
            assigned[_key(value)] = _color(entry["color"], palette)
    rest = mapping.get("unassigned")
    colors, turn = [], len(mapping.get("mapping", []))
    for category in categories:
        own = assigned.get(_key(category))
        if own is None and rest is not None:
            own = _color(rest, palette)
        if own is None:
            own = palette[turn % len(palette)]
            turn += 1
        colors.append(own)
    return colors


def _gradient(count: int, mapping: JsonObject, palette: Sequence[str]) -> list[str]:
    """Spread the steps of a gradient over so many categories; one step alone begins at white."""
    stops = [_color(step, palette) for step in mapping.get("gradient", [])] or [palette[0]]
    if len(stops) == 1:
        stops = ["#FFFFFF", *stops]
    if mapping.get("sort", "asc") == "desc":
        stops.reverse()
    return [_between(stops, (index + 1) / count * (len(stops) - 1)) for index in range(count)]


def _between(stops: list[str], place: float) -> str:
    index = min(int(place), len(stops) - 2)
    return mixed(stops[index], stops[index + 1], place - index)


def mixed(color: str, other: str, share: float) -> str:
    """Give the colour that lies so far on the way from one to another.

    >>> mixed("#FFFFFF", "#54B399", 0.75)
    '#7FC6B2'
    """
    pairs = zip(_channels(color), _channels(other), strict=True)
    return "#" + "".join(f"{round(first + (second - first) * share):02X}" for first, second in pairs)


def _channels(color: str) -> list[int]:
    digits = color.lstrip("#")
    if len(digits) in (3, 4):
        digits = "".join(digit * 2 for digit in digits)
    return [int(digits[start : start + 2], 16) for start in (0, 2, 4)]


def _color(color: JsonObject, palette: Sequence[str]) -> str:
    if color["type"] == "color_code":
        return str(color["value"])
    own = PALETTES.get(color.get("palette", ""), palette)
    return str(own[color["index"] % len(own)])


def _key(value: Json) -> str:
    """Give what categories are compared by: their text, as it is written for several fields and for ranges."""
    if not isinstance(value, dict):
        return value if isinstance(value, str) else compact(value)
    if value["type"] == "multi_field_key":
        return " › ".join(value["keys"])
    named = (one["label"] for one in value["ranges"] if (one["from"], one["to"]) == (value["from"], value["to"]))
    return next(filter(None, named), " → ".join(value_text(value[end]) for end in ("from", "to")))


def static_color(color: JsonObject | None) -> str | None:
    """Give the one colour that is said; None for any other colour."""
    return str(color["color"]) if color is not None and color.get("type") == "static" else None


def steps_of(color: JsonObject | None) -> list[JsonObject]:
    """Give the bands (`gte`, `lt`, `color`) of a colour by value; none for any other colour."""
    steps: list[JsonObject] = color.get("steps", []) if color is not None else []
    return steps


def bounds_of(steps: Sequence[JsonObject]) -> list[float]:
    """Give where each step begins and the last one ends; an open end is infinite."""
    ends = [step.get("lt") if step.get("lt") is not None else step.get("lte") for step in steps]
    begins = [step.get("gte") for step in steps]
    starts_at = [begin if begin is not None else end for begin, end in zip(begins, [None, *ends], strict=False)]
    known = [-math.inf if start is None else float(start) for start in starts_at]
    return [*known, math.inf if ends[-1] is None else float(ends[-1])]


def color_of(value: float | None, color: JsonObject | None, low: float, high: float) -> str | None:
    """Give a value's colour; `low` and `high` are the ends of a range in percent. None outside of all bands."""
    if value is None or color is None:
        return None
    if (static := static_color(color)) is not None:
        return static
    if color.get("range") == "percentage":
        value = 100.0 if high == low else (value - low) / (high - low) * 100
    steps = steps_of(color)
    if not steps:
        return None
    bounds = bounds_of(steps)
    for step, (begin, end) in zip(steps, pairwise(bounds), strict=True):
        if begin <= value < end or value == end == bounds[-1]:
            return str(step["color"])
    return None


def readable_on(background: str) -> str:
    """Give the colour of a text upon another, black or white, by WCAG's relative luminance."""
    red, green, blue = (_linear(channel / 255) for channel in _channels(background))
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#000000" if (luminance + 0.05) ** 2 >= 0.05 * 1.05 else "#FFFFFF"


def ink_on(background: str) -> str:
    """Give the colour of a text upon another: that of all texts where black is readable, else white."""
    readable = readable_on(background)
    return INK if readable == "#000000" else readable


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
