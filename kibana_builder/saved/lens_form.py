"""The normal form of a Lens state: layers and columns named by their place, not by ids that somebody made up.

Kibana gives every layer and column a random id, kbuild names them after what they compute; both are only names by
which parts of one state refer to each other. Here they are named by their order, every reference with them, so that
two states are equal when they say the same. A reference that leads elsewhere still shows.

Some things beside ids mean nothing to Lens 8.12 and are levelled too: the order of the metrics among themselves in
`columnOrder` (the buckets' order is what is counted inside what, and counts), that of a data table's own list of
columns, of `yConfig` and of the groups of a pie, a `yConfig` that says nothing of its series, a metric that nothing
shows and nothing computes from (an edited formula leaves such parts behind), and the label of a column that only other
columns compute from (the parts of a formula): nobody sees it, and Lens does not rename it with the formula. Where these
others are arithmetic, neither the type counts: Lens asks it of what a visualization shows (getTableSpec), and of what
an operation over buckets computes from (validateMetadata).

And what is said in two shapes is brought into one: a chart in the words of 8.12 (charts/one_shape.py), layers under the
name that they had until 8.5, the data view of a filter by a reference or by its id, and a data view whose name is its
pattern. A formula without its parts, as 9.2 keeps it, has those that Lens makes of its text when it reads the chart
(expandFormulaColumns of its form_based/loader).

Of a chart over ES|QL the query counts and which columns of its answer are shown as what (text_based/to_expression of
Lens). The data view that Kibana makes of the query's indices, references to it, the query a second time for the chart
as a whole, and columns and layers that nothing shows follow from that or mean nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from kibana_builder.charts.annotations import REFERENCE as ANNOTATION_REFERENCE
from kibana_builder.charts.columns import metric_columns, operation_from_columns
from kibana_builder.charts.data_table import TRANSPOSE_SEPARATOR
from kibana_builder.charts.esql import index_pattern_of
from kibana_builder.charts.layer import ESQL_LAYER_REFERENCE, LAYER_REFERENCE
from kibana_builder.charts.mapping import UnsayableError, find
from kibana_builder.charts.one_shape import in_one_shape, with_layers
from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.problem import NotExpressible

__all__ = ["column_order", "level_lens"]

# Texts that people write: an id never stands there, whatever they say.
_TEXTS = frozenset(
    {"label", "title", "description", "query", "formula", "text", "subtitle", "secondaryPrefix", "name"}
    | {"fieldName", "timeField", "timeFieldName", "esql"}
)
# What computes from numbers, whatever the fields are made of that they come from.
_ARITHMETIC = ("formula", "math")


def level_lens(
    attributes: JsonObject, cleaned: Callable[[JsonObject], JsonObject]
) -> tuple[JsonObject, dict[str, str]]:
    """Return Lens attributes with levelled ids, and the new names of its layers by the old ids.

    `cleaned` takes the noise out of the columns of a layer, as it has been taken out of the attributes.
    The latter are for the references that carry a layer's id in their name. Attributes of another shape than Lens's
    come back as they are.
    """
    state = attributes.get("state")
    if not isinstance(state, dict) or not isinstance(state.get("visualization"), dict):
        return attributes, {}
    attributes = _in_one_shape(attributes, cleaned)
    state = attributes["state"]
    names: dict[str, str] = {}
    layers = _layers(state)
    layer_names: dict[str, str] = {}
    for number, layer_id in enumerate(_layer_order(state["visualization"], layers)):
        layer_names[layer_id] = f"<layer {number}>"
    visualization = state["visualization"]
    for layer_id, layer_name in layer_names.items():
        ordered = column_order(visualization, layers[layer_id], attributes.get("visualizationType"))
        for number, column_id in enumerate(ordered):
            names.setdefault(column_id, f"{layer_name[:-1]} column {number}>")
    ad_hoc = state.get("adHocDataViews")
    for number, data_view_id in enumerate(ad_hoc if isinstance(ad_hoc, dict) else ()):
        names.setdefault(data_view_id, f"<data view {number}>")
    names = {**names, **layer_names}
    layer_names |= _annotation_names(visualization, names)
    names |= layer_names
    # References of layers of ES|QL lead to what Kibana makes of their queries.
    layer_names |= dict.fromkeys(_layers(state, "textBased"), "")
    levelled: JsonObject = _renamed(attributes, names)
    internal = levelled["state"].get("internalReferences")
    for reference in list(internal) if isinstance(internal, list) else ():
        if isinstance(reference, dict) and isinstance(reference.get("name"), str):
            reference["name"] = rename_layer_reference(reference["name"], layer_names)
            if not reference["name"]:
                internal.remove(reference)
    if internal == []:
        del levelled["state"]["internalReferences"]
    _level_orders(levelled)
    return levelled, layer_names


def _annotation_names(visualization: JsonObject, names: dict[str, str]) -> dict[str, str]:
    """Name annotation layers, which are none of a data source, and add the names of their events to `names`."""
    found: dict[str, str] = {}
    layers = visualization.get("layers")
    for number, layer in enumerate(layers if isinstance(layers, list) else ()):
        events = layer.get("annotations") if isinstance(layer, dict) else None
        if isinstance(events, list) and isinstance(layer.get("layerId"), str):
            found[layer["layerId"]] = f"<annotations {number}>"
            ids = [event.get("id") for event in events if isinstance(event, dict)]
            names |= {text: f"<event {number}.{place}>" for place, text in enumerate(ids) if isinstance(text, str)}
    return found


def _in_one_shape(attributes: JsonObject, cleaned: Callable[[JsonObject], JsonObject]) -> JsonObject:
    """Bring what Kibana says in two shapes into one; the attributes handed in stay as they are."""
    attributes = in_one_shape(attributes)
    state: JsonObject = {**attributes["state"]}
    sources = state.get("datasourceStates")
    if isinstance(sources, dict) and not sources.get("formBased") and sources.get("indexpattern"):
        state["datasourceStates"] = {
            ("formBased" if key == "indexpattern" else key): source
            for key, source in sources.items()
            if key != "formBased"
        }
    ad_hoc = state.get("adHocDataViews")
    if isinstance(ad_hoc, dict):
        state["adHocDataViews"] = {key: _without_own_name(data_view) for key, data_view in ad_hoc.items()}
    shown = set(_strings(state["visualization"]))

    def complete(layers: JsonObject) -> JsonObject:
        return {key: _with_formula_parts(_used(layer, shown), cleaned) for key, layer in layers.items()}

    _level_esql(state, shown)
    sources = state.get("datasourceStates")
    if isinstance(sources, dict):
        sources = {kind: with_layers(source, complete) for kind, source in sources.items()}
    state["datasourceStates"] = sources
    return {**attributes, "state": state}


def _level_esql(state: JsonObject, shown: set[str]) -> None:
    texts = _layers(state, "textBased")
    if not texts or len(_layers(state)) > len(texts):
        return
    layers = {key: _esql_layer(layer, shown) for key, layer in texts.items() if key in shown}
    state["datasourceStates"] = {"textBased": {"layers": layers}}
    queries = [find(layer, ("query", "esql")) for layer in layers.values()]
    if find(state, ("query", "esql")) in queries[:1] or find(state, ("query", "query")) == "":
        del state["query"]
    ad_hoc = state.get("adHocDataViews")
    if isinstance(ad_hoc, dict):
        made = [_data_view_of(layer) for layer in texts.values()]
        state["adHocDataViews"] = {key: view for key, view in ad_hoc.items() if _facts(view) not in made}
        if not state["adHocDataViews"]:
            del state["adHocDataViews"]


def _esql_layer(layer: JsonObject, shown: set[str]) -> JsonObject:
    columns = layer.get("columns")
    if not isinstance(columns, list):
        return layer
    return {**layer, "columns": [column for column in columns if _text(column, "columnId") in shown]}


def _data_view_of(layer: JsonObject) -> JsonObject:
    """Say of the data view that Kibana makes for a layer what it says."""
    query = find(layer, ("query", "esql"))
    pattern = index_pattern_of(query) if isinstance(query, str) else None
    return {"title": pattern, "timeFieldName": layer.get("timeField")}


def _facts(data_view: Json) -> Json:
    if not isinstance(data_view, dict) or data_view.get("type", "esql") != "esql":
        return data_view
    facts = {key: value for key, value in data_view.items() if key not in ("id", "type")}
    return {"timeFieldName": None, **facts}


def _with_formula_parts(layer: Json, cleaned: Callable[[JsonObject], JsonObject]) -> Json:
    columns = layer.get("columns") if isinstance(layer, dict) else None
    order = layer.get("columnOrder") if isinstance(layer, dict) else None
    if not isinstance(layer, dict) or not isinstance(columns, dict) or not isinstance(order, list):
        return layer
    parts: JsonObject = {}
    for column_id, column in columns.items():
        if isinstance(column, dict) and column.get("operationType") == "formula" and not column.get("references"):
            parts |= _formula_with_parts(column_id, column)
    if not parts:
        return layer
    parts = cleaned(parts)
    return {**layer, "columns": columns | parts, "columnOrder": [*order, *(key for key in parts if key not in order)]}


def _formula_with_parts(column_id: str, column: JsonObject) -> JsonObject:
    """Give the column of a formula and those of its parts, as Lens makes them; nothing of one that it cannot read."""
    try:
        operation = operation_from_columns({column_id: column}, column_id, ())
        made = metric_columns(column_id, operation, "@timestamp")
    except (UnsayableError, NotExpressible, AttributeError, KeyError, TypeError, ValueError, RecursionError):
        return {}  # what Kibana stores may have any shape
    return {**made, column_id: {**column, "references": made[column_id]["references"]}}


def _used(layer: Json, shown: set[str]) -> Json:
    """Take out the metrics that nothing shows and nothing computes from: what an edited formula leaves behind."""
    columns = layer.get("columns") if isinstance(layer, dict) else None
    if not isinstance(columns, dict) or not isinstance(layer.get("columnOrder"), list):
        return layer
    waiting = [key for key, column in columns.items() if key in shown or _is_bucket(column)]
    used: set[str] = set()
    while waiting:
        column_id = waiting.pop()
        if column_id not in used:
            used.add(column_id)
            waiting += [text for text in _strings(columns[column_id]) if text in columns]
    # A table shows a column spread over the values of another one under a longer name.
    used |= {key for key in columns if any(text.endswith(TRANSPOSE_SEPARATOR + key) for text in shown)}
    return {
        **layer,
        "columns": {key: column for key, column in columns.items() if key in used},
        "columnOrder": [
            key for key in layer["columnOrder"] if not isinstance(key, str) or key in used or key not in columns
        ],
    }


def _without_own_name(data_view: Json) -> Json:
    if isinstance(data_view, dict) and data_view.get("name") in (data_view.get("title"), ""):
        return {key: value for key, value in data_view.items() if key != "name"}
    return data_view


def _layers(state: JsonObject, only: str = "") -> dict[str, JsonObject]:
    """Collect the layers of all kinds of data sources by their ids, or of one kind only."""
    sources = state.get("datasourceStates")
    found: dict[str, JsonObject] = {}
    for kind, source in sources.items() if isinstance(sources, dict) else ():
        if only and kind != only:
            continue
        layers = source.get("layers") if isinstance(source, dict) else None
        for layer_id, layer in layers.items() if isinstance(layers, dict) else ():
            if isinstance(layer, dict):
                found.setdefault(layer_id, layer)
    return found


def _layer_order(visualization: JsonObject, layers: dict[str, JsonObject]) -> list[str]:
    """Order the layers as the visualization names them; those that it does not name come last, as they stand."""
    named = [text for text in _strings(visualization) if text in layers]
    return list(dict.fromkeys([*named, *layers]))


def column_order(visualization: JsonObject, layer: JsonObject, kind: Json) -> list[str]:
    """Order the columns: buckets as they are computed, metrics as the visualization names them, then their parts."""
    columns = layer.get("columns")
    if isinstance(columns, list):
        ids = [column["columnId"] for column in columns if isinstance(find(column, ("columnId",)), str)]
        named = [] if kind == "lnsDatatable" else [text for text in _strings(visualization) if text in ids]
        return list(dict.fromkeys([*named, *ids]))
    if not isinstance(columns, dict):
        return []
    said = layer.get("columnOrder")
    order = [entry for entry in said if isinstance(entry, str)] if isinstance(said, list) else []
    computed = [column_id for column_id in order if column_id in columns]
    buckets = [column_id for column_id in computed if _is_bucket(columns[column_id])]
    shown = [text for text in _strings(visualization) if text in columns]
    helpers = _computed_from(columns).difference(shown)
    named = [] if kind == "lnsDatatable" else shown
    # Parts of a formula stand anywhere in `columnOrder`; they are found by who computes from them.
    ordered = list(dict.fromkeys([*buckets, *named, *(key for key in computed if key not in helpers)]))
    found = set(ordered)
    for column_id in ordered:
        parts = dict.fromkeys(text for text in _strings(columns[column_id]) if text in columns and text not in found)
        ordered += parts
        found |= parts.keys()
    return [*ordered, *(key for key in columns if key not in found)]


def _is_bucket(column: Json) -> bool:
    return isinstance(column, dict) and column.get("isBucketed") is True


def _strings(value: Json) -> Iterator[str]:
    """Give the strings of a tree, keys in alphabetical order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for entry in value:
            yield from _strings(entry)
    elif isinstance(value, dict):
        for key in sorted(value):
            yield from _strings(value[key])


