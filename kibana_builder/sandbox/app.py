"""The ASGI application: HTTP in, a Call to the handler of its route, the Answer out.

In the order in which Kibana does it: strangers are refused, the space is taken from the path, the route is looked up,
the body is read and parsed, then the headers count, then query and body are checked.
"""

from __future__ import annotations

import logging
import re
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import replace
from urllib.parse import parse_qsl, unquote

from python_multipart.exceptions import FormParserError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.preview.page import is_page
from kibana_builder.sandbox import json_text
from kibana_builder.sandbox.answers import Answer, Refusal, broken
from kibana_builder.sandbox.calls import Call, Upload
from kibana_builder.sandbox.checks import Check, WrongValue
from kibana_builder.sandbox.guard import refuse_parts_of_others, refuse_strangers
from kibana_builder.sandbox.object_types import KIBANA_VERSION
from kibana_builder.sandbox.routes import API_VERSION, Route, find_route
from kibana_builder.sandbox.status import NAME
from kibana_builder.sandbox.store import DEFAULT_SPACE, Store

MOST_FILE_BYTES = 26_214_400
"""savedObjects.maxImportPayloadBytes of Kibana: the whole body of an import."""
MOST_BYTES = 1_048_576
"""server.maxPayload of Kibana: the body of any other request."""
MOST_DRAINED = 4 * MOST_FILE_BYTES
VERSION_HEADER = "elastic-api-version"
HEADERS = {
    "kbn-name": NAME,
    "cache-control": "private, no-cache, no-store, must-revalidate",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}

log = logging.getLogger(__name__)


def create_app(store: Store, names: Iterable[str] = (), pages: Callable[[str], ASGIApp] | None = None) -> ASGIApp:
    """Make the application over a store; `names` are the host names it answers to besides those of loopback.

    `pages` gives the page of a space, which answers what is no API of Kibana's: its root, the addresses of dashboards.
    """
    allowed = tuple(names)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        incoming = Incoming(receive)
        request = Request(scope, incoming)
        try:
            headers = request.headers
            refuse_strangers(headers.get("host"), headers.get("origin"), allowed)
            refuse_parts_of_others(headers.get("sec-fetch-site"), headers.get("sec-fetch-mode"))
            space, path = space_and_path(scope["path"])
            if pages is not None and is_page(path):
                await pages(space)({**scope, "path": path, "raw_path": path.encode()}, receive, send)
                return
            response = await respond(store, request, incoming)
        except Refusal as refusal:
            await incoming.drain()
            response = response_of(refusal.answer())
        except ClientDisconnect:
            return
        except RecursionError:
            response = response_of(Refusal(400, "the JSON is nested too deeply").answer())
        except sqlite3.Error as error:
            response = response_of(Refusal(500, f"the sandbox cannot keep its objects: {error}").answer())
        except Exception:
            log.exception("the sandbox failed on %s %s", scope["method"], scope["path"])
            response = response_of(broken().answer())
        await response(scope, receive, send)

    return app


async def respond(store: Store, request: Request, incoming: Incoming) -> Response:
    """Answer one request; raises Refusal when it is to be answered with an error."""
    raw_path: bytes = request.scope["raw_path"]
    space, path = space_and_path(raw_path.decode("latin-1"))
    found = find_route(request.method, path)
    if found is None:
        raise Refusal(404, "Not Found")
    route, values = found
    incoming.limit(MOST_FILE_BYTES if route.form else MOST_BYTES, request.headers.get("content-length", ""))
    body = await read_body(route, request)
    check_headers(route, request)
    query = checked(route.query, query_of(request.scope["query_string"]), "request query")
    if route.body is not None:
        body = checked(route.body, body, "request body")
    call = Call(store, space, values, query, body)
    return await run_in_threadpool(_handle, route, call)


