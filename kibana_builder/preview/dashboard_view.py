"""A dashboard of a library, ready to be asked and drawn: its panels resolved, its controls turned into filters.

The page, the pictures and the HTML file all come through here, so they show the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, tzinfo

from kibana_builder.date_math import NoMoment, epoch_ms
from kibana_builder.errors import KbuildError
from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.answer import Answer, PanelError
from kibana_builder.preview.asking import Executor, Question, Source
from kibana_builder.preview.control_filters import control_filters, selected, sliced
from kibana_builder.preview.library import Library
from kibana_builder.spec.layout import Area, area

__all__ = ["NotThere", "Panel", "Settings", "View", "ask", "moments", "panel_view", "view_of"]

DEFAULT_RANGE: JsonObject = {"from": "now-15m", "to": "now"}
"""Kibana's own setting `timepicker:timeDefaults`."""


class NotThere(KbuildError):
    """A dashboard or visualization that the library does not have."""


@dataclass(frozen=True)
class Panel:
    """A panel as it is shown: what it draws, or what keeps it from that."""

    id: str
    title: str | None
    """None where it is hidden."""
    grid: tuple[int, int, int, int]
    """x, y, w, h on the grid of 48 columns."""
    chart: JsonObject | None = None
    markdown: JsonObject | None = None
    error: str | None = None
    time_range: JsonObject | None = None
    """The panel's own, if it has one."""
    drilldowns: tuple[JsonObject, ...] = ()
    source: JsonObject | None = None
    """The document behind it, for people who inspect it."""
    visualization: str | None = None
    """The id of the library's visualization that it shows, if it shows one."""
    description: str = ""

    @property
    def mark(self) -> str:
        """What keeps the ids of its drawing apart from those of other panels."""
        return "p" + hashlib.sha256(self.id.encode("utf-8", "replace")).hexdigest()[:12]


@dataclass(frozen=True)
class View:
    """A dashboard, or one visualization alone."""

    id: str
    title: str
    description: str
    panels: tuple[Panel, ...]
    time_range: JsonObject
    refresh_ms: int
    """How often it asks anew, in milliseconds; 0 for never."""
    query: JsonObject | None
    filters: tuple[JsonObject, ...]
    controls: tuple[JsonObject, ...]
    control_settings: JsonObject = field(default_factory=dict)
    """What the dashboard says of all its controls (`controls`)."""

    def chosen(self, settings: Settings) -> View:
        """Give the same with what a person chose in the place of what it says itself."""
        chosen = settings.controls or {}
        return replace(
            self,
            time_range=settings.time_range or self.time_range,
            query=settings.query or self.query,
            filters=self.filters if settings.filters is None else settings.filters,
            controls=tuple(selected(one, chosen.get(one["id"])) for one in self.controls),
        )

    def times(self, now_ms: int) -> tuple[int, int]:
        """Give the moments of all panels without times of their own, which a time slider narrows. Raises NoMoment."""
        return sliced(self.controls, moments(self.time_range, now_ms))


@dataclass(frozen=True)
class Settings:
    """What a person chose: times, query, filters, and what is selected in controls, by the control's id."""

    time_range: JsonObject | None = None
    query: JsonObject | None = None
    filters: tuple[JsonObject, ...] | None = None
    controls: Mapping[str, JsonObject] | None = None


def view_of(library: Library, dashboard_id: str) -> View:
    """Resolve a dashboard. Raises NotThere."""
    made = library.dashboards.get(dashboard_id)
    if made is None:
        raise NotThere(library.problems.get(dashboard_id) or f"there is no dashboard with the id {dashboard_id!r}")
    document = made.document
    hide = document.get("options", {}).get("hide_panel_titles", False)
    refresh = document.get("refresh_interval", {})
    return View(
        id=made.id,
        title=made.title,
        description=document.get("description", ""),
        panels=tuple(_panel(library, panel, offset, hide_title=hide) for panel, offset in _all_panels(document)),
        time_range=document.get("time_range") or DEFAULT_RANGE,
        refresh_ms=0 if refresh.get("pause", True) else int(refresh.get("value", 0)),
        query=document.get("query"),
        filters=tuple(document.get("filters", ())),
        controls=tuple(document.get("pinned_panels", ())),
        control_settings=document.get("controls", {}),
    )


def panel_view(library: Library, visualization_id: str) -> View:
    """Show one visualization on its own. Raises NotThere."""
    made = library.visualizations.get(visualization_id)
    if made is None:
        wrong = library.problems.get(visualization_id)
        raise NotThere(wrong or f"there is no visualization with the id {visualization_id!r}")
    panel = Panel(made.id, None, (0, 0, 48, 20), chart=made.document, source=made.document, visualization=made.id)
    return View(made.id, made.title, made.document.get("description", ""), (panel,), DEFAULT_RANGE, 0, None, (), ())


