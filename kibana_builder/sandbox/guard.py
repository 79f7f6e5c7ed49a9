"""Keeps web pages of other sites away from the sandbox.

A page that someone has open in a browser can send requests to loopback, and with a name of its own that resolves to
127.0.0.1 (DNS rebinding) it could read the answers too. So a request must call the sandbox by a loopback name, or by
the name it was bound to, and where a browser says which page the request comes from, that page must be the sandbox's.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from kibana_builder.sandbox.answers import Refusal

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def refuse_strangers(host: str | None, origin: str | None, names: Iterable[str]) -> None:
    """Raise Refusal (403) unless the Host header, and the Origin header when there is one, name the sandbox."""
    allowed = LOOPBACK | {name.lower() for name in names}
    if _hostname(f"//{host or ''}") not in allowed:
        raise Refusal(403, f"the sandbox answers only to {', '.join(sorted(allowed))}, and this request is for {host}")
    if origin is not None and _hostname(origin) not in allowed:
        raise Refusal(403, f"the sandbox does not take requests from pages of {origin}")


def _hostname(address: str) -> str | None:
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None
