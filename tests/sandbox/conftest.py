"""One sandbox for all tests of this folder, emptied before each, and a short way to talk to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from kibana_builder.json_tree import Json, JsonObject, compact
from kibana_builder.sandbox.server import RunningSandbox
from kibana_builder.sandbox.store import Store


@dataclass
class Api:
    """Sends requests to a sandbox; `space` puts them into a space."""

    url: str
    store: Store
    space: str = ""
    session: requests.Session = field(default_factory=requests.Session)

    def send(self, method: str, path: str, **how: Any) -> requests.Response:
        headers = {"kbn-xsrf": "true", **how.pop("headers", {})}
        return self.session.request(method, f"{self.url}{self.space}{path}", headers=headers, timeout=30, **how)

    def get(self, path: str, **how: Any) -> requests.Response:
        return self.send("GET", path, **how)

    def post(self, path: str, body: Json = None, **how: Any) -> requests.Response:
        return self.send("POST", path, json=body, **how)

    def upload(self, *objects: Json, query: str = "", retries: Json = None) -> requests.Response:
        """Import objects, or resolve the errors of an import when there are retries."""
        files = {"file": ("o.ndjson", "\n".join(map(json.dumps, objects)).encode())}
        path = "_import" if retries is None else "_resolve_import_errors"
        data = None if retries is None else {"retries": compact(retries)}
        return self.send("POST", f"/api/saved_objects/{path}{query}", files=files, data=data)

    def ids(self, kind: str) -> set[str]:
        """Give the ids of all objects of a type in the space."""
        found = self.get(f"/api/saved_objects/_find?type={kind}&per_page=10000").json()
        return {each["id"] for each in found["saved_objects"]}

    def in_space(self, space: str) -> Api:
        return Api(self.url, self.store, f"/s/{space}", self.session)


@pytest.fixture(scope="session")
def running() -> Iterator[RunningSandbox]:
    with RunningSandbox() as sandbox:
        yield sandbox


@pytest.fixture
def api(running: RunningSandbox) -> Iterator[Api]:
    """Give a way to a sandbox with nothing in it."""
    store = running.store
    for each in store.all_of(None, ["dashboard", "lens", "index-pattern", "tag", "visualization", "search"]):
        store.delete(each.space, each.type, each.id)
    for space in store.spaces():
        store.delete_space(space["id"])
    own = Api(running.url, store)
    yield own
    own.session.close()


def data_view(object_id: str = "dv", **more: Any) -> JsonObject:
    attributes = {"title": "logs-*", "name": "Logs", "timeFieldName": "@timestamp"}
    return {"type": "index-pattern", "id": object_id, "attributes": attributes, "typeMigrationVersion": "8.0.0", **more}


def lens(object_id: str = "chart", *data_views: str, **more: Any) -> JsonObject:
    references = [{"type": "index-pattern", "id": each, "name": f"layer-{i}"} for i, each in enumerate(data_views)]
    attributes = {"title": "A chart", "visualizationType": "lnsXY", "state": {}}
    return {
        "type": "lens",
        "id": object_id,
        "attributes": attributes,
        "references": references,
        "typeMigrationVersion": "8.9.0",
        **more,
    }


def dashboard(object_id: str = "board", *charts: str, **more: Any) -> JsonObject:
    references = [{"type": "lens", "id": each, "name": f"p{i}:panel_p{i}"} for i, each in enumerate(charts)]
    attributes = {"title": "A board", "panelsJSON": "[]", **more.pop("attributes", {})}
    return {
        "type": "dashboard",
        "id": object_id,
        "attributes": attributes,
        "references": references,
        "typeMigrationVersion": "8.9.0",
        **more,
    }


def tag(object_id: str = "tag", name: str = "a tag") -> JsonObject:
    return {"type": "tag", "id": object_id, "attributes": {"name": name, "description": "", "color": "#112233"}}
