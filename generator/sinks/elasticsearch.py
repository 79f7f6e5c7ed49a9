"""Events straight to Elasticsearch, in bulks: nothing is lost and nothing is doubled.

Every event has its own id, so sending it once more replaces it. A bulk counts only when Elasticsearch acknowledged each
of its items; until then it is kept, in memory and, while Elasticsearch is away, in a file (spill.py). A few threads
send while the events are made, each over a connection of its own, so that Elasticsearch never waits for the next bulk.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

from generator.batch import Batch
from generator.sinks import Report
from generator.sinks.bulk import Answer, is_passing, send_bulk
from generator.sinks.patience import Patience, pauses
from generator.sinks.spill import Refusals, Spill, count_of, pairs_of
from kibana_builder.elastic.client import Elastic
from kibana_builder.errors import ElasticError, ElasticNotAllowed, ElasticUnreachable, KbuildError
from kibana_builder.spec.words import sentence

__all__ = ["ElasticsearchSink"]

BULK_EVENTS, BULK_BYTES = 4_000, 2_000_000
"""So many events go in one bulk, or small pieces up to so many bytes."""
CONNECTIONS = 2
"""While one bulk is indexed the next is on its way; a third made it no faster."""
WAITING_BYTES = 16_000_000
"""So much waits in memory; then who makes the events waits, or, while Elasticsearch is away, they go to the file."""
LONGEST_PAUSE, LONGEST_PAUSE_AT_THE_END = 10.0, 1.0
NOTICE_SECONDS = 1.5
END_SECONDS = 30.0
"""At the end of a run Elasticsearch may be away for so long, before what is left stays in the file."""
TRIES_OF_500 = 8
"""An item that fails with 500 so often, over half a minute, counts as refused."""
FEW = 3


class ElasticsearchSink:
    """Sends events to an Elasticsearch; `told` gets the words about what happens to it.

    `seconds` is how long the run is meant to last, None without an end. Raises ElasticError where Elasticsearch does
    not answer at the beginning (an address is more likely wrong than its server away), and KbuildError where the file
    of a former run cannot be read.
    """

    def __init__(
        self, elastic: Elastic, *, seconds: float | None = None, told: Callable[[str], None] = lambda _: None
    ) -> None:
        self.elastic, self.told = elastic, told
        self.patience = Patience(seconds, END_SECONDS)
        _check_there(elastic)
        self.spill, self.refusals = Spill(elastic.address), Refusals(elastic.address)
        self.report = Report(earlier=self.spill.waiting())
        # All that follows is looked at and changed under this lock only.
        self.changed = threading.Condition()
        self.memory: deque[bytes] = deque()
        self.memory_bytes = 0
        self.flying: dict[str, bytes] = {}
        """What each thread has out of the memory, until it is acknowledged."""
        self.file_is_read = False
        """Whether a thread is sending from the file: one at a time, so that it is read in order."""
        self.away = False
        """No answer, or none of Elasticsearch's own. A full queue (429) is another thing: then we wait."""
        self.trouble = False
        """Whether something has to be sent again just now."""
        self.no_room = False
        """The file could not be written."""
        self.heard = time.monotonic()
        """When something was acknowledged last."""
        self.ending = False
        """The end of the run came."""
        self.stopped = False
        """The report is made; what a thread hears afterwards is not looked at."""
        self.running = CONNECTIONS
        """So many threads are not done. Python before 3.13 takes one for ended once Ctrl-C came in its `join`."""
        for number in range(CONNECTIONS):
            threading.Thread(target=self._work, name=f"bulk-{number}", daemon=True).start()

    def send(self, batch: Batch) -> None:
        """Take some events; raises what stopped the sending for good."""
        pairs = zip(batch.indices(), batch.ids(), batch.lines, strict=True)
        lines = [f'{{"index":{{"_index":"{index}","_id":"{id_}"}}}}\n{line}\n' for index, id_, line in pairs]
        for first in range(0, len(lines), BULK_EVENTS):
            self._hand_over("".join(lines[first : first + BULK_EVENTS]).encode("ascii"))

    def close(self) -> Report:
        """Wait until all is acknowledged, or Elasticsearch is away for END_SECONDS; then the file keeps the rest.

        Ctrl-C ends the waiting at once: what is not acknowledged by then is kept too, also what is on its way.
        """
        with self.changed:
            self.ending = True
            self.patience.end_now()
            self.changed.notify_all()
        try:
            if not self._are_done(NOTICE_SECONDS):
                self.told(f"Waiting for {self.elastic.address} to take the rest; Ctrl-C keeps it in a file instead")
                while not self._are_done(1.0):
                    pass
        except KeyboardInterrupt:
            pass
        with self.changed:
            self.stopped = True
            lost = sum(count_of(body) for body in [*self.flying.values(), *self.memory] if not self._keep(body))
        self.report.unsent = self.spill.waiting() + lost
        self.report.kept_in = [str(path) for path in self.spill.paths]
        if self.refusals.kept:
            self.report.refused_in = str(self.refusals.path)
        self.spill.close()
        if self._are_done(0):
            self.elastic.close()
        return self.report

    def _hand_over(self, body: bytes) -> None:
        with self.changed:
            while self.memory_bytes >= WAITING_BYTES and self.report.failure is None:
                if self.away and not self.no_room and not self.spill.is_full and self._keep(body):
                    self.report.spilled += count_of(body)
                    return
                if self._is_given_up():
                    raise KbuildError(f"{self.elastic.address} has not taken any event for {END_SECONDS:.0f} s")
                self.changed.wait(0.2)  # not for ever: on Windows Ctrl-C would wait too
            if self.report.failure is not None:
                raise self.report.failure
            self.memory.append(body)
            self.memory_bytes += len(body)
            self.changed.notify_all()

    def _keep(self, body: bytes) -> bool:
        """Write pairs into the file; false, with words, where that is not possible."""
        try:
            self.spill.add(body)
        except KbuildError as error:
            if not self.no_room:
                self.told(str(error))
            self.no_room = True
            return False
        return True

    def _are_done(self, seconds: float) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: not self.running, seconds)

    # ---- the sending threads

    def _work(self) -> None:
        me = threading.current_thread().name
        try:
            while (taken := self._next(me)) is not None:
                body, is_kept = taken
                rest = self._delivered(body)
                with self.changed:
                    if not self.stopped:
                        self._settle(me, body, rest, is_kept=is_kept)
                    self.changed.notify_all()
        except Exception as error:  # noqa: BLE001 - it is raised again where events are handed over
            self._fails(KbuildError(f"Events cannot be sent to {self.elastic.address}: {error!r}"))
        finally:
            with self.changed:
                self.running -= 1
                self.changed.notify_all()

    def _next(self, me: str) -> tuple[bytes, bool] | None:
        """Take a bulk, and say whether the file keeps it anyway; None at the end.

        What waits in memory is put together as far as it fits: a stream comes in small pieces. As long as they are no
        whole bulk, one thread is enough for them.
        """
        with self.changed:
            while not self._is_over():
                if self.spill and not self.file_is_read:
                    self.file_is_read = True
                    return self.spill.first(), True
                if self.memory and (not self.flying or self.memory_bytes >= BULK_BYTES):
                    self.flying[me] = self._from_memory()
                    return self.flying[me], False
                if self.ending and not self.memory and not self.file_is_read:
                    return None
                self.changed.wait()
            return None

    def _from_memory(self) -> bytes:
        parts: list[bytes] = []
        size = 0
        while self.memory and (not parts or size + len(self.memory[0]) <= BULK_BYTES):
            parts.append(self.memory.popleft())
            size += len(parts[-1])
        self.memory_bytes -= size
        self.changed.notify_all()
        return b"".join(parts)

    def _settle(self, me: str, body: bytes, rest: bytes, *, is_kept: bool) -> None:
        """Take note of what is left of a bulk when its delivery ended."""
        if is_kept:
            self.file_is_read = False
            if rest == body:
                return
            self.spill.taken(body)
        else:
            del self.flying[me]
        if rest:
            self.memory.appendleft(rest)
            self.memory_bytes += len(rest)

    def _is_over(self) -> bool:
        """Tell whether nothing more should be sent: it failed for good, or Elasticsearch is away at the end."""
        if self.stopped or self.report.failure is not None:
            return True
        return self.ending and self._is_given_up()

    def _is_given_up(self) -> bool:
        """Tell whether something has been waiting for Elasticsearch for too long."""
        return self.trouble and self.patience.is_over(self.heard)

    def _delivered(self, body: bytes) -> bytes:
        """Send a bulk until each item is acknowledged or refused; give what is left when the run ends before."""
        for tries, pause in enumerate(pauses(LONGEST_PAUSE), 1):
            try:
                answer = send_bulk(self.elastic, body, is_500_passing=tries < TRIES_OF_500)
            except ElasticError as error:
                if error.status == 413:
                    return self._delivered_in_halves(body, error)
                if not isinstance(error, ElasticUnreachable) and not is_passing(error.status):
                    self._fails(error)
                    break
                self._is_in_trouble(str(error), away=error.status != 429)
            else:
                body = b"".join(answer.again)
                self._count(answer)
                if not body:
                    break
                self._is_in_trouble(f"{self.elastic.address} cannot take all: {answer.why_again}", away=False)
            if not self._is_worth_waiting(pause):
                break
        return body

    def _delivered_in_halves(self, body: bytes, error: ElasticError) -> bytes:
        """Send a bulk that is too large for the server, or for a proxy before it."""
        pairs = pairs_of(body)
        if len(pairs) == 1:
            self._count(Answer(refused=[(body, str(error))]))
            return b""
        half = len(pairs) // 2
        return self._delivered(b"".join(pairs[:half])) + self._delivered(b"".join(pairs[half:]))

    def _is_worth_waiting(self, pause: float) -> bool:
        """Wait before the next try, not long at the end of the run; false when there should be none."""
        with self.changed:
            had_ended = self.ending
            self.changed.wait_for(
                lambda: self._is_over() or self.ending != had_ended,
                min(pause, LONGEST_PAUSE_AT_THE_END) if had_ended else pause,
            )
            return not self._is_over()

    def _count(self, answer: Answer) -> None:
        with self.changed:
            if self.stopped:
                return
            report = self.report
            report.sent += answer.acknowledged
            report.updated += answer.updated
            report.refused += len(answer.refused)
            for _, reason in answer.refused:
                if len(report.reasons) < FEW and reason not in report.reasons:
                    report.reasons.append(reason)
            if answer.refused:
                self.refusals.add([pair for pair, _ in answer.refused])
            if not answer.again:
                self._is_well()
            if answer.acknowledged or answer.refused:
                self.heard = time.monotonic()

    def _fails(self, error: KbuildError) -> None:
        with self.changed:
            self.report.failure = self.report.failure or error
            self.changed.notify_all()

    def _is_in_trouble(self, why: str, *, away: bool) -> None:
        with self.changed:
            self.report.retried += 1
            if not self.trouble:
                self.told(f"{sentence(why)} Trying again; events are kept meanwhile")
            self.trouble, self.away = True, away
            self.changed.notify_all()

    def _is_well(self) -> None:
        if self.trouble:
            self.told(f"{self.elastic.address} takes events again")
        self.trouble = self.away = self.no_room = False


def _check_there(elastic: Elastic) -> None:
    """Raise ElasticError where Elasticsearch does not answer. Who may only write must not ask for its version (403)."""
    try:
        elastic.greet()
    except ElasticNotAllowed as error:
        if error.status != 403:
            raise
