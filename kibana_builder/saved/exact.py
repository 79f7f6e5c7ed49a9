"""Words and a small remainder that together say a saved object exactly, each proved by compiling it again.

The normal forms of what is wanted and of what the words make are compared; what differs becomes raw parts, in which
the normal form's own names for layers and columns are the ids that compiling gives.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from kibana_builder.charts.mapping import UnsayableError, find
from kibana_builder.errors import KbuildError
from kibana_builder.json_tree import Json, JsonObject, Path, compact, same, without
from kibana_builder.problem import NotExpressible
from kibana_builder.saved.lens_form import column_order
from kibana_builder.saved.normal_form import normal_form
from kibana_builder.saved.panels import from_panel, to_panel
from kibana_builder.saved.raw import MOST_LEAVES, count_leaves, leaf_paths, remainder
from kibana_builder.spec.check import check

__all__ = [
    "Inexact",
    "Remainder",
    "accepted",
    "attempt",
    "exact_chart",
    "exact_panel",
    "extra_references",
    "raw_parts",
    "said_panel",
]

T = TypeVar("T")

# How often what the schema refuses is taken out of a document before the document is given up.
_MOST_REPAIRS = 20


class Inexact(UnsayableError):
    """The words do not suffice; `places` are the leaves that they do not cover, as far as they are known."""

    def __init__(self, why: str, places: Sequence[str] = ()) -> None:
        super().__init__(why)
        self.places = tuple(places)


@dataclass(slots=True)
class Remainder:
    """What is said beside the words: how many leaves, and their places with ids and indices as `*`."""

    leaves: int = 0
    places: list[str] = field(default_factory=list)

    def add(self, raw: JsonObject, raw_absent: Sequence[str], references: Sequence[JsonObject] = ()) -> None:
        self.leaves += count_leaves(raw, raw_absent) + len(references)
        self.places += [_general(path) for path in leaf_paths(raw, raw_absent)]
        self.places += ["references"] * len(references)

    def demand_few(self) -> None:
        """Raise Inexact when it is too much for a footnote."""
        if self.leaves > MOST_LEAVES:
            raise Inexact(f"more than {MOST_LEAVES} leaves without words", self.places)


_LEVELLED = re.compile(r"<(?:layer|data view) \d+(?: column \d+)?>")
_INDICES = re.compile(r"(?<=\.)\d+(?=\.|$)")


def _general(path: str) -> str:
    return _INDICES.sub("*", _LEVELLED.sub("*", path))


def raw_parts(
    raw: JsonObject,
    raw_absent: Sequence[str],
    references: Sequence[JsonObject] = (),
    names: Mapping[str, str] | None = None,
) -> JsonObject:
    """Return the properties that say a remainder; `names` gives the ids for the normal form's names."""
    said = {
        "raw": _with_ids(raw, names or {}),
        "raw_absent": [_with_ids(path, names or {}) for path in raw_absent],
        "raw_references": [_with_ids(reference, names or {}) for reference in references],
    }
    return {key: value for key, value in said.items() if value}


def _with_ids(tree: Json, names: Mapping[str, str]) -> Json:
    if isinstance(tree, dict):
        return {_with_ids(key, names): _with_ids(value, names) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_with_ids(value, names) for value in tree]
    return _LEVELLED.sub(lambda found: names.get(found[0], found[0]), tree) if isinstance(tree, str) else tree


def _names(form: JsonObject, made: JsonObject) -> dict[str, str]:
    """Give the ids of layers, columns and ad-hoc data views for their names in the normal form: the order is one."""
    names: dict[str, str] = {}
    state, made_state = form["state"], made["state"]
    for kind in ("formBased", "textBased"):
        layers, made_layers = (find(each, ("datasourceStates", kind, "layers")) or {} for each in (state, made_state))
        for name, layer_id in zip(layers, made_layers, strict=True):
            names[name] = layer_id
            names |= _column_names(name, layers[name], made, made_layers[layer_id])
    return names | dict(zip(state.get("adHocDataViews", ()), made_state.get("adHocDataViews", ()), strict=False))


def _column_names(name: str, layer: JsonObject, made: JsonObject, made_layer: JsonObject) -> dict[str, str]:
    if isinstance(layer["columns"], dict):
        return dict(zip(layer["columns"], made_layer["columns"], strict=True))
    ordered = column_order(made["state"]["visualization"], made_layer, made.get("visualizationType"))
    return {f"{name[:-1]} column {number}>": column_id for number, column_id in enumerate(ordered)}


# ------------------------------------------------------------------------------------------- reading and compiling


def attempt(make: Callable[[], T]) -> T:
    """Read or compile what a file holds; raises UnsayableError (or KbuildError) where that cannot be done.

    Whatever a strange shape breaks in there, the object just has no words: to keep it raw is always right.
    """
    try:
        return make()
    except (UnsayableError, KbuildError, RecursionError):
        raise
    except NotExpressible as refused:
        raise Inexact(refused.finding.message) from None
    except ExceptionGroup as group:
        raise Inexact("; ".join(str(error) for error in group.exceptions)) from None
    except Exception as error:  # noqa: BLE001 - see above
        raise Inexact(f"a shape that is not known ({type(error).__name__})") from None


def accepted(kind: Literal["dashboard", "visualization"], document: JsonObject) -> JsonObject:
    """Take out what the schema refuses: it is left over then. Raises Inexact when too little would be left."""
    for _ in range(_MOST_REPAIRS):
        findings = check(kind, document)
        if not findings:
            return document
        for finding in findings:
            document = _without(document, finding.path)
    raise Inexact("the schema refuses what is said")


def _without(tree: Json, path: Path) -> Json:
    """Take out the property that a path leads to; an entry of a list takes the list with it."""
    length = max((number for number, step in enumerate(path, start=1) if isinstance(step, str)), default=0)
    if length == 0:
        raise Inexact("the schema refuses what is said")
    return without(tree, path[:length])


