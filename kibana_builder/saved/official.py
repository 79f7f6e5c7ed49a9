"""As-code documents -> exactly what Elastic's Dashboards API takes.

Documents leave out what the API insists on though it says no more than the default, and they say a little that is
kbuild's own. A time range that nobody asked for is never added: without one, a dashboard keeps the reader's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from kibana_builder.charts.colors import DEFAULT_SINCE_9
from kibana_builder.charts.columns import RECORDS
from kibana_builder.charts.mapping import ABSENT, find
from kibana_builder.charts.x_axis import scale_of
from kibana_builder.json_tree import Json, JsonObject, Path, without
from kibana_builder.problem import Finding, NotExpressible
from kibana_builder.saved.ids import tag_id
from kibana_builder.spec.shorthands import Kind

__all__ = ["ADDITIONS", "left_out", "to_official", "without_additions"]

WHOLE_DOMAIN = {"type": "full"}

TABLE_PAGES = (10, 20, 30, 50, 100)


class Addition(NamedTuple):
    """What kbuild's language says and the API's does not: in an object with a word, the property at a path.

    Without a key it is that property wherever it stands.
    """

    key: str
    word: str
    path: Path
    only: Callable[[Json], bool] = lambda _: True
    """Which values of it: the others the API has too."""


ADDITIONS = (
    Addition("type", "duration", ("decimals",)),
    Addition("type", "duration", ("compact",)),
    Addition("", "", ("data_type",)),
    Addition("type", "esql", ("time_field",)),
    *(Addition("type", "data_view_spec", (name,)) for name in ("allow_no_index", "name")),
    Addition("operation", "cumulative_sum", ("empty_as_null",)),
    Addition("operation", "histogram", ("granularity",), lambda value: value != "auto" and value > 7),
    Addition("type", "data_table", ("styling", "paging"), lambda value: value not in TABLE_PAGES),
    Addition("type", "metric", ("styling", "secondary", "label", "text")),
    *(Addition("type", word, ("legend", "position")) for word in ("pie", "treemap", "mosaic", "waffle", "heatmap")),
    *(Addition("type", word, ("legend", "truncate")) for word in ("pie", "treemap", "mosaic", "waffle")),
    Addition("type", "markdown", ("config", "settings", "font_size")),
    Addition("", "", ("outermost",)),
    Addition("", "", ("controls",)),
)
"""What the schema marks with `x-kbuild-addition`; a test holds the two together."""


def without_additions(document: Json, at: Path = ()) -> tuple[Json, list[Path]]:
    """Leave kbuild's own words out of a document, and give the places where they stood."""
    if isinstance(document, list):
        pairs = [without_additions(entry, (*at, index)) for index, entry in enumerate(document)]
        return [entry for entry, _ in pairs], [path for _, paths in pairs for path in paths]
    if not isinstance(document, dict):
        return document, []
    left: list[Path] = []
    for addition in ADDITIONS:
        value = find(document, addition.path)
        fits = not addition.key or document.get(addition.key) == addition.word
        if fits and value is not ABSENT and addition.only(value):
            document = without(document, addition.path)
            left.append((*at, *addition.path))
    result = {}
    for key, value in document.items():
        result[key], paths = without_additions(value, (*at, key))
        left += paths
    return result, left


def left_out(document: JsonObject) -> list[Finding]:
    """Say which of a document's words its official form lacks."""
    return [
        Finding("left-out", f"the Dashboards API has no word for '{path[-1]}': it is left out", path, "key", "warning")
        for path in without_additions(document)[1]
    ]


def to_official(kind: Kind, document: JsonObject) -> JsonObject:
    """Return the body of a dashboard, or the config of a chart. The document is not touched.

    Raises NotExpressible where the document says something that the API has no place for.
    """
    if kind == "saved_object":
        raise NotExpressible(("saved_object",), "the Dashboards API takes no saved objects")
    if document.get("lock"):
        raise NotExpressible(("lock",), "the Dashboards API has no place for 'lock: true'")
    document, _ = without_additions(document)
    if kind == "visualization":
        return _chart({key: value for key, value in document.items() if key not in ("tags", "lock")})
    _demand_words(document)
    official = {key: value for key, value in document.items() if key != "lock"}
    if "tags" in document:
        official["tags"] = [tag_id(name) for name in document["tags"]]
    if "filters" in document:
        official["filters"] = [_filter(said) for said in document["filters"]]
    official["panels"] = _panels(document.get("panels", ()))
    return official


def _panels(items: Iterable[JsonObject]) -> list[JsonObject]:
    official = []
    for index, item in enumerate(items):
        try:
            official.append(_panel_or_section(item))
        except NotExpressible as error:
            raise error.below("panels", index) from None
    return official


def _panel_or_section(item: JsonObject) -> JsonObject:
    if "panels" in item:
        return item | {"panels": _panels(item["panels"])}
    _demand_words(item)
    config = item["config"]
    if item["type"] == "markdown":
        return item | {"config": {"settings": {}, **config}}
    try:
        return item | {"config": _chart(config)}
    except NotExpressible as error:
        raise error.below("config") from None


def _demand_words(said: JsonObject) -> None:
    for name in ("raw", "raw_absent", "raw_references", "saved_object"):
        if name in said:
            raise NotExpressible((name,), f"the Dashboards API has no place for '{name}', which is Kibana's own form")


def _chart(chart: JsonObject) -> JsonObject:
    _demand_words(chart)
    official: JsonObject = _with_official_words(chart)
    if "filters" in chart:
        official["filters"] = [_filter(said) for said in chart["filters"]]
    if chart.get("type") == "heatmap" and "x" in chart.get("axis", {}):
        scale = {"scale": scale_of(chart["x"])}
        official["axis"] = {**chart["axis"], "x": scale | chart["axis"]["x"]}
    if chart.get("type") == "xy" and "axis" in chart:
        official["axis"] = {
            name: axis if name == "x" else {"domain": WHOLE_DOMAIN, **axis} for name, axis in chart["axis"].items()
        }
    return official


def _with_official_words(said: Json) -> Json:
    """Say what the API can say in its own way only.

    The default palette of Kibana 9 has that name there (that of 8.12 has none in the API); ranks and running sums name
    a field, of documents too.
    """
    if isinstance(said, list):
        return [_with_official_words(entry) for entry in said]
    if not isinstance(said, dict):
        return said
    result: JsonObject = {key: _with_official_words(value) for key, value in said.items()}
    if result.get("palette") == DEFAULT_SINCE_9:
        result["palette"] = "default"
    if result.get("type") == "custom" and result.get("operation") == "count":
        result.setdefault("field", RECORDS)
    if result.get("operation") == "cumulative_sum" and "field" not in result:
        return _running_count(result)
    return result


def _running_count(operation: JsonObject) -> JsonObject:
    """Write how many documents there were so far as a formula: Kibana asks and computes the same for it."""
    rest = {key: value for key, value in operation.items() if key != "time_shift"}
    shift = f"shift='{operation['time_shift']}'" if "time_shift" in operation else ""
    return {**rest, "operation": "formula", "formula": f"cumulative_sum(count({shift}))"}


def _filter(said: JsonObject) -> JsonObject:
    if said["type"] != "dsl":
        return said
    dsl = said["dsl"]
    return {"params": {}, **said, "dsl": dsl if list(dsl) == ["query"] else {"query": dsl}}
