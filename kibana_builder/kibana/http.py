"""One client: address, login, headers, time-outs, retries.

The only file that knows the errors of the HTTP library: they become `kibana_builder.errors` here, with Kibana's own
words in them and the next step behind. Every request may be sent again, because kbuild chooses every id: a second
import of the same objects writes the same objects.
"""

from __future__ import annotations

import email.utils
import json
import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3

from kibana_builder import __version__
from kibana_builder.errors import (
    CannotConnect,
    KbuildError,
    KibanaError,
    NotAllowed,
    NotFound,
    Refused,
    UsageError,
)
from kibana_builder.files.places import look_at
from kibana_builder.json_tree import Json
from kibana_builder.kibana.addresses import LOOPBACK, checked_address, without_query
from kibana_builder.kibana.causes import cause, innermost, one_line
from kibana_builder.kibana.credentials import ANONYMOUS, Credentials
from kibana_builder.spaces import DEFAULT_SPACE

__all__ = ["Answer", "Kibana", "Patience"]

_VARIABLES = "KIBANA_API_KEY, or KIBANA_USERNAME and KIBANA_PASSWORD"
_TRY_AGAIN = frozenset({429, 502, 503, 504})
# Kibana's own rule for space ids (recording `space_create_bad_id`).
_SPACE_ID = re.compile(r"[a-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long a request is tried again: waits of `first`, twice that, four times that, … seconds.

    Each wait is shortened by chance to between half and all of it, so that many clients do not come back at once.
    A `Retry-After` of the server goes before. No attempt starts later than `total` seconds after the first.
    """

    attempts: int = 5
    first: float = 0.5
    longest: float = 10.0
    total: float = 90.0

    def wait_after(self, attempt: int, retry_after: float | None) -> float:
        """Give the seconds to wait after the attempt of that number, which counts from 1."""
        if retry_after is not None:
            return retry_after
        wait: float = min(self.first * 2.0 ** (attempt - 1), self.longest)
        return wait * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, guards nothing


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer: status, headers (lower-case names), body; `words` is that of the client."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    words: Callable[[str], str] = field(repr=False)

    def json(self) -> Json:
        """Read the body as JSON. Raises Refused when it is none: something else than Kibana answered."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            nature = self.words(_nature(self.headers, self.body))
            raise Refused(f"{self.url} answered with {nature}, not with JSON. {_IS_IT_KIBANA}") from None


@dataclass(frozen=True, slots=True)
class _Failure:
    """One attempt that failed: the error it becomes, and whether and when another attempt may do better."""

    problem: KibanaError
    may_pass: bool
    retry_after: float | None = None


_IS_IT_KIBANA = (
    "Is this Kibana's address, with its base path if it has one, and not that of a login page or a proxy in front?"
)


class Kibana:
    """One space of one Kibana, over HTTP.

    `address` may have a base path (https://host/kibana). `ca_file` is the certificate of the authority that signed
    Kibana's. `notice` is told, in words, when a request is tried again. Use it as a context manager, or `close()` it.
    One client belongs to one thread.
    """

    def __init__(  # noqa: PLR0913 - each is one thing to know about a server
        self,
        address: str,
        credentials: Credentials = ANONYMOUS,
        *,
        space: str | None = None,
        ca_file: Path | None = None,
        connect_timeout: float = 10.0,
        read_timeout: float = 150.0,
        patience: Patience | None = None,
        notice: Callable[[str], None] | None = None,
    ) -> None:
        self.address = checked_address(address)
        self.space = _checked_space(space)
        self._credentials = credentials
        if ca_file is not None and look_at(ca_file).kind != "file":
            raise UsageError(f"ca_file: there is no file {ca_file}")
        self._verify = None if ca_file is None else str(ca_file)
        # An import of 10,000 objects takes Kibana 26 s (recording `import_10000_objects`); a line that is no saved
        # object makes it silent for two minutes (`import_empty_object_line`).
        self._timeout = (connect_timeout, read_timeout)
        self._patience = patience or Patience()
        self._notice = notice
        self._session = requests.Session()
        self._session.auth = _Login(credentials.authorization)
        self._session.headers["User-Agent"] = f"kbuild/{__version__}"
        # A proxy named in the environment cannot reach what listens on this machine only.
        self._session.trust_env = urlsplit(self.address).hostname not in LOOPBACK

    def __repr__(self) -> str:
        return f"<Kibana {self.address}, space {self.space}>"

    def __enter__(self) -> Kibana:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._session.close()

    @property
    def place(self) -> str:
        """The address and space, for people."""
        return f"{self.address}, space '{self.space}'"

    def url(self, path: str, *, in_space: bool = True) -> str:
        """Give the full address of a path of this space (or, `in_space=False`, of the whole Kibana)."""
        prefix = f"/s/{self.space}" if in_space and self.space != DEFAULT_SPACE else ""
        return f"{self.address}{prefix}{path}"

    def words(self, text: str) -> str:
        """Give what a server says as it may stand in a message: one line, not endless, and nothing of our secrets.

        A server may repeat what it was sent. All its words come through here before a person sees them.
        """
        return one_line(self._credentials.hidden_in(text))

    def get(self, path: str, params: Mapping[str, Any] | None = None, *, in_space: bool = True) -> Json:
        """GET, and the JSON of the answer."""
        return self.send("GET", path, params=params, in_space=in_space).json()

    def post(self, path: str, body: Json, params: Mapping[str, Any] | None = None) -> Json:
        """POST JSON, and the JSON of the answer."""
        return self.send("POST", path, body=body, params=params).json()

    def send(  # noqa: PLR0913 - the parts of a request
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Json = None,
        files: Mapping[str, Any] | None = None,
        in_space: bool = True,
    ) -> Answer:
        """Send one request, as often as `patience` allows, and give the answer if it is a success.

        Raises CannotConnect when no answer comes, and NotAllowed, NotFound or Refused for an answer that is no
        success. A redirect is not followed: it would carry our credentials to another place.
        """
        request = {
            "method": method,
            "url": self.url(path, in_space=in_space),
            "params": params,
            "json": body,
            "files": files,
            "headers": {} if method == "GET" else {"kbn-xsrf": "kbuild"},
        }
        began = time.monotonic()
        attempt = 1
        while not isinstance(outcome := self._try_once(request), Answer):
            wait = self._patience.wait_after(attempt, outcome.retry_after)
            late = time.monotonic() - began + wait > self._patience.total
            if not outcome.may_pass or late or attempt >= self._patience.attempts:
                raise outcome.problem
            if self._notice:
                self._notice(f"{_first_sentence(outcome.problem)} Trying again in {wait:.1f} s.")
            time.sleep(wait)
            attempt += 1
        return outcome

    def _try_once(self, request: Mapping[str, Any]) -> Answer | _Failure:
        try:
            response = self._session.request(
                **request, timeout=self._timeout, verify=self._verify, allow_redirects=False
            )
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            return _Failure(self._no_answer(error), _may_pass(error))
        if 200 <= response.status_code < 300:
            headers = _lower(response.headers)
            return Answer(response.status_code, headers, response.content, request["url"], self.words)
        may_pass = response.status_code in _TRY_AGAIN
        return _Failure(self._no_success(response), may_pass, _retry_after(response.headers))

    def _no_answer(self, error: Exception) -> CannotConnect:
        """Say why no answer came, and what to do."""
        return CannotConnect(f"{self.address}: {self._credentials.hidden_in(_why_no_answer(error))}")

    def _no_success(self, response: requests.Response) -> KibanaError:
        """Turn an answer that is no success into the error it is, in Kibana's words."""
        status = response.status_code
        words = self.words(_words(response)).rstrip(".")
        if status in (401, 403):
            refusal, cure = self._credentials.refusal(status, self.address, words, _VARIABLES)
            return NotAllowed(refusal, status, cure)
        if 300 <= status < 400:
            target = self.words(without_query(response.headers.get("location", "")))
            origin = without_query(response.url)
            return Refused(f"{origin} leads on to {target or 'nowhere'}. {_IS_IT_KIBANA}", status)
        kind = NotFound if status == 404 else Refused
        return kind(f"{self.address} answered {status}: {words}", status)


class _Login(requests.auth.AuthBase):
    """Sets our Authorization header, or none: requests would otherwise look into ~/.netrc."""

    def __init__(self, authorization: str) -> None:
        self._authorization = authorization

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._authorization:
            request.headers["Authorization"] = self._authorization
        return request


def _checked_space(space: str | None) -> str:
    if space is None or space == "":
        return DEFAULT_SPACE
    if not _SPACE_ID.fullmatch(space):
        raise UsageError(
            f"'{space}' is no id of a space: that has only a-z, 0-9, '_' and '-', and stands behind /s/ in the address"
        )
    return space


def _may_pass(error: Exception) -> bool:
    """Tell whether trying again can help: not with a wrong name, certificate or address."""
    if isinstance(error, requests.exceptions.SSLError | requests.exceptions.InvalidURL):
        return False
    if cause(error, urllib3.exceptions.NameResolutionError) is not None:
        return False
    passing = requests.ConnectionError | requests.Timeout | requests.exceptions.ChunkedEncodingError
    return isinstance(error, passing)


def _why_no_answer(error: Exception) -> str:
    """Say what happened below HTTP, and the next step."""
    if isinstance(error, requests.exceptions.SSLError):
        return (
            f"the TLS connection failed ({innermost(error)}). If Kibana's certificate comes from an authority of "
            "your own, name its file as `ca_file` of the context; if Kibana speaks plain HTTP, write http://."
        )
    if isinstance(error, requests.exceptions.ProxyError):
        return f"the proxy did not answer ({innermost(error)}). Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY."
    if isinstance(error, requests.ConnectTimeout):
        return "no connection in time. Is the address right, and does a firewall let us through?"
    if isinstance(error, requests.Timeout) or cause(error, urllib3.exceptions.ReadTimeoutError) is not None:
        return "the connection stands, but no answer came in time. Kibana may be overloaded; try again."
    if cause(error, ConnectionRefusedError) is not None:
        return "the connection is refused. Is Kibana running, and is this its address and port?"
    if cause(error, urllib3.exceptions.NameResolutionError) is not None:
        return "the name of the host is not known. Is it spelled right?"
    if _may_pass(error):
        return f"the connection broke ({innermost(error)}). Is this Kibana's port, and http or https as it should be?"
    return f"the request cannot be sent ({innermost(error)})."


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Read `Retry-After`: seconds, or a date."""
    value = headers.get("Retry-After", "").strip()
    if not value:
        return None
    if re.fullmatch(r"[0-9]{1,9}", value):
        return float(value)
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _words(response: requests.Response) -> str:
    """Give what the server says about its refusal; Kibana answers `{statusCode, error, message}`."""
    try:
        body = json.loads(response.content)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        if response.headers.get("content-type", "").startswith("text/plain") and response.content:
            return response.text  # "Kibana server is not ready yet"
        reason = response.reason or "no success"
        return f"{reason}, with {_nature(_lower(response.headers), response.content)} and no word of Kibana's"
    message = body.get("message") or body.get("error") or "without a reason"
    text = message if isinstance(message, str) else json.dumps(message)
    details = body.get("attributes")
    for item in details.get("objects", []) if isinstance(details, dict) else []:
        error = item.get("error") if isinstance(item, dict) else None
        if isinstance(error, dict) and isinstance(error.get("message"), str):
            text += f"; {error['message']}"
    return text


def _nature(headers: Mapping[str, str], body: bytes) -> str:
    """Say what kind of thing a body is that should have been JSON."""
    if not body:
        return "an empty body"
    kind = headers.get("content-type", "").partition(";")[0].strip()
    title = re.search(rb"<title[^>]*>([^<]{1,200})", body[:20000], re.IGNORECASE)
    if title:
        return f"a page named '{title[1].decode('utf-8', 'replace').strip()}'"
    return kind or "a body of no stated kind"


def _first_sentence(problem: KbuildError) -> str:
    return re.split(r"(?<=\.)\s", str(problem), maxsplit=1)[0].rstrip(".") + "."


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
