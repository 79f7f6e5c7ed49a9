"""Colours by value and by category, in both directions."""

from __future__ import annotations

from typing import Any

import pytest

from kibana_builder.charts.colors import (
    color_mapping_from_lens,
    color_mapping_to_lens,
    palette_from_steps,
    steps_from_palette,
)
from kibana_builder.charts.mapping import UnsayableError
from kibana_builder.problem import NotExpressible

BANDS = {
    "type": "dynamic",
    "range": "absolute",
    "steps": [
        {"gte": 0, "lt": 0.7, "color": "#BD271E"},
        {"gte": 0.7, "lt": 0.85, "color": "#FEC514"},
        {"gte": 0.85, "lte": 1, "color": "#209280"},
    ],
}


def bounds(palette: dict[str, Any], name: str) -> list[float]:
    return [entry["stop"] for entry in palette["params"][name]]


def test_color_stops_are_lower_bounds_and_stops_upper() -> None:
    """The two lists of a palette hold the two ends of each band; wrong ones shift every colour by one."""
    palette = palette_from_steps(BANDS)
    assert bounds(palette, "colorStops") == [0, 0.7, 0.85]
    assert bounds(palette, "stops") == [0.7, 0.85, 1]
    assert palette["params"]["continuity"] == "none"
    assert (palette["params"]["rangeMin"], palette["params"]["rangeMax"]) == (0, 1)


@pytest.mark.parametrize(
    ("first", "last", "continuity"),
    [
        ({"gte": 0}, {"lte": 9}, "none"),
        ({"gte": 0}, {}, "above"),
        ({}, {"lte": 9}, "below"),
        ({}, {}, "all"),
        ({"gte": None}, {"lt": None}, "all"),
    ],
)
def test_an_end_without_a_bound_is_open(first: dict[str, Any], last: dict[str, Any], continuity: str) -> None:
    """Continuity says which ends are open; both lists still hold numbers only, which 8.12 needs."""
    steps = [{**first, "lt": 3, "color": "#000"}, {"gte": 3, **last, "color": "#fff"}]
    palette = palette_from_steps({"type": "dynamic", "range": "absolute", "steps": steps})
    assert palette["params"]["continuity"] == continuity
    assert None not in bounds(palette, "stops") + bounds(palette, "colorStops")


def test_a_missing_inner_bound_is_its_neighbours() -> None:
    """Steps may say only where they begin."""
    steps = [{"color": "#000"}, {"gte": 3, "color": "#777"}, {"gte": 5, "color": "#fff"}]
    palette = palette_from_steps({"type": "dynamic", "range": "absolute", "steps": steps})
    assert bounds(palette, "stops")[:2] == [3, 5]


@pytest.mark.parametrize("shift", [True, False])
def test_steps_come_back_from_their_palette(shift: bool) -> None:
    """Reading a palette gives the steps that made it, named palettes of old included."""
    assert steps_from_palette(palette_from_steps(BANDS)) == BANDS
    legacy = {**BANDS, "type": "legacy_dynamic", "palette": "status", "shift": shift}
    assert steps_from_palette(palette_from_steps(legacy)) == legacy


@pytest.mark.parametrize(
    "color",
    [
        {"mode": "categorical", "palette": "default", "mapping": []},
        {
            "mode": "categorical",
            "palette": "elastic_brand_2023",
            "mapping": [
                {"values": ["a", "b"], "color": {"type": "color_code", "value": "#54B399"}},
                {
                    "values": [{"type": "multi_field_key", "keys": ["a", "b"]}],
                    "color": {"type": "from_palette", "index": 3, "palette": "default"},
                },
            ],
            "unassigned": {"type": "color_code", "value": "#98A2B3"},
        },
        {
            "mode": "gradient",
            "palette": "default",
            "sort": "desc",
            "mapping": [{"values": ["a"]}],
            "gradient": [{"type": "color_code", "value": "#FFFFFF"}, {"type": "from_palette", "index": 1}],
        },
    ],
)
def test_a_colour_mapping_comes_back(color: dict[str, Any]) -> None:
    """What colour mapping says in the vocabulary survives the way to Lens and back."""
    assert color_mapping_from_lens(color_mapping_to_lens(color)["colorMapping"]) == color


def test_the_default_palette_has_its_old_name_for_8_12() -> None:
    """8.12 draws a palette that it does not know in greys."""
    mapping = color_mapping_to_lens({"mode": "categorical", "palette": "default", "mapping": []})
    assert mapping["colorMapping"]["paletteId"] == "eui_amsterdam_color_blind"


def test_legacy_palettes_stand_beside_the_accessors() -> None:
    """A palette from before colour mapping is a palette, not a mapping."""
    color = {"mode": "categorical", "palette": "LEGACY_PALETTE_status", "mapping": []}
    assert color_mapping_to_lens(color) == {"palette": {"type": "palette", "name": "status"}}


@pytest.mark.parametrize("palette", [{}, {"name": "status"}, {"params": {"rangeType": "number"}}])
def test_a_palette_without_stops_has_no_words(palette: dict[str, Any]) -> None:
    """Nothing is invented for a palette that Kibana itself would look up by its name."""
    with pytest.raises(UnsayableError):
        steps_from_palette(palette)


@pytest.mark.parametrize(
    ("steps", "place"),
    [
        ([{"color": "#000"}, {"color": "#fff"}], ("steps", 1)),
        ([{"gte": 0, "lt": 10, "color": "#000"}, {"gte": 20, "color": "#fff"}], ("steps", 1, "gte")),
        ([{"gte": 50, "lt": 10, "color": "#000"}, {"gte": 10, "color": "#fff"}], ("steps", 1)),
        ([{"gte": 0, "lt": 10, "color": "#000"}, {"gte": 10, "lt": 5, "color": "#fff"}], ("steps", 1)),
    ],
)
def test_steps_that_do_not_follow_each_other_are_refused(steps: list[Any], place: tuple[Any, ...]) -> None:
    """A gap, an overlap or a step that says nothing would colour silently wrong."""
    with pytest.raises(NotExpressible) as raised:
        palette_from_steps({"type": "dynamic", "range": "absolute", "steps": steps}, "metric", "color")
    assert raised.value.finding.path == ("metric", "color", *place)
