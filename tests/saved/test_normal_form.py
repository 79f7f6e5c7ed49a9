"""What equal means: noise is left out, and nothing else."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibana_builder.charts.columns import metric_columns
from kibana_builder.errors import KbuildError
from kibana_builder.json_tree import Json, JsonObject, compact, same
from kibana_builder.saved.normal_form import _noise, content_hash, normal_form, same_object
from tests.saved.inner_json import closed
from tests.shared_material import GOLD, SHARED, needs_shared

LENS = {
    "title": "Latency",
    "description": "",
    "visualizationType": "lnsXY",
    "state": {
        "datasourceStates": {
            "formBased": {
                "currentIndexPatternId": "last-seen",
                "layers": {"l1": {"columnOrder": ["a", "b"], "columns": {"a": {"params": {"percentile": 95}}}}},
            },
            "textBased": {"indexPatternRefs": [{"id": "x"}], "layers": {}},
        },
        "adHocDataViews": {
            "x": {"title": "logs-*", "fieldAttrs": {"host": {"count": 3}, "user": {"customLabel": "U"}}}
        },
        "filters": [],
        "query": {"language": "kuery", "query": ""},
        "internalReferences": [],
    },
}
# Every leaf of a Lens state that the list knows and the panel above does not show.
NOISY_PALETTE = {
    "name": "custom",
    "accessor": "m1",
    "params": {"steps": 3, "maxSteps": 5, "reverse": False, "rangeMax": None},
}
NOISY_EXTENT = {"mode": "custom", "lowerBound": 0, "upperBound": 1, "enforce": True}
NOISY_LENS: JsonObject = {
    "title": "Noisy",
    "version": 1,
    "visualizationType": "lnsXY",
    "state": {
        "filters": [{"meta": {"key": "a", "field": "a", "value": "b", "index": "dv"}, "query": {}}],
        "datasourceStates": {
            "formBased": {
                "layers": {
                    "l2": {
                        "indexPatternId": "dv",
                        "ignoreGlobalFilters": False,
                        "columnOrder": ["b1", "m1", "m1X0"],
                        "columns": {
                            "b1": {
                                "isBucketed": True,
                                "label": "Top 5 values of model",
                                "operationType": "terms",
                                "scale": "ordinal",
                                "params": {
                                    "timeZone": "UTC",
                                    "size": 5,
                                    "orderBy": {"type": "alphabetical", "fallback": True},
                                    "orderAgg": {"label": "", "scale": "ratio", "operationType": "max"},
                                },
                            },
                            "m1": {
                                "label": "Rate",
                                "customLabel": True,
                                "operationType": "formula",
                                "references": ["m1X0"],
                                "params": {"formula": "average(cpu)"},
                            },
                            "m1X0": {
                                "label": "Part of Rate",
                                "customLabel": True,
                                "operationType": "average",
                                "params": {"emptyAsNull": True, "format": {"id": "bytes", "params": {"compact": True}}},
                            },
                        },
                    }
                }
            }
        },
        "visualization": {
            "preferredSeriesType": "line",
            "palette": NOISY_PALETTE,
            "xExtent": NOISY_EXTENT,
            "yLeftExtent": NOISY_EXTENT,
            "yRightExtent": NOISY_EXTENT,
            "legend": {"isVisible": False, "showSingleSeries": True, "position": "top", "legendSize": "small"},
            "columns": [{"columnId": "m1", "isMetric": True, "palette": NOISY_PALETTE}],
            "layers": [
                {
                    "layerId": "l2",
                    "accessors": ["m1"],
                    "xAccessor": "b1",
                    "xScaleType": "time",
                    "isHistogram": True,
                    "palette": {"name": "default"},
                    "yConfig": [{"forAccessor": "m1", "color": "#000"}],
                }
            ],
        },
    },
}
ESQL_LENS: JsonObject = {
    "title": "Requests",
    "visualizationType": "lnsXY",
    "state": {
        "datasourceStates": {
            "textBased": {
                "layers": {
                    "l3": {
                        "index": "made-of-the-query",
                        "query": {"esql": "FROM logs-* METADATA _id | STATS c = COUNT(*) BY t"},
                        "timeField": "@timestamp",
                        "columns": [
                            {"columnId": "x1", "fieldName": "t", "meta": {"type": "date", "esType": "date"}},
                            {
                                "columnId": "y1",
                                "fieldName": "c",
                                "label": "c",
                                "inMetricDimension": True,
                                "meta": {"type": "number", "sourceParams": {"indexPattern": "logs-*"}},
                            },
                        ],
                        "allColumns": [{"columnId": "x1", "fieldName": "t"}],
                    }
                }
            }
        },
        "visualization": {"layers": [{"layerId": "l3", "accessors": ["y1"], "xAccessor": "x1"}]},
    },
}
PANEL = {
    "version": "8.12.2",
    "type": "lens",
    "gridData": {"x": 0, "y": 0, "w": 24, "h": 15, "i": "p1"},
    "panelIndex": "p1",
    "embeddableConfig": {
        "searchSessionId": "f00",
        "enhancements": {},
        "attributes": LENS
        | {"references": [{"type": "index-pattern", "id": "dv", "name": "layer"}]}
        | {"kibanaSavedObjectMeta": {"searchSourceJSON": '{"filter":[]}'}},
    },
}
ENVELOPE = {
    "references": [
        {"type": "lens", "id": "l", "name": "p2:panel_l"},
        {"type": "index-pattern", "id": "dv", "name": "p1:layer"},
        {"type": "tag", "id": "t", "name": "tag-ref-t"},
    ],
    "coreMigrationVersion": "8.8.0",
    "typeMigrationVersion": "8.9.0",
    "managed": False,
}
DASHBOARD: JsonObject = ENVELOPE | {
    "id": "d",
    "type": "dashboard",
    "created_at": "2026-11-23T16:15:31.371Z",
    "updated_at": "2026-11-23T16:15:31.371Z",
    "version": "WzQsMl0=",
    "attributes": {
        "title": "ML",
        "hits": 0,
        "version": 1,
        "timeRestore": True,
        "timeFrom": "now-24h",
        "refreshInterval": {"pause": False, "value": 30000},
        "optionsJSON": '{"useMargins":true,"syncColors":false}',
        "panelsJSON": compact([PANEL, {"version": "8.12.2", "type": "lens", "panelRefName": "panel_l"}]),
        "kibanaSavedObjectMeta": {"searchSourceJSON": '{"query":{"query":"","language":"kuery"},"filter":[]}'},
        "controlGroupInput": {
            "controlStyle": "oneLine",
            "panelsJSON": '{"c1":{"order":0,"type":"optionsListControl","explicitInput":{"fieldName":"model"}}}',
            "ignoreParentSettingsJSON": '{"ignoreFilters":false}',
        },
    },
}
FILTER_META = {"key": "a", "field": "a", "value": "b", "params": {"query": "b"}, "type": "phrase", "index": "f0"}
URL_EVENT = {"eventId": "e1", "triggers": ["VALUE_CLICK_TRIGGER"], "action": {"factoryId": "URL_DRILLDOWN"}}
DASHBOARD_EVENT = {"eventId": "e2", "action": {"factoryId": "DASHBOARD_TO_DASHBOARD_DRILLDOWN"}}
CURRENT = "indexpattern-datasource-current-indexpattern"
# What other versions of Kibana write, and what is said in two places at once.
OTHER_DASHBOARD: JsonObject = {
    "id": "o",
    "type": "dashboard",
    "references": [
        {"type": "lens", "id": "l", "name": "panel_0"},
        {"type": "index-pattern", "id": "dv", "name": "controlGroup_c1:optionsListDataView"},
        {"type": "index-pattern", "id": "dv", "name": "p3:f0"},
        {"type": "index-pattern", "id": "dv", "name": f"p3:{CURRENT}"},
        {"type": "dashboard", "id": "d", "name": "p3:drilldown:DASHBOARD_TO_DASHBOARD_DRILLDOWN:e2:dashboardId"},
    ],
    "attributes": {
        "title": "Other",
        "optionsJSON": '{"darkTheme":true,"syncColors":true}',
        "refreshInterval": {"display": "Off", "section": 0, "pause": True, "value": 0},
        "uiStateJSON": '{"P-p4":{"vis":{"colors":{"a":"#fff"}}},"vis":{"colors":{}}}',
        "kibanaSavedObjectMeta": {
            "searchSourceJSON": compact(
                {
                    "highlightAll": True,
                    "version": True,
                    "filter": [
                        {"query": {"query_string": {"query": "error:true", "analyze_wildcard": True}}},
                        {"meta": FILTER_META, "query": {"match_phrase": {"a": "b"}}},
                    ],
                }
            )
        },
        "controlGroupInput": {
            "showApplySelections": True,
            "panelsJSON": compact(
                {
                    "c1": {
                        "type": "optionsListControl",
                        "width": "small",
                        "explicitInput": {
                            "id": "c1",
                            "grow": True,
                            "width": "small",
                            "dataViewId": "x",
                            "sort": None,
                            "dataViewRefName": "r",
                        },
                    },
                    "c2": {"type": "rangeSliderControl", "explicitInput": {"id": "c2", "dataViewId": "dv"}},
                }
            ),
        },
        "panelsJSON": compact(
            [
                {
                    "panelIndex": "p1",
                    "panelRefName": "panel_0",
                    "title": "hidden",
                    "embeddableConfig": {"title": "shown"},
                },
                {
                    "panelIndex": "p2",
                    "type": "visualization",
                    "title": "shown",
                    "embeddableConfig": {
                        "type": "visualization",
                        "hidePanelTitles": False,
                        "syncColors": False,
                        "savedVis": {
                            "type": "markdown",
                            "title": "hidden",
                            "description": "shown",
                            "params": {"fontSize": 12},
                        },
                    },
                },
                {
                    "panelIndex": "p3",
                    "type": "lens",
                    "embeddableConfig": {
                        "description": "shown",
                        "enhancements": {"dynamicActions": {"events": [URL_EVENT, DASHBOARD_EVENT]}},
                        "attributes": {
                            "version": 1,
                            "title": "shown",
                            "description": "hidden",
                            "state": {
                                "visualization": {},
                                "datasourceStates": {"formBased": {"layers": {"l1": {"columns": {}}}}},
                                "filters": [{"meta": FILTER_META, "query": {}}],
                            },
                            "references": [{"type": "index-pattern", "id": "old", "name": CURRENT}],
                        },
                    },
                },
                {"panelIndex": "p4", "type": "map"},
            ]
        ),
    },
}
VIEW: JsonObject = {
    "id": "dv",
    "type": "index-pattern",
    "references": [],
    "attributes": {
        "title": "ml-*",
        "name": "ML",
        "timeFieldName": "@timestamp",
        "fieldAttrs": '{"cpu":{"count":7},"gpu":{"count":1,"customLabel":"GPU"}}',
        "runtimeFieldMap": '{"hour":{"type":"long"}}',
        "fieldFormatMap": "{}",
        "fields": compact(
            [
                {"name": "cpu", "type": "number", "scripted": False, "subType": {"multi": {"parent": "c"}}},
                {"name": "gpu", "type": "number"},
                {"name": "half", "type": "number", "scripted": True, "script": "doc['cpu'].value / 2"},
            ]
        ),
    },
}
MARKDOWN: JsonObject = {
    "id": "m",
    "type": "visualization",
    "references": [],
    "attributes": {
        "title": "M",
        "version": 1,
        "uiStateJSON": "{}",
        "visState": '{"type":"markdown","params":{"markdown":"{\\"a\\": 1}","fontSize":12}}',
        "kibanaSavedObjectMeta": {"searchSourceJSON": '{"filter":[]}'},
    },
}
UNKNOWN: JsonObject = {
    "id": "u",
    "type": "no-such-type",
    "references": [],
    "attributes": {"panelsJSON": "[1]", "hits": 3, "deep": [{"version": "x", "count": 1}]},
}
OWN = [
    DASHBOARD,
    OTHER_DASHBOARD,
    ENVELOPE | {"id": "l", "type": "lens", "attributes": LENS},
    ENVELOPE | {"id": "noisy", "type": "lens", "attributes": NOISY_LENS},
    {"id": "e", "type": "lens", "attributes": ESQL_LENS, "references": []},
    VIEW,
    MARKDOWN,
    UNKNOWN,
]


# --- the mutation test: every leaf, changed alone ---------------------------------------------------------------


LENS_PANEL = ["attributes", "panelsJSON", "*", "embeddableConfig"]


def entries(part: str, kind: str, place: str = "path") -> Iterator[tuple[list[str], JsonObject]]:
    """Give the paths of one part of the list that hold for a type; Lens's hold inside a dashboard too."""
    for entry in _noise()[part]:
        path = entry[place].split(".")
        if not entry["types"] or kind in entry["types"]:
            yield path, entry
        if kind == "dashboard" and "lens" in entry["types"]:
            yield [*LENS_PANEL, *path], entry


