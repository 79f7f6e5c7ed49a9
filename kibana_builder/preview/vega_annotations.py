"""Annotations as layers of an xy chart's spec: upright lines with a sign and their words, and ranges of colour."""

from __future__ import annotations

from datetime import tzinfo

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.answer import Table
from kibana_builder.preview.formats import date_text
from kibana_builder.preview.palettes import static_color
from kibana_builder.preview.svg import cut
from kibana_builder.preview.vega_parts import rule_mark, sign_mark

__all__ = ["HEAD", "annotation_layers"]

HEAD = 18.0
"""So many pixels the signs and words of marks take above the chart."""
NAME_SIZE = 11

COLOR, RANGE_COLOR = "#F04E98", "#F04E981A"
"""What Kibana gives a mark and a range without a colour of its own (kbn-event-annotation-common)."""


def annotation_layers(
    layer: JsonObject, table: Table, place: JsonObject, channel: str, length: float, zone: tzinfo
) -> list[JsonObject]:
    """Give the layers of an annotation layer; `place` is the encoding of the time axis on `channel` (x or y).

    Ranges come first, so that they stand behind the lines. Signs and words stand above the chart, as in Kibana; words
    are cut where the next mark begins, on an axis `length` pixels long.
    """
    ranges: list[JsonObject] = []
    marks: list[JsonObject] = []
    for number, event in enumerate(layer["events"]):
        rows = [_row(row, zone) for row in table.rows if row[0] == number]
        if rows and event["type"] == "range":
            ranges.append(_range(event, rows, place, channel))
        elif rows:
            marks += _marks(event, _cut(rows, place, length), place, channel)
    return [*ranges, *marks]


def _row(row: tuple[Json, ...], zone: tzinfo) -> JsonObject:
    _, time, until, count, words = row
    label = words if count == 1 else str(count)
    said = f"{date_text(time, zone)} · {words}"
    return {"time": time, "until": until, "label": label, "several": count > 1, "said": said}


def _fill(color: str) -> JsonObject:
    """Take the opacity of a colour apart, which stands behind it as two more digits.

    >>> _fill("#F04E981A")
    {'color': '#F04E98', 'opacity': 0.1}
    """
    if len(color) != 9:
        return {"color": color, "opacity": 1.0}
    return {"color": color[:7], "opacity": round(int(color[7:], 16) / 255, 2)}


def _range(event: JsonObject, rows: list[JsonObject], place: JsonObject, channel: str) -> JsonObject:
    low, high = place["scale"]["domain"]
    ends = [(max(row["time"], low), min(row["until"], high), row["said"]) for row in rows]
    if event.get("fill", "inside") == "outside":
        ends = [end for begin, until, said in ends for end in ((low, begin, said), (until, high, said))]
    return {
        "data": {"values": [{"time": begin, "until": until, "said": said} for begin, until, said in ends]},
        "mark": {"type": "rect", **_fill(static_color(event.get("color")) or RANGE_COLOR)},
        "encoding": {
            channel: {**place, "field": "time"},
            f"{channel}2": {"field": "until"},
            "description": {"field": "said"},
        },
    }


def _cut(rows: list[JsonObject], place: JsonObject, length: float) -> list[JsonObject]:
    """Cut each mark's words to the room before the next one."""
    low, high = place["scale"]["domain"]
    follow = [*(row["time"] for row in rows[1:]), high]
    room = [(after - row["time"]) / (high - low) * length - HEAD for row, after in zip(rows, follow, strict=True)]
    return [
        {**row, "label": cut(row["label"], NAME_SIZE, max(HEAD, space), bold=True)}
        for row, space in zip(rows, room, strict=True)
    ]


def _marks(event: JsonObject, rows: list[JsonObject], place: JsonObject, channel: str) -> list[JsonObject]:
    color = static_color(event.get("color")) or COLOR
    above: JsonObject = {"y": -HEAD / 2} if channel == "x" else {"x": {"expr": f"width + {HEAD / 2}"}}
    at = {channel: {**place, "field": "time"}, "description": {"field": "said"}}
    data = {"values": rows}
    rule = rule_mark(event.get("line", {}), color)
    sign = {**sign_mark(event.get("icon", ""), color), **above}
    layers: list[JsonObject] = [
        {"data": data, "mark": rule, "encoding": at},
        {"data": data, "mark": sign, "encoding": at},
    ]
    shown = [row for row in rows if row["several"] or event.get("text", {}).get("visible", False)]
    if shown:
        words = {"type": "text", "color": color, "fontSize": NAME_SIZE, "fontWeight": "bold", "align": "left", "dx": 11}
        layers.append(
            {"data": {"values": shown}, "mark": {**words, **above}, "encoding": {**at, "text": {"field": "label"}}}
        )
    return layers
