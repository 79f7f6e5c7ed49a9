"""Keeps web pages of other sites away from the sandbox.

A page that someone has open in a browser can send requests to loopback, and with a name of its own that resolves to
127.0.0.1 (DNS rebinding) it could read the answers too. So a request must call the sandbox by a loopback name, or by
the name it was bound to, and where a browser says which page the request comes from, that page must be the sandbox's:
what another server of this machine shows, on another port, is as foreign as any other page. A link of such a page may
lead here, as people expect; what it loads as a part of itself (a script, a picture) is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from kibana_builder.sandbox.answers import Refusal

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_PORTS = {"http": 80, "https": 443}


def refuse_strangers(host: str | None, origin: str | None, names: Iterable[str]) -> None:
    """Raise Refusal (403) unless the Host header names the sandbox, and the Origin header, if any, says the same."""
    allowed = LOOPBACK | {name.lower() for name in names}
    called = _server(f"//{host or ''}")
    if called is None or called[0] not in allowed:
        raise Refusal(403, f"the sandbox answers only to {', '.join(sorted(allowed))}, and this request is for {host}")
    if origin is not None and not _is_page_of(origin, called):
        raise Refusal(403, f"the sandbox does not take requests from pages of {origin}")


def refuse_parts_of_others(site: str | None, mode: str | None) -> None:
    """Raise Refusal (403) for what a page of another server loads; browsers say so in Sec-Fetch-Site and -Mode.

    The fields: https://www.w3.org/TR/fetch-metadata/. An Origin header comes with some such requests only.
    """
    if site in ("cross-site", "same-site") and mode != "navigate":
        raise Refusal(403, "the sandbox gives nothing to pages of other servers")


def _is_page_of(origin: str, called: tuple[str, int | None]) -> bool:
    """Tell whether a page comes from the server that was called; a port that is not said is that of the scheme."""
    default = _PORTS.get(origin.partition(":")[0].lower())
    page, (name, port) = _server(origin), called
    return default is not None and page is not None and (page[0], page[1] or default) == (name, port or default)


def _server(address: str) -> tuple[str, int | None] | None:
    """Give the host name, in lower case, and the port of an address, or None when it has none."""
    try:
        parts = urlsplit(address)
        port = parts.port  # a number out of range raises only when it is asked for
    except ValueError:
        return None
    return (parts.hostname, port) if parts.hostname else None
