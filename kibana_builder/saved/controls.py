"""Controls: the `pinned_panels` of a dashboard <-> its `controlGroupInput`.

Kibana up to 9.3 keeps them so: two strings that hold JSON, one entry for each control, and one set of switches for
them all. Facts: gold object `dashboard.ml-features`; the properties that it does not use from Kibana's controls
plugin (common/options_list, common/range_slider, common/time_slider of 8.12).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from kibana_builder.charts.mapping import AnyRow, Constant, Row, UnsayableError, find, from_lens, to_lens
from kibana_builder.json_tree import Json, JsonObject, compact
from kibana_builder.problem import NotExpressible
from kibana_builder.saved.references import reference

__all__ = ["CONTROL_TYPES", "from_control_settings", "from_controls", "to_controls", "with_both_ends"]


@dataclass(frozen=True, slots=True)
class ControlType:
    """One kind of control: its name in the vocabulary, Kibana's name, its reference, and what its config can say."""

    word: str
    name: str
    rows: tuple[AnyRow, ...]
    reference: str = ""


ENVELOPE = (
    Row(("width",), ("width",), unsaid="medium"),
    Row(("grow",), ("grow",), unsaid=False),
)
FIELD = (
    Row(("field_name",), ("explicitInput", "fieldName")),
    Row(("title",), ("explicitInput", "title")),
    Constant(("explicitInput", "enhancements"), {}),
)


def _settings(**settings: str) -> tuple[Row, ...]:
    return tuple(Row(tuple(word.split("__")), ("explicitInput", name)) for word, name in settings.items())


# A setting that the document leaves out is left out in Kibana as well, which then takes its own default.
CONTROL_TYPES = (
    ControlType(
        "options_list_control",
        "optionsListControl",
        FIELD
        + _settings(
            selected_options="selectedOptions",
            exclude="exclude",
            exists_selected="existsSelected",
            single_select="singleSelect",
            search_technique="searchTechnique",
            sort="sort",
            run_past_timeout="runPastTimeout",
            display_settings__placeholder="placeholder",
            display_settings__hide_action_bar="hideActionBar",
            display_settings__hide_exclude="hideExclude",
            display_settings__hide_exists="hideExists",
            display_settings__hide_sort="hideSort",
        ),
        "optionsListDataView",
    ),
    ControlType(
        "range_slider_control",
        "rangeSliderControl",
        FIELD + _settings(value="value", step="step"),
        "rangeSliderDataView",
    ),
    ControlType(
        "time_slider_control",
        "timeSlider",
        (
            Constant(("explicitInput", "title"), "Time slider"),
            Constant(("explicitInput", "enhancements"), {}),
            *_settings(
                start_percentage_of_time_range="timesliceStartAsPercentageOfTimeRange",
                end_percentage_of_time_range="timesliceEndAsPercentageOfTimeRange",
                is_anchored="isAnchored",
            ),
        ),
    ),
)
BY_WORD = {kind.word: kind for kind in CONTROL_TYPES}
BY_NAME = {kind.name: kind for kind in CONTROL_TYPES}

# The ends of a time slider, with what an end is that is not said.
_ENDS = {"start_percentage_of_time_range": 0, "end_percentage_of_time_range": 1}

# Each of these the vocabulary says of one control, and Kibana up to 9.1 of all of them together: the word, which value
# of it switches something on, and the switches.
GROUP_SWITCHES: tuple[tuple[str, bool, tuple[str, ...]], ...] = (
    ("use_global_filters", False, ("ignoreFilters", "ignoreQuery", "ignoreTimerange")),
    ("ignore_validations", True, ("ignoreValidations",)),
)

# What a dashboard says of all its controls: words of kbuild's own, and those of Kibana's switches that it can name.
SETTINGS = (
    Row(("labels",), ("controlStyle",), words={"inline": "oneLine", "above": "twoLine"}, unsaid="oneLine"),
    Row(("chaining",), ("chainingSystem",), words={True: "HIERARCHICAL", False: "NONE"}, unsaid="HIERARCHICAL"),
)
IGNORED = {
    "filters": "ignoreFilters",
    "query": "ignoreQuery",
    "time_range": "ignoreTimerange",
    "validations": "ignoreValidations",
}


