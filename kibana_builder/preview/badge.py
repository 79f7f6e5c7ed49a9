"""The badge of a metric's second number: how it stands to another, with an arrow and a colour, or a colour alone.

Kibana has it since 9.1; a dashboard in 8.12 keeps what is said of it and shows the number plain. Facts:
secondary_metric_info.ts of Kibana's metric (what is compared, arrows, signs), compare_to.ts of its palettes.
"""

from __future__ import annotations

from typing import NamedTuple

from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.formats import number_text
from kibana_builder.preview.palettes import PALETTES, readable_on, static_color

__all__ = ["Badge", "badge_of"]

TREND = ("#F6726A", "#ECF1F9", "#24C292")
"""The palette `compare_to`: less, equal, more."""
NOT_COMPARED = "N/A"
ARROWS = ("↓", "=", "↑")
REVERSED = "_reversed"


class Badge(NamedTuple):
    """What stands on the badge, its colour, and the colour of the words."""

    words: str
    color: str
    ink: str


def badge_of(
    said: JsonObject, number: float | None, primary: float | None, shown: str, number_format: JsonObject | None
) -> Badge | None:
    """Give the badge that a second metric asks for, None where it asks for none.

    `number` is its value and `shown` how it is written, `primary` the value of the large number. Compared with that
    the badge says how much more the large one is; compared with a fixed number it says the value itself.
    """
    compare: JsonObject | None = said.get("compare")
    if compare is None:
        color = static_color(said.get("color"))
        return None if color is None else Badge(shown, color, readable_on(color))
    to_primary = compare["to"] == "primary"
    baseline = primary if to_primary else float(compare.get("baseline", 0))
    delta = None if number is None or baseline is None else number - baseline
    if to_primary:
        delta = None if delta is None else -delta
        shown = NOT_COMPARED if delta is None else ("+" if delta > 0 else "") + number_text(delta, number_format)
    direction = 1 if delta is None or delta == 0 else 0 if delta < 0 else 2
    arrow = ARROWS[direction] if compare.get("icon", True) and delta is not None else ""
    words = f"{shown if compare.get('value', True) else ''} {arrow}".strip()
    color = _colors(compare.get("palette", "compare_to"))[direction]
    return Badge(words, color, readable_on(color)) if words else None


def _colors(name: str) -> tuple[str, str, str]:
    """Give three colours of a palette, from its begin, its middle and its end."""
    colors = PALETTES.get(name.removesuffix(REVERSED), TREND)
    less, equal, more = colors[0], colors[len(colors) // 2], colors[-1]
    return (more, equal, less) if name.endswith(REVERSED) else (less, equal, more)
