"""As-code documents -> exactly what Elastic's Dashboards API takes.

Documents leave out what the API insists on though it says no more than the default, and they say a little that is
kbuild's own. A time range that nobody asked for is never added: without one, a dashboard keeps the reader's.
"""

from __future__ import annotations

from collections.abc import Iterable

from kibana_builder.charts.x_axis import SCALES
from kibana_builder.json_tree import JsonObject
from kibana_builder.problem import NotExpressible
from kibana_builder.saved.ids import tag_id
from kibana_builder.spec.shorthands import Kind

__all__ = ["to_official"]

WHOLE_DOMAIN = {"type": "full"}


def to_official(kind: Kind, document: JsonObject) -> JsonObject:
    """Return the body of a dashboard, or the config of a chart. The document is not touched.

    Raises NotExpressible where the document says something that the API has no place for.
    """
    if kind == "saved_object":
        raise NotExpressible(("saved_object",), "the Dashboards API takes no saved objects")
    if document.get("lock"):
        raise NotExpressible(("lock",), "the Dashboards API has no place for 'lock: true'")
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
    official = dict(chart)
    if "filters" in chart:
        official["filters"] = [_filter(said) for said in chart["filters"]]
    if chart.get("type") == "heatmap" and "x" in chart.get("axis", {}):
        scale = {"scale": SCALES[chart["x"]["operation"]]}
        official["axis"] = {**chart["axis"], "x": scale | chart["axis"]["x"]}
    if chart.get("type") == "xy" and "axis" in chart:
        official["axis"] = {
            name: axis if name == "x" else {"domain": WHOLE_DOMAIN, **axis} for name, axis in chart["axis"].items()
        }
    return official


def _filter(said: JsonObject) -> JsonObject:
    if said["type"] != "dsl":
        return said
    dsl = said["dsl"]
    return {"params": {}, **said, "dsl": dsl if list(dsl) == ["query"] else {"query": dsl}}
