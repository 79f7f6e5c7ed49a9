"""Every property that is accepted reaches Kibana: change it, and what is compiled changes.

Over the good documents, which say every property of the language: each leaf is changed to another value that the
schema accepts, alone; the compiled objects must differ, or the compiler must refuse the combination by name.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from kibana_builder.problem import NotExpressible
from kibana_builder.saved.dashboard import to_dashboard
from kibana_builder.saved.normal_form import same_object
from kibana_builder.saved.visualization import to_visualization
from kibana_builder.spec.check import check
from kibana_builder.spec.shorthands import Kind, Names, expand
from tests.spec.documents import GOOD_DASHBOARDS, GOOD_VISUALIZATIONS

NAMES = Names(
    {"ml-metrics": "ml-metrics"},
    {name: name for name in GOOD_VISUALIZATIONS},
    {name: name for name in ("ml-model-detail", *GOOD_DASHBOARDS)},
)
LIBRARY = {name: expand("visualization", value, NAMES) for name, value in GOOD_VISUALIZATIONS.items()}
# Words to try in the place of another: whatever the schema accepts at a place is among them or near the value.
WORDS = (
    *("kql", "lucene", "asc", "desc", "_count", "_key", "and", "or", "prefix", "exact", "wildcard", "small", "medium"),
    *("large", "relative", "absolute", "auto", "visible", "hidden", "outside", "inside", "left", "right", "center"),
    *("top", "bottom", "middle", "before", "after", "horizontal", "vertical", "angled", "none", "zero", "linear"),
    *("carry", "smooth", "stepped", "nearest", "lookahead", "s", "m", "l", "xl", "h", "y", "y2", "x", "log", "sqrt"),
    *("ordinal", "temporal", "fit", "full", "percentage", "average", "max", "min", "sum", "avg", "count", "above"),
    *("below", "solid", "dashed", "dotted", "value", "background", "badge", "compact", "default", "expanded", "fill"),
    *("number", "percent", "bytes", "bits", "median", "area", "bar", "line", "bar_stacked", "circle", "arc", "grid"),
    *(
        "list",
        "bell",
        "bolt",
        "tag",
        "on_click_row",
        "on_click_value",
        "on_open_panel_menu",
        "top_left",
        "is",
        "metric",
    ),
    *("bottom_right", "primary", "baseline", "static", "categorical", "gradient", "circle", "unique_count", "row"),
    "now-7d",
)
PANEL_SETTINGS = {"time_range", "hide_title", "hide_border", "drilldowns"}
# Changes that rightly change nothing, by the end of the path, with the reason.
WITHOUT_EFFECT = {
    ("axis", "x", "scale"): "follows from the operation of x; another one is refused",
    ("language",): "kql is what is meant when no language is said",
    ("time_range", "mode"): "follows from the two ends; another one is refused",
    ("ticks", "mode"): "ticks that are hidden have no mode",
    ("ranges", "from"): "a colour is for the range whose own ends stand beside this list",
    ("ranges", "to"): "the same",
    ("ranges", "label"): "the same",
}


def leaves(tree: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from leaves(value, (*path, key))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from leaves(value, (*path, index))
    else:
        yield path, tree


def others(value: Any) -> Iterator[Any]:
    """Give values to try in the place of `value`, the nearest first."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int | float):
        yield from (value + 1, value - 1, value / 2)
    elif isinstance(value, str):
        yield from (word for word in WORDS if word != value)
        yield from (f"{value}x", "30s", "2h")
    else:
        yield 1


@contextmanager
def changed(document: Any, path: tuple[str | int, ...], value: Any) -> Iterator[None]:
    """Have another value at `path` for a while."""
    for step in path[:-1]:
        document = document[step]
    before = document[path[-1]]
    document[path[-1]] = value
    yield
    document[path[-1]] = before


def compiled(kind: Kind, value: Any) -> Any:
    """Compile a document; a visualization that says something of its panel is compiled inside a dashboard."""
    names = replace(NAMES, library=LIBRARY)
    document = expand(kind, value, names)
    if kind == "visualization":
        if not PANEL_SETTINGS & value.keys():
            return to_visualization("id", document, {})
        own = {key: document.pop(key) for key in ("tags", "lock") if key in document}
        panel = {"id": "panel", "type": "vis", "grid": {"x": 0, "y": 0}, "config": document}
        document = {"title": "Around it", **own, "panels": [panel]}
    return to_dashboard("id", document, {})


