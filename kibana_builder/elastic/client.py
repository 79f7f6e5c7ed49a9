"""One client of Elasticsearch: address, login, time-out, and its errors in our words.

Over the official client package, of which 8.x speaks to servers of 8.x and 9.x. Only its transport is used: the
methods above it would turn each deprecation of a server into a Python warning. The only file that knows the errors of
that package: they become `kibana_builder.errors` here, with Elasticsearch's own reason in them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from kibana_builder import __version__
from kibana_builder.errors import (
    ElasticError,
    ElasticNotAllowed,
    ElasticNotFound,
    ElasticRefused,
    ElasticUnreachable,
    UsageError,
)
from kibana_builder.files.places import look_at
from kibana_builder.json_tree import Json, JsonObject
from kibana_builder.kibana.addresses import checked_address, without_query
from kibana_builder.kibana.causes import cause, innermost, one_line
from kibana_builder.kibana.credentials import ANONYMOUS, Credentials, credentials_from

if TYPE_CHECKING:
    import elastic_transport

__all__ = ["LENIENT", "Elastic", "elastic_ca_file", "elastic_credentials", "path_of"]

LENIENT: dict[str, str | int | bool] = {"ignore_unavailable": True, "allow_no_indices": True}
"""Indices that are not there are no error, for a search whose question includes whether there are any."""

GREETING_SECONDS = 15.0

_CA_FILE = "ELASTICSEARCH_CA_FILE"

_API_KEY, _USERNAME, _PASSWORD = "ELASTICSEARCH_API_KEY", "ELASTICSEARCH_USERNAME", "ELASTICSEARCH_PASSWORD"
_VARIABLES = f"{_API_KEY}, or {_USERNAME} and {_PASSWORD}"
_PORTS = {"http": 80, "https": 443}
_BUSY = (429, 502, 503, 504)
"""What a proxy answers in place of an Elasticsearch that has too much to do or is away: the address is right then."""
_IS_IT_ELASTICSEARCH = "Is this the address of Elasticsearch itself, and not that of Kibana or of a proxy?"


def elastic_credentials(environment: Mapping[str, str]) -> Credentials:
    """Read who we are to Elasticsearch from the environment. Raises UsageError for half a login."""
    return credentials_from(environment, api_key=_API_KEY, username=_USERNAME, password=_PASSWORD)


def elastic_ca_file(environment: Mapping[str, str]) -> Path | None:
    """Give the certificate of the authority that signed Elasticsearch's, where the environment names one."""
    named = environment.get(_CA_FILE)
    return Path(named) if named else None


def path_of(*parts: str) -> str:
    """Make the path of a request from its parts, each of which may hold any character.

    >>> path_of("_index_template", "a b")
    '/_index_template/a%20b'
    """
    return "".join(f"/{quote(part, safe='*,')}" for part in parts)