def patterns(part: str, kind: str) -> list[list[str]]:
    return [path for path, _ in entries(part, kind)]


def hidden(item: JsonObject, tree: Json, path: list[str]) -> bool:
    """Tell, independently of the code under test, whether the list says that this leaf does not count."""
    kind = item["type"]
    if path == ["originId"] or any(fits(pattern, path) for pattern in patterns("noise", kind)):
        return True
    for pattern, entry in entries("conditional", kind, "in"):
        drop = entry["drop"].split(".")
        if entry["drop"] in entry.get("equal", {}) or entry["drop"] in entry.get("where", {}):
            continue  # any other value is not left out
        if fits([*pattern, *drop], path) and condition_holds(entry, at(tree, path[: len(pattern)])):
            return True
    if path[-1] == "stop":
        lists = {"stops": ("rangeMax", -1), "colorStops": ("rangeMin", 0)}
        bound, index = lists[path[-3]]
        stops = at(tree, path[:-2])
        return at(tree, path[:-3]).get(bound) is None and int(path[-2]) % len(stops) == index % len(stops)
    if kind in ("dashboard", "lens") and (is_noise_reference(tree, path) or path[-3::2] == ["annotations", "id"]):
        return True
    if kind == "dashboard" and decided_by_the_dashboard(tree, path):
        return True
    if kind == "dashboard" and (overshadowed(tree, path) or only_a_name(tree, path) or of_an_old_query(tree, path)):
        return True
    if kind == "index-pattern" and path[:2] == ["attributes", "fields"] and len(path) > 3:
        return at(tree, path[:3]).get("scripted") is not True and tree["attributes"].get("allowNoIndex") is not True
    if kind in ("dashboard", "lens") and path[-1] == "isMetric":
        return True
    if path[-1] == "dataType":
        return only_computed_from(tree, path) and only_in_arithmetic(at(tree, path[:-2]), path[-2])
    return path[-1] in ("label", "customLabel") and only_computed_from(tree, path)


