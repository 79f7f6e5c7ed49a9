"""Colours: steps of a value <-> palette stops, and colours of categories <-> Lens's colour mapping.

A palette keeps the two ends of a band in two lists: `colorStops` has the lower bounds, `stops` the upper. One band
from 0 to 0.7 and one from 0.7 up are `colorStops` 0, 0.7 and `stops` 0.7, X, where X is not looked at: above the
last lower bound the last colour holds because `rangeMax` is null (Kibana 8.12.2, the recorded gold objects).
"""

from __future__ import annotations

import math
from contextlib import suppress
from itertools import pairwise
from typing import Any

from kibana_builder.charts.mapping import UnsayableError
from kibana_builder.json_tree import Json, JsonObject, compact
from kibana_builder.problem import NotExpressible

RANGE_TYPES = {"absolute": "number", "percentage": "percent"}
CONTINUITY = {(False, False): "none", (False, True): "above", (True, False): "below", (True, True): "all"}
LEGACY_PALETTE_PREFIX = "LEGACY_PALETTE_"
# What the Dashboards API calls `default` is a palette of 9.x; in 8.12 the default has this name, and a name that it
# does not know is drawn in greys. 9.x reads the old name too, so that there the two are different palettes.
DEFAULT_SINCE_9 = "default_since_9"
PALETTES = {"default": "eui_amsterdam_color_blind", DEFAULT_SINCE_9: "default"}


def palette_from_steps(color: JsonObject, *at: str | int) -> JsonObject:
    """Turn `{type: dynamic, range, steps: [{gte, lt | lte, color}]}` into a Lens palette.

    A step that says no bound takes that of its neighbour; at the ends it is open. Raises NotExpressible where the
    steps do not follow each other without a gap (a palette has no place for one); `at` is the colour's path in the
    chart.
    """
    steps: list[JsonObject] = color["steps"]
    count = len(steps)
    try:
        lower, upper = _bounds(steps)
    except NotExpressible as error:
        raise error.below(*at) from None
    legacy = color["type"] == "legacy_dynamic"
    name = color["palette"] if legacy else "custom"
    range_type = RANGE_TYPES[color["range"]]
    first, last = lower[0], upper[-1]
    low, high = _open_ends(lower, upper, percent=range_type == "percent")
    starts = [low, *lower[1:]]
    ends = [*upper[:-1], high]
    if legacy and color["shift"]:
        # Named palettes of old keep the lower bounds in `stops`; Kibana sets that right when it draws.
        ends = starts
    colors = [step["color"] for step in steps]
    return {
        "type": "palette",
        "name": name,
        "params": {
            "name": name,
            "reverse": False,
            "rangeType": range_type,
            "rangeMin": first,
            "rangeMax": last,
            "progression": "fixed",
            "steps": count,
            "maxSteps": max(5, count),
            "continuity": CONTINUITY[first is None, last is None],
            "stops": [{"color": c, "stop": stop} for c, stop in zip(colors, ends, strict=True)],
            "colorStops": [{"color": c, "stop": stop} for c, stop in zip(colors, starts, strict=True)],
        },
    }


def _bounds(steps: list[JsonObject]) -> tuple[list[Any], list[Any]]:
    """Return the lower and the upper bounds, those that are not said taken from the neighbours."""
    lower = [_bound(step, "gte") for step in steps]
    upper = [_bound(step, "lt", "lte") for step in steps]
    last = -math.inf if lower[0] is None else lower[0]
    for index in range(1, len(steps)):
        begin = upper[index - 1] if lower[index] is None else lower[index]
        end = begin if upper[index - 1] is None else upper[index - 1]
        if begin is None:
            raise NotExpressible(("steps", index), "this step does not say where it begins: give it a gte")
        if begin != end:
            raise NotExpressible(
                ("steps", index, "gte"), f"this step begins at {begin}, but the one before it ends at {end}"
            )
        if begin <= last:
            raise NotExpressible(("steps", index), f"the steps must ascend: {begin} does not come after {last}")
        lower[index] = upper[index - 1] = last = begin
    if upper[-1] is not None and upper[-1] <= last:
        raise NotExpressible(("steps", len(steps) - 1), f"this step ends at {upper[-1]}, before it begins")
    return lower, upper