class Elastic:
    """One Elasticsearch, over HTTP. Nothing is sent twice: whether that is harmless only the caller knows.

    `address` may have a base path. `ca_file` is the certificate of the authority that signed the server's. `timeout`
    is in seconds, for one request. Use it as a context manager, or `close()` it. Threads may share one client.
    """

    def __init__(
        self,
        address: str,
        credentials: Credentials = ANONYMOUS,
        *,
        ca_file: Path | None = None,
        timeout: float = 60.0,
    ) -> None:
        self.address = checked_address(address, "Elasticsearch", "http://localhost:9200")
        self._credentials = credentials
        self._timeout = timeout
        self._transport = _transport(self.address, ca_file)

    def __repr__(self) -> str:
        return f"<Elastic {self.address}>"

    def __enter__(self) -> Elastic:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._transport.close()

    def words(self, text: str) -> str:
        """Give what a server says as it may stand in a message: one line, not endless, and nothing of our secrets."""
        return one_line(self._credentials.hidden_in(text))

    def request(
        self, method: str, path: str, *, body: Json = None, params: Mapping[str, str | int | bool] | None = None
    ) -> Json:
        """Send one request and give the JSON of the answer; `path` is encoded already (`path_of`).

        Raises ElasticUnreachable when no answer comes, ElasticNotAllowed for 401 and 403, ElasticNotFound for 404,
        and ElasticRefused for any other answer that is no success, or that is not Elasticsearch's (its 404 too).
        """
        return self._send(method, _target(path, params), "application/json", body, self._timeout)

    def greet(self) -> Json:
        """Ask who is there, and give its answer. Raises as `request` does, and sooner where no answer comes.

        An address is more likely wrong than its server as slow as other requests may need.
        """
        return self._send("GET", "/", "application/json", None, min(GREETING_SECONDS, self._timeout))

    def bulk(self, body: bytes, *, params: Mapping[str, str | int | bool] | None = None) -> JsonObject:
        """Send the lines of a bulk request, the last with its line break, and give the answer.

        A success says nothing of the single items: look at `errors` and `items` of the answer. Raises as `request`
        does; after ElasticUnreachable some, all or none of the items may be there.
        """
        answer = self._send("POST", _target("/_bulk", params), "application/x-ndjson", body, self._timeout)
        if not isinstance(answer, dict) or "items" not in answer:
            raise ElasticRefused(f"{self.address} did not answer the bulk request as Elasticsearch does")
        return answer

    def searches(self, body: bytes) -> list[JsonObject]:
        """Send the lines of a multi search, the last with its line break, and give the answer of each search.

        Raises as `request` does; what goes wrong with a single search stands in its answer as `error`.
        """
        answer = self._send("POST", "/_msearch", "application/x-ndjson", body, self._timeout)
        if not isinstance(answer, dict) or not isinstance(answer.get("responses"), list):
            raise ElasticRefused(f"{self.address} did not answer the multi search as Elasticsearch does")
        found: list[JsonObject] = answer["responses"]
        return found

    def _send(self, method: str, target: str, kind: str, body: Json, timeout: float) -> Json:
        import elastic_transport
        import urllib3

        headers = {"accept": "application/json", "user-agent": f"kbuild/{__version__}"}
        if body is not None:
            headers["content-type"] = kind
        if self._credentials.authorization:
            headers["authorization"] = self._credentials.authorization
        try:
            answer = self._transport.perform_request(
                method,
                target,
                headers=headers,
                body=body,
                max_retries=0,
                request_timeout=timeout,
            )
        except elastic_transport.SerializationError:
            raise ElasticRefused(f"{self.address} answered with no JSON. {_IS_IT_ELASTICSEARCH}") from None
        except (elastic_transport.TransportError, urllib3.exceptions.HTTPError) as error:
            words = self._credentials.hidden_in(_why_no_answer(error))
            raise ElasticUnreachable(f"{self.address}: {words}") from None
        if not 200 <= answer.meta.status < 300:
            raise self._no_success(answer.meta, answer.body)
        if not _is_elasticsearch(answer.meta):
            raise ElasticRefused(f"{self.address} answers, but is no Elasticsearch. {_IS_IT_ELASTICSEARCH}")
        return answer.body

    def _no_success(self, meta: elastic_transport.ApiResponseMeta, body: Json) -> ElasticError:
        """Turn an answer that is no success into the error it is, in Elasticsearch's words."""
        status = meta.status
        type_, words = _said(body)
        words = self.words(words).rstrip(".")
        if status in (401, 403):
            refusal, cure = self._credentials.refusal(status, self.address, words, _VARIABLES)
            return ElasticNotAllowed(refusal, status, type_, cure)
        if 300 <= status < 400:
            target = self.words(without_query(meta.headers.get("location") or ""))
            return ElasticRefused(f"{self.address} leads on to {target or 'nowhere'}. {_IS_IT_ELASTICSEARCH}", status)
        if status not in _BUSY and not _is_elasticsearch(meta):
            return ElasticRefused(f"{self.address} answered {status}: {words}. {_IS_IT_ELASTICSEARCH}", status, type_)
        error = ElasticNotFound if status == 404 else ElasticRefused
        return error(f"{self.address} answered {status}: {words}", status, type_)


