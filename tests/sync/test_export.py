"""Objects into files: what is new, what changed and nothing else; names, marks, spaces; whatever a file may hold."""

from __future__ import annotations

import copy
import difflib
import json
import os
import random
import sys
from pathlib import Path
from typing import Any

import pytest

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.saved.ids import place_in_space, rename_ids, tag_id
from kibana_builder.saved.raw import closed, opened
from kibana_builder.saved.versions import saved_object
from kibana_builder.sync.export import Target, plan_export, write_export
from kibana_builder.sync.fetch import read_export
from kibana_builder.sync.marks import with_mark
from tests.shared_material import SHARED, needs_shared
from tests.sync.exported import copy_example, example_objects, export_to, files_in, source_in
from tests.sync.project import dashboard, reference, tag, view


def chart(ident: str, title: str, data_view: str = "orders") -> JsonObject:
    """Take a real Lens object of the example and call it otherwise."""
    item = copy.deepcopy(next(one for one in example_objects() if one["id"] == "ml-monitoring-model-distribution"))
    item |= {"id": ident, "references": [{**ref, "id": data_view} for ref in item["references"]]}
    item["attributes"]["title"] = title
    return item


def board(ident: str, title: str, *panels: str, tags: tuple[str, ...] = ()) -> JsonObject:
    item = copy.deepcopy(next(one for one in example_objects() if one["type"] == "dashboard"))
    grid = {"x": 0, "y": 0, "w": 24, "h": 15}
    entries = [
        {
            "type": "lens",
            "gridData": grid | {"i": panel, "y": 15 * number},
            "panelIndex": panel,
            "embeddableConfig": {"enhancements": {}},
            "panelRefName": f"panel_{panel}",
        }
        for number, panel in enumerate(panels)
    ]
    references = [reference("lens", panel, f"{panel}:panel_{panel}") for panel in panels]
    references += [reference("tag", ident, f"tag-ref-{ident}") for ident in tags]
    item["attributes"].pop("controlGroupInput", None)
    return item | {
        "id": ident,
        "references": references,
        "attributes": item["attributes"] | {"title": title, "panelsJSON": json.dumps(entries)},
    }


# ------------------------------------------------------------------------------------------- what changed


def test_an_export_of_what_was_applied_changes_nothing(tmp_path: Path) -> None:
    """Not a byte, not a time, of any file."""
    copy_example(tmp_path)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.rglob("*.yaml")}
    export = export_to(tmp_path, example_objects())
    assert {one.state for one in export.objects} == {"unchanged"}
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.rglob("*.yaml")} == before


def test_a_change_in_kibana_changes_its_lines(tmp_path: Path) -> None:
    """A percentile, a title of an axis, a panel's place, a new panel: these lines, and every comment stays."""
    copy_example(tmp_path)
    before = files_in(tmp_path)
    objects = copy.deepcopy(example_objects())
    by_id = {item["id"]: item for item in objects}
    latency = by_id["ml-monitoring-inference-latency-trend"]["attributes"]
    latency["state"]["visualization"]["yTitle"] = "Milliseconds"
    (layer,) = latency["state"]["datasourceStates"]["formBased"]["layers"].values()
    for column in layer["columns"].values():
        if column["operationType"] == "percentile":
            column["params"]["percentile"] = 99
    monitoring = by_id["ml-monitoring-ml-model-monitoring"]
    panels = json.loads(monitoring["attributes"]["panelsJSON"])
    panels[1]["gridData"]["h"] = 9
    added = {**panels[2], "panelIndex": "new", "panelRefName": "panel_new"}
    added["gridData"] = {"x": 0, "y": 64, "w": 48, "h": 10, "i": "new"}
    monitoring["attributes"]["panelsJSON"] = json.dumps([*panels, added])
    monitoring["references"].append(reference("lens", "ml-monitoring-training-time", "new:panel_new"))
    export = export_to(tmp_path, objects)
    assert [one.file for one in export.objects if one.state == "changed"] == [
        "visualizations/inference-latency-trend.yaml",
        "dashboards/ml-model-monitoring.yaml",
    ]
    assert not any(one.lost for one in export.objects)
    assert differences(before, files_in(tmp_path)) == [
        "-    grid: {x: 0, y: 4, w: 24, h: 7}",
        "+    grid: {x: 0, y: 4, w: 24, h: 9}",
        "+  - visualization: training-time",
        "+    id: new",
        "+    grid: {x: 0, y: 64, w: 48, h: 10}",
        "-        percentile: 95",
        "+        percentile: 99",
        "-  y: {title: {text: Latency (ms)}}",
        "+  y: {title: {text: Milliseconds}}",
    ]