def is_noise_reference(tree: Json, path: list[str]) -> bool:
    """Tell a leaf of a reference that does not count, but for the name, which says that it does not."""
    names = [entry["name"] for entry in _noise()["references"]]
    return path[-3:-2] == ["references"] and path[-1] != "name" and at(tree, path[:-1])["name"].endswith(tuple(names))


def decided_by_the_dashboard(tree: Json, path: list[str]) -> bool:
    """Tell the id of a reference inside a panel of which the dashboard has one under the same name."""
    if path[:2] != ["attributes", "panelsJSON"] or path[-3:-2] != ["references"] or path[-1] != "id":
        return False
    name = f"{at(tree, path[:3]).get('panelIndex')}:{at(tree, path[:-1])['name']}"
    return any(reference["name"] == name for reference in tree["references"])


def overshadowed(tree: Json, path: list[str]) -> bool:
    """Tell whether a title or description does not show because the panel has one that goes before it."""
    if path[:2] != ["attributes", "panelsJSON"] or path[-1] not in ("title", "description"):
        return False
    panel = at(tree, path[:3])
    config = panel.get("embeddableConfig", {})
    if path[3:] == ["title"]:
        return "title" in config
    if path[3] == "embeddableConfig" and len(path) == 6 and path[4] in ("attributes", "savedVis"):
        return path[5] in config or (path[5] == "title" and "title" in panel)
    return False