def _transport(address: str, ca_file: Path | None) -> elastic_transport.Transport:
    from elasticsearch import Elasticsearch
    from urllib3.exceptions import LocationParseError

    # It warns of every server that is away, and Python shows that to people; our own errors say it once, in words.
    logging.getLogger("elastic_transport.node_pool").setLevel(logging.ERROR)
    parts = urlsplit(address)
    if parts.scheme == "https" and ca_file is not None and look_at(ca_file).kind != "file":
        raise UsageError(f"there is no file {ca_file}, which should hold the certificate of an authority")
    node: dict[str, Any] = {
        "scheme": parts.scheme,
        "host": parts.hostname,
        "port": parts.port or _PORTS[parts.scheme],
        "path_prefix": parts.path,
    }
    tls: dict[str, Any] = {"ca_certs": str(ca_file)} if parts.scheme == "https" and ca_file is not None else {}
    try:
        return Elasticsearch([node], connections_per_node=10, **tls).transport
    except LocationParseError:
        raise UsageError(f"'{address}' is no address of an Elasticsearch: no host has this name") from None


def _is_elasticsearch(meta: elastic_transport.ApiResponseMeta) -> bool:
    """Tell whether Elasticsearch itself answered: since 7.14 it says so in every answer, refusals too."""
    return meta.headers.get("x-elastic-product") == "Elasticsearch"


def _target(path: str, params: Mapping[str, str | int | bool] | None) -> str:
    if not params:
        return path
    said = {name: str(value).lower() if isinstance(value, bool) else value for name, value in params.items()}
    return f"{path}?{urlencode(said)}"


def _said(body: Json) -> tuple[str, str]:
    """Give the type and the words of a refusal: `{"error": {"type", "reason", "caused_by"}}`, or `{"error": text}`.

    Of a text that is no JSON, a proxy's, it is the text; of HTML nobody wants to read the marks.
    """
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(error, str):
        return "", error
    if isinstance(body, str) and body.strip():
        return "", "a web page" if body.lstrip().startswith("<") else one_line(body)
    if not isinstance(error, dict):
        return "", "without a reason"
    kind, words = str(error.get("type", "")), str(error.get("reason") or error.get("type") or "without a reason")
    below = error.get("caused_by")
    while isinstance(below, dict):  # what is really wrong is said at the bottom
        reason = below.get("reason")
        if isinstance(reason, str) and reason not in words:
            words += f": {reason}"
        below = below.get("caused_by")
    return kind, words


def _why_no_answer(error: Exception) -> str:
    """Say what happened below HTTP, and the next step."""
    import elastic_transport
    import urllib3

    if isinstance(error, urllib3.exceptions.LocationParseError):
        return f"no host has this name ({innermost(error)})."
    if isinstance(error, elastic_transport.TlsError):
        return (
            f"the TLS connection failed ({innermost(error)}). If the certificate comes from an authority of your own, "
            f"name its file in {_CA_FILE}, or as `ca_file` of the context; if Elasticsearch speaks plain HTTP, write "
            "http://."
        )
    if cause(error, ConnectionRefusedError) is not None:
        return "the connection is refused. Is Elasticsearch running, and is this its address and port?"
    if cause(error, urllib3.exceptions.NameResolutionError) is not None:
        return "the name of the host is not known. Is it spelled right?"
    # Behind the two above: urllib3 counts them among the time-outs of connecting.
    if cause(error, urllib3.exceptions.ConnectTimeoutError) is not None:
        return "no connection in time. Is the address right, and does a firewall let us through?"
    if isinstance(error, elastic_transport.ConnectionTimeout):
        return "the connection stands, but no answer came in time. Elasticsearch may be overloaded; try again."
    return (
        f"the connection broke ({innermost(error)}). Is this Elasticsearch's port, and http or https as it should be?"
    )