def to_controls(
    controls: Sequence[JsonObject], settings: JsonObject | None = None
) -> tuple[JsonObject, list[JsonObject]]:
    """Turn the pinned panels of a dashboard into its control group, and the references that this needs.

    `settings` is what the dashboard says of them all.

    Raises NotExpressible, its path beginning with `pinned_panels`, where controls differ in what they share.
    """
    panels: JsonObject = {}
    references = []
    for order, control in enumerate(controls):
        kind = BY_WORD[control["type"]]
        panel: JsonObject = {"order": order, "type": kind.name, "explicitInput": {"id": control["id"]}}
        to_lens(ENVELOPE, control, panel)
        panels[control["id"]] = to_lens(kind.rows, with_both_ends(control["config"]), panel)
        if kind.reference:
            name = _reference_name(control["id"], kind)
            references.append(reference("index-pattern", control["config"]["data_view_id"], name))
    settings = settings or {}
    switches = _switches(controls) | {IGNORED.get(word, word): True for word in settings.get("ignore", ())}
    group = to_lens(SETTINGS, settings)
    return group | {"ignoreParentSettingsJSON": compact(switches), "panelsJSON": compact(panels)}, references


def with_both_ends(config: JsonObject) -> JsonObject:
    """Give the config of a control in which a time slider with one end has the other as well.

    Kibana 8.12 selects nothing where it finds one end only (time_slider_embeddable.tsx).
    """
    return config if _ENDS.keys().isdisjoint(config) else _ENDS | config


def _switches(controls: Sequence[JsonObject]) -> dict[str, bool]:
    switches: dict[str, bool] = {}
    on_fields = [
        (order, control["config"]) for order, control in enumerate(controls) if "field_name" in control["config"]
    ]
    for word, switched_on, names in GROUP_SWITCHES:
        values = [config.get(word, not switched_on) for _, config in on_fields]
        if len(set(values)) > 1:
            order = next(order for order, config in on_fields if config.get(word, not switched_on) == switched_on)
            raise NotExpressible(
                ("pinned_panels", order, "config", word),
                f"Kibana 8.12 keeps '{word}' once for all controls of a dashboard: say the same in each of them",
            )
        switches |= dict.fromkeys(names, values[:1] == [switched_on])
    return switches


def from_controls(group: Json, references: Iterable[JsonObject]) -> list[JsonObject]:
    """Turn a control group, its inner JSON opened, back into pinned panels.

    What the vocabulary has no words for is left out: whoever needs it all compares `to_controls` of the result with
    what came in. Raises UnsayableError for a control of another type, or without its data view.
    """
    panels = find(group, ("panelsJSON",))
    if not isinstance(panels, dict) or not all(isinstance(panel, dict) for panel in panels.values()):
        raise UnsayableError("a control group without controls")
    data_views = {entry["name"]: entry["id"] for entry in references}
    controls = [_from_panel(control_id, panel, data_views) for control_id, panel in sorted(panels.items(), key=_order)]
    for word, switched_on, names in GROUP_SWITCHES:
        if all(find(group, ("ignoreParentSettingsJSON", name)) is True for name in names):
            for control in controls:
                if "field_name" in control["config"]:
                    control["config"][word] = switched_on
    return controls


def from_control_settings(group: Json, controls: Sequence[JsonObject]) -> JsonObject:
    """Return what a dashboard says of all its controls; `controls` are those that `from_controls` gave.

    What each of them says itself is left out.
    """
    settings = from_lens(SETTINGS, group)
    said = _switches(controls)
    ignore = [
        word
        for word, name in IGNORED.items()
        if find(group, ("ignoreParentSettingsJSON", name)) is True and not said[name]
    ]
    return settings | {"ignore": ignore} if ignore else settings


def _order(entry: tuple[str, JsonObject]) -> float:
    order = entry[1].get("order")
    return order if isinstance(order, int | float) else 0


def _from_panel(control_id: str, panel: JsonObject, data_views: Mapping[str, str]) -> JsonObject:
    kind = BY_NAME.get(str(panel.get("type")))
    if kind is None:
        raise UnsayableError(f"a control of type {panel.get('type')}")
    config: JsonObject = {}
    if kind.reference:
        # Kibana goes by the reference; Kibana 9 may have left the id in the control as well.
        found = data_views.get(_reference_name(control_id, kind), find(panel, ("explicitInput", "dataViewId")))
        if not isinstance(found, str) or not isinstance(find(panel, ("explicitInput", "fieldName")), str):
            raise UnsayableError("a control without its data view or field")
        config["data_view_id"] = found
    control = {"id": control_id, "type": kind.word}
    return from_lens(ENVELOPE, panel, control) | {"config": _without_a_lone_end(from_lens(kind.rows, panel, config))}


def _without_a_lone_end(config: JsonObject) -> JsonObject:
    """Leave out the end of a time slider that Kibana takes no notice of."""
    lone = _ENDS.keys() & config.keys()
    return config if len(lone) != 1 else {key: value for key, value in config.items() if key not in lone}


def _reference_name(control_id: str, kind: ControlType) -> str:
    return f"controlGroup_{control_id}:{kind.reference}"
