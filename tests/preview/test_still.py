"""Pictures of whole dashboards beside their golden structures, from the events to the drawing."""

from __future__ import annotations

from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.dashboard_view import Panel, View
from kibana_builder.preview.duckdb import DuckExecutor
from kibana_builder.preview.library import DataView, Library
from kibana_builder.preview.stage import Stage
from kibana_builder.preview.still import still_svg
from kibana_builder.sandbox.events import Events
from tests.golden.pictures import pictures
from tests.golden.write import FOLDER

DAY: JsonObject = {"from": "2026-11-22T00:00:00Z", "to": "2026-11-23T00:00:00Z"}
SLIDER: JsonObject = {
    "id": "slider",
    "type": "time_slider_control",
    "config": {"start_percentage_of_time_range": 0.25, "end_percentage_of_time_range": 0.5},
}


def view(*controls: JsonObject, panels: tuple[Panel, ...] = ()) -> View:
    return View("mine", "Mine", "", panels, DAY, 0, None, (), controls)


def test_pictures_have_the_structure_of_their_golden_files() -> None:
    """`make golden` accepts a change that is meant."""
    drawn = dict(pictures())
    assert drawn == {path.name.removesuffix(".picture.txt"): path.read_text("utf-8") for path in FOLDER.glob("*.txt")}


def test_the_heading_says_the_times_that_are_shown() -> None:
    """A time slider narrows the times of all panels, so the picture says those that it leaves."""
    with Events() as events:
        stage = Stage(Library, str, DuckExecutor(events))
        assert "Nov 22, 2026 @ 00:00 → Nov 23, 2026 @ 00:00" in still_svg(stage, view())
        assert "Nov 22, 2026 @ 06:00 → Nov 22, 2026 @ 12:00" in still_svg(stage, view(SLIDER))


def test_the_present_moment_of_a_picture_is_the_stages() -> None:
    """Charts know when they were asked, so that one that marks the present has its line there."""
    line = {
        "type": "line",
        "data_source": {"type": "data_view_reference", "ref_id": "events"},
        "x": {"operation": "date_histogram", "field": "@timestamp"},
        "y": [{"operation": "count"}],
    }
    overlays = {"current_time_marker": {"visible": True}}
    chart: JsonObject = {"type": "xy", "layers": [line], "styling": {"overlays": overlays}}
    library = Library(data_views={"events": DataView("events", "Events", "events-*", "@timestamp")})
    noon = 1_795_348_800_000
    with Events() as events:
        events.append("events-1", [b'{"@timestamp": "2026-11-22T03:00:00Z"}'])
        inside, after = (
            Stage(lambda: library, str, DuckExecutor(events), now_ms=lambda now=now: now)
            for now in (noon, noon + 86_400_000)
        )
        shown = view(panels=(Panel("a", None, (0, 0, 24, 10), chart=chart),))
        assert "Nov 22, 2026 @ 12:00:00.000 · now" in still_svg(inside, shown)
        assert "· now" not in still_svg(after, shown)