def _bound(step: JsonObject, *names: str) -> float | None:
    return next((step[name] for name in names if step.get(name) is not None), None)


def _open_ends(lower: list[Any], upper: list[Any], *, percent: bool) -> tuple[float, float]:
    """Give the two outermost numbers that the lists need where an end is open; Kibana does not look at them."""
    known = [bound for bound in (*lower, *upper) if bound is not None]
    low, high = (min(known), max(known)) if known else (0, 0)
    if percent:
        return (lower[0] if lower[0] is not None else min(0, low)), (
            upper[-1] if upper[-1] is not None else max(100, high)
        )
    return (lower[0] if lower[0] is not None else low - 1), (upper[-1] if upper[-1] is not None else high + 1)


def color_mapping_to_lens(color: JsonObject) -> JsonObject:
    """Turn the as-code colour mapping (categorical or gradient) into what stands beside the accessors in Lens.

    Returns `{"colorMapping": …}` in the shape of 8.12 (later versions read it too), or `{"palette": …}` for a palette
    named `LEGACY_PALETTE_…`, the way the Dashboards API says that a chart uses the palettes from before 8.11.
    """
    palette: str = color["palette"]
    if palette.startswith(LEGACY_PALETTE_PREFIX):
        return {"palette": {"type": "palette", "name": palette.removeprefix(LEGACY_PALETTE_PREFIX)}}
    gradient = color["mode"] == "gradient"
    mode: JsonObject = {"type": color["mode"]}
    if gradient:
        mode["steps"] = [{**_color(step, palette), "touched": False} for step in color.get("gradient", [])]
        mode["sort"] = color.get("sort", "asc")
    unassigned = color.get("unassigned")
    return {
        "colorMapping": {
            "assignments": [
                {
                    "rule": {"type": "matchExactly", "values": [_category(value) for value in entry["values"]]},
                    "color": {"type": "gradient"} if gradient else _color(entry["color"], palette),
                    "touched": False,
                }
                for entry in color.get("mapping", [])
            ],
            "specialAssignments": [
                {
                    "rule": {"type": "other"},
                    "color": {"type": "loop"} if unassigned is None else _color(unassigned, palette),
                    "touched": False,
                }
            ],
            "paletteId": PALETTES.get(palette, palette),
            "colorMode": mode,
        }
    }


def _color(color: JsonObject, palette: str) -> JsonObject:
    if color["type"] == "color_code":
        return {"type": "colorCode", "colorCode": color["value"]}
    palette = color.get("palette", palette)
    return {"type": "categorical", "paletteId": PALETTES.get(palette, palette), "colorIndex": color["index"]}


def _category(value: Json) -> str | list[str]:
    """Write a category as 8.12 compares it: as text, several fields as a list, a range as `from:0,to:50`."""
    if not isinstance(value, dict):
        return value if isinstance(value, str) else compact(value)
    if value["type"] == "multi_field_key":
        return list(value["keys"])
    return f"from:{value['from']},to:{value['to']}"