def only_a_name(tree: Json, path: list[str]) -> bool:
    """Tell whether a leaf only names what nothing refers to, or repeats what a reference says."""
    names = {reference["name"] for reference in tree["references"]}
    if path[-1] == "eventId":
        return not any(f":{at(tree, path)}:" in name for name in names)
    return path[-1] == "dataViewId" and any(name.startswith(f"controlGroup_{path[-3]}:") for name in names)


def of_an_old_query(tree: Json, path: list[str]) -> bool:
    """Tell a setting of a query that stands among the filters: Kibana's migration keeps the text alone."""
    return "query_string" in path and path[-1] != "query" and not at(tree, path[: path.index("query")]).get("meta")


def condition_holds(entry: JsonObject, container: JsonObject) -> bool:
    where = [at(container, name.split(".")) in values for name, values in entry.get("where", {}).items()]
    unless = [at(container, name.split(".")) in values for name, values in entry.get("unless", {}).items()]
    equal = [
        at(container, one.split(".")) == at(container, two.split(".")) for one, two in entry.get("equal", {}).items()
    ]
    return all(where + equal) and not any(unless) and not any(name in container for name in entry.get("lacks", ()))


def at(tree: Json, path: list[str]) -> Json:
    for step in path:
        while isinstance(tree, dict) and tree.keys() == {"$json"}:
            tree = tree["$json"]
        tree = (tree[int(step)] if isinstance(tree, list) else tree.get(step)) if tree is not None else None
    return tree


def only_computed_from(tree: Json, path: list[str]) -> bool:
    """Tell whether a label belongs to a column that only other columns of its layer refer to."""
    if "columns" not in path or path.index("columns") != len(path) - 3:
        return False
    columns, state = at(tree, path[:-2]), at(tree, path[: path.index("state") + 1])
    named = any(path[-2] in column.get("references", []) for column in columns.values())
    return named and json.dumps(path[-2]) not in json.dumps(state["visualization"])


def only_in_arithmetic(columns: JsonObject, column_id: str) -> bool:
    users = [column for column in columns.values() if column_id in column.get("references", [])]
    return all(column["operationType"] in ("math", "formula") for column in users)


def fits(pattern: list[str], path: list[str]) -> bool:
    return len(pattern) <= len(path) and all(p in ("*", step) for p, step in zip(pattern, path, strict=False))


def opened(value: Json, kind: str, path: tuple[str, ...] = ()) -> Json:
    """Open the JSON strings, independently of the code under test: as a one-key object that remembers it."""
    strings = patterns("json_strings", kind)
    if isinstance(value, str) and any(len(one) == len(path) and fits(one, list(path)) for one in strings):
        return {"$json": opened(json.loads(value), kind, path)}
    if isinstance(value, dict):
        return {key: opened(item, kind, (*path, key)) for key, item in value.items()}
    if isinstance(value, list):
        return [opened(item, kind, (*path, str(index))) for index, item in enumerate(value)]
    return value


