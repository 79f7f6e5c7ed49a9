"""Metric tiles."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.theme import FONT
from kibana_builder.preview.tiles import tiles, tiles_html, tiles_svg
from tests.preview.answers import answer, column, table

PERCENT: JsonObject = {"type": "number", "decimals": 1, "suffix": "%"}
PRIMARY = column("primary", "CPU", number_format=PERCENT)
SPLIT = column("breakdown_by", "Top 3 values of model", "string", field="model")
COLOR: JsonObject = {
    "type": "dynamic",
    "range": "absolute",
    "steps": [{"lt": 50, "color": "#209280"}, {"gte": 50, "color": "#BD271E"}],
}


def chart(primary: JsonObject | None = None, *more: JsonObject, **settings: Json) -> JsonObject:
    return {
        "type": "metric",
        "metrics": [{"type": "primary", "operation": "average", **(primary or {})}, *more],
        **settings,
    }


def test_one_number_and_the_one_beside_it() -> None:
    """The label stands before the second number, after it, or not at all."""
    data = answer(table([PRIMARY, column("secondary", "Memory")], [(55.12, 1118)]))
    second: JsonObject = {"type": "secondary", "operation": "average"}
    (tile,) = tiles(chart({"subtitle": "all"}, second), data)
    assert (tile.title, tile.subtitle, tile.value, "".join(tile.secondary)) == (
        "CPU",
        "all",
        "55.1%",
        "Memory 1,118",
    )
    after = {"secondary": {"label": {"placement": "after"}}}
    assert tiles(chart(None, second, styling=after), data)[0].secondary == ("", "1,118", " Memory")
    hidden = {"secondary": {"label": {"visible": False}}}
    assert tiles(chart(None, second, styling=hidden), data)[0].secondary == ("", "1,118", "")


@pytest.mark.parametrize(
    ("said", "number", "words", "color"),
    [
        ({"compare": {"to": "primary"}}, 40.0, "Difference +15.1% ↑", "#24C292"),
        ({"compare": {"to": "primary"}}, 60.0, "Difference -4.9% ↓", "#F6726A"),
        ({"compare": {"to": "primary", "icon": False}}, 55.12, "Difference 0.0%", "#ECF1F9"),
        ({"compare": {"to": "primary"}}, None, "Difference N/A", "#ECF1F9"),
        ({"compare": {"to": "baseline", "baseline": 50}}, 40.0, "Memory 40.0% ↓", "#F6726A"),
        ({"compare": {"to": "baseline"}}, 40.0, "Memory 40.0% ↑", "#24C292"),
        ({"compare": {"to": "baseline", "value": False}}, 40.0, "Memory ↑", "#24C292"),
        ({"compare": {"to": "baseline", "palette": "compare_to_reversed"}}, 40.0, "Memory 40.0% ↑", "#F6726A"),
        ({"compare": {"to": "baseline", "palette": "status"}}, 40.0, "Memory 40.0% ↑", "#CC5642"),
        ({"color": {"type": "static", "color": "#123456"}}, 40.0, "Memory 40.0%", "#123456"),
        ({"color": {"type": "none"}}, 40.0, "Memory 40.0%", None),
    ],
)
def test_the_second_number_may_be_compared(
    said: JsonObject, number: float | None, words: str, color: str | None
) -> None:
    """With the large number it says how much more that is, with a fixed one itself; the badge has a trend's colour."""
    data = answer(table([PRIMARY, column("secondary", "Memory", number_format=PERCENT)], [(55.12, number)]))
    shown = chart(None, {"type": "secondary", "operation": "average", **said})
    (tile,) = tiles(shown, data)
    assert "".join(tile.secondary) == words
    assert tile.said.endswith(words)
    assert (tile.badge.color if tile.badge is not None else None) == color
    svg = tiles_svg(shown, data, 300, 150)
    assert (f'fill="{color}"' in svg) == (color is not None)
    drawn = [one.text or "" for one in ET.fromstring(f"<svg>{svg}</svg>").iter("text")]
    assert words in " ".join(drawn)


def test_the_label_of_the_second_number_may_be_written() -> None:
    """Its own words come before all others."""
    data = answer(table([PRIMARY, column("secondary", "Memory")], [(1.0, 2.0)]))
    second: JsonObject = {"type": "secondary", "compare": {"to": "primary"}}
    named = chart(None, second, styling={"secondary": {"label": {"text": "Since yesterday"}}})
    assert tiles(named, data)[0].secondary == ("Since yesterday ", "-1 ↓", "")


def test_colours_by_value() -> None:
    """Behind the number or the number itself; black or white upon a colour, whichever can be read."""
    data = answer(table([PRIMARY], [(75.0,)]))
    assert (tiles(chart({"color": COLOR}), data)[0].background, tiles(chart({"color": COLOR}), data)[0].ink) == (
        "#BD271E",
        "#FFFFFF",
    )
    upon = tiles(chart({"color": COLOR, "apply_color_to": "value"}), data)[0]
    assert (upon.background, upon.ink) == ("#F7F8FC", "#BD271E")