def _handle(route: Route, call: Call) -> Response:
    """Let the handler answer, in a thread of its own: reading, writing and dumping may take a second."""
    try:
        answer = route.handler(call)
    except Refusal as refusal:
        answer = refusal.answer()
    if route.versioned:
        answer = replace(answer, headers={**answer.headers, VERSION_HEADER: API_VERSION})
    return response_of(answer)


def response_of(answer: Answer) -> Response:
    return Response(answer.content(), answer.status, {**HEADERS, **answer.headers}, answer.media_type)


def space_and_path(path: str) -> tuple[str, str]:
    """Take the space off a path; one that does not exist is as good as any, as in Kibana."""
    match = re.fullmatch(r"/s/([^/]+)(/.*)?", path)
    if match is None:
        return DEFAULT_SPACE, path
    return unquote(match[1]), match[2] or "/"


def query_of(query_string: bytes) -> JsonObject:
    """Read a query string; a name that comes twice has a list."""
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(query_string.decode("latin-1"), keep_blank_values=True):
        values.setdefault(name, []).append(value)
    return {name: several if len(several) > 1 else several[0] for name, several in values.items()}


def checked(check: Check, value: Json, where: str) -> Json:
    try:
        return check(value, (where,))
    except WrongValue as error:
        raise Refusal(400, str(error)) from None


def check_headers(route: Route, request: Request) -> None:
    """Refuse a browser of another version, a change without kbn-xsrf, and a version of the API that is not there."""
    version = request.headers.get("kbn-version")
    if version is not None and version != KIBANA_VERSION:
        words = (
            'Browser client is out of date, please refresh the page ("kbn-version" header was'
            f' "{version}" but should be "{KIBANA_VERSION}")'
        )
        raise Refusal(400, words, {"expected": KIBANA_VERSION, "got": version})
    if request.method not in ("GET", "HEAD") and version is None and "kbn-xsrf" not in request.headers:
        raise Refusal(400, "Request must contain a kbn-xsrf header.")
    asked = request.headers.get(VERSION_HEADER, API_VERSION)
    if route.versioned and asked != API_VERSION:
        words = f'No version "{asked}" available for [{route.method.lower()}] [{route.path}].'
        raise Refusal(400, f"{words} Available versions are: [{API_VERSION}]")


# bodies


class Incoming:
    """The messages with the body of a request, which are counted: a body over the limit is refused (413)."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._most: int | None = None
        self._count = 0
        self._complete = False

    def limit(self, most: int, announced: str) -> None:
        """Set the limit; raises Refusal at once when the Content-Length header announces more."""
        self._most = most
        self._check(int(announced) if announced.isdecimal() else 0)

    async def __call__(self) -> Message:
        message = await self._receive()
        self._count += len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        self._check(self._count)
        return message

    def _check(self, size: int) -> None:
        if self._most is not None and size > self._most:
            raise Refusal(413, f"Payload content length greater than maximum allowed: {self._most}")

    async def drain(self) -> None:
        """Read on without keeping anything: a client that is still sending would not see an answer before that."""
        self._most = None
        while not self._complete and self._count < MOST_DRAINED:
            await self()


async def read_body(route: Route, request: Request) -> Json:
    if route.body is None:
        return None
    media_type = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media_type != ("multipart/form-data" if route.form else "application/json"):
        raise Refusal(415, "Unsupported Media Type")
    if route.form:
        return await read_form(request)
    content = await request.body()
    if not content:
        return None
    try:
        return json_text.parse(content.decode())
    except (UnicodeDecodeError, json_text.NotJson):
        raise Refusal(400, "Invalid request payload JSON format") from None


async def read_form(request: Request) -> JsonObject:
    fields: JsonObject = {}
    try:
        async with request.form(max_part_size=MOST_FILE_BYTES) as form:
            for name in form:
                values = [
                    Upload(value.filename or "", await value.read()) if isinstance(value, UploadFile) else value
                    for value in form.getlist(name)
                ]
                fields[name] = values if len(values) > 1 else values[0]
    except (FormParserError, MultiPartException):
        raise Refusal(400, "Invalid multipart payload format") from None
    return fields