def leaves(value: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    else:
        yield path


def another(value: Json) -> Json:
    """Give a value that is different as JSON, and near: false for 0, one more, one character more, not empty."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value + 1 if value else False
    if isinstance(value, str):
        return value + "x"
    return {"x": 1} if value in ({}, None) else [1]


def changed_alone(item: JsonObject) -> Iterator[tuple[list[str], JsonObject]]:
    tree = opened(item, item["type"])
    for path in leaves(tree):
        if path[-1] == "type" and len(path) == 1:
            continue  # another type has another list of noise
        mutant = copy.deepcopy(tree)
        parent = mutant
        for step in path[:-1]:
            parent = parent[step]
        parent[path[-1]] = another(parent[path[-1]])
        yield [str(step) for step in path if step != "$json"], closed(mutant)


def check_mutants(item: JsonObject) -> tuple[int, int]:
    """Change every leaf alone: the normal form differs, except where the list says noise. Count both."""
    form, tree, seen, noisy = normal_form(item), opened(item, item["type"]), 0, 0
    for path, mutant in changed_alone(item):
        noise = hidden(item, tree, path)
        if path[0] == "managed" and not noise:
            continue  # `managed: 0` is no value of Kibana's; its two real values have a test of their own
        noisy, seen = noisy + noise, seen + (not noise)
        if path != ["originId"]:  # which no normal form has
            assert same(normal_form(mutant), form) == noise, path
        # It looks at parts of a dashboard first, and must come to the same end.
        assert same_object(item, mutant) == noise, path
    return seen, noisy


@pytest.mark.parametrize("item", OWN, ids=lambda item: item["type"])
def test_every_other_leaf_counts(item: JsonObject) -> None:
    """Any leaf that is not on the noise list, changed alone, is a difference; any on it is none."""
    seen, _ = check_mutants(item)
    assert seen > 3


def test_the_own_objects_show_every_kind_of_noise() -> None:
    """The mutation test above means something for every line of the list that names an attribute."""
    shown = [
        [str(step) for step in path if step != "$json"] for item in OWN for path in leaves(opened(item, item["type"]))
    ]
    for entry in _noise()["noise"]:
        pattern = entry["path"].split(".")
        if pattern[0] == "attributes":
            assert any(fits(pattern, path) for path in shown), entry["path"]


@needs_shared
def test_every_other_leaf_of_the_gold_objects_counts() -> None:
    """The same over what a real 8.12.2 exported; of the big ones some dashboards are enough."""
    lines = (GOLD / "exported.ndjson").read_text(encoding="utf-8").splitlines()
    items = [item for line in lines if "type" in (item := json.loads(line)) and len(line) < 6000]
    assert len(items) > 25
    seen = sum(check_mutants(item)[0] for item in items)
    assert seen > 1500


@needs_shared
def test_an_export_is_what_was_authored() -> None:
    """Kibana adds and reorders; in the normal form all 40 objects come back as they went in."""
    authored = [json.loads(line) for line in (GOLD / "authored.ndjson").read_text(encoding="utf-8").splitlines()]
    exported = {}
    for line in (GOLD / "exported.ndjson").read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        exported[item.get("type"), item.get("id")] = item
    assert len(authored) == 40
    for item in authored:
        live = exported[item["type"], item["id"]]
        assert same_object(item, live)
        assert content_hash(item) == content_hash(live)


@needs_shared
def test_the_corpus_is_read() -> None:
    """Nine hundred real objects of Kibana 4 to 9.2 have a normal form, and it is stable."""
    count = 0
    for path in sorted((SHARED / "corpus").rglob("*.json")):
        try:
            item = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            continue
        if isinstance(item, dict) and isinstance(item.get("attributes"), dict) and isinstance(item.get("type"), str):
            count += 1
            assert same_object(item, json.loads(json.dumps(item)))
    assert count > 300


# --- one claim each ----------------------------------------------------------------------------------------------


def with_attributes(item: JsonObject, **attributes: Any) -> JsonObject:
    return item | {"attributes": item["attributes"] | attributes}


def test_order_of_references_does_not_count_and_doubles_neither() -> None:
    shuffled = DASHBOARD | {"references": [*reversed(DASHBOARD["references"]), DASHBOARD["references"][0]]}
    assert same_object(DASHBOARD, shuffled)


def test_absent_references_are_none() -> None:
    """An import fills in an empty list (norm_dv_min)."""
    assert same_object({k: v for k, v in VIEW.items() if k != "references"}, VIEW)


def test_order_of_panels_counts() -> None:
    panels = json.loads(DASHBOARD["attributes"]["panelsJSON"])
    assert not same_object(DASHBOARD, with_attributes(DASHBOARD, panelsJSON=compact(panels[::-1])))


def test_spaces_and_key_order_inside_a_json_string_do_not_count() -> None:
    assert same_object(DASHBOARD, with_attributes(DASHBOARD, optionsJSON='{ "syncColors": false, "useMargins": true }'))


def test_a_persons_own_text_is_not_opened() -> None:
    """Markdown, or a Vega spec, that happens to be JSON counts to the last space."""
    other = MARKDOWN["attributes"]["visState"].replace('{\\"a\\": 1}', '{\\"a\\":1}')
    assert other != MARKDOWN["attributes"]["visState"]
    assert not same_object(MARKDOWN, with_attributes(MARKDOWN, visState=other))


def test_a_string_that_holds_no_json_stays_what_it_is() -> None:
    """Kibana takes panelsJSON that is no JSON; such a text is equal only to itself."""
    for text in ("", "{", "NaN", '{"a": Infinity}', "[" * 50_000):
        broken = with_attributes(DASHBOARD, panelsJSON=text)
        assert same_object(broken, copy.deepcopy(broken))
        assert not same_object(broken, with_attributes(DASHBOARD, panelsJSON=text + " x"))
        assert not same_object(broken, DASHBOARD)


def test_a_list_is_not_a_string_that_holds_it() -> None:
    """Kibana refuses panelsJSON as a list: it is not the same object."""
    panels = json.loads(DASHBOARD["attributes"]["panelsJSON"])
    assert not same_object(DASHBOARD, with_attributes(DASHBOARD, panelsJSON=panels))


def test_false_is_not_zero() -> None:
    assert not same_object(DASHBOARD, with_attributes(DASHBOARD, timeRestore=1))


def test_numbers_are_those_of_javascript() -> None:
    """1.0 comes back from Kibana as 1, and whole numbers beyond 2^53 rounded."""
    assert content_hash(with_attributes(DASHBOARD, x=1.0)) == content_hash(with_attributes(DASHBOARD, x=1))
    assert content_hash(with_attributes(DASHBOARD, x=-0.0)) == content_hash(with_attributes(DASHBOARD, x=0))
    assert content_hash(with_attributes(DASHBOARD, x=2**53 + 1)) == content_hash(with_attributes(DASHBOARD, x=2.0**53))
    assert content_hash(with_attributes(DASHBOARD, x=1.5)) != content_hash(with_attributes(DASHBOARD, x=1))
    assert normal_form(with_attributes(DASHBOARD, x=10**400))


def test_managed_counts_when_it_is_true() -> None:
    """`lock: true` is a change; absent is false."""
    assert not same_object(DASHBOARD | {"managed": True}, DASHBOARD)
    assert same_object({k: v for k, v in DASHBOARD.items() if k != "managed"}, DASHBOARD)


def test_the_origin_counts_where_the_source_says_it() -> None:
    assert same_object(DASHBOARD, DASHBOARD | {"originId": "o"})
    assert same_object(DASHBOARD | {"originId": "o"}, DASHBOARD | {"originId": "o"})
    assert not same_object(DASHBOARD | {"originId": "o"}, DASHBOARD)


def test_a_count_of_uses_is_noise_and_a_label_is_not() -> None:
    """Discover counts how often a field is used; a field that has only its count is as if it were not there."""
    assert same_object(VIEW, with_attributes(VIEW, fieldAttrs='{"gpu":{"customLabel":"GPU"}}'))
    assert not same_object(VIEW, with_attributes(VIEW, fieldAttrs='{"gpu":{"customLabel":"G"}}'))
    assert not same_object(VIEW, with_attributes(VIEW, fieldAttrs='{"gpu":{"customLabel":"GPU"},"new":{}}'))


def test_the_fields_that_kibana_reads_anew_do_not_count() -> None:
    """But for a data view without an index, which has no other."""
    without = with_attributes(VIEW, fields=compact(json.loads(VIEW["attributes"]["fields"])[2:]))
    assert same_object(VIEW, without)
    assert not same_object(VIEW, with_attributes(VIEW, fields="[]"))
    assert not same_object(with_attributes(VIEW, allowNoIndex=True), with_attributes(without, allowNoIndex=True))


def test_too_deep_is_an_error_of_ours() -> None:
    deep: Json = 1
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(KbuildError, match="dashboard 'd' is nested too deeply"):
        normal_form(with_attributes(DASHBOARD, x=deep))


def test_the_object_itself_is_not_touched() -> None:
    before = copy.deepcopy(DASHBOARD)
    normal_form(DASHBOARD)
    content_hash(DASHBOARD)
    assert before == DASHBOARD


class TestHash:
    """The hash that the mark carries."""

    def test_it_is_written_down(self) -> None:
        """A kbuild that hashed differently would call every object changed in Kibana."""
        assert content_hash(MARKDOWN) == "0264f4b304f09648"
        assert content_hash(VIEW) == "1b8f3442ca28617e"

    def test_it_is_stricter_than_the_normal_form(self) -> None:
        """Kibana gives back every byte, so a string that is only written otherwise was written by somebody else."""
        other = with_attributes(DASHBOARD, optionsJSON='{ "useMargins":true,"syncColors":false}')
        assert same_object(DASHBOARD, other)
        assert content_hash(DASHBOARD) != content_hash(other)
        reordered = {key: DASHBOARD["attributes"][key] for key in sorted(DASHBOARD["attributes"])}
        noisy = {"attributes": reordered, "references": DASHBOARD["references"][::-1], "version": "x", "sort": [1]}
        assert content_hash(DASHBOARD) == content_hash(DASHBOARD | noisy)

    def test_tags_do_not_count(self) -> None:
        """Users put tags on our objects, and the mark is one."""
        tagged = [*DASHBOARD["references"], {"type": "tag", "id": "u", "name": "kbuild:v1:abc"}]
        assert content_hash(DASHBOARD | {"references": tagged}) == content_hash(DASHBOARD)
        assert content_hash(DASHBOARD | {"references": tagged[1:]}) != content_hash(DASHBOARD)

    def test_of_a_data_view_only_the_projects_part_counts(self) -> None:
        """Formats, runtime fields and labels belong to the users."""
        assert content_hash(with_attributes(VIEW, runtimeFieldMap="{}", fieldAttrs="{}")) == content_hash(VIEW)
        assert content_hash(with_attributes(VIEW, title="other-*")) != content_hash(VIEW)
        without = {k: v for k, v in VIEW["attributes"].items() if k != "timeFieldName"}
        assert content_hash(VIEW | {"attributes": without}) != content_hash(VIEW)

    def test_type_and_id_count(self) -> None:
        assert content_hash(MARKDOWN | {"id": "n"}) != content_hash(MARKDOWN)
        assert content_hash(MARKDOWN | {"type": "lens"}) != content_hash(MARKDOWN)

    def test_half_a_surrogate_pair_has_one(self) -> None:
        assert content_hash(with_attributes(MARKDOWN, title="\ud800")) != content_hash(MARKDOWN)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.sampled_from(["dashboard", "lens", "index-pattern", "visualization", "x"]),
    st.dictionaries(st.sampled_from(["panelsJSON", "state", "fieldAttrs", "visState", "hits"]), JSON_VALUES),
    JSON_VALUES,
)
def test_anything_has_a_normal_form(kind: str, attributes: dict[str, Json], references: Json) -> None:
    """Whatever stands where: a normal form, the same again from a copy, and a hash."""
    item = {"type": kind, "id": "i", "attributes": attributes, "references": references}
    again = json.loads(json.dumps(item))
    assert same_object(item, again)
    assert content_hash(item) == content_hash(again)


def test_what_a_panel_keeps_of_its_library_object_does_not_count() -> None:
    """Kibana goes by the reference: an id beside it, a copy of the chart and that copy's references are left over."""
    panel = {"type": "lens", "panelIndex": "p", "panelRefName": "panel_p", "embeddableConfig": {"enhancements": {}}}
    reference = {"type": "lens", "id": "l", "name": "p:panel_p"}
    item = {"id": "d", "type": "dashboard", "attributes": {"panelsJSON": compact([panel])}, "references": [reference]}
    copy_of_chart = {"attributes": {"title": "Old", "state": {}}, "savedObjectId": "l", "enhancements": {}}
    left_over = {"type": "index-pattern", "id": "dv", "name": "p:indexpattern-datasource-layer-a"}
    other = with_attributes(item, panelsJSON=compact([{**panel, "embeddableConfig": copy_of_chart}]))
    assert same_object(item, other | {"references": [reference, left_over, reference]})
    elsewhere = with_attributes(item, panelsJSON=compact([{**panel, "embeddableConfig": {"savedObjectId": "m"}}]))
    assert not same_object(item, elsewhere)
    assert not same_object(item, item | {"references": [reference, {**left_over, "name": "p:other"}]})


# --- Lens: ES|QL --------------------------------------------------------------------------------------------------


def over_esql(**state: Json) -> JsonObject:
    item = {"type": "lens", "id": "e", "attributes": copy.deepcopy(ESQL_LENS), "references": []}
    item["attributes"]["state"] |= state
    return item


def test_what_follows_from_an_esql_query_does_not_count() -> None:
    """The query of the chart as a whole, the data view of its indices, and references to that."""
    data_view = {"id": "v", "title": "logs-*", "name": "logs-*", "timeFieldName": "@timestamp", "type": "esql"}
    name = "textBasedLanguages-datasource-layer-l3"
    reference = {"type": "index-pattern", "id": "v", "name": name}
    query = over_esql()["attributes"]["state"]["datasourceStates"]["textBased"]["layers"]["l3"]["query"]
    full = over_esql(query=query, adHocDataViews={"v": data_view}, internalReferences=[reference])
    assert same_object(over_esql(), full)
    assert same_object(over_esql(), over_esql() | {"references": [reference]})
    assert same_object(over_esql(), over_esql(query={"query": "", "language": "kuery"}))
    assert not same_object(over_esql(), over_esql(query={"esql": "FROM other"}))
    for name, value in (("title", "other-*"), ("timeFieldName", "other"), ("runtimeFieldMap", {"a": {"type": "long"}})):
        assert not same_object(over_esql(), over_esql(adHocDataViews={"v": {**data_view, name: value}}))


def test_what_a_chart_over_esql_does_not_show_does_not_count() -> None:
    """Columns and layers that the visualization does not name."""
    item = over_esql()
    layers = item["attributes"]["state"]["datasourceStates"]["textBased"]["layers"]
    layers["left over"] = copy.deepcopy(layers["l3"])
    layers["l3"]["columns"].insert(0, {"columnId": "z", "fieldName": "c"})
    assert same_object(over_esql(), item)
    item["attributes"]["state"]["visualization"]["layers"][0]["splitAccessor"] = "z"
    assert not same_object(over_esql(), item)


def test_a_table_over_esql_tells_metrics_from_rows() -> None:
    """By the column, or by the table itself; elsewhere it is of no account."""

    def table(*, is_metric: bool, in_metrics: bool) -> JsonObject:
        visualization = {"layerId": "l3", "columns": [{"columnId": "y1", "isMetric": is_metric}]}
        item = over_esql(visualization=visualization)
        item["attributes"]["visualizationType"] = "lnsDatatable"
        column = item["attributes"]["state"]["datasourceStates"]["textBased"]["layers"]["l3"]["columns"][1]
        column["inMetricDimension"] = in_metrics
        return item

    assert same_object(table(is_metric=True, in_metrics=False), table(is_metric=False, in_metrics=True))
    assert not same_object(table(is_metric=False, in_metrics=False), table(is_metric=False, in_metrics=True))


def test_what_a_panel_says_again_of_its_chart_over_esql_does_not_count() -> None:
    """Lens writes the query beside the chart, and that it has no drilldowns."""
    query = {"esql": "FROM logs-* METADATA _id | STATS c = COUNT(*) BY t"}

    def dashboard(**config: Json) -> JsonObject:
        attributes = over_esql(query=query)["attributes"]
        panel = {"type": "lens", "panelIndex": "p", "embeddableConfig": {"attributes": attributes, **config}}
        return {"type": "dashboard", "id": "d", "attributes": {"panelsJSON": compact([panel])}, "references": []}

    copies = dashboard(query=query, disabledActions=["OPEN_FLYOUT_ADD_DRILLDOWN"])
    assert same_object(dashboard(), copies)
    assert not same_object(dashboard(), dashboard(query={"esql": "FROM other"}))
    assert not same_object(dashboard(), dashboard(disabledActions=["ACTION_CUSTOMIZE_PANEL"]))


# --- Lens: names by order ----------------------------------------------------------------------------------------


def renamed(item: JsonObject, **names: str) -> JsonObject:
    text = json.dumps(item)
    for old, new in names.items():
        text = text.replace(f'"{old}"', f'"{new}"').replace(f'layer-{old}"', f'layer-{new}"')
    return json.loads(text)


LENS_OBJECT: JsonObject = {
    "id": "noisy",
    "type": "lens",
    "attributes": NOISY_LENS,
    "references": [{"type": "index-pattern", "id": "dv", "name": "indexpattern-datasource-layer-l2"}],
}


def test_ids_of_layers_and_columns_do_not_count() -> None:
    """Whatever a state calls its parts, it says the same; also in a dashboard, whose references carry the names."""
    other = renamed(LENS_OBJECT, l2="layer_line", b1="x", m1="y", m1X0="yX0")
    assert same_object(LENS_OBJECT, other)
    panel = {"panelIndex": "p", "type": "lens", "embeddableConfig": {"attributes": NOISY_LENS}}
    by_value = {
        "id": "d",
        "type": "dashboard",
        "attributes": {"panelsJSON": compact([panel])},
        "references": [{"type": "index-pattern", "id": "dv", "name": "p:indexpattern-datasource-layer-l2"}],
    }
    names = {"l2": "layer_line", "m1": "y"}
    inner = renamed(panel, **names)
    outer = renamed(by_value, **names) | {"attributes": {"panelsJSON": compact([inner])}}
    assert same_object(by_value, outer)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("visualization", "layers", 0, "accessors"), ["b1"]),
        (("visualization", "layers", 0, "xAccessor"), "m1"),
        (("visualization", "layers", 0, "layerId"), "elsewhere"),
        (("datasourceStates", "formBased", "layers", "l2", "columns", "m1", "references"), ["b1"]),
    ],
)
def test_what_refers_elsewhere_counts(place: tuple[str | int, ...], value: Json) -> None:
    """An accessor that names another column is another chart."""
    other = copy.deepcopy(LENS_OBJECT)
    parent = other["attributes"]["state"]
    for step in place[:-1]:
        parent = parent[step]
    parent[place[-1]] = value
    assert not same_object(LENS_OBJECT, other)