def steps_from_palette(palette: JsonObject) -> JsonObject:
    """Turn a Lens palette into the as-code steps, from lower bound to upper bound, open ends unsaid."""
    params = palette.get("params") or {}
    stops = params.get("stops")
    range_type = {lens: code for code, lens in RANGE_TYPES.items()}.get(params.get("rangeType", ""))
    if not stops or range_type is None:
        raise UnsayableError("a named palette without stops")
    name = params.get("name", palette.get("name"))
    first, last = params.get("rangeMin"), params.get("rangeMax")
    starts = [entry.get("stop") for entry in params.get("colorStops") or stops]
    ends = [entry.get("stop") for entry in stops]
    bounds = [bound for bound in (first, *starts[1:], last) if bound is not None]
    if any(begin >= end for begin, end in pairwise(bounds)):
        raise UnsayableError("a palette whose bands do not ascend")
    # The last end is not looked at where the last band is open.
    shifted = name != "custom" and ends[:-1] == starts[:-1] and ends[-1] in (None, starts[-1])
    steps: list[JsonObject] = []
    for index, entry in enumerate(stops):
        lower = first if index == 0 else starts[index]
        step: JsonObject = {} if lower is None else {"gte": lower}
        if index < len(stops) - 1:
            step["lt"] = starts[index + 1]
        elif last is not None:
            step["lte"] = last
        steps.append({**step, "color": entry["color"]})
    if name == "custom":
        return {"type": "dynamic", "range": range_type, "steps": steps}
    return {"type": "legacy_dynamic", "range": range_type, "palette": name, "shift": shifted, "steps": steps}


def read_steps(palette: JsonObject, code: JsonObject) -> None:
    """Say the colours of a palette where there are words for them; nothing else depends on it."""
    with suppress(UnsayableError):
        code["color"] = steps_from_palette(palette)


def color_mapping_from_lens(mapping: JsonObject) -> JsonObject:
    """Turn Lens's colour mapping into the as-code one."""
    mode: JsonObject = mapping.get("colorMode", {})
    palette = _palette_name(mapping.get("paletteId", ""))
    gradient = mode.get("type") == "gradient"
    color: JsonObject = {"mode": mode.get("type"), "palette": palette}
    entries: list[JsonObject] = []
    for assignment in mapping.get("assignments", []):
        entry: JsonObject = {"values": _categories(assignment)}
        if not gradient:
            entry["color"] = _color_from_lens(assignment["color"], palette)
        entries.append(entry)
    if entries or not gradient:
        color["mapping"] = entries
    if gradient:
        color["gradient"] = [_color_from_lens(step, palette) for step in mode.get("steps", [])]
        if mode.get("sort", "asc") != "asc":
            color["sort"] = mode["sort"]
    special = mapping.get("specialAssignments") or [{}]
    if special[0].get("color", {}).get("type", "loop") != "loop":
        color["unassigned"] = _color_from_lens(special[0]["color"], palette)
    return color


def color_from_lens(holder: JsonObject, legacy: JsonObject) -> JsonObject | None:
    """Read the colours of categories: `holder` may have a mapping, `legacy` a palette from before 8.11."""
    if "colorMapping" in holder:
        return color_mapping_from_lens(holder["colorMapping"])
    if "palette" in legacy:
        name = f"{LEGACY_PALETTE_PREFIX}{legacy['palette'].get('name')}"
        return {"mode": "categorical", "palette": name, "mapping": []}
    return None


def _palette_name(palette: str) -> str:
    return {lens: code for code, lens in PALETTES.items()}.get(palette, palette)


def _color_from_lens(color: JsonObject, palette: str) -> JsonObject:
    if color.get("type") == "colorCode":
        return {"type": "color_code", "value": color["colorCode"]}
    if color.get("type") != "categorical":
        raise UnsayableError(f"colour of type {color.get('type')}")
    said: JsonObject = {"type": "from_palette", "index": color["colorIndex"]}
    own = _palette_name(color["paletteId"])
    return said if own == palette else {**said, "palette": own}


def _categories(assignment: JsonObject) -> list[Json]:
    rule = assignment.get("rule", {})
    if rule.get("type") != "matchExactly":
        raise UnsayableError(f"colour rule {rule.get('type')}")
    return [_category_from_lens(value) for value in rule["values"]]


def _category_from_lens(value: Json) -> Json:
    return {"type": "multi_field_key", "keys": value} if isinstance(value, list) else value