def _renamed(value: Json, names: dict[str, str]) -> Json:
    if isinstance(value, dict):
        return {
            names.get(key, key): entry if key in _TEXTS and isinstance(entry, str) else _renamed(entry, names)
            for key, entry in value.items()
        }
    if isinstance(value, list):
        return [_renamed(entry, names) for entry in value]
    if isinstance(value, str):
        return _renamed_text(value, names)
    return value


def _renamed_text(text: str, names: dict[str, str]) -> str:
    if text in names:
        return names[text]
    values, separator, column_id = text.rpartition(TRANSPOSE_SEPARATOR)
    return values + separator + names.get(column_id, column_id)


def rename_layer_reference(name: str, layer_names: dict[str, str]) -> str:
    """Level the name of a reference from a Lens layer to its data view; any other name stays.

    That of a layer which is not there comes back empty: Kibana looks for the data views of the layers that it has.
    """
    for kind in (LAYER_REFERENCE, ANNOTATION_REFERENCE, ESQL_LAYER_REFERENCE):
        begin, found, layer_id = name.rpartition(kind)
        if found and layer_names:
            return begin + found + layer_names[layer_id] if layer_names.get(layer_id) else ""
    return name


def _level_orders(attributes: JsonObject) -> None:
    state = attributes["state"]
    shown = set(_strings(state["visualization"]))
    for layer in _layers(state).values():
        columns, order = layer.get("columns"), layer.get("columnOrder")
        if isinstance(columns, list):
            layer["columns"] = sorted(columns, key=lambda column: _text(column, "columnId"))
        if not isinstance(columns, dict):
            continue
        if isinstance(order, list):
            known = [column_id for column_id in order if isinstance(column_id, str)]
            layer["columnOrder"] = [c for c in known if _is_bucket(columns.get(c))] + sorted(
                c for c in known if not _is_bucket(columns.get(c))
            )
        in_arithmetic = _computed_from(columns, _ARITHMETIC) - _computed_from(columns, others=_ARITHMETIC)
        for column_id in _computed_from(columns) - shown:
            unseen = ("label", "customLabel", *(("dataType",) if column_id in in_arithmetic else ()))
            layer["columns"][column_id] = {key: entry for key, entry in columns[column_id].items() if key not in unseen}
    _level_lists(state["visualization"], attributes.get("visualizationType"))