def differences(before: dict[str, str], after: dict[str, str]) -> list[str]:
    assert before.keys() == after.keys()
    return [
        line
        for name, text in before.items()
        for line in list(difflib.unified_diff(text.splitlines(), after[name].splitlines(), n=0, lineterm=""))[2:]
        if not line.startswith("@@")
    ]


def test_a_data_view_of_the_project(tmp_path: Path) -> None:
    """What the project decides follows Kibana; what users added stays theirs, and the comments stay."""
    copy_example(tmp_path)
    before = files_in(tmp_path)
    objects = copy.deepcopy(example_objects())
    (metrics,) = (item for item in objects if item["id"] == "ml-monitoring-ml-metrics")
    metrics["attributes"] |= {"name": "Metrics", "runtimeFieldMap": '{"a":{"type":"long"}}', "fieldAttrs": "{}"}
    export = export_to(tmp_path, objects)
    assert [one.key for one in export.objects if one.state == "changed"] == [("index-pattern", metrics["id"])]
    assert differences(before, files_in(tmp_path)) == ["-    title: ML metrics", "+    title: Metrics"]


def test_comments_that_go_with_what_was_removed_are_named(tmp_path: Path) -> None:
    copy_example(tmp_path)
    objects = copy.deepcopy(example_objects())
    (item,) = (item for item in objects if item["id"] == "ml-monitoring-ml-model-monitoring")
    panels = json.loads(item["attributes"]["panelsJSON"])
    gone = next(panel for panel in panels if panel["panelIndex"] == "model-distribution")
    item["attributes"]["panelsJSON"] = json.dumps([panel for panel in panels if panel is not gone])
    item["references"] = [ref for ref in item["references"] if not ref["name"].startswith("model-distribution:")]
    export = export_to(tmp_path, objects)
    (changed,) = (one for one in export.objects if one.state == "changed")
    assert changed.lost == ["# the same for the table", "# the model that was clicked becomes the details' filter"]
    assert "*model-details" not in files_in(tmp_path)["dashboards/ml-model-monitoring.yaml"]


def test_the_last_words_of_a_file_with_windows_line_ends_and_a_mark(tmp_path: Path) -> None:
    """The byte order mark and the line ends stay as they are."""
    export_to(tmp_path, [view("orders"), chart("a", "Requests")])
    path = tmp_path / "visualizations" / "requests.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    before = path.read_bytes()
    export_to(tmp_path, [view("orders"), chart("a", "Responses")])
    assert path.read_bytes() == before.replace(b"Requests\r\nid", b"Responses\r\nid")


# ------------------------------------------------------------------------------------------- new files


