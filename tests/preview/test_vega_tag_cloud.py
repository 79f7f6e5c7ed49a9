"""The tag cloud."""

from __future__ import annotations

import math

import pytest

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.drawing import filters_by
from kibana_builder.preview.svg import text_width
from kibana_builder.preview.vega_tag_cloud import tag_cloud_spec
from tests.preview.answers import answer, column, table
from tests.preview.gold_numbers import document, drawn, recorded
from tests.preview.specs import marks, svg_of, words
from tests.shared_material import needs_shared

TAG, COUNT = column("tag_by", "Top 5 values of tag", "string", field="tag"), column("metric", "Count of records")
ROWS: list[tuple[Json, ...]] = [("large", 30.0), ("medium", 20.0), ("small", 10.0)]
MANY: list[tuple[Json, ...]] = [(f"tag {number}", float(number % 17)) for number in range(300)]


def cloud(rows: list[tuple[Json, ...]] = ROWS, width: float = 500, height: float = 300, **styling: Json) -> JsonObject:
    chart: JsonObject = {"type": "tag_cloud", "metric": {}, "tag_by": {"operation": "terms"}, "styling": styling}
    return tag_cloud_spec(chart, answer(table([TAG, COUNT], rows)), width, height)


def tags(spec: JsonObject) -> list[JsonObject]:
    return [row for row in marks(spec, "text") if ": " in row["said"]]


def test_sizes_lie_between_the_ends_by_the_value() -> None:
    """The smallest value has the smallest letters; Kibana's own sizes where none are said."""
    assert [(tag["words"], tag["size"]) for tag in tags(cloud())] == [("large", 72), ("medium", 45), ("small", 18)]
    own: JsonObject = {"min": 10, "max": 31}
    assert [tag["size"] for tag in tags(cloud(font_size=own))] == [31, 20, 10]
    assert [tag["size"] for tag in tags(cloud([("alone", 3.0)]))] == [72]
    assert [tag["size"] for tag in tags(cloud([("same", 3.0), ("size", 3.0)]))] == [18, 18]


def test_words_say_their_value_and_filter() -> None:
    """In their own colours."""
    found = tags(cloud())
    assert [tag["said"] for tag in found] == ["large: 30", "medium: 20", "small: 10"]
    assert [tag["color"] for tag in found] == ["#54B399", "#6092C0", "#D36086"]
    chart: JsonObject = {"type": "tag_cloud", "metric": {}, "tag_by": {}}
    clicked = filters_by(chart, answer(table([TAG, COUNT], ROWS)))
    assert clicked["large"] == [{"field": "tag", "value": "large"}]


def test_a_mapping_gives_words_their_colours() -> None:
    """As it does elsewhere."""
    entry: JsonObject = {"values": ["medium"], "color": {"type": "color_code", "value": "#123456"}}
    color: JsonObject = {"mode": "categorical", "palette": "default", "mapping": [entry]}
    chart: JsonObject = {"type": "tag_cloud", "metric": {}, "tag_by": {"color": color}}
    spec = tag_cloud_spec(chart, answer(table([TAG, COUNT], ROWS)), 500, 300)
    assert {tag["words"]: tag["color"] for tag in tags(spec)}["medium"] == "#123456"


def test_the_caption_says_what_is_shown() -> None:
    """The names of both columns, unless it is not wanted or there is no room."""
    caption = "Top 5 values of tag - Count of records"
    assert caption in words(cloud())
    assert caption not in words(cloud(caption={"visible": False}))
    assert caption not in words(cloud(height=60))


@pytest.mark.parametrize(
    ("orientation", "angles"),
    [
        ("horizontal", {0}),
        ("vertical", {0, 90}),
        ("angled", {round(-90 / 11 * turn, 3) for turn in range(12)}),
    ],
)
def test_angles(orientation: str, angles: set[float]) -> None:
    """Those of the orientation, nearly all of them where there are many words; a word has always the same."""
    sizes: JsonObject = {"min": 6, "max": 9}
    many = tags(cloud(MANY[:80], 600, 400, orientation=orientation, font_size=sizes))
    found = {tag["words"]: round(tag["angle"], 3) for tag in many}
    assert set(found.values()) <= angles
    assert len(set(found.values())) >= len(angles) - 2
    few = {tag["words"]: round(tag["angle"], 3) for tag in tags(cloud(MANY[:5], orientation=orientation))}
    assert few == {name: found[name] for name in few}


