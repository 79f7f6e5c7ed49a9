"""What the generator promises: events a second into a file, and into Elasticsearch beside the plainest client."""

from __future__ import annotations

import contextlib
import http.client
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from generator.batch import Batch
from generator.core import Span, batches, maker
from generator.models import load_models
from generator.sinks.elasticsearch import BULK_EVENTS, ElasticsearchSink
from kibana_builder.elastic.client import Elastic
from kibana_builder.errors import ElasticNotFound

EVENTS = 1_000_000
BULKED = 60_000
INDEX = "kbuild-bench-bulk"
DAY = Span(1767139200000, 1767225600000)


def to_file(kbuild: str, one_core: Callable[[tuple[str, ...], Path], float]) -> tuple[float, str]:
    """Give the events a second of one core's time that `kbuild generate` writes, start-up included."""
    with tempfile.TemporaryDirectory() as name:
        command = (kbuild, "generate", "--batch", str(EVENTS), "--seed", "1", "--to", "./events.ndjson")
        rate = EVENTS / one_core(command, Path(name))
    return rate, f"generate: {rate:,.0f} inference events a second into a file, on one core"


def to_elasticsearch(url: str, rounds: int = 3) -> tuple[float, str]:
    """Give the rate of the sink as a share of the plainest client's, which posts the same bodies made beforehand."""
    kind = maker("inference", load_models(), "normal")
    made = [_renamed(batch) for batch in batches(kind, BULKED, DAY, 1)]
    bodies = [body for batch in made for body in _bodies(batch)]
    plain, sink = [], []
    for _ in range(rounds):
        plain.append(_timed(url, lambda: _post(url, bodies)))
        sink.append(_timed(url, lambda: _send(url, made)))
    share = min(plain) / min(sink)
    words = f"{BULKED / min(sink):,.0f} events a second, plain bodies {BULKED / min(plain):,.0f}"
    return share, f"generate to Elasticsearch: {words}: {share:.0%}"


def _renamed(batch: Batch) -> Batch:
    return Batch(batch.lines, batch.ids, lambda: [INDEX] * len(batch))


def _bodies(batch: Batch) -> list[bytes]:
    lines = [
        f'{{"index":{{"_index":"{INDEX}","_id":"{id_}"}}}}\n{line}\n'
        for id_, line in zip(batch.ids(), batch.lines, strict=True)
    ]
    return ["".join(lines[first : first + BULK_EVENTS]).encode() for first in range(0, len(lines), BULK_EVENTS)]


def _timed(url: str, work: Callable[[], None]) -> float:
    """Measure some work on an index that begins empty."""
    with Elastic(url) as elastic:
        with contextlib.suppress(ElasticNotFound):
            elastic.request("DELETE", f"/{INDEX}")
        elastic.request("PUT", f"/{INDEX}", body={"settings": {"number_of_replicas": 0}})
        begin = time.perf_counter()
        work()
        took = time.perf_counter() - begin
        elastic.request("DELETE", f"/{INDEX}")
    return took


def _post(url: str, bodies: list[bytes]) -> None:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    for body in bodies:
        connection.request("POST", "/_bulk", body, {"content-type": "application/x-ndjson"})
        connection.getresponse().read()
    connection.close()


def _send(url: str, made: list[Batch]) -> None:
    sink = ElasticsearchSink(Elastic(url))
    for batch in made:
        sink.send(batch)
    report = sink.close()
    assert report.sent == BULKED, report


def elasticsearch_url() -> str:
    return os.environ.get("ELASTICSEARCH_URL", "")