def test_the_order_of_buckets_counts_and_that_of_metrics_does_not() -> None:
    """Buckets are counted inside each other in their order; metrics stand side by side."""
    item = copy.deepcopy(LENS_OBJECT)
    layer = item["attributes"]["state"]["datasourceStates"]["formBased"]["layers"]["l2"]
    layer["columns"]["b2"] = {"isBucketed": True, "operationType": "terms", "params": {"size": 3}}
    layer["columnOrder"] = ["b1", "b2", "m1", "m1X0"]
    metrics, buckets = copy.deepcopy(item), copy.deepcopy(item)
    metrics["attributes"]["state"]["datasourceStates"]["formBased"]["layers"]["l2"]["columnOrder"][2:] = ["m1X0", "m1"]
    buckets["attributes"]["state"]["datasourceStates"]["formBased"]["layers"]["l2"]["columnOrder"][:2] = ["b2", "b1"]
    assert same_object(item, metrics)
    assert not same_object(item, buckets)


def test_a_value_that_lens_takes_anyway_may_be_unsaid() -> None:
    """Saying a default and saying nothing are one; saying something else is not."""
    item = copy.deepcopy(LENS_OBJECT)
    layer = item["attributes"]["state"]["datasourceStates"]["formBased"]["layers"]["l2"]
    del layer["ignoreGlobalFilters"]
    assert same_object(LENS_OBJECT, item)
    layer["ignoreGlobalFilters"] = True
    assert not same_object(LENS_OBJECT, item)