def refused(kind: Kind, value: Any) -> bool:
    try:
        compiled(kind, value)
    except (NotExpressible, ExceptionGroup):
        return True
    return False


def buildable(kind: Kind, value: Any) -> Any:
    """Take out what the compiler refuses by name (it needs a newer Kibana), so that the rest can be looked at."""
    value = copy.deepcopy(value)
    for _ in range(20):
        try:
            compiled(kind, value)
        except ExceptionGroup as group:
            paths = [error.finding.path for error in group.exceptions if isinstance(error, NotExpressible)]
            for path in reversed(paths):  # from the end, so that an entry taken out moves no other
                drop(value, path[3 if kind == "visualization" else 0 :])
        except NotExpressible as error:
            drop(value, error.finding.path)
        else:
            return value
    raise AssertionError("refused again and again")


def drop(tree: Any, path: tuple[str | int, ...]) -> None:
    for step in path[:-1]:
        tree = tree[step]
    del tree[path[-1]]


# What was accepted under a property before is tried first: most words are those of another property.
ACCEPTED: dict[str, list[Any]] = {}


def shows(kind: Kind, document: Any, before: Any, path: tuple[str | int, ...], value: Any) -> bool | None:
    """Change one leaf to each value that the schema accepts, three at most: does any show? None: none is accepted."""
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    accepted = ACCEPTED.setdefault(name, [])
    tried = 0
    for other in (*(word for word in accepted if word != value), *others(value)):
        with changed(document, path, other):
            if not check(kind, document):
                tried += 1
                if isinstance(other, str) and other not in accepted:
                    accepted.insert(0, other)
                if refused(kind, document) or not same_object(before, compiled(kind, document)):
                    return True
        if tried == 3:
            break
    return False if tried else None


def in_a_chart(document: Any, path: tuple[str | int, ...]) -> bool:
    """Tell whether a leaf of a dashboard belongs to an inline chart: those are the visualizations' matter."""
    for step in path:
        if step == "config" and document.get("type") == "vis" and "type" in document["config"]:
            return True
        document = document[step]
    return False


def place_of(document: Any, path: tuple[str | int, ...]) -> tuple[Any, ...]:
    """Name a property without its numbers: by the kinds of the objects on the way to it."""
    place: list[Any] = []
    for step in path:
        if isinstance(document, dict):
            place += [document.get("type"), document.get("operation"), document.get("operator"), step]
        document = document[step]
    return tuple(place)


# Places that a document before has shown: most settings are shared by all chart types, and are written once.
SHOWN: set[tuple[Any, ...]] = set()


def check_document(kind: Kind, document: Any) -> tuple[int, list[str]]:
    """Change every leaf; return how many changes were seen and the paths of those that were not."""
    document = buildable(kind, document)
    before, seen, unseen = compiled(kind, document), 0, []
    for path, value in list(leaves(document)):
        names = tuple(step for step in path if isinstance(step, str))
        place = place_of(document, path)
        if "filters" in place or "drilldowns" in place:
            place = place[place.index("filters" if "filters" in place else "drilldowns") :]
        if path[0] == "id" or place in SHOWN or (kind == "dashboard" and in_a_chart(document, path)):
            continue
        SHOWN.add(place)
        shown = shows(kind, document, before, path, value)
        if shown:
            seen += 1
        elif shown is False and not any(names[-len(end) :] == end for end in WITHOUT_EFFECT):
            unseen.append(".".join(map(str, path)))
    return seen, unseen


@pytest.mark.parametrize("name", GOOD_VISUALIZATIONS)
def test_every_property_of_a_visualization_reaches_kibana(name: str) -> None:
    """No property is accepted and then dropped."""
    _, unseen = check_document("visualization", GOOD_VISUALIZATIONS[name])
    assert unseen == []


@pytest.mark.parametrize("name", GOOD_DASHBOARDS)
def test_every_property_of_a_dashboard_reaches_kibana(name: str) -> None:
    """The same for dashboards: controls, filters, drilldowns, options, panels."""
    _, unseen = check_document("dashboard", GOOD_DASHBOARDS[name])
    assert unseen == []


def test_hundreds_of_places_are_looked_at() -> None:
    """The test above means something: of one dashboard alone, more than a hundred changes show."""
    SHOWN.clear()
    seen, _ = check_document("dashboard", GOOD_DASHBOARDS["everything"])
    assert seen > 100