def _computed_from(columns: JsonObject, kinds: Collection[str] | None = None, others: Collection[str] = ()) -> set[str]:
    """Collect the columns that other columns name as what they compute from: those of some kinds, or all but others."""
    return {
        column_id
        for column in columns.values()
        if isinstance(column, dict) and isinstance(column.get("references"), list)
        if (kinds is None or column.get("operationType") in kinds) and column.get("operationType") not in others
        for column_id in column["references"]
        if isinstance(column_id, str) and isinstance(columns.get(column_id), dict)
    }


def _level_lists(visualization: JsonObject, kind: Json) -> None:
    columns = visualization.get("columns")
    if kind == "lnsDatatable" and isinstance(columns, list):
        visualization["columns"] = sorted(columns, key=lambda column: _text(column, "columnId"))
    layers = visualization.get("layers")
    for layer in layers if isinstance(layers, list) else ():
        if kind == "lnsPie" and isinstance(layer, dict):
            layer.update((key, _in_order(layer[key])) for key in _GROUPS if isinstance(layer.get(key), list))
        settings = layer.get("yConfig") if isinstance(layer, dict) else None
        if isinstance(settings, list):
            telling = [entry for entry in settings if not isinstance(entry, dict) or set(entry) - {"forAccessor"}]
            layer["yConfig"] = sorted(telling, key=lambda entry: _text(entry, "forAccessor"))
            if not telling:
                del layer["yConfig"]


_GROUPS = ("primaryGroups", "secondaryGroups")


def _in_order(groups: list[Json]) -> list[Json]:
    """Order the groups of a pie as Lens does (getSortedGroups): by their columns, whose names here count them."""
    return sorted(groups, key=lambda group: (len(str(group)), str(group)))


def _text(entry: Json, key: str) -> str:
    return str(entry.get(key)) if isinstance(entry, dict) else ""