def test_a_formula_without_its_parts_has_those_of_its_text() -> None:
    """Kibana 9.2 keeps the text alone and makes the parts when it reads a chart; of a broken text it makes none."""
    item = copy.deepcopy(LENS_OBJECT)
    layer = item["attributes"]["state"]["datasourceStates"]["formBased"]["layers"]["l2"]
    formula = {"operationType": "formula", "isBucketed": False, "dataType": "number", "label": "M", "customLabel": True}
    text = "max(a) - count(kql='b: 1')"
    layer["columns"]["m1"] = formula | {"references": [], "params": {"formula": text}}
    del layer["columns"]["m1X0"]
    layer["columnOrder"] = ["b1", "m1"]
    whole = copy.deepcopy(item)
    layer = whole["attributes"]["state"]["datasourceStates"]["formBased"]["layers"]["l2"]
    operation = {"operation": "formula", "formula": text, "label": "M"}
    layer["columns"] |= metric_columns("m1", operation, "@timestamp")
    layer["columnOrder"] = ["b1", *(key for key in layer["columns"] if key != "b1")]
    assert same_object(item, whole)
    layer["columns"]["m1X0"]["operationType"] = "min"
    assert not same_object(item, whole)
    item["attributes"]["state"]["datasourceStates"]["formBased"]["layers"]["l2"]["columns"]["m1"]["params"] = {}
    assert normal_form(item) == normal_form(normal_form(item))


def test_the_type_of_a_part_of_a_formula_does_not_count() -> None:
    """A date less a date is a number; what is computed over buckets has to be one itself."""
    item = copy.deepcopy(LENS_OBJECT)
    columns = item["attributes"]["state"]["datasourceStates"]["formBased"]["layers"]["l2"]["columns"]
    columns["m1X0"]["dataType"] = "date"
    assert same_object(LENS_OBJECT, item)
    columns["m1"]["operationType"] = "differences"
    other = copy.deepcopy(item)
    columns["m1X0"]["dataType"] = "number"
    assert not same_object(item, other)


def test_a_metric_that_nothing_shows_does_not_count() -> None:
    """An edited formula leaves parts behind; a bucket that nothing shows still divides what is counted."""
    item = copy.deepcopy(LENS_OBJECT)
    layer = item["attributes"]["state"]["datasourceStates"]["formBased"]["layers"]["l2"]
    layer["columns"]["m1X1"] = {"operationType": "average", "isBucketed": False, "params": {}}
    layer["columnOrder"].append("m1X1")
    assert same_object(LENS_OBJECT, item)
    layer["columns"]["m1X1"]["isBucketed"] = True
    assert not same_object(LENS_OBJECT, item)
