"""Events straight to Elasticsearch, in bulks: nothing is lost and nothing is doubled.

Every event has its own id, so sending it once more replaces it. A bulk counts only when Elasticsearch acknowledged each
of its items; until then it is kept, in memory and, when Elasticsearch is away for longer, in a file (spill.py). One
thread sends while the events are made, so that neither waits for the other.
"""

from __future__ import annotations

import queue
import random
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress

from generator.batch import Batch
from generator.sinks import Report
from generator.sinks.spill import Spill, spill_path
from kibana_builder.elastic.client import Elastic
from kibana_builder.errors import ElasticRefused, ElasticUnreachable, KbuildError
from kibana_builder.json_tree import Json

__all__ = ["ElasticsearchSink"]

BULK_EVENTS, BULK_BYTES = 4_000, 2_000_000
"""So many events go in one bulk, or small pieces up to so many bytes."""
WAITING_BULKS = 16
"""So many bulks wait in memory at most; then who makes the events waits, or they go to the file."""
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 10.0
NOTICE_SECONDS = 1.5
END_SECONDS = 30.0
"""At the end of a run Elasticsearch may be away for so long, before what is left stays in the file."""
TRY_AGAIN = (429, 502, 503, 504)
FEW = 3


class ElasticsearchSink:
    """Sends events to an Elasticsearch; `told` gets the words about what happens to it.

    Raises ElasticError where it does not answer at the beginning: an address is more likely wrong than its server away.
    """

    def __init__(self, elastic: Elastic, *, told: Callable[[str], None] = lambda _: None) -> None:
        self.elastic, self.told = elastic, told
        self.report = Report()
        elastic.request("GET", "/")
        self.spill = Spill(spill_path(elastic.address))
        self.waiting: queue.Queue[bytes] = queue.Queue(WAITING_BULKS)
        self.lock = threading.Lock()
        self.away, self.ended = threading.Event(), threading.Event()
        self.ending: float | None = None
        """When the end of the run came, by the clock that only goes forward."""
        self.broken: Exception | None = None
        self.on_its_way = b""
        """What is being sent and not acknowledged yet; nothing while that is in the file anyway."""
        self.thread = threading.Thread(target=self._work, name="bulks", daemon=True)
        self.thread.start()

    def send(self, batch: Batch) -> None:
        """Take some events; raises what stopped the sending for good."""
        pairs = zip(batch.indices(), batch.ids(), batch.lines, strict=True)
        lines = [f'{{"index":{{"_index":"{index}","_id":"{id_}"}}}}\n{line}\n' for index, id_, line in pairs]
        for first in range(0, len(lines), BULK_EVENTS):
            self._hand_over("".join(lines[first : first + BULK_EVENTS]).encode("ascii"))

    def _hand_over(self, body: bytes) -> None:
        while True:
            if self.broken is not None:
                raise self.broken
            try:
                self.waiting.put(body, timeout=0.1)
            except queue.Full:
                if not self.away.is_set():
                    continue
                with self.lock:
                    self.spill.add(body)
            return

    def close(self) -> Report:
        """Wait until all is acknowledged, or Elasticsearch is away for END_SECONDS; then the file keeps the rest.

        Ctrl-C ends the waiting at once: what is not acknowledged by then is kept too, also what is on its way. Raises
        what stopped the sending for good, with the rest kept in the file.
        """
        self.ending = time.monotonic()
        # Not `join`: Python before 3.13 takes a thread for ended once Ctrl-C has come while it waited for it.
        with suppress(KeyboardInterrupt):
            if not self.ended.wait(NOTICE_SECONDS):
                self.told(f"Waiting for {self.elastic.address} to take the rest; Ctrl-C keeps it in a file instead")
                self.ended.wait()
        broken = self._keep([self.on_its_way, *_emptied(self.waiting)])
        if self.ended.is_set():
            self.elastic.close()
        if broken is not None:
            kept = f" and are kept in {self.report.kept_in}" if self.report.kept_in else ""
            self.told(f"{self.report.sent:,} events were sent, {self.report.unsent:,} could not be sent{kept}")
            raise broken
        return self.report

    def _keep(self, left: Iterable[bytes]) -> Exception | None:
        """Put what is left into the file, which the next run sends; give what stopped the sending, if anything did."""
        broken, lost = self.broken, 0
        with self.lock:
            for body in filter(None, left):
                try:
                    self.spill.add(body)
                except KbuildError as error:
                    lost += body.count(b"\n") // 2
                    broken = broken or error
            if self.spill:
                self.report.kept_in = str(self.spill.path)
            self.report.unsent = self.spill.waiting() + lost
            self.spill.close()
        return broken

    # ---- the sending thread

    def _work(self) -> None:
        try:
            while self._send_spilled():
                body = self._next()
                if body is None:
                    self._send_spilled()
                    return
                self.on_its_way = body
                if body and not self._delivered(body):
                    return  # close() keeps it
                self.on_its_way = b""
        except Exception as error:  # noqa: BLE001 - it is raised again where events are handed over, and at the end
            self.broken = error if isinstance(error, KbuildError) else KbuildError(f"Events cannot be sent: {error}")
        finally:
            self.ended.set()

    def _next(self) -> bytes | None:
        """Give the next bulk, an empty one when the file has something to send first, None at the end.

        What waits is put together as far as it fits into one bulk: a stream comes in small pieces.
        """
        while True:
            try:
                body = self.waiting.get(timeout=0.2)
            except queue.Empty:
                if self.spill:
                    return b""
                if self.ending is not None:
                    return None
                continue
            parts, size = [body], len(body)
            while size < BULK_BYTES and not self.waiting.empty():
                parts.append(self.waiting.get())
                size += len(parts[-1])
            return b"".join(parts)

    def _send_spilled(self) -> bool:
        """Send what the file keeps; false when the run ends before all of it is acknowledged."""
        while self.spill:
            with self.lock:
                body = self.spill.first()
            if not self._delivered(body):
                return False
            with self.lock:
                self.spill.taken(body)
        return True

    def _delivered(self, body: bytes) -> bool:
        """Send a bulk until each of its items is acknowledged or refused; false when the run ends before."""
        pause, since = FIRST_PAUSE, time.monotonic()
        while True:
            try:
                body = self._once(body)
                if not body:
                    self._is_back()
                    return True
            except ElasticUnreachable as error:
                self._is_away(str(error))
            except ElasticRefused as error:
                if error.status not in TRY_AGAIN:
                    raise
                self._is_away(str(error))
            if self.ending is not None and time.monotonic() - max(self.ending, since) > END_SECONDS:
                return False
            time.sleep(pause * (0.5 + random.random() / 2))  # noqa: S311 - many generators should not come at once
            pause = min(LONGEST_PAUSE if self.ending is None else 1.0, pause * 2)

    def _once(self, body: bytes) -> bytes:
        """Send a bulk once, count what became of its items, and give those that should be sent again."""
        answer = self.elastic.bulk(
            body, params={"filter_path": "errors,items.*.result,items.*.status,items.*.error.reason"}
        )
        results = [next(iter(item.values())) for item in answer["items"]]
        if not answer["errors"]:
            self._count(results)
            return b""
        pairs = body.split(b"\n")
        again: list[bytes] = []
        for number, result in enumerate(results):
            if result["status"] in TRY_AGAIN:
                again += pairs[2 * number : 2 * number + 2]
            else:
                self._count([result])
        return b"\n".join([*again, b""]) if again else b""

    def _count(self, results: Iterable[Json]) -> None:
        for result in results:
            if result["status"] >= 300:
                self.report.refused += 1
                reason = self.elastic.words(str(result.get("error", {}).get("reason", result["status"])))
                if len(self.report.reasons) < FEW and reason not in self.report.reasons:
                    self.report.reasons.append(reason)
            else:
                self.report.sent += 1
                self.report.updated += result["result"] != "created"

    def _is_away(self, why: str) -> None:
        self.report.retried += 1
        if not self.away.is_set():
            self.away.set()
            self.told(f"{why} Waiting for it; events are kept meanwhile")

    def _is_back(self) -> None:
        if self.away.is_set():
            self.away.clear()
            self.told(f"{self.elastic.address} takes events again")


def _emptied(waiting: queue.Queue[bytes]) -> Iterable[bytes]:
    while True:
        try:
            yield waiting.get_nowait()
        except queue.Empty:
            return
