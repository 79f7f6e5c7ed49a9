"""Who we are to Kibana: an API key, or a name and a password, from the environment and from nowhere else."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from kibana_builder.errors import UsageError

__all__ = ["ANONYMOUS", "Credentials", "credentials_from"]


@dataclass(frozen=True, slots=True)
class Credentials:
    """The value of the Authorization header, and the variables it was made from, for messages.

    Neither the header nor the secrets show in a `repr`; `hidden_in` takes them out of any text.
    """

    source: str = ""
    authorization: str = field(default="", repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def hidden_in(self, text: str) -> str:
        """Give the text with every secret replaced by stars: a server may repeat what it was sent."""
        # The longest first: one may be a part of another.
        for form in sorted({form for secret in self.secrets for form in _forms(secret)}, key=len, reverse=True):
            text = text.replace(form, "***")
        return text

    def refusal(self, status: int, address: str, said: str, variables: str) -> tuple[str, str]:
        """Say that a server answered 401 or 403, `said` being its words; and who we came as or how to log in.

        `variables` are those to set where there are no credentials.
        """
        if status == 401:
            cure = f"Check {self.source}." if self.source else f"Set {variables}."
            return f"{address} does not let us in: {said}.", cure
        who = self.source or "nobody in particular (no credentials are set)"
        return f"{address} does not allow this: {said}.", f"We came with {who}."


def _forms(secret: str) -> Iterator[str]:
    """Give a secret as it is, and as it stands inside a text of JSON."""
    yield secret
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]


def _parts_of_key(key: str) -> Iterator[str]:
    """Give an API key, what it is the base64 of (`id:key`), and the secret half of that; any other key as it is."""
    yield key
    try:
        decoded = base64.b64decode(key, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return
    ident, _, secret = decoded.partition(":")
    if ident and secret:
        yield from (decoded, secret)


ANONYMOUS = Credentials()


def credentials_from(
    environment: Mapping[str, str],
    *,
    api_key: str = "KIBANA_API_KEY",
    username: str = "KIBANA_USERNAME",
    password: str = "KIBANA_PASSWORD",  # noqa: S107 - the name of a variable
) -> Credentials:
    """Read the credentials from the variables of these names; the API key goes before name and password.

    A variable that is empty counts as not set. Raises UsageError, without any value in its words, when a value
    cannot be what it should be, or only one of name and password is there.
    """
    key = environment.get(api_key, "").strip()
    if key:
        if not key.isascii() or not key.isprintable() or " " in key:
            raise UsageError(f"{api_key} holds characters that no API key has; it should be the 'encoded' form")
        return Credentials(api_key, f"ApiKey {key}", tuple(_parts_of_key(key)))
    name, word = environment.get(username, ""), environment.get(password, "")
    if not name and not word:
        return ANONYMOUS
    if not name or not word:
        given, missing = (username, password) if name else (password, username)
        raise UsageError(f"{given} is set, but {missing or 'no variable for the other of name and password'} is not")
    if ":" in name:
        raise UsageError(f"{username} holds a colon, which basic authentication cannot carry")
    encoded = base64.b64encode(f"{name}:{word}".encode()).decode("ascii")
    return Credentials(f"{username} and {password}", f"Basic {encoded}", (word, encoded))