def test_a_tile_for_each_category() -> None:
    """Each is called after its category, has its own bar, and filters by it."""
    said = chart({"color": COLOR, "background_chart": {"type": "bar", "max_value": {}}}, breakdown_by={"columns": 2})
    data = answer(table([SPLIT, PRIMARY, column("max_value", "")], [("a", 25.0, 100), ("b", 150.0, 100)]))
    first, second = tiles(said, data)
    assert (first.title, first.subtitle, first.bar, second.bar) == ("a", "CPU", 0.25, 1.0)
    svg = tiles_svg(said, data, 300, 200)
    clicked = [one for one in ET.fromstring(f"<svg>{svg}</svg>").iter() if one.get("data-field")]
    assert [(one.get("data-field"), one.get("data-value")) for one in clicked] == [("model", "a"), ("model", "b")]
    assert '#209280"' in svg


def test_tiles_in_the_page_are_those_of_the_picture() -> None:
    """They are drawn into the same pixels, unless a row would be too low: the page can be scrolled."""
    data = answer(table([SPLIT, PRIMARY], [(name, 1.0) for name in "abcdefg"]))
    html = tiles_html(chart(), data, 300, 200)
    assert html == (
        f'<div class="tiles"><svg width="300" height="200" font-family="{FONT}">'
        f"{tiles_svg(chart(), data, 300, 200)}</svg></div>"
    )
    assert f'height="180" font-family="{FONT}">{tiles_svg(chart(), data, 300, 180)}' in tiles_html(
        chart(), data, 300, 90
    )


def test_a_trend_behind_the_number() -> None:
    """The values over time are a shape that fills the tile's foot."""
    said = chart({"background_chart": {"type": "trend"}})
    svg = tiles_svg(said, answer(table([PRIMARY, column("trend", "")], [(1.0, [1.0, None, 3.0])])), 300, 200)
    assert "<polygon" in svg


@pytest.mark.parametrize(
    ("width", "sizes"),
    [(174, ("12", "22", "16")), (240, ("16", "27", "20")), (524, ("16", "34", "24")), (788, ("24", "56", "40"))],
)
def test_words_have_the_sizes_that_kibana_gives_them(width: int, sizes: tuple[str, str, str]) -> None:
    """Title, number and unit by the tile's width, as in the recorded pictures of Kibana 8.12.2."""
    svg = ET.fromstring(f"<svg>{tiles_svg(chart(), answer(table([PRIMARY], [(55.1,)])), width, 200)}</svg>")
    title, value = svg.iter("text")
    assert (title.get("font-size"), *(part.get("font-size") for part in value)) == sizes
    assert [part.text for part in value] == ["55.1", "%"]


def test_a_number_is_never_cut() -> None:
    """One that is wider than its tile is written smaller; a tile without room leaves out what is least."""
    data = answer(table([PRIMARY, column("secondary", "Memory")], [(123456789012345.0, 1)]))
    second: JsonObject = {"type": "secondary", "operation": "average"}
    svg = ET.fromstring(f"<svg>{tiles_svg(chart({'subtitle': 'all'}, second), data, 120, 60)}</svg>")
    title, value = svg.iter("text")
    sizes = [float(part.get("font-size", 0)) for part in value]
    assert (title.text, "".join(value.itertext())) == ("CPU", "123,456,789,012,345.0%")
    assert max(sizes) < 12


def test_the_number_may_fill_its_tile_and_a_sign_stand_on_it() -> None:
    """Both as the styling says; the sign's side is the right one unless it says the left."""
    data = answer(table([PRIMARY], [(5.0,)]))
    fill: JsonObject = {"primary": {"value": {"sizing": "fill"}}, "icon": {"name": "heart", "alignment": "left"}}
    filled, plain = (tiles_svg(chart(styling=styling), data, 300, 300) for styling in (fill, {}))
    assert 'font-size="34"' in plain
    assert 'font-size="34"' not in filled
    assert '<path transform="translate(16.0,' in filled


def test_words_are_words() -> None:
    """Nothing from data becomes markup."""
    hostile = "</text><script>alert(1)</script>"
    data = answer(table([SPLIT, PRIMARY], [(hostile, 1.0)]))
    for text in (tiles_svg(chart(), data, 300, 200), tiles_html(chart(), data, 300, 200)):
        assert "<script" not in text
        assert hostile in "".join(ET.fromstring(f"<x>{text}</x>").itertext())


def test_nothing_to_show() -> None:
    """Kibana's words stand in its place."""
    assert "No results found" in tiles_svg(chart(), answer(table([PRIMARY], [])), 100, 100)
    assert "No results found" in tiles_html(chart(), answer(table([PRIMARY], [])), 100, 100)
