"""The parts of a whole: their order, their colours, their words."""

from __future__ import annotations

from datetime import timedelta, timezone

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.answer import Table
from kibana_builder.preview.drawing import chart_html, chart_svg
from kibana_builder.preview.shares import Whole
from tests.preview.answers import FROM, answer, column, table

MODEL = column("group_by[0]", "Model", "string", field="model")
LEVEL = column("group_breakdown_by[0]", "Level", "string", field="level")
COUNT = column("metrics[0]", "Count of records")
TERMS: JsonObject = {"operation": "terms"}


def whole(kind: str, columns: Table, **said: Json) -> Whole:
    metrics: JsonObject = {"metric": {}} if kind == "mosaic" else {"metrics": [{}, {}]}
    return Whole({"type": kind, "group_by": [TERMS], **metrics, **said}, columns)


def models(*values: float | None) -> Table:
    return table([MODEL, COUNT], list(zip("abcdef", values, strict=False)))


def test_the_largest_come_first() -> None:
    """Whatever the order of the rows; equal ones stay in it, and nothing is a part of no size."""
    found = whole("treemap", models(1.0, 3.0, None, 3.0))
    assert [(part.label, part.value) for part in found.parts] == [("b", 3), ("d", 3), ("a", 1), ("c", 0)]
    assert found.total == 7


def test_the_palette_goes_by_size_and_a_mapping_by_the_rows() -> None:
    """Kibana counts the colours of its palettes in the drawing, those of a mapping in the data."""
    assert [part.color for part in whole("pie", models(1.0, 2.0)).parts] == ["#6DCCB1", "#79AAD9"]
    mapping: JsonObject = {"mode": "categorical", "palette": "default", "mapping": []}
    mapped = whole("pie", models(1.0, 2.0), group_by=[{**TERMS, "color": mapping}])
    assert [(part.label, part.color) for part in mapped.parts] == [("b", "#6092C0"), ("a", "#54B399")]


def test_a_collapsed_group_has_no_colours() -> None:
    """The first that is shown has them."""
    mapping: JsonObject = {
        "mode": "categorical",
        "palette": "default",
        "mapping": [{"values": ["a"], "color": {"type": "color_code", "value": "#123456"}}],
    }
    groups = [{**TERMS, "collapse_by": "sum"}, {**TERMS, "color": mapping}]
    assert whole("pie", models(1.0), group_by=groups).parts[0].color == "#123456"


def test_colours_without_labels_need_not_be_light() -> None:
    """Where no text lies upon them the palette is the plain one; a treemap's is light in any case."""
    hidden = {"labels": {"visible": False}}
    assert whole("pie", models(1.0), styling=hidden).parts[0].color == "#54B399"
    assert whole("treemap", models(1.0), styling=hidden).parts[0].color == "#6DCCB1"


def test_a_mosaic_turns_its_groups_round() -> None:
    """What breaks it down are its columns, in the order of the rows; inside them the largest come first."""
    rows = [("a", "high", 5.0), ("a", "low", 9.0), ("b", "high", 7.0)]
    found = whole("mosaic", table([MODEL, LEVEL, column("metric", "Count")], rows))
    assert [part.words for part in found.all()] == [
        *(("high",), ("high", "b"), ("high", "a")),
        *(("low",), ("low", "a")),
    ]
    assert [part.color for part in found.parts[0].children] == ["#54B399", "#6092C0"]


def test_metrics_are_parts_inside_their_group() -> None:
    """In the order in which they are said, named after themselves."""
    rows = [("a", 1.0, 3.0)]
    found = whole("pie", table([MODEL, COUNT, column("metrics[1]", "Sum")], rows))
    assert [found.said(part) for part in found.all()] == [
        "a: 4 (100%)",
        "a · Count of records: 1 (25%)",
        "a · Sum: 3 (75%)",
    ]


def test_times_are_as_short_as_their_intervals_are_long() -> None:
    """As Kibana writes the buckets of a date histogram everywhere; in the zone of the dashboard."""
    time = column("group_by[0]", "@timestamp", "date", field="@timestamp")
    data = table([time, COUNT], [(FROM, 1.0)])
    chart: JsonObject = {"type": "pie", "group_by": [{"operation": "date_histogram"}], "metrics": [{}]}
    assert Whole(chart, data, "1h").parts[0].label == "2026-11-22 12:00"
    assert Whole(chart, data, "1d").parts[0].label == "2026-11-22"
    assert Whole(chart, data, "1h", timezone(timedelta(hours=2))).parts[0].label == "2026-11-22 14:00"


def test_numbers_as_said() -> None:
    """A value has the metric's own format, a share its decimals."""
    money = column("metrics[0]", "Total", number_format={"type": "number", "decimals": 1, "suffix": " €"})
    data = table([MODEL, money], [("a", 1.0), ("b", 2.0)])
    decimals = whole("pie", data, styling={"values": {"percent_decimals": 1}})
    assert [decimals.written(part) for part in decimals.parts] == ["66.7%", "33.3%"]
    absolute = whole("pie", data, styling={"values": {"mode": "absolute"}})
    assert [absolute.written(part) for part in absolute.parts] == ["2.0 €", "1.0 €"]
    assert whole("pie", data, styling={"values": {"visible": False}}).written(decimals.parts[0]) == ""


def test_negative_values_are_refused_as_in_kibana() -> None:
    """In its words, in the picture and on the page, for each of these charts by its name."""
    negative = answer(models(1.0, -1.0))
    for kind, styling, name in (
        ("treemap", {}, "Treemap"),
        ("waffle", {}, "Waffle"),
        ("pie", {}, "Pie"),
        ("pie", {"donut_hole": "s"}, "Donut"),
    ):
        chart: JsonObject = {"type": kind, "metrics": [{}], "group_by": [TERMS], "styling": styling}
        words = f"{name} chart can't render with negative values."
        assert words.replace("'", "&#39;") in chart_svg(chart, negative, 600, 300, "e")
        assert words.replace("'", "&#39;") in chart_html(chart, negative, 600, 300, "e")
