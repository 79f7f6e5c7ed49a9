"""Secrets that were written into a file where only their names belong: found, and kept out of every message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from kibana_builder.json_tree import Json
from kibana_builder.json_tree import Path as TreePath
from kibana_builder.problem import Finding, Problem
from kibana_builder.spec.mistakes import SECRETS_ELSEWHERE, literal_secret

__all__ = ["masked", "secret_findings"]

_NAMES = r"api_?key|password|passwd|pwd|passphrase|secret|token|authorization|bearer|credentials?|private_?key"
_SECRET_KEY = re.compile(rf"(?:{_NAMES})$")
_VARIABLE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}")
_VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_SCHEME = re.compile(r"(?:ApiKey|Bearer|Basic)\s+\S+")
# `https://user:password@host`, and keys in the query of an address.
_IN_ADDRESS = re.compile(
    r"://(?P<user>[^/?#\s\"']*)@|[?&](?:api_?key|access_token|token|password)=(?P<query>[^&\s\"']+)"
)

# What follows a key that a finding points at.
_COLON = re.compile(r"\s*:(?:\s+(?P<value>.+)|\s*$)")

# What may be a secret in a line whose YAML could not be read, so that it has to be found by its looks.
_NAMED = re.compile(rf"(?i)[\w-]*(?:{_NAMES.replace('_?', '[-_]?')}|username)[\"']?\s*:\s+(?=(?P<value>.+))")


def secret_findings(value: Json) -> list[Finding]:
    """Find the secrets of a document, by the names of their keys and by their looks; no message repeats one."""
    return list(_found((), value))


def _found(path: TreePath, value: Json) -> Iterator[Finding]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _found((*path, key), item)
    elif isinstance(value, list) and not _is_secret(path, value):
        for index, item in enumerate(value):
            yield from _found((*path, index), item)
    elif _is_secret(path, value):
        key = str(path[-1])
        in_place_of_a_name = key.lower().endswith(("_env", "-env"))
        wrong = f"{key} names a variable, and a key is written out here"
        yield _finding(path, wrong if in_place_of_a_name else literal_secret(key).message)
    elif isinstance(value, str) and _in_address(value):
        yield _finding(path, "this address holds a password or a key")
    elif isinstance(value, str) and _SCHEME.fullmatch(value):
        yield _finding(path, "a key is written out here")


def _finding(path: TreePath, message: str) -> Finding:
    return Finding("literal-secret", message, path, hint=SECRETS_ELSEWHERE)


def _is_secret(path: TreePath, value: Json) -> bool:
    """Tell whether the key says that its value is a secret, and the value is one and no variable's name."""
    if not path or not isinstance(path[-1], str) or value is None or isinstance(value, bool) or value in ("", []):
        return False
    name = path[-1].lower().replace("-", "_")
    if name.endswith("_env"):
        return isinstance(value, str) and _SECRET_KEY.search(name[:-4]) is not None and not _names_a_variable(value)
    return _SECRET_KEY.search(name) is not None and not (isinstance(value, str) and _VARIABLE.fullmatch(value))


def _names_a_variable(value: str) -> bool:
    """Tell a variable's name from a key in its place: that is long, of small and capital letters and digits."""
    if not _VARIABLE_NAME.fullmatch(value):
        return False
    mixed = all(any(test(character) for character in value) for test in (str.islower, str.isupper, str.isdigit))
    return not (mixed and len(value) >= 20)


def _in_address(value: str) -> bool:
    for found in _IN_ADDRESS.finditer(value):
        secret = found["query"] or found["user"] or ""
        if _VARIABLE.sub("", secret).strip(":"):
            return True
    return False


def masked(problem: Problem) -> Problem:
    """Put stars where a secret may stand in the problem's source line, and take it out of its words too.

    The words of a finding about a secret never repeat it, so they stay; so does the key that it points at.
    """
    line = problem.source_line
    start, end = problem.column - 1, problem.end_column - 1
    if problem.rule == "literal-secret":
        return replace(problem, source_line=_without_secret(line, start, end))
    hidden = _masked_line(line)
    message, hint = problem.message, problem.hint
    if hidden[start:end] != line[start:end]:
        # A message may quote what the caret is under ("unknown alias '*…'").
        quoted = line[start:end].strip()
        for secret in (quoted, quoted.lstrip("*&!@")):
            if len(secret) > 1:
                message, hint = message.replace(secret, "***"), hint.replace(secret, "***")
    return replace(problem, source_line=hidden, message=message, hint=hint)


def _without_secret(line: str, start: int, end: int) -> str:
    """Put stars over the span of a finding about a secret; where that is the key's, over the value behind it."""
    hidden = _masked_line(line)
    key = _COLON.match(line, end)
    if key is None:
        return _starred(hidden, start, end)
    return hidden if key["value"] is None else _starred(hidden, *_value_span(line, *key.span("value")))


def _starred(line: str, start: int, end: int) -> str:
    return line[:start] + "*" * len(line[start:end]) + line[end:]


def _masked_line(line: str) -> str:
    spans = [found.span("user" if found["user"] is not None else "query") for found in _IN_ADDRESS.finditer(line)]
    spans += [found.span() for found in _SCHEME.finditer(line)]
    spans += [_value_span(line, *found.span("value")) for found in _NAMED.finditer(line)]
    for start, end in spans:
        line = _starred(line, start, end)
    return line


def _value_span(line: str, start: int, end: int) -> tuple[int, int]:
    """Give the span of a value inside its line: in quotes, up to a comma in a {mapping}, or the rest of the line."""
    quote = line[start]
    if quote in "\"'" and (closing := line.find(quote, start + 1)) > 0:
        return start, closing + 1
    if "{" in line[:start] and (found := re.compile(r"[,}]").search(line, start)):
        return start, found.start()
    return start, end