def test_a_new_project(tmp_path: Path) -> None:
    """Files are named after titles, data views stand in kbuild.yaml, tags are names, and others go by names too."""
    objects = [
        view("orders", name="All orders"),
        tag("ml", "t"),
        chart("a", "Requests"),
        board("b", "Über", "a", tags=("t",)),
    ]
    export = export_to(tmp_path, objects)
    assert {one.state for one in export.objects} == {"created"}
    files = files_in(tmp_path)
    assert list(files) == ["dashboards/uber.yaml", "kbuild.yaml", "visualizations/requests.yaml"]
    assert files["kbuild.yaml"] == (
        "project: shop\n"
        "data_views:\n"
        '  all-orders: {title: All orders, index_pattern: orders-*, time_field: "@timestamp", id: orders}\n'
    )
    assert "title: Über\nid: b\n" in files["dashboards/uber.yaml"]
    assert "tags: [ml]\n" in files["dashboards/uber.yaml"]
    assert "  - visualization: requests\n    id: a\n" in files["dashboards/uber.yaml"]
    assert "data_source: all-orders\n" in files["visualizations/requests.yaml"]


def test_what_the_vocabulary_has_no_words_for(tmp_path: Path) -> None:
    """It is kept as it is, by its type, with its JSON opened; and it is named, with the reason."""
    search = saved_object("search", "s", {"title": "Slow", "columns": ["a"], "kibanaSavedObjectMeta": {"x": 1}})
    search["attributes"]["kibanaSavedObjectMeta"] = {"searchSourceJSON": '{"query":{"query":"","language":"kuery"}}'}
    export = export_to(tmp_path, [search])
    (one,) = export.objects
    assert one.file == "saved_objects/search/slow.yaml"
    assert [part.why for part in one.raw] == ["the vocabulary has no search"]
    assert "searchSourceJSON:" in files_in(tmp_path)[one.file]
    assert '\\"query\\"' not in files_in(tmp_path)[one.file]


def test_names_are_stable(tmp_path: Path) -> None:
    """Two of one title get -2 by the order of their ids; a file that is there keeps its name, whatever the title."""
    charts = [chart("c", "Same"), chart("a", "SAME"), chart("b", "Other")]
    export_to(tmp_path, [view("orders"), *charts])
    names = {"visualizations/other.yaml": "b", "visualizations/same.yaml": "a", "visualizations/same-2.yaml": "c"}
    assert names_and_ids(tmp_path) == names
    renamed = [chart("c", "Other"), chart("a", "Renamed"), chart("b", "Same"), chart("0", "Same")]
    export_to(tmp_path, [view("orders"), *renamed])
    assert names_and_ids(tmp_path) == names | {"visualizations/same-3.yaml": "0"}


def names_and_ids(folder: Path) -> dict[str, str]:
    return {spec.file.path.relative_to(folder).as_posix(): spec.id for spec in source_in(folder).specs}


def test_a_name_never_takes_the_place_of_an_id(tmp_path: Path) -> None:
    """A data view that would be called like the id of another one, which something refers to, gets another name."""
    export_to(tmp_path, [chart("a", "Requests", data_view="orders"), view("0f1e", name="Orders")])
    assert list(source_in(tmp_path).project.data_views) == ["orders-2"]
    assert "ref_id: orders}" in files_in(tmp_path)["visualizations/requests.yaml"]


def test_a_folder_that_is_not_among_the_paths_is_added(tmp_path: Path) -> None:
    (tmp_path / "kbuild.yaml").write_text("project: shop\npaths: [dashboards] # ours\n")
    (tmp_path / "dashboards").mkdir()
    export_to(tmp_path, [board("b", "B"), saved_object("search", "s", {"title": "S"})])
    assert files_in(tmp_path)["kbuild.yaml"] == "project: shop\npaths: [dashboards, saved_objects] # ours\n"


# ------------------------------------------------------------------------------------------- what is kbuild's own


def test_no_mark_reaches_a_file(tmp_path: Path) -> None:
    """Neither the mark, nor the project's tag, nor what an editor's save made of the mark, nor noise."""
    noise = {
        "updated_at": "2026-01-01",
        "version": "WzE=",
        "sort": [1, 2],
        "created_at": "2026",
        "namespaces": ["default"],
    }
    project_tag = tag("kbuild:shop", "mark")
    saved = board("c", "Saved in the editor")
    saved["references"] = [reference("tag", "mark", "tag-ref-mark")]
    objects = [
        *(view("orders"), project_tag, with_mark(board("b", "Applied"), "mark", "0123"), saved),
        with_mark(board("d", "Of a tag that did not come along"), "other", "0123"),
    ]
    export_to(tmp_path, [item | noise for item in objects])
    text = "".join(files_in(tmp_path).values())
    for word in ("kbuild:", "mark", "0123", "2026", "WzE", "tags"):
        assert word not in text