def _all_panels(document: JsonObject) -> Iterator[tuple[JsonObject, int]]:
    """Go through the panels, those of sections too, each with how many rows it is moved down by."""
    below = 0
    for item in document["panels"]:
        if "panels" not in item:
            yield item, 0
            below = max(below, _place(item).bottom)
    for item in sorted((one for one in document["panels"] if "panels" in one), key=lambda one: one["grid"]["y"]):
        inner = [] if item.get("collapsed") else item["panels"]
        for panel in inner:
            yield panel, below
        below = max([below, *(below + _place(panel).bottom for panel in inner)])


def _place(panel: JsonObject) -> Area:
    """Give where a panel stands; one that is kept as it is in Kibana may have them as Kibana writes them."""
    grid = panel.get("grid") or panel.get("saved_object", {}).get("gridData") or {}
    return area({"x": 0, "y": 0, **grid})


def _panel(library: Library, panel: JsonObject, offset: int, *, hide_title: bool) -> Panel:
    x, y, w, h = _place(panel)
    place = (x, y + offset, w, h)
    config: JsonObject = panel.get("config", {})
    own_title = config.get("title")
    hidden = hide_title or config.get("hide_title", False)
    if "saved_object" in panel:
        kind = panel["saved_object"].get("type", "unknown")
        return Panel(panel["id"], own_title, place, error=f"kbuild does not draw a panel of type {kind}", source=panel)
    if panel["type"] == "markdown":
        said = config.get("description", "")
        return Panel(panel["id"], None if hidden else own_title, place, markdown=config, source=panel, description=said)
    if "ref_id" not in config:
        title = None if hidden else config.get("title", "")
        return _chart_panel(panel, place, title, config)
    made = library.visualizations.get(config["ref_id"])
    if made is None:
        wrong = library.problems.get(config["ref_id"])
        words = wrong or f"the visualization {config['ref_id']!r} is not there, or kbuild has no words for it"
        return Panel(panel["id"], own_title, place, error=words, source=panel)
    title = None if hidden else own_title if own_title is not None else made.title
    return _chart_panel(panel, place, title, made.document)


def _chart_panel(panel: JsonObject, place: tuple[int, int, int, int], title: str | None, chart: JsonObject) -> Panel:
    config = panel["config"]
    return Panel(
        panel["id"],
        title or None,
        place,
        chart=chart,
        time_range=config.get("time_range", chart.get("time_range")),
        drilldowns=tuple(config.get("drilldowns", ())),
        source=chart,
        visualization=config.get("ref_id"),
        description=config.get("description", chart.get("description", "")),
    )


def ask(
    view: View, executor: Executor, sources: Mapping[str, Source], now_ms: int, zone: tzinfo = UTC
) -> dict[str, Answer | PanelError]:
    """Ask for the data of every chart of a view at once, as it is, and give the answers by the panels' ids.

    Raises NoMoment for times that are none.
    """
    queries = () if view.query is None else (view.query,)
    active = tuple(one for one in view.filters if not one.get("disabled", False))
    of_controls = tuple(control_filters(view.controls))
    shown = view.times(now_ms)
    answers: dict[str, Answer | PanelError] = {}
    questions: dict[str, Question] = {}
    for panel in view.panels:
        if panel.chart is None:
            continue
        try:
            own = moments(panel.time_range, now_ms) if panel.time_range is not None else shown
        except NoMoment as error:
            answers[panel.id] = PanelError(str(error))
            continue
        questions[panel.id] = Question(
            chart=panel.chart,
            sources=sources,
            time_range=own,
            queries=queries,
            filters=(*active, *of_controls),
            zone=zone,
        )
    found = executor.answer(list(questions.values())) if questions else []
    asked = (replace(one, now_ms=now_ms) if isinstance(one, Answer) else one for one in found)
    return {**answers, **dict(zip(questions, asked, strict=True))}


def moments(time_range: JsonObject, now_ms: int) -> tuple[int, int]:
    """Give the ends of times as they are written (`now-1d`) in epoch milliseconds.

    Raises NoMoment, also for times that end before they begin.
    """
    start, end = epoch_ms(time_range["from"], now_ms), epoch_ms(time_range["to"], now_ms, end=True)
    if start > end:
        raise NoMoment(f"the times end before they begin: from {time_range['from']} to {time_range['to']}")
    return start, end
