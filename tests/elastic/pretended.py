"""A small real HTTP server that keeps what it is sent, and gives it back in the form in which Elasticsearch does.

For what the two real test servers cannot be: a cluster with lifecycle management, an old one, a serverless one, one
that answers wrongly.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.kibana.misbehaving import Server, answer, serving

PRODUCT = {"X-Elastic-Product": "Elasticsearch"}
MOMENTS = {"created_date_millis": 1, "modified_date_millis": 2}


@dataclass
class Pretended:
    """The cluster: what it has by path, what it cannot do, and how it answers a path whatever it has."""

    version: str = "9.2.0"
    flavor: str = "default"
    processors: tuple[str, ...] | None = ("script", "set", "foreach")
    lifecycle: int = 200
    acknowledges: bool = True
    has: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    server: Server = field(init=False)

    @property
    def url(self) -> str:
        return self.server.url

    def sent(self, method: str) -> list[str]:
        """Give the paths of all requests with that method so far."""
        return [request.path for request in self.server.requests if request.method == method]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        request = self.server.requests[-1]
        path = request.path.partition("?")[0]
        status, body = self.answers.get(path) or self._told(request.method, path, request.body)
        answer(status, body, PRODUCT)(handler)

    def _told(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        if path == "/":
            return 200, {"version": {"number": self.version, "build_flavor": self.flavor}}
        if path == "/_nodes/ingest":
            if self.processors is None:
                return 403, {"error": {"type": "security_exception", "reason": "action is unauthorized"}}
            kinds = [{"type": kind} for kind in self.processors]
            return 200, {"nodes": {"a": {"ingest": {"processors": kinds}}}}
        if path.startswith("/_ilm") and self.lifecycle != 200:
            return self.lifecycle, {"error": "no handler found for uri [/_ilm/policy]"}
        if path == "/_ilm/policy":
            return 200, {}
        if method == "PUT":
            self.has[path] = json.loads(body)
            return 200, {"acknowledged": self.acknowledges}
        if path not in self.has:
            return 404, {"error": {"type": "resource_not_found_exception", "reason": f"{path} is missing"}}
        return 200, given_back(path, self.has[path])


def given_back(path: str, body: Any) -> Any:
    """Write a body as Elasticsearch 9.4.3 (templates, pipelines) and its documentation (policies) do."""
    _, api, *_, name = path.split("/")
    if api == "_ilm":
        policy = json.loads(json.dumps(body["policy"]))
        for phase in policy["phases"].values():
            phase.setdefault("min_age", "0ms")
            if "delete" in phase["actions"]:
                phase["actions"]["delete"].setdefault("delete_searchable_snapshot", True)
        return {name: {"version": 3, "modified_date": "2026-11-24T09:00:00Z", "policy": policy, "in_use_by": {}}}
    if api == "_ingest":
        return {name: {**body, **MOMENTS}}
    settings: dict[str, Any] = {}
    for key, value in body["template"].get("settings", {}).items():
        place = settings
        *folders, last = key.split(".")
        for folder in folders:
            place = place.setdefault(folder, {})
        place[last] = value if isinstance(value, (dict, list)) else str(value).lower()
    template = {**body["template"], "settings": settings}
    if api == "_component_template":
        return {"component_templates": [{"name": name, "component_template": {**body, "template": template}}]}
    whole = {"composed_of": [], **body, "template": template, **MOMENTS}
    return {"index_templates": [{"name": name, "index_template": whole}]}


@contextmanager
def pretended(**what: Any) -> Iterator[Pretended]:
    """Run the cluster for a `with` statement."""
    cluster = Pretended(**what)
    with serving(cluster.answer) as server:
        cluster.server = server
        yield cluster
