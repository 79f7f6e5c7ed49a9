"""Where events go, in words: `tcp://HOST:PORT`, an address of Elasticsearch, a file, `-`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from generator.run import Batched, Continuous
from generator.sinks import Sink
from generator.sinks.file import FileSink, StandardOutput
from kibana_builder.errors import UsageError

__all__ = ["FOLDER", "file_of", "open_sink"]

FOLDER = Path("ml-logs")
"""Files go here unless a path is given; git ignores it."""
TCP_PORT = 5001
"""Logstash's TCP input in the stack of the example."""


def open_sink(
    to: str, kind: str, plan: Batched | Continuous, *, environment: Mapping[str, str], told: Callable[[str], None]
) -> Sink:
    """Give the sink of a destination; `kind` names the file where `to` is only the word `file`.

    A continuous run adds to its file. How long a run is meant to last says how long it waits for another side that went
    away. Who we are to Elasticsearch comes from the environment; `told` gets the words about what comes and goes.

    Raises UsageError for a destination that is none, KbuildError for one that cannot be opened.
    """
    if not to.strip():
        raise UsageError("--to is empty; there are tcp://HOST:PORT, http(s)://HOST:PORT, a file and -")
    if to == "-":
        return StandardOutput()
    scheme = to.partition("://")[0].lower() if "://" in to else ""
    if scheme == "tcp":
        from generator.sinks.tcp import TcpSink

        host, port = _address(to)
        return TcpSink(host, port, seconds=plan.seconds, told=told)
    if scheme in ("http", "https"):
        from generator.sinks.elasticsearch import ElasticsearchSink
        from kibana_builder.elastic.client import Elastic, elastic_ca_file, elastic_credentials

        elastic = Elastic(to, elastic_credentials(environment), ca_file=elastic_ca_file(environment))
        return ElasticsearchSink(elastic, seconds=plan.seconds, told=told)
    if scheme:
        raise UsageError(
            f"events cannot go to {scheme}://; there are tcp://HOST:PORT, http(s)://HOST:PORT, a file and -"
        )
    return FileSink(file_of(to, kind), append=isinstance(plan, Continuous))


def file_of(to: str, kind: str) -> Path:
    """Give the file that is meant: a bare name lies in FOLDER, `file` is one named after the kind of events.

    >>> [file_of(to, "inference").as_posix() for to in ("file", "a.ndjson", "./a.ndjson")]
    ['ml-logs/inference.ndjson', 'ml-logs/a.ndjson', 'a.ndjson']
    """
    if to == "file":
        return FOLDER / f"{kind}.ndjson"
    bare = to not in (".", "..") and not any(mark in to for mark in "/\\\\")
    return FOLDER / to if bare else Path(to)


def _address(to: str) -> tuple[str, int]:
    try:
        parts = urlsplit(to)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or (parts.path not in ("", "/")):
        raise UsageError(f"{to} is no address; it is written tcp://HOST:PORT, for example tcp://localhost:{TCP_PORT}")
    return host, port or TCP_PORT
