"""A small project for the tests: its saved objects as `build` gives them, and a world to apply them in."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kibana_builder.json_tree import JsonObject
from kibana_builder.kibana.http import Kibana
from kibana_builder.kibana.saved_objects import bulk_get, import_objects
from kibana_builder.saved.ids import Key, key_of
from kibana_builder.saved.versions import saved_object
from kibana_builder.sync.apply import Outcome, apply
from kibana_builder.sync.backups import BackupFolder
from kibana_builder.sync.changes import Plan
from kibana_builder.sync.classify import NO_CONSENT, Consent
from kibana_builder.sync.marks import importable
from kibana_builder.sync.plan import plan_apply

PROJECT = "shop"


def reference(kind: str, ident: str, name: str) -> JsonObject:
    return {"type": kind, "id": ident, "name": name}


def tag(name: str, ident: str | None = None) -> JsonObject:
    attributes = {"name": name, "description": "", "color": "#000000"}
    return saved_object("tag", ident or f"tag-{name}", attributes)


def view(ident: str = "shop-orders", **attributes: Any) -> JsonObject:
    return saved_object("index-pattern", ident, {"title": "orders-*", "timeFieldName": "@timestamp"} | attributes)


def lens(ident: str, title: str, data_view: str = "shop-orders", tags: Sequence[str] = ()) -> JsonObject:
    attributes = {
        "title": title,
        "description": "",
        "visualizationType": "lnsXY",
        "state": {"query": {"language": "kuery", "query": ""}, "filters": [], "datasourceStates": {}, "n": 1.5},
    }
    references = [reference("index-pattern", data_view, "layer-1")]
    references += [reference("tag", f"tag-{name}", f"tag-ref-tag-{name}") for name in tags]
    return saved_object("lens", ident, attributes, references)


def dashboard(ident: str, title: str, *panels: str, tags: Sequence[str] = ()) -> JsonObject:
    grid = [
        {"type": "lens", "panelIndex": f"p{n}", "gridData": {"x": 0, "y": n}, "panelRefName": f"panel_p{n}"}
        for n, _ in enumerate(panels)
    ]
    attributes = {"title": title, "description": "", "panelsJSON": json.dumps(grid), "optionsJSON": "{}"}
    attributes |= {"timeRestore": False, "kibanaSavedObjectMeta": {"searchSourceJSON": "{}"}}
    references = [reference("lens", panel, f"p{n}:panel_p{n}") for n, panel in enumerate(panels)]
    references += [reference("tag", f"tag-{name}", f"tag-ref-tag-{name}") for name in tags]
    return saved_object("dashboard", ident, attributes, references)


def shop() -> list[JsonObject]:
    return [
        view(name="Orders"),
        tag("ml"),
        lens("shop-latency", "Latency", tags=["ml"]),
        lens("shop-errors", "Errors"),
        dashboard("shop-overview", "Overview", "shop-latency", "shop-errors", tags=["ml"]),
    ]


def with_attributes(item: JsonObject, **attributes: Any) -> JsonObject:
    return item | {"attributes": item["attributes"] | attributes}


@dataclass
class World:
    """One space of the sandbox, and the folder of a project on disk."""

    kibana: Kibana
    root: Path
    context: str = "local"
    files: Mapping[Key, str] = field(default_factory=dict)

    @property
    def backups(self) -> BackupFolder:
        return BackupFolder(self.root)

    def plan(self, objects: Sequence[JsonObject], consent: Consent = NO_CONSENT, keep: Collection[Key] = ()) -> Plan:
        return plan_apply(self.kibana, PROJECT, objects, files=self.files, keep=keep, consent=consent)

    def apply(
        self, objects: Sequence[JsonObject], consent: Consent = NO_CONSENT, keep: Collection[Key] = ()
    ) -> Outcome:
        outcome = apply(self.kibana, self.plan(objects, consent, keep), self.backups, self.context)
        assert outcome.complete, outcome
        return outcome

    def get(self, kind: str, ident: str) -> JsonObject:
        return bulk_get(self.kibana, [(kind, ident)])[kind, ident]

    def has(self, kind: str, ident: str) -> bool:
        return bool(bulk_get(self.kibana, [(kind, ident)]))

    def put(self, *objects: JsonObject) -> None:
        """Write as someone else would."""
        assert not import_objects(self.kibana, list(objects)).problems

    def save_in_the_editor(self, kind: str, ident: str, **attributes: Any) -> None:
        """Do what Kibana's editor does at a save: write anew, and name references to tags after their ids."""
        item = importable(self.get(kind, ident))
        references = [
            ref | {"name": f"tag-ref-{ref['id']}"} if ref["type"] == "tag" else ref for ref in item["references"]
        ]
        self.put(with_attributes(item, **attributes) | {"references": references})


def actions(plan: Plan) -> dict[str, list[str]]:
    """Which ids each action is about, the project's tag left aside."""
    result: dict[str, list[str]] = {}
    for change in plan.changes:
        if not change.title.startswith("kbuild:"):
            result.setdefault(change.action, []).append(change.key[1])
    return {action: sorted(ids) for action, ids in result.items()}


def snapshot(kibana: Kibana, objects: Sequence[JsonObject]) -> dict[Key, JsonObject]:
    """Everything of these objects that Kibana does not set anew at each write."""
    live = bulk_get(kibana, map(key_of, objects))
    return {key: importable(item) for key, item in live.items()}
