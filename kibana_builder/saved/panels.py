"""Panels: one entry of a dashboard's `panels` <-> one of its `panelsJSON`.

A panel is an envelope (its place, title, time range, drilldowns), and in it a chart, a text, or the name of something
in the library. Facts: gold objects `dashboard.ml-features` and `dashboard.ml-model-monitoring-by-value`, and section
5 of NORMALISATION.md: a Lens panel by value needs its references twice, inside the panel and, under the panel's
name, on the dashboard; with either missing it loads for ever.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kibana_builder import charts
from kibana_builder.charts.mapping import ABSENT, Row, UnsayableError, find, from_lens, to_lens
from kibana_builder.json_tree import Json, JsonObject, Path
from kibana_builder.problem import NotExpressible
from kibana_builder.saved.dashboard_form import with_one_title
from kibana_builder.saved.drilldowns import from_drilldowns, to_drilldowns
from kibana_builder.saved.markdown import from_saved_vis, to_saved_vis
from kibana_builder.saved.raw import closed_panel, with_raw
from kibana_builder.saved.references import as_references, of_panel, reference, under_panel

__all__ = ["from_panel", "to_panel"]

SETTINGS = (
    Row(("title",), ("title",)),
    Row(("hide_title",), ("embeddableConfig", "hidePanelTitles")),
    Row(("description",), ("embeddableConfig", "description")),
    Row(("time_range",), ("embeddableConfig", "timeRange")),
)
EVENTS: Path = ("embeddableConfig", "enhancements", "dynamicActions", "events")

# What Kibana calls the panel types of the vocabulary, and the library objects that such a panel can name.
TYPES = {"vis": "lens", "markdown": "visualization"}


def to_panel(panel: JsonObject, time_fields: Mapping[str, str] | None = None) -> tuple[JsonObject, list[JsonObject]]:
    """Turn a panel into an entry of `panelsJSON`, and the references that the dashboard needs for it.

    `time_fields` gives the time field of each data view id. Raises NotExpressible where the panel says something that
    a dashboard of Kibana 8.12 has no place for.
    """
    if "panels" in panel:
        raise NotExpressible((), "a section needs Kibana 9.1 or later")
    if "saved_object" in panel:
        return _to_raw_panel(panel)
    config, index = panel["config"], panel["id"]
    try:
        saved, references = _envelope(panel)
        if "ref_id" in config:
            saved["panelRefName"] = f"panel_{index}"
            references.append(reference(TYPES[panel["type"]], config["ref_id"], f"panel_{index}"))
        elif panel["type"] == "markdown":
            saved["embeddableConfig"]["savedVis"] = to_saved_vis(config)
        else:
            lens = charts.to_lens(config, time_fields)
            own = [*lens.references, *config.get("raw_references", ())]
            saved["embeddableConfig"]["attributes"] = with_raw(_lens_by_value(lens, own), config)
            references += own
    except NotExpressible as error:
        raise error.below("config") from None
    references += panel.get("raw_references", ())
    return closed_panel(with_raw(saved, panel)), under_panel(index, references)


def _to_raw_panel(panel: JsonObject) -> tuple[JsonObject, list[JsonObject]]:
    """Make the entry of a panel that stands as Kibana keeps it; what it says of its place itself goes before."""
    saved = {key: value for key, value in panel["saved_object"].items() if key != "references"}
    place = {"gridData": {"w": 24, "h": 15, **panel.get("grid", {}), "i": panel["id"]}, "panelIndex": panel["id"]}
    return closed_panel(with_raw(place | saved, panel)), under_panel(
        panel["id"], panel["saved_object"].get("references", ())
    )


def _envelope(panel: JsonObject) -> tuple[JsonObject, list[JsonObject]]:
    """Make the entry without its content, and the references that it needs, with the names inside the panel."""
    config, index = panel["config"], panel["id"]
    if config.get("hide_border"):
        raise NotExpressible(("hide_border",), "Kibana 8.12 has no place for 'hide_border: true'")
    saved: JsonObject = {
        "type": TYPES[panel["type"]],
        "gridData": {"w": 24, "h": 15, **panel["grid"], "i": index},
        "panelIndex": index,
        "embeddableConfig": {"enhancements": {}},
    }
    to_lens(SETTINGS, config, saved)
    references: list[JsonObject] = []
    if "drilldowns" in config:
        events, for_drilldowns = to_drilldowns(config["drilldowns"])
        saved["embeddableConfig"]["enhancements"] = {"dynamicActions": {"events": events}}
        references += for_drilldowns
    return saved, references


def _lens_by_value(lens: charts.LensChart, references: list[JsonObject]) -> JsonObject:
    """Title and description of a chart by value belong to the panel; Kibana leaves those inside empty."""
    return {
        "title": "",
        "visualizationType": lens.attributes["visualizationType"],
        "type": "lens",
        "references": references,
        "state": lens.attributes["state"],
    }


def from_panel(saved: Json, references: Sequence[JsonObject]) -> JsonObject:
    """Turn an entry of `panelsJSON` back; `references` are the dashboard's.

    What the vocabulary has no words for is left out (exact.py adds it). Raises UnsayableError for an entry that it
    cannot say at all.
    """
    index, grid, embedded = (find(saved, (key,)) for key in ("panelIndex", "gridData", "embeddableConfig"))
    if not isinstance(index, str | int) or not isinstance(grid, dict) or not isinstance(embedded, dict):
        raise UnsayableError("a panel without a place or content (Kibana before 6.3)")
    saved = with_one_title(saved)
    own = of_panel(str(index), references)
    kind, config = _content(saved, own, references)
    from_lens(SETTINGS, saved, config)
    events = find(saved, EVENTS)
    if events is not ABSENT and events != []:
        config["drilldowns"] = from_drilldowns(events, own)
    place = {key: grid[key] for key in ("x", "y", "w", "h") if key in grid}
    return {"id": str(index), "type": kind, "grid": place, "config": config}


def _content(saved: JsonObject, own: Sequence[JsonObject], references: Sequence[JsonObject]) -> tuple[str, JsonObject]:
    """Return the type of a panel in the vocabulary, and what its config says of the content."""
    if "panelRefName" in saved:
        # Before Kibana 7.13 the panel's name did not stand before the name of the reference.
        found = [entry for entry in (*own, *references) if entry["name"] == saved["panelRefName"]]
        if not found or found[0]["type"] != "lens":
            raise UnsayableError(f"a library object of type {found[0]['type'] if found else 'that is missing'}")
        return "vis", {"ref_id": found[0]["id"]}
    embedded = saved["embeddableConfig"]
    if "savedVis" in embedded:
        return "markdown", from_saved_vis(embedded["savedVis"])
    attributes = embedded.get("attributes")
    if saved.get("type") != "lens" or not isinstance(attributes, dict):
        raise UnsayableError(f"a panel of type {saved.get('type')}")
    return "vis", charts.from_lens(attributes, _of_chart(attributes.get("references"), own))


def _of_chart(inner: Json, own: Sequence[JsonObject]) -> list[JsonObject]:
    """Put the references of a chart by value together: Kibana takes the names inside, and the ids of the dashboard."""
    outer = {entry["name"]: entry for entry in own}
    return [outer.get(entry["name"], entry) for entry in as_references(inner)]
