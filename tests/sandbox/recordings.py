"""The recorded exchanges of a real Kibana 8.12.2: how to send one again, and how to compare two answers.

A recording is `{"name", "request": {"method", "path", "query", "headers", "body", "body_bytes"}, "response": {"status",
"headers", "body"}}`; the forms of the bodies are told in the NOTES.md beside them. Where a body was too long to keep,
only its beginning is there: `remade` makes such a request anew, `whole_part` cuts an answer to what can be compared.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

import requests

from kibana_builder.json_tree import Json, compact, same
from tests.shared_material import GOLD

FOLDER = GOLD / "recordings"
XSRF = {"kbn-xsrf": "true"}
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
VERSION = re.compile(r"Wz[A-Za-z0-9+/]+=*")
NOTHING = object()


def names_in_order() -> list[str]:
    """Give the names of the recordings in the order in which they were made, which RECORDINGS.md keeps."""
    if not FOLDER.is_dir():
        return []
    lines = (GOLD / "RECORDINGS.md").read_text("utf-8").splitlines()
    listed = [line.split("|")[1].strip() for line in lines if line.startswith("| ") and not line.startswith("| name ")]
    return listed + sorted({path.stem for path in FOLDER.glob("*.json")} - set(listed))


def load(name: str) -> dict[str, Any]:
    recording: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return recording


# requests


def remade(name: str, request: dict[str, Any]) -> dict[str, Any]:
    """Give a request whose body was too long to keep: as it was, or where that cannot be known, of the same size."""
    body = request["body"]
    if isinstance(body, dict) and "_truncated" in body:
        objects = [{"type": "tag", "id": f"t{i}"} for i in range(10_001)]
        return {**request, "body": {"objects": objects}}
    if isinstance(body, dict) and "content_truncated" in body.get("_multipart", [{}])[0]:
        (part,) = body["_multipart"]
        content = many_tags(10_001 if "10001" in name else 10_000) if "tag" in part["content_truncated"] else None
        content = content or many_dashboards(part["bytes"], part["content_truncated"].partition("\n")[0])
        return {**request, "body": {"_multipart": [{**part, "content": content}]}}
    return request


def many_tags(count: int) -> str:
    return "".join(
        compact(
            {
                "type": "tag",
                "id": f"t{i}",
                "attributes": {"name": f"t{i}", "description": "", "color": "#000000"},
                "references": [],
            }
        )
        + "\n"
        for i in range(count)
    )


def many_dashboards(size: int, first_line: str) -> str:
    """Write a file of this size: a first line, and 1,789 dashboards of which the last one fills up what is left."""
    lines = [first_line]
    for i in range(1789):
        left = size - sum(map(len, lines)) - len(lines)
        attributes = {"title": f"Big {i}", "panelsJSON": "[]", "description": ""}
        line = {"type": "dashboard", "id": f"big-{i:05}", "attributes": attributes, "typeMigrationVersion": "8.9.0"}
        attributes["description"] = "x" * (left // (1789 - i) - len(compact(line)) - 1)
        lines.append(compact(line))
    return "\n".join([*lines, ""])


def body_of(request: dict[str, Any]) -> bytes | None:
    body = request["body"]
    if body is None:
        return None
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, dict) and "_multipart" in body:
        boundary = request["headers"]["content-type"].partition("boundary=")[2]
        return multipart(body["_multipart"], boundary)
    return json.dumps(body).encode()


def multipart(parts: list[dict[str, Any]], boundary: str) -> bytes:
    lines: list[str] = []
    for part in parts:
        filename = f'; filename="{part["filename"]}"' if part.get("filename") else ""
        lines += [f"--{boundary}", f'Content-Disposition: form-data; name="{part["name"]}"{filename}']
        if part.get("content_type"):
            lines.append(f"Content-Type: {part['content_type']}")
        lines += ["", part["content"]]
    return "\r\n".join([*lines, f"--{boundary}--", ""]).encode()


@dataclass
class Client:
    """Sends recorded requests to a server; `ids` leads from the ids that Kibana chose to those that the server did."""

    url: str
    session: requests.Session = field(default_factory=requests.Session)
    ids: dict[str, str] = field(default_factory=dict)

    def send(self, request: dict[str, Any]) -> requests.Response:
        path = f"{request['path']}?{request['query']}" if request["query"] else request["path"]
        body = body_of(request)
        assert len(body or b"") == request["body_bytes"]
        for theirs, ours in self.ids.items():
            path = path.replace(theirs, ours)
            body = body and body.replace(theirs.encode(), ours.encode())
        return self.session.request(
            request["method"],
            f"{self.url}{path}",
            data=body,
            headers=request["headers"],
            allow_redirects=False,
            timeout=60,
        )

    def give(self, objects: list[dict[str, Any]]) -> None:
        """Put objects into the default space that were there when a recording was made."""
        answer = self.session.post(
            f"{self.url}/api/saved_objects/_import?overwrite=true",
            files={"file": ("given.ndjson", "\n".join(map(compact, objects)).encode())},
            headers=XSRF,
            timeout=60,
        )
        assert answer.json()["success"], answer.text

    def take_away(self, *keys: str) -> None:
        """Delete objects, `type/id`, that were not there when a recording was made."""
        for key in keys:
            self.session.delete(f"{self.url}/api/saved_objects/{key}", headers=XSRF, timeout=60)


# answers


def recorded_body(response: dict[str, Any]) -> Json:
    """Give the body of a recorded answer, NDJSON as the list of its lines."""
    body = response["body"]
    if isinstance(body, dict) and "_truncated" in body:
        return whole_part(body["_truncated"])
    if "ndjson" in (response["headers"].get("content-type") or ""):
        return body.get("_ndjson", [body])
    return body


def read(answer: requests.Response) -> Json:
    """Give the body of an answer in the form of `recorded_body`."""
    if not answer.content:
        return None
    if answer.headers["content-type"] == "application/ndjson":
        return [json.loads(line) for line in answer.text.split("\n")]
    return answer.json()


def whole_part(beginning: str) -> Json:
    """Read the beginning of a long answer up to its last whole entry."""
    if "\n" in beginning:
        return [json.loads(line) for line in beginning.split("\n")[:-1]]
    return json.loads(beginning[: beginning.rindex('},{"type"')] + "}]}")


def shortened_to(theirs: Json, ours: Json) -> Json:
    """Cut our answer to the number of entries that were kept of theirs."""
    if isinstance(theirs, list) and isinstance(ours, list):
        return ours[: len(theirs)]
    if isinstance(theirs, dict) and isinstance(ours, dict):
        return {key: shortened_to(theirs.get(key), value) for key, value in ours.items()}
    return ours


def differences(theirs: Json, ours: Json, ids: dict[str, str], path: str = "") -> list[str]:
    """Tell where our answer is not theirs: times, versions, sort keys and scores apart, which are never the same.

    Random ids may differ if they do so everywhere in the same way; `ids` remembers which stands for which.
    """
    if isinstance(theirs, dict) and isinstance(ours, dict):
        return [
            line
            for key in dict.fromkeys([*theirs, *ours])
            for line in differences(theirs.get(key, NOTHING), ours.get(key, NOTHING), ids, f"{path}.{key}")
        ]
    if isinstance(theirs, list) and isinstance(ours, list):
        if len(theirs) != len(ours):
            return [f"{path}: {len(theirs)} / {len(ours)} entries"]
        if path.endswith(".sort"):
            return []
        if path == ".data_view":  # in the order of Elasticsearch's segments
            theirs, ours = (sorted(each, key=lambda one: str(one["id"])) for each in (theirs, ours))
        pairs = enumerate(zip(theirs, ours, strict=True))
        return [line for i, (left, right) in pairs for line in differences(left, right, ids, f"{path}[{i}]")]
    return [] if alike(theirs, ours, ids, path) else [f"{path}: {brief(theirs)} / {brief(ours)}"]


def alike(theirs: Json, ours: Json, ids: dict[str, str], path: str) -> bool:
    if theirs is NOTHING or ours is NOTHING:
        return False
    if same(theirs, ours):
        return True
    if path.endswith(".score"):
        return isinstance(theirs, int | float) and isinstance(ours, int | float) and (theirs > 0) == (ours > 0)
    if not (isinstance(theirs, str) and isinstance(ours, str)):
        return False
    for volatile in (TIME, VERSION):
        if volatile.fullmatch(theirs) and volatile.fullmatch(ours):
            return True
    if UUID.fullmatch(theirs) and UUID.fullmatch(ours):
        return ids.setdefault(theirs, ours) == ours
    for known, other in ids.items():
        theirs = theirs.replace(known, other)
    return level(theirs) == level(ours)


def level(text: str) -> str:
    """Take out of a message what is of this one server: places in Elasticsearch's documents, sequence numbers."""
    return re.sub(r"\[\d+:\d+\]|current document has seqNo \[\d+\] and primary term \[\d+\]", "[…]", text)


def brief(value: Json) -> str:
    text = "nothing" if value is NOTHING else compact(value)
    return text if len(text) < 300 else f"{text[:300]}…"
