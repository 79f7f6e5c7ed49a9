"""The metric of before 8.3 as a Vega-Lite spec: one number in the middle of the panel, its name above or below it.

Facts: Lens's legacy metric of 8.12 (the sizes of number and name are those of EUI's text; both shrink until they have
room, at most to three tenths), and the one recorded on 8.12.2.
"""

from __future__ import annotations

from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.answer import Answer, Table
from kibana_builder.preview.formats import number_of, value_text
from kibana_builder.preview.palettes import color_of, ink_on
from kibana_builder.preview.svg import cut, text_width
from kibana_builder.preview.theme import INK
from kibana_builder.preview.vega_pixels import Area, Words, boxes, in_pixels, nothing_spec, texts

__all__ = ["legacy_metric_spec"]

SIZES = {
    "xs": (24.0, 12.0),
    "s": (40.0, 14.0),
    "m": (55.0, 16.0),
    "l": (67.5, 22.0),
    "xl": (85.0, 27.0),
    "xxl": (102.0, 34.0),
}
"""The letters of the number and of its name, in pixels, for each size."""
LINE, PAD, LEAST = 1.5, 16.0, 0.3
"""How high a line is for its letters, what stays free around both, and how far they shrink at most."""


def legacy_metric_spec(chart: JsonObject, answer: Answer, width: float, height: float) -> JsonObject:
    """Give the spec of a legacy metric that fills `width` by `height` pixels."""
    table = answer.layers[0]
    if not isinstance(table, Table) or not table.rows:
        return nothing_spec(width, height)
    said: JsonObject = chart["metric"]
    value, column = table.rows[0][0], table.columns[0]
    number, name = value_text(value, column.format, column.kind), column.label
    color = color_of(number_of(value), said.get("color"), 0.0, 0.0)
    filled = color if said.get("apply_color_to") == "background" else None
    ink = INK if filled is None else ink_on(filled)
    upon = color if said.get("apply_color_to") == "value" else None
    lines = _lines(number, name, said, Area(0, 0, width, height), (upon or ink, ink))
    ground = [(Area(0, 0, width, height), filled, "")] if filled is not None else []
    return in_pixels(width, height, [*boxes(ground), *texts(lines)])


def _lines(number: str, name: str, said: JsonObject, area: Area, inks: tuple[str, str]) -> list[Words]:
    """Put number and name into the middle, as one block whose lines begin, end or have their middle together."""
    large, small = SIZES[said.get("size", "xl")]
    wide = max(text_width(number, large, bold=True), text_width(name, small)) + 2 * PAD
    high = (large + small) * LINE + 2 * PAD
    scale = max(LEAST, min(1.0, area.width / wide, area.height / high))
    large, small = large * scale, small * scale
    room = area.width - 8
    number, name = cut(number, large, room, bold=True), cut(name, small, room)
    half = max(text_width(number, large, bold=True), text_width(name, small)) / 2
    align = said.get("values", {}).get("alignment", "left")
    x = area.width / 2 + {"left": -half, "center": 0.0, "right": half}[align]
    top = (area.height - (large + small) * LINE) / 2
    name_first = said.get("labels", {}).get("alignment", "top") == "top"
    at_number = top + (small * LINE if name_first else 0.0) + large * LINE / 2
    at_name = top + (0.0 if name_first else large * LINE) + small * LINE / 2
    spoken = f"{name}: {number}"
    return [
        Words(x, at_number, number, large, inks[0], align, weight="bold", said=spoken),
        Words(x, at_name, name, small, inks[1], align, said=spoken),
    ]