def corners(tag: JsonObject) -> list[tuple[float, float]]:
    """Give the corners of a word's lower-case letters."""
    wide, turn = text_width(tag["words"], tag["size"]) / 2, math.radians(tag["angle"])
    return [
        (tag["x"] + x * math.cos(turn) - y * math.sin(turn), tag["y"] + x * math.sin(turn) + y * math.cos(turn))
        for x, y in ((-wide, 0), (wide, 0), (wide, -tag["size"] / 2), (-wide, -tag["size"] / 2))
    ]


def apart(one: list[tuple[float, float]], other: list[tuple[float, float]]) -> bool:
    """Tell whether a line has one convex shape on one side and the other on the other."""
    for shape in (one, other):
        for (x, y), (next_x, next_y) in zip(shape, [*shape[1:], shape[0]], strict=True):
            normal = (y - next_y, next_x - x)
            first, second = (
                [corner[0] * normal[0] + corner[1] * normal[1] for corner in corners_] for corners_ in (one, other)
            )
            if max(first) <= min(second) or max(second) <= min(first):
                return True
    return False


@pytest.mark.parametrize("orientation", ["horizontal", "vertical", "angled"])
def test_no_word_lies_upon_another_or_beyond_the_edge(orientation: str) -> None:
    """Whatever their angles."""
    sizes: JsonObject = {"min": 9, "max": 24}
    found = [corners(tag) for tag in tags(cloud(MANY[:120], 400, 300, orientation=orientation, font_size=sizes))]
    assert len(found) > 25
    assert all(0 <= x <= 400 and 0 <= y <= 300 for shape in found for x, y in shape)
    assert all(apart(one, other) for number, one in enumerate(found) for other in found[:number])


def test_the_largest_lie_in_the_middle() -> None:
    """The first word is in the very middle, whatever the order of the rows."""
    (middle,) = [tag for tag in tags(cloud(ROWS[::-1], caption={"visible": False})) if tag["words"] == "large"]
    assert middle["x"] == 250
    assert abs(middle["y"] - 150) < 40


def test_words_without_room_are_left_away() -> None:
    """And Kibana's words say that some are, beside a sign."""
    full = cloud(MANY, 300, 200)
    assert 0 < len(tags(full)) < 300
    said = [row["said"] for row in marks(full, "text") if row["words"] == "⚠"]
    assert said == ["The container is too small to display the entire cloud. Tags might be cropped or omitted."]
    assert "⚠" not in words(cloud())
    assert "⚠" in words(cloud([("a name that is much too long for any panel of this size " * 3, 1.0)]))


def test_missing_and_negative_values_are_small() -> None:
    """A missing one counts as nothing."""
    found = {tag["words"]: tag["size"] for tag in tags(cloud([("a", 10.0), ("b", None), ("c", -10.0)]))}
    assert found == {"a": 72, "b": 45, "c": 18}


@pytest.mark.parametrize(("width", "height"), [(1, 1), (20, 12), (60, 40)])
def test_tiny_panels(width: float, height: float) -> None:
    """Nothing breaks."""
    assert svg_of(cloud(MANY[:20], width, height, orientation="angled"))


def test_nothing_to_show() -> None:
    """Kibana's words stand in its place."""
    assert words(cloud([])) == ["No results found"]


@needs_shared
def test_the_recorded_tag_cloud() -> None:
    """It has the words that Kibana wrote, and its caption."""
    buckets = recorded("tagcloud")["aggregations"]["0"]["buckets"]
    rows: list[tuple[Json, ...]] = [(bucket["key"], float(bucket["doc_count"])) for bucket in buckets]
    columns = [column("tag_by", "Top 15 values of prediction_class", "string"), COUNT]
    spec = tag_cloud_spec(document("shape-tagcloud"), answer(table(columns, rows)), 504, 304)
    kibana = drawn("ml-shapes", "tagcloud")["text"]
    assert {*words(spec)} == {*kibana} - {"tagcloud", "Chart type:", "Word cloud chart"}