def test_a_tag_that_has_no_name_of_its_own_is_kept(tmp_path: Path) -> None:
    """Of two with one name a file could not say which is meant."""
    objects = [tag("ml", "t1"), tag("ml", "t2"), board("b", "B", tags=("t2",))]
    export = export_to(tmp_path, objects)
    assert sorted(one.file for one in export.objects if one.key[0] == "tag") == [
        "saved_objects/tag/ml-2.yaml",
        "saved_objects/tag/ml.yaml",
    ]
    assert "id: t2" in files_in(tmp_path)["dashboards/b.yaml"]


def test_ids_of_another_space_come_back(tmp_path: Path) -> None:
    """What kbuild derived for a space is what the files say; tags are found by name whatever their id."""
    source = copy_example(tmp_path)
    before = files_in(tmp_path)
    placed = place_in_space(example_objects(), "ops")
    renamed = {("tag", item["id"]): f"user-{item['attributes']['name']}" for item in placed if item["type"] == "tag"}
    placed = rename_ids(placed, renamed)
    assert not {item["id"] for item in placed} & {item["id"] for item in example_objects()}
    export = export_to(tmp_path, placed, space="ops")
    assert {one.state for one in export.objects} == {"unchanged"}
    assert files_in(tmp_path) == before
    elsewhere = tmp_path / "elsewhere"
    target = Target(elsewhere, new_project={"project": "copy"}, space="ops", origin=source)
    plan = plan_export(placed, target)
    assert ("dashboard", "ml-monitoring-ml-training") in {one.key for one in plan.objects}


# ------------------------------------------------------------------------------------------- hostile exports


