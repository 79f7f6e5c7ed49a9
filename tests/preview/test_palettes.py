"""The colours of Kibana."""

from __future__ import annotations

import pytest

from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.palettes import category_colors, color_of, readable_on

BANDS = {
    "type": "dynamic",
    "range": "absolute",
    "steps": [{"gte": 0, "lt": 40, "color": "#111111"}, {"gte": 40, "lte": 80, "color": "#222222"}],
}


@pytest.mark.parametrize(
    ("value", "color"), [(-1, None), (0, "#111111"), (39.9, "#111111"), (40, "#222222"), (80, "#222222"), (81, None)]
)
def test_a_value_lies_in_a_band(value: float, color: str | None) -> None:
    """A band begins with its lower bound and ends before its upper one; the last holds its end."""
    assert color_of(value, BANDS, 0, 100) == color


def test_open_ends_and_percent() -> None:
    """A step without a bound goes on for ever; percent is taken of the range of the values."""
    percent = {"range": "percentage", "steps": [{"lt": 50, "color": "#111111"}, {"gte": 50, "color": "#222222"}]}
    assert [color_of(value, percent, 10, 20) for value in (-100, 14, 15, 999)] == [
        "#111111", "#111111", "#222222", "#222222",
    ]  # fmt: skip


def test_bounds_that_are_not_said() -> None:
    """A step begins where the one before ends; null says as little as no word."""
    steps: list[JsonObject] = [
        {"gte": 0, "lt": None, "color": "#111111"},
        {"gte": 5, "lt": 9, "color": "#222222"},
        {"color": "#333333"},
    ]
    color: JsonObject = {"type": "dynamic", "range": "absolute", "steps": steps}
    assert [color_of(value, color, 0, 1) for value in (-1, 4, 5, 9, 99)] == [
        *(None, "#111111", "#222222", "#333333", "#333333"),
    ]


def test_categories_take_their_own_colour_and_then_the_palette_s() -> None:
    """Assigned categories keep theirs, the others follow in turn."""
    mapping = {
        "mode": "categorical",
        "palette": "default",
        "mapping": [{"values": ["b"], "color": {"type": "color_code", "value": "#123456"}}],
    }
    assert category_colors(["a", "b", "c"], None) == ["#54B399", "#6092C0", "#D36086"]
    assert category_colors(["a", "b", "c"], mapping) == ["#6092C0", "#123456", "#D36086"]


def test_after_ten_categories_come_lighter_colours() -> None:
    """The eleventh to thirteenth are those of the recorded tag cloud; after the twentieth it begins anew."""
    colors = category_colors(list(range(21)), None)
    assert colors[10:13] == ["#AAD9CC", "#B0C9E0", "#E9B0C3"]
    assert colors[20] == colors[0]


def test_categories_of_several_fields_and_ranges() -> None:
    """They are found by what is written for them: a range by its name, or by its ends."""
    ranges = [{"from": 0, "to": 1000, "label": ""}, {"from": 1000, "to": 9000, "label": "high"}]
    values: list[JsonObject] = [
        {"type": "multi_field_key", "keys": ["a", "b"]},
        {"type": "range_key", "from": 0, "to": 1000, "ranges": ranges},
        {"type": "range_key", "from": 1000, "to": 9000, "ranges": ranges},
    ]
    colors = ["#111111", "#222222", "#333333"]
    mapping: JsonObject = {
        "mode": "categorical",
        "palette": "default",
        "mapping": [
            {"values": [value], "color": {"type": "color_code", "value": color}}
            for value, color in zip(values, colors, strict=True)
        ],
    }
    assert category_colors(["a › b", "0 → 1,000", "high"], mapping) == colors


def test_a_gradient_is_spread_over_the_categories() -> None:
    """One colour alone begins at white."""
    mapping = {"mode": "gradient", "palette": "default", "gradient": [{"type": "color_code", "value": "#000000"}]}
    assert category_colors(["a", "b"], mapping) == ["#808080", "#000000"]


@pytest.mark.parametrize(
    ("background", "ink"), [("#FFFFFF", "#000000"), ("#BD271E", "#FFFFFF"), ("#FEC514", "#000000")]
)
def test_text_can_be_read_upon_a_colour(background: str, ink: str) -> None:
    """Black or white, whichever has the higher contrast."""
    assert readable_on(background) == ink
