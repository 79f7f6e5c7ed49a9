"""The address of a server as a person writes it, and as it may stand in a message: without a login."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

from kibana_builder.errors import UsageError

__all__ = ["LOOPBACK", "checked_address", "without_login", "without_query"]

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def checked_address(address: str, server: str = "Kibana", example: str = "http://localhost:5601") -> str:
    """Give the address without a slash at its end. Raises UsageError, with no secret in it, when it is none."""
    try:
        parts = urlsplit(address.strip())
        valid = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port  # a number out of range raises only when it is asked for
    except ValueError:
        valid = False
    if not valid:
        article = "an" if server[0] in "AEIOU" else "a"
        raise UsageError(
            f"'{without_login(address)}' is no address of {article} {server}: it should read like {example}"
        )
    if parts.username is not None or parts.password is not None:
        names = f"{server.upper()}_USERNAME and {server.upper()}_PASSWORD"
        raise UsageError(
            f"The address of {server} holds a login ({without_login(address)}): take it out, and set {names} instead"
        )
    if parts.query or parts.fragment:
        raise UsageError(f"The address of {server} has a part behind '?' or '#': {without_query(address)} would do")
    return urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))


def without_login(address: str) -> str:
    """Give an address with stars for the login in it."""
    return re.sub(r"//[^/@]*@", "//***@", address)


def without_query(address: str) -> str:
    """Give an address up to its query, without a login."""
    return without_login(re.split(r"[?#]", address, maxsplit=1)[0])
