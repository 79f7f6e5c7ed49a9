"""The page as an ASGI application: the frame, its script and style, and its own API below /kbuild/.

Nothing is loaded from another host, and the policy of the page allows no script and no style but its own files; what
comes from dashboards and data reaches it as text, or as drawings in which such text is escaped.
"""

from __future__ import annotations

import json
import logging
import mimetypes
from importlib.resources import files

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from kibana_builder.errors import ElasticError, KbuildError
from kibana_builder.json_tree import JsonObject
from kibana_builder.preview.dashboard_view import NotThere
from kibana_builder.preview.page_api import ENDPOINTS, BadRequest
from kibana_builder.preview.stage import Stage

__all__ = ["POLICY", "is_page", "page_app"]

API, ASSETS = "/kbuild/api/", "/kbuild/assets/"
MOST_BYTES = 1_048_576
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}

log = logging.getLogger(__name__)


def is_page(path: str) -> bool:
    """Tell whether a path is the page's: its root, Kibana's addresses of dashboards, its files and its API."""
    return path in ("/", "/app") or path.startswith(("/app/", "/kbuild/", "/favicon.ico"))


def page_app(stage: Stage) -> ASGIApp:
    """Make the page over what a stage shows; whoever calls it keeps strangers away (sandbox/guard.py)."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        response = await _respond(stage, Request(scope, receive))
        await response(scope, receive, send)

    return app


async def _respond(stage: Stage, request: Request) -> Response:
    path = request.url.path
    if path.startswith(API):
        return await _call(stage, request, path.removeprefix(API))
    if request.method not in ("GET", "HEAD"):
        return _words(405, "The page is only read.")
    if path.startswith(ASSETS):
        return _asset(path.removeprefix(ASSETS))
    if path == "/favicon.ico":
        return Response(status_code=204, headers=HEADERS)
    return _asset("index.html")


def _asset(name: str) -> Response:
    """Send one of the page's files; only names that are in the folder, so no path leads out of it."""
    folder = files("kibana_builder.preview") / "assets"
    found = next((one for one in folder.iterdir() if one.name == name), None)
    if found is None:
        return _words(404, "There is no such file.")
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if kind == "application/javascript":
        kind = "text/javascript"
    return Response(found.read_bytes(), 200, HEADERS, media_type=f"{kind}; charset=utf-8")


async def _call(stage: Stage, request: Request, name: str) -> Response:
    endpoint = ENDPOINTS.get(name)
    if endpoint is None:
        return _words(404, "There is no such call.")
    if request.method != "POST" or request.headers.get("content-type", "").partition(";")[0] != "application/json":
        return _words(400, "The page's API takes JSON by POST.")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            return _words(413, "This is too much.")
    # An error has the version too: only when that changes is there a reason to ask the same again.
    current = stage.version()

    def failed(status: int, error: object) -> Response:
        return _json({"error": str(error), "version": current}, status)

    try:
        return _json(await run_in_threadpool(endpoint, stage, _object(body)))
    except NotThere as error:
        return failed(404, error)
    except ElasticError as error:
        return failed(502, error)
    except (ValueError, RecursionError, KbuildError) as error:
        return failed(400, error)
    except Exception:
        log.exception("the page failed on %s", name)
        return failed(500, "kbuild failed here; its terminal says more")


def _object(body: bytearray) -> JsonObject:
    asked = json.loads(body)
    if not isinstance(asked, dict):
        raise BadRequest("the body must be an object")
    return asked


def _json(value: JsonObject, status: int = 200) -> Response:
    body = json.dumps(value, default=str, allow_nan=False)
    return Response(body, status, HEADERS, media_type="application/json; charset=utf-8")


def _words(status: int, words: str) -> Response:
    return Response(words, status, HEADERS, media_type="text/plain; charset=utf-8")