@pytest.mark.parametrize("word", ["../../x", "/etc/x", "..", "C:\\x", "con", "a\0b", "x" * 5000, "🙂", ""])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, word: str) -> None:
    """Neither a title, nor an id, nor a type."""
    folder = tmp_path / "in" / "here"
    objects = [
        *(chart(word or "a", word), board(f"{word}.", word, word or "a"), view(f"{word}-", name=word)),
        {"type": word or "b", "id": word or "b", "attributes": {"title": word}, "references": []},
        saved_object("search", f"{word}/", {"title": 5}),
    ]
    export_to(folder, objects)
    assert {path.parts[0] for path in (Path(name) for name in files_in(tmp_path))} == {"in"}
    assert all(path.startswith("in/here/") for path in files_in(tmp_path))
    assert all(len(part) < 80 for name in files_in(tmp_path) for part in name.split("/"))


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_no_link_leads_out_of_the_folder(tmp_path: Path) -> None:
    """What would be written through one is left out and named; the rest is written."""
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (folder / "dashboards").symlink_to(outside)
    plan = plan_export([chart("a", "A"), board("b", "B")], Target(folder, new_project={"project": "shop"}))
    write_export(plan)
    assert [finding.split(":")[0] for finding in plan.findings] == ['dashboard "B" (b)']
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()] == [
        "folder/kbuild.yaml",
        "folder/visualizations/a.yaml",
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_file_that_is_a_link_out_of_the_folder_stays(tmp_path: Path) -> None:
    folder, outside = tmp_path / "folder", tmp_path / "outside.yaml"
    export_to(folder, [view("orders"), chart("a", "A")])
    path = folder / "visualizations" / "a.yaml"
    path.rename(outside)
    path.symlink_to(outside)
    before = outside.read_bytes()
    plan = plan_export([chart("a", "B")], Target(folder, source_in(folder)))
    write_export(plan)
    assert "leads out of the folder" in plan.findings[0]
    assert outside.read_bytes() == before


def test_what_no_file_can_hold_is_left_out(tmp_path: Path) -> None:
    """Half a character, too many levels, a number without end: each is named, and what refers to it still works."""
    deep: Json = 1
    for _ in range(200):
        deep = [deep]
    bad = chart("a", "A")
    bad["attributes"]["description"] = "half \ud83d"
    objects = [
        *(view("orders", name="\ud83d"), bad, board("b", "B", "a"), board("b", "Twice")),
        saved_object("search", "deep", {"title": "Deep", "x": deep}),
        saved_object("search", "long", {"title": "Long", "x": 10**400}),
    ]
    export = export_to(tmp_path, objects)
    assert sorted(finding.split(": ")[0] for finding in export.findings) == [
        'dashboard "Twice" (b) is there twice; the first was taken',
        'data view "\ud83d" (orders)',
        'search "Deep" (deep)',
        'search "Long" (long)',
        'visualization "A" (a)',
    ]
    assert [one.key for one in export.objects] == [("dashboard", "b")]
    assert "ref_id: a" in files_in(tmp_path)["dashboards/b.yaml"]


def test_a_circle_of_references(tmp_path: Path) -> None:
    first, second = dashboard("a", "A"), dashboard("b", "B")
    first["references"] = [reference("dashboard", "b", "x"), reference("dashboard", "a", "y")]
    second["references"] = [reference("dashboard", "a", "x")]
    assert len(export_to(tmp_path, [first, second]).objects) == 2


JUNK: list[Json] = [None, 0, 1.5, True, "", "../../x", "a\0b", "{", [], {}, [[]], {"a": None}, [{"type": 1}], 10**400]


@pytest.mark.parametrize("seed", range(12))
def test_wrong_types_anywhere(tmp_path: Path, seed: int) -> None:
    """Real objects with leaves of any kind in any place: nothing raises, and what is written is what came."""
    chance = random.Random(seed)
    objects = [opened(item) for item in chance.sample(example_objects(), 5)]
    lines = [json.dumps(damaged(item, chance)) for item in objects]
    file = tmp_path / "export.ndjson"
    file.write_text("\n".join(lines))
    items, problems = read_export(file, "export.ndjson")
    assert len(items) + len(problems) == len(lines)
    export_to(tmp_path / "folder", items)
    assert sorted(os.listdir(tmp_path)) == ["export.ndjson", "folder"]  # noqa: PTH208


def damaged(item: JsonObject, chance: random.Random) -> JsonObject:
    for _ in range(chance.choice([1, 1, 3])):
        place = chance.choice([path for path in paths_of(item) if path])
        item = put(item, place, chance.choice(JUNK))
    return closed(item) if chance.random() < 0.8 and isinstance(item.get("attributes"), dict) else item


def paths_of(value: Json, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(inner for key, item in members for inner in paths_of(item, (*path, key)))]


def put(value: Json, path: tuple[Any, ...], new: Json) -> Json:
    if not path:
        return new
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[path[0]] = put(value[path[0]], path[1:], new)
    return changed


@needs_shared
def test_the_gold_objects(tmp_path: Path) -> None:
    """Everything that Kibana 8.12.2 gave back comes through exactly, and exporting it again changes nothing."""
    items, problems = read_export(SHARED / "kibana-8.12.2" / "exported.ndjson", "exported.ndjson")
    assert problems == []
    export = export_to(tmp_path, items)
    assert export.findings == []
    assert len(export.objects) == len(items) == 40


def test_a_tag_in_the_export_has_the_id_that_kbuild_gives_it() -> None:
    """The proof compares tags by name."""
    plan = plan_export([tag("ml", "theirs")], Target(Path("/nowhere"), new_project={"project": "shop"}))
    assert plan.tag_ids == {("tag", "theirs"): tag_id("ml")}
    assert plan.objects == []