# ------------------------------------------------------------------------------------------- charts and panels


def exact_chart(
    chart: JsonObject, item: JsonObject, compiled: Callable[[JsonObject], JsonObject]
) -> tuple[JsonObject, Remainder]:
    """Add to a chart what its library object says more.

    Raises UnsayableError where that is too much or does not fit.
    """
    wanted, made = normal_form(item), attempt(lambda: compiled(chart))
    form, rest = normal_form(made), Remainder()
    if same(form, wanted):
        return chart, rest
    extra = extra_references(wanted["references"], form["references"])
    raw, raw_absent = remainder(wanted["attributes"], form["attributes"])
    rest.add(raw, raw_absent, extra)
    rest.demand_few()
    exact = chart | raw_parts(raw, raw_absent, extra, _names(form["attributes"], made["attributes"]))
    if not same(normal_form(attempt(lambda: compiled(exact))), wanted):
        raise Inexact("the parts without words do not fit", rest.places)
    return exact, rest


def said_panel(entry: Json, references: Sequence[JsonObject], options: Json) -> JsonObject:
    """Say an entry of `panelsJSON` as far as there are words; whoever takes it has to prove that they say it all.

    `references` are the dashboard's own for it, `options` its opened optionsJSON. Raises UnsayableError.
    """
    said = attempt(lambda: from_panel(entry, references))
    panel: JsonObject = accepted("dashboard", {"title": "", "panels": [said]})["panels"][0]
    if panel["config"].get("hide_title") is False and find(options, ("hidePanelTitles",)) is not True:
        del panel["config"]["hide_title"]  # as when nothing is said
    return panel


def exact_panel(
    entry: Json, references: Sequence[JsonObject], options: Json, time_fields: Mapping[str, str]
) -> tuple[JsonObject, Remainder]:
    """Say an entry of `panelsJSON`, `references` being the dashboard's own for it, `options` its opened optionsJSON.

    Raises UnsayableError where there are no words, or too much is left over.
    """
    said = said_panel(entry, references, options)

    def form_of(saved: Json, needed: Sequence[JsonObject]) -> JsonObject:
        return normal_form(_alone(saved, needed, options))

    wanted, (made, needed) = form_of(entry, references), attempt(lambda: to_panel(said, time_fields))
    form, rest = form_of(made, needed), Remainder()
    if same(form, wanted):
        return said, rest
    exact = _with_remainder(said, wanted, form, made, rest)
    rest.demand_few()
    if not same(form_of(*attempt(lambda: to_panel(exact, time_fields))), wanted):
        raise Inexact("the parts without words do not fit", rest.places)
    return exact, rest


def _alone(entry: Json, references: Sequence[JsonObject], options: Json) -> JsonObject:
    """Make a dashboard of one panel, for comparison."""
    attributes = {"panelsJSON": compact([entry]), "optionsJSON": compact(options)}
    return {"type": "dashboard", "id": "", "attributes": attributes, "references": list(references)}


def _with_remainder(
    said: JsonObject, wanted: JsonObject, form: JsonObject, made: JsonObject, rest: Remainder
) -> JsonObject:
    """Add to a panel what its entry says more, to its chart what is the chart's; `rest` counts it."""
    if not isinstance(wanted["attributes"]["panelsJSON"], list):
        raise Inexact("a panel with a number that is no JSON")
    (theirs,), (ours,) = wanted["attributes"]["panelsJSON"], form["attributes"]["panelsJSON"]
    extra = extra_references(wanted["references"], form["references"])
    config: JsonObject = said["config"]
    names: dict[str, str] = {}
    prefix = f"{said['id']}:"
    if said["type"] == "vis" and "ref_id" not in config:
        theirs, chart = _apart(theirs)
        ours, our_chart = _apart(ours)
        names = _names(our_chart, made["embeddableConfig"]["attributes"])
        inside = list(_common(chart, extra, prefix))
        extra = [entry for entry in extra if _inner(entry, prefix) not in inside]
        chart["references"] = [entry for entry in chart.get("references", ()) if entry not in inside]
        raw, raw_absent = remainder(chart, our_chart)
        rest.add(raw, raw_absent, inside)
        config = config | raw_parts(raw, raw_absent, inside, names)
    raw, raw_absent = remainder(theirs, ours)
    rest.add(raw, raw_absent, extra)
    parts = raw_parts(raw, raw_absent, [_inner(entry, prefix) for entry in extra], names)
    return {**said, "config": config, **parts}


def _apart(entry: JsonObject) -> tuple[JsonObject, JsonObject]:
    """Take a chart's attributes out of a panel's entry."""
    config = entry["embeddableConfig"]
    without = {key: value for key, value in config.items() if key != "attributes"}
    return {**entry, "embeddableConfig": without}, dict(config["attributes"])


def _common(chart: JsonObject, extra: Sequence[JsonObject], prefix: str) -> Iterator[JsonObject]:
    """Give those of the extra references that stand inside the chart as well."""
    inner = chart.get("references")
    for entry in extra:
        if isinstance(inner, list) and _inner(entry, prefix) in inner:
            yield _inner(entry, prefix)


def _inner(reference: JsonObject, prefix: str) -> JsonObject:
    return {**reference, "name": reference["name"].removeprefix(prefix)}


def extra_references(wanted: Sequence[JsonObject], made: Sequence[JsonObject]) -> list[JsonObject]:
    """Return the references that are wanted beside those made. Raises Inexact where one is made that is not wanted."""
    if any(entry not in wanted for entry in made):
        raise Inexact("a reference of its own that the object lacks", ["references"])
    return [entry for entry in wanted if entry not in made]
